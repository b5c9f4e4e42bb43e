"""An organisation's lists: its own cases, in order, and never more than a page can show."""

from datetime import timedelta
from typing import Any, cast

import pytest

from gateway.domain.codes import Kind
from gateway.domain.states import State
from gateway.mailbox.desk import MOST_GOING_ON, MOST_TO_DO, Desk
from gateway.mailbox.queue import Mailbox
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, ClockRow
from tests.store.rows import MINUTE, NOW

HAVEN, POORT = "wijkteam-haven", "de-poort"


def fill(store: Store, number: int, state: State, organisation: str = HAVEN) -> None:
    """So many cases in a state; a later one has changed later, and is due sooner."""
    with store.write() as session:
        for at in range(number):
            id_, moment = f"{organisation}-{state}-{at:03}", NOW + at * MINUTE
            case: dict[str, Any] = {
                "id": id_,
                "kenmerk": id_,
                "state": state,
                "organisation_id": organisation,
            }
            session.add(CaseRow(**case, practice_id="filmwijk", received_at=NOW, updated_at=moment))
            due = NOW + timedelta(days=3) - at * MINUTE
            session.add(ClockRow(case_id=id_, kind=Kind.CONTACT, due_at=due))


@pytest.mark.parametrize("more", [0, 1])
def test_a_mailbox_lists_so_many_cases_and_no_more(store: Store, more: int) -> None:
    fill(store, MOST_TO_DO + more, State.DELIVERED)
    fill(store, MOST_GOING_ON + more, State.CONTACTED)
    fill(store, 1, State.DELIVERED, POORT)
    # A list asks nothing of the mailbox.
    to_do, going_on = Desk(store=store, mailbox=cast("Mailbox", None)).lists(HAVEN)
    assert (len(to_do), len(going_on)) == (MOST_TO_DO, MOST_GOING_ON)
    # What is left out is due last, or changed first.
    for lines, state in ((to_do, State.DELIVERED), (going_on, State.CONTACTED)):
        last = len(lines) + more - 1
        wanted = [f"{HAVEN}-{state}-{at:03}" for at in range(last, more - 1, -1)]
        assert [line.case.id for line in lines] == wanted
