"""Clocks of cases that ended: met only by what meets them, else ended.

Revision: 0013
Follows: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OPEN = "fired_at IS NULL AND met_at IS NULL AND ended_at IS NULL"
AWAITED = "kind = 'contact' AND met_at IS NULL AND ended_at IS NULL"
AGREED = (
    "met_at IS NULL AND ended_at IS NULL AND kind NOT IN "
    "('collect', 'warn', 'urge', 'contact', 'backup', 'retire', 'remind', 'give_up', 'reroute', 'repeat', "
    "'closing', 'forget')"
)

# Until now an end met every clock; a promise that nothing kept was not met. Where the referral is still kept
# an organisation declined and somebody must still call: that promise runs.
MET_BY_AN_END = """
UPDATE clocks SET ended_at = met_at, met_at = NULL
WHERE kind IN ('warn', 'urge', 'contact', 'backup') AND met_at IS NOT NULL
AND case_id IN (SELECT id FROM cases WHERE state IN ('declined', 'withdrawn', 'returned', 'closed'))
AND NOT EXISTS (
    SELECT 1 FROM events
    WHERE events.case_id = clocks.case_id AND events.kind IN ('case.contacted', 'case.self_contact')
)
"""
STILL_WAITS = """
UPDATE clocks SET ended_at = NULL
WHERE kind = 'contact' AND ended_at IS NOT NULL
AND case_id IN (SELECT id FROM cases WHERE state = 'declined' AND fields_key IS NOT NULL)
"""


def upgrade() -> None:
    op.add_column("clocks", sa.Column("ended_at", UTCDateTime(), nullable=True))
    for name, condition in (("due", OPEN), ("contact", AWAITED), ("agreed", AGREED)):
        op.drop_index(f"clocks_{name}", "clocks")
        op.create_index(
            f"clocks_{name}",
            "clocks",
            ["due_at"],
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
    op.execute(MET_BY_AN_END)
    op.execute(STILL_WAITS)


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
