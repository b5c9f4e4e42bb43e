"""Who is not known, what can't be opened, and what a machine wrote."""

import pytest

from gateway.statistics import health
from gateway.store import audit
from gateway.store.outbox import Status
from tests.invented import GATEWAY, PATIENT, make_mail
from tests.moments import MONDAY
from tests.story.correspondence.post import Post
from tests.story.place import Town, kinds

ELSEWHERE = "m.deboer@elders.example"


async def test_a_proven_sender_of_no_practice_is_told_once_a_day(town: Town) -> None:
    mails = [make_mail(sender=ELSEWHERE) for _ in range(3)]
    await town.post(*mails[:2])
    answers = [mail for mail in town.mails if mail["To"] == ELSEWHERE]
    assert len(answers) == 1
    assert "We kennen het adres waarmee u mailde niet" in answers[0].text
    assert PATIENT.name not in answers[0].received.content.decode()
    assert town.mailboxes() == {"quarantine": 2}
    await town.work(days=1, hours=1)
    await town.post(mails[2])
    assert len([mail for mail in town.mails if mail["To"] == ELSEWHERE]) == 2


@pytest.mark.parametrize(
    ("headers", "proof"),
    [
        ({"Auto-Submitted": "auto-replied"}, "dmarc=pass"),
        ({"Precedence": "bulk"}, "dmarc=pass"),
        ({}, "dmarc=fail"),
    ],
)
async def test_a_machine_and_an_unproven_sender_are_told_nothing(
    town: Town, headers: dict[str, str], proof: str
) -> None:
    await town.post(make_mail(sender=ELSEWHERE, headers=headers, proof=proof))
    assert [mail for mail in town.mails if mail["To"] == ELSEWHERE] == []


async def test_a_portal_is_answered_with_what_to_do_instead(town: Town) -> None:
    text = (
        "U heeft een beveiligd bericht ontvangen van Huisartsenpraktijk Filmwijk.\n\n"
        "Klik hier om het bericht te lezen: https://portaal.example/x\n"
    )
    post = Post(town, make_mail(text=text, subject="Beveiligd bericht"))
    await post.refer()
    assert "staat in een beveiligde omgeving" in post.receipt.text
    assert "Hoe heet de patiënt" not in post.texts()
    assert town.the_case()["state"] == "needs_info"
    letter = await post.write(f"Naam: {PATIENT.name}\nTelefoon: {PATIENT.phone}\nWijk: {PATIENT.wijk}\n")
    assert town.the_case()["state"] == "delivered"
    assert kinds(town.answers(letter)) == ["receipt"]


async def test_bulk_headers_hold_our_answer_back_and_a_person_sees_that(town: Town) -> None:
    mail = make_mail(headers={"Precedence": "bulk"})
    await town.post(mail)
    assert town.the_case()["state"] == "delivered"
    assert town.answers(mail) == []
    with town.gateway.store.read() as session:
        assert any("unanswered" in row.data for row in audit.export(session) if row.kind == "alarm")


async def test_ignored_mail_is_counted_by_its_sign(town: Town) -> None:
    await town.post(make_mail(text="Ik ben er niet.\n", headers={"Auto-Submitted": "auto-replied"}))
    with town.gateway.store.read() as session:
        assert sum(number for _, number in health.ignored(session, MONDAY)) == 1


async def test_a_letter_waits_until_a_beheerder_has_dealt_with_it(town: Town) -> None:
    post = Post(town)
    await post.refer()
    secret = "De buurvrouw zegt dat het allemaal heel anders zit met die schulden."
    await post.write(f"{secret}\n")
    (row,) = town.json("quarantine", "letters")
    assert (row["kenmerk"], post.letters) == (post.case.kenmerk, ["other"])
    envelope, raw = town.gateway.worker.letters.show(row["id"], town.now, "beheerder")
    assert secret.encode() in raw
    assert envelope.rcpt_tos == (GATEWAY,)
    assert town.audit().faults == ()
    assert "was dealt with" in town.inbeeld("quarantine", "dealt", row["id"][:12])
    assert town.json("quarantine", "letters") == []
    assert town.audit().faults == ()
    assert post.events("letter.dealt") == post.events("letter.shown") == 1
    stored = b"".join(path.read_bytes() for path in (town.place.directory / "data").glob("*.db*"))
    assert b"buurvrouw" not in stored


async def test_a_letter_that_nobody_dealt_with_is_destroyed_and_that_is_told(town: Town) -> None:
    post = Post(town)
    await post.refer()
    await post.write("De buurvrouw zegt dat het allemaal heel anders zit met die schulden.\n")
    await town.work(days=15)
    assert post.letters == []
    assert post.events("letter.expired") == 1
    assert town.audit().faults == ()


async def test_no_row_of_the_outbox_is_stuck(town: Town) -> None:
    post = Post(town)
    await post.refer()
    await post.write("De patient is vannacht overleden.\n")
    assert {row.status for row in post.rows()} <= {Status.SENT, Status.DROPPED}
