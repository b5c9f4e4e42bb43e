"""What a case is about, beside where its patient lives, whether it is a test, and what was tried.

Revision: 0014
Follows: 0013
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlmodel import UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("theme", sqlmodel.AutoString(), nullable=True))
    op.create_table(
        "probes",
        sa.Column("id", sqlmodel.AutoString(), nullable=False),
        sa.Column("target", sqlmodel.AutoString(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("asked_by", sqlmodel.AutoString(), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("problem", sqlmodel.AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_probes_asked_at", "probes", ["asked_at"])
    op.add_column("cases", sa.Column("trial", sa.Boolean(), nullable=False, server_default=sa.text("false")))


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
