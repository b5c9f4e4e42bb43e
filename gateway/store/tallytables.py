"""The tables of the figures: what the audit trail comes to, counted ahead. Everything in them follows from
the cases and the trail; whoever empties them loses nothing but the time to count anew.

`tally_parts` has what each case came to with each organisation that had it. A part that time changes no more
is `settled`, and counts in `tally_cells` as well: the sums by month and by week of receipt, along wijken and
along practices. Spans are whole milliseconds and waits tenths of an hour, so that sums are exact.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table
from sqlmodel import SQLModel, UTCDateTime

from gateway.store.tables import only

RUNNING: Final = "NOT settled"
SPENT: Final = ("spent_gateway", "spent_not_collected", "spent_organisation", "spent_referrer")
OUTCOMES: Final = (
    "outcome_completed",
    "outcome_referred_on",
    "outcome_patient_stopped",
    "outcome_lost_contact",
    "outcome_moved",
    "outcome_no_need",
    "outcome_other",
    "outcome_untold",
)
"""How support ended, by the coded outcome; of each case that stopped one of them."""

COUNTED: Final = (
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
    *OUTCOMES,
)
"""What a case can have come to; `marks` keeps a bit for each, in this order."""

PARTS = Table(
    "tally_parts",
    SQLModel.metadata,
    Column("case_id", String, primary_key=True),
    Column("organisation", String, primary_key=True),
    Column("practice", String, nullable=False),
    Column("wijk", String, nullable=False),
    Column("pathway", String, nullable=False),
    Column("theme", String, nullable=False),
    Column("received_at", UTCDateTime, nullable=False),
    Column("due_at", UTCDateTime),
    Column("marks", Integer, nullable=False),
    Column("wait", Integer),
    *(Column(name, BigInteger, nullable=False) for name in SPENT),
    Column("turn", Integer),
    # In milliseconds since 1970: many of them are added up.
    Column("since", BigInteger, nullable=False),
    Column("settled", Boolean, nullable=False),
    # The day with which the month and the week of receipt begin, as a number.
    Column("month", Integer, nullable=False),
    Column("week", Integer, nullable=False),
    Index("tally_parts_received", "received_at"),
    Index("tally_parts_practice", "practice", "received_at"),
    Index("tally_parts_running", "received_at", **only(RUNNING)),
)

CELLS = Table(
    "tally_cells",
    SQLModel.metadata,
    # By month or by week, along which column of `tally_parts`, and the value of that column.
    Column("step", String, primary_key=True),
    Column("along", String, primary_key=True),
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("name", String, primary_key=True),
    Column("organisation", String, primary_key=True),
    Column("pathway", String, primary_key=True),
    Column("theme", String, primary_key=True),
    Column("parts", Integer, nullable=False),
    *(Column(name, Integer, nullable=False) for name in COUNTED),
    *(Column(name, BigInteger, nullable=False) for name in SPENT),
    # Each of them, in order, four bytes a piece.
    Column("waits", LargeBinary, nullable=False),
)

MARK = Table(
    "tally_mark",
    SQLModel.metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # The trail was counted up to this event; `walked` is the last case while the first count goes on.
    Column("seq", BigInteger, nullable=False),
    Column("walked", String),
    # Months and weeks are those of this time zone.
    Column("zone", String, nullable=False),
)
