"""`keys generate`: new pairs for trials, and our own signing keys.

Every file appears whole or not at all, private ones with mode 0600, none over another; when one of them
can't be written, none of them is left.
"""

import functools
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from joserfc.jwk import RSAKey

from adapters.hosts import check_https
from adapters.inclear import OPENS_FOR
from gateway.cli.console import Json, say, shared, show_json
from gateway.cli.trial import Authority
from gateway.files import make_folder, write_private, write_public
from gateway.pipeline.schedule import utc_now
from gateway.sealing import jwe, openpgp
from gateway.sealing.jwe import JwsSigner
from gateway.sealing.keyfacts import grouped
from gateway.sealing.mailsigner import DkimKey
from gateway.sealing.smime import SmimeSigner, generate_recipient

_RSA_SIZE = 3072
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")


class KeyKind(StrEnum):
    """What can be made."""

    JWK = "jwk"
    OPENPGP = "openpgp"
    SMIME = "smime"
    TLS_CLIENT = "tls-client"
    SIGNAAL = "signaal"
    SIGNER = "signer"
    OPENPGP_SIGNER = "openpgp-signer"
    JWS_SIGNER = "jws-signer"
    CLEAR = "clear"
    DKIM = "dkim"
    DKIM_ED25519 = "dkim-ed25519"


