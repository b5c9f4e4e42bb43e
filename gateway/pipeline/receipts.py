"""Records what became of deliveries, many in one transaction: sent, to be tried again, or held.

It promises that what a peer took is recorded for as long as we hold the lease, also over a database that is
away meanwhile, so that it does not leave twice; that one delivery which can't be recorded spoils no other;
that what can't be delivered is held and never dropped (but for a nudge, which tells nothing that must be
known); and that a relay which refuses everybody is not taken for a message that is refused.
"""

import asyncio
import random
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from adapters.answers import Reason
from adapters.base import Receipt
from gateway.domain.clock import next_working_moment
from gateway.domain.codes import Kind
from gateway.domain.messages import Code
from gateway.domain.states import Event, State, is_echo
from gateway.domain.trail import AuditEvent
from gateway.errors import NotAllowed
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline.notify import notice, policy
from gateway.pipeline.relayhealth import REASON, Blame, RelayHealth
from gateway.store import audit, cases, moves, outbox
from gateway.store.engine import Store, is_away
from gateway.store.moves import Move
from gateway.store.outbox import LEASE, Status
from gateway.store.tables import CaseRow, OutboxRow

GROUP = 64
"""So many are recorded in one transaction at most."""

GATHER = 0.05
"""How long the first of a group waits for others at most, in seconds, while others are being sent."""

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20))
THEN = timedelta(hours=1)
JITTER = 0.1
ALARM_AFTER = timedelta(hours=1)

NOBODYS = frozenset(
    str(reason)
    for reason in (
        Reason.UNREACHABLE,
        Reason.TIMEOUT,
        Reason.UNAVAILABLE,
        Reason.UNTRUSTED,
        Reason.TLS_MISSING,
        Reason.TLS_FAILED,
        Reason.CA_FILE,
        Reason.LOGIN,
    )
)
"""Why nothing at all could be given to the relay: no fault of any mail."""

LONGEST_WAIT = 5.0
"""How long to wait at most before a database that was away is asked again, in seconds."""

