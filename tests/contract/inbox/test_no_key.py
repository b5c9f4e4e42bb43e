"""A team without any key: its referrals wait until a colleague made one in the browser and it was bound."""

from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import Mock

import pytest
from pydantic import ValidationError
from sqlmodel import select
from starlette.testclient import TestClient

from gateway.demo.config import keep_pair
from gateway.sealing import jwe
from gateway.sealing.spoken import spoken
from gateway.settings import load
from gateway.settings.sections import AWAITED, OrganisationEntry
from gateway.store import orders, outbox
from gateway.store.pagetables import UserRow
from gateway.store.tables import MailboxRow
from gateway.web import sessions
from gateway.web.app import web
from gateway.web.auth import COOKIE
from gateway.web.sessions import SessionStage
from tests.invented import PATIENT
from tests.moments import MONDAY
from tests.story.place import Place
from tests.unit.cli.terminal import Terminal
from tests.unit.pipeline.stage import Stage

TEAM = '[[organisation]]\nid = "buurthuis"\nname = "Buurthuis"\nserves = ["Almere"]\nadapter = "mailbox"\n'


class Keyless(Stage):
    """A gateway with one organisation, which has nothing but a browser."""

    def _organisations(self, backup: bool) -> None:
        (self.place.directory / "config" / "organisations.toml").write_text(TEAM)


@pytest.fixture
async def stage(place: Place) -> AsyncIterator[Keyless]:
    made = Keyless(place)
    made.open()
    yield made
    await made.close()


async def test_what_waits_leaves_once_the_digits_were_typed_on_the_page(
    stage: Keyless, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = stage.referred()
    await stage.work()
    _, private, fingerprint = jwe.generate()
    gateway = stage.gateway
    with stage.store.write() as session:
        keep_pair(session, "buurthuis", private, {}, now=MONDAY, by="sam")
        beheerder: dict[str, Any] = {
            "login": "noor",
            "name": "Noor",
            "role": "beheerder",
            "created_at": MONDAY,
        }
        session.add(UserRow(id="noor", **beheerder))
        token = sessions.start(session, gateway.base.wall(), user_id="noor", stage=SessionStage.FULL)
    headers = {"Origin": "https://handover.example", "Accept": "text/html", "Cookie": f"{COOKIE}={token}"}
    application = web(gateway.web.routes(), gateway.base.log, gateway.web.pages)
    digits = spoken("buurthuis", fingerprint)
    given = {"organisatie": "buurthuis", "paar": fingerprint, "cijfers": digits, "gebeld": "ja"}
    with TestClient(application, base_url="https://handover.example", headers=headers) as client:
        with monkeypatch.context() as broken:
            # The key and what the trail says of it are one transaction.
            broken.setattr(orders, "place", Mock(side_effect=OSError("full")))
            assert client.post("/sleutels", data=given).status_code == 500
        assert gateway.base.entries["buurthuis"].fingerprint == AWAITED
        answer = client.post("/sleutels", data=given, follow_redirects=False)
        assert answer.headers["location"] == "/sleutels?klaar=buurthuis"
    await stage.work(seconds=5)
    with stage.store.read() as session:
        sealed = session.exec(select(MailboxRow.sealed)).one()
    assert sealed is not None
    signer = gateway.keys.own.verifiers()["jwe"].encode()
    assert PATIENT.name.encode() in jwe.open_signed(sealed, private, signer)
    assert stage.state(case) == "delivered"


async def test_what_waits_for_a_key_leaves_once_it_is_bound(stage: Keyless) -> None:
    case = stage.referred()
    await stage.work()
    with stage.store.read() as session:
        (held,) = outbox.select_rows(session, None, (outbox.Status.HELD,))
        assert (held.reason, held.sealed) == ("awaited", None)
    assert stage.state(case) == "routed"
    terminal = Terminal(stage.place.directory)
    _, private, fingerprint = jwe.generate()
    with stage.store.write() as session:
        keep_pair(session, "buurthuis", private, {}, now=MONDAY, by="sam")
    # Made is not bound: whoever could write to the database would be sealed for.
    assert terminal("queue", "retry", "--all").code == 1
    bound = terminal("keys", "adopt", "--yes", "--", "buurthuis", fingerprint)
    assert "1 held for want of a key: will be sent" in bound.out
    assert [each.fingerprint for each in load(stage.place.directory).organisations] == [fingerprint]
    await stage.work(seconds=5)
    with stage.store.read() as session:
        sealed = session.exec(select(MailboxRow.sealed)).one()
    assert sealed is not None
    signer = stage.gateway.keys.own.verifiers()["jwe"].encode()
    assert PATIENT.name.encode() in jwe.open_signed(sealed, private, signer)


def test_whoever_reads_elsewhere_names_a_key() -> None:
    team = {"id": "buurthuis", "name": "Buurthuis", "serves": ["Almere"], "adapter": "mailbox"}
    assert OrganisationEntry.model_validate(team).fingerprint == AWAITED
    for wrong in ({"adapter": "mail"}, {"format": "openpgp"}, {"key": "organisations/buurthuis.jwk"}):
        with pytest.raises(ValidationError, match="Field required"):
            OrganisationEntry.model_validate(team | wrong)
    for short in ("", " ", "wacht"):
        with pytest.raises(ValidationError, match="fingerprint"):
            OrganisationEntry.model_validate(team | {"format": "jwe", "key": "x.jwk", "fingerprint": short})
