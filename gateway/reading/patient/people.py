"""Who is named in a passage, and who of them is the patient.

Each name gets a weight: 5 under a label, 4 after "mw." or its like, 3 where the sentence says it is the
patient ("meld ik … aan", "… woont in"), 2 standing by itself, 1 elsewhere (never used). Names behind a
relative, a profession or a greeting are other people's.
"""

import re
from collections.abc import Iterable

from gateway.reading.patient.alike import same_person
from gateway.reading.patient.evidence import (
    ADDRESSED,
    ALONE,
    LABELLED,
    MERE,
    TOLD,
    is_said_now,
    is_sender,
    is_street,
    is_thing_called,
    weight_of,
)
from gateway.reading.patient.layout import Block
from gateway.reading.patient.lexicon import is_thing
from gateway.reading.patient.names import Name, is_greeting, name_at
from gateway.reading.patient.others import asks_for_kin, begins_with_role, is_doctor, is_other
from gateway.reading.patient.person import Everybody, join_fields, with_given_behind, with_parts
from gateway.reading.patient.values import turned_at, value_name
from gateway.reading.patient.vocabulary import Sense, kind_of
from gateway.reading.patient.words import COMMON, NAMESAKES, PARTICLES, RELATIVES, SENDERS, TITLES, plain

_SALUTED = re.compile(
    r"(?<![\w@])(?:de heer|dhr|mw|mevr|mevrouw|mvr|mvw|mej|hr|heer|meneer|mijnheer|mnr|fam|familie"
    r"|echtpaar|gezin|mister|mr|mrs|ms|miss)\b\.?",
    re.IGNORECASE,
)
# "Karimi, dhr., …", as a file's index has it.
_SALUTED_BEHIND = re.compile(
    r"\s*((?:(?:[Vv]an|[Dd]er|[Dd]en|[Dd]e|[Tt]er|[Ee]l) ){0,2}[A-ZÀ-Þ][^\W\d_]+(?:-[A-ZÀ-Þ][^\W\d_]+)?)"
    r"(?:, ?|,? ?\()(?:[Dd]hr|[Mm]w|[Mm]evr|[Dd]e heer|[Mm]evrouw|[Mm]eneer)\b\.?\)?(?=\s*(?:[,;/|·◊–-]|$))"
)
_START = re.compile(r"(?<![\w'’@.-])(?:['’]?[^\W\d_])")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NEVER_FIRST = frozenset(
    {"aan", "bij", "onder", "over", "uit", "voor", "tot", "in", "op", "te", "en", "y", "s", "l", "d", "ben"}
)
_OF = frozenset({"van", "de", "den", "der", "ter", "ten", "von"})
_CALLED = re.compile(r"(?i:\b(?:heet|genaamd|naam is|name is|named))[ :]+(?=[A-ZÀ-Þ])")
# "Kunnen jullie Fatima helpen?"
_ASKED = re.compile(
    r"(?i:\b(?:kun|kunt|kunnen|wil|wilt|willen|zou|zouden) (?:je|jij|jullie|u) )"
    r"(?P<name>[A-ZÀ-Þ][^\W\d_]{2,20})"
    r"(?= (?:even |graag |misschien |aub |alsjeblieft ){0,2}(?:bellen|helpen|benaderen|opbellen)\b)"
)
_OPENING = re.compile(r"\s*(?:[a-zà-ÿA-Z ]{3,30}:\s+)?")
_ONE_SURNAME = re.compile(
    r"(?:[A-ZÀ-Þ][^\W\d_'’-]*(?:[-'’][^\W\d_]+)*|(?:[Vv]an|[Dd]e|[Dd]en|[Tt]er|[Ee]l) [^,·]{2,25})\s*[,(·]"
)
_BOUNDARY = re.compile(r"\s*[,(·◊]")
# "Willemsen, 06-…", "Bakker (geb. …), Parkwijk": right behind it stands what only a patient has.
_THEN_DATA = re.compile(r"\s*[,(·◊/-]?\s*(?:\(?(?:geb|m|v)\b[^,)]{0,20}[,)]?\s*[,]?\s*)?(?:tel\.?:?\s*)?[·◊]")
_LOWER_ALONE = re.compile(r"(?:[a-zà-ÿ'’-]{2,20}[ ]){1,4}[a-zà-ÿ'’-]{2,20}")
_LOWER_TELEGRAM = re.compile(r"((?:[a-zà-ÿ'’.-]+\s+){1,4}?[a-zà-ÿ'’-]+)\s*(?=,|\(|\+|·|0\d|\d|◊|\.\s)")
# "pat 06-… filmwijk jan de boer"
_DATA_FIRST = re.compile(r"\s*(?:(?:pat|pt|patiente?|cliente?)\b[.:]?)?[\s,;./|·◊-]*[·◊][\s,;./|-]*(?=[a-z])")
# "sjaan kuiper uit de velden zit …"
_LIVES_THERE = re.compile(r",? \(?(?:(?:uit|in|te|woont(?: in| te)?) (?:de |het )?)?◊")
# "aanmelding omar sabri", "mag ik aanmelden stan verweij,"
_LOWER_TOLD = re.compile(
    r"\b(?:pt|pat|patiente?|cliente?|aanmelding|aanmelden"
    r"|betreft|verwijzing|verwijs|over|voor|(?:zou|wil|meld|verwijs|mag) ik|heb hier|hier is|dit is"
    r"|graag (?:even )?(?:bellen|opbellen|benaderen|contact)(?: met| naar)?"
    r"|(?:kan|kunnen|kun|kunt|wil|willen|wilt) (?:iemand|jullie|je|u)(?: even| ook)?)[: ]\s*(?:patient )?"
)


