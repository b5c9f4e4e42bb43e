"""Who is let in, who is set aside, and who is never answered."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from gateway.sandbox.pool import Readers
from gateway.sandbox.tasks import MailJob
from tests.invented import OTHER_PRACTICE, PATIENT, make_answer, make_mail
from tests.moments import MONDAY
from tests.postgres import ON_BOTH
from tests.story.place import Town, kinds


@ON_BOTH
async def test_the_same_mail_sent_again_is_one_case(town: Town) -> None:
    mail = make_mail()
    await town.send(mail, mail)
    await town.post(mail)
    assert town.mailboxes() == {"case": 1}
    assert len(town.handovers) == 1


async def test_the_same_mail_in_other_bytes_is_one_case(town: Town) -> None:
    mail = make_mail()
    await town.post(mail)
    again = make_mail(message_id=mail["Message-ID"], headers={"X-Tried": "twice"})
    await town.post(again)
    assert town.mailboxes() == {"case": 1, "addition": 1}
    assert len(town.mails) == 2


@pytest.mark.parametrize(
    ("reason", "sender", "proof"),
    [
        ("unknown_sender", "huisarts@onbekend.example", "dmarc=pass"),
        ("unknown_sender", "m.deboer@huisartsenpraktijk-filmwijk.example.net", "dmarc=pass"),
        (None, "m.deboer@huisartsenpraktijk-filmwijk.example", "dmarc=fail"),
        (None, "m.deboer@huisartsenpraktijk-filmwijk.example", None),
    ],
)
async def test_unknown_and_unproven_senders_are_set_aside(
    town: Town, reason: str | None, sender: str, proof: str | None
) -> None:
    await town.post(make_mail(sender=sender, proof=proof))
    (row,) = town.json("quarantine", "list")
    assert reason is None or row["reason"] == reason
    assert town.mailboxes() == {"quarantine": 1}
    # Who proved an address that we don't know is told that; nobody else is.
    assert len(town.mails) == (reason == "unknown_sender")
    assert town.journal.alarms() == ["quarantined"]


async def test_a_mail_to_a_made_up_address_of_ours_is_not_even_looked_at(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail of a stranger to a report address that was never given: a row in quarantine, and no more."""
    given: list[str] = []
    run = Readers.run

    def noted(pool: Readers, jobs: Sequence[MailJob[Any]]) -> list[Any]:
        given.extend(job.task.name for job in jobs)
        return run(pool, jobs)

    monkeypatch.setattr(Readers, "run", noted)
    mail = make_mail(sender="x@elders.example", proof=None)
    mail.replace_header("To", f"aanmelding+r.ib-aaaa-aaaa.{'a' * 24}@handover.example")
    await town.post(mail)
    (row,) = town.json("quarantine", "list")
    assert row["reason"] == "report_token"
    assert given == []
    # Of a stranger's mail that is proven the header is, and nothing else.
    await town.post(make_mail(sender="huisarts@onbekend.example"))
    assert given == ["examine"]


async def test_a_field_put_on_top_of_a_proven_mail_sets_it_aside(town: Town) -> None:
    """What a visitor wrote, quoted in the practice's answer, must not become a part of its own."""
    mail = make_mail()
    mail._headers.insert(0, ("Content-Type", "multipart/mixed; boundary=ABC"))  # type: ignore[attr-defined]
    await town.post(mail)
    (row,) = town.json("quarantine", "list")
    assert row["reason"] == "doubled_header"
    assert town.handovers == []


async def test_a_mail_of_which_not_all_is_read_is_kept_for_a_person(town: Town) -> None:
    """Two mails of a practice: in the one a second patient stands behind all that is read of it."""
    text = make_mail().get_content()
    parts = [f"--b\r\n\r\n{text}\r\n", *("--b\r\nContent-Type: image/x\r\n\r\n" for _ in range(600))]
    for many, outcome in ((2, {"case": 1}), (len(parts), {"case": 1, "quarantine": 1})):
        mail = make_mail(headers={"X-Many": str(many)})
        mail.replace_header("Content-Type", 'multipart/mixed; boundary="b"')
        mail._payload = "".join([*parts[:many], "--b--"])  # type: ignore[attr-defined]
        await town.post(mail)
        assert town.mailboxes() == outcome
    (row,) = town.json("quarantine", "list")
    assert row["reason"] == "partial"
    assert len(town.handovers) == 1


