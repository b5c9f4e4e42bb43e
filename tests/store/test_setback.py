"""After a step of the clock back, no wait is longer than it would be by itself."""

from datetime import timedelta
from typing import Any

from gateway.pipeline.clockwatch import shorten_waits
from gateway.store import inbox, outbox
from gateway.store.engine import Store
from gateway.store.tables import InboxRow, OutboxRow
from tests.moments import MONDAY

NOW = MONDAY
THEN = NOW + timedelta(hours=1)
"""What the clock said before it was set back."""
MINUTE = timedelta(minutes=1)


def mail(id_: str, **facts: Any) -> InboxRow:
    return InboxRow(id=id_, received_at=THEN, digest=id_, sealed=b"x", size=1, **facts)


def parcel(id_: str, **facts: Any) -> OutboxRow:
    whole: dict[str, Any] = {"created_at": THEN, "next_at": THEN, "attempt": 0} | facts
    return OutboxRow(id=id_, once=id_, case_id="c", kind="reply", code="receipt", status="ready", **whole)


def moments(store: Store, table: type[Any]) -> dict[str, Any]:
    from sqlmodel import select

    with store.read() as session:
        return {row.id: row.next_at for row in session.exec(select(table))}


def test_mails_and_deliveries_wait_no_longer_than_by_themselves(store: Store) -> None:
    with store.write() as session:
        session.add_all(
            [
                mail("fresh"),
                mail("postponed", postponed=1, next_at=THEN + MINUTE),
                mail("stumbled", attempt=2, next_at=THEN + 5 * MINUTE),
                mail("soon", postponed=2, next_at=NOW + 3 * MINUTE),
                mail("worked on", attempt=1, lease="w", next_at=THEN + 2 * MINUTE),
                parcel("new"),
                parcel("tried", attempt=2, next_at=THEN + 5 * MINUTE),
                parcel("tried long", attempt=9, next_at=NOW + 50 * MINUTE),
                parcel("planned", created_at=NOW, next_at=NOW + timedelta(days=2)),
                parcel("being sent", attempt=1, lease="w", next_at=THEN + outbox.LEASE),
            ]
        )
    assert shorten_waits(store, NOW) == 4
    assert moments(store, InboxRow) == {
        "fresh": None,
        "postponed": NOW + MINUTE,
        "stumbled": NOW + 5 * MINUTE,
        "soon": NOW + 3 * MINUTE,
        "worked on": THEN + 2 * MINUTE,
    }
    assert moments(store, OutboxRow) == {
        "new": NOW,
        "tried": NOW + 5 * MINUTE,
        "tried long": NOW + 50 * MINUTE,
        "planned": NOW + timedelta(days=2),
        "being sent": THEN + outbox.LEASE,
    }
    assert {row.id for row in outbox.claim(store, NOW, "w2", 9)} == {"new"}
    assert {row.id for row in inbox.claim(store, NOW, "w2", 9)} == {"fresh"}
    assert shorten_waits(store, NOW + MINUTE) == 0, "a second worker changes nothing"


def test_while_the_clock_is_in_doubt_nobody_loses_a_lease(store: Store) -> None:
    """By a clock that leapt two days ahead, every lease has ended."""
    with store.write() as session:
        session.add_all(
            [
                mail("read now", attempt=1, lease="w", next_at=NOW + 2 * MINUTE),
                mail("left", attempt=1, next_at=NOW),
                parcel("being sent", attempt=1, lease="w", next_at=NOW + outbox.LEASE),
                parcel("due", created_at=NOW, next_at=NOW),
            ]
        )
    leapt = NOW + timedelta(days=2)
    assert [row.id for row in outbox.claim(store, leapt, "w2", 9, take_over=False)] == ["due"]
    assert [row.id for row in inbox.claim_again(store, leapt, "w2", take_over=False)] == ["left"]
    assert [row.id for row in outbox.claim(store, leapt, "w2", 9)] == ["being sent"]
    assert [row.id for row in inbox.claim_again(store, leapt, "w2")] == ["read now"]
