"""Two gateways on one SQLite directory: the second refuses to start."""

from pathlib import Path

import pytest

from gateway.app.moving import PARTS, serving_alone
from gateway.errors import ConfigError


@pytest.mark.parametrize("second", [PARTS, ("intake",), ("worker",)])
def test_a_second_gateway_on_the_same_directory_refuses(tmp_path: Path, second: tuple[str, ...]) -> None:
    with (
        serving_alone(tmp_path, PARTS),
        pytest.raises(ConfigError, match="another process already runs its"),
        serving_alone(tmp_path, second),
    ):
        pass
    # What one that was refused took for itself it gave back.
    with serving_alone(tmp_path, second):
        pass


def test_roles_beside_each_other_are_no_second_gateway(tmp_path: Path) -> None:
    intake, web, worker = (serving_alone(tmp_path, (part,)) for part in ("intake", "web", "worker"))
    with intake, web, worker:
        assert len(list(tmp_path.iterdir())) == 3
