"""Reports of organisations by mail: proven, clear, and taken back when wrong."""

from email.utils import parseaddr

import pytest

from gateway.domain.codes import DeclineReason
from gateway.domain.states import Event, State
from gateway.pipeline.settle import Report, Settle
from gateway.store import cases
from tests.story.pathways.stage import Stage, referral

MONDAY = "2035-03-05 09:10"


async def report_from(stage: Stage, domain: str, to: str | None = None, proof: bool = True) -> None:
    """Somebody mails "in beeld" to the report address of the case."""
    address = to or parseaddr(stage.town.handovers[0]["Reply-To"])[1]
    mail = stage._mail(domain, "iemand", "Re: aanmelding", "In beeld", address)
    if not proof:
        del mail["Authentication-Results"]
    await stage._post(mail, address, "Iemand mailt:")


@pytest.mark.parametrize("what", ["another domain", "unproven", "forged token", "the practice itself"])
async def test_what_is_not_proven_reports_nothing(stage: Stage, what: str) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    address = parseaddr(stage.town.handovers[0]["Reply-To"])[1]
    local, _, domain = address.partition("@")
    forged = f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"
    match what:
        case "another domain":
            await report_from(stage, "hulp-oss.example")
        case "unproven":
            await report_from(stage, "hulp-almere.example", proof=False)
        case "forged token":
            await report_from(stage, "hulp-almere.example", to=forged)
        case _:
            await report_from(stage, stage.practice)
    states = sorted(case["state"] for case in stage.town.cases())
    assert states == ["delivered", "quarantined"]
    assert not any("in beeld" in text for text in stage.told()[1:])


