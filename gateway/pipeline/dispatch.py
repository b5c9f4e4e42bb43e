"""Dispatches what waits in the outbox: leases rows, sends them, and records receipt, retry or hold.

It promises that no transaction is open while a peer is spoken to, that a row keeps its delivery id at every
try, that an unknown failure is temporary and bounded, and that what can't be delivered is held and never
dropped (but for a nudge, which tells nothing that must be known).
"""

import asyncio
import json
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlmodel import Session

from adapters.base import Adapter, Parcel, Receipt, Refused, TryLater
from adapters.relay import Relay
from gateway.domain.clock import Kind
from gateway.domain.pathway import Recipient
from gateway.domain.states import Event, State, is_echo
from gateway.errors import InbeeldError, LostRace, SealError
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline import nudge
from gateway.pipeline.alarms import items_of
from gateway.pipeline.casefile import CaseFile
from gateway.pipeline.handover import Ciphertext, Handover
from gateway.pipeline.reply import Reply
from gateway.store import audit, cases, clocks, outbox, threads
from gateway.store.engine import Store
from gateway.store.outbox import Status
from gateway.store.tables import CaseRow, OutboxRow, ThreadRow

BATCH = 64
"""How many rows are leased and being sent at most."""

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20))
THEN = timedelta(hours=1)
JITTER = 0.1
ALARM_AFTER = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=5)
"""When a message that is no handover is held; a handover is held when its deadline has passed."""

ACTOR = "gateway"
TEXT = 500
NO_CASE = CaseRow(id="", kenmerk="", state="", received_at=datetime.min, updated_at=datetime.min)
"""Stands where a message is about no case."""


@dataclass(frozen=True, slots=True)
class Job:
    """A leased row with its case, the case's contact deadline, and until when it is tried."""

    row: OutboxRow
    case: CaseRow
    due_at: datetime
    until: datetime
    thread: ThreadRow | None = None


