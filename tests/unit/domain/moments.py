"""Moments and pathways that the tests of clocks share."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from gateway.domain.pathway import Pathway

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ALMERE = Pathway(name="almere", title="Almere")


def pathway(**changes: object) -> Pathway:
    return Pathway.parse("test.toml", {"name": "test", "title": "Test"} | changes)


def at(text: str) -> datetime:
    """Local time in Amsterdam ("2027-03-25 16:30") as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


def local(moment: datetime | None) -> str:
    assert moment is not None
    return moment.astimezone(AMSTERDAM).strftime("%a %Y-%m-%d %H:%M")


anywhen = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))
around_dst = st.one_of(
    [
        st.datetimes(datetime(year, month, day), datetime(year, month, day + 6), timezones=st.just(UTC))
        for year, month, day in [(2026, 3, 25), (2026, 10, 21), (2027, 3, 24), (2027, 10, 25), (2026, 12, 25)]
    ]
)
moments = anywhen | around_dst
