"""The keyring: which sealer belongs to an organisation's key file, and what we sign with.

It promises a sealer for each of the three formats under one contract (`keyfacts.Sealer`), always pinned
to a full fingerprint; `inspect` looks at a key that is not pinned yet, and `admit` is what its import asks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, assert_never

from gateway.errors import KeyUnusable, SealError
from gateway.sealing.gpg import Gnupg
from gateway.sealing.jwe import JweSealer, JwsSigner
from gateway.sealing.keyfacts import KeyFacts, KeyFlaw, Rehearsing, Sealer
from gateway.sealing.openpgp import OpenPgpSealer, PgpEngine, Sequoia
from gateway.sealing.pgpkeys import OpenPgpSigner
from gateway.sealing.smime import SmimeSealer, SmimeSigner
from gateway.sealing.strangefile import what_it_is

Format = Literal["openpgp", "smime", "jwe"]
Engine = Literal["sequoia", "gnupg"]


@dataclass(frozen=True, slots=True)
class Signers:
    """The gateway's own signing keys, for as far as there are any."""

    openpgp: OpenPgpSigner | None = None
    smime: SmimeSigner | None = None
    jwe: JwsSigner | None = None

    def missing(self, formats: Iterable[Format]) -> list[Format]:
        """The formats of these for which there is none: nothing can be sealed in them."""
        return [format for format in sorted(set(formats)) if getattr(self, format) is None]


def sealer_for(
    format: Format,
    key_file: Path,
    fingerprint: str,
    *,
    gpg_home_root: Path,
    signers: Signers,
    engine: Engine = "sequoia",
) -> Sealer:
    """The sealer of one organisation. Nothing is read yet: `check` tells whether the key may be used.

    Without our signing key of the format it seals nothing: receivers must be able to tell what is forged.
    """
    return _sealer(format, key_file, fingerprint, gpg_home_root, signers, engine)


def inspect(format: Format, key_file: Path, now: datetime, *, gpg_home_root: Path) -> KeyFacts:
    """The facts of a key file somebody sent, if it could be used; raises `KeyUnusable`.

    The fingerprint in it proves nothing yet: it is there to be compared by phone.
    """
    return _sealer(format, key_file, None, gpg_home_root, Signers(), "sequoia").check(now)


def admit(format: Format, key_file: Path, now: datetime, *, gpg_home_root: Path) -> KeyFacts:
    """The facts, if a trial message can be encrypted to the key by every engine; raises `KeyUnusable`."""
    engines: tuple[Engine, ...] = ("sequoia", "gnupg") if format == "openpgp" else ("sequoia",)
    for engine in engines:
        sealer = _sealer(format, key_file, None, gpg_home_root, Signers(), engine)
        try:
            sealer.rehearse(now)
        except KeyUnusable as error:
            raise _with_hint(error, format, key_file) from None
        except SealError as error:
            raise KeyUnusable(error.code, f"{key_file.name}: {error}") from None
        finally:
            sealer.close()
    return inspect(format, key_file, now, gpg_home_root=gpg_home_root)


def _with_hint(error: KeyUnusable, format: Format, key_file: Path) -> KeyUnusable:
    """A refusal that tells what a file is, where it is no key of the format."""
    if error.code != KeyFlaw.UNREADABLE:
        return error
    try:
        held = what_it_is(key_file.read_bytes(), format)
    except OSError:
        held = ""
    return KeyUnusable(error.code, f"{error} (it holds {held})") if held else error


def _sealer(
    format: Format, key_file: Path, fingerprint: str | None, root: Path, signers: Signers, engine: Engine
) -> Rehearsing:
    match format:
        case "openpgp":
            chosen: PgpEngine = Gnupg(root)
            if engine == "sequoia":
                chosen = Sequoia(chosen)
            return OpenPgpSealer(key_file, fingerprint, signers.openpgp, chosen)
        case "smime":
            return SmimeSealer(key_file, fingerprint, signers.smime)
        case "jwe":
            return JweSealer(key_file, fingerprint, signers.jwe)
        case _:
            assert_never(format)
