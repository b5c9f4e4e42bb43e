"""How long a client may take: for a command, for a mail, for everything.

Promises: a client that is silent, that drips its commands or its content, or that never stops is over one of
the limits in time. Pure: times are the event loop's seconds and come as arguments.
"""

from gateway.intake.content import Content
from gateway.intake.limits import Limits


class Patience:
    """The deadlines of one connection. While `content` is set, the client is inside DATA."""

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        # Looking this often finds every deadline on time, because none is set less far ahead.
        self._period = min(limits.idle_s, limits.data_s, limits.session_s, limits.data_rate_s)
        self._session_end = now + limits.session_s
        self._idle_end = now + limits.idle_s
        self._data_end = self._rate_end = 0.0
        self._rate_seen = 0
        self.content: Content | None = None

    def heard(self, now: float) -> None:
        """The client has completed a command. Bytes of one don't count: they could drip for ever."""
        self._idle_end = now + self._limits.idle_s

    def start_content(self, content: Content, now: float) -> None:
        """From now on the limits of DATA hold."""
        self.content = content
        self._data_end = now + self._limits.data_s
        self._start_rate(content, now)

    def end_content(self, now: float) -> None:
        """The content is complete or given up."""
        self.content = None
        self.heard(now)

    def ended(self, now: float) -> str | None:
        """The limit that the client is over, by its name."""
        if now >= self._session_end:
            return "session_s"
        if self.content is None:
            return "idle_s" if now >= self._idle_end else None
        if now >= self._data_end:
            return "data_s"
        if now >= self._rate_end:
            if self.content.received - self._rate_seen < self._limits.data_rate * self._limits.data_rate_s:
                return "data_rate"
            self._start_rate(self.content, now)
        return None

    def next_look(self, now: float) -> float:
        """When to ask again."""
        ends = [self._session_end]
        ends += [self._idle_end] if self.content is None else [self._data_end, self._rate_end]
        # What has passed already was excused (we were the slow ones), and is asked again at the next look.
        return min([now + self._period, *(end for end in ends if end > now)])

    def _start_rate(self, content: Content, now: float) -> None:
        self._rate_end = now + self._limits.data_rate_s
        self._rate_seen = content.received
