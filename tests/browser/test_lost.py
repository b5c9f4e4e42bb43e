"""The answer to a change of the key is lost: what was made is shown all the same, and no untruth is told."""

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from gateway.store import pairs
from gateway.store.pagetables import WrapRow
from gateway.store.pairs import PairKind
from tests.browser.drawer import HAVEN, PASSPHRASE, SLOW_MS, done, fill, kept, lay_key, unwrapped, work
from tests.browser.site import Site

OTHER = "zeven stille ooievaars dansen"
LOSE = """([path, status]) => { const real = window.fetch;
  window.fetch = async (address, options) => {
    const answer = await real(address, options);
    if (address !== path || options.method !== "POST") return answer;
    if (status) return new Response("<html>", { status });
    throw new TypeError("Failed to fetch"); }; }"""


def lose(page: Page, path: str, status: int = 0) -> None:
    """The gateway does what is posted to a path, and its answer comes as another or not at all."""
    page.evaluate(LOSE, [path, status])


def told(page: Page) -> str:
    """What the page says once it is not busy any more."""
    place = page.locator("#sleutel > [data-melding]")
    expect(place).not_to_have_text("Een ogenblik, uw browser is bezig…", timeout=SLOW_MS)
    return place.inner_text()


def shown(page: Page) -> list[str]:
    """What is shown once, with the warning that it may not count."""
    expect(page.locator("#geheim")).to_be_visible(timeout=SLOW_MS)
    assert "we weten niet of alles gelukt is" in told(page)
    return page.locator("#geheim .big-code").all_inner_texts()


def wrap(site: Site, kind: PairKind, pair: str) -> WrapRow:
    """The one wrap of a kind of a pair."""
    with site.gateway.store.read() as session:
        found = session.exec(select(WrapRow).where(WrapRow.kind == kind, WrapRow.pair_id == pair))
        return found.one()


@pytest.mark.parametrize("status", [0, 502])
def test_a_first_key_is_shown(site: Site, page: Page, status: int) -> None:
    site.login(page, "medewerker")
    page.goto(f"{site.url}/sleutel")
    lose(page, "/sleutel/paren", status)
    fill(work(page, "maken"), wachtzin=PASSPHRASE)
    work(page, "maken").get_by_role("button", name="Maak de sleutel").click()
    recovery, fingerprint = shown(page)
    kept_there = wrap(site, PairKind.RECOVERY, fingerprint.replace(" ", ""))
    unwrapped(kept_there, recovery.replace("-", "")[:26], HAVEN)


def test_a_new_recovery_key_is_shown_and_works(site: Site, page: Page) -> None:
    lay_key(site, site.login(page, "medewerker").id)
    page.goto(f"{site.url}/sleutel")
    lose(page, "/sleutel/wikkels")
    page.get_by_text("Maak een nieuwe herstelsleutel").click()
    fill(work(page, "herstelsleutel"), huidige=PASSPHRASE)
    work(page, "herstelsleutel").get_by_role("button").last.click()
    (recovery,) = shown(page)
    page.goto(f"{site.url}/sleutel")
    page.get_by_text("Gebruik de herstelsleutel").click()
    fill(work(page, "herstellen"), code=recovery, wachtzin=OTHER)
    work(page, "herstellen").get_by_role("button", name="Toegang herstellen").click()
    done(page)


def test_a_code_for_a_colleague_is_shown(site: Site, page: Page) -> None:
    lay_key(site, site.login(page, "medewerker").id)
    bo = site.user("medewerker", name="Bo de Wit")
    page.goto(f"{site.url}/sleutel")
    lose(page, "/sleutel/wikkels")
    fill(work(page, "geven"), huidige=PASSPHRASE)
    work(page, "geven").get_by_role("button", name="Geef collega toegang").click()
    (code,) = shown(page)
    with site.gateway.store.read() as session:
        (pair,) = pairs.in_use(session, HAVEN)
    unwrapped(wrap(site, PairKind.HANDING, pair.id), code.replace("-", "")[:26], bo.id)


def test_a_next_key_of_which_the_rest_is_lost_is_shown(site: Site, page: Page) -> None:
    sam, bo = site.login(page, "medewerker"), site.user("medewerker", name="Bo de Wit")
    lay_key(site, sam.id, bo.id)
    page.goto(f"{site.url}/sleutel")
    page.get_by_text("Maak een nieuwe sleutel (wisselen)").click()
    lose(page, "/sleutel/wikkels", 502)
    fill(work(page, "wisselen"), huidige=PASSPHRASE, wachtzin=OTHER)
    work(page, "wisselen").get_by_role("button", name="Maak een nieuwe sleutel").click()
    recovery, fingerprint = shown(page)
    kept_there = wrap(site, PairKind.RECOVERY, fingerprint.replace(" ", ""))
    unwrapped(kept_there, recovery.replace("-", "")[:26], HAVEN)
    # Once it is kept, the page says again what there is.
    assert kept(page) == [recovery, fingerprint]


def test_a_changed_passphrase_is_not_called_unchanged(site: Site, page: Page) -> None:
    lay_key(site, site.login(page, "medewerker").id)
    page.goto(f"{site.url}/sleutel")
    lose(page, "/sleutel/wikkels")
    page.get_by_text("Kies een andere wachtzin").click()
    fill(work(page, "veranderen"), huidige=PASSPHRASE, wachtzin=OTHER)
    work(page, "veranderen").get_by_role("button", name="Verander mijn wachtzin").click()
    assert "we weten niet of het gelukt is" in told(page)
