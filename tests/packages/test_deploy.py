"""What stands in deploy/: units with little power, charts that give each role its own keys, sound scripts."""

import json
import re
import subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from deploy.container.healthy import healthy
from deploy.sbom import PIN, sbom
from tests.programs import program

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SCRIPTS = sorted(
    path for path in DEPLOY.rglob("*") if path.is_file() and path.read_bytes()[:9] == b"#!/bin/sh"
)
MOST = 1.5
"""The exposure that systemd may find in a unit, of 10."""


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_has_little_power(unit: Path) -> None:
    analyze = program("systemd-analyze", "systemd")
    told = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "nknown" not in told.stderr, told.stderr
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told.stdout)
    assert found, told.stderr
    assert float(found[1]) <= MOST


def test_the_service_manager_is_told_and_tells() -> None:
    for name in ("inbeeld.service", "inbeeld@.service"):
        text = (DEPLOY / "systemd" / name).read_text()
        for line in ("Type=notify", "WatchdogSec=60", "LimitCORE=0", "ExecReload=/bin/kill -HUP $MAINPID"):
            assert f"\n{line}\n" in text, name
        assert "RequiresMountsFor=" in text


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_script_parses(script: Path) -> None:
    subprocess.run(["/bin/sh", "-n", script], check=True)


def filled() -> list[dict[str, Any]]:
    """The chart's manifests with the values that ship."""
    chart = DEPLOY / "helm" / "inbeeld"
    values = yaml.safe_load((chart / "values.yaml").read_text())

    def fill(match: re.Match[str]) -> str:
        return str(values[match[2]]) if match[1] == "Values" else "trial"

    found = []
    for template in sorted((chart / "templates").glob("*.yaml")):
        text = re.sub(r"\{\{ \.(Values|Release)\.(\w+) \}\}", fill, template.read_text())
        assert "{{" not in text, f"{template.name}: not a plain value"
        found += list(yaml.safe_load_all(text))
    return found


def test_each_role_of_the_chart_gets_its_own_keys_and_no_rights() -> None:
    deployments = {one["metadata"]["name"]: one for one in filled() if one["kind"] == "Deployment"}
    assert set(deployments) == {"trial-intake", "trial-worker", "trial-web"}
    for name, deployment in deployments.items():
        role, spec = name.partition("-")[2], deployment["spec"]["template"]["spec"]
        secrets = {volume["secret"]["secretName"] for volume in spec["volumes"] if "secret" in volume}
        assert secrets == {"inbeeld-config", f"inbeeld-keys-{role}"}
        assert spec["securityContext"]["runAsNonRoot"]
        assert not spec["automountServiceAccountToken"]
        for container in (*spec["initContainers"], *spec["containers"]):
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"]
            assert not rights["allowPrivilegeEscalation"]
            assert rights["capabilities"] == {"drop": ["ALL"]}
        (main,) = spec["containers"]
        assert main["args"] == ["serve", "--role", role]
        assert {"readinessProbe", "livenessProbe"} <= main.keys()


@pytest.mark.parametrize("version", ["1.31", kubernetes_validate.latest_version()])
def test_kubernetes_would_take_the_chart(version: str) -> None:
    manifests = filled()
    assert len(manifests) > 10
    for manifest in manifests:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_a_composer_would_take_the_composition() -> None:
    form = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    composition = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text())
    jsonschema.validate(composition, json.loads(form.read_text()))


def test_nobody_reaches_the_worker_but_who_watches_it() -> None:
    policies = {one["metadata"]["name"]: one["spec"] for one in filled() if one["kind"] == "NetworkPolicy"}
    assert set(policies) == {"trial-intake", "trial-worker", "trial-web"}
    (door,) = policies["trial-worker"]["ingress"]
    assert door["ports"] == [{"protocol": "TCP", "port": 9464}]
    assert door["from"]


def test_each_role_of_the_composition_gets_its_own_keys_and_no_rights() -> None:
    services = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text())["services"]
    for role in ("intake", "worker", "web"):
        service = services[role]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["command"] == ["serve", "--role", role]
        assert f"./roles/{role}:/srv/inbeeld/keys:ro" in service["volumes"]
    assert "ports" not in services["worker"]
    assert "ports" not in services["database"]


def test_the_list_of_parts_names_what_is_locked() -> None:
    parts = {(part["name"], part["version"]) for part in sbom()["components"]}
    pins = [PIN.match(line) for line in (ROOT / "requirements.txt").read_text().splitlines()]
    locked = {(pin[1].lower().replace("_", "-"), pin[2]) for pin in pins if pin}
    assert len(locked) > 40
    look = json.loads((DEPLOY / "look" / "package-lock.json").read_text())["packages"]
    assert locked <= parts
    assert len(parts) == len(locked) + len(look) - 1


def test_a_container_knows_whether_it_is_healthy() -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            at = f"http://127.0.0.1:{server.server_port}"
            assert healthy(f"{at}/healthz")
            assert not healthy(f"{at}/readyz")
        finally:
            server.shutdown()
            thread.join()
    assert not healthy(f"{at}/healthz"), "nobody is there any more"
