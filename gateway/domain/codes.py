"""The closed codes that go with an event, and the words other systems use for our states.

It promises that what an organisation says reaches a referrer only as one of these codes, never as free text.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.domain.states import State


class Kind(StrEnum):
    """The gateway's own clocks; a pathway can add others, whose kind is a plain word."""

    COLLECT = "collect"
    WARN = "warn"
    URGE = "urge"
    CONTACT = "contact"
    BACKUP = "backup"
    RETIRE = "retire"
    REMIND = "remind"
    GIVE_UP = "give_up"
    REROUTE = "reroute"
    """Due at once, where a role without keys left it to the worker to find the next organisation."""
    REPEAT = "repeat"
    """What nobody acts on is told again (see `escalation`)."""
    CLOSING = "closing"
    """That a case will be closed by time is told before."""
    FORGET = "forget"
    """From then on a late answer completes nothing: what was kept for it is destroyed."""
    CALLS_FIRST = "calls_first"
    """A patient who would call themselves did not: the organisation calls."""


KINDS: Final[frozenset[str]] = frozenset(Kind)


class DeclineReason(StrEnum):
    """Why an organisation does not take a referral."""

    CAPACITY = "capacity"
    AREA = "area"
    NOT_APPROPRIATE = "not_appropriate"
    DUPLICATE = "duplicate"
    PATIENT_DECLINED = "patient_declined"


REROUTES: Final = frozenset({DeclineReason.CAPACITY, DeclineReason.AREA, DeclineReason.NOT_APPROPRIATE})
"""The reasons after which somebody else should call; after the others nobody needs to."""


class StopReason(StrEnum):
    """Why nobody should call a patient any more, as a practice said it: the values of the reader's own."""

    DECEASED = "deceased"
    ADMITTED = "admitted"
    MOVED = "moved"
    WRONG_PATIENT = "wrong_patient"
    PATIENT_DECLINED = "patient_declined"
    WITHDRAWN = "withdrawn"
    DO_NOT_CALL = "do_not_call"


class StopOutcome(StrEnum):
    """How support ended."""

    COMPLETED = "completed"
    REFERRED_ON = "referred_on"
    PATIENT_STOPPED = "patient_stopped"
    LOST_CONTACT = "lost_contact"
    MOVED = "moved"
    NO_NEED = "no_need"
    OTHER = "other"


class NextStep(StrEnum):
    """What comes after contact, for places that agreed to tell it (feedback `vervolgstap`). A pathway may
    allow a few of them only, of which the words are its own."""

    INTAKE = "intake"
    BUDGET_HELP = "budget_help"
    DEBT_COUNSELLING = "debt_counselling"
    WELFARE = "welfare"
    ACTIVITY = "activity"
    CALL_ROUND = "call_round"
    BUDDY = "buddy"
    COURSE = "course"
    SELF_RELIANT = "self_reliant"
    LOCAL_TEAM = "local_team"
    PROTECTION = "protection"
    NO_OFFER = "no_offer"
    NO_FOLLOW_UP = "no_follow_up"


class Assessment(StrEnum):
    """How a referrer judges what a patient can do alone (Lijn 2: inschatting van de situatie)."""

    ZELFREDZAAM = "zelfredzaam"
    MET_BEGELEIDING = "met_begeleiding"
    NIET_ZELFREDZAAM = "niet_zelfredzaam"


class DayPart(StrEnum):
    """When a call was tried."""

    OCHTEND = "ochtend"
    MIDDAG = "middag"
    AVOND = "avond"


FHIR_TASK_STATUS: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.RECEIVED: "requested",
        State.NEEDS_INFO: "requested",
        State.QUARANTINED: "requested",
        State.ROUTED: "requested",
        State.DELIVERED: "requested",
        State.COLLECTED: "accepted",
        State.ATTEMPTED: "in-progress",
        State.CONTACTED: "in-progress",
        State.INTAKE_PLANNED: "in-progress",
        State.NO_SHOW: "in-progress",
        State.APPOINTMENT_HELD: "in-progress",
        State.EXPERT_TALK: "in-progress",
        State.THREE_WAY_TALK: "in-progress",
        State.IN_SUPPORT: "in-progress",
        State.STOPPED: "completed",
        State.DECLINED: "rejected",
        State.UNREACHABLE: "failed",
        State.WITHDRAWN: "cancelled",
        State.RETURNED: "failed",
        State.CLOSED: "completed",
    }
)
"""State -> code of HL7 FHIR R4 `TaskStatus`, for export."""
