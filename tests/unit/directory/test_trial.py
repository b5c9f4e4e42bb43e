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
from tests.story.place import Town

BOSS = "beheer@handover.example"


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """One engine is enough: what is new in the database is a column."""
    return str(request.param)


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


@pytest.mark.parametrize(
    ("reports", "ends"),
    [
        (["declined --reason capacity"], "declined"),
        (["wrong_number"], "unreachable"),
        (["contacted", "corrected"], "collected"),
        (["attempted", "corrected"], "collected"),
    ],
)
async def test_whatever_is_reported_of_it_nobody_is_reminded(
    town: Town, trials: TrialReferrals, reports: list[str], ends: str
) -> None:
    kenmerk = trials.start("Filmwijk", None, "036-5310001", BOSS, "user:x")
    await town.work()
    for report in reports:
        town.inbeeld("cases", "report", kenmerk, *report.split())
        await town.work()
    assert town.the_case()["state"] == ends
    left, alarms = len(town.mails), [event["kind"] for event in town.the_case()["events"]].count("alarm")
    for _ in range(6):
        await town.work(days=1)
    about = [mail for mail in town.mails[left:] if kenmerk in f"{mail['Subject']} {mail.text}"]
    assert about == []
    assert [event["kind"] for event in town.the_case()["events"]].count("alarm") == alarms
    await town.work(days=60)
    assert town.the_case()["state"] in ENDED
    assert town.audit().faults == ()


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
