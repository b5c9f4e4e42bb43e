"""How many answers one sender and one practice get: the end of every storm and every loop.

Pure. It promises that beyond a cap nothing is answered, and that a storm rings the alarm once per window,
however long it lasts. The mails themselves are kept and read all the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class CapDecision:
    """Whether the mail may be answered, and whether to ring the alarm; `over` names the cap that was hit."""

    answer: bool
    alarm: bool
    over: str | None = None


@dataclass(frozen=True, slots=True)
class Caps:
    """Mails that may be answered within `window`, per address and per practice; each at least 1."""

    per_sender: int = 30
    per_practice: int = 200
    window: timedelta = timedelta(hours=1)

    def __post_init__(self) -> None:
        if self.per_sender < 1 or self.per_practice < 1 or self.window <= timedelta(0):
            raise ValueError("caps are at least 1, in a window longer than nothing")

    def since(self, now: datetime) -> datetime:
        """The start of the window: mails received after it count."""
        return now - self.window

    def decide(
        self, sender_mails: int, practice_mails: int, now: datetime, last_alarm: datetime | None = None
    ) -> CapDecision:
        """Decide for a mail at `now`, given the mails in the window with this one, and the last alarm about
        this sender or practice."""
        over = None
        if sender_mails > self.per_sender:
            over = "sender"
        elif practice_mails > self.per_practice:
            over = "practice"
        if over is None:
            return CapDecision(answer=True, alarm=False)
        return CapDecision(False, last_alarm is None or last_alarm <= self.since(now), over)
