"""Where these stories play."""

import pytest

from tests.story.correspondence.post import Post
from tests.story.place import Town


@pytest.fixture
async def post(town: Town) -> Post:
    """A town in which a practice has referred somebody."""
    made = Post(town)
    await made.refer()
    return made
