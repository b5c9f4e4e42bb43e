"""Passkeys and recovery codes: what proves somebody beside their password and their app.

They promise that a recovery code counts once, that a passkey is one account's, and that of both nothing is
kept with which somebody could log in.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from gateway.store.engine import rows_changed
from gateway.store.pagetables import PasskeyRow, RecoveryCodeRow

MOST_PASSKEYS = 20
"""An account has no more passkeys than this."""


def add_passkey(
    session: Session, *, id_: str, user_id: str, public_key: bytes, sign_count: int, label: str, now: datetime
) -> bool:
    """Keep a new passkey; False when it is known already, or when there are enough."""
    if session.get(PasskeyRow, id_) is not None or len(passkeys(session, user_id)) >= MOST_PASSKEYS:
        return False
    session.add(
        PasskeyRow(
            id=id_, user_id=user_id, public_key=public_key, sign_count=sign_count, label=label, created_at=now
        )
    )
    session.flush()
    return True


def passkeys(session: Session, user_id: str) -> list[PasskeyRow]:
    """The passkeys of an account, oldest first."""
    query = select(PasskeyRow).where(PasskeyRow.user_id == user_id)
    return list(session.exec(query.order_by(col(PasskeyRow.created_at), col(PasskeyRow.id))))


def passkey(session: Session, id_: str) -> PasskeyRow | None:
    return session.get(PasskeyRow, id_)


def use_passkey(session: Session, row: PasskeyRow, sign_count: int, now: datetime) -> bool:
    """Write down that a passkey was used; False when another login used it meanwhile."""
    same = update(PasskeyRow).where(
        col(PasskeyRow.id) == row.id, col(PasskeyRow.sign_count) == row.sign_count
    )
    return rows_changed(session, same.values(sign_count=sign_count, last_used_at=now)) == 1


def rename_passkey(session: Session, user_id: str, id_: str, label: str) -> bool:
    """Give a passkey of this account another name; False when there is none."""
    return rows_changed(session, update(PasskeyRow).where(*_own(user_id, id_)).values(label=label)) == 1


def remove_passkey(session: Session, user_id: str, id_: str) -> None:
    """Forget one passkey of this account."""
    session.execute(delete(PasskeyRow).where(*_own(user_id, id_)))


def renew_codes(session: Session, user_id: str, marks: list[str]) -> None:
    """Give an account these recovery codes (as marks) in the place of those before."""
    session.execute(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.user_id) == user_id))
    session.add_all([RecoveryCodeRow(id=mark, user_id=user_id) for mark in marks])
    session.flush()


def use_code(session: Session, user_id: str, mark: str, now: datetime) -> bool:
    """Take a recovery code; False when it is not this account's, or was used."""
    unused = update(RecoveryCodeRow).where(
        col(RecoveryCodeRow.id) == mark,
        col(RecoveryCodeRow.user_id) == user_id,
        col(RecoveryCodeRow.used_at).is_(None),
    )
    return rows_changed(session, unused.values(used_at=now)) == 1


def codes_left(session: Session, user_id: str) -> int:
    """How many recovery codes somebody still has."""
    query = select(func.count()).where(
        col(RecoveryCodeRow.user_id) == user_id, col(RecoveryCodeRow.used_at).is_(None)
    )
    return session.exec(query).one()


def forget(session: Session, user_id: str) -> None:
    """Forget every passkey and recovery code of an account."""
    session.execute(delete(PasskeyRow).where(col(PasskeyRow.user_id) == user_id))
    session.execute(delete(RecoveryCodeRow).where(col(RecoveryCodeRow.user_id) == user_id))


def _own(user_id: str, id_: str) -> tuple[Any, ...]:
    return col(PasskeyRow.id) == id_, col(PasskeyRow.user_id) == user_id
