"""A doubt is asked back in the thread, and the clock says whose turn it is."""

from datetime import timedelta

import pytest

from tests.conftest import Opens
from tests.invented import PATIENT, make_answer, make_mail
from tests.moments import MONDAY
from tests.postgres import ON_BOTH
from tests.story.place import Town, kinds

NO_PHONE = f"Graag contact met {PATIENT.name} in de {PATIENT.wijk}.\n"
TWO_HOURS = timedelta(hours=2)


@ON_BOTH
async def test_a_missing_number_is_asked_and_the_answer_completes_the_referral(
    town: Town, opens: Opens
) -> None:
    mail = make_mail(text=NO_PHONE)
    await town.post(mail)
    (question,) = town.answers(mail)
    assert kinds([question]) == ["question"]
    assert PATIENT.name not in question.text + question["Subject"]
    case = town.the_case()
    assert (case["state"], case["paused"]) == ("needs_info", True)

    town.now += TWO_HOURS
    await town.post(make_answer(question["Message-ID"], f"{PATIENT.phone}\n"))
    case = town.the_case()
    assert (case["state"], case["paused"]) == ("delivered", False)
    assert case["due"] == (MONDAY + timedelta(days=3) + TWO_HOURS).isoformat()
    assert case["time"]["referrer"] == TWO_HOURS.total_seconds()
    assert case["time"]["organisation"] == case["time"]["not_collected"] == 0
    (handover,) = town.handovers
    opened = opens(handover.armour)
    assert PATIENT.e164.encode() in opened
    assert PATIENT.name.encode() in opened
    assert town.mailboxes() == {"question": 1, "addition": 1}
    assert sorted(kinds(town.mails)) == ["other", "question", "receipt"]


@pytest.mark.parametrize("said", ["Ja, dat klopt.", "ja\n\nGroet, de assistente"])
async def test_the_only_number_is_confirmed_with_a_word(town: Town, opens: Opens, said: str) -> None:
    mail = make_mail(
        text=f"{PATIENT.name} uit de {PATIENT.wijk}. De knorrel denkt mee. Er is een nummer: {PATIENT.phone}."
    )
    await town.post(mail)
    (question,) = town.answers(mail)
    assert f"ja = het nummer dat eindigt op {PATIENT.e164[-2:]}" in question.text
    assert town.handovers == []
    await town.post(make_answer(question["Message-ID"], said))
    (handover,) = town.handovers
    assert PATIENT.e164.encode() in opens(handover.armour)
    assert "receipt" in kinds(town.mails)


async def test_the_contact_clock_stands_still_while_the_referrer_has_the_turn(town: Town) -> None:
    await town.post(make_mail(text=NO_PHONE))
    await town.work(days=4)
    fired = [event["clock"] for event in town.journal.events("clock.fired")]
    assert "contact" not in fired
    assert town.the_case()["overdue"] is False


@ON_BOTH
async def test_nobody_answers_a_reminder_then_the_end(town: Town) -> None:
    mail = make_mail(text=NO_PHONE)
    await town.post(mail)
    await town.work(days=2)
    assert kinds(town.answers(mail)) == ["question", "reminder"]
    await town.work(days=6)
    assert town.the_case()["state"] == "returned"
    assert "Er heeft niemand contact opgenomen" in town.answers(mail)[-1].text
    assert len(town.answers(mail)) == 3


@pytest.mark.parametrize(
    "text",
    [
        f"Naam: {PATIENT.name}\nTelefoon: 06-1122334\nWijk: {PATIENT.wijk}\n",
        f"Naam: {PATIENT.name}\nTelefoon: {PATIENT.phone}\nWijk: Xylofoondorp\n",
        f"Naam: {PATIENT.name}\nTelefoon: 036-5300000\nWijk: {PATIENT.wijk}\n",
    ],
    ids=["a digit short", "no such wijk", "the practice's own number"],
)
async def test_a_doubt_is_never_guessed(town: Town, text: str) -> None:
    mail = make_mail(text=text)
    await town.post(mail)
    assert kinds(town.answers(mail)) == ["question"]
    assert town.handovers == []


async def test_a_word_of_thanks_changes_nothing(town: Town) -> None:
    mail = make_mail()
    await town.post(mail)
    (receipt,) = town.answers(mail)
    await town.post(make_answer(receipt["Message-ID"], "Dank je wel!\n"))
    assert town.mailboxes() == {"case": 1, "addition": 1}
    assert len(town.mails) == 2
