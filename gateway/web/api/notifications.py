"""What a receiver's system calls when something changed there: a notification of the Notificaties API.

It promises that nothing in it is believed: it lets the worker ask that receiver at once, instead of when it
is due anyway, and whoever repeats it makes it ask no more often than it looks.
"""

from collections.abc import Callable
from datetime import datetime
from http import HTTPMethod

from pydantic import Field

from gateway.store import polls
from gateway.store.engine import Store
from gateway.web.api.models import Given
from gateway.web.api.operations import Call, Operation


class Notificatie(Given):
    """What is told; of all that the standard has in it only the channel is read."""

    kanaal: str = Field(max_length=100, description="Het kanaal; met `test` gebeurt er niets.")


class Genoteerd(Given):
    """That it was heard."""

    opgevraagd: bool = Field(description="Of wij uw systeem nu zo snel mogelijk opnieuw bevragen.")


class NotificationsApi:
    """The operation."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now

    def operations(self) -> tuple[Operation, ...]:
        return (
            Operation(
                "notificaties",
                HTTPMethod.POST,
                "/v1/notificaties",
                "Meld dat er bij u iets is gewijzigd",
                "De callback van een abonnement op een Notificaties API, zoals van Open Klant op het kanaal "
                "`internetaken`. Wij geloven er niets van: wij bevragen uw systeem dan binnen een halve "
                "minuut.",
                self._hear,
                Genoteerd,
                Notificatie,
            ),
        )

    def _hear(self, call: Call) -> Genoteerd:
        told: Notificatie = call.body
        if told.kanaal == "test":
            return Genoteerd(opgevraagd=False)
        ask_soon(self._store, call.organisation, self._now())
        return Genoteerd(opgevraagd=True)


def ask_soon(store: Store, organisation: str, now: datetime) -> None:
    """Let the worker ask this organisation's system when it looks next."""
    with store.write() as session:
        polls.hint(session, organisation, now)
