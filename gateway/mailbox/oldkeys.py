"""Retires keys of browsers that were replaced, and codes that nobody used.

It promises that a pair is retired only when another one of the same owner is bound, and nothing that is still
there was sealed for the old one: until then everybody who holds it reads with it. A pair that nobody bound
before it was replaced stays a week, in which it can still be bound.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.domain.trail import AuditEvent
from gateway.store import audit, pairs
from gateway.store.engine import Store

ACTOR = "gateway"
SPARE = timedelta(days=7)
"""How long a pair stays that was replaced before anybody bound it."""


class OldKeys:
    """The step. `bound(owner)` is the fingerprint that seals for an owner; `wall` the clock of sessions."""

    def __init__(
        self, *, store: Store, bound: Callable[[str], str | None], wall: Callable[[], datetime]
    ) -> None:
        self._store, self._bound, self._wall = store, bound, wall

    def run(self, now: datetime) -> int:
        """Retire what nobody needs; gives how many pairs."""
        with self._store.read() as session:
            owners = pairs.owners_of_several(session)
            lapsed = pairs.has_expired(session, self._wall())
        if lapsed:
            with self._store.write() as session:
                pairs.expire(session, self._wall())
        return sum(self._retire(owner, now) for owner in owners)

    def _retire(self, owner: str, now: datetime) -> int:
        bound = self._bound(owner)
        with self._store.write() as session:
            found = pairs.in_use(session, owner)
            ids = [pair.id for pair in found]
            if bound not in ids:
                # What seals now is a key of another kind, or can't be read at this moment.
                return 0
            made_before = self._wall() - SPARE
            spare = [pair for pair in pairs.spare(found, bound) if pair.created_at <= made_before]
            older = [*found[: ids.index(bound)], *spare]
            old = [pair for pair in older if not pairs.is_needed(session, pair)]
            for pair in old:
                pairs.retire(session, pair, now)
                audit.append(session, AuditEvent.KEY_RETIRED, now=now, actor=ACTOR, owner=owner, pair=pair.id)
        return len(old)
