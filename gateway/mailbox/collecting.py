"""Who collects from a mailbox and reports on it, and what they are answered.

It promises that a program and a person are told apart in the audit trail, and that a person's text stays as
long as they need it: until contact, another organisation or any end, and never beyond the pathway's ceiling.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.pathway import Pathway
from gateway.domain.states import Event
from gateway.errors import NotAllowed
from gateway.store.tables import CaseRow


@dataclass(frozen=True, slots=True)
class Collector:
    """Who collects for an organisation, as the audit trail names them, and by which channel.

    A program keeps what it collected, so our ciphertext goes a few days after (`parcel_days`). A person who
    `reads_here` keeps nothing: for them it stays until nobody needs it, and that destroys it at once; if
    nothing ever happens, the retention ceiling of the case ends it too.
    """

    organisation_id: str
    actor: str
    channel: str
    reads_here: bool

    @classmethod
    def program(cls, organisation_id: str) -> "Collector":
        """A program that uses the API."""
        return cls(organisation_id, actor_of(organisation_id), "api", reads_here=False)

    @classmethod
    def person(cls, organisation_id: str, actor: str) -> "Collector":
        """A colleague who reads in the browser."""
        return cls(organisation_id, actor, "inbox", reads_here=True)

    def destroy_at(self, case: CaseRow, now: datetime) -> datetime:
        """When the ciphertext of what was collected now goes at the latest."""
        retention = Pathway.from_json(case.pathway).retention
        ceiling = case.received_at + timedelta(days=retention.ceiling_days)
        return ceiling if self.reads_here else now + timedelta(days=retention.parcel_days)


def actor_of(organisation_id: str) -> str:
    """How the audit trail names an organisation."""
    return f"organisation:{organisation_id}"


class LeaseLost(NotAllowed):
    """The lease has ended, or another collector has the item now."""


class HandedOver(NotAllowed):
    """Another organisation has this case now."""


class NotNow(NotAllowed):
    """The case does not allow that report now; `possible` lists what it does allow."""

    def __init__(self, possible: tuple[Event, ...]) -> None:
        super().__init__()
        self.possible = possible


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an item, and when."""

    item_id: str
    kenmerk: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What a report did: whether the case moved, and its state now; `former` if another one has it now."""

    kenmerk: str
    moved: bool
    state: str
    former: bool
