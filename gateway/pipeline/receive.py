"""Receives mails from the inbox, many at once: opens them in memory, finds out who sent them, reads them, and
makes the one move of each.

It promises that every mail ends as exactly one of case, addition, question, quarantine or ignored (P8),
that its content is destroyed in the transaction that says so (all but a quarantined mail, which a person
must still read), that the deadline counts from the moment the mail was kept (P10), and that a mail which
spoils what it is in spoils itself alone: it is tried again by itself, and set aside after `ATTEMPTS` claims,
also if the worker died over it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gateway.domain.case import kenmerk_of, new_kenmerk
from gateway.domain.states import Event, State
from gateway.errors import LostRace, NotFound, OpenError
from gateway.gate.envelope import unpack
from gateway.gate.marks import Marks
from gateway.gate.senders import Practice, Senders
from gateway.gate.tokens import Tokens
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline.admit import ACTOR, Admit
from gateway.pipeline.conversation import Conversation
from gateway.pipeline.duplicates import Duplicates
from gateway.pipeline.incoming import Incoming
from gateway.pipeline.letter import Decision, Letter, Mail
from gateway.pipeline.notify import parties
from gateway.pipeline.reports import Refusal, Reports
from gateway.pipeline.step import Step
from gateway.reading.reader import Verdict
from gateway.sandbox.examiner import Arrived, Examiner
from gateway.sandbox.pool import Readers, Unreadable
from gateway.sandbox.tasks import OWN_TEXT, MailJob, to_find_bounced, to_read
from gateway.sandbox.unwrapper import Unwrapper
from gateway.sealing.box import Keychain
from gateway.sealing.opening import Opener
from gateway.store import audit, cases, inbox, moves, setaside
from gateway.store.engine import Store
from gateway.store.moves import Move
from gateway.store.outage import is_away
from gateway.store.tables import CaseRow, InboxRow

BATCH = 64
"""How many mails are received together; each costs the same from sixteen on."""

ATTEMPTS = 3
"""After so many claims that came to no end a mail is set aside."""

ROUNDS = 3
"""So often a mail is decided anew that lost a race, before it waits."""

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""How long a mail waits when its proof can't be had now; after the last it is set aside for a person."""


AWAITING = (State.NEEDS_INFO, State.UNREACHABLE)
"""Where the referrer was asked something."""

LANES = ("receive", "receive.second")
"""The names of the two receiving steps of a worker."""

LATER = "later"
"""Stands for an outcome where there is none yet."""


