"""A municipality with Open Klant: the task, the sealed referral in the mailbox, the codes that come back."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlmodel import select

from adapters.base import Parcel, Receipt, Refused, TryLater
from adapters.klantinteracties import CODES, KlantinteractiesAdapter, KlantinteractiesOptions, told_by
from adapters.told import Meaning
from gateway.cli.trial import TrialWay
from gateway.domain.case import ReportWord
from gateway.domain.codes import DeclineReason, StopOutcome
from gateway.sandbox.pool import Readers
from gateway.store import tokens
from gateway.store.tables import MailboxRow
from gateway.web.app import web
from tests.contract.adapters.ways import add, opened, spilled
from tests.contract.adapters.wire import Certificates, make_context, make_parcel
from tests.invented import PATIENT, make_mail
from tests.peers.mail import MailPeer
from tests.peers.openklant import ACTOR, OpenKlant
from tests.peers.webpeer import write_token
from tests.sealed import opened as unsealed
from tests.story.place import Place, Town, kinds

PAMPUS = "gemeente-pampus"


class Shelf:
    """Keeps parcels as the gateway's mailbox does."""

    def __init__(self) -> None:
        self.kept: dict[str, Parcel] = {}

    async def put(self, parcel: Parcel) -> Receipt:
        self.kept[parcel.delivery_id] = parcel
        return Receipt("mailbox", "kept")

    async def probe(self) -> None:
        """It is always there."""


def make_adapter(
    peer: OpenKlant, certificates: Certificates, folder: Path, shelf: Shelf | None, **options: Any
) -> KlantinteractiesAdapter:
    settings = {
        "url": peer.api,
        "ca_file": str(certificates.ca),
        "token_file": str(write_token(folder / "token")),
        "actor": ACTOR,
        "timeout": 10,
    }
    context = make_context(parts={"mailbox": shelf} if shelf else {})
    return KlantinteractiesAdapter(KlantinteractiesOptions.model_validate(settings | options), context)


async def notify(town: Town, **told: str) -> Any:
    """What a subscription of Open Notificaties calls, with the token that was given for it."""
    gateway = town.gateway
    with gateway.store.write() as session:
        _, token = tokens.make(session, PAMPUS, town.now)
    app = web(gateway.web.routes(), gateway.base.log, gateway.web.pages)
    base, bearer = "https://handover.example", {"Authorization": f"Bearer {token}"}
    said = {"hoofdObject": "https://klant.example/1", "resource": "internetaak", "kenmerken": {}, **told}
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url=base, headers=bearer
    ) as client:
        answer = await client.post("/v1/notificaties", json=said)
    assert answer.status_code == 200
    return answer.json()


async def test_the_whole_walk(place: Place, peer: MailPeer, readers: Readers) -> None:
    add(place, TrialWay.KLANTINTERACTIES)
    async with OpenKlant(*place.tls) as klant:
        place.replace("organisations.toml", "https://localhost:9445/klantinteracties/api/v1", klant.api)
        write_token(place.directory / "keys" / "klantinteracties" / f"{PAMPUS}.token")
        async with opened(place, peer, readers) as town:
            await town.post(make_mail(replace(PATIENT, wijk="Almere Pampus")))
            case = town.the_case()
            assert (case["state"], case["organisation"]) == ("delivered", PAMPUS)
            (task,) = klant.tasks()
            (contact,) = klant.kept["klantcontacten"].values()
            assert case["kenmerk"] in task["gevraagdeHandeling"]
            assert task["aanleidinggevendKlantcontact"] == {"uuid": contact["uuid"]}
            assert contact["vertrouwelijk"] is True
            said = json.dumps(klant.kept)
            assert PATIENT.name not in said
            assert not any(spelling in said for spelling in PATIENT.spellings)
            with town.gateway.store.read() as session:
                (row,) = session.exec(select(MailboxRow))
            private = place.directory / "keys" / "trial" / f"{PAMPUS}.private.jwk"
            inside = unsealed(place.directory, row.sealed or b"", private.read_bytes())
            assert json.loads(inside)["naam"] == PATIENT.name
            assert spilled(town) == []

            day = f"{town.now:%d-%m-%Y}"
            task["toelichting"] = f"Fatima Voorbeeld nam niet op [niet_bereikt {day}]"
            await town.work(minutes=16)
            assert town.the_case()["state"] == "attempted"
            task["toelichting"] += " later gesproken [in beeld] en [uitgenodigd]"
            # It is not due, but Open Notificaties says that a task changed.
            await town.work(seconds=20)
            assert town.the_case()["state"] == "attempted"
            assert await notify(town, kanaal="test") == {"opgevraagd": False}
            assert await notify(town, kanaal="internetaken", actie="update") == {"opgevraagd": True}
            await town.work(seconds=20)
            assert town.the_case()["state"] == "contacted"
            await town.work(minutes=16)
            assert kinds(town.mails) == ["receipt", "in_beeld"]
            asked = [one for one in town.the_case()["events"] if one["kind"] == "alarm"]
            assert [json.loads(one["data"])["field"] for one in asked] == ["internetaak.toelichting"]
            assert "Fatima" not in town.journal.getvalue()


