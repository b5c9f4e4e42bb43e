"""What referrers ask in their thread, and what they hear when two of them refer the same patient."""

import pytest

from gateway.domain.states import State
from tests.story.pathways.stage import PATIENT, PHONE, Stage, referral

MONDAY, TUESDAY = "2035-03-05 09:10", "2035-03-06 10:00"


async def other_refers(stage: Stage, name: str = PATIENT) -> None:
    """A practice in another place refers a patient with the same number."""
    mail = stage._mail(
        "huisarts-utrecht.example", "een ander", "aanmelding", f"{name}, {PHONE}, Filmwijk. Schulden."
    )
    await stage._post(mail, mail["To"], "Een andere praktijk mailt:")


def told_to_other(stage: Stage) -> list[str]:
    return [mail.text for mail in stage.town.mails if mail["To"].endswith("@huisarts-utrecht.example")]


async def test_a_withdrawal_is_confirmed_when_the_organisation_knows(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    await stage.answers("Niet meer nodig, dank u wel.")
    assert stage.state is State.WITHDRAWN
    assert "gevraagd om de patiënt niet meer te bellen" in stage.told()[-1]
    (told,) = stage.town.notices("team@hulp-almere.example")
    assert told["Subject"].endswith("ingetrokken")
    assert "al eerder" not in told.text
    case = stage.town.the_case()
    assert all(
        clock["met_at"] or clock["ended_at"]
        for clock in case["clocks"]
        if clock["kind"] not in ("retire", "repeat")
    )
    stage.at("2035-03-08 12:00")
    await stage.happens()
    assert any("We schreven u dit al eerder" in mail.text for mail in stage.town.mails)
    await stage.reports("Gezien")
    assert "Uw aanmelding is ingetrokken. De patiënt wordt niet meer gebeld." in stage.told()[-1]
    stage.at("2035-03-12 12:00")
    assert await stage.happens() == [], "nobody is reminded of what was withdrawn"


@pytest.mark.parametrize(
    ("words", "answered"),
    [("Graag niet intrekken, het is nog nodig.", ["We begrijpen uw bericht niet"]), ("Bedankt!", [])],
)
async def test_doubt_withdraws_nothing(stage: Stage, words: str, answered: list[str]) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    await stage.answers(words)
    assert stage.state is State.DELIVERED
    assert len(stage.told()) == 1 + len(answered)
    assert all(begin in text for begin, text in zip(answered, stage.told()[1:], strict=True))


async def test_after_contact_a_withdrawal_comes_too_late(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    await stage.reports("in beeld")
    await stage.answers("Intrekken graag")
    assert stage.state is State.CONTACTED
    assert "Intrekken kan niet meer" in stage.told()[-1]


async def test_a_question_can_be_answered_with_a_withdrawal(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers("Graag contact met mevrouw Quintavalle. Ze woont in de Filmwijk en heeft schulden.")
    assert stage.state is State.NEEDS_INFO
    await stage.answers("Hoeft niet meer.")
    assert stage.state is State.WITHDRAWN
    assert "De patiënt wordt niet meer gebeld." in stage.told()[-1]
    assert stage.town.handovers == []


async def test_status_is_told_in_the_thread(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    await stage.answers("Status?")
    assert "Zo staat het nu met uw aanmelding: uw aanmelding is afgeleverd" in stage.told()[-1]
    assert "uiterlijk donderdag 8 maart" in stage.told()[-1]
    await stage.reports("In beeld")
    await stage.answers("Wat is de status?")
    assert "Zo staat het nu met uw aanmelding: de patiënt is in beeld." in stage.told()[-1]


async def test_the_same_patient_twice_is_one_case_and_two_answers(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    stage.at(TUESDAY)
    await other_refers(stage)
    assert len(stage.town.cases()) == 1
    assert len(stage.town.handovers) == 1
    assert "loopt al een aanmelding bij De Schoor" in told_to_other(stage)[-1]
    assert len(stage.told()) == 1, "the first hears nothing of the second"
    await stage.reports("In beeld")
    assert "De patiënt is in beeld." in stage.told()[-1]
    assert "De patiënt is in beeld." in told_to_other(stage)[-1]
    assert stage.town.mailboxes() == {"case": 1, "addition": 2}


async def test_another_name_with_the_same_number_is_another_patient(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    await other_refers(stage, "Ludovicus Zevenster")
    assert len(stage.town.cases()) == 2
    assert len(stage.town.handovers) == 2


async def test_one_referrer_can_not_withdraw_what_another_asked(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    await other_refers(stage)
    stage.last_to_referrer = next(
        mail["Message-ID"] for mail in stage.town.mails if mail["To"].endswith(stage.practice)
    )
    await stage.answers("Intrekken graag.")
    assert stage.state is State.DELIVERED
    assert "loopt nog een andere aanmelding" in stage.told()[-1]
    await stage.reports("In beeld")
    assert "De patiënt is in beeld." in told_to_other(stage)[-1]
    assert not any("De patiënt is in beeld." in text for text in stage.told())
