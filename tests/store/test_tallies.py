"""Tallies: whatever happens to cases, and however far the count is, the sums are those of what there is."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, text, update

from gateway.domain.codes import DeclineReason, Kind, StopOutcome
from gateway.domain.states import TRANSITIONS, Event, State, allowed
from gateway.statistics import counting, figures, tallies
from gateway.statistics.counting import Counting
from gateway.statistics.filters import Interval
from gateway.statistics.tallies import FiguresQuestion, Tallies
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, ClockRow, EventRow
from gateway.store.tallytables import CELLS, MARK, PARTS
from tests.moments import MONDAY
from tests.store import plainly
from tests.store.trail import HANDED, make_trail, make_trails

ZONE = ZoneInfo("Europe/Amsterdam")
BEGIN = datetime(2034, 11, 28, 22, tzinfo=UTC)
PLACES = {
    "practice_id": ["filmwijk", "stedenwijk", None],
    "wijk": ["Filmwijk", "Danswijk"],
    "organisation_id": ["haven", "markt", None],
    "pathway": ['{"name":"almere"}', '{"name":"oss","theme":{"name":"welzijn"}}'],
    "theme": ["welzijn", None],
}
PAUSE = "UPDATE clocks SET paused_from = CASE WHEN paused_from IS NULL THEN due_at END WHERE case_id = :id"
BY = ("organisation", "wijk", "practice", "pathway", "theme")


class Town:
    """Cases to which things happen. Nothing of a move is done but what the figures are made of."""

    def __init__(self, store: Store, data: st.DataObject) -> None:
        self.store, self._data, self._seq, self._states = store, data, 0, dict[str, Any]()
        self._last: dict[str, datetime] = {}
        with store.write() as session:
            for table in (EventRow, ClockRow, CaseRow, PARTS, CELLS):
                session.execute(delete(table))
            session.execute(update(MARK).values(seq=0, walked=None, zone=""))

    def refer(self) -> None:
        """One more case."""
        draw = self._data.draw
        id_ = draw(st.text("abcdef", min_size=3, max_size=3).filter(lambda id_: id_ not in self._states))
        received = BEGIN + timedelta(
            minutes=draw(st.sampled_from([0, 59, 60, 61, 1500, 9000, 50_000, 90_000]))
        )
        values = {name: draw(st.sampled_from(choices)) for name, choices in PLACES.items()}  # type: ignore[call-overload]
        with self.store.write() as session:
            row = {"id": id_, "kenmerk": id_, "state": "received", "received_at": received, **values}
            session.connection().execute(
                insert(CaseRow), {**row, "updated_at": received, "version": 1, "urgent": False}
            )
            if draw(st.booleans()):
                clock = {
                    "case_id": id_,
                    "kind": str(Kind.CONTACT),
                    "due_at": received + timedelta(days=3),
                    "tell": "",
                }
                session.connection().execute(insert(ClockRow), clock)
        self._states[id_], self._last[id_] = State.RECEIVED, received
        self._tell(id_, "case.received", {})

    def move(self) -> None:
        """Something happens to a case."""
        draw = self._data.draw
        if not self._states:
            return
        id_ = draw(st.sampled_from(sorted(self._states)))
        if not (choices := allowed(self._states[id_])):
            return
        event = draw(st.sampled_from(choices))
        self._states[id_] = TRANSITIONS[self._states[id_], event]
        self._last[id_] += timedelta(seconds=draw(st.sampled_from([-9, 0, 1, 3601, 30_000, 250_000])))
        organisation = draw(st.sampled_from(["haven", "markt", ""]))
        told = {
            Event.DECLINED: {"reason": str(draw(st.sampled_from(list(DeclineReason))))},
            Event.STOPPED: {"outcome": draw(st.sampled_from([*map(str, StopOutcome), ""]))},
            Event.ROUTED: {"organisation": organisation},
            Event.REROUTED: {"organisation": organisation},
        }
        pauses = draw(st.integers(0, 5)) == 0
        with self.store.write() as session:
            moved = update(CaseRow).values(state=str(self._states[id_]))
            session.execute(moved.where(CaseRow.id == id_))  # type: ignore[arg-type]
            if pauses:
                session.execute(text(PAUSE), {"id": id_})
        self._tell(id_, f"case.{event}", told.get(event, {}))

    def look(self) -> None:
        """Somebody looks at a case, which changes nothing."""
        if self._states:
            self._tell(self._data.draw(st.sampled_from(sorted(self._states))), "board.case_shown", {})

    def _tell(self, id_: str, kind: str, facts: dict[str, str]) -> None:
        self._seq += 1
        row = {"seq": self._seq, "at": self._last[id_], "kind": kind, "actor": "x", "case_id": id_}
        with self.store.write() as session:
            session.connection().execute(insert(EventRow), {**row, "data": json.dumps(facts), "hash": ""})


@st.composite
def questions(draw: st.DrawFn) -> FiguresQuestion:
    """Any question, also about half of a day."""
    ends = sorted(draw(st.lists(st.integers(-30, 2000), min_size=2, max_size=2)))
    since, until = (BEGIN + timedelta(hours=hours) if draw(st.booleans()) else None for hours in ends)
    choices = {
        "organisation": ["haven", "-"],
        "wijk": ["Filmwijk"],
        "practice": ["filmwijk", "-"],
        "theme": ["welzijn"],
    }
    only = {
        name: draw(st.sampled_from(values))
        for name, values in choices.items()
        if draw(st.integers(0, 2)) == 0
    }
    among = {"wijk": frozenset({"Filmwijk", "Danswijk"})} if draw(st.integers(0, 3)) == 0 else {}
    by, step = draw(st.sampled_from(BY)), draw(st.sampled_from(Interval))
    return FiguresQuestion(by, step, since, until, only, among)


def compare(store: Store, asked: FiguresQuestion, now: datetime) -> None:
    """What was added up is what is counted plainly."""
    cases = plainly.everything(store)
    expected, found = plainly.answer(cases, asked, ZONE, now), Tallies(store, ZONE).answer(asked, now)
    one, of_organisation = asked.only.get("organisation"), asked.by == "organisation"
    assert found.percent == 100
    assert figures.row("", found.total, one) == expected.total
    groups = {
        name: figures.row(name, sums, name if of_organisation else one) for name, sums in found.groups.items()
    }
    assert groups == expected.groups
    assert {day: figures.row("", sums, one) for day, sums in found.points.items()} == expected.points
    assert found.pathways == expected.pathways
    names = Tallies(store, ZONE).names("organisation", "wijk", "practice")
    for by, known in names.items():
        assert known >= {name for case in cases for name in case.groups(by)}


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_what_was_added_up_is_what_there_is(store: Store, data: st.DataObject) -> None:
    town, size = Town(store, data), data.draw(st.sampled_from([1, 2, 5]))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(counting, "BATCH", size)
        count = Counting(store, ZONE)
        for _ in range(data.draw(st.integers(1, 5))):
            for _ in range(data.draw(st.integers(0, 4))):
                town.refer()
            for _ in range(data.draw(st.integers(0, 12))):
                data.draw(st.sampled_from([town.move, town.move, town.move, town.look]))()
            for _ in range(data.draw(st.integers(0, 6))):
                count.batch()
            now = BEGIN + timedelta(hours=data.draw(st.sampled_from([0, 30, 80, 500, 2000])))
            compare(store, data.draw(questions()), now)
        count.whole()
        assert count.batch() == 0
        compare(store, data.draw(questions()), BEGIN + timedelta(days=90))
    _is_counted(store)


def _is_counted(store: Store) -> None:
    """What is in the cells is the settled parts, and nothing else."""
    of_cell = select(CELLS.c.period, CELLS.c.name, func.sum(CELLS.c.parts)).group_by(
        CELLS.c.period, CELLS.c.name
    )
    with store.read() as session:
        connection = session.connection()
        for step, column in ((Interval.MONTH, PARTS.c.month), (Interval.WEEK, PARTS.c.week)):
            for along in counting.ALONG:
                cells = of_cell.where(CELLS.c.step == str(step), CELLS.c.along == along)
                key = (column, PARTS.c[along])
                parts = select(*key, func.count()).where(PARTS.c.settled).group_by(*key)
                assert {*connection.execute(cells)} == {*connection.execute(parts)}


def test_who_asks_while_the_history_is_counted_is_told_how_far_it_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_trails(store, 10, MONDAY)
    monkeypatch.setattr(counting, "BATCH", 4)
    monkeypatch.setattr(tallies, "MOST", 5)
    asked, count, found = FiguresQuestion("organisation"), Counting(store, ZONE), Tallies(store, ZONE)
    percents = []
    while (percent := found.answer(asked, MONDAY).percent) < 100:
        percents.append(percent)
        count.batch()
    assert percents == [0, 0, 40]
    assert found.answer(asked, MONDAY).total.counts[0] == 10
    count.whole()
    for number in range(3):
        make_trail(store, f"new{number}", MONDAY, *HANDED)
    late = found.answer(asked, MONDAY)
    assert (late.percent, late.total.counts[0]) == (84, 10), "too much is new to be counted meanwhile"
    count.whole()
    assert found.answer(asked, MONDAY).total.counts[0] == 13


def test_another_time_zone_begins_anew(store: Store) -> None:
    make_trails(store, 6, MONDAY)
    Counting(store, ZONE).whole()
    elsewhere = ZoneInfo("America/Curacao")
    assert Tallies(store, elsewhere).answer(FiguresQuestion("wijk"), MONDAY).total.counts[0] == 6
    Counting(store, elsewhere).whole()
    assert Tallies(store, elsewhere).answer(FiguresQuestion("wijk"), MONDAY).total.counts[0] == 6
    _is_counted(store)


def test_of_two_that_count_at_once_one_does(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    make_trails(store, 6, MONDAY)
    first, second = Counting(store, ZONE), Counting(store, ZONE)
    first.batch()
    counted = counting.counted

    def overtaken(*given: object) -> object:
        monkeypatch.setattr(counting, "counted", counted)
        second.whole()
        return counted(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(counting, "counted", overtaken)
    assert first.batch() == 1
    assert Tallies(store, ZONE).answer(FiguresQuestion("wijk"), MONDAY).total.counts[0] == 6
    assert first.batch() == 0
    _is_counted(store)
