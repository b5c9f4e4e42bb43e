"""Bearer tokens of organisations: shown once when they are made, kept as a digest.

It promises that what is stored is of no use to whoever reads it, and that looking for a token that does not
exist takes the same steps as looking for one that does. A token holds 256 random bits, so a plain SHA-256 of
it can't be guessed back and needs no slow hash.
"""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, update
from sqlmodel import Session, SQLModel, col, select

from gateway.errors import NotFound
from gateway.store.tables import TokenRow

_SHAPE = re.compile(r"inbeeld_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NOBODY = "0" * 64
_USED_EVERY = timedelta(minutes=1)
_TOKENS = SQLModel.metadata.tables["tokens"]
# Every request to the API asks it: built once, and on the table.
_FIND = _TOKENS.select().where(_TOKENS.c.id == bindparam("this_id"))


class TokenOwner(NamedTuple):
    """Whose a token is, what it opens, and when it was last used."""

    id: str
    organisation_id: str
    scope: str
    last_used_at: datetime | None


def make(session: Session, organisation_id: str, now: datetime, scope: str = "api") -> tuple[TokenRow, str]:
    """A new token of an organisation, which opens one thing: the row that is kept, and the token itself."""
    id_, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    row = TokenRow(
        id=id_, organisation_id=organisation_id, scope=scope, digest=_digest(secret), created_at=now
    )
    session.add(row)
    session.flush()
    return row, f"inbeeld_{id_}_{secret}"


def owner(connection: Connection, token: str) -> TokenOwner | None:
    """Whose a token is, if it is valid now: one that was ended a moment ago opens nothing."""
    shape = _SHAPE.fullmatch(token)
    id_, secret = shape.groups() if shape else ("", "")
    found = connection.execute(_FIND, {"this_id": id_}).first()
    same = hmac.compare_digest(found.digest if found else _NOBODY, _digest(secret))
    valid = found is not None and same and found.revoked_at is None
    return (
        TokenOwner(id_, found.organisation_id, found.scope, found.last_used_at) if found and valid else None
    )


def is_stale(row: TokenOwner, now: datetime) -> bool:
    """Whether it is worth a write to say that the token was used."""
    return row.last_used_at is None or now - row.last_used_at >= _USED_EVERY


def used(session: Session, row: TokenOwner, now: datetime) -> None:
    """Record that a token was used, to the minute."""
    session.execute(update(TokenRow).where(col(TokenRow.id) == row.id).values(last_used_at=now))


def all_of(session: Session, organisation_id: str | None = None) -> list[TokenRow]:
    """The tokens of an organisation, or all of them; oldest first."""
    query = select(TokenRow).order_by(col(TokenRow.created_at))
    if organisation_id is not None:
        query = query.where(TokenRow.organisation_id == organisation_id)
    return list(session.exec(query))


def revoke(session: Session, token_id: str, now: datetime) -> TokenRow:
    """End a token; one that has ended stays as it was. Raises `NotFound`."""
    row = session.get(TokenRow, token_id)
    if row is None:
        raise NotFound("There is no token with that id; 'inbeeld tokens list' shows them all")
    row.revoked_at = row.revoked_at or now
    session.add(row)
    session.flush()
    return row


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