TRIES = 3
ACTOR = "gateway"
NO_ADDRESS = "no_notice_address"
TEXT = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try: a receipt, or a reason. `until` is how long the row is tried at all.

    With `relayed`, what the relay refused was meant for these. A `final` reason holds the row at once.
    """

    row: OutboxRow
    now: datetime
    until: datetime
    receipt: Receipt | None = None
    reason: str = ""
    after: timedelta | None = None
    final: bool = False
    relayed: tuple[str, ...] = ()
    due_at: datetime | None = None
    """By when there must be contact."""

    @property
    def holds(self) -> bool:
        """Whether the row is held for good reason."""
        return self.receipt is None and self.final


class Receipts:
    """Records outcomes in groups; `record` returns when its outcome is on disk, or nobody can record it."""

    def __init__(
        self,
        *,
        store: Store,
        log: Log,
        metrics: Metrics,
        turn: Lock,
        announced: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """`announced` gives the organisations whose team is told that a referral arrived."""
        self._announced = announced
        self._store, self._log, self._metrics, self._turn = store, log, metrics, turn
        self._health = RelayHealth()
        self._resume, self._unblame = set[str](), tuple[str, ...]()
        self._waiting: list[tuple[Outcome, asyncio.Future[None]]] = []
        self._more = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self.sending = 0
        """How many are under way whose outcome will come: a group waits a moment for them."""

    async def record(self, outcome: Outcome) -> None:
        """Record an outcome together with those that come at the same time."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((outcome, done))
        self._more.set()
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_groups())
        await done

    def stop(self) -> None:
        """Record nothing any more: the worker has no time left."""
        if self._writer is not None:
            self._writer.cancel()

    async def _write_groups(self) -> None:
        try:
            while self._waiting:
                with suppress(TimeoutError):
                    async with asyncio.timeout(GATHER):
                        while self.sending and len(self._waiting) < GROUP:
                            self._more.clear()
                            await self._more.wait()
                group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
                outcomes = [self._judged(outcome) for outcome, _ in group]
                try:
                    await self._persist(outcomes)
                finally:
                    for _, done in group:
                        if not done.done():
                            done.set_result(None)
        finally:
            self._writer = None

    async def _persist(self, group: Sequence[Outcome]) -> None:
        """Write a group, however long the database is away; give up only what others have taken over."""
        loop = asyncio.get_running_loop()
        wait, end = 0.2, loop.time() + LEASE.total_seconds() / 2
        while True:
            try:
                await asyncio.to_thread(self._in_turn, group)
                return
            except Exception as error:  # noqa: BLE001 - one that can't be recorded must not spoil the others
                if is_away(error) and loop.time() < end:
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, LONGEST_WAIT)
                    continue
                if len(group) == 1 or is_away(error):
                    # The lease ends by itself, and the row comes back.
                    self._log.failed("dispatch", error, delivery=group[0].row.id)
                    return
            for one in group:
                await self._persist([one])
            return

    def _judged(self, outcome: Outcome) -> Outcome:
        """What an outcome means, with what the relay did to others, and how long it was tried."""
        row = outcome.row
        if outcome.relayed and outcome.receipt:
            if self._health.took(outcome.relayed):
                self._log.relay_well()
                self._resume.add(REASON)
            if self._health.came_back():
                self._resume |= NOBODYS
        if outcome.relayed and outcome.reason.partition(" ")[0] in NOBODYS:
            self._health.missed()
        if outcome.relayed and outcome.holds and outcome.reason.startswith(Reason.REFUSED.value):
            verdict = self._health.refused(row.id, outcome.relayed, outcome.reason)
            if verdict is Blame.BEGINS:
                self._unblame = self._health.blamed
            if verdict is not Blame.ITS_OWN:
                outcome = replace(outcome, reason=f"{REASON} {outcome.reason}", final=False)
        if outcome.receipt or outcome.final:
            return outcome
        wait = WAITS[row.attempt - 1] if row.attempt <= len(WAITS) else THEN
        wait = max(wait * (1 + JITTER * random.SystemRandom().random()), outcome.after or timedelta(0))
        return replace(outcome, after=wait, final=outcome.now + wait > outcome.until)

    def _in_turn(self, group: Sequence[Outcome]) -> None:
        with self._turn:
            self._write(group)

    def _write(self, group: Sequence[Outcome]) -> None:
        """One transaction for a group; those whose case moved at that moment are written anew."""
        left = {outcome.row.id: outcome for outcome in group}
        for _ in range(TRIES):
            # A case moves by its handover alone, whatever else of it left at the same moment.
            handed = {id_ for id_, one in left.items() if one.receipt and one.row.kind == "handover"}
            with self._store.read() as session:
                known = cases.by_ids(session, {left[id_].row.case_id for id_ in handed})
            made = [
                _move(one, known.get(one.row.case_id) if id_ in handed else None, self._announced())
                for id_, one in left.items()
            ]
            # Whose lease was lost is lost again: another has it, and records it.
            lost = {move.settled[0]["this_id"] for move in moves.commit(self._store, made)}
            for id_ in left.keys() - lost:
                self._tell(left.pop(id_))
            if not left:
                break
        self._relay_turned(group[0].now)

    def _relay_turned(self, now: datetime) -> None:
        """Free what was blamed for the relay's fault, or let everything leave that waited for the relay."""
        if self._unblame:
            with self._store.write() as session:
                at, mine = now + WAITS[0], Reason.REFUSED.value
                for row in outbox.unblame(session, self._unblame, mine, REASON, at):
                    facts: dict[str, Any] = {"case_id": row.case_id or None, "delivery": row.id}
                    audit.append(session, AuditEvent.DELIVERY_RETRIED, now=now, actor=ACTOR, **facts)
                audit.append(session, AuditEvent.ALARM, now=now, actor=ACTOR, code=REASON)
            self._unblame = ()
            self._metrics.alarms.labels(REASON).inc()
            self._log.alarm(REASON)
        if self._resume:
            with self._store.write() as session:
                for reason in self._resume:
                    outbox.hurry(session, reason, now)
            self._resume = set()

    def _tell(self, outcome: Outcome) -> None:
        row = outcome.row
        if outcome.receipt:
            self._metrics.deliveries.labels(row.kind, "sent").inc()
            self._log.delivered(row.id, row.case_id, row.kind, row.attempt)
        elif outcome.final:
            status = _ended(row, outcome.reason)
            self._metrics.deliveries.labels(row.kind, str(status)).inc()
            if status is Status.HELD:
                self._alarm("held", row, outcome.reason)
        else:
            self._metrics.deliveries.labels(row.kind, "later").inc()
            self._log.postponed(row.id, row.case_id, outcome.reason, row.attempt)
            if _alarming(outcome):
                self._alarm("delivery_late", row, outcome.reason)

    def _alarm(self, code: str, row: OutboxRow, reason: str) -> None:
        self._metrics.alarms.labels(code).inc()
        self._log.alarm(code, delivery=row.id, case=row.case_id, kind=row.kind, reason=reason[:TEXT])


