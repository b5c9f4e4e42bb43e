"""What a practice writes in a thread of ours is acted on, answered, or seen by a person."""

import base64
import re

import pytest

from tests.conftest import Opens
from tests.invented import OTHER_PRACTICE, PRACTICE, make_answer, make_mail
from tests.story.correspondence.post import COLLEAGUE, OTHER, PATIENT, Post
from tests.story.place import Town, kinds

WRONG = "Excuses, het nummer klopt niet. Het goede nummer is 06-21000203.\n"


async def test_a_new_patient_in_an_old_thread_is_a_case_of_its_own(post: Post) -> None:
    letter = post.sample("02a", THREAD=post.receipt["Message-ID"])
    await post.town.post(letter)
    assert post.town.mailboxes() == {"case": 2}
    assert kinds(post.town.answers(letter)) == ["receipt"]
    assert len({case.kenmerk for case in post.cases}) == 2


async def test_a_corrected_number_reaches_the_organisation_at_once(post: Post, opens: Opens) -> None:
    letter = post.sample("02b", THREAD=post.receipt["Message-ID"])
    letter.replace_header("From", f"Praktijk <m.deboer@{PRACTICE}>")
    before = post.town.the_case()
    await post.town.post(letter)
    first, second = (opens(mail.armour).decode() for mail in post.town.handovers)
    assert PATIENT.e164 in first
    assert "+31621000203" not in first
    assert "+31621000203" in second
    assert PATIENT.e164 not in second
    assert "GECORRIGEERD" in second
    assert '"gecorrigeerd":true' in _json(second)
    assert post.town.handovers[1].kenmerk == post.town.handovers[0].kenmerk
    assert "doorgegeven" in post.texts()
    assert "doorgeven, eindigt op 03" in post.texts()
    assert "Gebruik alleen de nieuwe gegevens" in post.told
    assert post.town.the_case()["due"] == before["due"]
    assert post.letters == []
    assert post.town.mailboxes() == {"case": 1, "addition": 1}


async def test_after_contact_a_correction_comes_too_late_and_a_person_sees_it(post: Post) -> None:
    await post.report("IN BEELD\n")
    await post.write(WRONG)
    assert len(post.town.handovers) == 1
    assert "kunnen uw verbetering niet meer doorgeven" in post.texts()
    assert post.letters == ["correction_late"]
    assert "06-21000203" not in post.town.journal.getvalue()


async def test_who_is_corrected_and_kept_hears_of_both(post: Post) -> None:
    await post.write("Het nummer moet zijn: 06-21000203.\nMevrouw gaat morgen voor drie weken naar Spanje.\n")
    assert "We hebben uw verbetering doorgegeven" in post.texts()
    assert "Er stond meer in uw bericht" in post.texts()
    assert post.letters == ["other"]


async def test_another_wijk_goes_to_whoever_serves_it(post: Post, opens: Opens) -> None:
    await post.write("De wijk moet zijn: Stedenwijk.\n")
    assert "Er stond meer in uw bericht" not in post.texts()
    assert post.town.the_case()["organisation"] == "buurtteam"
    assert len(post.town.handovers) == 2
    assert "overgedragen" in post.told
    assert b"GECORRIGEERD" not in opens(post.town.handovers[1].armour), "they had no earlier one"
    assert post.letters == []
    await post.write(f"{WRONG}Haar broer is erg in de war.\n")
    assert b"GECORRIGEERD" in opens(post.town.handovers[2].armour)
    assert post.letters == ["other"], "what else is said there is read by a person"


@pytest.mark.parametrize(
    ("text", "said", "passed"),
    [
        ("De patient is vannacht overleden.\n", "de patiënt is overleden", "de patiënt is overleden"),
        ("Graag NIET bellen, patiënt is overleden.\n", "de patiënt is overleden", "de patiënt is overleden"),
        ("Patiënt ziet ervan af.\n", "wil geen hulp", "wil geen hulp"),
        ("Dit was de verkeerde patiënt.\n", "verkeerde patiënt", "verkeerde patiënt"),
        ("Kan deze aanmelding ingetrokken worden?\n", "niet meer te bellen", "ingetrokken"),
        ("INTREKKEN\n", "niet meer te bellen", "ingetrokken"),
    ],
)
async def test_a_stop_is_passed_on_and_confirmed(post: Post, text: str, said: str, passed: str) -> None:
    await post.write(text)
    assert post.town.the_case()["state"] == "withdrawn"
    assert said in post.texts()
    assert passed in post.told
    assert post.letters == []
    await post.report("GEZIEN\n")
    assert post.events("case.withdrawal_confirmed") == 1


