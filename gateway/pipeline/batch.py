"""Mails that are received together: each as it was opened and examined, what it comes to, and the ends that
it can come to before anybody decides about it.

It promises that a mail which can't be read, proven or opened is kept: it waits, or stands in quarantine,
sealed as it came; and that what a mail gives its case (id, kenmerk) is the same each time it is received.
Nothing in here may be logged or shown: it comes from mails.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gateway.domain.case import new_kenmerk
from gateway.domain.states import Event, State
from gateway.domain.trail import AuditEvent
from gateway.gate.authenticity import Envelope, Examined, Inside
from gateway.gate.senders import Practice
from gateway.gate.tokens import Claim, Marks
from gateway.log import Log
from gateway.pipeline.casefile import Thread
from gateway.reading.letters.record import Bounce, Consent, OrganisationLetter, PracticeKind, PracticeLetter
from gateway.reading.record import Reading
from gateway.sandbox.pool import Unreadable
from gateway.store import cases, setaside
from gateway.store.engine import Store
from gateway.store.moves import Move
from gateway.store.tables import CaseRow, InboxRow

ACTOR = "gateway"

ATTEMPTS = 3
"""After so many claims that came to no end a mail is set aside."""

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""How long a mail waits when its proof can't be had now; after the last it is set aside for a person."""

LATER = "later"
"""Stands for an outcome where there is none yet."""

ALONE = frozenset({PracticeKind.CORRECTED, PracticeKind.STOP, PracticeKind.STATUS, PracticeKind.UNCLEAR})
"""The letters that are not carried out with their batch."""


