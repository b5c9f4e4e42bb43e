"""Keys and certificates of both sides of a signaal, for trials: ours, and those of a municipality."""

import json
from pathlib import Path

from joserfc.jwk import RSAKey

from gateway.cli.trial import Authority
from gateway.sealing import jwe
from gateway.sealing.keyfiles import write_private, write_public

RECEIVER = "gemeente-poort"
GATEWAY = "handover.example"
_BITS = 3072


def make_receiver(keys: Path, authority: Authority) -> str:
    """Make them below the folder of keys; gives the thumbprint of the municipality's key.

    What would be the municipality's alone stands in `trial/gemeente-poort/`, as its own program wants it.
    """
    ours, theirs = RSAKey.generate_key(_BITS), RSAKey.generate_key(_BITS)
    public, private, thumbprint = jwe.generate()
    organisations, own, trial = keys / "organisations", keys / "signaal", keys / "trial" / RECEIVER
    write_public(organisations / f"{RECEIVER}.jwk", public)
    write_public(organisations / f"{RECEIVER}.status.jwk", _jwk(theirs, private=False))
    write_private(own / "signing.jwk", _jwk(ours, private=True))
    write_private(trial / "private.jwk", private)
    write_private(trial / "status.private.jwk", _jwk(theirs, private=True))
    write_public(trial / "gateway.jwk", _jwk(ours, private=False))
    write_public(trial / "ca.pem", (keys / "tls" / "ca.pem").read_bytes())
    for folder, name, names, client in (
        (own, "client", (GATEWAY,), True),
        (trial, "client", (f"{RECEIVER}.example",), True),
        (trial, "server", ("localhost", "127.0.0.1", "::1", f"{RECEIVER}.example"), False),
    ):
        certificate, key = authority.issue(names, client=client)
        write_public(folder / f"{name}.pem", certificate)
        write_private(folder / f"{name}.key", key)
    return thumbprint


def _jwk(key: RSAKey, *, private: bool) -> bytes:
    extra = {"use": "sig", "alg": "PS256", "kid": key.thumbprint()}
    return json.dumps(key.as_dict(private=private) | extra, indent=2).encode() + b"\n"
