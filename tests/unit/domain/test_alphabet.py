"""The order of names in a list for people."""

from gateway.web.words import alphabetical


def test_neither_capitals_nor_accents_move_a_name() -> None:
    names = ["Zuid", "Élan", "ijburg", "Filmwijk", "’s-Graveland", "Eik", "elan", "IJsselstein", "Çelik"]
    assert sorted(names, key=alphabetical) == [
        "Çelik",
        "Eik",
        "elan",
        "Élan",
        "Filmwijk",
        "ijburg",
        "IJsselstein",
        "Zuid",
        "’s-Graveland",
    ]
