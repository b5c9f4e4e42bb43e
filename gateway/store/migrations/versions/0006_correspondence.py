"""What answers are about, corrected referrals, and letters that a person must read.

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "originals",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("key", "case_id"),
    )
    op.create_index(op.f("ix_originals_case_id"), "originals", ["case_id"], unique=False)
    op.add_column("cases", sa.Column("corrected_at", UTCDateTime(), nullable=True))
    op.add_column("set_aside", sa.Column("code", sa.String(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
