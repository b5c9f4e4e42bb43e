"""The board as a page: who may see it, what stands on it, and what an address can do to it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import html
from sqlmodel import select
from starlette.testclient import TestClient

from gateway.app import Gateway
from gateway.board.filters import ERRORS
from gateway.domain.attribution import AWAITING
from gateway.domain.states import State
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from gateway.store.pagetables import UserRow
from gateway.store.tables import RUNNING, EventRow
from gateway.web import sessions
from gateway.web.app import web
from gateway.web.auth import COOKIE, Role
from gateway.web.sessions import SessionStage
from tests.moments import MONDAY
from tests.store import running
from tests.store.rows import DAY, HOUR
from tests.story.place import Place

PAGE = {"Accept": "text/html"}
NOW = MONDAY + 2 * HOUR


def add(store: Store, number: int, state: State = State.DELIVERED, due: Any = NOW + DAY, **more: Any) -> str:
    """A case that came in yesterday; gives its kenmerk."""
    return running.add(store, number, state, due, **{"received_at": NOW - DAY, "updated_at": NOW, **more})


def deliver(store: Store, name: str, number: int, **more: Any) -> None:
    """A row of the outbox, held unless it is told otherwise."""
    running.deliver(store, name, number, **{"created_at": NOW, **more})


@pytest.fixture
async def gateway(place: Place) -> AsyncIterator[Gateway]:
    made = Gateway.at(place.directory, now=lambda: NOW)
    migrate(made.store)
    yield made
    await made.close()


def enter(gateway: Gateway, client: TestClient, role: Role = Role.BEHEERDER) -> None:
    """Log in with both factors."""
    organisation = "wijkteam-haven" if role is Role.MEDEWERKER else None
    with gateway.store.write() as session:
        session.add(
            UserRow(id=role, login=role, name="Noor", role=role, organisation_id=organisation, created_at=NOW)
        )
        token = sessions.start(session, datetime.now(UTC), user_id=role, stage=SessionStage.FULL)
    client.headers["Cookie"] = f"{COOKIE}={token}"


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[TestClient]:
    app = web(gateway.web.routes(), gateway.base.log, gateway.web.pages)
    with TestClient(app, base_url="https://localhost", headers=PAGE) as made:
        enter(gateway, made)
        yield made


def read(client: TestClient, address: str = "/bord") -> Any:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.fromstring(answer.text)


def text(found: Any) -> str:
    return " ".join(found.text_content().split())


async def test_an_empty_board_says_that_nothing_is_needed(client: TestClient) -> None:
    page = read(client)
    assert "er is nu niets dat op u wacht" in text(page.get_element_by_id("nu"))
    assert "Er lopen nu geen aanmeldingen." in text(page.get_element_by_id("lopend"))


async def test_everything_that_needs_somebody_stands_first(client: TestClient, gateway: Gateway) -> None:
    store = gateway.store
    late = add(store, 1, due=NOW - 2 * HOUR, urgent=True)
    held = add(store, 2, State.ROUTED)
    deliver(store, "held", 2, reason="expired")
    aside = add(store, 3, State.QUARANTINED, due=None)
    lost = add(store, 4, State.RECEIVED, organisation_id=None)
    deliver(store, "lost", 4, organisation_id=None, reason="no_route")
    deliver(store, "peer", 1, status="ready", reason="relay_unreachable")
    page = read(client)
    now = page.get_element_by_id("nu")
    assert [text(each) for each in now.iter("h3")] == [
        "Te laat 1",
        "Levering staat stil 1",
        "In quarantaine 1",
        "Zonder organisatie 1",
        "Verbindingen die niet lukken 1",
    ]
    links = [
        (text(link), link.get("href"))
        for link in now.xpath(".//ul[@class='need-list']//p[not(@class='call')]/a")
    ]
    assert links == [
        (late, f"/zaken/{late}"),
        (held, f"/zaken/{held}"),
        (aside, f"/quarantaine/{aside}"),
        (lost, f"/zaken/{lost}"),
        ("Onze mailserver", "/gezondheid"),
    ]
    told = text(now)
    for words in (
        "2 uur te laat",
        "SPOED",
        "De Schoor · Gezondheidscentrum Filmwijk · Filmwijk",
        "Van De Schoor is geen telefoonnummer bekend. Vul het in",
        "De sleutel van de organisatie is verlopen.",
        "voer die in bij de organisatie, in de gids",
        "Geen organisatie werkt in deze wijk.",
        "De mailserver is niet bereikbaar.",
        "1 bericht wacht sinds",
    ):
        assert words in told


@pytest.mark.parametrize("known", ['phones = ["036-5310000"]', 'public_phone = "036-5310000"'])
async def test_who_must_be_called_stands_there_with_a_number(place: Place, known: str) -> None:
    """Its desk's, or where that is not known the number for patients."""
    place.replace("organisations.toml", f"# {known}", known)
    gateway = Gateway.at(place.directory, now=lambda: NOW)
    migrate(gateway.store)
    add(gateway.store, 1, due=NOW - 2 * HOUR)
    add(gateway.store, 2, State.ROUTED)
    deliver(gateway.store, "held", 2, reason="expired")
    app = web(gateway.web.routes(), gateway.base.log, gateway.web.pages)
    with TestClient(app, base_url="https://localhost", headers=PAGE) as client:
        enter(gateway, client)
        told = text(read(client).get_element_by_id("nu"))
    assert told.count("Bel De Schoor: 036 531 0000") == 2, "the late one, and the one that stands still"
    await gateway.close()


