"""No everyday mail passes a number that isn't surely the patient's."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.corpus.natural import Natural, natural

SETS = sorted({name for name, _ in natural()})


@pytest.mark.parametrize("name", SETS)
def test_no_number_of_another(name: str, almere: Gazetteer) -> None:
    mails = [mail for own, mail in natural() if own == name]
    assert [mail.id for mail in mails if mail.judge(read(mail.raw, almere)) == "wrong"] == []


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("Kees Mol begeleidt Ria Bakker uit de Stedenwijk en is bereikbaar op {}.", True),
        ("Ria Bakker uit de Stedenwijk wordt begeleid en is bereikbaar op {}.", False),
        ("Kees Mol is de zoon van mw. A. Bakker. Stedenwijk, {}.", True),
        ("Mijn collega vroeg mij om mw. A. Bakker aan te melden. Stedenwijk, {}.", False),
        ("Ria Bakker, Stedenwijk. Ik heb haar jullie nummer gegeven, {}.", True),
        ("Ria Bakker, Stedenwijk. Zij heeft mij haar nummer gegeven, {}.", False),
        ("Ria Bakker, Stedenwijk. Er belde een zoon van haar, terugbellen op {}.", True),
        ("De jobcoach van Ria Bakker, Stedenwijk, waar mevrouw niet blij mee is, is te bellen op {}.", True),
        ("Mevrouw R. Bakker, Stedenwijk. hr Bakker: {}.", True),
        ("Mevrouw R. Bakker, Stedenwijk. Mobiel: {}. PS zie dat dit de mobiel van dhr Hart is.", True),
    ],
)
def test_whose_number(told: str, asked: bool, almere: Gazetteer) -> None:
    mail = Natural("x", "ask", True, None, None, None, "aanmelding", told.format("06-12461437"))
    assert (mail.judge(read(mail.raw, almere)) != "wrong") is asked