class Receive(Step):
    """The step. `lease` begins with the worker's name; `domain` is ours, as in the ids of our deliveries.

    A worker has two of these, of which the second `follows`: while one waits for its mails to be read, the
    other decides about its own, and a mail that takes long to read keeps no more than its batch.
    """

    def __init__(
        self,
        *,
        name: str,
        store: Store,
        lease: str,
        keychain: Keychain,
        senders: Senders,
        examiner: Examiner,
        readers: Readers,
        tokens: Tokens,
        marks: Marks,
        admit: Admit,
        duplicates: Duplicates,
        openers: Sequence[Opener],
        incoming: Incoming,
        reports: Reports,
        conversation: Conversation,
        domain: str,
        log: Log,
        metrics: Metrics,
    ) -> None:
        self.name, self.follows = name, name != LANES[0]
        self._store, self._lease, self._keychain = store, lease, keychain
        self._senders, self._examiner, self._readers = senders, examiner, readers
        self._tokens, self._marks, self._domain = tokens, marks, domain
        self._admit, self._duplicates = admit, duplicates
        self._unwrapper = Unwrapper(readers, openers)
        self._incoming, self._reports, self._conversation = incoming, reports, conversation
        self._log, self._metrics = log, metrics
        self._left_over = False

    async def run(self, now: datetime) -> int:
        """Receive what waits; gives how many mails that were."""
        return await asyncio.to_thread(self._run, now)

    async def hand_back(self, now: datetime) -> None:
        """The worker stops: another may have what is left."""
        del now
        await asyncio.to_thread(inbox.release, self._store, self._lease)

    def _run(self, now: datetime) -> int:
        if self._left_over:
            # The database was away, or its disk was full, while we had these: nobody else can know.
            inbox.release(self._store, self._lease)
        self._left_over = True
        fresh = inbox.claim(self._store, now, self._lease, BATCH)
        self._receive(fresh, now)
        again = inbox.claim_again(self._store, now, self._lease)
        self._receive(again, now)
        self._left_over = False
        return len(fresh) + len(again)

    def _receive(self, rows: Sequence[InboxRow], now: datetime) -> None:
        """Receive mails together, or one by one if that fails."""
        for _ in range(ROUNDS):
            if not rows:
                return
            batch = self._batch(rows, now)
            try:
                rows = self._together(batch, rows)
            except Exception as error:
                if is_away(error):
                    raise
                if len(rows) == 1:
                    self._stumble(rows[0], error, batch)
                else:
                    for row in rows:
                        self._receive([row], now)
                return
        self._make([self._later(row, "busy", batch) for row in rows])

    def _stumble(self, row: InboxRow, error: Exception, batch: "_Batch") -> None:
        """Let a mail wait over which we stumbled; after the last attempt it is for a person."""
        self._log.failed("receive", error, mail=row.id)
        if row.attempt >= ATTEMPTS:
            self._make([self._quarantine(row, "step_failed", batch)])
        else:
            at = batch.now + WAITS[row.attempt - 1]
            self._make([_put_back(row, at, attempt=row.attempt, postponed=row.postponed)])

    def _batch(self, rows: Sequence[InboxRow], now: datetime) -> "_Batch":
        with self._store.read() as session:
            return _Batch(now, cases.by_kenmerken(session, {self._kenmerk(row) for row in rows}))

    def _together(self, batch: "_Batch", rows: Sequence[InboxRow]) -> list[InboxRow]:
        """Decide about mails and make their moves; gives those that lost a race."""
        self._open(batch, rows)
        batch.each(self._sort)
        self._look_up(batch)
        self._read(batch)
        self._compare(batch)
        # A report and a request are carried out in transactions of their own.
        alone = [mail for mail in batch.mails if mail.report or self._conversation.asks(mail)]
        batch.mails = [mail for mail in batch.mails if mail not in alone]
        batch.each(self._decide)
        lost = self._make(batch.decisions)
        for mail in alone:
            try:
                self._make([self._act(mail, batch)])
            except LostRace:
                lost.append(mail.row)
            except Exception as error:
                if is_away(error):
                    raise
                self._stumble(mail.row, error, batch)
        return lost

    def _open(self, batch: "_Batch", rows: Sequence[InboxRow]) -> None:
        """Open the mails, and have them examined."""
        opened: list[tuple[InboxRow, Arrived]] = []
        for row in rows:
            if row.attempt > ATTEMPTS:
                # The worker died over it each time, so that nobody could say why.
                batch.decisions.append(self._quarantine(row, "step_failed", batch))
                continue
            try:
                envelope, raw = unpack(self._keychain.open(row.sealed or b"", f"inbox:{row.id}"))
            except OpenError:
                batch.decisions.append(self._quarantine(row, "cannot_open", batch))
                continue
            if row.case_id is None and envelope.mail_from and self._reports.made_up(envelope.rcpt_tos):
                # Nobody has such an address of us: not even its header is worth reading.
                batch.decisions.append(self._quarantine(row, "report_token", batch))
                continue
            opened.append((row, Arrived(envelope, raw, row.received_at)))
        examined = self._examiner.examine([arrived for _, arrived in opened])
        for (row, arrived), head in zip(opened, examined, strict=True):
            if isinstance(head, Unreadable):
                batch.decisions.append(self._unreadable(row, head, "", batch))
            else:
                batch.mails.append(Mail(row, arrived.envelope, arrived.raw, head))

    def _sort(self, mail: Mail, batch: "_Batch") -> Decision | None:
        """Whose mail it is; a decision if it can't be anybody's."""
        row, head, proof = mail.row, mail.head, mail.head.proof
        if mail.released or mail.machine_made:
            return None
        if proof.result == "temporary":
            return self._later(row, proof.code, batch)
        mail.report = self._reports.claim(mail.envelope.rcpt_tos)
        if mail.report is not None:
            return None
        practice = self._senders.practice_of(proof.address) if proof.address else None
        if practice is None:
            return self._quarantine(row, "unknown_sender" if proof.address else proof.code, batch)
        if not proof.satisfies(practice):
            return self._quarantine(row, "spf_alone", batch)
        mail.practice = practice
        claims = self._tokens.thread_claims(" ".join((*head.references, head.in_reply_to or "")))
        own = next((claim for claim in claims if self._tokens.confirms(claim, practice.id)), None)
        if own is not None:
            mail.thread = kenmerk_of(own.case)
        elif claims:
            # A token of another practice's thread proves that this one should not be there.
            return self._quarantine(row, "other_thread", batch)
        elif head.message_id:
            mail.key = self._marks.message(practice.id, head.message_id, head.digest)
        return None

    def _look_up(self, batch: "_Batch") -> None:
        """What is known of the cases that the mails are about."""
        mails = batch.mails
        with self._store.read() as session:
            threads = cases.by_kenmerken(session, {mail.thread for mail in mails if mail.thread})
            copies = cases.by_messages(session, {mail.key for mail in mails if mail.key})
            released = cases.by_ids(session, {mail.row.case_id for mail in mails if mail.row.case_id})
            self._incoming.count(session, [mail for mail in mails if mail.practice], batch.now)

        def place(mail: Mail, batch: "_Batch") -> Decision | None:
            if mail.released:
                mail.case = released[mail.row.case_id or ""]
                mail.practice = self._senders.by_id(mail.case.practice_id or "")
                if mail.practice is None or mail.head.sender is None:
                    raise NotFound("The practice or the sender of a released mail is not known any more")
            elif mail.thread is not None:
                mail.case = threads.get(mail.thread)
                if mail.case is None:
                    # Our token on a case that is not there any more: a person must look.
                    return self._quarantine(mail.row, "other_thread", batch)
                if mail.case.state in AWAITING:
                    mail.known = self._admit.known(mail.case)
            elif mail.key in copies:
                # The same mail in other bytes, as some servers send it after a fault.
                return _end(mail.row, "addition", batch.now, "repeated", copies[mail.key])
            return None

        batch.each(place)

    def _read(self, batch: "_Batch") -> None:
        """Have everything read that must be read, in the reading processes."""
        asked: list[tuple[Mail, str]] = []
        jobs: list[MailJob[Any]] = []

        def ask(mail: Mail, batch: "_Batch") -> Decision | None:
            try:
                wrapped = mail.head.wrapped and not mail.machine_made
                raw = self._unwrapper.unwrap(mail.raw) if wrapped else mail.raw
            except OpenError:
                return self._quarantine(mail.row, f"{mail.prefix}cannot_decrypt", batch)
            except Unreadable as failure:
                return self._unreadable(mail.row, failure, mail.prefix, batch)
            for name, job in self._jobs(mail, raw).items():
                asked.append((mail, name))
                jobs.append(job)
            return None

        batch.each(ask)
        failures: dict[str, Unreadable] = {}
        for (mail, name), answer in zip(asked, self._readers.run(jobs), strict=True):
            if isinstance(answer, Unreadable):
                failures.setdefault(mail.row.id, answer)
            else:
                setattr(mail, name, answer)

        def judge(mail: Mail, batch: "_Batch") -> Decision | None:
            failure = failures.get(mail.row.id)
            return self._unreadable(mail.row, failure, mail.prefix, batch) if failure else None

        batch.each(judge)

    def _jobs(self, mail: Mail, raw: bytes) -> dict[str, MailJob[Any]]:
        """What is to be found out about a mail, by the name of what it will be."""
        text = {"text": MailJob(OWN_TEXT, raw, {})}
        if mail.machine_made:
            return {"returned": to_find_bounced(raw, self._domain)}
        if mail.practice is None or (mail.thread and mail.known is None):
            return text
        reading = {"reading": to_read(raw, mail.practice.phones, mail.known)}
        return reading | text if mail.thread or self._admit.asks_consent() else reading

    def _compare(self, batch: "_Batch") -> None:
        """The cases about the numbers that were read, to find who is referred a second time."""
        marks = {mark for mail in batch.mails for mark in self._duplicates.marks(mail.reading)}
        with self._store.read() as session:
            batch.about = cases.by_phones(session, marks)

    def _decide(self, mail: Mail, batch: "_Batch") -> Decision | None:
        """What becomes of a mail, as a move."""
        if mail.practice is None:
            decision = _end(mail.row, "ignored", batch.now, mail.head.automatic)
            self._incoming.hold_returned(mail, decision, batch.now)
            return decision
        decision = self._of_practice(mail, mail.practice, batch)
        self._incoming.alarm(mail, decision, batch.now)
        return decision

    def _of_practice(self, mail: Mail, practice: Practice, batch: "_Batch") -> Decision:
        row, reading, case, now = mail.row, mail.reading, mail.case, batch.now
        if reading is None:
            # In the thread of a case that waits for nothing.
            return _end(row, "addition", now, None, case)
        letter = Letter(mail, practice, reading)
        if case is None and reading.verdict is Verdict.IGNORE:
            return _end(row, "ignored", now, "automatic")
        if case is None or mail.released:
            case = case or self._new_case(row, practice.id, batch)
            return self._admit.start(letter, case, batch.about, now, released=mail.released)
        if case.state not in AWAITING:
            # Another mail of this batch told what was asked.
            return _end(row, "addition", now, None, case)
        with self._store.read() as session:
            told, moments = parties(session, case), audit.moments(session, case.id)
        decision = self._admit.complete(letter, case, told, moments, now)
        return decision or _end(row, "addition", now, "nothing_new", case)

    def _act(self, mail: Mail, batch: "_Batch") -> Decision:
        """Do what a mail asks or reports, which ends it."""
        if mail.report is not None:
            taken = self._reports.take(mail.row, mail.report, mail.head.proof, mail.text, batch.now)
            if isinstance(taken, Refusal):
                return self._quarantine(mail.row, taken.code, batch)
            return Decision(mail.row, "addition", None, taken.id, "report")
        request = self._conversation.take(mail, batch.now)
        return Decision(mail.row, "addition", None, mail.case.id if mail.case else None, str(request))

    def _make(self, decisions: Sequence[Decision]) -> list[InboxRow]:
        """Make the moves and tell of them; gives the mails whose move was lost."""
        lost = {id(move) for move in moves.commit(self._store, [one.move for one in decisions if one.move])}
        for one in decisions:
            if id(one.move) in lost or one.outcome == LATER:
                continue
            self._metrics.received.labels(one.outcome).inc()
            self._log.received(one.row.id, one.outcome, one.case_id, one.code)
            for tell in one.then:
                tell()
        return [one.row for one in decisions if id(one.move) in lost]

    def _unreadable(self, row: InboxRow, failure: Unreadable, prefix: str, batch: "_Batch") -> Decision:
        code = f"{prefix}unreadable_{failure.code}"
        return self._later(row, code, batch) if failure.later else self._quarantine(row, code, batch)

    def _later(self, row: InboxRow, code: str, batch: "_Batch") -> Decision:
        """Let a mail wait about which nothing could be found out now."""
        if row.postponed >= len(WAITS):
            return self._quarantine(row, code, batch)
        return _put_back(row, batch.now + WAITS[row.postponed], attempt=0, postponed=row.postponed + 1)

    def _quarantine(self, row: InboxRow, code: str, batch: "_Batch") -> Decision:
        """Set the mail aside, sealed as it came, for a person."""
        move, now = Move(), batch.now
        if row.case_id is None:
            case = self._new_case(row, None, batch)
            move.start(case, actor=ACTOR, inbox_id=row.id)
        else:
            # It was released before and still can't be received: back to where it came from.
            with self._store.read() as session:
                case = cases.by_id(session, row.case_id)
        move.advance(case, Event.QUARANTINED, now=now, actor=ACTOR, changes={"reason": code}, code=code)
        move.finish(row, "quarantine", case.id, keep=True)
        case_id = case.id
        move.also(lambda session: setaside.wait(session, row.id, case_id, now))
        decision = Decision(row, "quarantine", move, case_id, code)
        decision.then.append(lambda: self._log.alarm("quarantined", case=case_id, reason=code))
        return decision

    def _new_case(self, row: InboxRow, practice_id: str | None, batch: "_Batch") -> CaseRow:
        """A case in its first state for a mail; its deadline counts from when the mail was kept."""
        id_ = self._marks.derived("case", row.id, 16).hex()
        taken = batch.kenmerken.get(self._kenmerk(row))
        return CaseRow(
            id=id_,
            kenmerk=self._kenmerk(row, "again" if taken is not None and taken.id != id_ else ""),
            state=State.RECEIVED,
            practice_id=practice_id,
            received_at=row.received_at,
            updated_at=batch.now,
        )

    def _kenmerk(self, row: InboxRow, again: str = "") -> str:
        """The kenmerk of the case that a mail starts; another one where that is taken."""
        return new_kenmerk(lambda size: self._marks.derived("kenmerk", row.id + again, size))


