"""The tasks of a reading process: pure functions over one mail, each with the closed record it gives.

A task is known by its name on both sides. What the process says is read by the record's own types: strict,
with nothing beside them; anything else is no answer. To add one, add a line to `FUNCTIONS` and a `Task`.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from gateway.gate.answers import Known, packed, unpacked
from gateway.gate.envelope import Envelope
from gateway.gate.examination import Examined, Rules, examine
from gateway.reading.mail.answer import own_text
from gateway.reading.mail.bounce import bounced
from gateway.reading.mail.display import Display, display, display_head
from gateway.reading.mail.message import parse_head
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import Reading, complete, known_reading, read

ANSWER_BYTES = 64 * 1024

R = TypeVar("R")


@dataclass(frozen=True)
class Task(Generic[R]):
    """One kind of work; `most` bounds its answer in bytes of JSON."""

    name: str
    gives: Any
    most: int = ANSWER_BYTES

    @cached_property
    def _adapter(self) -> TypeAdapter[R]:
        return TypeAdapter(self.gives)

    def understood(self, answer: bytes) -> R:
        """The record in an answer; raises ValueError for anything else."""
        return self._adapter.validate_json(answer, strict=True)


@dataclass(frozen=True, slots=True)
class Job(Generic[R]):
    """One mail and what to do with it; `given` is JSON."""

    task: Task[R]
    raw: bytes
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """What a reading process was told at its start of where it reads."""

    gazetteer: Gazetteer
    urgent_words: frozenset[str]


READ: Task[Reading] = Task("read", Reading)
EXAMINE: Task[Examined] = Task("examine", Examined)
DISPLAY: Task[Display] = Task("display", Display, 256 * 1024)
HEAD: Task[Display] = Task("head", Display)
OWN_TEXT: Task[str] = Task("own_text", str)
BOUNCE: Task[tuple[str, ...]] = Task("bounce", tuple[str, ...])


def to_read(
    raw: bytes, practice_phones: frozenset[str] = frozenset(), known: Reading | None = None
) -> Job[Reading]:
    """Read a mail as a referral; with `known`, as an answer that completes it."""
    told = None if known is None else asdict(known)
    return Job(READ, raw, {"phones": sorted(practice_phones), "known": told})


def to_examine(
    raw: bytes,
    envelope: Envelope,
    rules: Rules,
    received_at: datetime,
    answers: Known,
) -> Job[Examined]:
    """Examine the head of a mail, and prove its sender as far as `answers` go."""
    given = {
        "envelope": asdict(envelope),
        "rules": asdict(rules),
        "at": received_at.isoformat(),
        "answers": packed(answers),
    }
    return Job(EXAMINE, raw, given)


def to_display(raw: bytes) -> Job[Display]:
    """What a person sees of a mail."""
    return Job(DISPLAY, raw, {})


def to_display_head(raw: bytes) -> Job[Display]:
    """The same from its header alone, for a mail whose body can't be read."""
    return Job(HEAD, raw, {})


def to_find_bounced(raw: bytes, domain: str) -> Job[tuple[str, ...]]:
    """Which of our deliveries a bounce is about."""
    return Job(BOUNCE, raw, {"domain": domain})


def _read(raw: bytes, given: Mapping[str, Any], place: Place) -> Reading:
    phones = frozenset(given["phones"])
    if given["known"] is None:
        return read(raw, place.gazetteer, phones, place.urgent_words)
    return complete(raw, place.gazetteer, phones, known_reading(given["known"]), place.urgent_words)


def _examine(raw: bytes, given: Mapping[str, Any], place: Place) -> Examined:
    envelope = Envelope(**{**given["envelope"], "rcpt_tos": tuple(given["envelope"]["rcpt_tos"])})
    at, answers = datetime.fromisoformat(given["at"]), unpacked(given["answers"])
    return examine(raw, envelope, Rules(**given["rules"]), at, answers)


FUNCTIONS: dict[str, Callable[[bytes, Mapping[str, Any], Place], Any]] = {
    "read": _read,
    "examine": _examine,
    "display": lambda raw, given, place: display(raw),
    "head": lambda raw, given, place: display_head(parse_head(raw)),
    "own_text": lambda raw, given, place: own_text(raw),
    "bounce": lambda raw, given, place: bounced(raw, given["domain"]),
}
