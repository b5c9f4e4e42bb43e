"""The tables. No column holds a name, telephone number, subject or text of a mail in clear.

Times are aware UTC. Blobs named `sealed…` or `…_key` are ciphertext made by `gateway.sealing`; a row's id
is bound into them, so a blob moved to another row does not open.
"""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

WAITING = "outcome IS NULL"
# `coalesce` keeps SQLite from taking the index of `outcome`, and then every row, instead of these small ones.
KEPT_OF_NETWORK = "network IS NOT NULL AND coalesce(outcome, 'quarantine') = 'quarantine'"
"""The mails of strangers whose content is kept: they wait, or stand in quarantine."""
PROVEN_OF_NETWORK = (
    "practice_id IS NOT NULL AND network IS NOT NULL "
    "AND coalesce(outcome, '') IN ('case', 'addition', 'question')"
)
"""The mails of practices that were proven as theirs and led to something: no replay makes a network known."""
OPEN = "fired_at IS NULL AND met_at IS NULL AND ended_at IS NULL"
AWAITED = "kind = 'contact' AND met_at IS NULL AND ended_at IS NULL"
AGREED = (
    "met_at IS NULL AND ended_at IS NULL AND kind NOT IN "
    "('collect', 'warn', 'urge', 'contact', 'backup', 'retire', 'remind', 'give_up', 'reroute', 'repeat', "
    "'closing', 'forget')"
)
"""The clocks that a pathway added, as long as nothing met them."""
ASIDE = "(state IN ('quarantined', 'returned') OR state = 'declined' AND fields_key IS NOT NULL)"
"""The cases nobody works on that a person may have to decide about: where nobody needs to take a declined one
on (the patient wants no help), its fields were destroyed."""
RUNNING = (
    "state IN ('received', 'needs_info', 'routed', 'delivered', 'collected', 'attempted', 'unreachable', "
    "'declined')"
)
"""The cases whose promise of contact may run: so few of all that a board may look through them."""
TROUBLED = "reason IS NOT NULL AND status IN ('ready', 'held')"
"""What can't leave: tried in vain, or held."""
SENT = "sent_at IS NOT NULL"
ALARMING = (
    "kind IN ('alarm', 'delivery.held', 'delivery.late', 'case.quarantined', 'case.returned', 'mailbox.held')"
)
"""The events an administrator is told about."""
IGNORED = "kind = 'mail.ignored'"
RECONCILED = "kind IN ('mail.split', 'letter.kept', 'letter.dealt', 'letter.expired') OR inbox_id = ''"
"""What `audit verify` counts, beside the moves of cases: one entered by hand has an empty `inbox_id`."""
LEASED = "status = 'ready' AND lease IS NOT NULL"
KEPT = "destroy_at IS NOT NULL"


def only(condition: str) -> dict[str, Any]:
    """That an index holds these rows only."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Row(SQLModel):
    """What is common to rows. A new one takes its values as they are: every mail makes six, and handing each
    value through pydantic and SQLAlchemy takes twenty times as long. Later changes are tracked as always."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(_defaults(type(self)))
        self.__dict__.update(values)


@cache
def _defaults(row: type[Row]) -> dict[str, Any]:
    return {name: field.default for name, field in row.model_fields.items() if not field.is_required()}


class InboxRow(Row, table=True):
    """One accepted mail; `outcome` is null while it waits, then one of the words of promise P8.

    `attempt` counts the claims of it that came to no end, `postponed` how often it was put back on purpose,
    `line` is how the line was encrypted by which it came ("" for not at all; null where that isn't known).
    """

    __tablename__ = "inbox"
    __table_args__ = (
        Index("inbox_waiting", "received_at", **only(WAITING)),
        Index("inbox_practice", "practice_id", "received_at"),
        Index("inbox_sender", "sender_mac", "received_at"),
        Index("inbox_unproven", "network", "outcome", "size", **only(KEPT_OF_NETWORK)),
        Index("inbox_known", "network", "practice_id", "outcome", **only(PROVEN_OF_NETWORK)),
    )

    id: str = Field(primary_key=True)
    received_at: datetime
    digest: str = Field(unique=True)
    size: int
    sealed: bytes | None = None
    network: str | None = None
    outcome: str | None = Field(default=None, index=True)
    case_id: str | None = Field(default=None, index=True)
    practice_id: str | None = None
    sender_mac: str | None = None
    attempt: int = 0
    next_at: datetime | None = None
    lease: str | None = None
    postponed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    line: str | None = None


