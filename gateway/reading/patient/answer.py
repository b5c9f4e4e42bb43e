"""An answer to a question: what it may say in fewer words than a referral must.

A line that is a name, a wijk or a postcode answers by itself, and one figure chooses between the numbers
that the question showed. A name counts only as the answer's first line: further down stands who signs.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from gateway.reading.patient.alike import same_person
from gateway.reading.patient.evidence import TOLD
from gateway.reading.patient.facts import Facts
from gateway.reading.patient.labels import BULLET
from gateway.reading.patient.lexicon import is_thing
from gateway.reading.patient.names import is_greeting
from gateway.reading.patient.places import Where
from gateway.reading.patient.signature import is_senders
from gateway.reading.patient.values import value_name
from gateway.reading.patient.vocabulary import Sense, kind_of
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.patient.words import COMMON, plain, words_of

# What may stand beside the figure that chooses: anything else leaves the answer to a person.
_CHOOSES = words_of(
    """ja het de dat die deze degene nummer nr telefoonnummer optie keuze antwoord is zijn moet op met
    eindigend eindigt eindigen cijfers goed goede juist juiste klopt hoort bij aub svp graag dank dankje
    dankjewel bedankt alvast wel van u hem haar patient patiente hij zij ze maar het"""
)
_ORDER = {"eerste": 1, "bovenste": 1, "tweede": 2, "derde": 3, "laatste": -1, "onderste": -1}


def answered(
    said: Facts,
    own: list[str],
    sender: frozenset[str],
    gazetteer: Gazetteer,
    choices: tuple[str, ...],
    *,
    named: str | None,
    placed: bool,
    phoned: bool,
) -> Facts:
    """What an answer says. `named`, `placed` and `phoned`: what is known of the patient already."""
    name = said.name if said.weight >= TOLD else None
    lines = list(_bare_lines(own, sender))
    if named is None and name is None and not said.name_conflict:
        name = _bare_name(lines[:1])
    elif named and (new := renamed_in(said.text, named)):
        name = new
    place = said.wijk
    if place == Where() and not placed:
        place = _bare_wijk(own, gazetteer)
    found = replace(said, name=name, wijk=place)
    chosen = _chosen(lines, choices, named) if not said.phones else None
    if not phoned and not said.phones and len(said.choices) == 1 and _brings_nobody_in(said.text):
        chosen = said.choices[0]
    if chosen:
        found = replace(found, phones=[chosen], phone_problem=None, choices=())
    elif choices and not said.phones and not said.choices and (told := _of_all(lines)) is not None:
        # All that were shown are the patient's, or none is: then the number is what is missing.
        found = replace(found, phones=list(choices) if told else [])
        found = replace(found, phone_problem=None if told else "missing_phone", choices=())
    if found.doubted and not found.phones and _OF_ANOTHER_FIELD.search(plain(said.text)):
        # "Zelfde wijk als de vorige" takes no number back.
        found = replace(found, doubted=False)
    return Facts(
        name=found.name,
        phones=found.phones,
        phone_problem=found.phone_problem,
        choices=found.choices,
        wijk=found.wijk,
        text=said.text,
        doubted=found.doubted,
    )


_OF_ANOTHER_FIELD = re.compile(r"\b(?:wijk|buurt|naam)\b(?!.*\b(?:tel|mob|nummer|nr|\d{2,}))", re.DOTALL)
_SOMEBODY = frozenset({Sense.OTHER, Sense.BODY, Sense.SENDER, Sense.NEGATION, Sense.PREMISES})
_NOT_THIS_BUT = re.compile(r"\b(?i:niet) (?P<old>[^.;!?\d]{3,40}?),? (?i:maar) (?P<new>[^.,;!?\d]{3,40})")


def renamed_in(text: str, named: str) -> str | None:
    """The new name in "niet Jan Bos maar Jan Bosch"."""
    for told in _NOT_THIS_BUT.finditer(text):
        old, new = value_name(told["old"]), value_name(told["new"])
        if old and new and same_person(old.text, named):
            return new.text
    return None


def _brings_nobody_in(text: str) -> bool:
    """Whether an answer of one number is but known words: "Er ontbrak een cijfer: 06-…"."""
    words = re.findall(r"[^\W\d_]+", text)
    known = all(
        kind_of(word) is not Sense.UNKNOWN or is_thing(word) or word.endswith("fout")
        for word in map(plain, words)
    )
    return len(words) <= 12 and known and not _SOMEBODY & {kind_of(plain(word)) for word in words}


def _chosen(lines: list[str], choices: tuple[str, ...], named: str | None) -> str | None:
    """The number that an answer's first line chooses, by its place in the question or its last figures."""
    words = re.findall(r"[^\W_]+", plain(lines[0])) if lines else []
    told = [word for word in words if word in _ORDER or (word.isdigit() and len(word) <= 2)]
    beside = {word for word in words if word not in told} - set(plain(named or "").split())
    if len(told) != 1 or not beside <= _CHOOSES:
        return None
    if told[0].isdigit() and len(told[0]) == 2:
        ending = [number for number in choices if number.endswith(told[0])]
        return ending[0] if len(ending) == 1 else None
    place = _ORDER.get(told[0]) or int(told[0])
    place = len(choices) if place < 0 else place
    return choices[place - 1] if 1 <= place <= len(choices) else None


_ALL = words_of("allebei beide beiden alletwee")
_NONE = words_of("geen niet nee")
_NUMBERS = words_of("""deze twee tweeen nummers nummer telefoonnummers kloppen ervan daarvan haar hem mevrouw
    meneer dus helaas""")


def _of_all(lines: list[str]) -> bool | None:
    """Whether an answer's first line says of all the numbers shown that they are the patient's, or that none
    is: "allebei", "geen van beide", "nee"."""
    words = set(re.findall(r"[^\W_]+", plain(lines[0]))) if lines else set()
    if not words <= _ALL | _NONE | _NUMBERS | _CHOOSES:
        return None
    if words & _NONE:
        return None if "ja" in words else False
    return True if words & _ALL else None


def _bare_lines(own: list[str], sender: frozenset[str]) -> Iterator[str]:
    for line in own:
        bare = BULLET.sub("", line, count=1).strip(" .,!-*•\t")
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
