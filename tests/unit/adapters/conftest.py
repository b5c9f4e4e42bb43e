"""One set of certificates for all adapter unit tests."""

import pytest

from tests.contract.adapters.wire import Certificates, make_certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))
