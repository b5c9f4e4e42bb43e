"""Figures by theme and of outcomes: the tables of the figures are made anew, and counted again from the trail.

Revision: 0018
Follows: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0018"
down_revision = "0017"
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
    "outcome_completed",
    "outcome_referred_on",
    "outcome_patient_stopped",
    "outcome_lost_contact",
    "outcome_moved",
    "outcome_no_need",
    "outcome_other",
    "outcome_untold",
)
RUNNING = sa.text("NOT settled")


def upgrade() -> None:
    # Everything in them follows from the cases and the trail: nothing is lost but the time to count.
    op.drop_table("tally_parts")
    op.drop_table("tally_cells")
    op.create_table(
        "tally_parts",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("practice", sa.String(), nullable=False),
        sa.Column("wijk", sa.String(), nullable=False),
        sa.Column("pathway", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
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
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTED),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SPENT),
        sa.Column("waits", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("step", "along", "period", "name", "organisation", "pathway", "theme"),
    )
    # No time zone is called so: whoever counts first begins anew.
    op.execute("UPDATE tally_mark SET seq = 0, walked = NULL, zone = ''")


def downgrade() -> None:
    raise RuntimeError("restore a backup: what was kept must never be dropped by a downgrade")
