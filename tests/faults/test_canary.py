"""Sealed before stored (P2): nothing of a mail stands in clear in any byte that the gateway wrote.

The gateway runs as a process of its own, with nowhere to write but one folder: working directory, HOME and
TMPDIR stand in it, and its output goes there. That folder is searched while the gateway runs and after.
"""

import asyncio
import base64
import json
import quopri
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from gateway.app import Gateway
from gateway.pipeline.schedule import utc_now
from gateway.store.pagetables import SetAsideRow
from tests.faults.canary import Canaries, files
from tests.faults.harness import Launcher, Run
from tests.invented import PATIENT, Patient, make_answer, make_mail
from tests.patience import PATIENCE_S
from tests.peers.mail import BUSY, MailPeer
from tests.postgres import Postgres
from tests.sealed import opened
from tests.story.boardkey import bind
from tests.story.place import Mail, Place, kinds

SENDER = "x.canarisvogel@huisartsenpraktijk-filmwijk.example"
SUBJECT = f"{PATIENT.name}: geldzorgen en zolpiwarin"
BETTER = Patient(PATIENT.name, "621000203", PATIENT.wijk)
CANARIES = Canaries(
    [
        *PATIENT.name.split(),
        *PATIENT.spellings,
        *BETTER.spellings,
        "zolpiwarin",
        "slaapt slecht",
        "canarisvogel",
        "mijn-eigen-kenteken",
    ]
)


def referral(number: int, **changes: Any) -> EmailMessage:
    """A mail full of canaries."""
    return make_mail(
        sender=SENDER,
        subject=SUBJECT,
        message_id=f"<mijn-eigen-kenteken-{number}@huisartsenpraktijk-filmwijk.example>",
        **changes,
    )


class Cage:
    """A gateway that can only write below one folder."""

    def __init__(self, launcher: Launcher, place: Place, peer: MailPeer, folder: Path) -> None:
        self.launcher, self.place, self.peer, self.folder = launcher, place, peer, folder
        for name in ("home", "tmp"):
            (folder / name).mkdir()
        self.others: list[Path] = []

    async def serve(self, *spoil: str) -> tuple[Run, tuple[str, int]]:
        """Start it."""
        environment = {"HOME": str(self.folder / "home"), "TMPDIR": str(self.folder / "tmp")}
        run = await self.launcher.run(
            self.place.directory, "serve", environment=environment, spoil=spoil, again=1.0
        )
        return run, await run.ready()

    def search(self) -> None:
        """See that there is no trace, in no file; nor in what it said."""
        assert CANARIES.in_files([self.folder, *self.others]) == {}

    def copy(self) -> bytes | None:
        """The copy for the beheerders of the only mail that was set aside, once it is there."""
        gateway = Gateway.at(self.place.directory)
        with gateway.store.read() as session:
            found = session.exec(select(SetAsideRow.sealed)).first()
        gateway.store.close()
        return found

    def logged(self, *events: str) -> int:
        """How many of these events stand in the log."""
        text = (self.folder / "stderr").read_text()
        return sum(text.count(f'"event": "{event}"') for event in events)


@pytest.fixture
def cage(launcher: Launcher, place: Place, peer: MailPeer, tmp_path: Path) -> Cage:
    """A gateway in a cage."""
    return Cage(launcher, place, peer, tmp_path)


