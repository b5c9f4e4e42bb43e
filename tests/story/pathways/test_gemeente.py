"""A municipality: an agreed term in working days, shorter where a threatening situation is stated."""

from gateway.domain.states import State
from tests.story.pathways.stage import Stage, referral


async def test_an_urgent_referral_has_the_shorter_term(stage: Stage) -> None:
    stage.title(
        "Gemeente: een afgesproken termijn, korter bij spoed",
        "Het gemeentelijk team volgt binnen vijf werkdagen op, bij spoed binnen drie. Spoed is alleen wat de "
        "huisarts zelf zo noemt.",
    )
    stage.at("2035-03-02 09:10", "Vrijdag; het weekend telt niet mee.")
    await stage.refers(referral(stage.setting, "Let op: huisuitzetting dreigt."))
    assert "uiterlijk woensdag 7 maart om 9.10 uur" in stage.told()[0]
    assert stage.town.handovers[0]["Subject"].startswith("SPOED")

    # Three attempts on two days: the referrer alone can tell whether the number is right.
    for moment, words in (
        ("2035-03-02 13:30", "Niet bereikt, vanmiddag gebeld"),
        ("2035-03-05 09:30", "geen gehoor (ochtend)"),
        ("2035-03-05 15:30", "Niet bereikt"),
    ):
        stage.at(moment)
        await stage.reports(words)
    assert stage.state is State.UNREACHABLE
    assert "Klopt het telefoonnummer?" in stage.told()[-1]

    stage.at("2035-03-05 16:10", "Het andere nummer gaat versleuteld naar dezelfde organisatie.")
    await stage.answers("06-22 33 44 55")
    assert stage.state is State.DELIVERED
    assert len(stage.town.handovers) == 2

    stage.at("2035-03-06 11:00", "Een onduidelijk antwoord verandert niets en krijgt hulp.")
    await stage.reports("We gaan ermee aan de slag, hoor!")
    assert stage.state is State.DELIVERED
    stage.at("2035-03-06 11:05")
    await stage.reports("IN BEELD")
    assert stage.state is State.CONTACTED
    case = stage.town.the_case()
    assert case["late"] is False
    stage.finish()


async def test_without_the_word_it_is_not_urgent(stage: Stage) -> None:
    stage.at("2035-03-02 09:10")
    await stage.refers(referral(stage.setting, "Graag snel bellen, het is belangrijk."))
    assert "uiterlijk vrijdag 9 maart om 9.10 uur" in stage.told()[0]
