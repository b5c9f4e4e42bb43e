"""Eén balie: one desk in one town for whatever is asked; nobody names a wijk or a theme."""

from gateway.domain.states import State
from tests.story.pathways.stage import Stage


async def test_one_desk_takes_whatever_is_asked(stage: Stage) -> None:
    stage.title(
        "Eén balie: elke vraag, elke ochtend",
        "De balie in het gezondheidscentrum neemt alles aan. De huisarts noemt geen wijk en geen onderwerp. "
        "De termijn telt in ochtenden; een medewerker geeft door aan wie een paar meter verder kan helpen.",
    )
    stage.at("2035-03-05 11:00")
    await stage.refers(
        "Graag contact met Roswitha Quintavalle, tel. 06-11 22 33 44, uit Appingedam.\n",
        "vraag voor de balie",
    )
    assert stage.state is State.DELIVERED
    assert stage.town.the_case()["organisation"] == "org-een-balie"
    assert "Damster Zorgbalie neemt uiterlijk woensdag 7 maart om 11.00 uur" in stage.told()[0]

    stage.at("2035-03-06 09:30")
    await stage.reports("Gesproken")
    stage.at("2035-03-06 09:50", "De balie geeft door.")
    await stage.reports("Gestart. Vervolg: wmo consulent")
    assert "Het vervolg: het wijkteam." in stage.told()[-1]
    stage.finish()
