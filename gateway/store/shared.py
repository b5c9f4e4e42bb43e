"""One transaction for what several threads write at the same moment.

On SQLite writers take turns, and each turn ends with the disk saying that it has it. Those who come while the
disk is busy wait together and are written together. It promises that one that fails spoils only itself: then
each of the group is written alone. PostgreSQL gathers commits by itself, and a transaction about several
cases could lock them in another order than the worker does, so there each is written alone and at once.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar, cast

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

    def write(self, act: Callable[[Session], Answer]) -> Answer:
        """What `act` gives, once it is committed; raises what it raises, and then nothing of it is written.

        `act` may be called twice and must do nothing but write in the session.
        """
        (answer,) = self.write_each([act])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def write_each(self, acts: Sequence[Callable[[Session], Answer]]) -> list[Answer | Exception]:
        """The same for several that are independent of each other: what each gives or raises."""
        asked = [_Asked(act) for act in acts]
        if self._store.sqlite:
            self._asked.extend(asked)
            with self._turn:
                # Whoever had the turn before may have written these too.
                while not all(one.answer.done() for one in asked):
                    self._together()
        else:
            for one in asked:
                self._settle(one)
        # What ends the process was raised above.
        return [cast(Exception | None, one.answer.exception()) or one.answer.result() for one in asked]

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
