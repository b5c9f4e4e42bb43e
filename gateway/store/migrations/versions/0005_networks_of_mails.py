"""The networks that mails came from, as keyed marks.

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEPT = sa.text("network IS NOT NULL AND coalesce(outcome, 'quarantine') = 'quarantine'")
PROVEN = sa.text(
    "practice_id IS NOT NULL AND network IS NOT NULL AND coalesce(outcome, '') IN ('case', 'addition', 'question')"
)


def upgrade() -> None:
    op.add_column("inbox", sa.Column("network", sa.String(), nullable=True))
    for name, columns, where in (
        ("inbox_unproven", ["network", "outcome", "size"], KEPT),
        ("inbox_known", ["network", "practice_id", "outcome"], PROVEN),
    ):
        op.create_index(name, "inbox", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
