"""The beheerders' copies of mails that were set aside, and of letters in the thread of a case that a person
must read: ciphertext for their own mailbox key. A letter is an addition whose content is kept.

They promise that a copy lives no longer than the mail itself (whoever destroys or reopens a mail in `inbox`
destroys its copy in that transaction), that none is kept for a mail which nobody need read any more, and that
finding what must be sealed costs what is new, not what exists.
"""

from datetime import datetime

from sqlalchemy import and_, case, delete, or_, update
from sqlmodel import Session, col, select

from gateway.store.engine import rows_changed
from gateway.store.pagetables import SetAsideRow
from gateway.store.tables import CaseRow, InboxRow

QUARANTINE, LETTER = "quarantine", "addition"
_KEPT = and_(col(InboxRow.outcome).in_((QUARANTINE, LETTER)), col(InboxRow.sealed).is_not(None))
"""A mail whose outcome is known and whose content a person must still read."""


def wait(session: Session, mail_id: str, case_id: str, now: datetime, code: str | None = None) -> None:
    """A mail was set aside, or, with a `code`, a letter is kept: its copy is to be made."""
    session.add(SetAsideRow(id=mail_id, case_id=case_id, sealed_at=now, code=code))
    session.flush()


def due(session: Session, fingerprint: str, limit: int) -> list[str]:
    """The ids of mails whose copy is not for this key, but those of which `fail` said why."""
    mine = col(SetAsideRow.sealed_for)
    other = and_(col(SetAsideRow.problem).is_(None), or_(mine < fingerprint, mine > fingerprint))
    query = select(SetAsideRow.id).where(or_(mine.is_(None), other))
    return list(session.exec(query.limit(limit)))


def mail(session: Session, mail_id: str) -> InboxRow | None:
    """The mail of a copy, if it is kept still."""
    return session.exec(select(InboxRow).where(InboxRow.id == mail_id, _KEPT)).first()


def letters(session: Session, case_id: str | None = None) -> list[tuple[SetAsideRow, InboxRow, CaseRow]]:
    """The letters that a person must read, of all cases or of one, oldest first."""
    query = (
        select(SetAsideRow, InboxRow, CaseRow)
        .where(SetAsideRow.id == InboxRow.id, SetAsideRow.case_id == CaseRow.id)
        .where(col(SetAsideRow.code).is_not(None))
        .order_by(col(InboxRow.received_at), col(InboxRow.id))
    )
    if case_id is not None:
        query = query.where(SetAsideRow.case_id == case_id)
    return list(session.exec(query))


def letter(session: Session, mail_id: str) -> SetAsideRow | None:
    """The copy of a letter that a person must read."""
    row = session.get(SetAsideRow, mail_id)
    return row if row is not None and row.code is not None else None


def keep(session: Session, mail_id: str, sealed: bytes, fingerprint: str, now: datetime) -> None:
    """Keep a copy, unless its mail is kept no more: then nothing is left of it."""
    _change(session, mail_id, sealed=sealed, sealed_for=fingerprint, problem=None, sealed_at=now)


def fail(session: Session, mail_id: str, problem: str, fingerprint: str, now: datetime) -> None:
    """Say why no copy can be made for this key; the one for an older key stays, and still says for which."""
    tried = case((col(SetAsideRow.sealed).is_(None), fingerprint), else_=col(SetAsideRow.sealed_for))
    _change(session, mail_id, sealed_for=tried, problem=problem, sealed_at=now)


def explain(session: Session, problem: str) -> int:
    """Say of every mail that has no copy why none can be made now; gives how many did not say so yet."""
    mine = col(SetAsideRow.problem)
    return rows_changed(
        session,
        update(SetAsideRow)
        .where(col(SetAsideRow.sealed_for).is_(None), or_(mine.is_(None), mine < problem, mine > problem))
        .values(problem=problem),
    )


def unexplained(session: Session, problem: str) -> bool:
    """Whether a mail has no copy and does not say yet that this is why."""
    mine = col(SetAsideRow.problem)
    query = select(SetAsideRow.id).where(
        col(SetAsideRow.sealed_for).is_(None), or_(mine.is_(None), mine < problem, mine > problem)
    )
    return session.exec(query.limit(1)).first() is not None


def missing(session: Session, limit: int) -> list[tuple[str, str]]:
    """The ids of quarantined mails of which no copy is to be made yet, such as those of before there were
    copies, with those of their cases."""
    query = (
        select(InboxRow.id, col(InboxRow.case_id))
        .outerjoin(SetAsideRow, col(SetAsideRow.id) == col(InboxRow.id))
        .where(InboxRow.outcome == QUARANTINE, col(InboxRow.sealed).is_not(None))
        .where(col(SetAsideRow.id).is_(None), col(InboxRow.case_id).is_not(None))
    )
    return [(id_, case_id) for id_, case_id in session.exec(query.limit(limit)) if case_id]


def note(session: Session, mail_id: str, case_id: str, now: datetime) -> None:
    """A mail is to have a copy, if it is kept still and has none."""
    if _is_kept(session, mail_id) and session.get(SetAsideRow, mail_id) is None:
        wait(session, mail_id, case_id, now)


def tidy(session: Session, mail_id: str) -> bool:
    """Whether a mail is kept; if not, nothing is left of its copy."""
    there = _is_kept(session, mail_id)
    if not there:
        destroy(session, mail_id)
    return there


_STUCK = and_(col(SetAsideRow.sealed_for).is_not(None), col(SetAsideRow.problem).is_not(None))


def stuck(session: Session) -> bool:
    """Whether a mail could not be opened or sealed."""
    return session.exec(select(SetAsideRow.id).where(_STUCK).limit(1)).first() is not None


def again(session: Session) -> int:
    """Let what could not be opened or sealed be tried once more; gives how many."""
    kept = case((col(SetAsideRow.sealed).is_(None), None), else_=col(SetAsideRow.sealed_for))
    return rows_changed(session, update(SetAsideRow).where(_STUCK).values(sealed_for=kept, problem=None))


def of_case(session: Session, case_id: str) -> SetAsideRow | None:
    """The copy of the quarantined mail of a case."""
    query = select(SetAsideRow).where(SetAsideRow.case_id == case_id, col(SetAsideRow.code).is_(None))
    return session.exec(query).first()


def destroy(session: Session, mail_id: str) -> None:
    """Destroy the copy of a mail."""
    session.execute(delete(SetAsideRow).where(col(SetAsideRow.id) == mail_id))


def _change(session: Session, mail_id: str, **values: object) -> None:
    if tidy(session, mail_id):
        session.execute(update(SetAsideRow).where(col(SetAsideRow.id) == mail_id).values(**values))


def _is_kept(session: Session, mail_id: str) -> bool:
    """Asked under a lock: who lets the mail in or throws it out waits for us, and then destroys the copy."""
    same = select(InboxRow.id).where(InboxRow.id == mail_id, _KEPT)
    return session.exec(same.with_for_update()).first() is not None
