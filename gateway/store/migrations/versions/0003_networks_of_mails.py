"""The networks that mails came from, as keyed marks.

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEPT = sa.text("sealed IS NOT NULL AND network IS NOT NULL")
PROVEN = sa.text("practice_id IS NOT NULL AND network IS NOT NULL")


def upgrade() -> None:
    op.add_column("inbox", sa.Column("network", sa.String(), nullable=True))
    op.create_index(
        "inbox_unproven", "inbox", ["network", "size"], sqlite_where=KEPT, postgresql_where=KEPT
    )
    op.create_index("inbox_known", "inbox", ["network"], sqlite_where=PROVEN, postgresql_where=PROVEN)


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
