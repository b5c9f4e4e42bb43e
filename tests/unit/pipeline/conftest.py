"""A set stage, or a schedule, per test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.story.place import Place
from tests.unit.pipeline.rig import Rig
from tests.unit.pipeline.stage import Stage


@pytest.fixture
async def stage(place: Place) -> AsyncIterator[Stage]:
    """De Schoor, with Buurtteam as its backup."""
    made = Stage(place)
    made.open()
    yield made
    await made.close()


@pytest.fixture
async def alone(place: Place) -> AsyncIterator[Stage]:
    """De Schoor, without a backup."""
    made = Stage(place)
    made.open(backup=False)
    yield made
    await made.close()


@pytest.fixture
def rig() -> Iterator[Rig]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Rig(monkeypatch)
