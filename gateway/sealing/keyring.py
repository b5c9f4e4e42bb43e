"""The keyring: which sealer belongs to an organisation's key file, and what we sign with.

It promises a sealer for each of the three formats under one contract (`keyfacts.Sealer`), always pinned
to a full fingerprint; `inspect` looks at a key that is not pinned yet, and `admit` is what its import asks.

What a file that holds no key of the wanted format is instead, so that the right thing is asked for.

It promises to look at how the file begins and at the markers in it, never to parse it, and to give the same
few sentences whatever it holds.

A key's fingerprint as digits that two people read to each other: eight groups of five.

They are made as the safety numbers of Signal are: five bytes of a SHA-512 digest, as one number modulo
100,000, give a group. What is hashed names the owner beside the RFC 7638 thumbprint, so that the digits of
one organisation's key are not those of another's. It promises forty digits, 132 bits, and the same ones as
`static/keys/spoken.js` makes of the private key in a browser.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, assert_never

from gateway.errors import KeyUnusable, SealError
from gateway.sealing.gpg import Gnupg
from gateway.sealing.jwe import JweSealer, JwsSigner
from gateway.sealing.keyfacts import EXPLAINED, KeyFacts, KeyFlaw, Rehearsing, Sealed, Sealer
from gateway.sealing.openpgp import OpenPgpSealer, PgpEngine, Sequoia
from gateway.sealing.pgpkeys import OpenPgpSigner
from gateway.sealing.smime import SmimeSealer, SmimeSigner

_WANTED = {
    "openpgp": "its OpenPGP public key (.asc)",
    "smime": "its S/MIME certificate (.cer, .crt or .pem)",
    "jwe": "its public JSON Web Key (.jwk)",
}
_OTHER = "ask for {wanted}, unless this is the format to set for the organisation in organisations.toml"
_KINDS: tuple[tuple[str, re.Pattern[bytes], str], ...] = (
    ("", re.compile(rb"\s*\Z"), "nothing at all: ask for the file once more"),
    (
        "openpgp",
        re.compile(rb"-----BEGIN PGP PUBLIC KEY"),
        f"an OpenPGP key: {_OTHER}",
    ),
    ("", re.compile(rb"-----BEGIN PGP (?:MESSAGE|SIGN)"), "a message, not a key: ask for {wanted}"),
    (
        "smime",
        re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-"),
        f"a certificate: {_OTHER}",
    ),
    (
        "",
        re.compile(rb"-----BEGIN (?:NEW )?CERTIFICATE REQUEST"),
        "a request for a certificate: ask for the certificate that was issued on it",
    ),
    (
        "",
        # The object id of signedData stands near the beginning of a PKCS#7 file.
        re.compile(
            rb"-----BEGIN (?:PKCS7|CMS)|.{0,24}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02",
            re.DOTALL,
        ),
        "a bundle of certificates (PKCS#7, .p7b): ask for the one of the mailbox (.cer, .crt or .pem)",
    ),
    (
        "",
        # PKCS#12 is a sequence that begins with version 3, and then a bundle of the kind "data".
        re.compile(
            rb"\x30.{1,5}\x02\x01\x03\x30.{1,5}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", re.DOTALL
        ),
        "a bundle with a private key (PKCS#12, .pfx or .p12): destroy it, and ask for a new one without "
        "the private key",
    ),
    ("jwe", re.compile(rb"\s*\{.*\"kty\"", re.DOTALL), f"a JSON Web Key: {_OTHER}"),
    (
        "",
        re.compile(rb"\s*<(?:!doctype|html|\?xml)", re.IGNORECASE),
        "a web page, as a link gives where one must log in: ask for the file itself",
    ),
    (
        "",
        re.compile(rb"ssh-(?:rsa|ed25519|dss) |ecdsa-sha2-|-----BEGIN SSH2"),
        "an SSH key, which encrypts no mail: ask for {wanted}",
    ),
    (
        "",
        re.compile(rb"PK\x03\x04|%PDF-|\xd0\xcf\x11\xe0"),
        "a document or an archive: ask for the key file itself",
    ),
)


def what_it_is(content: bytes, format: str) -> str:
    """What a file holds in place of a key of this format, and what to ask for; "" if that can't be told."""
    for kind, looks, told in _KINDS:
        if kind != format and (looks.match(content) or (kind and looks.search(content[:65_536]))):
            return told.replace("{wanted}", _WANTED[format])
    marker = re.search(rb"-----BEGIN [A-Z0-9 ]{3,40}-----", content[:65_536])
    if marker and not content.startswith(marker[0]):
        return what_it_is(content[marker.start() :], format)
    return ""


__all__ = [
    "EXPLAINED",
    "Engine",
    "Format",
    "KeyFacts",
    "KeyFlaw",
    "Sealed",
    "Sealer",
    "Signers",
    "admit",
    "inspect",
    "sealer_for",
]

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


GROUPS = 8
DIGITS = 5


def spoken(owner: str, thumbprint: str) -> str:
    """The groups, with a space between them."""
    digest = hashlib.sha512("\n".join(("inbeeld spoken 1", owner, thumbprint)).encode()).digest()
    numbers = (int.from_bytes(digest[at : at + DIGITS]) for at in range(0, GROUPS * DIGITS, DIGITS))
    return " ".join(f"{number % 10**DIGITS:0{DIGITS}d}" for number in numbers)


def digits_of(typed: str) -> str:
    """The digits of what somebody typed, whatever stands between them; "" if it is not forty digits.

    What is pasted brings blanks that aren't " ", dashes that aren't "-", and letters that nobody sees.
    """
    left = "".join(letter for letter in typed if unicodedata.category(letter)[0] not in "ZPC")
    return left if len(left) == GROUPS * DIGITS and left.isascii() and left.isdigit() else ""


def same(typed: str, owner: str, thumbprint: str) -> bool:
    """Whether somebody typed the digits of this key."""
    return hmac.compare_digest(digits_of(typed), spoken(owner, thumbprint).replace(" ", ""))
