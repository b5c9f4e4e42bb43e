"""One operation of the API as data: from it the route is made and the description is written.

It promises that an operation is carried out only for a recognised organisation, with a body of the right
kind, size and shape, and that whatever goes wrong is answered as a problem.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPMethod
from inspect import iscoroutinefunction
from typing import Any, Self
from urllib.parse import urlencode

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.web import problems
from gateway.web.api.access import API, Access
from gateway.web.forms import body
from gateway.web.problems import Problem

JSON = "application/json"
BODY = 16 * 1024
"""The largest request body, in bytes; what is asked for here fits in one of them."""

_SAID = {
    "missing": "ontbreekt",
    "extra_forbidden": "is onbekend",
    "int_type": "is geen geheel getal",
    "int_from_float": "is geen geheel getal",
    "greater_than_equal": "is te klein",
    "less_than_equal": "is te groot",
    "string_type": "is geen tekst",
    "string_pattern_mismatch": "heeft niet de juiste vorm",
    "model_type": "is geen object",
    "bool_type": "is niet true of false",
    "tuple_type": "is geen lijst",
    "too_long": "is te lang",
    "too_short": "is te kort",
    "int_parsing": "is geen geheel getal",
    "datetime_from_date_parsing": "is geen tijdstip",
    "datetime_parsing": "is geen tijdstip",
    "timezone_aware": "noemt geen tijdzone",
}
"""pydantic's kinds of error in Dutch; our own speak for themselves."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who asks, for what in the path, with which body or which parameters."""

    organisation: str
    path: dict[str, str]
    body: Any
    query: Any = None


@dataclass(frozen=True, slots=True)
class PageOfAnswers:
    """A part of a collection; `more` are the parameters that ask for the next one, if there is one."""

    items: Sequence[Any]
    more: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Deprecation:
    """An operation that will go: since when that is known, when it goes, and which path takes its place."""

    since: datetime
    sunset: datetime
    successor: str

    @property
    def headers(self) -> dict[str, str]:
        """RFC 9745 and RFC 8594."""
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": format_datetime(self.sunset.astimezone(UTC), usegmt=True),
            "Link": f'<{self.successor}>; rel="successor-version"',
        }


Answer = Callable[[Call], Any]
"""One that awaits nothing runs in a thread."""

Proof = Callable[[str, bytes, Mapping[str, str]], None]
"""Checks the content an organisation sent, with the headers that came with it; raises `Problem`."""


class ApiRoute(Route):
    """A route that only an organisation's token or certificate reaches."""

    @classmethod
    def to(
        cls,
        method: HTTPMethod,
        path: str,
        access: Access,
        answers: Callable[[Request, str], Response],
        scope: str = API,
    ) -> Self:
        """One whose `answers(request, organisation)` runs in a thread, after what was sent was read."""

        async def endpoint(request: Request) -> Response:
            organisation = await access.organisation(request, scope)
            await request.body()
            return await run_in_threadpool(answers, request, organisation)

        return cls(path, endpoint, methods=[method])


@dataclass(frozen=True, slots=True)
class Operation:
    """`answers` gives what `gives` says; `statuses` are the problems beside those of every operation.

    `proves`, where there is one, sees the content before it is read. `asks` are the parameters of the query.
    """

    name: str
    method: HTTPMethod
    path: str
    summary: str
    says: str
    answers: Answer
    gives: Any
    takes: type[BaseModel] | None = None
    statuses: Sequence[int] = field(default=())
    proves: Proof | None = None
    asks: type[BaseModel] | None = None
    goes: Deprecation | None = None

    def problems(self) -> tuple[int, ...]:
        """The statuses of every problem this operation can end with."""
        body = (400, 413, 415, 422) if self.takes else (400,) if self.asks else ()
        return tuple(sorted({401, 429, 500, 503, *body, *self.statuses}))

    def route(self, access: Access) -> "ApiRoute":
        """The route that carries it out."""
        adapter = TypeAdapter(self.gives)

        async def endpoint(request: Request) -> Response:
            organisation = await access.organisation(request)
            query = self._query(request)
            body = await self._body(request, organisation)
            call = Call(organisation, dict(request.path_params), body, query)
            if iscoroutinefunction(self.answers):
                found = await self.answers(call)
            else:
                found = await asyncio.to_thread(self.answers, call)
            headers = dict(self.goes.headers) if self.goes else {}
            if isinstance(found, PageOfAnswers):
                if found.more is not None:
                    # RFC 8288; it is to be followed as it stands.
                    headers["Link"] = f'<{request.url.path}?{urlencode(found.more)}>; rel="next"'
                found = found.items
            return Response(adapter.dump_json(found, by_alias=True), headers=headers, media_type=JSON)

        return ApiRoute(self.path, endpoint, methods=[self.method], name=self.name)

    def _query(self, request: Request) -> BaseModel | None:
        if self.asks is None:
            return None
        given = request.query_params.multi_items()
        try:
            if len(dict(given)) < len(given):
                raise Problem(problems.BAD_QUESTION, "Een parameter staat er twee keer.")
            return self.asks.model_validate(dict(given))
        except ValidationError as error:
            raise Problem(problems.BAD_QUESTION, fouten=_faults(error, self.asks)) from None

    async def _body(self, request: Request, organisation: str) -> BaseModel | None:
        if self.takes is None:
            return None
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != JSON:
            raise Problem(problems.WRONG_MEDIA_TYPE)
        content = await _read(request)
        if self.proves is not None:
            self.proves(organisation, content, request.headers)
        try:
            # The standard parser first: what it can't read is no JSON, whatever the model would say of it.
            parsed = json.loads(content)
        except (ValueError, RecursionError):
            raise Problem(problems.NO_JSON) from None
        try:
            return self.takes.model_validate(parsed)
        except ValidationError as error:
            raise Problem(problems.INVALID, fouten=_faults(error, self.takes)) from None


def json_of(request: Request, kinds: Sequence[str], longest: int) -> Any:
    """What was sent, for an endpoint that runs in a thread; raises `Problem`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise Problem(problems.WRONG_MEDIA_TYPE, f"Stuur {kinds[0]}.")
    content = body(request)
    if len(content) > longest:
        raise Problem(problems.TOO_LARGE)
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Problem(problems.NO_JSON) from None


async def _read(request: Request) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > BODY:
            raise Problem(problems.TOO_LARGE)
    return bytes(content)


def _faults(error: ValidationError, model: type[BaseModel]) -> list[dict[str, Any]]:
    """What is wrong with each field, without a word of what was sent (a name may be content too)."""
    known = sorted(info.alias or name for name, info in model.model_fields.items())
    faults = []
    for item in error.errors(include_url=False, include_input=False):
        context = item.get("ctx", {})
        unknown = item["type"] == "extra_forbidden"
        place = [] if unknown else [str(part) for part in item["loc"]]
        own = item["msg"] if item["type"] in ("onbekende_code", "reden", "eigen") else "is ongeldig"
        fault: dict[str, Any] = {
            "veld": context.get("veld") or ".".join(place),
            "melding": _SAID.get(item["type"], own),
        }
        allowed = known if unknown else context.get("toegestaan")
        faults.append(fault | ({"toegestaan": allowed} if allowed else {}))
    return faults
