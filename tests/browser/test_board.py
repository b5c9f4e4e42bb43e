"""The board as a beheerder uses it: it tells what is needed, keeps itself up to date, and can be paused."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from gateway.domain.clock import Kind
from gateway.domain.states import State
from gateway.store import audit, clocks
from gateway.web import sessions
from tests.browser.conftest import Axe, NewContext
from tests.browser.keyboard import tab_to
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.invented import Patient
from tests.store.rows import DAY, HOUR
from tests.store.running import add, deliver


def crowd(site: Site) -> None:
    """Cases in every state that the board shows in its own way."""
    store, now = site.gateway.store, site.now
    come = {"received_at": now - 2 * DAY, "updated_at": now - HOUR}
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


def test_a_case_comes_by_itself_and_nobody_is_told_until_it_needs_somebody(
    site: Site, page: Page, axe: Axe
) -> None:
    open_board(site, page)
    expect(page.locator("#nu")).to_contain_text("er is nu niets dat op u wacht")
    live(page)
    axe(page)
    kenmerk = site.refers()
    row = page.locator(f"#rij-{kenmerk}")
    expect(row).to_contain_text("Afgeleverd")
    expect(row).to_contain_text("nog ")
    assert page.locator("#live-news").text_content() == ""
    site.tick(hours=80)
    expect(page.locator("#nu-te-laat")).to_contain_text(kenmerk)
    expect(page.locator("#live-news")).to_contain_text("Nieuw op het bord: Te laat: 1")
    expect(row).to_contain_text("te laat")
    axe(page)


def test_what_comes_below_the_fold_is_told_and_what_moves_up_is_not(site: Site, page: Page) -> None:
    store, now = site.gateway.store, site.now
    come = {"received_at": now - 4 * DAY, "updated_at": now - HOUR}
    for number in range(1, 13):
        add(store, number, due=now - number * HOUR, **come)
    open_board(site, page)
    live(page)
    group, news = page.locator("#nu-te-laat"), page.locator("#live-news")
    expect(group).to_have_attribute("data-count", "12")
    with store.write() as session:
        clocks.meet(session, "c12", [Kind.CONTACT], now)
        audit.append(session, "case.contacted", now=now, actor="gateway", case_id="c12")
    expect(group).to_have_attribute("data-count", "11")
    assert group.locator("li").count() == 10
    assert news.text_content() == "", "one less is no news"
    add(store, 13, due=now - HOUR / 2, urgent=True, **come)
    with store.write() as session:
        audit.append(session, "clock.fired", now=now, actor="gateway", case_id="c13")
    expect(group).to_have_attribute("data-count", "12")
    expect(news).to_contain_text("Nieuw op het bord: Te laat: 12")


def test_focus_and_what_was_opened_stay_when_the_board_changes(site: Site, page: Page) -> None:
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
    expect(page.locator("details")).to_have_attribute("open", "")
    expect(page.get_by_label("Kenmerk")).to_have_value("half geschr")


def test_a_paused_board_stands_still_also_on_the_next_page(site: Site, page: Page) -> None:
    open_board(site, page)
    live(page)
    button = page.get_by_role("button", name="Pauze")
    button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#live-state")).to_contain_text("Gepauzeerd")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.url}/bord?staat=delivered")
    expect(page.get_by_role("button", name="Pauze")).to_have_attribute("aria-pressed", "true")
    kenmerk = site.refers()
    assert not [url for url in asked if "/bord/" in url]
    assert page.locator(f"#rij-{kenmerk}").count() == 0
    page.get_by_role("button", name="Pauze").click()
    expect(page.locator(f"#rij-{kenmerk}")).to_be_visible()
    live(page)


def test_without_scripts_it_is_whole(site: Site, context: NewContext) -> None:
    page = context(java_script_enabled=False).new_page()
    crowd(site)
    open_board(site, page)
    expect(page.locator("#live")).to_be_hidden()
    page.get_by_text("Zoeken en filteren").click()
    page.get_by_label("Status").select_option("Opgehaald")
    page.get_by_label("Alleen te laat").check()
    page.get_by_role("button", name="Toon", exact=True).click()
    assert "staat=collected" in page.url
    assert page.locator("tbody tr").count() == 1
    page.get_by_role("link", name="Wis alles").click()
    assert page.locator("tbody tr").count() == 7


def test_by_keyboard_alone(site: Site, page: Page) -> None:
    crowd(site)
    open_board(site, page)
    tab_to(page, page.get_by_text("Zoeken en filteren"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Kenmerk")).to_be_focused()
    page.keyboard.type("IB-0200")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bord?kenmerk=IB-0200**")
    assert page.locator("tbody tr").count() == 1


def test_it_is_accessible_wide_and_narrow_and_with_errors(
    site: Site, page: Page, phone: Page, axe: Axe
) -> None:
    crowd(site)
    for one in (page, phone):
        open_board(site, one)
        live(one)
        axe(one)
        one.goto(f"{site.url}/bord?kenmerk=!&staat=x&wijk=nergens&na=x&te_laat=x")
        axe(one)
        expect(one.get_by_label("Kenmerk")).to_have_attribute("aria-invalid", "true")


def test_who_is_logged_out_is_told_that_the_board_stands_still(site: Site, page: Page, watch: Watch) -> None:
    watch.allow(401)
    user = site.login(page)
    page.goto(f"{site.url}/bord")
    live(page)
    with site.gateway.store.write() as session:
        sessions.end_all(session, user.id, site.gateway.base.wall())
    site.refers()
    expect(page.locator("#live-state")).to_contain_text("werkt zichzelf niet meer bij")
    expect(page.locator("#live-pause")).to_be_hidden()


def test_what_came_while_nobody_looked_is_there_on_return(site: Site, page: Page) -> None:
    open_board(site, page)
    live(page)
    hidden = "Object.defineProperty(document, 'hidden', {configurable: true, get: () => %s});"
    turn = hidden + "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(turn % "true")
    kenmerk = site.refers()
    assert page.locator(f"#rij-{kenmerk}").count() == 0
    site.now += timedelta(hours=1)
    page.evaluate(turn % "false")
    expect(page.locator(f"#rij-{kenmerk}")).to_be_visible()
