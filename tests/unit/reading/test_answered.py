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


OF_THE_NUMBER = (
    "Is 06-57 02 91 38 het nummer van dhr. Melvin Pengel zelf?\n\nUw bericht:\n"
    "Melvin Pengel, Oostvaardersbuurt, 06-57 02 91 38"
)
CONFIRMED = (
    "Ja.",
    "Ja, dat klopt.\n\nGroet,\nJoke",
    "Klopt!",
    "Inderdaad.",
    "Dat is zijn eigen nummer.",
    "Ja hoor, dat is van hem zelf.",
    "Ja, dat is zijn eigen mobiele nummer. Hij is 's avonds het best te bereiken.",
    "Goedemorgen,\n\nDat klopt, het is zijn nummer.",
    "06-57 02 91 38 is van hem zelf.",
)
UNCONFIRMED = (
    "Goede vraag, dat weet ik niet. Kan van hem zijn, kan van zijn vriendin zijn.",
    "Dat zou ik moeten navragen.",
    "Ik denk het wel, maar zeker weet ik het niet.",
    "Geen idee eigenlijk. Melvin Pengel staat zo in ons systeem.",
    "Zijn begeleider belde ermee.",
    "Ik zoek het uit en laat het u weten.\n\nJoke",
    "Oostvaardersbuurt.",
    "Het staat zo in het dossier.",
    "Ja, maar weet ik niet zeker.",
    "Nee.",
    "Ja, of van zijn vriendin.",
    "Ja, hij deelt het met zijn vriendin.",
    "Ja, voor zover ik weet.",
)


@pytest.mark.parametrize("subject", ["aanmelding", "Re: Aanmelding"])
@pytest.mark.parametrize("text", CONFIRMED)
def test_a_number_that_was_asked_about_counts_once_confirmed(
    text: str, subject: str, almere: Gazetteer
) -> None:
    reading = read(Case("", text + quoted(OF_THE_NUMBER), subject=subject).raw(), almere)
    assert (reading.name, reading.phone) == ("Melvin Pengel", "+31657029138")


@pytest.mark.parametrize("subject", ["aanmelding", "Re: Aanmelding"])
@pytest.mark.parametrize("text", UNCONFIRMED)
def test_a_number_that_was_asked_about_waits_for_a_plain_yes(
    text: str, subject: str, almere: Gazetteer
) -> None:
    reading = read(Case("", text + quoted(OF_THE_NUMBER), subject=subject).raw(), almere)
    assert (reading.phone, reading.other_phones) == (None, ())


SIGNED = "\n\nGroet,\nJoke Terpstra\n\n"
POSTSCRIPTS = (
    "Graag hulp voor mw. Lien Bogers, 06-37 90 28 54.{}Oja: wijk Homeruskwartier.",
    "Graag hulp voor mw. Lien Bogers, 06-37 90 28 54.{}Nog vergeten: wijk Homeruskwartier.",
)
SPOKEN_AGAINST = (
    "Mw. Lien Bogers, 06-37 90 28 54, Homeruskwartier.{}Oja: dat nummer klopt niet meer.",
    "Mw. Lien Bogers, Homeruskwartier.{}Nog vergeten: bij vragen ben ik te bereiken op 06-37 90 28 54.",
)


@pytest.mark.parametrize("text", POSTSCRIPTS)
def test_what_was_forgotten_is_read_below_a_signature(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", text.format(SIGNED)).raw(), almere)
    told = (reading.name, reading.phone, reading.wijk)
    assert told == ("Lien Bogers", "+31637902854", "Homeruskwartier")


@pytest.mark.parametrize("text", SPOKEN_AGAINST)
def test_a_postscript_may_speak_against_a_number(text: str, almere: Gazetteer) -> None:
    assert read(Case("", text.format(SIGNED)).raw(), almere).phone is None


@pytest.mark.parametrize(
    "another",
    [
        "En haar buurvrouw mw. Tonny Haring kampt met hetzelfde, die is er ook op aan te spreken:",
        "Haar buurman dhr. Rob Haan zit met hetzelfde en wil ook gebeld worden:",
    ],
)
def test_who_has_the_same_need_is_a_second_patient(another: str, almere: Gazetteer) -> None:
    text = f"Mw. Zeynep Arslan, Kruidenwijk, 0654 997 860. {another} 06-16896997."
    assert read(Case("", text).raw(), almere).problems == ("several_patients",)
