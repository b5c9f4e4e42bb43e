"""The rows of the directory.

They promise that whoever writes holds the one row that counts the changes, so that two changes never meet,
and that an entry is written only over the version that its editor saw.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from gateway.directory.book import Book, Entry, EntryKind, document, id_of, kind_of, parse
from gateway.errors import InbeeldError
from gateway.store.directorytables import DirectoryRow, DirectoryStateRow

FILES = 0
"""The generation of a directory that nobody changed yet: the files of `config/` are what counts."""


class Edited(NamedTuple):
    """Who wrote an entry last."""

    version: int
    at: datetime
    by: str


class Overtaken(InbeeldError):
    """Somebody else changed that entry meanwhile; nothing was written."""

    def __init__(self, kind: EntryKind, id_: str, edited: Edited | None) -> None:
        super().__init__(f"Somebody else changed {kind} {id_} meanwhile; nothing was written")
        self.kind, self.id, self.edited = kind, id_, edited


def generation(session: Session) -> int:
    """How often the directory was changed."""
    found = session.exec(select(DirectoryStateRow.generation).where(DirectoryStateRow.id == 1)).first()
    return found or FILES


def turn(session: Session) -> int:
    """Begin a change: everybody else waits until this transaction ends. Gives the number before it."""
    counted = update(DirectoryStateRow).where(col(DirectoryStateRow.id) == 1)
    session.execute(counted.values(generation=DirectoryStateRow.generation + 1))
    return generation(session) - 1


def read(session: Session) -> Book:
    """The book as it is; raises `ConfigErrors` if a newer version wrote what this one does not know."""
    rows = session.exec(select(DirectoryRow).order_by(col(DirectoryRow.kind), col(DirectoryRow.id))).all()
    entries = [parse(EntryKind(row.kind), json.loads(row.document), row.id, stored=True) for row in rows]
    return Book.of(entries, {row.id: row.public_key for row in rows if row.public_key is not None})


def edited(session: Session, kind: EntryKind, id_: str) -> Edited | None:
    """Who wrote this entry last; None for one that is not there."""
    row = session.get(DirectoryRow, (kind, id_), populate_existing=True)
    return Edited(row.version, row.changed_at, row.changed_by) if row else None


def versions(session: Session) -> dict[tuple[EntryKind, str], int]:
    rows = session.exec(select(DirectoryRow.kind, DirectoryRow.id, DirectoryRow.version))
    return {(EntryKind(kind), id_): version for kind, id_, version in rows}


def put(session: Session, entry: Entry, now: datetime, actor: str, key: bytes | None = None) -> None:
    """Write an entry, with its key if it has a new one."""
    kind, id_ = kind_of(entry), id_of(entry)
    row = session.get(DirectoryRow, (kind, id_))
    text = json.dumps(document(entry), ensure_ascii=False)
    if row is None:
        row = DirectoryRow(kind=kind, id=id_, document=text, version=0, changed_at=now, changed_by=actor)
    row.document, row.version, row.changed_at, row.changed_by = text, row.version + 1, now, actor
    row.public_key = key if key is not None else row.public_key
    session.add(row)


def remove(session: Session, kind: EntryKind, id_: str) -> None:
    session.execute(delete(DirectoryRow).where(col(DirectoryRow.kind) == kind, col(DirectoryRow.id) == id_))


def fill(session: Session, book: Book, now: datetime, actor: str) -> Mapping[tuple[EntryKind, str], int]:
    """Write a whole book into an empty directory."""
    for entry in book:
        put(session, entry, now, actor, book.keys.get(id_of(entry)) if _is_organisation(entry) else None)
    session.flush()
    return versions(session)


def _is_organisation(entry: Entry) -> bool:
    return kind_of(entry) is EntryKind.ORGANISATION
