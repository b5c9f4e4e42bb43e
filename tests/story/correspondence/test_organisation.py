"""What an organisation answers is a report only where it can't be mistaken."""

import pytest

from tests.conftest import Opens
from tests.invented import GATEWAY, make_mail
from tests.story.correspondence.post import OTHER, PATIENT, TEAM, Post
from tests.story.place import Town, kinds


def _said(post: Post) -> list[str]:
    return [mail.text for mail in post.town.notices(TEAM)]


@pytest.mark.parametrize("name", ["06a", "06b"])
async def test_a_report_that_could_mean_something_else_is_asked_back(post: Post, name: str) -> None:
    await post.town.post(post.sample(name, TOKEN=post.town.handovers[0]["Reply-To"]))
    assert post.town.the_case()["state"] == "delivered"
    assert kinds(post.town.answers(post.mail)) == ["receipt"]
    assert any("Antwoord nog een keer, met alleen een van deze woorden" in text for text in _said(post))


@pytest.mark.parametrize(
    "text",
    ["Nog niet in beeld.\n", "In beeld als het goed is.\n", "In beeld?\n", "Haar zus gesproken.\n"],
)
async def test_a_doubt_a_denial_or_somebody_else_is_asked_back_once_a_day(post: Post, text: str) -> None:
    await post.report(text)
    assert post.letters == []
    await post.report(f"Wat ik zei: {text}")
    assert post.town.the_case()["state"] == "delivered"
    assert len(_said(post)) == 1
    assert len(post.letters) == 1, "what is not asked back is for a person"
    assert post.town.journal.alarms().count("letter") == 1
    assert post.town.audit().faults == ()


async def test_an_answer_that_names_another_case_is_about_neither(post: Post) -> None:
    other = Post(post.town, make_mail(text=f"{OTHER.name}, {OTHER.phone}, {OTHER.wijk}\n"))
    await other.refer()
    for text in (f"{post.case.kenmerk}: IN BEELD\n", "IN BEELD\n\nZie ook IB-0000-0000.\n"):
        await other.report(text)
    assert [case.state for case in post.cases] == ["delivered", "delivered"]
    assert "in_beeld" not in kinds(post.town.mails)
    await other.report(f"Kenmerk {other.case.kenmerk}: IN BEELD\n")
    assert (post.case.state, other.case.state) == ("delivered", "contacted")
    # The same holds for a practice, in the thread of one case.
    await post.write(f"{other.receipt.kenmerk} INTREKKEN\n")
    assert (post.case.state, other.case.state) == ("delivered", "contacted")
    assert "other_patient" in post.letters


async def test_a_ticket_is_no_report(post: Post) -> None:
    await post.town.post(post.sample("07", TOKEN=post.town.handovers[0]["Reply-To"]))
    assert post.town.the_case()["state"] == "delivered"
    assert _said(post) == []
    assert post.town.mailboxes() in ({"case": 1, "addition": 1}, {"case": 1, "ignored": 1})


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("IN BEELD\n", "contacted"),
        ("Mevrouw heeft zelf gebeld.\n", "contacted"),
        ("ONTVANGEN\n", "collected"),
        ("GEZIEN\n", "collected"),
        ("OPGEPAKT\n", "collected"),
        ("NIET BEREIKT\n", "attempted"),
    ],
)
async def test_the_words_that_people_use_count(post: Post, text: str, state: str) -> None:
    await post.report(text)
    assert post.town.the_case()["state"] == state
    assert ("in_beeld" in kinds(post.town.answers(post.mail))) == (state == "contacted")


async def test_a_wrong_number_is_asked_about_at_once(post: Post, opens: Opens) -> None:
    await post.report("VERKEERD NUMMER\n")
    assert post.town.the_case()["state"] == "unreachable"
    assert "meldt dat het telefoonnummer van de patiënt niet klopt" in post.texts()
    await post.write("06-21000203\n")
    assert post.town.the_case()["state"] == "delivered"
    first, second = (opens(mail.armour).decode() for mail in post.town.handovers)
    assert "GECORRIGEERD" not in first
    assert "GECORRIGEERD" in second, "it must not be taken for the one with the wrong number"


