"""The section `[oidc]` of the configuration; a key's `description` is the remedy shown for it."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from gateway.settings.sections import SettingsSection


class Oidc(SettingsSection):
    """`[oidc]`: a login of others, such as a municipality's own, by OpenID Connect."""

    issuer: str = Field(
        "",
        pattern=r"^(|https://[^\s?#]{1,300})$",
        description="Write the provider's issuer, an https:// address, or leave it empty",
    )
    client_id: str = Field("", max_length=200, description="Write the name that the provider gave us")
    client_secret_file: Path | None = Field(
        None, description="Name a file (mode 0600) that holds the secret which the provider gave us"
    )
    name: str = Field("", max_length=60, description="Write what the login page calls it: Gemeente Almere")
    organisations: tuple[str, ...] = Field(
        (), description="List the ids of the organisations whose medewerkers log in there, or set beheerders"
    )
    beheerders: bool = Field(False, description="Write true if beheerders log in there too")
    two_factors: tuple[str, ...] = Field(
        (), description="List the values of acr or amr with which the provider tells two factors"
    )
    authentication_context: str = Field(
        "",
        pattern=r"^[A-Za-z0-9._:/-]{0,100}$",
        description="Entra: write the authentication context that demands two factors, such as c1",
    )
    scopes: tuple[Annotated[str, Field(pattern=r"^[!#-\[\]-~]{1,60}$")], ...] = Field(
        (), max_length=10, description="List scopes to ask beside openid and email, such as groups"
    )
    role_claim: str = Field(
        "",
        pattern=r"^[\x21-\x7e]{0,200}$",
        description="Name the claim with groups or roles, such as groups or realm_access.roles",
    )
    roles: dict[str, str] = Field(
        {},
        max_length=200,
        description='Write for each value of the claim an organisation\'s id, or "beheerders"',
    )
    create: bool = Field(
        False, description="Write true to make an account for whoever has a role there, without an invitation"
    )
    ca_file: Path | None = Field(
        None, description="Name a PEM file with the provider's certificate authority, if it is no public one"
    )

    @model_validator(mode="after")
    def _by_role(self) -> "Oidc":
        if self.role_claim and not self.roles:
            raise ValueError("roles: is empty, so that nobody has a role by role_claim")
        if self.roles and not self.role_claim:
            raise ValueError("role_claim: is missing beside roles")
        if self.create and not self.role_claim:
            raise ValueError("create: is true without role_claim: everybody there would get an account")
        for place in self.roles.values():
            if place == "beheerders" and not self.beheerders:
                raise ValueError("roles: name beheerders, who may not log in there; set beheerders")
            if place != "beheerders" and place not in self.organisations:
                raise ValueError("roles: name an organisation that is not in organisations")
        return self

    @model_validator(mode="after")
    def _whole(self) -> "Oidc":
        if self.issuer:
            for name in ("client_id", "client_secret_file", "name"):
                if not getattr(self, name):
                    raise ValueError(f"{name}: is missing beside the issuer")
            if not self.organisations and not self.beheerders:
                raise ValueError("organisations: is empty, so that nobody may log in there")
        return self
