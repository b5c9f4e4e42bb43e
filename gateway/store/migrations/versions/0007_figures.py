"""The figures, counted ahead, and when mail was last sent by each way out.

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SPENT = ("spent_gateway", "spent_not_collected", "spent_organisation", "spent_referrer")
COUNTED = (
    "received",
    "routed",
    "collected",
    "contacted",
    "on_time",
    "late",
    "met",
    "awaited",
    "unreachable",
    "declined",
    "intake",
    "support",
    "stopped",
)
RUNNING = sa.text("NOT settled")
SENT = sa.text("sent_at IS NOT NULL")
IGNORED = sa.text("kind = 'mail.ignored'")


def upgrade() -> None:
    op.create_table(
        "tally_parts",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("practice", sa.String(), nullable=False),
        sa.Column("wijk", sa.String(), nullable=False),
        sa.Column("pathway", sa.String(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("wait", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SPENT),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "organisation"),
    )
    op.create_index("tally_parts_received", "tally_parts", ["received_at"])
    op.create_index("tally_parts_practice", "tally_parts", ["practice", "received_at"])
    op.create_index(
        "tally_parts_running", "tally_parts", ["received_at"], sqlite_where=RUNNING, postgresql_where=RUNNING
    )
    op.create_table(
        "tally_cells",
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("along", sa.String(), nullable=False),
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("pathway", sa.String(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTED),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SPENT),
        sa.Column("waits", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("step", "along", "period", "name", "organisation", "pathway"),
    )
    op.create_table(
        "tally_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("walked", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # No time zone is called so: whoever counts first begins anew.
    op.execute("INSERT INTO tally_mark (id, seq, walked, zone) VALUES (1, 0, NULL, '')")
    op.create_index("events_ignored", "events", ["at"], sqlite_where=IGNORED, postgresql_where=IGNORED)
    op.create_index(
        "outbox_sent",
        "outbox",
        ["kind", "organisation_id", "sent_at"],
        sqlite_where=SENT,
        postgresql_where=SENT,
    )


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
