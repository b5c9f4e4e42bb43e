"""DANE for SMTP (RFC 7672): is the certificate that a mail server shows the one that its TLSA records name?

It promises that only records which can prove something count (DANE-TA and DANE-EE; SHA-256, SHA-512 or the
whole), that with DANE-EE nothing else of the certificate matters (not its names, not its dates), that with
DANE-TA it must be for the server's name and signed by that authority, and that what can't be proven is not
accepted.
"""

import _ssl
import hashlib
import hmac
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from adapters.trust import client_context

TRUST_ANCHOR, END_ENTITY = 2, 3
# An authority must be one in every respect; of a server's certificate the names count: mail servers have
# always had odd ones.
_AUTHORITY = ExtensionPolicy.webpki_defaults_ca()
_SERVER = ExtensionPolicy.permit_all().require_present(
    x509.SubjectAlternativeName, Criticality.AGNOSTIC, None
)
_HASHES = {1: hashlib.sha256, 2: hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Tlsa:
    """One record that can prove something."""

    usage: int
    selector: int
    matching: int
    data: bytes

    def matches(self, certificate: x509.Certificate) -> bool:
        """Whether this is the certificate, or the key, that is meant."""
        if self.selector == 0:
            found = certificate.public_bytes(Encoding.DER)
        else:
            key = certificate.public_key()
            found = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if self.matching:
            found = _HASHES[self.matching](found).digest()
        return hmac.compare_digest(found, self.data)


def usable(records: Iterable[Any]) -> frozenset[Tlsa]:
    """Those of dnspython's TLSA records that count for SMTP (RFC 7672 section 3.1)."""
    return frozenset(
        Tlsa(record.usage, record.selector, record.mtype, record.cert)
        for record in records
        if record.usage in (TRUST_ANCHOR, END_ENTITY)
        and record.selector in (0, 1)
        and record.mtype in (0, *_HASHES)
    )


class DaneTrust:
    """Trusts what these records name. `names` are those by which the server may be called: its own and that
    of the domain whose mail it takes (RFC 7672 section 3.2.2)."""

    def __init__(self, records: frozenset[Tlsa], names: tuple[str, ...]) -> None:
        self._records, self._names = records, names

    def context(self) -> ssl.SSLContext:
        """Checks nothing by itself: `accepts` must be asked after the handshake."""
        context = client_context(None, None)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def accepts(self, connection: ssl.SSLObject | None) -> bool:
        """Whether the certificates that the server showed are those that are named."""
        try:
            chain = _shown(connection)
            return bool(chain) and (self._is_end_entity(chain[0]) or self._is_below_anchor(chain))
        except ValueError:
            # A certificate that can't be read.
            return False

    def _is_end_entity(self, leaf: x509.Certificate) -> bool:
        return any(record.usage == END_ENTITY and record.matches(leaf) for record in self._records)

    def _is_below_anchor(self, chain: list[x509.Certificate]) -> bool:
        anchors = [record for record in self._records if record.usage == TRUST_ANCHOR]
        whole = [
            x509.load_der_x509_certificate(one.data)
            for one in anchors
            if (one.selector, one.matching) == (0, 0)
        ]
        known = [one for one in (*chain[1:], *whole) if any(record.matches(one) for record in anchors)]
        if not known:
            return False
        builder = (
            PolicyBuilder().store(Store(known)).extension_policies(ca_policy=_AUTHORITY, ee_policy=_SERVER)
        )
        for name in self._names:
            try:
                builder.build_server_verifier(x509.DNSName(name)).verify(chain[0], chain[1:])
            except VerificationError:
                continue
            return True
        return False


def _shown(connection: ssl.SSLObject | None) -> list[x509.Certificate]:
    """The certificates of the server, its own first."""
    if connection is None:
        return []
    # `get_unverified_chain` is public from Python 3.13 on; below it was there already.
    inner: Any = connection if hasattr(connection, "get_unverified_chain") else connection._sslobj  # type: ignore[attr-defined]
    found = inner.get_unverified_chain() or []
    ders = (one if isinstance(one, bytes) else one.public_bytes(_ssl.ENCODING_DER) for one in found)
    return [x509.load_der_x509_certificate(der) for der in ders]
