"""Destroys what is no longer needed: quarantined mails nobody wanted, sessions and invitations whose time is
over, and the bytes deletion leaves behind.

Cases are retired by their own clock (`deadlines`). It promises that after it ran, what was deleted stands
neither in the database file nor in its log (SQLite overwrites deleted bytes; the log is emptied here).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.accounts import invitations
from gateway.domain.states import Event, State
from gateway.store import cases, inbox
from gateway.store.engine import Store
from gateway.web import sessions

ACTOR = "gateway"


class Retire:
    """The step; `keep_quarantined` is how long a quarantined mail waits for a person, `wall` the clock of
    sessions."""

    def __init__(self, *, store: Store, keep_quarantined: timedelta, wall: Callable[[], datetime]) -> None:
        self._store, self._keep_quarantined, self._wall = store, keep_quarantined, wall

    def run(self, now: datetime) -> int:
        """Destroy what is due; gives how many quarantined mails were destroyed."""
        with self._store.read() as session:
            old = inbox.quarantined(session, before=now - self._keep_quarantined)
        for row in old:
            with self._store.write() as session:
                case = cases.by_id(session, row.case_id or "")
                inbox.destroy(session, row)
                if case.state == State.QUARANTINED:
                    cases.advance(session, case, Event.CLOSED, now=now, actor=ACTOR, code="retention")
        self._log_ins(self._wall())
        self._store.truncate_log()
        return len(old)

    def _log_ins(self, wall: datetime) -> None:
        """Forget sessions and invitations that ended; their events stay."""
        with self._store.read() as session:
            if not (sessions.ended(session, wall) or invitations.ended(session, wall)):
                return
        with self._store.write() as session:
            sessions.clean(session, wall)
            invitations.clean(session, wall)