@dataclass(slots=True)
class _Batch:
    """Mails that are received together: those still on their way, and what was decided about the others."""

    now: datetime
    kenmerken: dict[str, CaseRow]
    """The cases that have a kenmerk which one of the mails would give its own."""
    mails: list[Mail] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    about: Sequence[CaseRow] = ()
    """The cases about the numbers that were read."""

    def each(self, look: Callable[[Mail, "_Batch"], Decision | None]) -> None:
        """Look at each mail; those about which that decides go no further."""
        left = []
        for mail in self.mails:
            decision = look(mail, self)
            if decision is None:
                left.append(mail)
            else:
                self.decisions.append(decision)
        self.mails = left


def _put_back(row: InboxRow, at: datetime, *, attempt: int, postponed: int) -> Decision:
    move = Move()
    move.put_back(row, at, attempt=attempt, postponed=postponed)
    return Decision(row, LATER, move)


def _end(
    row: InboxRow, outcome: str, now: datetime, code: str | None, case: CaseRow | None = None
) -> Decision:
    """An outcome that moves no case, and that holds while the case, if there is one, has not moved."""
    move, case_id = Move(), case.id if case else None
    if case is not None:
        move.rely_on(case)
    move.finish(row, outcome, case_id)
    facts = {"case_id": case_id, "inbox_id": row.id, "code": code}
    move.event(f"mail.{outcome}", now=now, actor=ACTOR, **facts)
    return Decision(row, outcome, move, case_id, code)
