"""The Dutch API Design Rules: those of the published ruleset in Python, and what only a running server shows.

The rules are those of Logius's linter for version 2.1, with what 2.2 adds, in its names; Spectral itself is a
program of sixty packages for thirty patterns. The examples of the manual are run as they stand there.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPMethod
from pathlib import Path
from typing import Any

import pytest

from gateway.web.api.models import Wachtrij
from gateway.web.api.openapi import VERSION, describe
from gateway.web.api.operations import Call, Deprecation, Operation
from tests.contract.mailbox.harbour import HAVEN, POORT, Harbour
from tests.contract.mailbox.reference import PLACE, REFERENCE, document, rendered
from tests.patience import PATIENCE_S
from tests.programs import program

DOCS = Path(__file__).parents[3] / "docs"
METHODS = {"get", "put", "post", "delete", "patch"}


def walk(part: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, part
    if isinstance(part, dict):
        for name, each in part.items():
            yield from walk(each, *path, str(name))
    elif isinstance(part, list):
        for place, each in enumerate(part):
            yield from walk(each, *path, str(place))


def faults(whole: dict[str, Any]) -> set[str]:
    """The names of the rules that are broken."""
    found = set()

    def rule(name: str, kept: Any) -> None:
        if not kept:
            found.add(name)

    info, servers = whole.get("info", {}), whole.get("servers", [])
    rule("openapi3", re.fullmatch(r"3(\.\d+){1,2}", whole.get("openapi", "")))
    rule("oas3-api-servers", servers)
    rule("include-major-version-in-uri", all(re.search(r"/v\d+$", one["url"]) for one in servers))
    rule("servers-use-https", all(one["url"].startswith("https://") for one in servers))
    rule("info-contact", info.get("contact"))
    rule("info-contact-fields-exist", {"name", "email", "url"} <= info.get("contact", {}).keys())
    rule("semver", re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", info.get("version", "")))
    kebab = r"(/([a-z0-9-]+|\{[^}]+\}))+"
    for path, methods in whole["paths"].items():
        rule("paths-no-trailing-slash", not path.endswith("/"))
        rule("paths-kebab-case", re.fullmatch(kebab, path))
        rule("http-methods", methods.keys() <= METHODS)
        for method, one in methods.items():
            query = [each["name"] for each in one.get("parameters", []) if each["in"] == "query"]
            rule("query-keys-camel-case", all(re.fullmatch(r"[a-z]+([A-Z][a-z]*)*", name) for name in query))
            invalid = "400" in one["responses"]
            rule("problem-invalid-input", invalid or (method in ("get", "delete") and not query))
            for code, answer in one["responses"].items():
                if code[0] in "23":
                    rule("missing-version-header", "API-Version" in answer.get("headers", {}))
                else:
                    shared = whole["components"]["responses"][answer["$ref"].rpartition("/")[2]]
                    rule("use-problem-schema", "application/problem+json" in shared["content"])
    problem = whole["components"]["schemas"]["ProblemBody"]["properties"]
    rule("problem-schema-members", {"status", "title", "detail"} <= problem.keys())
    for name, schema in whole["components"]["schemas"].items():
        rule("schema-camel-case", re.fullmatch(r"([A-Z][a-z0-9]*)+", name))
        for field, about in schema.get("properties", {}).items():
            rule("oas3-valid-schema-example", "type" not in about or about.get("default", "") is not None)
            rule("property-casing", re.fullmatch(r"([a-z][a-z0-9]*([A-Z][a-z0-9]*)*|ID)", field))
            if re.search(r"^(date|datum)$|\w+D(ate|atum)|^datum[A-Z]", field):
                rule("specify-format-for-date-and-time", about.get("format") == "date")
    used = {part for path_of, part in walk(whole) if path_of and path_of[-1] == "$ref"}
    named = {f"#/components/responses/{status}" for status in whole["components"]["responses"]}
    rule("oas3-unused-component", named <= used)
    for path_of, part in walk(whole):
        if path_of and path_of[-1] == "format":
            rule("date-time-ensure-timezone", part not in ("date-time-local", "time"))
    return found


def test_the_description_keeps_every_rule() -> None:
    assert faults(document()) == set()


def test_the_rules_can_be_broken() -> None:
    whole = document()
    whole["openapi"], whole["servers"] = "2.0", [{"url": "http://handover.example/api"}]
    whole["info"] |= {"version": "1.0", "contact": {"name": "Beheer"}}
    whole["paths"]["/Mijn_Berichten/"] = {"query": {"responses": {"200": {}}}}
    odd = {"mijn_datum": {}, "eindDatum": {"type": "string", "default": None}}
    whole["components"]["schemas"]["mijn_bericht"] = {"properties": odd}
    whole["components"]["responses"]["418"] = {"content": {}}
    assert faults(whole) == {
        *("openapi3", "include-major-version-in-uri", "servers-use-https", "info-contact-fields-exist"),
        *("semver", "paths-no-trailing-slash", "paths-kebab-case", "http-methods", "problem-invalid-input"),
        *("missing-version-header", "schema-camel-case", "property-casing"),
        *("specify-format-for-date-and-time", "oas3-valid-schema-example", "oas3-unused-component"),
    }


def test_what_will_go_says_so() -> None:
    async def answers(call: Call) -> Wachtrij:
        raise NotImplementedError

    goes = Deprecation(
        datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 6, 30, 23, 59, 59, tzinfo=UTC), "/v1/aanmeldingen"
    )
    one = Operation("oud", HTTPMethod.GET, "/v1/oud", "Oud", "Oud.", answers, Wachtrij, goes=goes)
    described = describe([one], PLACE)["paths"]["/oud"]["get"]
    assert described["deprecated"] is True
    assert described["responses"]["200"]["headers"].keys() >= {"Deprecation", "Sunset", "API-Version"}
    assert goes.headers == {
        "Deprecation": "@1796083200",
        "Sunset": "Wed, 30 Jun 2027 23:59:59 GMT",
        "Link": '</v1/aanmeldingen>; rel="successor-version"',
    }


def test_the_reference_is_that_of_the_description() -> None:
    assert REFERENCE.read_text() == rendered(), "python -m tests.contract.mailbox.reference writes it anew"
    assert f"\n## {VERSION}\n" in (DOCS / "api-changelog.md").read_text()


async def test_what_only_a_server_shows(harbour: Harbour) -> None:
    await harbour.refer()
    async with harbour.client(harbour.tokens[HAVEN]) as client:
        described = await client.get("/v1/openapi.json", headers={"Origin": "https://elders.example"})
        assert described.headers["access-control-allow-origin"] == "*"
        for path, status in (("/v1/wachtrij", 200), ("/v1/wachtrij/", 404), ("/v1/nergens", 404)):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["api-version"]) == (status, VERSION)
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["strict-transport-security"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            if status != 200:
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json().keys() >= {"type", "title", "status", "watTeDoen"}
        (item,) = (await client.get("/v1/aanmeldingen")).json()
        for name in ("ontvangen", "gewijzigd", "uiterlijk"):
            assert item[name].endswith("Z")
            assert datetime.fromisoformat(item[name]).tzinfo is UTC


async def test_following_link_passes_every_case_of_your_own_once(harbour: Harbour) -> None:
    for _ in range(5):
        await harbour.refer()
    seen: list[dict[str, Any]] = []
    path = "/v1/aanmeldingen?aantal=2"
    while path:
        answer = await harbour.ask(path, method="GET")
        assert len(answer.json()) <= 2
        seen += answer.json()
        link = answer.headers.get("link", "")
        path = link.partition("<")[2].partition(">")[0]
        assert not link or link.endswith('; rel="next"')
    own = [case["kenmerk"] for case in harbour.town.cases() if case["organisation"] == HAVEN]
    assert sorted(case["kenmerk"] for case in seen) == sorted(own)
    assert len(own) == 5
    assert {name for case in seen for name in case} == {
        *("kenmerk", "toestand", "spoed", "ontvangen", "gewijzigd", "uiterlijk")
    }
    assert (await harbour.ask("/v1/aanmeldingen", method="GET", who=POORT)).json() == []
    later = f"{harbour.town.now.year + 1}-01-01T00:00:00Z"
    assert (await harbour.ask(f"/v1/aanmeldingen?gewijzigdSinds={later}", method="GET")).json() == []


@pytest.mark.parametrize(
    ("query", "veld"),
    [
        ("aantal=0", "aantal"),
        ("aantal=101", "aantal"),
        ("aantal=veel", "aantal"),
        ("na=..", "na"),
        ("gewijzigdSinds=gisteren", "gewijzigdSinds"),
        ("gewijzigdSinds=2026-11-23T09:00:00", "gewijzigdSinds"),
        ("zoek=Fatima", ""),
    ],
)
async def test_a_question_that_can_not_be_is_a_problem(harbour: Harbour, query: str, veld: str) -> None:
    answer = await harbour.ask(f"/v1/aanmeldingen?{query}", method="GET")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert [fault["veld"] for fault in answer.json()["fouten"]] == [veld]
    assert "Fatima" not in answer.text
    assert (await harbour.ask("/v1/aanmeldingen?na=&na=", method="GET")).status_code == 400


async def test_the_examples_of_the_manual_work(harbour: Harbour, tmp_path: Path) -> None:
    program("curl", "curl")
    await harbour.refer()
    env = {
        "PATH": os.environ["PATH"],
        "INBEELD_URL": f"{harbour.url}/v1",
        "INBEELD_TOKEN": harbour.tokens[HAVEN],
        "INBEELD_CA": str(harbour.ca),
        "INBEELD_KEY": str(harbour.key(HAVEN)),
    }

    async def run(*command: str) -> str:
        done = await asyncio.to_thread(
            subprocess.run, command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    manual = (DOCS / "api.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", manual, re.DOTALL)
    told = await run("sh", "-e", "-c", "\n".join(blocks))
    assert '"aantal":1' in told
    assert '"toestand":"contacted"' in told
    await harbour.refer()
    client = str(DOCS / "examples" / "afhalen.py")
    line = await run(sys.executable, client)
    kenmerk, _, referral = line.strip().split(" ", 2)
    assert json.loads(referral)["naam"]
    assert (await run(sys.executable, client, kenmerk, "in_beeld")).strip() == "contacted"
    assert await run(sys.executable, client) == ""
