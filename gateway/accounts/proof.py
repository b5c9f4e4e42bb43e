"""The proof of who somebody is: their password, the code of their app, a recovery code, a passkey.

It promises that an unknown login, a wrong factor and a locked account take the same steps and end the same,
that wrong passwords and codes count together and lock the account for a while, and that no code counts twice.
Whoever guesses keeps nobody out: failures in a browser where somebody was in before count there and lock only
there, and a passkey can't be guessed, so it counts always.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.accounts import devices, factors, strangers
from gateway.accounts import rows as accounts
from gateway.accounts.passkeys import PasskeyError, RelyingParty, id_of
from gateway.accounts.rows import Tried
from gateway.domain.trail import AuditEvent
from gateway.errors import OpenError
from gateway.gate import totp
from gateway.gate.passwords import Passwords
from gateway.gate.websecret import WebSecret
from gateway.log import Log
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.pagetables import UserRow

TOTP = "totp"
RECOVERY = "recovery"
"""What the web role's secret is used for."""


class LoginProof:
    """Checks factors. `wall` is the clock of codes and locks, `now` is when events happen.

    What looks at a password is to be asked where there is room for it.
    """

    def __init__(
        self,
        *,
        store: Store,
        passwords: Passwords,
        secret: WebSecret,
        wall: Callable[[], datetime],
        now: Callable[[], datetime],
        log: Log,
    ) -> None:
        self._store, self._passwords, self._secret = store, passwords, secret
        self._wall, self._now, self._log = wall, now, log

    def password(self, login: str, password: str, device: str = "") -> str | None:
        """The id of the account with this login and password, if both are right and it has an app too."""
        with self._store.read() as session:
            user = accounts.by_login(session, login)
        kept = user.password_hash if user else None
        right = self._passwords.matches(kept, password)
        with self._store.write() as session:
            # What was checked may have changed meanwhile, or the account may have been locked.
            present = accounts.find(session, user.id if user else "", locked=True)
            tried = self._tried(session, present, device)
            if (
                right
                and present is not None
                and present.password_hash == kept
                and present.totp is not None
                and not (tried and accounts.is_locked(tried, self._wall()))
            ):
                return present.id
            self._failed(session, present, tried)
        return None

    def password_of(self, user_id: str, password: str) -> bool:
        """Whether this is the password of an account whose owner is in: their session counts the failures."""
        with self._store.read() as session:
            user = accounts.find(session, user_id)
        right = self._passwords.matches(user.password_hash if user else None, password)
        if right and user is not None and user.totp is not None:
            return True
        self._log.web_refused("login")
        return False

    def code(self, user_id: str, code: str, device: str = "") -> str | None:
        """How somebody proved to be this account's owner with a code ("totp", "recovery"), or None."""
        with self._store.write() as session:
            user = accounts.find(session, user_id, locked=True)
            tried = self._tried(session, user, device)
            if user is not None and not (tried and accounts.is_locked(tried, self._wall())):
                if self._app(session, user, code):
                    return TOTP
                if self._recovery(session, user, code):
                    return RECOVERY
            self._failed(session, user, tried)
        return None

    def passkey(self, answer: dict[str, Any], challenge: str, party: RelyingParty) -> str | None:
        """The id of the account whose passkey was shown in answer to this challenge."""
        with self._store.read() as session:
            row = factors.passkey(session, id_of(answer))
        try:
            count = party.shown(answer, challenge, row) if row else None
        except PasskeyError:
            count = None
        with self._store.write() as session:
            user = accounts.find(session, row.user_id) if row else None
            if row and user and count is not None and factors.use_passkey(session, row, count, self._wall()):
                return user.id
            self._failed(session, None, None)
        return None

    def _tried(self, session: Session, user: UserRow | None, device: str) -> Tried | None:
        """Where a failure counts: with the device the account knows, else with the account."""
        known = devices.find(session, device, user.id if user else "", self._wall()) if device else None
        return known or user

    def _app(self, session: Session, user: UserRow, code: str) -> bool:
        if user.totp is None:
            return False
        try:
            secret = self._secret.open(TOTP, user.id, user.totp).decode()
        except OpenError as error:
            self._log.failed("login", error, user=user.id)
            return False
        step = totp.step_of(secret, code, self._wall(), user.totp_step)
        return step is not None and accounts.use_step(session, user.id, step)

    def _recovery(self, session: Session, user: UserRow, code: str) -> bool:
        bare = totp.bare(code)
        if bare is None:
            return False
        mark = self._secret.mark(RECOVERY, user.id, bare)
        if not factors.use_code(session, user.id, mark, self._wall()):
            return False
        left = factors.codes_left(session, user.id)
        audit.append(
            session, AuditEvent.ACCOUNT_RECOVERY_USED, now=self._now(), actor=f"user:{user.id}", left=left
        )
        return True

    def _failed(self, session: Session, user: UserRow | None, tried: Tried | None) -> None:
        """Count it, and say that somebody failed, but not who."""
        self._log.web_refused("login")
        strangers.failed(session, wall=self._wall(), now=self._now())
        # An account without a password has nothing that could be guessed.
        if user is None or tried is None or user.password_hash is None:
            return
        lock = accounts.failed(session, tried, self._wall())
        if lock is not None:
            minutes = int(lock.total_seconds() // 60)
            actor = strangers.ACTOR
            audit.append(
                session, AuditEvent.LOGIN_LOCKED, now=self._now(), actor=actor, user=user.id, minutes=minutes
            )
            self._log.alarm("account_locked", user=user.id)
