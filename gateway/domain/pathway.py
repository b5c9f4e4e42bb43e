"""A pathway (zorgpad): one place's agreements as data, parsed from a file in `config/pathways/`.

It promises that a wrong file is refused with file, key and remedy, and that what `to_json` wrote, `from_json`
reads back equal: the policy is copied into the case, so that editing a file never rewrites a running promise.
"""

import functools
from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from gateway.domain.codes import KINDS, NextStep
from gateway.domain.refusal import refusal
from gateway.domain.states import Event


class Feedback(StrEnum):
    """What the referrer hears after the handover, beside the questions that only they can answer."""

    IN_BEELD = "in_beeld"
    """That the patient is in beeld; nothing after it."""
    DAT_EN_STOP = "dat_en_stop"
    """Also that support has stopped: THAT, not WHAT (Utrecht)."""
    VERVOLGSTAP = "vervolgstap"
    """Also the coded next step (Maastricht)."""
    UITKOMST = "uitkomst"
    """Also always a coded outcome (Den Haag)."""
    GEAGGREGEERD = "geaggregeerd"
    """Nothing per patient, figures overall (Rotterdam)."""


class Recipient(StrEnum):
    """Who can be told that a clock went off."""

    TEAM = "team"
    """The organisation's team, at the address that gets the referrals."""
    LEAD = "lead"
    """The organisation's team leader."""
    BACKUP = "backup"
    REFERRER = "referrer"
    ADMINISTRATOR = "administrator"


class Count(StrEnum):
    """How days are counted."""

    CALENDAR = "calendar"
    WORKING = "working"


Weekday = Literal["ma", "di", "wo", "do", "vr", "za", "zo"]
WEEKDAYS: tuple[Weekday, ...] = ("ma", "di", "wo", "do", "vr", "za", "zo")
HOLIDAYS = (
    *("Nieuwjaarsdag", "Goede vrijdag", "Eerste paasdag", "Tweede paasdag", "Koningsdag", "Hemelvaartsdag"),
    *("Eerste pinksterdag", "Tweede pinksterdag", "Eerste kerstdag", "Tweede kerstdag"),
)
"""The Dutch public holidays, as the package holidays names them; Bevrijdingsdag has a rule of its own."""

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
DEBTS = "schulden"
"""The theme of whatever names no other one."""
EVERYTHING = "alles"
"""The theme of a desk that takes whatever nobody else in its place takes, and who names no theme."""
Days = Annotated[int, Field(ge=1, le=3660)]
ClockEvents = Annotated[tuple[Event, ...], Field(min_length=1)]
Tell = tuple[Recipient, ...]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Term(_Part):
    """A length of time in whole days."""

    days: Days
    count: Count = Count.CALENDAR


class Contact(Term):
    """The promise itself; `tell` are those who hear that it was broken."""

    days: Days = 3
    tell: Tell = (Recipient.ADMINISTRATOR, Recipient.TEAM, Recipient.REFERRER)
    urgent: Term | None = None
    """The term of a referral marked as urgent; without it an urgent one has the ordinary term."""


class Reminder(_Part):
    """A notice before the deadline, at a fraction of the term."""

    at: Annotated[float, Field(gt=0, lt=1)] = 0.67
    tell: Tell = (Recipient.TEAM,)


class LastReminder(Reminder):
    """The notice shortly before the deadline."""

    at: Annotated[float, Field(gt=0, lt=1)] = 0.90
    tell: Tell = (Recipient.LEAD, Recipient.ADMINISTRATOR)


class Collect(Term):
    """By when the organisation must have taken the referral in."""

    days: Days = 1
    count: Count = Count.WORKING
    tell: Tell = (Recipient.TEAM, Recipient.ADMINISTRATOR)


class CallsFirst(Term):
    """How long the organisation waits for a patient who, as the mail announces, calls themselves."""

    enabled: bool = True
    days: Days = 1
    count: Count = Count.WORKING
    tell: Tell = (Recipient.TEAM,)


class Backup(Term):
    """How long after the broken promise the backup organisation takes over."""

    enabled: bool = True
    days: Days = 1
    count: Count = Count.WORKING
    tell: Tell = (Recipient.TEAM, Recipient.BACKUP, Recipient.ADMINISTRATOR)


