"""`inbeeld collect`, as an organisation runs it: its own process, over real HTTPS."""

import asyncio
import json
import os
import signal
import stat
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from gateway.cli.app import app
from gateway.errors import InbeeldError
from gateway.sealing import jwe
from gateway.store import audit
from tests.contract.mailbox.harbour import HAVEN, Harbour
from tests.patience import PATIENCE_S, heeds_interrupts
from tests.wire.harness import until

ROOT = Path(__file__).resolve().parents[3]

KILLED = """
import os, signal
from gateway.cli.mailboxclient import MailboxClient
from gateway.cli.app import run

MailboxClient.acknowledge = lambda client, items: os.kill(os.getpid(), signal.SIGKILL)
run()
"""
"""The command, in a process that is killed when it has kept items and not yet said so."""


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    told: str


def token_file(harbour: Harbour, folder: Path, who: str = HAVEN) -> Path:
    """The organisation's token, as it keeps it."""
    path = folder / f"{who}.token"
    path.touch(0o600)
    path.write_text(harbour.tokens[who] + "\n")
    return path


async def collect(
    harbour: Harbour, folder: Path, *words: str, key: Path | None = None, killed: bool = False
) -> Done:
    """Run `inbeeld collect` to its end, in a folder that holds no configuration."""
    start = ("-c", KILLED) if killed else ("-m", "gateway")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *start, "collect", "--url", harbour.url, "--ca-file", str(harbour.ca)),
        *("--token-file", str(token_file(harbour, folder)), "--key", str(key or harbour.key(HAVEN))),
        *words,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, told = await process.communicate()
    return Done(process.returncode or 0, out.decode(), told.decode())


async def test_it_prints_what_a_person_reads_and_then_acknowledges(harbour: Harbour, tmp_path: Path) -> None:
    patient = await harbour.refer()
    done = await collect(harbour, tmp_path)
    assert (done.code, "1 collected" in done.told) == (0, True)
    assert f"Naam:          {patient.name}" in done.out
    assert patient.name not in done.told
    assert harbour.town.the_case()["state"] == "collected"
    assert "0 collected" in (await collect(harbour, tmp_path)).told


async def test_it_writes_a_file_each_that_nobody_else_may_read(harbour: Harbour, tmp_path: Path) -> None:
    people = [await harbour.refer() for _ in range(2)]
    out = tmp_path / "post"
    done = await collect(harbour, tmp_path, "--out", str(out), "--json")
    assert done.code == 0, done.told
    files = sorted(out.iterdir())
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600, 0o600]
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    read = [json.loads(path.read_text()) for path in files]
    assert {one["telefoon"] for one in read} == {patient.e164 for patient in people}
    assert all(path.name.startswith(one["kenmerk"]) for path, one in zip(files, read, strict=True))
    assert not any(patient.name in done.out + done.told for patient in people)


async def test_what_can_not_be_written_is_not_acknowledged(harbour: Harbour, tmp_path: Path) -> None:
    await harbour.refer()
    out = tmp_path / "post"
    out.mkdir()
    code = (
        "import gateway.cli.collect as c, os\nos.fsync = None\nc.os.fsync = lambda _: os.stat('/no/such')\n"
    )
    start = f"{code}from gateway.cli.app import run\nrun()"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", start, "collect", "--url", harbour.url, "--ca-file", str(harbour.ca)),
        *("--token-file", str(token_file(harbour, tmp_path)), "--key", str(harbour.key(HAVEN))),
        *("--out", str(out)),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await process.communicate()
    assert process.returncode == 1
    assert b"nothing was acknowledged" in told
    assert list(out.iterdir()) == [], "whole or not at all"
    assert harbour.town.the_case()["state"] == "delivered"


async def test_the_wrong_key_opens_nothing_and_says_so(harbour: Harbour, tmp_path: Path) -> None:
    await harbour.refer()
    _, private, _ = jwe.generate()
    key = tmp_path / "other.jwk"
    key.touch(0o600)
    key.write_bytes(private)
    done = await collect(harbour, tmp_path, key=key)
    assert (done.code, done.out) == (1, "")
    assert "was not opened (try 1)" in done.told
    assert "Traceback" not in done.told
    assert harbour.town.the_case()["state"] == "delivered"


