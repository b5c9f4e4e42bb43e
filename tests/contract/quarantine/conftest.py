"""The pages of the quarantine as the web role serves them: without any key that opens mail."""

from collections.abc import AsyncIterator

import pytest

from gateway.sandbox.pool import Readers
from tests.contract.quarantine.office import Office
from tests.story.place import Place


@pytest.fixture
async def office(place: Place, readers: Readers) -> AsyncIterator[Office]:
    """Two mails that were set aside and sealed for the beheerders; then the keys went away."""
    made = Office(place, readers)
    yield made
    await made.close()
