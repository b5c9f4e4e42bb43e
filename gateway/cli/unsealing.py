"""Opening collected items with the organisation's own private key.

It promises that the key goes nowhere but to the engine that opens, that what was opened stays in memory, and
that what does not open, or is about another case than it says, is an `OpenError` without content.
"""

import email
import email.policy
import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.cli.mailboxclient import CollectedItem
from gateway.errors import OpenError
from gateway.sealing import jwe
from gateway.sealing.engine import EngineError, run
from gateway.sealing.keyfiles import read_private
from gateway.sealing.openers import PgpOpener, SmimeOpener
from gateway.sealing.payload import FILE_NAME, Aanmelding

OWN_GPG = "gpg"
"""In place of a key file: use the keyring of whoever calls."""

_FORMATS = {
    "application/jose": "jwe",
    "application/pgp-encrypted": "openpgp",
    "application/pkcs7-mime": "smime",
}


class Unsealing:
    """Opens items of one format; to be used in a `with` block, which removes what gpg needed."""

    def __init__(self, key: str) -> None:
        self._held = ExitStack()
        self._format, self._open = self._engine(key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def open(self, item: CollectedItem) -> Aanmelding:
        """The referral; raises `OpenError`."""
        wanted = _FORMATS.get(item.media_type)
        if wanted != self._format:
            raise OpenError(f"it is sealed as {wanted or 'something unknown'}, and the key is {self._format}")
        content = self._open(item.sealed)
        if self._format != "jwe":
            content = _attachment(content)
        aanmelding = Aanmelding.from_json(content)
        if aanmelding.kenmerk != item.kenmerk:
            raise OpenError("what is inside is about another case")
        return aanmelding

    def _engine(self, key: str) -> tuple[str, Callable[[bytes], bytes]]:
        if key == OWN_GPG:
            return "openpgp", _own_gpg
        path = Path(key)
        content = read_private(path)
        if content.lstrip().startswith(b"{"):
            return "jwe", lambda sealed: jwe.open_compact(sealed, content)
        if b"BEGIN PGP PRIVATE KEY BLOCK" in content:
            root = self._held.enter_context(tempfile.TemporaryDirectory(prefix="ib-"))
            opener = PgpOpener(path, Path(root))
            self._held.callback(opener.close)
            return "openpgp", opener.open
        if b"PRIVATE KEY-----" in content and b"BEGIN CERTIFICATE" in content:
            return "smime", SmimeOpener(path, path).open
        raise OpenError(
            f"{path.name} holds no private key known here: a JWK, an armoured OpenPGP key, or PEM with "
            "certificate and key"
        )


def _own_gpg(sealed: bytes) -> bytes:
    home = os.environ.get("GNUPGHOME")
    where = ("--homedir", home) if home else ()
    try:
        done = run(("gpg", *where, "--batch", "--status-fd", "2", "--decrypt"), sealed, seconds=120)
    except EngineError as error:
        raise OpenError(str(error)) from None
    if done.code != 0 or not done.said("DECRYPTION_OKAY") or not done.said("GOODMDC"):
        raise OpenError("gpg can't open it with a key of your keyring")
    return done.output


def _attachment(entity: bytes) -> bytes:
    """`aanmelding.json` in a MIME entity, signed or not."""
    for part in email.message_from_bytes(entity, policy=email.policy.default).walk():
        if part.get_content_type() == "application/json" and part.get_filename() == FILE_NAME:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return content
    raise OpenError(f"there is no {FILE_NAME} in it")
