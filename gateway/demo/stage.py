"""Where the demo plays: a gateway as its own process, in a temporary directory, beside a mail peer.

Links that log a visitor of the demo in. They exist in the demo's own process; `serve` has no such route.

They promise to answer this machine only, and to be unguessable.
"""

import asyncio
import contextlib
import ipaddress
import secrets
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.app import Gateway
from gateway.demo.peer import DemoPeer
from gateway.errors import InbeeldError
from gateway.store.pagetables import UserRow
from gateway.web import problems, sessions
from gateway.web.auth import COOKIE, Role, home
from gateway.web.problems import Problem
from gateway.web.sessions import SessionStage

PATIENCE = 120.0


class NotTrueError(InbeeldError):
    """A step of the demo did not happen as it should."""


@dataclass(frozen=True, slots=True)
class DemoStage:
    """Where the demo plays."""

    directory: Path
    peer: DemoPeer
    smtp: tuple[str, int]


@contextlib.asynccontextmanager
async def serving(directory: Path) -> AsyncIterator[tuple[str, int]]:
    """A gateway as its own process; its log goes to gateway.base.log in the working directory."""
    with (directory / "gateway.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command(directory, "serve"), stdout=asyncio.subprocess.PIPE, stderr=log
        )
    try:
        yield await _listening(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _listening(process: asyncio.subprocess.Process) -> tuple[str, int]:
    found = None
    if process.stdout is None:
        raise NotTrueError
    async with asyncio.timeout(PATIENCE):
        async for line in process.stdout:
            word, _, rest = line.decode().strip().partition(" ")
            if word == "smtp":
                host, _, port = rest.rpartition(":")
                found = (host, int(port))
            if word == "ready" and found:
                return found
    raise NotTrueError("the gateway did not start")


def command(directory: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "gateway", "--dir", str(directory), *words]


async def run(directory: Path, *words: str, given: bytes = b"") -> str:
    """Run a command in the working directory with this on its standard input; gives what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command(directory, *words), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        output, _ = await process.communicate(given)
    finally:
        # The demo may be stopped here: nothing of it goes on.
        if process.returncode is None:
            process.kill()
    must(process.returncode == 0, f"'inbeeld {' '.join(words)}' succeeds")
    return output.decode()


def must(true: bool, what: str) -> None:
    if not true:
        raise NotTrueError(f"the demo stopped: it is not true that {what}")


def heed_stop() -> None:
    """End here, if the demo was told to stop and the word was lost on its way.

    Before Python 3.12 `asyncio.wait_for`, which libraries use, loses a cancellation that comes at the very
    moment at which what it waits for ends.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class LoginLinks:
    """A ticket for each user."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._users: dict[str, str] = {}

    def path(self, user_id: str) -> str:
        """The path that logs a user in, until the demo ends."""
        ticket = secrets.token_urlsafe(16)
        self._users[ticket] = user_id
        return f"/demo/{ticket}"

    def routes(self) -> list[BaseRoute]:
        return [Route("/demo/{ticket}", self._enter)]

    async def _enter(self, request: Request) -> Response:
        user_id = self._users.get(request.path_params["ticket"])
        if user_id is None or request.client is None or not _is_here(request.client.host):
            raise Problem(problems.NOT_FOUND)
        token, role = await run_in_threadpool(self._start, user_id)
        response = RedirectResponse(home(role), status_code=303)
        response.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="lax", path="/")
        return response

    def _start(self, user_id: str) -> tuple[str, Role]:
        with self._gateway.store.write() as session:
            user = session.get_one(UserRow, user_id)
            now = self._gateway.base.wall()
            token = sessions.start(session, now, user_id=user.id, stage=SessionStage.FULL, method="demo")
            return token, Role(user.role)


def _is_here(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback
