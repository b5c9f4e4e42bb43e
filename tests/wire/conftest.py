"""What every wire test may ask for."""

from pathlib import Path

import pytest

from tests.wire.harness import Certificates, certificates


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates of both sides, made once."""
    return certificates(Path(tmp_path_factory.mktemp("tls")))
