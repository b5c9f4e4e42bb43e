"""Whoever watches is told by webhook what needs a person, whatever the relay does."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from standardwebhooks import Webhook

from gateway.store import audit
from tests.doorbell import WRITTEN, Doorbell, hung
from tests.invented import PATIENT, make_mail
from tests.peers.mail import MailPeer
from tests.story.place import Place, Town

ADMIN = "beheer@handover.example"
STRANGER = "x@elders.example"


@pytest.fixture
async def doorbell(place: Place) -> AsyncIterator[Doorbell]:
    async with hung(place) as made:
        yield made


@pytest.fixture
async def watched(place: Place, peer: MailPeer, readers: Any, doorbell: Doorbell) -> AsyncIterator[Town]:
    """A gateway that tells its administrators by mail and by webhook."""
    secret = place.directory / "keys" / "alarm.secret"
    secret.touch(0o600)
    secret.write_text(WRITTEN)
    for before, after in (
        ("to = []", f'to = ["{ADMIN}"]'),
        ('webhook = ""', f'webhook = "{doorbell.url}"'),
        ("# webhook_secret_file", "webhook_secret_file"),
        ('# webhook_ca_file = "keys/alarm-ca.pem"', 'webhook_ca_file = "keys/tls/ca.pem"'),
        ("nudge_networks = []", 'nudge_networks = ["127.0.0.0/8", "::1/128"]'),
        ('public_url = ""', 'public_url = "https://handover.example"'),
    ):
        place.replace("inbeeld.toml", before, after)
    town = Town(place, peer, readers)
    await town.open()
    yield town
    await town.close()


def told(doorbell: Doorbell) -> list[dict[str, Any]]:
    """What was said, each message by its own signature."""
    return [json.loads(body)["data"] for _, body in doorbell.heard]


async def test_mail_and_webhook_tell_the_same_and_nothing_of_the_patient(
    watched: Town, doorbell: Doorbell
) -> None:
    await watched.post(make_mail(sender=STRANGER))
    ((headers, body),) = doorbell.heard
    ((item,),) = (each["items"] for each in told(doorbell))
    assert (item["kind"], item["url"]) == (
        "quarantined",
        f"https://handover.example/quarantaine/{item['kenmerk']}",
    )
    assert told(doorbell)[0]["board"] == "https://handover.example/"
    assert json.loads(body)["type"] == "alarm"
    with pytest.MonkeyPatch.context() as patch:
        # The library compares with the clock on the wall, and this is another year.
        patch.setattr("standardwebhooks.webhooks.Webhook._Webhook__verify_timestamp", lambda *_: watched.now)
        Webhook(WRITTEN).verify(body, headers)
    (digest,) = [mail for mail in watched.mails if mail["To"] == ADMIN]
    assert item["url"] in digest.text
    assert "https://handover.example/\r\n" in digest.text
    for secret in (PATIENT.name, PATIENT.number, STRANGER, *PATIENT.spellings):
        assert secret not in f"{headers} {body!r}"
    await watched.work(minutes=2)
    assert len(doorbell.heard) == 1, "each alarm is told once"


async def test_a_dead_relay_swallows_no_alarm(watched: Town, doorbell: Doorbell, peer: MailPeer) -> None:
    await peer.stop()
    await watched.post(make_mail(sender=STRANGER))
    assert [item["kind"] for each in told(doorbell) for item in each["items"]] == ["quarantined"]
    for _ in range(8):
        await watched.work(minutes=20)
    assert "digest_late" in [code for each in told(doorbell) for code in each["codes"]]


async def test_a_dead_webhook_is_told_by_mail(watched: Town, doorbell: Doorbell) -> None:
    doorbell.status = 503
    await watched.post(make_mail(sender=STRANGER))
    for _ in range(8):
        await watched.work(minutes=20)
    late = [mail for mail in watched.mails if "webhook voor alarmen" in mail.text]
    assert len(late) == 1
    doorbell.status, before = 204, len(doorbell.heard)
    await watched.work(hours=2)
    # What waited comes in the end, under the id it had at its first try.
    assert doorbell.heard[0][0]["webhook-id"] in [
        headers["webhook-id"] for headers, _ in doorbell.heard[before:]
    ]
    with watched.gateway.store.snapshot() as session:
        assert audit.verify(session).faults == ()
