"""A receiver with a FHIR server: the handover, its Task's way back, and our own Tasks as it may read them."""

import base64
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.task import Task
from pydantic import ValidationError

from adapters.base import Refused, TryLater
from adapters.fhir import FhirAdapter, FhirOptions
from adapters.fhirtask import CATEGORIES, DELIVERY, PROGRESS, STATUSES
from gateway.cli.trial import TrialWay
from gateway.domain.case import ReportWord
from gateway.domain.states import CONTACT, State
from gateway.sandbox.pool import Readers
from gateway.store import tokens
from gateway.web.api.fhirface import TASKS
from tests.contract.adapters.ways import add, opened, spilled
from tests.contract.adapters.wire import Certificates, make_context, make_parcel
from tests.invented import PATIENT, make_mail
from tests.peers.fhirserver import FhirServer
from tests.peers.mail import MailPeer
from tests.peers.webpeer import write_token
from tests.sealed import opened as unsealed
from tests.story.place import Place, Town, kinds

HOUT = "wijkteam-hout"
RESIDENT = replace(PATIENT, wijk="Almere Hout")


@dataclass
class Hout:
    """The gateway, the receiver's server, and the receiver as a caller."""

    town: Town
    peer: FhirServer
    client: httpx2.AsyncClient

    async def refer(self) -> str:
        await self.town.post(make_mail(RESIDENT))
        return list(self.peer.tasks)[-1]

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/fhir+json"} | headers
        return await self.client.request(method, f"/fhir{path}", content=content, headers=headers)


@pytest.fixture
async def hout(place: Place, peer: MailPeer, readers: Readers) -> AsyncIterator[Hout]:
    add(place, TrialWay.FHIR)
    async with FhirServer(*place.tls) as server:
        place.replace("organisations.toml", "https://localhost:9444/fhir", f"{server.url}/fhir")
        write_token(place.directory / "keys" / "fhir" / f"{HOUT}.token")
        async with opened(place, peer, readers) as town:
            web = town.gateway.web.server()
            url = (await web.start()).replace("127.0.0.1", "localhost")
            with town.gateway.store.write() as session:
                _, token = tokens.make(session, HOUT, town.now)
            bearer = {"Authorization": f"Bearer {token}"}
            trust = ssl.create_default_context(cafile=place.directory / "keys" / "tls" / "ca.pem")
            async with httpx2.AsyncClient(
                base_url=url, headers=bearer, verify=trust, trust_env=False
            ) as client:
                yield Hout(town, server, client)
            await web.stop()


async def test_the_whole_walk_by_asking(hout: Hout) -> None:
    delivery = await hout.refer()
    task = hout.peer.tasks[delivery]
    case = hout.town.the_case()
    assert (case["state"], case["organisation"]) == ("delivered", HOUT)
    assert task["groupIdentifier"]["value"] == case["kenmerk"]
    private = hout.town.place.directory / "keys" / "trial" / f"{HOUT}.private.jwk"
    inside = json.loads(unsealed(hout.town.place.directory, hout.peer.sealed()[0], private.read_bytes()))
    assert (inside["naam"], inside["telefoon"]) == (RESIDENT.name, RESIDENT.e164)
    assert spilled(hout.town) == []
    clear = json.dumps(hout.peer.bundles).replace(task["input"][0]["valueAttachment"]["data"], "")
    assert RESIDENT.name not in clear
    assert not any(spelling in clear for spelling in RESIDENT.spellings)

    hout.peer.says(delivery, "accepted")
    await hout.town.work(minutes=16)
    assert hout.town.the_case()["state"] == "collected"
    hout.peer.says(delivery, "completed")
    await hout.town.work(minutes=16)
    assert hout.town.the_case()["state"] == "collected", "done without a word is not in beeld"
    asked = [one for one in hout.town.the_case()["events"] if one["kind"] == "alarm"]
    assert [json.loads(one["data"])["field"] for one in asked] == ["contact"]
    hout.peer.says(delivery, "in-progress", "contacted")
    # A rest-hook without a payload says no more than this.
    assert (await hout.ask("POST", "/hook")).status_code == 200
    await hout.town.work(seconds=20)
    await hout.town.work(minutes=16)
    assert hout.town.the_case()["state"] == "contacted"
    assert kinds(hout.town.mails) == ["receipt", "in_beeld"]
    hout.peer.says(delivery, "completed", "contacted", "referred_on")
    await hout.town.work(minutes=16)
    assert hout.town.the_case()["state"] == "stopped"
    assert b"Fatima" not in hout.town.journal.getvalue().encode()


