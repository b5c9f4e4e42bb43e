"""The outer structure of OpenPGP data: which packets it consists of (RFC 4880 section 4, RFC 9580).

It promises to understand the whole input or to refuse it: armour with nothing beside it, every length,
partial lengths too. What is inside a packet is read only as far as the key id of an encrypted session key.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from enum import IntEnum


class Tag(IntEnum):
    """The packets the gateway has a reason to know (RFC 4880 section 4.3)."""

    SESSION_KEY = 1
    SIGNATURE = 2
    SECRET_KEY = 5
    PUBLIC_KEY = 6
    SECRET_SUBKEY = 7
    USER_ID = 13
    PUBLIC_SUBKEY = 14
    # Encrypted with integrity protection: SEIPD, and the AEAD packet of GnuPG 2.3 and later.
    PROTECTED_DATA = 18
    AEAD_DATA = 20


class NotPackets(ValueError):
    """The data is not a whole sequence of OpenPGP packets."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet: `tag` may be outside `Tag`; `body` is whole, partial lengths joined."""

    tag: int
    body: bytes


_ARMOUR = re.compile(
    rb"-----BEGIN PGP (?P<kind>[A-Z ]+)-----[ \t]*\r?\n"
    rb"(?:[A-Za-z-]+: [^\r\n]*\r?\n)*[ \t]*\r?\n"
    rb"(?P<body>[A-Za-z0-9+/=\s]*)-----END PGP (?P=kind)-----"
)
# The checksum of the armour, which RFC 9580 section 6.1 tells readers to ignore.
_CHECKSUM = re.compile(rb"\n=[A-Za-z0-9+/]{4}\s*\Z")


def bare(data: bytes) -> bytes:
    """The binary form of `data`, which may be armoured, in several blocks; raises `NotPackets`.

    Text around a block is allowed in key files, which people send with a word of greeting.
    """
    blocks = [match["body"] for match in _ARMOUR.finditer(data)]
    if len(blocks) != data.count(b"-----BEGIN PGP "):
        raise NotPackets("damaged armour")
    if not blocks:
        return data
    try:
        return b"".join(
            base64.b64decode(b"".join(_CHECKSUM.sub(b"", block).split()), validate=True) for block in blocks
        )
    except binascii.Error:
        raise NotPackets("damaged armour") from None


def parse(data: bytes) -> list[Packet]:
    """The packets of binary `data`; raises `NotPackets` unless they fill it exactly."""
    packets: list[Packet] = []
    at = 0
    while at < len(data):
        first = data[at]
        if not first & 0x80:
            raise NotPackets("no packet header")
        if first & 0x40:
            body, at = _new_body(data, at + 1)
            packets.append(Packet(first & 0x3F, body))
        else:
            body, at = _old_body(data, at + 1, first & 0x03)
            packets.append(Packet((first >> 2) & 0x0F, body))
    if not packets:
        raise NotPackets("nothing there")
    return packets


def recipients(message: bytes) -> tuple[str, ...]:
    """The key ids an armoured message is encrypted to, if it is nothing but an encrypted message.

    Raises `NotPackets` unless it is one armour block, alone, holding version 3 session key packets and
    then exactly one integrity-protected packet.
    """
    block = _ARMOUR.fullmatch(message.strip())
    if block is None or block["kind"] != b"MESSAGE":
        raise NotPackets("not one armoured message")
    *heads, last = parse(bare(message))
    if not heads or last.tag not in (Tag.PROTECTED_DATA, Tag.AEAD_DATA) or len(last.body) < 2:
        raise NotPackets("not an encrypted message")
    if any(head.tag != Tag.SESSION_KEY or len(head.body) < 10 or head.body[0] != 3 for head in heads):
        raise NotPackets("not an encrypted message")
    return tuple(head.body[1:9].hex().upper() for head in heads)


def _old_body(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    """RFC 4880 section 4.2.1; an indeterminate length (3) runs to the end."""
    if kind == 3:
        return data[at:], len(data)
    size = 1 << kind
    return _take(data, at + size, int.from_bytes(_take(data, at, size)[0], "big"))


def _new_body(data: bytes, at: int) -> tuple[bytes, int]:
    """RFC 4880 section 4.2.2: one, two or five octet lengths, and partial ones before the last."""
    chunks: list[bytes] = []
    while True:
        first = _take(data, at, 1)[0][0]
        partial = False
        if first < 192:
            length, at = first, at + 1
        elif first < 224:
            length, at = ((first - 192) << 8) + _take(data, at + 1, 1)[0][0] + 192, at + 2
        elif first == 255:
            length, at = int.from_bytes(_take(data, at + 1, 4)[0], "big"), at + 5
        else:
            length, at, partial = 1 << (first & 0x1F), at + 1, True
        chunk, at = _take(data, at, length)
        chunks.append(chunk)
        if not partial:
            return b"".join(chunks), at


def _take(data: bytes, at: int, size: int) -> tuple[bytes, int]:
    if at + size > len(data):
        raise NotPackets("cut short")
    return data[at : at + size], at + size
