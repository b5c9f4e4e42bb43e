"""The demo's clock: it jumps while the past is played, and then runs faster than the wall's."""

import time
from datetime import datetime, timedelta
from datetime import time as daytime
from zoneinfo import ZoneInfo

from gateway.pipeline.step import utc_now


class Clock:
    """Gives the moment at which the demo's gateway lives; it never goes back."""

    def __init__(self, begin: datetime) -> None:
        self._at, self._since, self._speed = begin, 0.0, 0

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=(time.monotonic() - self._since) * self._speed)

    @property
    def running(self) -> bool:
        """Whether it runs by itself."""
        return self._speed > 0

    def jump(self, to: datetime) -> None:
        """Stand still at a later moment."""
        self._at, self._speed = max(self(), to), 0

    def run(self, speed: int) -> None:
        """Run from here on, so many times as fast as the wall's."""
        self._at, self._since, self._speed = self(), time.monotonic(), speed


def next_monday(zone: ZoneInfo) -> datetime:
    """The first moment of the Monday after today."""
    today = utc_now().astimezone(zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    return datetime.combine(monday, daytime(), zone)
