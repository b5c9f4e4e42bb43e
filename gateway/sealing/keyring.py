"""The keyring: which sealer belongs to an organisation's key file.

It promises a sealer for each of the three formats under one contract (`keyfacts.Sealer`), always pinned
to a full fingerprint; `inspect` looks at a key that is not pinned yet, for the ceremony of its import.
"""

from datetime import datetime
from pathlib import Path
from typing import Literal, assert_never

from gateway.errors import ConfigError
from gateway.sealing.jwe import JweSealer
from gateway.sealing.keyfacts import EXPLAINED, KeyFacts, Problem, Sealed, Sealer
from gateway.sealing.openpgp import OpenPgpSealer
from gateway.sealing.smime import SmimeSealer
from gateway.sealing.smimesigner import SmimeSigner

__all__ = ["EXPLAINED", "Format", "KeyFacts", "Problem", "Sealed", "Sealer", "inspect", "sealer_for"]

Format = Literal["openpgp", "smime", "jwe"]


def sealer_for(
    format: Format,
    key_file: Path,
    fingerprint: str,
    *,
    gpg_home_root: Path,
    signer: SmimeSigner | None = None,
) -> Sealer:
    """The sealer of one organisation. Nothing is read yet: `check` tells whether the key may be used.

    S/MIME needs the gateway's `signer`, because its encryption alone does not show a changed message;
    without one this raises `ConfigError`.
    """
    match format:
        case "openpgp":
            return OpenPgpSealer(key_file, fingerprint, gpg_home_root)
        case "smime":
            if signer is None:
                raise ConfigError(
                    str(key_file),
                    "format",
                    "S/MIME needs the gateway's own signing certificate",
                    "Make one with: inbeeld keys generate signer FOLDER",
                )
            return SmimeSealer(key_file, fingerprint, signer)
        case "jwe":
            return JweSealer(key_file, fingerprint)
        case _:
            assert_never(format)


def inspect(format: Format, key_file: Path, now: datetime, *, gpg_home_root: Path) -> KeyFacts:
    """The facts of a key file somebody sent, if it could be used; raises `KeyUnusable`.

    The fingerprint in it proves nothing yet: it is there to be compared by phone.
    """
    match format:
        case "openpgp":
            return OpenPgpSealer(key_file, None, gpg_home_root).check(now)
        case "smime":
            return SmimeSealer(key_file, None, None).check(now)
        case "jwe":
            return JweSealer(key_file, None).check(now)
        case _:
            assert_never(format)
