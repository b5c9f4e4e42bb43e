"""The tasks of a reading process: pure functions over one mail, each with the closed record it gives.

A task is known by its name on both sides. What the process says is read strictly, by the types of the record;
anything else is no answer. To add one, add a line to `FUNCTIONS` and a `Task`.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from phonenumbers import PhoneMetadata

from gateway.gate.answers import Known, Question, Record, packed, unpacked
from gateway.gate.envelope import Envelope
from gateway.gate.examination import Examined, Rules, examine
from gateway.gate.header import from_address
from gateway.reading.letters.bounce import bounce_of
from gateway.reading.letters.consent import consent_of
from gateway.reading.letters.organisation import organisation_letter
from gateway.reading.letters.practice import practice_letter
from gateway.reading.letters.reach import answer_reached, parents_consent, reached
from gateway.reading.letters.record import Bounce, Consent, OrganisationLetter, PracticeLetter
from gateway.reading.letters.reports import NEXT_STEPS
from gateway.reading.letters.theme import themes_of
from gateway.reading.letters.tlsreport import TlsReport, tls_report
from gateway.reading.mail.display import Display, display, display_head
from gateway.reading.mail.message import parse_head
from gateway.reading.mail.office import load
from gateway.reading.mail.wrapping import Damaged, Layer, Wrapping, rejoined, unwrapped
from gateway.reading.patient.lexicon import load_words
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import Reading, complete, known_reading, read

if TYPE_CHECKING:
    from pydantic import TypeAdapter

ANSWER_BYTES = 64 * 1024

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
class ReaderContext:
    """What a reading process was told at its start of where it reads."""

    gazetteer: Gazetteer
    urgent_words: frozenset[str]


@dataclass(frozen=True, slots=True)
class PackedLayer:
    """A `Layer` as JSON can hold it."""

    kind: Wrapping
    content: str
    outer: str


READ: Task[Reading] = Task("read", Reading)
EXAMINE: Task[Examined] = Task("examine", Examined, 256 * 1024)
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
        "envelope": asdict(envelope),
        "rules": asdict(rules),
        "at": received_at.isoformat(),
        "answers": packed(answers),
    }
    return MailJob(EXAMINE, raw, given)


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
    raw: bytes, names: frozenset[str] = frozenset(), next_steps: Mapping[str, str] = NEXT_STEPS
) -> MailJob[OrganisationLetter]:
    """What an organisation wrote on a case (see `organisation_letter`)."""
    return MailJob(REPORT, raw, {"names": sorted(names), "next_steps": dict(next_steps)})


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


def _read(raw: bytes, given: Mapping[str, Any], context: ReaderContext) -> Reading:
    phones = frozenset(given["phones"])
    if given["known"] is None:
        reading = read(raw, context.gazetteer, phones, context.urgent_words)
        return reached(raw, reading, phones, given["reach"])
    return complete(raw, context.gazetteer, phones, known_reading(given["known"]), context.urgent_words)


def _letter(raw: bytes, given: Mapping[str, Any], context: ReaderContext) -> PracticeLetter:
    known = None if given["known"] is None else known_reading(given["known"])
    phones = frozenset(given["phones"])
    letter = practice_letter(
        raw,
        context.gazetteer,
        phones,
        known,
        unreachable=given["unreachable"],
        urgent_words=context.urgent_words,
    )
    return answer_reached(raw, letter, known, phones, given["reach"])


def _unwrap(raw: bytes, given: Mapping[str, Any], context: ReaderContext) -> PackedLayer | None:
    mail = raw if given["opened"] is None else rejoined(raw, b64decode(given["opened"]))
    try:
        layer = unwrapped(mail)
    except Damaged:
        return None
    return PackedLayer(layer.kind, b64encode(layer.content).decode(), b64encode(layer.outer).decode())


def _report(raw: bytes, given: Mapping[str, Any], context: ReaderContext) -> OrganisationLetter:
    return organisation_letter(raw, frozenset(given["names"]), given["next_steps"])


def _examine(raw: bytes, given: Mapping[str, Any], context: ReaderContext) -> Examined:
    envelope = Envelope(**{**given["envelope"], "rcpt_tos": tuple(given["envelope"]["rcpt_tos"])})
    at, answers = datetime.fromisoformat(given["at"]), unpacked(given["answers"])
    return examine(raw, envelope, Rules(**given["rules"]), at, answers)


FUNCTIONS: dict[str, Callable[[bytes, Mapping[str, Any], ReaderContext], Any]] = {
    "read": _read,
    "examine": _examine,
    "display": lambda raw, given, context: display(raw),
    "head": lambda raw, given, context: display_head(parse_head(raw)),
    "sender": lambda raw, given, context: from_address(raw),
    "bounce": lambda raw, given, context: bounce_of(raw, *given["domains"], addressed=given["addressed"]),
    "unwrap": _unwrap,
    "letter": _letter,
    "report": _report,
    "tls_report": lambda raw, given, context: tls_report(raw),
    "consent": lambda raw, given, context: (parents_consent if given["parents"] else consent_of)(
        raw, asked=given["asked"]
    ),
    "themes": lambda raw, given, context: themes_of(raw, given["words"]),
}


_WARM_UP = (
    b'Subject: =?utf-8?q?aanmelding?=\r\nFrom: "A, B" <a@b.example>\r\nTo: x: c@d.example;\r\n'
    b"Date: Sun, 22 Nov 2026 12:00:00 +0100\r\nContent-Type: multipart/mixed; boundary=b\r\n"
    b"DKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=s; h=from; bh=AAAA; b=AAAA\r\n\r\n"
    b"--b\r\nContent-Type: text/html\r\n\r\n<p>Naam: mw. A. Jansen<br>Tel: 06-11111111</p>\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nBel +32 470 12 34 56 of +351 912 345 678\r\n--b--\r\n"
)

_SIGNED = (
    "303806092a864886f70d010702a02b30290201013100302006092a864886f70d010701a01304115375626a6563743a20"
    "780d0a0d0a486f693100"
)


def warm_up(context: ReaderContext) -> None:
    """Do every task once, so that what the libraries load on first use is loaded."""
    PhoneMetadata.load_all()
    load()
    load_words()
    envelope = Envelope("a@xn--b-7fa.example", (), "2001:db8::1", "b.example")
    for method in ("self", "front"):
        rules = Rules(method, "d.example", "mx.d.example")
        known: dict[Question, tuple[Record, ...] | None] = {}
        for _ in range(3):
            told = examine(_WARM_UP, envelope, rules, datetime(2026, 11, 22, 12, tzinfo=UTC), known)
            known |= dict.fromkeys(told.wanted, (b"v=spf1 -all",))
    reading = asdict(read(b"Subject: x\r\n\r\nNaam: A. Jansen", context.gazetteer))
    given = {"phones": [], "unreachable": True, "names": [], "next_steps": {}, "domains": ["d.example"]}
    given |= {"words": {"welzijn": "welzijn"}, "reach": "phone", "parents": False}
    for function in (_read, _letter):
        for known_reading_ in (None, reading):
            function(_WARM_UP, given | {"known": known_reading_}, context)
    for name in ("display", "head", "report"):
        FUNCTIONS[name](_WARM_UP, given, context)
    signed = b"Content-Type: application/pkcs7-mime\r\n\r\n" + bytes.fromhex(_SIGNED)
    FUNCTIONS["unwrap"](signed, {"opened": None}, context)
    for name in ("bounce", "consent", "themes", "tls_report"):
        FUNCTIONS[name](_WARM_UP, given | {"addressed": True, "asked": True}, context)
