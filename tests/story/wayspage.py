"""What the story of all ways does in a browser: a team makes its key and reads, a practice reads."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from tests.browser.conftest import DUTCH, PATIENCE_MS, arguments, chromium
from tests.browser.drawer import PASSPHRASE, SLOW_MS, fill, kept, opened, unlock, work
from tests.browser.test_login import authenticator


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in, with what they keep; each call starts a browser of its own."""

    certificate: Path
    state: StorageState
    digits: str = ""
    fingerprint: str = ""


def _browser(playwright: Any, certificate: Path) -> Browser:
    expect.set_options(timeout=PATIENCE_MS)
    made: Browser = playwright.chromium.launch(executable_path=chromium(), args=arguments(certificate))
    return made


def _page(browser: Browser, state: StorageState | None = None) -> Page:
    context = browser.new_context(storage_state=state, **DUTCH)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def set_up_team(certificate: Path, url: str, link: str) -> Visitor:
    """A colleague comes in with a passkey and makes the team's key; gives what is read out."""
    with sync_playwright() as playwright, _browser(playwright, certificate) as browser:
        page = _page(browser)
        authenticator(page)
        page.goto(link)
        page.get_by_role("button", name="Passkey maken").click()
        page.wait_for_url(lambda now: now != link)
        page.goto(f"{url}/sleutel")
        form = work(page, "maken")
        fill(form, wachtzin=PASSPHRASE)
        form.get_by_role("button", name="Maak de sleutel").click()
        expect(page.locator("#geheim h2")).to_be_focused(timeout=SLOW_MS)
        digits = page.locator("#geheim [data-cijfers]").inner_text()
        _, fingerprint = kept(page)
        return Visitor(certificate, page.context.storage_state(), digits, fingerprint.replace(" ", ""))


def set_up_reader(certificate: Path, link: str) -> Visitor:
    """A colleague of the practice comes in with a passkey."""
    with sync_playwright() as playwright, _browser(playwright, certificate) as browser:
        page = _page(browser)
        authenticator(page)
        page.goto(link)
        page.get_by_role("button", name="Passkey maken").click()
        page.wait_for_url("**/berichten")
        return Visitor(certificate, page.context.storage_state())


def read_referral(team: Visitor, url: str, name: str) -> str:
    """Open the newest referral in the mailbox and report contact; gives what the page said."""
    with sync_playwright() as playwright, _browser(playwright, team.certificate) as browser:
        page = _page(browser, team.state)
        page.goto(f"{url}/postvak")
        page.get_by_role("link", name="IB-").first.click()
        unlock(page)
        page.get_by_role("button", name="Aanmelding lezen").click()
        opened(page)
        expect(page.locator("#tekst")).to_contain_text(name)
        page.get_by_role("button", name="Gesproken").click()
        page.get_by_role("button", name="Ja, melden").click()
        told = page.get_by_text("Gemeld: Gesproken")
        expect(told).to_be_visible()
        return told.inner_text()


def read_answer(reader: Visitor, link: str) -> str:
    """What stands on the page of an answer."""
    with sync_playwright() as playwright, _browser(playwright, reader.certificate) as browser:
        page = _page(browser, reader.state)
        page.goto(link)
        expect(page).to_have_url(link)
        return page.locator("main").inner_text()
