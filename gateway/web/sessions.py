"""Sessions: server-side, revocable, short.

They promise that only the digest of a cookie is kept, that a session ends by idleness, by age or when
somebody ends it, and that a removed user has none.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from gateway.store.engine import rows_changed
from gateway.store.pagetables import SessionRow, UserRow

IDLE = timedelta(minutes=30)
"""A session nobody used for so long has ended."""

LONGEST = timedelta(hours=10)
"""No session is older: a working day."""

HALFWAY = timedelta(minutes=10)
"""How long somebody may be between their first and second factor."""

STALE = timedelta(minutes=1)
"""When a session was last seen is written down this often at most."""


class SessionStage(StrEnum):
    """How far somebody is."""

    HALF = "half"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A session that lives, and whose it is (nobody's while it is half, in a login by passkey)."""

    session: SessionRow
    user: UserRow | None


def digest(token: str) -> str:
    """What is kept of a cookie's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(
    session: Session,
    now: datetime,
    *,
    user_id: str | None,
    stage: SessionStage,
    method: str = "",
    data: str = "{}",
    provider_session: str | None = None,
) -> str:
    """Begin a session; gives the secret for the cookie, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    session.add(
        SessionRow(
            id=digest(token),
            user_id=user_id,
            stage=stage,
            method=method,
            data=data,
            provider_session=provider_session,
            created_at=now,
            seen_at=now,
            expires_at=now + (LONGEST if stage is SessionStage.FULL else HALFWAY),
        )
    )
    session.flush()
    return token


def find(session: Session, token: str, now: datetime) -> FoundSession | None:
    """The living session of a cookie."""
    row = session.get(SessionRow, digest(token)) if token else None
    if row is None or row.revoked_at is not None or row.expires_at <= now or row.seen_at + IDLE <= now:
        return None
    user = session.get(UserRow, row.user_id) if row.user_id else None
    if user is not None and user.removed_at is not None:
        return None
    if row.stage == SessionStage.FULL and user is None:
        return None
    return FoundSession(row, user)


def seen(session: Session, row: SessionRow, now: datetime) -> None:
    """Write down that a session was used."""
    session.execute(update(SessionRow).where(col(SessionRow.id) == row.id).values(seen_at=now))


def is_stale(row: SessionRow, now: datetime) -> bool:
    """Whether its use is to be written down again."""
    return row.seen_at + STALE <= now


def end(session: Session, session_id: str, now: datetime) -> bool:
    """End one session; False when it had ended."""
    living = update(SessionRow).where(col(SessionRow.id) == session_id, col(SessionRow.revoked_at).is_(None))
    return rows_changed(session, living.values(revoked_at=now)) == 1


def end_all(session: Session, user_id: str, now: datetime, *, but: str | None = None) -> int:
    """End every session of a user, perhaps but one; gives how many."""
    rows = session.exec(
        select(SessionRow).where(SessionRow.user_id == user_id, col(SessionRow.revoked_at).is_(None))
    ).all()
    ended = [row for row in rows if row.id != but]
    for row in ended:
        row.revoked_at = now
        session.add(row)
    session.flush()
    return len(ended)


def end_elsewhere(
    session: Session, now: datetime, *, method: str, provider_session: str | None, user_id: str | None
) -> list[SessionRow]:
    """End the sessions that came in by a method: those of one session at the provider, or else all of a user.

    Gives those that were full.
    """
    query = select(SessionRow).where(
        col(SessionRow.method).startswith(method), col(SessionRow.revoked_at).is_(None)
    )
    if provider_session is not None:
        query = query.where(SessionRow.provider_session == provider_session)
    if user_id is not None:
        query = query.where(SessionRow.user_id == user_id)
    if provider_session is None and user_id is None:
        return []
    rows = session.exec(query.order_by(col(SessionRow.id))).all()
    return [row for row in rows if end(session, row.id, now) and row.stage == SessionStage.FULL]


def of_user(session: Session, user_id: str, now: datetime) -> list[SessionRow]:
    """The living sessions of a user, the one used last first."""
    query = select(SessionRow).where(
        SessionRow.user_id == user_id,
        SessionRow.stage == SessionStage.FULL,
        col(SessionRow.revoked_at).is_(None),
        col(SessionRow.expires_at) > now,
        col(SessionRow.seen_at) > now - IDLE,
    )
    return list(session.exec(query.order_by(col(SessionRow.seen_at).desc())))


def state(row: SessionRow) -> dict[str, Any]:
    """What runs in a session, such as the challenge of a passkey."""
    kept: dict[str, Any] = json.loads(row.data)
    return kept


def keep(session: Session, session_id: str, **changes: str | None) -> None:
    """Keep the state of what runs in a session; None forgets it."""
    row = session.exec(select(SessionRow).where(SessionRow.id == session_id).with_for_update()).first()
    if row is not None:
        kept = {name: value for name, value in (state(row) | changes).items() if value is not None}
        row.data = json.dumps(kept)
        session.add(row)
        session.flush()


def tried(session: Session, session_id: str) -> int:
    """Count that a factor is tried again in a session; gives how often that was since one was right."""
    row = session.exec(select(SessionRow).where(SessionRow.id == session_id).with_for_update()).first()
    if row is None:
        return 0
    kept = state(row)
    kept["tried"] = kept.get("tried", 0) + 1
    row.data = json.dumps(kept)
    session.add(row)
    session.flush()
    return int(kept["tried"])


def ended(session: Session, now: datetime) -> bool:
    """Whether there are sessions whose time is over."""
    query = select(SessionRow.id).where(col(SessionRow.expires_at) <= now)
    return session.exec(query.limit(1)).first() is not None


def clean(session: Session, now: datetime) -> None:
    """Forget sessions whose time is over."""
    session.execute(delete(SessionRow).where(col(SessionRow.expires_at) <= now))
