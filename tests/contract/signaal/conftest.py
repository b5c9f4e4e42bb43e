"""A municipality on loopback, and the signaal adapter in front of it."""

from collections.abc import AsyncIterator

import pytest

from adapters.signaal import SignaalAdapter
from tests.contract.signaal.stage import Stage, make_stage
from tests.peers.municipality.endpoint import Municipality


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return make_stage(tmp_path_factory.mktemp("signaal"))


@pytest.fixture
async def peer(stage: Stage) -> AsyncIterator[Municipality]:
    async with stage.municipality() as municipality:
        yield municipality


@pytest.fixture
async def adapter(stage: Stage, peer: Municipality) -> AsyncIterator[SignaalAdapter]:
    adapter = stage.adapter(peer)
    yield adapter
    await adapter.close()