async def test_after_contact_a_death_is_passed_on_all_the_same(post: Post) -> None:
    await post.report("IN BEELD\n")
    await post.write("De patient is vannacht overleden.\n")
    assert post.town.the_case()["state"] == "contacted"
    assert "de patiënt is overleden" in post.told
    assert "gevraagd om de patiënt niet (meer) te bellen" in post.texts()


async def test_how_it_stands_is_answered(post: Post) -> None:
    await post.write("Is er al contact geweest?\n")
    assert "Zo staat het nu met uw aanmelding" in post.texts()
    for word in ("In beeld", "Gestopt"):
        await post.report(word)
    await post.town.work(days=31)
    assert post.case.state == "closed"
    # Its thread is gone: who asks then can be called, and who reports then reads that it is closed.
    await post.write("Hoe staat het ermee?\n")
    assert post.letters == ["question"]
    assert "is gesloten" not in post.told
    await post.report("In beeld")
    assert post.told.count("is gesloten") == 1


@pytest.mark.parametrize("text", ["Dank u wel!\n", "Ok\n", "Groet, Marieke\n"])
async def test_thanks_change_nothing(post: Post, text: str) -> None:
    before = len(post.town.mails)
    await post.write(text)
    assert len(post.town.mails) == before
    assert post.letters == []


async def test_what_nobody_understands_is_kept_for_a_person(post: Post) -> None:
    await post.write("De buurvrouw zegt dat het allemaal heel anders zit met die schulden.\n")
    await post.write("En nog iets: het verhaal van gisteren was ook niet compleet.\n")
    assert len(post.letters) == 2
    assert post.texts().count("We begrijpen uw bericht niet") == 1
    assert post.town.journal.alarms().count("letter") == 2
    assert post.town.mailboxes() == {"case": 1, "addition": 2}
    await post.town.work(days=1)
    await post.write("Wij snappen er zelf ook niets meer van, het is een raadsel.\n")
    assert post.texts().count("We begrijpen uw bericht niet") == 2


async def test_an_answer_to_their_own_mail_is_about_that_case(post: Post) -> None:
    await post.town.post(make_answer(post.mail["Message-ID"], WRONG))
    assert post.town.mailboxes() == {"case": 1, "addition": 1}
    assert len(post.town.handovers) == 2


async def test_a_mail_that_names_the_kenmerk_is_about_that_case(post: Post) -> None:
    text = f"Betreft {post.receipt.kenmerk}.\n\n{WRONG}"
    await post.town.post(make_mail(text=text, subject=f"aanmelding {post.receipt.kenmerk}"))
    assert post.town.mailboxes() == {"case": 1, "addition": 1}
    assert len(post.town.cases()) == 1


async def test_the_kenmerk_of_another_practice_opens_nothing(post: Post) -> None:
    text = f"Kenmerk {post.receipt.kenmerk}: INTREKKEN\n"
    await post.town.post(make_mail(text=text, sender=f"a@{OTHER_PRACTICE}"))
    assert post.town.mailboxes().get("addition") is None
    assert post.case.state == "delivered"


async def test_a_colleague_writes_and_is_answered_where_they_wrote(post: Post) -> None:
    letter = await post.write("Is er al contact geweest?\n", sender=COLLEAGUE)
    (answer,) = post.town.answers(letter)
    assert answer["To"] == COLLEAGUE
    await post.report("IN BEELD\n")
    assert [mail["To"] for mail in post.town.mails if "De patiënt is in beeld." in mail.text] == [
        post.mail["From"].partition("<")[2].strip(">")
    ]


async def test_the_answer_of_an_assistant_leaves_the_first_sender_in_the_thread(town: Town) -> None:
    post = Post(town, make_mail(text=f"Graag contact met {PATIENT.name} in de {PATIENT.wijk}.\n"))
    await post.refer()
    letter = await post.write(f"{PATIENT.phone}\n", sender=COLLEAGUE)
    await post.report("IN BEELD\n")
    for mail, to in ((post.mail, "m.deboer"), (letter, "assistent")):
        told = [answer for answer in town.answers(mail) if answer["To"].startswith(to)]
        assert kinds(told)[-2:] == ["receipt", "in_beeld"], to


