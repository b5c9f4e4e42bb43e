"""JWE beside the matrix: which JWKs are read, and that the algorithms are pinned when opening."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe as joserfc_jwe
from joserfc.jwk import ECKey, OctKey, RSAKey

from gateway.errors import KeyUnusable, OpenError, SealError
from gateway.sealing import jwe
from gateway.sealing.jwe import JweSealer, JwsSigner, open_compact, open_signed, read_jwk
from tests.unit.sealing.trial_keys import DAY, EXAMPLES, NOW

PUBLIC, PRIVATE, THUMBPRINT = jwe.generate(NOW + DAY)
SIGNER = JwsSigner.generate(NOW + DAY)
MEMBERS = json.loads(PUBLIC)


def sealed(tmp_path: Path, content: bytes = b'{"naam":"Sjoukje Kanarie-van Dam"}') -> bytes:
    (tmp_path / "key").write_bytes(PUBLIC)
    return JweSealer(tmp_path / "key", THUMBPRINT, SIGNER).seal(content, NOW).ciphertext


def test_the_thumbprint_is_that_of_rfc_7638(tmp_path: Path) -> None:
    """RFC 7638 has an RSA example only, so this one is built by hand from its section 3."""
    required = {name: MEMBERS[name] for name in ("crv", "kty", "x", "y")}
    canonical = json.dumps(required, separators=(",", ":"), sort_keys=True).encode()
    expected = base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
    assert THUMBPRINT == expected == read_jwk(PUBLIC).facts.fingerprint


def test_a_content_of_some_size_seals_and_opens(tmp_path: Path) -> None:
    content = b"e" * 48 * 1024
    assert open_signed(sealed(tmp_path, content), PRIVATE, SIGNER.public_jwk) == content
    with pytest.raises(SealError):
        sealed(tmp_path, content + b"e")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"use": "sig"}, "sign_only"),
        ({"alg": "ES256"}, "sign_only"),
        ({"key_ops": ["verify"]}, "sign_only"),
        ({"key_ops": "deriveKey"}, "sign_only"),
        ({"crv": "P-384"}, "algorithm"),
        ({"kty": "OKP", "crv": "X25519"}, "algorithm"),
        ({"y": MEMBERS["x"]}, "unreadable"),
        ({"x": 5}, "unreadable"),
        ({"x": None}, "unreadable"),
        ({"exp": "morgen"}, "unreadable"),
        ({"exp": True}, "unreadable"),
        ({"exp": 1e30}, "unreadable"),
        ({"exp": float("nan")}, "unreadable"),
        ({"d": MEMBERS["x"]}, "private_key_present"),
        ({"k": "AAAA"}, "private_key_present"),
        ({"revoked": {"at": 1}}, "revoked"),
        ({"revoked": {}}, "revoked"),
    ],
)
def test_a_jwk_that_can_not_be_used_says_why(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    (tmp_path / "key").write_text(json.dumps(MEMBERS | change))
    with pytest.raises(KeyUnusable) as refused:
        JweSealer(tmp_path / "key", None, None).check(NOW)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "document",
    [
        MEMBERS | {"key_ops": ["deriveBits"]},
        MEMBERS | {"revoked": None},
        {"keys": [MEMBERS]},
        {name: MEMBERS[name] for name in ("kty", "crv", "x", "y")},
    ],
)
def test_a_jwk_may_say_less_or_stand_in_a_set(tmp_path: Path, document: dict[str, Any]) -> None:
    (tmp_path / "key").write_text(json.dumps(document))
    assert JweSealer(tmp_path / "key", THUMBPRINT, None).check(NOW).algorithm == "P-256"


@EXAMPLES
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "keys", "exp", "use"]), inner)
        ),
    )
)
def test_any_json_is_read_or_refused(document: object) -> None:
    with pytest.raises(KeyUnusable):
        read_jwk(json.dumps(document).encode())


def test_only_the_pinned_algorithms_open() -> None:
    key = ECKey.import_key(json.loads(PRIVATE))
    direct = joserfc_jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A256GCM"}, b"x", key)
    weaker = joserfc_jwe.encrypt_compact({"alg": "ECDH-ES+A256KW", "enc": "A128GCM"}, b"x", key)
    packed = joserfc_jwe.encrypt_compact({"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "zip": "DEF"}, b"x", key)
    for token in (direct, weaker, packed):
        with pytest.raises(OpenError):
            open_compact(token.encode(), PRIVATE)


@EXAMPLES
@given(data=st.data())
def test_no_changed_character_goes_unseen(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    token = bytearray(sealed(tmp_path_factory.getbasetemp()))
    at = data.draw(st.integers(0, len(token) - 1))
    # The last character of a part may hold unused bits; every other change must be seen.
    if token[at : at + 1] == b"." or token[at + 1 : at + 2] in (b".", b""):
        return
    token[at] = ord("A") if token[at] != ord("A") else ord("B")
    with pytest.raises(OpenError) as refused:
        open_compact(bytes(token), PRIVATE)
    assert "Kanarie" not in str(refused.value)


def test_only_the_right_private_key_opens(tmp_path: Path) -> None:
    token = sealed(tmp_path)
    others = [
        jwe.generate()[1],
        PUBLIC,
        b"{}",
        b"",
        b"[]",
        json.dumps(ECKey.generate_key("P-384").as_dict(private=True)).encode(),
        json.dumps(RSAKey.generate_key(2048).as_dict(private=True)).encode(),
        json.dumps(OctKey.generate_key(256).as_dict(private=True)).encode(),
    ]
    for other in others:
        with pytest.raises(OpenError):
            open_compact(token, other)
    for junk in (b"", b"a.b.c.d.e", b"....", token[:-8], b"\xff" * 40):
        with pytest.raises(OpenError):
            open_compact(junk, PRIVATE)
