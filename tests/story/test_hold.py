"""Whatever goes wrong on the way out: nothing leaves in clear, nothing is lost, and a person hears of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import Opens
from tests.invented import PATIENT, make_answer, make_mail, make_patients
from tests.moments import MONDAY
from tests.peers.mail import ANSWER_LOST, BUSY, CONTENT_REFUSED, NO_SUCH_USER, PeerAct
from tests.postgres import ON_BOTH
from tests.story.place import Town, kinds
from tests.unit.sealing.trial_keys import Gpg

KEY = Path("keys", "organisations", "de-schoor.asc")


@ON_BOTH
async def test_an_expired_key_holds_and_a_repaired_one_sends(town: Town) -> None:
    """The key expires for real, by gpg's own word; the organisation then makes it valid for longer."""
    path = town.place.directory / KEY
    with Gpg() as gpg:
        past = (datetime.now(UTC) - timedelta(days=30)).strftime("%Y%m%dT%H%M%S")
        gpg(
            "--faked-system-time",
            past,
            "--quick-generate-key",
            "De Schoor",
            "future-default",
            "default",
            "7d",
        )
        fingerprint = gpg("--list-keys", "--with-colons").partition(b"\nfpr:::::::::")[2][:40].decode()
        path.write_bytes(gpg("--armor", "--export", fingerprint))
        organisations = town.place.directory / "config" / "organisations.toml"
        before = organisations.read_text().partition('fingerprint = "')[2].partition('"')[0]
        town.place.replace("organisations.toml", before, fingerprint)
        await town.restart()

        mail = make_mail()
        await town.post(mail)
        assert town.handovers == []
        (row,) = town.json("queue", "list")
        assert (row["kind"], row["status"]) == ("handover", "held")
        assert "expired" in row["reason"]
        assert town.journal.alarms() == ["held"]
        assert "delivery.held" in [event["kind"] for event in town.the_case()["events"]]
        assert town.the_case()["due"], "its clock runs"
        town.inbeeld("queue", "retry", "--all", code=1)
        await town.work()
        assert town.handovers == []

        gpg("--faked-system-time", past, "--quick-set-expire", fingerprint, "3y")
        gpg("--faked-system-time", past, "--quick-set-expire", fingerprint, "3y", "*")
        path.write_bytes(gpg("--armor", "--export", fingerprint))
        town.inbeeld("queue", "retry", "--all")
        await town.work()
        (handover,) = town.handovers
        gpg("--import", content=town.gateway.keys.openpgp_public.read_bytes())
        assert PATIENT.name.encode() in gpg("--decrypt", content=handover.armour)
    assert town.the_case()["state"] == "delivered"
    assert town.json("queue", "list") == []
    assert town.mailboxes() == {"case": 1}


@pytest.mark.parametrize("broken", [b"", b"no key at all", None], ids=["empty", "nonsense", "gone"])
async def test_without_a_usable_key_nothing_leaves(town: Town, broken: bytes | None, opens: Opens) -> None:
    path = town.place.directory / KEY
    whole = path.read_bytes()
    if broken is None:
        path.unlink()
    else:
        path.write_bytes(broken)
    await town.post(make_mail())
    assert town.handovers == []
    assert town.journal.alarms() == ["held"]
    assert [held for case in town.cases() for held in case["held"]] != []

    path.write_bytes(whole)
    town.inbeeld("queue", "retry", "--all")
    await town.work()
    assert PATIENT.name.encode() in opens(town.handovers[0].armour)


async def test_a_key_that_expires_while_a_delivery_waits_holds_it(town: Town) -> None:
    town.peer.next(BUSY, BUSY)
    await town.post(make_mail())
    assert [row["status"] for row in town.json("queue", "list")] == ["ready", "ready"]
    (town.place.directory / KEY).write_bytes(b"")
    await town.work(minutes=2)
    assert town.handovers == []
    assert [row["status"] for row in town.json("queue", "list")] == ["held"]


@ON_BOTH
async def test_a_relay_that_is_down_is_tried_again_with_the_same_message(town: Town) -> None:
    await town.peer.stop()
    await town.post(make_mail())
    rows = town.json("queue", "list")
    assert {row["status"] for row in rows} == {"ready"}
    assert town.journal.alarms() == []
    for _ in range(5):
        await town.work(minutes=22)
    assert sorted(town.journal.alarms()) == ["delivery_late", "delivery_late"], "one alarm for each, once"

    await town.peer.start()
    await town.work(hours=2)
    assert town.json("queue", "list") == []
    ids = [mail["Message-ID"] for mail in town.mails]
    assert len(ids) == len(set(ids)) == 2
    assert {f"<{row['id']}@handover.example>" for row in rows if row["kind"] == "handover"} < set(ids)
    assert town.the_case()["state"] == "delivered"


