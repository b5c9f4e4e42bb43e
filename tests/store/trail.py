"""Cases with a trail: moved as the gateway moves them, so that the audit chain is whole."""

from datetime import datetime, timedelta
from typing import Any

from gateway.domain.codes import Kind
from gateway.domain.pathway import Pathway
from gateway.domain.states import Event
from gateway.store import cases
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, ClockRow
from tests.store.rows import make_case

ALMERE = Pathway(name="almere", title="Almere").to_json()


def make_trail(
    store: Store, name: str, received: datetime, *moves: tuple[Event, float], **overrides: Any
) -> CaseRow:
    """A case that was received then, and moved so many hours later each time; its term is three days."""
    values = {"organisation_id": "wijkteam-haven", "wijk": "Muziekwijk", "pathway": ALMERE}
    values |= {"received_at": received, "updated_at": received} | overrides
    case = make_case(store, name, **values)
    with store.write() as session:
        session.add(ClockRow(case_id=case.id, kind=Kind.CONTACT, due_at=received + timedelta(days=3)))
        for event, hours in moves:
            cases.advance(session, case, event, now=received + timedelta(hours=hours), actor="gateway")
    return case


HANDED = ((Event.ROUTED, 0.1), (Event.DELIVERED, 0.2))
"""How every case begins that goes well."""


def make_trails(
    store: Store, number: int, until: datetime, practices: tuple[str, ...] = ("filmwijk",)
) -> None:
    """So many cases, two a day until a moment; they differ in what came of them."""
    for at in range(number):
        hours = 5.0 + at * 7 % 90
        ends = (
            ((Event.CONTACTED, hours),),
            ((Event.COLLECTED, 2.0), (Event.CONTACTED, hours), (Event.INTAKE_PLANNED, hours + 1)),
            ((Event.COLLECTED, 3.0), (Event.ATTEMPTED, 4.0), (Event.CONTACTED, hours)),
            (),
        )[at % 4]
        received = until - timedelta(hours=12 * (number - at) + 100)
        wijk = ("Muziekwijk", "Stedenwijk", "Filmwijk")[at % 3]
        practice = practices[at % len(practices)]
        make_trail(store, f"t{at}", received, *HANDED, *ends, wijk=wijk, practice_id=practice)
