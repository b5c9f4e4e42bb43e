"""Phone numbers in a text: which stand there.

A number is E.164 or it is none: a digit too many or too few is reported as broken, never repaired; dates,
postcodes, amounts and identifiers are no numbers.
"""

import re
import unicodedata
from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneNumberType
from stdnum.nl import bsn

from gateway.reading.patient.vocabulary import Sense, kind_of
from gateway.reading.patient.words import plain

# Digits with what people put between them; an "o", "O", "l" or "I" among digits is a slip for 0 and 1.
_RUN = re.compile(r"(?<![\w@.,€$#:])(?:\+ ?|\(\+?)?[\doO](?:[\d oOlI().+/_-]|[ ]?[–—][ ]?|&nbsp;){4,60}")
_FIGURE = re.compile(r"\d")
_GROUP = re.compile(r"\+|[\doOlI]+")
_DATE = re.compile(
    r"(?<![\d])(?:0?[1-9]|[12]\d|3[01])(?P<s>[-/. ])(?:0?[1-9]|1[0-2])(?P=s)(?:19|20)\d\d(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)"
)
_POSTCODE = re.compile(r"(?<!\d)[1-9]\d{3}[ ]?[A-Z]{2}(?![A-Za-z])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[ ]?[A-Z]{4}[ ]?(?:\d[ ]?){8,12}")
_IDENTIFIER = re.compile(
    r"\b(?:(?:pt|pte|pat|pati.nt\w*|cli.nt\w*)[. -]{1,2}(?:nr|nummer|no)\b"
    r"|agb|kvk|k\.v\.k|btw|big|polis\w*|bsn|b\.s\.n|sofi\w*|burgerservice\w*|[^\W\d_]{0,12}dossier\w*"
    r"|kenmerk|referentie|ref|uzovi|pati.ntn\w*|(?P<named>[^\W\d_]{2,25}?)[.-]?(?:nummer|nr)\b|iban"
    r"|rekening\w*|factuur\w*|zaak\w*|vergadering-id|meeting id|id|geb(?:oren|oorte\w*|d|dat\w*)?)"
    r"(?:[- ]?(?:code|nr|nummer|datum|dat))?\.?[ \t]{0,20}[:=]?[ \t]{0,20}"
    r"(?P<value>[A-Z]{0,4}[-]?\d[\d. /-]{3,24})",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?:€|eur|euro)\s?\d[\d.,]{0,12}|(?<![\d.-])\d[\d.]{0,9},\d\d\b"
    r"|(?<![\d.-])\d[\d.]{0,9}\s?(?:euro|eur|mg|mcg|ml|kg|jaar|uur)\b",
    re.IGNORECASE,
)
# "06-41 77 2x xx", "06-4177...", "06******38", "06-2?47 1?30": a number of which figures are missing.
_CUT_SHORT = re.compile(
    r"(?<![\w+])(?:\+31|0)\d(?:(?:[ ()-]?\d){2,8}[ ]?(?:[xX?*_]|\.{2,}|…)[\dxX?*_.… -]*"
    r"|(?=[\d ()/-]*[xX?*_])(?:[ ()/-]{0,3}[\dxX?*_]){6,12}(?!\w))"
)
# As in a form's label: telephone (e.g. 0612345678).
_EXAMPLE = re.compile(
    r"\b(?:bijv|bv|bijvoorbeeld|voorbeeld|vb|format)\b\.?:? ?[+(0]\d[\d ()-]{7,14}\d", re.IGNORECASE
)
_NINE = re.compile(r"(?<![\w+.,/-])[1-57-9]\d{8}(?![\d./-]\d|\d)")
_TIME = re.compile(r"(?<!\d)(?<!\d[.:])[0-2]?\d[:.][0-5]\d(?=\s?(?:uur|u\b|h\b|-|–|tot))|\d{1,2}:\d{2}")
_WEB = re.compile(r"(?:https?://|www\.)\S+|(?<![^\s<(:])[^\s@<>:]{1,80}@[^\s@<>]{1,200}")
_REACHES = frozenset({Sense.PHONE, Sense.CALL, Sense.OTHER, Sense.SENDER, Sense.BODY})


