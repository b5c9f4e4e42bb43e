"""The pages: templates made into answers, with their policy, their language and the links to what they load.

They promise that everything a page loads comes from here, that no code stands in a page itself, that whatever
is shown is escaped, and that a page is kept by nobody.

Templates and code say what they say in Dutch, marked with `_`; a catalogue is a folder of TOML files that
give each sentence in another language. A sentence nobody translated is shown in Dutch.
"""

import gettext
import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gateway.domain.states import State
from gateway.sealing.letter import dialled
from gateway.store.engine import Store
from gateway.web.auth import Auth, Visitor

CATALOGUES = Path(__file__).parent / "catalogues"
OWN = "nl"
"""The language in which templates and code are written."""


class PageTexts(gettext.NullTranslations):
    """The sentences of one language, as `gettext` and Jinja look them up."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__()
        self.sentences = sentences

    def gettext(self, message: str) -> str:
        return self.sentences.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def catalogue(language: str) -> PageTexts:
    """The texts of a language; of `OWN` they are what is written."""
    sentences: dict[str, str] = {}
    if language != OWN:
        for path in sorted((CATALOGUES / language).glob("*.toml")):
            sentences |= tomllib.loads(path.read_text("utf-8"))
    return PageTexts(sentences)


STATIC = Path(__file__).parent / "static"

TEMPLATES = (Path(__file__).parent / "templates", *sorted(Path(__file__).parents[1].glob("*/templates/")))
"""Where templates stand: the frame of every page here, the pages of a feature in its own room."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load: our own files. Nothing inline, no frame, no other place."""

TRUSTED = {"Content-Security-Policy": f"{POLICY}; require-trusted-types-for 'script'; trusted-types 'none'"}
"""The policy of a page that opens something in the browser: its scripts can make no markup of a text."""

HEADERS = {"Content-Security-Policy": POLICY, "X-Robots-Tag": "noindex, nofollow"}


class Pages:
    """Renders the templates. `date(moment)` writes a moment in full, `word(state)` a state, as people do.

    `verifier()` gives the public key with which a browser verifies what the gateway sealed.
    """

    def __init__(
        self,
        *,
        language: str,
        timezone: ZoneInfo,
        date: Callable[[datetime], str],
        word: Callable[[State], str],
        verifier: Callable[[], str] = str,
    ) -> None:
        self.language, self.timezone, self.date, self.word = language, timezone, date, word
        self._texts = catalogue(language)
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            extensions=["jinja2.ext.i18n"],
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.install_gettext_translations(self._texts, newstyle=True)  # type: ignore[attr-defined]
        self._templates.globals |= {"asset": asset, "language": language, "verifier": verifier}
        self._templates.filters |= {"date": date, "moment": self.moment, "word": self._word, "phone": dialled}

    def page(
        self,
        name: str,
        status: int = 200,
        *,
        visitor: Visitor | None = None,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """A page, or a part of one, from the templates."""
        text = self._templates.get_template(name).render(visitor=visitor, **values)
        return HTMLResponse(text, status_code=status, headers={**HEADERS, **(headers or {})})

    def say(self, sentence: str, **values: Any) -> str:
        """A Dutch sentence in the language of the pages, its `%(name)s` filled in."""
        return self._texts.gettext(sentence) % values

    def words(self, name: str, table: str) -> dict[str, str]:
        """A table of words that a template holds, for what is no page."""
        found = getattr(self._templates.get_template(name).module, table)
        return {code: unescape(str(text)) for code, text in found.items()}

    def moment(self, at: datetime | None) -> str:
        """A moment in our time zone, short and sortable by eye: 22-11-2026 14:05; nothing for None."""
        return at.astimezone(self.timezone).strftime("%d-%m-%Y %H:%M") if at else ""

    def _word(self, state: str) -> str:
        return self.word(State(state))


@dataclass(frozen=True, slots=True)
class Shell:
    """The store, who looks, the templates; `now` is the clock of the cases, `wall` that of sessions."""

    store: Store
    auth: Auth
    pages: Pages
    now: Callable[[], datetime]
    wall: Callable[[], datetime]


class ShellPage:
    """A page, or a few that belong together."""

    def __init__(self, shell: Shell) -> None:
        self._store, self._auth, self._pages = shell.store, shell.auth, shell.pages
        self._now, self._wall = shell.now, shell.wall

    def _render(self, visitor: Visitor, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page for somebody who is logged in."""
        return self._pages.page(template, status, visitor=visitor, **values)


@lru_cache
def asset(name: str) -> str:
    """The address of one of our files, which changes when the file does."""
    path = STATIC / name
    mark = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "missing"
    return f"/static/{name}?v={mark}"


class CachedFile(StaticFiles):
    """Files, which a browser may keep for as long as it likes when their address names a version."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        named = scope.get("query_string", b"").startswith(b"v=")
        # Scripts load each other without a version: those are asked for again, and answered by their ETag.
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if named else "no-cache"
        return response


def static_routes() -> list[BaseRoute]:
    """`/static/…`."""
    return [Mount("/static", CachedFile(directory=STATIC), name="static")]
