"""The other sides of the trials that `inbeeld init --with` makes, to try the gateway with.

    python -m tests.peers.trial fhir DIR
    python -m tests.peers.trial klantinteracties DIR
    python -m tests.peers.trial sftp DIR
    python -m tests.peers.trial imap DIR
    python -m tests.peers.trial relay DIR

It listens where the trial's configuration expects it, and opens and shows every referral that comes, until
its input ends. A line on standard input changes the newest Task or task: `in-progress contacted` (FHIR),
`[in_beeld]` (Open Klant). As an IMAP server it puts a referral in the mailbox for each line that names a wijk
(`Muziekwijk`), or the mail in the file that a line names. As a relay it shows every mail, and keeps it in the
folder `mails` of DIR.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwe, jws
from joserfc.jwk import ECKey

from gateway.demo.peer import Received
from tests.invented import PATIENT, PRACTICE, WIRE, make_mail
from tests.peers.fhirserver import FhirServer
from tests.peers.imapserver import ImapServer
from tests.peers.mail import MailPeer
from tests.peers.openklant import OpenKlant
from tests.peers.sftp import SftpServer

HOUT, PAMPUS, VAARTEN = "wijkteam-hout", "gemeente-pampus", "wijkteam-vaarten"
SHOWN_OF_A_MAIL = 12
"""So many lines of a mail's text are shown."""


class Trial:
    """What `inbeeld init DIR --with …` made."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.keys = directory, directory / "keys"
        self.tls = (self.keys / "tls" / "server.pem", self.keys / "tls" / "server.key")

    def settings(self) -> dict[str, Any]:
        """What stands in inbeeld.toml."""
        return tomllib.loads((self.directory / "config" / "inbeeld.toml").read_text())

    def port(self, organisation: str, option: str) -> int:
        """Where an organisation is expected."""
        entries = tomllib.loads((self.directory / "config" / "organisations.toml").read_text())
        (entry,) = (one for one in entries["organisation"] if one["id"] == organisation)
        return urlsplit(entry["options"][option]).port or 0

    def opened(self, token: bytes, organisation: str) -> str:
        """The referral in a JWE; whether the gateway signed it is not looked at."""
        private = self.keys / "trial" / f"{organisation}.private.jwk"
        key = ECKey.import_key(json.loads(private.read_bytes()))
        inner = jwe.decrypt_compact(token, key, algorithms=["ECDH-ES+A256KW", "A256GCM"]).plaintext or b""
        return jws.extract_compact(inner).payload.decode("utf-8", "replace")


async def lines(do: Callable[[str], object]) -> None:
    """Do something with every line of the input, until it ends."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        if words := line.strip():
            do(words)


def say(*words: str) -> None:
    """Print lines at once, also into a pipe."""
    print(*words, sep="\n", flush=True)


async def serve_fhir(trial: Trial) -> None:
    """Play a receiver whose FHIR server asks for a certificate and a token."""

    class Shown(FhirServer):
        def took(self, task: dict[str, Any]) -> None:
            attachment = task["input"][0].get("valueAttachment")
            if attachment is None:
                say(json.dumps({"Patient": task["contained"][0], "input": task["input"]}, ensure_ascii=False))
            else:
                say(trial.opened(base64.b64decode(attachment["data"]), HOUT))

    peer = Shown(*trial.tls, trial.keys / "tls" / "ca.pem")
    peer.token = (trial.keys / "fhir" / f"{HOUT}.token").read_text().strip()
    peer.port = trial.port(HOUT, "url")

    def change(words: str) -> None:
        status, _, progress = words.partition(" ")
        if peer.tasks:
            peer.says(list(peer.tasks)[-1], status, progress)
        say(f"the newest Task is {words}" if peer.tasks else "there is no Task yet")

    async with peer:
        say(f"listening at {peer.url}/fhir")
        await lines(change)


