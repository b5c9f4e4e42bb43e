"""Which field a phrase asks for: a label is a short phrase made of known words only."""

import re
from functools import cache, lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from gateway.reading.patient.lexicon import is_thing
from gateway.reading.patient.vocabulary import Sense, kind_of
from gateway.reading.patient.words import (
    FILLER,
    LABEL_ORDER,
    LABELS,
    PARTICLES,
    PATIENT,
    RELATIVES,
    SENDERS,
    plain,
)

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# "(06) 1234 5678" begins with no bullet.
BULLET = re.compile(
    r"\A[ \t]*(?!\(?06[.)][ \t]+\d)(?:[-*•·▪◦–+\u2190-\u2bff\U0001f300-\U0001faff\ufe0f]+|\(?\d{1,2}[.)])"
    r"[ \t]+(?=\S)"
)

SEPARATED = re.compile(
    r"([^:=|\t\n]{1,45}?)[ \t]*(?:\.{3,}[ \t]*:?|[:=|\t]|\?(?=[ \t])|[ ]{2,}|[ ][-–—][ ])[ \t]*(.*)$",
    re.DOTALL,
)
# Labels that need no colon at the start of a line; anything else is prose.
BARE = re.compile(
    r"(pati[eë]nte?|pat|pt|cli[eë]nte?|wijk|woonwijk|buurt|stadsdeel|tel(?:efoon)?(?:nummer|nr)?[12]?"
    r"|mob(?:iel)?|naam|postcode|pc|adres|bsn|geb(?:oren|\.?dat(?:um)?)?"
    r"|wonend(?:e)?(?: te| in)?|woont(?: in| te)?|woonplaats)\b(?: is\b)?[. ]*[ ](?![^:,]{1,30}:)(.*)$",
    re.IGNORECASE,
)

_GAP = re.compile(r"\S(?:.*?\S)??(?= {2,}|\s*$)")
COUNTED = re.compile(r"[\t|;]")
# The ending in "Naam patiënt(e)".
_FEMININE = re.compile(r"(?<=[a-z])[(/](?:e|en|s|n)\b\)?")
# "TEL1"
_NUMBERED = re.compile(r"(?<=[a-z]{3})[12]$")
_DOTTED = re.compile(r"([a-z]{3,})\.")
_ORDINALS = frozenset({"1e", "2e", "3e", "1ste", "2de"})

_LABEL_WORDS: frozenset[str] = frozenset().union(*LABELS.values(), RELATIVES, SENDERS)
_LONG = sorted(word for word in _LABEL_WORDS if len(word) > 6)


def label_of(phrase: str) -> str | None:
    """Which field a phrase asks for, None if it is no label."""
    if len(phrase) > 45:
        return None
    words = _WORD.findall(_FEMININE.sub("", plain(phrase)))
    ordinal = bool(_ORDINALS & set(words))
    words = [spelt(_NUMBERED.sub("", word)) for word in words if word not in _ORDINALS]
    dotted = _DOTTED.findall(plain(phrase))
    words = (
        [_cut_short().get(f"{word}." if word in dotted else word, word) for word in words]
        if dotted or len(words) > 1
        else words
    )
    if not 0 < len(words) <= 6:
        return None
    if "is" in words[1:-1]:
        # "Dat nummer is van haar nicht": a sentence, and it says whose the number is.
        return None
    if (
        words[0] in {"uw", "jouw"}
        and not PATIENT & set(words)
        and len(words) > 1
        and label_of(" ".join(words[1:]))
    ):
        # A form asks whoever fills it in.
        return "sender"
    if words[-1] in {"nr", "nummer", "no"} and words[-2:-1] and words[-2] in PATIENT:
        # "Pat.nr.": the file's, where "Nummer patiënt" is the telephone's.
        return "ids"
    strong = [word for word in words if word not in FILLER and word not in PATIENT]
    if not strong and set(words) <= {"werk", "prive"}:
        return "phone"
    if not strong:
        return "name" if any(word in PATIENT for word in words) and len(words) <= 3 else None
    if not RELATIVES.isdisjoint(words):
        return "relative" if _LABEL_WORDS.issuperset(strong) else None
    if not SENDERS.isdisjoint(words):
        return "sender" if _LABEL_WORDS.issuperset(strong) else None
    if not _LABEL_WORDS.issuperset(strong):
        return None
    fields = [field for field in LABEL_ORDER if not LABELS[field].isdisjoint(strong)]
    if len(strong) == 1 and strong[0] in {"f", "mail", "e", "med", "dat"} and len(words) > 1:
        return None
    if "contact" in words and ordinal:
        # A "1e contact" and a "2e contact" are people.
        return "relative"
    if "name" in fields and "contact" in words:
        # "Contact naam": somebody is named through whom to reach the patient.
        return "relative"
    if "name" in fields and "ids" not in fields:
        # "Naam en telefoonnummer": the name comes first in the value.
        return "name"
    return fields[0] if fields else None


