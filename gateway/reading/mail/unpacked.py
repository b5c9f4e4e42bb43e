"""What stands in a wrapping: a signature that is put around a mail, or a winmail.dat.

A signature is taken off and not judged: who may send is the gate's matter, and a mail signed by somebody
unknown is still that person's mail. What can't be unwrapped stays as it came.
"""

from dataclasses import replace

from gateway.reading.mail.mime import Part, new_part, tree
from gateway.reading.mail.signed import is_pkcs7, signed_content
from gateway.reading.mail.winmail import winmail

WRAPPINGS = 4
"""How many wrappings of one mail are opened: signed, signed again by a gateway, a winmail.dat in it."""

_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


def is_winmail(part: Part) -> bool:
    """Whether a part says that it is a winmail.dat."""
    return part.content_type in _TNEF or part.file_name.lower() == "winmail.dat"


def unpacked(part: Part) -> Part:
    """The same mail with what stood in its wrappings as parts of it."""
    return _unpacked(part, [WRAPPINGS])


def _unpacked(part: Part, left: list[int]) -> Part:
    if part.children:
        return replace(part, children=tuple(_unpacked(child, left) for child in part.children))
    if not (is_pkcs7(part) or is_winmail(part)) or left[0] <= 0:
        return part
    left[0] -= 1
    inside = _signed(part.content()) if is_pkcs7(part) else _from_winmail(part.content())
    return replace(part, children=tuple(_unpacked(child, left) for child in inside)) if inside else part


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
    except ValueError:
        return ()
    return (tree(inner)[0],) if inner else ()
