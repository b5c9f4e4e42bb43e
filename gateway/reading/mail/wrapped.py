"""What stands in a wrapping: a signature that is put around a mail, or a winmail.dat.

A signature is taken off and not judged: who may send is the gate's matter, and a mail signed by somebody
unknown is still that person's mail. What can't be unwrapped stays as it came.
"""

from dataclasses import replace

from gateway.reading.mail.mime import Part, new_part, tree
from gateway.reading.mail.winmail import winmail

WRAPPINGS = 4
"""How many wrappings of one mail are opened: signed, signed again by a gateway, a winmail.dat in it."""

_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
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
    if _SIGNED_DATA not in content[:40]:
        return ()
    # Loaded when the first such mail comes.
    from asn1crypto import cms

    try:
        signed = cms.ContentInfo.load(content)["content"]
        held = signed["encap_content_info"]["content"]
        inner = _octets(held.contents) if held.method else held.contents
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return ()
    return (tree(inner)[0],) if inner else ()


def _octets(contents: bytes) -> bytes:
    """The bytes of an octet string that came in pieces (X.690, 8.7.3), each looked at once."""
    pieces, at = [], 0
    while at + 2 <= len(contents) and contents[at] == 0x04:
        size = contents[at + 1]
        at += 2
        if size & 0x80:
            digits = size & 0x7F
            size = int.from_bytes(contents[at : at + digits])
            at += digits
        pieces.append(contents[at : at + size])
        at += size
    return b"".join(pieces)
