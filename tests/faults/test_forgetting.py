"""After contact nothing the gateway holds, and no file of it, tells any more whom it was about (P6)."""

import pytest
from sqlmodel import select

from gateway.errors import OpenError
from gateway.store import cases
from gateway.store.tables import CaseRow, InboxRow
from tests.faults.canary import files
from tests.invented import PATIENT, make_mail
from tests.postgres import ON_BOTH
from tests.story.place import Town
from tests.unit.sealing.opened import open_mail


def stands_in_a_file(town: Town, content: bytes) -> bool:
    """Whether these bytes stand in any file of the gateway's data."""
    return any(content in path.read_bytes() for path in files([town.place.directory / "data"]))


def the_row(town: Town) -> CaseRow:
    """The only case there is, as it is stored."""
    (case,) = town.cases()
    with town.gateway.store.read() as session:
        return cases.by_kenmerk(session, case["kenmerk"])


async def test_contact_destroys_the_fields_in_the_files_too(town: Town) -> None:
    await town.send(make_mail())
    with town.gateway.store.read() as session:
        mail = session.exec(select(InboxRow.sealed)).one()
    assert mail
    await town.work()
    case = the_row(town)
    assert case.fields_key
    assert case.sealed_fields
    assert town.gateway.worker.casefile.referral(case).name == PATIENT.name
    assert stands_in_a_file(town, case.fields_key), "this test looks where it stands"
    assert not stands_in_a_file(town, mail), "the mail itself is destroyed at routing"

    town.inbeeld("cases", "report", case.kenmerk, "contacted")
    await town.work()
    after = the_row(town)
    with pytest.raises(OpenError):
        town.gateway.worker.casefile.reading(after)
    assert not stands_in_a_file(town, case.fields_key)
    assert not stands_in_a_file(town, case.sealed_fields)


@ON_BOTH
async def test_nothing_the_gateway_holds_opens_the_handover(town: Town) -> None:
    await town.post(make_mail())
    (handover,) = town.handovers
    assert town.gateway.worker.openers, "it has keys of its own, for mail that practices encrypt"
    with pytest.raises(OpenError):
        open_mail(handover.received.content, town.gateway.worker.openers)


@ON_BOTH
async def test_closure_destroys_the_thread_too(town: Town) -> None:
    await town.post(make_mail())
    (case,) = town.cases()
    town.inbeeld("cases", "report", case["kenmerk"], "contacted")
    town.inbeeld("cases", "report", case["kenmerk"], "stopped")
    await town.work(days=32)
    row = the_row(town)
    assert row.state == "closed"
    assert (row.fields_key, row.sealed_fields, row.thread_key, row.sealed_thread) == (None,) * 4
    assert town.mailboxes() == {"case": 1}
