"""The receivers of the trials that `inbeeld init --with` makes, to try the gateway with.

    python -m tests.peers.trial fhir DIR
    python -m tests.peers.trial klantinteracties DIR
    python -m tests.peers.trial imap DIR

It listens where the trial's organisation is expected, and opens and shows every referral that comes. A line
on standard input changes the newest Task or task: `in-progress contacted` (FHIR), `[in_beeld]` (Open Klant).
As an IMAP server it puts a referral in the mailbox for each line that names a wijk (`Muziekwijk`), or the
mail in the file that a line names.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from joserfc import jwe, jws
from joserfc.jwk import ECKey

from tests.invented import PATIENT, PRACTICE, WIRE, make_mail
from tests.peers.fhirserver import FhirServer
from tests.peers.imapserver import ImapServer
from tests.peers.openklant import OpenKlant

PORTS = {"fhir": 9444, "klantinteracties": 9445, "imap": 9993}
TEAMS = {"fhir": "wijkteam-hout", "klantinteracties": "gemeente-pampus"}


def opened(token: bytes, private: Path) -> str:
    """The referral in a JWE; whether the gateway signed it is not looked at."""
    key = ECKey.import_key(json.loads(private.read_bytes()))
    inner = jwe.decrypt_compact(token, key, algorithms=["ECDH-ES+A256KW", "A256GCM"]).plaintext or b""
    return jws.extract_compact(inner).payload.decode("utf-8", "replace")


def shown(task: dict[str, Any], private: Path) -> str:
    """The referral of a Task: in its JWE, or in clear where that was agreed."""
    attachment = task["input"][0].get("valueAttachment")
    if attachment is None:
        return json.dumps({"Patient": task["contained"][0], "input": task["input"]}, ensure_ascii=False)
    return opened(base64.b64decode(attachment["data"]), private)


def change(peer: FhirServer | OpenKlant, words: str) -> None:
    """Let the newest task say this."""
    if isinstance(peer, OpenKlant):
        peer.tasks()[-1]["toelichting"] = words
        return
    status, _, progress = words.partition(" ")
    peer.says(list(peer.tasks)[-1], status, progress)


def mail_of(words: str) -> bytes:
    """The mail in the file of this name, or a referral from the wijk of this name."""
    file = Path(words)
    if file.is_file():
        return b"\r\n".join(file.read_bytes().splitlines()) + b"\r\n"
    mail = make_mail(replace(PATIENT, wijk=words))
    mail.replace_header("Date", format_datetime(datetime.now(UTC)))
    return f"Return-Path: <m.deboer@{PRACTICE}>\r\n".encode() + mail.as_bytes(policy=WIRE)


async def serve_mailbox(directory: Path) -> None:
    """Play the provider of the mailbox until the input ends."""
    tls, secret = directory / "keys" / "tls", directory / "keys" / "gateway" / "imap.password"
    server = ImapServer(tls / "server.pem", tls / "server.key")
    server.user, server.password, server.port = "aanmelding", secret.read_text().strip(), PORTS["imap"]
    async with server:
        print(f"listening at imaps://localhost:{server.port}", flush=True)
        while words := (await asyncio.to_thread(sys.stdin.readline)).strip():
            print(f"put in the mailbox: {server.put(mail_of(words))}", flush=True)


async def serve(kind: str, directory: Path) -> None:
    """Serve until it is interrupted."""
    tls = directory / "keys" / "tls"
    made = FhirServer if kind == "fhir" else OpenKlant
    peer: FhirServer | OpenKlant = made(tls / "server.pem", tls / "server.key")
    peer.token = (directory / "keys" / kind / f"{TEAMS[kind]}.token").read_text().strip()
    peer.port = PORTS[kind]
    private = directory / "keys" / "trial" / f"{TEAMS[kind]}.private.jwk"
    seen = 0
    async with peer:
        print(f"listening at {peer.url}", flush=True)
        lines = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        while True:
            done, _ = await asyncio.wait([lines], timeout=1)
            if done:
                if not (words := (await lines).strip()):
                    return
                change(peer, words)
                lines = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
            if isinstance(peer, FhirServer):
                for task in list(peer.tasks.values())[seen:]:
                    print(shown(task, private), flush=True)
                seen = len(peer.tasks)
            else:
                for task in peer.tasks()[seen:]:
                    contact = peer.kept["klantcontacten"][task["aanleidinggevendKlantcontact"]["uuid"]]
                    print(task["gevraagdeHandeling"], contact["inhoud"], sep="\n", flush=True)
                seen = len(peer.tasks())


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=PORTS)
    parser.add_argument("directory", type=Path, help="what 'inbeeld init DIR --with …' made")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(
            serve_mailbox(given.directory) if given.kind == "imap" else serve(given.kind, given.directory)
        )


if __name__ == "__main__":
    main()