async def test_an_answer_that_names_another_patient_leaves_the_question_open(town: Town) -> None:
    post = Post(town, make_mail(text=f"Graag contact met {PATIENT.name} in de {PATIENT.wijk}.\n"))
    await post.refer()
    letter = post.sample("11", THREAD=post.receipt["Message-ID"])
    await town.post(letter)
    assert sorted(case.state for case in post.cases) == ["delivered", "needs_info"]
    assert kinds(town.answers(letter)) == ["receipt"]
    await post.write(f"{PATIENT.phone}\n")
    assert [case.state for case in post.cases] == ["delivered", "delivered"]


async def test_a_number_that_comes_after_we_gave_up_is_understood(town: Town, opens: Opens) -> None:
    post = Post(town, make_mail(text=f"Graag contact met {PATIENT.name} in de {PATIENT.wijk}.\n"))
    await post.refer()
    await town.work(days=10)
    assert town.the_case()["state"] == "returned"
    await town.work(days=2)
    letter = await post.write(f"{PATIENT.phone}\n")
    case = town.the_case()
    assert case["state"] == "delivered"
    assert case["due"] > town.now.isoformat()
    assert PATIENT.e164.encode() in opens(town.handovers[0].armour)
    assert kinds(town.answers(letter)) == ["receipt"]


async def test_what_is_kept_for_a_late_answer_goes_in_time(town: Town) -> None:
    post = Post(town, make_mail(text=f"Graag contact met {PATIENT.name} in de {PATIENT.wijk}.\n"))
    await post.refer()
    await town.work(days=10)
    assert post.case.state == "returned"
    assert post.case.fields_key is not None
    await town.work(days=14)
    assert (post.case.state, post.case.fields_key, post.case.sealed_fields) == ("returned", None, None)
    told = post.texts().count("Stuur dan een nieuwe mail")
    await post.write(f"{PATIENT.phone}\n")
    assert post.case.state == "returned"
    assert town.handovers == []
    assert post.texts().count("Stuur dan een nieuwe mail") == told + 1
    assert post.letters == ["correction_late"]


async def test_an_answer_in_time_ends_what_would_have_been_forgotten(town: Town) -> None:
    post = Post(town, make_mail(text=f"Graag contact met {PATIENT.name} in de {PATIENT.wijk}.\n"))
    await post.refer()
    await town.work(days=10)
    await post.write(f"{PATIENT.phone}\n")
    assert post.case.fields_key is not None
    await town.work(days=15)
    assert post.case.fields_key is not None, "it is with an organisation that has not reached the patient"


async def test_one_letter_counts_once_however_often_it_comes(post: Post) -> None:
    letter = await post.write("De patient is vannacht overleden.\n")
    again = make_answer(post.receipt["Message-ID"], "De patient is vannacht overleden.\n")
    again.replace_header("Message-ID", letter["Message-ID"])
    again["Received"] = "from elsewhere by somewhere; Mon, 23 Nov 2026 09:00:00 +0100"
    before = len(post.town.mails)
    await post.town.post(again)
    assert len(post.town.mails) == before


async def test_two_patients_under_one_message_id_are_two_cases(town: Town) -> None:
    for name in ("01a", "01b"):
        await town.post(Post(town).sample(name))
    assert town.mailboxes() == {"case": 2}


async def test_two_patients_in_one_mail_get_a_case_each(town: Town) -> None:
    text = (
        f"Graag contact met deze twee patiënten:\n\nNaam: {PATIENT.name}\nTelefoon: {PATIENT.phone}\n"
        f"Wijk: {PATIENT.wijk}\n\nNaam: {OTHER.name}\nTelefoon: {OTHER.phone}\nWijk: {OTHER.wijk}\n"
    )
    mail = make_mail(text=text)
    await town.post(mail)
    assert kinds(town.answers(mail)) == ["receipt", "receipt"]
    assert len(town.handovers) == 2
    assert town.mailboxes() == {"case": 1}
    assert len({one.kenmerk for one in town.answers(mail)}) == 2


async def test_one_figure_chooses_between_two_numbers(town: Town, opens: Opens) -> None:
    numbers = f"{PATIENT.phone} of {OTHER.phone}, niet zeker welke"
    text = f"Naam: {PATIENT.name}\nTelefoon: {numbers}\nWijk: {PATIENT.wijk}\n"
    post = Post(town, make_mail(text=text))
    await post.refer()
    assert "1 = het nummer dat eindigt op 44" in post.receipt.text
    letter = await post.write("2\n")
    assert OTHER.e164.encode() in opens(town.handovers[0].armour)
    assert "eindigt op 02" in post.texts(letter)


def _json(opened: str) -> str:
    found = re.search(r"base64\r?\n.*?\r?\n\r?\n(.*?)\r?\n--", opened, re.DOTALL)
    assert found
    return base64.b64decode(found[1]).decode()
