"""Signs the end of the audit trail once a day, and sends it where nobody who could change the trail reaches.

It promises that a trail which was cut off at its end, or written anew, no longer fits the heads that went
out: `inbeeld audit verify --head` says so. Each head is also kept in the database, where `audit verify` looks
by itself.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from gateway.domain.outgoing import HeadAlert, TrailHead
from gateway.sealing.headkey import HeadSigner
from gateway.store import audit, outbox
from gateway.store.engine import Store, one_at_a_time
from gateway.store.tables import HeadRow

EVERY = timedelta(days=1)


class Heads:
    """The step."""

    def __init__(
        self,
        *,
        store: Store,
        signer: HeadSigner,
        domain: str,
        by_mail: Callable[[], bool],
        by_webhook: bool = False,
    ) -> None:
        self._store, self._signer, self._domain = store, signer, domain
        self._by_mail, self._by_webhook = by_mail, by_webhook

    def run(self, now: datetime) -> int:
        """Sign the end of the trail if the last time is a day ago and something happened since."""
        with self._store.read() as session:
            if self._due(session, now) is None:
                return 0
        with self._store.write() as session:
            one_at_a_time(session, "head")
            end = self._due(session, now)
            if end is None:
                return 0
            head = self._signer.sign(self._domain, now, end.seq, end.hash)
            session.add(
                HeadRow(seq=head.seq, hash=head.hash, at=now, key_id=head.key_id, signature=head.signature)
            )
            if self._by_mail():
                outbox.put(session, outbox.row(TrailHead(seq=head.seq, text=str(head)), now))
            if self._by_webhook:
                outbox.put(session, outbox.row(HeadAlert(seq=head.seq, text=str(head)), now))
        return 1

    @staticmethod
    def _due(session: Session, now: datetime) -> audit.Head | None:
        """The end that is to be signed, if it is time and there is one that was not."""
        before = session.exec(select(HeadRow).order_by(col(HeadRow.seq).desc()).limit(1)).first()
        begun = before.at if before else audit.began(session)
        if begun is None or now < begun + EVERY:
            return None
        end = audit.last(session)
        return end if end.seq != (before.seq if before else 0) else None
