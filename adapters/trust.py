"""Which server certificate we trust, and how; and TLS in which both sides show one.

`verify` trusts a certificate whose chain and host name are right; `pinned:<sha256>` trusts exactly one
certificate and looks at nothing else. It promises TLS 1.2 or newer either way, and that there is no third
way: whatever can't be proven is not trusted. Where a peer is known by name (`mutual_context`), its chain
leads to the one authority that was configured and not to the system's, its host name is right, and a pinned
certificate is looked at before a byte of ours is sent.
"""

import hashlib
import hmac
import re
import ssl
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

_PIN = re.compile(r"[0-9a-f]{64}")

Pin = Annotated[
    str,
    StringConstraints(to_lower=True, pattern=r"^[0-9A-Fa-f:]{64,95}$"),
    AfterValidator(lambda value: value.replace(":", "")),
]
"""The SHA-256 of a certificate, as an option has it."""


def parse_pin(tls: str) -> str | None:
    """The SHA-256 (64 lower-case hex digits) in `pinned:…`, or None for `verify`; ValueError for the rest.

    Colons and capitals, as `openssl x509 -fingerprint -sha256` prints them, are accepted.
    """
    if tls == "verify":
        return None
    word, _, digest = tls.partition(":")
    digest = digest.replace(":", "").strip().lower()
    if word != "pinned" or not _PIN.fullmatch(digest):
        raise ValueError('must be "verify" or "pinned:<sha256 of the certificate, 64 hex digits>"')
    return digest


def client_context(pin: str | None, ca_file: Path | None) -> ssl.SSLContext:
    """A context for a client; `ca_file` (PEM) adds to the authorities of the system.

    Raises OSError or ssl.SSLError if `ca_file` can't be read. With a pin the library checks nothing:
    `is_pinned` must be asked after the handshake and before anything is said.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if pin is not None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


def is_pinned(connection: ssl.SSLObject | None, pin: str) -> bool:
    """Whether the certificate the server showed is the pinned one."""
    shown = connection.getpeercert(binary_form=True) if connection is not None else None
    return shown is not None and hmac.compare_digest(hashlib.sha256(shown).hexdigest(), pin)


def mutual_context(ca_file: Path, cert: Path, key: Path, pin: str | None = None) -> ssl.SSLContext:
    """A client's context; `pin` is the SHA-256 of the peer's certificate (64 lower-case hex digits).

    Raises OSError or ssl.SSLError if a file can't be read or the key is not the certificate's. A handshake
    with another certificate than the pinned one fails with ssl.SSLCertVerificationError.
    """
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key, password=_no_password)
    if pin is not None:
        context.sslobject_class = _pinned(pin)
    return context


def _pinned(pin: str) -> type[ssl.SSLObject]:
    class PinnedObject(ssl.SSLObject):
        """Looks at the certificate at the end of the handshake, which nothing may overtake."""

        def do_handshake(self) -> None:
            super().do_handshake()
            if not is_pinned(self, pin):
                raise ssl.SSLCertVerificationError("not the pinned certificate")

    return PinnedObject


def _no_password(*_: Any) -> str:
    # Without this, OpenSSL would ask on the terminal for the password of an encrypted key.
    return ""
