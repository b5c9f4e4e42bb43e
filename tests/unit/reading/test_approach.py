"""What a referrer says of a patient who calls the organisation themselves."""

from pathlib import Path

import pytest

from gateway.reading.approach import calls_first

NAME = "Ansje Vrolijkstra"


@pytest.mark.parametrize(
    "text",
    [
        "Patiënt belt zelf.",
        "Belt zelf",
        "Graag contact over schulden, patiënt belt zelf.",
        "Naam: A. Vrolijkstra\nBelt zelf: ja\nWijk: Filmwijk",
        "Mevrouw Vrolijkstra belt u zelf deze week.",
        "Ansje Vrolijkstra neemt zelf contact met u op.",
        "De patiënte neemt zelf contact op",
        "Mevr. zal zelf bellen voor een afspraak.",
        "Dhr. gaat zelf contact met jullie opnemen.",
        "Afgesproken dat patiënt zelf belt.",
        "Ik heb met haar afgesproken dat zij zelf contact opneemt.",
        "Mevrouw heeft het nummer gekregen en belt zelf.",
        "Pt heeft aangegeven zelf te bellen.",
        "Hij wil liever zelf bellen.",
        "- Patiënt belt zelf (maandag)",
        "Let op: patiënt belt eerst zelf!",
        "Cliënt meldt zich zelf.",
        "Opmerking: belt zelf",
        "“Belt zelf”",
        "Patiënt belt liever zelf, ivm schulden.",
        "Patiënt belt zelf i.v.m. schulden.",
        "Mevrouw neemt zelf telefonisch contact op.",
        "Patiënt meldt zichzelf aan.",
        "Ik heb hem uw nummer gegeven en hij belt zelf.",
        "Haar zus weet ervan. Patiënt belt zelf.",
        "Ansje Vrolijkstra 06 12345678 belt zelf",
        "Mevrouw Vrolijkstra (06-12345678) belt zelf deze week.",
        "Patiënt zegt zelf te bellen.",
        "Patiënt belt zelf binnen een paar dagen.",
    ],
)
def test_it_is_announced(text: str) -> None:
    assert calls_first(f"Beste collega,\n\nGraag hulp bij geldzorgen, tel. 06 12345678.\n{text}\nGroet", NAME)


@pytest.mark.parametrize(
    "text",
    [
        "Graag contact opnemen met mevrouw Vrolijkstra, 06-12345678.",
        "Wilt u de patiënt zelf bellen?",
        "Patiënt belt zelf. Lukt niet.",
        "Patiënt belt zelf. Toch niet.",
        "Vrolijkstra 06 12345678 Jansen belt zelf",
        "Begeleider 06 12345678 belt zelf",
        "06 12345678 belt zelf",
        "Belt u zelf?",
        "Belt u zelf.",
        "U belt zelf.",
        "Wij bellen zelf nog even.",
        "Ik bel u zelf morgen.",
        "De praktijk belt u zelf.",
        "Patiënt belt niet zelf.",
        "Patiënt durft niet zelf te bellen.",
        "Als het niet lukt belt patiënt zelf.",
        "Misschien belt patiënt zelf.",
        "Patiënt kan zelf bellen.",
        "Haar dochter belt zelf.",
        "De dochter regelt alles en belt zelf.",
        "Patiënt belt zelf: nee",
        "Belt patiënt zelf?",
        "Belt zelf: ja / nee",
        "Patiënt regelt de belasting zelf.",
        "Patiënt belt zelf. Nee, toch niet: patiënt belt niet zelf.",
        "Patiënt belde zelf al naar de gemeente.",
        "Patiënt belt zelf met de incassobureaus.",
        "Patiënt belt zelf de deurwaarder.",
        "U kunt mij zelf bellen voor vragen.",
        "Haar zus regelt het, belt zelf.",
        "Haar zus regelt het. Zij belt zelf.",
        "Haar zus regelt het.\nZij belt zelf.",
        "Zijn begeleider, de heer Jansen, belt zelf.",
        "Patiënt wordt begeleid door Jan, hij belt zelf.",
        "Patiënt belt zelf, denk ik.",
        "Patiënt belt zelf, zei hij vorige keer.",
        "Patiënt belt zelf, nee hoor, bel haar maar.",
        "Belt zelf (ja/nee):",
        "Belt zelf (ja/nee): nee",
        "Moeder: belt zelf",
    ],
)
def test_anything_else_announces_nothing(text: str) -> None:
    assert not calls_first(
        f"Beste collega,\n\nGraag hulp bij geldzorgen, tel. 06 12345678.\n{text}\nGroet", NAME
    )


def test_what_is_denied_is_told_apart_from_what_is_not_spoken_of() -> None:
    assert calls_first("Patiënt belt toch niet zelf.") is False
    assert calls_first("Graag contact, 06 12345678.") is None


CORPUS = Path(__file__).parents[2] / "corpus" / "referrals"


def test_ordinary_referrals_announce_nothing() -> None:
    said = [file for file in sorted(CORPUS.rglob("*.eml")) if calls_first(file.read_text("utf-8", "replace"))]
    assert said == []
