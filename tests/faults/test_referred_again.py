"""A patient who could not be reached, and whom somebody refers again before the first referrer answers.

Whatever is written, by whom, in which order and how close together: an organisation has a patient and their
number once.
"""

from collections import Counter
from itertools import permutations
from typing import Any

import pytest
from sqlmodel import col, select

from gateway.domain.case import ReportWord
from gateway.domain.codes import DeclineReason
from gateway.domain.states import UNREACHED, State
from gateway.pipeline.reroute import Reroute
from gateway.pipeline.settle import Report
from gateway.store.tables import CaseRow
from tests.invented import OTHER_PRACTICE, PATIENT, Patient, make_answer, make_mail, make_patients
from tests.postgres import ON_BOTH
from tests.story.place import Town, kinds

COLLEAGUE = f"h.bakker@{OTHER_PRACTICE}"


def not_reached(town: Town) -> None:
    """Whoever has a case says that the number is somebody else's."""
    with town.gateway.store.read() as session:
        found = session.exec(select(CaseRow).where(CaseRow.state == State.DELIVERED)).all()
    for case in found:
        said = Report.of(ReportWord.WRONG_NUMBER)
        town.gateway.worker.settle.report(
            case.id, said, town.now, f"organisation:{case.organisation_id}", "test"
        )


@ON_BOTH
async def test_a_referral_of_a_patient_who_was_not_reached_goes_on_in_their_case(town: Town) -> None:
    """It was a second case and a second handover, and a third when the first referrer answered."""
    mail, other = make_mail(), make_mail(sender=COLLEAGUE)
    await town.post(mail)
    not_reached(town)
    await town.work()
    (_, question) = town.answers(mail)
    await town.post(other)
    (case,) = town.cases()
    assert case["state"] == "delivered"
    assert len(town.handovers) == 2, "the organisation gets it again"
    assert [one.kenmerk for one in town.answers(other)] == [case["kenmerk"]]
    assert "loopt al" in town.answers(other)[0].text
    assert "dat het nummer klopt" in town.answers(mail)[-1].text
    # Too late, and harmless.
    await town.post(make_answer(question["Message-ID"], "HET NUMMER KLOPT\n"))
    assert len(town.handovers) == 2
    assert town.journal.alarms() == [], "nobody need look at that"
    found = town.audit()
    assert (found.mails, found.cases, found.doubles, found.faults) == ({"case": 1, "addition": 2}, 1, 0, ())
    town.inbeeld("cases", "report", case["kenmerk"], "contacted")
    await town.work()
    assert [kinds(town.answers(one)).count("in_beeld") for one in (mail, other)] == [1, 1]


async def test_a_referral_of_a_patient_for_whom_somebody_is_looked_joins_their_case(town: Town) -> None:
    """It went to the organisation that had just declined, and a beheerder had two to hand on."""
    mail, other, third = make_mail(), make_mail(sender=COLLEAGUE), make_mail(sender=f"poh@{OTHER_PRACTICE}")
    await town.post(mail)
    (case,) = town.cases()
    with town.gateway.store.read() as session:
        id_ = session.exec(select(CaseRow.id)).one()
    no = Report.of(ReportWord.DECLINED, reason=DeclineReason.CAPACITY)
    # No other organisation of the trial is a backup any more.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reroute, "backup_for", lambda *_: None)
        town.gateway.worker.settle.report(id_, no, town.now, "organisation:de-schoor", "test")
        await town.work()
        await town.post(other)
    assert len(town.handovers) == 1
    assert [one["state"] for one in town.cases()] == ["declined"]
    (told,) = town.answers(other)
    assert "Er is nog niemand anders gevonden" in told.text
    town.inbeeld("cases", "reroute", case["kenmerk"], "wijkteam-haven")
    await town.work()
    assert town.the_case()["organisation"] == "wijkteam-haven"
    assert all("Wijkteam Haven" in town.answers(one)[-1].text for one in (mail, other))
    # One that is refused for good has ended, and somebody who is referred anew is anew.
    no = Report.of(ReportWord.DECLINED, reason=DeclineReason.PATIENT_DECLINED)
    town.gateway.worker.settle.report(id_, no, town.now, "organisation:wijkteam-haven", "test")
    await town.post(third)
    assert sorted(one["state"] for one in town.cases()) == ["declined", "delivered"]
    found = town.audit()
    assert (found.doubles, found.faults) == (0, ())


async def test_a_number_that_two_give_for_a_patient_is_one_case(town: Town) -> None:
    """What the organisation had first goes on counting as a patient whom it could not reach."""
    better = Patient(PATIENT.name, "687654321", PATIENT.wijk)
    mail, other = make_mail(), make_mail(better, sender=COLLEAGUE)
    await town.post(mail)
    not_reached(town)
    await town.work()
    await town.post(other)
    assert sorted(case["state"] for case in town.cases()) == ["delivered", "unreachable"]
    answer = make_answer(town.answers(mail)[-1]["Message-ID"], f"{better.phone}\n")
    await town.post(answer)
    assert sorted(case["state"] for case in town.cases()) == ["closed", "delivered"]
    assert len(town.handovers) == 2
    assert town.audit().doubles == 0
    assert "daarbij gevoegd" in town.answers(answer)[-1].text
    town.inbeeld("cases", "report", town.answers(other)[0].kenmerk, "contacted")
    await town.work()
    assert len([one for one in town.mails if kinds([one]) == ["in_beeld"]]) == 2
    figures = town.json("report")["rows"][0]
    assert (figures["received"], figures["unreachable"], figures["on_time"]) == (2, 1, 1)


ACTS = ("klopt", "a_new", "a_again", "b_same", "b_new")


@pytest.mark.parametrize("when", ["one after the other", "at once", "after we gave up"])
async def test_whatever_two_write_a_number_is_called_once(town: Town, when: str) -> None:
    """Every two things that can be written about such a patient, one patient each."""
    orders = list(permutations(ACTS, 2))
    patients = make_patients(len(orders))
    mails = [make_mail(patient) for patient in patients]
    await town.post(*mails)
    not_reached(town)
    await town.work(days=30 if when == "after we gave up" else 0)
    asked = [town.answers(mail)[1]["Message-ID"] for mail in mails]

    def written(at: int, act: str) -> object:
        patient, better = patients[at], Patient(patients[at].name, f"68765{at:04}", patients[at].wijk)
        return {
            "klopt": lambda: make_answer(asked[at], "HET NUMMER KLOPT\n"),
            "a_new": lambda: make_answer(asked[at], f"{better.phone}\n"),
            "a_again": lambda: make_mail(patient, subject="nogmaals"),
            "b_same": lambda: make_mail(patient, sender=COLLEAGUE),
            "b_new": lambda: make_mail(better, sender=COLLEAGUE),
        }[act]()

    rounds: list[list[Any]] = [
        [written(at, order[turn]) for at, order in enumerate(orders)] for turn in range(2)
    ]
    if when == "at once":
        rounds = [[mail for pair in zip(*rounds, strict=True) for mail in pair]]
    for mails in rounds:
        await town.post(*mails)
        found = town.audit()
        assert (found.doubles, found.faults) == (0, ())
        with town.gateway.store.read() as session:
            rows = session.exec(select(CaseRow).where(col(CaseRow.state).in_([*UNREACHED]))).all()
        known = [town.gateway.worker.casefile.reading(case) for case in rows]
        twice = {one: n for one, n in Counter((each.name, each.phone) for each in known).items() if n > 1}
        assert twice == {}
    assert town.journal.events("step.failed") == []
