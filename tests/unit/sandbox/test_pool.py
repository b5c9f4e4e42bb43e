"""The pool of reading processes: what goes wrong in one is a closed code, and the next mail is read."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Reading, Verdict
from gateway.sandbox import nursery, pool
from gateway.sandbox.nursery import Knowledge
from gateway.sandbox.pool import Readers, Unreadable
from gateway.sandbox.tasks import DONE, READ, framed, to_display, to_read
from tests.patience import PATIENCE_S
from tests.unit.reading.case import Case
from tests.unit.reading.conftest import almere as almere
from tests.unit.reading.conftest import almere_texts

CORPUS = Path(__file__).parents[2] / "corpus" / "referrals"
PLAIN = Case("plain", "Naam: Iris Blok\nTel: 06-23456791\nWijk: Danswijk").raw()
RIGHT = Reading(Verdict.REFERRAL, "Iris Blok", "+31623456791", (), "Danswijk")


BARE = "confinement._filter = lambda rules: None; confinement._close_files = lambda: None"


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    pool = Readers(*almere_texts(), workers=1)
    yield pool
    pool.close()


def processes(pool: Readers) -> list[int]:
    """The numbers of the processes that it has now."""
    return [process.child.pid for process in pool._all]


@pytest.mark.parametrize("less", ["", "confinement._filter = lambda rules: None", BARE])
def test_reads_as_the_reader_does(almere: Gazetteer, less: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine takes away: what a reader needs was loaded before."""
    program = f"from gateway.sandbox import confinement\n{less}\n{nursery.PROGRAM}"
    monkeypatch.setattr(nursery, "PROGRAM", program)
    pool = Readers(*almere_texts(), workers=1)
    mails = [path.read_bytes() for path in sorted(CORPUS.rglob("*.eml"))[::3]]
    mails.append(
        b"Subject: =?x-klingon?q?=E9?=\r\nContent-Type: text/plain; charset=x-none\r\n\r\nTel: 06-1\xff"
    )
    try:
        assert len(mails) > 20
        assert pool.run([to_read(mail) for mail in mails]) == [read(mail, almere) for mail in mails]
    finally:
        pool.close()


def test_practice_numbers_and_answers(readers: Readers) -> None:
    asked = readers.read(PLAIN, frozenset({"+31623456791"}))
    assert asked.problems == ("missing_phone",)
    answer = Case("answer", "06-23456792", subject="Re: aanmelding").raw()
    assert readers.read(answer, known=asked).phone == "+31623456792"


def test_many_threads(readers: Readers) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(readers.read, [PLAIN] * 40)) == {RIGHT}


def test_a_process_that_is_killed_costs_no_mail(readers: Readers) -> None:
    before = processes(readers)[0]
    readers.read(PLAIN)
    os.kill(before, signal.SIGSEGV)
    assert readers.read(PLAIN) == RIGHT
    assert readers.read(PLAIN) == RIGHT
    assert processes(readers)[0] != before


def test_a_process_that_stood_still_costs_no_mail() -> None:
    pool = Readers(*almere_texts(), workers=1, wall_seconds=0.3)
    try:
        assert pool.read(PLAIN) == RIGHT
        os.kill(processes(pool)[0], signal.SIGSTOP)
        assert pool.read(PLAIN) == RIGHT
    finally:
        pool.close()


def in_process(setup: str) -> "subprocess.CompletedProcess[bytes]":
    """Runs a bound on bad behaviour, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", f"from gateway.sandbox import process\n{setup}"],
        check=False,
        capture_output=True,
        timeout=PATIENCE_S,
    )


def test_processor_time_is_bounded() -> None:
    ended = in_process("process._bound_processor(0.05)\nwhile True: pass")
    assert ended.returncode == -signal.SIGPROF


def test_answers_come_in_the_order_of_the_mails(readers: Readers) -> None:
    names = ["Iris Blok", "Jan Wit", "Els Bos", "Piet Vos", "Rita Haan", "Kees Duin", "Lia Berk"]
    mails = [Case("x", f"Naam: {name}\nTel: 06-23456791\nWijk: Danswijk").raw() for name in names]
    answers = readers.run([to_read(mail) for mail in mails])
    assert [answer.name for answer in answers if isinstance(answer, Reading)] == names
    assert readers.run([]) == []


@dataclass(frozen=True)
class Poisoned:
    """What spoils a process, and the code for it."""

    setup: str
    code: str
    tries: int


POISON = {
    "loop": Poisoned("while True: pass", "timeout", 1),
    "memory": Poisoned("b'x' * (4 << 30)", "memory", 2),
    "crash": Poisoned("import os; os.abort()", "crash", 2),
    "error": Poisoned("1 / 0", "crash", 2),
    "silence": Poisoned("import time; time.sleep(60)", "stalled", 2),
}


@pytest.mark.parametrize("kind", POISON)
def test_a_poisoned_mail_spoils_itself_alone(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading process that runs what a mail says stands for a parser with a fault."""
    hostile = (
        "from gateway.sandbox import functions, process\n"
        "usual = functions.FUNCTIONS['read']\n"
        "def run(raw, given, place):\n"
        "    if raw.startswith(b'!'): exec(raw[1:])\n"
        "    return usual(raw, given, place)\n"
        "functions.FUNCTIONS['read'] = run\n"
        "process.nurse()"
    )
    monkeypatch.setattr(nursery, "PROGRAM", hostile)
    poison = POISON[kind]
    spawned: list[int] = []
    wall = 2.0 if kind == "silence" else 60.0
    pool = Readers(*almere_texts(), workers=2, cpu_seconds=0.3, wall_seconds=wall)
    replaced = pool._replaced
    monkeypatch.setattr(pool, "_replaced", lambda gone: spawned.append(1) or replaced(gone))  # type: ignore[func-returns-value]
    try:
        mails = [PLAIN] * 9
        mails[3] = f"!{poison.setup}".encode()
        answers = pool.run([to_read(mail) for mail in mails])
        (spoilt,) = (answer for answer in answers if isinstance(answer, Unreadable))
        assert answers.index(spoilt) == 3
        assert (spoilt.code, spoilt.later) == (poison.code, poison.code == "stalled")
        assert [answer for answer in answers if answer is not spoilt] == [RIGHT] * 8
        # A machine that has more to do may lose another process to the clock; no mail is lost with it.
        assert len(spawned) >= poison.tries
    finally:
        pool.close()


