"""Takes the wrapping off mails that were encrypted to us: parsed in reading processes, opened where keys are.

It promises that whoever holds a key gets the ciphertext and nothing else of the mail, that what it opens goes
back to a reading process unlooked at, and that what does not open is an `OpenError` without content.
"""

from collections.abc import Sequence
from typing import Protocol

from gateway.errors import OpenError
from gateway.reading.mail.wrapping import DEEPEST
from gateway.sandbox.pool import Readers
from gateway.sandbox.tasks import to_unwrap, unwrapped_bytes


class Opener(Protocol):
    """One private key of the gateway, as `gpg.PgpOpener` and `smime.SmimeOpener`. Safe in threads."""

    kind: str

    def open(self, ciphertext: bytes) -> bytes:
        """The MIME entity inside; raises `OpenError`."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class Unwrapper:
    """Unwraps with these keys."""

    def __init__(self, readers: Readers, openers: Sequence[Opener]) -> None:
        self._readers, self._openers = readers, openers

    def unwrap(self, raw: bytes) -> bytes:
        """The mail with its encryption and opaque signatures taken off; `raw` itself if there are none.

        Raises `OpenError` if no key opens it or it is damaged, and `Unreadable`.
        """
        layer = unwrapped_bytes(self._readers.one(to_unwrap(raw)))
        for _ in range(DEEPEST):
            if layer is None:
                raise OpenError("a wrapped mail is damaged")
            if not layer.kind:
                return layer.content
            inner = self._opened(layer.kind, layer.content)
            layer = unwrapped_bytes(self._readers.one(to_unwrap(layer.outer, inner)))
        raise OpenError("a mail is wrapped too deep")

    def _opened(self, kind: str, ciphertext: bytes) -> bytes:
        for opener in self._openers:
            if opener.kind == kind:
                try:
                    return opener.open(ciphertext)
                except OpenError:
                    # It may be sealed for another of our keys, as during a rotation.
                    continue
        raise OpenError(f"no key here opens this {kind} mail")
