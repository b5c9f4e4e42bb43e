"""`keys complete` and `keys export`: what we sign with, made where it is missing, and its public parts.

It promises that a key which is there is never replaced, and that nothing private leaves the folder of keys.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from gateway.app.keys import KeyFiles
from gateway.cli.console import Json, person, say, shared, show_json
from gateway.domain.trail import AuditEvent
from gateway.errors import NotFound
from gateway.sealing import openpgp
from gateway.sealing.headkey import HeadSigner
from gateway.sealing.jwe import JwsSigner
from gateway.sealing.keyfacts import grouped
from gateway.sealing.keyfiles import replace_public, write_private, write_public
from gateway.sealing.pgpkeys import OpenPgpSigner
from gateway.sealing.smime import SmimeSigner, fingerprint_of
from gateway.store import audit

DAYS = 730
"""For how long a signing key may be used."""


def complete(context: typer.Context, json: Json = False) -> None:
    """Make those of our own signing keys that are missing, in keys/gateway.

    They are for OpenPGP, S/MIME and JWE, and for the heads of the audit trail.
    """
    gateway = shared(context).gateway()
    settings = gateway.settings
    written = make_missing(gateway.keys, settings.gateway.address, settings.data_dir / "gpg", gateway.now())
    if written:
        with gateway.store.write() as session:
            names = [path.name for path in written]
            audit.append(session, AuditEvent.KEY_MADE, now=gateway.now(), actor=person(), files=names)
    if json:
        show_json({"written": [str(path) for path in written]})
        return
    for path in written:
        say(f"wrote {path}")
    if not written:
        say("nothing is missing")
        return
    say("next: restart the gateway, and give organisations the public parts: inbeeld keys export FOLDER")


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to write them; made if it is not there.")],
    json: Json = False,
) -> None:
    """Write the public parts of our signing keys, with which organisations verify what they get."""
    keys = shared(context).gateway().keys
    signers = keys.signers()
    found: dict[str, tuple[bytes, str]] = {}
    if signers.openpgp:
        found["inbeeld.asc"] = signers.openpgp.public, signers.openpgp.fingerprint
    if signers.smime:
        found["inbeeld.pem"] = signers.smime.public_pem, fingerprint_of(signers.smime.certificate)
    if signers.jwe:
        # The file may hold the key before it as well, for what is still under way.
        content = keys.verifier().encode() or signers.jwe.public_jwk
        found["inbeeld.jwk"] = content, signers.jwe.fingerprint
    if not found:
        raise NotFound("There is no signing key in keys/gateway; make them with: inbeeld keys complete")
    for name, (content, _) in found.items():
        replace_public(folder / name, content)
    if json:
        show_json({str(folder / name): fingerprint for name, (_, fingerprint) in found.items()})
        return
    for name, (_, fingerprint) in found.items():
        say(f"wrote {folder / name}")
        say(f"  {grouped(fingerprint)}")
    say("next: let each organisation compare the fingerprint of its format with you by telephone;")
    say("it verifies with it: inbeeld collect --signed-by FILE, or its own mail program")


def make_missing(keys: KeyFiles, address: str, gpg: Path, now: datetime) -> list[Path]:
    """Make the signing keys that are not there; gives what was written."""
    ends = now + timedelta(days=DAYS)
    # The clock of whoever checks it may be behind ours.
    begins = now - timedelta(hours=1)
    written: list[Path] = []

    def put(write: Callable[[Path, bytes], None], path: Path, content: bytes) -> None:
        write(path, content)
        written.append(path)

    if not keys.smime.exists():
        put(write_private, keys.smime, SmimeSigner.generate(address, begins, ends - begins).private_pem)
    if not keys.smime_public.exists():
        put(write_public, keys.smime_public, SmimeSigner.load(keys.smime).public_pem)
    if not keys.openpgp.exists():
        _, private, _ = openpgp.generate(gpg, "InBeeld", address, ends, created=begins, signing=True)
        put(write_private, keys.openpgp, private.encode())
    if not keys.openpgp_public.exists():
        put(write_public, keys.openpgp_public, OpenPgpSigner.load(keys.openpgp).public)
    if not keys.jws.exists():
        put(write_private, keys.jws, JwsSigner.generate(ends).private_jwk)
    if not keys.jws_public.exists():
        put(write_public, keys.jws_public, JwsSigner.load(keys.jws).public_jwk)
    if not keys.heads.exists():
        put(write_private, keys.heads, HeadSigner.generate().pem)
    if not keys.heads_public.exists():
        put(write_public, keys.heads_public, HeadSigner.load(keys.heads).verifier.pem)
    return written
