"""What is served over HTTP, put together: routes, limits, headers, and what is said when it goes wrong.

It promises that every answer of the API, also to what does not exist or breaks, is a problem in the form of
`problems` and carries the strict headers, and that no request is written to a log.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import NotFound
from gateway.log import Log
from gateway.store.engine import is_away
from gateway.web import problems
from gateway.web.api.access import Access
from gateway.web.api.fhirface import outcome
from gateway.web.api.openapi import VERSION, ApiPlace, describe
from gateway.web.api.operations import Operation
from gateway.web.origin import OwnOrigin
from gateway.web.pages import Pages
from gateway.web.problems import Problem, ProblemKind, answer, scim_error

TELL_AGAIN = 60.0
"""How many seconds the log is spared another line of a database that is away."""

BODY = 1024 * 1024
"""The largest request body of any route, in bytes; the API itself takes much less."""

PUBLIC = frozenset(
    {
        "/healthz",
        "/readyz",
        "/metrics",
        "/v1/openapi.json",
        "/fhir/metadata",
        "/static",
        "/melden/{link}",
        "/status/{link}",
        "/",
        "/verwijzen",
        "/verwijskaart",
        "/verwijskaart/{language}/{place:path}",
        "/robots.txt",
        "/.well-known/security.txt",
        "/.well-known/mta-sts.txt",
        "/inloggen",
        "/inloggen/code",
        "/inloggen/passkey/vraag",
        "/inloggen/passkey",
        "/inloggen/organisatie",
        "/inloggen/organisatie/terug",
        "/inloggen/organisatie/uitloggen",
        "/uitloggen",
        "/uitnodiging/{code}",
        "/uitnodiging/{code}/wachtwoord",
        "/uitnodiging/{code}/app",
        "/uitnodiging/{code}/passkey/vraag",
        "/uitnodiging/{code}/passkey",
    }
)
"""The paths that need no login; everything else is a `GuardedRoute` or an `ApiRoute`."""

HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""On every answer that does not say otherwise itself."""

_BY_STATUS: dict[int, ProblemKind] = {
    404: problems.NOT_FOUND,
    405: problems.WRONG_METHOD,
    413: problems.TOO_LARGE,
}


def web(routes: Sequence[BaseRoute], log: Log, pages: Pages) -> Starlette:
    """The application with these routes; people see a problem as a page, programs as JSON."""

    def tell(request: Request, problem: Problem) -> Response:
        wants_page = "text/html" in request.headers.get("accept", "")
        if request.url.path.startswith("/fhir/"):
            return outcome(problem)
        if request.url.path.startswith("/scim/"):
            return scim_error(problem.kind.status, problem.kind.title, headers=problem.headers)
        if request.url.path.startswith("/v1/") or not wants_page:
            return answer(problem)
        kind = problem.kind
        title, remedy = pages.say(kind.title), pages.say(kind.said or kind.remedy)
        return pages.page("problem.html", kind.status, headers=problem.headers, title=title, remedy=remedy)

    async def told(request: Request, error: Exception) -> Response:
        return tell(request, error if isinstance(error, Problem) else Problem(problems.BROKEN))

    async def missing(request: Request, _: Exception) -> Response:
        return tell(request, Problem(problems.NOT_FOUND))

    async def by_status(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        if status == 405:
            headers = {"Allow": ", ".join(_methods(routes, request))}
        return tell(request, Problem(_BY_STATUS.get(status, problems.NO_JSON), headers=headers))

    told_of: list[float] = []

    async def away(request: Request, error: Exception) -> Response:
        # The text of a database error may hold what was sent.
        if not is_away(error):
            log.failed("web", error)
        elif not told_of or time.monotonic() - told_of[-1] > TELL_AGAIN:
            # Whoever reloads a page fills no disk.
            told_of[:] = [time.monotonic()]
            log.database_away("web", error)
        return tell(request, Problem(problems.BUSY, headers={"Retry-After": "60"}))

    handlers: dict[Any, Any] = {
        Problem: told,
        NotFound: missing,
        HTTPException: by_status,
        SQLAlchemyError: away,
    }
    app = Starlette(
        routes=list(routes),
        exception_handlers=handlers,
        middleware=[
            Middleware(Headers),
            Middleware(OneEnd),
            Middleware(Contained, log=log, tell=tell),
            Middleware(OwnOrigin),
            Middleware(HeadAsGet),
            Middleware(RequestBodyLimitMiddleware, max_body_size=BODY),
        ],
    )
    app.router.redirect_slashes = False
    return app


def _methods(routes: Iterable[BaseRoute], request: Request) -> list[str]:
    """All methods of an address, also where it has a route for each (RFC 9110, section 10.2.1)."""
    here = (
        one for one in routes if isinstance(one, Route) and one.matches(request.scope)[0] is not Match.NONE
    )
    return sorted({method for one in here for method in one.methods or ()})


def api_routes(operations: Iterable[Operation], access: Access, place: ApiPlace) -> list[Route]:
    """The routes of the API, and its description at `/v1/openapi.json`, which any page may read."""
    known = tuple(operations)

    @cache
    def document() -> dict[str, Any]:
        # Describing every model takes a tenth of a start, and few starts are asked for it.
        return describe(known, place)

    async def description(_: Request) -> Response:
        open_to_all = {
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "API-Version": VERSION,
        }
        return JSONResponse(document(), headers=open_to_all)

    return [*(one.route(access) for one in known), Route("/v1/openapi.json", description, name="openapi")]


class Headers:
    """Adds `HEADERS`, and the version of the API to what stands below `/v1`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted = HEADERS | ({"API-Version": VERSION} if f"{scope['path']}/".startswith("/v1/") else {})

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", []))
                present = {name.lower() for name, _ in given}
                more = [(name.lower().encode(), value.encode()) for name, value in wanted.items()]
                message["headers"] = given + [pair for pair in more if pair[0] not in present]
            await send(message)

        await self._app(scope, receive, with_headers)


class OneEnd:
    """Refuses a request that says in two ways where it ends, and hangs up.

    What follows it may be a part of it for a proxy in front of us, and somebody else's request for us
    (RFC 9112, section 6.3).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = {name for name, _ in scope.get("headers", ())}
        old = scope.get("http_version") == "1.0"
        if b"transfer-encoding" in names and (old or b"content-length" in names):
            await Response(status_code=400, headers={"Connection": "close"})(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class HeadAsGet:
    """Lets every page answer HEAD as it answers GET; the server leaves the content out.

    A page that does something unless it is asked with GET would do it, and nothing looks at HEAD for where it
    comes from: it changes nothing (RFC 9110, section 9.3.2).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self._app({**scope, "method": "GET"} if head else scope, receive, send)


class Contained:
    """Whatever nobody foresaw ends here: the caller is told so, the log gets the place, no text."""

    def __init__(self, app: ASGIApp, log: Log, tell: Callable[[Request, Problem], Response]) -> None:
        self._app, self._log, self._tell = app, log, tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            # Whoever goes before the end of their own request hears nothing, and broke nothing of ours.
            return
        except Exception as error:  # noqa: BLE001 - uvicorn would log its text
            self._log.failed("web", error)
            if scope["type"] == "http" and not started:
                await self._tell(Request(scope), Problem(problems.BROKEN))(scope, receive, send)
