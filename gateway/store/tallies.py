"""Every referral, counted, kept in memory between two looks at the figures.

It promises that what it gives is as new as the trail: before each answer it counts anew the cases of which
something was recorded since, and no other. The first answer costs what there is, the later ones what is new.
"""

import threading

from gateway.domain.tally import Tally, tally
from gateway.store import figures
from gateway.store.engine import Store


class Tallies:
    """The tallies of one database. Safe to ask from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Tally] = {}
        self._upto = 0
        self._turn = threading.Lock()

    def all(self) -> list[Tally]:
        """Of every referral, those received first at first when they are asked for the first time."""
        with self._turn, self._store.read() as session:
            # The number is asked first: what comes in meanwhile is counted now, and once more next time.
            newest = figures.last_event(session)
            if newest != self._upto:
                if not self._upto:
                    cases = figures.facts(session, None, None)
                else:
                    cases = figures.facts_of(session, figures.touched(session, self._upto, newest))
                for case in cases:
                    if case.is_referral:
                        self._known[case.kenmerk] = tally(case)
                    else:
                        self._known.pop(case.kenmerk, None)
                self._upto = newest
            return list(self._known.values())
