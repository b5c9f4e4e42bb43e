"""`keys complete` and `keys export`: what we sign with, made where it is missing, and its public parts.

It promises that a key which is there is never replaced, and that nothing private leaves the folder of keys.

`keys rotate secrets` and `keys rotate signers`: what is ours and may have leaked, or is for another.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from gateway.app import Gateway
from gateway.app.keys import KeyFiles, SecretName
from gateway.app.moving import PARTS, serving_alone
from gateway.app.rotation import renew_secrets, renew_signers
from gateway.cli.console import Json, person, say, shared, show_json
from gateway.domain.trail import AuditEvent
from gateway.errors import NotAllowed, NotFound
from gateway.files import replace_public, write_private, write_public
from gateway.sealing import openpgp
from gateway.sealing.headkey import HeadSigner
from gateway.sealing.jwe import JwsSigner
from gateway.sealing.keyfacts import grouped
from gateway.sealing.pgpkeys import OpenPgpSigner
from gateway.sealing.smime import SmimeSigner, fingerprint_of
from gateway.store import audit
from gateway.store.worker import newest

DAYS = 730
"""For how long a signing key may be used."""


def complete(context: typer.Context, json: Json = False) -> None:
    """Make those of our own signing keys that are missing, in keys/gateway.

    They are for OpenPGP, S/MIME and JWE, and for the heads of the audit trail.
    """
    gateway = shared(context).gateway()
    settings = gateway.settings
    written = make_missing(gateway.keys, settings.gateway.address, settings.data_dir / "gpg", gateway.now())
    if written or json:
        _tell(gateway, written, json)
    else:
        say("nothing is missing")


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


ALIVE = timedelta(minutes=2)
"""A worker whose heartbeat is younger than this runs."""

LOSES = {
    SecretName.DIGEST: "a mail that was taken before and comes again is not known for the same one",
    SecretName.TOKENS: "links and answer addresses in mails that were sent count no more: let organisations"
    " report on their page or by API, and practices begin a new mail",
    SecretName.MARKS: "a patient who was referred before is not known for the same one",
    SecretName.SESSIONS: "recovery codes count no more: each makes new ones on the page Account; apps go on",
}
"""What each costs."""


def rotate_secrets(
    context: typer.Context,
    names: Annotated[
        list[SecretName] | None,
        typer.Argument(help="Which; all of them if none is named.", metavar="[NAME]..."),
    ] = None,
    json: Json = False,
) -> None:
    """Renew the secrets in keys/gateway: digest, tokens, marks, sessions. The gateway must be stopped.

    For when somebody may have read them. Nobody is logged out and no app or passkey is lost; what is lost is
    told. If they may have the database too, let everybody set up their app anew: inbeeld users reset.
    """
    wanted = list(dict.fromkeys(names or SecretName))
    gateway = shared(context).gateway()
    _assure_stopped(gateway)
    alone = serving_alone(gateway.settings.data_dir, PARTS) if gateway.store.sqlite else nullcontext()
    with alone:
        lost = renew_secrets(gateway.keys, gateway.store, wanted, gateway.now(), person())
    if json:
        show_json({"renewed": wanted, "reset": lost})
        return
    for name in wanted:
        say(f"renewed {gateway.keys.secret_file(name)}")
        say(f"  {LOSES[name]}")
    for login in lost:
        say(f"{login} can't log in with an app: inbeeld users reset {login}")
    say("next: with roles of their own split the keys again (inbeeld keys split); start the gateway;")
    say("renew the copy of keys/ that you keep elsewhere")


def rotate_signers(
    context: typer.Context,
    leaked: Annotated[
        bool,
        typer.Option("--leaked", help="What the old keys signed counts as forged, also what is under way."),
    ] = False,
    json: Json = False,
) -> None:
    """Make the keys anew with which we sign OpenPGP, S/MIME and JWE, for the address in [gateway].

    On the first day, once the address is right; when they end; and with --leaked when somebody may have them.
    """
    gateway = shared(context).gateway()
    settings, now = gateway.settings, gateway.now()
    written = renew_signers(
        gateway.keys, settings.gateway.address, settings.data_dir / "gpg", now, trusted=not leaked
    )
    _tell(gateway, written, json)


def _tell(gateway: Gateway, written: Sequence[Path], json: bool) -> None:
    """Write into the trail which files were made, and tell of them."""
    if written:
        with gateway.store.write() as session:
            names = sorted(path.name for path in written)
            audit.append(session, AuditEvent.KEY_MADE, now=gateway.now(), actor=person(), files=names)
    if json:
        show_json({"written": [str(path) for path in written]})
        return
    for path in written:
        say(f"wrote {path}")
    say("next: restart the gateway, and give organisations the public parts: inbeeld keys export FOLDER")


def _assure_stopped(gateway: Gateway) -> None:
    if gateway.store.sqlite:
        return
    beat = newest(gateway.store)
    if beat and gateway.base.wall() - beat.seen_at < ALIVE:
        raise NotAllowed("A worker runs, or did two minutes ago: stop every role on every machine first")
