"""Who is named in a passage, and who of them is the patient.

Each name gets a weight: 5 under a label, 4 after "mw." or its like, 3 where the sentence says it is the
patient ("meld ik … aan", "… woont in"), 2 standing by itself, 1 elsewhere (never used). Names behind a
relative, a profession or a greeting are other people's.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.reading.layout import Block
from gateway.reading.names import Name, is_greeting, key_words, name_at, same_person, value_name
from gateway.reading.words import (
    BARE_RELATIVES,
    COMMON,
    ORGANISATIONS,
    PARTICLES,
    PROFESSIONS,
    RELATIVES,
    SALUTATIONS,
    SENDERS,
    TITLES,
    plain,
)

LABELLED, ADDRESSED, TOLD, ALONE, MERE = 5, 4, 3, 2, 1

_SALUTED = re.compile(
    r"(?<![\w@])(?:de heer|dhr|mw|mevr|mevrouw|mvr|mvw|mej|hr|heer|meneer|mijnheer|mnr|fam|familie"
    r"|echtpaar|gezin|mister|mr|mrs|ms|miss)\b\.?",
    re.IGNORECASE,
)
_START = re.compile(r"(?<![\w'’@.-])(?:['’]?[^\W\d_])")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_BEFORE = re.compile(
    r"(?:\b(?:meld\w*|aanmeld\w*|aangemeld|verwijs\w*|verwijz\w*|bel|bellen|belt|benader\w*"
    r"|contact\w*|opnemen met|neem\w*|voor|spreekuur|betreft|betreffende|inzake"
    r"|patient\w*|pt|client\w*|genaamd|heet|heten|naam(?: is)?|naam van de patient|nieuwe|graag"
    r"|hulp aan|om|over|gaat om|gaat over|het is|dat is|dit is|hierbij|bij deze|zag|sprak|ken"
    r"|call|refer\w*|patient is|named|name is|contact with|for|bij dezen|begeleiden|helpen|help"
    r"|(?:zouden|zou|kunnen|kunt|kun|kan|willen|wil|wilt) (?:jullie|u|je|jij|iemand|men))\b|:|^)"
    r"(?:[ ,:-]{1,3}(?:ik|u|wij|we|graag|hierbij|bij u|even|ook|vandaag|gisteren|aan|met|van|de|een"
    r"|onze|mijn|deze|patient\w*|client\w*|man|vrouw|is|dan|op|jullie|je"
    r"|contact|bellen|pt|nieuwe|voor|hulp|aanmelding|verwijzing|opnemen|te|aanmelden|dat|nl|namelijk"
    r"|om|it)){0,6}[ ,:(–-]{0,3}$"
)
_AFTER = re.compile(
    r"\s*(?:[,(–-]\s*)?(?:·|\+|\d|\(?\d|tel\b|tel\.|telefoon|nr\b|nummer|mob|geb\b|geb\.|geboren|bsn"
    r"|uit\b|woont|woonachtig|wonend|heeft\b|wil\b|is\b|zit\b|zoekt|kan\b|aan\b|aan$"
    r"|aanmeld\w*|komt|kampt|krijgt|vraagt|bereikbaar|te bereiken|gebeld|bellen|verwijz\w*"
    r"|doorverwijz\w*|leeft|verblijft|lives|needs|has\b|wants|◊|pc\b|postcode|wijk\b|graag|stemt|gaf|loopt"
    r"|durft|redt|maakt|werkt|verloor|dreigt|in verband|i\.?v\.?m|met (?:geld|schuld|financi)"
    r"|op de lijst|op te nemen|jaar|\bj\b|kunnen\b|zou\b|moet\b"
    r"|mag\b|te bellen|helpen|opnemen|benaderen|oppakken|belde|meldde|kwam|vertelde|gaf aan|zegt"
    r"|staat\b|ontvangt|slaapt|spreekt)"
)
_ABOUT_BEFORE = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_BY = frozenset(
    {
        "door",
        "namens",
        "via",
        "van dokter",
        "collega",
        "dank",
        "afzender",
        "getekend",
        "t.a.v",
        "tav",
        "cc",
        "aan",
    }
)
_ROLE_BEHIND = re.compile(
    r"\s*[,(–-]\s*(?:(?:de|een|zijn|haar|hun|haar/zijn|is|als|mijn|onze|als) ){0,2}([a-z][a-z-]+)"
)
_NEVER_FIRST = frozenset(
    {"aan", "bij", "onder", "over", "uit", "voor", "tot", "in", "op", "te", "en", "y", "s", "l", "d"}
)
_CALLED = re.compile(r"(?i:\b(?:heet|genaamd|naam is|name is|named))[ :]+(?=[A-ZÀ-Þ])")
_OPENING = re.compile(r"\s*(?:[a-zà-ÿA-Z ]{3,30}:\s+)?")
_ONE_SURNAME = re.compile(
    r"(?:[A-ZÀ-Þ][^\W\d_'’-]*(?:[-'’][^\W\d_]+)*|(?:[Vv]an|[Dd]e|[Dd]en|[Tt]er|[Ee]l) [^,·]{2,25})\s*[,(·]"
)
_BOUNDARY = re.compile(r"\s*[,(·◊]")
_LOWER_ALONE = re.compile(r"(?:[a-zà-ÿ'’-]{2,20}[ ]){1,4}[a-zà-ÿ'’-]{2,20}")
_LOWER_TELEGRAM = re.compile(r"((?:[a-zà-ÿ'’.-]+\s+){1,4}?[a-zà-ÿ'’-]+)\s*(?=,|\(|\+|·|0\d|\d|◊)")


@dataclass(frozen=True, slots=True)
class Person:
    """A name found: how surely it is the patient's, and where it stands (block, start, end)."""

    name: str
    weight: int
    block: int
    start: int
    end: int
    record: int = 0