async def test_a_lost_answer_makes_a_second_copy_that_can_be_recognised(town: Town) -> None:
    town.peer.next(ANSWER_LOST, ANSWER_LOST)
    await town.post(make_mail())
    await town.work(minutes=2)
    ids = [mail["Message-ID"] for mail in town.mails]
    assert len(ids) == 4
    assert len(set(ids)) == 2


@pytest.mark.parametrize("refusals", [(NO_SUCH_USER, NO_SUCH_USER), (CONTENT_REFUSED,)])
async def test_what_a_relay_refuses_while_it_takes_others_is_held(
    town: Town, refusals: tuple[PeerAct, ...]
) -> None:
    first, second = make_patients(2)
    await town.post(make_mail(first))
    assert len(town.mails) == 2
    town.peer.next(*refusals)
    await town.post(make_mail(second))
    held = [row for row in town.json("queue", "list") if row["status"] == "held"]
    assert len(held) == len(refusals)
    assert town.journal.alarms() == ["held"] * len(refusals)
    await town.work(hours=5)
    assert len(town.mails) == 4 - len(refusals)
    town.inbeeld("queue", "retry", "--all")
    await town.work()
    assert kinds(town.mails).count("receipt") == 2
    assert len(town.handovers) == 2


async def test_a_relay_that_refuses_both_mails_of_a_referral_is_to_blame(town: Town) -> None:
    town.peer.next(CONTENT_REFUSED, CONTENT_REFUSED)
    await town.post(make_mail())
    assert {row["status"] for row in town.json("queue", "list")} == {"ready"}
    assert town.mails == []
    await town.work(hours=5)
    assert kinds(town.mails).count("receipt") == 1
    assert len(town.handovers) == 1


async def test_without_a_route_it_is_held_until_somebody_serves_the_place(town: Town) -> None:
    town.place.replace("organisations.toml", 'serves = ["Almere"]', 'serves = ["Almere Hout"]')
    await town.restart()
    mail = make_mail()
    await town.post(mail)
    (row,) = town.json("queue", "list")
    assert (row["status"], row["reason"]) == ("held", "no_route")
    assert row["remedy"]
    (waiting,) = town.mails
    assert "Een beheerder kijkt ernaar" in waiting.text
    assert "neemt uiterlijk" not in waiting.text, "nobody is promised who will call"
    assert town.the_case()["due"], "its clock runs"
    town.inbeeld("queue", "retry", "--all", code=1)

    town.place.replace("organisations.toml", 'serves = ["Almere Hout"]', 'serves = ["Almere"]')
    await town.restart()
    town.inbeeld("queue", "retry", "--all")
    await town.work()
    assert town.the_case()["state"] == "delivered"
    assert len(town.handovers) == 1


async def test_what_nobody_served_keeps_its_pause_and_the_referrer_hears_who_calls(town: Town) -> None:
    town.place.replace("organisations.toml", 'serves = ["Almere"]', 'serves = ["Almere Hout"]')
    await town.restart()
    mail = make_mail(text=f"Graag contact met {PATIENT.name} in de {PATIENT.wijk}.\n")
    await town.post(mail)
    (question,) = town.answers(mail)
    town.now += timedelta(hours=2)
    await town.post(make_answer(question["Message-ID"], f"{PATIENT.phone}\n"))
    due = (MONDAY + timedelta(days=3, hours=2)).isoformat()
    assert town.the_case()["due"] == due
    town.place.replace("organisations.toml", 'serves = ["Almere Hout"]', 'serves = ["Almere"]')
    await town.restart()
    town.inbeeld("queue", "retry", "--all")
    await town.work()
    assert town.the_case()["due"] == due, "the two hours were the referrer's"
    told = [mail.text for mail in town.mails if not mail.encrypted]
    assert [("Een beheerder kijkt ernaar" in text, "neemt uiterlijk" in text) for text in told[1:]] == [
        (True, False),
        (False, True),
    ]


async def test_what_is_held_by_hand_waits_for_a_person(town: Town) -> None:
    town.peer.next(BUSY, BUSY)
    await town.post(make_mail())
    (case,) = town.cases()
    town.inbeeld("queue", "hold", case["kenmerk"])
    await town.work(hours=3)
    assert town.mails == []
    town.inbeeld("queue", "retry", case["kenmerk"])
    await town.work()
    assert len(town.mails) == 2
