"""One set of certificates for all adapter unit tests, and a relay with a server for it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from adapters.relay import Relay
from tests.contract.adapters.wire import Certificates, make_certificates, relay_options
from tests.peers.mail import MailPeer


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def peer(certificates: Certificates) -> AsyncIterator[MailPeer]:
    async with MailPeer(certificates.cert, certificates.key) as running:
        yield running


@pytest.fixture
async def make_relay(peer: MailPeer, certificates: Certificates) -> AsyncIterator[Callable[..., Relay]]:
    made: list[Relay] = []

    def make(**overrides: Any) -> Relay:
        made.append(Relay(relay_options(peer, certificates, **overrides)))
        return made[-1]

    yield make
    for relay in made:
        await relay.close()
