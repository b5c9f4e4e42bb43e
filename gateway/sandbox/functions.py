"""What a reading process does for each task, and all of it once before it gives up its rights.

It promises that only reading processes load it, and with it everything that reads.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from phonenumbers import PhoneMetadata

from gateway.gate.authenticity import Envelope, Examined, Question, Record, Rules, unpacked
from gateway.gate.examination import examine, look_inside
from gateway.gate.header import from_address
from gateway.reading.letters.bounce import bounce_of
from gateway.reading.letters.consent import consent_of
from gateway.reading.letters.organisation import organisation_letter
from gateway.reading.letters.practice import practice_letter
from gateway.reading.letters.reach import answer_reached, parents_consent, reached
from gateway.reading.letters.record import OrganisationLetter, PracticeLetter
from gateway.reading.letters.reports import NEXT_STEPS
from gateway.reading.letters.theme import themes_of
from gateway.reading.letters.tlsreport import tls_report
from gateway.reading.mail.display import display, display_head
from gateway.reading.mail.message import parse_head
from gateway.reading.mail.office import load
from gateway.reading.mail.wrapping import Damaged, rejoined, unwrapped
from gateway.reading.patient.lexicon import load_words
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import complete, read
from gateway.reading.record import Reading, known_reading
from gateway.sandbox.tasks import PackedLayer


@dataclass(frozen=True, slots=True)
class ReaderContext:
    """What a reading process was told at its start of where it reads."""

    gazetteer: Gazetteer
    urgent_words: frozenset[str]


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
    return answer_reached(raw, letter, known, phones, given["reach"], unreachable=given["unreachable"])


def _unwrap(raw: bytes, given: Mapping[str, Any], context: ReaderContext) -> PackedLayer | None:
    mail = raw if given["opened"] is None else rejoined(raw, b64decode(given["opened"]))
    try:
        layer = unwrapped(mail)
    except Damaged:
        return None
    return PackedLayer(layer.kind, b64encode(layer.content).decode(), b64encode(layer.outer).decode())


def _report(raw: bytes, given: Mapping[str, Any], context: ReaderContext) -> OrganisationLetter:
    days = [date.fromisoformat(day) for day in given["days"]]
    steps = {**NEXT_STEPS, **given["next_steps"]}
    return organisation_letter(raw, frozenset(given["names"]), steps, (days[0], days[1]) if days else None)


def _examine(raw: bytes, given: Mapping[str, Any], context: ReaderContext) -> Examined:
    envelope = Envelope(**{**given["envelope"], "rcpt_tos": tuple(given["envelope"]["rcpt_tos"])})
    at, answers = datetime.fromisoformat(given["at"]), unpacked(given["answers"])
    return examine(raw, envelope, Rules(**given["rules"]), at, answers)


FUNCTIONS: dict[str, Callable[[bytes, Mapping[str, Any], ReaderContext], Any]] = {
    "read": _read,
    "examine": _examine,
    "inside": lambda raw, given, context: look_inside(raw, given["signature"]),
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
    given |= {"words": {"welzijn": "welzijn"}, "reach": "phone", "parents": False, "days": []}
    given |= {"signature": None}
    for function in (_read, _letter):
        for known_reading_ in (None, reading):
            function(_WARM_UP, given | {"known": known_reading_}, context)
    for name in ("display", "head", "report", "inside"):
        FUNCTIONS[name](_WARM_UP, given, context)
    signed = b"Content-Type: application/pkcs7-mime\r\n\r\n" + bytes.fromhex(_SIGNED)
    FUNCTIONS["unwrap"](signed, {"opened": None}, context)
    for name in ("bounce", "consent", "themes", "tls_report"):
        FUNCTIONS[name](_WARM_UP, given | {"addressed": True, "asked": True}, context)
