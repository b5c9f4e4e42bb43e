"""What a client sends: command lines, and the content of one mail with the judgement over it.

Promises: a line ends with CRLF and nothing else is a line. A mail's content is held in one buffer of at most
the size limit plus one chunk; the mail ends at `<CRLF>.<CRLF>` and at nothing else (RFC 5321 section 4.1.1.4;
any looser reading allows SMTP smuggling, CVE-2023-51764); after `judge` said nothing, `unstuffed` is exactly
what the sender wrote.
"""

import re

from gateway.intake import replies
from gateway.intake.limits import Limits, Memory
from gateway.intake.replies import SmtpReply

# A command that has not ended after so many bytes never will.
_HOPELESS = 65536
_END = b"\r\n.\r\n"
_RECEIVED = re.compile(rb"\nreceived[ \t]*:", re.IGNORECASE)


class LineTooLong(Exception):
    """A command line over the limit; `hopeless` when its end never came."""

    def __init__(self, *, hopeless: bool) -> None:
        super().__init__()
        self.hopeless = hopeless


class BadLine(Exception):
    """A command line with a bare CR, a bare LF or a NUL."""


class Lines:
    """Bytes of commands that nobody has read yet."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0

    def __len__(self) -> int:
        return len(self._buffer)

    def add(self, data: bytes) -> None:
        """More bytes."""
        self._buffer += data

    def clear(self) -> None:
        self._buffer.clear()
        self._searched = 0

    def take(self, limit: int) -> bytes | None:
        """The next line without its CRLF, None while there is none; raises `LineTooLong` or `BadLine`."""
        buffer = self._buffer
        end = buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(buffer)
            if self._searched > _HOPELESS:
                raise LineTooLong(hopeless=True)
            return None
        self._searched = 0
        line = bytes(buffer[: end + 1])
        del buffer[: end + 1]
        if len(line) > limit:
            raise LineTooLong(hopeless=False)
        text = line[:-2]
        if line[-2:] != b"\r\n" or b"\r" in text or b"\0" in text:
            raise BadLine
        return text


class Content:
    """Takes the bytes of DATA. Its buffer starts with a CRLF of our own, so the first line is like any."""

    def __init__(self, limits: Limits, memory: Memory, long_line: re.Pattern[bytes]) -> None:
        self._limits = limits
        self._memory = memory
        self._long_line = long_line
        self._taken = 0
        self._buffer = bytearray(b"\r\n")
        self._fault: SmtpReply | None = None
        self.received = 0
        self.hopeless = False

    def feed(self, chunk: bytes) -> bytes | None:
        """None to get more, else the bytes behind the end of the mail.

        Over a limit it goes on reading, and forgetting, for `drain_bytes`; then it is `hopeless`.
        """
        buffer = self._buffer
        start = max(0, len(buffer) - len(_END) + 1)
        buffer += chunk
        self.received += len(chunk)
        end = buffer.find(_END, start)
        if end >= 0:
            rest = bytes(buffer[end + len(_END) :])
            del buffer[end + 2 :]
        if self._fault is None:
            if len(buffer) - 2 > self._limits.message_bytes:
                self._give_up(replies.TOO_BIG)
            elif not self._memory.take(len(chunk)):
                self._give_up(replies.NO_MEMORY)
            else:
                self._taken += len(chunk)
        if end >= 0:
            return rest
        if self._fault is not None:
            # The end may straddle two chunks.
            del buffer[: 1 - len(_END)]
            if self.received > self._limits.drain_bytes:
                self.hopeless = True
                return b""
        return None

    def _give_up(self, fault: SmtpReply) -> None:
        self._fault = fault
        tail = self._buffer[1 - len(_END) :]
        self.wipe()
        self._buffer = tail

    def judge(self) -> SmtpReply | None:
        """Why this mail is refused, or None."""
        if self._fault is not None:
            return self._fault
        buffer, limits = self._buffer, self._limits
        line_ends = buffer.count(b"\r\n")
        if buffer.count(b"\n") != line_ends or buffer.count(b"\r") != line_ends or b"\0" in buffer:
            return replies.BAD_BYTES
        if self._long_line.search(buffer):
            return replies.LINE_TOO_LONG
        header_end = buffer.find(b"\r\n\r\n")
        if header_end < 0:
            header_end = len(buffer)
        if header_end > limits.header_bytes:
            return replies.HEADER_TOO_BIG
        hops = sum(1 for _ in _RECEIVED.finditer(buffer, 0, header_end))
        return replies.TOO_MANY_HOPS if hops > limits.received_hops else None

    def unstuffed(self) -> bytes:
        """The mail without the dots that transparency added (RFC 5321 section 4.5.2); to be called once.

        The buffer is overwritten, its share of the memory stays taken until `wipe`.
        """
        if b"\r\n." in self._buffer:
            stuffed = self._buffer
            self._buffer = stuffed.replace(b"\r\n.", b"\r\n")
            _zero(stuffed)
        with memoryview(self._buffer) as view:
            raw = bytes(view[2:])
        self._forget()
        return raw

    def wipe(self) -> None:
        """Overwrite and free what was received, and give its share of the memory back."""
        self._forget()
        self._memory.give(self._taken)
        self._taken = 0

    def _forget(self) -> None:
        _zero(self._buffer)
        self._buffer = bytearray()


def _zero(buffer: bytearray) -> None:
    buffer[:] = bytes(len(buffer))


def long_line(limits: Limits) -> re.Pattern[bytes]:
    """Finds a line over the limit; anchored and bounded, so it looks at every byte twice at most."""
    # A line that needed a transparent dot may be one longer (RFC 5321 section 4.5.3.1.6).
    return re.compile(rb"\n(?:\.[^\r\n]|[^\r\n.])[^\r\n]{%d}" % limits.line_bytes)
