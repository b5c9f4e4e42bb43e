"""Seals anew, for the present intake key, what is still sealed for another.

It promises that content is in clear in memory only and one piece at a time, that a piece which moved on
meanwhile is left alone (compare-and-set, so that a running gateway is not disturbed), and that it may be
stopped anywhere and started again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.domain.trail import AuditEvent
from gateway.errors import OpenError
from gateway.sealing import box
from gateway.store import audit, boxes
from gateway.store.engine import Store


@dataclass(slots=True)
class Resealed:
    """How many pieces were sealed anew, and which could not be opened: place and row id."""

    done: int = 0
    stuck: list[tuple[str, str]] = field(default_factory=list)


class Rotate:
    """The step."""

    def __init__(self, *, store: Store, keychain: box.Keychain, public: box.PublicKey) -> None:
        self._store, self._keychain, self._public = store, keychain, public

    def run(self, told: Callable[[str, int], None] = lambda place, done: None) -> Resealed:
        """Seal everything anew; `told` hears after each batch of which place, and how many pieces so far."""
        result = Resealed()
        for place in boxes.PLACES:
            after = ""
            while batch := self._next(place, after):
                after = batch[-1][0]
                self._reseal(place, batch, result)
                told(place.name, result.done)
        return result

    def left(self) -> dict[str, int]:
        """How many pieces are still sealed for each other key."""
        with self._store.read() as session:
            found = boxes.counts(session)
        return {key_id: number for key_id, number in found.items() if key_id != self._public.key_id}

    def destroy(self, key_id: str, now: datetime, actor: str) -> int:
        """Let nothing be kept any more that is sealed for this key, unless something needs it: then nothing
        happens, and the number of such pieces is given. The key itself may be removed after 0."""
        if key_id == self._public.key_id:
            raise ValueError("the present key is needed")
        with self._store.write() as session:
            needed = boxes.destroy(session, key_id, now)
            if not needed:
                audit.append(session, AuditEvent.KEY_DESTROYED, now=now, actor=actor, key=key_id)
        return needed

    def _next(self, place: boxes.BoxPlace, after: str) -> list[tuple[str, bytes]]:
        with self._store.read() as session:
            return boxes.for_others(session, place, self._public.key_id, after)

    def _reseal(self, place: boxes.BoxPlace, batch: list[tuple[str, bytes]], result: Resealed) -> None:
        pairs = []
        for id_, blob in batch:
            try:
                pairs.append((id_, blob, box.reseal(blob, self._keychain, self._public, place.context(id_))))
            except OpenError:
                result.stuck.append((place.name, id_))
        with self._store.write() as session:
            result.done += sum(boxes.swap(session, place, *pair) for pair in pairs)
