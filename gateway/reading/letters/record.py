"""What a letter in a thread of ours was understood to say, as closed codes.

It promises that no text of a letter is in a record: beside codes there is only a Reading, which holds what a
referral holds. The records cross a process boundary as JSON, and are read back strictly by their types.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.reading.mail.wrapping import Unopened
from gateway.reading.record import Reading

PARENT, PLACE = "parent", "place"
"""Whom the numbers reach where it was so agreed (`reach`): a parent; or nobody, and the mail says where the
patient is found."""


class PracticeKind(StrEnum):
    """What a practice's letter is."""

    NEW_PATIENT = "new_patient"
    """A complete or partial referral of somebody else than the patient of this thread."""
    CORRECTED = "corrected"
    """A field of this thread's patient has another value: `changed` says which, `reading` holds them."""
    COMPLETED = "completed"
    """Fields that were missing, or the answer to what we asked: `reading` is what is known now."""
    STOP = "stop"
    """Nobody should call this patient any more: `reason` says why."""
    STATUS = "status"
    """The practice asks how it stands."""
    CONFIRMED = "confirmed"
    """What we have is right (the number of a patient who was not reached); `day_part` says when to call."""
    NOTHING = "nothing"
    """Thanks, "ok", a signature, nothing at all, or the same again."""
    AUTOMATIC = "automatic"
    """A machine wrote it, and it holds no referral."""
    UNCLEAR = "unclear"
    """Everything else: a person must read it."""


class Stop(StrEnum):
    """Why nobody should call any more."""

    DECEASED = "deceased"
    ADMITTED = "admitted"
    MOVED = "moved"
    WRONG_PATIENT = "wrong_patient"
    PATIENT_DECLINED = "patient_declined"
    WITHDRAWN = "withdrawn"
    DO_NOT_CALL = "do_not_call"


class Consent(StrEnum):
    """Whether a letter says that the patient agreed."""

    GIVEN = "given"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    """It speaks of consent, but does not plainly say that it was given."""
    UNSAID = "unsaid"


class Topic(StrEnum):
    """What an unclear letter seems to be about, so that a person sees what can't wait."""

    STOP = "stop"
    NUMBER = "number"
    OTHER_PATIENT = "other_patient"
    QUESTION = "question"
    CONTACT = "contact"
    """An organisation's letter that speaks of contact, but also of a doubt, a plan or somebody else."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PracticeLetter:
    """A practice's letter. `automatic` says that a machine sent it, so that nobody is answered."""

    kind: PracticeKind
    reading: Reading | None = None
    changed: tuple[str, ...] = ()
    """For CORRECTED: of "name", "phone" and "wijk" those that differ."""
    reason: Stop | None = None
    day_part: str | None = None
    """For CONFIRMED: ochtend, middag or avond, if the letter names one of them and no other."""
    consent: Consent = Consent.UNSAID
    topic: Topic | None = None
    """For UNCLEAR; for CORRECTED if more is said there than what is corrected, which a person must read."""
    automatic: bool = False
    named: tuple[str, ...] = ()
    """What has the form of a kenmerk in the subject and in what they wrote: it may be another case's."""
    unopened: Unopened | None = None
    """For UNCLEAR: why what the letter holds can't be read, if it is that."""


class ReportCode(StrEnum):
    """What an organisation reported: the gateway's own words for events, and two that stand for more."""

    COLLECTED = "collected"
    ATTEMPTED = "attempted"
    CONTACTED = "contacted"
    SELF_CONTACT = "self_contact"
    INTAKE_PLANNED = "intake_planned"
    NO_SHOW = "no_show"
    APPOINTMENT_HELD = "appointment_held"
    EXPERT_TALK = "expert_talk"
    THREE_WAY_TALK = "three_way_talk"
    IN_SUPPORT = "in_support"
    STOPPED = "stopped"
    DECLINED = "declined"
    CORRECTED = "corrected"
    SEEN = "seen"
    """GEZIEN: confirms a withdrawal or a stop where one is open, and is `collected` otherwise."""
    WRONG_NUMBER = "wrong_number"
    """The number is somebody else's or does not exist: the practice is asked at once."""


class OrganisationKind(StrEnum):
    """What an organisation's letter is."""

    REPORT = "report"
    AUTOMATIC = "automatic"
    NOTHING = "nothing"
    """Thanks alone, or nothing of its own."""
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class OrganisationLetter:
    """An organisation's letter. The codes beside `report` are those of the domain, by their values."""

    kind: OrganisationKind
    report: ReportCode | None = None
    reason: str | None = None
    outcome: str | None = None
    day_part: str | None = None
    next_step: str | None = None
    topic: Topic | None = None
    named: tuple[str, ...] = ()
    """As of a practice's letter."""


class BounceKind(StrEnum):
    """What became of a mail of ours, as a mail server tells it."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    UNCLEAR = "unclear"
    """It came back, or speaks of failure, but does not say which: for a person to look."""


class BounceReason(StrEnum):
    """Why it failed, as far as a status code or a usual sentence tells."""

    NO_MAILBOX = "no_mailbox"
    MAILBOX_FULL = "mailbox_full"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    NO_HOST = "no_host"
    EXPIRED = "expired"
    LOOP = "loop"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server says of a mail of ours.

    `deliveries` are the delivery ids its Message-IDs name (32 hex digits), `returns` the local parts of our
    return addresses. Neither is proof: whoever has seen the mail knows the first, and the second is for
    `gate.tokens` to check.
    """

    kind: BounceKind
    reason: BounceReason | None = None
    deliveries: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
