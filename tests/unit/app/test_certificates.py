"""Every certificate file that the configuration names is watched: what we show, and whom we trust."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel

from gateway.app.inventory import PUBLIC, NamedCertificate, named_certificates
from gateway.errors import ConfigErrors
from gateway.sealing.keyfacts import KeyFlaw
from gateway.settings import load
from gateway.settings.formats import pipes
from tests.story.place import Place

NOW = datetime(2026, 11, 30, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = ec.generate_private_key(ec.SECP256R1())


class Options(BaseModel):
    """Of an adapter that nobody here knows."""

    way_in: Path
    client_cert: Path | None = None
    folder: Path = Path("data")
    secret: Path = Path("keys/gateway/digest.secret")


def shown(*days: int) -> bytes:
    """A certificate for a name, and those of authorities above it, which end so many days from now."""
    return made(days[0], authority=False) + authorities(*days[1:])


def authorities(*days: int) -> bytes:
    """Authorities, each of which ends so many days from now."""
    return b"".join(made(day, authority=True) for day in days)


def made(ends: int, *, begins: int = -900, authority: bool, pinned: bool = False) -> bytes:
    """A certificate; one that is `pinned` nobody signed."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Name {ends}")])
    above = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Above")])
    issuer = name if authority or pinned else above
    draft = x509.CertificateBuilder(issuer, name, KEY.public_key(), x509.random_serial_number())
    draft = draft.not_valid_before(NOW + begins * DAY).not_valid_after(NOW + ends * DAY)
    draft = draft.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    return draft.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("content", "ends", "flaw"),
    [
        (shown(40), 40, None),
        (shown(40, 20), 20, None),
        (shown(40, -1), -1, KeyFlaw.EXPIRED),
        (shown(-2), -2, KeyFlaw.EXPIRED),
        (made(9, begins=1, authority=False), 9, KeyFlaw.NOT_YET_VALID),
        (authorities(-5, 30, 400), 30, None),
        (authorities(-5, -9), -5, KeyFlaw.EXPIRED),
        (authorities(*range(1, PUBLIC + 3)), PUBLIC + 2, None),
        (made(-5, authority=False, pinned=True) + made(30, authority=False, pinned=True), 30, None),
        (made(-5, authority=False, pinned=True), -5, KeyFlaw.EXPIRED),
        (b"nothing of the kind", None, KeyFlaw.UNREADABLE),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None, KeyFlaw.UNREADABLE),
        (None, None, KeyFlaw.MISSING),
    ],
    ids=[
        *("shown", "an authority above ends first", "an authority above ended", "ended", "not yet"),
        *("an old authority beside two", "two old authorities", "the public ones"),
        *("the next of a pinned one", "a pinned one ended", "no certificate"),
        *("a broken one", "no file"),
    ],
)
def test_when_a_file_ends(
    tmp_path: Path, content: bytes | None, ends: int | None, flaw: KeyFlaw | None
) -> None:
    path = tmp_path / "some.pem"
    if content is not None:
        path.write_bytes(content)
    certificate, found = NamedCertificate("some.file", path).read(NOW)
    assert found == flaw
    assert (certificate.not_valid_after_utc if certificate else None) == (
        NOW + ends * DAY if ends is not None else None
    )


def test_files_are_found_by_what_they_hold(place: Place) -> None:
    options = Options(way_in=Path("keys/tls/ca.pem"), client_cert=Path("keys/not-there.pem"))
    found = named_certificates(load(place.directory), {"een-gemeente": options})
    assert {each.setting for each in found} == {
        "delivery.ca_file",
        "een-gemeente.way_in",
        "een-gemeente.client_cert",
    }


@pytest.mark.parametrize("key", ["smtp.client_ca", "delivery.ca_file", "imap.password_file"])
def test_a_pipe_in_the_place_of_a_file_keeps_nobody_waiting(place: Place, key: str) -> None:
    os.mkfifo(place.directory / "pipe")
    section, _, name = key.partition(".")
    path = place.directory / "config" / "inbeeld.toml"
    text = re.sub(rf"(?m)^{name} = .*\n", "", path.read_text())
    path.write_text(re.sub(rf"(?m)^\[{section}\]\n", rf'\g<0>{name} = "pipe"\n', text))
    with pytest.raises(ConfigErrors, match=rf"{key}: names a pipe or a device"):
        load(place.directory)


def test_a_pipe_in_the_place_of_an_adapters_file_is_told(place: Place) -> None:
    os.mkfifo(place.directory / "pipe")
    settings = load(place.directory)
    [wrong] = pipes("organisations.toml", "poort.options", Options(way_in=Path("pipe")), settings.path)
    assert wrong.key == "poort.options.way_in"
    found = NamedCertificate("poort.way_in", place.directory / "pipe").read(NOW)
    assert found == (None, KeyFlaw.UNREADABLE)