async def test_keys_that_end_soon_or_are_broken_are_named(client: TestClient, gateway: Gateway) -> None:
    key = gateway.settings.key_path(gateway.settings.organisations[0].key)
    key.write_text("no key")
    told = text(read(client).get_element_by_id("nu-sleutels"))
    assert "De Schoor" in told
    assert "De sleutel van de organisatie is niet leesbaar." in told
    # They are read now and then: mending it is not seen at once, and a board never waits for it twice.
    key.unlink()
    assert "niet leesbaar" in text(read(client).get_element_by_id("nu-sleutels"))


async def test_a_running_case_is_told_in_words(client: TestClient, gateway: Gateway) -> None:
    kenmerk = add(gateway.store, 1, due=NOW + DAY + 3 * HOUR, received_at=NOW - DAY)
    row = read(client).get_element_by_id(f"rij-{kenmerk}")
    cells = [text(cell) for cell in row]
    assert cells[0] == kenmerk
    assert cells[1].startswith("nog 1 dag en 3 uur")
    assert cells[2:] == ["Afgeleverd", "Organisatie", "De Schoor", "Gezondheidscentrum Filmwijk", "Filmwijk"]
    (meter,) = row.iter("meter")
    assert meter.get("value") == "47"
    assert text(row.get_element_by_id(meter.get("aria-labelledby"))) == "nog 1 dag en 3 uur"


async def test_a_case_that_waits_for_its_referrer_has_no_bar(client: TestClient, gateway: Gateway) -> None:
    kenmerk = add(gateway.store, 1, State.NEEDS_INFO, NOW - DAY, paused=True)
    row = read(client).get_element_by_id(f"rij-{kenmerk}")
    assert "wacht op verwijzer" in text(row)
    assert "uiterlijk" not in text(row)
    assert not list(row.iter("meter"))


async def test_pages_keep_their_filters(client: TestClient, gateway: Gateway) -> None:
    for number in range(60):
        add(gateway.store, number, due=NOW + number * HOUR, wijk="Filmwijk" if number % 6 else "Muziekwijk")
    page = read(client, "/bord?wijk=FILMWIJK")
    assert len(page.get_element_by_id("lijst").findall(".//tbody/tr")) == 50
    assert not page.xpath("//a[@rel='next']")
    for number in range(60, 80):
        add(gateway.store, number, due=NOW + number * HOUR)
    (following,) = read(client, "/bord?wijk=FILMWIJK").xpath("//a[@rel='next']/@href")
    second = read(client, following)
    assert len(second.get_element_by_id("lijst").findall(".//tbody/tr")) == 20
    assert second.get_element_by_id("f-wijk").get("value") == "Filmwijk"
    assert "/bord?wijk=Filmwijk#lopend" in second.xpath("//nav//a/@href")


async def test_a_filter_finds_and_an_ended_case_is_found_by_its_kenmerk(
    client: TestClient, gateway: Gateway
) -> None:
    add(gateway.store, 1)
    collected = add(gateway.store, 2, State.COLLECTED)
    closed = add(gateway.store, 3, State.CLOSED, met=NOW)
    found = read(client, "/bord?staat=collected&organisatie=de-schoor&beurt=organisatie")
    assert found.xpath("//tbody/tr/@id") == [f"rij-{collected}"]
    assert "Gevonden: 1." in text(found)
    found = read(client, f"/bord?kenmerk={closed.lower().replace('-', '')}")
    assert found.xpath("//tbody/tr/@id") == [f"rij-{closed}"]
    assert "loopt niet meer" in text(found)
    assert "Geen aanmelding past" in text(read(client, "/bord?staat=attempted"))


