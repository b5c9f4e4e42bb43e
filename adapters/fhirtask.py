"""A handover as FHIR R4 resources, and what the status of a Task means to us.

It promises that everything about the patient is in a JWE, as the attachment of the Task's input, and the
Patient that the others point to a placeholder that says so; unless it is given a referral in clear, which
becomes that Patient's name and telecom. It promises one table for statuses, `STATUSES`, and
that "in beeld" follows from a coded `businessStatus` that says there was contact, never from how far a Task
is: in-progress and completed can be so without anybody having been spoken with.

The shape is that of the Task exchange of Gravity's SDOH Clinical Care guide (STU 2.3 and 3.0, looked up in
November 2026): ServiceRequest, and a Task with code `fulfill` whose focus it is. Its American profiles are
not claimed.
"""

import base64
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters.base import Parcel, utc_text
from adapters.inclear import ClearReferral
from adapters.told import NEXT_STEPS, OUTCOMES, REASONS, TELLS_STEP, Fact, Meaning, ToldBack
from adapters.told import STATUSES as WORDS

DELIVERY: Final = "urn:inbeeld:aflevering"
KENMERK: Final = "urn:inbeeld:kenmerk"
ORGANISATION: Final = "urn:inbeeld:organisatie"
GATEWAY: Final = "urn:inbeeld:gateway"
CODES: Final = "urn:inbeeld:fhir"
TASK_CODES: Final = "http://hl7.org/fhir/CodeSystem/task-code"
CATEGORIES: Final = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
MASKED: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BUSY = Meaning("collected")
_ELSEWHERE, _OTHER = Meaning("declined", "not_appropriate"), Meaning("stopped", "other")

SERVICE: Final = "Warme overdracht naar hulp bij geldzorgen"
CODE: Final = "http://snomed.info/sct|410606002"
CATEGORY: Final = "financial-insecurity"
"""What is asked for, unless the options say otherwise: in words, as a code (SNOMED CT's "social service
procedure", which is no more than the words say), and as a category of Gravity's."""

Pair = tuple[Meaning | None, Meaning | None]

STATUSES: Final[Mapping[str, Pair | None]] = MappingProxyType(
    {
        "draft": None,
        "requested": None,
        **dict.fromkeys(("received", "accepted", "ready", "on-hold", "in-progress"), (_BUSY, _BUSY)),
        **dict.fromkeys(("rejected", "cancelled", "failed"), (_ELSEWHERE, _OTHER)),
        # Done without a word with the patient is not done: contact is told first.
        "completed": (None, Meaning("stopped", "completed")),
        # It says that there should have been no Task at all: a person asks.
    }
)
"""What a Task's status means before there was contact, and after it. None: it says nothing new."""

PROGRESS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {event: Meaning(event) for event in WORDS.values() if event not in ("collected", "declined", "stopped")}
)
"""The codes of `businessStatus`, of the system `urn:inbeeld:fhir`."""

_PROGRESSED: Final = frozenset(f"fhir/{progress}" for progress in PROGRESS) - {"fhir/corrected"}

STEPS: Final = frozenset(NEXT_STEPS.values())
"""The codes of `statusReason` beside a progress: what comes next."""


def bundle(
    parcel: Parcel,
    domain: str,
    made: datetime,
    shown: ClearReferral | None = None,
    *,
    service: str = SERVICE,
    code: str = CODE,
    category: str = CATEGORY,
) -> dict[str, Any]:
    """The transaction that hands it over; done twice it makes nothing new (conditional create). `shown` is
    what goes in clear in the place of the ciphertext; `service`, `code` (`system|code`) and `category` say
    what is asked for."""
    ids = {
        kind: uuid.uuid5(uuid.NAMESPACE_URL, f"{DELIVERY}:{parcel.delivery_id}:{kind}") for kind in _MAKERS
    }
    entries = []
    for kind, make in _MAKERS.items():
        resource = make(parcel, domain, made)
        resource["contained"] = [_patient(shown)]
        if kind == "Task":
            resource["focus"] = {"reference": f"urn:uuid:{ids['ServiceRequest']}"}
            resource["input"] = [_sealed(parcel)] if shown is None else _facts(shown)
        else:
            system, _, word = code.partition("|")
            coded = {"coding": [{"system": system, "code": word}]} if code else {}
            resource["code"] = {**coded, "text": service}
            if category:
                resource["category"] = [{"coding": [{"system": CATEGORIES, "code": category}]}]
        once = f"identifier={DELIVERY}|{parcel.delivery_id}"
        entries.append(
            {
                "fullUrl": f"urn:uuid:{ids[kind]}",
                "resource": resource,
                "request": {"method": "POST", "url": kind, "ifNoneExist": once},
            }
        )
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _request(parcel: Parcel, domain: str, made: datetime) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": DELIVERY, "value": parcel.delivery_id}],
        "requisition": {"system": KENMERK, "value": parcel.kenmerk},
        "status": "active",
        "intent": "order",
        "priority": _priority(parcel),
        "subject": {"reference": "#patient"},
        "authoredOn": utc_text(made),
        "requester": _requester(domain),
    }


