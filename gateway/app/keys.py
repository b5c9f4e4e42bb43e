"""The gateway's own keys: where each file stands, and which role may hold which.

It promises that a role gets what it may hold and no more, by construction: `IntakeKeys` and `WebKeys` have no
part that opens a mail or a referral, also where the file with the private key is readable beside them.
"""

import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from gateway.errors import ConfigError
from gateway.files import read_limited, read_private, write_private
from gateway.sealing.box import Keychain, PresentKey, PrivateKey, PublicKey
from gateway.sealing.jwe import JwsSigner, open_signed
from gateway.sealing.keyring import Format, Signers
from gateway.sealing.mailsigner import DkimKey
from gateway.sealing.pgpkeys import OpenPgpSigner
from gateway.sealing.smime import SmimeSigner

SECRET_BYTES = 32


class SecretName(StrEnum):
    """The secrets in keys/gateway, each in a file that ends in .secret."""

    DIGEST = "digest"
    TOKENS = "tokens"
    MARKS = "marks"
    SESSIONS = "sessions"


class KeyFiles:
    """The folder `keys_dir` of a working directory."""

    def __init__(self, folder: Path) -> None:
        own, intake = folder / "gateway", folder / "intake"
        self.folder = folder
        self.intake_public = intake / "intake.pub"
        """What mail is sealed with."""
        self.intake_private = intake / "intake.key"
        """What opens it; the ones before it, during a rotation, stand beside it as `intake-<id>.key`."""
        self.smime, self.smime_public = own / "smime.pem", own / "smime.crt"
        """What we sign S/MIME with: certificate and key, and the certificate alone, for organisations."""
        self.openpgp, self.openpgp_public = own / "openpgp.private.asc", own / "openpgp.asc"
        """What we sign OpenPGP with."""
        self.jws, self.jws_public = own / "jws.private.jwk", own / "jws.jwk"
        """What we sign JWE with; the public part is also for the pages on which organisations read."""
        self.heads, self.heads_public = own / "heads.private.pem", own / "heads.pem"
        """What we sign the end of the audit trail with."""
        self.mail_openpgp, self.mail_openpgp_public = own / "mail.private.asc", own / "mail.asc"
        """For practices that encrypt their mail to us."""
        self.mail_smime = own / "mail.pem", own / "mail.key"
        """The same as S/MIME: certificate and private key."""

    def dkim(self, selector: str) -> Path:
        """What we sign outgoing mail with under that name."""
        return self.folder / "gateway" / "dkim" / f"{selector}.key"

    def dkim_keys(self, selectors: Iterable[str]) -> list[DkimKey]:
        """Those keys; raises `ConfigError`."""
        return [DkimKey.load(selector, self.dkim(selector)) for selector in selectors]

    @property
    def own(self) -> "OwnKeyFiles":
        """Those of which everybody may know when they end."""
        return OwnKeyFiles(
            self.smime, self.openpgp, self.jws, self.mail_openpgp_public, self.mail_smime[0], self.verifiers
        )

    def public(self) -> PublicKey:
        """The intake's public key; raises `ConfigError`."""
        return PublicKey.load(self.intake_public)

    def keychain(self) -> Keychain:
        """Every private key that opens what is kept, also one that comes later; raises `ConfigError`."""
        return Keychain(self._private(), self._private)

    @property
    def _verifiers(self) -> dict[str, Path]:
        return {"openpgp": self.openpgp_public, "smime": self.smime_public, "jwe": self.jws_public}

    def signers(self) -> Signers:
        """Our signing keys, for as far as there are any; raises `ConfigError`."""
        signers = Signers(
            OpenPgpSigner.load(self.openpgp) if self.openpgp.exists() else None,
            SmimeSigner.load(self.smime, self.mail_smime[0]) if self.smime.exists() else None,
            JwsSigner.load(self.jws) if self.jws.exists() else None,
        )
        for format, public in self.verifiers().items():
            signer = getattr(signers, format)
            if signer is not None and not signer.matches(public.encode()):
                raise ConfigError(
                    str(self._verifiers[format]),
                    "signing key",
                    "is not the public part of the private key beside it, so that receivers would call "
                    "everything forged",
                    "Move it away and make it anew with: inbeeld keys complete",
                )
        return signers

    def verifiers(self) -> dict[str, str]:
        """The public keys with which others verify what we signed, by format, as far as they are here."""
        found = {}
        for format, path in self._verifiers.items():
            with suppress(OSError, ValueError):
                found[format] = read_limited(path).decode("ascii")
        return found

    def verifier(self) -> str:
        """The one of them that browsers need, a JWK as JSON; nothing if it isn't here."""
        return self.verifiers().get("jwe", "")

    def secret(self, name: str) -> bytes:
        """One of the secrets that `make_secrets` made; raises `ConfigError`."""
        path = self.secret_file(name)
        text = read_private(path).strip()
        if not re.fullmatch(rb"[0-9a-f]{64}", text):
            remedy = "Restore it from the backup; see keys/README.md"
            raise ConfigError(str(path), "secret", "is not 64 hexadecimal digits", remedy)
        return bytes.fromhex(text.decode())

    def returns(self) -> bytes:
        """The secret of our return addresses: made of the one for tokens, of which it tells nothing."""
        return hmac.digest(self.secret("tokens"), b"inbeeld return addresses 1", "sha256")

    @property
    def others(self) -> list[Path]:
        """Private intake keys beside the present one: the one to come, and those before it."""
        return sorted(self.intake_private.parent.glob("intake-*.key"))

    def make_secrets(self) -> None:
        """New secrets for digests of mails, tokens in addresses and links, marks of numbers, and log-ins."""
        for name in SecretName:
            write_private(self.secret_file(name), secrets.token_hex(SECRET_BYTES).encode() + b"\n")

    def _private(self) -> list[PrivateKey]:
        return [PrivateKey.load(path) for path in (self.intake_private, *self.others)]

    def secret_file(self, name: str) -> Path:
        """Where one of them stands."""
        return self.folder / "gateway" / f"{name}.secret"


