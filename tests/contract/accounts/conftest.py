"""What the tests of accounts share: the papers of a provider that runs on this machine, and the log."""

import io
from pathlib import Path

import pytest
import trustme


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for localhost, its key, and the authority to trust."""
    folder, ca = tmp_path_factory.mktemp("papers"), trustme.CA()
    issued = ca.issue_cert("localhost")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    for blob in issued.cert_chain_pems:
        blob.write_to_path(folder / "cert.pem", append=True)
    ca.cert_pem.write_to_path(folder / "ca.pem")
    return folder


@pytest.fixture
def told() -> io.StringIO:
    """What is logged."""
    return io.StringIO()
