"""Caps: a storm is answered up to the cap, and rings when it crosses one."""

import pytest

from gateway.pipeline.incoming import PER_PRACTICE, PER_SENDER, capped


@pytest.mark.parametrize(
    ("sender", "practice", "over", "crosses"),
    [
        (1, 1, None, False),
        (PER_SENDER, PER_PRACTICE, None, False),
        (PER_SENDER + 1, PER_SENDER + 1, "sender", True),
        (PER_SENDER + 2, PER_SENDER + 2, "sender", False),
        (1, PER_PRACTICE + 1, "practice", True),
        (1, PER_PRACTICE + 2, "practice", False),
        (PER_SENDER + 5, PER_PRACTICE + 1, "sender", True),
    ],
)
def test_a_storm_is_answered_up_to_the_cap_and_rings_once(
    sender: int, practice: int, over: str | None, crosses: bool
) -> None:
    assert capped(sender, practice) == (over, crosses)