def test_an_answer_that_is_none_is_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    lying = (
        "from gateway.sandbox import functions, process\n"
        "functions.warm_up = lambda place: None\n"
        "functions.FUNCTIONS['read'] = lambda raw, given, place: eval(raw)\n"
        "process.nurse()"
    )
    monkeypatch.setattr(nursery, "PROGRAM", lying)
    pool = Readers(*almere_texts(), workers=1)
    try:
        for answer in (b"{}", b"[1]", b"'x'", b"None"):
            with pytest.raises(Unreadable) as failed:
                pool.read(answer)
            assert failed.value.code == "crash"
    finally:
        pool.close()


def test_processes_that_do_not_start_are_no_fault_of_the_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nursery, "PROGRAM", "raise SystemExit(1)")
    pool = Readers(*almere_texts(), workers=1)
    try:
        answers = pool.run([to_read(PLAIN)] * 20)
        assert {str(answer) for answer in answers} == {str(Unreadable("stalled"))}
    finally:
        pool.close()


def test_batches_of_many_threads_share_the_processes(readers: Readers) -> None:
    with ThreadPoolExecutor(4) as threads:
        batches = threads.map(lambda _: readers.run([to_read(PLAIN)] * 10), range(4))
        assert [answers == [RIGHT] * 10 for answers in batches] == [True] * 4


def test_a_large_mail_beside_large_answers_blocks_nobody(readers: Readers) -> None:
    large = b"Subject: x\r\n\r\n" + b"Naam: Iris Blok\r\n" * 200_000
    answers = readers.run([to_display(large)] * 6)
    assert {type(answer).__name__ for answer in answers} == {"Display"}


def test_a_mail_that_takes_too_much_memory() -> None:
    pool = Readers(*almere_texts(), workers=1, growth=24 << 20, wall_seconds=PATIENCE_S)
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
        proc = Path("/proc") / str(processes(pool)[0])
        assert b"secret" not in (proc / "environ").read_bytes()
        opened = {str(each.readlink()).split(":")[0] for each in (proc / "fd").iterdir()}
        assert opened <= {"socket", "/dev/null"}
    finally:
        pool.close()


def test_closing_wakes_who_waits() -> None:
    pool = Readers(*almere_texts(), workers=1)
    pool.read(PLAIN)
    os.kill(processes(pool)[0], signal.SIGSTOP)
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
        thread.join(PATIENCE_S)
    assert codes == ["closed"] * 3
    with pytest.raises(Unreadable):
        pool.read(PLAIN)


def test_a_broken_gazetteer_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="line 2"):
        Readers(["level,name,parent,aliases\nland,X,,\n"], [])


def test_unreadable_says_nothing_of_the_mail() -> None:
    assert str(Unreadable("memory")) == "The mail could not be read: memory."


@pytest.mark.parametrize(
    "changed",
    [
        {"verdict": "x"},
        {"name": 1},
        {"name": None, "phone": 1},
        {"other_phones": [1]},
        {"other_phones": "x"},
        {"urgent": 1},
    ],
)
def test_an_odd_answer_of_a_process_is_refused(changed: dict[str, object]) -> None:
    told: dict[str, object] = {"verdict": "ignore", "name": None, "phone": None, "wijk": None}
    told |= {"other_phones": [], "problems": [], "urgent": False}
    assert READ.understood(json.dumps(told).encode()) == Reading(Verdict.IGNORE)
    with pytest.raises(ValueError, match="validation error"):
        READ.understood(json.dumps(told | changed).encode())


def test_what_is_known_can_change_while_it_stands() -> None:
    wijken, postcodes = almere_texts()
    known: list[Knowledge] = [(wijken, postcodes, frozenset())]
    pool = Readers(wijken, postcodes, workers=1, urgent_words=frozenset(), follow=lambda: known[-1])
    mail = b"From: a@b.example\r\n\r\nPatient: Kim Verzonnen\r\nTelefoon: 06-11223344\r\nWijk: Zandhuizen\r\n"
    assert pool.read(mail).wijk is None
    known.append(([*wijken, "level,name,parent,aliases\nwijk,Zandhuizen,Almere,\n"], postcodes, frozenset()))
    assert pool.read(mail).wijk == "Zandhuizen"
    pool.close()


def test_a_process_that_ended_at_its_mail_was_ready_before() -> None:
    """On a busy machine all it said is read at once, after its end: the mail is to blame, not its start."""

    held = ExitStack()

    def gone() -> pool._Process:
        ours, theirs = socket.socketpair()
        held.enter_context(ours)
        with theirs:
            theirs.sendall(framed(DONE))
        child = SimpleNamespace(socket=ours, signal_of_end=lambda: 0)
        return pool._Process(child)  # type: ignore[arg-type]

    batch = pool._Batch(
        [to_read(PLAIN)],
        [gone()],
        wall=PATIENCE_S,
        replaced=lambda process: gone(),
        closed=lambda: False,
        back=lambda process: None,
    )
    with held:
        (answer,) = batch.run()
    assert isinstance(answer, Unreadable)
    assert answer.code == "crash"
