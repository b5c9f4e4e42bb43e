"""A name that is code is a name, wherever a page shows it."""

import pytest
from playwright.sync_api import Page, expect

from gateway.web.auth import Role
from tests.browser.conftest import Axe
from tests.browser.drawer import HAVEN
from tests.browser.site import Site
from tests.invented import Patient
from tests.story.place import Place


@pytest.fixture
def hostile(place: Place) -> str:
    """A name that is code, where a page shows names; it stands in the configuration before the site does."""
    name = "<img src=x onerror=alert(1)>{{ 7*7 }}<script>alert(2)</script>&lt;b&gt;"
    place.replace("practices.toml", 'name = "Gezondheidscentrum Filmwijk"', f'name = "{name}"')
    place.replace("organisations.toml", 'name = "Wijkteam Haven"', f'name = "{name}"')
    return name


def test_names_that_are_code_are_shown_as_they_are(hostile: str, site: Site, page: Page, axe: Axe) -> None:
    kenmerk = site.refers(Patient(wijk="De Werven"))
    site.tick(days=4)
    site.user(Role.MEDEWERKER, HAVEN, hostile)
    site.login(page, "beheerder", name=hostile)
    for path in ("/bord", f"/zaken/{kenmerk}", "/gebruikers", "/account"):
        page.goto(f"{site.url}{path}")
        expect(page.locator("body")).to_contain_text(hostile)
        expect(page.locator("img[onerror]")).to_have_count(0)
        axe(page)
