"""Two looks at mails before anything is made of them: are they a storm, and is one of ours that came back?

It promises that beyond a cap nobody is answered and a person is told once a window, while the mails
themselves are kept and read all the same; that a delivery which comes back
is held: mail that was taken by a relay and returned later is never lost in silence; that what comes back
without saying what became of it is told to a person, who alone can say; and that only a bounce
with a return address that we made holds anything, since anybody can forge what else it says.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from gateway.domain.trail import AuditEvent
from gateway.gate.tokens import Marks, ReturnPaths
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline.batch import ACTOR, Decision, Mail
from gateway.pipeline.retry import tell_held
from gateway.reading.letters.record import BounceKind, BounceReason
from gateway.store import audit, inbox, outbox
from gateway.store.tables import OutboxRow

PER_SENDER, PER_PRACTICE, WINDOW = 30, 200, timedelta(hours=1)
"""So many mails of an address, and of a practice, may be answered within a window."""


def capped(of_sender: int, of_practice: int) -> tuple[str | None, bool]:
    """Which cap is crossed when so many came within the window, with this mail; and whether it is this mail
    that crosses one, so that the alarm rings for it and not for each one after it."""
    over = "sender" if of_sender > PER_SENDER else "practice" if of_practice > PER_PRACTICE else None
    return over, of_sender == PER_SENDER + 1 or of_practice == PER_PRACTICE + 1


class Incoming:
    """The looks."""

    def __init__(self, *, marks: Marks, returns: ReturnPaths, log: Log, metrics: Metrics) -> None:
        self._marks, self._returns = marks, returns
        self._log, self._metrics = log, metrics

    def count(self, session: Session, mails: Sequence[Mail], now: datetime) -> None:
        """Count the mails of proven practices with those before them; tells each whether it may be answered,
        and which cap it crosses."""
        for mail in mails:
            mail.row.practice_id = mail.practice.id if mail.practice else None
            mail.row.sender_mac = self._marks.sender(mail.head.sender or "")
        senders = {mail.row.sender_mac or "" for mail in mails}
        practices = {mail.row.practice_id or "" for mail in mails}
        counts = inbox.counts(session, senders, practices, now - WINDOW) if mails else {}
        for mail in mails:
            numbers = []
            for who in (mail.row.sender_mac or "", mail.row.practice_id or ""):
                counts[who] = counts.get(who, 0) + 1
                numbers.append(counts[who])
            over, crosses = capped(*numbers)
            # Who says in the header that no machine should answer, is not answered.
            mail.answer = over is None and not mail.head.bulk
            mail.over = over if crosses else None

    def alarm(self, mail: Mail, decision: Decision, now: datetime) -> None:
        """Tell of a storm, with the mail that crossed a cap."""
        if mail.over is None or mail.practice is None or decision.move is None:
            return
        practice, over = mail.practice.id, mail.over
        facts = {"code": "storm", "practice": practice}
        decision.move.event(AuditEvent.ALARM, now=now, actor=ACTOR, inbox_id=mail.row.id, **facts)
        decision.then.append(lambda: self._log.alarm("storm", practice=practice, over=over))

    def addressed(self, mail: Mail) -> tuple[str, ...]:
        """The deliveries to whose return addresses a mail came."""
        found = map(self._returns.delivery, mail.envelope.rcpt_tos)
        return tuple(dict.fromkeys(delivery for delivery in found if delivery))

    def failed(self, mail: Mail) -> tuple[str, ...]:
        """The deliveries of which a bounce proves that they failed."""
        bounce = mail.bounce
        if bounce is None or bounce.kind is not BounceKind.FAILED:
            return ()
        named = map(self._returns.delivery, bounce.returns)
        return mail.returned or tuple(dict.fromkeys(delivery for delivery in named if delivery))

    def hold_returned(self, mail: Mail, decision: Decision, now: datetime) -> None:
        """Hold the deliveries that a bounce returns, so that a person looks; about one that proves nothing,
        or doesn't say what became of the mail, a person is told, once for a delivery."""
        bounce, failed = mail.bounce, self.failed(mail)
        told = (BounceKind.FAILED, BounceKind.UNCLEAR)
        if bounce is None or bounce.kind not in told or decision.move is None:
            return
        unclear = bounce.kind is BounceKind.UNCLEAR
        code = "bounce_unclear" if unclear else "bounce_unproven"
        reason = f"bounced_{bounce.reason or BounceReason.OTHER}"

        def warn(session: Session) -> None:
            for delivery in mail.returned or bounce.deliveries:
                row = session.get(OutboxRow, delivery)
                if row is None or not row.case_id:
                    continue
                facts = {"code": code, "delivery": delivery}
                told = audit.of_case(session, row.case_id)
                if not any(one.kind == AuditEvent.ALARM and json.loads(one.data) == facts for one in told):
                    audit.append(
                        session, AuditEvent.ALARM, now=now, actor=ACTOR, case_id=row.case_id, **facts
                    )
                    decision.then.append(partial(self._log.alarm, code, delivery=delivery, case=row.case_id))

        def hold(session: Session) -> None:
            for delivery in failed:
                row = outbox.bounce(session, delivery, reason)
                if row is None:
                    continue
                tell_held(session, row, reason, now, ACTOR, mail.row.id)
                decision.then.append(self._metrics.bounces.labels(reason.removeprefix("bounced_")).inc)
                held = {"delivery": row.id, "case": row.case_id, "kind": row.kind, "reason": reason}
                decision.then.append(partial(self._log.alarm, "held", **held))

        decision.move.also(hold if failed else warn)
