"""What one passage says of the patient: name, phone numbers, wijk, and what is doubtful about each."""

import re
from dataclasses import dataclass, field, replace

from gateway.reading.alike import fuller, same_person
from gateway.reading.evidence import ADDRESSED, ALONE, LABELLED, TOLD
from gateway.reading.layout import Block, blocks, joined
from gateway.reading.names import name_at
from gateway.reading.owners import UNSURE, Whose, whose
from gateway.reading.people import People, Person, people
from gateway.reading.phones import is_service, looks_dialled, mask, numbers
from gateway.reading.places import Where, where
from gateway.reading.signature import body
from gateway.reading.wijken import Gazetteer, Mention, key
from gateway.reading.words import BARE_RELATIVES, RELATIVES, plain

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_(\"'“])|\n")
_ABBREVIATION = re.compile(
    r"(?:\b(?:tel|mob|nr|dhr|mw|mevr|fam|geb|bijv|evt|aub|dr|pt|pat|vast|telnr|[a-z]))\.$", re.IGNORECASE
)
_CONNECTS = re.compile(
    r"^[\s,;/&+()–-]*(?:en|of|or|and|en/of|dan wel|ofwel|alsook)?[\s,;/&+()–-]*(?:op|via|nr|tel|mob"
    r"|nummer)?[\s:.]*$"
)
_CONTACT_VIA = re.compile(
    r"\b(?:bel\w*|bereik\w*|contact\w*|via|loopt|regelt|afspra\w*|aanspreek\w*|woord)\b"
)
_COUNTED = re.compile(
    r"\b(?:twee|drie|vier|vijf|zes|2|3|4|5|6|beide|meerdere|enkele|diverse)\s+(?:nieuwe\s+|verschillende\s+)?"
    r"(?:aanmeldingen|patient\w*|client\w*|verwijzingen|personen|mensen|gezinnen|referrals|patients"
    r"|dames|heren)\b"
)


@dataclass(slots=True)
class Facts:
    """One passage's facts. `phone_state` says what the passage knows of a number; see `Reading.problems`."""

    name: str | None = None
    weight: int = 0
    names: list[Person] = field(default_factory=list)
    name_conflict: bool = False
    phones: list[str] = field(default_factory=list)
    phone_problem: str | None = None
    wijk: Where = field(default_factory=Where)
    several: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A number in the passage, whose it is, and in which block."""

    e164: str | None
    whose: Whose
    block: int
    start: int


def facts(
    lines: list[str],
    sender: frozenset[str],
    gazetteer: Gazetteer,
    not_patients: frozenset[str] = frozenset(),
    *,
    subject: str = "",
    patient_speaks: bool = False,
) -> Facts:
    """The facts of a passage. `sender`: its author's name words; `not_patients`: known practice numbers."""
    whole = joined(lines)
    spoken = whole if patient_speaks else body(whole, sender)
    found = [*([Block("", subject, -1, "", 0, -1)] if subject else []), *blocks(spoken)]
    masked = [mask(block.text) for block in found]
    signed = frozenset() if patient_speaks else _signed(whole, spoken)
    runs = [numbers(text) if block.label != "ids" else [] for block, text in zip(found, masked, strict=True)]
    mentions = [gazetteer.find(block.text) if block.label not in _NO_PLACES else [] for block in found]
    veiled = [
        _veiled(block, text, run, named, gazetteer)
        for block, text, run, named in zip(found, masked, runs, mentions, strict=True)
    ]
    everybody = people(found, veiled, frozenset() if patient_speaks else sender)
    called = _numbers(
        found,
        _with_patient(masked, everybody),
        runs,
        signed | not_patients,
        referrer_speaks=not patient_speaks,
    )
    result = Facts(names=everybody.patients, text="\n".join(block.text for block in found))
    _choose_name(result, everybody)
    if not patient_speaks:
        called = [_reconsidered(line, found, result.name, sender, gazetteer) for line in called]
    _choose_phone(result, called)
    result.wijk = where(found, mentions, gazetteer, everybody.spans)
    result.several = _several(found, everybody, called, result.text)
    return result


def _signed(whole: list[str], spoken: list[str]) -> frozenset[str]:
    """The numbers in lines set aside: wherever they stand again, they are the sender's."""
    aside = [line for line, kept in zip(whole, spoken, strict=True) if line and line != kept]
    found = [
        numbers(mask(line.removeprefix(kept) if kept else line))
        for line, kept in zip(whole, spoken, strict=True)
        if line != kept
    ]
    return frozenset(e164 for run in found for e164, _, _ in run if e164) if aside else frozenset()


