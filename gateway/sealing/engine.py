"""How an external program (gpg, openssl) is run on content: through pipes, with a deadline.

It promises that content never stands in a file or in an argument, that a program which hangs is killed, that
it can't grow without end, leaves no core and gains no privilege, that nothing of the environment but PATH
reaches it, that it runs behind `gateway.walls`, and that no failure carries what went in or out.
"""

import os
import resource
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway import walls

BOUNDS = {
    resource.RLIMIT_AS: 1 << 30,
    resource.RLIMIT_FSIZE: 64 << 20,
    resource.RLIMIT_CORE: 0,
}
"""What such a program may use: bytes of memory and of one file, no core. Who waits bounds its time."""


class EngineError(Exception):
    """The program is not installed, was killed or did not answer in time."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended. `errors` may quote content: look for fixed words in it, never show it."""

    code: int
    output: bytes = field(repr=False)
    errors: bytes = field(repr=False)

    def said(self, status: str) -> bool:
        """Whether gpg wrote this word on its status lines (GnuPG doc/DETAILS; `--status-fd 2`)."""
        start = f"[GNUPG:] {status}".encode()
        return any(line == start or line.startswith(start + b" ") for line in self.errors.splitlines())


def run(
    command: Sequence[str | Path],
    content: bytes,
    *,
    seconds: float = 20.0,
    descriptors: Sequence[int] = (),
    folder: Path | None = None,
    reads: Sequence[Path] = (),
) -> Finished:
    """Run `command` with `content` on its standard input; `descriptors` stay open in it, `folder` is its own,
    and it may read the paths among its arguments and `reads`."""
    reads = (*reads, *(each for each in command[1:] if isinstance(each, Path)))
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    try:
        with (
            walls.around(command[0], folder=folder, reads=reads) as enter,
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                pass_fds=descriptors,
                # Nothing but calls of the kernel that were made ready before.
                preexec_fn=enter,
            ) as process,
        ):
            bound(process.pid)
            try:
                output, errors = process.communicate(content, seconds)
            except BaseException:
                process.kill()
                raise
    except FileNotFoundError:
        raise EngineError(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise EngineError(f"{command[0]} did not answer within {seconds:g} s") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineError(f"{command[0]} can't be run: {type(error).__name__}") from None
    if process.returncode < 0:
        raise EngineError(f"{command[0]} was killed by signal {-process.returncode}")
    return Finished(process.returncode, output, errors)


def bound(pid: int) -> None:
    """Bound a program that was just started, before it gets anything to read. That it gains no privilege it
    has from us (`gateway.sandbox.limits`)."""
    # One that has ended already needs no bounds.
    with suppress(ProcessLookupError):
        for what, most in BOUNDS.items():
            hard = resource.prlimit(pid, what)[1]
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(pid, what, (least, least))