def people(blocks: list[Block], masked: list[str], sender: frozenset[str]) -> Everybody:
    """The people of a passage. `masked` is each block's text with numbers as "·" and wijken as "◊"."""
    everybody = Everybody()
    parts: dict[str, str] = {}
    lowercase = _is_lowercase(blocks)
    for at, block in enumerate(blocks):
        if block.label in {"ids", "remarks", "sender", "relative"}:
            continue
        if block.label in {"first", "infix", "last"}:
            parts.setdefault(block.label, block.text.strip(" ,;"))
            continue
        if block.label == "name":
            if (found := _labelled(block, masked[at])) and not is_sender(
                found.text, sender, saluted=found.salutation
            ):
                everybody.add(found, LABELLED, at, block.record)
                _scan(
                    everybody,
                    at,
                    block,
                    masked[at],
                    found.end,
                    sender,
                    lowercase=lowercase,
                    weight_cap=ADDRESSED,
                )
                continue
        elif block.label and not (block.label == "phone" and "◊" in masked[at] and "·" in masked[at]):
            # "Tel. 06-… - mw. Anna Baas - Filmwijk" is a whole record.
            continue
        if (turned := turned_at(masked, at, subject=block.line < 0)) and not is_sender(turned.text, sender):
            everybody.add(turned, ALONE, at, block.record)
            _scan(everybody, at, block, masked[at], turned.end, sender, lowercase=lowercase)
            continue
        if (is_greeting(block.text) and not _past_greeting(masked[at])) or _is_addressed(blocks, at):
            continue
        greeted = _past_greeting(masked[at])
        text = " " * greeted + masked[at][greeted:]
        _scan(everybody, at, block, text, greeted, sender, lowercase=lowercase)
    with_given_behind(everybody, blocks)
    named = [person for person in everybody.patients if person.weight == LABELLED]
    if "last" in parts and "first" not in parts and len(named) == 1 and " " not in named[0].name:
        # Under "Naam" stands only the given name: "Naam: Safae", "Achternaam: Ahrouch".
        parts["first"] = named[0].name if named[0].name != parts["last"] else ""
        everybody.patients.remove(named[0])
    if "last" in parts:
        join_fields(everybody, blocks, parts)
    else:
        with_parts(everybody, parts.get("first", ""), parts.get("infix", ""))
    for at, spans in everybody.spans.items():
        for start, end in spans:
            # "Mevrouw Bos vroeg hulp voor haar zoon", and so isn't who "mevrouw Bos" is further on.
            if asks_for_kin(plain(masked[at][end : end + 80])):
                asker = blocks[at].text[start:end]
                everybody.patients = [p for p in everybody.patients if not same_person(p.name, asker)]
    return everybody


_NO_NAMES = ("in ", "uit ", "bij ", "op ", "het ", "de ", "er ")


def _labelled(block: Block, masked: str) -> Name | None:
    words = _WORD.findall(plain(block.phrase))
    if words and words[0] in RELATIVES | SENDERS:
        return None
    value = re.split(r"[·◊\t|]", masked, maxsplit=1)[0]
    found = value_name(value)
    if found and found.text.islower() and " " not in found.text and re.match(r" [a-z]", value[found.end :]):
        # "Patiënt mailt zelf": a verb, and no name.
        return None
    return found


