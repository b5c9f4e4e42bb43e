"""The packet reader: the whole of an encrypted message, or a refusal."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sealing.packets import NotPackets, Packet, bare, parse, recipients
from tests.unit.sealing.trial_keys import EXAMPLES

SESSION_KEY = b"\x03" + bytes.fromhex("0123456789ABCDEF") + b"\x12rest"
SEALED = b"\x01" + b"ciphertext"


def old(tag: int, body: bytes) -> bytes:
    """RFC 4880 section 4.2.1, a length of four octets."""
    return bytes((0x80 | tag << 2 | 2,)) + len(body).to_bytes(4, "big") + body


def new(tag: int, body: bytes) -> bytes:
    """RFC 4880 section 4.2.2, the shortest length that holds it."""
    size = len(body)
    if size < 192:
        length = bytes((size,))
    elif size < 8384:
        length = bytes((((size - 192) >> 8) + 192, (size - 192) & 0xFF))
    else:
        length = b"\xff" + size.to_bytes(4, "big")
    return bytes((0xC0 | tag,)) + length + body


def partial(tag: int, body: bytes) -> bytes:
    """In chunks of 512 octets, then the rest."""
    chunks = [body[at : at + 512] for at in range(0, len(body), 512)]
    head = b"".join(b"\xe9" + chunk for chunk in chunks[:-1])
    return bytes((0xC0 | tag,)) + head + new(0, chunks[-1])[1:]


def armoured(binary: bytes, kind: str = "MESSAGE") -> bytes:
    body = base64.encodebytes(binary).decode()
    return f"-----BEGIN PGP {kind}-----\n\n{body}=abcd\n-----END PGP {kind}-----\n".encode()


GOOD = new(1, SESSION_KEY) + new(18, SEALED)


@EXAMPLES
@given(
    st.lists(st.tuples(st.sampled_from([old, new, partial]), st.integers(1, 15), st.binary(max_size=9000)))
)
def test_what_was_written_is_read(written: list[tuple[object, int, bytes]]) -> None:
    written = [(write if body else new, tag, body) for write, tag, body in written]
    stream = b"".join(write(tag, body) for write, tag, body in written)  # type: ignore[operator]
    if not written:
        with pytest.raises(NotPackets):
            parse(stream)
    else:
        assert parse(stream) == [Packet(tag, body) for _, tag, body in written]


@EXAMPLES
@given(st.integers(0, len(GOOD) - 1))
def test_a_cut_message_is_refused(size: int) -> None:
    with pytest.raises(NotPackets):
        recipients(armoured(GOOD[:size]))


@EXAMPLES
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(junk: bytes) -> None:
    for read in (parse, bare, recipients):
        try:
            read(junk)
        except NotPackets:
            continue


def test_the_recipients_of_a_message_are_its_session_keys() -> None:
    assert recipients(armoured(GOOD)) == ("0123456789ABCDEF",)
    assert recipients(armoured(new(1, SESSION_KEY) * 2 + new(20, SEALED))) == ("0123456789ABCDEF",) * 2


@pytest.mark.parametrize(
    "binary",
    [
        new(11, b"b\x00\x00\x00\x00\x00plaintext"),
        new(8, b"\x00compressed"),
        new(18, SEALED),
        new(1, SESSION_KEY),
        new(1, SESSION_KEY) + new(9, b"without integrity"),
        GOOD + new(11, b"b\x00\x00\x00\x00\x00plaintext"),
        new(11, b"b\x00\x00\x00\x00\x00plaintext") + GOOD,
        new(3, b"\x04\x09password") + new(18, SEALED),
        new(1, b"\x06" + SESSION_KEY[1:]) + new(18, SEALED),
        new(1, b"\x03") + new(18, SEALED),
        new(1, SESSION_KEY) + new(18, b""),
    ],
)
def test_anything_but_an_encrypted_message_is_refused(binary: bytes) -> None:
    with pytest.raises(NotPackets):
        recipients(armoured(binary))


@pytest.mark.parametrize(
    "message",
    [
        GOOD,
        armoured(GOOD, "SIGNATURE"),
        armoured(GOOD) + b"Naam: Kanarie\n",
        b"Naam: Kanarie\n" + armoured(GOOD),
        armoured(GOOD) * 2,
        armoured(GOOD).replace(b"\n\n", b"\nComment: x\n\n").replace(b"-----END", b"--END"),
        armoured(GOOD).replace(b"=abcd", b"=a!cd"),
    ],
)
def test_a_message_is_one_armour_alone(message: bytes) -> None:
    with pytest.raises(NotPackets):
        recipients(message)


def test_armour_in_a_letter_is_found_and_blocks_are_joined() -> None:
    block = armoured(GOOD, "PUBLIC KEY BLOCK").replace(b"\n", b"\r\n")
    assert bare(b"Beste,\r\nhier is onze sleutel.\r\n" + block + block) == GOOD * 2
    assert bare(GOOD) == GOOD
    with pytest.raises(NotPackets):
        bare(block.replace(b"-----END", b"----END"))
