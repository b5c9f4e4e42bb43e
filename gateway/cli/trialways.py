"""Trials of further ways to hand over: for each an organisation with the keys of both sides. Beside them mail
that is fetched from a mailbox, mail that leaves, and reading on a page.

What would be the organisation's alone stands in `keys/trial/`, as with the others.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.cli.trial import Authority
from gateway.sealing import jwe, openpgp
from gateway.sealing.keyfacts import write_private, write_public


class TrialWay(StrEnum):
    """A way to hand over that `inbeeld init --with` can make a trial of."""

    FILE = "file"
    SFTP = "sftp"
    FHIR = "fhir"
    KLANTINTERACTIES = "klantinteracties"
    IMAP = "imap"
    RELAY = "relay"
    PAGE = "page"


_FILE = """
# A team that works from a folder: adapter "file" (docs/file.md). It reports in a CSV that it puts in retour/.
[[organisation]]
id = "wijkteam-buiten"
name = "Wijkteam Buiten"
serves = ["Almere Buiten"]
adapter = "file"
format = "openpgp"
key = "organisations/wijkteam-buiten.asc"
fingerprint = "{fingerprint}"
pathway = "almere"
backup = "de-schoor"
team = "team@wijkteam-buiten.example"

[organisation.options]
# The folder, from the working directory; nobody but the team and the gateway may write there.
folder = "data/wijkteam-buiten"
# Or one on the team's SFTP server: sftp, sftp_key and sftp_host_key (docs/file.md; inbeeld init --with sftp).
# How often it is looked for reports, in minutes. A file is taken when it looks the same twice.
# minutes = 5
"""

_SFTP = """
# A team with an SFTP server of its own: adapter "file" (docs/file.md), with our key (mode 0600) and the
# server's public one; compare its fingerprint by telephone. It needs: pip install 'inbeeld[sftp]'
[[organisation]]
id = "wijkteam-vaarten"
name = "Wijkteam Tussen de Vaarten"
serves = ["Tussen de Vaarten"]
adapter = "file"
format = "openpgp"
key = "organisations/wijkteam-vaarten.asc"
fingerprint = "{fingerprint}"
pathway = "almere"
backup = "de-schoor"
team = "team@wijkteam-vaarten.example"

[organisation.options]
sftp = "sftp://inbeeld@localhost:9022/"
sftp_key = "keys/sftp/wijkteam-vaarten"
sftp_host_key = "keys/sftp/wijkteam-vaarten.host.pub"
# timeout = 20
# minutes = 5
"""

_FHIR = """
# A receiver with a FHIR server: adapter "fhir" (docs/fhir.md). It gets a ServiceRequest and a Task.
[[organisation]]
id = "wijkteam-hout"
name = "Wijkteam Hout"
serves = ["Almere Hout"]
adapter = "fhir"
format = "jwe"
key = "organisations/wijkteam-hout.jwk"
fingerprint = "{fingerprint}"
pathway = "almere"
backup = "de-schoor"
team = "team@wijkteam-hout.example"

[organisation.options]
# The base address of its FHIR server (R4). No redirect is followed.
url = "https://localhost:9444/fhir"
# The authority that issued its certificate, where that is not a public one (PEM).
ca_file = "keys/tls/ca.pem"
# Who we are there: a token that stands alone in a file of mode 0600, or a client certificate with its key
# (which needs ca_file), or both.
token_file = "keys/fhir/wijkteam-hout.token"
client_cert = "keys/fhir/client.pem"
client_key = "keys/fhir/client.key"
# With a client certificate: trust only this very certificate (SHA-256), besides all other checks.
# pin = "…"
# What is asked for, for an organisation that takes another theme: in words, as a code, and as a category of
# Gravity; "" for no code or category.
# service = "Warme overdracht naar hulp bij geldzorgen"
# code = "http://snomed.info/sct|410606002"
# category = "financial-insecurity"
# Only where it was agreed in writing that resources go in clear, with a client certificate (docs/fhir.md):
# clear_key = "keys/clear/wijkteam-hout.private.jwk"
# clear_agreed = 2026-11-02
# timeout = 20
# How often to ask for its Tasks, in minutes; poll = false where it calls us (PUT /fhir/Task/ID).
# status_minutes = 15
# poll = true
"""

_KLANTINTERACTIES = """
# A municipality that works with Open Klant: adapter "klantinteracties" (docs/klantinteracties.md). Its team
# gets a task without anything of the patient, and opens the referral in its mailbox here.
[[organisation]]
id = "gemeente-pampus"
name = "Gemeente, team Pampus"
serves = ["Almere Pampus"]
adapter = "klantinteracties"
format = "jwe"
key = "organisations/gemeente-pampus.jwk"
fingerprint = "{fingerprint}"
pathway = "almere"
backup = "de-schoor"
team = "team@gemeente-pampus.example"

