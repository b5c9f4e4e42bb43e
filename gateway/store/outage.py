"""Whether an error means that the database is away, or busy beyond patience: the same work can be done later.

It promises that a mistake of ours (a missing column, a broken constraint, a deadlock) never looks like that.
"""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

_READ_ONLY = "25006"
"""A server that became a standby, or whose disk did, takes no writes."""

_OURS = ("no such", "syntax error", "has no column")
"""In what SQLite says of a statement that is wrong; it knows one class for that and for a full disk."""


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached, answered that it stops, or takes nothing."""
    if isinstance(error, TimeoutError | InterfaceError):
        return True
    state = str(getattr(error.orig, "sqlstate", None) or "") if isinstance(error, DBAPIError) else ""
    if state == _READ_ONLY:
        return True
    if not isinstance(error, OperationalError):
        return False
    # Class 40 is a deadlock or a lost serialization: the database is there, and asks to try again.
    return not state.startswith("40") and not any(word in str(error.orig) for word in _OURS)
