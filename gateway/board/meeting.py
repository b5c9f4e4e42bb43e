"""The list for a case meeting, on the screen and on paper: what runs, what moved since the last one, and
room to write where it is stuck, what is needed and the first step.

It promises that no patient stands on it, that what is written on paper stays on paper, and that an
organisation's colleague gets a list of that organisation alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import and_, func, or_, select, text
from sqlmodel import Session, SQLModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway.domain.attribution import AWAITING, whose_turn
from gateway.domain.codes import Kind
from gateway.domain.states import ENDED, IN_CONTACT, State
from gateway.store.tables import RUNNING
from gateway.web.auth import STAFF, Role, Visitor
from gateway.web.pages import Shell, ShellPage
from gateway.web.words import STATES, TURNS, alphabetical, time_words

PATH: Final = "/overleg"
MOST: Final = 200
"""So many cases stand on a list; the page says when there are more."""

RHYTHMS: Final = (4, 7, 14, 21, 28, 42, 91)
"""How many days ago the last meeting was: twice a week, or every so many weeks."""

STANDARD: Final = 14
GROUPS: Final = ("organisatie", "praktijk", "wijk")

_TABLES = SQLModel.metadata.tables
_CASES, _CLOCKS = _TABLES["cases"].c, _TABLES["clocks"].c
_TOGETHER = _TABLES["cases"].outerjoin(
    _TABLES["clocks"], and_(_CLOCKS.case_id == _CASES.id, _CLOCKS.kind == str(Kind.CONTACT))
)
_COLUMN = {"organisatie": _CASES.organisation_id, "praktijk": _CASES.practice_id, "wijk": _CASES.wijk}
_MOVED = tuple(sorted({*IN_CONTACT, *ENDED} - {State.CLOSED}))


@dataclass(frozen=True, slots=True)
class MeetingQuery:
    """Which cases: since when, of whom, and by what they are put together. `wrong` names fields not known."""

    since: date
    days: int
    by: str
    only: Mapping[str, str]
    wrong: frozenset[str]


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """One case as it is talked about; `contact` says how it is with the promise, `group` whose it is."""

    kenmerk: str
    group: str
    practice: str
    wijk: str
    state: str
    received_at: datetime
    contact: str
    late: bool
    turn: str
    urgent: bool


class MeetingPage(ShellPage):
    """The page. The mappings give the names of organisations and practices, `wijk` that of a place, `weeks`
    every how many weeks an organisation meets."""

    def __init__(
        self,
        shell: Shell,
        *,
        organisations: Mapping[str, str],
        practices: Mapping[str, str],
        wijk: Callable[[str], str | None],
        weeks: Callable[[str], int],
    ) -> None:
        super().__init__(shell)
        self._organisations, self._practices = organisations, practices
        self._wijk, self._weeks = wijk, weeks

    def routes(self) -> list[BaseRoute]:
        return [self._auth.route(PATH, self.show, roles=STAFF)]

    def show(self, request: Request, visitor: Visitor) -> Response:
        """The list, with the form by which another one is asked for."""
        now, own = self._now(), visitor.organisation_id if visitor.role is Role.MEDEWERKER else None
        asked = self._asked(request.query_params, own, now)
        since = datetime.combine(asked.since, time(), self._pages.timezone)
        with self._store.read() as session:
            found = _rows(session, asked, since)
        lines = sorted(
            (self._line(row, asked.by, now) for row in found[:MOST]),
            key=lambda line: (alphabetical(line.group), line.received_at),
        )
        return self._render(
            visitor,
            "board/meeting.html",
            asked=asked,
            own=own is not None,
            groups=[(name, list(each)) for name, each in groupby(lines, lambda line: line.group)],
            number=len(lines),
            more=len(found) > MOST,
            rhythms=RHYTHMS,
            choices={
                "organisatie": _sorted(self._organisations),
                "praktijk": _sorted(self._practices),
            },
            named=self._organisations.get(asked.only.get("organisatie", ""), ""),
            now=now,
            since=since,
        )

    def _asked(self, given: Mapping[str, str], own: str | None, now: datetime) -> MeetingQuery:
        known = {"organisatie": self._organisations, "praktijk": self._practices}
        only, wrong = {}, set()
        for name in GROUPS:
            value = given.get(name, "")[:100].strip()
            found = self._wijk(value) if name == "wijk" else value if value in known[name] else None
            if value and found is not None:
                only[name] = found
            elif value:
                wrong.add(name)
        if own is not None:
            only["organisatie"] = own
        by = given.get("per", "")
        by = by if by in GROUPS else "praktijk" if own or "organisatie" in only else "organisatie"
        today = now.astimezone(self._pages.timezone).date()
        typed = given.get("dagen", "")
        days = int(typed) if typed in {str(each) for each in RHYTHMS} else 0
        if not days:
            days = 7 * self._weeks(only.get("organisatie", "")) or STANDARD
        since = _day(given.get("sinds", ""), today)
        if given.get("sinds", "").strip() and since is None:
            wrong.add("sinds")
        return MeetingQuery(since or today - timedelta(days=days), days, by, only, frozenset(wrong))

    def _line(self, row: Any, by: str, now: datetime) -> MeetingLine:
        say, state = self._pages.say, State(row.state)
        practice = self._practices.get(row.practice_id or "", row.practice_id or "–")
        group = {
            "organisatie": self._organisations.get(
                row.organisation_id or "", row.organisation_id or say("nog niet bekend")
            ),
            "praktijk": practice,
            "wijk": row.wijk or "–",
        }[by]
        contact, late = "–", False
        if row.met_at is not None:
            contact = say("gesproken op %(at)s", at=self._pages.moment(row.met_at))
            late = row.due_at is not None and row.met_at > row.due_at
        elif row.due_at is not None and row.ended_at is None and state in AWAITING:
            contact, late = time_words(self._pages, row.due_at, now), row.due_at < now
        turn = whose_turn(state)
        return MeetingLine(
            row.kenmerk,
            group,
            practice,
            row.wijk or "–",
            say(STATES[state]),
            row.received_at,
            contact,
            late,
            say(TURNS[turn]) if turn else "–",
            row.urgent,
        )


def _rows(session: Session, asked: MeetingQuery, since: datetime) -> list[Any]:
    """What runs, and what moved since then; one more than is shown."""
    moved = and_(_CASES.state.in_(_MOVED), _CASES.updated_at >= since)
    which = [_COLUMN[name] == value for name, value in asked.only.items()]
    query = (
        select(
            _CASES.kenmerk,
            _CASES.state,
            _CASES.practice_id,
            _CASES.organisation_id,
            _CASES.wijk,
            _CASES.received_at,
            _CASES.urgent,
            _CLOCKS.due_at,
            _CLOCKS.met_at,
            _CLOCKS.ended_at,
        )
        .select_from(_TOGETHER)
        .where(or_(text(RUNNING.replace("state", "cases.state")), moved), *which)
        .order_by(func.coalesce(_COLUMN[asked.by], ""), _CASES.received_at, _CASES.id)
        .limit(MOST + 1)
    )
    return list(session.execute(query))


def _day(typed: str, today: date) -> date | None:
    """The day that was typed, of the last two years."""
    try:
        found = date.fromisoformat(typed.strip())
    except ValueError:
        return None
    return found if timedelta() <= today - found <= timedelta(days=731) else None


def _sorted(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda pair: alphabetical(pair[1]))
