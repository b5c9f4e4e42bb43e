"""Phone numbers in a text: which stand there, and whose each one is.

A number is E.164 or it is none: a digit too many or too few is reported as broken, never repaired. Whose
it is comes from the words of its own clause, of its label, and of what stands right behind it; a number
that could be a relative's, the referrer's or an organisation's is never called the patient's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType

from gateway.reading.words import BARE_RELATIVES, RELATIVES, SENDERS, plain

# Digits with what people put between them; an "o", "O", "l" or "I" among digits is a slip for 0 and 1.
_RUN = re.compile(r"(?<![\w@.,€$#:])(?:\+ ?|\(\+?)?[\doO](?:[\d oOlI().+/_-]|[ ]?[–—][ ]?|&nbsp;){4,60}")
_GROUP = re.compile(r"\+|[\doOlI]+")
_DATE = re.compile(
    r"(?<![\d])(?:0?[1-9]|[12]\d|3[01])(?P<s>[-/. ])(?:0?[1-9]|1[0-2])(?P=s)(?:19|20)\d\d(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)"
)
_SHORT_DATE = re.compile(r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])[-/](?:0?[1-9]|1[0-2])(?:[-/]\d\d)?(?![\d-])")
_POSTCODE = re.compile(r"(?<!\d)[1-9]\d{3}[ ]?[A-Z]{2}(?![A-Za-z])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[ ]?[A-Z]{4}[ ]?(?:\d[ ]?){8,12}")
_IDENTIFIER = re.compile(
    r"\b(?:agb|kvk|k\.v\.k|btw|big|polis\w*|bsn|b\.s\.n|sofi\w*|burgerservice\w*|dossier\w*|kenmerk"
    r"|referentie|ref|uzovi|client(?:nummer|nr)"
    r"|cli.ntnummer|pati.ntn\w*|patnr|iban|rekening\w*|factuur\w*|zaak\w*|vergadering-id|meeting id"
    r"|id|geb\w*)"
    r"(?:[- ]?(?:code|nr|nummer|datum|dat))?\.?[ ]?[:=]?[ ]?(?P<value>[A-Z]{0,4}[-]?\d[\d. /-]{3,24})",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?:€|eur|euro)\s?\d[\d.,]{0,12}|(?<![\d.-])\d[\d.]{0,9},\d\d\b"
    r"|(?<![\d.-])\d[\d.]{0,9}\s?(?:euro|eur|mg|mcg|ml|kg|jaar|uur)\b",
    re.IGNORECASE,
)
_TIME = re.compile(r"(?<!\d)[0-2]?\d[:.][0-5]\d(?=\s?(?:uur|u\b|h\b|-|–|tot))|\d{1,2}:\d{2}")
_WEB = re.compile(r"(?:https?://|www\.)\S+|(?<![^\s<(:])[^\s@<>:]{1,80}@[^\s@<>]{1,200}")

_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[.!?;](?=\s|$)|,")
_POSSESSIVE = frozenset(
    [
        "haar",
        "zijn",
        "hun",
        "z'n",
        "d'r",
        "mijn",
        "via",
        "met",
        "de",
        "een",
        "diens",
        "van",
        "aan",
        "bij",
        "uw",
        "tel",
        "telefoon",
        "nummer",
        "nr",
        "mobiel",
        "dhr",
        "haar/zijn",
        "zijn/haar",
        "onze",
        "the",
        "his",
        "her",
        "their",
        "of",
    ]
)
_SELF = frozenset(
    [
        "zelf",
        "patient",
        "patiente",
        "pat",
        "pt",
        "pte",
        "client",
        "cliente",
        "mevrouw",
        "mw",
        "mevr",
        "meneer",
        "dhr",
        "heer",
        "betrokkene",
        "hemzelf",
        "haarzelf",
        "hijzelf",
        "zijzelf",
        "eigen",
        "hem",
        "haarself",
        "self",
    ]
)
_FROM_REFERRER = re.compile(
    r"\b(?:mij|me|ons|onszelf)\b(?! bekend)(?: \w+){0,2} (?:bel|bereik|op\b|via\b|tel|onder\b|overleg)\w*"
    r"|\b(?:bel|bellen|belt|bereik|bereiken|bereikt|terugbellen|contacten|mail|mailen"
    r"|contact)\b(?: \w+){0,2} (?:mij|me|ons|met mij|met ons)\b"
    r"|\b(?:ik|wij|we) (?:ben|zijn|zit)\b[^.]{0,40}\b(?:bereik|te bellen)\w*"
    r"|\bben ik\b[^.]{0,40}\b(?:bereik|te bellen)\w*"
    r"|\b(?:mijn|ons|onze|my|our) (?:(?:directe|mobiele|eigen|vaste|rechtstreekse|privé|prive|06|06-"
    r"|werk) ?){0,2}"
    r"(?:nummer|telefoon\w*|tel|mobiel\w*|nr|06|doorkies\w*|spoed\w*|number|phone|praktijk\w*|lijn)\b"
    r"|\b(?:bij|voor|heeft u|hebt u|met|mocht u) (?:\w+ ){0,2}(?:vragen|overleg|onduidelijk\w*|spoed)\b"
    r"|\bvragen\?|\boverleg(?:gen)? (?:met|kan|mag)\b|\bterug ?te? ?bellen\b(?! met)|\bcall me\b|\breach me\b"
)
_UNSURE = re.compile(
    r"\b(?:een daarvan|1 daarvan|een van (?:beide|de twee|deze)|(?:weet|zie"
    r"|kan) (?:ik )?niet(?: \w+){0,3} (?:welk|wie)|geen idee welk"
    r"|welk\w* (?:van|nummer)(?: \w+){0,4} (?:klopt|juist|is)|niet (?:zeker|duidelijk) (?:welk"
    r"|van wie|of)|onbekend welk"
    r"|welk nummer|van wie (?:dit|het|welk)|not sure (?:which|whose))"
)
_WRONG = re.compile(
    r"\b(?:niet meer|oude|oud|vorige|vorig|vervallen|verkeerde?|onjuiste?|foutieve?|afgesloten"
    r"|klopt niet|werkt niet|buiten gebruik"
    r"|niet in gebruik|geblokkeerd|niet het|is niet)\b"
)
_RIGHT = re.compile(r"\b(?:juiste?|nieuwe?|correcte?|goede|moet zijn|wordt|nu|ipv|in plaats)\b")
_TAIL_OWNER = re.compile(
    r"^[\s,(=\-–:/]{0,4}(?:(?:dit|dat|het|deze|nr|nummer|tel|telefoon|telefoonnummer|is|van|v|tnv"
    r"|haar|zijn|hun|de|een|mijn|onze"
    r"|z'n|d'r|via|bij|mobiel|thuis|vast|naam|belongs|to|his|her|the|number)\b\.? ?){0,8}"
    r"(?P<owner>[a-z][\w'-]*)"
)


class Whose(StrEnum):
    """To whom a number belongs, as far as the text says."""

    PATIENT = "patient"
    OTHER = "other"
    SENDER = "sender"
    UNSURE = "unsure"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Number:
    """A number at text[start:end]; `e164` is None for one that can't be dialled."""

    e164: str | None
    start: int
    end: int
    whose: Whose = Whose.PATIENT
    service: bool = False


