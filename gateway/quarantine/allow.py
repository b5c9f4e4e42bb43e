"""Allows a sender for a practice beside those in the configuration, or no longer, on a beheerder's word.

It promises that nobody's domain becomes a practice's by it (free mail, public suffixes, our own and those of
organisations), that a sender stands for one practice at a time, also when two beheerders allow it at once,
that what was revoked counts for nothing from that commit on, and that each change is an event that names the
user. An allowance is no proof: a mail of an allowed sender must still prove that it is theirs.
"""

import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace, NotAllowed, NotFound
from gateway.gate.header import domain_of
from gateway.gate.senders import UNFIT, Senders
from gateway.store import audit
from gateway.store.engine import Store, rows_changed
from gateway.store.pagetables import AllowanceRow

_STANDING = col(AllowanceRow.revoked_at).is_(None)


def add(session: Session, practice_id: str, sender: str, now: datetime, by: str) -> AllowanceRow:
    """Let a sender stand for a practice; raises `LostRace` if it was allowed at this very moment."""
    row = AllowanceRow(
        id=uuid.uuid4().hex, practice_id=practice_id, sender=sender, created_at=now, created_by=by
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise LostRace from None
    return row


def find(session: Session, senders: Sequence[str]) -> AllowanceRow | None:
    """The standing allowance of the first of these senders that has one."""
    query = select(AllowanceRow).where(_STANDING, col(AllowanceRow.sender).in_(senders))
    found = {row.sender: row for row in session.exec(query)}
    return next((found[sender] for sender in senders if sender in found), None)


def at_domain(session: Session, domain: str) -> list[AllowanceRow]:
    """The standing allowances of single addresses at a domain."""
    ends = col(AllowanceRow.sender).endswith(f"@{domain}", autoescape=True)
    return list(session.exec(select(AllowanceRow).where(_STANDING, ends)))


def standing(session: Session) -> list[AllowanceRow]:
    """Every allowance that counts, by practice."""
    query = select(AllowanceRow).where(_STANDING)
    return list(session.exec(query.order_by(col(AllowanceRow.practice_id), col(AllowanceRow.sender))))


def by_id(session: Session, id_: str) -> AllowanceRow:
    """The allowance of an id; raises `NotFound`."""
    row = session.get(AllowanceRow, id_)
    if row is None:
        raise NotFound("There is no such allowance")
    return row


def revoke(session: Session, row: AllowanceRow, now: datetime) -> None:
    """End an allowance; raises `LostRace` if somebody else did."""
    changed = rows_changed(
        session, update(AllowanceRow).where(col(AllowanceRow.id) == row.id, _STANDING).values(revoked_at=now)
    )
    if changed != 1:
        raise LostRace


def allowed(store: Store, address: str, domain: str) -> str | None:
    """The id of the practice for which a sender is allowed now; the address goes before the domain."""
    with store.read() as session:
        row = find(session, (address, domain) if address else (domain,))
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
            others = [row for row in at_domain(session, folded) if row.practice_id != practice_id]
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
        row = add(session, practice_id, self._senders.folded(sender), now, actor)
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
            row = by_id(session, allowance_id)
            revoke(session, row, now)
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
            return standing(session)