class CaseRow(Row, table=True):
    """One handover. `version` counts its moves and guards each of them (compare-and-set)."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("cases_aside", "state", "received_at", "updated_at", **only(ASIDE)),
        Index("cases_organisation", "organisation_id", "id"),
        Index(
            "cases_running",
            "state",
            "organisation_id",
            "practice_id",
            "wijk",
            "received_at",
            "id",
            **only(RUNNING),
        ),
    )

    id: str = Field(primary_key=True)
    kenmerk: str = Field(unique=True)
    state: str = Field(index=True)
    version: int = 1
    practice_id: str | None = None
    organisation_id: str | None = None
    wijk: str | None = None
    theme: str | None = None
    """What it is about, where that was said or chosen; without one it is what the place offers."""
    trial: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """A test referral, about nobody: it says so everywhere, and is counted nowhere."""
    received_at: datetime
    updated_at: datetime
    pathway: str = "{}"
    urgent: bool = False
    reason: str | None = None
    fields_key: bytes | None = None
    sealed_fields: bytes | None = None
    thread_key: bytes | None = None
    sealed_thread: bytes | None = None
    phone_mac: str | None = Field(default=None, index=True)
    consent_at: datetime | None = None
    """When it was stated that the patient consents, where that is asked."""
    left_at: datetime | None = None
    """When its first referrer withdrew while somebody else's referral of the same patient went on."""
    corrected_at: datetime | None = None
    """When its referrer corrected what an organisation may have had already: what is sealed since says so."""
    call_when: str | None = None
    """The part of the day in which the patient is best called, as the referrer said when asked."""


class ThreadRow(Row, table=True):
    """A further thread of a case: somebody else referred the same patient, and hears what concerns them."""

    __tablename__ = "threads"

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.id", index=True)
    practice_id: str
    feedback: str
    thread_key: bytes | None = None
    sealed_thread: bytes | None = None
    added_at: datetime
    left_at: datetime | None = None


class MessageRow(Row, table=True):
    """A message that started or joined a case, by a keyed mark of its id, its content and its practice: there
    is one case for each."""

    __tablename__ = "messages"

    key: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.id", index=True)


class OriginalRow(Row, table=True):
    """A message that started or joined a case, by a keyed mark of its id and its practice alone: an answer to
    it is about that case. Where a mail program gives every mail the same id, there are several cases."""

    __tablename__ = "originals"

    key: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True, foreign_key="cases.id", index=True)


class OutboxRow(Row, table=True):
    """One delivery that waits, leaves or is held; its id is the delivery id, the same at every try.

    `kind` is handover, reply, notice, or, about no case (`case_id` is ""), digest (to the administrators) and
    nudge (a mailbox has something). `code` names the wording of what is no handover. `once` makes a second
    row for the same purpose impossible. `sealed_for` is the fingerprint of the key that `sealed` is for.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_due", "status", "next_at"),
        Index("outbox_troubled", "status", "created_at", **only(TROUBLED)),
        Index("outbox_sent", "kind", "organisation_id", "sent_at", **only(SENT)),
    )

    id: str = Field(primary_key=True)
    once: str = Field(unique=True)
    case_id: str = Field(index=True)
    kind: str
    code: str
    organisation_id: str | None = None
    status: str
    media_type: str | None = None
    sealed: bytes | None = None
    sealed_for: str | None = None
    params: str = "{}"
    created_at: datetime
    next_at: datetime
    attempt: int = 0
    lease: str | None = None
    reason: str | None = None
    alarmed_at: datetime | None = None
    sent_at: datetime | None = None
    receipt_peer: str | None = None
    receipt_text: str | None = None


class ClockRow(Row, table=True):
    """One promise as data: due, then fired or met. While `paused_from` is set it does not fire; once
    `ended_at` is set it no longer matters, since its case ended without meeting it.

    `tell` names who hears of it, separated by blanks, from `notify_at` on.
    """

    __tablename__ = "clocks"
    __table_args__ = (
        UniqueConstraint("case_id", "kind"),
        Index("clocks_due", "due_at", **only(OPEN)),
        Index("clocks_contact", "due_at", **only(AWAITED)),
        Index("clocks_agreed", "due_at", **only(AGREED)),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: str = Field(foreign_key="cases.id", index=True)
    kind: str
    due_at: datetime
    notify_at: datetime | None = None
    tell: str = ""
    fired_at: datetime | None = None
    met_at: datetime | None = None
    ended_at: datetime | None = None
    paused_from: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether what it promises can still come, in time or late."""
        return self.met_at is None and self.ended_at is None


