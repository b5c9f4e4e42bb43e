"""Keyed marks, by which the same number or the same mail is recognised without keeping it.

It promises that a mark says nothing to someone without the secret: a plain hash of a telephone number can be
reversed by hashing every number there is, a keyed one can't.
"""

import hmac
import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_MIN_SECRET = 32


class Marks:
    """Marks under `secret`, each 64 hex digits; `previous` secrets only find what was marked before."""

    def __init__(self, secret: bytes, previous: tuple[bytes, ...] = ()) -> None:
        if any(len(key) < _MIN_SECRET for key in (secret, *previous)):
            raise ValueError(f"a secret for marks has at least {_MIN_SECRET} bytes")
        self._keys = (secret, *previous)

    def phone(self, number: str) -> str:
        """The mark to keep for a number. ValueError if it is not E.164."""
        return self.phones(number)[0]

    def phones(self, number: str) -> tuple[str, ...]:
        """Every mark under which this number may have been kept, the current one first."""
        if not _E164.fullmatch(number):
            raise ValueError("not a phone number in E.164 form")
        return self._marks("phone", number)

    def message(self, practice_id: str, message_id: str, content: str) -> str:
        """The mark to keep for a message of a practice: its Message-ID, and a digest of what it says. Some
        programs give every mail the same id, and another text under it is another message."""
        return self._marks("message", f"{practice_id}\0{content}\0{message_id}")[0]

    def original(self, practice_id: str, message_id: str) -> str:
        """The mark to keep for the id of a message of a practice, by which an answer to it is known."""
        return self.originals(practice_id, message_id)[0]

    def originals(self, practice_id: str, message_id: str) -> tuple[str, ...]:
        """Every mark under which this id may have been kept."""
        return self._marks("original", f"{practice_id}\0{message_id}")

    def sender(self, address: str) -> str:
        """The mark to count a sender's mails by."""
        return self._marks("sender", address)[0]

    def derived(self, kind: str, of: str, size: int) -> bytes:
        """Bytes for the id of what is made of something, the same each time and unguessable: a copy of the
        gateway that is restored from a backup gives what it makes again the same id. At most 32."""
        return bytes.fromhex(self._marks(f"id of {kind}", of)[0])[:size]

    def _marks(self, kind: str, value: str) -> tuple[str, ...]:
        content = f"inbeeld {kind} 1\0{value}".encode()
        return tuple(hmac.digest(key, content, "sha256").hex() for key in self._keys)
