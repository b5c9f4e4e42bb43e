"""A key was changed, and not everybody came along yet."""

import dataclasses

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewContext
from tests.browser.drawer import HAVEN, PASSPHRASE, PATIENT, fill, kept, lay_key, opened, unlock, work
from tests.browser.site import Site

NEXT = "negen groene fietsen zwijgen"


def test_who_lacks_the_new_key_collects_nothing(site: Site, page: Page, context: NewContext) -> None:
    sam, bo = site.login(page, "medewerker"), context().new_page()
    lay_key(site, sam.id, site.login(bo, "medewerker", name="Bo de Wit").id)
    # Something is sealed for the first key, so that it stays.
    earlier = site.refers(dataclasses.replace(PATIENT, name="Cornelia Zevenster", number="631144114"))
    page.goto(f"{site.url}/sleutel")
    page.get_by_text("Maak een nieuwe sleutel (wisselen)").click()
    fill(work(page, "wisselen"), huidige=PASSPHRASE, wachtzin=NEXT)
    work(page, "wisselen").get_by_role("button", name="Maak een nieuwe sleutel").click()
    _, fingerprint, _ = kept(page)
    site.inbeeld("keys", "adopt", HAVEN, fingerprint, "--yes")
    kenmerk = site.refers(PATIENT)
    bo.goto(f"{site.url}/postvak")
    unlock(bo)
    bo.get_by_role("link", name=kenmerk).click()
    place = bo.locator("#aanmelding [data-melding]")
    expect(place).to_contain_text("voor een sleutel die u hier nog niet opent")
    expect(bo.get_by_role("button", name="Aanmelding lezen")).to_be_visible()
    bo.get_by_role("link", name=earlier).click()
    opened(bo)
    # The other waits for whoever can read it.
    page.goto(f"{site.url}/postvak")
    expect(page.locator("li", has_text=kenmerk)).to_contain_text("nog niet geopend")
    unlock(page, NEXT)
    page.get_by_role("link", name=kenmerk).click()
    opened(page)
    expect(page.locator("#tekst")).to_contain_text(PATIENT.name)
    expect(page.locator("li", has_text=kenmerk)).to_contain_text("geopend door Sam van Haven")
