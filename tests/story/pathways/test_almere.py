"""Almere: one mail, contact within three days, an answer when there was contact. Played over Easter."""

from itertools import pairwise

from gateway.domain.states import State
from tests.story.pathways.stage import Stage, referral


async def test_a_referral_on_the_thursday_before_easter(stage: Stage) -> None:
    stage.title(
        "Almere: één mail, drie dagen, één antwoord",
        "De praktijk stuurt één mail. De Schoor neemt binnen drie dagen contact op; daarna hoort de huisarts "
        "dat de patiënt in beeld is. Hier gebeurt alles wat er kan gebeuren als niemand belt: het is Pasen, "
        "en in het paasweekend gaat ook nog de zomertijd in.",
    )
    stage.at("2035-03-22 16:30", "Wat er zou gebeuren, gevraagd voordat er iets verstuurd is:")
    planned = await stage.command("route", "Filmwijk")
    assert "De Schoor, which serves Almere, backup Buurtteam Almere" in planned
    await stage.refers(referral(stage.setting))
    assert stage.state is State.DELIVERED
    assert "De Schoor neemt uiterlijk zondag 25 maart om 16.30 uur" in stage.told()[0]

    stage.at(
        "2035-03-22 16:45",
        "De laatste werkdag vóór Pasen: één herinnering, aan het team en de leider.",
    )
    assert "leider@hulp-almere.example" in "".join(mail["To"] for mail in await stage.happens())

    # Good Friday and both Easter days are closed: nobody is disturbed, but the breach is recorded on time.
    for moment in ("2035-03-23 10:00", "2035-03-24 12:00", "2035-03-25 16:31"):
        stage.at(moment)
        fresh = await stage.happens()
        if not fresh:
            stage.lines += ["", "Er wordt niemand gestoord."]
        assert not fresh, moment
    clocks = {clock["kind"]: clock for clock in stage.town.the_case()["clocks"]}
    assert clocks["contact"]["due_at"] == "2035-03-25T14:30:00+00:00", "the same local time, an hour less"
    assert clocks["contact"]["fired_at"] == "2035-03-25T14:31:00+00:00"

    stage.at("2035-03-27 09:00", "Dinsdag na Pasen gaat men weer aan het werk.")
    fresh = await stage.happens()
    assert {"team@hulp-almere.example", "beheer@handover.example"} <= {mail["To"] for mail in fresh}
    assert "Dat is nog niet gemeld" in stage.told()[-1]

    stage.at("2035-03-28 09:00", "Een werkdag later neemt de vervanger het over.")
    await stage.happens()
    assert stage.town.handovers[-1]["To"] == "aanmeldingen@hulp-buurtteam.example"
    assert stage.town.the_case()["organisation"] == "buurtteam"

    stage.at("2035-03-28 10:15")
    await stage.reports("Niet bereikt, vanochtend gebeld.")
    assert stage.state is State.ATTEMPTED
    stage.at("2035-03-28 15:40")
    await stage.reports("IN BEELD\n\nGroet, Fatma")
    assert stage.state is State.CONTACTED
    assert sum("De patiënt is in beeld." in text for text in stage.told()) == 1

    stage.at("2035-03-28 15:45", "Nog een keer gemeld: er verandert niets.")
    await stage.reports("In beeld!")
    assert sum("De patiënt is in beeld." in text for text in stage.told()) == 1
    await stage.command("report", "--by", "wijk")
    events = stage.town.the_case()["events"]
    assert all(one["seq"] < other["seq"] for one, other in pairwise(events))
    stage.finish()
