"""The story that the demo tells first: one referral from the GP's mail to "in beeld", every step checked."""

import asyncio
import email
import email.policy
import json
import shutil
import tempfile
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import gnupg

from gateway.cli.console import say, table
from gateway.demo.mail import PATIENT, PRACTICE, REMARK, referral, send
from gateway.demo.peer import DemoPeer, Received
from gateway.demo.stage import PATIENCE, DemoStage, heed_stop, must, run
from gateway.pipeline.schedule import utc_now
from gateway.reading.mail.message import parse
from gateway.sealing.gpg import temporary_home


async def tell(stage: DemoStage) -> None:
    """Tell it; raises `NotTrueError` at a step that is not true, TimeoutError at one that stays out."""
    mail = referral(PATIENT, PRACTICE, utc_now(), remark=REMARK)
    chapter("1. a GP sends one mail, from her own mail program")
    _quote(f"Subject: {mail['Subject']}\n\n{mail.get_content()}")
    began = utc_now()
    answer = await send(stage.directory, stage.smtp, mail)
    say(f"\n  over STARTTLS; the gateway answered: {answer}")
    say("  (that answer came after the mail was sealed and committed to disk)")

    chapter("2. the gateway read it")
    raw = mail.as_bytes(policy=email.policy.SMTP)
    found = await _parse(stage, raw)
    table(("", "field", "read"), [("", key, found[key]) for key in ("verdict", "name", "phone", "wijk")])
    must(
        (found["name"], found["phone"], found["wijk"]) == (PATIENT.name, "+31611223344", PATIENT.wijk),
        "it read the right fields",
    )

    chapter("3. the organisation received this, and nobody on the way can read it")
    handover = await _one(stage.peer, "multipart/encrypted")
    _quote("\n".join(handover.content.decode().splitlines()[:34]) + "\n…")
    _clean(handover.content, "the mail on the wire")
    say(f"\n  delivered over {handover.tls}, after the certificate of the relay was verified")

    chapter("4. the same, opened with the organisation's own key and plain gpg")
    opened = await asyncio.to_thread(_decrypt, stage.directory, handover.content)
    text = parse(opened)
    _quote(text.texts[0])
    must(
        PATIENT.name in text.texts[0] and PATIENT.wijk in text.texts[0],
        "the organisation can read name and wijk",
    )
    must(REMARK.encode() not in opened and b"oxazepam" not in opened, "the medical remark went nowhere")
    say("\n  and aanmelding.json for programs; the GP's medical remark is not in it, it was destroyed")

    chapter("5. the GP has an answer in her thread, with the deadline")
    receipt = await _answer(stage.peer, mail, "neemt uiterlijk")
    case = json.loads(await run(stage.directory, "cases", "list", "--json"))[0]
    due = datetime.fromisoformat(case["due"])
    must(timedelta(days=3) - timedelta(hours=2) < due - began < timedelta(days=3, hours=2), "three days")
    _quote(receipt)
    say(f"\n  {case['kenmerk']} is {case['state']}, contact before {due.astimezone():%a %Y-%m-%d %H:%M}")

    chapter("6. the organisation spoke with the patient and reports it")
    say(f"  $ inbeeld cases report {case['kenmerk']} contacted")
    _quote(await run(stage.directory, "cases", "report", case["kenmerk"], "contacted"))

    chapter('7. the GP reads, in the same thread: "in beeld"')
    _quote(await _answer(stage.peer, mail, "De patiënt is in beeld."))
    again = json.loads(await run(stage.directory, "cases", "report", case["kenmerk"], "contacted", "--json"))
    must(again["moved"] is False, "a second report changes nothing")
    say("\n  reported once more, nothing changed: the GP hears it once")

    chapter("8. what is left")
    _quote(await run(stage.directory, "cases", "show", case["kenmerk"]))
    _quote(await run(stage.directory, "audit", "verify"))
    number = _search(stage.directory)
    say(f"\n  {number} files of the gateway searched: name, number and remark stand in none of them")


async def _parse(stage: DemoStage, raw: bytes) -> dict[str, str]:
    found: dict[str, str] = json.loads(await run(stage.directory, "parse", "-", given=raw))
    return found


async def _one(peer: DemoPeer, kind: str) -> Received:
    def match(message: Received) -> bool:
        return email.message_from_bytes(message.content).get_content_type() == kind

    messages = await peer.wait_for(lambda found: any(map(match, found)), PATIENCE)
    return next(filter(match, messages))


async def _answer(peer: DemoPeer, mail: EmailMessage, words: str) -> str:
    """The answer with these words, after checking that it stands in the thread and holds no patient data."""

    def match(message: Received) -> bool:
        return any(words in text for text in parse(message.content).texts)

    messages = await peer.wait_for(lambda found: any(map(match, found)), PATIENCE)
    found = [message for message in messages if match(message)]
    must(len(found) == 1, "it was answered once")
    head = parse(found[0].content)
    must(head.in_reply_to == mail["Message-ID"], "the answer stands in the GP's thread")
    must(head.header("auto-submitted") == "auto-replied", "it is automatic")
    must("+b." in found[0].envelope_from, "if it bounces, only its own return address will be believed")
    _clean(found[0].content, "the answer")
    shown = [f"{name}: {head.header(name)}" for name in ("From", "To", "In-Reply-To", "Auto-Submitted")]
    return "\n".join([*shown, f"Subject: {head.subject}", "", head.texts[0]])


def _decrypt(directory: Path, content: bytes) -> bytes:
    message = email.message_from_bytes(content)
    armour = message.get_payload(1).get_payload(decode=True)  # type: ignore[union-attr]
    with temporary_home(Path(tempfile.gettempdir())) as home:
        gpg = gnupg.GPG(gnupghome=str(home), options=["--pinentry-mode=loopback"])
        gpg.import_keys((directory / "keys" / "trial" / "de-schoor.private.asc").read_text())
        gpg.import_keys((directory / "keys" / "gateway" / "openpgp.asc").read_text())
        opened = gpg.decrypt(armour)
    must(opened.ok, "gpg opens it with the organisation's key")
    must(opened.valid, "and finds the gateway's own signature in it")
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
        PATIENT.name.encode(),
        PATIENT.name.split()[1].encode(),
        PATIENT.phone.encode(),
        b"611223344",
        b"11223344",
        REMARK.encode(),
    ]


def chapter(title: str) -> None:
    """Begin another part."""
    heed_stop()
    say(f"\n{title}\n{'-' * min(len(title), shutil.get_terminal_size().columns)}")


def _quote(text: str) -> None:
    for line in text.rstrip().splitlines():
        say(f"  | {line}")
