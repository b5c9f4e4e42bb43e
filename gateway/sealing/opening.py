"""Opening: mail that somebody encrypted to the gateway becomes a readable mail again, in memory.

It promises that the sender, the thread and every other outer header stay as they were (whoever could
encrypt a mail proves nothing by it), and that what does not open is an `OpenError` without content.
Signatures inside are taken off, not judged: who may send is the gate's matter.
"""

import email
import re
from collections.abc import Sequence
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Protocol

from asn1crypto import cms

from gateway.errors import OpenError

# Signed, enveloped, signed again, and one for luck: nobody honest wraps deeper.
_DEEPEST = 4
_PKCS7 = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_PGP = re.compile(rb"application/pgp-encrypted", re.IGNORECASE)
_FIELD = re.compile(rb"[^\r\n]+(?:\r?\n[ \t][^\r\n]*)*\r?\n?")


class Opener(Protocol):
    """One private key of the gateway, as `gpg.PgpOpener` and `smime.SmimeOpener`. Safe in threads."""

    kind: str

    def open(self, ciphertext: bytes) -> bytes:
        """The MIME entity inside; raises `OpenError`."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


def open_mail(raw: bytes, openers: Sequence[Opener]) -> bytes:
    """The mail with its encryption and opaque signatures taken off; `raw` itself if there are none.

    Raises `OpenError` if it is encrypted and no opener opens it.
    """
    for _ in range(_DEEPEST):
        inner = _inside(_parsed(raw), openers)
        if inner is None:
            return raw
        raw = _rejoined(raw, inner)
    raise OpenError("a mail is wrapped too deep")


def is_encrypted(raw: bytes) -> bool:
    """Whether `open_mail` would need a key for this mail, or would find it damaged."""
    try:
        mail = _parsed(raw)
        if _pgp_message(mail) is not None:
            return True
        der = _pkcs7(mail)
        return der is not None and _cms_type(der) != "signed_data"
    except OpenError:
        return True


def _parsed(raw: bytes) -> Message:
    """The mail; its parts only if OpenPGP may be among them, since taking parts apart is what costs."""
    if _PGP.search(raw) is None:
        return BytesHeaderParser().parsebytes(raw)
    try:
        return email.message_from_bytes(raw)
    except RecursionError:
        raise OpenError("a mail has too many layers of parts") from None


def _inside(mail: Message, openers: Sequence[Opener]) -> bytes | None:
    message = _pgp_message(mail)
    if message is not None:
        return _opened(message, "openpgp", openers)
    der = _pkcs7(mail)
    if der is None:
        return None
    if _cms_type(der) == "signed_data":
        return _signed_content(der)
    return _opened(der, "smime", openers)


def _opened(ciphertext: bytes, kind: str, openers: Sequence[Opener]) -> bytes:
    for opener in openers:
        if opener.kind == kind:
            try:
                return opener.open(ciphertext)
            except OpenError:
                # It may be sealed for another of our keys, as during a rotation.
                continue
    raise OpenError(f"no key here opens this {kind} mail")


def _pgp_message(mail: Message) -> bytes | None:
    """The message in PGP/MIME (RFC 3156 section 4), also where Exchange renamed it multipart/mixed.

    None if this is no such mail; nothing (and then it won't open) if it claims to be one and is not.
    """
    payload = mail.get_payload()
    parts = [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []
    kinds = [part.get_content_type() for part in parts]
    if "application/pgp-encrypted" in kinds[:2]:
        for part in parts[kinds.index("application/pgp-encrypted") + 1 :]:
            if part.get_content_type() == "application/octet-stream":
                return _decoded(part)
    return b"" if mail.get_content_type() == "multipart/encrypted" else None


def _pkcs7(mail: Message) -> bytes | None:
    """The CMS object of an S/MIME mail; some programs call it application/octet-stream, named .p7m."""
    kind = mail.get_content_type()
    if kind in _PKCS7 or (kind == "application/octet-stream" and _file_name(mail).endswith(".p7m")):
        return _decoded(mail)
    return None


def _file_name(part: Message) -> str:
    try:
        return (part.get_filename() or "").lower()
    # A name in an unknown character set is no name.
    except (LookupError, ValueError):
        return ""


def _decoded(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _cms_type(der: bytes) -> str:
    try:
        return str(cms.ContentInfo.load(der)["content_type"].native)
    except (ValueError, TypeError):
        raise OpenError("an S/MIME part is damaged") from None


def _signed_content(der: bytes) -> bytes:
    """What an opaque signature was put around (RFC 5652 section 5)."""
    try:
        content = cms.ContentInfo.load(der)["content"]["encap_content_info"]["content"].native
    except (ValueError, TypeError, KeyError):
        content = None
    if not isinstance(content, bytes):
        raise OpenError("an S/MIME signature is damaged")
    return content


def _rejoined(outer: bytes, inner: bytes) -> bytes:
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


def _split(mail: bytes) -> tuple[list[bytes], bytes]:
    end = re.search(rb"(?:\A|\r?\n)\r?\n", mail)
    head, body = (mail, b"") if end is None else (mail[: end.start()], mail[end.end() :])
    return _FIELD.findall(head), body


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0].strip().lower()


def _is_content(name: bytes) -> bool:
    return name.startswith(b"content-") or name == b"mime-version"
