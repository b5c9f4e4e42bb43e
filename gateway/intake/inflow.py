"""The incoming stream of one connection: command lines, or the content of one mail.

Promises: memory stays bounded whatever arrives (a mail's bytes go straight to their collector, command bytes
stop being read from the socket when they pile up); a line ends with CRLF and nothing else is a line (RFC 5321
section 2.3.8), so that no two servers can disagree where a mail ends.
"""

import asyncio
from typing import Protocol

# A command that has not ended after so many bytes ends the connection.
_HOPELESS = 65536


class LineTooLong(Exception):
    """A command line over the limit; `hopeless` when its end never came."""

    def __init__(self, *, hopeless: bool) -> None:
        super().__init__()
        self.hopeless = hopeless


class BadLine(Exception):
    """A command line with a bare CR, a bare LF or a NUL."""


class Collector(Protocol):
    """Takes the content of a mail as it arrives."""

    def feed(self, chunk: bytes) -> bytes | None:
        """None to get more, else the bytes behind the end of the mail."""


class Inflow(asyncio.StreamReader):
    """aiosmtpd's reader, with strict lines and a way around the line buffer for the content of a mail."""

    _buffer: bytearray
    _eof: bool
    _collector: Collector | None = None
    _collected: "asyncio.Future[None] | None" = None

    @property
    def pending(self) -> bool:
        """Whether the client has sent something that nobody has read."""
        return bool(self._buffer)

    def discard(self) -> None:
        """Forget what was sent and not read."""
        self._buffer.clear()
        self._maybe_resume_transport()  # type: ignore[attr-defined]

    def switch(self, transport: asyncio.Transport) -> None:
        """From now on bytes come from this transport (after STARTTLS)."""
        self._transport = transport

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]
        """A chunk from the socket."""
        if self._collector is not None:
            rest = self._collector.feed(data)
            if rest is None:
                return
            self._collector = None
            self._finish(None)
            data = rest
        if data:
            super().feed_data(data)

    def feed_eof(self) -> None:
        """The client will send no more."""
        super().feed_eof()
        self._finish(EOFError())

    def set_exception(self, exc: Exception) -> None:
        """The connection broke."""
        super().set_exception(exc)
        self._finish(EOFError())

    def _finish(self, problem: Exception | None) -> None:
        waiter, self._collected = self._collected, None
        if waiter is None or waiter.done():
            return
        if problem is None:
            waiter.set_result(None)
        else:
            self._collector = None
            waiter.set_exception(problem)

    async def command(self, limit: int) -> bytes | None:
        """The next line without its CRLF, at most `limit` bytes; None when the client has finished."""
        seen = 0
        while True:
            end = self._buffer.find(b"\n", seen)
            if end >= 0:
                break
            seen = len(self._buffer)
            if seen > _HOPELESS:
                self.discard()
                raise LineTooLong(hopeless=True)
            if self._eof:
                return None
            await self._wait_for_data("command")  # type: ignore[attr-defined]
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        self._maybe_resume_transport()  # type: ignore[attr-defined]
        if len(line) > limit:
            raise LineTooLong(hopeless=False)
        text = line[:-2]
        if not line.endswith(b"\r\n") or b"\r" in text or b"\0" in text:
            raise BadLine
        return text

    def collect(self, collector: Collector) -> "asyncio.Future[None]":
        """Give every byte from now on to the collector; done when it has its mail, else EOFError."""
        self._collected = asyncio.get_running_loop().create_future()
        if self._eof:
            self._collected.set_exception(EOFError())
        else:
            self._collector = collector
        return self._collected
