"""SCIM 2.0 (RFC 7644): a municipality's own identity system keeps the accounts of its medewerkers here.

It promises that only a token which was made for this is heard, that it reaches the medewerkers of its own
organisation and nobody else, that somebody it knows nothing of does not exist for it, and that every mistake
is answered as SCIM asks it, without a word of what was sent.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gateway.accounts.provisioned import LoginTaken, Provisioned, TooManyAccounts
from gateway.accounts.scimuser import LIST, USER, ScimError, changed, filter_of, resource, whole
from gateway.errors import NotFound
from gateway.web import problems
from gateway.web.api.access import SCIM, Access
from gateway.web.api.operations import ApiRoute
from gateway.web.problems import SCIM_JSON, Problem, scim_error

PATH: Final = "/scim/v2"
BODY: Final = 64 * 1024
"""The largest request body, in bytes."""

PAGE: Final = 100

Answers = Callable[[Request, str], Awaitable[Response]]


class Scim:
    """The routes; `base` is where they are found."""

    def __init__(self, accounts: Provisioned, access: Access, base: str) -> None:
        self._accounts, self._access, self._base = accounts, access, f"{base}{PATH}"

    def routes(self) -> list[BaseRoute]:
        """What is served, to an organisation's token for SCIM."""
        one = f"{PATH}/Users/{{id}}"
        return [
            self._route("/ServiceProviderConfig", "GET", self._config),
            self._route("/ResourceTypes", "GET", self._types),
            self._route("/Schemas", "GET", self._schemas),
            self._route("/Users", "GET", self._list),
            self._route("/Users", "POST", self._make),
            *(
                ApiRoute(one, self._guarded(answers), methods=[method])
                for method, answers in (
                    ("GET", self._show),
                    ("PUT", self._replace),
                    ("PATCH", self._patch),
                    ("DELETE", self._remove),
                )
            ),
        ]

    def _route(self, path: str, method: str, answers: Answers) -> ApiRoute:
        return ApiRoute(f"{PATH}{path}", self._guarded(answers), methods=[method])

    def _guarded(self, answers: Answers) -> Callable[[Request], Awaitable[Response]]:
        """An answer for whom the token is; whatever goes wrong is told as SCIM tells it."""

        async def endpoint(request: Request) -> Response:
            try:
                organisation = await self._access.organisation(request, SCIM)
                return await answers(request, organisation)
            except ScimError as error:
                return scim_error(400, error.detail, error.kind)
            except NotFound:
                return scim_error(404, "Deze gebruiker is er niet.")
            except LoginTaken:
                return scim_error(409, "Er is al een account met deze userName.", "uniqueness")
            except TooManyAccounts:
                return scim_error(403, "Uw organisatie heeft het grootste aantal accounts.")
            except Problem as problem:
                return scim_error(problem.kind.status, problem.kind.title, headers=problem.headers)

        return endpoint

    async def _list(self, request: Request, organisation: str) -> Response:
        asked = request.query_params
        like = filter_of(asked.get("filter", "")[:600])
        start, count = _number(asked.get("startIndex"), 1), _number(asked.get("count"), PAGE)
        start, count = max(start, 1), min(max(count, 0), PAGE)
        total, found = await run_in_threadpool(self._accounts.all_of, organisation, start, count, **like)
        return _answer(
            {
                "schemas": [LIST],
                "totalResults": total,
                "startIndex": start,
                "itemsPerPage": len(found),
                "Resources": [resource(each, self._base) for each in found],
            }
        )

    async def _make(self, request: Request, organisation: str) -> Response:
        wanted = whole(await _read(request))
        made = await run_in_threadpool(self._accounts.make, organisation, wanted, _actor(organisation))
        shown = resource(made, self._base)
        return _answer(shown, 201, {"Location": shown["meta"]["location"]})

    async def _show(self, request: Request, organisation: str) -> Response:
        found = await run_in_threadpool(self._accounts.one, organisation, request.path_params["id"])
        return _answer(resource(found, self._base))

    async def _replace(self, request: Request, organisation: str) -> Response:
        return await self._change(request, organisation, replace=True)

    async def _patch(self, request: Request, organisation: str) -> Response:
        return await self._change(request, organisation, replace=False)

    async def _change(self, request: Request, organisation: str, *, replace: bool) -> Response:
        body, user_id = await _read(request), request.path_params["id"]
        before = await run_in_threadpool(self._accounts.one, organisation, user_id)
        wanted = whole(body) if replace else changed(body, before)
        found = await run_in_threadpool(
            self._accounts.change, organisation, user_id, wanted, _actor(organisation)
        )
        return _answer(resource(found, self._base))

    async def _remove(self, request: Request, organisation: str) -> Response:
        user_id = request.path_params["id"]
        await run_in_threadpool(self._accounts.remove, organisation, user_id, _actor(organisation))
        return Response(status_code=204)

    async def _config(self, _: Request, __: str) -> Response:
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

    async def _types(self, _: Request, __: str) -> Response:
        kind = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": "User",
            "name": "User",
            "endpoint": "/Users",
            "schema": USER,
            "meta": {"resourceType": "ResourceType", "location": f"{self._base}/ResourceTypes/User"},
        }
        return _answer(_listed([kind]))

    async def _schemas(self, _: Request, __: str) -> Response:
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


async def _read(request: Request) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (SCIM_JSON, "application/json"):
        raise Problem(problems.WRONG_MEDIA_TYPE)
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > BODY:
            raise Problem(problems.TOO_LARGE)
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise ScimError("invalidSyntax", "Dit is geen JSON.") from None


def _answer(shown: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(shown, status, headers, media_type=SCIM_JSON)
