"""Receives mails from the inbox, many at once: opens them in memory, finds out who sent them, reads them, and
makes the one move of each.

It promises that every mail ends as exactly one of case, addition, question, quarantine or ignored (P8),
that its content is destroyed in the transaction that says so (all but a quarantined mail, which a person
must still read), that the deadline counts from the moment the mail was kept (P10), and that a mail which
spoils what it is in spoils itself alone: it is tried again by itself, and set aside after `ATTEMPTS` claims,
also if the worker died over it.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from gateway.domain.case import kenmerk_of, new_kenmerk
from gateway.domain.messages import Code
from gateway.domain.outgoing import Reply
from gateway.domain.states import Event, State
from gateway.errors import LostRace, NotFound, OpenError
from gateway.gate.envelope import unpack
from gateway.gate.marks import Marks
from gateway.gate.senders import Practice, Senders
from gateway.gate.tokens import Tokens
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline.admit import ACTOR, Admit
from gateway.pipeline.correspondence import Correspondence
from gateway.pipeline.duplicates import Duplicates
from gateway.pipeline.incoming import Incoming
from gateway.pipeline.letter import Decision, Letter, Mail
from gateway.pipeline.reports import Refusal, Reports
from gateway.pipeline.step import Step
from gateway.reading.letters.record import PracticeKind, PracticeLetter, Topic
from gateway.reading.patient.words import plain
from gateway.reading.reader import Reading, Verdict
from gateway.sandbox.examiner import Arrived, Examiner
from gateway.sandbox.pool import Readers, Unreadable
from gateway.sandbox.tasks import (
    MailJob,
    to_find_consent,
    to_judge_bounce,
    to_read,
    to_read_letter,
    to_read_report,
)
from gateway.sandbox.unwrapper import Unwrapper
from gateway.sealing.box import Keychain
from gateway.sealing.opening import Opener
from gateway.store import audit, cases, inbox, moves, outbox, setaside, threads
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
        correspondence: Correspondence,
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
        self._incoming, self._reports, self._correspondence = incoming, reports, correspondence
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
        # One suspect at a time: if we are killed over it, no other was under way.
        again = [] if self.follows else inbox.claim_again(self._store, now, self._lease)
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
        # A report and most letters are carried out in transactions of their own.
        alone = [mail for mail in batch.mails if mail.report or self._correspondence.takes(mail)]
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
        if mail.machine_made:
            mail.returned = self._incoming.addressed(mail)
            return None
        if mail.released:
            return None
        if proof.result == "temporary":
            return self._later(row, proof.code, batch)
        mail.report = self._reports.claim(mail.envelope.rcpt_tos)
        if mail.report is not None:
            return None
        practice = self._senders.practice_of(proof.address) if proof.address else None
        if practice is None:
            return self._stranger(mail, batch) if proof.address else self._quarantine(row, proof.code, batch)
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
        else:
            ids = [one for one in (head.in_reply_to, *reversed(head.references)) if one]
            mail.originals = tuple(mark for one in ids for mark in self._marks.originals(practice.id, one))
        if head.message_id:
            mail.key = self._marks.message(practice.id, head.message_id, head.digest)
        return None

    def _look_up(self, batch: "_Batch") -> None:
        """What is known of the cases that the mails are about."""
        mails = batch.mails
        with self._store.read() as session:
            named = {found for mail in mails for found in self._named(mail)}
            by_kenmerk = cases.by_kenmerken(session, named)
            further = threads.of_cases(session, [case.id for case in by_kenmerk.values()])
            originals = cases.by_originals(session, {mark for mail in mails for mark in mail.originals})
            copies = cases.by_messages(session, {mail.key for mail in mails if mail.key})
            released = cases.by_ids(session, {mail.row.case_id for mail in mails if mail.row.case_id})
            self._incoming.count(session, [mail for mail in mails if mail.practice], batch.now)

        def place(mail: Mail, batch: "_Batch") -> Decision | None:
            if mail.released:
                mail.case = released[mail.row.case_id or ""]
                mail.practice = self._senders.by_id(mail.case.practice_id or "")
                if mail.practice is None or mail.head.sender is None:
                    raise NotFound("The practice or the sender of a released mail is not known any more")
            elif mail.key in copies:
                # The same mail in other bytes, as some servers send it after a fault.
                return _end(mail.row, "addition", batch.now, "repeated", copies[mail.key])
            elif mail.thread is not None:
                mail.case = by_kenmerk.get(mail.thread)
                if mail.case is None:
                    # Our token on a case that is not there any more: a person must look.
                    return self._quarantine(mail.row, "other_thread", batch)
            elif mail.report is not None:
                mail.case = next((by_kenmerk[one] for one in self._named(mail) if one in by_kenmerk), None)
            elif mail.practice is not None:
                # No token of ours: an answer to their own mail, or a mail that names the kenmerk.
                about = [each for mark in mail.originals for each in originals.get(mark, ())] or [
                    by_kenmerk[one]
                    for one in self._named(mail)
                    if one in by_kenmerk
                    and mail.practice.id
                    in {
                        by_kenmerk[one].practice_id,
                        *(row.practice_id for row in further.get(by_kenmerk[one].id, ())),
                    }
                ]
                mail.case = about[0] if about else None
                mail.several = len({case.id for case in about}) > 1
            if mail.case is not None and mail.case.fields_key is not None and not mail.released:
                mail.known = self._admit.known(mail.case)
            return None

        batch.each(place)

    @staticmethod
    def _named(mail: Mail) -> tuple[str, ...]:
        """The kenmerken of the cases that a mail may be about."""
        if mail.practice is None and mail.report is None:
            return ()
        if mail.report is not None:
            claimed = kenmerk_of(mail.report.case)
            return (claimed,) if claimed else ()
        if mail.thread is not None:
            return (mail.thread,)
        found = map(kenmerk_of, mail.head.kenmerken)
        return tuple(dict.fromkeys(one for one in found if one))

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
            if failure is None and mail.letter is not None:
                mail.letter = _weighed(mail, mail.letter, self._marks)
                mail.reading, mail.consent = mail.letter.reading, mail.letter.consent
                mail.answer = mail.answer and not mail.letter.automatic
            return self._unreadable(mail.row, failure, mail.prefix, batch) if failure else None

        batch.each(judge)

    def _jobs(self, mail: Mail, raw: bytes) -> dict[str, MailJob[Any]]:
        """What is to be found out about a mail, by the name of what it will be."""
        if mail.machine_made:
            return {"bounce": to_judge_bounce(raw, self._domain, addressed=bool(mail.returned))}
        if mail.report is not None:
            return {"told": to_read_report(raw, name_words(mail.known))}
        phones = mail.practice.phones if mail.practice else frozenset()
        if mail.in_thread and mail.case is not None:
            unreachable = mail.case.state == State.UNREACHABLE
            return {"letter": to_read_letter(raw, phones, mail.known, unreachable=unreachable)}
        jobs: dict[str, MailJob[Any]] = {"reading": to_read(raw, phones)}
        if self._admit.asks_consent():
            jobs["consent"] = to_find_consent(raw, asked=False)
        return jobs

    def _compare(self, batch: "_Batch") -> None:
        """The cases about the numbers that were read, to find who is referred a second time."""
        marks = {
            mark for mail in batch.mails for one in self._apart(mail) for mark in self._duplicates.marks(one)
        }
        with self._store.read() as session:
            batch.about = cases.by_phones(session, marks)

    def _decide(self, mail: Mail, batch: "_Batch") -> Decision | None:
        """What becomes of a mail, as a move."""
        if mail.practice is None:
            with self._store.read() as session:
                if outbox.on_its_way(session, self._incoming.failed(mail)):
                    return self._later(mail.row, "bounced_early", batch)
            decision = _end(mail.row, "ignored", batch.now, mail.head.automatic)
            self._incoming.hold_returned(mail, decision, batch.now)
            return decision
        decision = self._of_practice(mail, mail.practice, batch)
        self._incoming.alarm(mail, decision, batch.now)
        return decision

    def _of_practice(self, mail: Mail, practice: Practice, batch: "_Batch") -> Decision:
        row, reading, case, now, said = mail.row, mail.reading, mail.case, batch.now, mail.letter
        if said is not None and said.kind is not PracticeKind.NEW_PATIENT:
            return self._of_thread(mail, practice, said, batch)
        if reading is None:
            raise NotFound("Nothing was read in a mail of a practice")
        if reading.verdict is Verdict.IGNORE and not mail.released:
            return _end(row, "ignored", now, reading.ignored or "automatic")
        if case is None or said is not None:
            if said is None and len(apart := self._apart(mail)) > 1:
                return self._split(mail, practice, apart, batch)
            case = self._new_case(row, practice.id, batch)
        letter = Letter(mail, practice, reading)
        return self._admit.start(letter, case, batch.about, now, released=mail.released)

    def _of_thread(self, mail: Mail, practice: Practice, said: PracticeLetter, batch: "_Batch") -> Decision:
        """What a letter in the thread of a case comes to, where it answers what was asked or says nothing."""
        row, case, now = mail.row, mail.case, batch.now
        known = said.reading or mail.known
        if case is None or known is None or said.kind in (PracticeKind.NOTHING, PracticeKind.AUTOMATIC):
            return _end(row, "addition", now, str(said.kind), case)
        with self._store.read() as session:
            rows, moments = threads.of_case(session, case.id), audit.moments(session, case.id)
        decision = self._admit.complete(Letter(mail, practice, known), case, rows, moments, now)
        return decision or _end(row, "addition", now, "nothing_new", case)

    def _apart(self, mail: Mail) -> Sequence[Reading]:
        """The patients of a mail: more than one only where each is whole and plainly apart from the others,
        and nobody need be asked for consent."""
        reading = mail.reading
        if reading is None:
            return ()
        if len(reading.patients) < 2 or mail.released or self._admit.asks_consent():
            return (reading,)
        base = replace(reading, verdict=Verdict.REFERRAL, problems=(), choices=(), patients=())
        return [
            replace(base, name=one.name, phone=one.phone, other_phones=one.other_phones, wijk=one.wijk)
            for one in reading.patients
        ]

    def _split(self, mail: Mail, practice: Practice, apart: Sequence[Reading], batch: "_Batch") -> Decision:
        """A case of its own for each patient of a mail, each with its own receipt."""
        first: Decision | None = None
        for place, reading in enumerate(apart):
            case = self._new_case(mail.row, practice.id, batch, f"patient {place}" if place else "")
            beside = first.move if first else Move()
            letter = Letter(mail, practice, reading)
            made = self._admit.start(letter, case, batch.about, batch.now, released=False, beside=beside)
            if first is None or first.move is None:
                first = made
                continue
            facts = {"case_id": case.id, "inbox_id": mail.row.id}
            first.move.event(audit.SPLIT, now=batch.now, actor=ACTOR, **facts)
            first.then += made.then
        if first is None or first.move is None:
            raise NotFound("A mail about several patients names none")
        first.move.finish(mail.row, first.outcome, first.case_id)
        return first

    def _act(self, mail: Mail, batch: "_Batch") -> Decision:
        """Do what a mail asks or reports, which ends it."""
        if mail.report is not None:
            taken = self._reports.take(mail, batch.now)
            if isinstance(taken, Refusal):
                return self._quarantine(mail.row, taken.code, batch)
        else:
            taken = self._correspondence.take(mail, batch.now)
        return Decision(mail.row, "addition", None, mail.case.id if mail.case else None, taken)

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

    def _stranger(self, mail: Mail, batch: "_Batch") -> Decision:
        """A proven sender of no practice here, such as a colleague's other address: told once a day that a
        person must look, and why; a machine never."""
        row, head, now = mail.row, mail.head, batch.now
        row.sender_mac = self._marks.sender(head.sender or "")
        decision = self._quarantine(row, "unknown_sender", batch)
        with self._store.read() as session:
            before = inbox.counts(session, [row.sender_mac], [], now - timedelta(days=1))
        told = row.sender_mac in batch.strangers or before.get(row.sender_mac, 0)
        if head.automatic or head.bulk or head.sender is None or told or decision.case is None:
            return decision
        batch.strangers.add(row.sender_mac)
        case, move = decision.case, decision.move or Move()
        move.change(case, self._admit.thread_of_stranger(case, head))
        move.put(outbox.row(Reply(case_id=case.id, code=Code.SENDER_UNKNOWN), now))
        return decision

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
        decision = Decision(row, "quarantine", move, case_id, code, case=case)
        decision.then.append(lambda: self._log.alarm("quarantined", case=case_id, reason=code))
        return decision

    def _new_case(self, row: InboxRow, practice_id: str | None, batch: "_Batch", part: str = "") -> CaseRow:
        """A case in its first state for a mail, or for one `part` of it; its deadline counts from when the
        mail was kept."""
        id_ = self._marks.derived("case", row.id + part, 16).hex()
        taken = batch.kenmerken.get(self._kenmerk(row, part))
        return CaseRow(
            id=id_,
            kenmerk=self._kenmerk(row, f"{part}again" if taken is not None and taken.id != id_ else part),
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
    strangers: set[str] = field(default_factory=set)
    """The marks of strangers who are told by this batch that we don't know them."""

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


