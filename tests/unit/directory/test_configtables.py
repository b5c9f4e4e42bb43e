"""The pathways and texts as files: every mistake is told at once, and a theme says some words otherwise."""

import re
from pathlib import Path

from gateway.directory.configtables import catalogues_of, pathways_of
from gateway.errors import ConfigError

ORDER = "[warn]\nat = 0.9\n[urge]\nat = 0.5\n"


def told(folder: Path, text: str) -> dict[str, str]:
    path = folder / "config" / "pathways" / "oss.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    problems: list[ConfigError] = []
    found = pathways_of(folder, problems)
    assert found.keys() == {"oss"}, "what it contradicts is looked at too"
    return {error.key: error.problem for error in problems}


def test_a_contradiction_is_told_beside_the_first_mistakes(tmp_path: Path) -> None:
    wrong = 'name = "maas"\ntitle = "Oss"\nkleur = 1\nfeedback = "luid"\n[contact]\ndays = 0\n'
    assert told(tmp_path, wrong + ORDER).keys() == {"kleur", "feedback", "contact.days", "file", "name"}
    assert "warn.at must be smaller" in told(tmp_path, wrong + ORDER)["file"]


def test_nothing_follows_from_what_is_wrong(tmp_path: Path) -> None:
    text = 'name = "oss"\ntitle = "Oss"\n' + ORDER
    assert told(tmp_path, text).keys() == {"file"}
    assert told(tmp_path, text.replace("0.9", '"veel"')).keys() == {"warn.at"}
    assert told(tmp_path, ORDER.replace("0.9", "0.4")).keys() == {"name", "title"}
    assert told(tmp_path, ORDER).keys() == {"name", "title", "file"}


def test_words_of_a_theme_stand_instead_of_others_everywhere(tmp_path: Path) -> None:
    """Nobody asks a street team to call somebody without a telephone."""
    problems: list[ConfigError] = []
    own = Path(__file__).parents[3] / "config"
    texts = catalogues_of(own.parent, problems)["nl.straat"].texts
    assert problems == []
    asks = re.compile(r"[Bb]el de patiënt|patiënt [^.]*(?:bellen|gebeld)|belt (?:er niemand|de patiënt)")
    others = {code: each for code, each in texts.items() if not code.endswith("calls_first")}
    assert [code for code, each in others.items() if asks.search(f"{each.subject} {each.body}")] == []
    wording = tmp_path / "config" / "wording"
    wording.mkdir(parents=True)
    (wording / "nl.toml").write_text((own / "wording" / "nl.toml").read_text())
    for mistake in ("[instead]\nzwabber = 'x'\n", "instead = 3\n", "[instead]\nDank = 3\n"):
        (wording / "nl.straat.toml").write_text(mistake)
        catalogues_of(tmp_path, problems)
    assert [error.key for error in problems] == ["instead"] * 3