[organisation.options]
# The address of the API, and its token, alone in a file of mode 0600.
url = "https://localhost:9445/klantinteracties/api/v1"
token_file = "keys/klantinteracties/gemeente-pampus.token"
# The authority that issued its certificate, where that is not a public one (PEM).
ca_file = "keys/tls/ca.pem"
# The uuid of the department or group that gets the tasks.
actor = "3f6a2c1e-8d4b-4c7a-9e21-5b0f7d6c8a90"
# The channel as the municipality's reference list has it, at most 50 letters.
# kanaal = "InBeeld"
# What a task means that is done without a code: "collected", or "contacted" where it was agreed in writing
# that a task is closed only after somebody spoke with the patient.
# done = "collected"
# Only where it was agreed in writing that the fields go in clear (docs/klantinteracties.md):
# clear_key = "keys/clear/gemeente-pampus.private.jwk"
# clear_agreed = 2026-11-02
# timeout = 20
# How often the tasks are read, in minutes.
# status_minutes = 15
"""


_PAGE = """
# A team with a mail address and a browser, and nothing else: adapter "mailbox" without a key. Until a
# colleague made one on the page Sleutel, and it was bound, its referrals are held (docs/message-page.md).
[[organisation]]
id = "buurthuis-nobelhorst"
name = "Buurthuis Nobelhorst"
serves = ["Nobelhorst"]
adapter = "mailbox"
pathway = "almere"
backup = "de-schoor"
team = "team@buurthuis-nobelhorst.example"
"""

_PRACTICE = """
# A practice without secure mail: what we answer is read on a page (docs/message-page.md).
[[practice]]
id = "nobelhorst"
name = "Huisartsenpraktijk Nobelhorst"
domains = ["huisarts-nobelhorst.example"]
page = true
"""


def add_way(
    directory: Path, way: TrialWay, authority: Authority, now: datetime, valid_for: timedelta
) -> None:
    """Add the organisation and its keys."""
    text = _MAKERS[way](directory, authority, now + valid_for)
    organisations = directory / "config" / "organisations.toml"
    organisations.write_text(organisations.read_text() + text)


def _file(directory: Path, authority: Authority, ends: datetime) -> str:
    (directory / "data" / "wijkteam-buiten" / "retour").mkdir(parents=True, mode=0o770)
    return _FILE.format(fingerprint=_openpgp(directory, "wijkteam-buiten", "Wijkteam Buiten", ends))


def _sftp(directory: Path, authority: Authority, ends: datetime) -> str:
    """The keys of both sides for SSH too; the server's folder is beside the database."""
    keys = directory / "keys"
    ours, theirs = keys / "sftp", keys / "trial" / "wijkteam-vaarten"
    (directory / "data" / "wijkteam-vaarten" / "retour").mkdir(parents=True, mode=0o770)
    private, public = _ssh()
    write_private(ours / "wijkteam-vaarten", private)
    write_public(theirs / "client.pub", public)
    private, public = _ssh()
    write_private(theirs / "host", private)
    write_public(ours / "wijkteam-vaarten.host.pub", public)
    return _SFTP.format(
        fingerprint=_openpgp(directory, "wijkteam-vaarten", "Wijkteam Tussen de Vaarten", ends)
    )


