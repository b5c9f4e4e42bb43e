"""A person found in a passage, and a name put together from separate fields."""

import re
from dataclasses import dataclass, field, replace

from gateway.reading.patient.alike import same_person
from gateway.reading.patient.evidence import LABELLED
from gateway.reading.patient.layout import Block
from gateway.reading.patient.names import Name
from gateway.reading.patient.values import value_name
from gateway.reading.patient.words import PARTICLES, plain


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
class Everybody:
    """Everybody in a passage: who may be the patient, and where any name stands in each block."""

    patients: list[Person] = field(default_factory=list)
    spans: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, found: Name, weight: int, block: int, record: int = 0) -> None:
        self.spans.setdefault(block, []).append((found.start, found.end))
        if weight:
            self.patients.append(Person(found.text, weight, block, found.start, found.end, record))


def join_fields(everybody: Everybody, blocks: list[Block], parts: dict[str, str]) -> None:
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


_GIVEN_BEHIND = re.compile(
    r"(?: ?\([^()]{2,30}\))?,? (?:(?:met|als|haar|zijn) )?voornaam(?: is)?:? "
    r"([A-ZÀ-Þ][^\W\d_]+(?:-[A-ZÀ-Þ][^\W\d_]+)?)\b"
)


def with_given_behind(everybody: Everybody, blocks: list[Block]) -> None:
    """ "Mevrouw Bol (echt waar), voornaam Arie, woont in …": the given name follows the surname."""
    for at, person in enumerate(everybody.patients):
        told = _GIVEN_BEHIND.match(blocks[person.block].text, person.end)
        if told and " " not in person.name:
            everybody.patients[at] = replace(person, name=f"{told[1]} {person.name}")


def with_parts(everybody: Everybody, given: str, infix: str) -> None:
    """ "Naam: Bol" beside "Voornaam: Arie", or "Naam: Hoven, J." beside "Tussenvoegsel: van der"."""
    named = [person for person in everybody.patients if person.weight == LABELLED]
    if len(named) != 1:
        return
    first, _, last = named[0].name.rpartition(" ")
    surname = [word for word in plain(named[0].name).split() if word not in PARTICLES]
    if given and (len(surname) > 1 or plain(given) in plain(named[0].name)):
        given = ""
    if plain(infix) in {"-", "nvt", "geen"} or f" {plain(infix)} " in f" {plain(named[0].name)} ":
        infix = ""
    whole = " ".join(part for part in (given, first, infix, last) if part)
    found = value_name(whole)
    if found and found.text == whole != named[0].name:
        everybody.patients.insert(0, replace(named[0], name=whole))
        everybody.patients.remove(named[0])
