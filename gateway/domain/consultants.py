"""The person to ask for in a practice: who of an organisation works there, and on which parts of the week.

Pure. It promises that of several the one is named who is there first after a moment, that who is away is
replaced as any contact person is, and that without hours one name holds always.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from gateway.domain.codes import DayPart
from gateway.domain.pathway import WEEKDAYS
from gateway.domain.route import Organisation, contact_person, substitute_of

_DAYS: Final = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_HOUR: Final = re.compile(rf"({'|'.join(WEEKDAYS)}) ({'|'.join(DayPart)})")
_ENDS: Final[Mapping[str, time]] = MappingProxyType(
    {DayPart.OCHTEND: time(12), DayPart.MIDDAG: time(17, 30), DayPart.AVOND: time(22)}
)


@dataclass(frozen=True, slots=True)
class Consultant:
    """Somebody who works in a practice; `hours` are a day of the week (Monday is 0) and a part of it."""

    name: str
    hours: tuple[tuple[int, DayPart], ...] = ()


def consultants(text: str) -> tuple[Consultant, ...]:
    """Who works somewhere: "Anja de Vries: di ochtend, do middag; Kim Jansen: wo ochtend", or a name alone.

    Raises ValueError if it is neither.
    """
    found = []
    for part in text.split(";"):
        name, colon, listed = (each.strip() for each in part.partition(":"))
        hours = [_HOUR.fullmatch(" ".join(one.split())) for one in listed.split(",")] if colon else []
        if not name or None in hours:
            raise ValueError("no consultants")
        known = tuple((WEEKDAYS.index(one[1]), DayPart(one[2])) for one in hours if one)
        found.append(Consultant(name, known))
    return tuple(found)


def person_for(
    organisation: Organisation, ancestry: tuple[str, ...], practice_id: str, local: datetime
) -> str | None:
    """The person to ask for, with the part of the week where there is one; `local` is the time of the place.

    Who works in the practice goes before the person of the place.
    """
    today = local.date()
    text = organisation.contact_persons.get(practice_id)
    if text is None:
        text = contact_person(organisation, ancestry)
    if text is None:
        return None
    known = consultants(text)
    coming = (
        min((_next(hour, local), one.name, hour) for one in known for hour in one.hours)
        if any(one.hours for one in known)
        else None
    )
    if coming is None:
        return substitute_of(organisation, known[0].name, today)
    ends, name, (day, part) = coming
    return f"{substitute_of(organisation, name, ends.date())} ({_DAYS[day]}{part} in de praktijk)"


def _next(hour: tuple[int, DayPart], local: datetime) -> datetime:
    """When that part of the week ends next."""
    day, part = hour
    plain = local.replace(tzinfo=None)
    ends = datetime.combine(plain.date() + timedelta(days=(day - plain.weekday()) % 7), _ENDS[part])
    return ends if ends > plain else ends + timedelta(days=7)