def mask(text: str) -> str:
    """The text with dates, postcodes, amounts, times, addresses of the web and identifiers blanked out."""

    def blank(found: re.Match[str]) -> str:
        return "·" * len(found[0])

    def blank_date(found: re.Match[str]) -> str:
        # "06-12-1990" is a date, "06-12 20 34 56" isn't: only a full number of ten digits is spared.
        return found[0] if _goes_on(text, found) else "·" * len(found[0])

    masked = text
    # Most lines hold no figure, and then nothing but an address of the web.
    if _FIGURE.search(text):
        masked = _DATE.sub(blank_date, masked) if any(c in text for c in "-/. ") else masked
        masked = _EXAMPLE.sub(blank, _IBAN.sub(blank, masked))
        masked = _IDENTIFIER.sub(_without_identifier, masked)
        masked = _POSTCODE.sub(blank, masked)
        masked = _AMOUNT.sub(blank, masked)
        masked = _TIME.sub(blank, masked)
        masked = _NINE.sub(lambda found: blank(found) if bsn.is_valid(found[0]) else found[0], masked)
    return _WEB.sub(blank, masked) if "@" in masked or "www" in masked or "://" in masked else masked


def _without_identifier(found: re.Match[str]) -> str:
    # "debiteurnr", but neither "mobielnr" nor "noodnummer".
    named = plain(found["named"] or "")
    reaches = named and {kind_of(named), kind_of(named + "nummer")} & _REACHES
    value = found["value"]
    label = found[0][: found.start("value") - found.start()]
    return found[0] if reaches else ("·" * len(label) if named else label) + "·" * len(value)


def identified(text: str) -> frozenset[str]:
    """As what telephone numbers (E.164) a file's own could be read: "patiëntnummer 0645119207"."""
    found = (found for found in _IDENTIFIER.finditer(text) if _without_identifier(found) != found[0])
    return frozenset(e164 for each in found if (e164 := dialled(re.sub(r"\D", "", each["value"]))))


def is_identifier(text: str) -> bool:
    """Whether a line is but an identifier's label and its figures: "Debiteurnr. 0612345678"."""
    found = _IDENTIFIER.match(text)
    return found is not None and found.end() == len(text) and _without_identifier(found) != found[0]


def _goes_on(text: str, date: re.Match[str]) -> bool:
    tail = re.match(r"[-. /]?\d{2}(?!\d)", text[date.end() :])
    return date[0].startswith("06") and tail is not None and sum(c.isdigit() for c in date[0]) + 2 == 10


def numbers(masked: str) -> list[tuple[str | None, int, int]]:
    """(E.164 or None, start, end) of everything that is a phone number or looks like one."""
    found: list[tuple[str | None, int, int]] = []
    for run in _RUN.finditer(masked):
        found.extend(_in_run(masked, run))
    for cut in _CUT_SHORT.finditer(masked):
        apart = [each for each in found if each[2] <= cut.start() or cut.end() <= each[1]]
        if all(e164 is None for e164, *_ in set(found) - set(apart)):
            found = sorted([*apart, (None, *cut.span())], key=lambda each: each[1])
    return found


def _in_run(text: str, run: re.Match[str]) -> Iterator[tuple[str | None, int, int]]:
    groups = [
        (g[0], run.start() + g.start(), run.start() + g.end())
        for g in _GROUP.finditer(run[0])
        # "+48 (0)512 …": the trunk zero in brackets isn't dialled from abroad.
        if not (g[0] == "0" and g.start() > 1 and run[0][g.start() - 1 : g.end() + 1] == "(0)")
    ]
    groups = _trimmed(text, groups)
    if not groups or sum(c.isdigit() for g in groups for c in g[0]) < 6:
        return
    whole = _split(groups)
    if whole is None:
        # "06-12345678 2 kinderen": a lone figure that begins the next words isn't part of the number.
        last = groups[-1]
        if len(groups) > 1 and len(last[0]) <= 2 and re.match(r" [a-z]{3}", text[last[2] : last[2] + 4]):
            whole = _split(groups[:-1])
    if whole is None and _begins_with_another(text, groups):
        whole = _split(groups[1:])
    if whole is None:
        whole = []
        for piece in _parted(text, groups):
            whole.extend(_split(piece) or [(None, piece[0][1], piece[-1][2])])
    yield from whole


def _begins_with_another(text: str, groups: list[tuple[str, int, int]]) -> bool:
    """ "Sluitershof 18 06-12345678": a house number, an age or a list's number comes first."""
    if len(groups) < 2:
        return False
    (first, _, end), (second, start, _) = groups[:2]
    # "(74) - 06-12345678": an age may stand in brackets.
    apart = re.fullmatch(r"\s+|\)[\s,:–-]*", text[end:start]) is not None and second[0] in "0oO+"
    return apart and len(first) <= 4 and first[0] not in "0oO+"


