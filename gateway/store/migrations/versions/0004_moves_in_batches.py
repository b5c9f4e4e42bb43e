"""Moves in batches: one case for a message, and what decides about a case stands in its row.

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0004"
down_revision = "0003"
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
        op.add_column(table, sa.Column("left_at", UTCDateTime(), nullable=True))
    op.add_column("cases", sa.Column("consent_at", UTCDateTime(), nullable=True))
    op.add_column("inbox", sa.Column("postponed", sa.Integer(), server_default="0", nullable=False))
    _read_events()


def _read_events() -> None:
    """What was looked up in the trail until now: who stated consent, and who withdrew."""
    connection = op.get_bind()
    consent = sa.text(
        "UPDATE cases SET consent_at = (SELECT min(at) FROM events"
        " WHERE events.case_id = cases.id AND kind = 'consent.stated')"
        " WHERE id IN (SELECT case_id FROM events WHERE kind = 'consent.stated')"
    )
    connection.execute(consent)
    left = sa.text("SELECT case_id, at, actor FROM events WHERE kind = 'referral.withdrawn' ORDER BY seq")
    for case_id, at, actor in connection.execute(left).all():
        who = {"id": case_id, "at": at, "practice": actor.removeprefix("referrer:")}
        connection.execute(
            sa.text("UPDATE cases SET left_at = :at WHERE id = :id AND practice_id = :practice"), who
        )
        connection.execute(
            sa.text(
                "UPDATE threads SET left_at = :at"
                " WHERE case_id = :id AND practice_id = :practice AND added_at < :at"
            ),
            who,
        )


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
