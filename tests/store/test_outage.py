"""What means that the database is away, and what is a mistake of ours."""

import sqlite3
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, InterfaceError, InternalError, OperationalError, TimeoutError

from gateway.store.engine import is_away


def postgresql(kind: type[Exception], state: str | None) -> Any:
    return kind("SELECT", {}, SimpleNamespace(sqlstate=state))  # type: ignore[call-arg]


def sqlite(said: str) -> OperationalError:
    return OperationalError("SELECT", {}, sqlite3.OperationalError(said))


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (postgresql(OperationalError, None), True),
        (postgresql(OperationalError, "57P01"), True),
        (postgresql(OperationalError, "53100"), True),
        (postgresql(InternalError, "25006"), True),
        (postgresql(InternalError, "25P02"), False),
        (postgresql(OperationalError, "40P01"), False),
        (postgresql(IntegrityError, "23505"), False),
        (postgresql(InterfaceError, None), True),
        (TimeoutError("another writer has had it for too long"), True),
        (sqlite("database is locked"), True),
        (sqlite("database or disk is full"), True),
        (sqlite("attempt to write a readonly database"), True),
        (sqlite("no such column: x"), False),
        (ValueError("text"), False),
    ],
)
def test_away_or_ours(error: Exception, away: bool) -> None:
    assert is_away(error) is away
