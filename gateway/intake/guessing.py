"""SMTP AUTH against those who guess: who may try when, and where the slow hash is computed.

Promises: whoever guesses, from one network or about one login from many, soon waits twice as long after each
failure, and nothing is hashed for them meanwhile; guessers can't lock a practice out of a network from which
it logged in before; an unknown login and a wrong password take the same steps; hashing has one thread of its
own with a short queue, so it slows no page, no API call and no mail. Memory is bounded.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum

from gateway.intake.limits import network

FREE = 5
"""So many failures cost no pause: people mistype."""

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 900.0
FORGOTTEN_S = 3600.0
"""The pause after the next failure, the longest, and how long after the last one all are forgotten."""

WAITING = 8
"""So many may wait for the thread; who comes then is told to come back."""

_MOST = 10_000
"""So many networks, and so many logins, are remembered; those longest unseen are forgotten first."""


class LoginVerdict(Enum):
    """What became of a try."""

    RIGHT = "right"
    WRONG = "wrong"
    LATER = "later"


@dataclass(slots=True)
class _Tried:
    failures: int
    at: float

    def pause(self) -> float:
        over = self.failures - FREE
        return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(over, 20)) if over >= 0 else 0.0


class Failures:
    """Counts failures by name, each on its own; pure, times are seconds of a steady clock."""

    def __init__(self) -> None:
        self._tried: OrderedDict[str, _Tried] = OrderedDict()

    def must_wait(self, name: str, now: float) -> bool:
        """Whether this one is in its pause."""
        tried = self._tried.get(name)
        return tried is not None and now < tried.at + tried.pause()

    def failed(self, name: str, now: float) -> None:
        """Count one more."""
        tried = self._tried.pop(name, None)
        before = tried.failures if tried is not None and now < tried.at + FORGOTTEN_S else 0
        self._tried[name] = _Tried(before + 1, now)
        while len(self._tried) > _MOST:
            self._tried.popitem(last=False)

    def take_back(self, name: str) -> None:
        """Count one less: it was no failure."""
        tried = self._tried.get(name)
        if tried is not None:
            tried.failures -= 1

    def forget(self, name: str) -> None:
        """Begin anew for this one."""
        self._tried.pop(name, None)


class Guessing:
    """Judges logins. `matches(login, password)` is slow and runs in our thread; `on_failure` does too."""

    def __init__(
        self,
        matches: Callable[[str, str], bool],
        on_failure: Callable[[], None] = lambda: None,
        *,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._matches, self._on_failure, self._tick = matches, on_failure, tick
        self._networks, self._logins, self._pairs = Failures(), Failures(), Failures()
        self._right: OrderedDict[str, None] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inbeeld-login")
        self._inside = 0

    async def judge(self, peer_ip: str, login: bytes, password: bytes) -> LoginVerdict:
        """Whether this login may come in now."""
        at, who, now = network(peer_ip), hashlib.sha256(login).hexdigest(), self._tick()
        pair = f"{at} {who}"
        if self._inside > WAITING:
            return LoginVerdict.LATER
        if pair in self._right:
            # Where a login was right before, its failures are counted apart from those of everybody else.
            if self._pairs.must_wait(pair, now):
                return LoginVerdict.LATER
            if not await self._look(login, password):
                self._pairs.failed(pair, self._tick())
                return LoginVerdict.WRONG
            self._pairs.forget(pair)
            return LoginVerdict.RIGHT
        if self._networks.must_wait(at, now) or self._logins.must_wait(who, now):
            return LoginVerdict.LATER
        # Counted before it is known, so that tries at the same moment can't all be free.
        self._networks.failed(at, now)
        self._logins.failed(who, now)
        if not await self._look(login, password):
            return LoginVerdict.WRONG
        # One right login is no reason to forget what else was tried from there.
        self._networks.take_back(at)
        self._logins.forget(who)
        self._right[pair] = None
        while len(self._right) > _MOST:
            self._right.popitem(last=False)
        return LoginVerdict.RIGHT

    async def _look(self, login: bytes, password: bytes) -> bool:
        self._inside += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._try, login, password)
        finally:
            self._inside -= 1

    def _try(self, login: bytes, password: bytes) -> bool:
        try:
            right = self._matches(login.decode("utf-8"), password.decode("utf-8"))
        except UnicodeDecodeError:
            # Not a name of ours, then: the same answer as for a wrong password.
            right = False
        if not right:
            self._on_failure()
        return right

    def close(self) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