class Dispatch:
    """The step. `notices` gives the address at which an organisation reads notices, `leads` that of its team
    leader, `administrators` those who get the digest."""

    def __init__(
        self,
        *,
        store: Store,
        adapters: Mapping[str, Adapter],
        relay: Relay,
        reply: Reply,
        handover: Handover,
        casefile: CaseFile,
        nudges: nudge.Nudges,
        notices: Mapping[str, str],
        leads: Mapping[str, str] = MappingProxyType({}),
        administrators: tuple[str, ...] = (),
        log: Log,
        metrics: Metrics,
        chance: random.Random | None = None,
    ) -> None:
        self._store, self._adapters, self._relay, self._reply = store, adapters, relay, reply
        self._handover, self._casefile, self._nudges = handover, casefile, nudges
        self._notices, self._leads, self._administrators = notices, leads, administrators
        self._log, self._metrics = log, metrics
        self._chance = chance or random.SystemRandom()
        self._under_way: set[asyncio.Task[None]] = set()
        self.lease = uuid.uuid4().hex

    async def run(self, now: datetime) -> int:
        """Send what is due, at most `BATCH` rows, and wait for all of it; gives how many were tried."""
        started = await self.feed(now)
        await self.finish()
        return started

    async def feed(self, now: datetime) -> int:
        """Start sending what is due, and return when there is room for more; gives how many were started.

        A peer that is slow keeps its own rows waiting: until half of `BATCH` are such, nobody else's.
        """
        room = BATCH - len(self._under_way)
        rows = await asyncio.to_thread(outbox.claim, self._store, now, self.lease, room)
        for row in rows:
            task = asyncio.create_task(self._one(row, now))
            self._under_way.add(task)
            task.add_done_callback(self._ended)
        while len(self._under_way) > BATCH // 2:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        return len(rows)

    async def finish(self, within: float | None = None) -> None:
        """Wait for everything that is being sent; break off what takes longer than `within` seconds."""
        while self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=within)
            for task in late:
                task.cancel()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # A store that was away for a moment: the lease ends by itself, and the row comes back.
            self._log.failed("dispatch", error)

    def hand_back(self, now: datetime) -> None:
        """Give back what was leased: the worker stops."""
        outbox.release(self._store, self.lease, now)

    async def _one(self, row: OutboxRow, now: datetime) -> None:
        try:
            job = await asyncio.to_thread(self._job, row)
            try:
                receipt = await self._send(job, now)
            except Refused as refusal:
                await asyncio.to_thread(self._hold, job, refusal.reason, now)
            except TryLater as later:
                await asyncio.to_thread(self._postpone, job, later.reason, later.after, now)
            except SealError as error:
                await asyncio.to_thread(self._hold, job, error.code, now)
            except InbeeldError as error:
                # Our own trouble (a thread that was destroyed, a text that is missing): a person must look.
                await asyncio.to_thread(self._hold, job, type(error).__name__, now)
            except Exception as error:  # noqa: BLE001 - unknown failures are temporary and bounded
                self._log.failed("dispatch", error, delivery=row.id)
                await asyncio.to_thread(self._postpone, job, "unexpected", None, now)
            else:
                await asyncio.to_thread(self._sent, job, receipt, now)
        except LostRace:
            return

    def _job(self, row: OutboxRow) -> Job:
        if not row.case_id:
            lasts = nudge.LASTS if row.kind == nudge.KIND else GIVE_UP_AFTER
            return Job(row, NO_CASE, row.created_at, row.created_at + lasts)
        with self._store.read() as session:
            case = cases.by_id(session, row.case_id)
            thread_id = json.loads(row.params).get("thread")
            thread = threads.by_id(session, thread_id) if thread_id else None
            contact = [clock for clock in clocks.of_case(session, row.case_id) if clock.kind == Kind.CONTACT]
        due_at = contact[0].due_at if contact else row.created_at + GIVE_UP_AFTER
        if row.kind != "handover":
            return Job(row, case, due_at, max(row.next_at, row.created_at) + GIVE_UP_AFTER, thread)
        # A parcel that was made late (for a backup, with a repaired key) still gets a day.
        return Job(row, case, due_at, max(due_at, row.created_at + timedelta(days=1)))

    async def _send(self, job: Job, now: datetime) -> Receipt:
        row, case = job.row, job.case
        if row.kind == "reply":
            address, mail = await asyncio.to_thread(self._reply.to_referrer, case, row, now, job.thread)
            return await self._relay.send("", [address], mail)
        if row.kind == "digest":
            if not self._administrators:
                raise Refused("no_alarm_address")
            mail = self._reply.to_administrators(self._administrators, items_of(row), row.id, now)
            return await self._relay.send("", list(self._administrators), mail)
        if row.kind == nudge.KIND:
            return await self._nudges.send(row, now)
        organisation_id = row.organisation_id or ""
        if row.kind == "notice":
            addresses = self._readers(row)
            if not addresses:
                raise Refused("no_notice_address")
            to = ", ".join(addresses)
            mail = await asyncio.to_thread(self._reply.to_organisation, case, row, to, now)
            return await self._relay.send("", addresses, mail)
        if organisation_id not in self._adapters:
            raise Refused("organisation_not_configured")
        ciphertext = await asyncio.to_thread(self._ciphertext, job, now)
        parcel = Parcel(
            delivery_id=row.id,
            kenmerk=case.kenmerk,
            organisation_id=organisation_id,
            media_type=ciphertext.media_type,
            ciphertext=ciphertext.content,
            due_at=job.due_at,
            reply_to=self._reply.report_address(case, organisation_id),
            urgent=case.urgent,
            made_at=row.created_at,
        )
        return await self._adapters[organisation_id].send(parcel)

    def _readers(self, row: OutboxRow) -> list[str]:
        """Who reads a notice: the team, its leader, or both; the team where no leader is known."""
        organisation_id = row.organisation_id or ""
        wanted = json.loads(row.params).get("to", [Recipient.TEAM])
        team = self._notices.get(organisation_id, "")
        lead = self._leads.get(organisation_id, team)
        found = [{Recipient.TEAM: team, Recipient.LEAD: lead}.get(who, "") for who in wanted]
        return list(dict.fromkeys(address for address in found if address))

    def _ciphertext(self, job: Job, now: datetime) -> Ciphertext:
        """What is sent: sealed for the key as it is at this very moment, anew if the key has changed."""
        row, organisation_id = job.row, job.row.organisation_id or ""
        fingerprint = self._handover.key_of(organisation_id, now)
        if row.sealed is not None and row.media_type is not None and row.sealed_for == fingerprint:
            return Ciphertext(row.media_type, row.sealed, fingerprint)
        referral = self._casefile.referral(job.case)
        return self._handover.seal(
            job.case, referral, self._handover.organisations[organisation_id], job.due_at, now
        )

    def _sent(self, job: Job, receipt: Receipt, now: datetime) -> None:
        row = job.row
        with self._store.write() as session:
            outbox.settle(
                session,
                row,
                Status.SENT,
                sent_at=now,
                sealed=None,
                reason=None,
                receipt_peer=receipt.peer[:TEXT],
                receipt_text=receipt.text[:TEXT],
            )
            case = cases.by_id(session, row.case_id) if row.case_id else NO_CASE
            if row.kind == "handover" and not is_echo(State(case.state), Event.DELIVERED):
                cases.advance(session, case, Event.DELIVERED, now=now, actor=ACTOR, delivery=row.id)
            else:
                audit.append(
                    session,
                    "delivery.sent",
                    now=now,
                    actor=ACTOR,
                    case_id=row.case_id or None,
                    delivery=row.id,
                    what=f"{row.kind}.{row.code}",
                )
        self._metrics.deliveries.labels(row.kind, "sent").inc()
        self._log.delivered(row.id, row.case_id, row.kind, row.attempt)

    def _postpone(self, job: Job, reason: str, after: timedelta | None, now: datetime) -> None:
        row = job.row
        wait = WAITS[row.attempt - 1] if row.attempt <= len(WAITS) else THEN
        wait = max(wait * (1 + JITTER * self._chance.random()), after or timedelta(0))
        if now + wait > job.until:
            self._hold(job, reason, now)
            return
        alarming = row.alarmed_at is None and now >= row.created_at + ALARM_AFTER and row.kind != nudge.KIND
        with self._store.write() as session:
            alarmed_at = now if alarming else row.alarmed_at
            outbox.settle(
                session, row, Status.READY, next_at=now + wait, reason=reason[:TEXT], alarmed_at=alarmed_at
            )
            # A digest that can't leave is no news for the next digest.
            if alarming and row.kind != "digest":
                self._event(session, row, "delivery.late", reason, now)
        self._metrics.deliveries.labels(row.kind, "later").inc()
        self._log.postponed(row.id, row.case_id, reason, row.attempt)
        if alarming:
            self._alarm("delivery_late", row, reason)

    def _hold(self, job: Job, reason: str, now: datetime) -> None:
        row = job.row
        status = Status.DROPPED if row.kind == nudge.KIND else Status.HELD
        with self._store.write() as session:
            outbox.settle(session, row, status, reason=reason[:TEXT], alarmed_at=now)
            kind = "nudge.dropped" if status is Status.DROPPED else "delivery.held"
            self._event(session, row, kind, reason, now)
        self._metrics.deliveries.labels(row.kind, str(status)).inc()
        if status is Status.HELD:
            self._alarm("held", row, reason)

    def _event(self, session: Session, row: OutboxRow, kind: str, reason: str, now: datetime) -> None:
        audit.append(
            session,
            kind,
            now=now,
            actor=ACTOR,
            case_id=row.case_id or None,
            delivery=row.id,
            reason=reason[:TEXT],
            attempt=row.attempt,
        )

    def _alarm(self, code: str, row: OutboxRow, reason: str) -> None:
        self._metrics.alarms.labels(code).inc()
        self._log.alarm(code, delivery=row.id, case=row.case_id, kind=row.kind, reason=reason[:TEXT])