@cache
def _cut_short() -> dict[str, str]:
    """ "Tel. prakt", "Tel. HA", "Voorgesch.": how words of which no number is the patient's are cut short.

    Not where another label's word begins so; of three letters, and of a file's words, only with a full stop.
    """
    filed = LABELS["ids"] | LABELS["remarks"]
    known = _LABEL_WORDS | FILLER | PATIENT
    others = known - SENDERS - filed
    ends = [(words, word, n) for words in (filed, SENDERS) for word in words for n in range(3, len(word))]
    cut = {f"{word[:n]}.": word for _, word, n in ends}
    cut |= {word[:n]: word for words, word, n in ends if n > 3 and words is SENDERS}
    return {"ha": "huisarts"} | {
        short: word
        for short, word in cut.items()
        if short.rstrip(".") not in known and not any(other.startswith(short.rstrip(".")) for other in others)
    }


_ASKS = re.compile(r"(?:(?:op|in|onder|uit|met|bij) )?(?:wie|wat|waar|welke?|hoe)\b")
_ASKED = {
    "phone": frozenset(
        {"nummer", "telefoonnummer", "telefoon", "mobiel", "bellen", "bereiken", "bereikbaar"}
    ),
    "wijk": frozenset({"wijk", "buurt", "stadsdeel", "woont", "woonwijk"}),
    "name": frozenset({"wie", "naam", "heet"}),
}
_NOBODY_ELSE = frozenset({Sense.LINK, Sense.PHONE, Sense.CALL, Sense.PATIENT, Sense.PRONOUN, Sense.THING})


def asked_of(text: str) -> str | None:
    """Which field a form's question of known words asks for: "In welke wijk woont deze persoon?"."""
    words = _WORD.findall(plain(text))
    if not text.endswith("?") or len(words) > 12 or not _ASKS.match(" ".join(words)):
        return None
    fields = [field for field, asked in _ASKED.items() if asked & set(words)]
    if len(fields) > 1:
        fields = [field for field in fields if field != "name"]
    if len(fields) != 1:
        return None
    theirs = not PATIENT & set(words)
    if fields == ["name"] and {"bent", "u"} <= set(words):
        # "Wie bent u?"
        return "sender"
    if SENDERS & set(words) or (theirs and {"uw", "jouw", "je"} & set(words)):
        return "sender"
    if fields == ["phone"] and theirs and {"u", "jou", "jij"} & set(words):
        return "sender"
    known = all(kind_of(word) in _NOBODY_ELSE or word in FILLER | PATIENT | {"wij", "we"} for word in words)
    return fields[0] if known else None


def begun(text: str) -> tuple[str, str, int] | None:
    """The label that a line begins with, its phrase, and where the value begins."""
    first = SEPARATED.match(text)
    if first and (known := label_of(first[1])):
        return known, first[1], first.start(2)
    bare = BARE.match(text)
    if bare and (known := label_of(bare[1])) and not (known == "name" and _goes_on(bare[2])):
        return known, bare[1], bare.start(2)
    return None


