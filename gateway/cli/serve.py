"""`serve` runs the gateway; `tick` runs every due step once; `migrate` brings the database in shape."""

import asyncio
import resource
import signal
from enum import StrEnum
from typing import Annotated

import typer
import uvloop

from gateway.app import Gateway
from gateway.cli.console import Json, Now, say, shared, show_json
from gateway.errors import ConfigError
from gateway.log import Log
from gateway.store.migrate import migrate
from gateway.store.worker import FileLock, newest

GRACE = 30.0
"""How long mails on their way in, and those on their way out, may still take at a stop, in seconds."""

DONE = {"received": "receive", "fired": "deadlines", "dispatched": "dispatch"}
"""What `tick` tells, by the step that did it."""

FILES = 8192
"""How many files and connections the process asks the system for; a shell gives 1024."""


class ServeRole(StrEnum):
    """Which part of the gateway this process is."""

    ALL = "all"
    INTAKE = "intake"
    WORKER = "worker"
    WEB = "web"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(tick)
    app.command("migrate")(bring_in_shape)


def serve(
    context: typer.Context,
    role: Annotated[ServeRole, typer.Option(help="Which part to run in this process.")] = ServeRole.ALL,
) -> None:
    """Run the gateway until it is told to stop (SIGTERM or ctrl-c).

    Prints one line per listener ("smtp HOST:PORT", "web URL"), then "ready". Logs JSON on standard error.
    """
    gateway = shared(context).gateway(log=Log())
    locks = alone(gateway, role)
    _make_room()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(gateway, role))
    for lock in locks:
        lock.release()


def alone(gateway: Gateway, role: ServeRole) -> list[FileLock]:
    """Locks that say that this process is the only one of its role on SQLite, where a second one would only
    be there by mistake; raises `ConfigError` if there is another."""
    if not gateway.store.sqlite:
        return []
    parts = [part for part in ServeRole if part is not ServeRole.ALL] if role is ServeRole.ALL else [role]
    locks = [FileLock(gateway.settings.data_dir / f"serve-{part}.lock") for part in parts]
    for part, lock in zip(parts, locks, strict=True):
        if not lock.acquire():
            for taken in locks:
                taken.release()
            remedy = "Stop that one first; many of each may run on PostgreSQL."
            raise ConfigError(
                str(gateway.settings.data_dir), "data_dir", f"another process already runs its {part}", remedy
            )
    return locks


def _make_room() -> None:
    """Let the process open as many files as it may, up to `FILES`: every connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _serve(gateway: Gateway, role: ServeRole) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    schedule = gateway.worker.schedule() if role in (ServeRole.ALL, ServeRole.WORKER) else None
    gateway.base.role = str(role)
    intake = server = None
    # The pages of the web role tell of all that runs in one process.
    watch = gateway.watch_port(str(role))
    try:
        if role in (ServeRole.ALL, ServeRole.INTAKE):
            intake = gateway.intake((lambda: schedule.wake("receive")) if schedule else lambda: None)
            host, port = await intake.listener.start()
            say(f"smtp {host}:{port}")
        if role in (ServeRole.ALL, ServeRole.WEB):
            server = gateway.web.server()
            say(f"web {await server.start()}")
        if watch:
            say(f"metrics {await watch.start()}")
        if schedule:
            beat = newest(gateway.store)
            schedule.start(beat.seen_at if beat else None)
        gateway.base.log.started(role=str(role))
        say("ready")
        await stop.wait()
    finally:
        # Mail stops coming in first, then what came in is finished, then it is handed back.
        if intake:
            await intake.listener.stop(GRACE)
        if schedule:
            await schedule.stop(GRACE)
        if server:
            await server.stop()
        if watch:
            await watch.stop()
        if intake:
            await intake.close()
        await gateway.close()
        gateway.base.log.stopped()


def tick(context: typer.Context, now: Now = None, json: Json = False) -> None:
    """Run every due step once and stop: receive, fire clocks, dispatch, retire."""
    gateway = shared(context).gateway(now, Log())
    counts = asyncio.run(_tick(gateway))
    done = {word: counts[step] for word, step in DONE.items()}
    if json:
        show_json(done)
    else:
        say(", ".join(f"{number} {name}" for name, number in done.items()))


async def _tick(gateway: Gateway) -> dict[str, int]:
    try:
        return await gateway.worker.schedule().drain()
    finally:
        await gateway.close()


def bring_in_shape(context: typer.Context) -> None:
    """Bring the database to the shape this version needs. Safe to repeat."""
    gateway = Gateway.at(shared(context).directory)
    migrate(gateway.store)
    say("the database is in shape")
