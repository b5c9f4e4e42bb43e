"""How our own mails are written on the wire: headers and one text, ASCII with CRLF; and the subject of an
answer in the referrer's thread.

It promises that no value breaks out of its header; that a Message-ID in `In-Reply-To` or `References` stands
there as it is, however long (encoding one, as a general composer does, takes the answer out of its thread);
and that nothing in the mail that is answered keeps an answer from leaving: an id that RFC 5322 does not allow
is left out, and a subject is written without what can't be. A subject which may hold anything of the patient
is never sent back: when in doubt, the answer is called "Re: uw aanmelding [kenmerk]".
"""

import base64
import binascii
import hashlib
import quopri
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.header import Header
from typing import Final

from rapidfuzz import fuzz

from gateway.reading.patient.words import plain

CRLF = "\r\n"
IDS = frozenset({"In-Reply-To", "References"})

REFERENCES = 20
"""How many earlier Message-IDs an answer names at most: the first and the last ones (RFC 5322 3.6.4)."""

_PREFIXES = re.compile(r"^(?:\s*(?:re|antw|aw|fw|fwd|wg|doorst)\s?:)+", re.IGNORECASE)
"""What Outlook leaves out of a thread's topic (MS-OXOMSG section 2.2.1.2)."""
_ID = re.compile(r"<[!-;=?-~]{1,400}>", re.ASCII)
_INDEX_HEADER, _INDEX_CHILD, _INDEX_LONGEST = 22, 5, 22 + 5 * 100
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def written(headers: Mapping[str, str], text: str) -> bytes:
    """The mail; raises `ValueError` for an address that can't be written on one logical line."""
    lines = [line for name, value in headers.items() if (line := _line(name, value))]
    lines += [
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
        "",
        quopri.encodestring(text.replace("\n", CRLF).encode()).decode("ascii"),
    ]
    return CRLF.join(lines).encode("ascii")


def threaded(
    message_id: str,
    references: Iterable[str],
    thread_index: str,
    now: datetime,
    serial: str,
    subject: str = "",
) -> dict[str, str]:
    """The headers that put an answer in the thread of a mail with these, as far as they can be used.

    `serial` makes the same answer always the same (it is the delivery's id); `subject` is the answer's own,
    since that of the mail may hold what is not said back.
    """
    before = [each for each in references if _ID.fullmatch(each)]
    headers: dict[str, str] = {}
    if _ID.fullmatch(message_id):
        headers["In-Reply-To"] = message_id
        before.append(message_id)
    before = list(dict.fromkeys(before))
    if before:
        headers["References"] = " ".join(before[:1] + before[1:][-REFERENCES + 1 :])
    index = next_thread_index(thread_index, now, serial)
    topic = _PREFIXES.sub("", subject).strip()
    return headers | ({"Thread-Index": index} | ({"Thread-Topic": topic} if topic else {}) if index else {})


