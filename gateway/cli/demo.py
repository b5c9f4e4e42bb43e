"""`demo`: one referral from the GP's mail to "in beeld", for real, on this machine.

A gateway is started in a temporary working directory as its own process; a real SMTP peer on loopback plays
the mail servers of the GP and of the organisation. Every step is checked as it is told; a step that is not
true ends the demo with exit code 1.
"""

import asyncio
import contextlib
import email
import email.policy
import json
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Annotated

import aiosmtplib
import gnupg
import typer

from gateway.cli.init import lay_out
from gateway.cli.peer import MailPeer, Received
from gateway.cli.stage import PATIENCE, NotTrueError, Stage, command, configure, must, run, serving
from gateway.cli.voice import complain, say, table, utc_now
from gateway.reading.message import parse
from gateway.sealing.gpghome import temporary_home

PRACTICE = "huisartsenpraktijk-filmwijk.example"
NAME, PHONE, WIJK = "Jolanda Verhoeven", "06-11 22 33 44", "Muziekwijk"
REMARK = "slaapt slecht en gebruikt oxazepam"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Tell the story, check every step, and stop.")] = False,
) -> None:
    """Show one referral from the GP's mail to "in beeld", for real, on this machine."""
    directory = Path(tempfile.mkdtemp(prefix="inbeeld-demo-"))
    try:
        asyncio.run(_demo(directory / "gateway", once))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _demo(directory: Path, once: bool) -> None:
    lay_out(directory)
    tls = directory / "keys" / "tls"
    async with MailPeer(tls / "server.pem", tls / "server.key", hostname="localhost") as peer:
        configure(directory, peer)
        async with serving(directory) as smtp:
            stage = Stage(directory, peer, smtp)
            try:
                await _story(stage)
            except (TimeoutError, NotTrueError) as error:
                complain((directory / "gateway.log").read_text())
                raise NotTrueError(str(error) or "the demo stopped: nothing more happened") from None
            if not once:
                _invite(stage)
                await _wait_for_signal()


async def _story(stage: Stage) -> None:
    mail = _referral()
    _chapter("1. a GP sends one mail, from her own mail program")
    _quote(f"Subject: {mail['Subject']}\n\n{mail.get_content()}")
    began = utc_now()
    answer = await _send(stage, mail)
    say(f"\n  over STARTTLS; the gateway answered: {answer}")
    say("  (that answer came after the mail was sealed and committed to disk)")

    _chapter("2. the gateway read it")
    raw = mail.as_bytes(policy=email.policy.SMTP)
    found = await _parse(stage, raw)
    table(("", "field", "read"), [("", key, found[key]) for key in ("verdict", "name", "phone", "wijk")])
    must(
        (found["name"], found["phone"], found["wijk"]) == (NAME, "+31611223344", WIJK),
        "it read the right fields",
    )

    _chapter("3. the organisation received this, and nobody on the way can read it")
    handover = await _one(stage.peer, "multipart/encrypted")
    _quote("\n".join(handover.content.decode().splitlines()[:34]) + "\n…")
    _clean(handover.content, "the mail on the wire")
    say(f"\n  delivered over {handover.tls}, after the certificate of the relay was verified")

    _chapter("4. the same, opened with the organisation's own key and plain gpg")
    opened = await asyncio.to_thread(_decrypt, stage.directory, handover.content)
    text = parse(opened)
    _quote(text.texts[0])
    must(NAME in text.texts[0] and WIJK in text.texts[0], "the organisation can read name and wijk")
    must(REMARK.encode() not in opened and b"oxazepam" not in opened, "the medical remark went nowhere")
    say("\n  and aanmelding.json for programs; the GP's medical remark is not in it, it was destroyed")

    _chapter("5. the GP has an answer in her thread, with the deadline")
    receipt = await _answer(stage.peer, mail, "neemt uiterlijk")
    case = json.loads(await run(stage.directory, "cases", "list", "--json"))[0]
    due = datetime.fromisoformat(case["due"])
    must(timedelta(days=3) - timedelta(hours=2) < due - began < timedelta(days=3, hours=2), "three days")
    _quote(receipt)
    say(f"\n  {case['kenmerk']} is {case['state']}, contact before {due.astimezone():%a %Y-%m-%d %H:%M}")

    _chapter("6. the organisation spoke with the patient and reports it")
    say(f"  $ inbeeld cases report {case['kenmerk']} contacted")
    _quote(await run(stage.directory, "cases", "report", case["kenmerk"], "contacted"))

    _chapter('7. the GP reads, in the same thread: "in beeld"')
    _quote(await _answer(stage.peer, mail, "De patiënt is in beeld."))
    again = json.loads(await run(stage.directory, "cases", "report", case["kenmerk"], "contacted", "--json"))
    must(again["moved"] is False, "a second report changes nothing")
    say("\n  reported once more, nothing changed: the GP hears it once")

    _chapter("8. what is left")
    _quote(await run(stage.directory, "cases", "show", case["kenmerk"]))
    _quote(await run(stage.directory, "audit", "verify"))
    number = _search(stage.directory)
    say(f"\n  {number} files of the gateway searched: name, number and remark stand in none of them")


