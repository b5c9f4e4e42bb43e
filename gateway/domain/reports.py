"""What an organisation reports in the first words of its answer by mail.

It promises that doubt is never a report: a question, a negation, or words that could mean two things give
None, and then the organisation is asked again. "In beeld" is held to the strictest rule.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from rapidfuzz.distance import OSA

from gateway.domain.codes import DayPart, DeclineReason
from gateway.domain.states import CONTACT, Event


@dataclass(frozen=True, slots=True)
class Report:
    """One report: the event, with the reason of a refusal and the part of the day of a call if stated."""

    event: Event
    reason: DeclineReason | None = None
    day_part: DayPart | None = None


_PHRASES: Final = (
    (Report(Event.CONTACTED), "in beeld; inbeeld; in beeld gebracht"),
    (Report(Event.CONTACTED), "contact gehad; contact gelegd; contact geweest; contact gemaakt; wel bereikt"),
    (Report(Event.CONTACTED), "gesproken; bereikt; telefonisch gesproken; telefonisch bereikt; reached"),
    (Report(Event.SELF_CONTACT), "patient belde; client belde; patient belde zelf; client belde zelf"),
    (Report(Event.SELF_CONTACT), "patient heeft gebeld; patient heeft zelf gebeld; client heeft zelf gebeld"),
    (Report(Event.ATTEMPTED), "niet bereikt; nog niet bereikt; niet bereikbaar; geen gehoor; geen contact"),
    (Report(Event.ATTEMPTED), "niet opgenomen; neemt niet op; voicemail; voicemail ingesproken; not reached"),
    (Report(Event.ATTEMPTED), "niet gesproken; nog niet gesproken; nog geen contact; niet kunnen bereiken"),
    (Report(Event.INTAKE_PLANNED), "afspraak; afspraak gemaakt; afspraak gepland; intake gepland"),
    (Report(Event.INTAKE_PLANNED), "kennismaking gepland; intake afgesproken; appointment"),
    (Report(Event.NO_SHOW), "niet verschenen; niet gekomen; no show; noshow; niet op afspraak"),
    (Report(Event.NO_SHOW), "niet komen opdagen; niet op komen dagen; afspraak gemist"),
    (Report(Event.IN_SUPPORT), "gestart; begeleiding gestart; hulp gestart; traject gestart; started"),
    (Report(Event.STOPPED), "gestopt; beeindigd; afgerond; afgesloten; begeleiding gestopt; traject gestopt"),
    (Report(Event.STOPPED), "begeleiding afgerond; traject afgerond; hulp gestopt; stopped"),
    (Report(Event.DECLINED, DeclineReason.CAPACITY), "vol; wij zitten vol; we zitten vol; geen capaciteit"),
    (Report(Event.DECLINED, DeclineReason.CAPACITY), "geen plek; geen plaats; full"),
    (
        Report(Event.DECLINED, DeclineReason.AREA),
        "verkeerd gebied; verkeerde wijk; ander gebied; andere wijk",
    ),
    (
        Report(Event.DECLINED, DeclineReason.AREA),
        "niet ons gebied; niet onze wijk; buiten gebied; wrong area",
    ),
    (Report(Event.DECLINED, DeclineReason.PATIENT_DECLINED), "geen behoefte; wil geen hulp; geen hulp nodig"),
    (Report(Event.DECLINED, DeclineReason.PATIENT_DECLINED), "patient wil niet; client wil niet; no need"),
    (Report(Event.DECLINED, DeclineReason.DUPLICATE), "dubbel; al bekend; reeds bekend; al in traject"),
    (Report(Event.DECLINED, DeclineReason.NOT_APPROPRIATE), "niet passend; niet geschikt"),
    (Report(Event.WITHDRAWAL_CONFIRMED), "gezien; gelezen; intrekking gezien; seen"),
    (Report(Event.CORRECTED), "vergissing; foutje; correctie; rechtzetting; toch niet in beeld; mistake"),
    (Report(Event.COLLECTED), "ontvangen; opgehaald; geopend; aanmelding ontvangen; received"),
)
_QUOTE: Final = re.compile(r"^\s*[>|]")
_GREETING: Final = re.compile(
    r"^\s*(?:(?:beste|geachte)\b[^,.!:]{0,60}(?:[,.!:]|$)"
    r"|(?:goede\s?(?:dag|morgen|middag|avond)|hallo|hoi|dag)\b(?:[^,.!:]{0,40}[,.!:]|\s*$))\s*"
)
_OPENERS: Final = frozenset(
    {"ja", "de", "deze", "patient", "patiente", "client", "cliente", "mevrouw", "meneer", "mw", "dhr", "is"}
    | {"ik", "we", "wij", "heb", "hebben", "status", "melding", "aanmelding", "inmiddels", "nu"}
)
"""Words that may stand before a report without changing it."""

_NOT: Final = frozenset(
    {"niet", "nee", "nooit", "noch", "mislukt", "not", "no", "never", "yet", "zonder", "tevergeefs"}
)
_NOT_EVEN: Final = frozenset({"contact", "gehoor", "reactie", "antwoord", "idee", "sprake"})
"""With "geen" before it, each of these denies contact; "geen afspraak" does not."""

_UNSURE: Final = frozenset(
    {"misschien", "waarschijnlijk", "bijna", "zodra", "wanneer", "hopelijk", "hoop", "maybe", "voicemail"}
    | {"probeer", "proberen", "geprobeerd", "poging", "antwoordapparaat", "bellen", "maken", "plannen"}
    | {"volgt", "verzet", "afgezegd", "geannuleerd", "gemist", "verkeerd", "verkeerde"}
)
_CALM: Final = frozenset(
    {"met", "de", "patient", "patiente", "client", "cliente", "mevrouw", "meneer", "mw", "dhr", "vandaag"}
    | {"gisteren", "om", "uur", "telefonisch", "op", "is", "zojuist", "net"}
)
"""What may follow words for contact that are not the agreed ones; "gesproken met de huisarts" is none."""

_DAY_PARTS: Final[Mapping[str, DayPart]] = MappingProxyType(
    {
        "ochtend": DayPart.OCHTEND,
        "ochtends": DayPart.OCHTEND,
        "vanochtend": DayPart.OCHTEND,
        "vanmorgen": DayPart.OCHTEND,
        "morgens": DayPart.OCHTEND,
        "middag": DayPart.MIDDAG,
        "middags": DayPart.MIDDAG,
        "vanmiddag": DayPart.MIDDAG,
        "avond": DayPart.AVOND,
        "avonds": DayPart.AVOND,
        "vanavond": DayPart.AVOND,
    }
)


def _phrases() -> Iterator[tuple[tuple[str, ...], Report]]:
    for report, phrases in _PHRASES:
        for phrase in phrases.split(";"):
            yield tuple(phrase.split()), report


_BY_WORDS: Final = dict(_phrases())
_LONGEST: Final = max(map(len, _BY_WORDS))
_IMPLY_CONTACT: Final = CONTACT | {Event.INTAKE_PLANNED, Event.IN_SUPPORT}
_AGREED: Final = frozenset({("in", "beeld"), ("inbeeld",), ("in", "beeld", "gebracht")})


def report_in(text: str) -> Report | None:
    """The report in the text of an answer: that of its first line beyond blanks, quotes and a greeting."""
    for line in text.splitlines():
        rest, greetings = _GREETING.subn("", _folded(line), count=1)
        # "Geachte heer, mevrouw," leaves a word that is still the greeting.
        if greetings and set(_words(rest)) <= _OPENERS:
            continue
        if rest.strip() and not _QUOTE.match(line):
            return report_of(rest)
    return None


def report_of(first_line: str) -> Report | None:
    """The report with which this line begins, or None if it is not wholly clear.

    The longest phrase that the line begins with decides; slips of the pen are forgiven in words of five
    letters or more, but of the words for contact only in "in beeld". A question is no report; nor is contact,
    or what implies it, with a word of denial or doubt in the same line.
    """
    if "?" in first_line or len(first_line) > 1000:
        return None
    phrase, rest = _beginning(_words(_folded(first_line)))
    if not phrase:
        return None
    report = _BY_WORDS[phrase]
    if report.event in _IMPLY_CONTACT and _is_doubtful(phrase, rest):
        return None
    parts = {_DAY_PARTS[word] for word in rest if word in _DAY_PARTS}
    if report.event is Event.ATTEMPTED and len(parts) == 1:
        return replace(report, day_part=parts.pop())
    return report


def _is_doubtful(phrase: tuple[str, ...], rest: list[str]) -> bool:
    """Whether what follows the phrase takes away that there was contact with the patient."""
    denied = any(first == "geen" and second in _NOT_EVEN for first, second in pairwise(rest))
    if denied or set(rest) & (_NOT | _UNSURE):
        return True
    loose = _BY_WORDS[phrase].event in CONTACT and phrase not in _AGREED
    return loose and not set(rest) <= _CALM | _DAY_PARTS.keys()


def _beginning(words: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The longest phrase the line begins with, perhaps after openers, and the words after it."""
    for skipped in range(min(5, len(words))):
        for length in range(min(_LONGEST, len(words) - skipped), 0, -1):
            begin = tuple(words[skipped : skipped + length])
            slips = {phrase: count for phrase in _BY_WORDS if (count := _slips(phrase, begin)) is not None}
            near = [phrase for phrase, count in slips.items() if count == min(slips.values())]
            if len({_BY_WORDS[phrase] for phrase in near}) == 1:
                return near[0], words[skipped + length :]
            if near:
                return (), []
        if words[skipped] not in _OPENERS:
            break
    return (), []


def _slips(phrase: tuple[str, ...], typed: tuple[str, ...]) -> int | None:
    """How many slips of the pen make `typed` of the phrase; None if that is too many for one of its words."""
    if len(phrase) != len(typed):
        return None
    exact = _BY_WORDS[phrase].event in CONTACT and phrase not in _AGREED
    total = 0
    for meant, written in zip(phrase, typed, strict=True):
        allowed = 0 if exact or len(meant) < 5 else 1 if len(meant) < 7 else 2
        slips = OSA.distance(meant, written, score_cutoff=allowed)
        if slips > allowed:
            return None
        total += slips
    return total


def _words(folded: str) -> list[str]:
    return re.findall(r"[a-z]+", folded)


def _folded(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
