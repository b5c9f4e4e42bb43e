"""The tasks of a reading process: pure functions over one mail, each with the closed record it gives; and how
they and their answers travel.

A task is known by its name on both sides. What the process says is read strictly, by the types of the record;
anything else is no answer. To add one, add a `Task` here and a line to `FUNCTIONS` in `functions`, which
reading processes alone load.

Both go over a socket as frames: four bytes of length, then that many bytes. The reading process waits for
each (`receive`); our side never does (`Inbound`), because whom it talks to may be hostile.
"""

import socket
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from gateway.gate.authenticity import Envelope, Examined, Inside, Known, Rules, packed
from gateway.reading.letters.record import Bounce, Consent, OrganisationLetter, PracticeLetter
from gateway.reading.letters.tlsreport import TlsReport
from gateway.reading.mail.display import Display
from gateway.reading.mail.wrapping import Layer, Wrapping
from gateway.reading.record import Reading, members

if TYPE_CHECKING:
    from pydantic import TypeAdapter

ANSWER_BYTES = 64 * 1024
NO_STEPS: Final[Mapping[str, str]] = MappingProxyType({})

R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True)
class Task(Generic[R_co]):
    """One kind of work; `most` bounds its answer in bytes of JSON."""

    name: str
    gives: Any
    most: int = ANSWER_BYTES

    @cached_property
    def _adapter(self) -> "TypeAdapter[R_co]":
        # Only our side reads answers: the reading processes are spared its memory.
        from pydantic import TypeAdapter

        return TypeAdapter(self.gives)

    def understood(self, answer: bytes) -> R_co:
        """The record in an answer; raises ValueError for anything else."""
        return self._adapter.validate_json(answer, strict=True)


@dataclass(frozen=True, slots=True)
class MailJob(Generic[R_co]):
    """One mail and what to do with it; `given` is JSON."""

    task: Task[R_co]
    raw: bytes
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PackedLayer:
    """A `Layer` as JSON can hold it."""

    kind: Wrapping
    content: str
    outer: str


READ: Task[Reading] = Task("read", Reading)
EXAMINE: Task[Examined] = Task("examine", Examined, 256 * 1024)
INSIDE: Task[Inside] = Task("inside", Inside)
DISPLAY: Task[Display] = Task("display", Display, 256 * 1024)
HEAD: Task[Display] = Task("head", Display)
SENDER: Task[str | None] = Task("sender", str | None)
BOUNCE: Task[Bounce | None] = Task("bounce", Bounce | None)
UNWRAP: Task[PackedLayer | None] = Task("unwrap", PackedLayer | None, 64 * 1024 * 1024)
LETTER: Task[PracticeLetter] = Task("letter", PracticeLetter)
REPORT: Task[OrganisationLetter] = Task("report", OrganisationLetter)
CONSENT: Task[Consent] = Task("consent", Consent)
THEMES: Task[tuple[str, ...]] = Task("themes", tuple[str, ...])
TLS_REPORT: Task[TlsReport | None] = Task("tls_report", TlsReport | None)


def to_read(
    raw: bytes,
    practice_phones: frozenset[str] = frozenset(),
    known: Reading | None = None,
    reach: str = "phone",
) -> MailJob[Reading]:
    """Read a mail as a referral; with `known`, as an answer that completes it. `reach` is how the patient is
    reached (see `reached`)."""
    told = None if known is None else asdict(known)
    return MailJob(READ, raw, {"phones": sorted(practice_phones), "known": told, "reach": reach})


def to_examine(
    raw: bytes,
    envelope: Envelope,
    rules: Rules,
    received_at: datetime,
    answers: Known,
) -> MailJob[Examined]:
    """Examine the head of a mail, and prove its sender as far as `answers` go."""
    given = {
        "envelope": members(envelope),
        "rules": members(rules),
        "at": received_at.isoformat(),
        "answers": packed(answers),
    }
    return MailJob(EXAMINE, raw, given)


def to_look_inside(raw: bytes, signature: str | None) -> MailJob[Inside]:
    """What the whole of a mail says, of which `signature` proved who sent it (see `look_inside`)."""
    return MailJob(INSIDE, raw, {"signature": signature})


def to_display(raw: bytes) -> MailJob[Display]:
    """What a person sees of a mail."""
    return MailJob(DISPLAY, raw, {})


def to_display_head(raw: bytes) -> MailJob[Display]:
    """The same from its header alone, for a mail whose body can't be read."""
    return MailJob(HEAD, raw, {})