async def test_a_report_is_made_and_said_twice_changes_nothing(harbour: Harbour, tmp_path: Path) -> None:
    await harbour.refer()
    kenmerk = harbour.town.cases()[0]["kenmerk"]
    first = await collect(harbour, tmp_path, "--report", kenmerk.lower().replace("-", " "), "contacted")
    assert (first.code, first.out) == (0, f"{kenmerk} is now contacted\n")
    again = await collect(harbour, tmp_path, "--report", kenmerk, "in_beeld", "--json")
    assert json.loads(again.out)["gewijzigd"] is False
    wrong = await collect(harbour, tmp_path, "--report", kenmerk, "zomaar")
    assert (wrong.code, "is geen bekende code" in wrong.told) == (1, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--url", "http://localhost:1"), "is not an address such as https://"),
        (("--url", "https://localhost:1"), "can't be reached"),
        (("--ca-file", "/no/such/file"), "PEM files"),
        (("--token-file", "/no/such/file"), "private key"),
        (("--key", "/etc/hostname"), "others on this machine may read it"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    for name, content in (("token", "inbeeld_x"), ("key", jwe.generate()[1].decode())):
        (tmp_path / name).touch(0o600)
        (tmp_path / name).write_text(content)
    known = {"--url": "https://localhost:1", "--token-file": f"{tmp_path}/token", "--key": f"{tmp_path}/key"}
    known |= dict(zip(words[::2], words[1::2], strict=True))
    done = CliRunner().invoke(app, ["collect", *(word for pair in known.items() for word in pair)])
    assert told in done.output + str(done.exception)
    # Anything else than these two would be shown with its trace.
    assert isinstance(done.exception, InbeeldError | SystemExit)


async def test_a_stranger_is_not_let_in(harbour: Harbour, tmp_path: Path) -> None:
    harbour.tokens[HAVEN] = "inbeeld_0123456789ab_" + "x" * 43
    done = await collect(harbour, tmp_path)
    assert (done.code, "does not know this token" in done.told) == (1, True)


async def test_watching_gets_what_comes_later(harbour: Harbour, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "collect", "--url", harbour.url, "--ca-file", str(harbour.ca)),
        *("--token-file", str(token_file(harbour, tmp_path)), "--key", str(harbour.key(HAVEN))),
        *("--watch", "--json"),
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=heeds_interrupts,
    )
    assert process.stdout
    assert process.stderr
    async with asyncio.timeout(PATIENCE_S):
        assert b"waiting for referrals" in await process.stderr.readline()
        for _ in range(2):
            patient = await harbour.refer()
            assert json.loads(await process.stdout.readline())["telefoon"] == patient.e164
            assert b"collected" in await process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, told = await process.communicate()
    assert (process.returncode, "2 collected" in told.decode()) == (0, True)


async def test_two_collectors_one_killed_and_nothing_lost(harbour: Harbour, tmp_path: Path) -> None:
    for _ in range(12):
        await harbour.refer()
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    outs = [folder / "post" for folder in folders]

    killed = asyncio.create_task(collect(harbour, folders[0], "--out", str(outs[0]), killed=True))
    # Whoever came first might leave nothing for the other.
    await until(lambda: killed.done() or (outs[0].exists() and any(outs[0].iterdir())))
    second = await collect(harbour, folders[1], "--out", str(outs[1]))
    first = await killed
    assert first.code == -signal.SIGKILL
    assert second.code == 0, second.told
    left = [case for case in harbour.town.cases() if case["state"] == "delivered"]
    assert left, "the killed one had items in hand"
    # Kept, and the gateway never heard of it: at least the one at which it was killed.
    unsaid = [
        path for path in outs[0].iterdir() if any(path.name.startswith(case["kenmerk"]) for case in left)
    ]
    assert unsaid

    harbour.later(minutes=6)
    last = await collect(harbour, folders[1], "--out", str(outs[1]))
    assert (last.code, f"{len(left)} collected" in last.told) == (0, True)

    with harbour.town.gateway.store.read() as session:
        handled = Counter(row.case_id for row in audit.export(session) if row.kind == "mailbox.collected")
    assert (len(handled), set(handled.values())) == (12, {1}), "each was acknowledged exactly once"
    kept = Counter(path.name for out in outs for path in out.iterdir())
    assert len(kept) == 12, "none is lost"
    assert sum(kept.values()) == 12 + len(unsaid), "what was not acknowledged came again, by the same name"
    assert all(not path.name.startswith(".") for out in outs for path in out.iterdir())
    assert harbour.town.audit().faults == ()
