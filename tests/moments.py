"""The day on which the stories begin.

Keys and certificates go by the machine's clock, so the stories play in the near future, in a week without
holidays: the terms then run as everybody expects, on whatever day the tests are run.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def quiet_monday(today: datetime) -> datetime:
    """Ten o'clock on the first Monday after today whose two weeks hold no Dutch public holiday."""
    closed = holidays.country_holidays("NL", categories=("public", "optional"))
    day = today.astimezone(AMSTERDAM).date() + timedelta(days=1)
    while day.weekday() != 0 or any(day + timedelta(days=ahead) in closed for ahead in range(14)):
        day += timedelta(days=1)
    return datetime.combine(day, time(10), AMSTERDAM).astimezone(UTC)


def written(moment: datetime) -> str:
    """A moment as the pages write it."""
    return moment.astimezone(AMSTERDAM).strftime("%d-%m-%Y %H:%M")


MONDAY = quiet_monday(datetime.now(UTC))
