"""Trials of further ways to hand over: for each an organisation with the keys of both sides.

What would be the organisation's alone stands in `keys/trial/`, as with the others.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from gateway.cli.trial import Authority
from gateway.sealing import jwe, openpgp
from gateway.sealing.keyfiles import write_private, write_public


class TrialWay(StrEnum):
    """A way to hand over that `inbeeld init --with` can make a trial of."""

    FILE = "file"


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


def _jwk(keys: Path, name: str, ends: datetime) -> str:
    """A key for JWE of both sides; gives its thumbprint."""
    public, private, thumbprint = jwe.generate(ends)
    write_public(keys / "organisations" / f"{name}.jwk", public)
    write_private(keys / "trial" / f"{name}.private.jwk", private)
    return thumbprint


_MAKERS = {TrialWay.FILE: _file}
