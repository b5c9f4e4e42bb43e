"""Accounts and sessions that others manage: SCIM, and log-out at an OpenID provider.

Revision: 0016
Follows: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("external_id", sa.String(), nullable=True))
    op.add_column("users", sa.Column("awaited", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("users", sa.Column("disabled_at", UTCDateTime(), nullable=True))
    op.add_column("sessions", sa.Column("provider_session", sa.String(), nullable=True))
    op.create_index("ix_sessions_provider_session", "sessions", ["provider_session"])
    op.add_column("tokens", sa.Column("scope", sa.String(), nullable=False, server_default="api"))


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
