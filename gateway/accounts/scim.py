"""SCIM 2.0 (RFC 7644): a municipality's own identity system keeps the accounts of its medewerkers here.

It promises that only a token which was made for this is heard, that it reaches the medewerkers of its own
organisation and nobody else, that somebody it knows nothing of does not exist for it, and that every mistake
is answered as SCIM asks it, without a word of what was sent.
"""

from collections.abc import Callable
from http import HTTPMethod
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gateway.accounts.provisioned import LoginTaken, Provisioned, TooManyAccounts
from gateway.accounts.scimuser import LIST, USER, ScimError, changed, filter_of, resource, whole
from gateway.errors import NotFound
from gateway.web import problems
from gateway.web.api.access import SCIM, Access
from gateway.web.api.operations import ApiRoute, json_of
from gateway.web.problems import SCIM_JSON, Problem, scim_error

PATH: Final = "/scim/v2"
BODY: Final = 64 * 1024
"""The largest request body, in bytes."""

PAGE: Final = 100

Answers = Callable[[Request, str], Response]


class Scim:
    """The routes; `base` is where they are found."""

    def __init__(self, accounts: Provisioned, access: Access, base: str) -> None:
        self._accounts, self._access, self._base = accounts, access, f"{base}{PATH}"

    def routes(self) -> list[BaseRoute]:
        """What is served, to an organisation's token for SCIM."""
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
