"""The pool of reading processes: hostile bytes are parsed there, and only closed records come back.

A mail is bytes from outside, and reading it takes thousands of lines of other people's code. So it happens
in a few long-lived processes of our own, confined as `gateway.sandbox.confinement` says, each with a bound on
the processor time of a mail, on its memory and on wall time. Work goes in batches, spread over the processes
that are idle. What goes wrong with a mail is that mail's alone and is one thing to the caller: `Unreadable`
with a closed code. Lost wall time is no fault of the mail: a mail whose process stood still, or died without
a sign of what it was about, is read once more, alone.

Both sides speak JSON in frames, because what comes back is not to be trusted with pickle.
"""

import contextlib
import json
import queue
import selectors
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.errors import InbeeldError
from gateway.reading.mail.display import Display
from gateway.reading.record import URGENT_WORDS, Reading
from gateway.sandbox.nursery import START_SECONDS, Child, Knowledge, Nursery, as_told
from gateway.sandbox.tasks import DONE, OUT_OF_MEMORY, Inbound, MailJob, framed, to_display, to_read

CPU_SECONDS = 2.0
WALL_SECONDS = 10.0
GROWTH = 384 * 1024 * 1024
MAILS = 50_000
"""After so many mails a process is replaced, so that nothing can pile up in it."""

MISSTARTS = 3
"""After so many processes that did not start, a batch is given up: something is wrong with this machine."""

AHEAD = 4
"""So many mails are sent to a process before it has answered the first, so that it never waits for us."""

R = TypeVar("R")


