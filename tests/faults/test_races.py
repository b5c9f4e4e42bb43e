"""Workers that meet at the same moment: once means once, on both databases, with two and three workers.

Every race is made to happen: each worker waits, when it has decided and before it writes, until all of them
have decided.
"""

import json
import shutil

import pytest
from sqlmodel import select

from gateway.pipeline import receive
from gateway.store.tables import CaseRow
from tests.faults import meetings
from tests.faults.meetings import Meeting, Scene, Strike, Workers, copy_of, names
from tests.invented import OTHER_PRACTICE, PATIENT, PRACTICE, Patient, make_answer, make_mail, make_patients
from tests.postgres import ON_BOTH
from tests.story.place import Town, kinds


def outcomes(town: Town) -> dict[str, int]:
    """What became of the mails; the trail must be whole."""
    found = town.audit()
    assert (found.faults, found.doubles) == ((), 0)
    return found.mails


MEETINGS = pytest.mark.parametrize(
    ("workers", "together"),
    [(2, False), (3, False), (3, True)],
    ids=["two, one each", "three, one each", "three in one batch"],
)


@ON_BOTH
@MEETINGS
async def test_copies_of_a_mail_make_one_case(
    town: Town, monkeypatch: pytest.MonkeyPatch, workers: int, together: bool
) -> None:
    mail = make_mail()
    copies = [copy_of(mail, X_Copy=str(number)) for number in range(workers)]
    await town.send(*copies)
    if not together:
        monkeypatch.setattr(receive, "BATCH", 1)
        Meeting(workers, monkeypatch)
    await Workers(town, 1 if together else workers).receive()
    assert outcomes(town) == {"case": 1, "addition": workers - 1}
    assert len(town.handovers) == 1
    assert kinds(town.answers(mail)) == ["receipt"]


@ON_BOTH
@MEETINGS
async def test_a_patient_who_is_referred_again_joins_the_case(
    town: Town, monkeypatch: pytest.MonkeyPatch, workers: int, together: bool
) -> None:
    """Other mails about the same patient: one handover, and an answer in each thread."""
    mails = [make_mail(subject=f"aanmelding {number}") for number in range(workers)]
    await town.send(*mails)
    if not together:
        monkeypatch.setattr(receive, "BATCH", 1)
        Meeting(workers, monkeypatch)
    await Workers(town, 1 if together else workers).receive()
    assert outcomes(town) == {"case": 1, "addition": workers - 1}
    assert len(town.handovers) == 1
    assert all(len(town.answers(mail)) == 1 for mail in mails)


@ON_BOTH
async def test_another_patient_under_the_same_id_is_another_case(town: Town) -> None:
    """Some programs give each mail the same Message-ID."""
    first, second = make_patients(2)
    mail = make_mail(first)
    other = copy_of(make_mail(second), Message_ID=mail["Message-ID"])
    await town.post(mail, other)
    await town.post(copy_of(mail, X_Copy="late"), copy_of(other, X_Copy="late"))
    assert outcomes(town) == {"case": 2, "addition": 2}
    assert len(town.handovers) == 2


@ON_BOTH
async def test_two_who_share_a_telephone_are_two_cases(town: Town) -> None:
    other = make_patients(2)[1]
    await town.post(make_mail(), make_mail(type(other)(other.name, PATIENT.number, PATIENT.wijk)))
    found = town.audit()
    assert (found.mails, found.doubles, found.faults) == ({"case": 2}, 1, ())
    assert town.json("audit", "verify")["doubles"] == 1


async def test_what_is_received_again_after_a_restore_has_the_same_names(town: Town) -> None:
    """A backup was made between accepting a mail and receiving it."""
    await town.send(make_mail(), make_mail(proof="dmarc=fail"))
    database = town.place.directory / "data" / "inbeeld.db"
    town.gateway.store.truncate_log()
    backup = shutil.copy(database, database.with_suffix(".backup"))
    await town.work()
    before = names(town)
    await town.close()
    for path in database.parent.glob("inbeeld.db*"):
        path.unlink()
    shutil.copy(backup, database)
    await town.open()
    await town.work()
    assert names(town) == before
    assert len(town.handovers) == 2
    assert len({mail["Message-ID"] for mail in town.mails}) == len(town.mails) / 2


@ON_BOTH
@pytest.mark.parametrize(
    "race",
    [meetings.two_reports, meetings.clock_and_report, meetings.verify_beside_writes, meetings.taken_by_two],
    ids=lambda race: race.__name__,
)
async def test_nothing_goes_wrong_where_two_meet(
    town: Town, monkeypatch: pytest.MonkeyPatch, race: Strike
) -> None:
    """What the table of docs/faults.md does forty times."""
    assert await race(Scene(town, 3, monkeypatch)) == 0


def of_two(first: Patient, second: Patient) -> str:
    """A mail about two patients, plainly apart."""
    return "Graag contact met deze twee patiënten:\n\n" + "\n".join(
        f"Naam: {one.name}\nTelefoon: {one.phone}\nWijk: {one.wijk}\n" for one in (first, second)
    )


@ON_BOTH
async def test_each_patient_of_a_list_joins_the_case_they_have(town: Town) -> None:
    known, fresh = make_patients(2)
    await town.post(make_mail(known))
    await town.post(make_mail(text=of_two(known, fresh)))
    await town.post(make_mail(text=of_two(fresh, known), subject="nogmaals"))
    found = town.audit()
    assert (found.cases, found.doubles, found.faults) == (2, 0, ())
    assert len(town.handovers) == 2