def next_thread_index(index: str, now: datetime, serial: str) -> str:
    """Outlook's mark of a thread with one answer more; "" if it isn't one.

    22 bytes for the thread and 5 for each answer: how long after the first mail it was written, and a byte
    that tells answers of one moment apart (MS-OXOMSG section 2.2.1.3).
    """
    try:
        known = base64.b64decode("".join(index.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    size = len(known)
    whole = _INDEX_HEADER <= size <= _INDEX_LONGEST and (size - _INDEX_HEADER) % _INDEX_CHILD == 0
    if not whole or known[0] != 1:
        return ""
    began = int.from_bytes(known[:6]) << 16
    passed = max(0, int((now - _EPOCH).total_seconds()) * 10_000_000 - began)
    short = passed >> 49 == 0
    delta = (passed >> 18 if short else passed >> 23 | 1 << 31) & 0xFFFFFFFF
    answer = delta.to_bytes(4) + hashlib.sha256(serial.encode()).digest()[:1]
    return base64.b64encode(known + answer).decode("ascii")


def _line(name: str, value: str) -> str:
    if name in IDS:
        # One id a line (RFC 5322 section 3.6.4).
        ids = [each for each in value.split() if _ID.fullmatch(each)]
        return f"{name}: {f'{CRLF} '.join(ids)}" if ids else ""
    if name in ("Subject", "Thread-Topic"):
        value = " ".join("".join(c if c.isprintable() else " " for c in value).split())
        charset = (
            "us-ascii" if value.isascii() and len(max(value.split(), key=len, default="")) < 70 else "utf-8"
        )
        if charset == "us-ascii" and len(name) + len(value) < 74:
            return f"{name}: {value}"
        return f"{name}: {Header(value, charset, header_name=name).encode(linesep=CRLF)}"
    if not value.isprintable():
        raise ValueError(f"the header {name} would break")
    if name == "Thread-Index":
        return f"{name}: " + f"{CRLF} ".join(value[at : at + 70] for at in range(0, len(value), 70))
    if not value.isascii():
        return f"{name}: {Header(value, 'utf-8', header_name=name).encode(linesep=CRLF)}"
    return f"{name}: {value}"


_LONGEST: Final = 200
_PREFIXED: Final = re.compile(r"^\s*(?:(?:re|fw|fwd|antw|aw|wg|doorst|betr)\s*:\s*)+", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_TITLE: Final = re.compile(
    r"\b(?:dhr|mw|mevr|mevrouw|mej|meneer|heer|hr|fam|familie|dr|drs|mr|mrs|ms|geb|geboren|bsn|echtgenote|"
    r"partner|zoon|dochter|moeder|vader|meisjesnaam|weduwe)\b",
    re.IGNORECASE,
)
_INITIALS: Final = re.compile(r"\b[^\W\d_]\.|\b[A-Z]\b(?!\s*$)")
_DATE: Final = re.compile(r"\d{1,2}\s*[-/.]\s*\d{1,2}|\b(?:19|20)\d\d\b")
_POSTCODE: Final = re.compile(r"\b\d{4}\s*[a-z]{2}\b", re.IGNORECASE)
_CARE: Final = re.compile(
    r"angst|autis|borderline|burn-?out|dement|depress|diabet|drank|drug|gok|hiv|icpc|kanker|psych|ptss|schizo|"
    r"stoorn|suic|verslav|verstandelijk|ziek|zwanger"
)
_HARMLESS: Final = """
a aan aangemeld aangemelde aanmelden aanmelding aanmeldingen administratie advies afspraak als andere b
begeleiding belasting bericht betreft beveiligd bij budget budgethulp client clienten compleet contact de
debt deze dit door doorst doorsturen doorverwijzing dubbele een eigen en er extra financieel financiele
for fw fwd gaarne geld geldhulp geldproblematiek geldproblemen geldzaken geldzorgen gesprek graag handover
help het huisarts huisartsenpraktijk hulp hulpvraag i in inkomen is kan lasten lijst maatschappelijk met
naar new niet nieuw nieuwe nog of om onderwerp op opnemen over overdracht pat patient patiente patienten
praktijk problematiek problemen pt re referral rekeningen s schuld schulden schuldenproblematiek
schuldhulp schuldhulpverlening schuldsanering spoed tav te the toeleiding uit uw van vanuit verwijsbrief
verwijzen verwijzing verzoek via voor vraag vragen warme welzijn welzijnswerk wens werk with your zorg
zorgen
"""
HARMLESS: Final = frozenset(_HARMLESS.split())
"""Words that say nothing about who it is; only used to tell names from other words."""


def reply_subject(
    original: str,
    neutral: str,
    *,
    name: str | None = None,
    others: Iterable[str] = (),
    harmless: Iterable[str] = (),
) -> str:
    """The subject of the answer: "Re: " and the original unchanged, or "Re: " and `neutral`.

    `name` is the patient's name if the reader found it, `others` the phone numbers and the wijk, `harmless`
    names that may stay (the organisation's, the practice's). Without a known name only a subject made wholly
    of harmless words stays; with one, everything stays that has no part of these values, no title, initials,
    date, number of six digits, postcode, word about health, or other word that looks like a name.
    """
    shown = " ".join(_printable(original).split())[:_LONGEST]
    bare = _PREFIXED.sub("", shown)
    if not bare or not _is_safe(bare, name, tuple(others), frozenset(_words(" ".join(harmless)))):
        return f"Re: {neutral}"
    return shown if re.match(r"(?i)re\s*:", shown) else f"Re: {shown}"


def _is_safe(subject: str, name: str | None, others: tuple[str, ...], harmless: frozenset[str]) -> bool:
    digits = re.sub(r"\D", "", subject)
    if len(digits) >= 6 or any(found.search(subject) for found in (_DATE, _POSTCODE, _TITLE, _INITIALS)):
        return False
    told = plain(subject)
    if _CARE.search(told) or any(_holds(told, value) for value in (name or "", *others)):
        return False
    calm = HARMLESS | harmless
    unknown = [word for word in _WORD.findall(subject) if plain(word) not in calm]
    if name is None or subject.isupper():
        return not unknown
    # A sentence starts with a capital; elsewhere an unknown word with one is a name until proven otherwise.
    first = _WORD.search(subject)
    return not any(
        word[0].isupper() and not (first and first.group() == word and first.start() == 0) for word in unknown
    )


def _holds(subject: str, value: str) -> bool:
    """Whether the subject has any telling part of the value in it, spelling slips included."""
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 4 and digits[-4:] in re.sub(r"\D", "", subject):
        return True
    parts = [part for part in _words(value) if len(part) >= 2 and part not in HARMLESS]
    words = _words(subject)
    for part in parts:
        if len(part) >= 4 and (
            part in subject.replace(" ", "") or any(fuzz.ratio(part, w) >= 80 for w in words)
        ):
            return True
        if part in words:
            return True
    return False


def _words(text: str) -> list[str]:
    return [plain(word) for word in _WORD.findall(text)]


def _printable(text: str) -> str:
    """Without control and format characters, which could break a header or hide a word."""
    return "".join(
        " " if character in "\r\n\t" else character
        for character in text
        if character in "\r\n\t" or unicodedata.category(character)[0] != "C"
    )
