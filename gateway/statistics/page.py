"""The figures as pages: how it goes with all cases together, for beheerders.

They promise that nothing on them is about one case, that every chart stands beside the table which says the
same, and that their address is the whole question: whoever opens it sees the same figures.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway.statistics import exports
from gateway.statistics.drawings import charts
from gateway.statistics.facts import NOBODY
from gateway.statistics.figures import ENDINGS
from gateway.statistics.filters import ATTRIBUTE, Filters, Grouping, Interval, Period, filters
from gateway.statistics.sheet import Agreed, Sheet, sheet
from gateway.statistics.tallies import Tallies
from gateway.web import problems
from gateway.web.auth import Role, Visitor
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem
from gateway.web.words import alphabetical

PATH = "/cijfers"


class FiguresPage(ShellPage):
    """The pages. `names` gives the name of an organisation or practice; `now` is the clock of the cases."""

    def __init__(
        self, shell: Shell, *, tallies: Tallies, agreed: Agreed, names: Mapping[Grouping, Mapping[str, str]]
    ) -> None:
        super().__init__(shell)
        self._tallies, self._agreed, self._names = tallies, agreed, names

    def routes(self) -> list[BaseRoute]:
        only = (Role.BEHEERDER,)
        return [
            self._auth.route(PATH, self.show, roles=only, name="figures"),
            self._auth.route(f"{PATH}/afdruk", self.print, roles=only),
            self._auth.route(f"{PATH}.csv", self.csv, roles=only),
            self._auth.route(f"{PATH}.json", self.json, roles=only),
        ]

    def show(self, request: Request, visitor: Visitor) -> Response:
        """The page, with the form by which another question is asked."""
        return self._page(request, visitor, "figures/page.html")

    def print(self, request: Request, visitor: Visitor) -> Response:
        return self._page(request, visitor, "figures/print.html")

    def csv(self, request: Request, _: Visitor) -> Response:
        found, asked = self._download(request)
        text = exports.as_csv(found, asked, self._heads(), self._name)
        return Response(text, media_type="text/csv; charset=utf-8", headers=_attached("csv"))

    def json(self, request: Request, _: Visitor) -> Response:
        found, asked = self._download(request)
        text = json.dumps(exports.as_json(found, asked), default=str, ensure_ascii=False, indent=1)
        return Response(text, media_type="application/json", headers=_attached("json"))

    def _page(self, request: Request, visitor: Visitor, template: str) -> Response:
        asked, wrong, choices, found, before = self._ask(request.query_params)
        return self._render(
            visitor,
            template,
            422 if wrong else 200,
            asked=asked,
            wrong=wrong,
            given={name: _typed(request.query_params.get(name, "")) for name in ("van", "tot")},
            choices=choices,
            found=found,
            before=before,
            drawn=charts(found, self._heads(), lambda key: self._name(asked.by, key), _short)
            if found
            else None,
            heads=self._heads(),
            called=lambda key: self._name(asked.by, key),
            named=self._name,
            labels=self._labels(),
            point=self._point(found.step if found else asked.step),
            now=self._now(),
            periods=list(Period),
            groupings=list(Grouping),
            steps=list(Interval),
            endings=ENDINGS,
        )

    def _download(self, request: Request) -> tuple[Sheet, Filters]:
        asked, wrong, _, found, _ = self._ask(request.query_params)
        if found is None:
            faults = [{"veld": name, "melding": told} for name, told in wrong.items()]
            raise Problem(problems.INVALID, fouten=faults)
        if found.percent < 100:
            # Nobody sees on a file that is taken away that it was not whole.
            raise Problem(problems.BUSY)
        return found, asked

    def _ask(
        self, given: Mapping[str, str]
    ) -> tuple[Filters, dict[str, str], dict[Grouping, list[tuple[str, str]]], Sheet | None, Sheet | None]:
        """The question, what is wrong with it, what can be chosen, and the answer if nothing is wrong: of
        this period, and of the one before if there is one."""
        now, zone = self._now(), self._pages.timezone
        keys = self._tallies.names(*ATTRIBUTE.values())
        known = {by: keys[column] | self._names.get(by, {}).keys() for by, column in ATTRIBUTE.items()}
        lie = dict(self._agreed.gemeenten)
        known[Grouping.GEMEENTE] = {lie[wijk] for wijk in known[Grouping.WIJK] if wijk in lie}
        asked, wrong = filters(given, now.astimezone(zone).date(), known, self._pages.say)
        choices = {
            by: sorted(
                ((self._name(by, key), key) for key in known[by]), key=lambda pair: alphabetical(pair[0])
            )
            for by in Grouping
        }
        if wrong:
            return asked, wrong, choices, None, None

        def told(asked: Filters) -> Sheet:
            return sheet(lambda question: self._tallies.answer(question, now), asked, self._agreed, zone)

        earlier = asked.before()
        return asked, wrong, choices, told(asked), told(earlier) if earlier else None

    def _name(self, by: Grouping | None, key: str) -> str:
        """How a group is called; a week or month, and the total, are called what they are."""
        if key == NOBODY:
            say = self._pages.say
            # A desk entered them by hand: every mail is of a practice.
            return say("zelf gekomen of gebeld") if by is Grouping.PRACTICE else say("nog niet bekend")
        return self._names.get(by, {}).get(key, key) if by else key

    def _point(self, step: Interval) -> Callable[[str], str]:
        def named(day: str) -> str:
            at = date.fromisoformat(day)
            if step is Interval.WEEK:
                return self._pages.say("week van %(day)s", day=at.strftime("%d-%m-%Y"))
            return at.strftime("%m-%Y")

        return named

    def _labels(self) -> dict[str, str]:
        """What each grouping is called."""
        say = self._pages.say
        return {
            Grouping.ORGANISATION: say("Organisatie"),
            Grouping.WIJK: say("Wijk"),
            Grouping.GEMEENTE: say("Gemeente"),
            Grouping.PRACTICE: say("Praktijk"),
            Grouping.PATHWAY: say("Zorgpad"),
            Grouping.THEME: say("Onderwerp"),
        }

    def _heads(self) -> dict[str, str]:
        say = self._pages.say
        return {
            "kind": say("Soort"),
            "name": say("Naam"),
            "received": say("Ontvangen"),
            "collected": say("Opgehaald"),
            "contacted": say("Gesproken"),
            "met": say("Kennismaking"),
            "routed": say("Doorgezet"),
            "on_time": say("Op tijd"),
            "late": say("Te laat"),
            "waiting": say("Wacht nog"),
            "unreachable": say("Niet bereikt"),
            "declined": say("Afgewezen"),
            "intake": say("Afspraak gemaakt"),
            "support": say("Begeleiding gestart"),
            "stopped": say("Gestopt"),
            "outcome_completed": say("Afgerond"),
            "outcome_referred_on": say("Doorverwezen"),
            "outcome_patient_stopped": say("Patiënt stopte zelf"),
            "outcome_lost_contact": say("Contact weggevallen"),
            "outcome_moved": say("Verhuisd"),
            "outcome_no_need": say("Geen begeleiding nodig"),
            "outcome_other": say("Anders"),
            "outcome_untold": say("Niet gemeld"),
            "share_on_time": say("Deel op tijd"),
            "p50_hours": say("Uren tot contact: middelste"),
            "p90_hours": say("Uren tot contact: 90 procent"),
            "hours_gateway": say("Uren bij InBeeld"),
            "hours_not_collected": say("Uren niet opgehaald"),
            "hours_organisation": say("Uren bij de organisatie"),
            "hours_referrer": say("Uren bij de verwijzer"),
            "id": say("Code"),
        }


def _typed(day: str) -> str:
    """A day as somebody typed it, in the one form that a field for dates takes; nothing when it is no day."""
    try:
        return date.fromisoformat(day.strip()).isoformat()
    except ValueError:
        return ""


def _short(day: str) -> str:
    return date.fromisoformat(day).strftime("%d-%m-%y")


def _attached(kind: str) -> dict[str, Any]:
    return {"Content-Disposition": f'attachment; filename="inbeeld-cijfers.{kind}"'}
