"""The directory's pages: who may change it, and that nobody does with a factor shown long ago."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from gateway.app import Gateway
from gateway.demo.config import keep_pair
from gateway.directory.book import EntryKind
from gateway.directory.editing import Edit
from gateway.gate.tokens import Marks
from gateway.sealing import jwe
from gateway.sealing.spoken import spoken
from gateway.store import audit, outbox
from gateway.store.migrate import migrate
from gateway.store.pagetables import UserRow
from gateway.store.tables import CaseRow, EventRow
from gateway.web import sessions
from gateway.web.app import web
from gateway.web.auth import COOKIE, Role
from gateway.web.sessions import SessionStage
from tests.moments import MONDAY
from tests.story.place import Place

PAGE = {"Accept": "text/html"}
ALARM = {"to": "wacht@handover.example", "zeker": "ja", "versie": ""}


@pytest.fixture
async def gateway(place: Place) -> AsyncIterator[Gateway]:
    made = Gateway.at(place.directory, now=lambda: MONDAY)
    migrate(made.store)
    yield made
    await made.close()


@pytest.fixture
def client(gateway: Gateway) -> Iterator[TestClient]:
    application = web(gateway.web.routes(), gateway.base.log, gateway.web.pages)
    headers = {"Origin": "https://handover.example", **PAGE}
    with TestClient(application, base_url="https://handover.example", headers=headers) as made:
        yield made


def enter(gateway: Gateway, client: TestClient, role: Role, minutes_ago: int = 0, id_: str = "") -> None:
    organisation = "wijkteam-haven" if role is Role.MEDEWERKER else None
    with gateway.store.write() as session:
        session.add(
            UserRow(
                id=id_ or role,
                login=id_ or role,
                name="Noor",
                role=role,
                organisation_id=organisation,
                created_at=MONDAY,
            )
        )
        began = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        token = sessions.start(session, began, user_id=id_ or role, stage=SessionStage.FULL)
    client.headers["Cookie"] = f"{COOKIE}={token}"


async def test_a_change_wants_a_factor_that_was_shown_just_now(gateway: Gateway, client: TestClient) -> None:
    enter(gateway, client, Role.BEHEERDER, minutes_ago=11)
    assert client.get("/gids").status_code == 200
    for method, path in (("GET", "nieuw"), ("POST", "nieuw"), ("POST", "weghalen/wacht%40handover.example")):
        asked = client.request(method, f"/gids/alarmadressen/{path}", data=ALARM, follow_redirects=False)
        assert asked.status_code == 303
        assert asked.headers["location"].startswith("/account/opnieuw?naar=%2Fgids%2Falarmadressen%2F")
    assert gateway.base.directory.generation == 0


async def test_with_one_it_is_written_and_told(gateway: Gateway, client: TestClient) -> None:
    enter(gateway, client, Role.BEHEERDER)
    unsure = client.post("/gids/alarmadressen/nieuw", data=ALARM | {"zeker": ""})
    assert "Klopt deze wijziging?" in unsure.text
    assert gateway.base.directory.generation == 0, "nothing is written before it was confirmed"
    back = client.post("/gids/alarmadressen/nieuw", data=ALARM | {"zeker": "nee"})
    assert 'value="wacht@handover.example"' in back.text, "who does not confirm goes on with what was typed"
    done = client.post("/gids/alarmadressen/nieuw", data=ALARM, follow_redirects=False)
    assert done.headers["location"] == "/gids/alarmadressen?klaar=bewaard"
    assert gateway.base.directory().alarms == ("wacht@handover.example",)
    again = client.post("/gids/alarmadressen/nieuw", data=ALARM)
    assert (again.status_code, "Dit hoort al bij een ander." in again.text) == (409, True)
    new = {"id": "filmwijk", "name": "Een ander", "domains": "ander.example", "versie": ""}
    again = client.post("/gids/praktijken/nieuw", data=new)
    assert (again.status_code, 'id="id-fout"' in again.text) == (409, True), "it is a new one, and no edit"
    assert 'action="/gids/praktijken/nieuw"' in again.text
    assert "intussen" not in again.text
    wrong = {"id": "../X", "name": "a\u202eb", "domains": "a b", "phones": "abc", "figures_to": "@"}
    told = client.post("/gids/praktijken/nieuw", data=wrong).text
    assert [name for name in wrong if f'id="{name}-fout"' not in told] == [], "an odd id hides nothing"
    wrong = {"name": "Filmwijk", "level": "wijk", "parent": "Atlantis", "postcodes": "13", "aliases": "\0"}
    told = client.post("/gids/plaatsen/nieuw", data=wrong).text
    assert [name for name in ("name", "parent", "postcodes") if f'id="{name}-fout"' not in told] == []
    assert "\ufffd" in told, "what nobody can type comes back as a sign"
    assert client.post("/gids/praktijken/nieuw", data={"name": "x" * 70_000}).status_code == 413
    assert '<p hidden><label for="bestand">' in client.get("/gids/organisaties/nieuw").text, "a script's"


async def test_the_coverage_names_who_has_nobody(gateway: Gateway, client: TestClient) -> None:
    enter(gateway, client, Role.BEHEERDER)
    assert "helpt niemand" not in client.get("/gids").text
    editing = gateway.base.editing
    entry = editing.book().by_id[EntryKind.ORGANISATION, "de-schoor"]
    editing.change("user:x", Edit(entry.model_copy(update={"serves": ("Almere Stad",)})), meant=True)
    page = client.get("/gids?plaats=Almere").text
    assert page.count(">per wijk<") == 1, "of a gemeente the wijk is asked; nobody serves the whole of it"
    assert "Noemt de verwijzer alleen de gemeente, dan vragen wij eerst de wijk." in page
    assert re.search(r"In \d+ plaatsen helpt niemand:</strong> Almere Buiten, Bloemenbuurt,.*…</p>", page)


async def test_of_many_places_some_are_shown_and_the_others_are_found(
    client: TestClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(gateway, client, Role.BEHEERDER)

    def places(query: str = "") -> tuple[int, str]:
        page = client.get(f"/gids{query}").text
        return page.count('class="depth-'), (re.findall(r'<p role="status">([^<]+)</p>', page) or [""])[0]

    total, said = places()
    assert said == ""
    monkeypatch.setattr("gateway.directory.pages.COVERED", 2)
    assert places() == (2, f"2 van {total} – zoek om de rest te zien")
    assert places("?zoek=filmWIJK") == (1, f"1 van {total}")
    assert places("?niemand=ja") == (0, f"0 van {total}")


async def test_a_colleague_changes_their_own_room_and_nothing_else(
    gateway: Gateway, client: TestClient
) -> None:
    enter(gateway, client, Role.MEDEWERKER)
    assert client.get("/gids").status_code == 404
    assert client.post("/gids/alarmadressen/nieuw", data=ALARM).status_code == 404
    assert client.post("/ruimte", data={"plek": "wachtlijst", "weken": "0"}).status_code == 422
    assert client.post("/ruimte", data={"plek": "vol", "tot": "2020-01-01"}).status_code == 422
    assert client.post(
        "/ruimte", data={"plek": "wachtlijst", "weken": "5"}, follow_redirects=False
    ).is_redirect
    changed = {
        id_: one.capacity.weeks
        for id_, one in gateway.base.directory().organisations.items()
        if one.capacity.weeks
    }
    assert changed == {"wijkteam-haven": 5}


async def test_a_desk_enters_who_walks_in_where_that_was_agreed(gateway: Gateway, client: TestClient) -> None:
    enter(gateway, client, Role.MEDEWERKER)
    walked_in = {"naam": "Roswitha Quintavalle", "nummer": "06-11223344", "akkoord": "ja"}
    assert client.get("/balie").status_code == 404, "nobody agreed to that"
    assert client.post("/balie", data=walked_in).status_code == 404
    editing = gateway.base.editing
    almere = gateway.base.directory().pathways["almere"]
    editing.change("user:x", Edit(almere.model_copy(update={"by_hand": True})))
    assert client.get("/balie").status_code == 200
    for wrong in (
        {"naam": "R2"},
        {"naam": "Jan\u202e Jansen"},
        {"nummer": "112"},
        {"plaats": "Nergenshuizen"},
        {"akkoord": ""},
    ):
        assert client.post("/balie", data=walked_in | wrong).status_code == 422
    answer = client.post("/balie", data=walked_in, follow_redirects=False)
    assert answer.is_redirect
    await gateway.worker.schedule().drain()
    with gateway.store.read() as session:
        assert audit.verify(session).faults == ()
        (case,) = session.exec(select(CaseRow)).all()
        assert (case.state, case.organisation_id, case.wijk) == (
            "delivered",
            "wijkteam-haven",
            "Almere Haven",
        )
        assert gateway.worker.casefile.referral(case).name == "Roswitha Quintavalle"
        told = [row.code for row in outbox.of_case(session, case.id) if row.kind == "reply"]
        marks = Marks(gateway.worker._keys.marks)
        assert case.phone_mac == marks.phone("+31611223344"), "a referral by mail after it is found"
    assert "receipt" in told[0]
    assert "het staat in uw postvak" in client.get(answer.headers["location"]).text
    # A second time the running case goes on, and whoever entered it is told; somebody else is somebody else.
    again = client.post("/balie", data=walked_in, follow_redirects=False).headers["location"]
    assert "Kijk wat het geworden is" in client.get(again).text
    sister = client.post("/balie", data=walked_in | {"naam": "Kim Verzonnen"}, follow_redirects=False)
    await gateway.worker.schedule().drain()
    page = client.get(again).text
    assert f"Die gaat verder onder {case.kenmerk}" in page
    assert client.get(f"/postvak/{case.kenmerk}").status_code == 200
    assert case.kenmerk not in client.get(sister.headers["location"]).text
    with gateway.store.read() as session:
        assert audit.verify(session).faults == ()
        found = session.exec(select(CaseRow)).all()
        states = sorted((one.state, one.phone_mac is None, one.fields_key is None) for one in found)
        assert states == [("closed", True, True), ("delivered", False, False), ("delivered", False, False)]
        notices = [row.code for row in outbox.of_case(session, case.id) if row.kind == "notice"]
        assert notices.count("org_duplicate") == 1
    enter(gateway, client, Role.MEDEWERKER, id_="bo")
    assert case.kenmerk not in client.get(again).text, "a colleague who did not enter it learns nothing here"


async def test_a_browsers_key_counts_once_its_digits_were_read_out_and_typed(
    gateway: Gateway, client: TestClient
) -> None:
    haven = "wijkteam-haven"
    with gateway.store.write() as session:
        replaced, pair = (
            keep_pair(session, haven, jwe.generate()[1], {}, now=MONDAY + timedelta(hours=hour), by="sam").id
            for hour in (1, 2)
        )
    enter(gateway, client, Role.BEHEERDER)
    digits = spoken(haven, pair)
    page = client.get("/sleutels").text
    assert not set(digits.split(" ")) & set(page.split()), "nobody can type them over"
    given = {"organisatie": haven, "paar": pair, "cijfers": digits, "gebeld": "ja"}
    for wrong, status, told in (
        ({"cijfers": digits[:-1]}, 422, "acht groepjes van vijf"),
        ({"cijfers": digits[:-1] + str((int(digits[-1]) + 1) % 10)}, 422, "niet de cijfers van deze sleutel"),
        ({"cijfers": spoken(haven, replaced)}, 422, "niet de cijfers van deze sleutel"),
        ({"cijfers": spoken("buurtteam", pair)}, 422, "niet de cijfers van deze sleutel"),
        ({"gebeld": ""}, 422, "Vink aan dat u zelf belde"),
        ({"paar": replaced}, 409, "intussen iets veranderd"),
        ({"organisatie": "buurtteam"}, 409, ""),
    ):
        answer = client.post("/sleutels", data=given | wrong)
        assert (answer.status_code, told in answer.text) == (status, True), wrong
    assert gateway.base.entries[haven].fingerprint != pair
    done = client.post("/sleutels", data=given, follow_redirects=False)
    assert done.headers["location"] == f"/sleutels?klaar={haven}"
    assert gateway.base.entries[haven].fingerprint == pair
    with gateway.store.read() as session:
        (event,) = session.exec(select(EventRow).where(EventRow.kind == "key.adopted")).all()
        assert audit.verify(session).faults == ()
    assert event.actor == "user:beheerder"
    facts = json.loads(event.data)
    assert (facts["owner"], facts["fingerprint"], facts["made_by"]) == (haven, pair, "sam")
    assert client.post("/sleutels", data=given).status_code == 409, "it does not wait any more"


async def test_nobody_else_binds_a_key(gateway: Gateway, client: TestClient) -> None:
    enter(gateway, client, Role.MEDEWERKER)
    assert (client.get("/sleutels").status_code, client.post("/sleutels").status_code) == (404, 404)
