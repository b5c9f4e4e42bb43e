"""Counts what waits to be received and to be sent, for the figures."""

from datetime import datetime

from gateway.metrics import Metrics
from gateway.store import inbox, outbox
from gateway.store.engine import Store


class Measure:
    """The step."""

    def __init__(self, *, store: Store, metrics: Metrics) -> None:
        self._store, self._metrics = store, metrics

    def run(self, _: datetime) -> int:
        """Count; that is nothing done."""
        with self._store.read() as session:
            self._metrics.waiting.set(inbox.waiting(session))
            for status, number in outbox.counts(session).items():
                self._metrics.unsent.labels(status).set(number)
        return 0
