"""The pathways as files: every mistake in one is told at once."""

from pathlib import Path

from gateway.directory.configtables import pathways_of
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
