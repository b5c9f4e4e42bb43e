"""Forgets sessions, invitations and devices whose time is over; their events stay in the audit trail."""

from collections.abc import Callable
from datetime import datetime

from gateway.accounts import devices, invitations
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
            if not any(each.ended(session, wall) for each in (sessions, invitations, devices)):
                return 0
        with self._store.write() as session:
            for each in (sessions, invitations, devices):
                each.clean(session, wall)
        return 1
