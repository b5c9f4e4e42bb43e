"""A whole gateway with one further organisation, as `inbeeld init --with` makes it, and its clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.cli.trial import Authority, TrialWay, add_way
from gateway.sandbox.pool import Readers
from tests.invented import PATIENT, REMARK
from tests.moments import MONDAY
from tests.peers.mail import MailPeer
from tests.story.place import Place, Town


def add(place: Place, way: TrialWay) -> None:
    """Let there be an organisation that is reached so."""
    tls = place.directory / "keys" / "tls"
    certificate = x509.load_pem_x509_certificate((tls / "ca.pem").read_bytes())
    key: Any = load_pem_private_key((tls / "ca.key").read_bytes(), None)
    # The certificates of the template are of the real today.
    now = max(MONDAY, certificate.not_valid_before_utc)
    add_way(place.directory, way, Authority(certificate, key), now, timedelta(days=365))


@asynccontextmanager
async def opened(place: Place, mail: MailPeer, readers: Readers) -> AsyncIterator[Town]:
    """The gateway, working when it is asked to."""
    town = Town(place, mail, readers)
    await town.open()
    try:
        yield town
    finally:
        await town.close()


def spilled(town: Town, *but: str) -> list[str]:
    """The files of the working directory, and the log, in which anything of the patient stands in clear."""
    town.gateway.store.truncate_log()
    places = {"log": town.journal.getvalue().encode()}
    for path in town.place.directory.rglob("*"):
        name = str(path.relative_to(town.place.directory))
        if path.is_file() and not name.startswith(but):
            places[name] = path.read_bytes()
    words = [word.encode() for word in (PATIENT.name, *PATIENT.spellings, REMARK)]
    return [name for name, content in places.items() if any(word in content for word in words)]