_COUNTED = re.compile(r"([a-z]{3,})-?(?:nummers?|nr|no)")


def _goes_on(rest: str) -> bool:
    """ "Patiënt is te bereiken op …": a sentence about the patient, and no label with a name behind it."""
    first = _WORD.match(plain(rest))
    lower = first is not None and rest[:1].islower() and first[0] not in PARTICLES
    told = kind_of(first[0]) if first and lower else Sense.UNKNOWN
    return told in {Sense.LINK, Sense.CALL, Sense.PHONE}


@lru_cache(maxsize=1024)
def spelt(word: str) -> str:
    """ "telefoonnumer": the label's word that is one letter away, else the word itself."""
    if len(word) < 6 or word in _LABEL_WORDS or word in FILLER or word in PATIENT:
        return word
    if (counted := _COUNTED.fullmatch(word)) and kind_of(counted[1]) in {Sense.PHONE, Sense.CALL}:
        # "contactnr", "belnummer"
        return "telefoonnummer"
    if kind_of(word) is not Sense.UNKNOWN or is_thing(word):
        # "contract" is no "contact".
        return word
    near = extractOne(word, _LONG, scorer=OSA.distance, score_cutoff=1)
    return str(near[0]) if near else word


_HAS_VALUE = re.compile(r"[:=\t].|\S {2,}[^ :]|\d{4}")


def is_bare_label(text: str) -> bool:
    """Whether a line is a label and nothing else."""
    text = BULLET.sub("", text, count=1).strip()
    if not 0 < len(text) <= 45 or text.startswith("(") or _HAS_VALUE.search(text):
        return False
    return label_of(text.strip(" :.*")) is not None


_BLANKS = re.compile(r"[ ]{2,}")


def cells(line: str) -> list[str]:
    text = line.strip(" ").strip("|").strip(" ")
    mark = next((mark for mark in "|\t;" if mark in text), "")
    return [_unquoted(cell.strip()) for cell in (text.split(mark) if mark else _BLANKS.split(text))]


def _unquoted(cell: str) -> str:
    """A cell of a file of commas: "\"Bos, mw. V.\""."""
    return cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def placed(row: str) -> tuple[list[int], list[str]]:
    """Where a row's cells begin, by their count or by their characters, and the cells."""
    if COUNTED.search(row):
        told = [(at, cell) for at, cell in enumerate(cells(row)) if cell]
    else:
        told = [(found.start(), found[0]) for found in _GAP.finditer(row)]
    return [at for at, _ in told], [cell for _, cell in told]


def column_at(places: list[int], start: int) -> int:
    """The column that a cell stands in by its characters: it may begin a little before its head."""
    return max((n for n, place in enumerate(places) if place <= start + 2), default=-1)


def row_under(head: str, row: str) -> list[str]:
    """A row's cells in the order of its head; blanks alone may leave one out."""
    if COUNTED.search(head + row):
        return cells(row)
    places, _ = placed(head)
    done = [""] * len(places)
    for start, cell in zip(*placed(row), strict=True):
        at = column_at(places, start)
        done[at] = f"{done[at]} {cell}".strip()
    return done if len(cells(row)) < len(places) else cells(row)


def heads(line: str) -> list[tuple[str | None, str]]:
    """The cells of a table's head, each with the field it is for; none if the line is no such head."""
    row = cells(line)
    if len(row) < 2 or any(re.search(r"\d{3}", cell) for cell in row):
        return []
    found = [(label_of(cell.strip(" :.*")), cell) for cell in row]
    known = [label for label, _ in found if label]
    wanted = {"name", "first", "last", "phone", "wijk", "postcode", "address"}
    unknown_ok = all(len(cell) <= 25 for cell in row)
    return (
        found if len(known) >= 2 and len(known) * 2 >= len(row) and unknown_ok and wanted & set(known) else []
    )
