"""Foreign keys: the clocks, further threads, labels, takings and orders of a case belong to one that is there.

Revision: 0021
Follows: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = ("clocks", "threads", "labels", "takings", "orders")


def upgrade() -> None:
    for name in TABLES:
        # No case was ever taken out of its table; what were about none would mean nothing to anybody.
        op.execute(sa.text(f"DELETE FROM {name} WHERE case_id NOT IN (SELECT id FROM cases)"))  # noqa: S608 - the names are ours
        # SQLite makes the table anew.
        with op.batch_alter_table(name) as table:
            table.create_foreign_key(f"{name}_case", "cases", ["case_id"], ["id"])


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
