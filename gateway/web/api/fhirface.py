"""The FHIR face: an organisation's own cases as Tasks, without patients, and the callback of its FHIR server.

It promises that a Task holds a kenmerk, codes and moments and nothing of anybody, that an organisation sees
its own cases and no other, that a callback counts only for a delivery that this organisation got, and that
every mistake is an OperationOutcome.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPMethod
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.fhirtask import CODES, KENMERK, ORGANISATION, STATUSES, TASK_CODES, NoTask, told_by
from gateway.domain.codes import FHIR_TASK_STATUS
from gateway.domain.states import State
from gateway.errors import LostRace, NotAllowed, OpenError
from gateway.pipeline.signalen import Signalen, WrongDay
from gateway.store import cases
from gateway.store.cases import OwnCase
from gateway.store.engine import Store
from gateway.web import problems
from gateway.web.api.access import Access
from gateway.web.api.notifications import ask_soon
from gateway.web.api.operations import ApiRoute, json_of
from gateway.web.problems import Problem

FHIR_JSON: Final = "application/fhir+json"
CHANNEL: Final = "fhir"
BODY: Final = 256 * 1024
MOST: Final = 100
DAY: Final = len("2026-11-30")
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")

TASKS: Final[Mapping[State, str]] = MappingProxyType(
    {
        **FHIR_TASK_STATUS,
        **dict.fromkeys((State.RECEIVED, State.NEEDS_INFO, State.QUARANTINED), "draft"),
    }
)
"""Every state as the status of a Task; what no organisation was asked yet is a draft."""

_ISSUES: Final = MappingProxyType(
    {400: "invalid", 401: "login", 404: "not-found", 406: "not-supported", 409: "conflict"}
    | {415: "not-supported", 429: "throttled"}
)


def outcome(problem: Problem) -> Response:
    """A problem as FHIR tells it."""
    kind = problem.kind
    issue = {
        "severity": "error",
        "code": _ISSUES.get(kind.status, "exception" if kind.status >= 500 else "invalid"),
        "details": {"text": kind.title},
        "diagnostics": problem.detail or kind.remedy,
    }
    body = {"resourceType": "OperationOutcome", "issue": [issue]}
    return JSONResponse(body, kind.status, problem.headers, media_type=FHIR_JSON)


class FhirFace:
    """The routes; `base` is where they are found."""

    def __init__(
        self, store: Store, signalen: Signalen, access: Access, now: Callable[[], datetime], base: str
    ) -> None:
        self._store, self._signalen, self._access = store, signalen, access
        self._now, self._base = now, f"{base}/fhir"

    def routes(self) -> list[BaseRoute]:
        """What is served; `metadata` alone needs no login."""
        access = self._access
        return [
            Route("/fhir/metadata", self._metadata, name="fhir.metadata"),
            ApiRoute.to(HTTPMethod.GET, "/fhir/Task", access, self._search),
            ApiRoute.to(HTTPMethod.GET, "/fhir/Task/{id}", access, self._read),
            ApiRoute.to(HTTPMethod.PUT, "/fhir/Task/{id}", access, self._update),
            ApiRoute.to(HTTPMethod.POST, "/fhir/hook", access, self._hook),
        ]

    async def _metadata(self, request: Request) -> Response:
        _wants_json(request)
        return _answer(capability(self._base, self._now()))

    def _search(self, request: Request, organisation: str) -> Response:
        _wants_json(request)
        count, after, since = _question(request.query_params.multi_items())
        with self._store.read() as session:
            found = cases.of_organisation(session, organisation, count + 1, after=after, since=since)
        entries = [
            {
                "fullUrl": f"{self._base}/Task/{case.kenmerk}",
                "resource": task(case, organisation),
                "search": {"mode": "match"},
            }
            for case in found[:count]
        ]
        # What was asked as it was understood: a server must say so (R4, "Search", conformance).
        asked = f"_count={count}" + (f"&_lastUpdated=ge{_utc(since)}" if since else "")
        places = {"self": f"&na={after}" if after else ""}
        if len(found) > count:
            places["next"] = f"&na={found[count - 1].id}"
        link = [
            {"relation": relation, "url": f"{self._base}/Task?{asked}{place}"}
            for relation, place in places.items()
        ]
        bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "link": link}
        return _answer(bundle | ({"entry": entries} if entries else {}))

    def _read(self, request: Request, organisation: str) -> Response:
        _wants_json(request)
        with self._store.read() as session:
            return _answer(task(cases.own(session, organisation, request.path_params["id"]), organisation))

    def _hook(self, _: Request, organisation: str) -> Response:
        """The rest-hook of a Subscription without a payload: the receiver is asked soon."""
        ask_soon(self._store, organisation, self._now())
        return Response(status_code=200)

    def _update(self, request: Request, organisation: str) -> Response:
        """The rest-hook of a Subscription with a payload: the receiver's Task, as it is now."""
        sent = json_of(request, (FHIR_JSON, "application/json"), BODY)
        try:
            taken = self._signalen.take(organisation, told_by(sent), self._now(), CHANNEL)
        except NoTask:
            raise Problem(problems.INVALID, "Dit is geen Task van een aflevering van ons.") from None
        except WrongDay:
            raise Problem(problems.INVALID, "De dag ligt in de toekomst of voor de aanmelding.") from None
        except NotAllowed:
            raise Problem(problems.CONTACT_FIRST) from None
        except (LostRace, OpenError):
            raise Problem(problems.BUSY, headers={"Retry-After": "60"}) from None
        places = ", ".join(taken.unknown)
        said = f"Verwerkt, maar niet begrepen: {places}." if places else "Verwerkt."
        issue = {
            "severity": "warning" if places else "information",
            "code": "informational",
            "diagnostics": said,
        }
        return _answer({"resourceType": "OperationOutcome", "issue": [issue]})


