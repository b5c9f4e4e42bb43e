"""Milliseconds per message that sealing and opening take, one after the other in one thread.

The content is a referral of ordinary size; what is handed over is signed as well. OpenPGP is measured with
both engines.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from gateway.sealing import box, jwe, openpgp
from gateway.sealing.gpg import PgpOpener
from gateway.sealing.keyring import Signers, sealer_for
from gateway.sealing.pgpkeys import OpenPgpSigner
from gateway.sealing.smime import SmimeOpener, SmimeSigner, generate_recipient

ADDRESS = "aanmeldingen@organisatie.example"
CONTENT = b"Naam: Fatima van Bakoli\r\nTelefoon: 06-11000000\r\nWijk: Filmwijk\r\n" * 20

Act = Callable[[], object]


def measure(directory: Path, times: int) -> dict[str, float]:
    """Medians, by what was done."""
    directory.mkdir()
    acts = {**_box(), **_jwe(directory), **_smime(directory), **_openpgp(directory)}
    return {name: _median(act, times) for name, act in acts.items()}


def _box() -> dict[str, Act]:
    private = box.generate()
    keychain = box.Keychain([private])
    sealed = box.seal(CONTENT, private.public, "bench")
    return {
        "box_seal": partial(box.seal, CONTENT, private.public, "bench"),
        "box_open": partial(keychain.open, sealed, "bench"),
    }


def _jwe(directory: Path) -> dict[str, Act]:
    public, private, thumbprint = jwe.generate()
    file = _written(directory / "key.jwk", public)
    now = datetime.now(UTC)
    signer = jwe.JwsSigner.generate()
    signers = Signers(jwe=signer)
    sealer = sealer_for("jwe", file, thumbprint, gpg_home_root=directory, signers=signers)
    sealed = sealer.seal(CONTENT, now).ciphertext
    return {
        "jwe_seal": partial(sealer.seal, CONTENT, now),
        "jwe_open": partial(jwe.open_signed, sealed, private, signer.public_jwk),
    }


def _smime(directory: Path) -> dict[str, Act]:
    now = datetime.now(UTC)
    public, private, fingerprint = generate_recipient(ADDRESS, now, now + timedelta(days=1))
    file, key = _written(directory / "smime.pem", public), _written(directory / "smime.key", private)
    signer = SmimeSigner.generate(ADDRESS, now)
    sealer = sealer_for("smime", file, fingerprint, gpg_home_root=directory, signers=Signers(smime=signer))
    sealed = sealer.seal(CONTENT, now).ciphertext
    opener = SmimeOpener(file, key)
    return {
        "smime_sign_and_seal": partial(sealer.seal, CONTENT, now),
        "smime_open": partial(opener.open, sealed),
    }


def _openpgp(directory: Path) -> dict[str, Act]:
    home, until = directory / "gpg", datetime.now(UTC) + timedelta(days=1)
    public, private, fingerprint = openpgp.generate(home, "Organisatie", ADDRESS, until)
    file = _written(directory / "key.asc", public.encode())
    secret = _written(directory / "private.asc", private.encode())
    _, own, _ = openpgp.generate(home, "InBeeld", ADDRESS, None, signing=True)
    signers = Signers(OpenPgpSigner.of(own.encode()))
    fast, gnupg = (
        sealer_for("openpgp", file, fingerprint, gpg_home_root=home, signers=signers, engine=engine)
        for engine in ("sequoia", "gnupg")
    )
    # On a busy machine the key began a second after its making did.
    now = datetime.now(UTC)
    sealed = fast.seal(CONTENT, now).ciphertext
    opener = PgpOpener(secret, home)
    return {
        "openpgp_seal": partial(fast.seal, CONTENT, now),
        "openpgp_seal_gnupg": partial(gnupg.seal, CONTENT, now),
        "openpgp_open": partial(opener.open, sealed),
    }


def _written(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    file.chmod(0o600)
    return file


def _median(act: Act, times: int) -> float:
    act()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)