class EventRow(Row, table=True):
    """One append-only fact. `hash` covers the row and the hash before it, so that no row can be changed,
    taken out or put in between unnoticed. `data` is canonical JSON of ids and closed codes."""

    __tablename__ = "events"
    __table_args__ = (
        Index("events_alarming", "seq", **only(ALARMING)),
        Index("events_ignored", "at", **only(IGNORED)),
        Index("events_case", "case_id", "kind"),
        Index("events_reconciled", "kind", **only(RECONCILED)),
    )

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime
    kind: str
    actor: str
    case_id: str | None = None
    inbox_id: str | None = None
    data: str = "{}"
    hash: str


class MailboxRow(Row, table=True):
    """One sealed referral that waits for an organisation to collect it; its id is the delivery id.

    `lease` is the digest of the lease token that holds it until `visible_at`; `previous` that of a lease
    which was given back. `lost` counts the leases that ended without a word.
    """

    __tablename__ = "mailbox"
    __table_args__ = (
        Index("mailbox_waiting", "organisation_id", "status", "visible_at"),
        Index("mailbox_leased", "visible_at", **only(LEASED)),
        Index("mailbox_kept", "destroy_at", **only(KEPT)),
    )

    id: str = Field(primary_key=True)
    case_id: str = Field(index=True)
    kenmerk: str
    organisation_id: str
    status: str
    media_type: str
    sealed: bytes | None = None
    due_at: datetime
    urgent: bool = False
    put_at: datetime
    visible_at: datetime
    attempt: int = 0
    lost: int = 0
    lease: str | None = None
    previous: str | None = None
    settled_at: datetime | None = None
    destroy_at: datetime | None = None


class WorkerRow(Row, table=True):
    """The last heartbeat of a worker, separated by blanks: `stalled` names its steps that don't come back,
    `trouble` what ails the house itself, by its codes."""

    __tablename__ = "workers"

    id: str = Field(primary_key=True)
    seen_at: datetime
    stalled: str = ""
    trouble: str = ""


class UptimeRow(Row, table=True):
    """In which minutes of an hour, a bit each, a worker was there whose steps all came back."""

    __tablename__ = "uptime"

    hour: datetime = Field(primary_key=True)
    minutes: int = Field(default=0, sa_type=BigInteger)


class TokenRow(Row, table=True):
    """One bearer token of an organisation, for one `scope`: only the digest of its secret part is kept."""

    __tablename__ = "tokens"

    id: str = Field(primary_key=True)
    organisation_id: str = Field(index=True)
    scope: str = Field(default="api", sa_column_kwargs={"server_default": "api"})
    digest: str
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class DestroyedKeyRow(Row, table=True):
    """An intake key that is no more: nothing may be sealed for it again."""

    __tablename__ = "destroyed_keys"

    id: str = Field(primary_key=True)
    destroyed_at: datetime


class ConditionRow(Row, table=True):
    """What this database as a whole is in, such as paused or moved away, and since when; `data` is JSON."""

    __tablename__ = "conditions"

    name: str = Field(primary_key=True)
    since: datetime
    data: str = "{}"


class HeadRow(Row, table=True):
    """The end of the audit trail as it was signed at a moment; `signature` is Ed25519 in base64."""

    __tablename__ = "heads"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str
    at: datetime
    key_id: str
    signature: str
