"""Runs whole corpora of mail through a gateway: `python -m tests.corpora DIR [DIR …]`.

Every .eml file and every message of every mbox below the folders is sent over SMTP to a gateway of its own,
on loopback: once as it came (nobody vouches for it), and once as a practice's, so that it is read as well. It
counts what became of each, tells the slowest and the largest, and ends with 1 if a mail had no end, if a step
failed, or if the gateway is not there any more. Names of files are told, and nothing that stands in them.
"""

import argparse
import asyncio
import json
import mailbox
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.bench.place import ADDRESS, FRONT, Serving, make, practice, serving

AT_ONCE = 16
PATIENCE_S = 120.0
"""So long it is waited after the last mail that came to an end."""
OURS = re.compile(rb"^(?:from|sender|to|cc|authentication-results)[ \t]*:.*(?:\r\n[ \t].*)*\r\n", re.I | re.M)
SHOWN = 5


@dataclass
class Sent:
    """One message: its name, whether as a practice's, its size, and what became of it."""

    name: str
    proven: bool
    size: int
    answer: str = ""
    id: str = ""
    outcome: str = ""
    seconds: float = 0.0


@dataclass
class Tally:
    """Everything that was sent, and what failed."""

    mails: list[Sent] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    alive: bool = True
    seconds: float = 0.0
    memory: float = 0.0

    @property
    def crashed(self) -> int:
        """Mails without an end, steps that failed, and the gateway itself."""
        endless = sum(1 for mail in self.mails if mail.id and not mail.outcome)
        return endless + sum(self.failed.values()) + (not self.alive)


