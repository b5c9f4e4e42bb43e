"""The place where a story plays: a working directory, a mail server for both other sides, and a gateway."""

import email
import email.policy
import json
import re
import shutil
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from unittest import mock

import aiosmtplib
from sqlmodel import select
from typer.testing import CliRunner

from gateway.app import Gateway
from gateway.app.mailreading import MailReading
from gateway.app.worker import WorkerRole
from gateway.cli import console as voice
from gateway.cli.app import app
from gateway.cli.init import ADDRESS, lay_out
from gateway.demo.peer import Received
from gateway.errors import InbeeldError
from gateway.files import write_private
from gateway.intake.listener import Listener
from gateway.log import Log
from gateway.pipeline.schedule import Schedule
from gateway.sandbox.tasks import to_find_sender
from gateway.sealing import openpgp
from gateway.sealing.smime import SmimeSigner
from gateway.store.audit import Verification, verify
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from gateway.store.tables import CaseRow
from tests.invented import OTHER_PRACTICE, PRACTICE
from tests.moments import MONDAY
from tests.peers.mail import MailPeer
from tests.story.journal import Journal

PRACTICES = f"""
[[practice]]
id = "stedenwijk"
name = "Huisartsen Stedenwijk"
domains = ["{OTHER_PRACTICE}"]
phones = ["036-5311111"]
"""
BACKUP = """
[[organisation]]
id = "buurtteam"
name = "Buurtteam Almere"
serves = ["Stedenwijk"]
adapter = "mail"
format = "openpgp"
key = "organisations/buurtteam.asc"
fingerprint = "{fingerprint}"
pathway = "almere"
team = "team@buurtteam.example"
[organisation.options]
to = "aanmeldingen@buurtteam.example"
"""


def make_place(directory: Path, laid_out: Path | None = None) -> None:
    """What `inbeeld init` makes or made before, with a second practice, a second organisation, and free
    ports."""
    if laid_out:
        shutil.copytree(laid_out, directory)
    else:
        lay_out(directory)
    place = Place(directory)
    _shorten(directory / "keys" / "gateway")
    armour, secret, fingerprint = openpgp.generate(
        directory / "data" / "gpg", "Buurtteam", "aanmeldingen@buurtteam.example", MONDAY + timedelta(365)
    )
    (directory / "keys" / "organisations" / "buurtteam.asc").write_text(armour)
    write_private(directory / "keys" / "trial" / "buurtteam.private.asc", secret.encode())
    place.append("practices.toml", PRACTICES)
    place.append("organisations.toml", BACKUP.format(fingerprint=fingerprint))
    place.replace("inbeeld.toml", 'listen = "127.0.0.1:2525"', 'listen = "127.0.0.1:0"')
    place.replace("inbeeld.toml", 'listen = "127.0.0.1:8443"', 'listen = "127.0.0.1:0"')
    place.replace("inbeeld.toml", '# ca_file = "keys/tls/ca.pem"', 'ca_file = "keys/tls/ca.pem"')


def _shorten(keys: Path) -> None:
    """Put the shortest signing key that is allowed in the place of ours.

    Every gateway checks it when it starts, and with the length that `init` makes that would be a large part
    of what a story takes.
    """
    signer = SmimeSigner.generate(ADDRESS, MONDAY - timedelta(30), size=2048)
    (keys / "smime.pem").unlink()
    signer.save(keys / "smime.pem")
    (keys / "smime.crt").write_bytes(signer.public_pem)


