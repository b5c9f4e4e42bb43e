"""The tables of the pages: who logs in, and the keys that are made and kept in browsers.

Nothing here opens anything: passwords are argon2 hashes, secrets digests, a private key of a mailbox is
ciphertext that only its keeper's passphrase opens, and the copy of a mail that was set aside is sealed for
the beheerders. Times are aware UTC.
"""

from datetime import datetime

from sqlalchemy import Index, false
from sqlmodel import Field

from gateway.store.tables import Row, only

UNDONE = "done_at IS NULL"
STANDING = "revoked_at IS NULL"
NOBODYS = "user_id IS NULL"


class UserRow(Row, table=True):
    """Somebody who logs in: a beheerder, or a medewerker of one organisation.

    `login` is an address in small letters. `totp` is sealed by the web role's secret; `totp_step` is the last
    time step that was used, which no code may repeat. After too many `failures`, the last at `failed_at`, no
    password or code counts until `locked_until`, but from a device of theirs. `subject` is who they are at
    the OpenID provider, once they came from there; `awaited` is true while an account that was provisioned
    (SCIM) waits for that, and `external_id` what it is called there. `disabled_at` keeps everybody out.
    """

    __tablename__ = "users"

    id: str = Field(primary_key=True)
    login: str = Field(unique=True)
    name: str
    role: str
    organisation_id: str | None = Field(default=None, index=True)
    subject: str | None = Field(default=None, unique=True)
    awaited: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    external_id: str | None = None
    password_hash: str | None = None
    totp: bytes | None = None
    totp_step: int = 0
    failures: int = 0
    failed_at: datetime | None = None
    locked_until: datetime | None = None
    created_at: datetime
    last_login_at: datetime | None = None
    disabled_at: datetime | None = None
    removed_at: datetime | None = None


class DeviceRow(Row, table=True):
    """A browser in which somebody logged in before; its id is the digest of a cookie's secret.

    Wrong passwords and codes that come from it are counted here, and not with those of strangers.
    """

    __tablename__ = "devices"

    id: str = Field(primary_key=True)
    user_id: str = Field(index=True)
    failures: int = 0
    failed_at: datetime | None = None
    locked_until: datetime | None = None
    used_at: datetime


class StrangersRow(Row, table=True):
    """How often somebody failed to log in since the audit trail was told so, at `told_at`: one row."""

    __tablename__ = "strangers"

    id: int = Field(primary_key=True)
    failures: int = 0
    told_at: datetime | None = None


class PasskeyRow(Row, table=True):
    """One passkey (WebAuthn credential); its id is the credential id in base64url."""

    __tablename__ = "passkeys"

    id: str = Field(primary_key=True)
    user_id: str = Field(index=True)
    public_key: bytes
    sign_count: int = 0
    label: str
    created_at: datetime
    last_used_at: datetime | None = None


class RecoveryCodeRow(Row, table=True):
    """One recovery code, as a digest: it replaces the second factor once."""

    __tablename__ = "recovery_codes"

    id: str = Field(primary_key=True)
    user_id: str = Field(index=True)
    used_at: datetime | None = None


class InvitationRow(Row, table=True):
    """A one-time link with which somebody sets up their factors; `user_id` is set once they did.

    `pending` is sealed state of the set-up that runs: a TOTP secret, the challenge of a passkey.
    """

    __tablename__ = "invitations"

    id: str = Field(primary_key=True)
    digest: str = Field(unique=True)
    login: str = Field(index=True)
    name: str
    role: str
    organisation_id: str | None = Field(default=None, index=True)
    user_id: str | None = None
    pending: bytes | None = None
    created_at: datetime
    created_by: str
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class SessionRow(Row, table=True):
    """One session; its id is the digest of the cookie's secret. `stage` is half after one factor, then full.

    `data` is state of a login that runs, such as a challenge: JSON, nothing secret for long.
    `provider_session` is the digest of the session at the OpenID provider from which it came.
    """

    __tablename__ = "sessions"

    id: str = Field(primary_key=True)
    user_id: str | None = Field(default=None, index=True)
    stage: str
    method: str = ""
    provider_session: str | None = Field(default=None, index=True)
    data: str = "{}"
    created_at: datetime
    seen_at: datetime
    expires_at: datetime = Field(index=True)
    revoked_at: datetime | None = None


class PairRow(Row, table=True):
    """A key pair that was made in a browser, without its private part. The id is the RFC 7638 thumbprint.

    `owner` is an organisation's id, or "beheerders". It seals nothing until an administrator binds its
    fingerprint in the configuration.
    """

    __tablename__ = "pairs"

    id: str = Field(primary_key=True)
    owner: str = Field(index=True)
    public_jwk: str
    created_at: datetime
    created_by: str
    retired_at: datetime | None = None


