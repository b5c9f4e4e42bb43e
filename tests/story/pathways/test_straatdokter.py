"""Straatdokter: no wijk and no telephone, but a place where somebody is found; an urgent clock of its own."""

from gateway.domain.states import State
from tests.story.pathways.stage import Stage

STREET = "straatdokter@handover.example"


async def test_who_has_no_telephone_is_found_at_a_place(stage: Stage) -> None:
    stage.title(
        "Straatdokter: een vindplaats in plaats van een nummer",
        "De patiënt heeft geen huis en geen telefoon. De huisarts schrijft waar hij te vinden is; een wijk "
        "wordt niet gevraagd. Het straatteam gaat erheen. Bij spoed is de termijn een dag.",
    )
    stage.at("2035-03-05 09:10", "Zonder nummer en zonder vindplaats wordt er iets gevraagd.")
    await stage.refers("Naam: Roswitha Quintavalle\nSlaapt buiten, spoed.\n", "aanmelding", STREET)
    assert stage.state is State.NEEDS_INFO
    assert "of waar is die te vinden?" in stage.told()[-1]
    assert "wijk" not in stage.told()[-1].lower()
    assert stage.town.handovers == []

    stage.at("2035-03-05 09:40")
    await stage.answers("Vindplaats: 's avonds bij de soepbus aan het Keizer Karelplein")
    assert stage.state is State.DELIVERED
    assert stage.town.the_case()["organisation"] == "org-straatdokter"
    assert any("Vindplaats:    's avonds bij de soepbus" in line for line in stage.lines)
    assert not any("Telefoon:  " in line for line in stage.lines)
    assert "dinsdag 6 maart" in stage.told()[-1]

    stage.at("2035-03-05 16:00", "De huisarts hoort waar hij vanavond is.")
    await stage.answers("Vindplaats: nachtopvang aan de Waalkade")
    assert "doorgegeven" in stage.told()[-1]
    assert len(stage.town.handovers) == 2
    assert any("Vindplaats:    nachtopvang aan de Waalkade" in line for line in stage.lines)

    stage.at("2035-03-06 08:30")
    await stage.reports("Gesproken")
    assert "De patiënt is in beeld." in stage.told()[-1]
    stage.finish()
