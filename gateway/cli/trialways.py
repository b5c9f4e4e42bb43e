"""Trials of further ways to hand over: for each an organisation with the keys of both sides. Beside them mail
that is fetched from a mailbox, and reading on a page.

What would be the organisation's alone stands in `keys/trial/`, as with the others.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from gateway.cli.trial import Authority
from gateway.sealing import jwe, openpgp
from gateway.sealing.keyfiles import write_private, write_public


class TrialWay(StrEnum):
    """A way to hand over that `inbeeld init --with` can make a trial of."""

    FILE = "file"
    FHIR = "fhir"
    KLANTINTERACTIES = "klantinteracties"
    IMAP = "imap"
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
# Or one on the team's SFTP server (pip install 'inbeeld[sftp]'), with our key (mode 0600) and the server's
# public one; compare its fingerprint by telephone.
# sftp = "sftp://inbeeld@sftp.wijkteam-buiten.example:22/aanmeldingen"
# sftp_key = "keys/sftp/wijkteam-buiten"
# sftp_host_key = "keys/sftp/wijkteam-buiten.host.pub"
# timeout = 20
# How often it is looked for reports, in minutes. A file is taken when it looks the same twice.
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
# client_cert = "keys/fhir/client.pem"
# client_key = "keys/fhir/client.key"
# With a client certificate: trust only this very certificate (SHA-256), besides all other checks.
# pin = "…"
# What is asked for, for an organisation that takes another theme: in words, and as a category of Gravity.
# service = "Warme overdracht naar hulp bij geldzorgen"
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
    home = directory / "data" / "gpg"
    armour, secret, fingerprint = openpgp.generate(
        home, "Wijkteam Buiten (trial)", "team@wijkteam-buiten.example", ends
    )
    keys = directory / "keys"
    write_public(keys / "organisations" / "wijkteam-buiten.asc", armour.encode())
    write_private(keys / "trial" / "wijkteam-buiten.private.asc", secret.encode())
    (directory / "data" / "wijkteam-buiten" / "retour").mkdir(parents=True, mode=0o770)
    return _FILE.format(fingerprint=fingerprint)


def _fhir(directory: Path, authority: Authority, ends: datetime) -> str:
    keys = directory / "keys"
    write_private(keys / "fhir" / "wijkteam-hout.token", f"{secrets.token_urlsafe(32)}\n".encode())
    return _FHIR.format(fingerprint=_jwk(keys, "wijkteam-hout", ends))


def _imap(directory: Path, authority: Authority, ends: datetime) -> str:
    """Let mail be fetched from a mailbox, at a server that the trial's receiver plays."""
    write_private(directory / "keys" / "gateway" / "imap.password", f"{secrets.token_urlsafe(24)}\n".encode())
    path = directory / "config" / "inbeeld.toml"
    text = path.read_text()
    for before, after in (
        ('server = ""\nusername = ""', 'server = "localhost:9993"\nusername = "aanmelding"'),
        ('# password_file = "keys/gateway/imap', 'password_file = "keys/gateway/imap'),
        ('# ca_file = "keys/tls/provider.pem"', 'ca_file = "keys/tls/ca.pem"'),
    ):
        text = text.replace(before, after, 1)
    path.write_text(text)
    return ""


def _page(directory: Path, authority: Authority, ends: datetime) -> str:
    """A team and a practice that read on pages; both need to know where those are."""
    config = directory / "config"
    practices, settings = config / "practices.toml", config / "inbeeld.toml"
    practices.write_text(practices.read_text() + _PRACTICE)
    settings.write_text(
        settings.read_text().replace('public_url = ""', 'public_url = "https://localhost:8443"', 1)
    )
    return _PAGE


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
    TrialWay.FHIR: _fhir,
    TrialWay.KLANTINTERACTIES: _klantinteracties,
    TrialWay.IMAP: _imap,
    TrialWay.PAGE: _page,
}
