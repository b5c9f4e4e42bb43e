"""The cases that run: due soonest first, page by page, narrowed to what is wanted."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from gateway.board import rows as board
from gateway.board.rows import BoardLine, BoardPlace, Wanted
from gateway.domain.attribution import AWAITING, Turn, whose_turn
from gateway.domain.states import State
from gateway.domain.trail import AuditEvent
from gateway.store import audit
from gateway.store.engine import Store
from tests.store.rows import DAY, HOUR, NOW
from tests.store.running import add, deliver, kenmerk


def shown(store: Store, wanted: Wanted = Wanted(), after: BoardPlace | None = None) -> list[str]:
    with store.read() as session:
        return [line.kenmerk for line in board.page(session, wanted, NOW, after).lines]


def line(store: Store) -> BoardLine:
    with store.read() as session:
        (one,) = board.page(session, Wanted(), NOW).lines
    return one


def count(store: Store, wanted: Wanted = Wanted()) -> int:
    with store.read() as session:
        return board.number(session, wanted, NOW)


def test_what_is_due_soonest_comes_first_and_who_waits_for_the_referrer_last(store: Store) -> None:
    later = add(store, 1, due=NOW + 2 * DAY)
    asked = add(store, 2, State.NEEDS_INFO, due=NOW - DAY, paused=True)
    late = add(store, 3, due=NOW - HOUR)
    unreachable = add(store, 4, State.UNREACHABLE, due=NOW - 2 * DAY)
    soon = add(store, 5, due=NOW + HOUR)
    assert shown(store) == [late, soon, later, unreachable, asked]
    assert count(store) == 5


def test_after_contact_a_case_is_not_running(store: Store) -> None:
    add(store, 1, State.CONTACTED, met=NOW)
    add(store, 2, State.QUARANTINED, due=None)
    assert shown(store) == []
    assert count(store) == 0


def test_a_line_tells_whose_turn_it_is(store: Store) -> None:
    add(store, 1, State.ROUTED, urgent=True)
    assert (line(store).turn, line(store).held, line(store).urgent) == (Turn.GATEWAY, False, True)
    deliver(store, "answer", kind="reply")
    assert line(store).turn is Turn.GATEWAY
    deliver(store, "handover")
    assert (line(store).turn, line(store).held) == (Turn.ADMINISTRATOR, True)


def test_pages_follow_each_other_without_a_gap(store: Store) -> None:
    number = board.PAGE * 2 + 5
    for each in range(number):
        # Many at the same moment, and a few that wait: neither may be shown twice or left out.
        waits = each % 10 == 0
        state = State.NEEDS_INFO if waits else State.COLLECTED
        add(store, each, state, NOW + timedelta(hours=each // 40), paused=waits)
    pages, after = [], None
    while True:
        with store.read() as session:
            page = board.page(session, Wanted(), NOW, after)
        pages.append([one.kenmerk for one in page.lines])
        after = page.next
        if after is None:
            break
    assert [len(page) for page in pages] == [board.PAGE, board.PAGE, 5]
    everything = [one for page in pages for one in page]
    assert sorted(everything) == [kenmerk(each) for each in range(number)]
    assert everything[-11:] == [kenmerk(each) for each in range(0, number, 10)]


def test_a_full_last_page_has_no_next(store: Store) -> None:
    for each in range(board.PAGE):
        add(store, each)
    with store.read() as session:
        assert board.page(session, Wanted(), NOW).next is None


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(state=State.COLLECTED),
        Wanted(organisation="buurtteam"),
        Wanted(practice="stedenwijk"),
        Wanted(wijk="Stedenwijk"),
        Wanted(late=True),
        Wanted(turn=Turn.REFERRER),
    ],
)
def test_filters_leave_what_is_wanted(store: Store, wanted: Wanted) -> None:
    add(store, 1)
    fits: dict[str, Any] = {
        "state": State.NEEDS_INFO if wanted.turn else wanted.state or State.DELIVERED,
        "organisation_id": wanted.organisation or "de-schoor",
        "practice_id": wanted.practice or "filmwijk",
        "wijk": wanted.wijk or "Filmwijk",
        "due": NOW - HOUR if wanted.late else NOW + DAY,
        "paused": wanted.turn is not None,
    }
    found = add(store, 2, **fits)
    assert shown(store, wanted) == [found]
    assert count(store, wanted) == 1


def test_late_means_that_somebody_is_late(store: Store) -> None:
    add(store, 1, State.NEEDS_INFO, NOW - DAY, paused=True)
    add(store, 2, State.UNREACHABLE, NOW - DAY)
    add(store, 3, due=NOW)
    late = add(store, 4, due=NOW - timedelta(microseconds=1))
    assert shown(store, Wanted(late=True)) == [late]


def test_every_case_is_found_under_the_turn_that_is_shown(store: Store) -> None:
    number = 0
    for state in AWAITING:
        for held in (False, True):
            number += 1
            add(store, number, state, paused=state is State.NEEDS_INFO)
            if held:
                deliver(store, f"d{number}", number)
    with store.read() as session:
        lines = board.page(session, Wanted(), NOW).lines
        found = {turn: board.page(session, Wanted(turn=turn), NOW).lines for turn in Turn}
    assert len(lines) == number
    for turn in Turn:
        assert found[turn] == tuple(one for one in lines if one.turn is turn)
        assert count(store, Wanted(turn=turn)) == len(found[turn])
    assert all(one.turn is whose_turn(one.state, one.held) for one in lines)


def test_a_number_is_exact_until_it_is_large(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "MOST", 3)
    for each in range(6):
        add(store, each, State.COLLECTED if each % 2 else State.DELIVERED)
    assert count(store) == 4
    assert count(store, Wanted(state=State.COLLECTED)) == 3


def test_a_kenmerk_finds_whatever_became_of_a_case(store: Store) -> None:
    running = add(store, 1)
    ended = add(store, 2, State.CLOSED, met=NOW)
    quarantined = add(store, 3, State.QUARANTINED, due=None)
    add(store, 40)
    with store.read() as session:
        lines = board.by_kenmerk(session, "IB-0")
        assert board.by_kenmerk(session, "IB-Z") == ()
        assert [one.kenmerk for one in board.by_kenmerk(session, ended)] == [ended]
    assert [one.kenmerk for one in lines] == [running, ended, quarantined]
    assert [one.open for one in lines] == [True, False, False]


def test_the_newest_event_is_known(store: Store) -> None:
    with store.read() as session:
        assert board.last_seq(session) == 0
    with store.write() as session:
        audit.append(session, AuditEvent.CASE_ATTEMPTED, now=NOW, actor="gateway")
        audit.append(session, AuditEvent.CASE_ATTEMPTED, now=NOW, actor="gateway")
    with store.read() as session:
        assert board.last_seq(session) == 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(AWAITING), st.integers(-3, 3), st.booleans(), st.booleans()), max_size=12
    ),
    st.sampled_from([None, *AWAITING]),
    st.sampled_from([None, *Turn]),
    st.booleans(),
)
def test_a_filter_is_what_the_words_say(
    store: Store,
    cases: list[tuple[State, int, bool, bool]],
    state: State | None,
    turn: Turn | None,
    late: bool,
) -> None:
    with store.write() as session:
        for table in ("clocks", "outbox", "cases"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    for number, (each, hours, paused, held) in enumerate(cases):
        add(store, number, each, NOW + hours * HOUR, paused=paused)
        if held:
            deliver(store, f"d{number}", number)

    def waits(each: State, paused: bool) -> bool:
        asked = each in (State.NEEDS_INFO, State.UNREACHABLE)
        return asked or (each is State.RECEIVED and paused)

    expected = [
        (waits(each, paused), hours, number)
        for number, (each, hours, paused, held) in enumerate(cases)
        if state in (None, each)
        and turn in (None, whose_turn(each, held))
        and not (late and (hours >= 0 or waits(each, paused)))
    ]
    wanted = Wanted(state=state, turn=turn, late=late)
    assert shown(store, wanted) == [kenmerk(number) for *_, number in sorted(expected)]
    assert count(store, wanted) == len(expected)
