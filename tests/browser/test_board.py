"""The board as a beheerder uses it: it tells what is needed, keeps itself up to date, and can be paused."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from gateway.board.filters import MOST
from gateway.domain.codes import Kind
from gateway.domain.states import State
from gateway.domain.trail import AuditEvent
from gateway.store import audit, clocks
from gateway.store.pagetables import SavedViewRow
from gateway.web import sessions
from tests.browser.conftest import Axe, NewContext
from tests.browser.keyboard import tab_to
from tests.browser.site import Site
from tests.browser.watch import Watch, fitting
from tests.invented import Patient
from tests.store.rows import DAY, HOUR
from tests.store.running import add, deliver


def crowd(site: Site) -> None:
    """Cases in every state that the board shows in its own way."""
    store, now = site.gateway.store, site.now
    come: dict[str, Any] = {"received_at": now - 2 * DAY, "updated_at": now - HOUR}
    add(store, 1, due=now - 26 * HOUR, urgent=True, **come)
    add(store, 2, State.COLLECTED, now - 2 * HOUR, organisation_id="wijkteam-haven", **come)
    add(store, 3, State.ROUTED, now + 3 * HOUR, **come)
    deliver(store, "held", 3, reason="expired", created_at=now - HOUR)
    add(store, 4, State.RECEIVED, now + DAY, organisation_id=None, wijk="Haven", **come)
    deliver(store, "lost", 4, organisation_id=None, reason="no_route", created_at=now - HOUR)
    add(store, 5, State.QUARANTINED, None, organisation_id=None, practice_id=None, wijk=None, **come)
    add(store, 6, State.ATTEMPTED, now + 20 * HOUR, practice_id="stedenwijk", **come)
    add(store, 7, State.NEEDS_INFO, now + DAY, paused=True, **come)
    add(store, 8, State.DELIVERED, now + 2 * DAY, wijk="Literatuurwijk", **come)
    deliver(store, "peer", 8, status="ready", reason="relay_unreachable", created_at=now - HOUR)


def open_board(site: Site, page: Page, query: str = "") -> None:
    site.login(page)
    page.goto(f"{site.url}/bord{query}")


def live(page: Page) -> None:
    expect(page.locator("#live-state")).to_have_text("Dit bord werkt zichzelf bij.")


SEES_NOTICES = """
window.Notification = class {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(title, { body }) { (window.told ??= []).push(`${title}: ${body}`); }
};
"""
HIDDEN = (
    "Object.defineProperty(document, 'hidden', {configurable: true, get: () => %s});"
    "document.dispatchEvent(new Event('visibilitychange'))"
)
HURRIES = """
const wait = window.setTimeout;
window.setTimeout = (then, ms, ...rest) => wait(then, (ms ?? 0) / 20, ...rest);
"""
"""A board draws breath for seconds between two changes."""
SCREENS = 2.5


def test_a_case_comes_by_itself_and_nobody_is_told_until_it_needs_somebody(
    site: Site, page: Page, axe: Axe
) -> None:
    page.add_init_script(SEES_NOTICES)
    page.add_init_script(HURRIES)
    open_board(site, page)
    expect(page.locator("#nu")).to_contain_text("er is nu niets dat op u wacht")
    live(page)
    axe(page)
    page.get_by_role("button", name="Seintje op dit scherm").click()
    kenmerk = site.refers()
    row = page.locator(f"#rij-{kenmerk}")
    expect(row).to_contain_text("Afgeleverd")
    expect(row).to_contain_text("nog ")
    expect(page.locator("#live-news")).to_have_text("")
    expect(page).to_have_title("Bord – InBeeld")
    page.evaluate(HIDDEN % "true")
    site.tick(hours=80)
    expect(page.locator("#nu-te-laat")).to_contain_text(kenmerk)
    expect(page).to_have_title("(1) Bord – InBeeld")
    assert page.evaluate("window.told") == ["InBeeld: Er is iets nieuws op het bord."]
    page.evaluate(HIDDEN % "false")
    # What is new is told when it comes; a group may show its oldest only.
    store, now = site.gateway.store, site.now
    come: dict[str, Any] = {"received_at": now - 4 * DAY, "updated_at": now - HOUR}
    for number in range(1, 13):
        add(store, number, due=now - number * HOUR, **come)
    with store.write() as session:
        audit.append(session, AuditEvent.CLOCK_FIRED, now=now, actor="gateway", case_id="c12")
    group, news = page.locator("#nu-te-laat"), page.locator("#live-news")
    expect(group).to_have_attribute("data-count", "13")
    expect(news).to_have_text("Nieuw op het bord: Te laat: 13")
    expect(group.locator("li")).to_have_count(10)
    with store.write() as session:
        clocks.meet(session, "c12", [Kind.CONTACT], now)
        audit.append(session, AuditEvent.CASE_CONTACTED, now=now, actor="gateway", case_id="c12")
    expect(group).to_have_attribute("data-count", "12")
    expect(news).to_have_text("Nieuw op het bord: Te laat: 13")
    add(store, 13, due=now - HOUR / 2, urgent=True, **come)
    with store.write() as session:
        audit.append(session, AuditEvent.CLOCK_FIRED, now=now, actor="gateway", case_id="c13")
    expect(group).to_have_attribute("data-count", "13")
    axe(page)


def test_what_somebody_does_stays_while_the_board_changes(site: Site, page: Page, watch: Watch) -> None:
    watch.allow(401)
    page.add_init_script(HURRIES)
    first = site.refers()
    open_board(site, page)
    live(page)
    page.get_by_text("Zoeken en filteren").click()
    page.get_by_label("Kenmerk").fill("half geschr")
    link = page.get_by_role("link", name=first)
    link.focus()
    second = site.refers(Patient("Ansje Vrolijkstra", "622334455"))
    expect(page.locator(f"#rij-{second}")).to_be_visible()
    expect(link).to_be_focused()
    expect(page.locator("#lopend details").first).to_have_attribute("open", "")
    expect(page.get_by_label("Kenmerk")).to_have_value("half geschr")
    # What came while nobody looked is there on return.
    page.evaluate(HIDDEN % "true")
    third = site.refers(Patient("Wubbe Steenhuis", "633445566"))
    expect(page.locator(f"#rij-{third}")).to_have_count(0)
    site.now += timedelta(hours=1)
    page.evaluate(HIDDEN % "false")
    expect(page.locator(f"#rij-{third}")).to_be_visible()
    # A paused board stands still, also on the next page.
    button = page.get_by_role("button", name="Pauze")
    button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#live-state")).to_contain_text("Gepauzeerd")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.url}/bord?staat=delivered")
    expect(page.get_by_role("button", name="Pauze")).to_have_attribute("aria-pressed", "true")
    fourth = site.refers(Patient("Jikke Oldenbroek", "644556677"))
    assert not [url for url in asked if "/bord/" in url]
    expect(page.locator(f"#rij-{fourth}")).to_have_count(0)
    page.get_by_role("button", name="Pauze").click()
    expect(page.locator(f"#rij-{fourth}")).to_be_visible()
    live(page)
    # Whoever logs out lets go of the stream at once: it would be refused while the answer is on its way.
    page.route("**/uitloggen", lambda route: route.abort("aborted"))
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/bord/stroom")):
        page.get_by_role("button", name="Uitloggen").click()
    page.reload()
    live(page)
    # Whoever is logged out is told that it stands still.
    user = site.user()
    with site.gateway.store.write() as session:
        sessions.end_all(session, user.id, site.gateway.base.wall())
    site.tick(hours=1)
    expect(page.locator("#live-state")).to_contain_text("werkt zichzelf niet meer bij")
    expect(page.locator("#live-pause")).to_be_hidden()


def test_it_is_whole_for_everybody(
    site: Site, page: Page, phone: Page, context: NewContext, axe: Axe
) -> None:
    """Wide and narrow, with errors, by keyboard alone, and without scripts."""
    crowd(site)
    mine = site.refers()
    site.tick(hours=80)
    for one in (page, phone):
        open_board(site, one)
        live(one)
        axe(one)
        one.goto(f"{site.url}/bord?kenmerk=!&staat=x&wijk=nergens&na=x&te_laat=x")
        axe(one)
        expect(one.get_by_label("Kenmerk")).to_have_attribute("aria-invalid", "true")
        one.goto(f"{site.url}/bord/samen?doen=achtervang&organisatie=de-schoor")
        axe(one)
    for path in ("/hulp", "/overleg"):
        page.goto(f"{site.url}{path}")
        axe(page)
    page.goto(f"{site.url}/bord")
    tab_to(page, page.get_by_text("Zoeken en filteren"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Kenmerk")).to_be_focused()
    page.keyboard.type("IB-0200")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bord?kenmerk=IB-0200**")
    expect(page.locator("tbody tr")).to_have_count(1)

    plain = context(java_script_enabled=False).new_page()
    open_board(site, plain)
    expect(plain.locator("#live")).to_be_hidden()
    plain.get_by_role("button", name=f"Ik pak dit op: {mine}").click()
    expect(plain.locator(".taken")).to_contain_text("bij Noor Beheer sinds")
    plain.get_by_text("Zoeken en filteren").click()
    plain.get_by_label("Status").select_option("Opgehaald")
    plain.get_by_label("Alleen te laat").check()
    plain.get_by_role("button", name="Toon", exact=True).click()
    expect(plain).to_have_url(re.compile("staat=collected"))
    expect(plain.locator("tbody tr")).to_have_count(1)
    # One long word, and signs that nobody sees.
    name = "TeLaatEnOpgehaald" * 2
    plain.get_by_label("Bewaar deze keuze als").fill(f"\u202e{name}\u200b")
    plain.get_by_role("button", name="Bewaar").click()
    plain.get_by_role("link", name="Wis alles").click()
    expect(plain.locator("tbody tr")).to_have_count(8)
    plain.get_by_role("link", name=name, exact=True).click()
    expect(plain.locator("tbody tr")).to_have_count(1)
    phone.goto(f"{site.url}/bord")
    fitting(phone)
    page.goto(f"{site.url}/bord")
    paper = PdfReader(BytesIO(page.pdf(format="A4")))
    said = "".join(sheet.extract_text() for sheet in paper.pages)
    assert "Literatuurwijk" in said.partition("Wie het eerst contact")[2], "the last column is whole"


def test_first_screens_of_a_telephone_are_short(site: Site, phone: Page, axe: Axe) -> None:
    """With 28 cases that run, some of which need somebody."""
    kenmerk = site.refers()
    crowd(site)
    store, now = site.gateway.store, site.now
    come: dict[str, Any] = {"received_at": now - DAY, "updated_at": now - HOUR}
    for number in range(9, 29):
        due = now + (number - 10) * HOUR
        add(store, number, due=due, organisation_id="wijkteam-haven", **come)
    user = site.login(phone)
    with store.write() as session:
        for n in range(MOST):
            kept = SavedViewRow(
                id=str(n), user_id=user.id, name=f"Wijk {n}", query="te_laat=ja", created_at=now
            )
            session.add(kept)
    phone.goto(f"{site.url}/bord")
    expect(phone.locator("#lopend tbody tr")).to_have_count(28)
    axe(phone)
    heights = {"bord": screens(phone)}
    # What is folded opens without a script, and is all there.
    phone.get_by_role("link", name="Toon alle 28 op deze bladzijde").click()
    expect(phone.locator("#lopend tbody tr").last).to_be_visible()
    phone.locator("#keuzes > .unfolds a").click()
    expect(phone.locator("#keuzes li").last).to_be_visible()
    # So are the parts of a long page, and each opens by its address.
    paths = ("/gids", "/gezondheid", "/cijfers", "/overleg", "/hulp", f"/zaken/{kenmerk}")
    for path, part in zip(
        paths, ("dekking", "verzenden", "tijdig", "groep-1", "als", "termijnen"), strict=True
    ):
        phone.goto(f"{site.url}{path}")
        heights[path] = screens(phone)
        tab_to(phone, phone.locator(f"#{part} > .unfolds a"))
        phone.keyboard.press("Enter")
        expect(phone.locator(f"#{part} > :not(h2, .unfolds)").first).to_be_visible()
        axe(phone)
    site.login(phone, "medewerker")
    phone.goto(f"{site.url}/postvak")
    axe(phone)
    heights["postvak"] = screens(phone)
    assert max(heights.values()) <= SCREENS, heights


def screens(page: Page) -> float:
    """How many screens tall a page is."""
    return float(page.evaluate("document.documentElement.scrollHeight / innerHeight"))
