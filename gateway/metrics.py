"""Figures for Prometheus: counts, ages and closed codes, never who or what.

It promises that every name starts with `inbeeld_`, and that a label holds a closed code, the word of a step
or the id of an organisation from the configuration.
"""

import platform

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from gateway import __version__


class Metrics:
    """One registry for one running gateway. Counters are of this process, gauges of what a look found."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.build = self._gauge(
            "build_info", "Always 1: what runs here.", "version", "role", "python", "database"
        )
        self.accepted = self._counter("mails_accepted", "Mails kept and answered 250.")
        self.refused = self._counter("smtp_refused", "Clients refused, by closed reason.", "reason")
        self.received = self._counter("mails_received", "Mails decided on, by outcome.", "outcome")
        self.deliveries = self._counter("deliveries", "Tries to deliver.", "kind", "result")
        self.bounces = self._counter("bounces", "Deliveries that came back later.", "reason")
        self.tls_sessions = self._counter(
            "tls_report_sessions", "Connections to us that others reported (TLS-RPT), by result.", "result"
        )
        self.alarms = self._counter("alarms", "Things that need a person.", "code")
        self.step_age = self._gauge(
            "step_age_seconds", "Since a step of this worker came back, at its last heartbeat.", "step"
        )
        self.database_up = self._gauge("database_up", "1 if the database answered just now, in our shape.")
        self.heartbeat = self._gauge(
            "worker_heartbeat_timestamp_seconds", "When any worker said last that it lives; 0 if none did."
        )
        self.stalled = self._gauge("worker_stalled_steps", "Steps of that worker that don't come back.")
        self.waiting = self._gauge("inbox_waiting", "Mails that wait to be received.")
        self.waiting_age = self._gauge(
            "inbox_oldest_seconds", "The age of the oldest mail that waits; 0 if none does."
        )
        self.unsent = self._gauge("outbox_unsent", "Deliveries that have not left, by status.", "status")
        self.unsent_age = self._gauge(
            "outbox_oldest_seconds",
            "The age of the oldest delivery that is due or tried again; 0 if none is.",
        )
        self.held = self._gauge("outbox_held", "Deliveries that are held, by closed reason.", "reason")
        self.overdue = self._gauge("cases_overdue", "Cases whose contact is late while others have the turn.")
        self.quarantined = self._gauge("quarantine_mails", "Mails in quarantine that wait for a person.")
        self.disk_free = self._gauge("disk_free_bytes", "Free room on the disk of the data directory.")
        self.disk_floor = self._gauge(
            "disk_floor_bytes", "Below so much free room no mail is taken; 0 where the disk decides nothing."
        )
        self.trouble = self._gauge("trouble", "1 while something ails the house itself.", "code")
        self.key_days = self._gauge(
            "key_expiry_days", "Days until a key or certificate ends, below 0 after it did.", "key"
        )
        self.key_problem = self._gauge("key_problem", "1 if a key or certificate can't be used.", "key")
        self.verified = self._gauge(
            "audit_verified_timestamp_seconds",
            "When 'inbeeld audit verify' ran last on this machine; 0: never.",
        )
        self.verified_seq = self._gauge("audit_verified_seq", "The last event that it looked at.")
        self.verified_faults = self._gauge("audit_verified_faults", "How many faults it found.")

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def runs(self, role: str, database: str) -> None:
        """Say what runs here."""
        self.build.clear()
        self.build.labels(__version__, role, platform.python_version(), database).set(1)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"inbeeld_{name}", what, labels, registry=self.registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"inbeeld_{name}", what, labels, registry=self.registry)
