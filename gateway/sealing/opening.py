"""Opening: mail that somebody encrypted to the gateway becomes a readable mail again, in memory.

It promises that content passes through pipes only, never a file; that the sender, the thread and every
other outer header stay as they were (whoever could encrypt a mail proves nothing by it); that only
integrity-protected OpenPGP is accepted; and that what does not open is an `OpenError` without content.
Signatures inside are taken off, not judged: who may send is the gate's matter.
"""

import email
import re
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Protocol

from asn1crypto import cms

from gateway.errors import OpenError
from gateway.sealing.engine import EngineError, Finished, run
from gateway.sealing.gpghome import OFFLINE, QUIET, UNLOCKED, temporary_home
from gateway.sealing.keyfiles import read_private

# Signed, enveloped, signed again, and one for luck: nobody honest wraps deeper.
_DEEPEST = 4
# A mail of 10 MiB may hold compressed data; what it unfolds to is bounded (DESIGN chapter 10).
_LARGEST = 32 * 1024 * 1024
_PKCS7 = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_PGP = re.compile(rb"application/pgp-encrypted", re.IGNORECASE)
_FIELD = re.compile(rb"[^\r\n]+(?:\r?\n[ \t][^\r\n]*)*\r?\n?")


class Opener(Protocol):
    """One private key of the gateway. Safe to use from several threads."""

    kind: str

    def open(self, ciphertext: bytes) -> bytes:
        """The MIME entity inside; raises `OpenError`."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class PgpOpener:
    """Opens OpenPGP messages with gpg. The private key file must have no passphrase and mode 0600."""

    kind = "openpgp"

    def __init__(self, private_key_file: Path, gpg_home_root: Path, *, gpg: str = "gpg") -> None:
        self._file = private_key_file
        self._root = gpg_home_root
        self._gpg = gpg
        self._lock = threading.Lock()
        self._held = ExitStack()
        self._home: Path | None = None

    def open(self, ciphertext: bytes) -> bytes:
        """The content of an armoured or binary OpenPGP message."""
        done = self._run(
            ciphertext,
            *UNLOCKED,
            *("--trust-model", "always", "--pinentry-mode", "error"),
            *("--max-output", str(_LARGEST), "--decrypt"),
        )
        if not done.said("DECRYPTION_OKAY") or not done.said("GOODMDC") or done.said("DECRYPTION_FAILED"):
            raise OpenError("an OpenPGP message does not open with this key")
        # The exit code also complains of a signature nobody here can check, so that alone is no reason.
        # When the limit is reached gpg cuts the output off, and tells so in words only.
        if done.code != 0 and (not done.said("ERRSIG") or b"handle plaintext failed" in done.errors):
            raise OpenError("an OpenPGP message is too large or damaged")
        return done.output

    def close(self) -> None:
        """Stop the agent and remove the key from gpg's home; the opener may be used again after it."""
        with self._lock:
            self._home = None
            self._held.close()

    def _run(self, content: bytes, *arguments: str) -> Finished:
        try:
            return run((self._gpg, "--homedir", self._ready(), *QUIET, *OFFLINE, *arguments), content)
        except (EngineError, OSError):
            raise OpenError("gpg failed") from None

    def _ready(self) -> Path:
        """The home with the key in it, made at the first use."""
        with self._lock:
            if self._home is None:
                key = read_private(self._file)
                home = self._held.enter_context(temporary_home(self._root))
                done = run((self._gpg, "--homedir", home, *QUIET, *OFFLINE, "--import"), key)
                if not done.said("IMPORT_OK"):
                    self._held.close()
                    raise OpenError(f"{self._file.name}: gpg can't use this private key")
                self._home = home
            return self._home


class SmimeOpener:
    """Opens S/MIME with openssl, which also reads AES-GCM, OAEP and elliptic curves (RFC 5083, 8551)."""

    kind = "smime"

    def __init__(self, certificate_file: Path, private_key_file: Path, *, openssl: str = "openssl") -> None:
        # openssl reads the file itself; this refuses one that others may read.
        read_private(private_key_file)
        self._openssl = openssl
        self._files = ("-recip", certificate_file, "-inkey", private_key_file)

    def open(self, ciphertext: bytes) -> bytes:
        """The content of an EnvelopedData or AuthEnvelopedData, DER or BER."""
        try:
            done = run((self._openssl, "cms", "-decrypt", "-inform", "DER", *self._files), ciphertext)
        except EngineError:
            raise OpenError("openssl failed") from None
        # What stands on the output of a failed call was not verified.
        if done.code != 0 or not done.output:
            raise OpenError("an S/MIME message does not open with this key")
        return done.output

    def close(self) -> None:
        """Nothing is held between two calls."""


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
