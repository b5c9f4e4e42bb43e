"""The faults, one function each: it returns when the fault is over.

A fault that this machine can't make says why, and is told as skipped.
"""

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.faults.campaign.ground import Ground
from tests.faults.campaign.load import Load
from tests.faults.campaign.relay import stranger
from tests.peers.mail import BUSY, PeerAct
from tests.peers.municipality.desk import Desk
from tests.peers.municipality.endpoint import Municipality

HOUR = 3600


@dataclass
class Scene:
    """What a fault may use. `recoveries` gets the seconds of each time that it was recovered from."""

    ground: Ground
    load: Load
    say: Callable[[str], None]
    length: float
    kills: int
    minutes: float
    recoveries: list[float]
    chance: random.Random


@dataclass(frozen=True)
class Fault:
    """One row of the table. `needs` names what must be there: "tmpfs", "clock", "dns", "municipality"."""

    name: str
    strike: Callable[[Scene], Awaitable[None]]
    databases: tuple[str, ...] = ("sqlite", "postgresql")
    needs: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    wijk: str | None = None
    patience: float = 120.0
    begins_at: int = 0
    """By how many seconds the clock is ahead when the gateway starts: keys are older than any step back."""


# Processes


async def killed(scene: Scene) -> None:
    """SIGKILL again and again; now and then the next comes before the last one was recovered from."""
    ground, roles = scene.ground, [role for role in scene.ground.roles if role != "web"]
    ends = time.monotonic() + scene.minutes * 60
    for number in range(1, scene.kills + 1):
        if time.monotonic() > ends:
            scene.say(f"{number - 1} kills: the time was up")
            break
        role = scene.chance.choice(roles)
        await asyncio.sleep(scene.chance.uniform(0, 1.5))
        await ground.kill(role)
        struck = time.monotonic()
        await ground.start(role)
        if scene.chance.random() < 0.25 and number < scene.kills:
            continue
        if await ground.caught_up(scene.load, 120):
            scene.recoveries.append(time.monotonic() - struck)
        if number % 10 == 0:
            scene.say(f"{number} kills, slowest recovery {max(scene.recoveries, default=0):.1f} s")


async def told_to_stop(scene: Scene) -> None:
    """SIGTERM under load, and a start."""
    for _ in range(3):
        await asyncio.sleep(scene.chance.uniform(0.5, 1.5))
        role = scene.chance.choice([role for role in scene.ground.roles if role != "web"])
        await scene.ground.stop(role)
        await scene.ground.start(role)


async def stalled(scene: Scene) -> None:
    """The process tree stands still for 25 seconds, as on a machine that is moved or swaps."""
    roles = [role for role in scene.ground.roles if role != "web"]
    for role in roles:
        scene.ground.signal(role, signal.SIGSTOP)
    await asyncio.sleep(25)
    for role in roles:
        scene.ground.signal(role, signal.SIGCONT)


# The database


def _postgres_stopped(mode: str) -> Callable[[Scene], Awaitable[None]]:
    async def stopped(scene: Scene) -> None:
        server = scene.ground.server
        assert server is not None
        await asyncio.to_thread(server.stop, mode)
        await asyncio.sleep(scene.length / 2)
        await asyncio.to_thread(server.start)

    return stopped


async def postgres_restarted(scene: Scene) -> None:
    """Three immediate restarts, one soon after the other."""
    server = scene.ground.server
    assert server is not None
    for _ in range(3):
        await asyncio.to_thread(server.stop, "immediate")
        await asyncio.to_thread(server.start)
        await asyncio.sleep(2)


async def locked(scene: Scene) -> None:
    """Another program holds the database for itself."""
    if scene.ground.database == "sqlite":
        await asyncio.to_thread(_lock_sqlite, _file(scene.ground), 3 * scene.length)
    else:
        await asyncio.to_thread(_lock_table, scene.ground, 3 * scene.length)


def _lock_sqlite(path: Path, seconds: float) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        other.execute("ROLLBACK")


