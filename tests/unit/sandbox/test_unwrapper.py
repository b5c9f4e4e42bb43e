"""Wrapped mail: whoever holds a key sees the ciphertext alone, and the outer header stays the sender's."""

import base64
from collections.abc import Iterator

import pytest
from asn1crypto import cms
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import OpenError
from gateway.reading.mail.wrapping import Damaged, Layer, rejoined, unwrapped
from gateway.sandbox.examiner import Unwrapper
from gateway.sandbox.pool import Readers
from tests.unit.reading.conftest import almere_texts

OUTER = (
    b"From: Praktijk Filmwijk <info@praktijk.example>\r\nTo: aanmelding@handover.example\r\n"
    b"Subject: ...\r\nMessage-ID: <1@praktijk.example>\r\n"
)
ENTITY = b"Content-Type: text/plain; charset=utf-8\r\n\r\nNaam: Iris Blok\r\n"
READY = OUTER + ENTITY


class Opener:
    """A key that opens what begins with its kind, and keeps what it was given."""

    def __init__(self, kind: str, inside: bytes = ENTITY) -> None:
        self.kind, self.inside, self.given = kind, inside, list[bytes]()

    def open(self, ciphertext: bytes) -> bytes:
        self.given.append(ciphertext)
        if ciphertext.startswith(b"other"):
            raise OpenError("of another key")
        return self.inside


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    pool = Readers(*almere_texts(), workers=1)
    yield pool
    pool.close()


def pgp_mail(message: bytes, kind: str = "encrypted") -> bytes:
    return (
        OUTER
        + f'Content-Type: multipart/{kind}; protocol="application/pgp-encrypted"; boundary=b\r\n\r\n'.encode()
        + b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
        + b"--b\r\nContent-Type: application/octet-stream\r\n\r\n"
        + message
        + b"\r\n--b--\r\n"
    )


def smime(der: bytes, kind: str = "application/pkcs7-mime") -> bytes:
    return (
        f"Content-Type: {kind}; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
        + base64.encodebytes(der)
    )


def signed(content: bytes) -> bytes:
    data = {"content_type": "data", "content": content}
    empty = {"version": "v1", "digest_algorithms": [], "encap_content_info": data, "signer_infos": []}
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(empty)}).dump())


def enveloped(content: bytes) -> bytes:
    key = {"content_type": "data", "content_encryption_algorithm": {"algorithm": "aes256_cbc"}}
    inside = {
        "version": "v0",
        "recipient_infos": [],
        "encrypted_content_info": key | {"encrypted_content": content},
    }
    return bytes(cms.ContentInfo({"content_type": "enveloped_data", "content": inside}).dump())


def test_a_mail_in_nothing_is_itself(readers: Readers) -> None:
    assert Unwrapper(readers, []).unwrap(READY) == READY


@pytest.mark.parametrize("kind", ["encrypted", "mixed"])
def test_openpgp_also_after_exchange(readers: Readers, kind: str) -> None:
    key = Opener("openpgp")
    assert Unwrapper(readers, [key]).unwrap(pgp_mail(b"armour", kind)) == READY
    assert key.given == [b"armour"]


@pytest.mark.parametrize("kind", ["application/pkcs7-mime", "application/octet-stream"])
def test_signed_then_enveloped_then_signed(readers: Readers, kind: str) -> None:
    der = enveloped(b"geheim")
    key = Opener("smime", smime(signed(ENTITY)))
    other = Opener("openpgp")
    mail = OUTER + smime(signed(smime(der)), kind)
    assert Unwrapper(readers, [other, key]).unwrap(mail) == READY
    assert (key.given, other.given) == ([der], [])


def test_the_next_key_is_tried(readers: Readers) -> None:
    assert Unwrapper(readers, [Opener("openpgp", b"")]).unwrap(pgp_mail(b"x")) == OUTER + b"\r\n"
    first, second = Opener("openpgp"), Opener("openpgp")
    with pytest.raises(OpenError):
        Unwrapper(readers, [first, second]).unwrap(pgp_mail(b"other"))
    assert len(first.given) == len(second.given) == 1


@pytest.mark.parametrize(
    "raw",
    [
        OUTER + smime(b"rommel"),
        OUTER + smime(b""),
        OUTER + smime(signed(b"x")[:-4]),
        OUTER + smime(signed(smime(signed(smime(signed(smime(signed(smime(signed(b"x"))))))))))
    ],
)  # fmt: skip
def test_what_is_damaged_or_wrapped_without_end_does_not_open(readers: Readers, raw: bytes) -> None:
    with pytest.raises(OpenError):
        Unwrapper(readers, [Opener("smime")]).unwrap(raw)


def test_a_bomb_of_wrappings_ends(readers: Readers) -> None:
    key = Opener("openpgp", pgp_mail(b"x"))
    with pytest.raises(OpenError, match="too deep"):
        Unwrapper(readers, [key]).unwrap(pgp_mail(b"x"))
    assert len(key.given) <= 4


def test_a_hidden_subject_comes_out_and_no_other_header() -> None:
    inner = b"Subject: Aanmelding\r\nFrom: Iemand <x@elders.example>\r\nX-Extra: 1\r\n" + ENTITY
    assert rejoined(OUTER + b"Content-Type: x/y\r\n\r\nweg", inner) == (
        OUTER.replace(b"Subject: ...\r\n", b"") + b"Subject: Aanmelding\r\n" + ENTITY
    )


@given(st.binary(max_size=200))
def test_nothing_makes_it_raise_anything_else(content: bytes) -> None:
    for raw in (content, OUTER + smime(content), OUTER + smime(signed(content)), pgp_mail(content)):
        try:
            layer = unwrapped(raw)
        except Damaged:
            continue
        assert isinstance(layer, Layer)
        rejoined(raw, content)