async def test_two_fields_in_the_name_of_the_front_set_a_mail_aside(town: Town) -> None:
    mail = make_mail(proof="dmarc=fail")
    claim = f"mx.handover.example; dmarc=pass header.from={mail['From'].addresses[0].domain}"
    mail._headers.append(("authentication-results", claim))  # type: ignore[attr-defined]
    await town.post(mail)
    (row,) = town.json("quarantine", "list")
    assert row["reason"] == "claimed"


async def test_a_proof_by_anybody_else_counts_for_nothing(town: Town) -> None:
    forged = {"Authentication-Results": "mx.elders.example; dmarc=pass header.from=huisartsen.example"}
    await town.post(make_mail(proof=None, headers=forged))
    assert town.mailboxes() == {"quarantine": 1}


@pytest.mark.parametrize("headers", [{"List-Id": "<zorg.filmwijk.example>"}, {"Precedence": "bulk"}])
async def test_a_referral_with_headers_of_bulk_mail_is_a_case_that_is_not_answered(
    town: Town, headers: dict[str, str]
) -> None:
    mail = make_mail(headers=headers)
    await town.post(mail)
    assert town.mailboxes() == {"case": 1}
    assert len(town.handovers) == 1
    assert town.answers(mail) == [], "a list must not be answered"
    assert [event["data"] for event in town.the_case()["events"] if "unanswered" in event["data"]]


@pytest.mark.parametrize(
    "headers", [{"Auto-Submitted": "auto-replied"}, {"X-InBeeld-Loop": "handover.example"}]
)
async def test_automatic_mail_is_ignored(town: Town, headers: dict[str, str]) -> None:
    await town.post(make_mail(headers=headers))
    assert town.mailboxes() == {"ignored": 1}
    assert town.mails == []


async def test_a_bounce_is_ignored(town: Town) -> None:
    await town.send(make_mail(), null_path=True)
    await town.work()
    assert town.mailboxes() == {"ignored": 1}
    assert town.mails == []


async def test_another_practice_in_the_thread_is_set_aside(town: Town) -> None:
    await town.post(make_mail(text=f"Graag contact met {PATIENT.name} in de {PATIENT.wijk}.\n"))
    (question,) = town.mails
    stranger = make_answer(question["Message-ID"], "06-11223344", sender=f"balie@{OTHER_PRACTICE}")
    await town.post(stranger)
    assert town.mailboxes() == {"question": 1, "quarantine": 1}
    assert [row["reason"] for row in town.json("quarantine", "list")] == ["other_thread"]
    assert town.handovers == []
    assert len(town.mails) == 1, "whoever sent it hears nothing"


@ON_BOTH
async def test_a_released_mail_goes_on_as_if_it_had_been_proven(town: Town) -> None:
    mail = make_mail(proof="dmarc=fail")
    await town.post(mail)
    (row,) = town.json("quarantine", "list")
    town.now += timedelta(hours=5)
    assert PATIENT.name in town.inbeeld("quarantine", "show", row["kenmerk"])
    town.inbeeld("quarantine", "release", row["kenmerk"])
    await town.work()
    case = town.the_case()
    assert case["state"] == "delivered"
    assert case["received"] == MONDAY.isoformat()
    assert case["due"] == (MONDAY + timedelta(days=3)).isoformat(), "its clock began when it came"
    assert [event["kind"] for event in case["events"]][:4] == [
        "case.received",
        "case.quarantined",
        "quarantine.shown",
        "case.released",
    ]
    assert kinds(town.answers(mail)) == ["receipt"]
    assert town.mailboxes() == {"case": 1}


async def test_a_stranger_can_be_let_in_for_a_named_practice_only(town: Town) -> None:
    await town.post(make_mail(sender="invaller@elders.example"))
    (row,) = town.json("quarantine", "list")
    assert "--practice" in town.inbeeld("quarantine", "release", row["kenmerk"], code=1)
    town.inbeeld("quarantine", "release", row["kenmerk"], "--practice", "filmwijk")
    await town.work()
    assert town.the_case()["practice"] == "filmwijk"
    assert len(town.handovers) == 1


async def test_a_refused_mail_is_destroyed(town: Town) -> None:
    await town.post(make_mail(proof=None))
    (row,) = town.json("quarantine", "list")
    town.inbeeld("quarantine", "refuse", row["kenmerk"])
    assert town.the_case()["state"] == "closed"
    assert "closed, not quarantined" in town.inbeeld("quarantine", "show", row["kenmerk"], code=1)
    assert town.mails == []
    assert town.mailboxes() == {"quarantine": 1}
