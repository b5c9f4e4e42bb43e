"""Frames on a socket between us and a reading process: four bytes of length, then that many bytes."""

import socket

_LENGTH = 4


def send(to: socket.socket, *frames: bytes) -> None:
    """Send frames, in order."""
    to.sendall(b"".join(len(frame).to_bytes(_LENGTH, "big") + frame for frame in frames))


def receive(source: socket.socket, limit: int | None = None) -> bytes:
    """One frame. Raises EOFError when the other side is gone or says too much."""
    size = int.from_bytes(_exactly(source, _LENGTH), "big")
    if limit is not None and size > limit:
        raise EOFError
    return _exactly(source, size)


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
