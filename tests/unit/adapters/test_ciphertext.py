"""Plaintext is never taken for ciphertext."""

import base64
import contextlib
import json

import pytest
from asn1crypto import cms, core
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe, jwk, jws

from adapters.base import Refused, check_ciphertext
from tests.contract.adapters.wire import CIPHERTEXT, MEDIA_TYPES, SECRET, armour, packet

PGP, SMIME, JOSE = MEDIA_TYPES
KEYS, SEALED = packet(1, b"k" * 30), packet(18, b"\x01" + b"c" * 300)
LITERAL = packet(11, b"b\x00\x00\x00\x00\x00" + SECRET)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _general_jwe() -> bytes:
    algorithms = ["ECDH-ES+A256KW", "A256GCM"]
    sealed = jwe.GeneralJSONEncryption({"enc": "A256GCM"}, SECRET)
    sealed.add_recipient({"alg": "ECDH-ES+A256KW"}, jwk.ECKey.generate_key("P-256"))
    return json.dumps(jwe.encrypt_json(sealed, None, algorithms=algorithms)).encode()


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_ciphertext_passes(media_type: str) -> None:
    check_ciphertext(media_type, CIPHERTEXT[media_type])


@pytest.mark.parametrize(
    "binary",
    [
        KEYS + KEYS + SEALED,
        KEYS + packet(20, b"\x01" + b"c" * 300),
        # Old-format packets, as gpg writes them, and a body in parts.
        b"\x84\x1e" + b"k" * 30 + b"\xd2\xe9" + b"c" * 512 + b"\x05" + b"ddddd",
        b"\x85\x00\x1e" + b"k" * 30 + b"\xd2\xc0\x10" + b"c" * 208,
    ],
)
def test_openpgp_shapes_that_pass(binary: bytes) -> None:
    check_ciphertext(PGP, armour(binary))
    check_ciphertext(PGP, armour(binary).replace(b"\n", b"\r\n"))


def test_json_jwe_passes() -> None:
    check_ciphertext(JOSE, _general_jwe())


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        *((media_type, SECRET) for media_type in MEDIA_TYPES),
        *((media_type, b"") for media_type in MEDIA_TYPES),
        *((one, CIPHERTEXT[other]) for one in MEDIA_TYPES for other in MEDIA_TYPES if one != other),
        # Armoured, but not encrypted: literal, signed, or compressed data.
        (PGP, armour(LITERAL)),
        (PGP, armour(KEYS)),
        (PGP, armour(SEALED)),
        (PGP, armour(KEYS + LITERAL)),
        (PGP, armour(KEYS + SEALED + LITERAL)),
        (PGP, armour(KEYS + packet(9, b"c" * 300))),
        (PGP, armour(packet(3, b"password") + SEALED)),
        (PGP, armour(packet(8, b"\x01" + SECRET))),
        (PGP, armour(KEYS + SEALED)[:-40]),
        (PGP, armour((KEYS + SEALED)[:-1])),
        (PGP, armour(KEYS + b"\x00" + SEALED)),
        # Plaintext around the armour, or in its headers.
        (PGP, SECRET + armour(KEYS + SEALED)),
        (PGP, armour(KEYS + SEALED) + SECRET),
        (PGP, armour(KEYS + SEALED, header="Comment: Fatima Voorbeeld\n")),
        (PGP, b"-----BEGIN PGP MESSAGE-----\n\n" + SECRET + b"-----END PGP MESSAGE-----\n"),
        (SMIME, cms.ContentInfo({"content_type": "data", "content": core.OctetString(SECRET)}).dump()),
        (SMIME, CIPHERTEXT[SMIME] + SECRET),
        (SMIME, CIPHERTEXT[SMIME][:-1]),
        (SMIME, base64.b64encode(CIPHERTEXT[SMIME])),
        (JOSE, jws.serialize_compact({"alg": "HS256"}, SECRET, jwk.OctKey.generate_key(256)).encode()),
        (JOSE, json.dumps({"payload": _b64(SECRET), "signatures": []}).encode()),
        (JOSE, json.dumps(json.loads(_general_jwe()) | {"unprotected": {"naam": "Fatima"}}).encode()),
        (JOSE, f"{_b64(b'{}')}.{_b64(b'k')}.{_b64(b'i')}.{_b64(SECRET)}.{_b64(b't')}".encode()),
        (JOSE, CIPHERTEXT[JOSE].rpartition(b".")[0] + b"."),
        (JOSE, b"[" * 100_000),
        (JOSE, b'{"protected":' + b"[" * 100_000),
    ],
)
def test_anything_else_is_refused(media_type: str, content: bytes) -> None:
    with pytest.raises(Refused) as caught:
        check_ciphertext(media_type, content)
    assert caught.value.reason == "parcel_not_ciphertext"


def test_unknown_media_types_are_refused() -> None:
    with pytest.raises(Refused, match="parcel_media_type"):
        check_ciphertext("text/plain", CIPHERTEXT[PGP])


@given(st.sampled_from(MEDIA_TYPES), st.binary(max_size=200))
def test_noise_is_refused_and_nothing_else_is_raised(media_type: str, noise: bytes) -> None:
    with pytest.raises(Refused):
        check_ciphertext(media_type, noise)


@given(st.binary(max_size=200))
def test_armoured_noise_raises_nothing_else(noise: bytes) -> None:
    with contextlib.suppress(Refused):
        check_ciphertext(PGP, armour(noise))
