"""A terminal in a fresh working directory, and one where something has happened."""

from pathlib import Path

import pytest

from tests.story.place import Place
from tests.unit.cli.terminal import Terminal
from tests.unit.pipeline.stage import Stage


@pytest.fixture
def terminal(place: Place) -> Terminal:
    """Nothing has happened here yet."""
    return Terminal(place.directory)


@pytest.fixture
def nowhere(tmp_path: Path) -> Terminal:
    """A folder that holds nothing."""
    return Terminal(tmp_path)


@pytest.fixture
async def busy(place: Place) -> tuple[Terminal, dict[str, str]]:
    """A delivered, a held and a quarantined case; gives their references."""
    stage = Stage(place)
    stage.open()
    delivered = stage.referred()
    await stage.work()
    stage.adapter().next("refuse")
    held = stage.referred()
    await stage.work()
    found = {
        "delivered": stage.case(delivered).kenmerk,
        "held": stage.case(held).kenmerk,
        "quarantined": stage.quarantined(b"From: x@elders.example\r\n\r\n\x1b[31mhallo\r\n").kenmerk,
        "now": stage.now.isoformat(),
    }
    await stage.close()
    return Terminal(place.directory), found
