"""The Dutch text an organisation reads, at language level B1.

It promises one fact a line, the deadline in local time, and how to report back; it holds the patient's
data and therefore exists only inside a sealed payload.
"""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import phonenumbers

from gateway.domain.case import agreed_talks
from gateway.domain.pathway import Feedback, Pathway
from gateway.domain.states import Event

_DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)

# The first word of the answer is the report; the right side says when to use it.
REPORTS = (
    ("ONTVANGEN", "u hebt de aanmelding gezien en gaat bellen"),
    ("IN BEELD", "u hebt de patiënt gesproken, of de patiënt belde u"),
    ("NIET BEREIKT", "u hebt gebeld, maar kreeg de patiënt niet te pakken"),
    ("VERKEERD NUMMER", "het nummer klopt niet; wij vragen het aan de verwijzer"),
    ("AFSPRAAK", "u hebt een afspraak met de patiënt gemaakt"),
    ("GEKOMEN", "de patiënt kwam op de afspraak"),
    ("NIET GEKOMEN", "de patiënt kwam niet op de afspraak"),
    ("GESTART", "de begeleiding is gestart"),
    ("GESTOPT", "de begeleiding is gestopt"),
    ("VOL", "u hebt nu geen plek"),
    ("VERKEERD GEBIED", "de patiënt woont buiten uw gebied"),
    ("GEEN BEHOEFTE", "de patiënt wil geen hulp"),
    ("VERGISSING", "uw vorige melding klopte niet"),
)

_WITHOUT_NUMBER = {
    "ONTVANGEN": "u hebt de aanmelding gezien en gaat op weg",
    "NIET BEREIKT": "u bent er geweest, maar hebt de patiënt niet gesproken",
    "VERKEERD NUMMER": "",
}
"""What they mean, or not at all, where a place stands in for a number."""

_TALKS = {
    Event.EXPERT_TALK: ("DESKUNDIGEN", "het gesprek met de deskundigen is gevoerd"),
    Event.THREE_WAY_TALK: ("DRIEGESPREK", "het driegesprek is gevoerd"),
}
_BEFORE_TALKS = "NIET GEKOMEN"

OUTCOMES = (
    *("afgerond", "doorverwezen", "zelf gestopt", "contact verloren"),
    *("verhuisd", "niet nodig", "andere reden"),
)
"""The words for an outcome, as they stand behind GESTOPT."""

STEPS = (
    *("kennismakingsgesprek", "budgethulp", "schuldhulpverlening", "maatschappelijk werk"),
    *("belronde", "maatje", "cursus", "bewindvoering"),
)
"""The words for a next step, where a place has none of its own."""

_ASSESSMENTS = {
    "zelfredzaam": "zelfredzaam",
    "met_begeleiding": "zelfredzaam met begeleiding",
    "niet_zelfredzaam": "niet zelfredzaam",
}
TRIAL = "DIT IS EEN PROEF. Er is geen patiënt; bel niemand. Een melding mag: zo proeft u ook de weg terug."


class LetterContent(Protocol):
    """What the letter tells."""

    @property
    def kenmerk(self) -> str: ...
    @property
    def proef(self) -> bool | None: ...
    @property
    def naam(self) -> str: ...
    @property
    def telefoon(self) -> str | None: ...
    @property
    def telefoon_van(self) -> str | None: ...
    @property
    def vindplaats(self) -> str | None: ...
    @property
    def overige_telefoons(self) -> tuple[str, ...]: ...
    @property
    def wijk(self) -> str: ...
    @property
    def praktijk(self) -> str: ...
    @property
    def contactpersoon(self) -> str | None: ...
    @property
    def ontvangen(self) -> datetime: ...
    @property
    def uiterlijk(self) -> datetime: ...
    @property
    def spoed(self) -> bool: ...
    @property
    def bellen(self) -> str | None: ...
    @property
    def belt_zelf_voor(self) -> datetime | None: ...
    @property
    def inschatting(self) -> str | None: ...
    @property
    def note(self) -> str | None: ...