_NO_PLACES = frozenset({"ids", "remarks", "sender", "relative"})


def _veiled(
    block: Block,
    text: str,
    run: list[tuple[str | None, int, int]],
    named: list[Mention],
    gazetteer: Gazetteer,
) -> str:
    """The text with numbers and sure wijken blanked out, so that no name runs into them."""
    veiled = list(text)
    for _, start, end in run:
        veiled[start:end] = "·" * (end - start)
    for mention in named:
        wide = len(mention.names) == 1 and gazetteer.is_gemeente(mention.names[0])
        if wide or (not mention.ordinary and not (mention.misspelt and block.label == "name")):
            veiled[mention.start : mention.end] = "◊" * (mention.end - mention.start)
    return "".join(veiled)


# "schulden bij Zilveren Kruis (071-…)": the patient's own name is in lower case here.
_OF_OTHERS = re.compile(
    r"\b(?:bij|aan|van|door|with) (?:de |het )?(?:[A-ZÀ-Þ][\w&'’-]* ?){1,4}[(,:]?\s*(?:tel\.?:?|nr\.?:?)?\s*$"
)


def _with_patient(masked: list[str], everybody: People) -> list[str]:
    """The texts with the names of whoever may be the patient as "pt", in as many characters."""
    texts = list(masked)
    for person in everybody.patients:
        if person.weight >= ALONE and person.end > person.start:
            text = texts[person.block]
            texts[person.block] = (
                text[: person.start] + "pt".ljust(person.end - person.start) + text[person.end :]
            )
    return texts


def _numbers(
    found: list[Block],
    masked: list[str],
    runs: list[list[tuple[str | None, int, int]]],
    known: frozenset[str],
    *,
    referrer_speaks: bool,
) -> list[Line]:
    lines: list[Line] = []
    for at, block in enumerate(found):
        text = masked[at]
        previous: tuple[int, Whose] | None = None
        for index, (e164, start, end) in enumerate(runs[at]):
            begin = _sentence_start(text, start)
            lead = text[max(begin, previous[0] if previous else 0) : start]
            until = runs[at][index + 1][1] if index + 1 < len(runs[at]) else len(text)
            tail = re.split(r"(?<=[.!?])\s", text[end:until], maxsplit=1)[0][:200]
            more = index + 1 < len(runs[at]) and len(tail) == until - end
            owner = whose(block.label, lead, tail, referrer_speaks=referrer_speaks, more=more)
            if owner is Whose.PATIENT and _OF_OTHERS.search(lead):
                owner = Whose.OTHER
            if previous and owner is Whose.PATIENT and previous[0] >= begin and _CONNECTS.match(plain(lead)):
                owner = previous[1]
            if (
                owner is Whose.PATIENT
                and block.label in {"", "phone"}
                and _told_of_other(found, at, text[:begin], lead)
            ):
                owner = Whose.OTHER
            if e164 is not None and (e164 in known or is_service(e164)):
                owner = Whose.SENDER
            previous = (end, owner)
            if e164 is None and not looks_dialled(text[start:end], block.label, lead):
                continue
            lines.append(Line(e164, owner, at, start))
    return lines


_BEFORE_NUMBER = re.compile(
    r"[\s,:;|/(+–-]*(?:\b(?:tel|t|m|mob|mobiel|nr|telefoon|nummer)\b[.:]?)?[\s,:;|/(+–-]*$", re.I
)


def _reconsidered(
    line: Line, found: list[Block], patient: str | None, sender: frozenset[str], gazetteer: Gazetteer
) -> Line:
    """A number that stands with another's name, or with the sender's, isn't the patient's after all."""
    if line.whose is not Whose.PATIENT:
        return line
    block = found[line.block]
    heading = _BEFORE_NUMBER.sub("", block.text[: line.start])
    if not heading.strip() and line.block and found[line.block - 1].paragraph == block.paragraph:
        above = found[line.block - 1]
        heading = above.text.strip(" ,.:") if not above.label else ""
    words = re.findall(r"[^\W\d_]+", plain(heading))
    if words and (words[-1] in sender or key(heading) in {word[-len(key(heading)) :] for word in sender}):
        return replace(line, whose=Whose.SENDER)
    name = name_at(heading.strip()) if patient and not gazetteer.find(heading) else None
    whole = name is not None and name.end >= len(heading.strip())
    if name and whole and patient and not same_person(name.text, patient):
        return replace(line, whose=Whose.OTHER)
    return line


