"""Delivery into memory: a real adapter without a peer, for tests and first trials.

It promises what every adapter promises, and keeps parcels only as long as the process lives. What it does can
be scripted, in the options or with `next`: take, later, refuse, lose (take the parcel, lose the answer).
"""

from collections import deque
from typing import ClassVar, Literal

from adapters import base
from adapters.base import Context, Parcel, Receipt, Refused, TryLater

Answer = Literal["take", "later", "refuse", "lose"]


class MemoryOptions(base.Options):
    """`script`: what to do with the first parcels, one answer each; afterwards all are taken."""

    script: tuple[Answer, ...] = ()


class MemoryAdapter:
    """Keeps each delivery once, however often it is tried."""

    name: ClassVar[str] = "memory"
    Options: ClassVar[type[MemoryOptions]] = MemoryOptions

    def __init__(self, options: MemoryOptions, context: Context) -> None:
        self.taken: dict[str, Parcel] = {}
        self.tries: list[str] = []
        self._script: deque[Answer] = deque(options.script)

    def next(self, *answers: Answer) -> None:
        """Answer the parcels to come like this, one each."""
        self._script.extend(answers)

    async def send(self, parcel: Parcel) -> Receipt:
        """Keep the parcel, or do what the script says."""
        self.tries.append(parcel.delivery_id)
        answer = self._script.popleft() if self._script else "take"
        if answer == "later":
            raise TryLater("memory_busy")
        if answer == "refuse":
            raise Refused("memory_refused")
        self.taken.setdefault(parcel.delivery_id, parcel)
        if answer == "lose":
            raise TryLater("memory_answer_lost")
        return Receipt(peer="memory", text=f"kept {len(self.taken)}")

    async def probe(self) -> None:
        """Memory is always there."""

    async def close(self) -> None:
        """Nothing to give back; what was taken stays readable."""
