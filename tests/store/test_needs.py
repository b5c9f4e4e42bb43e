"""What needs a person: late, held, set aside, without an organisation; and peers that fail."""

from datetime import timedelta
from typing import Any

from gateway.board import attention as needs
from gateway.board.attention import Attention
from gateway.domain.codes import Kind
from gateway.domain.states import State
from gateway.store.engine import Store
from tests.store.rows import DAY, HOUR, NOW
from tests.store.running import add, deliver, kenmerk


def kenmerken(found: Attention) -> list[str | None]:
    return [item.kenmerk for item in found.items]


def test_late_is_what_somebody_other_than_the_referrer_lets_wait(store: Store) -> None:
    add(store, 1, State.NEEDS_INFO, NOW - DAY, paused=True)
    add(store, 2, State.UNREACHABLE, NOW - DAY)
    add(store, 3, due=NOW)
    late = add(store, 4, due=NOW - timedelta(microseconds=1))
    oldest = add(store, 5, due=NOW - HOUR)
    with store.read() as session:
        found = needs.late(session, NOW, 10)
    assert (kenmerken(found), found.number) == ([oldest, late], 2)


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
    waiting: dict[str, Any] = {"status": "ready", "reason": "signaal_timeout"}
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
