"""Losser: a consultant in the practice; nothing is shared before consent was stated."""

import json

from gateway.domain.states import State
from tests.story.pathways.stage import Stage, referral


async def test_nothing_leaves_before_the_patient_agreed(stage: Stage) -> None:
    stage.title(
        "Losser: eerst toestemming",
        "De consulent van de gemeente werkt in de praktijk. Gegevens worden pas gedeeld als de huisarts "
        "zegt dat "
        "de patiënt dat goed vindt; wie dat zei, wanneer en hoe, blijft bewaard. De huisarts krijgt een "
        "regel om "
        "in het dossier te plakken.",
    )
    stage.at("2035-03-05 09:10")
    await stage.refers(referral(stage.setting))
    assert stage.state is State.NEEDS_INFO
    assert stage.town.handovers == []
    assert "Vindt de patiënt het goed dat u deze gegevens deelt?" in stage.told()[-1]
    assert "telefoonnummer" not in stage.told()[-1], "only what is missing is asked"

    stage.at("2035-03-05 11:40", "Een antwoord zonder ja is nog geen toestemming.")
    await stage.answers("Dat ga ik haar vragen.")
    assert stage.town.handovers == []

    stage.at("2035-03-06 10:05")
    await stage.answers("Ja, mevrouw geeft toestemming.")
    assert stage.state is State.DELIVERED
    assert "Voor in het dossier (kopieerbaar):" in stage.told()[-1]
    assert "Anja de Vries (dinsdagochtend in de praktijk) van de gemeente Losser" in stage.told()[-1]
    case = stage.town.the_case()
    (stated,) = [event for event in case["events"] if event["kind"] == "consent.stated"]
    assert stated["actor"] == "referrer:praktijk-losser"
    assert json.loads(stated["data"])["how"] == "answer"
    assert case["time"]["referrer"] > 24 * 3600, "the time it took to ask is the referrer's"

    stage.at("2035-03-07 14:00")
    await stage.reports("in beeld")
    assert stage.state is State.CONTACTED
    assert "De patiënt is in beeld." in stage.told()[-1]
    stage.finish()


async def test_consent_in_the_first_mail_is_enough(stage: Stage) -> None:
    stage.at("2035-03-05 09:10")
    await stage.refers(referral(stage.setting, "Mevrouw heeft hiervoor toestemming gegeven."))
    assert stage.state is State.DELIVERED
    assert any(event["kind"] == "consent.stated" for event in stage.town.the_case()["events"])


async def test_two_patients_in_one_mail_are_each_asked_about(stage: Stage) -> None:
    stage.at("2035-03-05 09:10")
    blocks = "\n\n".join(
        f"Naam: {name}\nTelefoon: {phone}\nWijk: {stage.setting.wijk}"
        for name, phone in (("Roswitha Quintavalle", "06-11223344"), ("Willem Dijkgraaf", "06-21000202"))
    )
    await stage.refers(f"Graag contact met deze twee patiënten:\n\n{blocks}\n\nPatiënt geeft toestemming.\n")
    assert [case["state"] for case in stage.town.cases()] == ["needs_info", "needs_info"]
    assert all("Vindt de patiënt het goed" in text for text in stage.told())
    assert len(stage.told()) == 2
    await stage.answers("Ja, mevrouw geeft toestemming.")
    assert sorted(case["state"] for case in stage.town.cases()) == ["delivered", "needs_info"]


async def test_no_consent_is_no_consent(stage: Stage) -> None:
    stage.at("2035-03-05 09:10")
    await stage.refers(referral(stage.setting, "Mevrouw heeft nog geen toestemming gegeven."))
    assert stage.state is State.NEEDS_INFO
    await stage.answers("Nee, ze wil het niet.")
    assert stage.town.handovers == []
    assert stage.state is State.WITHDRAWN, "nothing was passed on, and nothing will be"
    assert "De patiënt geeft geen toestemming. We delen niets" in stage.told()[-1]
