"""The board's questions: what runs, due soonest first, and what needs a person."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from gateway.domain.clock import Kind
from gateway.domain.states import State
from gateway.domain.waiting import AWAITING, Turn, whose_turn
from gateway.store import audit, board, needs
from gateway.store.board import Line, Place, Wanted
from gateway.store.engine import Store
from gateway.store.needs import Found
from gateway.store.tables import CaseRow, ClockRow, OutboxRow
from tests.store.rows import DAY, HOUR, NOW

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def kenmerk(number: int) -> str:
    return f"IB-{LETTERS[number // 32]}{LETTERS[number % 32]}00-0000"


def add(
    store: Store,
    number: int = 1,
    state: State = State.DELIVERED,
    due: datetime | None = NOW + DAY,
    *,
    paused: bool = False,
    met: datetime | None = None,
    kind: str = Kind.CONTACT,
    **overrides: Any,
) -> str:
    """A case with one clock; gives its kenmerk."""
    name = f"c{number}"
    case = CaseRow(
        **{
            "id": name,
            "kenmerk": kenmerk(number),
            "state": state,
            "practice_id": "filmwijk",
            "organisation_id": "de-schoor",
            "wijk": "Filmwijk",
            "received_at": NOW - DAY,
            "updated_at": NOW - DAY,
        }
        | overrides
    )
    with store.write() as session:
        session.add(case)
        if due is not None:
            paused_from = NOW - HOUR if paused else None
            session.add(ClockRow(case_id=name, kind=kind, due_at=due, met_at=met, paused_from=paused_from))
    return kenmerk(number)


def deliver(store: Store, name: str, number: int | None = 1, **overrides: Any) -> None:
    """A row of the outbox, held unless it is told otherwise."""
    row = OutboxRow(
        **{
            "id": name,
            "once": name,
            "case_id": f"c{number}" if number else "",
            "kind": "handover",
            "code": "handover",
            "organisation_id": "de-schoor",
            "status": "held",
            "reason": "expired",
            "created_at": NOW,
            "next_at": NOW,
        }
        | overrides
    )
    with store.write() as session:
        session.add(row)


def shown(store: Store, wanted: Wanted = Wanted(), after: Place | None = None) -> list[str]:
    with store.read() as session:
        return [line.kenmerk for line in board.page(session, wanted, NOW, after).lines]


def line(store: Store) -> Line:
    with store.read() as session:
        (one,) = board.page(session, Wanted(), NOW).lines
    return one


def count(store: Store, wanted: Wanted = Wanted()) -> int:
    with store.read() as session:
        return board.number(session, wanted, NOW)


def kenmerken(found: Found) -> list[str | None]:
    return [item.kenmerk for item in found.items]


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
    with store.read() as session:
        found = needs.late(session, NOW, 10)
    assert (kenmerken(found), found.number) == ([late], 1)


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
        audit.append(session, "board.tried", now=NOW, actor="gateway")
        audit.append(session, "board.tried", now=NOW, actor="gateway")
    with store.read() as session:
        assert board.last_seq(session) == 2


def test_what_is_held_is_told_with_its_reason_oldest_first(store: Store) -> None:
    first, second = add(store, 1), add(store, 2)
    deliver(store, "young", 2, reason="bounced", kind="reply", created_at=NOW)
    deliver(store, "old", 1, created_at=NOW - HOUR)
    deliver(store, "left", 1, status="sent", reason=None)
    deliver(store, "digest", None, kind="digest", reason="no_alarm_address", organisation_id=None)
    with store.read() as session:
        found = needs.held(session, 10)
        assert needs.unroutable(session, NOW, 10).number == 0
    assert kenmerken(found) == [first, None, second]
    assert [(item.what, item.kind) for item in found.items] == [
        ("expired", "handover"),
        ("no_alarm_address", "digest"),
        ("bounced", "reply"),
    ]


def test_what_nobody_takes_is_found_in_every_way(store: Store) -> None:
    lost = add(store, 1, State.RECEIVED, organisation_id=None)
    deliver(store, "lost", 1, organisation_id=None, reason="no_route", created_at=NOW - 3 * DAY)
    declined = add(store, 2, State.DECLINED, met=NOW, fields_key=b"key", received_at=NOW - 2 * DAY)
    add(store, 3, State.DECLINED, met=NOW)
    returned = add(store, 4, State.RETURNED, met=NOW, updated_at=NOW - DAY)
    add(store, 5, State.RETURNED, met=NOW, updated_at=NOW - needs.RETURNED_FOR)
    with store.read() as session:
        found = needs.unroutable(session, NOW, 10)
        assert needs.held(session, 10).number == 0
        assert kenmerken(needs.unroutable(session, NOW, 2)) == [lost, declined]
    assert kenmerken(found) == [lost, declined, returned]
    assert [item.what for item in found.items] == ["no_route", "declined", "returned"]
    assert found.number == 3


def test_quarantine_and_other_agreements(store: Store) -> None:
    aside = add(store, 1, State.QUARANTINED, due=None)
    talk = add(store, 2, State.CONTACTED, NOW - DAY, kind="gesprek")
    add(store, 3, State.CONTACTED, NOW + DAY, kind="gesprek")
    add(store, 4, State.CONTACTED, NOW - DAY, kind="gesprek", met=NOW)
    add(store, 5, State.DELIVERED, NOW - DAY, kind=Kind.COLLECT)
    with store.read() as session:
        assert kenmerken(needs.quarantined(session, 10)) == [aside]
        found = needs.agreed(session, NOW, 10)
    assert kenmerken(found) == [talk]
    assert found.items[0].what == "gesprek"


def test_a_few_are_shown_and_all_are_counted(store: Store) -> None:
    for each in range(7):
        add(store, each, State.QUARANTINED, due=None, received_at=NOW - each * HOUR)
    with store.read() as session:
        found = needs.quarantined(session, 3)
    assert kenmerken(found) == [kenmerk(each) for each in (6, 5, 4)]
    assert found.number == 7


def test_peers_that_take_nothing_are_told_once_each(store: Store) -> None:
    waiting = {"status": "ready", "reason": "signaal_timeout"}
    deliver(store, "a", created_at=NOW - HOUR, **waiting)
    deliver(store, "b", created_at=NOW, kind="nudge", status="ready", reason="nudge_timeout")
    deliver(store, "c", organisation_id="buurtteam", status="ready", reason="relay_busy")
    deliver(store, "d", organisation_id=None, kind="reply", status="ready", reason="relay_busy")
    deliver(store, "e", organisation_id=None, kind="digest", status="ready", reason=None)
    deliver(store, "f")
    with store.read() as session:
        found = needs.failing(session)
    assert [(one.peer, one.reason, one.since, one.waiting) for one in found] == [
        ("de-schoor", "signaal_timeout", NOW - HOUR, 2),
        (needs.RELAY, "relay_busy", NOW, 2),
    ]


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
        for table in ("cases", "clocks", "outbox"):
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
