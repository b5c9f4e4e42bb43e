"""Frames on a socket between us and a reading process: four bytes of length, then that many bytes.

The reading process waits for each (`receive`); our side never does (`Inbound`), because whom it talks to may
be hostile.
"""

import socket

DONE, FAILED = b"=", b"!"
"""How an answer begins: with a result, or with the fact that there is none."""

OUT_OF_MEMORY = FAILED + b"memory"
_LENGTH = 4
_PIECE = 256 * 1024


def framed(*frames: bytes) -> bytes:
    """Frames, in order, as they go over the socket."""
    return b"".join(len(frame).to_bytes(_LENGTH, "big") + frame for frame in frames)


def receive(source: socket.socket) -> bytes:
    """One frame. Raises EOFError when the other side is gone."""
    return _exactly(source, int.from_bytes(_exactly(source, _LENGTH), "big"))


def _exactly(source: socket.socket, size: int) -> bytes:
    content = bytearray(size)
    view = memoryview(content)
    done = 0
    while done < size:
        count = source.recv_into(view[done:])
        if not count:
            raise EOFError
        done += count
    return bytes(content)


class Inbound:
    """What has come over a socket that is not waited for, until it makes whole frames."""

    def __init__(self) -> None:
        self._content = bytearray()

    def take(self, source: socket.socket) -> None:
        """Take what is there. Raises EOFError when the other side is gone."""
        piece = source.recv(_PIECE)
        if not piece:
            raise EOFError
        self._content += piece

    def frame(self, most: int) -> bytes | None:
        """The next frame, if it is all there. Raises EOFError if it is larger than `most`."""
        if len(self._content) < _LENGTH:
            return None
        end = _LENGTH + int.from_bytes(self._content[:_LENGTH], "big")
        if end - _LENGTH > most:
            raise EOFError
        if len(self._content) < end:
            return None
        frame = bytes(self._content[_LENGTH:end])
        del self._content[:end]
        return frame