class Extra(Term):
    """A further clock, met by one of `met_by` (Oss: 14 days); it runs from receipt, or `since` an event."""

    kind: Code
    met_by: ClockEvents
    since: Event | None = None
    title: Annotated[str, Field(max_length=80)] = ""
    """What it waits for, in the words of the organisation."""
    tell: Tell = (Recipient.TEAM, Recipient.ADMINISTRATOR)


Told = Annotated[Tell, Field(min_length=1)]


class Repeat(_Part):
    """What nobody acts on is told again, until somebody does: after how many working days, and to whom.

    Somebody is always told: a list can't be empty. Where the referrer stands in one, they hear it again after
    `referrer_days`.
    """

    days: Days = 2
    referrer_days: Days = 5
    overdue: Told = (Recipient.TEAM, Recipient.LEAD, Recipient.REFERRER, Recipient.ADMINISTRATOR)
    """Contact is late."""
    nobody: Told = (Recipient.REFERRER, Recipient.ADMINISTRATOR)
    """An organisation declined and nobody else was found, or nobody serves the wijk."""
    withdrawal: Told = (Recipient.TEAM, Recipient.LEAD, Recipient.ADMINISTRATOR)
    """The organisation did not confirm that it knows of a withdrawal."""
    held: Told = (Recipient.ADMINISTRATOR,)
    """Something can't leave."""
    step: Told = (Recipient.TEAM, Recipient.ADMINISTRATOR)
    """A further clock went off and nothing met it."""
    quarantine: Told = (Recipient.ADMINISTRATOR,)
    """A mail in quarantine will soon be destroyed."""


class NextStepWords(_Part):
    """Words of a place for one of the coded next steps."""

    code: NextStep
    words: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[^\W\d_]+(?: [^\W\d_]+){0,4}$", max_length=80)], ...],
        Field(min_length=1),
    ]


class Hours(_Part):
    """When people may be disturbed: local time, the same on each open day."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = ("ma", "di", "wo", "do", "vr")
    opens: time = time(9)
    closes: time = time(17)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes or self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("opens must be earlier than closes, both plain local times")
        return self


class Closed(_Part):
    """Days without work beside the weekly ones: the Dutch public holidays, more or fewer of them."""

    public: bool = True
    bevrijdingsdag: Literal["never", "lustrum", "always"] = "lustrum"
    without: tuple[str, ...] = ()
    """Public holidays on which people do work, by their Dutch name ("Goede vrijdag")."""
    days: tuple[date, ...] = ()

    @field_validator("without")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [name for name in names if name not in HOLIDAYS]:
            raise ValueError(f"{unknown[0]!r} is not one of {', '.join(HOLIDAYS)}")
        return names


class Unreachable(_Part):
    """When an organisation may say that a patient can't be reached: tries, and on how many days."""

    attempts: Annotated[int, Field(ge=1, le=20)] = 3
    days: Annotated[int, Field(ge=1, le=20)] = 2


class Question(_Part):
    """What happens when the referrer leaves a question unanswered (working days after it was asked)."""

    remind: Days = 2
    give_up: Days = 5
    late: Annotated[int, Field(ge=0, le=90)] = 14
    """So many calendar days after that, what was read so far is kept, for an answer that comes late."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.remind >= self.give_up:
            raise ValueError("remind must come before give_up")
        return self


class ReceiptRule(_Part):
    """The answer to a referral. `receipt = true` or `false` in a file says `send` alone."""

    send: bool = True
    digits: Literal[0, 2] = 2
    """So many last figures of the patient's number are shown, so that a mistake is seen at a glance."""


