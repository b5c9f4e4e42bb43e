"""Private labels on cases: ciphertext that a colleague's browser made, one for a case and an organisation.

It promises that nothing here opens one, and that an organisation finds its own.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, delete, select

from gateway.store.pagetables import LabelRow


def put(session: Session, case_id: str, organisation_id: str, sealed: str, now: datetime) -> None:
    """Keep a label in the place of the one there was; an empty one takes it away."""
    id_ = f"{case_id}:{organisation_id}"
    row = session.get(LabelRow, id_)
    if not sealed:
        if row is not None:
            session.delete(row)
        return
    row = row or LabelRow(id=id_, case_id=case_id, organisation_id=organisation_id, sealed="", changed_at=now)
    row.sealed, row.changed_at = sealed, now
    session.add(row)


def of_cases(session: Session, organisation_id: str, case_ids: Collection[str]) -> dict[str, str]:
    """The labels that an organisation has on these cases."""
    query = select(LabelRow.case_id, LabelRow.sealed).where(
        LabelRow.organisation_id == organisation_id, col(LabelRow.case_id).in_(case_ids)
    )
    return dict(session.exec(query).all())


def forget(session: Session, case_id: str) -> None:
    """Destroy every label of a case."""
    session.execute(delete(LabelRow).where(col(LabelRow.case_id) == case_id))