def test_every_code_has_a_meaning_that_the_gateway_knows() -> None:
    for meaning in CODES.values():
        assert ReportWord(meaning.event)
    declined = {meaning.code for meaning in CODES.values() if meaning.event == "declined"}
    stopped = {meaning.code for meaning in CODES.values() if meaning.event == "stopped"}
    assert declined == set(map(str, DeclineReason))
    assert stopped == set(map(str, StopOutcome))


def task(toelichting: Any = "", status: Any = "te_verwerken", nummer: Any = "7K3F9QXMab") -> dict[str, Any]:
    return {"nummer": nummer, "status": status, "toelichting": toelichting}


@pytest.mark.parametrize(
    ("said", "meanings", "unknown"),
    [
        (task("Mevrouw is in beeld"), [], ()),
        (task("[in_beeld]"), [Meaning("contacted")], ()),
        (task("[In beeld]"), [Meaning("contacted")], ()),
        (task("[niet in beeld]"), [], ("internetaak.toelichting",)),
        (task("[niet_bereikt]"), [], ("internetaak.toelichting",)),
        (task("[niet_bereikt 23-11-2026] [niet_bereikt 24-11-2026]"), [Meaning("attempted")] * 2, ()),
        # What stands behind a correction is said anew; the same words quoted twice are not.
        (
            task("[in_beeld] [in_beeld] [rechtgezet] [rechtgezet] [in_beeld]"),
            [Meaning("contacted"), Meaning("corrected"), Meaning("contacted")],
            (),
        ),
        (task("[geweigerd vol]"), [Meaning("declined", "capacity")], ()),
        (task("[gestopt afgerond 2026-11-24]"), [Meaning("stopped", "completed")], ()),
        (task("", "verwerkt"), [Meaning("collected")], ()),
        (task("[in_beeld]", "verwerkt"), [Meaning("contacted")], ()),
        (task("", "afgerond"), [], ("internetaak.status",)),
        (task(None, None), [], ("internetaak.status",)),
    ],
)
def test_what_a_task_says(said: dict[str, Any], meanings: list[Meaning], unknown: tuple[str, ...]) -> None:
    told = told_by(said, "collected")
    assert told is not None
    assert told.kenmerk == "IB-7K3F-9QXM"
    assert [fact.before for fact in told.facts] == meanings
    assert len({fact.key for fact in told.facts}) == len(meanings)
    assert told.unknown == unknown


def test_what_was_agreed_about_a_task_that_is_done() -> None:
    told = told_by(task("", "verwerkt"), "contacted")
    assert told is not None
    assert [fact.before for fact in told.facts] == [Meaning("contacted")]
    for other in ("0000000042", "", None, 7, "7K3F9QXM", "7K3F9QXMabc"):
        assert told_by(task(nummer=other), "collected") is None


