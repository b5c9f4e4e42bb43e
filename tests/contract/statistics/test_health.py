"""The health of the gateway over HTTP: it says what waits, what fails, and nothing it can't know."""

from datetime import timedelta

from starlette.testclient import TestClient

from gateway.app import Gateway
from gateway.domain.messages import Code
from gateway.domain.outgoing import Handover, Reply
from gateway.domain.trail import AuditEvent
from gateway.store import audit, outbox, uptime
from tests.moments import MONDAY
from tests.postgres import ON_BOTH
from tests.store.rows import keep


@ON_BOTH
def test_all_is_well(engine: str, gateway: Gateway, beheerder: TestClient) -> None:
    with gateway.store.write() as session:
        session.connection().exec_driver_sql("UPDATE clocks SET met_at = due_at")
    facts = beheerder.get("/gezondheid.json").json()
    assert facts["worker"]["work_waits_since"] is None
    assert facts["outbox"] == {"ready": 0, "retrying": 0, "held": 0, "oldest": None}
    assert facts["database"]["migrated"] is True
    assert facts["database"]["bytes"] > 10_000
    assert facts["database"]["kind"] == ("SQLite" if gateway.store.sqlite else "PostgreSQL")
    assert {key["key"] for key in facts["keys"]} >= {"eigen-tls", "sleutel-wijkteam-haven"}
    page = beheerder.get("/gezondheid").text
    assert "De verwerking houdt het bij" in page
    assert gateway.keys.public().key_id in page
    assert "/proberen#logboek" in page


def test_how_long_the_work_went_on_is_told(gateway: Gateway, beheerder: TestClient) -> None:
    assert beheerder.get("/gezondheid.json").json()["uptime"] == []
    wall = gateway.base.wall()
    with gateway.store.write() as session:
        for minutes in (1, 2, 4):
            uptime.working(session, wall - timedelta(minutes=minutes))
    found = beheerder.get("/gezondheid.json").json()["uptime"]
    assert [(each["days"], each["worked"]) for each in found] == [(30, 3), (365, 3)]
    assert "Beschikbaar in de laatste 30 dagen: " in beheerder.get("/gezondheid").text


def test_a_worker_that_does_nothing_is_seen_by_its_work(gateway: Gateway, beheerder: TestClient) -> None:
    with gateway.store.write() as session:
        session.connection().exec_driver_sql("UPDATE clocks SET met_at = due_at")
    keep(gateway.store, "waiting")
    facts = beheerder.get("/gezondheid.json").json()
    assert facts["inbox"]["waiting"] == 1
    assert facts["worker"]["work_waits_since"] is not None
    assert "Draait de verwerking" in beheerder.get("/gezondheid").text


def test_what_failed_is_told_by_its_way_out(engine: str, gateway: Gateway, beheerder: TestClient) -> None:
    now = MONDAY - timedelta(hours=1)
    refused = Handover(case_id="t0", turn=2, organisation_id="wijkteam-haven", problem="expired")
    held = outbox.row(refused, now)
    later = outbox.row(Reply(case_id="t1", code=Code.IN_BEELD), now)
    later.reason = "relay_away"
    with gateway.store.write() as session:
        for row in (held, later):
            assert outbox.put(session, row)
        session.flush()
        facts = {"delivery": held.id, "reason": "expired"}
        audit.append(session, AuditEvent.DELIVERY_HELD, now=now, actor="gateway", case_id="t0", **facts)
    found = beheerder.get("/gezondheid.json").json()
    assert found["outbox"] == {"ready": 0, "retrying": 1, "held": 1, "oldest": now.isoformat()}
    ways = {way["organisation"]: way for way in found["ways_out"]}
    assert ways["wijkteam-haven"]["reason"] == "expired"
    assert ways["wijkteam-haven"]["last_failure"] == now.isoformat()
    assert (ways[None]["reason"], ways[None]["adapter"]) == ("relay_away", "relay")
    assert "De sleutel van de organisatie is verlopen." in beheerder.get("/gezondheid").text


def test_metrics_are_there_for_the_networks_that_were_named(beheerder: TestClient) -> None:
    # The test's own address is none: whoever can't be placed gets nothing.
    assert beheerder.get("/metrics").status_code == 404