async def test_the_way_back_by_callback_and_what_is_wrong_with_one(hout: Hout) -> None:
    delivery = await hout.refer()
    answer = await hout.ask("PUT", "/Task/t1", hout.peer.says(delivery, "in-progress", "contacted"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/fhir+json")
    OperationOutcome.model_validate(answer.json())
    await hout.town.work()
    assert kinds(hout.town.mails) == ["receipt", "in_beeld"]
    again = await hout.ask("PUT", "/Task/t1", hout.peer.says(delivery, "in-progress", "bellen"))
    assert "Task.businessStatus" in again.text
    # Only what is so now is told: a correction is another one where something was reported in between.
    for progress, state in (
        ("corrected", "collected"),
        ("corrected", "collected"),
        ("attempted", "attempted"),
        ("corrected", "collected"),
        ("corrected", "collected"),
    ):
        await hout.ask("PUT", "/Task/t1", hout.peer.says(delivery, "in-progress", progress))
        assert hout.town.the_case()["state"] == state, progress
    # What stood there before takes back no contact that became known elsewhere: a person asks.
    hout.town.inbeeld("cases", "report", hout.town.the_case()["kenmerk"], "contacted")
    await hout.ask("PUT", "/Task/t1", hout.peer.says(delivery, "in-progress", "corrected"))
    case = hout.town.the_case()
    assert case["state"] == "contacted"
    assert "correctie" in case["events"][-1]["data"]
    for body, kind, status in (
        ({**hout.peer.tasks[delivery], "identifier": [{"system": DELIVERY, "value": "0" * 32}]}, "", 404),
        ({"resourceType": "Patient", "name": [{"text": "Fatima Voorbeeld"}]}, "", 422),
        (["Task"], "", 422),
        (hout.peer.tasks[delivery], "text/plain", 415),
        ({"resourceType": "Task", "note": "x" * 300_000}, "", 413),
    ):
        headers = {"Content-Type": kind} if kind else {}
        answer = await hout.ask("PUT", "/Task/t1", body, **headers)
        assert answer.status_code == status, answer.text
        OperationOutcome.model_validate(answer.json())
        assert "Fatima" not in answer.text
    nobody = await hout.client.get("/fhir/Task", headers={"Authorization": "Bearer inbeeld_niemand"})
    assert nobody.status_code == 401
    OperationOutcome.model_validate(nobody.json())


async def test_its_own_cases_as_tasks_without_patients(hout: Hout) -> None:
    await hout.refer()
    await hout.town.post(make_mail(replace(RESIDENT, name="Bertram Wolkenveld", number="622334455")))
    capability = await hout.client.get("/fhir/metadata", headers={"Authorization": ""})
    CapabilityStatement.model_validate(capability.json())
    for ask in ({"params": {"_format": "xml"}}, {"headers": {"Accept": "application/fhir+xml"}}):
        refused = await hout.client.get("/fhir/metadata", **ask)  # type: ignore[arg-type]
        assert (refused.status_code, refused.json()["issue"][0]["code"]) == (406, "not-supported")
        OperationOutcome.model_validate(refused.json())
    seen: list[str] = []
    path = "/Task?_count=1"
    while path:
        page = (await hout.ask("GET", path)).json()
        Bundle.model_validate(page)
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        links = {link["relation"]: link["url"].partition("/fhir")[2] for link in page["link"]}
        assert links["self"] == path
        path = links.get("next", "")
    assert sorted(seen) == sorted(case["kenmerk"] for case in hout.town.cases())
    (one, *_) = seen
    task = (await hout.ask("GET", f"/Task/{one}")).json()
    Task.model_validate(task)
    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == ("requested", "delivered")
    assert not task.keys() & {"for", "contained", "input", "note", "description"}
    later = (hout.town.now + timedelta(days=1)).isoformat()
    assert "entry" not in (await hout.ask("GET", f"/Task?_lastUpdated=ge{later}")).json()
    today = hout.town.now.date().isoformat()
    everything = (await hout.ask("GET", f"/Task?_count=5000&_lastUpdated=ge{today}")).json()
    assert len(everything["entry"]) == len(seen)
    assert (await hout.ask("GET", "/Task/IB-2222-2222")).status_code == 404
    wrong = await hout.ask("DELETE", "/Task/IB-2222-2222")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, PUT")
    for query in (
        "_count=0",
        "_count=x",
        "_lastUpdated=2026",
        "_lastUpdated=ge2026-11-23T09:00:00",
        "_lastUpdated=ge0001-01-01",
        "name=Fatima",
        "na=%27",
    ):
        answer = await hout.ask("GET", f"/Task?{query}")
        assert answer.status_code == 400, query
        assert "Fatima" not in answer.text


def test_every_word_has_a_meaning_that_the_gateway_knows() -> None:
    published = (
        "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed"
    )
    assert STATUSES.keys() == set(published.split()), (
        "all of R4 but entered-in-error, which a person asks about"
    )
    meanings = [*PROGRESS.values(), *(one for pair in STATUSES.values() if pair for one in pair if one)]
    for meaning in meanings:
        assert ReportWord(meaning.event)
    assert TASKS.keys() == set(State)
    assert set(TASKS.values()) <= STATUSES.keys()
    progress = [pair for pair in STATUSES.values() if pair]
    assert not {one.event for pair in progress for one in pair if one} & CONTACT, "progress is no contact"


@pytest.fixture
async def server(certificates: Certificates) -> AsyncIterator[FhirServer]:
    async with FhirServer(certificates.cert, certificates.key) as made:
        yield made


def adapter(server: FhirServer, certificates: Certificates, folder: Path, **options: Any) -> FhirAdapter:
    given_ = {
        "url": f"{server.url}/fhir",
        "ca_file": str(certificates.ca),
        "token_file": str(write_token(folder / "token")),
        "timeout": 10,
    }
    return FhirAdapter(FhirOptions.model_validate(given_ | options), make_context())


async def test_what_answers_mean(server: FhirServer, certificates: Certificates, tmp_path: Path) -> None:
    one = adapter(server, certificates, tmp_path)
    for act, kind, reason in (
        ("later", TryLater, "fhir_busy 503"),
        ("refuse", Refused, "fhir_refused 422"),
        ("redirect", Refused, "fhir_redirect 307"),
        ("garbage", TryLater, "fhir_protocol"),
        ("conflict", TryLater, "fhir_protocol"),
    ):
        server.next(act)
        with pytest.raises(kind) as caught:
            await one.send(make_parcel())
        assert isinstance(caught.value, kind)
        assert caught.value.reason == reason
    receipt = await one.send(make_parcel())
    assert (receipt.peer, receipt.text) == ("localhost", "200 Task/t1 TLSv1.3")
    # One that names nothing of what it had already is asked for it.
    server.names = False
    assert (await one.send(make_parcel())).text == "200 Task/t1 TLSv1.3"
    for wrong in ({"kenmerk": "a b"}, {"delivery_id": "x|y"}, {"ciphertext": b"Naam: Fatima Voorbeeld"}):
        with pytest.raises(Refused, match="parcel_"):
            await one.send(make_parcel(**wrong))
    await one.close()
    (tmp_path / "token").write_text("")
    with pytest.raises(Refused, match="fhir_files"):
        await one.send(make_parcel())
    (tmp_path / "token").write_text("a-wrong-token-of-ours")
    with pytest.raises(Refused, match="fhir_refused 401"):
        await one.send(make_parcel())
    await one.close()


async def test_pages_are_followed_here_and_nowhere_else(
    server: FhirServer, certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = adapter(server, certificates, tmp_path)
    for number in range(3):
        await one.send(make_parcel(delivery_id=f"d{number}"))
    server.page = 2
    server.tasks["d1"]["identifier"] = [{"system": "urn:anders", "value": "d1"}]
    polled = await one.poll(None)
    assert [told.delivery_id for told in polled.told] == ["d0", "d2"]
    assert polled.not_understood == 1
    # Of more than we read somebody hears.
    monkeypatch.setattr("adapters.fhir.MOST_PAGES", 1)
    assert (await one.poll(None)).not_understood == 2
    monkeypatch.setattr("adapters.fhir._next", lambda page: "//[")
    with pytest.raises(TryLater, match="fhir_protocol"):
        await one.poll(None)
    monkeypatch.setattr("adapters.fhir._next", lambda page: "https://elders.example/fhir/Task?start=2")
    with pytest.raises(Refused, match="fhir_redirect"):
        await one.poll(None)
    await one.close()


GRAVITY: dict[str, dict[str, Any]] = {
    "Task": {
        "required": ["status", "intent", "code", "focus", "for", "authoredOn", "requester"],
        "properties": {
            "status": {"enum": sorted({*STATUSES, "entered-in-error"})},
            "intent": {"const": "order"},
            "code": {"properties": {"coding": {"contains": {"properties": {"code": {"const": "fulfill"}}}}}},
            "for": {"required": ["reference"]},
            "requester": {"properties": {"type": {"enum": ["Organization", "PractitionerRole"]}}},
            "statusReason": {"required": ["text"]},
        },
    },
    "ServiceRequest": {
        "required": ["status", "intent", "category", "code", "subject", "authoredOn", "requester"],
        "properties": {
            "intent": {"const": "order"},
            "code": {"required": ["coding"]},
            "category": {
                "contains": {
                    "properties": {"coding": {"contains": {"properties": {"system": {"const": CATEGORIES}}}}}
                }
            },
            "requester": {"properties": {"type": {"enum": ["Organization", "PractitionerRole", "Device"]}}},
        },
    },
}
"""What Gravity's profiles for Task and ServiceRequest ask beyond R4, as far as a schema says it."""


def against_gravity(resource: dict[str, Any]) -> list[str]:
    """What is wrong with a resource by those profiles."""
    schema = jsonschema.Draft202012Validator(GRAVITY[resource["resourceType"]])
    return [f"{resource['resourceType']}: {fault.json_path}" for fault in schema.iter_errors(resource)]


async def test_the_transaction_is_valid_fhir_and_the_same_at_every_try(
    server: FhirServer, certificates: Certificates, tmp_path: Path
) -> None:
    one = adapter(server, certificates, tmp_path)
    parcel = make_parcel(urgent=True, made_at=make_parcel().due_at)
    body = one.compose(parcel)
    assert body == one.compose(parcel)
    bundle = json.loads(body)
    Bundle.model_validate(bundle)
    request, found = (entry["resource"] for entry in bundle["entry"])
    assert found["focus"]["reference"] == bundle["entry"][0]["fullUrl"]
    assert (request["priority"], found["priority"]) == ("urgent", "urgent")
    assert base64.b64decode(found["input"][0]["valueAttachment"]["data"]) == parcel.ciphertext
    assert [fault for part in (request, found) for fault in against_gravity(part)] == []
    other = adapter(server, certificates, tmp_path, service="Welzijn op recept", code="", category="")
    asked = json.loads(other.compose(parcel))["entry"][0]["resource"]
    assert (asked["code"], "category" in asked) == ({"text": "Welzijn op recept"}, False)
    assert against_gravity(asked) == ["ServiceRequest: $", "ServiceRequest: $.code"]
    await one.close()


@pytest.mark.parametrize(
    "options",
    [
        {"url": "http://fhir.example/r4", "token_file": "t"},
        {"url": "https://fhir.example/r4"},
        {"url": "https://fhir.example/r4", "client_cert": "c", "ca_file": "a"},
        {"url": "https://fhir.example/r4", "client_cert": "c", "client_key": "k"},
        {"url": "https://fhir.example/r4", "token_file": "t", "pin": "0" * 64},
        {"url": "https://fhir.example/r4", "token_file": "t", "status_minutes": 0},
        {"url": "https://fhir.example/r4", "token_file": "t", "code": "410606002"},
    ],
)
def test_options_that_do_not_do(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FhirOptions.model_validate(options)
