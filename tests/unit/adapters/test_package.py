"""An adapter that somebody else wrote and installed."""

import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from adapters.base import Adapter, Options, Receipt, Refused
from tests.contract.adapters.wire import make_context, make_parcel

MODULE = '''
"""Delivery by pigeon."""

from typing import ClassVar

from adapters.base import Context, Options, Parcel, Receipt, Refused


class PostduifOptions(Options):
    loft: str


class PostduifAdapter:
    name: ClassVar[str] = "postduif"
    Options: ClassVar[type[PostduifOptions]] = PostduifOptions

    def __init__(self, options: PostduifOptions, context: Context) -> None:
        self.loft = options.loft
        self.domain = context.domain

    async def send(self, parcel: Parcel) -> Receipt:
        if parcel.urgent:
            raise Refused("postduif_too_slow")
        return Receipt(peer=self.loft, text=f"flown for {self.domain}")

    async def probe(self) -> None: ...

    async def close(self) -> None: ...
'''
METADATA = "Metadata-Version: 2.1\nName: inbeeld-postduif\nVersion: 1.0\n"
ENTRY_POINTS = "[inbeeld.adapters]\npostduif = inbeeld_postduif:PostduifAdapter\n"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What `pip install --target` leaves behind."""
    (tmp_path / "inbeeld_postduif.py").write_text(MODULE)
    facts = tmp_path / "inbeeld_postduif-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(METADATA)
    (facts / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("inbeeld_postduif", None)


def find(name: str) -> EntryPoint:
    [found] = entry_points(group="inbeeld.adapters", name=name)
    return found


async def test_it_is_found_by_name_and_keeps_the_contract(installed: Path) -> None:
    kind = find("postduif").load()
    options = kind.Options(loft="Hof van Twente")
    adapter = kind(options, make_context())
    assert isinstance(adapter, Adapter)
    assert isinstance(options, Options)
    assert await adapter.send(make_parcel()) == Receipt("Hof van Twente", "flown for gateway.example")
    with pytest.raises(Refused, match="postduif_too_slow"):
        await adapter.send(make_parcel(urgent=True))


def test_its_options_are_checked_like_our_own(installed: Path) -> None:
    kind = find("postduif").load()
    with pytest.raises(ValueError):
        kind.Options(loft="Hof van Twente", wings=2)


def test_listing_adapters_loads_none(installed: Path) -> None:
    assert find("postduif").value == "inbeeld_postduif:PostduifAdapter"
    assert "inbeeld_postduif" not in sys.modules


def test_our_own_are_declared_and_load() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    declared = project["entry-points"]["inbeeld.adapters"]
    for name, value in declared.items():
        kind = EntryPoint(name, value, "inbeeld.adapters").load()
        assert kind.name == name
        assert issubclass(kind.Options, Options)
