"""Every referral, counted, kept in memory between two looks at the figures.

It promises that what it gives is as new as the trail: before each answer it counts anew the cases of which
something was recorded since, and no other. The first answer costs what there is, the later ones what is new;
`warm` pays for the first one before anybody asks.
"""

import threading
from collections.abc import Callable

from gateway.statistics import rows as figures
from gateway.statistics.tally import Tally, tally
from gateway.store.engine import Store


class Tallies:
    """The tallies of one database. Safe to ask from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Tally] = {}
        self._upto = 0
        self._turn = threading.Lock()
        self._stopped = threading.Event()

    def all(self) -> list[Tally]:
        """Of every referral."""
        with self._turn:
            self._catch_up(lambda: False)
            return list(self._known.values())

    def warm(self) -> None:
        """Count what there is, for who asks later; it returns soon after `stop`."""
        with self._turn:
            self._catch_up(self._stopped.is_set)

    def stop(self) -> None:
        """Let nobody be kept waiting by `warm`: the process stops."""
        self._stopped.set()

    def _catch_up(self, stopped: Callable[[], bool]) -> None:
        with self._store.read() as session:
            # The number is asked first: what comes in meanwhile is counted now, and once more next time.
            newest = figures.last_event(session)
            ids = figures.touched(session, self._upto, newest) if newest != self._upto else ()
        for begin in range(0, len(ids), figures.BATCH):
            if stopped():
                return
            # No view of the store is held for long: what is destroyed meanwhile must leave its log as well.
            with self._store.read() as session:
                for case in figures.facts_of(session, ids[begin : begin + figures.BATCH]):
                    if case.is_referral:
                        self._known[case.kenmerk] = tally(case)
                    else:
                        self._known.pop(case.kenmerk, None)
        self._upto = newest
