"""What is forgotten of log-ins: sessions, invitations and devices whose time is over, and no other."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import select

from gateway.accounts import devices, invitations
from gateway.accounts.rows import Expiry
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from gateway.store.pagetables import DeviceRow, InvitationRow, SessionRow
from gateway.web import sessions
from gateway.web.sessions import SessionStage

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_what_is_over_is_forgotten_by_the_clock_of_the_wall(tmp_path: Path) -> None:
    store, wall = Store.at(tmp_path / "data"), NOW
    migrate(store)
    with store.write() as session:
        sessions.start(session, NOW, user_id=None, stage=SessionStage.HALF)
        full = sessions.start(session, NOW, user_id="u1", stage=SessionStage.FULL)
        devices.used(session, "", "u1", NOW - timedelta(days=300))
        devices.used(session, "", "u1", NOW)
        invitations.make(
            session, login="a@b.nl", name="A", role="beheerder", organisation_id=None, by="b", now=NOW
        )
    expiry = Expiry(store=store, wall=lambda: wall)

    def left() -> tuple[list[str], int]:
        with store.read() as session:
            rows = session.exec(select(SessionRow)).all()
            return [row.stage for row in rows], len(session.exec(select(InvitationRow)).all())

    # The clock of cases may run ahead, as in the demo: nobody is logged out by it.
    expiry.run(NOW + timedelta(days=300))
    assert left() == (["half", "full"], 1) or left() == (["full", "half"], 1)
    wall = NOW + sessions.HALFWAY
    expiry.run(NOW)
    assert left() == (["full"], 1)
    with store.read() as session:
        assert session.get(SessionRow, sessions.digest(full)) is not None
    wall = NOW + invitations.LASTS
    expiry.run(NOW)
    assert left() == ([], 0)
    wall = NOW - timedelta(days=300) + devices.LASTS
    expiry.run(NOW)
    with store.read() as session:
        assert [row.used_at for row in session.exec(select(DeviceRow)).all()] == [NOW]
    store.close()
