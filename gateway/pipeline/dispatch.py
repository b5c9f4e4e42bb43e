"""Dispatches what waits in the outbox: leases many rows at once, composes them, and sends them side by side.

It promises that no transaction is open while a peer is spoken to, that a row keeps its delivery id at every
try, that an unknown failure is temporary and bounded, and that a peer which is slow keeps its own rows
waiting and nobody else's.
"""

import asyncio
import functools
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from types import MappingProxyType

from adapters.base import Adapter, Parcel, Receipt, Refused, TryLater
from adapters.mail import MailAdapter
from adapters.relay import WayOut
from gateway.domain.codes import Kind
from gateway.domain.outgoing import (
    Alert,
    Digest,
    HeadAlert,
    Notice,
    Nudge,
    Outgoing,
    PracticeFigures,
    Reply,
    TrailHead,
)
from gateway.domain.pathway import Recipient
from gateway.errors import InbeeldError, NotFound, SealError
from gateway.log import Log
from gateway.pipeline import nudge
from gateway.pipeline.alert import Alerts
from gateway.pipeline.casefile import CaseFile
from gateway.pipeline.handover import Ciphertext, Handovers
from gateway.pipeline.notify import agreed_due
from gateway.pipeline.receipts import THEN, WAITS, Outcome, Receipts
from gateway.pipeline.reply import Composer
from gateway.pipeline.schedule import Step
from gateway.sealing.keyfacts import KeyFlaw
from gateway.store import cases, clocks, outbox, threads
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, OutboxRow, ThreadRow

BATCH = 64
"""How many rows are leased and being sent at most, beside those of peers that are slow."""

SLOW = 32
"""A peer with so many rows under way gets no more until some of them ended."""

ENGINE_TRIES = 3
"""So often an encryption may fail whose key is good, before a person is asked."""

RELAY = ""
"""Stands for the relay among the peers, which are organisations otherwise."""

GIVE_UP_AFTER = timedelta(days=5)
MESSAGE_TRIES = len(WAITS) + GIVE_UP_AFTER // THEN
"""When a message that is no handover is held; a handover is held when its deadline has passed."""

NO_CASE = CaseRow(id="", kenmerk="", state="", received_at=datetime.min, updated_at=datetime.min)
"""Stands where a message is about no case."""

