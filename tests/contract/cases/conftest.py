"""A beheerder before the pages of a case, over HTTP; the steps are played by the test."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.cases.desk import Desk
from tests.story.place import Place
from tests.unit.pipeline.stage import Stage


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[Desk]:
    """De Schoor with Buurtteam as its backup, and a beheerder who is logged in."""
    stage = Stage(place)
    stage.open()
    with Desk(stage) as made:
        yield made
    await stage.close()
