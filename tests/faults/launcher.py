"""Runs `inbeeld` commands as processes of their own, with faults put in from outside.

The product has no hooks: this process imports it once (which takes longer than most runs), and forks a child
for every command it is asked for. The child wraps a few functions, so that it can die at a named point as by
`kill -9`, and then runs the command as `inbeeld` does. Requests come as JSON over a Unix socket, together
with the descriptors that become the child's standard output and error.

Points have names such as `Admit.start: before commit`, after the function that opened the transaction.
"""

import contextlib
import functools
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NoReturn

from adapters.relay import Relay
from gateway.cli import app as command_line
from gateway.cli import serve as serving
from gateway.gate.header import organisational
from gateway.intake.conversation import SmtpConversation
from gateway.pipeline import receipts
from gateway.pipeline.admit import Admit
from gateway.sandbox.pool import Readers
from gateway.store import inbox, outbox
from gateway.store.engine import Store
from gateway.store.moves import commit
from tests.faults.nest import Nest

LATE = (
    *("gateway.app.intake", "gateway.app.worker", "gateway.app.web"),
    *("adapters.signaal", "apscheduler.executors.asyncio", "apscheduler.schedulers.asyncio", "argon2"),
    *("cryptography.hazmat.backends.openssl.backend", "jinja2.ext", "phonenumbers.data.region_NL"),
    *("uvicorn.lifespan.off", "uvicorn.protocols.http.h11_impl"),
)
"""What a command loads when it first needs it, which is most of what it would do: loaded before the fork."""


class Points:
    """Where a run may die: at `die`, when it comes there for the `nth` time; `seen` gets every point."""

    def __init__(self, die: str | None, nth: int, seen: str | None) -> None:
        self._die, self._left, self._seen = die, nth, seen

    def reached(self, point: str) -> None:
        """Die here, if that was asked for."""
        if self._seen:
            with open(self._seen, "a") as file:  # noqa: PTH123 - before `pathlib` could matter
                file.write(f"{point}\n")
        if point == self._die:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def install(points: Points) -> None:
    """Wrap what the points are named after."""
    write, send, answer = Store.write, Relay.send, SmtpConversation.answer

    @contextlib.contextmanager
    def watched(store: Store, name: str) -> Iterator[Any]:
        with write(store) as session:
            yield session
            points.reached(f"{name}: before commit")
        points.reached(f"{name}: after commit")

    def named_write(store: Store) -> Any:
        frame = sys._getframe(1)
        # Many write their moves by one function: the points are theirs.
        writer = frame.f_back if frame.f_code is commit.__code__ and frame.f_back else frame
        return watched(store, writer.f_code.co_qualname)

    async def watched_send(relay: Relay, envelope_from: str, *arguments: Any) -> Any:
        kind = "handover" if b"multipart/encrypted" in arguments[1] else "reply"
        points.reached(f"send {kind}: before")
        receipt = await send(relay, envelope_from, *arguments)
        points.reached(f"send {kind}: taken, not recorded")
        return receipt

    def watched_answer(conversation: SmtpConversation, reply: Any) -> None:
        kept = reply.text.startswith("2.0.0 kept ")
        if kept:
            points.reached("250: committed, not said")
        answer(conversation, reply)
        if kept:
            points.reached("250: said")

    Store.write = named_write  # type: ignore[method-assign, assignment]
    Relay.send = watched_send  # type: ignore[method-assign, assignment]
    SmtpConversation.answer = watched_answer  # type: ignore[method-assign, assignment]


def tell_everything(*arguments: Any, **_: Any) -> NoReturn:
    """An error that holds everything there is, as errors of libraries do."""
    raise ValueError(f"{arguments!r} {[getattr(one, '__dict__', one) for one in arguments]}")


def spoil(what: str) -> None:
    """Let a step fail with an error that holds the content of the mail."""

    def failing(step: object, letter: Any, *_: Any, **__: Any) -> NoReturn:
        reading = letter.reading
        tell_everything(reading.name, reading.phone, letter.mail.head.subject, letter.mail.raw)

    run = Readers.run

    def unreadable(readers: Readers, jobs: Any) -> Any:
        for job in jobs:
            if job.task.name == "read":
                tell_everything(job.raw, job.raw.decode("latin-1"))
        return run(readers, jobs)

    if what == "admit":
        Admit.start = failing  # type: ignore[method-assign, assignment]
    elif what == "read":
        Readers.run = unreadable  # type: ignore[method-assign, assignment]
    else:
        raise ValueError(what)


def child(request: dict[str, Any], nest: Nest) -> NoReturn:
    """Run the command."""
    nest.serves()
    asked = defaultdict(type(None), request)
    os.environ.update(asked["environment"] or {})
    # What was found out about temporary folders before the fork does not hold for this run.
    tempfile.tempdir = None
    os.chdir(request["cwd"])
    install(Points(asked["die"], asked["nth"] or 1, asked["seen"]))
    for what in asked["spoil"] or ():
        spoil(what)
    if seconds := asked["lease"]:
        inbox.LEASE = outbox.LEASE = timedelta(seconds=seconds)
    if seconds := asked["again"]:
        receipts.WAITS = (timedelta(seconds=seconds), *receipts.WAITS)  # type: ignore[assignment]
    if seconds := asked["grace"]:
        serving.GRACE = seconds
    # One reading process starts twice as fast as two.
    one = functools.partialmethod(Readers.__init__, workers=1)
    Readers.__init__ = one  # type: ignore[method-assign, assignment]
    if size := asked["file_size"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    sys.argv = ["inbeeld", *request["words"]]
    code: Any = 0
    try:
        command_line.run()
    except SystemExit as ended:
        code = ended.code
    sys.stdout.flush()
    sys.stderr.flush()
    # Taking an interpreter apart that was forked takes longer than most commands.
    os._exit(code if isinstance(code, int) else int(bool(code)))


def main() -> None:
    """Fork a child for each request, and tell how one ended; until the other side closes the socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in LATE:
        importlib.import_module(name)
    # The public suffixes are read at the first use.
    organisational("inbeeld.example")
    # What was made before the fork is left alone, so that its memory stays shared.
    gc.freeze()
    nest = Nest.fork()
    with socket.socket(fileno=int(sys.argv[1])) as line:
        line.send(b"ready")
        while True:
            message, descriptors, *_ = socket.recv_fds(line, 1 << 16, 2)
            if not message:
                return
            request = json.loads(message)
            if "wait" in request:
                _, status = os.waitpid(request["wait"], 0)
                line.send(str(os.waitstatus_to_exitcode(status)).encode())
                continue
            pid = os.fork()
            if pid == 0:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                for target, descriptor in zip((1, 2), descriptors, strict=True):
                    os.dup2(descriptor, target)
                    os.close(descriptor)
                line.close()
                child(request, nest)
            for descriptor in descriptors:
                os.close(descriptor)
            line.send(str(pid).encode())


if __name__ == "__main__":
    main()
