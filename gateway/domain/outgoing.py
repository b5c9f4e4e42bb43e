"""What the gateway has to say to somebody, before it is said: each kind with what it is made of.

None of it is personal: closed codes, ids, names of the configuration and moments. The one thing that is
secret, the referral in a handover, is ciphertext for its organisation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.codes import DeclineReason, NextStep, StopOutcome, StopReason
from gateway.domain.messages import Code
from gateway.domain.pathway import Recipient
from gateway.domain.wording import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What fills a text of the catalogue beside what the case itself tells.

    `clock` names the clock that is the reason: when it does not matter any more, the message is taken back.
    """

    date: datetime | None = None
    until: datetime | None = None
    """How long the organisation waits for a patient who calls themselves."""
    clock: str | None = None
    problems: tuple[str, ...] = ()
    more: tuple[Code, ...] = ()
    contact_person: str | None = None
    weeks: int | None = None
    organisation: str | None = None
    backup: str | None = None
    outcome: StopOutcome | None = None
    next_step: NextStep | None = None
    reason: DeclineReason | None = None
    stop: StopReason | None = None
    again: bool | None = None
    """Whether it was said before, and nothing was heard."""
    step: str | None = None
    """The pathway's own clock that is the reason, by its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A referral, sealed for an organisation; without ciphertext it is held for a `problem`.

    `turn` tells the handovers of a case apart: each turn of it is one of its own.
    """

    case_id: str
    turn: int
    organisation_id: str | None
    media_type: str | None = None
    sealed: bytes | None = None
    sealed_for: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A text for a referrer, in the thread that began the case or in a further one (`thread` is its id).

    `once` tells repetitions apart that are meant.
    """

    case_id: str
    code: Code
    particulars: Particulars = Particulars()
    thread: str | None = None
    once: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A text for an organisation, without content; `to` says who of it reads that."""

    case_id: str
    organisation_id: str
    code: Code
    particulars: Particulars = Particulars()
    to: tuple[Recipient, ...] = (Recipient.TEAM,)
    once: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What needs the administrators, up to the audit event with that number; `serial` counts the digests."""

    serial: int
    upto: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailHead:
    """The signed end of the audit trail, for the administrators to keep elsewhere."""

    seq: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """That an organisation's mailbox has something; `number` tells one nudge from the next."""

    organisation_id: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What the administrators' own systems are told by webhook, beside the digest: the same items, and by
    their code the alarms that are about no case and nobody (`codes`)."""

    serial: int
    upto: int
    items: tuple[Item, ...]
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadAlert:
    """The same as a `TrailHead`, for the administrators' own systems, by webhook."""

    seq: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeFigures:
    """Figures over a quarter (`period`, such as 2026-3) for a practice: numbers, or what stands for one that
    is hidden because it is smaller than `below`."""

    practice_id: str
    period: str
    cells: Mapping[str, str]
    below: int

    @staticmethod
    def purpose(practice_id: str, period: str) -> str:
        """What makes it one of its own."""
        return f"figures:{practice_id}:{period}"


Outgoing = Handover | Reply | Notice | Digest | TrailHead | Nudge | Alert | HeadAlert | PracticeFigures
