"""Brings a database to the shape this version needs, when somebody asks for it and at no other time.

It promises that processes which start at once take turns, that a database made by a newer version is left
alone, and that whoever needs the shape of this version and finds another says which command mends it.
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from gateway.errors import ConfigError
from gateway.store.engine import Store

MIGRATIONS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def migrate(store: Store, to: str = "head") -> None:
    """Apply every migration that is missing, up to `to`, in one transaction; nothing happens when none is.

    Raises `ConfigError` for a database that a newer version made.
    """
    config = _config()
    with store.alone() as connection:
        _refuse_newer(MigrationContext.configure(connection).get_current_revision())
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def shape_of(store: Store) -> str | None:
    """The last migration that was applied; None for a database that holds nothing of ours."""
    with store.engine.connect() as connection:
        return _shape(connection)


def _shape(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@cache
def needed() -> str:
    """The last migration of this version."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def is_current(store: Store) -> bool:
    """Whether the database has the shape this version needs."""
    return shape_of(store) == needed()


def missing(store: Store) -> list[tuple[str, str]]:
    """The migrations that were not applied yet, oldest first: number and what each does.

    Raises `ConfigError` for a database that a newer version made.
    """
    shape = shape_of(store)
    _refuse_newer(shape)
    scripts = ScriptDirectory.from_config(_config()).iterate_revisions("head", shape or "base")
    found = [(script.revision, (script.doc or "").partition("\n")[0]) for script in scripts]
    return found[::-1]


def assure_current(store: Store) -> None:
    """Raise `ConfigError` unless the database has the shape this version needs."""
    shape = shape_of(store)
    if shape == needed():
        return
    _refuse_newer(shape)
    if shape is None:
        remedy = "Restore a backup with 'inbeeld restore', or make a new one with: inbeeld migrate --new"
        raise ConfigError("database", "shape", "holds nothing of ours", remedy)
    remedy = "Make a backup (inbeeld backup DIR), then run: inbeeld migrate"
    raise ConfigError("database", "shape", f"is '{shape}', and this version needs '{needed()}'", remedy)


def _refuse_newer(shape: str | None) -> None:
    ours = ScriptDirectory.from_config(_config())
    if shape is not None and shape not in {script.revision for script in ours.walk_revisions()}:
        remedy = "Install the version of inbeeld that made it, or restore a backup from before"
        raise ConfigError("database", "shape", f"is '{shape}', which this version does not know", remedy)
