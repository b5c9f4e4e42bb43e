"""A mail of ours that comes back is seen, whatever shape the bounce has; a forged one holds nothing."""

import base64

import aiosmtplib
import pytest

from gateway.store import audit
from gateway.store.outbox import Status
from tests.invented import make_mail
from tests.story.correspondence.post import PATIENT, Post


def _delivery(post: Post) -> str:
    return str(post.town.handovers[0]["Message-ID"]).strip("<>").partition("@")[0]


def _sample(post: Post, name: str) -> object:
    mail = post.town.handovers[0]
    headers = f"Message-ID: {mail['Message-ID']}\r\nSubject: {mail['Subject']}\r\n".encode()
    return post.sample(name, DELIVERY=_delivery(post), BASE64ORIG=base64.encodebytes(headers).decode())


@pytest.mark.parametrize("name", ["05a", "05c", "05d", "05e"])
async def test_a_handover_that_comes_back_is_held_with_the_reason(post: Post, name: str) -> None:
    bounce = _sample(post, name)
    answers = await post.bounce(bounce, post.town.handovers[0].received.envelope_from)  # type: ignore[arg-type]
    assert "kept" in answers[0]
    await post.town.work()
    (row,) = [row for row in post.rows() if row.kind == "handover"]
    assert row.status == Status.HELD
    assert (row.reason or "").startswith("bounced_")
    assert "held" in post.town.journal.alarms()
    assert post.town.mailboxes() == {"case": 1, "ignored": 1}


async def test_a_forged_bounce_holds_nothing_and_a_person_is_told_once(post: Post) -> None:
    for number in (1, 2):
        bounce = _sample(post, "05a")
        bounce["X-Try"] = str(number)  # type: ignore[index]
        await post.bounce(bounce, "aanmelding@handover.example")  # type: ignore[arg-type]
    await post.town.work()
    assert {(row.kind, row.status) for row in post.rows()} == {("handover", "sent"), ("reply", "sent")}
    assert post.events("delivery.held") == 0
    with post.town.gateway.store.read() as session:
        told = [row for row in audit.of_case(session, post.case.id) if "bounce_unproven" in row.data]
    assert len(told) == 1


async def test_what_comes_back_without_a_clear_word_is_told_to_a_person_once(post: Post) -> None:
    for number in (1, 2):
        note = make_mail(
            text=f"Uw bericht is niet gelezen; dit adres bestaat niet meer. {number}\n",
            sender="balie@deschoor.example",
            subject="Automatisch antwoord: Nieuwe aanmelding",
            headers={"Auto-Submitted": "auto-replied"},
        )
        await post.bounce(note, post.town.handovers[0].received.envelope_from)
    await post.town.work()
    assert {(row.kind, row.status) for row in post.rows()} == {("handover", "sent"), ("reply", "sent")}
    assert post.town.journal.alarms().count("bounce_unclear") == 1


async def test_a_return_address_takes_nothing_but_bounces(post: Post) -> None:
    back = post.town.handovers[0].received.envelope_from
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await post.town.place.send(post.town.address, post.mail, to=back)
    other = back[:-25] + ("a" if back[-25] != "a" else "b") + back[-24:]
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await post.bounce(_sample(post, "05a"), other)  # type: ignore[arg-type]


async def test_an_answer_to_a_practice_that_comes_back_stands_on_the_board(post: Post) -> None:
    bounce = post.sample("05a", DELIVERY="0" * 32)
    await post.bounce(bounce, post.receipt.received.envelope_from)
    await post.town.work()
    (row,) = [row for row in post.rows() if row.kind == "reply"]
    assert (row.status, (row.reason or "").partition("_")[0]) == (Status.HELD, "bounced")


async def test_a_bounce_after_contact_can_be_dismissed(post: Post) -> None:
    await post.report("IN BEELD\n")
    await post.bounce(_sample(post, "05f"), post.town.handovers[0].received.envelope_from)  # type: ignore[arg-type]
    await post.town.work()
    (row,) = [row for row in post.rows() if row.kind == "handover"]
    assert row.status == Status.HELD
    with post.town.gateway.store.write() as session:
        post.town.gateway.worker.retry.dismiss(session, row.id, post.town.now, "beheerder")
    (row,) = [row for row in post.rows() if row.kind == "handover"]
    assert row.status == Status.DROPPED


async def test_every_mail_leaves_with_a_return_address_of_its_own(post: Post) -> None:
    addresses = [mail.received.envelope_from for mail in post.town.mails]
    assert all(address.startswith("aanmelding+b.") for address in addresses)
    assert len(set(addresses)) == len(addresses)
    assert PATIENT.name not in "".join(addresses)
