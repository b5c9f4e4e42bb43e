"""The words of the beheerders' pages for states, turns and time: short, as a column or a label needs them.

What a referrer is told stands in `config/wording`, in sentences that speak to them; these speak of the case.
"""

from datetime import datetime
from typing import Final

from gateway.domain.attribution import Turn, time_left
from gateway.domain.states import State
from gateway.reading.patient.words import plain
from gateway.store.takings import TakingReason
from gateway.web.pages import Pages

STATES: Final[dict[State, str]] = {
    State.RECEIVED: "Ontvangen",
    State.NEEDS_INFO: "Vraag gesteld",
    State.QUARANTINED: "In quarantaine",
    State.ROUTED: "Onderweg",
    State.DELIVERED: "Afgeleverd",
    State.COLLECTED: "Opgehaald",
    State.ATTEMPTED: "Gebeld, niet bereikt",
    State.CONTACTED: "In beeld",
    State.INTAKE_PLANNED: "Afspraak gemaakt",
    State.NO_SHOW: "Niet verschenen",
    State.APPOINTMENT_HELD: "Op de afspraak geweest",
    State.EXPERT_TALK: "Met deskundigen gesproken",
    State.THREE_WAY_TALK: "Driegesprek gevoerd",
    State.IN_SUPPORT: "Begeleiding gestart",
    State.STOPPED: "Begeleiding gestopt",
    State.DECLINED: "Afgewezen",
    State.UNREACHABLE: "Niet bereikt",
    State.WITHDRAWN: "Ingetrokken",
    State.RETURNED: "Teruggegeven",
    State.CLOSED: "Gesloten",
}

TURNS: Final[dict[Turn, str]] = {
    Turn.GATEWAY: "InBeeld",
    Turn.REFERRER: "Verwijzer",
    Turn.ORGANISATION: "Organisatie",
    Turn.ADMINISTRATOR: "Beheerder",
}

TAKING_REASONS: Final[dict[TakingReason, str]] = {
    TakingReason.ABSENT: "afwezig",
    TakingReason.BUSY: "te druk",
    TakingReason.AREA: "werkt in deze wijk",
    TakingReason.AGREED: "afgesproken in het team",
}
"""Why a case goes to a colleague."""

TIMES: Final = (
    "1 dag",
    "%(n)s dagen",
    "%(n)s uur",
    "1 minuut",
    "%(n)s minuten",
    "minder dan een minuut",
    "%(first)s en %(second)s",
    "nog %(time)s",
    "%(time)s te laat",
)
"""What the time that is left is put together of."""


def taking_reasons(pages: Pages) -> dict[TakingReason, str]:
    """Why a case goes to a colleague, in the language of the pages."""
    return {code: pages.say(reason) for code, reason in TAKING_REASONS.items()}


def time_words(pages: Pages, due_at: datetime, now: datetime) -> str:
    """How long there is, such as "nog 1 dag en 3 uur" or "2 uur te laat"."""
    left = time_left(due_at, now)
    days = _counted(pages, left.days, "1 dag", "%(n)s dagen")
    hours = pages.say("%(n)s uur", n=left.hours) if left.hours else ""
    minutes = _counted(pages, left.minutes, "1 minuut", "%(n)s minuten")
    # Minutes matter only when there are few hours.
    parts = [part for part in ((days, hours) if days else (hours, minutes)) if part]
    match parts:
        case [first, second]:
            time = pages.say("%(first)s en %(second)s", first=first, second=second)
        case [only]:
            time = only
        case _:
            time = pages.say("minder dan een minuut")
    return pages.say("%(time)s te laat" if left.late else "nog %(time)s", time=time)


def _counted(pages: Pages, number: int, one: str, several: str) -> str:
    if not number:
        return ""
    return pages.say(one) if number == 1 else pages.say(several, n=number)


def alphabetical(name: str) -> tuple[str, str]:
    """By what a name is put in order in a list for people: neither capitals nor accents move one,
    so "Élan" stands between "Eik" and "Filmwijk". Where only accents differ, by those."""
    folded = name.strip().casefold()
    return plain(folded), folded
