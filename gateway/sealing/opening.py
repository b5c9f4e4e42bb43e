"""A private key of the gateway that opens what somebody encrypted to it; `sandbox.unwrapper` uses them."""

from typing import Protocol


class Opener(Protocol):
    """One private key of the gateway, as `gpg.PgpOpener` and `smime.SmimeOpener`. Safe in threads."""

    kind: str

    def open(self, ciphertext: bytes) -> bytes:
        """The MIME entity inside; raises `OpenError`."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...
