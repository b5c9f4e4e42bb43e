"""The certificate files that the configuration names: what we show to whom we call, and whom we trust.

It promises to find them by what they hold and not by a list, so that an adapter's new option is watched from
its first day.
"""

import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from pydantic import BaseModel

from gateway.sealing.keyfacts import KeyFlaw
from gateway.sealing.keyfiles import opened
from gateway.settings import Settings
from gateway.settings.files import named_files

LIMIT = 2 << 20
"""Bytes; a whole machine's authorities are some 250 kB."""

PUBLIC = 20
"""A file with more authorities than this is the public ones' list: one that ends there stops nobody."""

_BEGINS = re.compile(rb"-----BEGIN (X509 )?CERTIFICATE-----")
_SAYS_SO = frozenset({"ca", "cert"})


@dataclass(frozen=True, slots=True)
class NamedCertificate:
    """One file, by the setting that names it: `delivery.ca_file`, or `de-schoor.client_cert`."""

    setting: str
    path: Path

    def read(self, now: datetime) -> tuple[x509.Certificate | None, KeyFlaw | None]:
        """The certificate in it that decides until when the file is good, and what is wrong with it."""
        try:
            found = x509.load_pem_x509_certificates(_beginning(self.path))
        except FileNotFoundError:
            return None, KeyFlaw.MISSING
        except (OSError, ValueError):
            return None, KeyFlaw.UNREADABLE
        one = _deciding(found, now)
        if now < one.not_valid_before_utc:
            return one, KeyFlaw.NOT_YET_VALID
        return one, KeyFlaw.EXPIRED if now >= one.not_valid_after_utc else None


def parted(settings: Settings, options: Mapping[str, BaseModel]) -> Iterator[tuple[str, str]]:
    """The keys and the certificates beside them, by their settings, that do not belong together."""
    for place, model in options.items():
        named = dict(named_files(model))
        for field, value in named.items():
            key = field.replace("cert", "key")
            if key == field or key not in named:
                continue
            try:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.load_cert_chain(settings.path(value), settings.path(named[key]), password="")
            except (OSError, ValueError) as error:
                # What can't be read is told elsewhere.
                if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
                    yield f"{place}.{key}", f"{place}.{field}"


def named_certificates(settings: Settings, options: Mapping[str, BaseModel]) -> Iterator[NamedCertificate]:
    """Every file with certificates that a setting, or the option of an organisation's adapter, names; that of
    our listeners is not among them."""
    ours = settings.path(settings.smtp.tls_cert)
    sections = {
        name: section
        for name in type(settings).model_fields
        if isinstance(section := getattr(settings, name), BaseModel)
    }
    for place, model in (*sections.items(), *options.items()):
        for field, value in named_files(model):
            path = settings.path(value)
            if path != ours and (_SAYS_SO & set(field.split("_")) or _holds_one(path)):
                yield NamedCertificate(f"{place}.{field}", path)


def _holds_one(path: Path) -> bool:
    try:
        return bool(_BEGINS.search(_beginning(path)))
    except OSError:
        return False


def _beginning(path: Path) -> bytes:
    with opened(path) as file:
        return file.read(LIMIT)


def _deciding(found: list[x509.Certificate], now: datetime) -> x509.Certificate:
    """Of a chain that we show, what ends first. Of authorities, the first to end of those that still hold:
    an old one may stand beside the one after it; of the public ones, the last."""
    # Who trusts no authority trusts certificates that nobody signed: the present one and the one to come.
    pinned = all(one.issuer == one.subject for one in found)
    if not pinned and not _is_authority(found[0]):
        return min(found, key=lambda one: one.not_valid_after_utc)
    last = max(found, key=lambda one: one.not_valid_after_utc)
    if len(found) > PUBLIC:
        return last
    hold = [one for one in found if one.not_valid_before_utc <= now < one.not_valid_after_utc]
    return min(hold, key=lambda one: one.not_valid_after_utc, default=last)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return certificate.issuer == certificate.subject
