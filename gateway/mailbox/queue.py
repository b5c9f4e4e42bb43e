"""The secure mailbox: what an organisation may do with the items in its own queue.

It promises that every look is an audit event, that only an acknowledged item counts as collected, that a
report made through it is settled like any other, and that whatever is not the organisation's own is
`NotFound`, whether it exists or not. No transaction is open while somebody waits.
"""

import asyncio
import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from gateway.domain.codes import DeclineReason
from gateway.domain.states import CONTACT, REPORTS, Event, State, allowed, recorded
from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace, NotAllowed, NotFound
from gateway.log import Log
from gateway.mailbox.bell import Bell
from gateway.mailbox.collecting import Collector, HandedOver, LeaseLost, NotNow, Settled, Told, actor_of
from gateway.metrics import Metrics
from gateway.pipeline.correct import last_said_by
from gateway.pipeline.settle import Report, Said, Settle
from gateway.store import audit, cases, mailbox
from gateway.store.engine import Store
from gateway.store.mailbox import Figures, Held, ItemStatus, Leased
from gateway.store.shared import SharedWrite
from gateway.store.tables import MailboxRow

GATEWAY = "gateway"
LOOK_EVERY = 1.0
"""How often somebody who waits looks for what another process put there, in seconds."""

LISTENERS = 8
"""How many collectors of one organisation may wait at a time; another gets its answer at once."""

TRIES = 3

Acknowledged = tuple[Held, datetime, bool | None]
"""The item, when it was said, and whether the case moved by it; None where it was said before."""


@contextlib.contextmanager
def _leased() -> Iterator[None]:
    """Whoever loses the item meanwhile has lost their lease."""
    try:
        yield
    except LostRace:
        raise LeaseLost from None


