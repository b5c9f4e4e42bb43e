"""Maastricht, Blauwe Zorg: one fixed person per wijk; the patient may call first; a coded next step."""

from gateway.domain.states import State
from tests.story.pathways.stage import Stage, referral


async def test_the_patient_calls_the_fixed_person_first(stage: Stage) -> None:
    stage.title(
        "Maastricht: een vast gezicht per wijk",
        "De ontvangstbevestiging noemt de vaste contactpersoon. Die belt binnen drie werkdagen, of de "
        "patiënt belt zelf, zoals de huisarts kan aankondigen. Daarna hoort de huisarts het vervolg, als "
        "vaste omschrijving.",
    )
    stage.at("2035-03-08 17:20", "Donderdag na sluitingstijd: de drie werkdagen beginnen vrijdagochtend.")
    await stage.refers(referral(stage.setting, "Mevrouw belt zelf."))
    assert (
        "Noor van de Vaandel van Sociaal team Maastricht-Oost neemt uiterlijk woensdag 14 maart"
        in stage.told()[0]
    )
    assert "wacht daarop tot dinsdag 13 maart" in stage.told()[0]

    stage.at("2035-03-09 11:15", "De patiënt belt zelf; ook dat is contact.")
    await stage.reports("Patiënt belde zelf")
    assert stage.state is State.CONTACTED
    assert "De patiënt is in beeld." in stage.told()[-1]

    stage.at("2035-03-12 09:30", "Het vervolg wordt als code gemeld.")
    await stage.reports("Gestart. Vervolg: sociaal team")
    assert "Het vervolg: begeleiding door het welzijnswerk." in stage.told()[-1]
    assert len(stage.told()) == 3
    stage.finish()
