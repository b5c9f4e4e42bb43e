"""What a gateway seals for an organisation, its own `inbeeld collect` opens: in each of the three formats."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.cli.mailboxclient import CollectedItem
from gateway.cli.unsealing import OWN_GPG, Unsealing
from gateway.errors import ConfigError, OpenError
from gateway.sealing import jwe, openpgp
from gateway.sealing.engine import run
from gateway.sealing.keyring import Sealed, sealer_for
from gateway.sealing.payload import Aanmelding, as_json, as_mime
from gateway.sealing.smimesigner import SmimeSigner, generate_recipient
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


def sealed(format: str, folder: Path) -> tuple[Sealed, Path]:
    """The referral as an organisation gets it, and its private key."""
    ends = MONDAY + timedelta(days=365)
    public = folder / "public"
    signer = None
    if format == "jwe":
        content, secret, fingerprint = jwe.generate()
    elif format == "openpgp":
        program("gpg", "gnupg")
        armour, armoured, fingerprint = openpgp.generate(folder / "gpg", "Organisatie", ADDRESS, ends)
        content, secret = armour.encode(), armoured.encode()
    else:
        program("openssl", "openssl")
        begins = MONDAY - timedelta(days=30)
        content, key, fingerprint = generate_recipient(ADDRESS, begins, ends)
        secret, signer = content + key, SmimeSigner.generate("aanmelding@handover.example", begins)
    public.write_bytes(content)
    sealer = sealer_for(format, public, fingerprint, gpg_home_root=folder / "gpg", signer=signer)  # type: ignore[arg-type]
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
    with Unsealing(str(key)) as unsealing:
        opened = unsealing.open(item(one))
        assert (opened.naam, opened.telefoon, opened.kenmerk) == ("Fatima Voorbeeld", "+31612345678", KENMERK)
        with pytest.raises(OpenError):
            unsealing.open(item(one, kenmerk="IB-WKEQ-N0TZ"))
        damaged = Sealed(one.media_type, one.ciphertext[:-40] + bytes(40))
        with pytest.raises(OpenError):
            unsealing.open(item(damaged))
        other = "application/jose" if format != "jwe" else "application/pkcs7-mime"
        with pytest.raises(OpenError):
            unsealing.open(item(Sealed(other, one.ciphertext)))


def test_gpg_opens_with_the_keyring_of_whoever_calls(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, key = sealed("openpgp", folder)
    gpg = program("gpg", "gnupg")
    home = folder / "home"
    home.mkdir(0o700)
    run((gpg, "--homedir", home, "--batch", "--import"), key.read_bytes())
    monkeypatch.setenv("GNUPGHOME", str(home))
    with Unsealing(OWN_GPG) as unsealing:
        assert unsealing.open(item(one)).naam == "Fatima Voorbeeld"
    run(("gpgconf", "--homedir", home, "--kill", "all"), b"")


def test_a_key_that_others_may_read_or_that_is_none_is_refused(folder: Path) -> None:
    _, key = sealed("jwe", folder)
    key.chmod(0o644)
    with pytest.raises(ConfigError):
        Unsealing(str(key))
    with pytest.raises(OpenError):
        Unsealing(str(private(folder / "text", b"not a key")))
