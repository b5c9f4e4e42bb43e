"""SCIM 2.0 (RFC 7643, RFC 7644): a municipality's own identity system keeps its medewerkers' accounts here.

It promises that only a token which was made for this is heard, that it reaches the medewerkers of its own
organisation and nobody else, that somebody it knows nothing of does not exist for it, that every mistake is
answered as SCIM asks it, and that of what is sent only the login, the name, the other side's own id and
whether somebody is active are read: nothing else of it is kept or repeated.
"""

import re
from collections.abc import Callable, Mapping
from http import HTTPMethod
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gateway.accounts.provisioned import LoginTaken, Provisioned, TooManyAccounts, WantedAccount
from gateway.errors import NotFound
from gateway.gate.passwords import login_of, name_of
from gateway.store.pagetables import UserRow
from gateway.web import problems
from gateway.web.api.access import SCIM, Access
from gateway.web.api.operations import ApiRoute, json_of
from gateway.web.problems import SCIM_JSON, Problem, scim_error

PATH: Final = "/scim/v2"

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

OPERATIONS: Final = 50
"""So many changes in one request at most."""

BODY: Final = 64 * 1024
"""The largest request body, in bytes."""

PAGE: Final = 100

Answers = Callable[[Request, str], Response]

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


class Scim:
    """The routes; `base` is where they are found."""

    def __init__(self, accounts: Provisioned, access: Access, base: str) -> None:
        self._accounts, self._access, self._base = accounts, access, f"{base}{PATH}"

    def routes(self) -> list[BaseRoute]:
        return [
            self._route(HTTPMethod.GET, "/ServiceProviderConfig", self._config),
            self._route(HTTPMethod.GET, "/ResourceTypes", self._types),
            self._route(HTTPMethod.GET, "/Schemas", self._schemas),
            self._route(HTTPMethod.GET, "/Users", self._list),
            self._route(HTTPMethod.POST, "/Users", self._make),
            self._route(HTTPMethod.GET, "/Users/{id}", self._show),
            self._route(HTTPMethod.PUT, "/Users/{id}", self._replace),
            self._route(HTTPMethod.PATCH, "/Users/{id}", self._patch),
            self._route(HTTPMethod.DELETE, "/Users/{id}", self._remove),
        ]

    def _route(self, method: HTTPMethod, path: str, answers: Answers) -> ApiRoute:
        """A route on which whatever goes wrong is told as SCIM tells it."""

        def told(request: Request, organisation: str) -> Response:
            try:
                return answers(request, organisation)
            except ScimError as error:
                return scim_error(400, error.detail, error.kind)
            except NotFound:
                return scim_error(404, "Deze gebruiker is er niet.")
            except LoginTaken:
                return scim_error(409, "Er is al een account met deze userName.", "uniqueness")
            except TooManyAccounts:
                return scim_error(403, "Uw organisatie heeft het grootste aantal accounts.")

        return ApiRoute.to(method, f"{PATH}{path}", self._access, told, SCIM)

    def _list(self, request: Request, organisation: str) -> Response:
        asked = request.query_params
        like = filter_of(asked.get("filter", "")[:600])
        start, count = _number(asked.get("startIndex"), 1), _number(asked.get("count"), PAGE)
        start, count = max(start, 1), min(max(count, 0), PAGE)
        total, found = self._accounts.all_of(organisation, start, count, **like)
        return _answer(
            {
                "schemas": [LIST],
                "totalResults": total,
                "startIndex": start,
                "itemsPerPage": len(found),
                "Resources": [resource(each, self._base) for each in found],
            }
        )

    def _make(self, request: Request, organisation: str) -> Response:
        wanted = whole(_read(request))
        made = self._accounts.make(organisation, wanted, _actor(organisation))
        shown = resource(made, self._base)
        return _answer(shown, 201, {"Location": shown["meta"]["location"]})

    def _show(self, request: Request, organisation: str) -> Response:
        found = self._accounts.one(organisation, request.path_params["id"])
        return _answer(resource(found, self._base))

    def _replace(self, request: Request, organisation: str) -> Response:
        return self._change(request, organisation, replace=True)

    def _patch(self, request: Request, organisation: str) -> Response:
        return self._change(request, organisation, replace=False)

    def _change(self, request: Request, organisation: str, *, replace: bool) -> Response:
        body, user_id = _read(request), request.path_params["id"]
        before = self._accounts.one(organisation, user_id)
        wanted = whole(body) if replace else changed(body, before)
        found = self._accounts.change(organisation, user_id, wanted, _actor(organisation))
        return _answer(resource(found, self._base))

    def _remove(self, request: Request, organisation: str) -> Response:
        user_id = request.path_params["id"]
        self._accounts.remove(organisation, user_id, _actor(organisation))
        return Response(status_code=204)

    def _config(self, _: Request, __: str) -> Response:
        can = {"supported": True}
        cannot = {"supported": False}
        scheme = {
            "type": "oauthbearertoken",
            "name": "Bearer",
            "description": "Een token van: inbeeld tokens new ORGANISATIE --for scim",
            "primary": True,
        }
        return _answer(
            {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
                "patch": can,
                "bulk": cannot | {"maxOperations": 0, "maxPayloadSize": 0},
                "filter": can | {"maxResults": PAGE},
                "changePassword": cannot,
                "sort": cannot,
                "etag": cannot,
                "authenticationSchemes": [scheme],
                "meta": {
                    "resourceType": "ServiceProviderConfig",
                    "location": f"{self._base}/ServiceProviderConfig",
                },
            }
        )

    def _types(self, _: Request, __: str) -> Response:
        kind = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": "User",
            "name": "User",
            "endpoint": "/Users",
            "schema": USER,
            "meta": {"resourceType": "ResourceType", "location": f"{self._base}/ResourceTypes/User"},
        }
        return _answer(_listed([kind]))

    def _schemas(self, _: Request, __: str) -> Response:
        schema = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": USER,
            "name": "User",
            "attributes": [
                _attribute("userName", required=True, uniqueness="server"),
                _attribute("displayName"),
                _attribute("externalId"),
                _attribute("active", "boolean"),
            ],
            "meta": {"resourceType": "Schema", "location": f"{self._base}/Schemas/{USER}"},
        }
        return _answer(_listed([schema]))


def _actor(organisation: str) -> str:
    """How the audit trail names whoever holds the token."""
    return f"organisation:{organisation}"


def _attribute(name: str, kind: str = "string", *, required: bool = False, uniqueness: str = "none") -> Any:
    return {
        "name": name,
        "type": kind,
        "multiValued": False,
        "required": required,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": uniqueness,
    }


def _listed(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"schemas": [LIST], "totalResults": len(found), "startIndex": 1, "Resources": found}


def _number(text: str | None, usual: int) -> int:
    if text is None:
        return usual
    if not text.removeprefix("-").isdecimal() or len(text) > 9 or not text.isascii():
        raise ScimError("invalidValue", "startIndex en count zijn getallen.")
    return int(text)


def _read(request: Request) -> Any:
    try:
        return json_of(request, (SCIM_JSON, "application/json"), BODY)
    except Problem as problem:
        if problem.kind is not problems.NO_JSON:
            raise
        raise ScimError("invalidSyntax", "Dit is geen JSON.") from None


def _answer(shown: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(shown, status, headers, media_type=SCIM_JSON)
