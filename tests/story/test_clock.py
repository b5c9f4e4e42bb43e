"""The clock is honest: it starts at receipt, survives downtime, and a broken promise has consequences."""

import json
from datetime import timedelta

from tests.conftest import Opens
from tests.invented import PATIENT, make_mail
from tests.moments import MONDAY
from tests.postgres import ON_BOTH
from tests.story.place import Town, kinds

THREE_DAYS = timedelta(days=3)


async def with_backup(town: Town) -> None:
    """Let the second organisation take over for the first."""
    town.place.replace("organisations.toml", '# backup = "andere-organisatie"', 'backup = "buurtteam"')
    await town.restart()


@ON_BOTH
async def test_the_deadline_counts_from_receipt_and_not_from_when_it_was_worked_on(town: Town) -> None:
    await town.send(make_mail())
    await town.work(hours=7)
    case = town.the_case()
    assert case["received"] == MONDAY.isoformat()
    assert case["due"] == (MONDAY + THREE_DAYS).isoformat()


@ON_BOTH
async def test_downtime_fires_what_was_due_once_and_in_order(town: Town) -> None:
    await with_backup(town)
    await town.post(make_mail())
    town.now = MONDAY + THREE_DAYS + timedelta(days=2)
    await town.restart()
    await town.work()
    fired = [event["clock"] for event in town.journal.events("clock.fired") if event["event"]]
    case = town.the_case()
    clocks = {clock["kind"]: clock for clock in case["clocks"]}
    told = [event for event in case["events"] if event["kind"] == "clock.fired"]
    assert len(told) == len(set(kinds_of(told))), "each fires once"
    dues = [json.loads(event["data"])["due"] for event in told]
    assert dues == sorted(dues)
    assert clocks["collect"]["fired_at"] is None, "the backup has its own time to take the referral in"
    assert kinds_of(told)[-2:] == ["contact", "backup"]
    assert len(fired) == len(told)

    sent = len(town.mails)
    await town.restart()
    await town.work()
    assert len(town.mails) == sent, "nothing fires twice"
    assert town.mailboxes() == {"case": 1}


def kinds_of(events: list[dict[str, str]]) -> list[str]:
    """Which clocks the events are about."""
    return [event["data"].partition('"clock":"')[2].partition('"')[0] for event in events]


async def test_the_backup_takes_over_a_broken_promise(town: Town, opens: Opens) -> None:
    await with_backup(town)
    mail = make_mail()
    await town.post(mail)
    await town.work(days=3, minutes=1)
    assert town.the_case()["overdue"] is True
    assert "clock" in town.journal.alarms()
    assert len(town.handovers) == 1
    await town.work(days=1)
    case = town.the_case()
    assert (case["organisation"], case["state"]) == ("buurtteam", "delivered")
    assert case["due"] == (MONDAY + THREE_DAYS).isoformat(), "the promise keeps its first date"
    second = town.handovers[1]
    assert second.received.recipients == ("aanmeldingen@buurtteam.example",)
    assert PATIENT.name.encode() in opens(second.armour)
    assert len(town.notices("team@buurtteam.example")) == 1

    town.inbeeld("cases", "report", case["kenmerk"], "contacted")
    await town.work()
    assert kinds(town.answers(mail)).count("in_beeld") == 1
    assert town.the_case()["late"] is True


async def test_late_contact_counts_and_is_recorded_as_late(town: Town) -> None:
    mail = make_mail()
    await town.post(mail)
    await town.work(days=3, hours=1)
    (case,) = town.cases()
    town.inbeeld("cases", "report", case["kenmerk"], "contacted")
    await town.work()
    case = town.the_case()
    assert (case["state"], case["late"], case["overdue"]) == ("contacted", True, False)
    assert "in_beeld" in kinds(town.answers(mail))


async def test_contact_in_time_fires_nothing_any_more(town: Town) -> None:
    await town.post(make_mail())
    (case,) = town.cases()
    town.inbeeld("cases", "report", case["kenmerk"], "contacted")
    await town.work(days=10)
    assert town.journal.events("clock.fired") == []
    assert town.the_case()["late"] is False
