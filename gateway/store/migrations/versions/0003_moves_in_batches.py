"""Moves in batches: one case for a message.

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_messages_case_id"), "messages", ["case_id"], unique=False)
    for table in ("cases", "threads"):
        # Made of a Message-ID alone, these said nothing of what the message was about.
        op.drop_index(op.f(f"ix_{table}_message_mac"), table_name=table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN message_mac")
