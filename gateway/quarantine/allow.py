"""Allows a sender for a practice, or no longer, on a beheerder's word.

It promises that nobody's domain becomes a practice's by it (free mail, public suffixes, our own and those of
organisations), that a sender stands for one practice, and that each change is an event that names the user.
An allowance is no proof: a mail of an allowed sender must still prove that it is theirs.
"""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlmodel import Session

from gateway.domain.trail import AuditEvent
from gateway.errors import NotAllowed
from gateway.gate.header import domain_of
from gateway.gate.senders import UNFIT, Senders
from gateway.quarantine import allowances
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.pagetables import AllowanceRow


def allowed(store: Store, address: str, domain: str) -> str | None:
    """The id of the practice for which a sender is allowed now; the address goes before the domain."""
    with store.read() as session:
        row = allowances.find(session, (address, domain) if address else (domain,))
        return row.practice_id if row else None


class Allow:
    """The step; `closed` gives the domains that are never a practice's: ours and organisations'."""

    def __init__(self, *, store: Store, senders: Senders, closed: Callable[[], Collection[str]]) -> None:
        self._store, self._senders, self._closed = store, senders, closed

    def problem(self, practice_id: str, sender: str) -> str | None:
        """Why a sender can't be allowed (a code of `UNFIT`), or None."""
        code = self._senders.unfit(practice_id, sender, self._closed())
        folded = self._senders.folded(sender)
        if code is not None or domain_of(folded) != folded:
            return code
        with self._store.read() as session:
            others = [row for row in allowances.at_domain(session, folded) if row.practice_id != practice_id]
        return "other_practice" if others else None

    def add(self, practice_id: str, sender: str, now: datetime, actor: str) -> None:
        """Allow a sender; raises `NotAllowed`, or `LostRace` when somebody else did at this moment."""
        self.check(practice_id, sender)
        with self._store.write() as session:
            self.put(session, practice_id, sender, now, actor)

    def check(self, practice_id: str, sender: str) -> None:
        """Raises `NotAllowed` if `problem` finds one."""
        code = self.problem(practice_id, sender)
        if code is not None:
            raise NotAllowed(UNFIT[code])

    def put(self, session: Session, practice_id: str, sender: str, now: datetime, actor: str) -> None:
        """The same within a transaction, for a sender that was checked."""
        row = allowances.add(session, practice_id, self._senders.folded(sender), now, actor)
        audit.append(
            session,
            AuditEvent.SENDER_ALLOWED,
            now=now,
            actor=actor,
            allowance=row.id,
            practice=row.practice_id,
        )

    def revoke(self, allowance_id: str, now: datetime, actor: str) -> AllowanceRow:
        """End an allowance; raises `NotFound`, or `LostRace` when it had ended."""
        with self._store.write() as session:
            row = allowances.by_id(session, allowance_id)
            allowances.revoke(session, row, now)
            audit.append(
                session,
                AuditEvent.SENDER_REVOKED,
                now=now,
                actor=actor,
                allowance=row.id,
                practice=row.practice_id,
            )
        return row

    def standing(self) -> list[AllowanceRow]:
        """Every allowance that counts."""
        with self._store.read() as session:
            return allowances.standing(session)
