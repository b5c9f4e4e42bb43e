"""Who may try a login when, with a clock of our own."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake import guessing
from gateway.intake.guessing import (
    FORGOTTEN_S,
    FREE,
    LONGEST_PAUSE_S,
    WAITING,
    Failures,
    Guessing,
    LoginVerdict,
)
from tests.patience import PATIENCE_S

HERE, THERE = "192.0.2.1", "198.51.100.7"
RIGHT, WRONG, LATER = LoginVerdict.RIGHT, LoginVerdict.WRONG, LoginVerdict.LATER


class Desk:
    """A guessing whose clock stands still until it is set; the only right pair is praktijk and geheim."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.tried: list[tuple[str, str]] = []
        self.told = 0
        self.guessing = Guessing(self._matches, self._tell, tick=lambda: self.now)

    def _matches(self, login: str, password: str) -> bool:
        self.tried.append((login, password))
        return (login, password) == ("praktijk", "geheim")

    def _tell(self) -> None:
        self.told += 1

    async def judge(self, peer_ip: str, login: str = "praktijk", password: str = "mis") -> LoginVerdict:  # noqa: S107
        return await self.guessing.judge(peer_ip, login.encode(), password.encode())


@pytest.fixture
def desk():
    one = Desk()
    yield one
    one.guessing.close()


async def test_one_network_that_guesses_waits_ever_longer_and_nothing_is_hashed_meanwhile(desk: Desk) -> None:
    """165 passwords in 12 seconds were tried."""
    verdicts = []
    for second in range(12 * 14):
        desk.now = 1000.0 + second / 14
        verdicts.append(await desk.judge(f"192.0.2.{second % 200}", f"login{second}"))
    assert verdicts[:FREE] == [WRONG] * FREE
    assert len(desk.tried) == verdicts.count(WRONG) == desk.told == FREE + 2
    assert verdicts.count(LATER) == len(verdicts) - FREE - 2
    # Somebody elsewhere notices nothing.
    assert await desk.judge(THERE, "praktijk", "geheim") is RIGHT


async def test_one_login_that_is_guessed_from_everywhere_waits(desk: Desk) -> None:
    verdicts = [await desk.judge(f"198.51.{n}.1") for n in range(50)]
    assert verdicts == [WRONG] * FREE + [LATER] * (50 - FREE)
    # Unknown or not: the same answers.
    assert [await desk.judge(f"203.0.{n}.1", "niemand") for n in range(50)] == verdicts


async def test_a_practice_gets_in_from_where_it_came_before_whatever_others_guess(desk: Desk) -> None:
    assert await desk.judge(HERE, "praktijk", "geheim") is RIGHT
    for n in range(50):
        await desk.judge(f"198.51.{n}.1")
        await desk.judge("192.0.2.99", f"ander{n}")
    assert await desk.judge(HERE, "praktijk", "geheim") is RIGHT
    # From elsewhere it must wait, as anybody.
    assert await desk.judge(THERE, "praktijk", "geheim") is LATER


async def test_where_a_login_was_right_before_it_can_not_be_guessed_either(desk: Desk) -> None:
    assert await desk.judge(HERE, "praktijk", "geheim") is RIGHT
    verdicts = [await desk.judge("192.0.2.77") for _ in range(50)]
    assert verdicts == [WRONG] * FREE + [LATER] * (50 - FREE)
    assert len(desk.tried) == FREE + 1


async def test_a_right_login_does_not_make_the_network_forget_its_guesses(desk: Desk) -> None:
    for n in range(FREE - 1):
        await desk.judge(HERE, f"ander{n}")
    assert await desk.judge(HERE, "praktijk", "geheim") is RIGHT
    assert await desk.judge(HERE, "nog-een") is WRONG
    assert await desk.judge(HERE, "en-nog-een") is LATER


async def test_what_is_no_text_is_wrong(desk: Desk) -> None:
    assert await desk.guessing.judge(HERE, b"\xff", b"geheim") is WRONG
    assert desk.tried == []


@given(st.lists(st.floats(0, 3000), max_size=40))
def test_a_pause_never_ends_early_and_is_never_longer_than_the_longest(waits: list[float]) -> None:
    failures, now, count, last = Failures(), 0.0, 0, None
    for wait in waits:
        now += wait
        if last is not None and now >= last + FORGOTTEN_S:
            count = 0
        pause = min(LONGEST_PAUSE_S, 2.0 * 2 ** (count - FREE)) if count >= FREE else 0.0
        assert failures.must_wait("x", now) == (last is not None and now < last + pause)
        failures.failed("x", now)
        count, last = count + 1, now


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "_MOST", 3)
    failures = Failures()
    for name in "abcdabcd":
        failures.failed(name, 0)
    assert set(failures._tried) == set("bcd")


async def test_few_wait_for_the_thread_and_the_rest_is_told_to_come_back() -> None:
    gate, threads = threading.Event(), set()

    def matches(login: str, password: str) -> bool:
        threads.add(threading.get_ident())
        assert gate.wait(PATIENCE_S)
        return True

    one = Guessing(matches)
    tries = [
        asyncio.create_task(one.judge(f"10.0.{n}.1", f"login{n}".encode(), b"x")) for n in range(WAITING + 6)
    ]
    done, _ = await asyncio.wait(tries, return_when=asyncio.FIRST_COMPLETED)
    # Others work meanwhile, in threads of their own.
    assert await asyncio.to_thread(lambda: 1) == 1
    gate.set()
    verdicts = await asyncio.gather(*tries)
    assert {task.result() for task in done} == {LATER}
    assert verdicts.count(RIGHT) == WAITING + 1
    assert len(threads) == 1
    assert threading.get_ident() not in threads
    one.close()