@dataclass(frozen=True, slots=True)
class Place:
    """A working directory."""

    directory: Path

    def copy(self, directory: Path) -> "Place":
        """The same somewhere else."""
        shutil.copytree(self.directory, directory)
        return Place(directory)

    def replace(self, file: str, before: str, after: str) -> None:
        """Change a line of the configuration; it must be there."""
        path = self.directory / "config" / file
        text = path.read_text()
        assert before in text, before
        path.write_text(text.replace(before, after))

    def append(self, file: str, text: str) -> None:
        """Add to the configuration."""
        path = self.directory / "config" / file
        path.write_text(path.read_text() + text)

    def relay(self, peer: MailPeer) -> None:
        """Let everything leave through this mail server."""
        self.replace("inbeeld.toml", 'relay = "localhost:587"', f'relay = "localhost:{peer.port}"')

    def database(self, url: str) -> None:
        """Keep everything in PostgreSQL."""
        self.replace("inbeeld.toml", 'database_url = ""', f'database_url = "{url}"')
        store = Store(url)
        migrate(store)
        store.close()

    @property
    def tls(self) -> tuple[Path, Path]:
        """Certificate and key of the mail server on the other side, and of our own."""
        return self.directory / "keys" / "tls" / "server.pem", self.directory / "keys" / "tls" / "server.key"

    def peer(self) -> MailPeer:
        """A mail server that plays the practice's and the organisation's."""
        return MailPeer(*self.tls, hostname="localhost")

    async def send(
        self, address: tuple[str, int], *mails: EmailMessage, null_path: bool = False, to: str = ""
    ) -> list[str]:
        """Send mails over STARTTLS on one connection; gives the answers to the final dots.

        `null_path` gives them no sender to return to, as bounces have it; `to` another recipient than To.
        """
        trust = ssl.create_default_context(cafile=str(self.directory / "keys" / "tls" / "ca.pem"))
        client = aiosmtplib.SMTP(
            hostname=address[0], port=address[1], start_tls=True, tls_context=trust, local_hostname=PRACTICE
        )
        answers = []
        async with client:
            for mail in mails:
                sender = "" if null_path else parseaddr(mail["From"])[1]
                _, answer = await client.sendmail(sender, [to or parseaddr(mail["To"])[1]], mail.as_bytes())
                answers.append(answer)
        return answers


