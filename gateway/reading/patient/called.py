"""The numbers of a passage with their owners, told by their sentence, their line and what stands above."""

import re
from dataclasses import dataclass, replace

from gateway.reading.patient.alike import same_person
from gateway.reading.patient.evidence import ALONE
from gateway.reading.patient.layout import Block
from gateway.reading.patient.names import name_at
from gateway.reading.patient.owners import Whose, whose
from gateway.reading.patient.person import People
from gateway.reading.patient.phones import is_service, looks_dialled
from gateway.reading.patient.strangers import doubtful
from gateway.reading.patient.wijken import Gazetteer, key
from gateway.reading.patient.words import BARE_RELATIVES, COMMON, ORGANISATIONS, RELATIVES, plain

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_(\"'“])|\n")

_ABBREVIATION = re.compile(
    r"(?:\b(?:tel|mob|nr|dhr|mw|mevr|fam|geb|bijv|evt|aub|dr|drs|mr|ir|ing|prof|pt|pat|vast|telnr|[a-z]))\.$",
    re.IGNORECASE,
)

_CONNECTS = re.compile(
    r"^[\s,;/&+()–-]*(?:en|of|or|and|en/of|dan wel|ofwel|alsook)?[\s,;/&+()–-]*(?:op|via|nr|tel|mob"
    r"|nummer)?[\s:.]*$"
)

