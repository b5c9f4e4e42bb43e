"""Codes of an authenticator app (TOTP, RFC 6238), and those that replace the app once, when it is gone.

It promises that a code of an app counts for its own time step and the ones beside it, never for a step that
was used before, that comparing tells nothing of how much was right, and that a recovery code has sixty random
bits, in letters and digits that are not taken for each other, however somebody types them.
"""

import hmac
import re
import secrets
from datetime import datetime

import pyotp

INTERVAL = 30
"""Seconds that a code lives."""

_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """A secret of 160 random bits, in the base32 that people can type into their app."""
    return pyotp.random_base32()


def address(secret: str, login: str, issuer: str) -> str:
    """What the QR code holds: the `otpauth` address that an app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The time step a code is for, if it is right at `now` and its step comes after the step `after`."""
    typed = re.sub(r"[\s-]", "", code)
    if not _CODE.fullmatch(typed):
        return None
    present = int(now.timestamp()) // INTERVAL
    made = pyotp.TOTP(secret)
    right = [
        step
        for step in (present - 1, present, present + 1)
        if hmac.compare_digest(made.generate_otp(step), typed)
    ]
    return next((step for step in right if step > after), None)


HOW_MANY = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without 0, o, 1, i and l."""

_LENGTH = 12
_RECOVERY_CODE = re.compile(rf"[{_LETTERS}]{{{_LENGTH}}}")


def new_codes() -> list[str]:
    """A set of new codes, as they are printed: three groups of four."""
    return [_grouped("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))) for _ in range(HOW_MANY)]


def bare(text: str) -> str | None:
    """The code somebody typed, without blanks and hyphens; None for what can't be one."""
    found = re.sub(r"[\s-]", "", text).lower()
    return found if _RECOVERY_CODE.fullmatch(found) else None


def _grouped(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, _LENGTH, 4))
