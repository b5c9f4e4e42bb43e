"""Brings a database to the shape this version needs, when somebody asks for it and at no other time.

It promises that processes which start at once take turns, that a database made by a newer version is left
alone, and that whoever needs the shape of this version and finds another says which command mends it.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from gateway.errors import ConfigError
from gateway.store.engine import Store

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

# Alembic takes ten megabytes, and a gateway that runs only asks which shape there is: it is loaded by those
# who apply migrations or name them.


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


UNICODE = "Make it with: CREATE DATABASE … OWNER … ENCODING 'UTF8' TEMPLATE template0 (docs/lifecycle.md)"


def migrate(store: Store, to: str = "head") -> None:
    """Apply every migration that is missing, up to `to`, in one transaction; nothing happens when none is.

    Raises `ConfigError` for a database that a newer version made, and for a new one that can't keep any text.
    """
    with store.alone() as connection:
        shape = _shape(connection)
        _refuse_newer(shape)
        if shape == (needed() if to == "head" else to):
            return
        if shape is None and (encoding := odd_encoding(connection)):
            what = f"keeps text as {encoding}, in which not every name can be written"
            raise ConfigError("the new database", "encoding", what, UNICODE)
        from alembic import command

        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def odd_encoding(connection: Connection) -> str | None:
    """How PostgreSQL keeps text, where that is not UTF-8."""
    if connection.dialect.name != "postgresql":
        return None
    encoding = str(connection.execute(text("SHOW server_encoding")).scalar())
    return None if encoding == "UTF8" else encoding


def shape_of(store: Store) -> str | None:
    """The last migration that was applied; None for a database that holds nothing of ours."""
    with store.engine.connect() as connection:
        return _shape(connection)


def _shape(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@cache
def needed() -> str:
    """The last migration of this version."""
    return _known()[-1]


@cache
def _known() -> list[str]:
    """All migrations there are, oldest first: their files begin with their numbers."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def is_current(store: Store) -> bool:
    """Whether the database has the shape this version needs."""
    return shape_of(store) == needed()


def missing(store: Store) -> list[tuple[str, str]]:
    """The migrations that were not applied yet, oldest first: number and what each does.

    Raises `ConfigError` for a database that a newer version made.
    """
    shape = shape_of(store)
    _refuse_newer(shape)
    from alembic.script import ScriptDirectory

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
    if shape is not None and shape not in _known():
        remedy = "Install the version of inbeeld that made it, or restore a backup from before"
        raise ConfigError("database", "shape", f"is '{shape}', which this version does not know", remedy)
