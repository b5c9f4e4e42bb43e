"""Receives a mail from the inbox: opens it in memory, asks who sent it, reads it, and makes its one move.

It promises that every mail ends as exactly one of case, addition, question, quarantine or ignored (P8),
that its content is destroyed in the transaction that says so (all but a quarantined mail, which a person
must still read), and that the deadline counts from the moment the mail was kept (P10).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.domain.states import Event, State
from gateway.errors import LostRace, NotFound, OpenError
from gateway.gate.authenticity import Proof, Strategy
from gateway.gate.envelope import unpack
from gateway.gate.header import from_address
from gateway.gate.marks import Marks
from gateway.gate.senders import Practice, Senders
from gateway.gate.tokens import Claim, Tokens
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline.admit import ACTOR, Admit, new_case
from gateway.pipeline.conversation import Conversation
from gateway.pipeline.incoming import Incoming
from gateway.pipeline.letter import Letter, Mail
from gateway.pipeline.reports import Refusal, Reports
from gateway.reading.mail.automatic import why_automatic
from gateway.reading.mail.message import parse_head
from gateway.reading.reader import Reading, Verdict
from gateway.sandbox.pool import Readers, Unreadable
from gateway.sealing.box import Keychain
from gateway.sealing.openers import Opener
from gateway.sealing.opening import open_mail
from gateway.store import audit, cases, inbox, setaside
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, InboxRow

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""How long a mail waits when its proof can't be had now; after the last it is set aside for a person."""


