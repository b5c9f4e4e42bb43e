"""A private key wrapped as a browser wraps it: for the demo, and for tests of the browser's side.

It promises the same bytes as `static/keys/crypto.js` for the same secret, salt and iv. A real organisation's
private key is made in its browser and never comes where this runs.
"""

import base64
import hashlib
import json
import os
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey
from sqlmodel import Session

from gateway.store import pairs
from gateway.store.pagetables import PairRow
from gateway.store.pairs import PairKind

ITERATIONS = 1_000_000


def wrap_private_jwk(
    private_jwk: bytes, secret: str, *, kind: PairKind, user: str, iterations: int = ITERATIONS
) -> dict[str, Any]:
    """The wrap of a private JWK (P-256) under a passphrase or code. `user` is the keeper's id, or for a
    recovery key the owner of the pair."""
    key = ECKey.import_key(json.loads(private_jwk))
    salt, iv = os.urandom(32), os.urandom(12)
    plain = tidy(secret) if kind is PairKind.PASSPHRASE else bare_code(secret)
    derived = hashlib.pbkdf2_hmac("sha256", plain.encode(), salt, iterations)
    private = key.private_key
    if private is None:
        raise ValueError("the JWK holds no private key")
    pkcs8 = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    bound = "\n".join(("inbeeld wrap 1", key.thumbprint(), kind, user)).encode()
    return {
        "v": 1,
        "kdf": "PBKDF2-SHA-256",
        "iterations": iterations,
        "salt": _base64url(salt),
        "iv": _base64url(iv),
        "ciphertext": _base64url(AESGCM(derived).encrypt(iv, pkcs8, bound)),
    }


def keep_pair(
    session: Session,
    owner: str,
    private_jwk: bytes,
    passphrases: Mapping[str, str],
    *,
    now: datetime,
    by: str,
    iterations: int = ITERATIONS,
) -> PairRow:
    """Keep a pair as if a browser had made it; `passphrases` gives each user's id their passphrase."""
    key = ECKey.import_key(json.loads(private_jwk))
    public = key.as_dict(private=False)
    jwk = {name: str(public[name]) for name in ("kty", "crv", "x", "y")}
    pair = pairs.add(session, owner, jwk, key.thumbprint(), now=now, by=by)
    for user_id, secret in passphrases.items():
        wrapped = wrap_private_jwk(
            private_jwk, secret, kind=PairKind.PASSPHRASE, user=user_id, iterations=iterations
        )
        pairs.put_wrap(session, pair.id, PairKind.PASSPHRASE, user_id, wrapped, now=now, by=by)
    return pair


def tidy(passphrase: str) -> str:
    """A passphrase as it is meant: keyboards differ in how they write an accent or a space."""
    return " ".join(unicodedata.normalize("NFKC", passphrase).split())


def bare_code(typed: str) -> str:
    """The letters of a code without its check letters."""
    letters = typed.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())[:26]


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
