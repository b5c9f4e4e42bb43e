"""Two workers at the same moment, on PostgreSQL (SQLite has one writer): what is told once is told once.

The one is let go on only when the other has come as far, or waits for it.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from gateway.domain.messages import Code
from gateway.domain.outgoing import Reply
from gateway.domain.pathway import Pathway
from gateway.domain.trail import AuditEvent
from gateway.pipeline.alarms import Alarms
from gateway.pipeline.heads import Heads
from gateway.sealing.headkey import HeadSigner
from gateway.store import alarms, outbox
from gateway.store.engine import Store
from gateway.store.tables import EventRow, OutboxRow
from tests.patience import PATIENCE_S
from tests.store.rows import DAY, NOW

WAITS = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


class Meeting:
    """Two who do `work`; whoever has done `seen` waits for the other there."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch, where: Any, seen: str) -> None:
        self.store, self.came = store, 0
        real = getattr(where, seen)

        def looked(*given: Any, **more: Any) -> Any:
            found = real(*given, **more)
            self.wait()
            return found

        monkeypatch.setattr(where, seen, looked)

    def wait(self) -> None:
        """Until the other is here too, or waits for a lock that one of us holds."""
        self.came += 1
        with self.store.engine.connect() as connection:
            while self.came < 2 and not connection.execute(WAITS).scalar():
                connection.rollback()
        # Whoever comes alone from here on, came second.
        self.came = 2

    def both(self, work: Callable[[], object]) -> list[object]:
        """What each gave."""
        with ThreadPoolExecutor(2) as pool:
            done = [pool.submit(work), pool.submit(work)]
            return sorted((each.result(PATIENCE_S) for each in done), key=str)


def step(store: Store) -> Alarms:
    """The step, told of one certificate that ends in a week."""
    return Alarms(
        store=store,
        sealers={},
        names={},
        pathway=Pathway(name="p", title="P"),
        ends=lambda now: [("intake", now + timedelta(days=6))],
    )


def rows(store: Store, kind: type[Any]) -> list[Any]:
    with store.read() as session:
        return list(session.exec(select(kind)))


def test_an_alarm_is_recorded_once(on_postgresql: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = Meeting(on_postgresql, monkeypatch, alarms, "alarmed")
    meeting.both(lambda: step(on_postgresql).check_keys(NOW))
    assert [row.kind for row in rows(on_postgresql, EventRow)] == [AuditEvent.ALARM]


def test_a_digest_is_made_once_and_nobody_fails(
    on_postgresql: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    step(on_postgresql).check_keys(NOW)
    meeting = Meeting(on_postgresql, monkeypatch, Alarms, "_lines")
    assert meeting.both(lambda: step(on_postgresql).run(NOW)) == [0, 1]
    assert [row.kind for row in rows(on_postgresql, OutboxRow)] == ["digest"]


def test_a_head_is_signed_once_and_nobody_fails(
    on_postgresql: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    step(on_postgresql).check_keys(NOW)
    signer = HeadSigner.generate()
    heads = Heads(store=on_postgresql, signer=signer, domain="handover.example", by_mail=lambda: True)
    meeting = Meeting(on_postgresql, monkeypatch, HeadSigner, "sign")
    assert meeting.both(lambda: heads.run(NOW + DAY)) == [0, 1]


def test_a_message_is_put_once_and_nobody_fails(
    on_postgresql: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = Meeting(on_postgresql, monkeypatch, outbox, "put")

    def say() -> bool:
        with on_postgresql.write() as session:
            return outbox.put(session, outbox.row(Reply(case_id="c1", code=Code.RECEIPT), NOW))

    assert meeting.both(say) == [False, True]
