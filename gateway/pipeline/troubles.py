"""What ails the house itself, and no single mail: names that can't be looked up, a clock that leapt.

It promises that each trouble stands on the health page and in the figures within seconds, that an alarm is
rung for it once, after it lasted, and that its end is told in the log.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gateway.domain.trail import AuditEvent
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.store import audit
from gateway.store.engine import Store

DNS_AWAY = "dns_away"
CLOCK_LEAPT = "clock_leapt"

ALARM_AFTER: Mapping[str, float] = {DNS_AWAY: 180.0, CLOCK_LEAPT: 0.0}
"""How many seconds a trouble lasts before somebody is called."""

ACTOR = "gateway"


class Troubles:
    """The step's work. `looks` says of each trouble whether it is there now."""

    def __init__(
        self,
        *,
        store: Store,
        log: Log,
        metrics: Metrics,
        looks: Mapping[str, Callable[[], bool]],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._log, self._metrics = store, log, metrics
        self._looks, self._steady = looks, steady
        self._since: dict[str, float] = {}
        self._alarmed: set[str] = set()

    def now(self) -> tuple[str, ...]:
        """The troubles that are there."""
        return tuple(code for code, there in self._looks.items() if there())

    def run(self, now: datetime) -> int:
        """Look, and ring for what lasts; that is nothing done."""
        there = self.now()
        for code in self._looks:
            self._metrics.trouble.labels(code).set(code in there)
            if code in there:
                lasted = self._steady() - self._since.setdefault(code, self._steady())
                if lasted >= ALARM_AFTER.get(code, 0.0) and code not in self._alarmed:
                    self._ring(code, now)
            elif self._since.pop(code, None) is not None and code in self._alarmed:
                self._alarmed.discard(code)
                self._log.trouble_over(code)
        return 0

    def _ring(self, code: str, now: datetime) -> None:
        facts: dict[str, Any] = {"code": code}
        with self._store.write() as session:
            audit.append(session, AuditEvent.ALARM, now=now, actor=ACTOR, **facts)
        self._alarmed.add(code)
        self._metrics.alarms.labels(code).inc()
        self._log.alarm(code)