def _lock_table(ground: Ground, seconds: float) -> None:
    with _session(ground) as other:
        other.execute("BEGIN")
        other.execute("LOCK TABLE inbox, cases, outbox, events IN ACCESS EXCLUSIVE MODE")
        time.sleep(seconds)
        other.execute("ROLLBACK")


async def read_only(scene: Scene) -> None:
    """The database takes nothing: one that became a standby, or a disk that went read-only and back."""
    ground = scene.ground
    if ground.database == "postgresql":
        with _session(ground) as other:
            name = other.execute("SELECT current_database()").fetchone()
            assert name is not None
            other.execute(f"ALTER DATABASE {name[0]} SET default_transaction_read_only = on".encode())
            _end_sessions(other)
        await asyncio.sleep(scene.length)
        with _session(ground) as other:
            other.execute("SET default_transaction_read_only = off")
            other.execute(f"ALTER DATABASE {name[0]} RESET default_transaction_read_only".encode())
            _end_sessions(other)
        return
    # Whoever has the file open goes on: the gateway meets a read-only disk when it starts.
    await ground.stop()
    folder = ground.data_folder.parent
    await _mount("-o", "remount,ro", str(folder))
    try:
        await ground.start()
        scene.say("it started on a read-only disk")
        await asyncio.sleep(scene.length)
        await ground.stop()
    except (RuntimeError, TimeoutError):
        scene.say("it refused to start on a read-only disk")
    finally:
        await _mount("-o", "remount,rw", str(folder))
    await ground.start()


async def disk_fills(scene: Scene) -> None:
    """Less is free than `limits.free_disk_bytes`, and nothing is full yet."""
    await _filled(scene, leave=6)


async def disk_full(scene: Scene) -> None:
    """Not a byte is free any more."""
    await _filled(scene, leave=0)


async def _filled(scene: Scene, leave: int) -> None:
    ballast = _full_folder(scene.ground) / "ballast"
    free = os.statvfs(ballast.parent)
    with ballast.open("wb") as file:
        left = free.f_bavail * free.f_frsize - leave * 2**20
        with contextlib.suppress(OSError):
            while left > 0 or leave == 0:
                left -= file.write(bytes(2**16))
                file.flush()
    await asyncio.sleep(scene.length)
    ballast.unlink()
    if scene.ground.server and leave == 0:
        # PostgreSQL stops by itself when it can't write its log; whoever runs it starts it again.
        with contextlib.suppress(Exception):
            await asyncio.to_thread(scene.ground.server.start)


# The relay and the organisations


def _relay_says(act: PeerAct) -> Callable[[Scene], Awaitable[None]]:
    async def says(scene: Scene) -> None:
        scene.ground.relay.always = act
        await asyncio.sleep(scene.length)
        scene.ground.relay.well()

    return says


async def relay_slow(scene: Scene) -> None:
    """It thinks for five seconds about each mail."""
    scene.ground.relay.pause = 5
    await asyncio.sleep(scene.length)
    scene.ground.relay.well()


async def relay_away(scene: Scene) -> None:
    """Nobody listens there."""
    await scene.ground.relay.stop()
    await asyncio.sleep(scene.length)
    await scene.ground.relay.start()


async def relay_changes_certificate(scene: Scene) -> None:
    """It shows a certificate that nobody trusts."""
    relay = scene.ground.relay
    await relay.another_certificate(*stranger(scene.ground.folder))
    await asyncio.sleep(scene.length)
    await relay.own_certificate()


