"""Logging in, and the accounts of those who may."""

from functools import cached_property
from typing import Any

from starlette.routing import BaseRoute

from gateway.accounts.account import AccountPages as OwnPages
from gateway.accounts.account import Own
from gateway.accounts.appsetup import AppSetup
from gateway.accounts.enrolment import Enrolment
from gateway.accounts.entrance import Entrance
from gateway.accounts.hashing import Room
from gateway.accounts.login import LoginPages, Tries
from gateway.accounts.oidc_binding import Binding
from gateway.accounts.oidc_login import Elsewhere
from gateway.accounts.ownfactors import OwnFactors
from gateway.accounts.people import People
from gateway.accounts.proof import Proof
from gateway.accounts.users import LOG_OUT, REMOVE, RESET, Users
from gateway.app.network import oidc_provider
from gateway.app.parts import Parts
from gateway.gate.passwords import Passwords
from gateway.gate.websecret import WebSecret
from gateway.web.auth import Role


class AccountPages(Parts):
    """Logging in, and the accounts of those who may."""

    @cached_property
    def web_secret(self) -> WebSecret:
        """What the web role seals and marks with."""
        return WebSecret(self.keys.secret("sessions"))

    @cached_property
    def entrance(self) -> Entrance:
        """Where a login becomes a session."""
        return Entrance(store=self.store, auth=self.auth, wall=self.wall, now=self.now)

    @cached_property
    def tries(self) -> Tries:
        """Counts tries to log in, by address."""
        return Tries(self.log)

    @property
    def found_at(self) -> str:
        """Where people find our pages, as it stands in links."""
        port = self.settings.web.listen.rpartition(":")[2]
        return self.settings.web.public_url or f"https://localhost:{port}"

    @cached_property
    def people(self) -> People:
        """Changes accounts."""
        return People(
            store=self.store,
            organisations=self._names.keys(),
            base=self.found_at,
            wall=self.wall,
            now=self.now,
        )

    @cached_property
    def _own(self) -> Own:
        """The account of whoever looks."""
        return Own(self.store, self.wall, self.now)

    def account_routes(self) -> list[BaseRoute]:
        """The routes."""
        url = self.settings.web.public_url
        passwords, room = Passwords(), Room()
        shared: dict[str, Any] = {"pages": self.pages, "tries": self.tries, "public_url": url}
        clocks: dict[str, Any] = {"wall": self.wall, "now": self.now}
        proof = Proof(store=self.store, passwords=passwords, secret=self.web_secret, log=self.log, **clocks)
        setup = AppSetup(secret=self.web_secret, passwords=passwords, room=room, pages=self.pages)
        provider = oidc_provider(self.settings, self.wall)
        binding = Binding(
            provider=provider,
            name=self._elsewhere,
            own=self._own,
            auth=self.auth,
            pages=self.pages,
            log=self.log,
        )
        enrolment = Enrolment(store=self.store, setup=setup, entrance=self.entrance, **shared, **clocks)
        return [
            *LoginPages(
                entrance=self.entrance, proof=proof, room=room, elsewhere=self._elsewhere, **shared
            ).routes(),
            *Elsewhere(
                provider=provider,
                binding=binding,
                store=self.store,
                auth=self.auth,
                entrance=self.entrance,
                pages=self.pages,
                tries=self.tries,
                log=self.log,
                **clocks,
            ).routes(),
            *binding.routes(),
            *enrolment.routes(),
            *OwnPages(
                own=self._own, auth=self.auth, proof=proof, room=room, offered=binding.offered, **shared
            ).routes(),
            *OwnFactors(own=self._own, auth=self.auth, setup=setup, **shared).routes(),
            *self._users("/gebruikers", Role.BEHEERDER, REMOVE, RESET, LOG_OUT).routes(),
            *self._users("/collegas", Role.MEDEWERKER, REMOVE).routes(),
        ]

    def _users(self, path: str, role: Role, *acts: str) -> Users:
        return Users(
            path=path,
            role=role,
            acts=acts,
            store=self.store,
            people=self.people,
            organisations=self._names,
            own=self._own,
            auth=self.auth,
            pages=self.pages,
            wall=self.wall,
        )

    @property
    def _elsewhere(self) -> str:
        """What the login of others is called."""
        return self.settings.oidc.name if self.settings.oidc.issuer else ""

    @cached_property
    def _names(self) -> dict[str, str]:
        """The organisations' names, by id."""
        return {entry.id: entry.name for entry in self.settings.organisations}
