"""An answer to a question: what it may say in fewer words than a referral must.

A line that is a name, a wijk or a postcode answers by itself, and one figure chooses between the numbers
that the question showed. A name counts only as the answer's first line: further down stands who signs.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from gateway.reading.patient.evidence import TOLD
from gateway.reading.patient.facts import Facts
from gateway.reading.patient.names import is_greeting
from gateway.reading.patient.places import Where
from gateway.reading.patient.signature import is_senders
from gateway.reading.patient.values import value_name
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.patient.words import COMMON, plain

_CHOICE = re.compile(
    r"(?:ja,? )?(?:(?:het|de|nummer|nr|optie|keuze|antwoord|is|dat|is het|nummer is|eindigend op"
    r"|eindigt op|op|met)[ .:]{1,2}){0,4}"
    r"(?P<which>\d{1,2}|eerste|tweede|derde|bovenste|onderste)(?: (?:nummer|is (?:juist|goed|het)|klopt"
    r"|aub|graag))?[ .!)]*"
)
_ORDER = {"eerste": 1, "bovenste": 1, "tweede": 2, "derde": 3}


def answered(
    said: Facts,
    own: list[str],
    sender: frozenset[str],
    gazetteer: Gazetteer,
    choices: tuple[str, ...],
    *,
    named: bool,
    placed: bool,
) -> Facts:
    """What an answer says. `named` and `placed`: whether the patient's name and wijk are known already."""
    name = said.name if said.weight >= TOLD else None
    lines = list(_bare_lines(own, sender))
    if name is None and not named and not said.name_conflict:
        name = _bare_name(lines[:1])
    place = said.wijk
    if place == Where() and not placed:
        place = _bare_wijk(own, gazetteer)
    found = replace(said, name=name, wijk=place)
    chosen = _chosen(lines, choices) if not said.phones else None
    if chosen:
        found = replace(found, phones=[chosen], phone_problem=None, choices=())
    return Facts(
        name=found.name,
        phones=found.phones,
        phone_problem=found.phone_problem,
        choices=found.choices,
        wijk=found.wijk,
        text=said.text,
        doubted=found.doubted,
    )


def _chosen(lines: list[str], choices: tuple[str, ...]) -> str | None:
    """The number that an answer's first line chooses, by its place in the question or its last figures."""
    said = _CHOICE.fullmatch(plain(lines[0])) if lines else None
    if said is None:
        return None
    which = said["which"]
    if len(which) == 2 and which.isdigit():
        ending = [number for number in choices if number.endswith(which)]
        return ending[0] if len(ending) == 1 else None
    place = len(choices) if which == "onderste" else _ORDER.get(which) or int(which)
    return choices[place - 1] if 1 <= place <= len(choices) else None


def _bare_lines(own: list[str], sender: frozenset[str]) -> Iterator[str]:
    for line in own:
        bare = line.strip(" .,!-*•\t")
        greeting = is_greeting(bare) and re.search(r"[,!]\s*$", line.strip()) is not None
        if bare and len(bare) <= 60 and not is_senders(bare, sender) and not greeting:
            yield bare


def _bare_name(lines: list[str]) -> str | None:
    """A name that is all a line holds, where a name was asked for."""
    for line in lines:
        found = value_name(line)
        if found is None or found.end < len(line) - 1:
            continue
        short = len(found.text) < 4 or not found.capitals
        if found.words == 1 and not found.salutation and short:
            continue
        if found.salutation or not any(word in COMMON for word in plain(line).split()[:1]):
            return found.text
    return None


def _bare_wijk(lines: list[str], gazetteer: Gazetteer) -> Where:
    for line in lines[:12]:
        value = line.strip(" .,!?-*•\t")
        if not 2 < len(value) <= 40:
            continue
        found = gazetteer.exact(value) or gazetteer.misspelt(value)
        if found and len(found.names) > 1:
            return Where(None, "ambiguous_wijk")
        if found and not gazetteer.is_gemeente(found.names[0]):
            return Where(found.names[0])
        if found is None and re.fullmatch(r"[1-9]\d{3} ?[A-Za-z]{2}|[1-9]\d{3}", value):
            name = gazetteer.postcode(value[:4])
            return Where(name) if name else Where(None, "unknown_wijk")
    return Where()