Send = Callable[[], Awaitable[Receipt]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A leased row with its case, the case's contact deadline, and until when it is tried."""

    row: OutboxRow
    case: CaseRow
    due_at: datetime
    until: datetime
    thread: ThreadRow | None = None

    @property
    def peer(self) -> str:
        """Who must take it."""
        return self.row.organisation_id or RELAY if self.row.kind in outbox.DIRECT else RELAY


@dataclass(frozen=True, slots=True)
class Ready:
    """A job that only needs to be sent. `relayed` names whom the relay must take it for."""

    job: Attempt
    send: Send
    relayed: tuple[str, ...] = ()


class Dispatch(Step):
    """The step. `notices` gives the address at which an organisation reads notices, `leads` that of its team
    leader, `administrators` those who get the digest, `figures_to` who gets a practice's figures,
    `return_path` where the bounce of a delivery comes back to (the null sender, where none is given)."""

    name = "dispatch"
    follows = True

    def __init__(
        self,
        *,
        store: Store,
        adapters: Mapping[str, Adapter],
        relay: WayOut,
        reply: Composer,
        handover: Handovers,
        casefile: CaseFile,
        nudges: nudge.Nudges,
        alerts: Alerts | None = None,
        notices: Mapping[str, str],
        leads: Mapping[str, str] = MappingProxyType({}),
        administrators: Callable[[], tuple[str, ...]] = lambda: (),
        figures_to: Mapping[str, str] = MappingProxyType({}),
        receipts: Receipts,
        turn: Lock,
        log: Log,
        lease: str,
        return_path: Callable[[str], str] = lambda delivery: "",
        in_doubt: Callable[[], bool] = lambda: False,
    ) -> None:
        self._in_doubt = in_doubt
        self._store, self._adapters, self._relay, self._reply = store, adapters, relay, reply
        self._handover, self._casefile, self._nudges = handover, casefile, nudges
        self._notices, self._leads, self._administrators = notices, leads, administrators
        self._receipts, self._turn, self._log, self._lease = receipts, turn, log, lease
        self._return_path, self._alerts, self._figures_to = return_path, alerts, figures_to
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._ids: set[str] = set()
        self._left_over = False

    async def run(self, now: datetime) -> int:
        """Start sending what is due, and return when there is room for more; gives how many were started."""
        busy = Counter(self._under_way.values())
        slow = {peer for peer, number in busy.items() if number >= SLOW}
        room = BATCH - sum(number for peer, number in busy.items() if peer not in slow)
        ready = await asyncio.to_thread(self._prepare, now, room, slow)
        for one in ready:
            self._receipts.sending += 1
            task = asyncio.create_task(self._one(one, now))
            self._under_way[task] = one.job.peer
            self._ids.add(one.job.row.id)
            task.add_done_callback(functools.partial(self._ended, one.job.row.id))
        while self._crowded():
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        return len(ready)

    async def finish(self, within: float | None = None) -> None:
        """Wait for everything that is being sent; break off what takes longer than `within` seconds."""
        while self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=within)
            if late:
                self._receipts.stop()
            for task in late:
                task.cancel()

    async def hand_back(self, now: datetime) -> None:
        await asyncio.to_thread(outbox.release, self._store, self._lease, now)

    def _crowded(self) -> bool:
        """Whether too much is under way, without counting peers that are slow."""
        busy = Counter(self._under_way.values())
        return sum(number for number in busy.values() if number < SLOW) > BATCH // 2

    def _ended(self, id_: str, task: "asyncio.Task[None]") -> None:
        self._ids.discard(id_)
        peer = self._under_way.pop(task)
        if Counter(self._under_way.values())[peer] == SLOW - 1:
            # It was passed over while it had too many.
            self.wake()
        if not task.cancelled() and (error := task.exception()):
            self._log.failed("dispatch", error)

    def _prepare(self, now: datetime, room: int, slow: set[str]) -> list[Ready]:
        """Lease what is due, and make everything of it that needs no peer."""
        with self._turn:
            if self._left_over:
                # The database went away when it had leased rows to us, or just after: nobody else can know.
                outbox.release(self._store, self._lease, now, self._ids)
            self._left_over = True
            # By a clock that leapt every lease has ended, also of what is being sent at this moment.
            sure, relayed = not self._in_doubt(), RELAY not in slow
            rows = outbox.claim(self._store, now, self._lease, room, slow - {RELAY}, relayed, take_over=sure)
            jobs = self._jobs(rows)
            self._left_over = False
            return [self._compose(job, now) for job in jobs]

    def _jobs(self, rows: Sequence[OutboxRow]) -> list[Attempt]:
        """The rows with what belongs to them; read together."""
        if not rows:
            return []
        with self._store.read() as session:
            about = cases.by_ids(session, {row.case_id for row in rows if row.case_id})
            due = clocks.due_of(session, about, Kind.CONTACT)
            due |= {id_: agreed_due(case) for id_, case in about.items() if case.trial}
            threads_of = [outbox.thread_of(row) for row in rows]
            further = threads.by_ids(session, {id_ for id_ in threads_of if id_})
        return [
            Attempt(
                row,
                about.get(row.case_id, NO_CASE),
                due_at := due.get(row.case_id, row.created_at + GIVE_UP_AFTER),
                _until(row, due_at),
                further.get(thread or ""),
            )
            for row, thread in zip(rows, threads_of, strict=True)
        ]

    def _compose(self, job: Attempt, now: datetime) -> Ready:
        """The mail or parcel of a job; what can't be made fails when it is sent."""
        try:
            return self._made(job, now)
        except Exception as error:  # noqa: BLE001 - told of where every failure is
            return Ready(job, _failing(error))

    def _made(self, job: Attempt, now: datetime) -> Ready:
        row, case = job.row, job.case
        match _message(row):
            case Reply():
                address, mail = self._reply.to_referrer(case, row, now, job.thread)
                return self._relayed(job, (address,), mail)
            case Digest(items=items):
                if not (administrators := self._administrators()):
                    raise Refused("no_alarm_address")
                mail = self._reply.to_administrators(administrators, items, row.id, now)
                return self._relayed(job, administrators, mail)
            case TrailHead(text=head):
                if not (administrators := self._administrators()):
                    raise Refused("no_alarm_address")
                mail = self._reply.head_to_administrators(administrators, head, row.id, now)
                return self._relayed(job, administrators, mail)
            case Notice(organisation_id=organisation_id, to=to):
                addresses = self._readers(organisation_id, to)
                if not addresses:
                    raise Refused("no_notice_address")
                mail = self._reply.to_organisation(case, row, ", ".join(addresses), now)
                return self._relayed(job, addresses, mail)
            case PracticeFigures(practice_id=practice_id) as figures:
                if not (address := self._figures_to.get(practice_id, "")):
                    raise Refused("no_figures_address")
                mail = self._reply.to_practice(figures, address, row.id, now)
                return self._relayed(job, (address,), mail)
            case Nudge():
                return Ready(job, lambda: self._nudges.send(row, now))
            case Alert() | HeadAlert() as alert:
                if self._alerts is None:
                    raise Refused("no_alarm_webhook")
                return Ready(job, partial(self._alerts.send, alert, row, now))
        return self._parcel(job, now)

    def _relayed(self, job: Attempt, addresses: Sequence[str], mail: bytes) -> Ready:
        back = self._return_path(job.row.id)
        return Ready(job, lambda: self._relay.send(back, [*addresses], mail), tuple(addresses))

    def _parcel(self, job: Attempt, now: datetime) -> Ready:
        row, case, organisation_id = job.row, job.case, job.row.organisation_id or ""
        adapter = self._adapters.get(organisation_id)
        if adapter is None:
            raise Refused("organisation_not_configured")
        ciphertext = self._ciphertext(job, now)
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
            corrected=case.corrected_at is not None and organisation_id == case.organisation_id,
            late=now >= job.due_at,
            trial=case.trial,
        )
        by_relay = isinstance(adapter, MailAdapter)
        return Ready(job, lambda: adapter.send(parcel), (organisation_id,) if by_relay else ())

    def _readers(self, organisation_id: str, to: Sequence[Recipient]) -> tuple[str, ...]:
        """Who reads a notice: the team, its leader, or both; the team where no leader is known."""
        team = self._notices.get(organisation_id, "")
        lead = self._leads.get(organisation_id, team)
        found = [{Recipient.TEAM: team, Recipient.LEAD: lead}.get(who, "") for who in to]
        return tuple(dict.fromkeys(address for address in found if address))

    def _ciphertext(self, job: Attempt, now: datetime) -> Ciphertext:
        """What is sent: sealed for the key as it is at this very moment, anew if the key has changed."""
        row, organisation_id = job.row, job.row.organisation_id or ""
        fingerprint = self._handover.key_of(organisation_id, now)
        if row.sealed is not None and row.media_type is not None and row.sealed_for == fingerprint:
            return Ciphertext(row.media_type, row.sealed, fingerprint)
        referral = self._casefile.referral(job.case)
        organisation = self._handover.organisations[organisation_id]
        with self._store.read() as session:
            calls_by = clocks.due_of(session, [job.case.id], Kind.CALLS_FIRST).get(job.case.id)
        return self._handover.seal(job.case, referral, organisation, job.due_at, now, calls_by=calls_by)

    async def _one(self, ready: Ready, now: datetime) -> None:
        """Send one, and have recorded what became of it."""
        job = ready.job
        outcome = Outcome(job.row, now, job.until, relayed=ready.relayed, due_at=job.due_at)
        try:
            outcome = await self._tried(ready, outcome)
        finally:
            self._receipts.sending -= 1
        await self._receipts.record(outcome)

    async def _tried(self, ready: Ready, outcome: Outcome) -> Outcome:
        try:
            return replace(outcome, receipt=await ready.send())
        except Refused as refusal:
            return replace(outcome, reason=refusal.reason, final=True)
        except TryLater as later:
            return replace(outcome, reason=later.reason, after=later.after)
        except SealError as error:
            return replace(outcome, reason=error.code, final=not _passes(error, outcome.row.attempt))
        except InbeeldError as error:
            # Our own trouble (a thread that was destroyed, a text that is missing): a person must look.
            return replace(outcome, reason=type(error).__name__, final=True)
        except Exception as error:  # noqa: BLE001 - unknown failures are temporary and bounded
            self._log.failed("dispatch", error, delivery=ready.job.row.id)
            return replace(outcome, reason="unexpected")


def _message(row: OutboxRow) -> Outgoing:
    try:
        return outbox.read(row)
    except (ValueError, KeyError):
        raise NotFound("Another version put this there; dismiss it, or update this worker") from None


def _until(row: OutboxRow, due_at: datetime) -> datetime:
    """How long a row is tried."""
    if row.kind == nudge.KIND:
        return row.created_at + nudge.LASTS
    if row.kind != "handover":
        # It may have been made long before it was to leave, so that its tries tell how long it was tried.
        claimed = row.next_at - outbox.LEASE
        return claimed + GIVE_UP_AFTER if row.attempt < MESSAGE_TRIES else claimed
    # A parcel that was made late (for a backup, with a repaired key) still gets a day.
    return max(due_at, row.created_at + timedelta(days=1))


def _passes(error: SealError, attempt: int) -> bool:
    """Whether it may be over at the next try, so that nobody need look yet: a clock that is behind is put
    right, and a machine that stood still lets an encryption fail that was well."""
    return error.code == KeyFlaw.CLOCK_BEHIND or (
        error.code == KeyFlaw.ENGINE_ERROR and attempt < ENGINE_TRIES
    )


def _failing(error: Exception) -> Send:
    async def fail() -> Receipt:
        raise error

    return fail
