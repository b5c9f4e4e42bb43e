"""Utrecht, Krachtige basiszorg: THAT somebody is seen, not WHAT; also when support stops; a meeting."""

from gateway.domain.states import State
from tests.story.pathways.stage import Stage, referral


async def test_that_and_not_what(stage: Stage) -> None:
    stage.title(
        "Utrecht: dat, niet wat",
        "De huisarts hoort dat iemand gezien is en dat de hulp stopt, nooit wat er speelt. Elke zes "
        "weken is er "
        "een overleg met een overzicht zonder namen.",
    )
    stage.at("2035-03-05 09:10")
    await stage.refers(referral(stage.setting))
    stage.at("2035-03-06 13:30")
    await stage.reports("Gesproken")
    assert "De patiënt is in beeld." in stage.told()[-1]

    stage.at("2035-03-08 10:00", "Van een afspraak en de start hoort de huisarts niets.")
    await stage.reports("AFSPRAAK gemaakt voor volgende week")
    stage.at("2035-03-13 10:00")
    await stage.reports("gestart")
    assert stage.state is State.IN_SUPPORT
    assert len(stage.told()) == 2

    stage.at("2035-03-29 15:00", "Het driegesprek: huisarts, patiënt en buurtteam.")
    await stage.reports("DRIEGESPREK")
    assert stage.state is State.THREE_WAY_TALK
    clocks = {clock["kind"]: clock for clock in stage.town.the_case()["clocks"]}
    assert clocks["three_way_talk"]["met_at"] < clocks["three_way_talk"]["due_at"]

    stage.at("2035-06-04 16:00")
    await stage.reports("gestopt")
    assert "is gestopt" in stage.told()[-1]
    assert len(stage.told()) == 3

    stage.at("2035-06-05 12:00", "Voor het overleg van die week:")
    overview = await stage.command("report", "--meeting", "utrecht")
    assert "stopped" in overview
    stage.finish()