async def test_yes_the_number_is_right_lets_them_try_again_when_it_was_said(post: Post, opens: Opens) -> None:
    await post.report("VERKEERD NUMMER\n")
    letter = await post.write("Ja het nummer klopt, probeer het 's avonds.\n")
    assert post.town.the_case()["state"] == "delivered"
    first, second = (opens(mail.armour).decode() for mail in post.town.handovers)
    assert "Bellen:" not in first
    assert "Bellen:        liefst 's avonds" in second
    assert "GECORRIGEERD" not in second
    assert "is bevestigd: het klopt" in post.told, "else the same number comes again without a word"
    assert "weten dat het nummer klopt" in post.texts(letter)
    await post.report("NIET BEREIKT\n")
    assert "avond" not in post.texts(), "nobody but the organisation needs it"


async def test_one_report_counts_once(post: Post) -> None:
    letter = await post.report("NIET BEREIKT\n")
    again = make_mail(text="NIET BEREIKT\n", sender="balie@deschoor.example", subject=letter["Subject"])
    again.replace_header("To", letter["To"])
    again.replace_header("Message-ID", letter["Message-ID"])
    again["X-Trace"] = "elsewhere"
    await post.town.post(again)
    assert post.events("case.attempted") == 1
    assert post.town.mailboxes() == {"case": 1, "addition": 2}
    await post.report("NIET BEREIKT\n")
    assert post.events("case.attempted") == 2


async def test_a_mail_that_was_written_to_somebody_else_reports_nothing(post: Post) -> None:
    letter = make_mail(text="IN BEELD\n", sender="balie@deschoor.example", subject="RE: iets")
    to = post.town.handovers[0]["Reply-To"]
    answers = await post.town.place.send(post.town.address, letter, to=to)
    assert "kept" in answers[0]
    await post.town.work()
    assert post.case.state == "delivered"
    assert post.town.mailboxes() == {"case": 1, "quarantine": 1}


async def test_an_answer_in_the_thread_of_the_handover_may_have_lost_the_address(post: Post) -> None:
    thread = post.town.handovers[0]["Message-ID"]
    answers = {"In-Reply-To": thread}
    letter = make_mail(
        text="IN BEELD\n", sender="balie@deschoor.example", subject="RE: iets", headers=answers
    )
    assert letter["To"] == GATEWAY
    await post.town.place.send(post.town.address, letter, to=post.town.handovers[0]["Reply-To"])
    await post.town.work()
    assert post.case.state == "contacted"


async def test_no_word_of_a_report_goes_anywhere(post: Post) -> None:
    await post.report(f"In beeld, maar {PATIENT.name} wil liever hulp van de kerk.\n")
    assert all("kerk" not in mail.text for mail in post.town.mails)
    assert "kerk" not in post.town.journal.getvalue()


async def test_a_case_that_was_withdrawn_is_not_reported_on(town: Town) -> None:
    """Both hear at once how it stands: who reports that they need not go on, the referrer of the contact."""
    post = Post(town)
    await post.refer()
    await post.write("INTREKKEN\n")
    told = len(town.mails)
    await post.report("NIET BEREIKT\n")
    (again,) = town.mails[told:]
    assert "We schreven u dit al eerder" in again.text
    await post.report("IN BEELD\n")
    await post.report("IN BEELD\n")
    (contact,) = town.mails[told + 1 :]
    assert "meldt dat er contact is geweest" in contact.text
    await post.report("VERGISSING\n")
    assert "Zo staat het nu: uw aanmelding is ingetrokken" in town.answers(post.mail)[-1].text
    await post.report("GEZIEN\n")
    await post.report("GESTART\n")
    assert "De patiënt wordt niet meer gebeld." in town.answers(post.mail)[-1].text
    assert town.mails[-1]["Subject"].endswith("gesloten")
    assert post.case.state == "withdrawn"