@dataclass(slots=True, eq=False)
class Mail:
    """One claimed mail, opened in memory. What is found out about it is added step by step."""

    row: InboxRow
    envelope: Envelope
    raw: bytes = field(repr=False)
    head: Examined = field(repr=False)
    inside: Inside = field(default_factory=Inside, repr=False)
    """What the whole of it says; found out of mails from those we know."""
    practice: Practice | None = None
    """The practice it is from, once that is proven."""
    report: Claim | None = None
    """What the address says it was sent to: an organisation reports on a case."""
    thread: str | None = None
    """The kenmerk of the case in whose thread it is, by a token of ours."""
    originals: tuple[str, ...] = ()
    """The marks of the messages that it answers."""
    key: str | None = None
    """The mark of the message, by which its copies are known."""
    case: CaseRow | None = None
    """The case in whose thread it is, of which it is a copy, or into which a beheerder let it."""
    formerly: tuple[str, ...] = ()
    """The kenmerken of that case: its own, and those of cases that joined it."""
    known: Reading | None = field(default=None, repr=False)
    """What was known of that case, where the mail may complete it."""
    reading: Reading | None = field(default=None, repr=False)
    letter: PracticeLetter | None = field(default=None, repr=False)
    """What a practice wrote in the thread of a case."""
    told: OrganisationLetter | None = field(default=None, repr=False)
    """What an organisation wrote on a case."""
    bounce: Bounce | None = None
    """What a mail server says of mails of ours."""
    returned: tuple[str, ...] = ()
    """The deliveries to whose return addresses it came."""
    consent: Consent = Consent.UNSAID
    """What it says of the patient's consent."""
    themes: tuple[str, ...] = ()
    """The themes that its own words name."""
    theme: str | None = None
    """What it is about, by its address or its words."""
    several: bool = False
    """Whether it may be about several cases, so that a person must say about which."""
    answer: bool = True
    """Whether it may be answered: neither unproven mail nor a storm is."""
    over: str | None = None
    """The cap that it crosses (see `gateway.pipeline.incoming`)."""

    @property
    def released(self) -> bool:
        """Whether a beheerder let it in, for a practice the beheerder named."""
        return self.row.case_id is not None

    @property
    def machine_made(self) -> bool:
        """Whether it ends as a mail that a machine wrote."""
        return self.head.automatic is not None and not self.released

    @property
    def in_thread(self) -> bool:
        """Whether it is a letter in the thread of a case."""
        return self.case is not None and not self.released and self.report is None

    @property
    def alone(self) -> bool:
        """Whether it is carried out in a transaction of its own: a report, and most letters."""
        return self.report is not None or (self.letter is not None and self.letter.kind in ALONE)

    @property
    def prefix(self) -> str:
        """How the reason begins for which it is set aside when it can't be read."""
        return "report_" if self.report else ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of a proven practice with what was read in it."""

    mail: Mail
    practice: Practice
    reading: Reading

    @property
    def row(self) -> InboxRow:
        return self.mail.row

    @property
    def referrer(self) -> str:
        """As the actor of an event."""
        return f"referrer:{self.practice.id}"


@dataclass(slots=True)
class Decision:
    """What a mail comes to: a move that is not made yet, or, with None, one that was made on its own."""

    row: InboxRow
    outcome: str
    move: Move | None
    case_id: str | None = None
    code: str | None = None
    case: CaseRow | None = field(default=None, repr=False)
    """The case that it starts, where more may be done with it."""
    then: list[Callable[[], Any]] = field(default_factory=list)
    """What to tell the log once the move is made."""


def thread_of(letter: Letter, subject: str) -> Thread:
    """Where it is answered; `subject` is one that may be sent back."""
    head = letter.mail.head
    return Thread(
        address=head.sender or "",
        subject=subject,
        message_id=head.message_id or "",
        references=head.references,
        thread_index=head.thread_index or "",
    )


@dataclass(slots=True)
class Batch:
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

    def each(self, look: Callable[[Mail, "Batch"], Decision | None]) -> None:
        """Look at each mail; those about which that decides go no further."""
        left = []
        for mail in self.mails:
            decision = look(mail, self)
            if decision is None:
                left.append(mail)
            else:
                self.decisions.append(decision)
        self.mails = left


class Outcomes:
    """What becomes of mails that nobody could understand, and the cases that others start."""

    def __init__(self, *, store: Store, marks: Marks, log: Log) -> None:
        self._store, self._marks, self._log = store, marks, log

    def begin(self, rows: Sequence[InboxRow], now: datetime) -> Batch:
        """A batch for these rows, none of them looked at yet."""
        with self._store.read() as session:
            return Batch(now, cases.by_kenmerken(session, {self.kenmerk(row) for row in rows}))

    def begin_parts(self, row: InboxRow, parts: Sequence[str], batch: Batch) -> None:
        """Look which of the kenmerken that the parts of a mail would give are taken."""
        with self._store.read() as session:
            wanted = {self.kenmerk(row, part) for part in parts}
            batch.kenmerken.update(cases.by_kenmerken(session, wanted))

    def unreadable(self, row: InboxRow, failure: Unreadable, prefix: str, batch: Batch) -> Decision:
        """A mail that no reading process could read: later, or for a person."""
        code = f"{prefix}unreadable_{failure.code}"
        return self.later(row, code, batch) if failure.later else self.quarantine(row, code, batch)

    def later(self, row: InboxRow, code: str, batch: Batch) -> Decision:
        """Let a mail wait about which nothing could be found out now."""
        if row.postponed >= len(WAITS):
            return self.quarantine(row, code, batch)
        return put_back(row, batch.now + WAITS[row.postponed], attempt=0, postponed=row.postponed + 1)

    def quarantine(self, row: InboxRow, code: str, batch: Batch) -> Decision:
        """Set the mail aside, sealed as it came, for a person."""
        move, now = Move(), batch.now
        if row.case_id is None:
            case = self.new_case(row, None, batch)
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

    def new_case(self, row: InboxRow, practice_id: str | None, batch: Batch, part: str = "") -> CaseRow:
        """A case in its first state for a mail, or for one `part` of it; its deadline counts from when the
        mail was kept."""
        id_ = self._marks.derived("case", row.id + part, 16).hex()
        kenmerk = self.kenmerk(row, part)
        taken = batch.kenmerken.get(kenmerk)
        return CaseRow(
            id=id_,
            kenmerk=self.kenmerk(row, f"{part}again") if taken is not None and taken.id != id_ else kenmerk,
            state=State.RECEIVED,
            practice_id=practice_id,
            received_at=row.received_at,
            updated_at=batch.now,
        )

    def kenmerk(self, row: InboxRow, again: str = "") -> str:
        """The kenmerk of the case that a mail starts; another one where that is taken."""
        return new_kenmerk(lambda size: self._marks.derived("kenmerk", row.id + again, size))


def put_back(row: InboxRow, at: datetime, *, attempt: int, postponed: int) -> Decision:
    """Let a mail wait until then."""
    move = Move()
    move.put_back(row, at, attempt=attempt, postponed=postponed)
    return Decision(row, LATER, move)


def end(
    row: InboxRow, outcome: str, now: datetime, code: str | None, case: CaseRow | None = None
) -> Decision:
    """An outcome that moves no case, and that holds while the case, if there is one, has not moved."""
    move, case_id = Move(), case.id if case else None
    if case is not None:
        move.rely_on(case)
    move.finish(row, outcome, case_id)
    facts = {"case_id": case_id, "inbox_id": row.id, "code": code}
    move.event(AuditEvent.of_mail(outcome), now=now, actor=ACTOR, **facts)
    return Decision(row, outcome, move, case_id, code)
