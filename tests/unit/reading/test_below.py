"""What a mail says of the number in the older mail below it: it counts no more, and only a new one does."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.unit.reading.case import Case

FORWARDED = (
    "\n\nVan: Balie <balie@hapduinzicht.example>\nVerzonden: vrijdag 30 mei 2025 15:50\nAan: Joke Terpstra\n"
    "Onderwerp: aanmelding\n\nMw. Anja Hooft\n06-27 64 30 18\nBloemenbuurt\n"
)
QUOTED = (
    "\n\nOp di 6 mei 2025 om 10:14 schreef Joke Terpstra <joke.terpstra@hapduinzicht.example>:\n"
    "> Mw. Anja Hooft\n> 06-27 64 30 18\n> Bloemenbuurt\n"
)
NEW = [
    "Nummer hieronder is oud. Nieuw nummer van mevrouw: 06-12 40 19 85.",
    "Let op, zij heeft sinds vorige week een ander nummer: 0612 401 985. Het nummer hieronder is niet meer "
    "in gebruik.\n\nJoke",
    "Het telefoonnummer hieronder klopt niet meer. Haar nieuwe nummer is 06-12401985.\n\nJoke",
    "Het nummer in onderstaande mail is vervallen, bel haar op 06-12401985.",
    "Zie onder. Mevrouw is inmiddels bereikbaar op 06-12401985; onderstaand nummer is afgesloten.\n\nJoke",
    "Onderstaand nummer niet meer gebruiken svp. Nieuw nummer: 06 1240 1985\nJoke",
    "Graag dit nummer gebruiken: 06-12401985. Het nummer in mijn vorige mail was verkeerd.\nJoke",
    "Mevrouw belde net: het nummer hieronder werkt niet meer, ze is nu te bereiken op 06-12401985.",
]
NO_MORE = [
    "Let op: het nummer hieronder is niet meer in gebruik, ze krijgt morgen een nieuw.",
    "Het nummer in mijn mail hieronder is buiten gebruik, een ander heb ik niet.\nJoke",
    "Sorry! Dat nummer is van een andere Hooft. Het juiste volgt zodra ik haar spreek.\nJoke",
    "Het nummer hieronder klopt niet meer, ik zoek het nieuwe op.\nJoke",
    "Onderstaand nummer is afgesloten. Nieuw nummer volgt.\nJoke",
    "Het nummer hieronder is niet meer in gebruik. U kunt mij bellen op 06-12401985.\nJoke",
]
DOUBTED = [
    "Nummer hieronder klopt niet. Haar zoon heeft het goede: 06-12401985.\nJoke",
    "Het nummer hieronder is van haar dochter, niet van haarzelf.\nJoke",
    "Bel haar dochter: 06-12401985. Nummer hieronder is oud.\nJoke",
    "Is het nummer hieronder nog in gebruik? Ik dacht 06-12401985.\nJoke",
    "Als het nummer hieronder niet meer werkt: haar buurvrouw heeft 06-12401985.\nJoke",
]


@pytest.mark.parametrize("below", [FORWARDED, QUOTED])
@pytest.mark.parametrize("text", NEW)
def test_a_new_number_takes_the_place_of_the_one_below(text: str, below: str, almere: Gazetteer) -> None:
    reading = read(Case("", text + below, subject="FW: aanmelding").raw(), almere)
    assert (reading.name, reading.phone, reading.other_phones) == ("Anja Hooft", "+31612401985", ())
    assert (reading.wijk, reading.problems) == ("Bloemenbuurt", ())


@pytest.mark.parametrize("below", [FORWARDED, QUOTED])
@pytest.mark.parametrize(
    ("text", "problem"),
    [*((each, "missing_phone") for each in NO_MORE), *((each, "ambiguous_phone") for each in DOUBTED)],
)
def test_a_number_that_counts_no_more_is_asked_for(
    text: str, problem: str, below: str, almere: Gazetteer
) -> None:
    reading = read(Case("", text + below, subject="FW: aanmelding").raw(), almere)
    assert (reading.name, reading.phone, reading.problems) == ("Anja Hooft", None, (problem,))
