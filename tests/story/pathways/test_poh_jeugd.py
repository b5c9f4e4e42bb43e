"""POH-jeugd: a parent's number belongs to the child's referral, and it is the parents who consent."""

from gateway.directory.editing import Edit
from gateway.domain.states import State
from tests.story.pathways.stage import Stage

YOUTH = "jeugd@handover.example"
CHILD = "Naam: Roswitha Quintavalle\nTelefoon moeder: 06-11 22 33 44\nWijk: De Huet\n"


async def test_the_number_and_the_consent_are_the_parents(stage: Stage) -> None:
    stage.title(
        "POH-jeugd: het nummer van een ouder",
        "De praktijk mailt over een kind naar jeugd@. Het nummer van de moeder hoort bij de aanmelding, en "
        "de ouders geven toestemming. Het jeugdteam leest van wie het nummer is.",
    )
    stage.at("2035-03-05 09:10", "De toestemming van het kind zelf is niet genoeg.")
    await stage.refers(CHILD + "\nPatiënt geeft toestemming.\n", "aanmelding", YOUTH)
    assert stage.state is State.NEEDS_INFO
    assert "Vinden de ouders het goed dat u deze gegevens deelt?" in stage.told()[-1]
    assert "telefoon" not in stage.told()[-1], "only what is missing is asked"
    assert stage.town.handovers == []

    stage.at("2035-03-05 11:00")
    await stage.answers("Ja, beide ouders geven toestemming.")
    assert stage.state is State.DELIVERED
    assert stage.town.the_case()["organisation"] == "org-poh-jeugd"
    assert any("Nummer van:    de ouder" in line for line in stage.lines)

    stage.at("2035-03-07 16:00")
    await stage.reports("Gesproken")
    stage.at("2035-03-08 10:00")
    await stage.reports("Gestart. Vervolg: gezinscoach")
    assert "Het vervolg: het wijkteam." in stage.told()[-1]
    stage.finish()


async def test_at_another_address_a_parents_number_is_asked_about(stage: Stage) -> None:
    stage.at("2035-03-05 09:10")
    await stage.refers(CHILD + "\nOuders geven toestemming.\n", "aanmelding")
    assert stage.state is State.NEEDS_INFO
    assert stage.town.handovers == []

    base = stage.town.gateway.base
    pathway = base.directory().pathways["poh-jeugd"]
    theme = pathway.theme.model_copy(update={"words": ("jeugdhulp",)})
    base.editing.change("user:x", Edit(pathway.model_copy(update={"theme": theme})))
    other = CHILD.replace("Roswitha", "Ambrosius").replace("11 22 33 44", "11 22 33 55")
    await stage.refers(f"{other}\nOuders geven toestemming.\n", "aanmelding jeugdhulp")
    (letter,) = stage.town.handovers
    assert letter["To"] == "aanmeldingen@hulp-poh-jeugd.example", "a word of the theme says as much"