def _referral() -> EmailMessage:
    mail = EmailMessage()
    # The GP's own server checked its user and says so, as front servers do (RFC 8601).
    mail["Authentication-Results"] = f"mx.handover.example; dmarc=pass header.from={PRACTICE}"
    mail["From"] = f"Marieke de Boer <m.deboer@{PRACTICE}>"
    mail["To"] = "aanmelding@handover.example"
    mail["Subject"] = "aanmelding geldzorgen"
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = make_msgid(domain=PRACTICE)
    mail.set_content(
        "Beste collega,\n\n"
        f"Graag contact met {NAME}, tel. {PHONE}, woont in de {WIJK}.\n"
        f"Zij heeft schulden, {REMARK}.\n\n"
        "Met vriendelijke groet,\nMarieke de Boer, huisarts\n"
        "Gezondheidscentrum Filmwijk\nT 036-5300000\n"
    )
    return mail


async def _send(stage: Stage, mail: EmailMessage) -> str:
    host, port = stage.smtp
    async with aiosmtplib.SMTP(
        hostname=host,
        port=port,
        start_tls=True,
        cert_bundle=str(stage.directory / "keys" / "tls" / "ca.pem"),
        local_hostname=PRACTICE,
    ) as client:
        _, answer = await client.send_message(mail)
    return f"250 {answer}"


async def _parse(stage: Stage, raw: bytes) -> dict[str, str]:
    process = await asyncio.create_subprocess_exec(
        *command(stage.directory, "parse", "-"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate(raw)
    found: dict[str, str] = json.loads(output)
    return found


async def _one(peer: MailPeer, kind: str) -> Received:
    def match(message: Received) -> bool:
        return email.message_from_bytes(message.content).get_content_type() == kind

    messages = await peer.wait_for(lambda found: any(map(match, found)), PATIENCE)
    return next(filter(match, messages))


async def _answer(peer: MailPeer, mail: EmailMessage, words: str) -> str:
    """The answer with these words, after checking that it stands in the thread and holds no patient data."""

    def match(message: Received) -> bool:
        return any(words in text for text in parse(message.content).texts)

    messages = await peer.wait_for(lambda found: any(map(match, found)), PATIENCE)
    found = [message for message in messages if match(message)]
    must(len(found) == 1, "it was answered once")
    head = parse(found[0].content)
    must(head.in_reply_to == mail["Message-ID"], "the answer stands in the GP's thread")
    must(found[0].envelope_from == "" and head.header("auto-submitted") == "auto-replied", "it is automatic")
    _clean(found[0].content, "the answer")
    shown = [f"{name}: {head.header(name)}" for name in ("From", "To", "In-Reply-To", "Auto-Submitted")]
    return "\n".join([*shown, f"Subject: {head.subject}", "", head.texts[0]])


def _decrypt(directory: Path, content: bytes) -> bytes:
    message = email.message_from_bytes(content)
    armour = message.get_payload(1).get_payload(decode=True)  # type: ignore[union-attr]
    with temporary_home(Path(tempfile.gettempdir())) as home:
        gpg = gnupg.GPG(gnupghome=str(home), options=["--pinentry-mode=loopback"])
        gpg.import_keys((directory / "keys" / "trial" / "de-schoor.private.asc").read_text())
        opened = gpg.decrypt(armour)
    must(opened.ok, "gpg opens it with the organisation's key")
    return bytes(opened.data)


def _clean(content: bytes, where: str) -> None:
    message = parse(content)
    shown = content + message.subject.encode() + "".join(message.texts).encode()
    for secret in _secrets():
        must(secret not in shown, f"{where} holds nothing of the patient")


def _search(directory: Path) -> int:
    files = [path for path in directory.rglob("*") if path.is_file() and "trial" not in path.parts]
    for path in files:
        content = path.read_bytes()
        for secret in _secrets():
            must(secret not in content, f"{path.name} holds nothing of the patient")
    return len(files)


def _secrets() -> list[bytes]:
    return [
        NAME.encode(),
        NAME.split()[1].encode(),
        PHONE.encode(),
        b"611223344",
        b"11223344",
        REMARK.encode(),
    ]


def _invite(stage: Stage) -> None:
    host, port = stage.smtp
    _chapter("now you")
    say("  the gateway keeps running; send it a mail of your own from another terminal:")
    proof = f"Authentication-Results: mx.handover.example; dmarc=pass header.from={PRACTICE}"
    say(
        f"  swaks --server {host}:{port} --tls --from u@{PRACTICE} --to aanmelding@handover.example \\\n"
        f'    --add-header "{proof}" \\\n'
        '    --body "Naam: Piet Paulusma, tel 06-12345678, wijk Filmwijk"'
    )
    say(f"  inbeeld --dir {stage.directory} cases list")
    say("  ctrl-c ends it")


async def _wait_for_signal() -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()


def _chapter(title: str) -> None:
    say(f"\n{title}\n{'-' * min(len(title), shutil.get_terminal_size().columns)}")


def _quote(text: str) -> None:
    for line in text.rstrip().splitlines():
        say(f"  | {line}")