json_values = st.none() | st.booleans() | st.integers() | st.text(max_size=60) | st.lists(st.text(max_size=5))


@given(json_values, json_values, json_values | st.just("7K3F9QXMab"))
def test_whatever_stands_there_it_is_read(toelichting: Any, status: Any, nummer: Any) -> None:
    told_by(task(toelichting, status, nummer), "collected")
    told_by(toelichting, "collected")


@pytest.fixture
async def klant(certificates: Certificates) -> AsyncIterator[OpenKlant]:
    async with OpenKlant(certificates.cert, certificates.key) as made:
        yield made


async def test_what_answers_mean_and_that_nothing_is_made_twice(
    klant: OpenKlant, certificates: Certificates, tmp_path: Path
) -> None:
    shelf = Shelf()
    one = make_adapter(klant, certificates, tmp_path, shelf)
    for act, kind, reason in (
        ("later", TryLater, "klantinteracties_busy 503"),
        ("refuse", Refused, "klantinteracties_refused 422"),
        ("redirect", Refused, "klantinteracties_redirect 307"),
        ("garbage", TryLater, "klantinteracties_protocol"),
        ("conflict", TryLater, "klantinteracties_protocol"),
        ("lose", TryLater, "klantinteracties_busy 500"),
    ):
        klant.next(act)
        with pytest.raises(kind) as caught:
            await one.send(make_parcel())
        assert isinstance(caught.value, kind)
        assert caught.value.reason == reason
        assert shelf.kept == {}, "the team finds nothing in the mailbox without a task"
    receipt = await one.send(make_parcel())
    assert receipt.peer == "localhost"
    assert [len(kept) for kept in klant.kept.values()] == [1, 1]
    klant.filters = False
    await one.send(make_parcel(delivery_id="0193-d2"))
    assert len(klant.tasks()) == 2, "a correction is a task of its own, what others made is none"
    for wrong in ({"kenmerk": "a b"}, {"ciphertext": b"Naam: Fatima Voorbeeld"}):
        with pytest.raises(Refused, match="parcel_"):
            await one.send(make_parcel(**wrong))
    await one.close()
    alone = make_adapter(klant, certificates, tmp_path, None)
    with pytest.raises(Refused, match="klantinteracties_no_mailbox"):
        await alone.send(make_parcel())
    await alone.close()
    other = make_adapter(klant, certificates, tmp_path, shelf, actor=ACTOR.replace("3", "4"))
    with pytest.raises(Refused, match="klantinteracties_refused 404"):
        await other.probe()
    await other.close()


async def test_pages_are_followed_here_and_nowhere_else(
    klant: OpenKlant, certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make_adapter(klant, certificates, tmp_path, Shelf())
    for number in range(3):
        await one.send(make_parcel(delivery_id=f"d{number}"))
    klant.page = 2
    klant.tasks()[1]["nummer"] = "0000000042"
    assert len((await one.poll(None)).told) == 2
    monkeypatch.setattr("adapters.klantinteracties.MOST_PAGES", 1)
    assert (await one.poll(None)).not_understood == 1
    monkeypatch.setattr("adapters.httpspeer.urljoin", lambda *_: "https://elders.example/page2")
    with pytest.raises(Refused, match="klantinteracties_redirect"):
        await one.poll(None)
    await one.close()


@pytest.mark.parametrize(
    "options",
    [
        {"url": "http://klant.example/api/v1"},
        {"actor": "team-pampus"},
        {"done": "stopped"},
        {"kanaal": "x" * 51},
        {"status_minutes": 0},
    ],
)
def test_options_that_do_not_do(options: dict[str, Any]) -> None:
    whole = {"url": "https://klant.example/api/v1", "token_file": "t", "actor": ACTOR}
    KlantinteractiesOptions.model_validate(whole)
    with pytest.raises(ValidationError):
        KlantinteractiesOptions.model_validate(whole | options)
