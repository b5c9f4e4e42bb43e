"""The pool of reading processes: what goes wrong in one is a closed code, and the next mail is read."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import Reading, Verdict, known_reading, read
from gateway.sandbox.pool import Readers, Unreadable
from tests.unit.reading.case import Case
from tests.unit.reading.conftest import almere_texts

CORPUS = Path(__file__).parents[2] / "corpus" / "referrals"
PLAIN = Case("plain", "Naam: Iris Blok\nTel: 06-23456791\nWijk: Danswijk").raw()
RIGHT = Reading(Verdict.REFERRAL, "Iris Blok", "+31623456791", (), "Danswijk")


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    pool = Readers(*almere_texts(), workers=1)
    yield pool
    pool.close()


def processes(pool: Readers) -> list["subprocess.Popen[bytes]"]:
    return [worker._process for worker in pool._all]


def test_reads_as_the_reader_does(readers: Readers, almere: Gazetteer) -> None:
    for mail in sorted(CORPUS.glob("*.eml"))[:12]:
        assert readers.read(mail.read_bytes()) == read(mail.read_bytes(), almere)


def test_practice_numbers_and_answers(readers: Readers) -> None:
    asked = readers.read(PLAIN, frozenset({"+31623456791"}))
    assert asked.problems == ("missing_phone",)
    answer = Case("answer", "06-23456792", subject="Re: aanmelding").raw()
    assert readers.read(answer, known=asked).phone == "+31623456792"


def test_many_threads(readers: Readers) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(readers.read, [PLAIN] * 40)) == {RIGHT}


def test_a_killed_worker_is_replaced(readers: Readers) -> None:
    before = processes(readers)[0]
    readers.read(PLAIN)
    os.kill(before.pid, signal.SIGSEGV)
    before.wait()
    with pytest.raises(Unreadable) as failed:
        readers.read(PLAIN)
    assert failed.value.code == "crash"
    assert readers.read(PLAIN) == RIGHT


def test_a_stopped_worker_is_killed_in_time() -> None:
    pool = Readers(*almere_texts(), workers=1, wall_seconds=0.3)
    try:
        assert pool.read(PLAIN) == RIGHT
        os.kill(processes(pool)[0].pid, signal.SIGSTOP)
        with pytest.raises(Unreadable) as failed:
            pool.read(PLAIN)
        assert failed.value.code == "timeout"
    finally:
        pool.close()


def in_worker(setup: str) -> "subprocess.CompletedProcess[bytes]":
    """Runs a worker's bounds on bad behaviour, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", f"from gateway.sandbox import process\n{setup}"],
        check=False,
        capture_output=True,
        timeout=30,
    )


def test_processor_time_is_bounded() -> None:
    ended = in_worker("process._bound_processor(0)\nwhile True: pass")
    assert ended.returncode == -signal.SIGXCPU


def test_memory_is_bounded() -> None:
    ended = in_worker("process._bound_memory(64 << 20)\nb'x' * (200 << 20)")
    assert b"MemoryError" in ended.stderr


def test_a_worker_writes_no_files(tmp_path: Path) -> None:
    ended = in_worker(
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "process._bound_memory(64 << 20)\n"
        f"open({str(tmp_path / 'x')!r}, 'w', buffering=1).write('x\\n')"
    )
    assert b"File too large" in ended.stderr


def test_a_mail_that_takes_too_much_memory() -> None:
    pool = Readers(*almere_texts(), workers=1, growth=24 << 20)
    try:
        with pytest.raises(Unreadable) as failed:
            pool.read(b"Subject: x\r\n\r\n" + b"x" * (48 << 20))
        assert failed.value.code in {"memory", "crash"}
        assert pool.read(PLAIN) == RIGHT
    finally:
        pool.close()


def test_a_worker_has_nothing_of_its_parent(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INBEELD_SECRET", "secret")
    pool = Readers(*almere_texts(), workers=1)
    try:
        pool.read(PLAIN)
        proc = Path("/proc") / str(processes(pool)[0].pid)
        assert b"secret" not in (proc / "environ").read_bytes()
        opened = {str(each.readlink()).split(":")[0] for each in (proc / "fd").iterdir()}
        assert opened <= {"socket", "/dev/null"}
    finally:
        pool.close()


def test_closing_wakes_who_waits() -> None:
    pool = Readers(*almere_texts(), workers=1)
    pool.read(PLAIN)
    os.kill(processes(pool)[0].pid, signal.SIGSTOP)
    codes: list[str] = []

    def ask() -> None:
        try:
            pool.read(PLAIN)
        except Unreadable as failed:
            codes.append(failed.code)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    pool.close()
    for thread in threads:
        thread.join(10)
    assert codes == ["closed"] * 3
    with pytest.raises(Unreadable):
        pool.read(PLAIN)


def test_a_broken_gazetteer_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="line 2"):
        Readers(["level,name,parent,aliases\nland,X,,\n"], [])


def test_unreadable_says_nothing_of_the_mail() -> None:
    assert str(Unreadable("memory")) == "The mail could not be read: memory."


@pytest.mark.parametrize(
    "told",
    [
        {},
        {
            "verdict": "x",
            "name": None,
            "phone": None,
            "wijk": None,
            "other_phones": [],
            "problems": [],
            "urgent": False,
        },
        {
            "verdict": "ignore",
            "name": 1,
            "phone": None,
            "wijk": None,
            "other_phones": [],
            "problems": [],
            "urgent": False,
        },
        {
            "verdict": "ignore",
            "name": None,
            "phone": None,
            "wijk": None,
            "other_phones": [1],
            "problems": [],
            "urgent": False,
        },
    ],
)
def test_an_odd_answer_of_a_worker_is_refused(told: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        known_reading(told)
