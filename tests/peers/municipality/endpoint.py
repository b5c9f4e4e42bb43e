"""The wire: HTTPS with client certificates, on asyncio and h11, answering as told.

Answers: `ok` (201), `slow` (keeps it, answers after `slow` seconds), `500`, `503` and `429` (not kept, with
Retry-After), `refuse` (422), `repeat` (keeps it, answers 409 "already known"), `lose` (keeps it, hangs up
without a word), `redirect` (307 to `elsewhere`), `garbage` (keeps it, answers no HTTP), `large` (201 with a
very long body), `drip` (201, then a byte now and then). Each holds for one POST.
"""

import asyncio
import contextlib
import json
import ssl
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import h11
from joserfc import jws
from joserfc.jwk import RSAKey

from tests.peers.municipality.desk import Desk, Kept, NotAccepted

ANSWERS = (
    *("ok", "slow", "500", "503", "429", "refuse", "repeat", "lose", "redirect"),
    *("garbage", "large", "drip"),
)
RETRY_AFTER = 120
_JSON = "application/json"
_PROBLEM = "application/problem+json"


class Municipality:
    """`async with Municipality(desk, cert, key, client_ca) as peer: peer.next("slow", "429")`."""

    def __init__(
        self,
        desk: Desk,
        cert: Path,
        key: Path,
        client_ca: Path,
        *,
        status_key: RSAKey | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        slow: float = 30.0,
        elsewhere: str = "https://elders.example/signalen",
        on_kept: Callable[[Kept], None] = lambda kept: None,
    ) -> None:
        self.desk = desk
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.statuses: list[dict[str, Any]] = []
        self.opened = 0
        self._address = (host, port)
        self._status_key = status_key
        self._slow, self._elsewhere, self._on_kept = slow, elsewhere, on_kept
        self._script: deque[str] = deque()
        self._lines: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self.tls.load_cert_chain(cert, key)
        self.tls.verify_mode = ssl.CERT_REQUIRED
        self.tls.load_verify_locations(client_ca)

    @property
    def url(self) -> str:
        """Where signalen are posted; the statuses are at `url` + "/statussen"."""
        return f"https://localhost:{self._address[1]}/signalen"

    def next(self, *answers: str) -> None:
        """Answer the POSTs to come like this, one each; afterwards they are taken."""
        unknown = set(answers) - set(ANSWERS)
        if unknown:
            raise ValueError(f"known answers are {', '.join(ANSWERS)}")
        self._script.extend(answers)

    async def start(self) -> None:
        """Listen; a stopped peer comes back on the same port."""
        host, port = self._address
        self._server = await asyncio.start_server(self._line, host, port, ssl=self.tls)
        self._address = (host, self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up on everybody and stop listening; what was kept stays."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for line in list(self._lines):
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def __aenter__(self) -> "Municipality":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._lines.add(task)
        self.opened += 1
        try:
            await self._serve(reader, writer)
        # A client that hangs up, speaks nonsense, or is hung up on.
        except (OSError, h11.RemoteProtocolError, asyncio.CancelledError):
            pass
        finally:
            self._lines.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        while True:
            request, body = await _request(connection, reader)
            if request is None:
                return
            headers = {name.decode(): value.decode("latin-1") for name, value in request.headers}
            method, path = request.method.decode(), request.target.decode()
            self.requests.append((method, path, headers))
            if not await self._answer(connection, writer, method, path, headers, body):
                return
            if connection.our_state is not h11.DONE:
                return
            connection.start_next_cycle()

    async def _answer(
        self,
        connection: h11.Connection,
        writer: asyncio.StreamWriter,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
    ) -> bool:
        """Answer one request; False if the line must be cut."""
        route = path.partition("?")[0]
        if (method, route) == ("GET", "/signalen/statussen"):
            content = json.dumps({"statussen": self.statuses}).encode()
            await _send(connection, writer, 200, content, **self._signed(content))  # type: ignore[arg-type]
            return True
        if (method, route) != ("POST", "/signalen"):
            await _send(connection, writer, 404 if route != "/signalen" else 405, b"", head=method == "HEAD")
            return True
        answer = self._script.popleft() if self._script else "ok"
        if answer in ("500", "503", "429", "refuse", "redirect"):
            status = {"refuse": 422, "redirect": 307}.get(answer) or int(answer)
            extra = {"location": self._elsewhere} if answer == "redirect" else {}
            if answer in ("503", "429"):
                extra["retry-after"] = str(RETRY_AFTER)
            # A careless receiver repeats what it was sent.
            await _send(connection, writer, status, body, _PROBLEM, **extra)  # type: ignore[arg-type]
            return True
        try:
            kept, new = self.desk.take(body, headers, _subject(writer))
        except NotAccepted as reason:
            await _send(connection, writer, 422, json.dumps({"title": str(reason)}).encode(), _PROBLEM)
            return True
        if new:
            self._on_kept(kept)
        content = json.dumps({"ontvangstbewijs": kept.receipt, "ID": kept.signaal["ID"]}).encode()
        if answer == "lose":
            return False
        if answer == "garbage":
            writer.write(b"dit is geen HTTP\r\n\r\n")
            await writer.drain()
            return False
        if answer == "slow":
            await asyncio.sleep(self._slow)
        if answer == "large":
            content = b"x" * (4 * 1024 * 1024)
        if answer == "drip":
            await _drip(connection, writer)
            return False
        await _send(connection, writer, 409 if answer == "repeat" else 201 if new else 200, content)
        return True

    def _signed(self, content: bytes) -> dict[str, str]:
        if self._status_key is None:
            return {}
        return {"signaal-signature": sign(content, self._status_key)}


def sign(content: bytes, key: RSAKey) -> str:
    """A detached PS256 signature."""
    header, _, mark = jws.serialize_compact({"alg": "PS256"}, content, key, algorithms=["PS256"]).split(".")
    return f"{header}..{mark}"


async def _request(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> tuple[h11.Request | None, bytes]:
    """The next request with its body, or None when the client has gone."""
    request, body = None, b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            return request, body
        else:
            return None, b""


async def _send(
    connection: h11.Connection,
    writer: asyncio.StreamWriter,
    status: int,
    content: bytes,
    media_type: str = _JSON,
    *,
    head: bool = False,
    **headers: str,
) -> None:
    fields = {"content-type": media_type, "content-length": str(len(content)), **headers}
    out = connection.send(h11.Response(status_code=status, headers=list(fields.items()))) or b""
    if content and not head:
        out += connection.send(h11.Data(data=content)) or b""
    out += connection.send(h11.EndOfMessage()) or b""
    writer.write(out)
    # The client may have read enough already.
    with contextlib.suppress(ConnectionError):
        await writer.drain()


async def _drip(connection: h11.Connection, writer: asyncio.StreamWriter) -> None:
    """Say 201, then a byte now and then, for longer than anybody should wait."""
    writer.write(connection.send(h11.Response(status_code=201, headers=[("content-length", "1000")])) or b"")
    for _ in range(1000):
        writer.write(connection.send(h11.Data(data=b" ")) or b"")
        await writer.drain()
        await asyncio.sleep(0.02)


def _subject(writer: asyncio.StreamWriter) -> str:
    """The common name of the client's certificate."""
    shown = writer.get_extra_info("peercert") or {}
    names = [value for part in shown.get("subject", ()) for name, value in part if name == "commonName"]
    return names[0] if names else ""
