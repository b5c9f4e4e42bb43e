"""A set stage per test: the directory is changed while its gateway stands."""

from collections.abc import AsyncIterator

import pytest

from tests.story.place import Place
from tests.unit.cli.terminal import Terminal
from tests.unit.pipeline.stage import Stage


@pytest.fixture
async def stage(place: Place) -> AsyncIterator[Stage]:
    """De Schoor, with Buurtteam as its backup."""
    made = Stage(place)
    made.open()
    yield made
    await made.close()


@pytest.fixture
def terminal(place: Place) -> Terminal:
    """A terminal in a fresh working directory."""
    return Terminal(place.directory)
