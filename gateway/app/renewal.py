"""Renews what is ours, secret and no intake key: the secrets, and the keys that we sign with.

It promises that nothing but what must is lost (who logs in keeps password, app, passkeys and session), that a
file keeps its owner and mode, and that after a kill at any point asking again goes on from there.
"""

import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete
from sqlmodel import Session, select

from gateway.accounts.proof import TOTP
from gateway.app.keys import SECRET_BYTES, KeyFiles, SecretName
from gateway.domain.trail import AuditEvent
from gateway.errors import OpenError
from gateway.gate.websecret import WebSecret
from gateway.sealing import openpgp
from gateway.sealing.jwe import JwsSigner
from gateway.sealing.keyfiles import read_private, replace_public, sync_folder, write_private
from gateway.sealing.keyring import Signers
from gateway.sealing.pgpkeys import OpenPgpSigner
from gateway.sealing.smime import SmimeSigner
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.pagetables import RecoveryCodeRow, UserRow

SIGNER_DAYS = 730
"""For how long a key that we sign with may be used."""


def renew_secrets(
    keys: KeyFiles, store: Store, names: Sequence[SecretName], now: datetime, actor: str
) -> list[str]:
    """New secrets in the place of these; gives the users whose app was sealed by none that is here.

    Nothing may run meanwhile: a process that runs goes on with the secret that it read.
    """
    lost: list[str] = []
    for name in names:
        present = keys.secret_file(name)
        coming = present.with_name(f"{present.name}.next")
        if not coming.exists():
            write_private(coming, secrets.token_hex(SECRET_BYTES).encode() + b"\n", like=present)
        after = read_private(coming)
        with store.write() as session:
            if name is SecretName.SESSIONS:
                lost = _sealed_anew(session, keys.secret(name), bytes.fromhex(after.decode().strip()))
            audit.append(session, AuditEvent.KEY_ROTATED, now=now, actor=actor, files=[present.name])
        coming.replace(present)
        sync_folder(present.parent)
    return lost


def _sealed_anew(session: Session, before: bytes, after: bytes) -> list[str]:
    """Let the apps of all who log in be sealed by the new secret; their recovery codes can't be and go."""
    old, new, lost = WebSecret(before), WebSecret(after), []
    for user in session.exec(select(UserRow)).all():
        if user.totp is None:
            continue
        for secret in (old, new):
            try:
                user.totp = new.seal(TOTP, user.id, secret.open(TOTP, user.id, user.totp))
                session.add(user)
                break
            except OpenError:
                continue
        else:
            lost.append(user.login)
    session.execute(delete(RecoveryCodeRow))
    return lost


def renew_signers(keys: KeyFiles, address: str, gpg: Path, now: datetime, *, trusted: bool) -> list[Path]:
    """New keys to sign OpenPGP, S/MIME and JWE with; gives what was written.

    `trusted`: the JWK before it still verifies what is under way. Without it, whatever that key signed counts
    as forged from now on.
    """
    ends, begins = now + timedelta(days=SIGNER_DAYS), now - timedelta(hours=1)
    _, pgp, _ = openpgp.generate(gpg, "InBeeld", address, ends, created=begins, signing=True)
    smime, jws = SmimeSigner.generate(address, begins, ends - begins), JwsSigner.generate(ends)
    known = [json.loads(jws.public_jwk)]
    if trusted and keys.jws.exists():
        known.append(json.loads(JwsSigner.load(keys.jws).public_jwk))
    contents: list[tuple[Path, bytes, int]] = [
        (keys.openpgp, pgp.encode(), 0o600),
        (keys.smime, smime.private_pem, 0o600),
        (keys.smime_public, smime.public_pem, 0o644),
        (keys.jws, jws.private_jwk, 0o600),
        (keys.jws_public, json.dumps({"keys": known}).encode(), 0o644),
    ]
    for path, content, mode in contents:
        replace_public(path, content, mode=mode)
    replace_public(keys.openpgp_public, OpenPgpSigner.load(keys.openpgp).public, mode=0o644)
    return [keys.openpgp_public, *(path for path, _, _ in contents)]


def misnamed(signers: Signers, addresses: Iterable[str]) -> list[str]:
    """Those of our signing keys that bear none of our addresses: a mail program doubts what they signed."""
    ours = {address.lower() for address in addresses}
    named = (("OpenPGP", signers.openpgp), ("S/MIME", signers.smime))
    return [name for name, signer in named if signer and not ours & signer.addresses]
