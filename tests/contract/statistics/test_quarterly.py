"""Figures by mail: once a quarter, of the last one alone, and with small numbers hidden."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from gateway.app import Gateway
from gateway.domain.outgoing import PracticeFigures
from gateway.statistics.quarterly import QuarterlyFigures, last_quarter
from gateway.store import outbox
from gateway.store.migrate import migrate
from gateway.store.tables import EventRow, OutboxRow
from tests.store.rows import DAY, HOUR
from tests.store.running import add
from tests.story.place import Place

QUARTER = datetime(2026, 8, 3, 9, tzinfo=UTC)
AFTER = datetime(2026, 10, 15, 8, tzinfo=UTC)


def made(session: Session) -> list[OutboxRow]:
    return list(session.exec(select(OutboxRow).where(OutboxRow.kind == "figures").order_by(OutboxRow.once)))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ((2026, 1, 1), "2025-4"),
        ((2026, 3, 31), "2025-4"),
        ((2026, 10, 1), "2026-3"),
        ((2026, 12, 31), "2026-3"),
    ],
)
def test_the_last_quarter_is_the_one_that_ended(day: tuple[int, int, int], name: str) -> None:
    quarter = last_quarter(date(*day))
    assert quarter.name == name
    assert last_quarter(quarter.end) == quarter


async def test_who_asked_for_it_hears_it_once(place: Place) -> None:
    place.replace("practices.toml", "# figures_to", "figures_to")
    gateway = Gateway.at(place.directory, now=lambda: AFTER)
    migrate(gateway.store)
    step = QuarterlyFigures(gateway.store, gateway.timezone, gateway.base.directory)
    for number in range(1, 22):
        whose = "filmwijk" if number <= 3 else "stedenwijk" if number <= 12 else "de-wierden"
        at = QUARTER + number * HOUR
        add(gateway.store, number, due=at + 3 * DAY, received_at=at, updated_at=at, practice_id=whose)
    add(gateway.store, 30, due=AFTER, received_at=AFTER - DAY, updated_at=AFTER, practice_id="filmwijk")
    assert step.run(datetime(2026, 10, 14, 12, tzinfo=UTC)) == 1, (
        "of the second quarter, after a year of rest"
    )
    assert step.run(AFTER) == 1
    assert step.run(AFTER + DAY) == 0, "never twice"
    assert step.run(AFTER + 40 * DAY) == 0
    with gateway.store.read() as session:
        _, third = made(session)
        told = outbox.read(third)
        events = session.exec(select(EventRow).where(EventRow.kind == "figures.mailed")).all()
    assert [json.loads(event.data)["code"] for event in events] == ["2026-2", "2026-3"]
    assert isinstance(told, PracticeFigures)
    assert told.period == "2026-3"
    assert told.cells["own_received"] == "<5"
    # By what others hear the three can't be worked out: of 21, nine are another practice's.
    assert told.cells["all_received"] in ("-", "21")
    to = "praktijkmanager@huisartsenpraktijk-filmwijk.example"
    mail = gateway.worker.reply(gateway.worker.links).to_practice(told, to, third.id, AFTER)
    said = mail.replace(b"=\r\n", b"")
    assert b"kwartaal 3 van 2026" in said
    assert b"Gezondheidscentrum Filmwijk" in said
    assert step.run(AFTER + timedelta(days=365)) == 1, "after a year of downtime, one"
    gateway.store.close()


@pytest.mark.parametrize(("others", "all_received"), [(2, "-"), (5, "9")])
async def test_who_takes_its_own_from_all_learns_no_small_number(
    place: Place, others: int, all_received: str
) -> None:
    """A practice knows that it sent four, also where its mail says "<5"."""
    place.replace("practices.toml", "# figures_to", "figures_to")
    gateway = Gateway.at(place.directory, now=lambda: AFTER)
    migrate(gateway.store)
    for number in range(4 + others):
        at = QUARTER + number * HOUR
        whose = "filmwijk" if number < 4 else "stedenwijk" if number % 2 else "de-wierden"
        add(gateway.store, number, due=at + 3 * DAY, received_at=at, updated_at=at, practice_id=whose)
    assert QuarterlyFigures(gateway.store, gateway.timezone, gateway.base.directory).run(AFTER) == 1
    with gateway.store.read() as session:
        (mail,) = made(session)
        told = outbox.read(mail)
    assert isinstance(told, PracticeFigures)
    assert (told.cells["own_received"], told.cells["all_received"]) == ("<5", all_received)
    gateway.store.close()