async def test_the_box_in_the_header_leads_to_the_case(client: TestClient, gateway: Gateway) -> None:
    one, other = add(gateway.store, 1), add(gateway.store, 2, State.CLOSED, met=NOW)
    assert read(client, "/gezondheid").xpath("//header//form[@action='/zoeken']//input/@name") == ["kenmerk"]

    def leads(typed: str) -> str:
        answer = client.get("/zoeken", params={"kenmerk": typed}, follow_redirects=False)
        assert answer.status_code == 303
        return str(answer.headers["location"])

    assert leads(f" {other.lower().replace('-', ' ')}") == f"/zaken/{other}", "also one that has ended"
    assert leads(one[:4]) == f"/bord?kenmerk={one[:4]}#lopend", "more than one begins so"
    wrong = leads("<b>&staat=closed\r\n#")
    assert wrong == "/bord?kenmerk=%3Cb%3E%26staat%3Dclosed%0D%0A%23#lopend"
    assert ERRORS["kenmerk"] in text(read(client, wrong))
    assert "Geen aanmelding" in text(read(client, leads("IB-ZZZZ-ZZZZ")))
    assert leads("") == "/bord?kenmerk=#lopend"


@pytest.mark.parametrize("name", sorted(ERRORS))
async def test_what_is_wrong_is_told_beside_its_field_and_ignored(
    client: TestClient, gateway: Gateway, name: str
) -> None:
    kenmerk = add(gateway.store, 1)
    page = read(client, f"/bord?{name}=%3Cb%3Eonzin%3C/b%3E")
    assert ERRORS[name] in text(page)
    assert "onzin" not in text(page)
    assert page.xpath("//tbody/tr/@id") == [f"rij-{kenmerk}"]
    if name not in ("na", "vanaf", "alles", "te_laat"):
        field = page.get_element_by_id(f"f-{name}")
        assert field.get("aria-invalid") == "true"
        assert ERRORS[name] in text(page.get_element_by_id(field.get("aria-describedby").split()[-1]))


async def test_a_long_group_is_shown_in_full_when_asked(client: TestClient, gateway: Gateway) -> None:
    for number in range(12):
        add(gateway.store, number, State.QUARANTINED, due=None)
    group = read(client).get_element_by_id("nu-quarantaine")
    assert len(group.findall(".//li")) == 10
    assert "In quarantaine 12" in text(group)
    (more,) = [link.get("href") for link in group.iter("a") if text(link).startswith("Toon alle")]
    assert more == "/bord?alles=quarantaine#nu-quarantaine"
    group = read(client, more).get_element_by_id("nu-quarantaine")
    assert len(group.findall(".//li")) == 12
    assert "Toon minder" in text(group)


async def test_the_part_is_what_changes(client: TestClient, gateway: Gateway) -> None:
    kenmerk = add(gateway.store, 1, due=NOW - HOUR)
    part = client.get("/bord/lijst?te_laat=ja")
    assert part.text.count("<hx-partial") == 2
    assert kenmerk in part.text
    assert "<html" not in part.text
    assert 'class="filters"' not in part.text


async def test_looking_at_the_board_is_no_look_at_a_case(client: TestClient, gateway: Gateway) -> None:
    add(gateway.store, 1)
    read(client)
    with gateway.store.read() as session:
        assert session.exec(select(EventRow)).all() == []


async def test_a_medewerker_sees_no_board(client: TestClient, gateway: Gateway) -> None:
    enter(gateway, client, Role.MEDEWERKER)
    for path in ("/bord", "/bord/lijst", "/bord/stroom"):
        assert client.get(path).status_code == 404


async def test_it_is_told_in_english(place: Place) -> None:
    place.replace("inbeeld.toml", 'language = "nl"', 'language = "en"')
    gateway = Gateway.at(place.directory, now=lambda: NOW)
    migrate(gateway.store)
    add(gateway.store, 1, due=NOW - timedelta(days=2))
    with TestClient(
        web(gateway.web.routes(), gateway.base.log, gateway.web.pages),
        base_url="https://localhost",
        headers=PAGE,
    ) as client:
        enter(gateway, client)
        page = text(read(client))
    await gateway.close()
    assert "What needs you now" in page
    assert "2 days late" in page


