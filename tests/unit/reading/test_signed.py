"""Mail that is signed by somebody unknown is still that person's mail, whatever the signature is around."""

import base64
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reading.mail.message import parse
from gateway.reading.mail.wrapping import PIECES, WRAPPINGS, is_signed, signed_content
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Verdict
from tests.unit.reading.files import LINES

INNER = ("Content-Type: text/plain; charset=utf-8\r\n\r\n" + "\r\n".join(LINES)).encode()
OID = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"


def signed(content: bytes, *options: PKCS7Options) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "onbekend")])
    now = datetime(2026, 3, 2, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    return (
        PKCS7SignatureBuilder()
        .set_data(content)
        .add_signer(certificate, key, hashes.SHA256())
        .sign(serialization.Encoding.DER, [PKCS7Options.Binary, *options])
    )


def in_pieces(content: bytes, size: int) -> bytes:
    """Signed-data as programs write it that don't know its length yet (X.690, 8.1.3.6)."""
    pieces = b"".join(
        bytes([4, len(content[at : at + size])]) + content[at : at + size]
        for at in range(0, len(content), size)
    )
    head = b"\x30\x80" + OID + b"\x02\xa0\x80\x30\x80\x02\x01\x01\x31\x80\x30\x00\x00\x00"
    return head + b"\x30\x80" + OID + b"\x01\xa0\x80\x24\x80" + pieces + b"\0" * 6 + b"\x31\x00" + b"\0" * 6


def as_mail(der: bytes) -> bytes:
    return (
        b"From: P <p@praktijk.example>\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(der)
    )


@pytest.mark.parametrize("der", [signed(INNER), in_pieces(INNER, 100), in_pieces(INNER, 1)])
def test_an_opaque_signature_is_taken_off(der: bytes, almere: Gazetteer) -> None:
    assert is_signed(der)
    assert signed_content(der) == INNER
    reading = read(as_mail(der), almere)
    assert (reading.verdict, reading.name, reading.unopened) == (Verdict.REFERRAL, "Iris Blök", None)


def test_a_signature_beside_the_mail_hides_nothing(almere: Gazetteer) -> None:
    raw = (
        b"From: P <p@praktijk.example>\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n"
        + INNER
        + b"\r\n"
        b"--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
        b"Content-Disposition: attachment; filename=smime.p7s\r\n\r\nx\r\n--b--\r\n"
    )
    assert read(raw, almere).verdict is Verdict.REFERRAL


def test_signed_again_and_again() -> None:
    raw = INNER
    for _ in range(WRAPPINGS):
        raw = as_mail(in_pieces(raw, 100))
    assert parse(raw).texts == ("\n".join(LINES),)
    assert parse(as_mail(in_pieces(raw, 100))).texts == ()


def test_a_million_pieces_are_no_work() -> None:
    # Every piece was once an object of a library; a quadratic way would keep the run waiting.
    assert len(signed_content(in_pieces(b"a" * PIECES, 1))) == PIECES
    with pytest.raises(ValueError, match="pieces"):
        signed_content(in_pieces(b"a" * (PIECES + 1), 1))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_broken_signature_says_so(data: st.DataObject) -> None:
    whole = in_pieces(INNER, 40)
    der = bytearray(whole)
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=6)
    ):
        der[at] = byte
    cut = bytes(der[: data.draw(st.integers(0, len(der)))])
    with contextlib.suppress(ValueError):
        assert len(signed_content(cut)) <= len(whole)
    parse(as_mail(cut))
