"""A slip in a number that a newer text mends, and a last figure that is told again."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.unit.reading.case import Case

OLDER = (
    "\n\nOp di 30 sep 2025 om 13:31 schreef Joke Terpstra <joke.terpstra@hapduinzicht.example>:\n"
    "> Klaas Roosjen\n> {}\n> Waterwijk\n"
)
TURNED, SHORT = OLDER.format("06-15402837"), OLDER.format("06-1540287")
ALONE = "Graag bellen met Klaas Roosjen (Waterwijk) op 0615 40 28 73."
MENDED = [
    "Ik had de laatste cijfers omgedraaid: het is 06-15402873, niet ...37. En Waterwijk klopt.\n\nJoke"
    + TURNED,
    "U had het verkeerde cijfer te pakken denk ik, het is 06-15 40 28 73. Met vriendelijke groet, Joke"
    + SHORT,
    "Ik had een cijfer vergeten, het is 06-15402873.\n\nJoke" + SHORT,
    "Er moet een 3 achter: 06-15402873.\nJoke" + SHORT,
    "Typfout, moet zijn 06-15402873" + TURNED,
    "Sorry! 06-15402873\n\nGroet, Joke" + TURNED,
    "Twee cijfers omgewisseld: 06-15402873 en niet 37\n\nJoke" + TURNED,
    "06-15402873 dus, niet 37." + TURNED,
    f"{ALONE} Het laatste cijfer is een 3, heb ik nagevraagd.\n\nJoke",
    f"{ALONE} De laatste twee cijfers zijn 73.",
]
NOT_MENDED = [
    "Het is niet 06-15402873 maar het nummer hieronder." + TURNED,
    "06-15402873 klopt ook niet.\nJoke" + TURNED,
    "Of is het 06-15402873?" + TURNED,
    "Dat is 06-15402873, van zijn broer." + TURNED,
    "Zijn zoon heeft 06-15402873." + TURNED,
    "Ik had 06-15402873 genoteerd staan. Hij belt nog terug." + TURNED,
    "Het laatste cijfer moet een 3 zijn." + TURNED,
    f"{ALONE} Het laatste cijfer is een 4.",
    f"{ALONE} Het laatste cijfer is niet een 3.",
]


@pytest.mark.parametrize("text", MENDED)
def test_a_slip_is_mended(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", text, subject="Re: aanmelding").raw(), almere)
    assert (reading.name, reading.phone, reading.wijk) == ("Klaas Roosjen", "+31615402873", "Waterwijk")
    assert (reading.other_phones, reading.problems) == ((), ())


@pytest.mark.parametrize("text", NOT_MENDED)
def test_what_isnt_given_as_right_is_asked(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", text, subject="Re: aanmelding").raw(), almere)
    assert (reading.phone, reading.problems) == (None, ("ambiguous_phone",))
