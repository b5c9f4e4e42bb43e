"""Welzijn op recept: a second theme beside debts, with an address, words and next steps of its own."""

from gateway.domain.states import State
from tests.story.pathways.stage import Stage, referral

WELFARE = "welzijn@handover.example"


async def test_the_coach_says_what_was_found(stage: Stage) -> None:
    stage.title(
        "Welzijn op recept: een eigen adres en een eigen vervolg",
        "De huisarts schrijft welzijn voor. Een mail aan welzijn@ gaat naar de welzijnscoach, een mail over "
        "schulden in dezelfde wijk naar de Stadsbank. De coach meldt het vervolg in eigen woorden; de "
        "huisarts hoort het als vaste omschrijving.",
    )
    stage.at("2035-03-05 09:10")
    await stage.refers(
        "Graag contact met Roswitha Quintavalle, tel. 06-11 22 33 44, woont in Stevenshof.\n"
        "Zij is veel alleen en heeft ook schulden.\n",
        "recept",
        WELFARE,
    )
    assert stage.state is State.DELIVERED
    assert stage.town.the_case()["organisation"] == "org-welzijn-op-recept"
    assert "Welzijnscoaches Leiden neemt uiterlijk" in stage.told()[0]

    stage.at("2035-03-07 10:30")
    await stage.reports("Gesproken")
    stage.at("2035-03-14 15:00", "De coach en mevrouw vonden iets.")
    await stage.reports("Gestart. Vervolg: breiclub")
    assert "Het vervolg: een activiteit in de buurt." in stage.told()[-1]
    stage.finish()


async def test_who_names_no_theme_is_asked(stage: Stage) -> None:
    stage.at("2035-03-05 09:10")
    await stage.refers(
        "Graag contact met Roswitha Quintavalle, tel. 06-11 22 33 44, woont in Stevenshof.\n", "aanmelding"
    )
    assert stage.state is State.NEEDS_INFO
    assert "Waar gaat de aanmelding over?" in stage.told()[-1]
    assert "  - Schulden\r\n  - Welzijn op recept" in stage.told()[-1]
    assert stage.town.handovers == []

    stage.at("2035-03-05 10:00", "Een ontkenning kiest niets.")
    await stage.answers("Geen schulden.")
    assert stage.town.handovers == []

    stage.at("2035-03-05 10:10")
    await stage.answers("Welzijn op recept graag.")
    assert stage.town.the_case()["organisation"] == "org-welzijn-op-recept"


async def test_a_word_is_enough_and_one_patient_may_have_both(stage: Stage) -> None:
    stage.at("2035-03-05 09:10")
    text = "Graag een welzijnscoach voor Roswitha Quintavalle, tel. 06-11 22 33 44, woont in Stevenshof.\n"
    await stage.refers(text, "aanmelding")
    assert stage.town.the_case()["organisation"] == "org-welzijn-op-recept"
    await stage.refers(referral(stage.setting), "aanmelding")
    await stage.answers("Schulden")
    found = sorted(case["organisation"] for case in stage.town.cases())
    assert found == ["org-stadsbank", "org-welzijn-op-recept"]