# "Meneer Van Baal," above what is written to him.
_TO_READER = re.compile(r"(?i:meneer|mevrouw|mijnheer|dokter|dr\.?|heer|dame) [^,.!?:\d]{2,40},")


def _is_addressed(blocks: list[Block], at: int) -> bool:
    first = next((n for n, block in enumerate(blocks) if block.line >= 0), at)
    told = at == first and _TO_READER.fullmatch(blocks[at].text.strip()) is not None
    return told and at + 1 < len(blocks) and len(_WORD.findall(blocks[at + 1].text)) > 4


def _past_greeting(text: str) -> int:
    """Where the talk begins in "Beste Sonja, graag bellen met …"."""
    opening = re.match(r"[^\n,.!?:–]{2,45}(?:[,!.:]| [–-])\s", text)
    return opening.end() if opening and is_greeting(opening[0]) else 0


def _scan(
    everybody: Everybody,
    at: int,
    block: Block,
    text: str,
    start: int,
    sender: frozenset[str],
    *,
    lowercase: bool,
    weight_cap: int = LABELLED,
) -> None:
    behind = _SALUTED_BEHIND.match(text, start)
    if behind and (found := name_at(text, behind.start(1))) and found.end == behind.end(1):
        signer = is_sender(found.text, sender)
        everybody.add(found, 0 if signer else min(ADDRESSED, weight_cap), at, block.record)
    for saluted in _SALUTED.finditer(text, start):
        if _covered(everybody, at, saluted.start()):
            continue
        found = name_at(text, saluted.start(), lower=True)
        household = saluted[0].lower().startswith(("fam", "gezin", "echtpaar"))
        if (
            found is None
            # "geld naar familie in het buitenland"
            or (household and not found.capitals and found.text.startswith(_NO_NAMES))
            # As in: a family of Tim (8).
            or (household and re.match(r" \(\d", text[found.end :]))
            or found.start - saluted.end() > 25
            or (not found.capitals and not _lower_ok(text, found, lowercase))
        ):
            continue
        other = is_other(text, saluted.start(), found.end) or is_sender(found.text, sender, saluted=True)
        # "mw. drs. Bos" mostly is a colleague.
        doctor = is_doctor(_WORD.findall(plain(text[saluted.end() : found.start])))
        doctor = doctor and not _LIVES_THERE.match(text, found.end)
        weight = 0 if other else MERE if doctor else min(ADDRESSED, weight_cap)
        everybody.add(found, weight, at, block.record)
    # "Patiënt heeft …", where "Patiënt" was taken for a label.
    lead = "patient " if block.label == "name" and text[start : start + 1].islower() else ""
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
        titled = set(_WORD.findall(plain(text[begin.start() : found.start]))) <= TITLES
        if not titled or found.words < 2 or _covered(everybody, at, found.end - 1):
            continue
        weight = weight_of(text, found)
        if (
            is_other(lead + text, len(lead) + found.start, len(lead) + found.end)
            or is_sender(found.text, sender)
            or begins_with_role(found.text)
            or is_street(text, found)
            or is_thing_called(text, found)
            or (block.line < 0 and is_title(found.text) and not text[: found.start].strip())
        ):
            weight = 0
        everybody.add(found, min(weight, weight_cap), at, block.record)
    if not start or weight_cap == LABELLED:
        _telegram(everybody, at, block, text, start, sender, lowercase=lowercase)