def messages(folders: list[Path]) -> Iterator[tuple[str, bytes]]:
    """The name and the bytes of every message."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() == ".eml" and path.is_file():
                yield str(path.relative_to(folder)), path.read_bytes()
            elif path.suffix.lower() in (".mbox", ".mbx") and path.is_file():
                box = mailbox.mbox(path, create=False)
                for key in box.iterkeys():
                    yield f"{path.relative_to(folder)}#{key}", box.get_bytes(key)


def as_practices(content: bytes, number: int) -> bytes:
    """The same message, sent by a practice for which the front server vouches."""
    head, gap, body = content.partition(b"\r\n\r\n")
    domain = practice(number)
    top = (
        f"Authentication-Results: {FRONT}; dmarc=pass header.from={domain}\r\n"
        f"From: M. de Boer <a{number}@{domain}>\r\nTo: {ADDRESS}\r\n"
    )
    return top.encode() + OURS.sub(b"", head + b"\r\n")[:-2] + gap + body


def on_the_wire(content: bytes) -> bytes:
    """With the line ends of SMTP, which corpora on a disk do not have."""
    return re.sub(rb"\r\n|\r|\n", b"\r\n", content).rstrip(b"\r\n") + b"\r\n"


async def run(folders: list[Path], served: Serving, log: Path, most: int) -> Tally:
    """Send them all, wait until each has an end, and read from the log what it was."""
    tally, began, gate = Tally(), time.monotonic(), asyncio.Semaphore(AT_ONCE)

    async def one(name: str, content: bytes, number: int, proven: bool) -> None:
        wire = on_the_wire(content)
        wire = as_practices(wire, number) if proven else wire
        sent = Sent(name, proven, len(wire))
        tally.mails.append(sent)
        try:
            await _send(served.port, number, wire, sent)
        except OSError as error:
            sent.answer = type(error).__name__
        finally:
            gate.release()
        if len(tally.mails) % 500 == 0:
            print(f"{len(tally.mails)} sent", file=sys.stderr, flush=True)

    async with asyncio.TaskGroup() as tasks:
        for number, (name, content) in enumerate(messages(folders)):
            if number >= most:
                break
            for proven in (False, True):
                await gate.acquire()
                tasks.create_task(one(name, content, number, proven))
    with_id = {mail.id: mail for mail in tally.mails if mail.id}
    ended, ends = -1, 0.0
    while served.process.poll() is None:
        _read_log(log, with_id, tally)
        now_ended = sum(1 for mail in with_id.values() if mail.outcome)
        if now_ended > ended:
            ended, ends = now_ended, time.monotonic() + PATIENCE_S
        if ended == len(with_id) or time.monotonic() > ends:
            break
        await asyncio.sleep(0.5)
    tally.alive = served.process.poll() is None
    tally.seconds = time.monotonic() - began
    tally.memory = served.use().peak if tally.alive else 0.0
    return tally


async def _send(port: int, number: int, wire: bytes, sent: Sent) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        steps = (
            b"",
            b"EHLO corpora.example\r\n",
            f"MAIL FROM:<a{number}@{practice(number)}>\r\n".encode(),
            f"RCPT TO:<{ADDRESS}>\r\n".encode(),
            b"DATA\r\n",
            re.sub(rb"(?m)^\.", b"..", wire) + b".\r\n",
        )
        for step in steps:
            writer.write(step)
            while (line := await reader.readline())[3:4] == b"-":
                pass
            sent.answer = line.decode("ascii", "replace").strip()
            if line[:1] not in (b"2", b"3"):
                return
        sent.id = sent.answer.rpartition(" ")[2]
        writer.write(b"QUIT\r\n")
    finally:
        writer.close()


def _read_log(log: Path, mails: dict[str, Sent], tally: Tally) -> None:
    kept: dict[str, float] = {}
    tally.failed.clear()
    for line in log.read_bytes().splitlines():
        try:
            event = json.loads(line)
            at = datetime.fromisoformat(event["timestamp"]).timestamp()
        except (ValueError, KeyError):
            continue
        if event["event"] == "mail.accepted":
            kept |= dict.fromkeys(event["mails"], at)
        elif event["event"] == "mail.received" and (mail := mails.get(event["mail"])):
            mail.outcome = event["outcome"] + (f" {event['code']}" if event["code"] else "")
            mail.seconds = max(0.0, at - kept.get(mail.id, at))
        elif event["event"] == "step.failed":
            tally.failed[f"{event['step']} {event['error']} {event['place']}"] += 1


def told(tally: Tally) -> str:
    """Everything as text."""
    lines = [f"{len(tally.mails)} sent in {tally.seconds:.0f} s, gateway {tally.memory:.0f} MiB at most"]
    for proven in (False, True):
        mine = [mail for mail in tally.mails if mail.proven is proven]
        ends = Counter(
            mail.outcome or ("no end" if mail.id else f"not kept: {mail.answer[:40]}") for mail in mine
        )
        lines.append("as a practice's:" if proven else "as they came:")
        lines += [f"  {number:>7}  {what}" for what, number in ends.most_common()]
    lines.append("slowest (250 to its end, with all that waited before it):")
    by_time = sorted(tally.mails, key=lambda mail: -mail.seconds)[:SHOWN]
    lines += [f"  {mail.seconds:7.2f} s  {mail.size:>9} bytes  {mail.name}" for mail in by_time]
    lines.append("largest:")
    by_size = sorted((mail for mail in tally.mails if mail.proven), key=lambda mail: -mail.size)[:SHOWN]
    lines += [f"  {mail.size:>9} bytes  {mail.seconds:7.2f} s  {mail.name}" for mail in by_size]
    lines += [f"  failed: {what} ×{number}" for what, number in tally.failed.items()]
    lines.append(f"crashed: {tally.crashed}")
    return "\n".join(lines)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.corpora",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--most", type=int, default=1_000_000, help="so many messages at most")
    arguments = parser.parse_args()
    for each in arguments.folders:
        if not each.is_dir():
            parser.error(f"{each} is no folder")
    if next(messages(arguments.folders), None) is None:
        parser.error("no .eml and no .mbox in what was named")
    with tempfile.TemporaryDirectory(prefix="inbeeld-corpora-", dir="/tmp") as folder:
        place = make(Path(folder) / "place")
        config = place / "config" / "inbeeld.toml"
        # Nobody is kept out for what others sent: every mail must be looked at.
        limits = "unproven_mails_per_network = 1_000_000\nunproven_mails = 1_000_000\n"
        limits += "stranger_mails_per_network = 1_000_000\nstranger_mails = 1_000_000\n"
        config.write_text(config.read_text() + limits)
        with serving(place) as served:
            tally = asyncio.run(run(arguments.folders, served, place / "serve.log", arguments.most))
    print(told(tally))
    return int(tally.crashed > 0)


if __name__ == "__main__":
    sys.exit(main())