def _ssh() -> tuple[bytes, bytes]:
    """A private key and its public one, as OpenSSH writes them."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()), public + b"\n"


def _openpgp(directory: Path, id_: str, name: str, ends: datetime) -> str:
    """A key for OpenPGP of both sides; gives its fingerprint."""
    home, keys = directory / "data" / "gpg", directory / "keys"
    armour, secret, fingerprint = openpgp.generate(home, f"{name} (trial)", f"team@{id_}.example", ends)
    write_public(keys / "organisations" / f"{id_}.asc", armour.encode())
    write_private(keys / "trial" / f"{id_}.private.asc", secret.encode())
    return fingerprint


def _fhir(directory: Path, authority: Authority, ends: datetime) -> str:
    keys = directory / "keys"
    write_private(keys / "fhir" / "wijkteam-hout.token", f"{secrets.token_urlsafe(32)}\n".encode())
    certificate, private = authority.issue(("inbeeld",), client=True)
    write_public(keys / "fhir" / "client.pem", certificate)
    write_private(keys / "fhir" / "client.key", private)
    return _FHIR.format(fingerprint=_jwk(keys, "wijkteam-hout", ends))


def _imap(directory: Path, authority: Authority, ends: datetime) -> str:
    """Let mail be fetched from a mailbox, at a server that the trial's receiver plays."""
    write_private(directory / "keys" / "gateway" / "imap.password", f"{secrets.token_urlsafe(24)}\n".encode())
    return _set(
        directory,
        ('server = ""\nusername = ""', 'server = "localhost:9993"\nusername = "aanmelding"'),
        ('# password_file = "keys/gateway/imap', 'password_file = "keys/gateway/imap'),
        ('# ca_file = "keys/tls/provider.pem"', 'ca_file = "keys/tls/ca.pem"'),
    )


def _relay(directory: Path, authority: Authority, ends: datetime) -> str:
    """Let all mail leave through a relay that the trial's receiver plays."""
    return _set(
        directory,
        ('relay = "localhost:587"', 'relay = "localhost:2587"'),
        ('# ca_file = "keys/tls/ca.pem"', 'ca_file = "keys/tls/ca.pem"'),
    )


def _set(directory: Path, *changes: tuple[str, str]) -> str:
    """Change the settings; nothing of it is an organisation."""
    path = directory / "config" / "inbeeld.toml"
    text = path.read_text()
    for before, after in changes:
        text = text.replace(before, after, 1)
    path.write_text(text)
    return ""


def _page(directory: Path, authority: Authority, ends: datetime) -> str:
    """A team and a practice that read on pages; both need to know where those are."""
    practices = directory / "config" / "practices.toml"
    practices.write_text(practices.read_text() + _PRACTICE)
    return _PAGE + _set(directory, ('public_url = ""', 'public_url = "https://localhost:8443"'))


def _klantinteracties(directory: Path, authority: Authority, ends: datetime) -> str:
    keys = directory / "keys"
    token = f"{secrets.token_urlsafe(32)}\n".encode()
    write_private(keys / "klantinteracties" / "gemeente-pampus.token", token)
    return _KLANTINTERACTIES.format(fingerprint=_jwk(keys, "gemeente-pampus", ends))


def _jwk(keys: Path, name: str, ends: datetime) -> str:
    """A key for JWE of both sides; gives its thumbprint."""
    public, private, thumbprint = jwe.generate(ends)
    write_public(keys / "organisations" / f"{name}.jwk", public)
    write_private(keys / "trial" / f"{name}.private.jwk", private)
    return thumbprint


_MAKERS = {
    TrialWay.FILE: _file,
    TrialWay.SFTP: _sftp,
    TrialWay.FHIR: _fhir,
    TrialWay.KLANTINTERACTIES: _klantinteracties,
    TrialWay.IMAP: _imap,
    TrialWay.RELAY: _relay,
    TrialWay.PAGE: _page,
}
