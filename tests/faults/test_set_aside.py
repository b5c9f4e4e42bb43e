"""Killed while a mail is set aside and its copy is made: one case, one copy, nothing lost."""

import asyncio
import json

from sqlmodel import select

from gateway.app import Gateway
from gateway.store import audit
from gateway.store.pagetables import SetAsideRow
from tests.faults.harness import Launcher
from tests.invented import PATIENT, make_mail
from tests.patience import PATIENCE_S
from tests.peers.mail import MailPeer
from tests.sealed import opened
from tests.story.boardkey import bind
from tests.story.place import Place

POINTS = (
    "Receive._make: before commit",
    "Receive._make: after commit",
    "SetAside._seal: before commit",
    "SetAside._seal: after commit",
)


async def test_killed_while_a_copy_is_made(launcher: Launcher, place: Place, peer: MailPeer) -> None:
    private = bind(place.directory)
    run = await launcher.run(place.directory, "serve", "--role", "intake")
    await place.send(await run.ready(), make_mail(proof="dmarc=fail"))
    await run.stop()
    for point in POINTS:
        # The last point is passed by the life before it: for it, the key is another.
        if point == POINTS[-1]:
            private = bind(place.directory)
        run = await launcher.run(place.directory, "serve", die=point)
        await run.dies()
    run = await launcher.run(place.directory, "serve")
    await run.ready()
    await _sealed(place)
    await run.stop()
    gateway = Gateway.at(place.directory)
    with gateway.store.read() as session:
        (copy,) = session.exec(select(SetAsideRow)).all()
        found = audit.verify(session)
    gateway.store.close()
    assert PATIENT.name in json.loads(opened(place.directory, copy.sealed or b"", private))["text"]
    assert (found.faults, found.mails) == ((), {"quarantine": 1})


async def _sealed(place: Place) -> None:
    """Wait until the only copy is there."""
    gateway = Gateway.at(place.directory)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with gateway.store.read() as session:
                if session.exec(select(SetAsideRow.sealed)).first():
                    break
            await asyncio.sleep(0.05)
    gateway.store.close()
