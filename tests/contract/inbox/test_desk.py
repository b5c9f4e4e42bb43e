"""The browser's side of a mailbox: one queue with programs, own cases only, and reports that name who."""

import json
import re

import httpx2
import pytest
from sqlmodel import select

from gateway.domain.states import State
from gateway.mailbox.page import consequence
from gateway.store import labels
from gateway.store.pagetables import LabelRow
from gateway.web.public.confirm import CHOICES
from tests.contract.inbox.office import Office, Person
from tests.contract.mailbox.harbour import POORT


async def seen(person: Person, kenmerk: str) -> str:
    """The version of a case that somebody's page has in the form of a try."""
    (found,) = re.findall(r'name="versie" value="(\d+)"', (await person.get(f"/postvak/{kenmerk}")).text)
    return str(found)


async def test_opening_collects_in_the_name_of_the_person(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    answer = await sam.send(f"/postvak/{kenmerk}/openen", {})
    item = {"jwe": answer.json()["jwe"]}
    assert office.harbour.open_item(item).kenmerk == kenmerk
    assert [row.actor for row in office.events("case.collected", "inbox.opened")] == [
        f"user:{sam.user.id}"
    ] * 2
    assert await office.harbour.collect() == [], "programs find it gone from the queue"
    bo = office.person("Bo")
    assert (await bo.send(f"/postvak/{kenmerk}/openen", {})).json() == item
    assert [row.actor for row in office.events("inbox.opened")] == [f"user:{sam.user.id}"]
    assert [row.actor for row in office.events("inbox.shown")] == [f"user:{bo.user.id}"]
    assert "geopend door Sam" in (await bo.get("/postvak")).text


async def test_what_a_program_collects_now_can_wait(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    item = await office.harbour.leased()
    held = await sam.send(f"/postvak/{kenmerk}/openen", {})
    assert (held.status_code, held.json()["type"]) == (409, "urn:inbeeld:probleem:in-behandeling")
    assert "wordt nu opgehaald" in (await sam.get("/postvak")).text
    await office.harbour.settle(item, "ontvangstbevestigingen")
    assert "opgehaald door uw systeem" in (await sam.get("/postvak")).text
    assert (await sam.send(f"/postvak/{kenmerk}/openen", {})).status_code == 200


async def test_a_program_that_was_lost_keeps_nobody_waiting(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    await office.harbour.leased()
    office.harbour.later(minutes=6)
    assert (await sam.send(f"/postvak/{kenmerk}/openen", {})).status_code == 200
    assert office.events("mailbox.lease_lost")


@pytest.mark.usefixtures("brief")
async def test_a_text_stays_for_its_reader_until_contact(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    await sam.send(f"/postvak/{kenmerk}/openen", {})
    # A program would have kept it itself by now; a person has not.
    office.harbour.later(days=1)
    await office.harbour.town.work()
    assert (await sam.send(f"/postvak/{kenmerk}/openen", {})).status_code == 200
    assert (await sam.report(kenmerk, "gesproken", zeker="ja")).status_code == 303
    gone = await sam.send(f"/postvak/{kenmerk}/openen", {})
    assert (gone.status_code, gone.json()["type"]) == (409, "urn:inbeeld:probleem:tekst-weg")
    assert [row.sealed for row in office.harbour.rows()] == [None]


async def test_a_text_that_nobody_needs_ends_with_the_ceiling(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    await sam.send(f"/postvak/{kenmerk}/openen", {})
    (row,) = office.harbour.rows()
    assert row.destroy_at is not None
    assert (row.destroy_at - office.harbour.town.now).days in (364, 365)


async def test_a_report_names_the_person_and_the_channel(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    answer = await sam.report(kenmerk, "niet-bereikt", dagdeel="avond", versie=await seen(sam, kenmerk))
    assert answer.headers["location"] == f"/postvak/{kenmerk}?gemeld=niet-bereikt"
    (row,) = office.events("case.attempted")
    facts = json.loads(row.data)
    assert (row.actor, facts["channel"], facts["day_part"]) == (f"user:{sam.user.id}", "inbox", "avond")
    assert "Gemeld: Gebeld" in (await sam.get(answer.headers["location"])).text


async def test_a_try_counts_once_however_often_it_is_sent(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    form = {"dagdeel": "avond", "versie": await seen(sam, kenmerk)}
    said = [await sam.report(kenmerk, "niet-bereikt", **form) for _ in range(2)]
    assert [answer.headers["location"].partition("?")[2] for answer in said] == [
        "gemeld=niet-bereikt",
        "fout=bezet",
    ]
    form["versie"] = await seen(sam, kenmerk)
    assert (
        (await sam.report(kenmerk, "niet-bereikt", **form))
        .headers["location"]
        .endswith("?gemeld=niet-bereikt")
    )
    assert len(office.events("case.attempted")) == 2


async def test_what_can_not_be_undone_is_asked_twice(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    asked = await sam.report(kenmerk, "gesproken")
    assert (asked.status_code, "Weet u het zeker?" in asked.text) == (200, True)
    assert not office.events("case.contacted")
    done = await sam.report(kenmerk, "gesproken", zeker="ja")
    assert done.headers["location"].endswith("gemeld=gesproken")
    again = await sam.report(kenmerk, "gesproken", zeker="ja")
    assert again.headers["location"].endswith("al=gesproken")
    assert len(office.events("case.contacted")) == 1


async def test_only_what_the_case_allows_is_offered_and_taken(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    page = (await sam.get(f"/postvak/{kenmerk}")).text
    assert 'value="gesproken"' in page
    assert 'value="gestopt"' not in page
    refused = await sam.report(kenmerk, "gestopt", zeker="ja")
    assert refused.headers["location"].endswith("fout=niet-nu")
    chosen = await sam.report(kenmerk, "onzin")
    assert chosen.headers["location"].endswith("fout=kies")
    assert "Kies eerst" in (await sam.get(chosen.headers["location"])).text


async def test_another_organisation_sees_nothing(office: Office) -> None:
    kenmerk = await office.refer()
    stranger, beheerder = office.person("Pol", POORT), office.person("Noor", None)
    for other in (stranger, beheerder):
        for missing in (kenmerk, "IB-0000-0000"):
            answers = (
                await other.get(f"/postvak/{missing}"),
                await other.send(f"/postvak/{missing}/openen", {}),
                await other.report(missing, "gesproken", zeker="ja"),
                await other.report(missing, "gesproken"),
                await other.report(missing, "onzin"),
            )
            assert [answer.status_code for answer in answers] == [404] * 5
    assert kenmerk not in (await stranger.get("/postvak")).text
    wanted = await stranger.get(f"/postvak?kenmerk={kenmerk}")
    assert wanted.headers["location"] == "/postvak?onbekend"
    assert not office.events("inbox.shown", "inbox.opened", "case.contacted")


async def test_who_had_it_before_may_say_that_there_was_contact(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    await sam.send(f"/postvak/{kenmerk}/openen", {})
    moved = await sam.report(kenmerk, "vol", zeker="ja")
    assert moved.status_code == 303
    await office.harbour.town.work()
    page = (await sam.get(f"/postvak/{kenmerk}")).text
    assert "Een andere organisatie heeft deze aanmelding nu" in page
    assert 'value="niet-bereikt"' not in page
    assert kenmerk not in (await sam.get("/postvak")).text
    assert (await sam.send(f"/postvak/{kenmerk}/openen", {})).status_code == 409
    assert 'value="vergissing"' not in page
    for not_theirs in ("niet-bereikt", "vergissing"):
        late = await sam.report(kenmerk, not_theirs, zeker="ja")
        assert late.headers["location"].endswith("fout=overgedragen")
    assert (
        (await sam.report(kenmerk, "gesproken", zeker="ja")).headers["location"].endswith("gemeld=gesproken")
    )
    assert 'value="vergissing"' in (await sam.get(f"/postvak/{kenmerk}")).text
    page = (await sam.report(kenmerk, "vergissing")).text
    seen = re.search(r'name="versie" value="(\d+)"', page)
    assert seen
    mistaken = await sam.report(kenmerk, "vergissing", zeker="ja", versie=seen[1])
    assert mistaken.headers["location"].endswith("gemeld=vergissing")


async def test_who_opened_it_elsewhere_is_told_to_nobody_here(office: Office) -> None:
    sam, pol, kenmerk = office.person(), office.person("Pol", POORT), await office.refer()
    await sam.send(f"/postvak/{kenmerk}/openen", {})
    assert "geopend door Sam" in (await sam.get("/postvak")).text
    await sam.report(kenmerk, "vol", zeker="ja")
    await office.harbour.town.work()
    item = await office.harbour.leased(POORT)
    await office.harbour.settle(item, "ontvangstbevestigingen", who=POORT)
    page = (await pol.get("/postvak")).text
    assert kenmerk in page
    assert "opgehaald door uw systeem" in page
    assert "geopend door" not in page
    assert "Sam" not in page


async def test_a_kenmerk_is_found_as_people_type_it(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    found = await sam.get(f"/postvak?kenmerk={kenmerk.lower().replace('-', '%20')}")
    assert found.headers["location"] == f"/postvak/{kenmerk}"


async def test_cross_site_posts_change_nothing(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    for path in ("openen", "melden"):
        answer = await sam.client.post(
            f"/postvak/{kenmerk}/{path}",
            data={"melding": "gesproken", "zeker": "ja"},
            headers={"Origin": "https://elders.example", "Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 403
    assert not office.events("inbox.opened", "case.contacted")


@pytest.mark.parametrize(
    ("state", "word", "asked"),
    [
        (State.COLLECTED, "gesproken", "contact"),
        (State.COLLECTED, "afspraak", "contact"),
        (State.COLLECTED, "niet-bereikt", ""),
        (State.COLLECTED, "vol", "moves"),
        (State.COLLECTED, "geen-behoefte", "ends"),
        (State.CONTACTED, "afspraak", ""),
        (State.CONTACTED, "gestopt", "ends"),
        (State.CONTACTED, "vol", "ends"),
        (State.CONTACTED, "vergissing", "corrects"),
        (State.WITHDRAWN, "gezien", ""),
    ],
)
def test_what_is_asked_twice(state: State, word: str, asked: str) -> None:
    (choice,) = (each for each in CHOICES if each.word == word)
    assert consequence(state, choice) == asked


async def test_a_mistake_is_taken_back_once_however_often_it_is_pressed(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    for word in ("gesproken", "gestopt"):
        assert (await sam.report(kenmerk, word, zeker="ja")).status_code == 303
    asked = await sam.report(kenmerk, "vergissing")
    (version,) = re.findall(r'name="versie" value="(\d+)"', asked.text)
    first = await sam.report(kenmerk, "vergissing", zeker="ja", versie=version)
    again = await sam.report(kenmerk, "vergissing", zeker="ja", versie=version)
    assert [answer.headers["location"].partition("?")[2] for answer in (first, again)] == [
        "gemeld=vergissing",
        "fout=bezet",
    ]
    assert len(office.events("case.corrected")) == 1


async def test_a_label_is_ciphertext_of_one_size_and_goes_with_the_case(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    path = f"/postvak/{kenmerk}/label"
    sealed = {"sleutel": "A" * 43, "iv": "A" * 16, "tekst": "A" * 278}
    assert (await sam.send(path, sealed)).json() == {"bewaard": True}
    assert "data-label=" in (await sam.get("/postvak")).text
    for wrong in ({"tekst": "Mevrouw Voorbeeld"}, sealed | {"tekst": "A" * 60}, {"label": "R.Q."}):
        refused = await sam.send(path, wrong)
        assert refused.status_code == 422
        assert "Voorbeeld" not in refused.text
    with office.harbour.town.gateway.store.read() as session:
        (kept,) = session.exec(select(LabelRow))
    assert json.loads(kept.sealed) == sealed
    assert office.events("inbox.labelled")[0].actor == f"user:{sam.user.id}"
    with office.harbour.town.gateway.store.write() as session:
        labels.forget(session, kept.case_id)
    assert (await sam.send(path, {})).json() == {"bewaard": False}
    assert (await office.person("Pol", POORT).send(path, sealed)).status_code == 404


async def test_one_look_is_one_event_and_a_button_is_none(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()

    async def looks(answer: httpx2.Response) -> int:
        if answer.status_code == 303:
            await sam.get(answer.headers["location"])
        return len(office.events("inbox.shown"))

    version = await seen(sam, kenmerk)
    assert len(office.events("inbox.shown")) == 1
    assert await looks(await sam.report(kenmerk, "niet-bereikt", versie=version)) == 2, "the page after it"
    assert await looks(await sam.report(kenmerk, "onzin")) == 3
    hand = {"doen": "doorgeven", "naar": ""}
    assert await looks(await sam.client.post(f"/postvak/{kenmerk}/oppakken", data=hand)) == 4
    # What asks again shows the case there and then.
    assert await looks(await sam.report(kenmerk, "gesproken")) == 5
