"""The nudge: an organisation that wants it hears, over real HTTPS, that its queue changed, no more."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from adapters.webhook import sign
from gateway.app import Gateway
from gateway.app.nudges import webhooks
from gateway.errors import ConfigErrors
from gateway.pipeline import nudge
from gateway.store import audit
from gateway.store.outbox import Status
from gateway.store.tables import OutboxRow
from tests.contract.mailbox.harbour import HAVEN, POORT, Harbour, add_organisation
from tests.doorbell import SECRET, WRITTEN, Doorbell, hung
from tests.peers.mail import MailPeer
from tests.story.place import Place, Town

FILE = "keys/nudge.secret"


@pytest.fixture
async def doorbell(place: Place) -> AsyncIterator[Doorbell]:
    async with hung(place) as made:
        yield made


@pytest.fixture
def nudged(place: Place, doorbell: Doorbell) -> Place:
    """De Haven wants to be told; De Poort does not."""
    secret = place.directory / FILE
    secret.touch(0o600)
    secret.write_text(WRITTEN + "\n")
    options = {"nudge_url": doorbell.url, "nudge_secret_file": FILE, "nudge_ca_file": "keys/tls/ca.pem"}
    lines = [f'backup = "{POORT}"', "[organisation.options]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in options.items()]
    add_organisation(place, HAVEN, "De Werven", more="\n".join(lines))
    add_organisation(place, POORT, "De Hoven")
    place.replace("inbeeld.toml", "nudge_networks = []", 'nudge_networks = ["127.0.0.0/8", "::1/128"]')
    return place


@pytest.fixture
async def harbour(nudged: Place, peer: MailPeer, readers: Any) -> AsyncIterator[Harbour]:
    town = Town(nudged, peer, readers)
    await town.open()
    made = Harbour(town)
    await made.open()
    yield made
    await made.close()
    await town.close()


def nudges(harbour: Harbour) -> list[OutboxRow]:
    """Every nudge there was, oldest first."""
    with harbour.town.gateway.store.read() as session:
        query = select(OutboxRow).where(OutboxRow.kind == nudge.KIND).order_by(col(OutboxRow.created_at))
        return list(session.exec(query))


def dropped(harbour: Harbour) -> list[str]:
    """Why nudges were dropped, as the trail has it."""
    with harbour.town.gateway.store.read() as session:
        return [
            json.loads(row.data)["reason"] for row in audit.export(session) if row.kind == "nudge.dropped"
        ]


async def test_it_tells_that_there_is_something_and_nothing_else(
    harbour: Harbour, doorbell: Doorbell
) -> None:
    patient = await harbour.refer()
    ((headers, body),) = doorbell.heard
    assert set(json.loads(body)) == {"type", "timestamp"}
    assert json.loads(body)["type"] == "wachtrij.gewijzigd"
    assert sign(SECRET, headers["webhook-id"], harbour.town.now, body).items() <= headers.items()
    everything = f"{headers} {body!r}"
    (row,) = harbour.rows()
    for secret in (row.kenmerk, row.id, row.case_id, patient.name, patient.number, patient.wijk, HAVEN):
        assert secret not in everything
    assert await harbour.collect()


async def test_it_tells_by_cloud_events_who_asked_for_those(
    nudged: Place, peer: MailPeer, readers: Any, doorbell: Doorbell
) -> None:
    source = "urn:nld:oin:00000000000000000000:systeem:inbeeld"
    key = f"nudge_secret_file = {json.dumps(FILE)}"
    nudged.replace("organisations.toml", key, f"{key}\nnudge_source = {json.dumps(source)}")
    town = Town(nudged, peer, readers)
    await town.open()
    await Harbour(town).refer()
    ((headers, body),) = doorbell.heard
    assert headers["content-type"] == "application/cloudevents+json"
    assert sign(SECRET, headers["webhook-id"], town.now, body).items() <= headers.items()
    event = json.loads(body)
    assert event.keys() == {"specversion", "id", "source", "type", "time"}
    assert (event["specversion"], event["source"]) == ("1.0", source)
    assert event["id"] == headers["webhook-id"]
    assert len(body) == nudge.CLOUD_SIZE
    await town.close()


async def test_who_did_not_ask_is_not_told(harbour: Harbour, doorbell: Doorbell) -> None:
    await harbour.refer("De Hoven")
    assert await harbour.collect(who=POORT)
    assert (doorbell.heard, nudges(harbour)) == ([], [])


async def test_one_nudge_waits_however_much_comes_in(harbour: Harbour, doorbell: Doorbell) -> None:
    doorbell.status = 500
    for _ in range(3):
        await harbour.refer()
    assert len(nudges(harbour)) == 1
    # The handovers are in the mailbox all the same.
    assert len(harbour.rows()) == 3
    doorbell.status = 200
    await harbour.town.work(minutes=30)
    assert [row.status for row in nudges(harbour)] == [Status.SENT]
    assert len({headers["webhook-id"] for headers, _ in doorbell.heard}) == 1
    assert len({body for _, body in doorbell.heard}) == 1
    await harbour.refer()
    assert len({headers["webhook-id"] for headers, _ in doorbell.heard}) == 2


async def test_after_some_hours_it_is_dropped_and_nobody_is_alarmed(
    harbour: Harbour, doorbell: Doorbell
) -> None:
    doorbell.status = 503
    await harbour.refer()
    for _ in range(8):
        await harbour.town.work(hours=1)
    tries = len(doorbell.heard)
    assert 4 <= tries <= 8
    assert dropped(harbour) == ["nudge_busy 503"]
    assert not {"delivery.held", "delivery.late"} & set(harbour.kinds())
    await harbour.town.work(hours=1)
    assert len(doorbell.heard) == tries
    assert await harbour.collect()


async def test_what_was_collected_meanwhile_needs_no_nudge(harbour: Harbour, doorbell: Doorbell) -> None:
    doorbell.status = 500
    await harbour.refer()
    await harbour.settle(await harbour.leased(), "ontvangstbevestigingen")
    await harbour.town.work(minutes=30)
    assert (len(doorbell.heard), dropped(harbour)) == (1, ["nudge_not_needed"])


async def test_nothing_goes_where_it_may_not(
    nudged: Place, peer: MailPeer, readers: Any, doorbell: Doorbell
) -> None:
    nudged.replace("inbeeld.toml", 'nudge_networks = ["127.0.0.0/8", "::1/128"]', "nudge_networks = []")
    town = Town(nudged, peer, readers)
    await town.open()
    harbour = Harbour(town)
    await harbour.refer()
    assert (len(harbour.rows()), doorbell.heard) == (1, [])
    assert dropped(harbour) == ["nudge_host_forbidden"]
    found = json.loads(await asyncio.to_thread(town.inbeeld, "check", "--json", code=1))
    told = {one["what"]: one for one in found if one["told"].startswith("nudge: ")}
    assert told[f"organisation {HAVEN}"]["level"] == "error"
    assert "delivery.nudge_networks" in told[f"organisation {HAVEN}"]["told"]
    await town.close()


async def test_check_reaches_out_and_says_nothing(harbour: Harbour, doorbell: Doorbell) -> None:
    # No signaal endpoint listens in this place, so that the check as a whole ends with 1.
    found = json.loads(await asyncio.to_thread(harbour.town.inbeeld, "check", "--json", code=1))
    assert ("ok", f"organisation {HAVEN}") in [
        (one["level"], one["what"]) for one in found if one["told"].startswith("nudge: ")
    ]
    assert doorbell.heard == []


async def test_a_nudge_that_a_person_held_leaves_when_they_say_so(
    harbour: Harbour, doorbell: Doorbell
) -> None:
    doorbell.status = 500
    await harbour.refer()
    (row,) = nudges(harbour)
    gateway, now = harbour.town.gateway, harbour.town.now
    with gateway.store.write() as session:
        gateway.worker.retry.hold(session, row.id, now, "beheerder")
    doorbell.status = 200
    await harbour.town.work(minutes=30)
    assert len(doorbell.heard) == 1
    with gateway.store.write() as session:
        assert gateway.worker.retry.retry(session, row.id, harbour.town.now, "beheerder") is None
    await harbour.town.work()
    assert [row.status for row in nudges(harbour)] == [Status.SENT]


def made(place: Place) -> None:
    """What is made of the configuration when the worker starts."""
    gateway = Gateway.at(place.directory)
    webhooks(gateway.settings, gateway.base.directory().adapters)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (f'nudge_secret_file = "{FILE}"', 'nudge_secret_file = "keys/none"', "nudge_secret_file"),
        (f'nudge_secret_file = "{FILE}"', "", "nudge_secret_file: is missing beside nudge_url"),
        ('nudge_ca_file = "keys/tls/ca.pem"', f'nudge_ca_file = "{FILE}"', "nudge_ca_file"),
        ('nudge_url = "https://', 'nudge_url = "http://', "nudge_url: must be an https:// address"),
    ],
)
async def test_a_mistake_is_told_with_its_key(nudged: Place, before: str, after: str, told: str) -> None:
    nudged.replace("organisations.toml", before, after)
    with pytest.raises(ConfigErrors, match=told) as error:
        made(nudged)
    assert WRITTEN not in str(error.value)


@pytest.mark.parametrize("content", ["whsec_c2hvcnQ=", "geheim", ""])
async def test_a_secret_that_is_none_is_told_and_not_shown(nudged: Place, content: str) -> None:
    (nudged.directory / FILE).write_text(content)
    with pytest.raises(ConfigErrors, match="nudge_secret_file: is not whsec_") as error:
        made(nudged)
    assert "c2hv" not in str(error.value)
    (nudged.directory / FILE).chmod(0o644)
    with pytest.raises(ConfigErrors, match="others on this machine may read it"):
        made(nudged)


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))
def test_every_body_has_the_same_length(at: datetime) -> None:
    body = nudge.compose(at)
    assert len(body) == nudge.SIZE
    assert datetime.fromisoformat(json.loads(body)["timestamp"]) == at.replace(microsecond=0)
