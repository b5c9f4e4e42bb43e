"""What one passage says of the patient: name, phone numbers, wijk, and what is doubtful about each."""

import re
from dataclasses import dataclass, field

from gateway.reading.patient.alike import fuller, same_person
from gateway.reading.patient.binding import Line, Passage, Token, Whose, doubted, tokens_of
from gateway.reading.patient.evidence import ADDRESSED, ALONE, LABELLED, TOLD
from gateway.reading.patient.layout import Block, blocks, joined
from gateway.reading.patient.names import is_greeting
from gateway.reading.patient.people import people
from gateway.reading.patient.person import People, Person
from gateway.reading.patient.phones import mask, numbers
from gateway.reading.patient.places import Where, where
from gateway.reading.patient.signature import body
from gateway.reading.patient.wijken import Gazetteer, Mention
from gateway.reading.patient.words import plain

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
    doubted: bool = False
    """Whether it takes back a number, so that older ones count no more."""


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
    result = Facts(names=everybody.patients, text="\n".join(block.text for block in found))
    _choose_name(result, everybody)
    rows = [
        _tokens(at, found, text, run, named, everybody, result.name, gazetteer)
        for at, (text, run, named) in enumerate(zip(masked, runs, mentions, strict=True))
    ]
    passage = Passage(
        found, rows, runs, signed | not_patients, _sexes(found), referrer_speaks=not patient_speaks
    )
    called = passage.lines()
    _choose_phone(result, called, doubted(passage))
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


def _choose_phone(
    result: Facts, called: list[Line], doubt: tuple[tuple[int, int], bool] | None
) -> None:
    if doubt is not None:
        (block, start), renews = doubt
        result.doubted = True
        later = [line for line in called if (line.block, line.place) >= (block, start)]
        if renews and any(line.whose is Whose.PATIENT and line.e164 for line in later):
            called = later
        elif any(line.whose is Whose.PATIENT for line in called) or not called:
            result.phone_problem = "ambiguous_phone" if called else None
            return
    own = [line for line in called if line.whose is Whose.PATIENT]
    valid = list(dict.fromkeys(line.e164 for line in own if line.e164))
    theirs = {line.e164 for line in called if line.whose in {Whose.OTHER, Whose.OLD, Whose.SENDER}}
    unknown = [
        line.e164
        for line in called
        if line.e164
        and line.e164 not in theirs
        and (line.whose is Whose.UNKNOWN or (line.whose is Whose.OWNED and not any(each.direct for each in own)))
    ]
    if unknown or set(valid) & theirs:
        result.phone_problem = "ambiguous_phone"
    elif valid:
        result.phones = valid
    elif any(line.e164 is None for line in own):
        result.phone_problem = "invalid_phone"
    elif any(line.whose in {Whose.OTHER, Whose.OWNED} and line.e164 for line in called):
        result.phone_problem = "ambiguous_phone"


def _tokens(
    at: int,
    found: list[Block],
    masked: str,
    run: list[tuple[str | None, int, int]],
    named: list[Mention],
    everybody: People,
    name: str | None,
    gazetteer: Gazetteer,
) -> list[Token]:
    text = found[at].text
    opening = re.match(r"[^\n,.!?:]{2,45}(?:[,!.:]|$)", text)
    greeted = opening.end() if opening and is_greeting(opening[0]) and found[at].label == "" else 0
    masked = " " * greeted + masked[greeted:]
    spans = everybody.spans.get(at, [])
    theirs = [
        (person.start, person.end)
        for person in everybody.patients
        if person.block == at and person.weight >= ALONE and name and same_person(name, person.name)
    ]
    strangers = [span for span in spans if span not in theirs and span[0] >= greeted]
    taken = [("number", start, end) for _, start, end in run]
    people = [*theirs, *strangers]
    taken += [
        ("place", mention.start, mention.end)
        for mention in named
        if not any(a < mention.end and mention.start < b for a, b in people)
    ]
    return tokens_of(masked, strangers, theirs, taken)


_FEMALE = re.compile(r"\b(?:mw|mevr|mevrouw|mvr|patiente|clie?nte)\b")
_MALE = re.compile(r"\b(?:dhr|de heer|meneer|mnr|mijnheer)\b")


def _sexes(found: list[Block]) -> set[str]:
    said = plain(" ".join(block.text + " " + block.phrase for block in found)[:4000])
    return {sex for sex, words in (("v", _FEMALE), ("m", _MALE)) if words.search(said)}


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