def task(case: OwnCase, organisation: str) -> dict[str, Any]:
    """A case as a Task."""
    found: dict[str, Any] = {
        "resourceType": "Task",
        "id": case.kenmerk,
        "meta": {"lastUpdated": _utc(case.updated_at)},
        "groupIdentifier": {"system": KENMERK, "value": case.kenmerk},
        "status": TASKS[State(case.state)],
        "businessStatus": {"coding": [{"system": CODES, "code": case.state}]},
        "intent": "order",
        "priority": "urgent" if case.urgent else "routine",
        "code": {"coding": [{"system": TASK_CODES, "code": "fulfill"}]},
        "authoredOn": _utc(case.received_at),
        "lastModified": _utc(case.updated_at),
        "owner": {"identifier": {"system": ORGANISATION, "value": organisation}},
    }
    if case.due_at is not None:
        found["restriction"] = {"period": {"end": _utc(case.due_at)}}
    return found


def capability(base: str, now: datetime) -> dict[str, Any]:
    """What this face can do."""
    search = [
        {"name": "_lastUpdated", "type": "date", "documentation": "Alleen ge, met tijdzone; of een dag."},
        {"name": "_count", "type": "number", "documentation": f"Hooguit {MOST}."},
    ]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": now.date().isoformat(),
        "kind": "instance",
        "implementation": {"description": "InBeeld", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "Bearer-token of vastgelegd clientcertificaat."},
                "resource": [
                    {
                        "type": "Task",
                        "documentation": "De aanmeldingen van uw organisatie, zonder gegevens van patiënten. "
                        f"Een PUT meldt de status van een aflevering: {', '.join(STATUSES)}.",
                        "interaction": [{"code": "read"}, {"code": "search-type"}, {"code": "update"}],
                        "searchParam": search,
                    }
                ],
            }
        ],
    }


def _question(given: list[tuple[str, str]]) -> tuple[int, str, datetime | None]:
    """How many, from behind which, changed since when; raises `Problem`."""
    said = dict(given)
    try:
        if len(said) < len(given) or not said.keys() <= {"_count", "_lastUpdated", "na", "_format"}:
            raise ValueError
        # A server may give fewer than were asked, and never more.
        count = min(int(said.get("_count", "50")[:9]), MOST)
        after = said.get("na", "")
        if count < 1 or len(after) > 64 or not (after.isalnum() or after == ""):
            raise ValueError
        since = None
        if "_lastUpdated" in said:
            # The plus of a time zone is a blank in an address that nobody encoded.
            prefix, moment = said["_lastUpdated"][:2], said["_lastUpdated"][2:].replace(" ", "+")
            since = datetime.fromisoformat(moment)
            if prefix != "ge" or (since.tzinfo is None and len(moment) > DAY):
                raise ValueError
            # A day is one here.
            since = since.replace(tzinfo=since.tzinfo or _AMSTERDAM).astimezone(UTC)
    # At the ends of the calendar a moment is none elsewhere.
    except (ValueError, OverflowError):
        raise Problem(problems.BAD_QUESTION, "Gebruik _count (ten minste 1) en _lastUpdated=ge…Z.") from None
    return count, after, since


def _wants_json(request: Request) -> None:
    """Raises `Problem` where somebody asks for another form than JSON (R4, "Content types and encodings"):
    `_format` goes before the header."""
    wanted = request.query_params.get("_format", "").replace(" ", "+") or request.headers.get("accept", "")
    kinds = {each.partition(";")[0].strip().lower() for each in wanted.split(",")}
    if not kinds & {"", "json", "*/*", "application/*", "application/json", "text/json", FHIR_JSON}:
        raise Problem(problems.NOT_ACCEPTABLE)


def _answer(resource: dict[str, Any]) -> Response:
    return JSONResponse(resource, media_type=FHIR_JSON)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
