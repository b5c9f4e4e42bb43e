"""The gateway's own keys: where each file stands, and which role may hold which.

It promises that a role gets what it may hold and no more, by construction: `IntakeKeys` and `WebKeys` have no
part that opens a mail or a referral, also where the file with the private key is readable beside them.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import ConfigError
from gateway.sealing.box import Keychain, PrivateKey, PublicKey
from gateway.sealing.keyfiles import read_private, write_private
from gateway.sealing.present import PresentKey
from gateway.sealing.smimesigner import SmimeSigner

SECRET_BYTES = 32


class KeyFiles:
    """The folder `keys_dir` of a working directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def intake_public(self) -> Path:
        """What mail is sealed with."""
        return self.folder / "intake" / "intake.pub"

    @property
    def intake_private(self) -> Path:
        """What opens it; the ones before it, during a rotation, stand beside it as `intake-<id>.key`."""
        return self.folder / "intake" / "intake.key"

    @property
    def smime(self) -> Path:
        """Our certificate and key for signing S/MIME."""
        return self.folder / "gateway" / "smime.pem"

    @property
    def mail_openpgp(self) -> Path:
        """Our OpenPGP private key, for practices that encrypt their mail to us."""
        return self.folder / "gateway" / "mail.private.asc"

    @property
    def mail_openpgp_public(self) -> Path:
        """Its public half, for practices."""
        return self.folder / "gateway" / "mail.asc"

    @property
    def mail_smime(self) -> tuple[Path, Path]:
        """Our S/MIME certificate and private key for the same purpose."""
        return self.folder / "gateway" / "mail.pem", self.folder / "gateway" / "mail.key"

    @property
    def own(self) -> "OwnKeyFiles":
        """Those of which everybody may know when they end."""
        return OwnKeyFiles(self.smime, self.mail_openpgp_public, self.mail_smime[0])

    def public(self) -> PublicKey:
        """The intake's public key; raises `ConfigError`."""
        return PublicKey.load(self.intake_public)

    def keychain(self) -> Keychain:
        """Every private key that opens what is kept, also one that comes later; raises `ConfigError`."""
        return Keychain(self._private(), self._private)

    def signer(self) -> SmimeSigner | None:
        """Our S/MIME signing certificate, if there is one."""
        return SmimeSigner.load(self.smime) if self.smime.exists() else None

    def secret(self, name: str) -> bytes:
        """One of the secrets that `make_secrets` made; raises `ConfigError`."""
        path = self._secret(name)
        text = read_private(path).strip()
        if not re.fullmatch(rb"[0-9a-f]{64}", text):
            remedy = "Restore it from the backup; see keys/README.md"
            raise ConfigError(str(path), "secret", "is not 64 hexadecimal digits", remedy)
        return bytes.fromhex(text.decode())

    @property
    def others(self) -> list[Path]:
        """Private intake keys beside the present one: the one to come, and those before it."""
        return sorted(self.intake_private.parent.glob("intake-*.key"))

    def make_secrets(self) -> None:
        """New secrets for digests of mails, tokens in addresses and links, marks of numbers, and log-ins."""
        for name in ("digest", "tokens", "marks", "sessions"):
            write_private(self._secret(name), secrets.token_hex(SECRET_BYTES).encode() + b"\n")

    def _private(self) -> list[PrivateKey]:
        return [PrivateKey.load(path) for path in (self.intake_private, *self.others)]

    def _secret(self, name: str) -> Path:
        return self.folder / "gateway" / f"{name}.secret"


@dataclass(frozen=True, slots=True)
class OwnKeyFiles:
    """Our certificates and public keys: with what we sign, and to what practices encrypt."""

    signer: Path
    mail_openpgp: Path
    mail_smime: Path


@dataclass(frozen=True, slots=True)
class IntakeKeys:
    """What the intake holds: it can seal a mail and recognise one that is sent again, and open none."""

    seal_to: Callable[[], PublicKey]
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, files: KeyFiles) -> "IntakeKeys":
        """Reads them; raises `ConfigError`."""
        return cls(PresentKey(files.intake_public), files.secret("digest"))


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
    marks: bytes = field(repr=False)
    signer: SmimeSigner | None = field(repr=False)
    own: OwnKeyFiles
    mail_openpgp: Path
    """The private key for OpenPGP mail to us; need not be there."""
    mail_smime: tuple[Path, Path]
    """Certificate and private key for S/MIME mail to us; need not be there."""

    @classmethod
    def of(cls, files: KeyFiles) -> "WorkerKeys":
        """Reads them; raises `ConfigError`. Checking an RSA signing key takes half a second."""
        return cls(
            PresentKey(files.intake_public),
            files.keychain(),
            files.secret("tokens"),
            files.secret("marks"),
            files.signer(),
            files.own,
            files.mail_openpgp,
            files.mail_smime,
        )