_CONTACT_VIA = re.compile(
    r"\b(?:bel\w*|bereik\w*|contact\w*|via|loopt|regelt|afspra\w*|aanspreek\w*|woord)\b"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A number in the passage, whose it is, and in which block."""

    e164: str | None
    whose: Whose
    block: int
    start: int


# "schulden bij Zilveren Kruis (071-…)": the patient's own name is in lower case here.
_OF_OTHERS = re.compile(
    r"\b(?:bij|aan|van|door|with) (?:de |het )?[A-ZÀ-Þ][\w&'’-]*"
    r"(?: (?:des|der|de|van|en|[A-ZÀ-Þ][\w&'’-]*)){0,3} ?[(,:]?\s{0,3}(?:(?:tel|nr)\.?:?)?\s{0,3}$"
)


def with_patient(masked: list[str], everybody: People) -> list[str]:
    """The texts with the names of whoever may be the patient as "pt", in as many characters."""
    texts = list(masked)
    for person in everybody.patients:
        if person.weight >= ALONE and person.end > person.start:
            text = texts[person.block]
            texts[person.block] = (
                text[: person.start] + "pt".ljust(person.end - person.start) + text[person.end :]
            )
    return texts


def lines_of(
    found: list[Block],
    masked: list[str],
    runs: list[list[tuple[str | None, int, int]]],
    known: frozenset[str],
    *,
    referrer_speaks: bool,
) -> list[Line]:
    """Every number found (`runs`, per block) with its owner; `known` are never the patient\'s."""
    lines: list[Line] = []
    spoken_of = _sexes(found)
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
            if owner is Whose.PATIENT and (_OF_OTHERS.search(lead) or _of_third_party(lead)):
                owner = Whose.OTHER
            if previous and owner is Whose.PATIENT and previous[0] >= begin and _CONNECTS.match(plain(lead)):
                owner = previous[1]
            if (
                owner is Whose.PATIENT
                and block.label in {"", "phone"}
                and _told_of_other(found, at, text[:begin], lead)
            ):
                owner = Whose.OTHER
            if owner is Whose.PATIENT and _pronoun_of_another(lead, spoken_of):
                owner = Whose.OTHER
            if owner is Whose.PATIENT and doubtful(found, masked, at, lead, tail, begin, more=more):
                owner = Whose.OTHER
            if e164 is not None and (e164 in known or is_service(e164)):
                owner = Whose.SENDER
            previous = (end, owner)
            if e164 is None and not looks_dialled(text[start:end], block.label, lead):
                continue
            lines.append(Line(e164, owner, at, start))
    return lines


_CHUNK = re.compile(r"([^.,;:(!?]{3,60})[,:( ]{0,3}(?:(?:tel|telefoon|nr|nummer)\b[.:]?)?[\s:]*$")
_THIRD_PARTY = (
    "deurwaarder",
    "deurwaarders",
    "kantoor",
    "bureau",
    "corporatie",
    "verzekeraar",
    "advocaat",
    "notaris",
    "schuldeiser",
    "gemeente",
    "belastingdienst",
    "bank",
)


def _of_third_party(lead: str) -> bool:
    """ "Deurwaarder Vos 020-…", "Bewindvoerderskantoor Balans: 036-…": the number's own words say whose."""
    opened = lead.rpartition("(")[0] if "(" in lead and ")" not in lead.rpartition("(")[2] else ""
    if opened:
        # "een brief van de gemeente (…, tel 036-…": what the bracket tells is said of the word before it.
        word = re.search(r"([^\W\d_]+) ?$", plain(opened[-40:]))
        return word is not None and (word[1].endswith(_THIRD_PARTY) or word[1] in ORGANISATIONS)
    chunk = _CHUNK.search(plain(lead))
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", chunk[1])[:2] if chunk else []
    if words[:1] and words[0] in _POSSESSIVES - {"via", "met"}:
        words = words[1:]
    return bool(words) and (words[0].endswith(_THIRD_PARTY) or words[0] in ORGANISATIONS)


_SEXES = {
    "v": re.compile(r"\b(?:mw|mevr|mevrouw|mvr|patiente|clie?nte)\b"),
    "m": re.compile(r"\b(?:dhr|de heer|meneer|mnr|mijnheer)\b"),
}
_PRONOUN = re.compile(
    r"\b(?P<sex>hij|zijn|hem|zij|haar)(?: (?:is|heeft|heeft als|op|via|nr|nummer|tel|mobiel|eigen)\b\.?){0,3}"
    r"\s?[:=(]?\s?$"
)


def _sexes(found: list[Block]) -> set[str]:
    """The sexes by which a passage's people are addressed."""
    text = plain(" ".join(block.text + " " + block.phrase for block in found)[:4000])
    return {sex for sex, words in _SEXES.items() if words.search(text)}


def _pronoun_of_another(lead: str, sexes: set[str]) -> bool:
    """ "Mw. Bos … hij: 06-…": a man's number where only a woman is addressed, or the other way round."""
    said = _PRONOUN.search(plain(lead[-40:]))
    if said is None or len(sexes) != 1:
        return False
    return ("m" if said["sex"] in {"hij", "zijn", "hem"} else "v") not in sexes


# "Mo: 06-…, Said: 06-…": each number has a given name of its own.
_GIVEN = re.compile(r"[.,;!?] ?([A-ZÀ-Þ][^\W\d_]{1,20}): ?$")

# "Bea haar nummer is 06-…", "Tom belde ons met 06-…"
_HOLDER = re.compile(
    r"(?<![^\W_])([A-ZÀ-Þ][^\W\d_]{1,20}) (?:(?:haar|zijn|z'n|d'r) (?:nummer|nr|tel|telefoon\w*|mobiel\w*|06)"
    r"(?: is)?|(?:belde|belt|appte)(?: ons| mij| me| net| vandaag| terug){0,3} (?:met|op|vanaf|via|van))"
    r"[ :]{0,2}$"
)

_BEFORE_NUMBER = re.compile(
    r"[\s,:;|/(+–-]*(?:\b(?:tel|t|m|mob|mobiel|nr|telefoon|nummer)\b[.:]?)?[\s,:;|/(+–-]*$", re.I
)


def reconsidered(
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
    given = _GIVEN.search(block.text[: line.start]) or _HOLDER.search(block.text[: line.start])
    if (
        given
        and plain(given[1]) not in COMMON
        and not gazetteer.find(given[1])
        and (patient is None or plain(given[1]) not in re.findall(r"[^\W\d_]+", plain(patient)))
    ):
        return replace(line, whose=Whose.OTHER)
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
        said = _SENTENCE.split(above.text.strip())[-1] if above.line == found[at].line else above.text
        words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", plain(said))[:3]
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