@dataclass(frozen=True, slots=True)
class KeyWish:
    """For whom a pair is made, and until when."""

    name: str
    address: str
    now: datetime
    expires: datetime
    folder: Path
    url: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A new pair: contents by file name, the fingerprint of the public half, and what to do with it."""

    public: dict[str, bytes]
    private: dict[str, bytes]
    fingerprint: str
    then: tuple[str, ...]


_TO_GATEWAY = "give the public file to the gateway's administrator, who runs: inbeeld keys import"
_TO_ORGANISATION = "give {public} to whoever checks our signature, and its fingerprint by telephone"


def generate(
    context: typer.Context,
    kind: Annotated[KeyKind, typer.Argument(help="What the pair is for.")],
    folder: Annotated[
        Path | None,
        typer.Argument(help="Where to write it; made if it is not there. For dkim keys/gateway/dkim."),
    ] = None,
    name: Annotated[str, typer.Option(help="Names the files, and the owner in the key.")] = "",
    address: Annotated[str, typer.Option(help="The owner's mail address.")] = "proef@proef.example",
    days: Annotated[int, typer.Option(min=1, max=3650, help="For how long it may be used.")] = 365,
    url: Annotated[str, typer.Option(help="For clear: the server's address, as in the options.")] = "",
    as_json: Json = False,
) -> None:
    """Make a new pair of keys in a folder.

    jwk, openpgp, smime: what an organisation decrypts with, for trials.
    tls-client: a client certificate for the API or a signaal, with an authority of its own, for trials.
    signaal: what we sign signalen with.
    signer, openpgp-signer, jws-signer: what we sign S/MIME, OpenPGP and JWE with (keys/gateway); those that
    are missing are also made by: inbeeld keys complete
    clear: a key of a receiver that the gateway keeps itself, where it was agreed in writing that referrals go
    to the one server --url in clear (docs/fhir.md, docs/klantinteracties.md).
    dkim, dkim-ed25519: what we sign every mail with (keys/gateway/dkim); --name is the selector. RSA-2048,
    which everybody verifies, or Ed25519 beside it.
    """
    now = utc_now()
    if folder is None:
        if kind not in (KeyKind.DKIM, KeyKind.DKIM_ED25519):
            raise typer.BadParameter("name a folder for it", param_hint="FOLDER")
        folder = shared(context).gateway().keys.dkim(name or str(kind)).parent
    owner = name or str(kind)
    if not _NAME.fullmatch(owner):
        raise typer.BadParameter("take letters, digits, dots and dashes", param_hint="--name")
    if not _ADDRESS.fullmatch(address):
        raise typer.BadParameter("is no mail address", param_hint="--address")
    if bool(url) != (kind is KeyKind.CLEAR):
        raise typer.BadParameter("an https:// address, for clear and nothing else", param_hint="--url")
    try:
        # What no record can name would open for nobody.
        url = check_https(url) if url else ""
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--url") from None
    made = _MAKERS[kind](KeyWish(owner, address, now, now + timedelta(days=days), folder, url))
    _write(folder, made)
    public = [str(folder / file) for file in made.public]
    private = [str(folder / file) for file in made.private]
    if as_json:
        show_json({"kind": kind, "public": public, "private": private, "fingerprint": made.fingerprint})
        return
    for path in public:
        say(f"public   {path}")
    for path in private:
        say(f"private  {path}  (mode 0600; it stays with its owner)")
    say(f"fingerprint  {grouped(made.fingerprint)}")
    say("next:")
    for line in made.then:
        say(f"  {line.format(public=public[0], private=private[0], fingerprint=made.fingerprint)}")


def _write(folder: Path, made: Made) -> None:
    written: list[Path] = []
    try:
        for contents, write in ((made.private, write_private), (made.public, write_public)):
            for file, content in contents.items():
                write(folder / file, content)
                written.append(folder / file)
    except BaseException:
        for path in written:
            path.unlink()
        raise


def _jwk(wish: KeyWish) -> Made:
    public, private, thumbprint = jwe.generate(wish.expires)
    return Made(
        {f"{wish.name}.jwk": public},
        {f"{wish.name}.private.jwk": private},
        thumbprint,
        (_TO_GATEWAY, "collect with it: inbeeld collect --help"),
    )


def _clear(wish: KeyWish) -> Made:
    public, private, thumbprint = jwe.generate(wish.expires)
    private = json.dumps(json.loads(private) | {OPENS_FOR: wish.url}, indent=2).encode() + b"\n"
    return Made(
        {f"{wish.name}.jwk": public},
        {f"{wish.name}.private.jwk": private},
        thumbprint,
        (
            "from then on whoever reads that server, its backups and its logs can read who was referred",
            "only where the privacy officer agreed to that in writing: inbeeld keys import ID {public}",
            'then in its options: clear_key = "{private}" and clear_agreed = the day of the agreement',
        ),
    )


def _openpgp(wish: KeyWish) -> Made:
    make_folder(wish.folder)
    public, private, fingerprint = openpgp.generate(wish.folder, wish.name, wish.address, wish.expires)
    return Made(
        {f"{wish.name}.asc": public.encode()},
        {f"{wish.name}.private.asc": private.encode()},
        fingerprint,
        (_TO_GATEWAY, "read with it: gpg --import {private}"),
    )


def _smime(wish: KeyWish) -> Made:
    certificate, key, fingerprint = generate_recipient(wish.address, wish.now, wish.expires)
    return Made(
        {f"{wish.name}.pem": certificate},
        {f"{wish.name}.key": key},
        fingerprint,
        (_TO_GATEWAY, "read with it: openssl smime -decrypt -recip {public} -inkey {private}"),
    )


def _tls_client(wish: KeyWish) -> Made:
    # The authority's key is thrown away: it vouches for this one certificate.
    authority = Authority.generate(wish.now, wish.expires - wish.now)
    certificate, key = authority.issue([wish.name], client=True)
    fingerprint = x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256()).hex()
    return Made(
        {
            f"{wish.name}.pem": certificate,
            f"{wish.name}-ca.pem": authority.certificate.public_bytes(serialization.Encoding.PEM),
        },
        {f"{wish.name}.key": key},
        fingerprint,
        (
            "who is called with it trusts the file that ends in -ca.pem ([web] client_ca at a gateway)",
            'and names the certificate: client_certificates = ["{fingerprint}"]',
        ),
    )


def _signaal(wish: KeyWish) -> Made:
    key = RSAKey.generate_key(_RSA_SIZE, private=True)
    public, private = (json.dumps(key.as_dict(private=half)).encode() for half in (False, True))
    return Made(
        {f"{wish.name}.jwk": public},
        {f"{wish.name}.private.jwk": private},
        key.thumbprint(),
        ('name {private} at the organisation: [organisation.options] signing_key = "…"', _TO_ORGANISATION),
    )


def _signer(wish: KeyWish) -> Made:
    signer = SmimeSigner.generate(wish.address, wish.now, wish.expires - wish.now)
    return Made(
        {f"{wish.name}.pem": signer.public_pem},
        {f"{wish.name}.private.pem": signer.private_pem},
        signer.certificate.fingerprint(hashes.SHA256()).hex().upper(),
        ("put {private} in the place of keys/gateway/smime.pem and restart the gateway", _TO_ORGANISATION),
    )


def _openpgp_signer(wish: KeyWish) -> Made:
    make_folder(wish.folder)
    public, private, fingerprint = openpgp.generate(
        wish.folder, "InBeeld", wish.address, wish.expires, signing=True
    )
    return Made(
        {f"{wish.name}.asc": public.encode()},
        {f"{wish.name}.private.asc": private.encode()},
        fingerprint,
        (
            "put {private} in the place of keys/gateway/openpgp.private.asc,",
            "{public} in that of keys/gateway/openpgp.asc, and restart the gateway",
            _TO_ORGANISATION,
        ),
    )


def _jws_signer(wish: KeyWish) -> Made:
    signer = JwsSigner.generate(wish.expires)
    return Made(
        {f"{wish.name}.jwk": signer.public_jwk},
        {f"{wish.name}.private.jwk": signer.private_jwk},
        signer.fingerprint,
        (
            "put {private} in the place of keys/gateway/jws.private.jwk,",
            "{public} in that of keys/gateway/jws.jwk (as long as messages are under way with the old key:",
            '{{"keys": [NEW, OLD]}}), and restart the gateway',
            _TO_ORGANISATION,
        ),
    )


def _dkim(wish: KeyWish, *, ed25519: bool = False) -> Made:
    key = DkimKey.generate(wish.name, ed25519=ed25519)
    record = f'{wish.name}._domainkey TXT "{key.record}"'
    return Made(
        {f"{wish.name}.txt": f"{record}\n".encode()},
        {f"{wish.name}.key": key.private_pem},
        hashlib.sha256(key.record.encode()).hexdigest(),
        (
            f"publish {{public}} in DNS (inbeeld dns shows it as well): {record}",
            f'then name it in config/inbeeld.toml: [delivery] dkim_selectors = ["{wish.name}"]',
        ),
    )


_MAKERS: dict[KeyKind, Callable[[KeyWish], Made]] = {
    KeyKind.JWK: _jwk,
    KeyKind.OPENPGP: _openpgp,
    KeyKind.SMIME: _smime,
    KeyKind.TLS_CLIENT: _tls_client,
    KeyKind.SIGNAAL: _signaal,
    KeyKind.SIGNER: _signer,
    KeyKind.OPENPGP_SIGNER: _openpgp_signer,
    KeyKind.JWS_SIGNER: _jws_signer,
    KeyKind.CLEAR: _clear,
    KeyKind.DKIM: _dkim,
    KeyKind.DKIM_ED25519: functools.partial(_dkim, ed25519=True),
}
