"""An adapter of somebody else, packaged and installed on its own, in a gateway that knew nothing of it."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.relay import Relay, RelayOptions
from gateway.store.outbox import Status
from tests.conftest import Opens
from tests.invented import PATIENT
from tests.story.place import Place
from tests.unit.cli.terminal import Terminal
from tests.unit.pipeline.stage import Stage

PACKAGE = Path(__file__).parents[1] / "packages" / "postduif"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pip installed it, built from its own folder."""
    folder = tmp_path_factory.mktemp("postduif")
    source = folder / "source"
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index"]
    subprocess.run(
        [*pip, "--no-deps", "--no-build-isolation", "--target", folder / "site", source],
        check=True,
        capture_output=True,
    )
    return folder / "site"


@pytest.fixture
def installed(target: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if it stood among the installed packages."""
    monkeypatch.syspath_prepend(str(target))
    yield
    sys.modules.pop("inbeeld_postduif", None)


class Loft(Stage):
    """De Schoor keeps pigeons."""

    def _organisations(self, backup: bool) -> None:
        self.place.replace(
            "organisations.toml", 'adapter = "mail"\n# How they', 'adapter = "postduif"\n# How they'
        )
        self.place.replace("organisations.toml", 'to = "aanmeldingen@deschoor.example"', 'loft = "til"')


async def test_a_referral_goes_out_by_pigeon(installed: None, place: Place, opens: Opens) -> None:
    # Nothing but pigeons leaves here: the relay is away.
    away = Relay(RelayOptions(host="127.0.0.1", port=1, helo="gateway.example"))
    stage = Loft(place, ear=away)  # type: ignore[arg-type]
    stage.open()
    case = stage.referred()
    await stage.work()
    (row,) = stage.rows(case)
    assert (row.status, row.reason) == (Status.READY, "postduif_no_loft"), (
        "its trouble is known to the gateway"
    )

    loft = place.directory / "til"
    loft.mkdir()
    await stage.work(minutes=2)
    (row,) = stage.rows(case)
    assert (row.status, row.receipt_peer, stage.state(case)) == (Status.SENT, "postduif", "delivered")
    landed = loft / row.id
    assert PATIENT.name.encode() in await asyncio.to_thread(opens, landed.read_bytes())
    await stage.close()


def test_its_options_are_checked_with_file_and_key(installed: None, place: Place) -> None:
    Loft(place)._organisations(backup=False)
    place.replace("organisations.toml", 'loft = "til"', 'lof = "til"')
    said = Terminal(place.directory)("check", "--offline")
    assert (said.code, "organisation de-schoor.options.lof" in said.err) == (1, True)


def test_without_the_package_the_gateway_says_what_is_installed(place: Place) -> None:
    Loft(place)._organisations(backup=False)
    said = Terminal(place.directory)("check", "--offline")
    assert said.code == 1
    assert "'postduif' is not installed" in said.err
    assert "memory" in said.err
