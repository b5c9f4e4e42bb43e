"""`serve` as the process it is: it says where it listens, and hands back what it holds when it stops."""

import os
import resource
import signal
import subprocess
import sys

import pytest
from sqlmodel import col, select

from gateway.app import Gateway
from gateway.store.tables import InboxRow, OutboxRow
from tests.faults.crash import MAILS, Crash
from tests.faults.harness import ROOT, Launcher
from tests.patience import PATIENCE_S
from tests.peers.mail import SLOW, MailPeer
from tests.story.place import Place


def leases(place: Place) -> list[str]:
    """What somebody still holds."""
    gateway = Gateway.at(place.directory)
    with gateway.store.read() as session:
        held = [
            *session.exec(select(InboxRow.lease).where(col(InboxRow.lease).is_not(None))),
            *session.exec(select(OutboxRow.lease).where(col(OutboxRow.lease).is_not(None))),
        ]
    gateway.store.close()
    return [lease for lease in held if lease]


def test_the_command_says_where_it_listens_and_stops_when_told(place: Place) -> None:
    command = [sys.executable, "-m", "gateway", "--dir", str(place.directory), "serve"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        words = [process.stdout.readline().split() for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        rest, log = process.communicate(timeout=PATIENCE_S)
    assert [line[0] for line in words] == ["smtp", "web", "ready"]
    assert words[0][1].startswith("127.0.0.1:")
    assert words[1][1].startswith("https://")
    assert (process.returncode, rest) == (0, "")
    assert '"event": "gateway.stopped"' in log


def test_connections_do_not_use_up_the_files_of_a_shell(place: Place) -> None:
    few, most = 256, 4096
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard == resource.RLIM_INFINITY or hard >= most
    command = [sys.executable, "-m", "gateway", "--dir", str(place.directory), "serve", "--role", "web"]
    with subprocess.Popen(
        ["sh", "-c", f'ulimit -Sn {few}; ulimit -Hn {most}; exec "$@"', "sh", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if line == "ready\n":
                break
        soft, _ = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
    assert soft == most


async def test_what_is_being_sent_is_finished_first(launcher: Launcher, place: Place, peer: MailPeer) -> None:
    peer.next(*[SLOW] * 2 * MAILS)
    crash = Crash(launcher, place, peer)
    run, address = await crash.serve()
    await crash.send(address)
    await peer.wait_held(30)
    run.terminate()
    peer.release()
    assert await run.ended() == 0
    assert leases(place) == []
    copies = len(peer.messages)
    assert copies == sum(crash.arrivals().values())
    await crash.finish()
    crash.check()
    assert len(peer.messages) == 3 * MAILS, "nothing was sent twice"


@pytest.mark.parametrize("role", ["all", "worker"])
async def test_a_stop_in_the_middle_hands_back_and_a_start_goes_on(
    launcher: Launcher, place: Place, peer: MailPeer, role: str
) -> None:
    crash = Crash(launcher, place, peer)
    await crash.keep()
    run = await launcher.run(place.directory, "serve", "--role", role)
    await run.started()
    await run.stop()
    assert leases(place) == []
    await crash.finish()
    crash.check()
    assert len(peer.messages) == 3 * MAILS, "nothing was sent twice"


async def test_a_peer_that_never_answers_does_not_keep_us_from_stopping(
    launcher: Launcher, place: Place, peer: MailPeer
) -> None:
    peer.next(*[SLOW] * 2 * MAILS)
    crash = Crash(launcher, place, peer)
    run, address = await crash.serve(grace=0.5)
    await crash.send(address)
    await peer.wait_held(30)
    await run.stop()
    assert leases(place) == []
    peer.release()
    await crash.finish()
    crash.check()


async def test_a_second_one_on_the_same_directory_and_a_taken_port_are_one_line(
    launcher: Launcher, place: Place
) -> None:
    first = await launcher.run(place.directory, "serve", "--role", "intake")
    host, port = await first.ready()
    second = await launcher.run(place.directory, "serve")
    assert await second.ended() == 1
    other = place.copy(place.directory.parent / "other")
    other.replace("inbeeld.toml", 'listen = "127.0.0.1:0"', f'listen = "{host}:{port}"')
    third = await launcher.run(other.directory, "serve", "--role", "intake")
    assert await third.ended() == 1
    lines = [line for line in first.errors.read_text().splitlines() if not line.startswith("{")]
    assert len(lines) == 2
    assert "another process already runs its intake" in lines[0]
    assert (
        f"config/inbeeld.toml: smtp.listen: can't listen on {host}:{port} (address already in use)"
        in lines[1]
    )
    os.kill(first.pid, signal.SIGHUP)
    await first.stop()
    assert '"event": "certificate.loaded"' in first.errors.read_text()
