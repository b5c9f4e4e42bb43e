"""Oss, Ruwaard: a conversation with the experts within two weeks, a second promise with its own clock."""

from gateway.domain.states import State
from tests.story.pathways.stage import Stage, referral


async def test_a_second_clock_of_fourteen_days(stage: Stage) -> None:
    stage.title(
        "Oss: binnen twee weken om de tafel",
        "Naast de drie dagen voor het eerste contact loopt een tweede afspraak: binnen veertien dagen "
        "is er een "
        "gesprek met de deskundigen.",
    )
    stage.at("2035-03-05 09:10")
    await stage.refers(referral(stage.setting))
    stage.at("2035-03-06 10:00")
    await stage.reports("In beeld")
    clocks = {clock["kind"]: clock for clock in stage.town.the_case()["clocks"]}
    assert clocks["contact"]["met_at"] is not None
    assert clocks["conversation"]["met_at"] is None, "contact does not meet the second promise"

    stage.at("2035-03-12 11:00")
    await stage.reports("Afspraak gemaakt")
    assert stage.state is State.INTAKE_PLANNED

    stage.at(
        "2035-03-19 09:15",
        "Na veertien dagen is het gesprek er niet geweest: een afspraak is niet genoeg.",
    )
    fresh = await stage.happens()
    assert {mail["To"] for mail in fresh} == {"team@hulp-oss.example", "beheer@handover.example"}

    stage.at("2035-03-20 10:00")
    await stage.reports("DESKUNDIGEN")
    assert stage.state is State.EXPERT_TALK
    clocks = {clock["kind"]: clock for clock in stage.town.the_case()["clocks"]}
    assert clocks["conversation"]["met_at"] > clocks["conversation"]["fired_at"], "late is recorded as late"
    assert len(stage.told()) == 2
    stage.finish()
