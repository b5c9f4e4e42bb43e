"""A colleague of a practice without secure mail: from the link in the mail, by passkey, to the answer."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Axe
from tests.browser.site import Site
from tests.browser.test_login import authenticator
from tests.story.place import Place


@pytest.fixture
def reads(place: Place) -> None:
    """The practice reads on a page. To be asked for before the site, which reads it."""
    place.replace("practices.toml", 'id = "filmwijk"', 'id = "filmwijk"\npage = true')


def test_an_answer_is_read_with_a_passkey(reads: None, site: Site, page: Page, axe: Axe) -> None:
    invite = ("users", "invite", "lena@x.example", "--name", "Lena", "--role", "verwijzer")
    link = site.json(*invite, "--practice", "filmwijk")["link"]
    kenmerk = site.refers()
    (answer,) = re.findall(r"https://\S+/berichten/\S+", " ".join(mail.text for mail in site.mails))

    authenticator(page)
    page.goto(link)
    page.get_by_role("button", name="Passkey maken").click()
    expect(page).to_have_url(f"{site.url}/berichten")
    axe(page)
    page.get_by_role("button", name="Uitloggen").click()
    page.goto(answer)
    page.get_by_role("button", name="Inloggen met passkey").click()
    expect(page).to_have_url(answer)
    expect(page.locator("main")).to_contain_text(kenmerk)
    axe(page)
    page.get_by_role("link", name="Hulp").click()
    axe(page)
