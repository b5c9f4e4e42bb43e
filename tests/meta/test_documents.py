"""What is written down and what is there are the same: commands, configuration keys, limits."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from deploy.pages import DOCS, configuration
from deploy.reference import PAGES, PLACE
from gateway.cli.app import app
from gateway.domain.pathway import Pathway
from gateway.intake.limits import Limits
from gateway.settings import SECTIONS
from gateway.settings.sections import OrganisationEntry, PracticeEntry

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
PROSE = "\n".join(
    path.read_text()
    for path in [
        ROOT / "README.md",
        *(path for path in ROOT.glob("docs/**/*.md") if "reference" not in path.parts),
        *ROOT.glob("deploy/**/*.md"),
        ROOT / "keys" / "README.md",
    ]
)
"""What people wrote: the reference is written by a program, and names every command in any case."""


def commands(group: Any, *before: str) -> Iterator[str]:
    """Every command as a person types it."""
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if hasattr(command, "list_commands"):
            yield from commands(command, *before, name)
        else:
            yield " ".join(["inbeeld", *before, name])


@pytest.mark.parametrize("command", sorted(commands(typer.main.get_command(app))))
def test_every_command_is_explained(command: str) -> None:
    assert command in PROSE, f"{command} stands neither in README.md nor in docs, deploy or keys"


def test_every_command_that_is_explained_exists() -> None:
    known = set(commands(typer.main.get_command(app)))
    groups = {command.rsplit(" ", 1)[0] for command in known}
    told = re.findall(r"`inbeeld ((?:--dir \S+ )?[a-z]+(?: [a-z]+)?)", PROSE)
    for words in told:
        found = "inbeeld " + re.sub(r"--dir \S+ ", "", words)
        first = " ".join(found.split()[:2])
        assert found in known or first in known or found in groups, found


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_reference_is_what_the_code_says(page: str) -> None:
    assert (PLACE / page).read_text() == PAGES[page](), "type: make docs"


def named(menu: list[Any]) -> Iterator[str]:
    """The pages of a site's menu."""
    for entry in menu:
        if isinstance(entry, dict):
            yield from named(*entry.values())
        else:
            yield entry


def test_every_page_is_once_in_the_menu_of_the_site() -> None:
    pages = sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))
    assert sorted(named(configuration()["nav"])) == pages


def keys(text: str) -> dict[str, set[str]]:
    """The keys a file shows, also in commented lines, by section ("" before the first)."""
    found: dict[str, set[str]] = {"": set()}
    section = ""
    for line in text.splitlines():
        plain = line.removeprefix("# ")
        if heading := re.fullmatch(r"\[\[?([a-z_.]+)\]\]?", plain):
            section = heading[1]
            found.setdefault(section, set())
        elif key := re.match(r"([a-z_]+) = ", plain):
            found[section].add(key[1])
    return found


def test_every_key_of_the_main_file_is_shown_and_no_other() -> None:
    shown = keys((CONFIG / "inbeeld.toml").read_text())
    expected = {name: set(kind.model_fields) for name, kind in SECTIONS.items()}
    expected["limits"] = set(Limits.__dataclass_fields__)
    assert {name: found for name, found in shown.items() if name} == expected


@pytest.mark.parametrize(
    ("file", "noun", "kind"),
    [
        ("organisations.toml", "organisation", OrganisationEntry),
        ("practices.toml", "practice", PracticeEntry),
    ],
)
def test_every_key_of_an_entry_is_shown_and_no_other(file: str, noun: str, kind: type[BaseModel]) -> None:
    shown = keys((CONFIG / file).read_text())
    assert shown[noun] | {"options"} == set(kind.model_fields) | {"options"}


def test_the_limits_that_are_shown_are_the_defaults() -> None:
    text = (CONFIG / "inbeeld.toml").read_text().partition("[limits]")[2]
    lines = re.findall(r"^# ([a-z_]+ = [\d_]+)$", text, re.M)
    assert Limits(**tomllib.loads("\n".join(lines))) == Limits()


def paths(table: dict[str, Any], before: str = "") -> Iterator[str]:
    """The dotted names of every value in a table."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from paths(value, f"{before}{name}.")
        else:
            yield before + name


def test_almeres_pathway_shows_every_key_with_its_default() -> None:
    text = (CONFIG / "pathways" / "almere.toml").read_text()
    shown = tomllib.loads(text)
    default = Pathway(name=shown["name"], title=shown["title"])
    assert Pathway.model_validate(shown) == default
    optional = {"contact.urgent", "clock", "next_step"}
    given = set(paths(shown))
    for path in paths(default.model_dump()):
        assert path in given or path in optional, path
    assert "# [contact.urgent]" in text
    assert "# [[clock]]" in text
    assert "# [[next_step]]" in text


@pytest.mark.parametrize("path", sorted(CONFIG.rglob("*.toml")), ids=lambda path: path.stem)
def test_every_configuration_file_is_explained(path: Path) -> None:
    assert path.read_text().startswith("# "), "begin with what the file is for"


def test_the_changelog_has_an_unreleased_section_on_top() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert headings[0] == "Unreleased"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda path: path.stem
)
def test_a_decision_tells_context_choice_and_cost(path: Path) -> None:
    text = path.read_text()
    assert re.fullmatch(r"\d{3}-[a-z0-9-]+", path.stem)
    assert text.startswith(f"# {path.stem[:3]} ")
    for heading in ("## Context", "## Choice", "## What it costs"):
        assert heading in text
    assert len(text.splitlines()) <= 60, "a decision is one page"


def test_links_in_the_documents_lead_somewhere() -> None:
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text()):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