@ON_BOTH
async def test_lists_that_two_workers_receive_at_once_are_two_cases(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_patients(2)
    await town.send(make_mail(text=of_two(first, second)), make_mail(text=of_two(second, first)))
    monkeypatch.setattr(receive, "BATCH", 1)
    Meeting(2, monkeypatch)
    await Workers(town, 2).receive()
    found = town.audit()
    assert (found.cases, found.doubles, found.faults) == (2, 0, ())
    assert len(town.handovers) == 2


@pytest.mark.parametrize("known", [0, 1, 2])
async def test_each_patient_of_a_list_that_was_let_in_has_a_case(town: Town, known: int) -> None:
    """Its first patient has the case that it had in quarantine, or joins the one that runs."""
    patients = make_patients(2)
    await town.post(*(make_mail(one, sender=f"h.bakker@{OTHER_PRACTICE}") for one in patients[:known]))
    mail = make_mail(text=of_two(*patients), proof="dmarc=fail")
    await town.post(mail)
    (row,) = town.json("quarantine", "list")
    town.inbeeld("quarantine", "release", row["kenmerk"])
    await town.work()
    found = town.audit()
    assert (found.doubles, found.faults, len(town.handovers)) == (0, (), 2)
    assert len(town.answers(mail)) == 2
    assert {one.kenmerk for one in town.answers(mail)} == {one.kenmerk for one in town.handovers}


NO_NUMBER = (
    f"Beste collega,\n\nGraag contact met {PATIENT.name}, woont in de {PATIENT.wijk}.\nHeeft schulden.\n"
)


@ON_BOTH
async def test_an_answer_about_a_patient_whom_another_referred_meanwhile_joins_that_case(town: Town) -> None:
    """Practice A was asked for the number; B's referral of the same patient was whole."""
    mail, other = make_mail(text=NO_NUMBER), make_mail(sender=f"h.bakker@{OTHER_PRACTICE}")
    await town.post(mail)
    (question,) = town.answers(mail)
    await town.post(other)
    # A colleague answers, so that two of the practice must hear of the case that goes on.
    answer = make_answer(question["Message-ID"], f"{PATIENT.phone}\n", sender=f"n.visser@{PRACTICE}")
    await town.post(answer)
    assert outcomes(town) == {"question": 1, "case": 1, "addition": 1}
    assert len(town.handovers) == 1
    running = town.answers(other)[0].kenmerk
    ended, goes_on = (town.json("cases", "show", one["kenmerk"]) for one in _ended_first(town, running))
    assert (ended["state"], goes_on["state"]) == ("closed", "delivered")
    told = [one for one in town.mails if "daarbij gevoegd" in one.text]
    assert {one["To"] for one in told} == {f"m.deboer@{PRACTICE}", f"n.visser@{PRACTICE}"}
    assert {one.kenmerk for one in told} == {running}
    # Whichever of the two kenmerken somebody names, a beheerder finds where it goes on.
    (facts,) = (event["data"] for event in ended["events"] if event["kind"] == "case.joined")
    assert json.loads(facts)["kenmerk"] == running
    # What the first sender still writes to the question is about the case that goes on.
    await town.post(make_answer(question["Message-ID"], "Zij is het best 's middags te bereiken.\n"))
    town.inbeeld("cases", "report", running, "contacted")
    await town.work()
    assert len([one for one in town.mails if kinds([one]) == ["in_beeld"]]) == 3
    await town.work(days=6)
    with town.gateway.store.read() as session:
        row = session.exec(select(CaseRow).where(CaseRow.kenmerk == ended["kenmerk"])).one()
    assert (row.fields_key, row.phone_mac, row.thread_key) == (None, None, None)


def _ended_first(town: Town, running: str) -> list[dict[str, str]]:
    return sorted(town.cases(), key=lambda one: one["kenmerk"] == running)


@ON_BOTH
async def test_an_answer_and_a_referral_that_two_workers_receive_at_once_are_one_handover(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = make_mail(text=NO_NUMBER)
    await town.post(mail)
    (question,) = town.answers(mail)
    await town.send(
        make_mail(sender=f"h.bakker@{OTHER_PRACTICE}"),
        make_answer(question["Message-ID"], f"{PATIENT.phone}\n"),
    )
    monkeypatch.setattr(receive, "BATCH", 1)
    Meeting(2, monkeypatch)
    await Workers(town, 2).receive()
    outcomes(town)
    assert len(town.handovers) == 1


@ON_BOTH
@pytest.mark.parametrize("together", [False, True], ids=["one after the other", "at once"])
async def test_a_released_mail_about_a_patient_of_a_running_case_joins_it(
    town: Town, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    mail, other = make_mail(proof="dmarc=fail"), make_mail(sender=f"h.bakker@{OTHER_PRACTICE}")
    await town.post(mail)
    (row,) = town.json("quarantine", "list")
    if not together:
        await town.post(other)
    town.inbeeld("quarantine", "release", row["kenmerk"])
    if together:
        await town.send(other)
        monkeypatch.setattr(receive, "BATCH", 1)
        Meeting(2, monkeypatch)
        await Workers(town, 2).receive()
    else:
        await town.work()
    assert sum(outcomes(town).values()) == 2
    assert len(town.handovers) == 1
    assert all(len(town.answers(one)) == 1 for one in (mail, other))
