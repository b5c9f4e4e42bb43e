"""What a referrer says of what a patient can do alone."""

import pytest

from gateway.reading.approach import NOT, SELF_RELIANT, WITH_GUIDANCE, assessment_in


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Inschatting van de situatie: zelfredzaam", SELF_RELIANT),
        ("Inschatting: zelfredzaam met begeleiding.", WITH_GUIDANCE),
        ("inschatting: met begeleiding", WITH_GUIDANCE),
        ("Zelfredzaamheid: niet", NOT),
        ("Zelfredzaam: ja", SELF_RELIANT),
        ("Zelfredzaam = nee", NOT),
        ("Graag hulp bij schulden. Mevrouw is niet zelfredzaam.\nWijk: Filmwijk", NOT),
        ("Naar mijn inschatting is patiënt zelfredzaam (met hulp).", WITH_GUIDANCE),
        ("Pt is beperkt zelfredzaam", WITH_GUIDANCE),
        ("- Inschatting van de situatie: niet zelfredzaam, ook niet met begeleiding", NOT),
        ("Inschatting: zelfredzaam\nPatiënt is zelfredzaam.", SELF_RELIANT),
    ],
)
def test_a_plain_statement_gives_its_code(text: str, code: str) -> None:
    assert assessment_in(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "Graag contact opnemen met mevrouw Voorbeeld, 06-12345678.",
        "Is patiënt zelfredzaam?",
        "Patiënt is misschien zelfredzaam.",
        "Patiënt was zelfredzaam voor de opname.",
        "Inschatting: zelfredzaam\nInschatting: niet zelfredzaam",
        "Patiënt is zelfredzaam. Zelfredzaamheid: nee",
        "Haar moeder is niet zelfredzaam.",
        "Inschatting: weet ik niet",
        "Zelfredzaam: ja / nee",
        "Met begeleiding van de wijkverpleging gaat het goed.",
    ],
)
def test_anything_else_gives_none(text: str) -> None:
    assert assessment_in(text) is None