def _weighed(mail: Mail, letter: PracticeLetter, marks: Marks) -> PracticeLetter:
    """A letter with what only we know: its case, and whether it may be about another one too."""
    case, reading = mail.case, letter.reading
    unclear = replace(letter, kind=PracticeKind.UNCLEAR, reading=None)
    match letter.kind:
        case PracticeKind.NEW_PATIENT if case is not None and reading is not None and reading.phone:
            if mail.known is None and case.phone_mac in marks.phones(reading.phone):
                # The patient whose fields were destroyed: what is said of them now comes too late.
                return replace(letter, kind=PracticeKind.CORRECTED)
            return letter
        case PracticeKind.NEW_PATIENT | PracticeKind.NOTHING | PracticeKind.AUTOMATIC:
            return letter
    if mail.several:
        return replace(unclear, topic=Topic.OTHER_PATIENT)
    if letter.kind in (PracticeKind.COMPLETED, PracticeKind.CONFIRMED) and case is not None:
        late = case.state == State.RETURNED and (reading is None or reading.verdict is not Verdict.REFERRAL)
        if late or case.state not in (*AWAITING, State.RETURNED):
            return replace(unclear, topic=Topic.NUMBER)
    return letter


def name_words(known: Reading | None) -> frozenset[str]:
    """The plain words of the patient's name, as far as it is known."""
    return frozenset(re.findall(r"[^\W\d_]+", plain((known and known.name) or "")))


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
