"""What a gateway seals for an organisation, its own `inbeeld collect` opens: in each of the three formats."""

import functools
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pysequoia
import pytest
from joserfc import jwe as joserfc_jwe

from gateway.cli.collect import OWN_GPG, Unsealing
from gateway.cli.mailboxclient import CollectedItem
from gateway.errors import ConfigError, Forged, OpenError
from gateway.sealing import jwe, openpgp
from gateway.sealing.engine import run
from gateway.sealing.jwe import JwsSigner
from gateway.sealing.keyfacts import Sealed
from gateway.sealing.keyring import Signers, sealer_for
from gateway.sealing.payload import Aanmelding, as_json, as_mime
from gateway.sealing.pgpkeys import OpenPgpSigner
from gateway.sealing.smime import SmimeSigner, generate_recipient
from tests.moments import MONDAY
from tests.programs import program

KENMERK = "IB-080K-NNQD"
ADDRESS = "aanmeldingen@organisatie.example"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
REFERRAL = Aanmelding(
    kenmerk=KENMERK,
    naam="Fatima Voorbeeld",
    telefoon="+31612345678",
    wijk="De Werven",
    praktijk="Filmwijk",
    ontvangen=MONDAY,
    uiterlijk=MONDAY + timedelta(days=3),
)


def private(path: Path, content: bytes) -> Path:
    path.touch(0o600)
    path.write_bytes(content)
    return path


@functools.cache
def signers(name: str = "gateway") -> Signers:
    """What the gateway signs with, or somebody else."""
    program("gpg", "gnupg")
    begins, ends = datetime.now(UTC) - timedelta(days=30), MONDAY + timedelta(days=365)
    address = f"{name}@handover.example"
    with tempfile.TemporaryDirectory() as home:
        _, private, _ = openpgp.generate(Path(home), name, address, ends, created=begins, signing=True)
    return Signers(
        OpenPgpSigner.of(private.encode()), SmimeSigner.generate(address, begins), JwsSigner.generate(ends)
    )


def public(format: str, by: Signers) -> bytes:
    """What receivers verify with."""
    assert by.openpgp
    assert by.smime
    assert by.jwe
    return {"openpgp": by.openpgp.public, "smime": by.smime.public_pem, "jwe": by.jwe.public_jwk}[format]


def ours(format: str) -> bytes:
    return public(format, signers())


def sealed(format: str, folder: Path, by: Signers | None = None) -> tuple[Sealed, Path]:
    """The referral as an organisation gets it, and its private key."""
    ends = MONDAY + timedelta(days=365)
    file = folder / "public"
    if format == "jwe":
        content, secret, fingerprint = jwe.generate()
    elif format == "openpgp":
        program("gpg", "gnupg")
        armour, armoured, fingerprint = openpgp.generate(folder / "gpg", "Organisatie", ADDRESS, ends)
        content, secret = armour.encode(), armoured.encode()
    else:
        program("openssl", "openssl")
        content, key, fingerprint = generate_recipient(ADDRESS, datetime.now(UTC) - timedelta(days=30), ends)
        secret = content + key
    file.write_bytes(content)
    sealer = sealer_for(
        format,  # type: ignore[arg-type]
        file,
        fingerprint,
        gpg_home_root=folder / "gpg",
        signers=by or signers(),
    )
    compose = as_json if format == "jwe" else as_mime
    return sealer.seal(compose(REFERRAL, AMSTERDAM), MONDAY), private(folder / "secret", secret)