class Unreadable(InbeeldError):
    """The mail could not be read. `code` is timeout (processor time), memory or crash, which are the mail's
    own; or stalled or closed, which are not: then it must be tried later (`later`)."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The mail could not be read: {code}.")
        self.code = code

    @property
    def later(self) -> bool:
        """Whether nothing was found out about the mail."""
        return self.code in {"stalled", "closed"}


class Readers:
    """A pool of reading processes. Thread-safe; `run` waits for an idle one.

    `wijken` and `postcodes` are the texts of the gazetteer's files, `growth` the bytes of address space a
    process may take on top of what it needs to start. `follow` gives what the pool is to know now, where that
    may change: the same object as long as it is the same.
    """

    def __init__(
        self,
        wijken: Iterable[str],
        postcodes: Iterable[str],
        *,
        workers: int = 2,
        urgent_words: frozenset[str] = URGENT_WORDS,
        cpu_seconds: float = CPU_SECONDS,
        wall_seconds: float = WALL_SECONDS,
        growth: int = GROWTH,
        follow: Callable[[], Knowledge] | None = None,
    ) -> None:
        start = as_told(wijken, postcodes, urgent_words) | {"cpu_seconds": cpu_seconds, "growth": growth}
        self._start, self._wall = start, wall_seconds
        self._follow, self._knowledge = follow, None if follow is None else follow()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._nursery = Nursery(start)
        # How often another gazetteer was learnt.
        self._taught = 0
        self._all: set[_Process] = set()
        # A seat without a process gets one when it is taken: until then the nursery loads.
        self._seats: queue.SimpleQueue[_Process | None] = queue.SimpleQueue()
        for _ in range(max(1, workers)):
            self._seats.put(None)

    def _learn(self) -> None:
        """Read by the present gazetteer from this batch on; mails that are being read end as they began."""
        if self._follow is None or (knowledge := self._follow()) is self._knowledge:
            return
        told = as_told(*knowledge)
        with self._lock:
            self._knowledge = knowledge
            if self._closed.is_set() or self._start == self._start | told:
                return
            before, self._start = self._nursery, self._start | told
            self._nursery = Nursery(self._start)
            self._taught += 1
        before.close()

    def run(self, jobs: Sequence[MailJob[R]]) -> list[R | Unreadable]:
        """Do all the jobs; the answers are in their order. Raises nothing."""
        if not jobs:
            return []
        self._learn()
        seats = [self._learned(self._seats.get())]
        with contextlib.suppress(queue.Empty):
            while len(seats) < len(jobs):
                seats.append(self._learned(self._seats.get_nowait()))
        crew = [process for seat in seats if (process := seat or self._spawned()) is not None]

        def back(process: _Process) -> None:
            seats.pop()
            worn = process.asked >= MAILS or not process.idle or self._closed.is_set()
            self._seats.put(self._replaced(process) if worn else process)

        try:
            return _Batch(jobs, crew, self._wall, self._replaced, self._closed.is_set, back).run()
        finally:
            for process in crew:
                back(process)
            # Those whose process ended, and for which there was no other.
            for _ in seats:
                self._seats.put(None)

    def one(self, job: MailJob[R]) -> R:
        (answer,) = self.run([job])
        if isinstance(answer, Unreadable):
            raise answer
        return answer

    def read(
        self, raw: bytes, practice_phones: frozenset[str] = frozenset(), known: Reading | None = None
    ) -> Reading:
        """What `reader.read` gives, or with `known` what `reader.complete` gives. Raises Unreadable."""
        return self.one(to_read(raw, practice_phones, known))

    def display(self, raw: bytes) -> Display:
        """What `display.display` gives. Raises Unreadable."""
        return self.one(to_display(raw))

    def close(self) -> None:
        """Ends the processes; a mail that is being read ends as Unreadable("closed")."""
        self._closed.set()
        with self._lock:
            for process in self._all:
                process.child.kill()
            self._nursery.close()
        with contextlib.suppress(queue.Empty):
            while True:
                idle = self._seats.get_nowait()
                if idle is not None:
                    self._replaced(idle)
        # Whoever still waits finds that it is closed, and passes this on.
        self._seats.put(None)

    def _learned(self, process: "_Process | None") -> "_Process | None":
        """A process that knows the present gazetteer, or an empty seat."""
        if process is None or process.taught == self._taught:
            return process
        return self._replaced(process)

    def _spawned(self) -> "_Process | None":
        """A new process, if there can be one. A nursery that is gone is replaced once."""
        for _ in range(2):
            with self._lock:
                if self._closed.is_set():
                    return None
                nursery, taught = self._nursery, self._taught
            try:
                process = _Process(nursery.fork(), taught)
            except (OSError, EOFError, ValueError):
                with self._lock:
                    if self._nursery is nursery and not self._closed.is_set():
                        nursery.close()
                        self._nursery = Nursery(self._start)
                continue
            with self._lock:
                self._all.add(process)
                if self._closed.is_set():
                    process.child.kill()
            return process
        return None

    def _replaced(self, process: "_Process") -> "_Process | None":
        process.child.close()
        with self._lock:
            self._all.discard(process)
        return self._spawned()


@dataclass(slots=True)
class _Turn:
    """A job on its way through the pool."""

    index: int
    job: MailJob[Any]
    tries: int = 0

    @property
    def alone(self) -> bool:
        """Whether it is tried again, and nothing else may be with it."""
        return self.tries > 0


class _Process:
    """Our end of one reading process."""

    def __init__(self, child: Child, taught: int = 0) -> None:
        self.child, self.socket, self.taught = child, child.socket, taught
        self.asked = 0
        self.ready = False
        self.turns: deque[_Turn] = deque()
        """The mails it has, the one it is at first."""
        self.deadline = time.monotonic() + START_SECONDS
        self._inbound = Inbound()
        self._outbound: deque[memoryview] = deque()
        self.socket.setblocking(False)

    @property
    def idle(self) -> bool:
        """Whether it has nothing to do."""
        return not self.turns

    @property
    def wants_to_send(self) -> bool:
        """Whether something waits to be sent to it."""
        return bool(self._outbound)

    def give(self, turn: _Turn, wall: float) -> None:
        """Let it do a job after those that it has."""
        asked = json.dumps({"task": turn.job.task.name, **turn.job.given}).encode()
        if self.idle and self.ready:
            self.deadline = time.monotonic() + wall
        self.turns.append(turn)
        self.asked += 1
        self._send(asked, turn.job.raw)

    def answers(self, wall: float) -> "list[tuple[_Turn, bytes]]":
        """The jobs it has answered since. Raises EOFError or OSError when it is gone or babbles."""
        self._inbound.take(self.socket)
        found: list[tuple[_Turn, bytes]] = []
        while (frame := self._inbound.frame(self.turns[0].job.task.most if self.turns else 0)) is not None:
            self.deadline = time.monotonic() + wall
            if not self.ready:
                self.ready = True
            else:
                found.append((self.turns.popleft(), frame))
        return found

    def flush(self) -> None:
        """Send what can be sent without waiting."""
        with contextlib.suppress(BlockingIOError):
            while self._outbound:
                first = self._outbound[0]
                sent = self.socket.send(first)
                if sent < len(first):
                    self._outbound[0] = first[sent:]
                else:
                    self._outbound.popleft()

    def _send(self, *frames: bytes) -> None:
        self._outbound.append(memoryview(framed(*frames)))
        # That it is gone is told when its answer is waited for.
        with contextlib.suppress(OSError):
            self.flush()

    def why_ended(self) -> str:
        """The code for a process that is gone."""
        return "timeout" if self.child.signal_of_end() in {signal.SIGPROF, signal.SIGXCPU} else "crash"


class _Batch:
    """One run: which jobs wait, which process has which, and what became of them."""

    def __init__(
        self,
        jobs: Sequence[MailJob[Any]],
        crew: list[_Process],
        wall: float,
        replaced: Callable[[_Process], _Process | None],
        closed: Callable[[], bool],
        back: Callable[[_Process], None],
    ) -> None:
        self._waiting = deque(_Turn(index, job) for index, job in enumerate(jobs))
        self._results: dict[int, Any] = {}
        self._count, self._crew, self._wall, self._replaced = len(jobs), crew, wall, replaced
        self._closed, self._back, self._misstarts = closed, back, 0
        self._selector = selectors.DefaultSelector()

    def run(self) -> list[Any]:
        """The answers, in the order of the jobs."""
        with self._selector:
            for process in self._crew:
                self._selector.register(process.socket, selectors.EVENT_READ, process)
            while len(self._results) < self._count:
                if not self._crew or self._misstarts >= MISSTARTS:
                    # They were closed, or don't start: no mail is to blame for it.
                    code = "closed" if self._closed() else "stalled"
                    return [self._results.get(index, Unreadable(code)) for index in range(self._count)]
                self._feed()
                self._spare()
                self._wait()
        return [self._results[index] for index in range(self._count)]

    def _spare(self) -> None:
        """Let others have the processes for which we have nothing left, so that a slow mail holds up one."""
        for process in [each for each in self._crew if each.idle]:
            if not self._waiting and len(self._crew) > 1:
                self._selector.unregister(process.socket)
                self._crew.remove(process)
                self._back(process)

    def _feed(self) -> None:
        """Give out what waits, one each round, so that nobody has much while another has nothing."""
        gave = True
        while gave and self._waiting:
            gave = False
            for process in self._crew:
                if self._waiting and self._may_have(process, self._waiting[0]):
                    process.give(self._waiting.popleft(), self._wall)
                    gave = True

    @staticmethod
    def _may_have(process: _Process, turn: _Turn) -> bool:
        if turn.alone or (process.turns and process.turns[0].alone):
            return process.idle
        return len(process.turns) < AHEAD

    def _wait(self) -> None:
        now = time.monotonic()
        busy = [process for process in self._crew if process.turns]
        for process in busy:
            both = selectors.EVENT_READ | (selectors.EVENT_WRITE if process.wants_to_send else 0)
            if self._selector.get_key(process.socket).events != both:
                self._selector.modify(process.socket, both, process)
        ends = min(process.deadline for process in busy)
        for key, _ in self._selector.select(max(0.0, ends - now)):
            self._serve(key.data)
        now = time.monotonic()
        for process in busy:
            if process in self._crew and process.turns and process.deadline <= now:
                self._fail(process, "stalled")

    def _serve(self, process: _Process) -> None:
        try:
            # Where it is gone, what it said before that still waits in our socket.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                process.flush()
            for turn, answer in process.answers(self._wall):
                self._take(process, turn, answer)
        except BlockingIOError:
            return
        except (OSError, EOFError):
            self._fail(process, process.why_ended())

    def _take(self, process: _Process, turn: _Turn, answer: bytes) -> None:
        if answer[:1] == DONE:
            with contextlib.suppress(ValueError):
                self._results[turn.index] = turn.job.task.understood(answer[1:])
                return
        # It failed, or says what no task gives: such a process is not asked again.
        process.turns.appendleft(turn)
        self._fail(process, "memory" if answer == OUT_OF_MEMORY else "crash")

    def _fail(self, process: _Process, code: str) -> None:
        """A process is gone, or is to go: the mail it was at is tried once more or given up."""
        turns, ready = list(process.turns), process.ready
        process.turns.clear()
        self._selector.unregister(process.socket)
        at = self._crew.index(process)
        fresh = self._replaced(process)
        if fresh is None:
            del self._crew[at]
        else:
            self._crew[at] = fresh
            self._selector.register(fresh.socket, selectors.EVENT_READ, fresh)
        if not ready:
            self._misstarts += 1
            self._waiting.extendleft(reversed(turns))
            return
        if turns:
            first, *others = turns
            self._waiting.extendleft(reversed(others))
            # The processor time of a mail is its own: reading it again would cost as much.
            if first.alone or code == "timeout":
                self._results[first.index] = Unreadable(code)
            else:
                first.tries += 1
                self._waiting.appendleft(first)
