"""A signaal from the GP's mail to "in beeld", over real HTTPS both ways, and every way in which it may go."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from joserfc.jwk import RSAKey

from adapters.ddaswords import Eindresultaat
from gateway.sandbox.pool import Readers
from gateway.store import tokens
from tests.contract.signaal.poort import RESIDENT, Poort, make_poort
from tests.invented import REMARK, make_mail
from tests.peers.mail import MailPeer
from tests.peers.municipality.endpoint import sign
from tests.story.place import Place, kinds


@pytest.fixture
async def poort(place: Place, peer: MailPeer, readers: Readers) -> AsyncIterator[Poort]:
    async with make_poort(place, peer, readers) as made:
        yield made


async def test_the_whole_walk(poort: Poort) -> None:
    kept = await poort.refer()
    inside = json.loads(kept.text)
    assert (inside["naam"], inside["telefoon"], inside["wijk"]) == (
        RESIDENT.name,
        RESIDENT.e164,
        RESIDENT.wijk,
    )
    assert REMARK not in kept.text
    case = poort.town.the_case()
    assert (case["state"], case["organisation"]) == ("delivered", "gemeente-poort")
    assert kept.signaal["kenmerk"] == case["kenmerk"]

    missed = poort.attempt(dagdeel="Ochtend")
    answer = await poort.tell(kept.signaal["ID"], datum_opgepakt=poort.today, contactpogingen=[missed])
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "feiten": [
            {"gebeurtenis": "collected", "gewijzigd": True},
            {"gebeurtenis": "attempted", "gewijzigd": True},
        ],
        "toestand": "attempted",
        "nietBegrepen": [],
    }
    # The municipality sends its whole list each time.
    reached = poort.attempt("Huisbezoek", bereikt=True, dagdeel="Avond")
    answer = await poort.tell(kept.signaal["ID"], contactpogingen=[missed, reached])
    assert [fact["gewijzigd"] for fact in answer.json()["feiten"]] == [False, True]
    assert answer.json()["toestand"] == "contacted"
    await poort.town.work()
    again = await poort.tell(kept.signaal["ID"], contactpogingen=[missed, reached])
    assert [fact["gewijzigd"] for fact in again.json()["feiten"]] == [False, False]
    await poort.town.work()
    assert kinds(poort.town.mails) == ["receipt", "in_beeld"]
    tried = [one for one in poort.town.the_case()["events"] if one["kind"] == "case.attempted"]
    assert len(tried) == 1
    assert poort.town.mailboxes() == {"case": 1}


async def test_the_database_holds_nothing_in_clear(poort: Poort) -> None:
    await poort.refer()
    poort.town.gateway.store.truncate_log()
    held = b"".join(
        path.read_bytes() for path in (poort.town.place.directory / "data").rglob("*") if path.is_file()
    )
    assert b"gemeente-poort" in held
    for word in (RESIDENT.name, *RESIDENT.spellings, REMARK):
        assert word.encode() not in held


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        ("500", "ready", "signaal_busy 500"),
        ("429", "ready", "signaal_busy 429"),
        ("lose", "ready", "signaal_answer_lost"),
        ("refuse", "held", "signaal_refused 422"),
        ("redirect", "held", "signaal_redirect 307"),
    ],
)
async def test_what_the_case_shows_of_a_peer_in_trouble(
    poort: Poort, answer: str, status: str, reason: str
) -> None:
    poort.peer.next(answer)
    await poort.town.post(make_mail(RESIDENT))
    (row,) = [row for row in poort.town.json("queue", "list") if row["kind"] == "handover"]
    assert (row["status"], row["reason"]) == (status, reason)
    assert poort.town.the_case()["state"] == "routed"
    if status == "ready":
        await poort.town.work(minutes=3)
        assert poort.town.the_case()["state"] == "delivered"
        assert len(poort.peer.desk.kept) == 1
    else:
        assert "held" in poort.town.journal.alarms()


async def test_only_what_the_municipality_signed_is_believed(poort: Poort) -> None:
    kept = await poort.refer()
    status = {"ID": kept.signaal["ID"], "contactpogingen": [poort.attempt(bereikt=True)]}
    stranger = RSAKey.generate_key(2048)
    answer = await poort.post(status, key=stranger)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:inbeeld:probleem:handtekening")
    assert poort.town.the_case()["state"] == "delivered"


async def test_nobody_is_told_of_another_s_signaal(poort: Poort) -> None:
    kept = await poort.refer()
    reached = {"contactpogingen": [poort.attempt(bereikt=True)]}
    unknown = await poort.tell("0" * 32, **reached)
    assert unknown.status_code == 404
    with poort.town.gateway.store.write() as session:
        _, others = tokens.make(session, "de-schoor", poort.town.now)
    other = await poort.post({"ID": kept.signaal["ID"], **reached}, token=others)
    assert (other.status_code, other.json()) == (404, unknown.json())
    nobody = await poort.post({"ID": kept.signaal["ID"], **reached}, token="inbeeld_none")
    assert nobody.status_code == 401
    assert poort.town.the_case()["state"] == "delivered"


async def test_a_pinned_certificate_does_as_well_as_a_token(poort: Poort) -> None:
    kept = await poort.refer()
    certificate = poort.keys / "client.pem"
    shown = x509.load_pem_x509_certificate(certificate.read_bytes()).fingerprint(hashes.SHA256()).hex()
    poort.town.gateway.web.access._certificates = {shown: "gemeente-poort"}
    status = {"ID": kept.signaal["ID"], "datum_opgepakt": poort.today}
    pair = (certificate, poort.keys / "client.key")
    answer = await poort.post(status, token=None, certificate=pair)
    assert (answer.status_code, answer.json()["toestand"]) == (200, "collected")


@pytest.mark.parametrize(
    ("status", "veld"),
    [
        ({"contactpogingen": [{"soort": "Mail"}] * 51}, "contactpogingen"),
        ({}, ""),
        ({"contactpogingen": [], "meldingen": None, "resultaat": ""}, ""),
        ({"opmerking": "Mevrouw Fatima Voorbeeld belde"}, ""),
    ],
)
async def test_what_is_no_status_is_refused_field_by_field(
    poort: Poort, status: dict[str, Any], veld: str
) -> None:
    answer = await poort.tell("0" * 32, **status)
    assert answer.status_code == 422, answer.text
    (fault,) = answer.json()["fouten"]
    assert fault["veld"] == veld
    assert "Fatima" not in answer.text


async def test_an_unknown_word_loses_no_contact_and_is_asked_about_once(poort: Poort) -> None:
    kept = await poort.refer()
    strange = poort.attempt("Mevrouw Fatima Voorbeeld belde", bereikt=True, dagdeel="Ochtend")
    status = {"contactpogingen": [strange], "resultaat": "Alles komt goed", "status": "Opgepakt"}
    for moved in (True, False):
        answer = await poort.tell(kept.signaal["ID"], **status)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["nietBegrepen"] == ["contactpogingen.soort", "resultaat"]
        assert [fact["gebeurtenis"] for fact in told["feiten"]] == ["contacted", "collected"]
        assert told["feiten"][0]["gewijzigd"] is moved
        assert told["toestand"] == "contacted"
        await poort.town.work()
    assert kinds(poort.town.mails) == ["receipt", "in_beeld"]
    asked = [one for one in poort.town.the_case()["events"] if one["kind"] == "alarm"]
    assert [json.loads(one["data"])["field"] for one in asked] == ["contactpogingen.soort", "resultaat"]
    poort.town.gateway.store.truncate_log()
    held = b"".join(
        path.read_bytes() for path in (poort.town.place.directory / "data").rglob("*") if path.is_file()
    )
    for word in (b"Fatima", b"Alles komt"):
        assert word not in held
        assert word.decode() not in poort.town.journal.getvalue()


async def test_a_status_is_for_the_signaal_in_its_address(poort: Poort) -> None:
    kept = await poort.refer()
    body = json.dumps({"ID": "0" * 32, "datum_opgepakt": poort.today}).encode()
    signed = {"Signaal-Signature": sign(body, poort.status_key), "Content-Type": "application/json"}
    answer = await asyncio.to_thread(_post, poort, kept.signaal["ID"], body, signed)
    assert (answer.status_code, answer.json()["fouten"][0]["veld"]) == (422, "ID")
    wrong = signed | {"Content-Digest": "sha-256=:AAAA:"}
    assert (await asyncio.to_thread(_post, poort, "0" * 32, body, wrong)).status_code == 403


def _post(poort: Poort, ID: str, body: bytes, headers: dict[str, str]) -> httpx2.Response:  # noqa: N803
    trust = ssl.create_default_context(cafile=poort.keys / "ca.pem")
    with httpx2.Client(verify=trust, headers={"Authorization": f"Bearer {poort.token}"}) as client:
        return client.post(f"{poort.web}/v1/signalen/{ID}/statussen", content=body, headers=headers)


@pytest.mark.parametrize("days", [1, -1])
async def test_days_on_which_it_can_not_have_been_are_refused(poort: Poort, days: int) -> None:
    kept = await poort.refer()
    day = (poort.town.now + timedelta(days=days)).date().isoformat()
    attempt = {"soort": "Telefoon", "bereikt": True, "datum": day}
    answer = await poort.tell(kept.signaal["ID"], contactpogingen=[attempt])
    assert (answer.status_code, answer.json()["fouten"][0]["veld"]) == (422, "datum")
    assert poort.town.the_case()["state"] == "delivered"


async def test_an_attempt_from_before_the_referral_takes_nothing_from_the_rest(poort: Poort) -> None:
    """A zaak of theirs may be older than our signaal, and they send its whole list each time."""
    kept = await poort.refer()
    older = poort.attempt() | {"datum": (poort.town.now - timedelta(days=9)).date().isoformat()}
    for moved in (True, False):
        answer = await poort.tell(
            kept.signaal["ID"], contactpogingen=[older, poort.attempt("Telefoon", bereikt=True)]
        )
        assert answer.json()["nietBegrepen"] == ["datum"]
        assert answer.json()["feiten"] == [{"gebeurtenis": "contacted", "gewijzigd": moved}]
    asked = [one for one in poort.town.the_case()["events"] if one["kind"] == "alarm"]
    assert [json.loads(one["data"])["field"] for one in asked] == ["datum"]


async def test_what_was_taken_back_stays_so_and_contact_that_is_told_again_is_asked_about(
    poort: Poort,
) -> None:
    kept = await poort.refer()
    spoke, back = {"melding": "in_beeld"}, {"melding": "rechtgezet"}

    async def tell(*said: dict[str, str]) -> tuple[str, list[str]]:
        answer = await poort.tell(kept.signaal["ID"], meldingen=list(said))
        events = poort.town.the_case()["events"]
        asked = [json.loads(one["data"])["field"] for one in events if one["kind"] == "alarm"]
        return answer.json()["toestand"], asked

    assert await tell(spoke) == ("contacted", [])
    # The whole list again says nothing new, and takes nothing back a second time.
    for _ in range(2):
        assert await tell(spoke, back) == ("collected", [])
    # Without the correction it may be the old list, or they have spoken since: nobody can know.
    for _ in range(2):
        assert await tell(spoke) == ("collected", ["contact"])
    for _ in range(2):
        assert await tell(spoke, back, spoke) == ("contacted", ["contact"])


async def test_a_result_of_contact_needs_contact(poort: Poort) -> None:
    kept = await poort.refer()
    advice = {"resultaat": str(Eindresultaat.ADVIES)}
    early = await poort.tell(kept.signaal["ID"], **advice)
    assert (early.status_code, early.json()["type"]) == (409, "urn:inbeeld:probleem:eerst-contactpoging")
    assert poort.town.the_case()["state"] == "delivered"
    reached = poort.attempt("Huisbezoek", bereikt=True)
    answer = await poort.tell(kept.signaal["ID"], contactpogingen=[reached], **advice)
    assert answer.json()["toestand"] == "stopped"
    again = await poort.tell(kept.signaal["ID"], contactpogingen=[reached], **advice)
    assert not any(fact["gewijzigd"] for fact in again.json()["feiten"])


async def test_unreachable_counts_the_days_that_were_told(poort: Poort) -> None:
    kept = await poort.refer()
    gone = {"resultaat": str(Eindresultaat.GEEN_CONTACT)}
    assert (await poort.tell(kept.signaal["ID"], **gone)).status_code == 409
    first = poort.attempt(dagdeel="Ochtend")
    poort.town.now += timedelta(days=2)
    later = [poort.attempt(dagdeel="Middag"), poort.attempt("Huisbezoek", dagdeel="Avond")]
    # All three are told on the last day, as lists are.
    answer = await poort.tell(kept.signaal["ID"], contactpogingen=[first, *later], **gone)
    assert (answer.status_code, answer.json()["toestand"]) == (200, "unreachable"), answer.text


async def test_who_had_the_case_before_may_only_tell_of_contact(poort: Poort) -> None:
    kept = await poort.refer()
    refused = {"resultaat": str(Eindresultaat.GEEN_INWONER)}
    await poort.tell(kept.signaal["ID"], **refused)
    await poort.town.work()
    assert poort.town.the_case()["organisation"] == "de-schoor"
    late = await poort.tell(kept.signaal["ID"], contactpogingen=[poort.attempt()])
    assert late.json()["feiten"] == [{"gebeurtenis": "attempted", "gewijzigd": False}]
    reached = await poort.tell(kept.signaal["ID"], contactpogingen=[poort.attempt(bereikt=True)])
    assert reached.json()["toestand"] == "contacted"


async def test_a_receiver_that_does_not_call_is_asked(poort: Poort) -> None:
    place, town = poort.town.place, poort.town
    asked_at = f'status_url = "{poort.peer.url}/statussen"'
    place.replace("organisations.toml", f"# {asked_at}", asked_at)
    await town.restart()
    kept = await poort.refer()
    ID = kept.signaal["ID"]  # noqa: N806
    poort.peer.statuses = [
        {"ID": "Mevrouw Voorbeeld", "datumOpgepakt": poort.today},
        {"ID": "0" * 32, "datum_opgepakt": poort.today},
        {"ID": ID, "contactpogingen": [poort.attempt(bereikt=True)]},
    ]
    await town.work(minutes=10)
    assert town.the_case()["state"] == "delivered", "it is not asked more often than was agreed"
    await town.work(minutes=6)
    assert town.the_case()["state"] == "contacted"
    assert "signaal_status_unknown" in town.journal.alarms()
    assert [one["error"] for one in town.journal.events("signaal.status_unfit")] == ["NotFound"]
    await town.work(minutes=16)
    assert kinds(town.mails).count("in_beeld") == 1
    asked = [path for method, path, _ in poort.peer.requests if method == "GET"]
    assert len(asked) == 3
    assert "sinds=" not in asked[0]
    assert all("sinds=" in path for path in asked[1:])
    await poort.peer.stop()
    await town.work(minutes=16)
    assert "signaal_poll" in town.journal.alarms()
