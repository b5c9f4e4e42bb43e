"""Whoever watches the gateway sees what waits, what is held, what ends and who does not work."""

import json
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from gateway.app import Gateway
from gateway.app.watch import VERIFIED, last_verified, note_verified
from gateway.domain.outgoing import Handover
from gateway.store import audit, outbox
from gateway.store.tables import WorkerRow
from tests.moments import MONDAY
from tests.postgres import ON_BOTH
from tests.programs import program
from tests.store.rows import keep
from tests.story.place import Place

DEPLOY = Path(__file__).parents[3] / "deploy"
RULES = DEPLOY / "prometheus" / "inbeeld.rules.yml"
DASHBOARD = DEPLOY / "grafana" / "inbeeld.json"


def figures(gateway: Gateway) -> dict[str, float]:
    """What /metrics tells, by name and labels."""
    return {
        sample.name + "".join(f" {value}" for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(gateway.web.watch.figures().decode())
        for sample in family.samples
    }


def beat(gateway: Gateway, stalled: str = "", ago: timedelta = timedelta(0), id: str = "w1") -> None:
    with gateway.store.write() as session:
        session.merge(WorkerRow(id=id, seen_at=gateway.base.wall() - ago, stalled=stalled))


@ON_BOTH
def test_the_figures_are_what_stands_in_the_database(engine: str, gateway: Gateway) -> None:
    now = MONDAY - timedelta(hours=1)
    refused = Handover(case_id="t0", turn=2, organisation_id="wijkteam-haven", problem="expired")
    before = figures(gateway)
    with gateway.store.write() as session:
        assert outbox.put(session, outbox.row(refused, now))
        session.connection().exec_driver_sql("UPDATE clocks SET met_at = due_at WHERE case_id <> 't3'")
        session.connection().exec_driver_sql(
            "UPDATE clocks SET kind = 'contact', met_at = NULL, paused_from = NULL WHERE id = "
            "(SELECT min(id) FROM clocks WHERE case_id = 't3')"
        )
    keep(gateway.store, "waiting")
    beat(gateway, "dispatch")
    found = figures(gateway)
    assert before["inbeeld_worker_heartbeat_timestamp_seconds"] == 0
    assert found["inbeeld_database_up"] == 1
    assert found["inbeeld_inbox_waiting"] == before["inbeeld_inbox_waiting"] + 1
    assert found["inbeeld_outbox_held expired"] == 1
    assert found["inbeeld_outbox_unsent held"] == 1
    assert found["inbeeld_worker_stalled_steps"] == 1
    assert found["inbeeld_worker_heartbeat_timestamp_seconds"] > 0
    assert found["inbeeld_key_problem eigen-tls"] == 0
    assert 0 < found["inbeeld_key_expiry_days eigen-tls"] < 4000
    assert found["inbeeld_key_expiry_days sleutel-wijkteam-haven"] > 0
    assert found["inbeeld_disk_free_bytes"] > 0
    assert (found["inbeeld_disk_floor_bytes"] > 0) is gateway.store.sqlite
    (build,) = [name for name in found if name.startswith("inbeeld_build_info")]
    assert ("sqlite" in build) is gateway.store.sqlite


def test_a_reason_that_is_gone_is_told_no_more(gateway: Gateway) -> None:
    refused = Handover(case_id="t0", turn=2, organisation_id="wijkteam-haven", problem="expired")
    row = outbox.row(refused, MONDAY)
    with gateway.store.write() as session:
        assert outbox.put(session, row)
    assert "inbeeld_outbox_held expired" in figures(gateway)
    with gateway.store.write() as session:
        outbox.resume(session, outbox.by_id(session, row.id), MONDAY)
    assert "inbeeld_outbox_held expired" not in figures(gateway)


def test_a_database_that_is_away_is_a_figure(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    assert figures(gateway)["inbeeld_database_up"] == 1
    monkeypatch.setattr(gateway.store, "read", lambda: 1 / 0)
    assert figures(gateway)["inbeeld_database_up"] == 0
    assert gateway.web.watch.ready()() == {"ready": False, "database": "away"}


@ON_BOTH
def test_ready_is_what_this_role_depends_on(
    engine: str, gateway: Gateway, beheerder: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = gateway.web.watch
    assert watch.ready()()["worker"] == "none"
    assert watch.ready(worker=False)() == {"ready": True, "database": "current", "disk": "room"}
    beat(gateway, ago=timedelta(minutes=2))
    assert watch.ready()()["worker"] == "silent"
    beat(gateway)
    assert beheerder.get("/readyz").json() == {
        "ready": True,
        "database": "current",
        "disk": "room",
        "worker": "alive",
    }
    beat(gateway, "dispatch")
    assert beheerder.get("/readyz").json()["worker"] == "stalled: dispatch"
    assert beheerder.get("/readyz").status_code == 503
    # A worker asks for its own heartbeat: that of another says nothing of it.
    assert watch.ready(own="w2")()["worker"] == "none"
    beat(gateway, id="w2")
    assert watch.ready(own="w2")()["ready"] is True
    monkeypatch.setattr("gateway.app.watch.free_bytes", lambda _: 1)
    full = watch.ready(worker=False)()
    assert (full["ready"], full["disk"]) == ((False, "full") if gateway.store.sqlite else (True, "room"))


def test_when_the_trail_was_verified_last(gateway: Gateway) -> None:
    folder = gateway.settings.data_dir
    assert last_verified(folder) == (None, 0, 0)
    with gateway.store.snapshot() as session:
        found = audit.verify(session)
    note_verified(folder, found, MONDAY)
    told = figures(gateway)
    assert told["inbeeld_audit_verified_timestamp_seconds"] == MONDAY.timestamp()
    assert told["inbeeld_audit_verified_seq"] == found.events > 0
    assert told["inbeeld_audit_verified_faults"] == len(found.faults)
    (folder / VERIFIED).write_text("{}")
    assert last_verified(folder) == (None, 0, 0)


async def test_each_role_without_pages_has_a_port_of_its_own(place: Place) -> None:
    place.replace("inbeeld.toml", 'intake = ""', 'intake = "127.0.0.1:0"')
    place.replace("inbeeld.toml", 'worker = ""', 'worker = "127.0.0.1:0"')
    gateway = Gateway.at(place.directory)
    for role in ("intake", "worker"):
        assert gateway.watch_port(role) is not None
    assert gateway.watch_port("web") is None
    await gateway.close()


def test_every_figure_in_rules_and_dashboard_is_one_of_ours(gateway: Gateway) -> None:
    families = text_string_to_metric_families(gateway.web.watch.figures().decode())
    ours = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in families
        if family.name.startswith("inbeeld_") and not family.name.endswith("_created")
    }
    for path in (RULES, DASHBOARD):
        named = set(re.findall(r"inbeeld_[a-z_]+", path.read_text()))
        assert len(named) > 15
        assert named <= ours, path.name
    assert ours <= set(re.findall(r"inbeeld_[a-z_]+", (DEPLOY.parent / "docs" / "watching.md").read_text()))


def test_the_page_about_watching_names_every_alert() -> None:
    told = (DEPLOY.parent / "docs" / "watching.md").read_text()
    for alert in re.findall(r"alert: (\w+)", RULES.read_text()):
        assert f"`{alert}`" in told, alert


def test_the_dashboard_is_whole() -> None:
    document = json.loads(DASHBOARD.read_text())
    panels = document["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(target["expr"] for panel in panels for target in panel["targets"])


def test_promtool_finds_rules_and_figures_well_formed(gateway: Gateway) -> None:
    promtool = program("promtool", "prometheus")
    for words in (
        ["check", "rules", "--lint=all", "--lint-fatal", RULES.name],
        ["check", "config", "--syntax-only", "scrape.yml"],
        ["test", "rules", "inbeeld.rules.test.yml"],
    ):
        done = subprocess.run(
            [promtool, *words], cwd=RULES.parent, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    text = gateway.web.watch.figures()
    lint = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    # Days are what a person asks for; everything else has Prometheus' own units.
    assert [line for line in lint.stderr.splitlines() if b"inbeeld_key_expiry_days" not in line] == []
