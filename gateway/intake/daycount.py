"""How many mails came in a day from each network, and in all.

It promises to hold no more than `MARKS` networks, whoever sends, and that what came counts less by the
second, so that no moment opens the door for everybody. Pure but for the clock.
"""

import math
from collections import OrderedDict
from collections.abc import Callable

DAY_S, MARKS = 86_400.0, 10_000


class DayCount:
    """Counts by the mark of a network, "" being all; `tick` is a steady clock."""

    def __init__(self, tick: Callable[[], float]) -> None:
        self._tick = tick
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def used(self, mark: str, most: int) -> int:
        """How many count now, of so many in a day; a part of one counts whole."""
        return math.ceil(self._left(mark, most))

    def count(self, mark: str, most: int) -> None:
        """Another one came."""
        self._used[mark] = self._left(mark, most) + 1, self._tick()
        self._used.move_to_end(mark)
        while len(self._used) > MARKS:
            self._used.popitem(last=False)

    def _left(self, mark: str, most: int) -> float:
        used, at = self._used.get(mark, (0.0, 0.0))
        return max(0.0, used - (self._tick() - at) * most / DAY_S)
