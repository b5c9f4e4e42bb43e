"""Answers to the gateway's question, as programs quote it: it repeats what the sender wrote, and asks."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.unit.reading.case import Case

ASKED = "\n\nOp di 3 jun 2025 om 10:12 schreef Aanmelding <aanmelding@handover.example>:\n"
US = "Aanmelding <aanmelding@handover.example>"
THEM = "Joke Terpstra <joke.terpstra@hapduinzicht.example>"


def quoted(text: str, mark: str = "> ") -> str:
    return ASKED + "".join(f"{mark}{line}\n" for line in text.split("\n"))


ANSWERED = {
    "beside the question": "Eilandenbuurt.\n\nJoke"
    + quoted('In welke wijk woont de patiënt? Uw bericht:\n"Graag hulp voor Ronny Cairns, 06-19 82 57 34"'),
    "with bars": "Eilandenbuurt.\n\nJoke"
    + quoted("Beste Joke,\nIn welke wijk?\n\nU schreef:\n  Hulp voor Ronny Cairns, 06-19 82 57 34", "| "),
    "with a signature": "Het gaat om de Eilandenbuurt."
    + quoted(
        "In welke wijk?\n\nU schreef:\n  Ronny Cairns, tel 06-19825734.\n  J. Terpstra, 036-7652010", "| "
    ),
    "groupwise": f"Dat is de Eilandenbuurt\n\n>>> {US} 9-4-2025 10:01 >>>\nBeste Joke,\nWij missen de wijk.\n"
    f">>> {THEM} 9-4-2025 9:57 >>>\nDhr. Ronny Cairns, 06-19 82 57 34\nHAP Duinzicht, 036-5353300",
    "groupwise, alone": "Zijn naam is Ronny Cairns.\n\n>>> <aanmelding@handover.example> 26-9-2025 10:02"
    ' >>>\nGeachte mevrouw Terpstra,\nWie is de patiënt? In uw bericht staat alleen:\n\n  "Graag bellen'
    ' 06-19825734, Eilandenbuurt. J. Terpstra 036-5336214"',
    "outlook": "eilandenbuurt\n\n________________________________\n"
    f"Van: {US}\nVerzonden: dinsdag 3 juni 2025 10:12\nAan: Joke Terpstra\nOnderwerp: Aanmelding\n\n"
    'Wij missen de wijk. U schreef op 3 juni:\n"Ronny Cairns, 06-19 82 57 34, graag hulp bij schulden"\n\n'
    "Met vriendelijke groet,\nAanmeldpunt Almere\n036-5390000",
    "in the sentence": "Naam is Ronny Cairns"
    + quoted('Wie is de patiënt? Dit stond in uw mail: "Graag bellen 06-19825734, Eilandenbuurt."'),
    "between the lines": f"Op 28-5-2025 om 10:40 schreef {US}:\n> Het nummer 06-1982573 lijkt niet compleet."
    "\nKlopt, er moet een 4 achter: 06-19825734.\n>\n> En de wijk?\nEilandenbuurt.\n\n-- \nJoke",
}
# Whose number stands in the question itself, or in what it repeats.
ASKED_STILL = {
    "ours": "Eilandenbuurt." + quoted("In welke wijk woont de patiënt? Bel ons gerust: 06-19 82 57 34"),
    "ours, below the quotation": "Eilandenbuurt."
    + quoted('In welke wijk? U schreef:\n"Hulp voor Ronny Cairns"\nVragen? Bel 06-19 82 57 34'),
    "a relative's": "Eilandenbuurt."
    + quoted('In welke wijk? Uw bericht:\n"Hulp voor Ronny Cairns, dochter bellen op 06-19 82 57 34"'),
    "taken back": "Eilandenbuurt. Nummer klopt niet meer."
    + quoted('In welke wijk? Uw bericht:\n"Hulp voor Ronny Cairns, 06-19 82 57 34"'),
    "ours, groupwise": f"Niet mijn patiënt.\n\n>>> {US} 9-4-2025 10:01 >>>\nBel ons op 06-19 82 57 34 als"
    " u vragen heeft over Ronny Cairns uit de Eilandenbuurt.",
}


@pytest.mark.parametrize("text", ANSWERED.values(), ids=ANSWERED)
def test_an_answer_is_read_with_what_the_question_repeats(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", text, subject="Re: Aanmelding Ronny Cairns").raw(), almere)
    assert (reading.name, reading.phone, reading.wijk) == ("Ronny Cairns", "+31619825734", "Eilandenbuurt")
    assert (reading.other_phones, reading.problems) == ((), ())


@pytest.mark.parametrize("text", ASKED_STILL.values(), ids=ASKED_STILL)
def test_nothing_in_a_question_is_an_answer(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", text, subject="Re: Aanmelding").raw(), almere)
    assert (reading.phone, str(reading.verdict)) == (None, "incomplete")
