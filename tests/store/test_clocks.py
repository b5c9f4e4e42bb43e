"""Clock rows: fired once and in order, met, paused, moved and taken back."""

from datetime import datetime

import pytest

from gateway.domain.clock import PlannedClock as Planned
from gateway.domain.codes import Kind
from gateway.domain.pathway import Recipient
from gateway.errors import LostRace
from gateway.store import clocks
from gateway.store.engine import Store
from gateway.store.tables import ClockRow
from tests.store.rows import DAY, HOUR, NOW, make_case


@pytest.fixture(autouse=True)
def known(store: Store) -> None:
    for case_id in ("c1", "c2"):
        make_case(store, case_id)


def start(store: Store, case_id: str = "c1", **due: datetime) -> None:
    with store.write() as session:
        clocks.plan(session, case_id, [Planned(kind, at) for kind, at in due.items()])


def one(store: Store, kind: str, case_id: str = "c1") -> ClockRow:
    with store.read() as session:
        return next(row for row in clocks.of_case(session, case_id) if row.kind == kind)


def due(store: Store, now: datetime, limit: int = 10) -> list[str]:
    with store.read() as session:
        return [f"{row.case_id} {row.kind}" for row in clocks.due(session, now, limit)]


def test_what_is_planned_is_kept(store: Store) -> None:
    planned = Planned(Kind.WARN, NOW + DAY, NOW + DAY + HOUR, (Recipient.TEAM, Recipient.LEAD))
    with store.write() as session:
        clocks.plan(session, "c1", [planned])
    row = one(store, Kind.WARN)
    assert (row.due_at, row.notify_at, row.tell) == (planned.due_at, planned.notify_at, "team lead")


def test_clocks_are_due_in_order_and_at_their_very_moment(store: Store) -> None:
    start(store, "c1", contact=NOW + DAY, warn=NOW + HOUR)
    start(store, "c2", contact=NOW + 2 * HOUR)
    assert due(store, NOW) == []
    assert due(store, NOW + HOUR) == ["c1 warn"]
    assert due(store, NOW + DAY) == ["c1 warn", "c2 contact", "c1 contact"]
    assert due(store, NOW + DAY, limit=2) == ["c1 warn", "c2 contact"]


def test_the_next_clock_is_known(store: Store) -> None:
    with store.read() as session:
        assert clocks.next_due(session) is None
    start(store, contact=NOW + DAY, warn=NOW + HOUR)
    with store.write() as session:
        assert clocks.next_due(session) == NOW + HOUR
        clocks.meet(session, "c1", [Kind.WARN], NOW)
    with store.read() as session:
        assert clocks.next_due(session) == NOW + DAY


def test_a_clock_fires_once(store: Store) -> None:
    start(store, contact=NOW)
    row = one(store, Kind.CONTACT)
    with store.write() as session:
        clocks.fire(session, row, NOW)
    with pytest.raises(LostRace), store.write() as session:
        clocks.fire(session, row, NOW + HOUR)
    assert one(store, Kind.CONTACT).fired_at == NOW
    assert due(store, NOW + DAY) == []


def test_a_clock_that_was_met_does_not_fire(store: Store) -> None:
    start(store, contact=NOW)
    row = one(store, Kind.CONTACT)
    with store.write() as session:
        clocks.meet(session, "c1", [Kind.CONTACT], NOW)
    with pytest.raises(LostRace), store.write() as session:
        clocks.fire(session, row, NOW)
    assert due(store, NOW + DAY) == []


def test_late_stays_late(store: Store) -> None:
    start(store, contact=NOW)
    with store.write() as session:
        clocks.fire(session, one(store, Kind.CONTACT), NOW)
        clocks.meet(session, "c1", [Kind.CONTACT], NOW + HOUR)
        clocks.meet(session, "c1", [Kind.CONTACT], NOW + DAY)
    row = one(store, Kind.CONTACT)
    assert (row.fired_at, row.met_at) == (NOW, NOW + HOUR)


def test_meeting_touches_the_named_clocks_of_the_named_case(store: Store) -> None:
    start(store, "c1", contact=NOW, warn=NOW)
    start(store, "c2", contact=NOW)
    with store.write() as session:
        clocks.meet(session, "c1", [Kind.CONTACT], NOW)
    assert due(store, NOW) == ["c1 warn", "c2 contact"]


def test_some_clocks_end_and_the_others_run(store: Store) -> None:
    start(store, "c1", contact=NOW, talk=NOW)
    start(store, "c2", talk=NOW)
    with store.write() as session:
        clocks.end(session, "c1", NOW, ("talk", Kind.REPEAT))
    assert due(store, NOW) == ["c1 contact", "c2 talk"]


def test_a_new_plan_moves_what_runs_and_leaves_what_has_happened(store: Store) -> None:
    start(store, warn=NOW, urge=NOW, contact=NOW + DAY)
    with store.write() as session:
        clocks.fire(session, one(store, Kind.WARN), NOW)
        clocks.meet(session, "c1", [Kind.URGE], NOW)
    start(store, warn=NOW + 5 * DAY, urge=NOW + 5 * DAY, contact=NOW + 5 * DAY)
    assert one(store, Kind.WARN).due_at == NOW
    assert one(store, Kind.URGE).due_at == NOW
    assert one(store, Kind.CONTACT).due_at == NOW + 5 * DAY


def test_a_paused_clock_stands_still_until_it_is_planned_anew(store: Store) -> None:
    start(store, contact=NOW + DAY, retire=NOW + HOUR)
    with store.write() as session:
        clocks.pause(session, "c1", NOW + DAY, NOW)
    assert one(store, Kind.CONTACT).paused_from == NOW
    assert due(store, NOW + 9 * DAY) == ["c1 retire"]
    start(store, contact=NOW + 2 * DAY)
    assert one(store, Kind.CONTACT).paused_from is None
    assert due(store, NOW + 9 * DAY) == ["c1 retire", "c1 contact"]


def test_a_first_question_starts_with_a_paused_contact_clock(store: Store) -> None:
    with store.write() as session:
        clocks.pause(session, "c1", NOW + DAY, NOW)
    row = one(store, Kind.CONTACT)
    assert (row.due_at, row.paused_from) == (NOW + DAY, NOW)


def test_a_pause_leaves_alone_what_has_happened(store: Store) -> None:
    start(store, warn=NOW, contact=NOW + DAY)
    with store.write() as session:
        clocks.fire(session, one(store, Kind.WARN), NOW)
        clocks.pause(session, "c1", NOW + DAY, NOW + HOUR)
    assert one(store, Kind.WARN).paused_from is None


def test_contact_that_was_taken_back_is_awaited_again(store: Store) -> None:
    start(store, contact=NOW + DAY, collect=NOW + HOUR)
    with store.write() as session:
        clocks.meet(session, "c1", [Kind.CONTACT, Kind.COLLECT], NOW)
        clocks.reopen(session, "c1", [Kind.CONTACT])
    assert due(store, NOW + 9 * DAY) == ["c1 contact"]
