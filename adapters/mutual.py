"""TLS in which both sides show a certificate, for peers that are known by name.

It promises that the peer's chain leads to the one authority that was configured (not to the system's), that
its host name is right, that a pinned certificate is looked at before a byte of ours is sent, and TLS 1.2 or
newer.
"""

import ssl
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

from adapters.trust import is_pinned

Pin = Annotated[
    str,
    StringConstraints(to_lower=True, pattern=r"^[0-9A-Fa-f:]{64,95}$"),
    AfterValidator(lambda value: value.replace(":", "")),
]
"""The SHA-256 of a certificate, as an option has it."""


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