def _move(outcome: Outcome, case: CaseRow | None, announced: Collection[str] = ()) -> Move:
    """What an outcome changes."""
    row, now, made = outcome.row, outcome.now, Move()
    reason = outcome.reason[:TEXT]
    facts: dict[str, Any] = {"now": now, "actor": ACTOR, "case_id": row.case_id or None}
    why: dict[str, Any] = {"delivery": row.id, "reason": reason, "attempt": row.attempt}
    if outcome.receipt:
        peer, text = outcome.receipt.peer[:TEXT], outcome.receipt.text[:TEXT]
        values: dict[str, Any] = {"sealed": None, "reason": None, "receipt_peer": peer, "receipt_text": text}
        made.settle(row, Status.SENT, sent_at=now, **values)
        if case is None or is_echo(State(case.state), Event.DELIVERED):
            made.event(AuditEvent.DELIVERY_SENT, **facts, delivery=row.id, what=f"{row.kind}.{row.code}")
        else:
            try:
                made.advance(case, Event.DELIVERED, now=now, actor=ACTOR, delivery=row.id)
                if row.organisation_id in announced:
                    made.put(_arrived(outcome, case, row.organisation_id or ""))
            except NotAllowed:
                # It was withdrawn while it was on its way: that it left is true all the same.
                made.event(AuditEvent.DELIVERY_SENT, **facts, delivery=row.id, what=f"{row.kind}.{row.code}")
    elif outcome.final:
        status = _ended(row, outcome.reason)
        made.settle(row, status, reason=reason, alarmed_at=now)
        dropped = AuditEvent.NUDGE_DROPPED if row.kind == "nudge" else AuditEvent.NOTICE_DROPPED
        made.event(dropped if status is Status.DROPPED else AuditEvent.DELIVERY_HELD, **facts, **why)
    else:
        alarming = _alarming(outcome)
        alarmed_at = now if alarming else row.alarmed_at
        next_at = now + (outcome.after or THEN)
        made.settle(row, Status.READY, next_at=next_at, reason=reason, alarmed_at=alarmed_at)
        if alarming and row.kind == "digest":
            # No news for the next digest, but for whoever is told by webhook.
            made.event(AuditEvent.ALARM, **facts, code="digest_late", delivery=row.id)
        elif alarming and row.kind in ("alert", "head_alert"):
            made.event(
                AuditEvent.ALARM,
                **facts,
                code="alert_late",
                delivery=row.id,
                organisation=row.organisation_id,
            )
        elif alarming:
            made.event(AuditEvent.DELIVERY_LATE, **facts, **why)
    return made


def _arrived(outcome: Outcome, case: CaseRow, organisation_id: str) -> OutboxRow:
    """That a referral arrived, for a team that would not see it by itself; in its working hours, unless it
    was collected before or is reminded of more by then."""
    at = next_working_moment(outcome.now, policy(case))
    about: dict[str, Any] = {"once": outcome.row.id, "at": at, "date": outcome.due_at, "clock": Kind.COLLECT}
    return notice(case, organisation_id, Code.ORG_ARRIVED, outcome.now, **about)


def _alarming(outcome: Outcome) -> bool:
    """Whether a delivery that is tried again waits for so long now that somebody must know."""
    row = outcome.row
    late = outcome.now >= row.created_at + ALARM_AFTER
    return late and row.alarmed_at is None and row.kind != "nudge"


def _ended(row: OutboxRow, reason: str) -> Status:
    """What becomes of a row that can't leave. An organisation without an address for notices gets none by
    agreement: whoever told it told the administrator too (see `deadlines` and `watch`)."""
    nobody = row.kind == "notice" and reason == NO_ADDRESS
    return Status.DROPPED if row.kind == "nudge" or nobody else Status.HELD
