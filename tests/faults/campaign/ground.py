"""One gateway under load, with a relay and a database of its own, in which one fault happens.

It promises real processes of the command as it is installed, on loopback only; that every one of them has
ended when its block ends; and that nothing in the gateway knows of the campaign.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from sqlmodel import func, select

from gateway.app import Gateway
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from gateway.store.tables import CaseRow, InboxRow, OutboxRow
from tests.bench.board import logged_in
from tests.bench.place import started
from tests.faults.campaign.load import Load
from tests.faults.campaign.names import Names
from tests.faults.campaign.relay import MisbehavingRelay
from tests.faults.campaign.watch import Watch
from tests.ports import free_port
from tests.postgres import Postgres

ROLES = {"sqlite": ("all",), "postgresql": ("intake", "worker", "worker2", "web")}
START_S = 300.0
"""A busy machine takes its time to start a process."""
STOP_S = 60.0


@dataclass
class Books:
    """What the database says when everything has ended."""

    mails: dict[str, int]
    doubles: int
    faults: tuple[str, ...]
    handed: int
    """How many cases were handed over, whichever way."""
    unsent: dict[str, int] = field(default_factory=dict)


class Ground:
    """`async with Ground(template, folder, "sqlite") as ground: ground.start_all()`."""

    def __init__(
        self,
        template: Path,
        folder: Path,
        database: str,
        *,
        server: Postgres | None = None,
        url: str = "",
        data: Path | None = None,
        changes: Iterable[tuple[str, str]] = (),
        clock: Path | None = None,
    ) -> None:
        self.folder, self.database, self.server, self.url = folder, database, server, url
        self.place = folder / "place"
        shutil.copytree(template, self.place)
        tls = self.place / "keys" / "tls"
        self.relay = MisbehavingRelay(tls / "server.pem", tls / "server.key")
        self.smtp, self.web = free_port(), free_port()
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._logs: list[IO[bytes]] = []
        self._data, self._changes, self._clock = data, [*changes], clock
        self.municipality, self.names = free_port(), Names()
        self.codes: list[str] = []
        """How processes ended that were told to stop and did not do so cleanly."""

    @property
    def data_folder(self) -> Path:
        """Where the gateway keeps what it keeps."""
        return self._data or self.place / "data"

    @property
    def roles(self) -> tuple[str, ...]:
        """The processes that this ground has."""
        return ROLES[self.database]

    async def __aenter__(self) -> Self:
        await self.relay.start()
        config = self.place / "config" / "inbeeld.toml"
        text = config.read_text()
        for before, after in (
            ('listen = "127.0.0.1:0"', f'listen = "127.0.0.1:{self.smtp}"'),
            ('listen = "127.0.0.1:0"', f'listen = "127.0.0.1:{self.web}"'),
            ('relay = "localhost:587"', f'relay = "localhost:{self.relay.port}"'),
            ('database_url = ""', f'database_url = "{self.url}"'),
            ('data_dir = "data"', f'data_dir = "{self._data or "data"}"'),
            ("to = []", 'to = ["beheer@handover.example"]'),
            *self._changes,
        ):
            if before not in text:
                raise ValueError(f"config/inbeeld.toml has no line {before}")
            text = text.replace(before, after, 1)
        config.write_text(text)
        organisations = self.place / "config" / "organisations.toml"
        text = organisations.read_text()
        organisations.write_text(text.replace("localhost:9443", f"localhost:{self.municipality}"))
        if not self.url:
            Store.at(self.data_folder).close()
        gateway = Gateway.at(self.place)
        migrate(gateway.store)
        cookie = logged_in(gateway.store, datetime.now(UTC))
        gateway.store.close()
        self.watch = Watch(self.web, self.place / "keys" / "tls" / "ca.pem", cookie, self.folder)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for role in [*self._processes]:
            self.signal(role, signal.SIGCONT)
            await self.kill(role)
        for log in self._logs:
            log.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self.relay.stop()

    async def start(self, *roles: str) -> None:
        """Start these processes, all of them if none is named, and return when they are ready."""
        await asyncio.gather(*(self._start(role) for role in roles or self.roles))

    async def _start(self, role: str) -> None:
        command = [sys.executable, "-m", "gateway", "--dir", str(self.place)]
        log = (self.folder / f"{role}.log").open("ab")
        self._logs.append(log)
        environment = dict(os.environ) | (wrong(self._clock) if self._clock else {})
        process = subprocess.Popen(  # noqa: ASYNC220
            [*command, "serve", "--role", role.rstrip("2")],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            # A signal for the whole tree must not reach us.
            start_new_session=True,
            env=environment,
        )
        self._processes[role] = process
        async with asyncio.timeout(START_S):
            await asyncio.to_thread(started, process)

    async def kill(self, role: str) -> None:
        """SIGKILL."""
        process = self._processes.pop(role)
        process.kill()
        await self._gone(process)

    async def stop(self, *roles: str) -> None:
        """SIGTERM, and wait until they are gone; one that has to be killed is remembered."""
        names = roles or tuple(self._processes)
        for role in names:
            self._processes[role].send_signal(signal.SIGTERM)
        for role in names:
            process = self._processes.pop(role)
            code = await self._gone(process)
            if code != 0:
                self.codes.append(f"{role} ended with {code}")

    async def _gone(self, process: "subprocess.Popen[str]") -> int:
        try:
            code = await asyncio.to_thread(process.wait, STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            code = await asyncio.to_thread(process.wait)
            code = code or -signal.SIGKILL
        if process.stdout:
            process.stdout.close()
        return code

    def signal(self, role: str, number: signal.Signals) -> None:
        """Send a signal to a process and to those that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._processes[role].pid, number)

    def step_clock(self, seconds: int) -> None:
        """Let the clock of the processes be wrong by so much."""
        if self._clock:
            # In place: whoever has mapped the file would meet its end.
            with self._clock.open("r+b") as file:
                file.write(struct.pack("q", seconds))

    def load(self, per_second: float, wijk: str | None = None) -> Load:
        """A front server for this gateway."""
        return Load(self.smtp, per_second, wijk=wijk)

    def unanswered(self, load: Load, before: float = float("inf")) -> set[str]:
        """The mails that were accepted before a moment, and got no answer yet."""
        return {id_ for id_, at in load.accepted.items() if at < before} - self.relay.answers.keys()

    async def caught_up(self, load: Load, patience: float, *, whole: bool = False) -> bool:
        """Wait until what was accepted until now is answered; with `whole`, also what was offered."""
        moment = float("inf") if whole else time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while (  # noqa: ASYNC110
                    self.unanswered(load, moment) or (whole and load.offered.keys() - load.accepted.keys())
                ):
                    await asyncio.sleep(0.1)
                return True
        return False

    def books(self) -> Books:
        """What the database says, by itself; nothing may run."""
        gateway = Gateway.at(self.place)
        try:
            with gateway.store.snapshot() as session:
                found = audit.verify(session)
                sent = select(func.count(func.distinct(OutboxRow.case_id))).where(
                    OutboxRow.kind == "handover", OutboxRow.status == "sent"
                )
                unsent = select(OutboxRow.reason, func.count()).where(OutboxRow.status.in_(["ready", "held"]))  # type: ignore[attr-defined]
                waits = select(func.count()).select_from(InboxRow).where(InboxRow.outcome.is_(None))  # type: ignore[union-attr]
                cases = session.exec(select(func.count()).select_from(CaseRow)).one()
                mails = dict(found.mails)
                if waiting := session.exec(waits).one():
                    mails["waiting"] = waiting
                return Books(
                    mails={**mails, "cases": cases},
                    doubles=found.doubles,
                    faults=tuple(map(str, found.faults)),
                    handed=session.exec(sent).one(),
                    unsent={
                        str(reason)[:40]: n for reason, n in session.exec(unsent.group_by(OutboxRow.reason))
                    },
                )
        finally:
            gateway.store.close()


def wrong(clock: Path) -> dict[str, str]:
    """The environment of a process whose clock is wrong."""
    return {"LD_PRELOAD": str(clock.with_suffix(".so")), "CAMPAIGN_CLOCK": str(clock)}