def _trimmed(text: str, groups: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Without letters that only looked like digits: groups of no digit at either end."""
    while groups and not any(c.isdigit() or c == "+" for c in groups[-1][0]):
        groups = groups[:-1]
    while (
        groups and not any(c.isdigit() or c == "+" for c in groups[0][0]) and groups[0][0] not in {"o", "O"}
    ):
        groups = groups[1:]
    if groups and re.match(r"[^\W\d]", text[groups[-1][2] : groups[-1][2] + 1]):
        return groups[:-1]
    return groups


_SLIPS = str.maketrans("oOlI", "0011")


def _figures(written: str) -> str:
    """The figures as typed. An "O" that begins a number can only be a nought; any other letter is left."""
    return "0" + written[1:] if written[:1] in {"o", "O"} else written


_LONGEST = 20


def _split(groups: list[tuple[str, int, int]]) -> list[tuple[str | None, int, int]] | None:
    """The groups as one or more whole numbers, None if some digits are left over."""
    if not groups:
        return []
    if len(groups) > 40:
        return None
    for count in range(len(groups), 0, -1):
        digits = _figures("".join(g[0] for g in groups[:count]))
        if len(digits) > _LONGEST or (e164 := dialled(digits)) is None:
            continue
        rest = _split(groups[count:])
        if rest is not None:
            return [(e164, groups[0][1], groups[count - 1][2]), *rest]
    return None


def _parted(text: str, groups: list[tuple[str, int, int]]) -> Iterator[list[tuple[str, int, int]]]:
    """Groups cut where somebody plainly begins a second number: " / ", " - 0", "+"."""
    piece: list[tuple[str, int, int]] = []
    for group in groups:
        between = text[piece[-1][2] : group[1]] if piece else ""
        digits = sum(len(g[0]) for g in piece)
        if piece and digits >= 8 and ("/" in between or group[0] == "+" or "(" in between):
            yield piece
            piece = []
        piece.append(group)
    if piece:
        yield piece


def dialled(digits: str) -> str | None:
    """E.164 of digits as typed (+ or 00, with or without trunk zero), None if there is no such number."""
    if not re.fullmatch(r"\+?\d+", digits):
        return None
    if len({ord(c) - unicodedata.decimal(c) for c in digits if c != "+"}) > 1:
        # Figures of two scripts: one of them was no figure to who typed it.
        return None
    digits = "".join(c if c == "+" else str(unicodedata.decimal(c)) for c in digits)
    if digits.startswith("+"):
        international = digits
    elif digits.startswith("00"):
        international = "+" + digits[2:]
    elif digits.startswith("0"):
        if len(digits) != 10:
            return None
        international = "+31" + digits[1:]
    elif len(digits) == 11 and digits.startswith("31"):
        international = "+" + digits
    elif len(digits) == 9 and digits.startswith("6"):
        international = "+31" + digits
    else:
        return None
    if "+" in international[1:] or not 9 <= len(international) <= 17:
        return None
    if international.startswith("+310"):
        international = "+31" + international[4:]
    try:
        parsed = phonenumbers.parse(international, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


_SERVICES = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)


def is_mobile(e164: str) -> bool:
    """Whether it is a Dutch mobile number."""
    return e164.startswith("+316")


def is_landline(e164: str) -> bool:
    """Whether it is a Dutch number of a house."""
    return re.match(r"\+31[1-57]", e164) is not None


def is_service(e164: str) -> bool:
    """Whether the number is one that only organisations have (088, 0800, 0900)."""
    return phonenumbers.number_type(phonenumbers.parse(e164, None)) in _SERVICES


def is_cut_short(text: str) -> bool:
    """Whether figures of a number are missing, and marks say so: whatever else is said tells why."""
    return _CUT_SHORT.fullmatch(text) is not None


def looks_dialled(text: str, label: str, lead: str) -> bool:
    """Whether digits that are no number were meant as one: by their beginning, or by what stands before."""
    digits = "".join(c for c in text.translate(_SLIPS) if c.isdigit())
    if is_cut_short(text):
        return True
    if label == "phone":
        return 5 <= len(digits) <= 17
    if text.lstrip("( ").startswith(("0", "+", "o", "O")) and 8 <= len(digits) <= 15:
        return True
    called = re.search(
        r"(?:nummer|nr|tel\w*|bel\w*|mobiel\w*|bereik\w*|gsm|op)\W{0,6}(?:is|op|nu)?\W{0,4}$",
        plain(lead[-40:]),
    )
    return called is not None and 6 <= len(digits) <= 15
