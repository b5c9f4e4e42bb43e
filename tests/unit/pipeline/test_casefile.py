"""What stays readable of a case, and the keys that are remembered for its receipt."""

import pytest

from gateway.domain.states import State
from gateway.errors import OpenError
from gateway.pipeline.casefile import FORGET_FIELDS, CaseFile, Thread
from gateway.reading.record import PatientRecord, Reading, Verdict
from gateway.sealing import box
from gateway.store.tables import CaseRow
from tests.moments import MONDAY

READING = Reading(
    Verdict.INCOMPLETE,
    name="Ria Bos",
    other_phones=("+31612345678",),
    patients=(PatientRecord("Ria Bos", "+31612345678", (), "Filmwijk"),),
)


def test_a_key_that_was_just_made_is_known_for_one_use() -> None:
    private = box.generate()
    forgetful, worker = (CaseFile(lambda: private.public, box.Keychain(keys)) for keys in ([], [private]))
    case = CaseRow(id="c", kenmerk="K", state=State.ROUTED, received_at=MONDAY, updated_at=MONDAY)
    thread = Thread("a@praktijk.example", "Re: aanmelding", "<1@praktijk.example>", ("<0@praktijk.example>",))
    sealed = forgetful.seal_fields("c", READING) | forgetful.seal_thread("c", thread)
    for column, value in sealed.items():
        setattr(case, column, value)
    # Without any private key it opens once, for the receipt.
    assert (forgetful.reading(case), forgetful.thread(case)) == (READING, thread)
    for open_again in (forgetful.reading, forgetful.thread):
        with pytest.raises(OpenError):
            open_again(case)
    assert (worker.reading(case), worker.thread(case)) == (READING, thread)


def test_what_was_destroyed_stays_so_while_its_key_is_remembered() -> None:
    private = box.generate()
    worker = CaseFile(lambda: private.public, box.Keychain([private]))
    case = CaseRow(id="c", kenmerk="K", state=State.ROUTED, received_at=MONDAY, updated_at=MONDAY)
    for column, value in (worker.seal_fields("c", READING) | FORGET_FIELDS).items():
        setattr(case, column, value)
    with pytest.raises(OpenError, match="destroyed"):
        worker.reading(case)
