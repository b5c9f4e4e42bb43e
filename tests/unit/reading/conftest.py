"""What the reader's tests share: Almere's gazetteer, as it is shipped."""

from pathlib import Path

import pytest

from gateway.reading.patient.wijken import Gazetteer

ROOT = Path(__file__).parents[3]


def almere_texts() -> tuple[list[str], list[str]]:
    """The gazetteer's CSV texts: wijken and postcodes."""
    folder = ROOT / "config" / "wijken"
    return [(folder / "wijken-almere.csv").read_text()], [(folder / "postcodes-almere.csv").read_text()]


@pytest.fixture(scope="session")
def almere() -> Gazetteer:
    return Gazetteer.parse(*almere_texts())
