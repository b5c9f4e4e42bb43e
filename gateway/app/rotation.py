"""Renews what is ours and secret: the intake key, the secrets, and the keys that we sign with.

It promises that nothing but what must is lost (who logs in keeps password, app, passkeys and session), that a
file keeps its owner and mode, and that after a kill at any point asking again goes on from there. Whoever
opens knows a new intake key before anything is sealed for it, and none is removed which anything kept still
needs.

Each step to another intake key leaves the folder whole for whoever starts in between:
1. `intake-next.key` is made: every worker that shares the folder can open what will be sealed for it.
2. `intake.key` gets a second name, `intake-<id>.key`.
3. `intake-next.key` becomes `intake.key`.
4. `intake.pub` is replaced: whoever seals goes over to the new key with the next piece.
5. What is kept is sealed anew.
6. The database is told that the old key is no more, in a transaction in which nothing needs it; a process
   that still seals for it is refused from then on, and a mail it wanted to keep comes again.
7. `intake-<id>.key` is removed.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete
from sqlmodel import Session, select

from gateway.accounts.proof import TOTP
from gateway.app.keys import SECRET_BYTES, KeyFiles, SecretName
from gateway.domain.trail import AuditEvent
from gateway.errors import ConfigError, NotAllowed, OpenError
from gateway.files import read_private, replace_public, sync_folder, write_private
from gateway.gate.websecret import WebSecret
from gateway.sealing import box, openpgp
from gateway.sealing.jwe import JwsSigner
from gateway.sealing.keyring import Signers
from gateway.sealing.pgpkeys import OpenPgpSigner
from gateway.sealing.smime import SmimeSigner
from gateway.store import audit, boxes
from gateway.store.engine import Store
from gateway.store.pagetables import RecoveryCodeRow, UserRow
from gateway.store.worker import FileLock


@dataclass(slots=True)
class Resealed:
    """How many pieces were sealed anew, and which could not be opened: place and row id."""

    done: int = 0
    stuck: list[tuple[str, str]] = field(default_factory=list)


class Rotate:
    """Seals anew, for the present intake key, what is still sealed for another.

    Content is in clear in memory only and one piece at a time; a piece that moved on meanwhile is left alone
    (compare-and-set, so that a running gateway is not disturbed); it may be stopped anywhere and begun again.
    """

    def __init__(self, *, store: Store, keychain: box.Keychain, public: box.PublicKey) -> None:
        self._store, self._keychain, self._public = store, keychain, public

    def run(self, told: Callable[[str, int], None] = lambda place, done: None) -> Resealed:
        """Seal everything anew; `told` hears after each batch of which place, and how many pieces so far."""
        result = Resealed()
        for place in boxes.PLACES:
            after = ""
            while batch := self._next(place, after):
                after = batch[-1][0]
                self._reseal(place, batch, result)
                told(place.name, result.done)
        return result

    def left(self) -> dict[str, int]:
        """How many pieces are still sealed for each other key."""
        with self._store.read() as session:
            found = boxes.counts(session)
        return {key_id: number for key_id, number in found.items() if key_id != self._public.key_id}

    def destroy(self, key_id: str, now: datetime, actor: str) -> int:
        """Let nothing be kept any more that is sealed for this key, unless something needs it: then nothing
        happens, and the number of such pieces is given. The key itself may be removed after 0."""
        if key_id == self._public.key_id:
            raise ValueError("the present key is needed")
        with self._store.write() as session:
            needed = boxes.destroy(session, key_id, now)
            if not needed:
                audit.append(session, AuditEvent.KEY_DESTROYED, now=now, actor=actor, key=key_id)
        return needed

    def _next(self, place: boxes.BoxPlace, after: str) -> list[tuple[str, bytes]]:
        with self._store.read() as session:
            return boxes.for_others(session, place, self._public.key_id, after)

    def _reseal(self, place: boxes.BoxPlace, batch: list[tuple[str, bytes]], result: Resealed) -> None:
        pairs = []
        for id_, blob in batch:
            try:
                pairs.append((id_, blob, box.reseal(blob, self._keychain, self._public, place.context(id_))))
            except OpenError:
                result.stuck.append((place.name, id_))
        with self._store.write() as session:
            result.done += sum(boxes.swap(session, place, *pair) for pair in pairs)


class Rotation:
    """One change of the intake key, from wherever it stands."""

    def __init__(self, keys: KeyFiles, store: Store, actor: str = "beheerder") -> None:
        self._keys, self._store, self._actor = keys, store, actor
        self._folder = keys.intake_private.parent
        self._next = self._folder / "intake-next.key"
        self._lock = FileLock(self._folder / ".rotating")

    def __enter__(self) -> "Rotation":
        if not self._lock.acquire():
            raise NotAllowed("The intake key is being changed by another process; wait for it")
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    @property
    def running(self) -> bool:
        """Whether a rotation was begun and not finished."""
        return bool(self._keys.others) or not self._is_pair()

    def prepare(self) -> str:
        """Step 1, if it was not done; gives the id of the key that will be next."""
        if not self._next.exists():
            # A key that others may read, or that is damaged, must not be succeeded unseen.
            box.PrivateKey.load(self._keys.intake_private)
            # Whoever reads the present one, which may not be us, must be able to read its successor.
            box.generate().save(self._next, like=self._keys.intake_private)
        return box.PrivateKey.load(self._next).key_id

    def switch(self, now: datetime) -> str:
        """Steps 2 to 4, as far as they were not done; gives the id of the key that is present now."""
        present = box.PrivateKey.load(self._keys.intake_private)
        if self._next.exists():
            coming = box.PrivateKey.load(self._next)
            kept = self._file_of(present.key_id)
            if present.key_id != coming.key_id and not kept.exists():
                kept.hardlink_to(self._keys.intake_private)
                sync_folder(self._folder)
            self._next.replace(self._keys.intake_private)
            sync_folder(self._folder)
            present = coming
        if not self._is_pair():
            present.public.save(self._keys.intake_public, replace=True)
            with self._store.write() as session:
                audit.append(session, AuditEvent.KEY_ROTATED, now=now, actor=self._actor, key=present.key_id)
        return present.key_id

    def reseal(self, told: Callable[[str, int], None]) -> Resealed:
        """Step 5."""
        return self._rotate().run(told)

    def left(self) -> dict[str, int]:
        """How many pieces are still sealed for each other key."""
        return self._rotate().left()

    def finish(self, now: datetime) -> dict[str, int]:
        """Steps 6 and 7 for every old key; gives how many pieces still need each."""
        rotate, present = self._rotate(), self._keys.public().key_id
        needed = {}
        for path in self._older():
            key_id = box.PrivateKey.load(path).key_id
            # A second name of the present key is left when somebody took away the key that was to come.
            needed[key_id] = 0 if key_id == present else rotate.destroy(key_id, now, self._actor)
            if not needed[key_id]:
                path.unlink()
                sync_folder(self._folder)
        return needed

    def _rotate(self) -> Rotate:
        if self._next.exists() or not self._is_pair():
            raise NotAllowed("The new intake key is not in use yet; run: inbeeld keys rotate intake")
        return Rotate(store=self._store, keychain=self._keys.keychain(), public=self._keys.public())

    def _older(self) -> list[Path]:
        return [path for path in self._keys.others if path != self._next]

    def _file_of(self, key_id: str) -> Path:
        return self._folder / f"intake-{key_id}.key"

    def _is_pair(self) -> bool:
        try:
            return self._keys.public().key_id == box.PrivateKey.load(self._keys.intake_private).key_id
        except ConfigError:
            return False


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
