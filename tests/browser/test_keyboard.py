"""Every page that no other test uses by keyboard alone: tab leads to everything, and shows where it is."""

import pytest
from playwright.sync_api import Page

from tests.browser.drawer import lay_key
from tests.browser.keyboard import walk
from tests.browser.site import Site
from tests.store.trail import make_trails


def test_tab_leads_past_everything(site: Site, page: Page) -> None:
    make_trails(site.gateway.store, 5, site.now, ("filmwijk", "stedenwijk"))
    site.user("medewerker", name="Kim de Haas")
    site.login(page)
    for path in (
        "/cijfers?periode=alles",
        "/gezondheid",
        "/gebruikers",
        "/account",
        "/sleutel",
        "/verwijzen",
    ):
        page.goto(f"{site.url}{path}")
        walk(page)


def test_tab_leads_past_everything_about_a_key(site: Site, page: Page) -> None:
    user = site.login(page, "medewerker")
    site.user("medewerker", name="Kim de Haas")
    lay_key(site, user.id)
    page.goto(f"{site.url}/sleutel")
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    walk(page)


NO_OUTLINE = """const sheet = new CSSStyleSheet();
  sheet.insertRule("* { outline: none !important; }");
  document.adoptedStyleSheets = [sheet];
"""


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("one.tabIndex = -2", "no tab leads to"),
        ("one.tabIndex = 1", "jumps about"),
        (NO_OUTLINE, "shows no focus"),
    ],
    ids=["unreachable", "jumps", "unseen"],
)
def test_what_the_keyboard_misses_is_seen(site: Site, page: Page, fault: str, said: str) -> None:
    page.goto(f"{site.url}/verwijzen")
    page.get_by_role("button").last.evaluate(f"one => {{ {fault} }}")
    with pytest.raises(AssertionError, match=said):
        walk(page)
