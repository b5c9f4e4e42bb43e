"""Dictated and hastily typed lines, as they would be written."""

import pytest

from gateway.reading.patient.dictated import written


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (
            "graag hulp voor Jan Bos komma Filmwijk komma 06-12345678 punt",
            "graag hulp voor Jan Bos, Filmwijk, 06-12345678.",
        ),
        ("Het punt is dat hij komma wil", "Het punt is dat hij komma wil"),
        ("nummer is nul zes twaalf vierendertig 56 zeven acht", "nummer is 0612345678"),
        ("kamer nul zes", "kamer nul zes"),
        ("telefoon 06, 12, 34, 56, 78", "telefoon 06-12345678"),
        ("Ze wil graag hulp :)", "Ze wil graag hulp."),
        ("Ze betaalt niet 😢 Ik heb haar gebeld", "Ze betaalt niet. Ik heb haar gebeld"),
        ("mob: 06-12345678 (werk:)", "mob: 06-12345678 (werk:)"),
    ],
)
def test_spoken_marks_and_figures_are_written(told: str, meant: str) -> None:
    assert written([told]) == [meant]


def test_a_dictated_line_begins_anew() -> None:
    assert written(["Verwijzing. Nieuwe regel. Naam: Jan Bos"]) == ["Verwijzing.", "Naam: Jan Bos"]


def test_clauses_without_marks_are_parted() -> None:
    told = "jan bos uit de filmwijk heeft schulden hij wil graag hulp zijn nummer is 0612345678"
    assert written([told]) == [
        "jan bos uit de filmwijk heeft schulden. Hij wil graag hulp. Zijn nummer is 0612345678"
    ]


@pytest.mark.parametrize(
    "told",
    [
        "jan bos uit de filmwijk heeft een zus die zegt dat hij wil stoppen met roken",
        "Jan Bos uit de Filmwijk, hij wil graag geholpen worden met zijn schulden en post",
        "jan bos hij wil hulp",
    ],
)
def test_whatever_is_joined_or_marked_stays(told: str) -> None:
    assert written([told]) == [told]