async def test_the_list_is_sorted_paged_taken_away_and_kept(client: TestClient, gateway: Gateway) -> None:
    wijken = ("Filmwijk", "Muziekwijk")
    made = [add(gateway.store, n, due=NOW + n * HOUR, wijk=wijken[n % 2]) for n in range(1, 53)]
    add(gateway.store, 60, State.CONTACTED, due=None)

    def listed(address: str) -> list[str]:
        return [each.removeprefix("rij-") for each in read(client, address).xpath("//tbody/tr/@id")]

    assert listed("/bord") == made[:50]
    first = read(client, "/bord?sorteer=wijk")
    (next_,) = first.xpath("//a[@rel='next']/@href")
    both = listed("/bord?sorteer=wijk") + listed(next_)
    assert sorted(both) == sorted(made)
    assert set(both[:26]) == set(made[1::2])
    assert text(first.xpath("//th[@aria-sort]")[0]) == "Wijk"
    assert set(listed("/bord?sorteer=status&wijk=filmwijk&te_laat=ja")) == set()
    # By the names of practices, whatever their ids: who is known comes first.
    named = add(gateway.store, 61, due=NOW + HOUR, practice_id="aaa-weg", wijk="Stedenwijk")
    by_name = listed("/bord?sorteer=praktijk")
    (next_,) = read(client, "/bord?sorteer=praktijk").xpath("//a[@rel='next']/@href")
    assert [*by_name, *listed(next_)][-1] == named
    assert {*by_name, *listed(next_)} == {*made, named}
    accent = add(gateway.store, 62, due=NOW + 9 * HOUR, wijk="élanwijk")
    wijken_by_name = listed("/bord?sorteer=wijk")
    assert wijken_by_name[0] == accent, "neither capitals nor accents move a name"

    def taken(address: str) -> list[str]:
        return [row.split(";")[0].strip("\ufeff") for row in client.get(address).text.splitlines()[1:]]

    assert taken("/bord.csv")[:50] == listed("/bord")
    assert taken("/bord.csv?sorteer=wijk")[:50] == wijken_by_name
    table = client.get("/bord.csv?wijk=filmwijk")
    rows = table.text.lstrip("\ufeff").splitlines()
    assert len(rows) == 27
    assert {row.split(";")[7] for row in rows[1:]} == {"Filmwijk"}
    with gateway.store.read() as session:
        *_, event = session.exec(select(EventRow).where(EventRow.kind == "board.list_exported")).all()
    assert event.data == '{"rows":26}'
    nobody = client.get("/bord.csv?kenmerk=ZZZZ-ZZZZ").text
    assert len(nobody.splitlines()) == 1, "a kenmerk that isn't there is no wish for all of them"
    kept = client.post(
        "/bord/filters",
        data={"naam": " Mijn  wijk ", "vraag": "wijk=filmwijk&onzin=1&na=1.2.3"},
        follow_redirects=False,
    )
    assert kept.headers["location"] == "/bord?wijk=Filmwijk#lopend"
    (view,) = read(client).xpath("//ul[contains(@class, 'views')]/li")
    assert text(view).startswith("Mijn wijk")
    assert view.xpath("./a/@href") == ["/bord?wijk=Filmwijk#lopend"]
    client.post("/bord/filters", data={"weg": view.xpath(".//button/@value")[0]})
    assert not read(client).xpath("//ul[contains(@class, 'views')]")


def test_what_runs_is_what_the_index_of_running_cases_holds() -> None:
    assert set(re.findall(r"'(\w+)'", RUNNING)) == {*AWAITING, State.DECLINED}


async def test_the_list_for_a_meeting_has_room_to_write_and_no_patient(
    client: TestClient, gateway: Gateway
) -> None:
    store = gateway.store
    late = add(store, 1, due=NOW - HOUR, received_at=NOW - 20 * DAY, urgent=True)
    spoken = add(store, 2, State.IN_SUPPORT, due=NOW, met=NOW - HOUR, wijk="Muziekwijk")
    long_ago = add(store, 3, State.STOPPED, due=None, updated_at=NOW - 30 * DAY)
    theirs = add(store, 4, organisation_id="wijkteam-haven", practice_id="stedenwijk")

    def listed(address: str) -> list[str]:
        return [text(each) for each in read(client, address).xpath("//h3/span[@class='kenmerk']")]

    assert set(listed("/overleg")) == {late, spoken, theirs}
    assert set(listed("/overleg?dagen=42")) == {late, spoken, long_ago, theirs}
    day = (NOW - 31 * DAY).date().isoformat()
    assert listed(f"/overleg?sinds={day}&organisatie=de-schoor&wijk=Filmwijk") == [late, long_ago]
    page = read(client, "/overleg?per=praktijk&organisatie=de-schoor")
    assert [text(each) for each in page.xpath("//section[contains(@class, 'meeting')]/h2")] == [
        "Gezondheidscentrum Filmwijk (2)"
    ]
    told = text(page)
    for words in ("1 uur te laat", "gesproken op", "Waarin loopt het vast?", "Wat is nodig?", "Eerste stap"):
        assert words in told
    assert len(page.xpath("//dl[@class='write']/dd")) == 6
    wrong = read(client, "/overleg?organisatie=niemand&sinds=morgen&dagen=x&per=x&wijk=nergens")
    assert len(wrong.xpath("//*[@aria-invalid='true']")) == 3
    # A colleague gets the list of their own organisation, whatever they ask for.
    enter(gateway, client, Role.MEDEWERKER)
    assert listed("/overleg?organisatie=de-schoor&dagen=91") == [theirs]
    assert not read(client, "/overleg").xpath("//select[@name='organisatie']")
