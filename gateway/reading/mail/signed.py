"""An opaque signature (S/MIME, CMS signed-data): what it was put around, without a look at who signed.

Only the few elements on the way there are looked at, and each piece of the content once: a library takes time
and memory for every piece, of which there may be millions. What is not as it should be is a `ValueError`
without content.
"""

from gateway.reading.mail.mime import Part

PIECES = 200_000

_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"


def is_pkcs7(part: Part) -> bool:
    """Whether a part says that it is S/MIME: signed or encrypted, and no signature beside a mail.

    Some programs call it application/octet-stream, named .p7m.
    """
    if part.content_type in _PKCS7:
        return True
    return part.content_type == "application/octet-stream" and part.file_name.lower().endswith(".p7m")


def is_signed(der: bytes) -> bool:
    """Whether a CMS object is signed-data, and not encrypted. Raises ValueError if it is no CMS object."""
    try:
        return _kind(der)[0] == _SIGNED_DATA
    except IndexError:
        raise ValueError("not as CMS is") from None


def signed_content(der: bytes) -> bytes:
    """What signed-data (RFC 5652, 5.1) was put around. Raises ValueError."""
    try:
        return _signed_content(der)
    except IndexError:
        raise ValueError("not as CMS is") from None


def _kind(der: bytes) -> tuple[bytes, int]:
    """The type of a CMS object, and where its content begins."""
    at = _into(der, 0, 0x30)
    start, size = _length(der, at)
    if der[at] != 0x06 or size < 0:
        raise ValueError("not as CMS is")
    return der[start : start + size], start + size


def _signed_content(der: bytes) -> bytes:
    kind, at = _kind(der)
    if kind != _SIGNED_DATA:
        raise ValueError("no signed-data")
    at = _into(der, _into(der, at, 0xA0), 0x30)
    # Version and digest algorithms stand before the content, and its type within.
    at = _into(der, _past(der, _past(der, at)), 0x30)
    at = _into(der, _past(der, at), 0xA0)
    if der[at] == 0x04:
        start, size = _length(der, at)
        return der[start : start + size]
    at = _into(der, at, 0x24)
    pieces: list[bytes] = []
    while at < len(der) and der[at] == 0x04:
        if len(pieces) >= PIECES:
            raise ValueError("more pieces than anybody sends")
        start, size = _length(der, at)
        at = start + size
        pieces.append(der[start:at])
    return b"".join(pieces)


def _into(der: bytes, at: int, tag: int) -> int:
    if der[at] != tag:
        raise ValueError("not as CMS is")
    return _length(der, at)[0]


def _past(der: bytes, at: int) -> int:
    """Where the element after this one begins; within one without a length no other may be so."""
    start, size = _length(der, at)
    if size >= 0:
        return start + size
    while der[start]:
        start, size = _length(der, start)
        start += max(size, 0)
    return start + 2


def _length(der: bytes, at: int) -> tuple[int, int]:
    """Where the contents of an element begin, and how many bytes they are: -1 if that is not said."""
    size = der[at + 1]
    if size < 0x80:
        return at + 2, size
    digits = size & 0x7F
    if digits > 4:
        raise ValueError("not as CMS is")
    start = at + 2 + digits
    return start, int.from_bytes(der[at + 2 : start]) if digits else -1