def to_find_sender(raw: bytes) -> MailJob[str | None]:
    """The one address in From, folded; proven by nothing."""
    return MailJob(SENDER, raw, {})


def to_judge_bounce(raw: bytes, *domains: str, addressed: bool) -> MailJob[Bounce | None]:
    """What a mail says of mails of ours (see `bounce_of`)."""
    return MailJob(BOUNCE, raw, {"domains": [*domains], "addressed": addressed})


def to_read_letter(
    raw: bytes,
    practice_phones: frozenset[str],
    known: Reading | None,
    *,
    unreachable: bool = False,
    reach: str = "phone",
) -> MailJob[PracticeLetter]:
    """What a practice wrote in the thread of a case (see `practice_letter`)."""
    told = None if known is None else asdict(known)
    return MailJob(
        LETTER,
        raw,
        {"phones": sorted(practice_phones), "known": told, "unreachable": unreachable, "reach": reach},
    )


def to_read_report(
    raw: bytes,
    names: frozenset[str] = frozenset(),
    next_steps: Mapping[str, str] = NO_STEPS,
    between: tuple[datetime, datetime] | None = None,
) -> MailJob[OrganisationLetter]:
    """What an organisation wrote on a case (see `organisation_letter`); `next_steps` are words of this place
    for a next step, beside those that everybody uses, `between` when the referral came and when the letter.

    A day more before, and the last hours of the day after it, because midnight is another one elsewhere.
    """
    told = [between[0] - timedelta(days=1), between[1] + timedelta(hours=2)] if between else []
    days = [each.date().isoformat() for each in told]
    return MailJob(REPORT, raw, {"names": sorted(names), "next_steps": dict(next_steps), "days": days})


def to_unwrap(raw: bytes, opened: bytes | None = None) -> MailJob[PackedLayer | None]:
    """Take off what needs no key; with `opened`, from that put back into the mail it was in. None if it is
    damaged."""
    return MailJob(UNWRAP, raw, {"opened": None if opened is None else b64encode(opened).decode()})


def unwrapped_bytes(told: PackedLayer | None) -> Layer | None:
    """The layer in an answer; raises ValueError for what is no base64."""
    return None if told is None else Layer(told.kind, b64decode(told.content), b64decode(told.outer))


def to_find_consent(raw: bytes, *, asked: bool, parents: bool = False) -> MailJob[Consent]:
    """What a mail says of the patient's consent, or of that of the `parents`."""
    return MailJob(CONSENT, raw, {"asked": asked, "parents": parents})


def to_find_themes(raw: bytes, words: Mapping[str, str]) -> MailJob[tuple[str, ...]]:
    """Which themes a mail names, by these words."""
    return MailJob(THEMES, raw, {"words": dict(words)})


def to_read_tls_report(raw: bytes) -> MailJob[TlsReport | None]:
    """What another server reports of TLS to us, if that is what it is."""
    return MailJob(TLS_REPORT, raw, {})


DONE, FAILED = b"=", b"!"
"""How an answer begins: with a result, or with the fact that there is none."""

OUT_OF_MEMORY = FAILED + b"memory"
_LENGTH = 4
_PIECE = 256 * 1024


def framed(*frames: bytes) -> bytes:
    """Frames, in order, as they go over the socket."""
    return b"".join(len(frame).to_bytes(_LENGTH, "big") + frame for frame in frames)


def receive(source: socket.socket) -> bytes:
    """One frame. Raises EOFError when the other side is gone."""
    return _exactly(source, int.from_bytes(_exactly(source, _LENGTH), "big"))


def _exactly(source: socket.socket, size: int) -> bytes:
    content = bytearray(size)
    view = memoryview(content)
    done = 0
    while done < size:
        count = source.recv_into(view[done:])
        if not count:
            raise EOFError
        done += count
    return bytes(content)


class Inbound:
    """What has come over a socket that is not waited for, until it makes whole frames."""

    def __init__(self) -> None:
        self._content = bytearray()

    def take(self, source: socket.socket) -> None:
        """Take what is there. Raises EOFError when the other side is gone."""
        piece = source.recv(_PIECE)
        if not piece:
            raise EOFError
        self._content += piece

    def frame(self, most: int) -> bytes | None:
        """The next frame, if it is all there. Raises EOFError if it is larger than `most`."""
        if len(self._content) < _LENGTH:
            return None
        end = _LENGTH + int.from_bytes(self._content[:_LENGTH], "big")
        if end - _LENGTH > most:
            raise EOFError
        if len(self._content) < end:
            return None
        frame = bytes(self._content[_LENGTH:end])
        del self._content[:end]
        return frame