@dataclass(slots=True)
class People:
    """Everybody in a passage: who may be the patient, and where any name stands in each block."""

    patients: list[Person] = field(default_factory=list)
    spans: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, found: Name, weight: int, block: int, record: int = 0) -> None:
        self.spans.setdefault(block, []).append((found.start, found.end))
        if weight:
            self.patients.append(Person(found.text, weight, block, found.start, found.end, record))


def people(blocks: list[Block], masked: list[str], sender: frozenset[str]) -> People:
    """The people of a passage. `masked` is each block's text with numbers as "·" and wijken as "◊"."""
    everybody = People()
    parts: dict[str, str] = {}
    lowercase = _is_lowercase(blocks)
    for at, block in enumerate(blocks):
        if block.label in {"ids", "remarks", "sender", "relative"}:
            continue
        if block.label in {"first", "infix", "last"}:
            parts.setdefault(block.label, block.text.strip(" ,;"))
            continue
        if block.label == "name":
            if (found := _labelled(block, masked[at])) and not _is_sender(found.text, sender):
                everybody.add(found, LABELLED, at, block.record)
                _scan(
                    everybody, at, block, masked[at], found.end, sender, lowercase=lowercase, weight_cap=MERE
                )
                continue
        elif block.label:
            continue
        if is_greeting(block.text) and not _past_greeting(masked[at]):
            continue
        _scan(everybody, at, block, masked[at], _past_greeting(masked[at]), sender, lowercase=lowercase)
    if "last" in parts:
        _join(everybody, blocks, parts)
    return everybody


def _labelled(block: Block, masked: str) -> Name | None:
    words = _WORD.findall(plain(block.phrase))
    if words and words[0] in RELATIVES | SENDERS:
        return None
    value = re.split(r"[·◊\t|]", masked, maxsplit=1)[0]
    return value_name(value)


