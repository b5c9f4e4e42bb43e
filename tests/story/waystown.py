"""A trial that anybody could have made, served, with its peers: what the story of all ways is played in."""

import asyncio
import contextlib
import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.invented import Patient, make_mail
from tests.patience import PATIENCE_S
from tests.story.place import Place

PORTS = (2525, 8443, 9443, 9444, 9445, 9022, 9993, 2587)
"""Where the trials listen; each run takes free ones."""


class Program:
    """A child with its output by line; `said` is all of it."""

    def __init__(self, *command: str) -> None:
        self._command = command
        self.said: list[str] = []
        self._more = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout
        async for line in self._process.stdout:
            async with self._more:
                self.said.append(line.decode("utf-8", "replace").rstrip())
                self._more.notify_all()
        async with self._more:
            self._more.notify_all()

    async def hears(self, *words: str, after: int = 0) -> str:
        """The first line with all of these words, once it is there."""

        def found() -> str | None:
            return next((line for line in self.said[after:] if all(word in line for word in words)), None)

        async with asyncio.timeout(PATIENCE_S), self._more:
            await self._more.wait_for(lambda: found() or self._reading.done())
        line = found()
        if line is None:
            raise AssertionError(f"{self._command[-2:]} ended without a word of {words}: {self.said[-3:]}")
        return line

    def tell(self, words: str) -> None:
        """Type a line."""
        assert self._process.stdin
        self._process.stdin.write(f"{words}\n".encode())


@dataclass
class Town:
    """One trial that is served, with its peers."""

    directory: Path
    ports: dict[int, int]
    peers: dict[str, Program] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Its working directory."""
        return Place(self.directory)

    @property
    def url(self) -> str:
        """Its pages and its API."""
        return f"https://localhost:{self.ports[8443]}"

    @property
    def ca(self) -> Path:
        """Who issued all certificates."""
        return self.directory / "keys" / "tls" / "ca.pem"

    async def inbeeld(self, *words: str) -> str:
        """Run a command; gives what it printed."""
        return await run(sys.executable, "-m", "gateway", "--dir", str(self.directory), *words)

    async def token(self, organisation: str) -> Path:
        """A new token of an organisation, alone in a file."""
        path = self.directory / f"{organisation}.token"
        path.touch(mode=0o600)
        path.write_text(
            f"{json.loads(await self.inbeeld('tokens', 'new', organisation, '--json'))['token']}\n"
        )
        return path

    async def refer(self, patient: Patient, *, sender: str = "") -> EmailMessage:
        """A practice refers somebody by mail, over STARTTLS."""
        mail = make_mail(patient, **dict[str, Any]({"sender": sender} if sender else {}))
        (answer,) = await self.place.send(("127.0.0.1", self.ports[2525]), mail)
        if not answer.startswith("2"):
            raise AssertionError(f"the mail was answered {answer}")
        return mail

    def mails(self) -> list[EmailMessage]:
        """Every mail that left."""
        paths = sorted((self.directory / "mails").glob("*.eml"))
        return [message_from_bytes(path.read_bytes(), policy=default) for path in paths]

    async def answer(self, mail: EmailMessage, *words: str) -> str:
        """The text of what came in the thread of a mail, once it says so."""
        thread = str(mail["Message-ID"])

        def found() -> str | None:
            for one in self.mails():
                body = one.get_body(("plain",))
                text = body.get_content() if body is not None else ""
                if str(one["In-Reply-To"]).strip() == thread and all(word in text for word in words):
                    return str(text)
            return None

        return str(await until(found))


async def until(found: Callable[[], Any]) -> Any:
    """What comes of it, once something does."""
    async with asyncio.timeout(PATIENCE_S):
        while not (something := found()):  # noqa: ASYNC110 - it is a file of another program's
            await asyncio.sleep(0.2)
    return something


async def run(*command: str, given: bytes = b"") -> str:
    """Run a program to its end; gives its output."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, trouble = await process.communicate(given)
    if process.returncode:
        raise AssertionError(f"{command[-4:]}: {process.returncode}: {trouble.decode()[-500:]}")
    return out.decode()


async def init(directory: Path, ways: tuple[str, ...]) -> Town:
    """A trial as anybody makes it, at ports that are free."""
    options = (word for way in ways for word in ("--with", way))
    await run(sys.executable, "-m", "gateway", "init", str(directory), *options)
    town = Town(directory, dict(zip(PORTS, free(len(PORTS)), strict=True)))
    for path in (directory / "config" / "inbeeld.toml", directory / "config" / "organisations.toml"):
        text = path.read_text()
        for before, after in town.ports.items():
            text = re.sub(rf":{before}\b", f":{after}", text)
        text = re.sub(r"^# (status_minutes|minutes) = \d+", r"\1 = 1", text, flags=re.MULTILINE)
        path.write_text(text)
    return town


def free(number: int) -> list[int]:
    """So many ports that nobody has."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [one.getsockname()[1] for one in sockets]
