"""Lays the pages of docs/ ready for a site in build/: `make docs` then builds it with zensical (mkdocs.yml).

It promises that every page is in the menu, also of the folders that grow, and that no page of the site links
to what it does not hold: a link that leads out of docs/ becomes its text, with the name of the file.
"""

import re
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PLACE = ROOT / "build"
FOLDERS = {"Places": "pathways", "Decisions": "decisions", "Papieren": "papers"}
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")


def configuration() -> dict[str, Any]:
    """What mkdocs.yml says, with every page of the folders in the menu."""
    told: dict[str, Any] = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    for title, folder in FOLDERS.items():
        pages = sorted(path.name for path in (DOCS / folder).glob("*.md"))
        told["nav"].append({title: [f"{folder}/{page}" for page in pages]})
    return told


def for_the_site(page: Path) -> str:
    """A page of docs/ with its links to what stands elsewhere as text."""

    def told(link: re.Match[str]) -> str:
        there = (page.parent / link[2]).resolve()
        if there.is_relative_to(DOCS) and there.is_file():
            return link[0]
        name = PurePosixPath(link[2]).name
        return link[1] if name in link[1] else f"{link[1]} (`{name}`)"

    return LINK.sub(told, page.read_text())


if __name__ == "__main__":
    shutil.rmtree(PLACE / "pages", ignore_errors=True)
    shutil.copytree(DOCS, PLACE / "pages")
    for page in DOCS.rglob("*.md"):
        (PLACE / "pages" / page.relative_to(DOCS)).write_text(for_the_site(page))
    (PLACE / "mkdocs.yml").write_text(yaml.safe_dump(configuration(), sort_keys=False))
