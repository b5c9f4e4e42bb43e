"""Alembic migrations: the only code that changes the shape of a database."""
