"""The board: what needs a beheerder now, then the cases that run, due soonest first.

It promises that it is whole without a script, that what is looked at stands in the address and nowhere else,
that the names on it come from the configuration and nothing on it from a mail, and that looking at it costs
what is shown and not what exists.

Whoever takes the list away for a spreadsheet stands in the audit trail, with how many rows it had; no cell is
taken for a formula.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute

from gateway.board import rows as board
from gateway.board.filters import (
    LONGEST,
    TURN_WORDS,
    BoardQuery,
    KnownNames,
    SavedViews,
    asked,
    kenmerk_begin,
    of_user,
    written,
)
from gateway.board.filters import MOST as MOST_VIEWS
from gateway.board.groups import TITLES, AttentionGroups, counted
from gateway.board.order import Sort
from gateway.board.rows import MOST, PAGE, BoardLine
from gateway.domain.attribution import AWAITING, share_used
from gateway.domain.trail import AuditEvent
from gateway.store import audit
from gateway.store.takings import BEHEERDERS, Hands
from gateway.web.auth import Role, Visitor
from gateway.web.cells import MARK, csv_line
from gateway.web.keywatch import KeyWatch
from gateway.web.pages import Shell, ShellPage
from gateway.web.words import STATES, TURNS, alphabetical, time_words

SOON = 0.9
"""From this share of its term on, a case is nearly late."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One case as it is shown. `used` is the share of the term that has gone, in hundredths; None without a
    running promise. `level` is late, soon, fine, waits or over."""

    kenmerk: str
    time: str
    due: str
    used: int | None
    level: str
    practice: str
    organisation: str
    wijk: str
    state: str
    turn: str
    urgent: bool
    held: bool
    taken: str


class BoardPage(ShellPage):
    """The page. The mappings give the names of organisations and practices, `wijk` that of a place."""

    def __init__(
        self,
        shell: Shell,
        *,
        organisations: Mapping[str, str],
        practices: Mapping[str, str],
        phones: Mapping[str, tuple[str, ...]],
        organisation_phones: Mapping[str, tuple[str, ...]],
        wijk: Callable[[str], str | None],
        keys: KeyWatch,
    ) -> None:
        super().__init__(shell)
        self._organisations, self._practices, self._keys = organisations, practices, keys
        self._known = KnownNames(organisations, practices, wijk, frozenset(TITLES))
        self._views = SavedViews(shell, read=partial(asked, known=self._known))
        self._needs = AttentionGroups(
            pages=shell.pages,
            organisations=organisations,
            practices=practices,
            phones=phones,
            organisation_phones=organisation_phones,
        )

    def routes(self) -> list[BaseRoute]:
        roles = {Role.BEHEERDER}
        return [
            self._auth.route("/bord", self.handle, roles=roles, name="board"),
            self._auth.route("/bord/lijst", self.part, roles=roles, name="board-part"),
            self._auth.route("/bord.csv", self.csv, roles=roles, name="board-csv"),
            *self._views.routes(),
            self._auth.route("/zoeken", self.seek, roles=roles, name="board-seek"),
        ]

    def handle(self, request: Request, visitor: Visitor) -> Response:
        return self._show("board/board.html", request, visitor)

    def part(self, request: Request, visitor: Visitor) -> Response:
        """The same without what does not change."""
        return self._show("board/part.html", request, visitor)

    def csv(self, request: Request, visitor: Visitor) -> Response:
        """The list that is asked for, whole, for a spreadsheet."""
        what, now = asked(request.query_params, self._known), self._now()
        wanted = replace(what.wanted, hands=_hands(what, visitor))
        with self._store.read() as session:
            found = board.by_kenmerk(session, what.kenmerk) if what.kenmerk is not None else ()
            whole = what.kenmerk is None
            ids = board.sorted_ids(session, wanted, now, what.sort, self._names(what.sort)) if whole else []
        number = len(found) or len(ids)
        with self._store.write() as session:
            audit.append(session, AuditEvent.BOARD_LIST_EXPORTED, now=now, actor=visitor.actor, rows=number)
        name = {"Content-Disposition": 'attachment; filename="inbeeld-aanmeldingen.csv"'}
        made = self._csv(itertools.chain(found, self._parts(ids)))
        return StreamingResponse(made, media_type="text/csv; charset=utf-8", headers=name)

    def _csv(self, lines: Iterable[BoardLine]) -> Iterator[str]:
        """One row a case, below the names of the columns."""
        say, moment = self._pages.say, self._pages.moment
        yield MARK + csv_line(
            (
                say("Kenmerk"),
                say("Ontvangen"),
                say("Contact uiterlijk"),
                say("Status"),
                say("Aan de beurt"),
                say("Organisatie"),
                say("Praktijk"),
                say("Wijk"),
                say("Spoed"),
                say("Staat stil"),
                say("Opgepakt door"),
            )
        )
        for line in lines:
            yield csv_line(
                (
                    line.kenmerk,
                    moment(line.received_at),
                    moment(line.due_at),
                    say(STATES[line.state]),
                    say(TURNS[line.turn]) if line.turn else "",
                    _name(self._organisations, line.organisation_id, ""),
                    _name(self._practices, line.practice_id, ""),
                    line.wijk or "",
                    say("ja") if line.urgent else "",
                    say("ja") if line.held else "",
                    line.taken_by,
                )
            )

    def _parts(self, ids: Sequence[str]) -> Iterator[BoardLine]:
        """The cases in parts: nothing stays open while a slow line takes them."""
        for start in range(0, len(ids), MOST):
            with self._store.read() as session:
                some = board.lines_of(session, ids[start : start + MOST])
            yield from some

    def _names(self, by: Sort | None) -> Mapping[str, str]:
        """The names by which a list is sorted."""
        if by is Sort.ORGANISATION:
            return self._organisations
        return self._practices if by is Sort.PRACTICE else {}

    def seek(self, request: Request, _: Visitor) -> Response:
        """From the box in the header to the one case whose kenmerk begins so, or to what the board finds."""
        typed = request.query_params.get("kenmerk", "")[:LONGEST].strip()
        begin = kenmerk_begin(typed)
        found: tuple[BoardLine, ...] = ()
        if begin is not None:
            with self._store.read() as session:
                found = board.by_kenmerk(session, begin)
        to = (
            f"/zaken/{found[0].kenmerk}"
            if len(found) == 1
            else f"/bord?{urlencode({'kenmerk': typed})}#lopend"
        )
        return RedirectResponse(to, status_code=303)

    def _show(self, template: str, request: Request, visitor: Visitor) -> Response:
        what = asked(request.query_params, self._known)
        now = self._now()
        wanted = replace(what.wanted, hands=_hands(what, visitor))
        keys = self._keys.needing(now)
        with self._store.read() as session:
            seq = board.last_seq(session)
            views = of_user(session, visitor.user_id)
            groups = self._needs.groups(session, keys, now, what.everything, wanted.hands)
            if what.kenmerk is not None:
                lines, number, following = board.by_kenmerk(session, what.kenmerk), None, None
            elif what.sort is not None:
                lines, more = board.sorted_page(
                    session, wanted, now, what.sort, what.skip, self._names(what.sort)
                )
                number = counted(self._pages, board.number(session, wanted, now))
                following = what.address(vanaf=str(what.skip + PAGE)) if more else None
            else:
                page = board.page(session, wanted, now, what.after)
                lines = page.lines
                following = what.address(na=written(page.next)) if page.next else None
                whole = following is None and what.after is None
                found = len(lines) if whole else board.number(session, wanted, now)
                number = counted(self._pages, found)
        return self._render(
            visitor,
            template,
            seq=seq,
            waiting=sum(group.count for group in groups),
            at=now.astimezone(self._pages.timezone).strftime("%H:%M"),
            groups=groups,
            rows=[self._row(line, now) for line in lines],
            number=number,
            asked=what,
            narrowed=bool(what.given.keys() - {"na", "alles", "sorteer", "vanaf"}),
            address=what.address,
            next=following,
            views=views,
            most_views=MOST_VIEWS,
            again=what.address(na=None, vanaf=None, alles=None),
            due_first=what.sort is None,
            choices=self._choices(what),
        )

    def _row(self, line: BoardLine, now: datetime) -> BoardRow:
        say = self._pages.say
        time, used, level = "", None, "over"
        if line.open and line.waits:
            time, level = say("wacht op verwijzer"), "waits"
        elif line.open and line.due_at is not None:
            time = time_words(self._pages, line.due_at, now)
            share = share_used(line.received_at, line.due_at, now)
            used = int(share * 100)
            level = "late" if now > line.due_at else "soon" if share >= SOON else "fine"
        turn = line.turn
        return BoardRow(
            kenmerk=line.kenmerk,
            time=time,
            due=say("uiterlijk %(at)s", at=self._pages.moment(line.due_at)) if used is not None else "",
            used=used,
            level=level,
            practice=_name(self._practices, line.practice_id),
            organisation=_name(self._organisations, line.organisation_id),
            wijk=line.wijk or "–",
            state=say(STATES[line.state]),
            turn=say(TURNS[turn]) if turn else "–",
            urgent=line.urgent,
            held=line.held,
            taken=line.taken_by,
        )

    def _choices(self, what: BoardQuery) -> dict[str, list[tuple[str, str, bool]]]:
        """Value, text and whether it is chosen, for each list to choose from."""
        say, given = self._pages.say, what.given
        lists: dict[str, list[tuple[str, str]]] = {
            "staat": [(str(state), say(STATES[state])) for state in AWAITING],
            "organisatie": _sorted(self._organisations),
            "praktijk": _sorted(self._practices),
            "bij": [("mij", say("Mij")), ("niemand", say("Nog niemand"))],
            "sorteer": [
                ("ontvangen", say("Laatst ontvangen eerst")),
                ("status", say("Status")),
                ("organisatie", say("Organisatie")),
                ("praktijk", say("Praktijk")),
                ("wijk", say("Wijk")),
            ],
            "beurt": [(word, say(TURNS[turn])) for word, turn in TURN_WORDS.items()],
        }
        return {
            name: [(value, text, given.get(name) == value) for value, text in choices]
            for name, choices in lists.items()
        }


def _hands(what: BoardQuery, visitor: Visitor) -> Hands | None:
    if what.whose is None:
        return None
    return Hands(BEHEERDERS, visitor.user_id if what.whose == "mij" else None)


def _name(names: Mapping[str, str], id_: str | None, nobody: str = "–") -> str:
    return names.get(id_, id_) if id_ else nobody


def _sorted(names: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda pair: alphabetical(pair[1]))
