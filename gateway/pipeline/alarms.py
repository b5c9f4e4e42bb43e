"""Tells the administrators what needs a person: by mail (a digest, at most one per quarter of an hour) and by
webhook (an alert, at most one per minute), each where the configuration asks for it.

It promises that every alarming event of the audit trail is covered by one digest and by one alert, once,
however the gateway was stopped in between (each names the last event it covers, and the next begins after
it); that neither waits for the other; that a case has one line in it, which is true now and says what to do;
that they hold a kenmerk, a place, names from the configuration, dates, links and closed codes, nothing else;
and that what only a clock rings is told when people work.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlmodel import Session

from gateway.domain.clock import next_working_moment
from gateway.domain.codes import Kind
from gateway.domain.escalation import Trouble
from gateway.domain.messages import ItemKind
from gateway.domain.outgoing import Alert, Digest
from gateway.domain.pathway import Pathway
from gateway.domain.states import ENDED, IN_CONTACT, State
from gateway.domain.trail import AuditEvent
from gateway.domain.wording import Item
from gateway.errors import KeyUnusable
from gateway.pipeline.notify import policy
from gateway.pipeline.watch import clocks_of_promise
from gateway.sealing.keyfacts import Sealer
from gateway.store import alarms, cases, clocks, outbox
from gateway.store.engine import Store
from gateway.store.outbox import Status
from gateway.store.tables import CaseRow, EventRow

Way = type[Digest] | type[Alert]
EVERY: Mapping[Way, timedelta] = MappingProxyType(
    {Digest: timedelta(minutes=15), Alert: timedelta(minutes=1)}
)
_OF_ITSELF: Mapping[Way, str] = MappingProxyType({Digest: "digest_late", Alert: "alert_late"})
"""That one way does not work is told by the other: by itself it would be told again and again."""

LINES = 100
"""A digest has no more lines than this; the rest stands in the next one."""

AT_FIRST = timedelta(days=7)
"""The first digest looks back no further."""

KEY_DAYS = (60, 30, 7, 0)
"""So many days before a key or certificate expires it is told, and when it has."""

_PROMISE = frozenset({*clocks_of_promise(), Kind.BACKUP, Trouble.OVERDUE})
_CLOCKS = frozenset({*_PROMISE, Kind.GIVE_UP, Kind.CLOSING, *Trouble})
"""What can wait until somebody works."""


class Alarms:
    """The step. `names` gives the name of an organisation or practice, and of our own keys; `pathway` says
    when people work; `ends` tells when each other key and certificate ends, by its name."""

    def __init__(
        self,
        *,
        store: Store,
        sealers: Mapping[str, Sealer],
        names: Mapping[str, str],
        pathway: Pathway,
        ends: Callable[[datetime], Iterable[tuple[str, datetime | None]]] = lambda now: (),
        ways: Callable[[], Collection[Way]] = lambda: (Digest,),
    ) -> None:
        self._store, self._sealers, self._names, self._pathway = store, sealers, names, pathway
        self._ends, self._ways = ends, ways

    def run(self, now: datetime) -> int:
        """Make a digest, an alert or both if there is something to tell and it is time; says how many."""
        return sum(self._tell(way, now) for way in self._ways())

    def _tell(self, way: Way, now: datetime) -> bool:
        with self._store.read() as session:
            if not self._due(session, way, now):
                return False
        with self._store.write() as session:
            last = outbox.newest(session, way)
            events = self._new(session, way, last, now)
            if not self._due(session, way, now):
                return False
            items, codes = self._lines(session, events)
            known = {"serial": last[0].serial + 1 if last else 1, "upto": events[-1].seq}
            told: Digest | Alert = Digest(items=tuple(items), **known)
            if way is Alert:
                told = Alert(items=tuple(items), codes=tuple(dict.fromkeys(codes)), **known)
            row = outbox.row(told, now)
            # Mail is about cases, organisations and keys; a machine is told of everything.
            nothing = not items and (way is Digest or not codes)
            if nothing:
                # Nothing of it is true any more: it was looked at, and nobody is told.
                row.status = Status.DROPPED
            return outbox.put(session, row) and not nothing

    def check_keys(self, now: datetime) -> None:
        """Note, once for each threshold, that a key will expire."""
        for organisation, sealer in self._sealers.items():
            try:
                expires = sealer.check(now).expires_at
            except KeyUnusable:
                # It is told when something can't be sent with it, and by 'inbeeld check'.
                continue
            self._note(organisation, expires, now)
        for name, ends in self._ends(now):
            self._note(name, ends, now)

    def _note(self, organisation: str, expires: datetime | None, now: datetime) -> None:
        step = step_passed(expires, now)
        if expires is None or step is None:
            return
        facts: dict[str, Any] = {
            "code": "key_expires",
            "organisation": organisation,
            "expires": expires.isoformat(),
            "days": step,
        }
        with self._store.write() as session:
            alarms.alarm_once(session, now=now, actor="gateway", **facts)

    def _due(self, session: Session, way: Way, now: datetime) -> bool:
        last = outbox.newest(session, way)
        # A digest of the future was made by a clock that was wrong.
        if last is not None and last[1] <= now < last[1] + EVERY[way]:
            return False
        events = self._new(session, way, last, now)
        if not events:
            return False
        # A clock's alarm can wait until somebody works; what is broken now is told now.
        urgent = any(_data(event).get("code") not in _CLOCKS for event in events)
        return urgent or next_working_moment(now, self._pathway) <= now

    @staticmethod
    def _new(
        session: Session, way: Way, last: tuple[Digest | Alert, datetime] | None, now: datetime
    ) -> list[EventRow]:
        seq = last[0].upto if last else 0
        since = now - AT_FIRST if last is None else None
        events = alarms.alarming(session, seq, LINES, since)
        return [event for event in events if _data(event).get("code") != _OF_ITSELF[way]]

    def _lines(self, session: Session, events: list[EventRow]) -> tuple[list[Item], list[str]]:
        """A line for each case, of the last that happened to it (a letter is a matter of its own), and the
        codes of what is about no case, organisation or key."""
        last: dict[tuple[str, bool], EventRow] = {}
        for event in events:
            key = (event.case_id or str(event.seq), _data(event).get("code") == "letter")
            last.pop(key, None)
            last[key] = event
        items, codes = [], []
        for event in last.values():
            if item := self._item(session, event):
                items.append(item)
            elif event.case_id is None:
                codes.append(_data(event).get("code") or event.kind)
        return items, codes

    def _item(self, session: Session, event: EventRow) -> Item | None:
        data = _data(event)
        if event.case_id is None and "organisation" not in data and "practice" not in data:
            return None
        kind = _kind(event, data)
        date, kenmerk, place = event.at, "", ""
        organisation = data.get("organisation") or data.get("practice") or ""
        if event.case_id:
            case = cases.by_id(session, event.case_id)
            if not _true(session, case, kind):
                return None
            kenmerk, organisation = case.kenmerk, case.organisation_id or ""
            place = case.wijk or policy(case).title
            due = {row.kind: row.due_at for row in clocks.of_case(session, case.id)}
            date = due.get(Kind.CONTACT, event.at)
            date = {
                ItemKind.QUARANTINED: case.received_at,
                ItemKind.QUARANTINE: case.received_at,
                ItemKind.LETTER: event.at,
                ItemKind.WITHDRAWAL: case.updated_at,
                ItemKind.CLOSING: due.get(Kind.RETIRE, date),
            }.get(kind, date)
        # A clock of the agreement is about the promise, whose deadline is that of contact.
        if "due" in data and data.get("code") not in _CLOCKS - {Kind.GIVE_UP, Trouble.STEP}:
            date = datetime.fromisoformat(data["due"])
        if "expires" in data:
            date = datetime.fromisoformat(data["expires"])
        return Item(kind, date, kenmerk, self._names.get(organisation, organisation or "-"), place)


def _true(session: Session, case: CaseRow, kind: ItemKind) -> bool:
    """Whether what an event told of a case is still so."""
    state = State(case.state)
    if kind in _PROMISE:
        return state not in IN_CONTACT and state not in ENDED - {State.DECLINED}
    match kind:
        case ItemKind.QUARANTINED | ItemKind.QUARANTINE:
            return state is State.QUARANTINED
        case ItemKind.NOBODY:
            return state in (State.DECLINED, State.RECEIVED)
        case ItemKind.WITHDRAWAL:
            return state is State.WITHDRAWN
        case ItemKind.HELD | ItemKind.NO_ROUTE:
            return any(row.status == Status.HELD for row in outbox.of_case(session, case.id))
    return True


def step_passed(expires: datetime | None, now: datetime) -> int | None:
    """The last of `KEY_DAYS` that has passed for a key that ends then, None before the first."""
    passed = [days for days in KEY_DAYS if expires is not None and expires - now <= timedelta(days=days)]
    return min(passed, default=None)


def _kind(event: EventRow, data: dict[str, Any]) -> ItemKind:
    match event.kind:
        case AuditEvent.CASE_QUARANTINED:
            return ItemKind.QUARANTINED
        case AuditEvent.CASE_RETURNED:
            return ItemKind.RETURNED
        case AuditEvent.DELIVERY_LATE:
            return ItemKind.LATE
        case AuditEvent.DELIVERY_HELD | AuditEvent.MAILBOX_HELD:
            lost = data.get("reason") in ("no_route", "ambiguous_route")
            return ItemKind.NO_ROUTE if lost else ItemKind.HELD
    code = data.get("code", "")
    if code in set(ItemKind):
        return ItemKind(code)
    # What else a clock's alarm names is a clock that the pathway added.
    return ItemKind.CLOCK if "due" in data else ItemKind.TROUBLE


def _data(event: EventRow) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.data)
    return found
