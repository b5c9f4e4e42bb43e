"""More people who try a password than there is room for."""

import asyncio
import ssl
import threading

import pytest

from gateway.accounts.hashing import AT_ONCE, WAITING
from gateway.app import Gateway
from gateway.gate.passwords import Passwords
from gateway.pipeline.schedule import utc_now
from gateway.store.migrate import migrate
from tests.patience import PATIENCE_S
from tests.story.place import Place

TRY = b"login=wie%40x.example&wachtwoord=mis"
THREADS = 40
"""So many threads answer everything else."""


async def test_who_waits_for_a_password_keeps_no_page_from_anybody(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, inside, most = threading.Event(), [], []

    def matches(_: Passwords, __: str | None, ___: str) -> bool:
        inside.append(1)
        most.append(len(inside))
        assert looked.wait(PATIENCE_S)
        inside.pop()
        return False

    monkeypatch.setattr(Passwords, "matches", matches)
    trust = ssl.create_default_context(cafile=str(place.directory / "keys" / "tls" / "ca.pem"))

    async def asked(method: str, path: str, body: bytes = b"") -> tuple[bytes, bool]:
        """The status of an answer, and whether it says when to come back."""
        reader, writer = await asyncio.open_connection("localhost", port, ssl=trust)
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.read()
        writer.close()
        return answer[9:12], b"retry-after: " in answer.lower()

    gateway = Gateway.at(place.directory)
    migrate(gateway.store)
    gateway.worker.presence.beat(utc_now(), utc_now())
    web = gateway.web.server()
    port = int((await web.start()).rpartition(":")[2])
    try:
        async with asyncio.timeout(PATIENCE_S):
            tries = {asyncio.create_task(asked("POST", "/inloggen", TRY)) for _ in range(THREADS + 10)}
            refused: set[asyncio.Task[tuple[bytes, bool]]] = set()
            while len(refused) < THREADS + 10 - AT_ONCE - WAITING:
                done, tries = await asyncio.wait(tries, return_when=asyncio.FIRST_COMPLETED)
                refused |= done
            assert {task.result() for task in refused} == {(b"503", True)}
            # This page asks the database, in one of the threads for everything else.
            assert (await asked("GET", "/readyz"))[0] == b"200"
            looked.set()
            assert {answer for answer, _ in await asyncio.gather(*tries)} == {b"422"}
    finally:
        looked.set()
        await web.stop()
        await gateway.close()
    assert (len(most), max(most)) == (AT_ONCE + WAITING, AT_ONCE)