async def walk(cage: Cage) -> None:
    """One mail of every kind through the whole gateway, with a search at each moment."""
    private = bind(cage.place.directory)
    cage.peer.next(BUSY, BUSY)
    run, address = await cage.serve()
    await cage.place.send(address, referral(1))
    cage.search()
    await cage.place.send(address, referral(2, proof="dmarc=fail"))
    while not (copy := cage.copy()):
        await _turn()
    text = json.loads(opened(cage.place.directory, copy, private))["text"]
    assert "zolpiwarin" in text, "beheerders can read it"
    no_phone = f"{PATIENT.name} uit de {PATIENT.wijk}, slaapt slecht."
    await cage.place.send(address, referral(3, text=no_phone))
    found = await cage.peer.wait_for(lambda mails: "question" in kinds(map(Mail, mails)), PATIENCE_S)
    question = next(mail for mail in map(Mail, found) if kinds([mail]) == ["question"])
    cage.search()
    answer = make_answer(question["Message-ID"], f"{PATIENT.phone}\n\nZe slikt zolpiwarin.", sender=SENDER)
    await cage.place.send(address, answer)
    await cage.peer.wait_for(lambda mails: any(mail.encrypted for mail in map(Mail, mails)), PATIENCE_S)
    cage.search()

    async def write(text: str, said: str) -> None:
        await cage.place.send(address, make_answer(question["Message-ID"], text, sender=SENDER))
        await cage.peer.wait_for(lambda mails: any(said in one.text for one in map(Mail, mails)), PATIENCE_S)
        cage.search()

    unclear = f"{PATIENT.name} slaapt slecht, en de zolpiwarin hielp haar zus ook al niet.\n"
    await write(unclear, "We begrijpen uw bericht niet")
    await write(f"Het goede nummer is {BETTER.phone}\n", "Gebruik alleen de nieuwe gegevens")
    kenmerk, to = next(
        (one.kenmerk, one["Reply-To"]) for one in map(Mail, cage.peer.messages) if one.encrypted
    )
    told = make_mail(
        text=f"In beeld, maar {unclear}", sender="canarisvogel@deschoor.example", subject=SUBJECT
    )
    told.replace_header("To", to)
    await cage.place.send(address, told)
    asked = "Antwoord nog een keer"
    await cage.peer.wait_for(lambda mails: any(asked in one.text for one in map(Mail, mails)), PATIENCE_S)
    cage.search()
    report = await cage.launcher.run(cage.place.directory, "cases", "report", kenmerk, "contacted")
    assert await report.ended() == 0
    await cage.peer.wait_for(lambda mails: "in_beeld" in kinds(map(Mail, mails)), PATIENCE_S)
    await write("De patiënt is overleden.\n", "De reden die we doorgaven")
    await run.stop()
    cage.search()
    assert CANARIES.in_bytes(run.said + report.said) == set()
    for mail in map(Mail, cage.peer.messages):
        # What is told to the practice goes to it, and to its thread; nothing else of the mail goes anywhere.
        shown = mail.text.encode() + mail["Subject"].encode()
        assert CANARIES.in_bytes(shown) == set()


async def test_no_trace_of_any_mail_on_sqlite(cage: Cage) -> None:
    await walk(cage)
    names = {path.name for path in files([cage.folder])}
    assert {"inbeeld.db", "stderr", "inbeeld.toml"} <= names, "it was searched where it wrote"


async def test_no_trace_of_any_mail_on_postgresql(cage: Cage, postgres: Postgres, database_url: str) -> None:
    cage.place.database(database_url)
    await walk(cage)
    postgres.checkpoint()
    cage.others = [*postgres.files_of(database_url), postgres.data / "pg_wal"]
    assert all(any(b"case.received" in path.read_bytes() for path in files([one])) for one in cage.others)
    cage.search()


@pytest.mark.parametrize("step", ["admit", "read"])
async def test_no_trace_when_a_step_fails_with_the_mail_in_its_error(cage: Cage, step: str) -> None:
    run, address = await cage.serve(step)
    await cage.place.send(address, referral(1))
    while not cage.logged("step.failed"):
        await _turn()
    await run.stop()
    cage.search()
    assert CANARIES.in_bytes(run.said) == set()


async def test_no_trace_of_a_mail_that_nobody_can_read(cage: Cage) -> None:
    run, address = await cage.serve()
    broken = make_mail(sender=SENDER, subject=SUBJECT)
    broken.replace_header("Content-Transfer-Encoding", "base64")
    broken["Content-Language"] = f"=?utf-9?q?{PATIENT.name.replace(' ', '_')}?="
    await cage.place.send(address, broken)
    while not cage.logged("mail.received"):
        await _turn()
    await run.stop()
    cage.search()


async def _turn() -> None:
    """Let the machine do something else."""
    await asyncio.sleep(0.05)


TEXTS = st.sampled_from(["Quintavalle", "Müller-Lüdenscheidt", *PATIENT.spellings])
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "quoted-printable": quopri.encodestring,
    "hex": lambda content: content.hex().encode(),
    "nothing": bytes,
}


@settings(max_examples=60, deadline=None)
@given(
    TEXTS, st.sampled_from(sorted(ENCODINGS)), st.binary(max_size=7), st.sampled_from(["utf-8", "utf-16-le"])
)
def test_a_canary_is_found_in_every_form(text: str, encoding: str, before: bytes, charset: str) -> None:
    if charset == "utf-16-le" and encoding in ("quoted-printable", "hex"):
        return
    content = before + text.encode(charset) + b" en meer"
    assert Canaries([text]).in_bytes(ENCODINGS[encoding](content)) == {text}


def test_what_is_not_there_is_not_found() -> None:
    assert Canaries(["Quintavalle"]).in_bytes(base64.b64encode(utc_now().isoformat().encode())) == set()
