"""The secure mailbox: items a second through afhalingen and ontvangstbevestiging, over real HTTPS.

The items are referrals that came in as mails and were sealed as JWE. One collector fetches ten at a time and
acknowledges them together, as `inbeeld collect` does.
"""

import contextlib
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

from gateway.app import Gateway
from gateway.cli.collect import AT_A_TIME
from gateway.cli.mailboxclient import MailboxClient
from gateway.sealing import jwe
from gateway.store import tokens
from tests.bench.place import make, serving
from tests.bench.referrals import send

ORGANISATION = "de-schoor"
PATIENCE = 120.0


def measure(directory: Path, items: int) -> dict[str, float]:
    """One run, in a new directory."""
    place = _place(directory)
    with serving(place) as gateway:
        send(gateway.port, 0, items)
        _wait(place, items)
        client = MailboxClient(gateway.web, token=_token(place), ca_file=place / "keys" / "tls" / "ca.pem")
        with client:
            client.collect(1)
            before, began, done = gateway.use(), time.perf_counter(), 0
            while found := client.collect(AT_A_TIME):
                done += len(found) - len(client.acknowledge(found))
            seconds, after = time.perf_counter() - began, gateway.use()
    if done != items - 1:
        raise RuntimeError(f"{done} of {items - 1} items were collected")
    return {
        "items": done,
        "items_per_second": done / seconds,
        "ms_per_item": 1000 * seconds / done,
        "gateway_cpu_ms": 1000 * (after.own - before.own) / done,
    }


def _place(directory: Path) -> Path:
    """A gateway whose one organisation collects from its mailbox; the referrer is not answered."""
    place = make(directory)
    public, _, thumbprint = jwe.generate()
    (place / "keys" / "organisations" / "bench.jwk").write_bytes(public)
    (place / "config" / "organisations.toml").write_text(
        f'[[organisation]]\nid = "{ORGANISATION}"\nname = "De Schoor"\nserves = ["Almere"]\n'
        'adapter = "mailbox"\nformat = "jwe"\nkey = "organisations/bench.jwk"\n'
        f'fingerprint = "{thumbprint}"\npathway = "almere"\n'
    )
    for file, before, after in (
        ("inbeeld.toml", "requests_per_minute = 300", "requests_per_minute = 100000"),
        ("pathways/almere.toml", "send = true", "send = false"),
    ):
        path = place / "config" / file
        text = path.read_text()
        if before not in text:
            raise ValueError(f"{file} has no line {before}")
        path.write_text(text.replace(before, after, 1))
    return place


def _token(place: Path) -> str:
    store = Gateway.at(place).store
    try:
        with store.write() as session:
            return tokens.make(session, ORGANISATION, datetime.now(UTC))[1]
    finally:
        store.close()


def _wait(place: Path, items: int) -> None:
    """Until so many items stand in the mailbox."""
    end = time.monotonic() + PATIENCE
    with contextlib.closing(sqlite3.connect(place / "data" / "inbeeld.db")) as database:
        while database.execute("SELECT count(*) FROM mailbox").fetchone()[0] < items:
            if time.monotonic() > end:
                raise TimeoutError("the referrals did not reach the mailbox; see serve.log")
            time.sleep(0.1)
