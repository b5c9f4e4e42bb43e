"""Key pairs that were made in browsers, and their private parts as wrapped ciphertext.

It promises that nothing here opens anything, that there is one wrap of a kind for one keeper, that a handing
wrap is found by the colleague it is for and until it ends, and that a retired pair has no wraps left. What is
decided by the pairs there are is decided `alone`.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, text
from sqlmodel import Session, col, func, select

from gateway.store.pagetables import PairRow, SetAsideRow, UserRow, WrapRow
from gateway.store.tables import MailboxRow, OutboxRow

PAIRS_LOCK = 0x1BEE1F
"""PostgreSQL advisory lock: one at a time makes and wraps pairs. SQLite has one writer anyway."""

HANDING = timedelta(days=7)
"""How long a colleague has to use the code they were given."""

MOST = 4
"""So many pairs may somebody keep at a time; whoever rotates oftener has lost sight of them."""


class PairKind(StrEnum):
    """What secret opens a wrap."""

    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a kind, not a secret
    RECOVERY = "recovery"
    HANDING = "handing"


def alone(session: Session) -> None:
    """Let nobody else make or wrap a pair before this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PAIRS_LOCK})


def add(session: Session, owner: str, jwk: Mapping[str, str], id_: str, *, now: datetime, by: str) -> PairRow:
    """Keep a new pair; `id_` is the thumbprint of `jwk`, which is public."""
    row = PairRow(id=id_, owner=owner, public_jwk=json.dumps(dict(jwk)), created_at=now, created_by=by)
    session.add(row)
    session.flush()
    return row


def in_use(session: Session, owner: str) -> list[PairRow]:
    """The pairs of an owner that are not retired, oldest first."""
    return list(
        session.exec(
            select(PairRow)
            .where(PairRow.owner == owner, col(PairRow.retired_at).is_(None))
            .order_by(col(PairRow.created_at), col(PairRow.id))
        )
    )


def spare(found: Sequence[PairRow], bound: str | None) -> list[PairRow]:
    """Of the pairs in use those that were replaced before anybody bound them."""
    ids = [pair.id for pair in found]
    return list(found[ids.index(bound) + 1 if bound in ids else 0 : -1])


def find(session: Session, owner: str, pair_id: str) -> PairRow | None:
    """A pair of this owner that is in use; another's is as absent as one that never was."""
    row = session.get(PairRow, pair_id)
    return row if row is not None and row.owner == owner and row.retired_at is None else None


def is_known(session: Session, pair_id: str) -> bool:
    """Whether anybody ever kept this pair, retired or not."""
    return session.get(PairRow, pair_id) is not None


def put_wrap(
    session: Session,
    pair_id: str,
    kind: PairKind,
    user_id: str | None,
    wrapped: Mapping[str, Any],
    *,
    now: datetime,
    by: str,
) -> WrapRow:
    """Keep a wrap in place of the one of the same kind for the same keeper."""
    _delete(session, WrapRow.pair_id == pair_id, WrapRow.kind == kind, col(WrapRow.user_id) == user_id)
    row = WrapRow(
        id=secrets.token_hex(16),
        pair_id=pair_id,
        kind=kind,
        user_id=user_id,
        wrapped=json.dumps(dict(wrapped)),
        created_at=now,
        created_by=by,
        expires_at=now + HANDING if kind is PairKind.HANDING else None,
    )
    session.add(row)
    session.flush()
    return row


def wraps(session: Session, pair_ids: Sequence[str], now: datetime) -> list[WrapRow]:
    """The wraps of some pairs that have not ended, oldest first."""
    return list(
        session.exec(
            select(WrapRow)
            .where(
                col(WrapRow.pair_id).in_(pair_ids),
                col(WrapRow.expires_at).is_(None) | (col(WrapRow.expires_at) > now),
            )
            .order_by(col(WrapRow.created_at), col(WrapRow.id))
        )
    )


def keeps(session: Session, pair_id: str, user_id: str) -> bool:
    """Whether somebody has the private key of a pair under their own passphrase."""
    return (
        session.exec(select(WrapRow.id).where(*_of(pair_id, PairKind.PASSPHRASE, user_id))).first()
        is not None
    )


def is_full(session: Session, found: Sequence[PairRow], user_id: str) -> bool:
    """Whether somebody keeps as many of these pairs as they may; what a colleague made is not theirs."""
    return sum(keeps(session, pair.id, user_id) for pair in found) >= MOST


def take_handing(session: Session, pair_id: str, user_id: str) -> None:
    """Delete what a colleague was handed: it is used once."""
    _delete(session, *_of(pair_id, PairKind.HANDING, user_id))


def forget(session: Session, user_id: str) -> None:
    """Delete every wrap that is for somebody: they have gone."""
    _delete(session, col(WrapRow.user_id) == user_id)


def owners_of_several(session: Session) -> list[str]:
    """Who has more than one pair in use."""
    return list(
        session.exec(
            select(PairRow.owner)
            .where(col(PairRow.retired_at).is_(None))
            .group_by(col(PairRow.owner))
            .having(func.count() > 1)
        )
    )


def is_needed(session: Session, pair: PairRow) -> bool:
    """Whether anything that is still there was sealed for it: in the mailbox, on its way, or set aside."""
    mine = OutboxRow.sealed_for == pair.id
    waiting = (
        select(OutboxRow.id)
        .outerjoin(MailboxRow, col(MailboxRow.id) == col(OutboxRow.id))
        .where(mine, col(OutboxRow.sealed).is_not(None) | col(MailboxRow.sealed).is_not(None))
    )
    aside = select(SetAsideRow.id).where(
        SetAsideRow.sealed_for == pair.id, col(SetAsideRow.sealed).is_not(None)
    )
    return any(session.exec(query.limit(1)).first() is not None for query in (waiting, aside))


def retire(session: Session, pair: PairRow, now: datetime) -> None:
    """End a pair: its wraps are deleted, so that nobody reads with it any more."""
    _delete(session, WrapRow.pair_id == pair.id)
    pair.retired_at = now
    session.add(pair)
    session.flush()


def has_expired(session: Session, now: datetime) -> bool:
    """Whether there is a code that nobody used in time."""
    return session.exec(select(WrapRow.id).where(col(WrapRow.expires_at) <= now).limit(1)).first() is not None


def expire(session: Session, now: datetime) -> None:
    """Delete the codes that nobody used in time."""
    _delete(session, col(WrapRow.expires_at) <= now)


def colleagues(session: Session, organisation_id: str | None) -> list[UserRow]:
    """Who share a key: the colleagues of an organisation, or for None the beheerders; by name."""
    return list(
        session.exec(
            select(UserRow)
            .where(col(UserRow.organisation_id) == organisation_id, col(UserRow.removed_at).is_(None))
            .order_by(col(UserRow.name), col(UserRow.id))
        )
    )


def _of(pair_id: str, kind: PairKind, user_id: str) -> tuple[Any, ...]:
    return WrapRow.pair_id == pair_id, WrapRow.kind == kind, WrapRow.user_id == user_id


def _delete(session: Session, *which: Any) -> None:
    session.execute(delete(WrapRow).where(*which))
