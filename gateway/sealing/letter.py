"""The Dutch text an organisation reads, at language level B1.

It promises one fact a line, the deadline in local time, and how to report back; it holds the patient's
data and therefore exists only inside a sealed payload.
"""

from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import phonenumbers

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
    ("GESTART", "de ondersteuning is begonnen"),
    ("GESTOPT", "de ondersteuning is gestopt"),
    ("VOL", "u hebt nu geen plaats"),
    ("VERKEERD GEBIED", "de patiënt woont buiten uw gebied"),
    ("GEEN BEHOEFTE", "de patiënt wil geen hulp"),
)


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
) -> str:
    """The text; `by_mail` adds how to report by answering the mail, `link` where else one can, and `marker`
    stands above one that takes the place of an earlier one. What is said of the term is right at `now`."""
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
        *(_by_mail() if by_mail else _by_inbox()),
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


def _by_mail() -> list[str]:
    return [
        "Laat daarna weten hoe het ging: beantwoord deze mail en begin uw antwoord met",
        "een van deze woorden:",
        "",
        *(f"  {word:<17}{meaning}" for word, meaning in REPORTS),
        "",
        "Schrijf verder niets over de patiënt in uw antwoord. De verwijzer krijgt alleen",
        "een vast bericht te zien, nooit uw eigen tekst.",
    ]


def _by_inbox() -> list[str]:
    return [
        "Meld daarna hoe het ging, in de beveiligde postbus of vanuit uw eigen systeem.",
        "De verwijzer krijgt alleen een vast bericht te zien, nooit uw eigen tekst.",
    ]


def _moment(value: datetime, timezone: ZoneInfo) -> str:
    local = value.astimezone(timezone)
    return (
        f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year} om {local:%H.%M} uur"
    )
