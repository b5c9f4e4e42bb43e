"""Who of a desk has taken a case on.

Revision: 0015
Follows: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "takings",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "desk"),
    )
    op.create_index("takings_of", "takings", ["desk", "user_id"])


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
