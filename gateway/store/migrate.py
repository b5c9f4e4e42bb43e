"""Brings a database to the shape this version needs.

It promises that processes which start at once take turns, and that a database made by a newer version is
left alone.
"""

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


def migrate(store: Store) -> None:
    """Apply every migration that is missing, in one transaction; nothing happens when none is.

    Raises `ConfigError` for a database that a newer version made.
    """
    config = _config()
    with store.alone() as connection:
        _refuse_newer(connection, ScriptDirectory.from_config(config))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(store: Store) -> bool:
    """Whether the database has the shape this version needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def _refuse_newer(connection: Connection, ours: ScriptDirectory) -> None:
    shape = MigrationContext.configure(connection).get_current_revision()
    if shape is not None and shape not in {script.revision for script in ours.walk_revisions()}:
        remedy = "Install the version of inbeeld that made it, or restore a backup from before"
        raise ConfigError("database", "shape", f"is '{shape}', which this version does not know", remedy)