class Mailbox:
    """The step."""

    def __init__(self, *, store: Store, settle: Settle, bell: Bell, log: Log, metrics: Metrics) -> None:
        self._store, self._settle, self._bell = store, settle, bell
        self._shared = SharedWrite(store)
        self._log, self._metrics = log, metrics

    async def collect(self, organisation_id: str, now: datetime, limit: int, wait: float = 0) -> list[Leased]:
        """Lease what waits; when there is nothing, for at most `wait` seconds until there is."""
        begin, waited = time.monotonic(), 0.0
        if self._bell.listeners(organisation_id) >= LISTENERS:
            wait = 0
        with self._bell.listening(organisation_id) as heard:
            while True:
                # Cleared before the look: what is put there during it rings again.
                heard.clear()
                moment = now + timedelta(seconds=waited)
                if found := await asyncio.to_thread(self._lease, organisation_id, moment, limit):
                    return found
                if waited >= wait or self._bell.silenced:
                    return []
                # When nothing rang, another process may still have put something there.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(LOOK_EVERY, wait - waited)):
                        await heard.wait()
                waited = time.monotonic() - begin

    def acknowledge(
        self, organisation_id: str, item_id: str, token: str, now: datetime, by: Collector | None = None
    ) -> Settled:
        """The organisation has it: that is the event `collected`. Said twice, the answer is the same."""
        (settled,) = self.acknowledge_each(organisation_id, [(item_id, token)], now, by)
        if isinstance(settled, Exception):
            raise settled
        return settled

    def acknowledge_each(
        self,
        organisation_id: str,
        items: Sequence[tuple[str, str]],
        now: datetime,
        by: Collector | None = None,
    ) -> list[Settled | Exception]:
        """The same for several items, each with its token: what became of each, or why nothing did."""
        by = by or Collector.program(organisation_id)
        acts = [self._acknowledging(organisation_id, id_, token, now, by) for id_, token in items]
        answers = self._shared.write_each(acts)
        for _ in range(TRIES - 1):
            # Somebody else moved these cases at this very moment: look again.
            if not (lost := [at for at, answer in enumerate(answers) if isinstance(answer, LostRace)]):
                break
            again = self._shared.write_each([acts[at] for at in lost])
            for at, answer in zip(lost, again, strict=True):
                answers[at] = answer
        return [one if isinstance(one, Exception) else self._acknowledged(by, *one) for one in answers]

    def _acknowledging(
        self, organisation_id: str, item_id: str, token: str, now: datetime, by: Collector
    ) -> Callable[[Session], Acknowledged | Exception]:
        """The report and the item, to be written in one transaction, with others that it does not spoil: why
        nothing is written is given and not raised."""

        def act(session: Session) -> Acknowledged | Exception:
            row = mailbox.find(session, organisation_id, item_id)
            if row is None:
                return NotFound()
            if row.status == ItemStatus.COLLECTED and row.lease == mailbox.digest(token):
                return row, row.settled_at or now, None
            if not self._holds(row, token, now):
                return LeaseLost()
            case, dropped = cases.by_id(session, row.case_id), row.status == ItemStatus.DROPPED
            said = Said(Report(Event.COLLECTED), now, by.actor, by.channel, None, by.organisation_id)
            try:
                moved = self._settle.report_in(session, case, said)
            except NotAllowed:
                # The case went another way meanwhile; that they have it is true all the same.
                moved = False
            until = by.destroy_at(case, now)
            values: dict[str, object] = {"settled_at": now, "destroy_at": until}
            if dropped or until <= now:
                values |= {"sealed": None, "destroy_at": None}
            with _leased():
                mailbox.settle(session, row, token, ItemStatus.COLLECTED, **values)
            self._event(session, AuditEvent.MAILBOX_COLLECTED, row, now, by.actor)
            if by.reads_here:
                self._event(session, AuditEvent.INBOX_OPENED, row, now, by.actor)
            return row, now, moved

        return act

    def _acknowledged(self, by: Collector, row: Held, at: datetime, moved: bool | None) -> Settled:
        if moved is not None:
            self._log.reported(row.case_id, str(Event.COLLECTED), by.channel, moved)
        return Settled(row.id, row.kenmerk, at)

    def extend(self, organisation_id: str, item_id: str, token: str, seconds: int, now: datetime) -> Held:
        """Let the lease last until `seconds` from now; gives the item as it is then."""
        row = self._own(organisation_id, item_id)
        self._must_hold(row, token, now)
        until = max(row.visible_at, now + timedelta(seconds=seconds))
        with self._store.write() as session, _leased():
            mailbox.extend(session, row, token, until)
            self._event(session, AuditEvent.MAILBOX_EXTENDED, row, now, actor_of(organisation_id))
        return row._replace(visible_at=until)

    def give_back(self, organisation_id: str, item_id: str, token: str, now: datetime) -> Settled:
        """The lease ends and the next collector may have the item at once. Said twice: the same answer."""
        row = self._own(organisation_id, item_id)
        if row.previous == mailbox.digest(token):
            return Settled(row.id, row.kenmerk, row.settled_at or now)
        self._must_hold(row, token, now)
        with self._store.write() as session, _leased():
            mailbox.give_back(session, row, token, now)
            self._event(session, AuditEvent.MAILBOX_GIVEN_BACK, row, now, actor_of(organisation_id))
        self._bell.ring(organisation_id)
        return Settled(row.id, row.kenmerk, now)

    def refuse(
        self, organisation_id: str, item_id: str, token: str, reason: DeclineReason, now: datetime
    ) -> Settled:
        """The organisation does not take it: the report `declined`. Said twice: the same answer."""
        row = self._own(organisation_id, item_id)
        if row.status == ItemStatus.DECLINED and row.lease == mailbox.digest(token):
            return Settled(row.id, row.kenmerk, row.settled_at or now)
        self._must_hold(row, token, now)
        with self._store.read() as session:
            current = cases.by_id(session, row.case_id).organisation_id == organisation_id
        if current:
            by = Collector.program(organisation_id)
            self._report(row.case_id, Report(Event.DECLINED, reason), now, by)
        with self._store.write() as session, _leased():
            mailbox.settle(session, row, token, ItemStatus.DECLINED, settled_at=now, sealed=None)
            actor = actor_of(organisation_id)
            self._event(session, AuditEvent.MAILBOX_DECLINED, row, now, actor, reason=str(reason))
        return Settled(row.id, row.kenmerk, now)

    def report(
        self,
        organisation_id: str,
        kenmerk: str,
        report: Report,
        now: datetime,
        name: str | None = None,
        by: Collector | None = None,
        version: int | None = None,
    ) -> Told:
        """Settle what an organisation reports on a case it got; raises `NotFound` for any other.

        An organisation whose case was taken over may still say that it made contact, which is a fact, or that
        this was a mistake. A report with the same `name` is recorded once. With `version` it counts only for
        the case as it was seen.
        """
        with self._store.read() as session:
            case = cases.find(session, kenmerk)
            had = mailbox.was_handed(session, case.id if case else "", organisation_id)
            if case is None or not had:
                raise NotFound
            mistaken = report.event is Event.CORRECTED and last_said_by(session, case) == organisation_id
        former = case.organisation_id != organisation_id
        reached = CONTACT & {*recorded(State(case.state), report.event)}
        if former and not reached and not mistaken:
            raise HandedOver
        # What the organisation calls it is its own text, so only a digest is kept.
        once = f"{organisation_id}:{mailbox.digest(name)[:16]}" if name else None
        moved = self._report(case.id, report, now, by or Collector.program(organisation_id), once, version)
        with self._store.read() as session:
            return Told(case.kenmerk, moved, cases.by_id(session, case.id).state, former)

    def figures(self, organisation_id: str, now: datetime) -> Figures:
        """The organisation's own queue."""
        with self._store.read() as session:
            return mailbox.figures(session, organisation_id, now)

    def sweep(self, now: datetime) -> int:
        """End leases whose collector is lost; gives how many."""
        with self._store.read() as session:
            if not mailbox.has_lapsed(session, now):
                return 0
        with self._store.write() as session:
            rows = mailbox.lapse(session, now)
            self._lapsed(session, rows, now)
        self._alarm(rows)
        for organisation_id in {row.organisation_id for row in rows}:
            self._bell.ring(organisation_id)
        return len(rows)

    def expire(self, now: datetime) -> int:
        """Destroy collected ciphertext whose time is over; gives how many."""
        with self._store.write() as session:
            return mailbox.expire(session, now)

    def _lease(self, organisation_id: str, now: datetime, limit: int) -> list[Leased]:
        with self._store.read() as session:
            if not mailbox.is_waiting(session, organisation_id, now):
                return []
        with self._store.write() as session:
            lost = mailbox.lapse(session, now, organisation_id)
            self._lapsed(session, lost, now)
            leased = mailbox.lease(session, organisation_id, now, limit)
            for item in leased:
                actor = actor_of(organisation_id)
                self._event(
                    session, AuditEvent.MAILBOX_LEASED, item.row, now, actor, attempt=item.row.attempt
                )
        self._alarm(lost)
        return leased

    def _own(self, organisation_id: str, item_id: str) -> Held:
        with self._store.read() as session:
            row = mailbox.find(session, organisation_id, item_id)
        if row is None:
            raise NotFound
        return row

    def _holds(self, row: Held, token: str, now: datetime) -> bool:
        # What was reported through another door may have ended the item while it was leased.
        ended = row.status == ItemStatus.DROPPED and row.lease == mailbox.digest(token)
        return ended or mailbox.holds(row, token, now)

    def _must_hold(self, row: Held, token: str, now: datetime) -> None:
        if not self._holds(row, token, now):
            raise LeaseLost

    def _report(
        self,
        case_id: str,
        report: Report,
        now: datetime,
        by: Collector,
        once: str | None = None,
        version: int | None = None,
    ) -> bool:
        tries = 0
        while True:
            try:
                return self._settle.report(
                    case_id,
                    report,
                    now,
                    by.actor,
                    by.channel,
                    once=once,
                    version=version,
                    organisation_id=by.organisation_id,
                )
            except LostRace:
                # Somebody else moved the case at this very moment: ask the table again.
                tries += 1
                if tries == TRIES or version is not None:
                    raise
            except NotAllowed:
                with self._store.read() as session:
                    state = State(cases.by_id(session, case_id).state)
                raise NotNow(tuple(event for event in allowed(state) if event in REPORTS)) from None

    def _event(
        self,
        session: Session,
        kind: AuditEvent,
        row: Held | MailboxRow,
        now: datetime,
        actor: str,
        **data: Any,
    ) -> None:
        audit.append(session, kind, now=now, actor=actor, case_id=row.case_id, delivery=row.id, **data)

    def _lapsed(self, session: Session, rows: list[MailboxRow], now: datetime) -> None:
        for row in rows:
            event = functools.partial(
                audit.append, session, now=now, actor=GATEWAY, case_id=row.case_id, delivery=row.id
            )
            event(AuditEvent.MAILBOX_LEASE_LOST, lost=row.lost)
            if row.status == ItemStatus.HELD:
                event(AuditEvent.DELIVERY_HELD, reason=mailbox.LOST_REASON)
                event(AuditEvent.ALARM, code=mailbox.LOST_REASON)

    def _alarm(self, rows: list[MailboxRow]) -> None:
        for row in rows:
            if row.status == ItemStatus.HELD:
                self._metrics.alarms.labels(mailbox.LOST_REASON).inc()
                self._log.alarm(mailbox.LOST_REASON, delivery=row.id, case=row.case_id)