def dialled(number: str) -> str:
    """A number as one dials it in the Netherlands."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    dutch = parsed.country_code == 31
    form = phonenumbers.PhoneNumberFormat.NATIONAL if dutch else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def _both(number: str) -> str:
    """A number as one dials it, with its E.164 form behind it."""
    written = dialled(number)
    return number if written == number else f"{written} ({number})"


def letter(
    referral: LetterContent,
    timezone: ZoneInfo,
    *,
    by_mail: bool,
    link: str = "",
    marker: str = "",
    now: datetime | None = None,
    agreed: Pathway | None = None,
) -> str:
    """The text; `by_mail` adds how to report by answering the mail, in the words that were `agreed`, `link`
    where else one can, and `marker` stands above one that takes the place of an earlier one. What is said of
    the term is right at `now`."""
    facts = [
        ("Naam", referral.naam),
        *([("Telefoon", _both(referral.telefoon))] if referral.telefoon else []),
        *(("Ook", _both(phone)) for phone in referral.overige_telefoons),
        *([("Nummer van", f"de {referral.telefoon_van}")] if referral.telefoon_van else []),
        *([("Vindplaats", referral.vindplaats)] if referral.vindplaats else []),
        ("Wijk", referral.wijk),
        ("Verwezen door", referral.praktijk),
        *([("Voor", referral.contactpersoon)] if referral.contactpersoon else []),
        ("Ontvangen", _moment(referral.ontvangen, timezone)),
        ("Kenmerk", referral.kenmerk),
    ]
    if referral.bellen is not None:
        facts.insert(2 + len(referral.overige_telefoons), ("Bellen", f"liefst 's {referral.bellen}s"))
    if referral.inschatting is not None:
        facts.append(("Inschatting", _ASSESSMENTS[referral.inschatting]))
    if referral.note is not None:
        facts.append(("Opmerking", referral.note))
    trial = [TRIAL, ""] if referral.proef else []
    urgent = ["LET OP: dit is een aanmelding met spoed.", ""] if referral.spoed else []
    lines = [
        *([marker] if marker else ["Nieuwe aanmelding"]),
        "",
        *trial,
        *urgent,
        *(f"{label + ':':<15}{value}" for label, value in facts),
        "",
        *_waits(referral.belt_zelf_voor, now, timezone),
        *_term(referral.uiterlijk, now, timezone),
        "",
        *(_by_mail(agreed, calls=bool(referral.telefoon)) if by_mail else _by_inbox()),
        *(["", "Melden kan ook op deze pagina:", link] if link else []),
    ]
    return "\n".join(lines) + "\n"


def _waits(calls_by: datetime | None, now: datetime | None, timezone: ZoneInfo) -> list[str]:
    """Until when the patient would call, as long as that is to come."""
    if calls_by is None or (now is not None and calls_by <= now):
        return []
    date = _moment(calls_by, timezone)
    return [f"De patiënt belt u zelf, vóór {date}.", "Belt de patiënt dan niet? Bel dan zelf."]


def _term(due_at: datetime, now: datetime | None, timezone: ZoneInfo) -> list[str]:
    """By when to call, or that it is late: nobody is asked to call on a day that has passed."""
    date = _moment(due_at, timezone)
    if now is None or now < due_at:
        return [f"Neem uiterlijk {date} contact op met de patiënt."]
    return ["Neem zo snel mogelijk contact op met de patiënt.", f"De afgesproken datum was {date}."]


def _by_mail(agreed: Pathway | None, *, calls: bool) -> list[str]:
    return [
        "Laat daarna weten hoe het ging: beantwoord deze mail en begin uw antwoord met",
        "een van deze woorden:",
        "",
        *(f"  {word:<17}{meaning}" for word, meaning in _reports(agreed, calls=calls)),
        "",
        *_further(agreed),
        "Schrijf verder niets over de patiënt in uw antwoord. De verwijzer krijgt alleen",
        "een vast bericht te zien, nooit uw eigen tekst.",
    ]


def _reports(agreed: Pathway | None, *, calls: bool) -> Iterator[tuple[str, str]]:
    """The words of everywhere, with those for the conversations of this place among them. Nobody `calls` who
    has no number."""
    talks = agreed_talks(agreed) if agreed is not None else frozenset()
    for word, meaning in REPORTS:
        if meaning := meaning if calls else _WITHOUT_NUMBER.get(word, meaning):
            yield word, meaning
        if word == _BEFORE_TALKS:
            yield from (said for talk, said in _TALKS.items() if talk in talks)


def _further(agreed: Pathway | None) -> list[str]:
    """What this place agreed to hear beside the word: how it goes on, or how it ended."""
    if agreed is None:
        return []
    steps = tuple(word for step in agreed.next_step for word in step.words)
    if agreed.feedback is Feedback.VERVOLGSTAP or steps:
        return [
            "Zet achter GESTART ook het vervolg, zoals:",
            f"  GESTART, vervolg: {(steps or STEPS)[0]}",
            *_wrapped("U kunt kiezen uit: ", steps or STEPS),
            "",
        ]
    if agreed.feedback is Feedback.UITKOMST:
        return [
            "De verwijzer hoort altijd hoe het afliep. Zet achter GESTOPT de uitkomst, zoals:",
            f"  GESTOPT: {OUTCOMES[0]}",
            *_wrapped("U kunt kiezen uit: ", OUTCOMES),
            "",
        ]
    return []


def _wrapped(opening: str, words: Sequence[str]) -> list[str]:
    return textwrap.wrap(f"{opening}{', '.join(words[:-1])} of {words[-1]}.", 79) if words[1:] else []


def _by_inbox() -> list[str]:
    return [
        "Meld daarna hoe het ging, in de beveiligde postbus of vanuit uw eigen systeem.",
        "De verwijzer krijgt alleen een vast bericht te zien, nooit uw eigen tekst.",
    ]


def _moment(value: datetime, timezone: ZoneInfo) -> str:
    local = value.astimezone(timezone)
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{day} om {local.hour}.{local.minute:02d} uur"
