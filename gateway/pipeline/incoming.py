"""Two looks at a mail before anything is made of it: is it a storm, and is it one of ours that came back?

It promises that beyond a cap nobody is answered and a person is told once, and that a delivery which comes
back is held: mail that was taken by a relay and returned later is never lost in silence.
"""

from dataclasses import replace
from datetime import datetime

from gateway.gate.caps import Caps
from gateway.gate.marks import Marks
from gateway.gate.senders import Practice
from gateway.log import Log
from gateway.pipeline.letter import Mail
from gateway.reading.letters.bounce import bounced
from gateway.store import audit, inbox, outbox
from gateway.store.engine import Store

ACTOR = "gateway"


class Incoming:
    """The looks; `domain` is ours, as it stands in the Message-IDs of our deliveries."""

    def __init__(self, *, store: Store, marks: Marks, caps: Caps, domain: str, log: Log) -> None:
        self._store, self._marks, self._caps, self._domain, self._log = store, marks, caps, domain, log

    def count(self, mail: Mail, sender: str, practice: Practice, now: datetime) -> Mail:
        """The mail with its proven sender, and whether that sender may still be answered."""
        row, caps = mail.row, self._caps
        row.practice_id, row.sender_mac = practice.id, self._marks.sender(sender)
        with self._store.read() as session:
            before = inbox.counts(session, practice.id, row.sender_mac, caps.since(now))
        counts = [number + 1 for number in before]
        # The alarm rings for the mail that crosses a cap, not for each one after it.
        limits = (caps.per_sender, caps.per_practice)
        crossing = any(number == limit + 1 for number, limit in zip(counts, limits, strict=True))
        decision = caps.decide(counts[0], counts[1], now, last_alarm=None if crossing else now)
        if decision.alarm:
            with self._store.write() as session:
                audit.append(
                    session,
                    "alarm",
                    now=now,
                    actor=ACTOR,
                    inbox_id=row.id,
                    code="storm",
                    practice=practice.id,
                )
            self._log.alarm("storm", practice=practice.id, over=decision.over)
        return replace(mail, sender=sender, answer=decision.answer)

    def hold_returned(self, mail: Mail, now: datetime) -> None:
        """Hold the deliveries that a bounce returns, so that a person looks."""
        for delivery in bounced(mail.raw, self._domain):
            with self._store.write() as session:
                row = outbox.bounce(session, delivery)
                if row is not None:
                    audit.append(
                        session,
                        "delivery.held",
                        now=now,
                        actor=ACTOR,
                        case_id=row.case_id,
                        inbox_id=mail.row.id,
                        delivery=row.id,
                        reason="bounced",
                    )
            if row is not None:
                self._log.alarm("held", delivery=row.id, case=row.case_id, kind=row.kind, reason="bounced")
