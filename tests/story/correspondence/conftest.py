"""Where these stories play: on SQLite alone; what the databases do differently is tried elsewhere."""

import pytest

from tests.story.correspondence.post import Post
from tests.story.place import Town


@pytest.fixture
def engine() -> str:
    """Each story is told once."""
    return "sqlite"


@pytest.fixture
async def post(town: Town) -> Post:
    """A town in which a practice has referred somebody."""
    made = Post(town)
    await made.refer()
    return made