def _join(everybody: People, blocks: list[Block], parts: dict[str, str]) -> None:
    """Separate fields for given name, tussenvoegsel and surname, put together."""
    last = re.split(r"[,;(\t]", parts["last"])[0].strip()
    infix = parts.get("infix", "")
    if infix and plain(last).startswith(plain(infix) + " "):
        infix = ""
    written = " ".join(
        part
        for part in (parts.get("first", ""), infix, last)
        if part and plain(part) not in {"-", "nvt", "geen"}
    )
    if (found := value_name(written)) and len(found.text) >= len(written) - 12:
        at = next(i for i, block in enumerate(blocks) if block.label == "last")
        everybody.patients = [
            p for p in everybody.patients if p.weight < LABELLED or same_person(p.name, found.text)
        ]
        everybody.patients.insert(0, Person(found.text, LABELLED, at, 0, 0, blocks[at].record))


def _past_greeting(text: str) -> int:
    """Where the talk begins in "Beste Sonja, graag bellen met …"."""
    opening = re.match(r"[^\n,.!?:]{2,45}[,!.:]\s", text)
    return opening.end() if opening and is_greeting(opening[0]) else 0


def _scan(
    everybody: People,
    at: int,
    block: Block,
    text: str,
    start: int,
    sender: frozenset[str],
    *,
    lowercase: bool,
    weight_cap: int = LABELLED,
) -> None:
    for saluted in _SALUTED.finditer(text, start):
        if _covered(everybody, at, saluted.start()):
            continue
        found = name_at(text, saluted.start(), lower=True)
        if (
            found is None
            or found.start - saluted.end() > 25
            or (not found.capitals and not _lower_ok(text, found, lowercase))
        ):
            continue
        other = _is_other(text, saluted.start(), found.end) or _is_sender(found.text, sender)
        everybody.add(found, 0 if other else min(ADDRESSED, weight_cap), at, block.record)
    position = start
    while (begin := _START.search(text, position)) is not None:
        position = begin.end()
        if _covered(everybody, at, begin.start()) or not _may_begin(text, begin.start()):
            continue
        found = name_at(text, begin.start())
        if found is None:
            position = _word_end(text, begin.start())
            continue
        position = max(position, found.end)
        if found.start != begin.start() or found.words < 2 or _covered(everybody, at, found.end - 1):
            continue
        weight = _weight(text, found)
        if _is_other(text, found.start, found.end) or _is_sender(found.text, sender):
            weight = 0
        everybody.add(found, min(weight, weight_cap), at, block.record)
    if not start or weight_cap == LABELLED:
        _telegram(everybody, at, block, text, start, sender, lowercase=lowercase)


def _telegram(
    everybody: People,
    at: int,
    block: Block,
    text: str,
    start: int,
    sender: frozenset[str],
    *,
    lowercase: bool,
) -> None:
    """Bare names: "Jansen, 06-…, Filmwijk", "jan de boer 06-… filmwijk", "de patiënt heet Thijs"."""
    if any(person.block == at and person.weight > MERE for person in everybody.patients):
        return
    if called := _CALLED.search(text, start):
        found, weight = name_at(text, called.end()), TOLD
        if found is None or found.start != called.end():
            return
    else:
        found, weight = _bare(text, start, lowercase=lowercase), ALONE
    if found:
        other = _is_sender(found.text, sender) or _is_other(text, found.start, found.end)
        everybody.add(found, 0 if other else weight, at, block.record)


def _bare(text: str, start: int, *, lowercase: bool) -> Name | None:
    """A name at the head of a line, before a comma, a number or a wijk; in a text without capitals also alone."""
    opening = _OPENING.match(text, start)
    offset = opening.end() if opening else start
    head = text[offset:]
    if _ONE_SURNAME.match(head) and "·" in head[:90]:
        found = name_at(text, offset)
        return found if found and found.start == offset and _BOUNDARY.match(text, found.end) else None
    if not lowercase or not (_LOWER_TELEGRAM.match(head) or _LOWER_ALONE.fullmatch(head.rstrip(" .,"))):
        return None
    found = name_at(text, offset, lower=True)
    if found is None or found.start != offset or found.words < 2:
        return None
    ends = not text[found.end :].strip(" .,") or (
        "·" in text[found.end : found.end + 60] and _BOUNDARY.match(text, found.end)
    )
    return found if ends else None


