"""What a role can't do although the key lies readable beside it: it was never given what would do it."""

import gc
import sys
from collections import deque
from collections.abc import Iterator
from types import ModuleType

import pytest

from gateway.app import Gateway
from gateway.errors import OpenError
from gateway.sealing.box import Keychain, PrivateKey
from gateway.store import cases
from tests.invented import make_mail
from tests.postgres import ON_BOTH
from tests.story.place import Place, Town

OPENED: list[str] = []


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        OPENED.append(str(arguments[0]))


sys.addaudithook(_hear)


def reached(start: object) -> Iterator[object]:
    """Everything that can be reached from an object, other than by way of a module or a class."""
    worlds = {id(vars(module)) for module in list(sys.modules.values()) if isinstance(module, ModuleType)}
    seen, waiting = {id(start)}, deque([start])
    while waiting:
        one = waiting.popleft()
        yield one
        for found in gc.get_referents(one):
            if id(found) in seen or id(found) in worlds or isinstance(found, ModuleType | type):
                continue
            seen.add(id(found))
            waiting.append(found)


def openers(start: object) -> list[object]:
    return [
        one
        for one in reached(start)
        if isinstance(one, PrivateKey) or (isinstance(one, Keychain) and one.key_ids)
    ]


async def test_the_worker_can_open_what_was_kept(place: Place) -> None:
    gateway = Gateway.at(place.directory)
    assert openers(gateway.worker), "or the walk would not see a key"
    await gateway.close()


@pytest.mark.parametrize("role", ["web", "intake"])
async def test_web_and_intake_hold_nothing_that_opens_mail(place: Place, role: str) -> None:
    private = sorted(place.directory.glob("keys/intake/*.key"))
    assert private
    assert all(path.read_bytes() for path in private), "the key is there and readable"
    OPENED.clear()
    gateway = Gateway.at(place.directory)
    made: object
    if role == "web":
        made = (gateway.web, gateway.web.routes(), gateway.web.server())
    else:
        made = gateway.intake(lambda: None)
    assert not set(OPENED) & {str(path) for path in private}
    assert openers(made) == []
    await gateway.close()


@ON_BOTH
async def test_the_web_role_is_refused_what_was_kept(town: Town) -> None:
    await town.post(make_mail())
    with town.gateway.store.read() as session:
        case = cases.by_kenmerk(session, town.the_case()["kenmerk"])
    assert town.gateway.worker.casefile.reading(case).phone
    for read in (town.gateway.web.casefile.reading, town.gateway.web.casefile.thread):
        with pytest.raises(OpenError):
            read(case)