@dataclass(frozen=True, slots=True)
class OwnKeyFiles:
    """Where what we sign with stands, and what practices encrypt to; `verifiers` gives public parts."""

    smime: Path
    openpgp: Path
    jws: Path
    mail_openpgp: Path
    mail_smime: Path
    verifiers: Callable[[], dict[str, str]]


@dataclass(frozen=True, slots=True)
class IntakeKeys:
    """What the intake holds: it can seal a mail, recognise one that is sent again and tell our own return
    addresses, and open none."""

    seal_to: Callable[[], PublicKey]
    digest: bytes = field(repr=False)
    returns: bytes = field(repr=False)

    @classmethod
    def of(cls, files: KeyFiles) -> "IntakeKeys":
        """Reads them; raises `ConfigError`."""
        return cls(PresentKey(files.intake_public), files.secret("digest"), files.returns())


@dataclass(frozen=True, slots=True)
class WebKeys:
    """What the pages and the API hold: nothing here opens a mail, a referral or a thread."""

    seal_to: Callable[[], PublicKey]
    tokens: bytes = field(repr=False)
    sessions: bytes = field(repr=False)
    own: OwnKeyFiles

    @classmethod
    def of(cls, files: KeyFiles) -> "WebKeys":
        """Reads them; raises `ConfigError`."""
        return cls(
            PresentKey(files.intake_public), files.secret("tokens"), files.secret("sessions"), files.own
        )


@dataclass(frozen=True, slots=True)
class WorkerKeys:
    """What the worker holds, which listens nowhere: everything that opens, signs and marks."""

    seal_to: Callable[[], PublicKey]
    keychain: Keychain = field(repr=False)
    tokens: bytes = field(repr=False)
    returns: bytes = field(repr=False)
    marks: bytes = field(repr=False)
    signers: Signers = field(repr=False)
    files: KeyFiles
    """Where the rest stands, such as the private keys for mail that practices encrypt to us."""

    @classmethod
    def of(cls, files: KeyFiles) -> "WorkerKeys":
        """Reads them; raises `ConfigError`. Checking an RSA signing key takes half a second."""
        return cls(
            PresentKey(files.intake_public),
            files.keychain(),
            files.secret("tokens"),
            files.returns(),
            files.secret("marks"),
            files.signers(),
            files,
        )

    def opened(self, token: bytes, private_jwk: bytes) -> bytes:
        """What we signed and sealed for a key that a receiver lent us (`adapters.inclear`); raises
        `OpenError` or `Forged`."""
        return open_signed(token, private_jwk, self.files.verifier().encode())

    def assure(self, formats: Iterable[Format]) -> None:
        """Raise `ConfigError` unless what is sealed here can be opened here, and signed in these formats."""
        if self.files.public().key_id not in self.keychain.key_ids:
            raise ConfigError(
                str(self.files.intake_public),
                "intake key",
                "intake.pub and intake.key are no pair, so that nothing which comes in could be read",
                "Restore both from one backup; see keys/README.md",
            )
        if missing := self.signers.missing(formats):
            raise ConfigError(
                str(self.files.folder / "gateway"),
                "signing key",
                f"there is none for {', '.join(missing)}, so that nothing could be handed over",
                "Make what is missing with: inbeeld keys complete",
            )