def mask(text: str) -> str:
    """The text with dates, postcodes, amounts, times, addresses of the web and identifiers blanked out."""

    def blank(found: re.Match[str]) -> str:
        return "·" * len(found[0])

    def blank_date(found: re.Match[str]) -> str:
        # "06-12-1990" is a date, "06-12 20 34 56" isn't: only a full number of ten digits is spared.
        return found[0] if _goes_on(text, found) else "·" * len(found[0])

    masked = _DATE.sub(blank_date, text) if any(c in text for c in "-/. ") else text
    masked = _IBAN.sub(blank, masked)
    masked = _IDENTIFIER.sub(lambda f: f[0][: f.start("value") - f.start()] + "·" * len(f["value"]), masked)
    masked = _POSTCODE.sub(blank, masked)
    masked = _AMOUNT.sub(blank, masked)
    masked = _TIME.sub(blank, masked)
    return _WEB.sub(blank, masked) if "@" in masked or "www" in masked or "://" in masked else masked


def _goes_on(text: str, date: re.Match[str]) -> bool:
    tail = re.match(r"[-. /]?\d{2}(?!\d)", text[date.end() :])
    return date[0].startswith("06") and tail is not None and sum(c.isdigit() for c in date[0]) + 2 == 10


def numbers(masked: str) -> list[tuple[str | None, int, int]]:
    """(E.164 or None, start, end) of everything that is a phone number or looks like one."""
    found: list[tuple[str | None, int, int]] = []
    for run in _RUN.finditer(masked):
        found.extend(_in_run(masked, run))
    return found