async def municipality_hangs(scene: Scene) -> None:
    """Its endpoint takes every signaal and answers none; the mails of others must not wait for it."""
    ground = scene.ground
    trial = ground.place / "keys" / "trial" / "gemeente-poort"
    peer = Municipality(
        Desk(trial / "private.jwk", trial / "gateway.jwk"),
        trial / "server.pem",
        trial / "server.key",
        trial / "ca.pem",
        port=ground.municipality,
        slow=10 * HOUR,
    )
    async with peer:
        peer.next(*["slow"] * 10_000)
        moment = time.monotonic()
        await asyncio.sleep(3 * scene.length)
        others = {id_: at for id_, at in scene.load.accepted.items() if id_ not in scene.load.elsewhere}
        waits = [
            ground.relay.answered_at[id_] - at
            for id_, at in others.items()
            if at > moment and id_ in ground.relay.answered_at
        ]
        if waits:
            scene.say(f"answers of others took {max(waits):.1f} s at most")
        peer._script.clear()
        await peer.stop()
        await peer.start()
        # Signalen are no mail: they are waited for here.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(75):
                wanted = scene.load.elsewhere & scene.load.accepted.keys()
                while len(peer.desk.kept) < len(wanted):  # noqa: ASYNC110
                    await asyncio.sleep(0.5)


# Names and time


async def dns_away(scene: Scene) -> None:
    """No resolver answers."""
    scene.ground.names.silent = True
    await asyncio.sleep(3 * scene.length)
    scene.ground.names.silent = False


def _clock_steps(*steps: int) -> Callable[[Scene], Awaitable[None]]:
    async def stepped(scene: Scene) -> None:
        for step in steps:
            scene.ground.step_clock(step)
            await asyncio.sleep(scene.length)

    return stepped


CLOSED_IN_DATA = PeerAct("data", None)
REFUSES = PeerAct("data", "554 5.7.1 Service unavailable; client host blocked")
NEEDS_DISK = (("# free_disk_bytes = 536_870_912", "free_disk_bytes = 8_388_608"),)
IGNORES_DISK = (("# free_disk_bytes = 536_870_912", "free_disk_bytes = 1"),)

FAULTS = (
    Fault("killed", killed),
    Fault("told to stop", told_to_stop),
    Fault("stalled 25 s", stalled),
    Fault("PostgreSQL fast", _postgres_stopped("fast"), ("postgresql",)),
    Fault("PostgreSQL immediate", _postgres_stopped("immediate"), ("postgresql",)),
    Fault("PostgreSQL restarts", postgres_restarted, ("postgresql",)),
    Fault("database locked", locked),
    Fault("database read-only", read_only, needs="tmpfs", changes=IGNORES_DISK),
    Fault("disk filling", disk_fills, ("sqlite",), "tmpfs", NEEDS_DISK),
    Fault("disk full", disk_full, needs="tmpfs", changes=IGNORES_DISK),
    Fault("relay slow", relay_slow),
    Fault("relay closes in DATA", _relay_says(CLOSED_IN_DATA), patience=180),
    Fault("relay answers 4xx", _relay_says(BUSY), patience=180),
    Fault("relay answers 5xx", _relay_says(REFUSES), patience=180),
    Fault("relay away", relay_away, patience=180),
    Fault("relay's certificate", relay_changes_certificate, patience=180),
    Fault("municipality hangs", municipality_hangs, needs="municipality", wijk="Almere Poort"),
    Fault("DNS away", dns_away, needs="dns", patience=180),
    Fault("clock an hour back", _clock_steps(HOUR), needs="clock", begins_at=2 * HOUR),
    Fault("clock forth and back", _clock_steps(48 * HOUR, 0), needs="clock"),
    Fault("clock back and forth", _clock_steps(HOUR, 13 * HOUR), needs="clock", begins_at=13 * HOUR),
)
"""The table's rows."""


def _file(ground: Ground) -> Path:
    return ground.data_folder / "inbeeld.db"


def _full_folder(ground: Ground) -> Path:
    return ground.server.folder if ground.server else ground.data_folder


@contextlib.contextmanager
def _session(ground: Ground) -> Iterator[psycopg.Connection]:
    name, _, folder = ground.url.partition("@/")[2].partition("?host=")
    with psycopg.connect(host=folder, user="postgres", dbname=name, autocommit=True) as session:
        yield session


def _end_sessions(session: psycopg.Connection) -> None:
    session.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


async def _mount(*words: str) -> None:
    process = await asyncio.create_subprocess_exec("mount", *words)
    if await process.wait():
        raise RuntimeError(f"mount {' '.join(words)} failed")
