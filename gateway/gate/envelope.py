"""The envelope of a mail: what the SMTP session proved about it, packed together with its bytes.

Promises: `unpack(pack(envelope, raw)) == (envelope, raw)` for every envelope and every content; anything that
`pack` did not write is refused with `OpenError`, never half understood. The packed form is what gets sealed,
so that who sent a mail is as unreadable at rest as the mail itself.
"""

import json
import struct
from dataclasses import dataclass, fields

from gateway.errors import OpenError

_MAGIC = b"IBMAIL1\n"
_LENGTH = struct.Struct(">I")
_MAX_HEADER = 65536


@dataclass(frozen=True, slots=True)
class Envelope:
    """One accepted transaction; texts are as the client gave them, a null return path is "".

    `tls` is the protocol version ("TLSv1.3") or None; `client_certificate` is the SHA-256 of the DER form in
    lower-case hex, of a certificate that TLS verified; `login` is the name AUTH proved.
    """

    mail_from: str
    rcpt_tos: tuple[str, ...]
    peer_ip: str
    helo: str
    tls: str | None = None
    trusted_relay: bool = False
    client_certificate: str | None = None
    login: str | None = None
    smtputf8: bool = False


_TEXT = {"mail_from", "peer_ip", "helo"}
_TEXT_OR_NONE = {"tls", "client_certificate", "login"}
_FLAGS = {"trusted_relay", "smtputf8"}
_NAMES = {field.name for field in fields(Envelope)}


def pack(envelope: Envelope, raw: bytes) -> bytes:
    """The envelope and the mail as one blob: magic, length (4 bytes, big-endian), JSON header, raw bytes."""
    values = {name: getattr(envelope, name) for name in _NAMES}
    header = json.dumps(values, separators=(",", ":"), sort_keys=True).encode("ascii")
    if len(header) > _MAX_HEADER:
        raise OpenError("the envelope is too large to pack")
    return b"".join((_MAGIC, _LENGTH.pack(len(header)), header, raw))


def unpack(blob: bytes) -> tuple[Envelope, bytes]:
    """What `pack` put together; `OpenError` (without any of the content) for everything else."""
    start = len(_MAGIC) + _LENGTH.size
    if len(blob) < start or not blob.startswith(_MAGIC):
        raise OpenError("not a packed mail of this version")
    (length,) = _LENGTH.unpack_from(blob, len(_MAGIC))
    if length > _MAX_HEADER or len(blob) < start + length:
        raise OpenError("a packed mail with a wrong length")
    try:
        header = json.loads(blob[start : start + length].decode("ascii"))
    except ValueError:
        raise OpenError("a packed mail with an unreadable envelope") from None
    return _envelope(header), blob[start + length :]


def _envelope(header: object) -> Envelope:
    if not isinstance(header, dict) or set(header) != _NAMES:
        raise OpenError("a packed mail with other envelope fields")
    rcpt_tos = header["rcpt_tos"]
    right = (
        all(isinstance(header[name], str) for name in _TEXT)
        and all(header[name] is None or isinstance(header[name], str) for name in _TEXT_OR_NONE)
        and all(isinstance(header[name], bool) for name in _FLAGS)
        and isinstance(rcpt_tos, list)
        and all(isinstance(address, str) for address in rcpt_tos)
    )
    if not right:
        raise OpenError("a packed mail with a wrong type in its envelope")
    return Envelope(**{**header, "rcpt_tos": tuple(rcpt_tos)})
