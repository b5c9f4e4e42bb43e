"""Rotterdam, Lijn 2: nothing per patient; figures overall, with small numbers hidden."""

from gateway.domain.states import State
from tests.story.pathways.stage import Stage, referral


async def test_nothing_per_patient(stage: Stage) -> None:
    stage.title(
        "Rotterdam: alleen cijfers over het geheel",
        "De huisarts krijgt een ontvangstbevestiging en verder niets per patiënt. De organisatie krijgt de "
        "inschatting van de huisarts als vaste code. In de cijfers voor de "
        "praktijk "
        "zijn aantallen onder de vijf niet te zien.",
    )
    stage.at("2035-03-05 09:10")
    await stage.refers(referral(stage.setting, "Inschatting van de situatie: zelfredzaam met begeleiding."))
    assert "krijgt u per patiënt geen verder bericht" in stage.told()[0]

    stage.at("2035-03-05 15:00", "Ook op een vraag wordt niets over deze ene patiënt gezegd.")
    await stage.answers("Hoe staat het hiermee?")
    assert "Zoals afgesproken krijgt u per patiënt geen bericht." in stage.told()[1]
    stage.at("2035-03-09 10:00", "Te laat: de organisatie en de beheerder horen het, de huisarts niet.")
    await stage.happens()
    stage.at("2035-03-09 14:00")
    await stage.reports("IN BEELD")
    assert stage.state is State.CONTACTED
    stage.at("2035-04-02 14:00")
    await stage.reports("GESTOPT")
    assert len(stage.told()) == 2

    stage.at("2035-04-03 09:00", "Wat de praktijk te zien krijgt:")
    figures = await stage.command("report", "--practice", stage.setting.practice)
    assert "<5" in figures
    assert "%" not in figures
    stage.finish()
