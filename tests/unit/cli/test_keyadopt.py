"""`keys adopt`: a browser's key counts once its fingerprint was compared, and not before."""

import pytest

from gateway.cli import keyadopt
from gateway.demo.config import keep_pair
from gateway.sealing import jwe
from gateway.settings import load
from gateway.store import pairs
from tests.moments import MONDAY
from tests.story.place import Place, Town

HAVEN = "wijkteam-haven"


@pytest.fixture
def town(place: Place) -> Town:
    """Commands only: nothing listens."""
    return Town(place, peer=None, readers=None)  # type: ignore[arg-type]


def made(town: Town, owner: str) -> str:
    """A pair of a browser; gives its fingerprint, one that begins with a dash: the shell must not mind."""
    while not (pair := jwe.generate())[2].startswith("-"):
        pass
    town.inbeeld("keys", "list")
    gateway = town._gateway()
    with gateway.store.write() as session:
        keep_pair(session, owner, pair[1], {}, now=MONDAY, by="sam")
    gateway.store.close()
    return pair[2]


def entry(town: Town) -> tuple[str, str]:
    """What is bound for the organisation."""
    (found,) = (each for each in load(town.place.directory).organisations if each.id == HAVEN)
    return found.key.as_posix(), found.fingerprint


def test_a_key_is_bound_when_the_fingerprint_was_compared(town: Town) -> None:
    fingerprint = made(town, HAVEN)
    told = town.json("keys", "adopt", HAVEN, fingerprint, "--yes")
    assert told["fingerprint"] == fingerprint
    key, bound = entry(town)
    assert (key, bound) == (told["key"], fingerprint)
    assert jwe.read_jwk((town.place.directory / "keys" / key).read_bytes()).facts.fingerprint == fingerprint
    listed = town.json("keys", "list")
    assert fingerprint in [row["fingerprint"] for row in listed]


def test_nothing_changes_without_it(town: Town) -> None:
    fingerprint, before = made(town, HAVEN), entry(town)
    assert "compare the fingerprints first" in town.inbeeld("keys", "adopt", HAVEN, code=1)
    other = "x" * 43
    assert "no key with that fingerprint" in town.inbeeld("keys", "adopt", HAVEN, other, "--yes", code=1)
    assert "name the fingerprint" in town.inbeeld("keys", "adopt", HAVEN, "--yes", code=2)
    assert "There is no 'niemand'" in town.inbeeld("keys", "adopt", "niemand", fingerprint, "--yes", code=1)
    assert "has made a key yet" in town.inbeeld("keys", "adopt", "beheerders", code=1)
    assert entry(town) == before


def test_who_has_no_mailbox_keeps_the_key_that_is_sealed_for(town: Town) -> None:
    fingerprint = made(town, "de-schoor")
    config = town.place.directory / "config" / "organisations.toml"
    before = config.read_bytes()
    assert "'de-schoor' has no mailbox" in town.inbeeld(
        "keys", "adopt", "de-schoor", fingerprint, "--yes", code=1
    )
    assert config.read_bytes() == before


def test_a_mailbox_of_another_format_is_told_to_restart(town: Town) -> None:
    new = town.json("keys", "generate", "smime", str(town.place.directory / "new"))
    words = ("--format", "smime", "--yes-compared", new["fingerprint"])
    town.inbeeld("keys", "import", HAVEN, new["public"][0], *words)
    before = town.place.directory / "keys" / entry(town)[0]
    fingerprint = made(town, HAVEN)
    assert "restart the gateway" in town.inbeeld("keys", "adopt", HAVEN, fingerprint, "--yes")
    assert before.exists(), "until then a gateway that runs seals with it"


def test_a_key_that_went_during_the_call_is_not_bound(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    fingerprint, before = made(town, HAVEN), entry(town)

    def compare(*_: object) -> None:
        gateway = town._gateway()
        with gateway.store.write() as session:
            for pair in pairs.in_use(session, HAVEN):
                pairs.retire(session, pair, MONDAY)
        gateway.store.close()

    monkeypatch.setattr(keyadopt, "confirm_key", compare)
    assert "has made a key yet" in town.inbeeld("keys", "adopt", HAVEN, fingerprint, code=1)
    assert entry(town) == before


def test_the_beheerders_key_is_written_beside_the_comments(town: Town) -> None:
    path = town.place.directory / "config" / "inbeeld.toml"
    comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
    for _ in range(2):
        fingerprint = made(town, "beheerders")
        town.inbeeld("keys", "adopt", "beheerders", fingerprint, "--yes")
        board = load(town.place.directory).board
        assert board.fingerprint == fingerprint
        assert (town.place.directory / "keys" / str(board.key)).exists()
    left = path.read_text().splitlines()
    assert [line for line in comments if line not in left] == []
