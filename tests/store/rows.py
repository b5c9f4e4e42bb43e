"""Factories of rows: nothing in them is a real person's, and every value can be overridden."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.domain.case import new_kenmerk
from gateway.domain.states import State
from gateway.store import cases, inbox, outbox
from gateway.store.engine import Store
from gateway.store.inbox import Kept
from gateway.store.tables import CaseRow, InboxRow, OutboxRow

NOW = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def kept(name: str = "m1", **overrides: Any) -> Kept:
    """A mail that was accepted; its ciphertext names it."""
    values: dict[str, Any] = {
        "id": name,
        "received_at": NOW,
        "digest": f"digest-{name}",
        "sealed": f"ciphertext of {name}".encode(),
        "size": 1000,
    }
    return Kept(**values | overrides)


def keep(store: Store, *names: str) -> None:
    """Mails, each kept a minute after the one before."""
    inbox.insert(store, [kept(name, received_at=NOW + number * MINUTE) for number, name in enumerate(names)])


def make_case(store: Store, name: str = "c1", *, outcome: str = "case", **overrides: Any) -> CaseRow:
    """A case in its first state, born of a mail of its own that came to `outcome`."""
    case = CaseRow(
        **dict[str, Any](
            {
                "id": name,
                "kenmerk": new_kenmerk(secrets.token_bytes),
                "state": State.RECEIVED,
                "practice_id": "filmwijk",
                "received_at": NOW,
                "updated_at": NOW,
            }
            | overrides
        )
    )
    keep(store, f"mail-of-{name}")
    (mail,) = inbox.claim(store, NOW, "birth", 1)
    with store.write() as session:
        cases.start(session, case, actor="gateway", inbox_id=mail.id)
        inbox.finish(session, mail, outcome, case.id)
    return case


def put(store: Store, row: OutboxRow) -> OutboxRow:
    """The row, in the outbox."""
    with store.write() as session:
        assert outbox.put(session, row)
    return row


def mail_row(store: Store, name: str) -> InboxRow:
    """A mail as the database has it now."""
    with store.read() as session:
        row = session.get(InboxRow, name)
    assert row is not None
    return row


def outbox_row(store: Store, name: str) -> OutboxRow:
    """A delivery as the database has it now."""
    with store.read() as session:
        return outbox.by_id(session, name)


def case_row(store: Store, name: str) -> CaseRow:
    """A case as the database has it now."""
    with store.read() as session:
        return cases.by_id(session, name)
