"""The key locks: after a while, while the device sleeps, by the button, and wherever somebody logs out."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from gateway.demo.config import keep_pair
from gateway.web.auth import BEHEERDERS
from tests.browser.drawer import FEWEST, PASSPHRASE, PATIENT, lay_key, opened, unlock
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.invented import make_mail
from tests.story.boardkey import bind


def test_the_key_locks_itself_and_by_the_button(site: Site, page: Page) -> None:
    user = site.login(page, "medewerker")
    lay_key(site, user.id)
    site.refers(PATIENT)
    page.clock.install()
    page.goto(f"{site.url}/postvak")
    unlock(page)
    page.locator("[data-aanmelding]").click()
    opened(page)
    page.clock.fast_forward((9 * 60 + 50) * 1000)
    expect(page.locator("#tekst")).to_contain_text(PATIENT.name)
    page.clock.fast_forward(11_000)
    expect(page.get_by_text("Uw sleutel is op slot.")).to_be_visible()
    expect(page.get_by_text(PATIENT.name)).to_have_count(0)
    unlock(page)
    page.get_by_role("button", name="Aanmelding lezen").click()
    opened(page)
    page.get_by_role("button", name="Nu op slot doen").click()
    expect(page.get_by_text(PATIENT.name)).to_have_count(0)


@pytest.mark.parametrize("waking", ["pointermove", "visibilitychange"])
def test_a_device_that_slept_wakes_with_a_locked_key(site: Site, page: Page, waking: str) -> None:
    lay_key(site, site.login(page, "medewerker").id)
    kenmerk = site.refers(PATIENT)
    page.clock.install()
    reads(site, page, kenmerk)
    # The clock goes on, and no timer does.
    slept = page.evaluate("Date.now()") / 1000 + timedelta(hours=8).total_seconds()
    page.clock.set_system_time(datetime.fromtimestamp(slept).astimezone())
    expect(page.locator("#tekst")).to_contain_text(PATIENT.name)
    page.evaluate("waking => document.dispatchEvent(new Event(waking, { bubbles: true }))", waking)
    expect(page.get_by_text("Uw sleutel is op slot.")).to_be_visible()
    expect(page.get_by_text(PATIENT.name)).to_have_count(0)


def test_who_logs_out_in_one_tab_leaves_no_open_key_in_another(site: Site, page: Page) -> None:
    lay_key(site, site.login(page, "medewerker").id)
    reads(site, page, site.refers(PATIENT))
    other = page.context.new_page()
    other.goto(f"{site.url}/account")
    expect(page.locator("#tekst")).to_contain_text(PATIENT.name)
    other.get_by_role("button", name="Uitloggen").click()
    expect(page.get_by_text("Uw sleutel is op slot.")).to_be_visible()
    expect(page.get_by_text(PATIENT.name)).to_have_count(0)


def test_who_was_logged_out_by_others_has_no_open_key(site: Site, page: Page, watch: Watch) -> None:
    user = site.login(page, "medewerker")
    lay_key(site, user.id)
    kenmerk = site.refers(PATIENT)
    reads(site, page, kenmerk)
    site.inbeeld("users", "logout", user.login)
    watch.allow(401)
    page.get_by_role("link", name="Terug naar de lijst").click()
    expect(page.get_by_text("Uw sleutel is op slot.")).to_be_visible()
    expect(page.get_by_text(PATIENT.name)).to_have_count(0)


def test_a_mail_that_was_set_aside_stays_closed_too(site: Site, page: Page) -> None:
    private, user = bind(site.place.directory), site.login(page)
    with site.gateway.store.write() as session:
        phrases = {user.id: PASSPHRASE}
        keep_pair(session, BEHEERDERS, private, phrases, now=site.now, by=user.id, iterations=FEWEST)
    site.post(make_mail(sender="invaller@elders.example"))
    (row,) = site.json("quarantine", "list")
    page.goto(f"{site.url}/quarantaine/{row['kenmerk']}")
    unlock(page)
    held: list[Route] = []
    page.route("**/openen", lambda route: held.append(route))
    page.get_by_label("De praktijk belde hierover").check()
    with page.expect_request("**/openen"):
        page.get_by_role("button", name="Bekijk de mail").click()
    page.get_by_role("button", name="Nu op slot doen").click()
    held[0].continue_()
    expect(page.locator("#bekijken [data-melding]")).to_contain_text("ging intussen op slot")
    expect(page.locator("#mail")).to_be_hidden()


def reads(site: Site, page: Page, kenmerk: str) -> None:
    """Open a referral."""
    page.goto(f"{site.url}/postvak/{kenmerk}")
    unlock(page)
    page.get_by_role("button", name="Aanmelding lezen").click()
    opened(page)
    expect(page.locator("#lijst")).to_contain_text("geopend door")
