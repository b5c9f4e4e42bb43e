"""The verwijskaart: what a practice gives to a patient on paper, in six languages or in pictures.

It promises that the card says who calls, within how long, from which number, and what to do if nobody does;
that all of it comes from the configuration; and that nothing on it, or asked for it, is of a patient.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.domain.pathway import Count, Term
from gateway.sealing.letter import dialled
from gateway.web.pages import Shell, ShellPage

PATH = "/verwijskaart"
CARDS = Path(__file__).parents[1] / "cards"
LANGUAGES = ("nl", "en", "tr", "ar", "pl", "uk")
"""The languages of the card, in the order in which they are offered."""

ICONS = "beeld"
"""The card in pictures, for whoever reads none of the languages well, or not at all."""

_FEW = range(3, 11)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls the patients of a place, the number (E.164) at which it can be called, and the term."""

    place: str
    organisation: str
    phone: str | None
    term: Term


class PatientCardPage(ShellPage):
    """The card of a place, and the page on which a practice chooses one.

    `places` gives the places to choose from; `caller` who calls in a place, None if nobody is sure to.
    """

    def __init__(
        self, shell: Shell, *, places: Callable[[], Sequence[str]], caller: Callable[[str], Caller | None]
    ) -> None:
        super().__init__(shell)
        self._places, self._caller = places, caller

    def routes(self) -> list[Route]:
        return [
            Route(PATH, self.choose, name="card_choice"),
            Route(f"{PATH}/{{language}}/{{place:path}}", self.show, name="card"),
        ]

    async def choose(self, request: Request) -> Response:
        """The places and languages; what was chosen leads to its card."""
        place = request.query_params.get("plaats", "").strip()
        language = request.query_params.get("taal", LANGUAGES[0])
        caller = self._caller(place)
        if caller is not None and language in (*LANGUAGES, ICONS):
            return RedirectResponse(f"{PATH}/{language}/{quote(caller.place)}", status_code=303)
        return self._choice(404 if place else 200)

    async def show(self, request: Request) -> Response:
        caller = self._caller(request.path_params["place"])
        language = request.path_params["language"]
        if caller is None or language not in (*LANGUAGES, ICONS):
            return self._choice(404)
        if language == ICONS:
            return self._pages.page(
                "public/card_icons.html",
                called=caller,
                written=dialled(caller.phone or ""),
                working=caller.term.count is Count.WORKING,
                languages={code: texts(code)["name"] for code in LANGUAGES},
            )
        card = texts(language)
        return self._pages.page(
            "public/card.html",
            called=caller,
            spoken=language,
            card=card,
            languages={code: texts(code)["name"] for code in LANGUAGES},
            within=within(card, caller.term),
            fill=lambda text: fill(text, caller),
        )

    def _choice(self, status: int) -> Response:
        return self._pages.page(
            "public/card_choice.html",
            status,
            unknown=status == 404,
            places=self._places(),
            languages={code: texts(code)["name"] for code in LANGUAGES},
        )


@cache
def texts(language: str) -> Mapping[str, Any]:
    """All sentences of the card in one language."""
    return tomllib.loads((CARDS / f"{language}.toml").read_text("utf-8"))


def within(card: Mapping[str, Any], term: Term) -> str:
    """How long it takes at most, in the language of the card."""
    forms = card["working_days" if term.count is Count.WORKING else "days"]
    other = forms.get("few", forms["other"]) if term.days in _FEW else forms["other"]
    return str(forms.get(str(term.days), other)).format(days=term.days)


def fill(text: str, caller: Caller) -> Markup:
    """A sentence of ours with the names filled in; they keep their direction between Arabic words."""
    organisation = Markup('<bdi lang="nl">{}</bdi>').format(caller.organisation)
    phone = Markup('<a class="whole" dir="ltr" href="tel:{}">{}</a>').format(
        caller.phone, dialled(caller.phone or "")
    )
    return escape(text).format(organisation=organisation, phone=phone)
