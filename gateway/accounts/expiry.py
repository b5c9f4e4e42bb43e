"""Forgets sessions and invitations whose time is over; their events stay in the audit trail."""

from collections.abc import Callable
from datetime import datetime

from gateway.accounts import invitations
from gateway.store.engine import Store
from gateway.web import sessions


class Expiry:
    """The step; `wall` is the clock of sessions, which counts real time where that of cases does not."""

    def __init__(self, *, store: Store, wall: Callable[[], datetime]) -> None:
        self._store, self._wall = store, wall

    def run(self, _: datetime) -> int:
        """Forget what is over; says whether there was anything."""
        wall = self._wall()
        with self._store.read() as session:
            if not (sessions.ended(session, wall) or invitations.ended(session, wall)):
                return 0
        with self._store.write() as session:
            sessions.clean(session, wall)
            invitations.clean(session, wall)
        return 1
