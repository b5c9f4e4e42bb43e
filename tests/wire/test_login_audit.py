"""Who guesses logins over SMTP stands in the audit trail, as who guesses them on the pages."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlmodel import select

from gateway.app.intake import _guessing
from gateway.gate.passwords import Passwords
from gateway.intake.guessing import LoginVerdict
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from gateway.store.tables import EventRow
from tests.moments import MONDAY


async def test_failed_logins_are_told_once_a_minute_and_right_ones_not(tmp_path: Path) -> None:
    store = Store.at(tmp_path / "data")
    migrate(store)
    base: Any = SimpleNamespace(store=store, now=lambda: MONDAY, wall=lambda: MONDAY)
    guessing = _guessing(base, {"praktijk": Passwords().hash("een lang geheim")})
    tries = [(b"praktijk", b"een lang geheim"), (b"praktijk", b"mis"), (b"niemand", b"mis")]
    verdicts = [await guessing.judge("192.0.2.1", *pair) for pair in tries]
    assert verdicts == [LoginVerdict.RIGHT, LoginVerdict.WRONG, LoginVerdict.WRONG]
    with store.read() as session:
        (event,) = session.exec(select(EventRow)).all()
    assert (event.kind, event.actor, event.data) == (
        "login.failed",
        "stranger",
        '{"failures":1,"method":"smtp"}',
    )
    guessing.close()
    store.close()
