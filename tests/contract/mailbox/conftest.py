"""A harbour for each test."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.contract.mailbox.harbour import HAVEN, POORT, Harbour, add_organisation
from tests.peers.mail import MailPeer
from tests.story.place import Place, Town


@pytest.fixture
async def harbour(place: Place, peer: MailPeer, readers: Any) -> AsyncIterator[Harbour]:
    """De Haven and De Poort each have a mailbox; De Poort is the other's backup."""
    add_organisation(place, HAVEN, "De Werven", more=f'backup = "{POORT}"')
    add_organisation(place, POORT, "De Hoven")
    town = Town(place, peer, readers)
    await town.open()
    made = Harbour(town)
    await made.open()
    yield made
    await made.close()
    await town.close()
