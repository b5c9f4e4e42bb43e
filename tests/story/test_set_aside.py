"""What was set aside, read with the beheerders' own key, and who is allowed from then on."""

import json
from typing import Any

from sqlmodel import select

from gateway.store import cases, setaside
from gateway.store.pagetables import SetAsideRow
from gateway.store.tables import InboxRow
from tests.invented import PATIENT, make_mail
from tests.postgres import ON_BOTH
from tests.sealed import opened
from tests.story.boardkey import bind
from tests.story.place import Town

STRANGER = "invaller@elders.example"


def copies(town: Town) -> list[SetAsideRow]:
    """Every copy there is."""
    with town.gateway.store.read() as session:
        return list(session.exec(select(SetAsideRow)))


def read(town: Town, kenmerk: str, private: bytes) -> dict[str, Any]:
    """What a beheerder reads of a mail."""
    with town.gateway.store.read() as session:
        row = setaside.of_case(session, cases.by_kenmerk(session, kenmerk).id)
    assert row is not None
    assert row.sealed is not None
    assert PATIENT.name.encode() not in row.sealed
    return dict(json.loads(opened(town.place.directory, row.sealed, private)))


def aside(town: Town) -> list[dict[str, Any]]:
    """What `quarantine list` shows."""
    return list(town.json("quarantine", "list"))


@ON_BOTH
async def test_a_mail_is_read_with_the_key_that_was_bound_meanwhile_and_then_let_in(town: Town) -> None:
    await town.post(make_mail(sender=STRANGER))
    (row,) = aside(town)
    assert [copy.problem for copy in copies(town)] == ["no_key"]
    private = bind(town.place.directory)
    await town.work()
    shown = read(town, row["kenmerk"], private)
    assert PATIENT.name in shown["text"]
    assert (shown["address"], shown["code"], shown["practice"]) == (STRANGER, "unknown_sender", "")
    other = bind(town.place.directory)
    await town.work()
    assert read(town, row["kenmerk"], other)["address"] == STRANGER, "it follows a change of the key"
    town.inbeeld("quarantine", "release", row["kenmerk"], "--practice", "filmwijk")
    assert copies(town) == []
    await town.work()
    assert town.the_case()["state"] == "delivered"


@ON_BOTH
async def test_a_sender_who_is_allowed_refers_from_the_next_mail_on_until_it_is_revoked(town: Town) -> None:
    await town.post(make_mail(sender=STRANGER))
    assert len(aside(town)) == 1
    town.inbeeld("practices", "allowed", "add", "filmwijk", STRANGER)
    await town.post(make_mail(sender=STRANGER, text=f"Anja Oudekerk, 06-22334455, {PATIENT.wijk}"))
    assert len(aside(town)) == 1, "no restart was needed"
    assert len(town.handovers) == 1
    await town.post(make_mail(sender=f"ander@{STRANGER.partition('@')[2]}"))
    assert len(aside(town)) == 2, "a colleague of theirs was not allowed"
    await town.post(make_mail(sender=STRANGER, proof="dmarc=fail"))
    await town.post(make_mail(sender=STRANGER, proof=None))
    assert [row["reason"] for row in aside(town)][2:] == ["dmarc_fail", "no_result"], (
        "to be allowed proves naught"
    )
    (allowance,) = town.json("practices", "allowed", "list")
    town.inbeeld("practices", "allowed", "revoke", allowance["id"])
    await town.post(make_mail(sender=STRANGER))
    assert len(aside(town)) == 5
    assert town.json("practices", "allowed", "list") == []
    assert len(town.handovers) == 1
    assert town.mailboxes() == {"quarantine": 5, "case": 1}


async def test_a_domain_that_is_allowed_stands_for_one_practice(town: Town) -> None:
    town.inbeeld("practices", "allowed", "add", "filmwijk", "Elders.example")
    await town.post(make_mail(sender=STRANGER))
    assert town.the_case()["practice"] == "filmwijk"
    for sender, told in (
        ("elders.example", "another practice"),
        (STRANGER, "another practice"),
        ("gmail.com", "anyone"),
        ("deschoor.example", "organisation"),
        ("iemand@handover.example", "our own"),
    ):
        assert told in town.inbeeld("practices", "allowed", "add", "stedenwijk", sender, code=1)
    assert "is allowed" in town.inbeeld("practices", "allowed", "add", "filmwijk", STRANGER, code=1)
    assert "no such practice" in town.inbeeld("practices", "allowed", "add", "nergens", "x@y.example", code=1)
    kinds = [json.loads(line)["kind"] for line in town.inbeeld("audit", "export").splitlines()]
    assert kinds.count("sender.allowed") == 1


async def test_a_domain_at_which_somebody_else_was_allowed_is_not_given_away(town: Town) -> None:
    town.inbeeld("practices", "allowed", "add", "filmwijk", "a@samen.example")
    said = town.inbeeld("practices", "allowed", "add", "stedenwijk", "samen.example", code=1)
    assert "another practice" in said
    town.inbeeld("practices", "allowed", "add", "stedenwijk", "b@samen.example")


async def test_a_report_that_is_not_proven_never_becomes_a_referral(town: Town) -> None:
    await town.post(make_mail())
    (handover,) = town.handovers
    case = town.the_case()
    quoted = f"IN BEELD\n\nNaam: {PATIENT.name}\nTelefoon: {PATIENT.phone}\nWijk: {PATIENT.wijk}\n"
    report = make_mail(sender=STRANGER, subject="Re: aanmelding", text=quoted)
    del report["To"]
    report["To"] = handover["Reply-To"]
    await town.post(report)
    (row,) = aside(town)
    assert row["reason"] == "report_domain"
    told = town.inbeeld("quarantine", "release", row["kenmerk"], "--practice", "filmwijk", code=1)
    assert "inbeeld cases report" in told
    await town.work(hours=2)
    assert len(town.handovers) == 1
    town.inbeeld("cases", "report", case["kenmerk"], "contacted")
    town.inbeeld("quarantine", "refuse", row["kenmerk"])
    assert aside(town) == []


async def test_a_mail_without_one_sender_is_never_let_in_and_keeps_its_reason(town: Town) -> None:
    mail = make_mail()
    mail.replace_header("From", f"{mail['From']}, Balie <balie@elders.example>")
    await town.post(mail)
    (row,) = aside(town)
    assert row["reason"] == "from"
    told = town.inbeeld("quarantine", "release", row["kenmerk"], "--practice", "filmwijk", code=1)
    assert "ask the practice to send it again" in told
    assert aside(town) == [row]


async def test_a_mail_that_was_let_in_in_vain_comes_back_with_its_reason(town: Town) -> None:
    await town.post(make_mail(sender=STRANGER))
    (row,) = aside(town)
    town.inbeeld("quarantine", "release", row["kenmerk"], "--practice", "filmwijk")
    with town.gateway.store.write() as session:
        session.exec(select(InboxRow)).one().sealed = b"damaged"
    await town.work()
    (again,) = aside(town)
    assert (again["kenmerk"], again["reason"]) == (row["kenmerk"], "cannot_open")