async def serve_klantinteracties(trial: Trial) -> None:
    """Play a municipality's Open Klant."""

    class Shown(OpenKlant):
        def took(self, task: dict[str, Any]) -> None:
            contact = self.kept["klantcontacten"][task["aanleidinggevendKlantcontact"]["uuid"]]
            say(task["gevraagdeHandeling"], contact["inhoud"])

    peer = Shown(*trial.tls)
    peer.token = (trial.keys / "klantinteracties" / f"{PAMPUS}.token").read_text().strip()
    peer.port = trial.port(PAMPUS, "url")

    def change(words: str) -> None:
        if tasks := peer.tasks():
            tasks[-1]["toelichting"] = words
        say(f"in the newest task stands {words}" if tasks else "there is no task yet")

    async with peer:
        say(f"listening at {peer.api}")
        await lines(change)


async def serve_sftp(trial: Trial) -> None:
    """Play a team's SFTP server; what it holds lies in the trial's `data`."""
    folder = trial.directory / "data" / VAARTEN
    async with SftpServer(folder, trial.keys / "trial" / VAARTEN, trial.port(VAARTEN, "sftp")) as server:
        say(f"listening at sftp://localhost:{server.port}, which shows {folder}")
        await lines(lambda _: say(*sorted(each.name for each in folder.iterdir())))


def mail_of(words: str) -> bytes:
    """The mail in the file of this name, or a referral from the wijk of this name."""
    file = Path(words)
    if file.is_file():
        return b"\r\n".join(file.read_bytes().splitlines()) + b"\r\n"
    mail = make_mail(replace(PATIENT, wijk=words))
    mail.replace_header("Date", format_datetime(datetime.now(UTC)))
    return f"Return-Path: <m.deboer@{PRACTICE}>\r\n".encode() + mail.as_bytes(policy=WIRE)


async def serve_imap(trial: Trial) -> None:
    """Play the provider of the mailbox."""
    settings = trial.settings()["imap"]
    server = ImapServer(*trial.tls)
    server.user, server.port = settings["username"], int(settings["server"].rpartition(":")[2])
    server.password = (trial.directory / settings["password_file"]).read_text().strip()
    async with server:
        say(f"listening at imaps://localhost:{server.port}")
        await lines(lambda words: say(f"put in the mailbox: {server.put(mail_of(words))}"))


async def serve_relay(trial: Trial) -> None:
    """Play the relay through which all mail leaves."""
    port = int(trial.settings()["delivery"]["relay"].rpartition(":")[2])
    folder = trial.directory / "mails"
    folder.mkdir(mode=0o700, exist_ok=True)

    class Shown(MailPeer):
        def took(self, message: Received) -> None:
            number = len(self.messages)
            (folder / f"{number:04}.eml").write_bytes(message.content)
            say(*shown(message), f"(mails/{number:04}.eml)")

    async with Shown(*trial.tls, port=port, hostname="localhost") as peer:
        say(f"listening at smtp://localhost:{peer.port}")
        await lines(lambda _: say(f"{len(peer.messages)} mails came"))


def shown(message: Received) -> list[str]:
    """A mail as people look at it."""
    mail = message_from_bytes(message.content, policy=default)
    body = mail.get_body(("plain",))
    text = body.get_content().splitlines() if body is not None else ["(encrypted)"]
    thread = [f"In-Reply-To: {mail['In-Reply-To']}"] if mail["In-Reply-To"] else []
    head = [f"To: {', '.join(message.recipients)} ({message.tls})", f"Subject: {mail['Subject']}"]
    return ["", *head, *thread, "", *text[:SHOWN_OF_A_MAIL]]


KINDS = {
    "fhir": serve_fhir,
    "klantinteracties": serve_klantinteracties,
    "sftp": serve_sftp,
    "imap": serve_imap,
    "relay": serve_relay,
}


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("directory", type=Path, help="what 'inbeeld init DIR --with …' made")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(KINDS[given.kind](Trial(given.directory)))


if __name__ == "__main__":
    main()
