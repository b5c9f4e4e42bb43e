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
from dataclasses import replace
from datetime import datetime
from threading import Lock

from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace, NotFound
from gateway.gate.senders import Practice
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline.admit import Admit
from gateway.pipeline.batch import (
    ACTOR,
    ATTEMPTS,
    LATER,
    WAITS,
    Batch,
    Decision,
    Letter,
    Mail,
    Outcomes,
    end,
    put_back,
)
from gateway.pipeline.correspondence import Correspondence
from gateway.pipeline.duplicates import Duplicates
from gateway.pipeline.handover import TRIAL_DIGEST
from gateway.pipeline.incoming import Incoming
from gateway.pipeline.reports import Refusal, Reports
from gateway.pipeline.schedule import Step
from gateway.pipeline.understand import Understanding
from gateway.reading.letters.record import Consent, PracticeKind, PracticeLetter
from gateway.reading.record import Reading, Verdict
from gateway.store import cases, inbox, moves, outbox
from gateway.store.engine import Store, is_away
from gateway.store.moves import Move
from gateway.store.tables import InboxRow

BATCH = 64
"""How many mails are received together; each costs the same from sixteen on."""

ROUNDS = 3
"""So often a mail is decided anew that lost a race, before it waits."""

LANES = ("receive", "receive.second")
"""The names of the two receiving steps of a worker."""


