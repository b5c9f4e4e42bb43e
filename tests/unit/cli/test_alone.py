"""Two gateways on one SQLite directory: the second refuses to start."""

import pytest

from gateway.app import Gateway
from gateway.cli.serve import ServeRole, alone
from gateway.errors import ConfigError
from tests.story.place import Place


@pytest.mark.parametrize("second", [ServeRole.ALL, ServeRole.INTAKE, ServeRole.WORKER])
def test_a_second_gateway_on_the_same_directory_refuses(place: Place, second: ServeRole) -> None:
    gateway = Gateway.at(place.directory)
    gateway.settings.data_dir.mkdir(exist_ok=True)
    first = alone(gateway, ServeRole.ALL)
    with pytest.raises(ConfigError, match="another process already runs its"):
        alone(gateway, second)
    for lock in first:
        lock.release()
    # What one that was refused took for itself it gave back.
    for lock in alone(gateway, second):
        lock.release()
    gateway.store.close()


def test_roles_beside_each_other_are_no_second_gateway(place: Place) -> None:
    gateway = Gateway.at(place.directory)
    gateway.settings.data_dir.mkdir(exist_ok=True)
    locks = [
        lock for role in (ServeRole.INTAKE, ServeRole.WEB, ServeRole.WORKER) for lock in alone(gateway, role)
    ]
    assert len(locks) == 3
    for lock in locks:
        lock.release()
    gateway.store.close()
