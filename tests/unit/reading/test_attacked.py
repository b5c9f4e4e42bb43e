"""What an attacker found: links that dial another number, figures of two scripts, columns of people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reading.mail.text import html_text
from gateway.reading.patient.fields import facts
from gateway.reading.patient.phones import dialled
from gateway.reading.patient.wijken import Gazetteer

FIGURES = st.integers(10_000_000, 99_999_999)


@given(shown=FIGURES, dials=FIGURES)
def test_a_link_shows_what_else_it_dials(shown: int, dials: int) -> None:
    text = html_text(f'<p>Tel: <a href="tel:+316{dials}">06-{shown}</a></p>')
    assert str(shown) in text
    assert (f"+316{dials}" in text) == (shown != dials)


@given(place=st.integers(2, 9))
def test_figures_of_two_scripts_are_no_number(place: int) -> None:
    number = "0633819027"
    mixed = number[:place] + chr(0x0966 + int(number[place])) + number[place + 1 :]
    assert dialled(mixed) is None
    assert dialled("".join(chr(0x0966 + int(figure)) for figure in number)) == "+31633819027"


@pytest.mark.parametrize("role", ["Verwijzer", "Buddy", "Papierenpoetser", "Contact 1"])
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("own", ["06-24719830", ""])
def test_only_the_patients_column_counts(role: str, first: bool, own: str, almere: Gazetteer) -> None:
    rows = [("", "Patiënt", role), ("Naam", "Mia Loos", "Sjef Bol"), ("Telefoon", own, "06-51920384")]
    ordered = [(label, a, b) if first else (label, b, a) for label, a, b in rows]
    found = facts(["\t".join(row) for row in ordered], frozenset(), almere)
    assert found.name == "Mia Loos"
    assert found.phones == (["+31624719830"] if own else [])


@pytest.mark.parametrize(
    "told",
    [
        "Tel: 06-45712036, laatste twee cijfers moeten 63 zijn",
        "Tel: 06-45712036, die 36 moet zijn 63",
        "Tel: 06-45712036 / 06-51927733 (een van de twee is van haar ex)",
        "Mia slaapt bij een vriendin en is daar te bellen: 06-45712036.",
        "Mia logeert bij Bo. Daar is zij te bellen op 06-45712036.",
        "Op welk nummer kunnen we u bellen? 06-45712036",
        "Uw telefoonnummer: 06-45712036",
    ],
)
def test_such_a_number_is_asked_for(told: str, almere: Gazetteer) -> None:
    assert facts(["Naam: Mia Loos", told, "Wijk: Filmwijk"], frozenset(), almere).phones == []
