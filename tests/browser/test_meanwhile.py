"""What somebody does in the mailbox while the answer to something else is still on its way."""

import dataclasses

from playwright.sync_api import Page, Route, expect

from tests.browser.drawer import PATIENT, SLOW_MS, lay_key, opened, unlock
from tests.browser.site import Site

SECOND = dataclasses.replace(PATIENT, name="Cornelia Zevenster", number="631144114")


def hold(page: Page, address: str) -> list[Route]:
    """Keep back what is asked at an address of ours; gives what was asked."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))
    return held


def test_a_text_that_comes_late_never_stands_under_another_case(site: Site, page: Page) -> None:
    lay_key(site, site.login(page, "medewerker").id)
    first, second = site.refers(PATIENT), site.refers(SECOND)
    page.goto(f"{site.url}/postvak/{first}")
    unlock(page)
    held = hold(page, "**/openen")
    with page.expect_request(f"**/postvak/{first}/openen"):
        page.get_by_role("button", name="Aanmelding lezen").click()
    expect(page.locator("#postvak")).to_have_attribute("aria-busy", "true")
    page.get_by_role("link", name=second).click()
    # A page that did not wait would show the other case before this answer is here.
    page.evaluate("address => fetch(address).then((answer) => answer.text())", f"/postvak/{second}")
    held.pop(0).continue_()
    expect(page.locator("li", has_text=first)).to_contain_text("geopend door")
    expect(page.locator("#aanmelding")).to_have_attribute("data-kenmerk", second)
    assert PATIENT.name not in page.content()
    expect(page.get_by_text("de aanmelding wordt geopend…")).to_be_visible()
    held.pop().continue_()
    opened(page)
    expect(page.locator("#tekst")).to_contain_text(SECOND.name)


def test_what_is_chosen_meanwhile_is_shown_after_it(site: Site, page: Page) -> None:
    kenmerk = site.refers(PATIENT)
    site.login(page, "medewerker")
    page.goto(f"{site.url}/postvak/{kenmerk}")
    held = hold(page, f"{site.url}/postvak")
    with page.expect_request(f"{site.url}/postvak"):
        page.get_by_role("link", name="Terug naar de lijst").click()
    page.get_by_role("link", name=kenmerk).click()
    expect(page).to_have_url(f"{site.url}/postvak/{kenmerk}")
    held[0].continue_()
    page.unroute_all()
    expect(page.locator("#aanmelding-kop")).to_be_focused()
    expect(page.locator("#aanmelding")).to_have_attribute("data-kenmerk", kenmerk)
    expect(page).to_have_url(f"{site.url}/postvak/{kenmerk}")


def test_what_is_reported_meanwhile_is_reported_once(site: Site, page: Page) -> None:
    lay_key(site, site.login(page, "medewerker").id)
    kenmerk = site.refers(PATIENT)
    page.goto(f"{site.url}/postvak")
    unlock(page)
    held = hold(page, f"{site.url}/postvak")
    with page.expect_request(f"{site.url}/postvak"):
        page.get_by_role("link", name=kenmerk).click()
        opened(page)
    page.get_by_role("button", name="Niet bereikt: middag").dblclick()
    page.get_by_role("link", name="Terug naar de lijst").click()
    held.pop().continue_()
    page.unroute_all()
    expect(page.locator("#aanmelding")).to_be_hidden()
    assert events(site, kenmerk).count("case.attempted") == 1


def test_a_report_stands_where_somebody_had_gone_on(site: Site, page: Page) -> None:
    first, second = site.refers(PATIENT), site.refers(SECOND)
    site.login(page, "medewerker")
    page.goto(f"{site.url}/postvak/{first}")
    held = hold(page, f"**/postvak/{second}")
    with page.expect_request(f"**/postvak/{second}"):
        page.get_by_role("link", name=second).click()
    page.get_by_role("button", name="Niet bereikt: middag").click()
    held[0].continue_()
    expect(page.get_by_text("Gemeld: Gebeld, maar niet bereikt.")).to_be_visible()
    expect(page).to_have_url(f"{site.url}/postvak/{first}")
    assert "case.attempted" in events(site, first)
    assert "case.attempted" not in events(site, second)


def test_who_gets_no_answer_is_told(site: Site, page: Page) -> None:
    kenmerk = site.refers(PATIENT)
    site.login(page, "medewerker")
    page.goto(f"{site.url}/postvak")
    # Whatever patience the page has comes down to a moment; without any it waits for ever.
    page.evaluate(
        """() => { const send = XMLHttpRequest.prototype.send;
        XMLHttpRequest.prototype.send = function (body) {
          if (this.timeout) this.timeout = 1; return send.call(this, body); }; }"""
    )
    hold(page, f"**/postvak/{kenmerk}")
    page.get_by_role("link", name=kenmerk).click()
    expect(page.get_by_text("De server antwoordt niet.")).to_be_visible()
    expect(page.locator("#postvak")).not_to_have_attribute("aria-busy", "true")


def test_a_report_of_which_the_answer_is_lost_counts_once(site: Site, page: Page) -> None:
    lay_key(site, site.login(page, "medewerker").id)
    kenmerk = site.refers(PATIENT)
    page.goto(f"{site.url}/postvak/{kenmerk}")
    unlock(page)
    # Opening moves the case on, and the form with it.
    page.get_by_role("button", name="Aanmelding lezen").click()
    opened(page)
    expect(page.locator("#lijst")).to_contain_text("geopend door")
    page.evaluate(
        """() => { const send = XMLHttpRequest.prototype.send;
        XMLHttpRequest.prototype.send = function (body) {
          if (body) { XMLHttpRequest.prototype.send = send; this.onload = () => this.onerror(); }
          return send.call(this, body); }; }"""
    )
    button = page.get_by_role("button", name="Niet bereikt: middag")
    button.click()
    expect(page.get_by_text("we weten niet of het gelukt is")).to_be_visible()
    button.click()
    expect(page.get_by_text("Er is intussen al iets gemeld.")).to_be_visible()
    assert events(site, kenmerk).count("case.attempted") == 1
    button.click()
    expect(page.get_by_text("Gemeld: Gebeld, maar niet bereikt.")).to_be_visible()
    assert events(site, kenmerk).count("case.attempted") == 2


def test_a_key_that_is_locked_meanwhile_opens_nothing(site: Site, page: Page) -> None:
    lay_key(site, site.login(page, "medewerker").id)
    kenmerk = site.refers(PATIENT)
    page.goto(f"{site.url}/postvak/{kenmerk}")
    unlock(page)
    held = hold(page, f"**/postvak/{kenmerk}/openen")
    with page.expect_request(f"**/postvak/{kenmerk}/openen"):
        page.get_by_role("button", name="Aanmelding lezen").click()
    page.get_by_role("button", name="Nu op slot doen").click()
    held[0].continue_()
    expect(page.locator("#aanmelding [data-melding]")).to_contain_text(
        "ging intussen op slot", timeout=SLOW_MS
    )
    assert PATIENT.name not in page.content()


def events(site: Site, kenmerk: str) -> list[str]:
    """What happened to a case."""
    return [event["kind"] for event in site.json("cases", "show", kenmerk)["events"]]
