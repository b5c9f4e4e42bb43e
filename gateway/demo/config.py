"""What the demo's working directory holds beside the trial set: practices, a backup, keys, two users.

It promises that nobody in it exists, and that its private keys are made here and go with the directory when
the demo ends. They are wrapped as `static/keys/crypto.js` wraps them, to the same bytes for the same secret,
salt and iv: a real organisation's private key is made in its browser and never comes where this runs.
"""

import base64
import hashlib
import json
import os
import secrets
import socket
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey
from sqlmodel import Session

from gateway.app import Gateway
from gateway.demo.peer import DemoPeer
from gateway.demo.stage import must
from gateway.files import write_private, write_public
from gateway.pipeline.schedule import utc_now
from gateway.sealing import jwe, openpgp
from gateway.store import pairs
from gateway.store.pagetables import PairRow, UserRow
from gateway.store.pairs import PairKind
from gateway.web.auth import BEHEERDERS, Role

HAVEN = "wijkteam-haven"
VALID = timedelta(days=365)
ALARMS = "beheer@handover.example"

PRACTICES = """
[[practice]]
id = "stedenwijk"
name = "Huisartsen Stedenwijk"
domains = ["huisartsen-stedenwijk.example"]
phones = ["036-5311111"]

[[practice]]
id = "de-wierden"
name = "Huisartsenpraktijk De Wierden"
domains = ["huisartsen-dewierden.example"]
phones = ["036-5322222"]
"""

BACKUP = """
[[organisation]]
id = "buurtteam"
name = "Buurtteam Almere"
serves = ["Almere Pampus"]
adapter = "mail"
format = "openpgp"
key = "organisations/buurtteam.asc"
fingerprint = "{fingerprint}"
pathway = "almere"
domains = ["buurtteam.example"]
team = "team@buurtteam.example"
[organisation.options]
to = "aanmeldingen@buurtteam.example"
"""

_WORDS = (
    "appel boter citroen dadel emmer fiets gieter haven iglo jas kast lamp mand noot oever paraplu ritme "
    "schuur tafel uil vlieger wortel zadel ketel molen veer kompas lantaarn mosterd tulp"
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays: ids of two users, and the passphrase under which each keeps their mailbox key."""

    beheerder: str
    medewerker: str
    passphrase: str


def configure(directory: Path, peer: DemoPeer) -> None:
    """Fill in what a person would by hand: ports, the relay, practices, a backup, and who is alarmed.

    Nobody serves Almere Hout: what is referred from there waits for a person.
    """
    web = free_port()
    config, keys = directory / "config", directory / "keys"
    _change(
        config / "inbeeld.toml",
        ('listen = "127.0.0.1:2525"', 'listen = "127.0.0.1:0"'),
        ('listen = "127.0.0.1:8443"', f'listen = "127.0.0.1:{web}"'),
        ('public_url = ""', f'public_url = "https://localhost:{web}"'),
        ('relay = "localhost:587"', f'relay = "localhost:{peer.port}"'),
        ('# ca_file = "keys/tls/ca.pem"', 'ca_file = "keys/tls/ca.pem"'),
        ("to = []", f'to = ["{ALARMS}"]'),
        ("[board]\n", f'[board]\nkey = "board/beheerders.jwk"\nfingerprint = "{_board_key(keys)}"\n'),
    )
    armour, _, fingerprint = openpgp.generate(
        directory / "data" / "gpg", "Buurtteam", "aanmeldingen@buurtteam.example", utc_now() + VALID
    )
    write_public(keys / "organisations" / "buurtteam.asc", armour.encode())
    _change(
        config / "organisations.toml",
        ('serves = ["Almere"]', 'serves = ["Almere Stad", "Almere Buiten"]'),
        ('# backup = "andere-organisatie"', 'backup = "buurtteam"'),
        ('# lead = "teamleider@deschoor.example"', 'lead = "teamleider@deschoor.example"'),
        ('backup = "de-schoor"\n\n', 'backup = "de-schoor"\nteam = "poort@gemeente-poort.example"\n\n'),
    )
    for name, more in (
        ("organisations.toml", BACKUP.format(fingerprint=fingerprint)),
        ("practices.toml", PRACTICES),
    ):
        path = config / name
        path.write_text(path.read_text() + more)


def cast(gateway: Gateway, now: datetime) -> Cast:
    """Make the two users, each with the key of their mailbox under one passphrase."""
    passphrase = " ".join(secrets.SystemRandom().sample(_WORDS.split(), 6))
    made = Cast("demo-beheerder", "demo-medewerker", passphrase)
    trial = gateway.keys.folder / "trial"
    with gateway.store.write() as session:
        for id_, name, role, owner, file in (
            (made.beheerder, "Noor Beheer", Role.BEHEERDER, None, "beheerders.private.jwk"),
            (made.medewerker, "Sam van Haven", Role.MEDEWERKER, HAVEN, f"{HAVEN}.private.jwk"),
        ):
            login = f"{id_}@handover.example"
            session.add(
                UserRow(id=id_, login=login, name=name, role=role, organisation_id=owner, created_at=now)
            )
            keep_pair(
                session,
                owner or BEHEERDERS,
                (trial / file).read_bytes(),
                {id_: passphrase},
                now=now,
                by=f"user:{id_}",
            )
    return made


def free_port() -> int:
    """A port that nobody listens on: links in mails need to name it before we do."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _board_key(keys: Path) -> str:
    public, private, thumbprint = jwe.generate(utc_now() + VALID)
    write_public(keys / "board" / "beheerders.jwk", public)
    write_private(keys / "trial" / "beheerders.private.jwk", private)
    return thumbprint


def _change(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for before, after in changes:
        must(before in text, f"{path.name} has the line to fill in")
        text = text.replace(before, after, 1)
    path.write_text(text)


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
