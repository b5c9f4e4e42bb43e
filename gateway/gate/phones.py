"""A mark of a phone number, by which the same patient referred twice is found without keeping the number.

It promises that a mark says nothing to someone without the secret: a plain hash of a number can be reversed
by hashing every number there is, a keyed one can't.
"""

import hmac
import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_MIN_SECRET = 32


class PhoneMarks:
    """Marks under `secret`; `previous` secrets only find what was marked before a rotation."""

    def __init__(self, secret: bytes, previous: tuple[bytes, ...] = ()) -> None:
        if any(len(key) < _MIN_SECRET for key in (secret, *previous)):
            raise ValueError(f"a phone secret has at least {_MIN_SECRET} bytes")
        self._keys = (secret, *previous)

    def mark(self, number: str) -> str:
        """The mark to keep with a case: 64 hex digits. ValueError if the number is not E.164."""
        return self.marks(number)[0]

    def marks(self, number: str) -> tuple[str, ...]:
        """Every mark under which this number may have been kept, the current one first."""
        if not _E164.fullmatch(number):
            raise ValueError("not a phone number in E.164 form")
        message = f"inbeeld phone 1\0{number}".encode()
        return tuple(hmac.digest(key, message, "sha256").hex() for key in self._keys)