def item(one: Sealed, kenmerk: str = KENMERK) -> CollectedItem:
    return CollectedItem("0" * 32, "lease", kenmerk, 1, one.media_type, one.ciphertext)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a path that is short enough for gpg's sockets."""
    with tempfile.TemporaryDirectory(prefix="un-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.mark.parametrize("format", ["jwe", "openpgp", "smime"])
def test_it_opens_what_was_sealed_for_it_and_nothing_else(folder: Path, format: str) -> None:
    one, key = sealed(format, folder)
    with Unsealing(str(key), ours) as unsealing:
        opened = unsealing.open(item(one))
        assert (opened.naam, opened.telefoon, opened.kenmerk) == ("Fatima Voorbeeld", "+31612345678", KENMERK)
        with pytest.raises(OpenError):
            unsealing.open(item(one, kenmerk="IB-WKEQ-N0TZ"))
        damaged = Sealed(one.media_type, one.ciphertext[:-40] + bytes(40), one.fingerprint)
        with pytest.raises(OpenError):
            unsealing.open(item(damaged))
        other = "application/jose" if format != "jwe" else "application/pkcs7-mime"
        with pytest.raises(OpenError):
            unsealing.open(item(Sealed(other, one.ciphertext, one.fingerprint)))


@pytest.mark.parametrize("format", ["jwe", "openpgp", "smime"])
def test_what_another_signed_is_forged(folder: Path, format: str) -> None:
    one, key = sealed(format, folder, by=signers("somebody"))
    with Unsealing(str(key), ours) as unsealing, pytest.raises(Forged):
        unsealing.open(item(one))
    with Unsealing(str(key), lambda format: public(format, signers("somebody"))) as unsealing:
        assert unsealing.open(item(one)).kenmerk == KENMERK


def unsigned(format: str, folder: Path) -> tuple[Sealed, Path]:
    """The referral as whoever has the organisation's public key could make it."""
    one, key = sealed(format, folder)
    recipient = folder / "public"
    if format == "jwe":
        header = {
            "alg": jwe.ALG,
            "enc": jwe.ENC,
            "kid": jwe.read_jwk(recipient.read_bytes()).facts.fingerprint,
        }
        public = jwe.read_jwk(recipient.read_bytes()).material
        content = joserfc_jwe.encrypt_compact(header, as_json(REFERRAL, AMSTERDAM), public).encode()
    elif format == "openpgp":
        certificate = pysequoia.Cert.from_bytes(recipient.read_bytes())
        content = pysequoia.encrypt(as_mime(REFERRAL, AMSTERDAM), [certificate])
    else:
        command = ("openssl", "cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", recipient)
        content = run(command, as_mime(REFERRAL, AMSTERDAM)).output
    assert content
    return Sealed(one.media_type, content, one.fingerprint), key


@pytest.mark.parametrize("format", ["jwe", "openpgp", "smime"])
def test_what_nobody_signed_is_forged(folder: Path, format: str) -> None:
    one, key = unsigned(format, folder)
    with Unsealing(str(key), ours) as unsealing, pytest.raises(Forged):
        unsealing.open(item(one))


def test_what_was_signed_for_another_organisation_is_forged(folder: Path) -> None:
    """Whoever got a referral could otherwise pass it on as ours."""
    one, key = sealed("jwe", folder)
    inner = jwe.open_compact(one.ciphertext, key.read_bytes())
    theirs, secret, fingerprint = jwe.generate()
    header = {"alg": jwe.ALG, "enc": jwe.ENC, "kid": fingerprint, "cty": jwe.SIGNED}
    again = joserfc_jwe.encrypt_compact(header, inner, jwe.read_jwk(theirs).material).encode()
    with Unsealing(str(private(folder / "theirs", secret)), ours) as unsealing, pytest.raises(Forged):
        unsealing.open(item(Sealed(one.media_type, again, one.fingerprint)))


def test_gpg_opens_with_the_keyring_of_whoever_calls(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, key = sealed("openpgp", folder)
    gpg = program("gpg", "gnupg")
    home = folder / "home"
    home.mkdir(0o700)
    run((gpg, "--homedir", home, "--batch", "--import"), key.read_bytes(), folder=home)
    monkeypatch.setenv("GNUPGHOME", str(home))
    with Unsealing(OWN_GPG, ours) as unsealing:
        assert unsealing.open(item(one)).naam == "Fatima Voorbeeld"
    forged = Sealed(one.media_type, sealed_again(folder), one.fingerprint)
    with Unsealing(OWN_GPG, ours) as unsealing, pytest.raises(Forged):
        unsealing.open(item(forged))
    assert not any(b"gateway@" in path.read_bytes() for path in home.iterdir() if path.is_file()), (
        "ours is not kept"
    )
    run(("gpgconf", "--homedir", home, "--kill", "all"), b"", folder=home)


def sealed_again(folder: Path) -> bytes:
    """The same for the same organisation, signed by somebody else."""
    certificate = pysequoia.Cert.from_bytes((folder / "public").read_bytes())
    other = signers("somebody").openpgp
    assert other
    return pysequoia.encrypt(as_mime(REFERRAL, AMSTERDAM), [certificate], signer=other.handle)


def test_a_key_that_others_may_read_or_that_is_none_is_refused(folder: Path) -> None:
    _, key = sealed("jwe", folder)
    key.chmod(0o644)
    with pytest.raises(ConfigError):
        Unsealing(str(key), ours)
    with pytest.raises(OpenError):
        Unsealing(str(private(folder / "text", b"not a key")), ours)
