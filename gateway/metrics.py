"""Figures for Prometheus: counts and closed codes, never who or what."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """One registry for one running gateway."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.accepted = Counter(
            "inbeeld_mails_accepted", "Mails kept and answered 250.", registry=self.registry
        )
        self.refused = Counter(
            "inbeeld_smtp_refused", "Clients refused, by closed reason.", ["reason"], registry=self.registry
        )
        self.received = Counter(
            "inbeeld_mails_received", "Mails decided on, by outcome.", ["outcome"], registry=self.registry
        )
        self.deliveries = Counter(
            "inbeeld_deliveries", "Tries to deliver.", ["kind", "result"], registry=self.registry
        )
        self.alarms = Counter(
            "inbeeld_alarms", "Things that need a person.", ["code"], registry=self.registry
        )
        self.trouble = Gauge(
            "inbeeld_trouble", "1 while something ails the house itself.", ["code"], registry=self.registry
        )
        self.waiting = Gauge(
            "inbeeld_inbox_waiting", "Mails that wait to be received.", registry=self.registry
        )
        self.unsent = Gauge(
            "inbeeld_outbox_unsent", "Deliveries by status.", ["status"], registry=self.registry
        )
        self.step_age = Gauge(
            "inbeeld_step_age_seconds",
            "Since a step of this worker came back.",
            ["step"],
            registry=self.registry,
        )

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
