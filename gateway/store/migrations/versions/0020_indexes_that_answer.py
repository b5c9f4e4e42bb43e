"""Indexes that answer by themselves: what events there are of a case, and what of a mailbox is due.

Revision: 0020
Follows: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

RECONCILED = "kind IN ('mail.split', 'letter.kept', 'letter.dealt', 'letter.expired') OR inbox_id = ''"
LEASED = "status = 'ready' AND lease IS NOT NULL"
KEPT = "destroy_at IS NOT NULL"


def upgrade() -> None:
    op.drop_index("ix_events_case_id", "events")
    op.create_index("events_case", "events", ["case_id", "kind"])
    where = sa.text(RECONCILED)
    op.create_index("events_reconciled", "events", ["kind"], sqlite_where=where, postgresql_where=where)
    where = sa.text(LEASED)
    op.create_index("mailbox_leased", "mailbox", ["visible_at"], sqlite_where=where, postgresql_where=where)
    where = sa.text(KEPT)
    op.create_index("mailbox_kept", "mailbox", ["destroy_at"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
