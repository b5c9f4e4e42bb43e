"""What publiccode.yml tells is what the standard asks for."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


def test_the_catalogues_of_public_code_find_what_they_ask_for() -> None:
    told: dict[str, Any] = yaml.safe_load((ROOT / "publiccode.yml").read_text())
    mandatory = {
        "publiccodeYmlVersion",
        "name",
        "url",
        "platforms",
        "developmentStatus",
        "softwareType",
        "description",
        "legal",
        "maintenance",
        "localisation",
    }
    assert mandatory <= told.keys()
    for text in told["description"].values():
        assert len(text["shortDescription"]) <= 150
        assert 150 <= len(text["longDescription"]) <= 10_000
        assert text["features"]
    assert told["legal"]["license"] in (ROOT / "pyproject.toml").read_text()
    assert ("contacts" in told["maintenance"]) == (told["maintenance"]["type"] in {"internal", "community"})
    wordings = {path.stem for path in (ROOT / "config" / "wording").glob("*.toml")}
    assert set(told["localisation"]["availableLanguages"]) == wordings
