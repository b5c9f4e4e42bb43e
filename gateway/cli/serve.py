"""`serve` runs the gateway; `tick` runs every due step once.

Where a service manager asks for it, it is told how the process does: ready, alive, stopping (sd_notify(3)).
"""

import asyncio
import os
import resource
import signal
import socket
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, nullcontext, suppress
from enum import StrEnum
from typing import Annotated

import typer
import uvloop

from gateway.app import Gateway
from gateway.app.moving import PARTS, serving_alone
from gateway.app.reload import Reload
from gateway.cli.console import Json, Now, say, shared, show_json
from gateway.errors import ConfigError
from gateway.log import Log
from gateway.sandbox.limits import lock_memory
from gateway.store import conditions
from gateway.store.worker import newest

GRACE = 30.0
"""How long mails on their way in, and those on their way out, may still take at a stop, in seconds."""

DONE = {"received": "receive", "fired": "deadlines", "dispatched": "dispatch"}
"""What `tick` tells, by the step that did it."""

FILES = 8192
"""How many files and connections the process asks the system for; a shell gives 1024."""


class Supervisor:
    """The service manager, as seen from the process that it started.

    Where none asks, nothing is told. The address is taken out of the environment, so that no child of ours, a
    reading process least of all, can speak in our name.
    """

    def __init__(self, address: str = "", watchdog_us: int = 0) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._every = watchdog_us / 2_000_000
        self._beating: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, environment: MutableMapping[str, str] = os.environ) -> "Supervisor":
        """The one that the environment names, which afterwards names none."""
        address = environment.pop("NOTIFY_SOCKET", "")
        every = environment.pop("WATCHDOG_USEC", "")
        whom = environment.pop("WATCHDOG_PID", "")
        mine = whom in ("", str(os.getpid()))
        return cls(address, int(every) if every.isdecimal() and mine else 0)

    def ready(self) -> None:
        """Everything listens. From now on the event loop itself says that it is alive."""
        self._tell("READY=1")
        if self._address and self._every:
            self._beating = asyncio.get_running_loop().create_task(self._beat())

    def stopping(self) -> None:
        """The process ends because it was asked to, and may still need a while."""
        if self._beating:
            self._beating.cancel()
        self._tell("STOPPING=1")

    async def _beat(self) -> None:
        while True:
            self._tell("WATCHDOG=1")
            await asyncio.sleep(self._every)

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        # A service manager that doesn't listen is no reason to stop taking mail.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.connect(self._address)
            to.send(state.encode())


class ServeRole(StrEnum):
    """Which part of the gateway this process is."""

    ALL = "all"
    INTAKE = "intake"
    WORKER = "worker"
    WEB = "web"


def serve(
    context: typer.Context,
    role: Annotated[ServeRole, typer.Option(help="Which part to run in this process.")] = ServeRole.ALL,
) -> None:
    """Run the gateway until it is told to stop (SIGTERM or ctrl-c).

    Prints one line per listener ("smtp HOST:PORT", "web URL"), then "ready". Logs JSON on standard error.
    SIGHUP reads certificates and limits anew, and says which other changes need a restart or an import.
    """
    gateway = shared(context).gateway(log=Log())
    lock_memory()
    _make_room()
    parts = PARTS if role is ServeRole.ALL else (str(role),)
    alone = serving_alone(gateway.settings.data_dir, parts) if gateway.store.sqlite else nullcontext()
    with alone, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(gateway, role))


@contextmanager
def _listening(key: str, where: str) -> Iterator[None]:
    """An address that can't be had is a mistake in the configuration."""
    try:
        yield
    except OSError as error:
        # asyncio wraps the system's own words in many others; those of a name that is none are its own.
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else error.strerror or type(error).__name__
        what = f"can't listen on {where} ({reason.lower()})"
        remedy = (
            "Is another program there, perhaps another 'inbeeld serve'? Ports below 1024 need a permission"
        )
        raise ConfigError("config/inbeeld.toml", key, what, remedy) from None


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
    # It means to read anew, and must not end a process that only begins.
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    schedule = gateway.worker.schedule() if role in (ServeRole.ALL, ServeRole.WORKER) else None
    gateway.base.role = str(role)
    supervisor = Supervisor.of()
    intake = server = reload = fetching = None
    # The pages of the web role tell of all that runs in one process.
    watch = gateway.watch_port(str(role))
    try:
        if role in (ServeRole.ALL, ServeRole.INTAKE):
            intake = gateway.intake((lambda: schedule.wake("receive")) if schedule else lambda: None)
            with _listening("smtp.listen", gateway.settings.smtp.listen):
                host, port = await intake.listener.start()
            say(f"smtp {host}:{port}")
            if intake.fetcher:
                fetching = asyncio.create_task(intake.fetcher.run(gateway.settings.imap.seconds))
        if role in (ServeRole.ALL, ServeRole.WEB):
            server = gateway.web.server()
            with _listening("web.listen", gateway.settings.web.listen):
                url = await server.start()
            say(f"web {url}")
        if watch:
            with _listening(f"metrics.{role}", getattr(gateway.settings.metrics, str(role))):
                url = await watch.start()
            say(f"metrics {url}")
        if schedule:
            beat = newest(gateway.store)
            schedule.start(beat.seen_at if beat else None)
        contexts = (*(intake.contexts if intake else ()), *(server.contexts if server else ()))
        change = intake.change if intake else lambda _: None
        reload = Reload(gateway.settings, contexts, gateway.base.log, change)
        loop.add_signal_handler(signal.SIGHUP, reload.now)
        reload.watch()
        gateway.base.log.started(role=str(role))
        if paused := await asyncio.to_thread(conditions.paused, gateway.store):
            gateway.base.log.paused(paused.since)
        say("ready")
        supervisor.ready()
        await stop.wait()
    finally:
        supervisor.stopping()
        if reload:
            reload.stop()
        # Mail stops coming in first, then what came in is finished, then it is handed back.
        if intake:
            await intake.listener.stop(GRACE)
        if intake and intake.fetcher and fetching:
            intake.fetcher.stop()
            await asyncio.wait([fetching], timeout=GRACE)
        if schedule:
            await schedule.stop(GRACE)
        if server:
            await server.stop()
        if watch:
            await watch.stop()
        if intake:
            await intake.close()
        await gateway.close()
        # What could not begin has not stopped either: the error says why.
        if reload:
            gateway.base.log.stopped()


def tick(context: typer.Context, now: Now = None, json: Json = False) -> None:
    """Run every due step once and stop: receive, fire clocks, dispatch, retire."""
    gateway = shared(context).gateway(now, Log())
    if conditions.paused(gateway.store):
        say("the gateway is paused: nothing is done; see: inbeeld resume --help", err=True)
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
