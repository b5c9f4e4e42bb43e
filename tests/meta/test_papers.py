"""What publiccode.yml and the papers for an organisation claim is there: keys, files, tests, terms."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.domain.pathway import Pathway

ROOT = Path(__file__).parents[2]
PAPERS = sorted((ROOT / "docs" / "papers").glob("*.md"))
CITED = re.compile(
    r"`((?:(?:gateway|adapters|tests|docs|config|deploy|keys)/[\w./-]+)|[A-Z]+\.md|\w+\.txt)(?:::(\w+))?`"
)
"""A file of ours, or a test in it."""


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
    wordings = {path.stem for path in (ROOT / "config" / "wording").glob("*.toml") if "." not in path.stem}
    assert set(told["localisation"]["availableLanguages"]) == wordings


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.stem)
def test_what_a_paper_points_at_is_there(paper: Path) -> None:
    for path, test in CITED.findall(paper.read_text()):
        assert (ROOT / path).exists(), path
        assert not test or f"def {test}(" in (ROOT / path).read_text(), f"{path}::{test}"


def test_every_paper_leaves_open_what_the_organisation_decides() -> None:
    listed = (ROOT / "docs" / "papers" / "README.md").read_text()
    for paper in PAPERS:
        text = paper.read_text()
        assert "`[INVULLEN" in text
        assert paper.stem == "README" or f"({paper.name})" in listed


def test_the_terms_in_the_papers_are_the_defaults() -> None:
    default = Pathway(name="x", title="x")
    terms = {
        "retention.parcel_days": default.retention.parcel_days,
        "retention.quarantine_days": default.retention.quarantine_days,
        "retention.closed_days": default.retention.closed_days,
        "retention.ceiling_days": default.retention.ceiling_days,
        "question.late": default.question.late,
    }
    told = {
        (name, int(days))
        for paper in PAPERS
        for days, name in re.findall(r"(\d+) dagen \(`([a-z_.]+)`\)", paper.read_text())
    }
    assert {name for name, _ in told} == set(terms)
    assert {(name, terms[name]) for name, _ in told} == told