def _task(parcel: Parcel, domain: str, made: datetime) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "identifier": [{"system": DELIVERY, "value": parcel.delivery_id}],
        "groupIdentifier": {"system": KENMERK, "value": parcel.kenmerk},
        "status": "requested",
        "intent": "order",
        "priority": _priority(parcel),
        "code": {"coding": [{"system": TASK_CODES, "code": "fulfill"}]},
        "for": {"reference": "#patient"},
        "authoredOn": utc_text(made),
        "requester": _requester(domain),
        "owner": {
            "type": "Organization",
            "identifier": {"system": ORGANISATION, "value": parcel.organisation_id},
        },
        "restriction": {"period": {"end": utc_text(parcel.due_at)}},
    }


_MAKERS = {"ServiceRequest": _request, "Task": _task}


def _patient(shown: ClearReferral | None) -> dict[str, Any]:
    """Sealed it says nothing but that somebody is meant: who it is stands in the JWE."""
    patient: dict[str, Any] = {"resourceType": "Patient", "id": "patient"}
    if shown is None:
        masked = {"extension": [{"url": MASKED, "valueCode": "masked"}]}
        return patient | {"name": [masked], "telecom": [masked]}
    telecom = [
        {"system": "phone", "value": phone, "rank": rank} for rank, phone in enumerate(shown.phones, start=1)
    ]
    return patient | {"name": [{"text": shown.name}]} | ({"telecom": telecom} if telecom else {})


def _sealed(parcel: Parcel) -> dict[str, Any]:
    return {
        "type": {"coding": [{"system": CODES, "code": "sealed-referral"}]},
        "valueAttachment": {
            "contentType": "application/jose",
            "data": base64.b64encode(parcel.ciphertext).decode("ascii"),
        },
    }


def _facts(shown: ClearReferral) -> list[dict[str, Any]]:
    """What is no property of the patient: the wijk, the practice, when to call."""
    return [
        {"type": {"coding": [{"system": CODES, "code": name}]}, "valueString": value}
        for name, value in shown.facts.items()
    ]


def _priority(parcel: Parcel) -> str:
    return "urgent" if parcel.urgent else "routine"


def _requester(domain: str) -> dict[str, Any]:
    identifier = {"system": GATEWAY, "value": domain}
    return {"type": "Organization", "identifier": identifier, "display": "InBeeld"}


class NoTask(ValueError):
    """It is no Task of ours, or not even a Task."""


def told_by(task: Any) -> ToldBack:
    """What a Task says; raises `NoTask` if not even the delivery is understood."""
    if not isinstance(task, dict) or task.get("resourceType") != "Task":
        raise NoTask
    delivery = _delivery(task.get("identifier"))
    on = _changed(task)
    status = task.get("status")
    unknown: list[str] = []
    facts: list[Fact] = []
    progress = _code(task.get("businessStatus"))
    if progress in PROGRESS:
        meaning = PROGRESS[progress]
        step = _code(task.get("statusReason"))
        if step in STEPS and meaning.event in TELLS_STEP:
            meaning = replace(meaning, next_step=step)
        # Attempts are told apart by their days; anything else happens once.
        key = f"fhir/{progress}" + (f"/{on}" if progress == "attempted" else "")
        anew = _PROGRESSED if progress == "corrected" else frozenset[str]()
        facts.append(Fact(key, meaning, meaning, on if progress == "attempted" else None, anew=anew))
    elif task.get("businessStatus") is not None:
        unknown.append("Task.businessStatus")
    if isinstance(status, str) and status in STATUSES:
        pair = STATUSES[status]
        if pair is not None:
            facts.append(Fact(f"fhir/{status}", *_reasoned(pair, task, unknown)))
    else:
        unknown.append("Task.status")
    # What a progress implies is told after what led to it: collected first.
    facts.sort(key=lambda fact: fact.before != _BUSY)
    return ToldBack(delivery, tuple(facts), tuple(unknown))


def _reasoned(pair: Pair, task: Mapping[str, Any], unknown: list[str]) -> Pair:
    """The meanings with the reason that the Task gives, where it gives one that we know."""
    before, after = pair
    if task.get("statusReason") is None or after is None or after.event != "stopped":
        return pair
    code = _code(task["statusReason"])
    if before is not None and code in REASONS.values():
        return Meaning(before.event, code), after
    if code in OUTCOMES.values():
        return before, Meaning(after.event, code)
    unknown.append("Task.statusReason")
    return pair


def _delivery(identifiers: Any) -> str:
    for one in identifiers if isinstance(identifiers, list) else ():
        if isinstance(one, dict) and one.get("system") == DELIVERY:
            value = one.get("value")
            if isinstance(value, str) and _ID.fullmatch(value):
                return value
    raise NoTask


def _code(concept: Any) -> str:
    """Our own code in a CodeableConcept; "" if there is none. Its text is passed over."""
    codings = concept.get("coding") if isinstance(concept, dict) else None
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict) and coding.get("system") == CODES:
            code = coding.get("code")
            if isinstance(code, str):
                return code
    return ""


def _changed(task: Mapping[str, Any]) -> date | None:
    """The local day on which it was changed, as it says itself."""
    meta = task.get("meta")
    for value in (task.get("lastModified"), meta.get("lastUpdated") if isinstance(meta, dict) else None):
        if isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value)
                return (moment.astimezone(_AMSTERDAM) if moment.tzinfo else moment).date()
            # At the ends of the calendar a moment has no local day.
            except (ValueError, OverflowError):
                continue
    return None
