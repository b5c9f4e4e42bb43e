"""Where blobs stand that are sealed for the intake key, and which intake keys are no more.

It promises that nothing is kept that is sealed for a destroyed key (whoever tries comes back later, with the
present key), and that a key counts as destroyed only when, in the same transaction, no blob needs it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, func, literal_column, select, text, update
from sqlmodel import Session, SQLModel, col

from gateway.errors import CannotKeep, OpenError
from gateway.sealing.box import key_id_of, wrap_context
from gateway.store.engine import rows_changed
from gateway.store.tables import CaseRow, DestroyedKeyRow, InboxRow, ThreadRow

# Written out in SQL: PostgreSQL takes two parameters with the same value for different groups.
ID_AT: ColumnElement[int] = literal_column("2")
ID_SIZE: ColumnElement[int] = literal_column("8")
"""Where the key id stands in a blob, counted from 1, and its size (see `gateway.sealing.box`)."""


@dataclass(frozen=True, slots=True)
class BoxPlace:
    """One column of blobs. `batch` bounds how much of it is in memory at a time."""

    name: str
    table: type[SQLModel]
    column: str
    context: Callable[[str], str]
    batch: int

    @property
    def blob(self) -> Any:
        """The column."""
        return col(getattr(self.table, self.column))

    @property
    def id(self) -> Any:
        """The row's id, which is bound into the blob."""
        return col(self.table.id)  # type: ignore[attr-defined]

    @property
    def key(self) -> ColumnElement[bytes]:
        """The eight bytes of the key id in a blob."""
        return func.substr(self.blob, ID_AT, ID_SIZE, type_=LargeBinary)


PLACES = (
    BoxPlace("mails", InboxRow, "sealed", lambda id_: f"inbox:{id_}", 8),
    BoxPlace("fields", CaseRow, "fields_key", lambda id_: wrap_context(f"{id_}:fields"), 100),
    BoxPlace("threads", CaseRow, "thread_key", lambda id_: wrap_context(f"{id_}:thread"), 100),
    BoxPlace("further threads", ThreadRow, "thread_key", lambda id_: wrap_context(f"{id_}:thread"), 100),
)
"""Every column that holds blobs for the intake key."""


def counts(session: Session) -> dict[str, int]:
    """How many blobs are sealed for each key id."""
    found: dict[str, int] = {}
    for place in PLACES:
        query = select(place.key, func.count()).where(place.blob.is_not(None)).group_by(place.key)
        for key, number in session.execute(query):
            found[bytes(key).hex()] = found.get(bytes(key).hex(), 0) + number
    return found


def for_others(session: Session, place: BoxPlace, key_id: str, after: str) -> list[tuple[str, bytes]]:
    """The next blobs of a place, with the ids of their rows above `after`, that aren't for `key_id`."""
    query = (
        select(place.id, place.blob)
        .where(place.blob.is_not(None), place.key != bytes.fromhex(key_id), place.id > after)
        .order_by(place.id)
        .limit(place.batch)
    )
    return [(id_, bytes(blob)) for id_, blob in session.execute(query)]


def swap(session: Session, place: BoxPlace, id_: str, before: bytes, after: bytes) -> bool:
    """Put a blob in another's stead; False if the row has moved on meanwhile."""
    statement = (
        update(place.table).where(place.id == id_, place.blob == before).values(**{place.column: after})
    )
    return rows_changed(session, statement) == 1


def destroy(session: Session, key_id: str, now: datetime) -> int:
    """Record that a key is no more; gives how many blobs still need it, and then nothing is recorded."""
    if session.get_bind().dialect.name == "postgresql":
        # Whoever keeps something at this moment is waited for, and whoever comes next sees what we record.
        tables = ", ".join(sorted({str(place.table.__tablename__) for place in PLACES}))
        session.execute(text(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"))
    needed = counts(session).get(key_id, 0)
    if not needed and session.get(DestroyedKeyRow, key_id) is None:
        session.add(DestroyedKeyRow(id=key_id, destroyed_at=now))
        session.flush()
    return needed


# Every mail asks it three times; there are few of them, one for each rotation.
_DESTROYED = "SELECT id FROM destroyed_keys"


def refuse_destroyed(session: Session, blobs: Iterable[bytes | None]) -> None:
    """Raise `CannotKeep` if one of these is sealed for a destroyed key; to be asked after they were written,
    in the same transaction, so that `destroy` either sees them or is seen here."""
    ids = set()
    for blob in blobs:
        try:
            ids |= {key_id_of(blob)} if blob else set()
        except OpenError:
            # What is no blob of ours needs no key of ours.
            continue
    if not ids:
        return
    if ids.intersection(session.connection().exec_driver_sql(_DESTROYED).scalars()):
        raise CannotKeep(
            "It was sealed for an intake key that is no more; this process needs the new intake.pub"
        )
