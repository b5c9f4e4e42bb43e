"""Tests side by side (`-n 3`, `-n auto`): everything is collected once, and then this process forks.

Workers of pytest-xdist import and collect all tests each for itself, and hand every report on through two
processes: a tenth of what all tests together cost. Here a worker begins with what was collected. It takes one
file after the other, in their order, so that the tests of a file stay together and nobody is idle while there
are files left. What it reports is told by this process, as if it had run the test itself.

Under coverage pytest-xdist does the work, for pytest-cov gathers from its workers what each of them reached.
"""

import fcntl
import itertools
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import pytest

FORK = multiprocessing.get_context("fork")
NUMBER = pytest.StashKey[int]()
"""How many workers there are."""
EVERYBODYS = pytest.StashKey[Path]()
"""The folder that all workers know."""


def made_once(config: pytest.Config, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills, once for all workers: the first one does, and the others wait for it."""
    folders: Any = config._tmp_path_factory  # type: ignore[attr-defined]
    folder: Path = config.stash.get(EVERYBODYS, folders.getbasetemp()) / name
    draft = folder.with_name(f"{name}.draft")
    with folder.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            make(draft)
            draft.rename(folder)
    return folder


class Files:
    """The tests of each file, which workers take one after the other."""

    def __init__(self, items: Sequence[pytest.Item]) -> None:
        self._files = [list(tests) for _, tests in itertools.groupby(items, lambda item: item.path)]
        self._next = FORK.Value("i", 0)

    def __len__(self) -> int:
        return len(self._files)

    def taken(self) -> Iterator[pytest.Item]:
        """The tests of the files that this process takes, until none is left."""
        while (file := self._take()) is not None:
            yield from file

    def end(self) -> None:
        """Let nobody take another one."""
        with self._next.get_lock():
            self._next.value = len(self._files)

    def _take(self) -> list[pytest.Item] | None:
        with self._next.get_lock():
            at = self._next.value
            self._next.value = min(at + 1, len(self._files))
        return self._files[at] if at < len(self._files) else None


class Reports:
    """In a worker: sends on what pytest tells about its tests."""

    def __init__(self, config: pytest.Config, line: Connection) -> None:
        self._config, self._line = config, line

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        """A test begins."""
        self._line.send(("start", (nodeid, location)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Something became of it."""
        plain = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._line.send(("report", plain))

    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        """It is over."""
        self._line.send(("finish", (nodeid, location)))


class Worker:
    """One process that runs tests, seen from the one that tells of them."""

    def __init__(self, session: pytest.Session, files: Files, name: str) -> None:
        self._session = session
        self._running: Any = None
        self._ended = False
        self._line, theirs = FORK.Pipe(duplex=False)
        self.process = ForkProcess(target=work, args=(session, files, theirs, name), name=name)
        self.process.start()
        theirs.close()

    @property
    def signs(self) -> list[Any]:
        """What is ready when there is something to tell, or the process ended."""
        return [self._line, self.process.sentinel]

    def tell(self) -> bool:
        """Tell what it reports; false once it ended, which is a failed test unless it had no more to do."""
        try:
            while self._line.poll():
                self._pass_on(*self._line.recv())
        except EOFError:
            self.process.join()
        if self.process.is_alive():
            return True
        self._line.close()
        if not self._ended:
            self._died()
        return False

    def stop(self) -> None:
        """As ctrl-c does: the test that runs ends, and what it uses is taken down."""
        if self.process.is_alive() and self.process.pid:
            os.kill(self.process.pid, signal.SIGINT)
        self.process.join()

    def _pass_on(self, kind: str, told: Any) -> None:
        hook = self._session.config.hook
        if kind == "start":
            self._running = told
        elif kind == "report":
            report = hook.pytest_report_from_serializable(config=self._session.config, data=told)
            hook.pytest_runtest_logreport(report=report)
        elif kind == "finish":
            hook.pytest_runtest_logfinish(nodeid=told[0], location=told[1])
        else:
            self._ended = True

    def _died(self) -> None:
        name, location = self._running or (self.process.name, ("", None, ""))
        why = f"the process that ran this ended ({self.process.exitcode}), with all that it had still to run"
        report = pytest.TestReport(name, location, {}, "failed", why, "call")
        self._session.config.hook.pytest_runtest_logreport(report=report)


def work(session: pytest.Session, files: Files, line: Connection, name: str) -> None:
    """In a worker: run the tests of the files that it takes."""
    config = session.config
    config.pluginmanager.unregister(name="terminalreporter")
    config.pluginmanager.register(Reports(config, line))
    # What is printed is caught in a file, and that of the process that forked is everybody's.
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    capture.suspend_global_capture()
    folders: Any = config._tmp_path_factory  # type: ignore[attr-defined]
    config.stash[EVERYBODYS] = folders.getbasetemp()
    folders._basetemp = config.stash[EVERYBODYS] / name
    folders._basetemp.mkdir(mode=0o700)
    tests = files.taken()
    item = next(tests, None)
    try:
        while item and not session.shouldfail and not session.shouldstop:
            following = next(tests, None)
            config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            item = following
        line.send(("end", None))
    except (KeyboardInterrupt, BrokenPipeError):
        # The process that tells of it was told the same, or is gone.
        files.end()
    finally:
        session._setupstate.teardown_exact(None)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Take over `-n` from pytest-xdist."""
    option = config.option
    if getattr(option, "cov_source", None):
        return
    asked = option.numprocesses
    number = config.hook.pytest_xdist_auto_num_workers(config=config) if isinstance(asked, str) else asked
    config.stash[NUMBER] = 0 if option.usepdb or option.collectonly else number or 0
    option.numprocesses = 0


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run what was collected in workers; with one of them, or one file, it is left to pytest."""
    files = Files(session.items)
    number = min(session.config.stash.get(NUMBER, 0), len(files))
    if number < 2 or session.testsfailed:
        return None
    # Made before the fork, so that it is everybody's.
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    everyone = [Worker(session, files, f"w{at}") for at in range(number)]
    working = everyone
    try:
        while working:
            wait([sign for worker in working for sign in worker.signs])
            working = [worker for worker in working if worker.tell()]
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
    finally:
        files.end()
        for worker in everyone:
            worker.stop()
    return True
