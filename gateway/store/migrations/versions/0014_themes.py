"""What a case is about, beside where its patient lives, and whether it is a test.

Revision: 0014
Follows: 0013
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("theme", sqlmodel.AutoString(), nullable=True))
    op.add_column("cases", sa.Column("trial", sa.Boolean(), nullable=False, server_default=sa.text("false")))


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