@dataclass(frozen=True)
class Mail:
    """A mail as the other side got it."""

    received: Received

    @cached_property
    def message(self) -> EmailMessage:
        """Parsed."""
        return email.message_from_bytes(self.received.content, policy=email.policy.default)

    def __getitem__(self, header: str) -> str:
        # The standard library leaves the blank in which a long header is folded.
        return str(self.message[header] or "").strip()

    @property
    def text(self) -> str:
        """What a person reads first; nothing in an encrypted mail."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body else ""

    @property
    def encrypted(self) -> bool:
        """Whether it is a handover."""
        return self.message.get_content_type() == "multipart/encrypted"

    @property
    def armour(self) -> bytes:
        """The ciphertext of a handover."""
        return bytes(self.message.get_payload(1).get_payload(decode=True))  # type: ignore[union-attr]

    @property
    def kenmerk(self) -> str:
        """The case it is about."""
        found = re.search(r"IB-[0-9A-Z]{4}-[0-9A-Z]{4}", f"{self['Subject']} {self.text}")
        assert found
        return found[0]


@lru_cache(maxsize=256)
def as_mail(received: Received) -> Mail:
    """What was received, parsed once however often a test looks for the mail it means."""
    return Mail(received)


@dataclass
class Town:
    """A gateway in this process, with its real listener, and a clock that a test sets."""

    place: Place
    peer: MailPeer
    readers: Any
    now: datetime = MONDAY
    journal: Journal = field(default_factory=Journal)

    async def open(self) -> None:
        """Start, as `serve` does, but work only when asked to."""
        self.gateway = self._gateway()
        migrate(self.gateway.store)
        self.schedule: Schedule = self.gateway.worker.schedule()
        self.intake = self.gateway.intake(lambda: None)
        self.listener: Listener = self.intake.listener
        self.address = await self.listener.start()

    async def close(self) -> None:
        """Stop, as `serve` does."""
        await self.listener.stop(5)
        await self.schedule.stop()
        self.gateway.worker.__dict__.pop("readers", None)
        await self.intake.close()
        await self.gateway.close()

    async def restart(self) -> None:
        """Stop and start again: nothing but the disk is remembered."""
        await self.close()
        await self.open()

    async def send(self, *mails: EmailMessage, null_path: bool = False) -> list[str]:
        """Send mails over STARTTLS; gives the answers to the final dots."""
        return await self.place.send(self.address, *mails, null_path=null_path)

    async def post(self, *mails: EmailMessage) -> None:
        """Send mails, and let everything that follows happen."""
        assert all("kept" in answer for answer in await self.send(*mails))
        await self.work()

    async def work(self, **later: float) -> dict[str, int]:
        """Let everything happen that is due now, or so much `later`."""
        self.now += timedelta(**later)
        return await self.schedule.drain()

    @property
    def mails(self) -> list[Mail]:
        """Every mail that left, in the order in which it arrived."""
        return [as_mail(received) for received in self.peer.messages]

    @property
    def handovers(self) -> list[Mail]:
        """What organisations got."""
        return [mail for mail in self.mails if mail.encrypted]

    def answers(self, mail: EmailMessage) -> list[Mail]:
        """What came back in the thread of a mail."""
        return [one for one in self.mails if one["In-Reply-To"] == mail["Message-ID"]]

    def notices(self, to: str) -> list[Mail]:
        """What was told to an organisation."""
        return [one for one in self.mails if one["To"] == to and not one.encrypted]

    def inbeeld(self, *words: str, code: int = 0) -> str:
        """Run a command in this working directory at this moment; gives what it printed."""
        made: list[Gateway] = []
        original = voice.Shared.gateway

        def remembered(*arguments: Any) -> Gateway:
            made.append(original(*arguments))
            made[-1].now = lambda: self.now  # type: ignore[method-assign]
            return made[-1]

        lent = mock.Mock(wraps=self.readers, close=lambda: None)
        with (
            mock.patch.object(voice.Shared, "gateway", remembered),
            # A command would start processes of its own for one mail.
            mock.patch.object(MailReading, "readers", lent),
            mock.patch.object(WorkerRole, "_sender_of", lambda _, raw: lent.one(to_find_sender(raw))),
        ):
            result = CliRunner().invoke(app, ["--dir", str(self.place.directory), *words])
        for gateway in made:
            gateway.store.close()
        if isinstance(result.exception, InbeeldError):
            # `gateway.cli.app.run` says it and ends with 1.
            result.exit_code, output = 1, str(result.exception)
        else:
            output = result.output
        assert result.exit_code == code, (output, result.exception)
        return output

    def json(self, *words: str) -> Any:
        """Run a command that prints JSON."""
        return json.loads(self.inbeeld(*words, "--json"))

    def cases(self) -> list[dict[str, Any]]:
        """Every case there is."""
        return list(self.json("cases", "list", "--all"))

    def the_case(self) -> dict[str, Any]:
        """Everything about the only case there is."""
        (kenmerk,) = self.kenmerken()
        return dict(self.json("cases", "show", kenmerk))

    def kenmerken(self) -> list[str]:
        """The kenmerk of every case there is, without a command that tells more of each."""
        with self.gateway.store.read() as session:
            return list(session.exec(select(CaseRow.kenmerk)))

    def mailboxes(self) -> dict[str, int]:
        """What became of every mail, by outcome; the audit trail must be whole."""
        found = self.audit()
        assert found.faults == ()
        return found.mails

    def audit(self) -> Verification:
        """What `audit verify` finds."""
        with self.gateway.store.read() as session:
            return verify(session)

    def _gateway(self) -> Gateway:
        gateway = Gateway.at(self.place.directory, log=Log(self.journal), now=lambda: self.now)
        # Processes that read mails are slow to start and remember nothing: all stories share them.
        gateway.worker.readers = self.readers
        return gateway


def kinds(mails: Iterable[Mail]) -> list[str]:
    """What answers say, by words that only that text has."""
    words = {
        "in_beeld": "De patiënt is in beeld.",
        "receipt": "is goed ontvangen",
        "question": "We kunnen nog niet verder",
        "reminder": "We wachten nog op uw antwoord",
    }
    return [next((kind for kind, said in words.items() if said in mail.text), "other") for mail in mails]
