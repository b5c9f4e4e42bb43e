"""A test referral goes the way of every other one, says so everywhere, reminds nobody and counts nowhere."""

import re
from typing import Any

import pytest

from gateway.directory.book import AlarmEntry, EntryKind
from gateway.directory.editing import Edit
from gateway.directory.trial import TrialReferrals
from gateway.domain.states import ENDED, State
from gateway.errors import NotAllowed
from gateway.statistics import rows
from gateway.store import probes
from tests.invented import make_answer, make_mail
from tests.story.place import Town

BOSS = "beheer@handover.example"


@pytest.fixture
def trials(town: Town) -> TrialReferrals:
    base = town.gateway.base
    base.editing.change("user:x", Edit(AlarmEntry(to=BOSS)))
    return TrialReferrals(
        store=base.store,
        directory=base.directory,
        seal_to=town.gateway.worker._seal_to,
        address=base.settings.gateway.address,
        now=base.now,
    )


async def test_from_the_first_mail_to_the_last(town: Town, trials: TrialReferrals) -> None:
    kenmerk = trials.start("Filmwijk", None, "036-5310001", BOSS, "user:x")
    assert town.audit().faults == (), "nor does it look like one too many before it is read"
    await town.work()
    case = town.the_case()
    assert (case["kenmerk"], case["state"], case["organisation"]) == (kenmerk, "delivered", "de-schoor")
    assert b'inbeeld_mails_received_total{outcome="' not in town.gateway.base.metrics.text()
    (receipt,) = (mail for mail in town.mails if not mail.encrypted and mail["To"] == BOSS)
    assert receipt.text.startswith("DIT IS EEN PROEF.")
    (sent,) = (mail for mail in town.mails if mail.encrypted)
    assert sent["Subject"].startswith(f"PROEF: Nieuwe aanmelding {kenmerk} – contact uiterlijk")
    term = re.search(r"uiterlijk \w+ (\d+ \w+)", receipt.text)
    assert term is not None
    assert term[1] in sent["Subject"], "one promise in both"
    with town.gateway.store.read() as session:
        (row,) = session.connection().exec_driver_sql("SELECT id, trial FROM cases")
        assert row[1]
        assert list(rows.facts(session, [row[0]])) == []
    await town.work(days=6)
    about = [mail for mail in town.mails if kenmerk in f"{mail['Subject']} {mail.text}"]
    assert len(about) == 2, "nobody is reminded of anything"
    town.inbeeld("cases", "report", kenmerk, "contacted")
    await town.work()
    assert "De patiënt is in beeld." in town.mails[-1].text
    assert town.mails[-1].text.startswith("DIT IS EEN PROEF.")
    await town.work(days=40)
    assert town.the_case()["state"] == State.CLOSED
    assert town.audit().faults == ()


REPORTED = {
    ("declined --reason capacity",): "declined",
    ("wrong_number",): "unreachable",
    ("contacted", "corrected"): "collected",
    ("attempted", "corrected"): "collected",
}


async def test_whatever_is_reported_of_it_nobody_is_reminded(town: Town, trials: TrialReferrals) -> None:
    started = {
        trials.start("Filmwijk", None, f"036-531000{at}", BOSS, "user:x"): (reports, ends)
        for at, (reports, ends) in enumerate(REPORTED.items())
    }
    await town.work()

    def shown() -> dict[str, dict[str, Any]]:
        return {kenmerk: town.json("cases", "show", kenmerk) for kenmerk in started}

    for round_ in range(2):
        for kenmerk, (reports, _) in started.items():
            if round_ < len(reports):
                town.inbeeld("cases", "report", kenmerk, *reports[round_].split())
        await town.work()
    before, left = shown(), len(town.mails)
    assert {kenmerk: case["state"] for kenmerk, case in before.items()} == {
        kenmerk: ends for kenmerk, (_, ends) in started.items()
    }
    for _ in range(6):
        await town.work(days=1)
    later = [f"{mail['Subject']} {mail.text}" for mail in town.mails[left:]]
    assert [text for text in later if any(kenmerk in text for kenmerk in started)] == []
    for kenmerk, case in shown().items():
        alarms = [
            [event["kind"] for event in one["events"]].count("alarm") for one in (before[kenmerk], case)
        ]
        assert alarms[0] == alarms[1]
    await town.work(days=60)
    assert {case["state"] for case in shown().values()} <= {*ENDED}
    assert town.audit().faults == ()


async def test_who_is_asked_about_one_answers_it(town: Town, trials: TrialReferrals) -> None:
    trials.start("Almere", None, "036-5310001", BOSS, "user:x")
    await town.work()
    (question,) = town.mails
    assert (town.the_case()["state"], question["To"]) == ("needs_info", BOSS)
    await town.post(make_answer(question["Message-ID"], "Filmwijk\n", sender=BOSS))
    case = town.the_case()
    assert (case["state"], case["organisation"]) == ("delivered", "de-schoor")
    assert all(mail["Subject"].startswith("PROEF") or "PROEF" in mail.text for mail in town.mails)
    # Nowhere else is an alarmed address anybody's: a mail without the thread is a stranger's.
    await town.post(make_mail(sender=BOSS))
    assert sorted(case["state"] for case in town.json("cases", "list", "--all")) == [
        "delivered",
        "quarantined",
    ]


async def test_it_is_about_the_theme_that_was_chosen(town: Town, trials: TrialReferrals) -> None:
    base = town.gateway.base
    book = base.editing.book()
    debts: Any
    other: Any
    debts, other = (book.by_id[EntryKind.PATHWAY, name] for name in ("almere", "welzijn-op-recept"))
    # The general address is of another theme, and this one has no address of its own.
    debts = debts.model_copy(update={"theme": debts.theme.model_copy(update={"addresses": ("aanmelding",)})})
    other = other.model_copy(update={"theme": other.theme.model_copy(update={"addresses": ()})})
    coach = book.by_id[EntryKind.ORGANISATION, "buurtteam"].model_copy(
        update={"pathway": other.name, "serves": ("Almere",)}
    )
    base.editing.change("user:x", Edit(debts), Edit(other), Edit(coach), meant=True)
    trials.start("Filmwijk", other.theme.name, "036-5310001", BOSS, "user:x")
    await town.work()
    assert town.the_case()["organisation"] == "buurtteam"


async def test_a_receipt_goes_to_nobody_but_who_is_alarmed(trials: TrialReferrals) -> None:
    with pytest.raises(NotAllowed):
        trials.start("Filmwijk", None, "036-5310001", "iemand@elders.example", "user:x")


async def test_a_way_is_tried_once_and_told_in_a_closed_code(town: Town) -> None:
    store = town.gateway.store
    with store.write() as session:
        for target in ("relay", "relay", "channel:de-schoor", "channel:nobody"):
            probes.ask(session, target, town.now, "user:x")
    await town.work()
    with store.read() as session:
        told = {row.target: (row.done_at is not None, row.problem) for row in probes.latest(session)}
    assert told == {
        "relay": (True, None),
        "channel:de-schoor": (True, None),
        "channel:nobody": (True, "not_found"),
    }
    assert not town.mails, "nothing is sent"
    with store.write() as session:
        for number in range(probes.KEPT + 5):
            probes.ask(session, f"channel:{number}", town.now, "user:x")
        assert len(probes.latest(session)) == probes.KEPT