class Theme(_Part):
    """What a referral is about, beside where the patient lives. Pathways of one theme share its addresses and
    its words; `addresses` are what stands before the @ in an address of the gateway's own domain."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")] = DEBTS
    title: Annotated[str, Field(max_length=60, pattern=r"^[^\r\n\x00]*$")] = ""
    """For people; a referrer is asked with it, and may answer with it."""
    addresses: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")], ...], Field(max_length=10)
    ] = ()
    words: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[^\W_]+(?:[ -][^\W_]+){0,4}$", max_length=60)], ...],
        Field(max_length=40),
    ] = ()
    """In a mail to an address of no theme, these say what it is about."""

    @property
    def called(self) -> str:
        """Its title, or else its name."""
        return self.title or self.name.replace("-", " ").capitalize()


class Retention(_Part):
    """How long what is still sealed is kept, in calendar days."""

    parcel_days: Annotated[int, Field(ge=0, le=365)] = 7
    """A delivered parcel, after the organisation acknowledged it."""
    quarantine_days: Days = 14
    closed_days: Days = 30
    """A case's own key, after the case ended."""
    ceiling_days: Days = 365
    """Any case, after its receipt."""
    notice_days: Annotated[int, Field(ge=1, le=90)] = 7
    """So long before a case is closed by time, it is told."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("is not the name of a time zone, such as Europe/Amsterdam") from None
    return name


def _words(words: tuple[str, ...]) -> tuple[str, ...]:
    if any(not word.strip() or word != word.strip().lower() for word in words):
        raise ValueError("words must be lower case and not empty")
    return words


class Pathway(_Part):
    """One place's agreements. Every key but name and title has a default: Almere's agreement."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Amsterdam"
    feedback: Feedback = Feedback.IN_BEELD
    receipt: ReceiptRule = ReceiptRule()
    status: bool = True
    needs: Literal["wijk", "gemeente"] = "wijk"
    """`gemeente`: one desk serves the whole of it, and no wijk is asked for."""
    reach: Literal["phone", "parent", "place"] = "phone"
    """How a patient is reached: by a number of their own; of a child also by a parent's (and consent is the
    parents'); or without any, at a place where they are found. Only for mail to an address of the theme."""
    theme: Theme = Theme()
    by_hand: bool = False
    """Whether the organisation's colleagues enter cases themselves, for who walks in or calls."""
    consent: bool = False
    contact_person: bool = False
    assessment: bool = False
    """The organisation gets how the referrer judges what the patient can do alone, where the mail says so."""
    urgent_words: Annotated[tuple[str, ...], AfterValidator(_words)] = (
        "spoed",
        "crisis",
        "huisuitzetting",
        "afsluiting",
    )
    suppress_below: Annotated[int, Field(ge=1, le=100)] = 5
    copyable_note: bool = False
    steps: Annotated[tuple[NextStep, ...], Field(min_length=1)] = (
        NextStep.INTAKE,
        NextStep.BUDGET_HELP,
        NextStep.DEBT_COUNSELLING,
        NextStep.WELFARE,
        NextStep.NO_FOLLOW_UP,
    )
    """The next steps that are offered on pages."""
    next_step: tuple[NextStepWords, ...] = ()
    """What organisations here call a next step, beside the words that the gateway knows."""
    registration_hint: Annotated[str, Field(max_length=80)] = ""
    meeting_weeks: Annotated[int, Field(ge=0, le=52)] = 0
    contact: Contact = Contact()
    collect: Collect = Collect()
    calls_first: CallsFirst = CallsFirst()
    warn: Reminder = Reminder()
    urge: LastReminder = LastReminder()
    backup: Backup = Backup()
    clock: tuple[Extra, ...] = ()
    hours: Hours = Hours()
    closed: Closed = Closed()
    unreachable: Unreachable = Unreachable()
    question: Question = Question()
    repeat: Repeat = Repeat()
    retention: Retention = Retention()

    @field_validator("receipt", mode="before")
    @classmethod
    def _whole_receipt(cls, value: object) -> object:
        return {"send": value} if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.warn.at >= self.urge.at:
            raise ValueError("warn.at must be smaller than urge.at")
        kinds = [extra.kind for extra in self.clock]
        if len(set(kinds)) != len(kinds) or set(kinds) & KINDS:
            raise ValueError("each clock needs a kind of its own, not one of the gateway's")
        return self

    def __hash__(self) -> int:
        # The generated one goes through every part, each time.
        return hash((self.name, self.title))

    @functools.lru_cache(maxsize=256)  # noqa: B019 - there are few of them, and all live on
    def to_json(self) -> str:
        """The policy as it is copied into a case, defaults included."""
        return self.model_dump_json()

    @classmethod
    @functools.lru_cache(maxsize=256)
    def from_json(cls, text: str) -> "Pathway":
        """The policy a case was started with; raises `ConfigErrors` if it isn't one.

        Cases share few policies and none changes, so each is parsed once.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise refusal("the case's copy of its pathway", error, _EXAMPLE) from None

    @classmethod
    def parse(cls, file: str, table: Mapping[str, Any]) -> "Pathway":
        """The pathway in a parsed TOML table; raises `ConfigErrors` with every fault: file, key, remedy."""
        try:
            return cls.model_validate(dict(table))
        except ValidationError as error:
            raise refusal(file, error, _EXAMPLE) from None


_EXAMPLE = "config/pathways/almere.toml"
