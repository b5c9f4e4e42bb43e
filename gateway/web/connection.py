"""A connection that tells which certificate its client showed.

uvicorn checks client certificates, but passes nothing of them on; each request of the connection finds the
SHA-256 fingerprint (hex) in its state.
"""

import asyncio
import hashlib
import ssl
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from gateway.web.api.access import CERTIFICATE


class Connection(H11Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`."""
        self.app_state: dict[str, Any] = {**self.app_state, CERTIFICATE: _fingerprint(transport)}
        super().connection_made(transport)


def _fingerprint(transport: asyncio.Transport) -> str:
    tls = transport.get_extra_info("ssl_object")
    shown = tls.getpeercert(binary_form=True) if isinstance(tls, ssl.SSLObject | ssl.SSLSocket) else None
    return hashlib.sha256(shown).hexdigest() if shown else ""
