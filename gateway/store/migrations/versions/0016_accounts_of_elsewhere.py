"""Accounts and sessions that others manage (SCIM, log-out at an OpenID provider), and how long the work went on.

Revision: 0016
Follows: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("external_id", sa.String(), nullable=True))
    op.add_column("users", sa.Column("awaited", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("users", sa.Column("disabled_at", UTCDateTime(), nullable=True))
    op.add_column("sessions", sa.Column("provider_session", sa.String(), nullable=True))
    op.create_index("ix_sessions_provider_session", "sessions", ["provider_session"])
    op.create_table(
        "uptime",
        sa.Column("hour", UTCDateTime(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour"),
    )
    op.create_table(
        "poll_hints",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("tokens", sa.Column("scope", sa.String(), nullable=False, server_default="api"))


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
