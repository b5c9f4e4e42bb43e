"""Destroys what is no longer needed: quarantined mails nobody wanted, letters nobody dealt with, the marks of
who sent a mail, and the bytes deletion leaves behind.

Cases are retired by their own clock (`deadlines`). It promises that what was deleted, such as the fields of a
referral at contact, stands within half a minute neither in SQLite's file nor in its log (SQLite overwrites
deleted bytes; the log is emptied here), and that an alarm rings when that does not succeed. On PostgreSQL it
promises neither: see docs/lifecycle.md.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from gateway.domain.clock import PlannedClock
from gateway.domain.codes import Kind
from gateway.domain.messages import Code
from gateway.domain.pathway import Feedback
from gateway.domain.states import Event, State
from gateway.domain.trail import AuditEvent
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline.casefile import FORGET_THREAD
from gateway.pipeline.notify import Party, say
from gateway.pipeline.turns import LINGERS
from gateway.store import audit, cases, clocks, inbox, outbox, setaside
from gateway.store.engine import Store
from gateway.store.tables import CaseRow

ACTOR = "gateway"
EMPTY_EVERY = timedelta(seconds=20)
FULL_FOR = timedelta(minutes=15)
"""For so long somebody who reads may keep the log from being emptied, as a backup does, before it is told."""

SENDERS = timedelta(days=30)
"""After so long the mark of a mail's sender goes: who sends much is counted over a day."""

NETWORKS = timedelta(days=400)
"""After so long that of its network goes: a practice that sent nothing since is a stranger again."""

NOT_EMPTIED = "log_not_emptied"


class Erase:
    """The step that empties SQLite's log, in which deleted bytes stand until then."""

    def __init__(self, *, store: Store, log: Log, metrics: Metrics) -> None:
        self._store, self._log, self._metrics = store, log, metrics
        self._full_since: datetime | None = None

    def run(self, now: datetime) -> None:
        """Empty it if there is something in it; tell once that it could not be emptied for long."""
        if not self._store.log_bytes() or self._store.truncate_log():
            self._full_since = None
            return
        self._full_since = self._full_since or now
        if now - self._full_since >= FULL_FOR:
            self._full_since = now
            self._metrics.alarms.labels(NOT_EMPTIED).inc()
            self._log.alarm(NOT_EMPTIED)


class Retire:
    """The step; `keep_quarantined` tells how long a quarantined mail waits for a person."""

    def __init__(self, *, store: Store, keep_quarantined: Callable[[], timedelta]) -> None:
        self._store, self._keep_quarantined = store, keep_quarantined

    def run(self, now: datetime) -> int:
        """Destroy what is due; gives how many quarantined mails were destroyed."""
        with self._store.read() as session:
            old = inbox.quarantined(session, before=now - self._keep_quarantined())
        for row in old:
            with self._store.write() as session:
                case = cases.by_id(session, row.case_id or "")
                inbox.destroy(session, row)
                if case.state == State.QUARANTINED:
                    self._close(session, case, now)
        self._letters(now)
        with self._store.write() as session:
            inbox.forget_marks(session, senders_before=now - SENDERS, networks_before=now - NETWORKS)
        self._store.truncate_log()
        return len(old)

    @staticmethod
    def _close(session: Session, case: CaseRow, now: datetime) -> None:
        """Nobody let it in or threw it out: who was told that a person would look hears that nobody did."""
        told = any(row.code == Code.SENDER_UNKNOWN for row in outbox.of_case(session, case.id))
        told = told and case.thread_key is not None
        forget = {} if told else dict(FORGET_THREAD)
        cases.advance(session, case, Event.CLOSED, now=now, actor=ACTOR, changes=forget, code="retention")
        clocks.end(session, case.id, now)
        if told:
            say(session, case, Party("", Feedback.IN_BEELD), Code.QUARANTINE_ENDED, now)
            # The thread goes when that was said.
            clocks.restart(session, case.id, [PlannedClock(Kind.RETIRE, now + LINGERS)])

    def _letters(self, now: datetime) -> None:
        """Destroy the letters that waited too long, and tell that nobody dealt with them."""
        with self._store.read() as session:
            before = now - self._keep_quarantined()
            late = [row.id for _, row, _ in setaside.letters(session) if row.received_at < before]
        for mail_id in late:
            with self._store.write() as session:
                row, copy = setaside.mail(session, mail_id), setaside.letter(session, mail_id)
                if row is None or copy is None:
                    continue
                facts = {"case_id": copy.case_id, "inbox_id": mail_id, "code": copy.code}
                audit.append(session, AuditEvent.LETTER_EXPIRED, now=now, actor=ACTOR, **facts)
                inbox.destroy(session, row)
