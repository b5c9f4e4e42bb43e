"""Every kind of page for who asked for dark pages: as legible as by day, and light again on paper."""

import re

from playwright.sync_api import Page

from tests.browser.conftest import NARROW, NewContext
from tests.browser.drawer import lay_key
from tests.browser.site import Site
from tests.browser.watch import Watch, legible
from tests.store.trail import make_trails

BACK = "getComputedStyle(document.body).backgroundColor"


def light(page: Page) -> float:
    """How light the ground of the page is, from 0 to 255."""
    return max(float(part) for part in re.findall(r"[\d.]+", page.evaluate(BACK))[:3])


def test_the_pages_are_legible_in_the_dark(site: Site, context: NewContext, watch: Watch) -> None:
    watch.allow(404, 422)
    kenmerk = site.refers()
    report = site.report_link(kenmerk)
    make_trails(site.gateway.store, 20, site.now, ("filmwijk", "stedenwijk"))
    desk = context(color_scheme="dark").new_page()
    site.login(desk)
    pages = (
        "/bord",
        "/bord?wijk=Nergens",
        f"/zaken/{kenmerk}",
        "/cijfers?periode=alles",
        "/gezondheid",
        "/quarantaine",
        "/gids",
        "/gebruikers",
        "/account",
    )
    for path in pages:
        desk.goto(f"{site.url}{path}")
        desk.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        assert light(desk) < 64, path
        legible(desk)
    inbox = context(color_scheme="dark", **NARROW).new_page()
    user = site.login(inbox, "medewerker")
    lay_key(site, user.id)
    for path in ("/postvak", "/sleutel", "/verwijzen", "/verwijskaart/ar/Almere", "/verwijskaart/nl/x"):
        inbox.goto(f"{site.url}{path}")
        legible(inbox)
    inbox.goto(report)
    inbox.get_by_label("Gebeld, maar niet bereikt").check()
    legible(inbox)
    inbox.emulate_media(media="print", color_scheme="dark")
    assert light(inbox) == 255, "ink is for letters, not for the ground"