def _in_run(text: str, run: re.Match[str]) -> Iterator[tuple[str | None, int, int]]:
    groups = [(g[0], run.start() + g.start(), run.start() + g.end()) for g in _GROUP.finditer(run[0])]
    groups = _trimmed(text, groups)
    if not groups or sum(c.isdigit() for g in groups for c in g[0]) < 6:
        return
    whole = _split(groups)
    if whole is None:
        # "06-12345678 2 kinderen": a lone figure that begins the next words isn't part of the number.
        last = groups[-1]
        if len(groups) > 1 and len(last[0]) <= 2 and re.match(r" [a-z]{3}", text[last[2] : last[2] + 4]):
            whole = _split(groups[:-1])
    if whole is None and len(groups[0][0]) <= 4 and groups[0][0][0] not in "0oO+" and len(groups) > 1:
        # "Sluitershof 18 06-12345678": a house number, an age or a list's number comes first.
        if groups[1][0][0] in "0oO+" and text[groups[0][2] : groups[1][1]].isspace():
            whole = _split(groups[1:])
    if whole is None:
        whole = []
        for piece in _parted(text, groups):
            whole.extend(_split(piece) or [(None, piece[0][1], piece[-1][2])])
    yield from whole


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
_LONGEST = 20


def _split(groups: list[tuple[str, int, int]]) -> list[tuple[str | None, int, int]] | None:
    """The groups as one or more whole numbers, None if some digits are left over."""
    if not groups:
        return []
    if len(groups) > 40:
        return None
    for count in range(len(groups), 0, -1):
        digits = "".join(g[0] for g in groups[:count]).translate(_SLIPS)
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
    """E.164 of digits as typed (with + or 00, with or without trunk zero), None if there is no such number."""
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
        PhoneNumberType.PAGER,
        PhoneNumberType.VOICEMAIL,
    }
)


def is_service(e164: str) -> bool:
    """Whether the number is one that only organisations have (088, 0800, 0900)."""
    return phonenumbers.number_type(phonenumbers.parse(e164, None)) in _SERVICES


def looks_dialled(text: str, label: str, lead: str) -> bool:
    """Whether digits that are no number were meant as one: by their beginning, or by what stands before."""
    digits = "".join(c for c in text.translate(_SLIPS) if c.isdigit())
    if label == "phone":
        return 5 <= len(digits) <= 17
    if text.lstrip("( ").startswith(("0", "+", "o", "O")) and 8 <= len(digits) <= 15:
        return True
    called = re.search(
        r"(?:nummer|nr|tel\w*|bel\w*|mobiel\w*|bereik\w*|gsm|op)\W{0,6}(?:is|op|nu)?\W{0,4}$",
        plain(lead[-40:]),
    )
    return called is not None and 6 <= len(digits) <= 15


