"""Many at once, with one confirmation: send again what is held for one organisation, or give its cases to its
backup while it is out or on strike.

It promises that looking changes nothing, that each case goes as if it were pressed alone (in its own time, by
its own order, under the name of who pressed), and that none goes that the page did not show, nor to another
backup than it named.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import text
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.board.attention import RELAY
from gateway.board.case_choices import DELIVERY, Act, case_of, delivery_of, possible
from gateway.domain.actions import HANDOVER
from gateway.domain.route import Organisation, backup_of
from gateway.errors import InbeeldError
from gateway.pipeline.retry import Again
from gateway.store import cases, orders, outbox
from gateway.store.orders import OrderKind
from gateway.store.outbox import Status
from gateway.store.tables import RUNNING, TROUBLED, CaseRow, OutboxRow
from gateway.web import problems
from gateway.web.auth import Role, Visitor
from gateway.web.forms import posted
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem

PATH: Final = "/bord/samen"
MOST: Final = 200
"""So many go at once; the page says when there are more."""


MARK: Final = 12


class Together(StrEnum):
    """What can be done with many at once."""

    RETRY = "opnieuw"
    BACKUP = "achtervang"


@dataclass(frozen=True, slots=True)
class TogetherItem:
    """One that goes: a case, and its delivery if that is what goes."""

    kenmerk: str
    case: CaseRow | None
    delivery: OutboxRow | None = None

    @property
    def mark(self) -> str:
        """What tells it apart in the form, which is no longer than any."""
        one = self.delivery or self.case
        return hashlib.sha256(one.id.encode()).hexdigest()[:MARK] if one else ""


@dataclass(frozen=True, slots=True)
class TogetherPlan:
    """What goes, how many can't go now, and whether there are more than go at once."""

    items: tuple[TogetherItem, ...]
    left: int
    more: bool

    @property
    def marks(self) -> str:
        """Which go, for the form."""
        return "".join(item.mark for item in self.items)

    def shown_by(self, marks: str) -> bool:
        """Whether everything that goes was shown on a page with these marks; what went since then is gone."""
        shown = {marks[at : at + MARK] for at in range(0, len(marks), MARK)}
        return all(item.mark in shown for item in self.items)


class TogetherPage(ShellPage):
    """The page, and what it does. `organisations` is everyone who takes referrals."""

    def __init__(self, shell: Shell, *, again: Again, organisations: Mapping[str, Organisation]) -> None:
        super().__init__(shell)
        self._again, self._organisations = again, organisations

    def routes(self) -> list[BaseRoute]:
        roles, both = {Role.BEHEERDER}, ("GET", "POST")
        return [self._auth.route(PATH, self.handle, roles=roles, methods=both, name="board-together")]

    def handle(self, request: Request, visitor: Visitor) -> Response:
        """Show what would go, or let it go."""
        if request.method != "POST":
            query = request.query_params
            done = query.get("gedaan", "")
            number = int(done) if done.isascii() and done.isdigit() and len(done) < 5 else None
            return self._show(query, visitor, number)
        return self._take(posted(request), visitor)

    def _asked(self, given: Mapping[str, str]) -> tuple[Together, str]:
        act, who = given.get("doen", ""), given.get("organisatie", "")
        known = who in self._organisations or (who == RELAY and act == Together.RETRY)
        if act not in set(Together) or not known:
            raise Problem(problems.NOT_FOUND)
        return Together(act), who

    def _show(
        self, given: Mapping[str, str], visitor: Visitor, done: int | None = None, *, other_now: bool = False
    ) -> Response:
        act, who = self._asked(given)
        with self._store.read() as session:
            plan = self._plan(session, act, who)
        other = self._backup(who)
        return self._render(
            visitor,
            "board/together.html",
            409 if other_now else 200,
            act=act,
            who=who,
            called=self._organisations[who].name if who in self._organisations else "",
            other=other.name if other else "",
            other_id=other.id if other else "",
            plan=plan,
            done=done,
            other_now=other_now,
        )

    def _take(self, given: Mapping[str, str], visitor: Visitor) -> Response:
        act, who = self._asked(given)
        with self._store.read() as session:
            plan = self._plan(session, act, who)
        other = self._backup(who) if act is Together.BACKUP else None
        named = given.get("vervanger", "") == (other.id if other else "")
        if not named or not plan.shown_by(given.get("welke", "")):
            # What came since then nobody has read of.
            return self._show(given, visitor, other_now=True)
        went = sum(self._do(act, item, visitor.actor) for item in plan.items)
        query = urlencode({"doen": act, "organisatie": who, "gedaan": went})
        return RedirectResponse(f"{PATH}?{query}", status_code=303)

    def _plan(self, session: Session, act: Together, who: str) -> TogetherPlan:
        if act is Together.RETRY:
            found = [self._retried(session, row) for row in _held(session, who)]
        else:
            found = [self._moved(session, case) for case in _running(session, who)]
        some = found[:MOST]
        items = tuple(item for item in some if item is not None)
        return TogetherPlan(items, len(some) - len(items), len(found) > MOST)

    def _retried(self, session: Session, row: OutboxRow) -> TogetherItem | None:
        case = session.get(CaseRow, row.case_id) if row.case_id else None
        known = case_of(case, orders.of_case(session, case.id)) if case else None
        if not delivery_of(row).can(DELIVERY[Act.RETRY], known):
            return None
        return TogetherItem(case.kenmerk if case else "", case, row)

    def _moved(self, session: Session, case: CaseRow) -> TogetherItem | None:
        rows, asked = outbox.of_case(session, case.id), orders.of_case(session, case.id)
        if Act.BACKUP not in possible(case, rows, asked, self._organisations):
            return None
        return TogetherItem(case.kenmerk, case)

    def _backup(self, who: str) -> Organisation | None:
        first = self._organisations.get(who)
        return backup_of(first, self._organisations.values()) if first else None

    def _do(self, act: Together, item: TogetherItem, actor: str) -> bool:
        """One of them, by itself; says whether it went. One that moved meanwhile stays where it is."""
        now, row, case = self._now(), item.delivery, item.case
        try:
            with self._store.write() as session:
                if row is not None and (row.kind != HANDOVER or case is None):
                    self._again.retry(session, row.id, now, actor)
                    return True
                if case is None:
                    return False
                case = cases.still(session, case.id, case.version)
                kind = OrderKind.RETRY if act is Together.RETRY else OrderKind.BACKUP
                target = row.id if row is not None else ""
                orders.ordered(session, case, kind, now, actor, target)
                return True
        except InbeeldError:
            return False


def _held(session: Session, who: str) -> list[OutboxRow]:
    query = select(OutboxRow).where(text(TROUBLED), OutboxRow.status == Status.HELD)
    if who == RELAY:
        query = query.where(col(OutboxRow.organisation_id).is_(None), OutboxRow.kind != HANDOVER)
    else:
        query = query.where(OutboxRow.organisation_id == who)
    return list(session.exec(query.order_by(col(OutboxRow.created_at), col(OutboxRow.id)).limit(MOST + 1)))


def _running(session: Session, who: str) -> list[CaseRow]:
    query = select(CaseRow).where(text(RUNNING), CaseRow.organisation_id == who)
    return list(session.exec(query.order_by(col(CaseRow.received_at), col(CaseRow.id)).limit(MOST + 1)))