def _sentence_start(text: str, position: int) -> int:
    start = 0
    for found in _SENTENCE.finditer(text, 0, position):
        if not _ABBREVIATION.search(text[max(0, found.start() - 8) : found.start()]):
            start = found.end()
    return start


_POSSESSIVES = frozenset({"haar", "zijn", "hun", "de", "een", "via", "met", "z'n", "zn"})


def _told_of_other(found: list[Block], at: int, before: str, lead: str) -> bool:
    """Whether the sentence before says that contact goes through another, and this one doesn't undo it."""
    if re.search(r"\b(?:patient\w*|zelf|mevrouw|meneer|mw|dhr|client\w*)\b", plain(lead)):
        return False
    told = before.strip()
    if not told:
        above = found[at - 1] if at else None
        if (
            above is None
            or above.paragraph != found[at].paragraph
            or above.label not in {"", "relative"}
            or lead.strip()
        ):
            return False
        if any(c.isdigit() for c in above.text):
            return False
        words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", plain(above.text))[:3]
        return any(word in RELATIVES for word in words[:2])
    sentences = [s for s in _SENTENCE.split(told) if s.strip()]
    last = plain(sentences[-1]) if sentences else ""
    words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", last)
    named = any(
        word in RELATIVES
        and (words[at_word - 1] in _POSSESSIVES if at_word else True)
        and (word not in BARE_RELATIVES or (at_word > 0 and words[at_word - 1] in {"haar", "zijn", "hun"}))
        for at_word, word in enumerate(words)
    )
    return named and _CONTACT_VIA.search(last) is not None and not re.search(r"\bzelf\b", last)


def _choose_name(result: Facts, everybody: People) -> None:
    best = max((person.weight for person in everybody.patients), default=0)
    if best < ALONE:
        return
    chosen = [person for person in everybody.patients if person.weight == best]
    name = chosen[0].name
    for person in chosen[1:]:
        if not same_person(name, person.name):
            result.name_conflict = True
            result.weight = best
            return
        name = fuller(name, person.name)
    for person in everybody.patients:
        if person.weight >= ALONE and same_person(name, person.name):
            name = fuller(name, person.name)
    result.name, result.weight = name, best


def _choose_phone(result: Facts, called: list[Line]) -> None:
    own = [line for line in called if line.whose is Whose.PATIENT]
    valid = list(dict.fromkeys(line.e164 for line in own if line.e164))
    if len(valid) > 1 and UNSURE.search(plain(result.text)):
        result.phone_problem = "ambiguous_phone"
    elif valid:
        result.phones = valid
    elif any(line.e164 is None for line in own):
        result.phone_problem = "invalid_phone"
    elif any(line.whose is Whose.OTHER and line.e164 for line in called):
        result.phone_problem = "ambiguous_phone"


def _several(found: list[Block], everybody: People, called: list[Line], text: str) -> bool:
    """Whether more than one patient is told of: each with a row, a label or a number of their own."""
    people_found = [person for person in everybody.patients if person.weight >= ALONE]
    groups: list[list[Person]] = []
    for person in people_found:
        for group in groups:
            if any(same_person(person.name, other.name) for other in group):
                group.append(person)
                break
        else:
            groups.append([person])
    records = {block.record for block in found if block.record and block.label in {"name", "phone", "last"}}
    if len(records) >= 2:
        return True
    if len(groups) < 2:
        return False
    if _COUNTED.search(plain(text)):
        return True
    labelled = [group for group in groups if any(person.weight == LABELLED for person in group)]
    if len(labelled) >= 2:
        return True
    owners: set[int] = set()
    patient_numbers = [line for line in called if line.whose is Whose.PATIENT]
    for line in patient_numbers:
        before = [
            (person.block, person.start, number)
            for number, group in enumerate(groups)
            for person in group
            if (
                (person.block, person.start) < (line.block, line.start)
                and person.weight >= (ALONE if person.record else TOLD)
            )
            or (person.weight == ALONE and person.block + 1 == line.block)
        ]
        if before:
            owners.add(max(before)[2])
    if len(owners) >= 2:
        return True
    strong = [group for group in groups if any(person.weight >= ADDRESSED for person in group)]
    return len(strong) >= 2 and _listed(found, strong)


def _listed(found: list[Block], groups: list[list[Person]]) -> bool:
    """Whether the names stand in a list: each at the beginning of a line of its own."""
    begins = [
        group for group in groups if any(len(found[p.block].text[: p.start].strip()) <= 12 for p in group)
    ]
    lines = {found[p.block].line for group in begins for p in group}
    return len(begins) >= 2 and len(lines) >= 2