class WrapRow(Row, table=True):
    """One wrapping of a pair's private key: only its keeper's secret, which never comes here, opens it.

    `kind` is passphrase (of `user_id`), recovery (printed), or handing (given to a colleague, once, until
    `expires_at`). There is one of a kind for a keeper, and one that is printed. `wrapped` is JSON: the
    derivation with its salt and iterations, and the ciphertext.
    """

    __tablename__ = "wraps"
    __table_args__ = (
        Index("wraps_kept", "pair_id", "kind", "user_id", unique=True),
        Index("wraps_printed", "pair_id", "kind", unique=True, **only(NOBODYS)),
    )

    id: str = Field(primary_key=True)
    pair_id: str = Field(index=True)
    kind: str
    user_id: str | None = Field(default=None, index=True)
    wrapped: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None


class SetAsideRow(Row, table=True):
    """The copy for the beheerders of a mail that was set aside, or of a letter in the thread of a case that a
    person must read; its id is that of the mail in the inbox. `code` says why a letter is kept.

    `sealed` is a JWE for the key with the thumbprint `sealed_for`. While it can't be made, `problem` is the
    code of why; without a copy `sealed_for` then says for which key it was tried, or is null.
    """

    __tablename__ = "set_aside"
    __table_args__ = (Index("set_aside_for", "sealed_for", "problem"),)

    id: str = Field(primary_key=True)
    case_id: str = Field(index=True)
    sealed: bytes | None = None
    sealed_for: str | None = None
    problem: str | None = None
    sealed_at: datetime
    code: str | None = None


class AllowanceRow(Row, table=True):
    """A sender that a beheerder allowed for a practice, beside those in the configuration.

    `sender` is a domain or a whole address in small letters, and stands for one practice at a time.
    """

    __tablename__ = "allowances"
    __table_args__ = (Index("allowances_standing", "sender", unique=True, **only(STANDING)),)

    id: str = Field(primary_key=True)
    practice_id: str = Field(index=True)
    sender: str
    created_at: datetime
    created_by: str
    revoked_at: datetime | None = None


class OrderRow(Row, table=True):
    """Something a beheerder asked for on a page that only the worker can do, because it holds the keys.

    `target` is the organisation or the delivery it is about, `version` that of the case as the beheerder saw
    it. `problem` is the code of why it can't be done. A case has at most one that waits.
    """

    __tablename__ = "orders"
    __table_args__ = (
        Index("orders_waiting", "ordered_at", **only(UNDONE)),
        Index("orders_one", "case_id", unique=True, **only(UNDONE)),
    )

    id: str = Field(primary_key=True)
    kind: str
    case_id: str = Field(foreign_key="cases.id", index=True)
    target: str = ""
    version: int
    tries: int = 0
    ordered_at: datetime
    ordered_by: str
    done_at: datetime | None = None
    problem: str | None = None


class PollHintRow(Row, table=True):
    """A receiver that said at `at` that something changed there; `id` is its organisation's."""

    __tablename__ = "poll_hints"

    id: str = Field(primary_key=True)
    at: datetime


class ProbeRow(Row, table=True):
    """One thing that a beheerder asked the worker to try: `target` is the relay or an organisation's channel,
    `problem` the code of what is wrong, once it was tried."""

    __tablename__ = "probes"

    id: str = Field(primary_key=True)
    target: str
    asked_at: datetime = Field(index=True)
    asked_by: str
    taken_at: datetime | None = None
    done_at: datetime | None = None
    problem: str | None = None


class PollRow(Row, table=True):
    """A receiver that gives no answer when it is asked; `id` is its organisation's, `reason` a code."""

    __tablename__ = "polls"

    id: str = Field(primary_key=True)
    since: datetime
    reason: str
    told_at: datetime | None = None


class TakingRow(Row, table=True):
    """Who of a desk has taken a case on; `desk` is an organisation's id, or "beheerders"."""

    __tablename__ = "takings"
    __table_args__ = (Index("takings_of", "desk", "user_id"),)

    case_id: str = Field(primary_key=True, foreign_key="cases.id")
    desk: str = Field(primary_key=True)
    user_id: str
    taken_at: datetime
    reason: str | None = None


class SavedViewRow(Row, table=True):
    """What a beheerder looks for on the board again and again: `query` is that of its address."""

    __tablename__ = "saved_views"

    id: str = Field(primary_key=True)
    user_id: str = Field(index=True)
    name: str
    query: str
    created_at: datetime


class LabelRow(Row, table=True):
    """What a colleague calls a case, sealed in their browser for their organisation's key; `sealed` is JSON
    that only such a browser opens. It goes when the case is closed."""

    __tablename__ = "labels"

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.id", index=True)
    organisation_id: str
    sealed: str
    changed_at: datetime
