"""One transaction for what several threads write at the same moment.

On SQLite writers take turns, and each turn ends with the disk saying that it has it. Those who come while the
disk is busy wait together and are written together. It promises that one that fails spoils only itself: then
each of the group is written alone. PostgreSQL gathers commits by itself, and a transaction about several
cases could lock them in another order than the worker does, so there each is written alone and at once.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlmodel import Session

from gateway.store.engine import Store

Answer = TypeVar("Answer")

TOGETHER = 32
"""So many at most share a transaction."""


class SharedWrite:
    """Writes what threads ask for, several of them in one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked: deque[_Asked] = deque()
        self._turn = threading.Lock()
        self._writing: asyncio.Task[None] | None = None

    def write(self, act: Callable[[Session], Answer]) -> Answer:
        """What `act` gives, once it is committed; raises what it raises, and then nothing of it is written.

        `act` may be called twice and must do nothing but write in the session.
        """
        if not self._store.sqlite:
            return self._alone(act)
        asked = _Asked(act)
        self._asked.append(asked)
        with self._turn:
            # Whoever had the turn before may have written this one too.
            while not asked.answer.done():
                self._together()
        answer: Answer = asked.answer.result()
        return answer

    async def written(self, act: Callable[[Session], Answer]) -> Answer:
        """The same for many who ask in one loop: one thread writes for them, as long as there are any."""
        if not self._store.sqlite:
            return await asyncio.to_thread(self._alone, act)
        asked = _Asked(act)
        self._asked.append(asked)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_on())
        # Whoever goes away has said it all the same.
        answer: Answer = await asyncio.shield(asyncio.wrap_future(asked.answer))
        return answer

    async def _write_on(self) -> None:
        while self._asked:
            await asyncio.to_thread(self._in_turn)

    def _in_turn(self) -> None:
        with self._turn:
            self._together()

    def _together(self) -> None:
        group = [self._asked.popleft() for _ in range(min(len(self._asked), TOGETHER))]
        if not group:
            return
        try:
            with self._store.write() as session:
                answers = []
                for one in group:
                    answers.append(one.act(session))
                    # The next one must see the rows as they are now, not as this one read them.
                    session.flush()
                    session.expunge_all()
        except Exception:  # noqa: BLE001
            for one in group:
                self._settle(one)
        except BaseException as error:
            # The process is asked to stop: nobody may wait for an answer that never comes.
            for one in group:
                one.answer.set_exception(error)
            raise
        else:
            for one, answer in zip(group, answers, strict=True):
                one.answer.set_result(answer)

    def _settle(self, one: "_Asked") -> None:
        try:
            one.answer.set_result(self._alone(one.act))
        except Exception as error:  # noqa: BLE001
            one.answer.set_exception(error)

    def _alone(self, act: Callable[[Session], Answer]) -> Answer:
        with self._store.write() as session:
            return act(session)


class _Asked:
    """What one thread wants written, and what becomes of it."""

    def __init__(self, act: Callable[[Session], Any]) -> None:
        self.act = act
        self.answer: Future[Any] = Future()