def whose(label: str, lead: str, tail: str, *, referrer_speaks: bool, more: bool = False) -> Whose:
    """Whose number stands between `lead` and `tail` (its own sentence, up to the numbers beside it).

    `more` says another number ends the tail: then what it says may be about that one.
    """
    before, behind = plain(lead), plain(tail)
    if label == "relative":
        return Whose.OTHER
    if label == "sender":
        return Whose.SENDER
    if referrer_speaks and _FROM_REFERRER.search(before[-160:]):
        return Whose.SENDER
    owner = _TAIL_OWNER.match(behind[:120])
    if owner and (kind := _kind(owner["owner"], "van")) and _closes(behind, owner.end(), more=more):
        return kind
    if (kind := _before(before, referrer_speaks=referrer_speaks)) is not None:
        return kind
    clause = re.split(r"[,;:]| maar | maar$|\ben\b", before[-50:])[-1]
    if _WRONG.search(clause) and not _RIGHT.search(clause):
        return Whose.OLD
    if re.match(
        r"[\s(,–-]{0,4}(?:(?:is|nummer|nr|dit|het|oud|oude) ?){0,3}(?:niet meer|oud\b|oude|vervallen"
        r"|klopt niet|werkt niet|afgesloten|buiten gebruik)",
        behind,
    ):
        return Whose.OLD
    return Whose.PATIENT


def _kind(word: str, before: str) -> Whose | None:
    stem = word.removesuffix("'s").removesuffix("s") if word not in RELATIVES else word
    for form in (word, stem):
        if form in RELATIVES and (form not in BARE_RELATIVES or before in _POSSESSIVE):
            return Whose.OTHER
        if form in SENDERS:
            return Whose.SENDER
    return None


def _closes(behind: str, end: int, *, more: bool) -> bool:
    """Whether an owner behind a number is all that is said there, or is said to be the one who answers."""
    rest = behind[end:]
    if more:
        return re.match(r"(?:'s)?\s*(?:[)/;]|,| en\b| of\b)", rest) is not None
    if behind.lstrip().startswith("("):
        return True
    return _ANSWERS.match(rest) is not None


_ANSWERS = re.compile(
    r"(?:'s)?(?: [a-z][\w-]+){0,2}\s*(?:[).,;:/!]|$)"
    r"|\s+(?:neemt|staat|is bereik|kan|gebruikt|beheert|heeft|regelt|mag|pakt)"
)


def _before(before: str, *, referrer_speaks: bool) -> Whose | None:
    """The last person named before a number in its sentence decides: a relative, the practice, or the patient."""
    words = _WORDS.findall(before[-220:])
    for at in range(len(words) - 1, -1, -1):
        word = words[at]
        previous = words[at - 1] if at else ""
        if not previous and len(words) <= 2 and word != "familie":
            # "Vrouw 06-…": at the very beginning the bare word is a label.
            previous = "van"
        kind = _kind(word, previous)
        if kind is Whose.OTHER and not _only_told(words, at):
            return kind
        if kind is Whose.SENDER and referrer_speaks and not _only_told(words, at):
            return kind
        if word in _SELF:
            return Whose.OTHER if _owned(words[:at]) else None
    return None


_LINKING = frozenset({"van", "v", "is", "de", "heet", "genaamd", "een", "het", ","})


def _owned(words: list[str]) -> bool:
    """ "de dochter van mevrouw", "bewindvoerder is de heer": a relative stands before and is meant."""
    at = len(words) - 1
    while at >= 0 and (words[at] in _SELF or words[at] in _LINKING):
        at -= 1
    return 0 <= at < len(words) - 1 and _kind(words[at], "van") is Whose.OTHER


def _only_told(words: list[str], at: int) -> bool:
    """A relative who is only part of the story: "alleenstaande moeder van drie", "gescheiden van zijn vrouw"."""
    behind = words[at + 1 : at + 3]
    before = words[max(0, at - 4) : at]
    if (
        behind[:1] == ["van"]
        and len(behind) > 1
        and (behind[1].isdigit() or behind[1] in {"drie", "twee", "vier", "een", "vijf"})
    ):
        return True
    return any(
        word
        in {
            "alleenstaande",
            "alleenstaand",
            "gescheiden",
            "overleden",
            "weggegaan",
            "verlaten",
            "scheiding",
            "geen",
        }
        for word in before
    ) or any(word in {"overleden", "weggegaan", "weg", "spreekuur"} for word in words[at + 1 : at + 5])
