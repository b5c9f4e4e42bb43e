"""What stands in a wrapping: a signature that is put around a mail, or a winmail.dat.

A signature is taken off and not judged: who may send is the gate's matter, and a mail signed by somebody
unknown is still that person's mail. What can't be unwrapped stays as it came.
"""

from dataclasses import replace

from gateway.reading.mail.mime import Part, new_part, tree
from gateway.reading.mail.winmail import winmail

WRAPPINGS = 4
"""How many wrappings of one mail are opened: signed, signed again by a gateway, a winmail.dat in it."""

PIECES = 200_000

SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


def is_winmail(part: Part) -> bool:
    """Whether a part says that it is a winmail.dat."""
    return part.content_type in _TNEF or part.file_name.lower() == "winmail.dat"


def is_pkcs7(part: Part) -> bool:
    """Whether a part says that it is S/MIME: signed or encrypted, and no signature beside a mail."""
    if part.content_type in {"application/pkcs7-mime", "application/x-pkcs7-mime"}:
        return True
    return part.content_type == "application/octet-stream" and part.file_name.lower().endswith(".p7m")


def unwrapped(part: Part) -> Part:
    """The same mail with what stood in its wrappings as parts of it."""
    return _unwrapped(part, [WRAPPINGS])


def _unwrapped(part: Part, left: list[int]) -> Part:
    if part.children:
        return replace(part, children=tuple(_unwrapped(child, left) for child in part.children))
    if not (is_pkcs7(part) or is_winmail(part)) or left[0] <= 0:
        return part
    left[0] -= 1
    inside = _signed(part.content()) if is_pkcs7(part) else _from_winmail(part.content())
    return replace(part, children=tuple(_unwrapped(child, left) for child in inside)) if inside else part


def _from_winmail(content: bytes) -> tuple[Part, ...]:
    """The text of a winmail.dat, of one kind only, and its attachments."""
    try:
        found = winmail(content)
    except ValueError:
        return ()
    if found.html:
        parts = [new_part("text/html; charset=utf-8", found.html.encode("utf-8", "replace"))]
    elif found.plain:
        parts = [new_part("text/plain; charset=utf-8", found.plain.encode("utf-8", "replace"))]
    else:
        parts = [new_part("text/rtf", found.rtf)] if found.rtf else []
    return (*parts, *(new_part("application/octet-stream", f.content, f.name or "-") for f in found.files))


def _signed(content: bytes) -> tuple[Part, ...]:
    """The mail in an opaque signature (RFC 8551, 3.5.2)."""
    try:
        inner = signed_content(content)
    except (ValueError, IndexError):
        return ()
    return (tree(inner)[0],) if inner else ()


def signed_content(der: bytes) -> bytes:
    """What CMS signed-data (RFC 5652, 5.1) was put around. Raises ValueError or IndexError.

    Only the few elements on the way are looked at, and each piece of the content once: a library takes time
    and memory for every piece, of which there may be millions.
    """
    at = _into(der, 0, 0x30)
    if der[at : at + len(SIGNED_DATA)] != SIGNED_DATA:
        raise ValueError("no signed-data")
    at = _into(der, _into(der, at + len(SIGNED_DATA), 0xA0), 0x30)
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