class Receive:
    """The step; one object serves every worker thread."""

    def __init__(
        self,
        *,
        store: Store,
        keychain: Keychain,
        senders: Senders,
        proof: Strategy,
        readers: Readers,
        tokens: Tokens,
        marks: Marks,
        admit: Admit,
        openers: Sequence[Opener],
        incoming: Incoming,
        reports: Reports,
        conversation: Conversation,
        log: Log,
        metrics: Metrics,
    ) -> None:
        self._store, self._keychain = store, keychain
        self._senders, self._proof, self._tokens, self._marks = senders, proof, tokens, marks
        self._readers, self._admit, self._openers, self._incoming = readers, admit, openers, incoming
        self._reports, self._conversation = reports, conversation
        self._log, self._metrics = log, metrics

    def run(self, row: InboxRow, now: datetime) -> None:
        """Make the one move of a claimed mail. A lost race is no error: another worker made it."""
        try:
            self._receive(row, now)
        except LostRace:
            return
        except Exception as error:  # noqa: BLE001
            # Whatever it was, the mail is not lost: it comes back later, and in the end to a person.
            self._log.failed("receive", error, mail=row.id)
            self._later(row, "step_failed", now)

    def _receive(self, row: InboxRow, now: datetime) -> None:
        try:
            envelope, raw = unpack(self._keychain.open(row.sealed or b"", f"inbox:{row.id}"))
        except OpenError:
            self._quarantine(row, "cannot_open", now)
            return
        mail = Mail(row, envelope, raw, parse_head(raw))
        if row.case_id is not None:
            self._released(mail, row.case_id, now)
            return
        code = why_automatic(mail.head) if envelope.mail_from else "null-return-path"
        if code:
            self._incoming.hold_returned(mail, now)
            self._end(row, "ignored", now, code)
            return
        proof = self._proof.prove(envelope, raw, row.received_at)
        if proof.result == "temporary":
            self._later(row, proof.code, now)
            return
        claim = self._reports.claim(envelope.rcpt_tos)
        if claim is not None:
            self._report(mail, claim, proof, now)
            return
        practice = self._senders.practice_of(proof.address) if proof.address else None
        if proof.address is None or practice is None:
            self._quarantine(row, "unknown_sender" if proof.address else proof.code, now)
            return
        self._from(self._incoming.count(mail, proof.address, practice, now), practice, now)

    def _from(self, mail: Mail, practice: Practice, now: datetime) -> None:
        """A mail of a proven practice: it belongs to a case, or starts one."""
        claims = self._tokens.thread_claims(" ".join((*mail.head.references, mail.head.in_reply_to or "")))
        own = next((claim for claim in claims if self._tokens.confirms(claim, practice.id)), None)
        if claims and own is None:
            # A token of another practice's thread proves that this one should not be there.
            self._quarantine(mail.row, "other_thread", now)
            return
        with self._store.read() as session:
            case = None
            if own is not None:
                # Our token on a case that is not there any more: a person must look.
                case = cases.find(session, own.case)
                if case is None:
                    self._quarantine(mail.row, "other_thread", now)
                    return
            elif mail.head.message_id:
                case = cases.by_message(session, self._marks.message(mail.head.message_id), practice.id)
        if case is None:
            self._start(mail, practice, None, now)
        elif own is not None:
            self._answer(mail, practice, case, now)
        else:
            # The same mail in other bytes, as some servers send it after a fault.
            self._end(mail.row, "addition", now, "repeated", case)

    def _answer(self, mail: Mail, practice: Practice, case: CaseRow, now: datetime) -> None:
        """An answer in a thread of ours: a request, what we asked for, or a word of thanks."""
        text = self._own_text(mail, now)
        if text is None:
            return
        asked = self._conversation.take(mail.row, practice.id, text, case, now, answer=mail.answer)
        if asked is not None:
            self._tell(mail.row, "addition", case, asked)
        elif case.state in (State.NEEDS_INFO, State.UNREACHABLE):
            self._complete(mail, practice, case, text, now)
        else:
            self._end(mail.row, "addition", now, None, case)

    def _report(self, mail: Mail, claim: Claim, proof: Proof, now: datetime) -> None:
        """An organisation's answer to a referral or a notice."""
        text = self._own_text(mail, now, "report_")
        if text is None:
            return
        taken = self._reports.take(mail.row, claim, proof, text, now)
        if isinstance(taken, Refusal):
            self._quarantine(mail.row, taken.code, now)
        else:
            self._tell(mail.row, "addition", taken, "report")

    def _released(self, mail: Mail, case_id: str, now: datetime) -> None:
        """A mail that a beheerder let in, for a practice the beheerder named."""
        with self._store.read() as session:
            case = cases.by_id(session, case_id)
        practice, sender = self._senders.by_id(case.practice_id or ""), from_address(mail.raw)
        if practice is None or sender is None:
            raise NotFound("The practice of a released mail is not configured any more")
        self._start(replace(mail, sender=sender), practice, case, now)

    def _start(self, mail: Mail, practice: Practice, case: CaseRow | None, now: datetime) -> None:
        reading = self._read(mail, practice, None, now)
        if reading is None:
            return
        if reading.verdict is Verdict.IGNORE and case is None:
            self._end(mail.row, "ignored", now, "automatic")
            return
        letter = Letter(mail.row, mail.head, mail.sender, practice, reading, mail.answer, self._said(mail))
        outcome, case = self._admit.start(letter, case, now)
        self._tell(mail.row, outcome, case, None)

    def _complete(self, mail: Mail, practice: Practice, case: CaseRow, text: str, now: datetime) -> None:
        known = self._admit.known(case)
        reading = self._read(mail, practice, known, now)
        if reading is None:
            return
        letter = Letter(mail.row, mail.head, mail.sender, practice, reading, mail.answer, lambda: text, known)
        if self._admit.complete(letter, case, now):
            self._tell(mail.row, "addition", case, "info_given")
        else:
            self._end(mail.row, "addition", now, "nothing_new", case)

    def _said(self, mail: Mail) -> Callable[[], str]:
        """What gives the mail's own text, for the agreements that look for a word in it."""
        return lambda: self._readers.own_text(open_mail(mail.raw, self._openers))

    def _own_text(self, mail: Mail, now: datetime, kind: str = "") -> str | None:
        """The mail's own text, or None when the mail was set aside because it can't be opened or read.

        `kind` is how the reason begins for which it is set aside then.
        """
        try:
            return self._said(mail)()
        except OpenError:
            self._quarantine(mail.row, f"{kind}cannot_decrypt", now)
        except Unreadable as error:
            self._quarantine(mail.row, f"{kind}unreadable_{error.code}", now)
        return None

    def _read(self, mail: Mail, practice: Practice, known: Reading | None, now: datetime) -> Reading | None:
        """The reading, or None when the mail was set aside because it can't be opened or read."""
        try:
            return self._readers.read(open_mail(mail.raw, self._openers), practice.phones, known=known)
        except OpenError:
            self._quarantine(mail.row, "cannot_decrypt", now)
        except Unreadable as error:
            self._quarantine(mail.row, f"unreadable_{error.code}", now)
        return None

    def _later(self, row: InboxRow, code: str, now: datetime) -> None:
        if row.attempt > len(WAITS):
            self._quarantine(row, code, now)
        else:
            inbox.put_back(self._store, row, now + WAITS[row.attempt - 1])

    def _end(
        self, row: InboxRow, outcome: str, now: datetime, code: str | None, case: CaseRow | None = None
    ) -> None:
        """Record an outcome that moves no case."""
        case_id = case.id if case else None
        with self._store.write() as session:
            inbox.finish(session, row, outcome, case_id)
            audit.append(
                session, f"mail.{outcome}", now=now, actor=ACTOR, case_id=case_id, inbox_id=row.id, code=code
            )
        self._tell(row, outcome, case, code)

    def _quarantine(self, row: InboxRow, code: str, now: datetime) -> None:
        """Set the mail aside, sealed as it came, for a person."""
        with self._store.write() as session:
            if row.case_id is not None:
                # It was released before and still can't be received: back to where it came from.
                case = cases.by_id(session, row.case_id)
                again = {"reason": code}
                cases.advance(
                    session, case, Event.QUARANTINED, now=now, actor=ACTOR, changes=again, code=code
                )
            else:
                case = new_case(row, None, now)
                case.reason = code
                cases.start(session, case, actor=ACTOR, inbox_id=row.id)
                cases.advance(session, case, Event.QUARANTINED, now=now, actor=ACTOR, code=code)
            inbox.finish(session, row, "quarantine", case.id, keep=True)
            setaside.wait(session, row.id, case.id, now)
        self._log.alarm("quarantined", case=case.id, reason=code)
        self._tell(row, "quarantine", case, code)

    def _tell(self, row: InboxRow, outcome: str, case: CaseRow | None, code: str | None) -> None:
        self._metrics.received.labels(outcome).inc()
        self._log.received(row.id, outcome, case.id if case else None, code)
