"""The gateway in which all eight places are served, made once and copied for each story."""

import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.directory.snapshot import of_files
from gateway.sandbox.pool import Readers
from gateway.settings import load
from tests.conftest import Opens
from tests.patience import PATIENCE_S
from tests.peers.mail import MailPeer
from tests.programs import program
from tests.story.pathways.places import SETTINGS, make_eight_places
from tests.story.pathways.stage import Stage
from tests.story.place import Place, Town


@pytest.fixture(scope="session")
def eight(template: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A working directory with eight places."""
    return make_eight_places(template, tmp_path_factory.mktemp("eight") / "gateway")


@pytest.fixture(scope="session")
def eight_readers(eight: Place) -> Iterator[Readers]:
    """Processes that know the wijken of all eight."""
    known = of_files(load(eight.directory))
    pool = Readers(known.wijken, known.postcodes, workers=1, wall_seconds=PATIENCE_S)
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def story_opens(eight: Place) -> Iterator[Opens]:
    """Plain gpg with the organisations' private key."""
    gpg = program("gpg", "gnupg")
    with tempfile.TemporaryDirectory(prefix="org-", dir="/tmp", ignore_cleanup_errors=True) as home:

        def run(*words: str, content: bytes = b"") -> bytes:
            command = [gpg, "--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", *words]
            return subprocess.run(command, input=content, capture_output=True, check=True).stdout

        run("--import", str(eight.directory / "keys" / "trial" / "story.private.asc"))
        run("--import", str(eight.directory / "keys" / "gateway" / "openpgp.asc"))
        yield lambda armour: run("--decrypt", content=armour)
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True)


@pytest.fixture
async def stage(
    request: pytest.FixtureRequest, eight: Place, eight_readers: Readers, story_opens: Opens, tmp_path: Path
) -> AsyncIterator[Stage]:
    """The stage of the place after which the test's file is called; else of Almere."""
    place = eight.copy(tmp_path / "gateway")
    async with place.peer() as peer:
        place.relay(peer)
        town = await _open(place, peer, eight_readers)
        name = Path(request.node.fspath).stem.removeprefix("test_").replace("_", "-")
        yield Stage(town, SETTINGS.get(name, SETTINGS["almere"]), story_opens)
        await town.close()


async def _open(place: Place, peer: MailPeer, readers: Readers) -> Town:
    town = Town(place, peer, readers, now=datetime(2035, 3, 22, tzinfo=UTC))
    await town.open()
    # Our own certificates go by the machine's clock, not by the story's: no word about them here.
    town.gateway.worker.alarms._ends = lambda now: ()
    return town