class Receive(Step):
    """The step. `lease` begins with the worker's name.

    A worker has two of these, of which the second `follows`: while one waits for its mails to be read, the
    other decides about its own, and a mail that takes long to read keeps no more than its batch.
    """

    def __init__(
        self,
        *,
        name: str,
        store: Store,
        lease: str,
        understanding: Understanding,
        outcomes: Outcomes,
        admit: Admit,
        duplicates: Duplicates,
        incoming: Incoming,
        reports: Reports,
        correspondence: Correspondence,
        log: Log,
        metrics: Metrics,
        turn: Lock,
        in_doubt: Callable[[], bool] = lambda: False,
    ) -> None:
        self._in_doubt = in_doubt
        self.name, self.follows = name, name != LANES[0]
        self._store, self._lease = store, lease
        self._understanding, self._outcomes = understanding, outcomes
        self._admit, self._duplicates = admit, duplicates
        self._incoming, self._reports, self._correspondence = incoming, reports, correspondence
        self._log, self._metrics, self._turn = log, metrics, turn
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
        # By a clock that leapt every lease has ended, also those of workers that live.
        sure = not self._in_doubt()
        fresh = inbox.claim(self._store, now, self._lease, BATCH, take_over=sure)
        self._receive(fresh, now)
        # Few at a time, and at last each alone: if we are killed over it, no other was under way.
        again = [] if self.follows else inbox.claim_again(self._store, now, self._lease, take_over=sure)
        self._receive(again, now)
        self._left_over = False
        return len(fresh) + len(again)

    def _receive(self, rows: Sequence[InboxRow], now: datetime) -> None:
        """Receive mails together, or one by one if that fails."""
        for _ in range(ROUNDS):
            if not rows:
                return
            batch = self._outcomes.begin(rows, now)
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
        self._make([self._outcomes.later(row, "busy", batch) for row in rows])

    def _stumble(self, row: InboxRow, error: Exception, batch: Batch) -> None:
        """Let a mail wait over which we stumbled; after the last attempt it is for a person."""
        self._log.failed("receive", error, mail=row.id)
        if row.attempt >= ATTEMPTS:
            self._make([self._outcomes.quarantine(row, "step_failed", batch)])
        else:
            at = batch.now + WAITS[row.attempt - 1]
            self._make([put_back(row, at, attempt=row.attempt, postponed=row.postponed)])

    def _together(self, batch: Batch, rows: Sequence[InboxRow]) -> list[InboxRow]:
        """Decide about mails and make their moves; gives those that lost a race."""
        self._understanding.understand(batch, rows)
        with self._turn:
            self._compare(batch)
            alone = [mail for mail in batch.mails if mail.alone]
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

    def _compare(self, batch: Batch) -> None:
        """The cases about the numbers that were read, to find who is referred a second time."""
        marks = {
            mark
            for mail in batch.mails
            # Who only says that the number is right names none.
            for one in (*self._apart(mail), *([mail.known] if mail.letter else []))
            if (mark := self._duplicates.mark(one)) is not None
        }
        with self._store.read() as session:
            batch.about = cases.by_phones(session, marks)

    def _decide(self, mail: Mail, batch: Batch) -> Decision | None:
        """What becomes of a mail, as a move."""
        if mail.practice is None:
            with self._store.read() as session:
                if outbox.on_its_way(session, self._incoming.failed(mail)):
                    return self._outcomes.later(mail.row, "bounced_early", batch)
            decision = end(mail.row, "ignored", batch.now, mail.head.automatic)
            self._incoming.hold_returned(mail, decision, batch.now)
            return decision
        decision = self._of_practice(mail, mail.practice, batch)
        self._incoming.alarm(mail, decision, batch.now)
        return decision

    def _of_practice(self, mail: Mail, practice: Practice, batch: Batch) -> Decision:
        row, reading, case, now, said = mail.row, mail.reading, mail.case, batch.now, mail.letter
        if said is not None and said.kind is not PracticeKind.NEW_PATIENT:
            return self._of_thread(mail, practice, said, batch)
        if reading is None:
            raise NotFound("Nothing was read in a mail of a practice")
        if reading.verdict is Verdict.IGNORE and not mail.released:
            return end(row, "ignored", now, reading.ignored or "automatic")
        if said is None and len(apart := self._apart(mail)) > 1:
            return self._split(mail, practice, apart, batch)
        if case is None or said is not None:
            case = self._outcomes.new_case(row, practice.id, batch)
        letter = Letter(mail, practice, reading)
        return self._admit.start(letter, case, batch.about, now, released=mail.released)

    def _of_thread(self, mail: Mail, practice: Practice, said: PracticeLetter, batch: Batch) -> Decision:
        """What a letter in the thread of a case comes to, where it answers what was asked or says nothing."""
        row, case, now = mail.row, mail.case, batch.now
        known = said.reading or mail.known
        if case is None or known is None or said.kind in (PracticeKind.NOTHING, PracticeKind.AUTOMATIC):
            return end(row, "addition", now, str(said.kind), case)
        decision = self._admit.complete(Letter(mail, practice, known), case, batch.about, now)
        return decision or end(row, "addition", now, "nothing_new", case)

    def _apart(self, mail: Mail) -> Sequence[Reading]:
        """The patients of a mail: more than one only where each is whole and plainly apart."""
        reading = mail.reading
        if reading is None:
            return ()
        if len(reading.patients) < 2 or (mail.case is not None and mail.case.trial):
            return (reading,)
        base = replace(reading, verdict=Verdict.REFERRAL, problems=(), choices=(), patients=())
        return [
            replace(base, name=one.name, phone=one.phone, other_phones=one.other_phones, wijk=one.wijk)
            for one in reading.patients
        ]

    def _split(self, mail: Mail, practice: Practice, apart: Sequence[Reading], batch: Batch) -> Decision:
        """A case of its own for each patient of a mail, each with its own receipt or question."""
        # "Patiënt geeft toestemming" doesn't say which of them: where it is needed, it is asked for each.
        mail.consent = Consent.UNSAID
        parts = [f"patient {place}" if place else "" for place in range(len(apart))]
        self._outcomes.begin_parts(mail.row, parts, batch)
        move, made = Move(), list[Decision]()
        for part, reading in zip(parts, apart, strict=True):
            # A mail that a beheerder let in has a case: that of the first patient.
            first = mail.case if mail.released and not part else None
            case = first or self._outcomes.new_case(mail.row, practice.id, batch, part)
            letter, released = Letter(mail, practice, reading), first is not None
            made.append(
                self._admit.start(letter, case, batch.about, batch.now, released=released, beside=move)
            )
        if not made:
            raise NotFound("A mail about several patients names none")
        # Who is known already joins their case; the mail is that of the first case it starts, if any.
        begun = [one for one in made if one.outcome != "addition"]
        lead = begun[0] if begun else made[0]
        for one in begun[1:]:
            facts = {"case_id": one.case_id, "inbox_id": mail.row.id}
            move.event(AuditEvent.MAIL_SPLIT, now=batch.now, actor=ACTOR, **facts)
        lead.then = [tell for one in made for tell in one.then]
        own = mail.case.id if mail.case is not None and lead.code == "joined" else lead.case_id
        move.finish(mail.row, lead.outcome, own)
        return lead

    def _act(self, mail: Mail, batch: Batch) -> Decision:
        """Do what a mail asks or reports, which ends it."""
        if mail.report is not None:
            taken = self._reports.take(mail, batch.now)
            if isinstance(taken, Refusal):
                return self._outcomes.quarantine(mail.row, taken.code, batch)
        else:
            taken = self._correspondence.take(mail, batch.now)
        return Decision(mail.row, "addition", None, mail.case.id if mail.case else None, taken)

    def _make(self, decisions: Sequence[Decision]) -> list[InboxRow]:
        """Make the moves and tell of them; gives the mails whose move was lost."""
        lost = {id(move) for move in moves.commit(self._store, [one.move for one in decisions if one.move])}
        for one in decisions:
            if id(one.move) in lost or one.outcome == LATER:
                continue
            if not one.row.digest.startswith(TRIAL_DIGEST):
                self._metrics.received.labels(one.outcome).inc()
            self._log.received(one.row.id, one.outcome, one.case_id, one.code)
            for tell in one.then:
                tell()
        return [one.row for one in decisions if id(one.move) in lost]
