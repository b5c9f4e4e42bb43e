"""What a page says in Dutch, it says in every other language of the catalogues."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

from gateway.app import pages as app_pages
from gateway.board import filters
from gateway.board import groups as needs
from gateway.directory import deskpage, fields, keyadoption, keyentry, telling, trial
from gateway.domain.codes import DayPart
from gateway.web import problems, reasons, words
from gateway.web.pages import CATALOGUES, TEMPLATES, catalogue
from gateway.web.public.confirm import CHOICES, GROUPS

GATEWAY = CATALOGUES.parents[1]
ROOMS = ("accounts", "app", "board", "directory", "mailbox", "quarantine", "statistics", "web")
"""The rooms that have pages."""

FILES = sorted((CATALOGUES / "en").glob("*.toml"))
SAID = {"say", "_", "_text"}

FROM_TABLES: dict[str, Callable[[], Iterable[str]]] = {
    "web/app.py": lambda: (
        text
        for kinds in problems.KINDS.values()
        for kind in kinds
        if kind.said or kind.status in (400, 404, 405, 500, 503)
        for text in (kind.title, kind.said or kind.remedy)
    ),
    "board/screen.py": lambda: [*words.STATES.values(), *words.TURNS.values()],
    "board/groups.py": lambda: [*needs.TITLES.values(), *needs._DELIVERIES.values()],
    "board/meeting.py": lambda: [*words.STATES.values(), *words.TURNS.values()],
    "mailbox/page.py": lambda: words.STATES.values(),
    "web/reasons.py": reasons.sentences,
    "web/words.py": lambda: [*words.TIMES, *words.TAKING_REASONS.values()],
    "app/pages.py": lambda: app_pages.OWN.values(),
    "board/filters.html": lambda: filters.ERRORS.values(),
    "inbox/referral.html": lambda: DayPart,
    "directory/form.html": lambda: [*fields.sentences(), *keyentry.sentences(), *telling.sentences()],
    "directory/needed.html": fields.sentences,
    "directory/pages.py": lambda: [*fields.sentences(), *telling.sentences()],
    "directory/telling.py": lambda: [*fields.sentences(), *telling.sentences()],
    "directory/trial.html": trial.sentences,
    "directory/desk.html": deskpage.sentences,
    "directory/keyadoption.html": keyadoption.sentences,
    "public/confirm.html": lambda: [*GROUPS, *(text for each in CHOICES for text in (each.label, each.then))],
    "public/sure.html": lambda: (each.label for each in CHOICES),
}
"""Where sentences are said that stand elsewhere, in a table: which these are."""


PAGES = sorted(path for folder in TEMPLATES for path in folder.rglob("*.html"))
"""Every template."""


def catalogues() -> dict[str, str]:
    """Every sentence of the English catalogue; where two files have it, they must agree."""
    found: dict[str, str] = {}
    for path in FILES:
        for dutch, english in tomllib.loads(path.read_text()).items():
            assert found.setdefault(dutch, english) == english, f"{path.name} has another word for: {dutch}"
    return found


def in_templates() -> Iterator[tuple[str, str | None]]:
    """Every marked sentence of a template with its file; None stands for one from a table."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for path in PAGES:
        name = path.as_posix().rpartition("/templates/")[2]
        for _, function, told in environment.extract_translations(path.read_text()):  # type: ignore[attr-defined]
            count = 2 if function == "ngettext" else 1
            for sentence in (told if isinstance(told, tuple) else (told,))[:count]:
                yield name, sentence


def in_code() -> Iterator[tuple[str, str | None]]:
    """The same of what code says."""
    for path in sorted(path for room in ROOMS for path in (GATEWAY / room).rglob("*.py")):
        file = path.relative_to(GATEWAY).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called.lstrip("_") == "counted":
                yield from ((file, each.value) for each in node.args[2:] if isinstance(each, ast.Constant))  # type: ignore[misc]
            elif called in SAID and not isinstance(node.args[0], ast.Name | ast.Starred):
                yield from ((file, sentence) for sentence in _sentences(node.args[0]))
            elif called == "say":
                yield file, None


def _sentences(node: ast.expr) -> list[str | None]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp):
        return [*_sentences(node.body), *_sentences(node.orelse)]
    return [None]


def said() -> dict[str, set[str]]:
    """Every sentence the pages say, with the files that say it."""
    found: dict[str, set[str]] = {}
    for name, sentence in (*in_templates(), *in_code()):
        if sentence is not None:
            found.setdefault(sentence, set()).add(name)
    for name, sentences in FROM_TABLES.items():
        for sentence in sentences():
            found.setdefault(str(sentence), set()).add(name)
    return found


def test_every_sentence_has_its_english() -> None:
    known = catalogues()
    missing = {sentence: sorted(files) for sentence, files in said().items() if sentence not in known}
    assert not missing


def test_no_english_is_left_over() -> None:
    spoken = said()
    assert not [sentence for sentence in catalogues() if sentence not in spoken]


def test_every_table_that_is_said_is_known_here() -> None:
    assert {name for name, sentence in (*in_templates(), *in_code()) if sentence is None} == set(FROM_TABLES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_filled_in_is_the_same(path: Path) -> None:
    hole = re.compile(r"%\(\w+\)s")
    for dutch, english in tomllib.loads(path.read_text()).items():
        assert set(hole.findall(dutch)) == set(hole.findall(english)), dutch
        # A lonely % would be taken for a hole that nothing fits.
        assert "%" not in hole.sub("", dutch + english), dutch
        assert english.strip() == english != "", dutch


def test_a_sentence_nobody_translated_is_shown_in_dutch() -> None:
    english = catalogue("en")
    assert english.gettext("Dit staat nergens.") == "Dit staat nergens."
    assert english.gettext("Melden") == "Report"
    assert english.ngettext("%(num)s zaak", "%(num)s zaken", 2) in ("%(num)s zaken", "%(num)s cases")
    assert catalogue("nl").gettext("Melden") == "Melden"


GLUED = re.compile(r"\}\}\{% endif %\}\n(?:\{% if [^%]*%\})?\{\{ _\(")
"""The line end after a block goes when a page is made: what stands before and after it would be one word."""


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_sentences_are_not_glued_together(path: Path) -> None:
    assert GLUED.search("{% if a %}{{ a }}{% endif %}\n{% if b %}{{ _('b') }}"), "it would be seen"
    assert not GLUED.search(path.read_text())
