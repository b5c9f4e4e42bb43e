"""Tells the administrators by mail what needs a person: a digest, at most one per quarter of an hour.

It promises that every alarming event of the audit trail is covered by one digest, once, however the gateway
was stopped in between (a digest names the last event it covers, and the next begins after it); that a case
has one line in it, which is true now and says what to do; that it holds a kenmerk, a place, names from the
configuration, dates and a link, nothing else; and that what only a clock rings is told when people work.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlmodel import Session

from gateway.domain.clock import Kind, next_working_moment
from gateway.domain.escalation import Trouble
from gateway.domain.messages import ItemKind
from gateway.domain.outgoing import Digest
from gateway.domain.pathway import Pathway
from gateway.domain.states import ENDED, IN_CONTACT, State
from gateway.domain.wording import Item
from gateway.errors import KeyUnusable
from gateway.pipeline.links import Links
from gateway.pipeline.notify import policy
from gateway.sealing.keyfacts import Sealer
from gateway.store import audit, cases, clocks, outbox
from gateway.store.engine import Store
from gateway.store.outbox import Status
from gateway.store.tables import CaseRow, EventRow

EVERY = timedelta(minutes=15)
LINES = 100
"""A digest has no more lines than this; the rest stands in the next one."""

AT_FIRST = timedelta(days=7)
"""The first digest looks back no further."""

KEY_DAYS = (60, 30, 7)
"""So many days before a key expires it is told."""

_PROMISE = frozenset({Kind.COLLECT, Kind.WARN, Kind.URGE, Kind.CONTACT, Kind.BACKUP, Trouble.OVERDUE})
_CLOCKS = frozenset({*_PROMISE, Kind.GIVE_UP, Kind.CLOSING, *Trouble})
"""What can wait until somebody works."""


class Alarms:
    """The step. `names` gives the name of an organisation or practice, and of our own keys; `pathway` says
    when people work; `own` tells when each of our own keys and certificates ends."""

    def __init__(
        self,
        *,
        store: Store,
        sealers: Mapping[str, Sealer],
        names: Mapping[str, str],
        pathway: Pathway,
        links: Links | None = None,
        own: Mapping[str, Callable[[datetime], datetime | None]] = MappingProxyType({}),
    ) -> None:
        self._store, self._sealers, self._names, self._pathway = store, sealers, names, pathway
        self._own, self._links = own, links

    def run(self, now: datetime) -> bool:
        """Make a digest if there is something to tell and it is time; says whether one was made."""
        with self._store.read() as session:
            if not self._due(session, now):
                return False
        with self._store.write() as session:
            last = outbox.newest_digest(session)
            events = self._new(session, last, now)
            if not self._due(session, now):
                return False
            items = self._items(session, events)
            serial = last[0].serial + 1 if last else 1
            row = outbox.row(Digest(serial=serial, upto=events[-1].seq, items=tuple(items)), now)
            if not items:
                # Nothing of it is true any more: it was looked at, and nobody is told.
                row.status = Status.DROPPED
            return outbox.put(session, row) and bool(items)

    def check_keys(self, now: datetime) -> None:
        """Note, once for each threshold, that a key will expire."""
        for organisation, sealer in self._sealers.items():
            try:
                expires = sealer.check(now).expires_at
            except KeyUnusable:
                # It is told when something can't be sent with it, and by 'inbeeld check'.
                continue
            self._note(organisation, expires, now)
        for name, ends in self._own.items():
            self._note(name, ends(now), now)

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
            if not audit.alarmed(session, facts):
                audit.append(session, "alarm", now=now, actor="gateway", **facts)

    def _due(self, session: Session, now: datetime) -> bool:
        last = outbox.newest_digest(session)
        if last is not None and now < last[1] + EVERY:
            return False
        events = self._new(session, last, now)
        if not events:
            return False
        # A clock's alarm can wait until somebody works; what is broken now is told now.
        urgent = any(_data(event).get("code") not in _CLOCKS for event in events)
        return urgent or next_working_moment(now, self._pathway) <= now

    @staticmethod
    def _new(session: Session, last: tuple[Digest, datetime] | None, now: datetime) -> list[EventRow]:
        seq = last[0].upto if last else 0
        since = now - AT_FIRST if last is None else None
        return audit.alarming(session, seq, LINES, since)

    def _items(self, session: Session, events: list[EventRow]) -> list[Item]:
        """A line for each case, of the last that happened to it; a letter is a matter of its own."""
        last: dict[tuple[str, bool], EventRow] = {}
        for event in events:
            key = (event.case_id or str(event.seq), _data(event).get("code") == "letter")
            last.pop(key, None)
            last[key] = event
        return [item for event in last.values() if (item := self._item(session, event))]

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
        aside = kind in (ItemKind.QUARANTINED, ItemKind.QUARANTINE)
        page = self._links.case(kenmerk, aside=aside) if self._links else ""
        return Item(kind, date, kenmerk, self._names.get(organisation, organisation or "-"), place, page)


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
        case "case.quarantined":
            return ItemKind.QUARANTINED
        case "case.returned":
            return ItemKind.RETURNED
        case "delivery.late":
            return ItemKind.LATE
        case "delivery.held" | "mailbox.held":
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
