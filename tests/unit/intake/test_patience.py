"""The deadlines of a connection, with a clock of our own."""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.limits import Limits, Patience

LIMITS = replace(
    Limits(),
    idle_s=100,
    data_s=300,
    session_s=1000,
    data_rate=10,
    data_rate_s=30,
    stress_idle_s=5,
    stress_session_s=50,
)


@dataclass
class Arriving:
    """Stands for the content: only its size is looked at."""

    received: int = 0


def in_data(now: float) -> tuple[Patience, Arriving]:
    patience, content = Patience(LIMITS, 0), Arriving()
    patience.start_content(content, now)
    return patience, content


def test_a_command_starts_the_idle_time_anew() -> None:
    patience = Patience(LIMITS, 0)
    assert patience.ended(99) is None
    assert patience.ended(100) == "idle_s"
    patience.heard(99)
    assert patience.ended(198) is None
    assert patience.ended(199) == "idle_s"


def test_the_idle_time_does_not_run_during_data_and_runs_anew_after_it() -> None:
    patience, content = in_data(10)
    content.received = 10**6
    assert patience.ended(150) is None
    patience.end_content(150)
    assert patience.ended(249) is None
    assert patience.ended(250) == "idle_s"


def test_every_window_of_data_needs_its_bytes() -> None:
    patience, content = in_data(0)
    content.received = 300
    assert patience.ended(30) is None
    content.received = 599
    assert patience.ended(59) is None
    assert patience.ended(60) == "data_rate"


def test_data_ends_however_much_comes() -> None:
    patience, content = in_data(0)
    for now in range(0, 300, 10):
        content.received += 10_000
        assert patience.ended(now) is None
    assert patience.ended(300) == "data_s"


def test_the_session_ends_in_the_middle_of_everything() -> None:
    patience, _ = in_data(990)
    assert patience.ended(1000) == "session_s"


@given(st.lists(st.floats(0.1, 200), max_size=30))
def test_looking_when_told_finds_every_end_on_time(pauses: list[float]) -> None:
    """A client that is over its idle time is found within a millisecond."""
    patience, heard, look, now = Patience(LIMITS, 0), 0.0, 0.0, 0.0
    look = patience.next_look(0)
    for pause in pauses:
        arrives = now + pause
        while look <= arrives:
            assert look > now - 1e-9
            ended = patience.ended(look)
            due = min(heard + LIMITS.idle_s, LIMITS.session_s)
            assert (ended is not None) == (look >= due)
            if ended is not None:
                assert look - due < 0.001
                return
            now, look = look, patience.next_look(look)
        now = heard = arrives
        patience.heard(now)


def test_in_stress_who_is_silent_or_brings_no_mail_is_over_its_time_soon() -> None:
    patience = Patience(LIMITS, 0)
    assert patience.ended(4.9, hurry=True) is None
    assert patience.ended(5, hurry=True) == "stress_idle_s"
    assert patience.ended(99) is None
    for now in range(0, 50, 4):
        patience.heard(now)
        assert patience.ended(now, hurry=True) is None
    patience.heard(50)
    assert patience.ended(50, hurry=True) == "stress_session_s"
    patience.kept(50)
    assert patience.ended(54, hurry=True) is None


def test_in_stress_a_mail_that_drips_is_over_its_time_soon() -> None:
    patience, content = in_data(0)
    content.received = 10**6
    assert patience.ended(49, hurry=True) is None
    assert patience.ended(50, hurry=True) == "stress_session_s"
    assert patience.ended(59) is None


@given(st.lists(st.floats(0.1, 20), max_size=30))
def test_in_stress_looking_when_told_finds_every_end_on_time(pauses: list[float]) -> None:
    patience, heard, now = Patience(LIMITS, 0), 0.0, 0.0
    look = patience.next_look(0, hurry=True)
    for pause in pauses:
        arrives = now + pause
        while look <= arrives:
            ended, due = patience.ended(look, hurry=True), min(heard + 5, 50)
            assert (ended is not None) == (look >= due)
            if ended is not None:
                assert look - due < 0.001
                return
            now, look = look, patience.next_look(look, hurry=True)
        now = heard = arrives
        patience.heard(now)
