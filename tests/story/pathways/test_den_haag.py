"""Den Haag, Rubenshoek: an outcome always comes back; the practice sees its own funnel; ICPC Z01."""

from gateway.domain.states import State
from tests.story.pathways.stage import Stage, referral


async def test_an_outcome_always_comes_back(stage: Stage) -> None:
    stage.title(
        "Den Haag: altijd een uitkomst terug",
        "Elke stap komt terug bij de huisarts, als vaste omschrijving, en aan het eind altijd een "
        "uitkomst. Bij "
        "de bevestiging hoort een regel voor het dossier met de registratietip.",
    )
    stage.at("2035-03-05 09:10")
    await stage.refers(referral(stage.setting))
    assert "Registratie: ICPC Z01." in stage.told()[0]
    stage.at("2035-03-06 10:00")
    await stage.reports("Afspraak gemaakt, vrijdag")
    assert "De patiënt is in beeld." in stage.told()[1] + stage.told()[2], (
        "who planned it has spoken with them"
    )
    assert stage.state is State.INTAKE_PLANNED

    stage.at("2035-03-06 10:20", "Die melding hoorde bij een ander. Alles wat gezegd was, wordt rechtgezet.")
    await stage.reports("Vergissing")
    assert stage.state is State.COLLECTED
    assert "klopte niet; onze excuses." in stage.told()[-1]

    stage.at("2035-03-07 10:00")
    await stage.reports("In beeld")
    stage.at("2035-03-12 10:00")
    await stage.reports("Gestart")
    assert "is gestart" in stage.told()[-1]
    stage.at("2035-07-02 10:00")
    await stage.command("cases", "report", stage.kenmerk, "stopped", "--outcome", "completed")
    assert "De uitkomst: de begeleiding is afgerond." in stage.told()[-1]

    stage.at("2035-07-03 09:00", "De trechter van de praktijk:")
    await stage.command("report", "--by", "practice")
    stage.finish()
