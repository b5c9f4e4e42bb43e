"""Openers: the private keys with which the gateway opens what was encrypted to it.

They promise that content passes through pipes only, never a file; that only integrity-protected OpenPGP is
accepted; and that what does not open is an `OpenError` without content.
"""

import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from gateway.errors import OpenError
from gateway.sealing.engine import EngineError, Finished, run
from gateway.sealing.gpghome import OFFLINE, QUIET, UNLOCKED, temporary_home
from gateway.sealing.keyfiles import read_private

# A mail of 10 MiB may hold compressed data; what it unfolds to is bounded (DESIGN chapter 10).
_LARGEST = 32 * 1024 * 1024


class Opener(Protocol):
    """One private key of the gateway. Safe to use from several threads."""

    kind: str

    def open(self, ciphertext: bytes) -> bytes:
        """The MIME entity inside; raises `OpenError`."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class PgpOpener:
    """Opens OpenPGP messages with gpg. The private key file must have no passphrase and mode 0600."""

    kind = "openpgp"

    def __init__(self, private_key_file: Path, gpg_home_root: Path, *, gpg: str = "gpg") -> None:
        self._file = private_key_file
        self._root = gpg_home_root
        self._gpg = gpg
        self._lock = threading.Lock()
        self._held = ExitStack()
        self._home: Path | None = None

    def open(self, ciphertext: bytes) -> bytes:
        """The content of an armoured or binary OpenPGP message."""
        done = self._run(
            ciphertext,
            *UNLOCKED,
            *("--trust-model", "always", "--pinentry-mode", "error"),
            *("--max-output", str(_LARGEST), "--decrypt"),
        )
        if not done.said("DECRYPTION_OKAY") or not done.said("GOODMDC") or done.said("DECRYPTION_FAILED"):
            raise OpenError("an OpenPGP message does not open with this key")
        # The exit code also complains of a signature nobody here can check, so that alone is no reason.
        # When the limit is reached gpg cuts the output off, and tells so in words only.
        if done.code != 0 and (not done.said("ERRSIG") or b"handle plaintext failed" in done.errors):
            raise OpenError("an OpenPGP message is too large or damaged")
        return done.output

    def close(self) -> None:
        """Stop the agent and remove the key from gpg's home; the opener may be used again after it."""
        with self._lock:
            self._home = None
            self._held.close()

    def _run(self, content: bytes, *arguments: str) -> Finished:
        try:
            return run((self._gpg, "--homedir", self._ready(), *QUIET, *OFFLINE, *arguments), content)
        except (EngineError, OSError):
            raise OpenError("gpg failed") from None

    def _ready(self) -> Path:
        """The home with the key in it, made at the first use."""
        with self._lock:
            if self._home is None:
                key = read_private(self._file)
                home = self._held.enter_context(temporary_home(self._root))
                done = run((self._gpg, "--homedir", home, *QUIET, *OFFLINE, "--import"), key)
                if not done.said("IMPORT_OK"):
                    self._held.close()
                    raise OpenError(f"{self._file.name}: gpg can't use this private key")
                self._home = home
            return self._home


class SmimeOpener:
    """Opens S/MIME with openssl, which also reads AES-GCM, OAEP and elliptic curves (RFC 5083, 8551)."""

    kind = "smime"

    def __init__(self, certificate_file: Path, private_key_file: Path, *, openssl: str = "openssl") -> None:
        # openssl reads the file itself; this refuses one that others may read.
        read_private(private_key_file)
        self._openssl = openssl
        self._files = ("-recip", certificate_file, "-inkey", private_key_file)

    def open(self, ciphertext: bytes) -> bytes:
        """The content of an EnvelopedData or AuthEnvelopedData, DER or BER."""
        try:
            done = run((self._openssl, "cms", "-decrypt", "-inform", "DER", *self._files), ciphertext)
        except EngineError:
            raise OpenError("openssl failed") from None
        # What stands on the output of a failed call was not verified.
        if done.code != 0 or not done.output:
            raise OpenError("an S/MIME message does not open with this key")
        return done.output

    def close(self) -> None:
        """Nothing is held between two calls."""
