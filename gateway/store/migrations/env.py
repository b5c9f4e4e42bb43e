"""Alembic's entry: runs the migrations on the connection that `gateway.store.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from gateway.store import directorytables, pagetables, tables, tallytables  # noqa: F401 - they register themselves with the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