async def test_unclear_answers_are_asked_back_once_a_day(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    for day, asked in ((MONDAY, 1), ("2035-03-06 10:00", 2)):
        stage.at(day)
        for _ in range(3):
            await stage.reports("In beeld, wij bellen morgen.")
        assert len([mail for mail in stage.town.mails if "wat bedoelt u?" in mail["Subject"]]) == asked
    assert stage.state is State.DELIVERED


async def test_a_correction_is_told_only_to_whom_it_was_told(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    await stage.reports("Niet bereikt")
    await stage.reports("Vergissing")
    assert len(stage.told()) == 1, "an attempt is not told, so neither is its end"
    await stage.reports("In beeld")
    await stage.reports("Vergissing")
    assert "klopte niet; onze excuses" in stage.told()[-1]
    assert stage.state is State.COLLECTED
    stage.at("2035-03-09 10:00")
    await stage.happens()
    assert "Dat is nog niet gemeld" in stage.told()[-1], "the promise runs again with its deadline"
    await stage.reports("In beeld")
    assert sum("De patiënt is in beeld." in text for text in stage.told()) == 2


async def test_one_report_that_said_two_things_is_taken_back_whole(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    await stage.reports("Afspraak gemaakt")
    await stage.reports("Vergissing")
    assert stage.state is State.COLLECTED
    kinds = [event["kind"] for event in stage.town.the_case()["events"]]
    assert kinds.count("case.corrected") == 2
    assert sum("klopte niet; onze excuses" in text for text in stage.told()) == 1


async def test_a_refusal_goes_to_the_backup_with_the_deadline_it_had(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    due = stage.town.the_case()["due"]
    stage.at("2035-03-06 10:00")
    await stage.reports("Vol")
    case = stage.town.the_case()
    assert (case["organisation"], case["state"], case["due"]) == ("buurtteam", "delivered", due)
    assert "Niet De Schoor, maar Buurtteam Almere neemt uiterlijk" in stage.told()[-1]
    open_ = {clock["kind"] for clock in case["clocks"] if not (clock["met_at"] or clock["ended_at"])}
    assert {"contact", "warn", "urge", "collect"} <= open_, "the promise goes on"

    # The first one says something else about it: that is not theirs any more. Contact would be.
    await stage.reports("Geen behoefte", handover=0)
    assert stage.state is State.DELIVERED
    taken_over = "is overgedragen aan Buurtteam Almere"
    assert taken_over in stage.town.mails[-1].text, "silence would be read as done"
    await stage.reports("Gesproken", handover=0)
    assert stage.state is State.CONTACTED
    await stage.reports("Vergissing", handover=0)
    assert stage.state is State.COLLECTED
    assert "De Schoor heeft de melding teruggenomen" in stage.told()[-1]
    assert any("vragen we u toch te bellen" in mail.text for mail in stage.town.mails)


async def test_where_there_are_no_keys_the_worker_finds_the_next_organisation(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    gateway = stage.town.gateway
    with gateway.store.read() as session:
        case = cases.by_kenmerk(session, stage.kenmerk)
    keyless = Settle(store=gateway.store, reroute=None, log=gateway.base.log)
    refusal = Report(Event.DECLINED, DeclineReason.CAPACITY)
    assert keyless.report(case.id, refusal, stage.town.now, "organisation:org-almere", "api")
    assert stage.state is State.DECLINED
    await stage.happens()
    assert stage.town.the_case()["organisation"] == "buurtteam"
    assert stage.state is State.DELIVERED


async def test_without_a_backup_a_person_must_look(stage: Stage) -> None:
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    await stage.reports("Vol")
    await stage.reports("Verkeerd gebied")
    assert stage.state is State.DECLINED
    assert any(
        "niemand gevonden die belt" in mail.text for mail in stage.town.notices("beheer@handover.example")
    )
    kenmerk = stage.kenmerk
    await stage.command("cases", "reroute", kenmerk, "org-oss")
    assert stage.town.handovers[-1]["To"] == "aanmeldingen@hulp-oss.example"
    assert stage.state is State.DELIVERED
    await stage.command("cases", "return", kenmerk)
    assert stage.state is State.RETURNED
    assert "kon niet worden overgedragen" in stage.told()[-1]


async def test_a_notice_that_is_no_longer_true_is_taken_back(stage: Stage) -> None:
    stage.at("2035-03-07 16:00", "Saturday's breach is told on Monday, unless there was contact on Sunday.")
    await stage.refers(referral(stage.setting))
    stage.at("2035-03-10 17:00")
    await stage.happens()
    before = len(stage.town.notices("team@hulp-almere.example"))
    await stage.reports("In beeld")
    stage.at("2035-03-12 12:00")
    await stage.happens()
    assert len(stage.town.notices("team@hulp-almere.example")) == before
    assert not any("Dat is nog niet gemeld" in text for text in stage.told())


async def test_the_digest_comes_at_most_once_in_a_quarter_and_loses_nothing(stage: Stage) -> None:
    stage.at(MONDAY)
    for number in range(3):
        await report_from(stage, f"vreemd-{number}.example", to="aanmelding@handover.example")
    digests = stage.town.notices("beheer@handover.example")
    assert len(digests) == 1
    stage.at("2035-03-05 09:24")
    await stage.happens()
    assert len(stage.town.notices("beheer@handover.example")) == 1
    stage.at("2035-03-05 09:26")
    await stage.happens()
    digests = stage.town.notices("beheer@handover.example")
    assert len(digests) == 2
    assert sum(mail.text.count("in quarantaine") for mail in digests) == 3
    await stage.town.restart()
    stage.at("2035-03-05 12:00")
    assert await stage.happens() == []


@pytest.mark.parametrize(
    ("answer", "told", "subject"),
    [
        ("06-21000203", "Het nieuwe nummer is doorgegeven aan De Schoor", "Gecorrigeerde aanmelding"),
        ("Het nummer klopt.", "We laten De Schoor weten dat het nummer klopt", "Nieuwe aanmelding"),
    ],
)
async def test_an_answer_about_the_number_counts_after_it_was_given_up(
    stage: Stage, answer: str, told: str, subject: str
) -> None:
    stage.at("2035-04-10 10:10")
    await stage.refers(referral(stage.setting))
    for moment in ("2035-04-10 14:10", "2035-04-11 10:00", "2035-04-12 11:00"):
        stage.at(moment)
        await stage.reports("Niet bereikt")
    stage.at("2035-04-16 11:30")
    await stage.happens()
    stage.at("2035-04-19 11:30")
    await stage.happens()
    assert stage.state is State.RETURNED
    stage.at("2035-04-20 09:30")
    before = len(stage.town.mails)
    await stage.answers(answer)
    assert stage.state is State.DELIVERED
    assert told in stage.told()[-1]
    assert "uiterlijk zaterdag 21 april om 8.40 uur" in stage.told()[-1]
    subjects = [mail["Subject"] for mail in stage.town.mails[before:]]
    assert any(one.startswith(subject) for one in subjects)
    assert not any("nog geen contact gemeld" in one or "gezien?" in one for one in subjects)


async def test_contact_of_who_had_it_before_is_told_under_their_name_and_to_who_has_it_now(
    stage: Stage,
) -> None:
    stage.at("2035-04-10 10:10")
    await stage.refers(referral(stage.setting))
    stage.at("2035-04-16 10:10")
    await stage.happens()
    assert stage.town.the_case()["organisation"] == "buurtteam"
    await stage.reports("IN BEELD", handover=0)
    assert stage.state is State.CONTACTED
    assert "De Schoor heeft contact gehad met de patiënt" in stage.told()[-1]
    told = stage.town.notices("team@hulp-buurtteam.example")[-1]
    assert "De Schoor heeft gemeld dat er contact is geweest" in told.text
