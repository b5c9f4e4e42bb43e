"""What an organisation reports in the first words of its answer by mail.

It promises that doubt is never a report: a question, a negation, or words that could mean two things give
None, and then the organisation is asked again. "In beeld" is held to the strictest rule.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rapidfuzz import fuzz

from gateway.domain.codes import DayPart, DeclineReason
from gateway.domain.states import CONTACT, Event


@dataclass(frozen=True, slots=True)
class Report:
    """One report: the event, with the reason of a refusal and the part of the day of a call if stated."""

    event: Event
    reason: DeclineReason | None = None
    day_part: DayPart | None = None


_PHRASES: Final = (
    (Report(Event.CONTACTED), "in beeld; inbeeld; in beeld gebracht; patient in beeld; client in beeld"),
    (Report(Event.CONTACTED), "contact gehad; contact gelegd; contact gemaakt; contact geweest; wel bereikt"),
    (Report(Event.CONTACTED), "gesproken; bereikt; telefonisch gesproken; telefonisch bereikt; in contact"),
    (Report(Event.CONTACTED), "contacted; reached; in touch"),
    (Report(Event.SELF_CONTACT), "zelf gebeld; patient belde; client belde; heeft zelf gebeld; belde zelf"),
    (Report(Event.SELF_CONTACT), "patient heeft gebeld; client heeft gebeld; zelf contact opgenomen"),
    (Report(Event.ATTEMPTED), "niet bereikt; nog niet bereikt; niet bereikbaar; geen gehoor; geen contact"),
    (Report(Event.ATTEMPTED), "niet opgenomen; neemt niet op; voicemail; voicemail ingesproken; not reached"),
    (Report(Event.ATTEMPTED), "niet gesproken; nog niet gesproken; nog geen contact; no answer"),
    (Report(Event.INTAKE_PLANNED), "afspraak; afspraak gemaakt; afspraak gepland; afspraak staat; intake"),
    (Report(Event.INTAKE_PLANNED), "intake gepland; kennismaking gepland; kennismaking; appointment"),
    (Report(Event.NO_SHOW), "niet verschenen; niet gekomen; no show; noshow; niet op afspraak"),
    (Report(Event.NO_SHOW), "niet komen opdagen; afspraak gemist"),
    (
        Report(Event.IN_SUPPORT),
        "gestart; begonnen; begeleiding gestart; hulp gestart; traject gestart; started",
    ),
    (Report(Event.STOPPED), "gestopt; beeindigd; afgerond; afgesloten; begeleiding gestopt; traject gestopt"),
    (Report(Event.STOPPED), "begeleiding afgerond; traject afgerond; hulp gestopt; stopped"),
    (Report(Event.DECLINED, DeclineReason.CAPACITY), "vol; wij zitten vol; geen plek; geen plaats"),
    (Report(Event.DECLINED, DeclineReason.CAPACITY), "geen capaciteit; we zitten vol; wachtlijst; full"),
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
    (Report(Event.DECLINED, DeclineReason.NOT_APPROPRIATE), "niet passend; niet geschikt; past niet"),
    (Report(Event.WITHDRAWAL_CONFIRMED), "gezien; gelezen; intrekking gezien; seen"),
    (Report(Event.CORRECTED), "vergissing; foutje; fout; correctie; rechtzetting; toch niet; mistake"),
    (Report(Event.COLLECTED), "ontvangen; opgehaald; geopend; aanmelding ontvangen; received"),
)
_QUOTE: Final = re.compile(r"^\s*[>|]")
_GREETING: Final = re.compile(
    r"^(?:(?:beste|geachte)\b[^,.!:]{0,60}[,.!:]?|(?:goede\s?(?:dag|morgen|middag|avond)|hallo|hoi|dag)[\s,.!]*)$"
)
_NEGATION: Final = frozenset(
    "niet geen nog nooit noch nee mis mislukt zonder hoop wil gaan not no never yet".split()
)
_UNSURE: Final = frozenset("misschien waarschijnlijk bijna eerder maybe als zodra wanneer".split())
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


def report_in(text: str) -> Report | None:
    """The report in the text of an answer: that of its first line which is not empty, quoted or a greeting."""
    for line in text.splitlines():
        if line.strip() and not _QUOTE.match(line) and not _GREETING.match(_folded(line)):
            return report_of(line)
    return None


def report_of(first_line: str) -> Report | None:
    """The report with which this line begins, or None if it is not wholly clear.

    The longest phrase that the line begins with decides; slips of the pen are forgiven in words of five
    letters or more. A question is no report, nor is contact with any word of doubt in the same line.
    """
    if "?" in first_line or len(first_line) > 1000:
        return None
    words = re.findall(r"[a-z]+", _folded(first_line))
    report, used = _beginning(words)
    if report is None:
        return None
    rest = set(words[used:])
    positive = report.event in CONTACT or report.event in (Event.INTAKE_PLANNED, Event.IN_SUPPORT)
    if positive and rest & (_NEGATION | _UNSURE):
        return None
    parts = {_DAY_PARTS[word] for word in rest if word in _DAY_PARTS}
    if report.event is Event.ATTEMPTED and len(parts) == 1:
        return Report(report.event, report.reason, parts.pop())
    return report


def _beginning(words: list[str]) -> tuple[Report | None, int]:
    """The report of the longest phrase at the beginning, and how many words it took."""
    for length in range(min(_LONGEST, len(words)), 0, -1):
        begin = tuple(words[:length])
        if begin in _BY_WORDS:
            return _BY_WORDS[begin], length
        near = {report for phrase, report in _BY_WORDS.items() if _is_slip(phrase, begin)}
        if len(near) == 1:
            return near.pop(), length
        if near:
            return None, 0
    return None, 0


def _is_slip(phrase: tuple[str, ...], typed: tuple[str, ...]) -> bool:
    """Whether `typed` is the phrase with a slip: short words exactly, longer ones nearly."""
    if len(phrase) != len(typed):
        return False
    return all(
        meant == written or (min(len(meant), len(written)) >= 5 and fuzz.ratio(meant, written) >= 80)
        for meant, written in zip(phrase, typed, strict=True)
    )


def _folded(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
