"""An office for each test."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.contract.inbox.office import Office
from tests.contract.mailbox.harbour import HAVEN, POORT, Harbour, add_organisation
from tests.peers.mail import MailPeer
from tests.story.place import Place, Town


@pytest.fixture
def brief(place: Place) -> None:
    """What a program has collected is destroyed at once; to be named before `office`."""
    place.replace("pathways/almere.toml", "parcel_days = 7", "parcel_days = 0")


@pytest.fixture
async def office(place: Place, peer: MailPeer, readers: Any) -> AsyncIterator[Office]:
    """De Haven and De Poort have colleagues who read in the browser."""
    add_organisation(place, HAVEN, "De Werven", more=f'backup = "{POORT}"')
    add_organisation(place, POORT, "De Hoven")
    town = Town(place, peer, readers)
    await town.open()
    harbour = Harbour(town)
    await harbour.open()
    made = Office(harbour)
    yield made
    await made.close()
    await harbour.close()
    await town.close()
