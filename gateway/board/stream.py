"""The board's stream: server-sent events that say that something happened, never what.

It promises one look at the store a second for all who watch, not one for each; at most `EACH` streams of one
user; an end when the session behind a stream ends, or the server stops; and that a store which is away for a
moment ends nobody's stream.
"""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from gateway.board import rows as board
from gateway.log import Log
from gateway.store.engine import Store
from gateway.web import problems
from gateway.web.auth import Auth, Role, Visitor
from gateway.web.problems import Problem

EACH: Final = 5
"""So many streams one user may have open: so many tabs."""

LOOK, TICK, ALIVE = 1.0, 60, 15.0
"""Seconds between looks, looks between ticks, and seconds between questions whether a session still lives."""

SEND_TIMEOUT: Final = 20.0
"""A browser that takes nothing for so long, in seconds, is gone."""

GONE: Final = (SQLAlchemyError, OSError)


class Stream:
    """`/bord/stroom`, with the events `stand` (the newest event's number) and `tik` (a minute went by)."""

    def __init__(
        self,
        *,
        store: Store,
        auth: Auth,
        log: Log,
        look: float = LOOK,
        tick: int = TICK,
        alive: float = ALIVE,
    ) -> None:
        self._store, self._auth, self._log = store, auth, log
        self._look, self._tick, self._alive = look, tick, alive
        self._open: Counter[str] = Counter()
        self._heard: set[asyncio.Event] = set()
        self._looking: asyncio.Task[None] | None = None
        self._seq, self._ticks = 0, 0
        self._silenced = False

    def routes(self) -> list[BaseRoute]:
        return [self._auth.route("/bord/stroom", self.handle, roles={Role.BEHEERDER}, name="board-stream")]

    async def handle(self, _: Request, visitor: Visitor) -> Response:
        if self._silenced or self._open[visitor.user_id] >= EACH:
            raise Problem(problems.TOO_OFTEN, headers={"Retry-After": "60"})
        return _Counted(self, visitor)

    def silence(self) -> None:
        """End every stream, and let nobody open one any more: the process stops."""
        self._silenced = True
        if self._looking is not None:
            self._looking.cancel()
        for heard in self._heard:
            heard.set()

    def watching(self, user_id: str) -> int:
        """How many streams of a user are open."""
        return self._open[user_id]

    @contextlib.contextmanager
    def counted(self, visitor: Visitor) -> Iterator[None]:
        """One more stream of a user while the block runs."""
        self._open[visitor.user_id] += 1
        try:
            yield
        finally:
            self._open[visitor.user_id] -= 1
            self._open += Counter()

    async def events(self, visitor: Visitor) -> AsyncGenerator[ServerSentEvent, None]:
        """What one browser is told, until its session or this process ends."""
        heard = asyncio.Event()
        self._heard.add(heard)
        try:
            self._seq = await self._newest(self._seq)
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._keep_looking())
            told, ticks = None, self._ticks
            loop = asyncio.get_running_loop()
            asked = loop.time()
            while not self._silenced:
                heard.clear()
                if told != self._seq:
                    told = self._seq
                    yield ServerSentEvent(event="stand", data=str(told))
                if ticks != self._ticks:
                    ticks = self._ticks
                    yield ServerSentEvent(event="tik", data=str(told))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(asked + self._alive):
                        await heard.wait()
                if loop.time() >= asked + self._alive:
                    asked = loop.time()
                    if not await self._lives(visitor):
                        return
        finally:
            self._heard.discard(heard)

    async def _keep_looking(self) -> None:
        """Look for all who watch, as long as anybody does."""
        for looks in itertools.count(1):
            await asyncio.sleep(self._look)
            if not self._heard:
                return
            seq = await self._newest(self._seq)
            if looks % self._tick == 0:
                self._ticks += 1
            if seq != self._seq or looks % self._tick == 0:
                self._seq = seq
                for heard in self._heard:
                    heard.set()

    async def _newest(self, known: int) -> int:
        try:
            return await asyncio.to_thread(self._last)
        except GONE as error:
            self._log.failed("stream", error)
            return known

    async def _lives(self, visitor: Visitor) -> bool:
        try:
            return await asyncio.to_thread(self._auth.is_alive, visitor)
        except GONE as error:
            # Nobody knows: it is asked again, and every page that is asked for needs the store anyway.
            self._log.failed("stream", error)
            return True

    def _last(self) -> int:
        with self._store.read() as session:
            return board.last_seq(session)


class _Counted(EventSourceResponse):
    """One stream, which counts for as long as it is open, also when its browser went before it began."""

    def __init__(self, stream: Stream, visitor: Visitor) -> None:
        super().__init__(stream.events(visitor), ping=int(ALIVE), send_timeout=SEND_TIMEOUT)
        self._stream, self._visitor = stream, visitor

    @staticmethod
    async def _listen_for_exit_signal() -> None:
        # The library's own way asks the handlers of signals twice a second, for ever. `silence` ends us.
        await asyncio.Event().wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._stream.counted(self._visitor):
            await super().__call__(scope, receive, send)
