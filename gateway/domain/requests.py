"""What a referrer asks in the first words of an answer in their thread: to withdraw, or how it stands.

It promises that doubt is no request: a question about withdrawing, a denial, or a longer story changes
nothing, and the mail is then just an addition to the case.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final


class Request(StrEnum):
    """What can be asked in the thread."""

    WITHDRAW = "withdraw"
    STATUS = "status"


class StopReason(StrEnum):
    """Why nobody should call a patient any more, as a practice said it: the values of the reader's own."""

    DECEASED = "deceased"
    ADMITTED = "admitted"
    MOVED = "moved"
    WRONG_PATIENT = "wrong_patient"
    PATIENT_DECLINED = "patient_declined"
    WITHDRAWN = "withdrawn"
    DO_NOT_CALL = "do_not_call"


_LONGEST: Final = 20
"""Words in a line that still is a plain request."""

_GREETING: Final = re.compile(
    r"^\s*(?:(?:beste|geachte|hallo|hoi|dag|goede\s?(?:dag|morgen|middag|avond))\b[^,.!:?]{0,60}[,.!:]?)\s*$"
)
_LEAD: Final = re.compile(
    r"^\s*(?:beste|geachte|hallo|hoi|dag|goede\s?(?:dag|morgen|middag|avond))\b[^,]{0,40},\s*"
)
_WITHDRAW: Final = re.compile(
    r"\b(?:niet (?:meer|langer) nodig|hoeft niet meer|intrekken|ingetrokken|trek(?:ken)?\b.{0,40}\bin\b"
    r"|annuleren|annuleer|(?:kan|mag|mogen) (?:komen te )?vervallen|afmelden|withdraw|cancel)\b"
    r"|\bno longer needed\b"
)
_STATUS: Final = re.compile(
    r"\b(?:status|stand van zaken|hoe (?:staat|is|gaat|loopt) het|hoe staat (?:de|deze|mijn) aanmelding"
    r"|(?:al|inmiddels) (?:contact|iets bekend|nieuws|gebeld|gesproken|in beeld)|in beeld\s?\?|any news)"
)
_DENIED: Final = re.compile(
    r"\b(?:niet|not|nooit|geen) (?:\w+ ){0,2}"
    r"(?:intrekken|ingetrokken|annuleren|afmelden|vervallen|withdraw|cancel)\b"
    r"|\b(?:nog|wel|toch) (?:steeds )?nodig\b|\b(?:als|indien|wanneer|tenzij|misschien|if)\b"
)


def request_in(text: str) -> Request | None:
    """The request with which an answer's own text begins, beyond blanks, quotes and a greeting."""
    for raw in text.splitlines():
        line = _folded(raw).strip()
        if not line or line.startswith((">", "|")) or _GREETING.match(line):
            continue
        return _request(_LEAD.sub("", line))
    return None


def _request(line: str) -> Request | None:
    if len(line.split()) > _LONGEST:
        return None
    if _WITHDRAW.search(line) and not _DENIED.search(line) and "?" not in line:
        return Request.WITHDRAW
    # Whoever asks how it stands asks; "de status is goed" tells something.
    if _STATUS.search(line) and ("?" in line or len(line.split()) <= 3):
        return Request.STATUS
    return None


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
