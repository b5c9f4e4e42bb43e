"""Opening collected items with the organisation's own private key.

It promises that the key goes nowhere but to the engine that opens, that what was opened stays in memory, that
what the gateway did not sign is `Forged`, and that what does not open, or is about another case than it says,
is an `OpenError` without content.
"""

import email
import email.policy
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from gateway.cli.mailboxclient import CollectedItem
from gateway.errors import OpenError
from gateway.sealing import jwe
from gateway.sealing.gpg import PgpOpener
from gateway.sealing.keyfiles import read_private
from gateway.sealing.payload import FILE_NAME, Aanmelding
from gateway.sealing.smime import SmimeOpener

OWN_GPG = "gpg"
"""In place of a key file: use the keyring of whoever calls."""

_FORMATS = {
    "application/jose": "jwe",
    "application/pgp-encrypted": "openpgp",
    "application/pkcs7-mime": "smime",
}

Signers = Callable[[str], bytes]
"""Gives the public key of the gateway for a format: an OpenPGP certificate, an X.509 one (PEM), or a JWK."""


class Unsealing:
    """Opens items of one format; to be used in a `with` block, which removes what gpg needed."""

    def __init__(self, key: str, signers: Signers) -> None:
        self._held = ExitStack()
        self._folder = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="ib-")))
        try:
            self._format, self._open = self._engine(key, signers)
        except BaseException:
            self._held.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def open(self, item: CollectedItem) -> Aanmelding:
        """The referral; raises `OpenError`, or `Forged` where the gateway did not sign it."""
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

    def _engine(self, key: str, signers: Signers) -> tuple[str, Callable[[bytes], bytes]]:
        if key == OWN_GPG:
            return "openpgp", self._gpg(None, signers)
        path = Path(key)
        content = read_private(path)
        if content.lstrip().startswith(b"{"):
            signed_by = signers("jwe")
            return "jwe", lambda sealed: jwe.open_signed(sealed, content, signed_by)
        if b"BEGIN PGP PRIVATE KEY BLOCK" in content:
            return "openpgp", self._gpg(path, signers)
        if b"PRIVATE KEY-----" in content and b"BEGIN CERTIFICATE" in content:
            signer = self._folder / "signer.pem"
            signer.write_bytes(signers("smime"))
            return "smime", SmimeOpener(path, path, signed_by=signer).open
        raise OpenError(
            f"{path.name} holds no private key known here: a JWK, an armoured OpenPGP key, or PEM with "
            "certificate and key"
        )

    def _gpg(self, path: Path | None, signers: Signers) -> Callable[[bytes], bytes]:
        opener = PgpOpener(path, self._folder, signed_by=signers("openpgp"))
        self._held.callback(opener.close)
        return opener.open


def _attachment(entity: bytes) -> bytes:
    """`aanmelding.json` in a MIME entity, signed or not."""
    for part in email.message_from_bytes(entity, policy=email.policy.default).walk():
        if part.get_content_type() == "application/json" and part.get_filename() == FILE_NAME:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return content
    raise OpenError(f"there is no {FILE_NAME} in it")