def _weight(text: str, found: Name) -> int:
    before = plain(text[max(0, found.start - 80) : found.start])
    sentence = re.split(r"(?<=[.!?]) |\n", before)[-1]
    behind = plain(text[found.end : found.end + 40])
    if _AFTER.match(behind):
        return TOLD
    alone = not text[found.end :].strip(" .,;:!()") and not text[: found.start].strip(" -*•\t\"'“")
    if alone:
        return ALONE
    if _BEFORE.search(sentence) and sentence.strip():
        return TOLD
    if not sentence.strip() and re.match(r"\s*[,(·◊\t|–-]", text[found.end :]):
        return TOLD if "·" in text or "◊" in text else ALONE
    return MERE


def _is_other(text: str, start: int, end: int) -> bool:
    """Whether a relative's, a professional's or an addressed person's name stands there."""
    before = plain(text[max(0, start - 60) : start])
    sentence = re.split(r"(?<=[.!?]) |\n", before)[-1]
    words = _ABOUT_BEFORE.findall(sentence)[-4:]
    while words and (
        words[-1] in SALUTATIONS
        or words[-1] in {"is", "heet", "genaamd", "de", "het", "nl", "namelijk", "een"}
    ):
        words.pop()
    if words:
        last = words[-1]
        if last in {"spreekuur", "inloopspreekuur"}:
            return False
        if (
            last in RELATIVES
            or last in PROFESSIONS
            or last in SENDERS
            or last in ORGANISATIONS
            or last in TITLES
        ):
            patient_before = last in {"familie", "kind"} and text[:start].rstrip().lower().endswith(
                ("familie",)
            )
            return not patient_before
        if last in _BY and last != "aan":
            return True
        if last.endswith(("praktijk", "centrum", "artsen", "apotheek")):
            return True
    role = _ROLE_BEHIND.match(plain(text[end : end + 60]))
    if role is None:
        return False
    word = role[1]
    possessive = re.search(r"\b(?:zijn|haar|hun|mijn) $", plain(text[end : end + 60])[: role.start(1)])
    return (
        word in PROFESSIONS
        or (word in RELATIVES and (word not in BARE_RELATIVES or possessive is not None))
        or word in SENDERS
    )


def _is_sender(name: str, sender: frozenset[str]) -> bool:
    words = [word for word in key_words(name) if len(word) >= 3]
    return bool(words) and all(word in sender for word in words)


def _covered(everybody: People, block: int, position: int) -> bool:
    return any(start <= position < end for start, end in everybody.spans.get(block, ()))


def _may_begin(text: str, start: int) -> bool:
    character = text[start + 1] if text[start] in "'’" and start + 1 < len(text) else text[start]
    if character.isupper() or text[start] in "'’":
        return True
    if re.match(r"[a-z]{1,2}['’][A-ZÀ-Þ]", text[start : start + 4]):
        return True
    word = re.match(r"[^\W\d_]+", text[start : start + 12])
    if word and word[0] in _NEVER_FIRST:
        return False
    return bool(word and word[0] in PARTICLES) or character.lower() == character.upper()


def _word_end(text: str, start: int) -> int:
    word = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*").match(text, start)
    return word.end() if word else start + 1


def _is_lowercase(blocks: Iterable[Block]) -> bool:
    """Whether somebody writes without capitals."""
    letters = [next((c for c in block.text if c.isalpha()), "") for block in blocks]
    begun = [c for c in letters if c]
    return bool(begun) and sum(c.islower() for c in begun) * 2 >= len(begun)


def _lower_ok(text: str, found: Name, lowercase: bool) -> bool:
    """A surname in lower case must end where a name plainly ends, or stand in a text without capitals."""
    behind = text[found.end :].lstrip(" ")
    if not behind or behind[0] in ",(·◊+;:0123456789/|\n":
        return found.words <= 4
    following = _WORD.match(behind)
    ended = behind[0] in ".!?" or (following is not None and plain(following[0]) in COMMON)
    parts = plain(found.text).split()
    return ended and found.words <= 2 and (lowercase or parts[0] in PARTICLES)
