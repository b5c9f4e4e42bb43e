"""What the tests of faults share."""

from collections.abc import Iterator

import pytest

from tests.faults.harness import Launcher


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """Forks processes of the gateway that start fast and die where we want."""
    with Launcher() as made:
        yield made
