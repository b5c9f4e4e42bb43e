"""A user as SCIM 2.0 writes one (RFC 7643, section 4.1), and what somebody asks to have changed in one.

It promises that of what is sent only the login, the name, the other side's own id and whether somebody is
active are read, that what those hold is what an account here may have, and that nothing else of it is kept
or repeated.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.accounts.provisioned import WantedAccount
from gateway.gate.choosing import login_of, name_of
from gateway.store.pagetables import UserRow

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

OPERATIONS: Final = 50
"""So many changes in one request at most."""

_FILTER = re.compile(r'\s*(userName|externalId|id)\s+eq\s+"([^"\\\x00-\x1f]{1,254})"\s*', re.IGNORECASE)
_COLUMNS: Final = {"username": "login", "externalid": "external_id", "id": "id"}
_NAMES: Final = ("displayname", "name.formatted", "name.givenname", "name.familyname")


class ScimError(Exception):
    """What was sent can't be done; `kind` is the scimType of RFC 7644, section 3.12."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(kind)
        self.kind, self.detail = kind, detail


def resource(user: UserRow, base: str) -> dict[str, Any]:
    """An account as it is shown."""
    shown: dict[str, Any] = {
        "schemas": [USER],
        "id": user.id,
        "userName": user.login,
        "displayName": user.name,
        "name": {"formatted": user.name},
        "emails": [{"value": user.login, "type": "work", "primary": True}],
        "active": user.disabled_at is None,
        "meta": {
            "resourceType": "User",
            "created": user.created_at.isoformat().replace("+00:00", "Z"),
            "location": f"{base}/Users/{user.id}",
        },
    }
    return shown | ({"externalId": user.external_id} if user.external_id else {})


def filter_of(text: str) -> dict[str, str]:
    """Column and value of a filter; nothing for none. Raises `ScimError`."""
    if not text:
        return {}
    found = _FILTER.fullmatch(text)
    if found is None:
        raise ScimError(
            "invalidFilter", 'Ondersteund zijn userName, externalId en id met eq, zoals userName eq "…".'
        )
    column = _COLUMNS[found[1].lower()]
    return {column: found[2].lower() if column == "login" else found[2]}


def whole(body: Any) -> WantedAccount:
    """What a new or replaced user is to be; raises `ScimError`."""
    if not isinstance(body, Mapping):
        raise ScimError("invalidSyntax", "Stuur een User als JSON-object.")
    given = {str(name).lower(): value for name, value in body.items()}
    name = given.get("name")
    parts = {f"name.{key.lower()}": value for key, value in name.items()} if isinstance(name, Mapping) else {}
    login = _login(given.get("username"))
    return WantedAccount(
        login,
        _name(given | parts),
        _external(given.get("externalid")),
        _active(given["active"]) if given.get("active") is not None else True,
    )


def changed(body: Any, user: UserRow) -> WantedAccount:
    """What a PatchOp (RFC 7644, section 3.5.2) asks of a user; raises `ScimError`."""
    operations = body.get("Operations") if isinstance(body, Mapping) else None
    if not isinstance(operations, list) or not 1 <= len(operations) <= OPERATIONS:
        raise ScimError("invalidSyntax", f"Stuur 1 tot {OPERATIONS} Operations.")
    found: dict[str, Any] = {}
    for each in operations:
        found |= _operation(each)
    names = {name: value for name, value in found.items() if name in _NAMES}
    return WantedAccount(
        _login(found["username"]) if "username" in found else None,
        _name(_with_parts(names, user.name)) if names else None,
        _external(found["externalid"]) if "externalid" in found else None,
        _active(found["active"]) if "active" in found else None,
    )


def _operation(each: Any) -> dict[str, Any]:
    """The attributes that one operation sets; one that is taken away is None."""
    kind = str(each.get("op", "")).lower() if isinstance(each, Mapping) else ""
    if kind not in ("add", "replace", "remove"):
        raise ScimError("invalidSyntax", "op is add, replace of remove.")
    # Some write the whole name of an attribute, with its schema before it.
    path = str(each.get("path") or "").removeprefix(f"{USER}:").lower()
    value = None if kind == "remove" else each.get("value")
    if kind == "remove" and path in ("", "username", "active"):
        raise ScimError("mutability", "Een gebruiker heeft altijd een userName en is actief of niet.")
    if path:
        if path == "name" and isinstance(value, Mapping):
            return {f"name.{str(key).lower()}": inner for key, inner in value.items()}
        return {path: value}
    if not isinstance(value, Mapping):
        raise ScimError("invalidSyntax", "Zonder path is value een object.")
    found: dict[str, Any] = {}
    for name, inner in value.items():
        # One without a name of its own is none of ours, whatever is in it.
        path = str(name).removeprefix(f"{USER}:") or "-"
        found |= _operation({"op": kind, "path": path, "value": inner})
    return found


def _with_parts(names: dict[str, Any], before: str) -> dict[str, Any]:
    """A given or family name that comes alone takes the place of that part of the name that was there."""
    given, _, family = before.partition(" ")
    alone = {"name.givenname", "name.familyname"} & names.keys()
    return ({"name.givenname": given, "name.familyname": family} if alone else {}) | names


def _login(value: Any) -> str:
    found = login_of(value) if isinstance(value, str) else None
    if found is None:
        raise ScimError("invalidValue", "userName is een e-mailadres.")
    return found


def _name(given: Mapping[str, Any]) -> str | None:
    parts = " ".join(str(given.get(f"name.{part}name") or "") for part in ("given", "family"))
    for text in (given.get("displayname"), given.get("name.formatted"), parts):
        if isinstance(text, str) and (found := name_of(text)):
            return found
    return None


def _external(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not value.isprintable() or len(value) > 254:
        raise ScimError("invalidValue", "externalId is een tekst van hooguit 254 tekens.")
    return value


def _active(value: Any) -> bool:
    # Entra writes a word with a capital.
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise ScimError("invalidValue", "active is true of false.")
    return value
