"""What the intake tells, brought to the log and the figures."""

from gateway.log import Log
from gateway.metrics import Metrics


class IntakeEvents:
    """See `gateway.intake.keeper.Events`."""

    def __init__(self, log: Log, metrics: Metrics) -> None:
        self._log, self._metrics = log, metrics

    def accepted(self, id: str, size: int) -> None:
        """A mail is committed."""
        self._metrics.accepted.inc()
        self._log.accepted(id, size)

    def refused(self, code: int, reason: str) -> None:
        """A client got a 4xx or 5xx."""
        self._metrics.refused.labels(reason).inc()
        self._log.refused(code, reason)

    def limit(self, name: str) -> None:
        """A limit was hit."""
        self._log.limit(name)

    def failed(self, step: str, kind: str) -> None:
        """Our own trouble."""
        self._metrics.alarms.labels("intake").inc()
        self._log.alarm("intake", step=step, kind=kind)