def _telegram(
    everybody: Everybody,
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
    asked = _ASKED.search(text, start)
    if asked and plain(asked["name"]) not in COMMON | RELATIVES:
        found, weight = name_at(text, asked.start("name")), TOLD
        if found is None or found.end != asked.end("name"):
            return
    elif called := _CALLED.search(text, start):
        found, weight = name_at(text, called.end()), TOLD
        if found is None or found.start != called.end():
            return
    else:
        found, weight = _bare(text, start, lowercase=lowercase), ALONE
    if found and not _is_of_things(found):
        other = is_sender(found.text, sender) or is_other(text, found.start, found.end)
        # "Scan 14-02", "VERWIJSBRIEF 2025/118": a subject.
        other = other or (
            block.line < 0 and found.words == 1 and (is_thing(plain(found.text)) or is_title(found.text))
        )
        everybody.add(found, 0 if other else weight, at, block.record)


def _bare(text: str, start: int, *, lowercase: bool) -> Name | None:
    """A name at a line's head, before a comma, a number or a wijk; without capitals also a line by itself."""
    opening = _OPENING.match(text, start)
    offset = opening.end() if opening else start
    head = text[offset:]
    if _ONE_SURNAME.match(head) and "·" in head[:90]:
        found = name_at(text, offset)
        return found if found and found.start == offset and _THEN_DATA.match(text, found.end) else None
    for introduced in _LOWER_TOLD.finditer(text, start) if lowercase else ():
        found = name_at(text, introduced.end(), lower=True)
        if found and found.start == introduced.end() and found.words > 1 and _ends_there(text, found):
            return found
    if lowercase and (behind := _DATA_FIRST.match(text, start)):
        found = name_at(text, behind.end(), lower=True)
        if found and found.start == behind.end() and not text[found.end :].strip(" .") and _is_unknown(found):
            return found
    for begun in _WORD.finditer(text, start) if lowercase else ():
        if kind_of(plain(begun[0])) is not Sense.UNKNOWN:
            continue
        found = name_at(text, begun.start(), lower=True)
        at_home = found and found.start == begun.start() and _LIVES_THERE.match(text, found.end)
        if found and at_home and _is_unknown(found):
            return found
    if not lowercase or not (_LOWER_TELEGRAM.match(head) or _LOWER_ALONE.fullmatch(head.rstrip(" .,"))):
        return None
    found = name_at(text, offset, lower=True)
    if found is None or found.start != offset or found.words < 2:
        return None
    ends = not text[found.end :].strip(" .,") or (
        "·" in text[found.end : found.end + 60] and _BOUNDARY.match(text, found.end)
    )
    return found if ends or (_is_unknown(found) and _LIVES_THERE.match(text, found.end)) else None


def _is_of_things(found: Name) -> bool:
    """ "Tekst van dictaat": words of which none can only be a name."""
    words = [word for word in _WORD.findall(plain(found.text)) if word not in PARTICLES]
    return len(words) > 1 and all(is_thing(word) or kind_of(word) is Sense.THING for word in words)


def _is_unknown(found: Name) -> bool:
    """Whether a name of several words is made of none that mean anything."""
    words = _WORD.findall(plain(found.text))
    return found.words > 1 and all(word in PARTICLES or kind_of(word) is Sense.UNKNOWN for word in words)


def _ends_there(text: str, found: Name) -> bool:
    words = _WORD.findall(plain(found.text))
    following = _WORD.match(text[found.end :].lstrip())
    whole = (
        not text[found.end :].strip(" .,")
        or text[found.end] == "."
        or _BOUNDARY.match(text, found.end) is not None
    )
    whole = whole or (following is not None and following[0] in _BEHIND_NAME)
    surname = len(words) > 1 and words[-1] in NAMESAKES
    words = words[:-1] if surname else words
    return whole and all(word in PARTICLES or kind_of(word) is Sense.UNKNOWN for word in words)


_BEHIND_NAME = frozenset(
    {"aanmelden", "aan", "verwijzen", "uit", "bellen", "helpen", "benaderen", "opbellen"}
)


def is_title(name: str) -> bool:
    """ "Verwijsbrief Medicom", "SOEP Bos": what begins a subject, where it says what the mail is."""
    first = plain(name).partition(" ")[0]
    return kind_of(first) is Sense.THING or (len(first) > (3 if " " in name else 5) and is_thing(first))


def _covered(everybody: Everybody, block: int, position: int) -> bool:
    return any(start <= position < end for start, end in everybody.spans.get(block, ()))


_ELIDED = re.compile(r"[a-z]{1,2}['’][A-ZÀ-Þ]")
_LETTERS = re.compile(r"[^\W\d_]+")


def _may_begin(text: str, start: int) -> bool:
    character = text[start + 1] if text[start] in "'’" and start + 1 < len(text) else text[start]
    if character.isupper() or text[start] in "'’":
        return True
    if _ELIDED.match(text, start):
        return True
    word = _LETTERS.match(text, start, start + 12)
    if word and word[0] in _NEVER_FIRST:
        return False
    if (
        word
        and word[0] == "het"
        and (
            text.startswith("over ", word.end() + 1)
            or is_said_now(plain(text[max(0, start - 60) : word.end() + 1]))
        )
    ):
        # "Jullie hadden het over Jan Bos"
        return False
    if word and word[0] in _OF and text[:start].rstrip()[-1:].isalpha():
        # "het nummer van Ilona Kraan"
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
