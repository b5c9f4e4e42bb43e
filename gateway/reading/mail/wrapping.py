"""What a mail is wrapped in, S/MIME or OpenPGP, taken off layer by layer; whoever holds the keys opens each.

It promises that the sender, the thread and every other outer header stay as they were (whoever could encrypt
a mail proves nothing by it), that what looks wrapped and is damaged is `Damaged`, and that nothing here needs
a key. Opaque signatures are taken off, not judged: who may send is the gate's matter. Pure.
"""

import re
from dataclasses import dataclass
from typing import Literal

from gateway.reading.mail.mime import Part, tree
from gateway.reading.mail.signed import is_pkcs7, is_signed, signed_content

Wrapping = Literal["", "smime", "openpgp"]

DEEPEST = 4
"""Signed, enveloped, signed again, and one for luck: nobody honest wraps deeper."""

_FIELD = re.compile(rb"[^\r\n]+(?:\r?\n[ \t][^\r\n]*)*\r?\n?")


class Damaged(ValueError):
    """It claims to be wrapped, and is not as it should be."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What is left of a mail: with kind "" the whole mail, ready to be read, in `content`; else what is to be
    opened next, and in `outer` the mail that it stood in, without its body."""

    kind: Wrapping
    content: bytes
    outer: bytes = b""


def wrapping(part: Part) -> Wrapping:
    """What the outermost part of a mail is wrapped in; a signature counts, if it is around the content."""
    if _pgp(part) is not None:
        return "openpgp"
    return "smime" if is_pkcs7(part) else ""


def unwrapped(raw: bytes) -> Layer:
    """Take off all that needs no key. Raises Damaged."""
    for _ in range(DEEPEST):
        part, _ = tree(raw)
        message = _pgp(part)
        if message is not None:
            return Layer("openpgp", message, _head(raw))
        if not is_pkcs7(part):
            return Layer("", raw)
        der = part.content()
        try:
            if not is_signed(der):
                return Layer("smime", der, _head(raw))
            raw = rejoined(raw, signed_content(der))
        except ValueError:
            raise Damaged from None
    raise Damaged


def rejoined(outer: bytes, inner: bytes) -> bytes:
    """`inner` as a whole mail: how it is encoded comes from inside, everything else from outside.

    Only the subject may come from inside, where some programs hide it (RFC 9788 protects it there).
    """
    outside, _ = _split(outer)
    inside, body = _split(inner)
    subject = [field for field in inside if _name(field) == b"subject"][:1]
    kept = [
        field
        for field in outside
        if not _is_content(_name(field)) and not (subject and _name(field) == b"subject")
    ]
    fields = kept + subject + [field for field in inside if _is_content(_name(field))]
    return b"".join(field.rstrip(b"\r\n") + b"\r\n" for field in fields) + b"\r\n" + body


def _pgp(part: Part) -> bytes | None:
    """The message in PGP/MIME (RFC 3156 section 4), also where Exchange renamed it multipart/mixed; None if
    this is no such mail, nothing (and then it won't open) if it claims to be one and is not."""
    kinds = [child.content_type for child in part.children]
    if "application/pgp-encrypted" in kinds[:2]:
        for child in part.children[kinds.index("application/pgp-encrypted") + 1 :]:
            if child.content_type == "application/octet-stream":
                return child.content()
    return b"" if part.content_type == "multipart/encrypted" else None


def _split(mail: bytes) -> tuple[list[bytes], bytes]:
    end = re.search(rb"(?:\A|\r?\n)\r?\n", mail)
    head, body = (mail, b"") if end is None else (mail[: end.start()], mail[end.end() :])
    return _FIELD.findall(head), body


def _head(mail: bytes) -> bytes:
    return b"".join(_split(mail)[0])


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0].strip().lower()


def _is_content(name: bytes) -> bool:
    return name.startswith(b"content-") or name == b"mime-version"
