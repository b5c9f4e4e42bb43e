"""A password, an authenticator app and recovery codes, chosen anew: what enrolment and account share.

It promises that nothing counts before a code proved that the app works, and that secrets which wait for that
are sealed.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from sqlmodel import Session

from gateway.accounts import factors
from gateway.accounts.hashing import Room
from gateway.accounts.passkeys import NAME
from gateway.accounts.proof import RECOVERY, TOTP
from gateway.errors import OpenError
from gateway.gate import totp
from gateway.gate.passwords import Passwords, Weakness, weakness
from gateway.gate.websecret import WebSecret
from gateway.store.pagetables import UserRow
from gateway.web.pages import Pages


@dataclass(frozen=True, slots=True)
class Chosen:
    """What waits for the first code: the secret of the app, and the hash of a password unless that stays."""

    secret: str
    password_hash: str | None

    @property
    def grouped(self) -> str:
        """The secret as somebody types it into their app."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


class AppSetup:
    """Chooses, seals and keeps."""

    def __init__(self, *, secret: WebSecret, passwords: Passwords, room: Room, pages: Pages) -> None:
        self._secret, self._passwords, self._room, self._pages = secret, passwords, room, pages

    def refused(self, password: str, again: str, *, login: str, name: str) -> str | None:
        """Why this password can't be chosen, in words, or None."""
        say = self._pages.say
        match weakness(password, login=login, name=name):
            case Weakness.SHORT:
                return say(
                    "Kies een wachtwoord van minstens 12 tekens. Een zin van een paar woorden is goed."
                )
            case Weakness.LONG:
                return say("Kies een wachtwoord van hooguit 200 tekens.")
            case Weakness.LOGIN:
                return say("Gebruik niet uw naam of e-mailadres als wachtwoord.")
            case Weakness.COMMON:
                return say("Dit wachtwoord is makkelijk te raden. Kies een ander wachtwoord.")
        return None if password == again else say("De twee wachtwoorden zijn niet hetzelfde.")

    async def hashed(self, password: str) -> str:
        """What is kept of a password."""
        return await self._room.run(self._passwords.hash, password)

    async def choose(self, password: str | None) -> Chosen:
        """A new secret for an app, perhaps with a new password."""
        return Chosen(totp.new_secret(), None if password is None else await self.hashed(password))

    def sealed(self, purpose: str, owner: str, content: dict[str, Any]) -> bytes:
        """State that waits, sealed for its owner."""
        return self._secret.seal(purpose, owner, json.dumps(content).encode())

    def opened(self, purpose: str, owner: str, sealed: bytes | None) -> dict[str, Any]:
        """State that waited; empty when there is none that opens."""
        try:
            found: dict[str, Any] = json.loads(self._secret.open(purpose, owner, sealed)) if sealed else {}
        except OpenError:
            return {}
        return found

    def picture(self, secret: str, login: str) -> str:
        """The QR code for an app, as SVG: squares without any text, and nothing that a policy forbids."""
        drawn = segno.make(totp.address(secret, login, NAME), error="m", micro=False)
        return drawn.svg_inline(scale=5, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None)

    def keep(
        self, session: Session, user: UserRow, chosen: Chosen, code: str, now: datetime
    ) -> list[str] | None:
        """Give an account what was chosen, if the app's code is right; gives its new recovery codes."""
        step = totp.step_of(chosen.secret, code, now, 0)
        if step is None:
            return None
        user.totp, user.totp_step = self._secret.seal(TOTP, user.id, chosen.secret.encode()), step
        if chosen.password_hash is not None:
            user.password_hash = chosen.password_hash
        session.add(user)
        return self.new_codes(session, user.id)

    def new_codes(self, session: Session, user_id: str) -> list[str]:
        """New recovery codes for an account, in the place of those before."""
        codes = totp.new_codes()
        marks = [self._secret.mark(RECOVERY, user_id, totp.bare(code) or "") for code in codes]
        factors.renew_codes(session, user_id, marks)
        return codes


def as_text(sealed: bytes) -> str:
    """Sealed state as it stands in a session."""
    return base64.b64encode(sealed).decode()


def as_bytes(text: str | None) -> bytes | None:
    """The same, back."""
    return base64.b64decode(text) if text else None
