"""A small slice of the year with faults (`python -m tests.story.year` plays the whole of it)."""

from tests.story.place import Place
from tests.story.year import year_of
from tests.unit.pipeline.stage import Stage


async def test_a_slice_of_the_year_with_faults(place: Place) -> None:
    stage = Stage(place)
    stage.open()
    try:
        # Seven ways in which a referral may go, from the third on: late, never, not reached, a wrong number.
        year = await year_of(stage, 7, 2, seed=3, until=10)
    finally:
        await stage.close()
    assert len(year.lives) == 7
    assert year.checks > 20
    assert "no case without" in year.table()
