"""The key of a mailbox in a real browser: made, bound, handed on, lost and found, changed for another."""

from playwright.sync_api import Page, expect
from sqlmodel import select

from gateway.sealing.spoken import spoken
from gateway.store import pairs
from gateway.store.pagetables import WrapRow
from tests.browser.conftest import NARROW, Axe, NewContext
from tests.browser.drawer import (
    HAVEN,
    PASSPHRASE,
    SLOW_MS,
    done,
    fill,
    kept,
    lay_key,
    unlock,
    unwrapped,
    work,
)
from tests.browser.site import Site
from tests.browser.watch import Watch

OTHER = "Zeven stille Ooievaars, en één kikker"
NEXT = "negen groene fietsen zwijgen"


def test_from_the_first_key_to_the_next(
    site: Site, page: Page, context: NewContext, axe: Axe, watch: Watch
) -> None:
    sam = site.login(page, "medewerker")
    own = (sam.id, "passphrase")
    page.goto(f"{site.url}/sleutel")
    axe(page)
    maken = work(page, "maken")
    fill(maken, wachtzin="aaaaaaaaaaaaaaaa")
    maken.get_by_role("button", name="Maak de sleutel").click()
    expect(page.get_by_text("te makkelijk te raden")).to_be_visible()
    fill(maken, wachtzin=PASSPHRASE)
    maken.locator("[data-veld=nogmaals]").fill(OTHER)
    maken.get_by_role("button", name="Maak de sleutel").click()
    expect(page.get_by_text("De twee wachtzinnen zijn niet gelijk")).to_be_visible()
    fill(maken, wachtzin=PASSPHRASE)
    maken.get_by_role("button", name="Maak de sleutel").click()
    expect(page.locator("#geheim h2")).to_be_focused(timeout=SLOW_MS)
    axe(page)
    digits = page.locator("#geheim [data-cijfers]").inner_text()
    recovery, fingerprint = kept(page)
    assert digits == spoken(HAVEN, fingerprint.replace(" ", "")), "both sides make the same digits"

    expect(page.get_by_text("nog niet vastgelegd")).to_be_visible()
    page.get_by_text("Laat de cijfers nog een keer zien").click()
    fill(work(page, "voorlezen"), huidige=PASSPHRASE)
    work(page, "voorlezen").get_by_role("button", name="Toon de cijfers").click()
    expect(page.locator("#geheim [data-cijfers]")).to_have_text(digits, timeout=SLOW_MS)
    axe(page)
    page.get_by_role("button", name="Ik heb het bewaard").click()

    # A beheerder types what is read out, on a telephone and with the keyboard alone.
    noor = context(**NARROW).new_page()
    site.login(noor)
    noor.goto(f"{site.url}/gids")
    noor.get_by_role("link", name="Sleutels vastleggen").press("Enter")
    expect(noor.get_by_text("Sam van Haven")).to_be_visible()
    watch.allow(422)
    noor.get_by_label("De acht groepjes van vijf cijfers").press_sequentially("12345")
    noor.keyboard.press("Tab")
    noor.keyboard.press("Space")
    noor.keyboard.press("Enter")
    expect(noor.get_by_text("Typ alle veertig cijfers")).to_be_visible()
    axe(noor)
    noor.get_by_label("De acht groepjes van vijf cijfers").fill(digits.replace(" ", "-"))
    noor.keyboard.press("Enter")
    expect(noor.get_by_text("is vastgelegd")).to_be_visible()
    axe(noor)
    page.reload()
    expect(page.get_by_text("in gebruik", exact=True)).to_be_visible()

    # A colleague comes in with a code and a passphrase that is made for them, on a telephone.
    site.user("medewerker", name="Bo de Wit")
    page.reload()
    axe(page)
    fill(work(page, "geven"), huidige=PASSPHRASE)
    work(page, "geven").get_by_role("button", name="Geef collega toegang").click()
    (code,) = kept(page)
    bo = context(**NARROW).new_page()
    site.login(bo, "medewerker", name="Bo de Wit")
    bo.goto(f"{site.url}/postvak")
    bo.get_by_label("Uw wachtzin").fill(PASSPHRASE)
    bo.get_by_role("button", name="Ontgrendelen").click()
    expect(bo.get_by_text("U hebt nog geen toegang tot de sleutel.")).to_be_visible()
    bo.goto(f"{site.url}/sleutel")
    axe(bo)
    fill(work(bo, "meedoen"), code=code[:-1] + ("0" if code[-1] != "0" else "1"))
    work(bo, "meedoen").get_by_role("button", name="Maak een wachtzin voor mij").click()
    work(bo, "meedoen").get_by_role("button", name="Toegang instellen").click()
    expect(bo.get_by_text("In deze code zit een typefout")).to_be_visible()
    fill(work(bo, "meedoen"), code=code.lower().replace("-", " "))
    made = work(bo, "meedoen").locator("output").inner_text()
    work(bo, "meedoen").get_by_role("button", name="Toegang instellen").click()
    done(bo)
    assert len(made.split("-")) == 6
    expect(work(bo, "meedoen")).to_have_count(0)
    bo.goto(f"{site.url}/postvak")
    unlock(bo, made)

    # The next key: the other keeps reading, and comes along with a code.
    page.reload()
    page.get_by_text("Maak een nieuwe sleutel (wisselen)").click()
    fill(work(page, "wisselen"), huidige=PASSPHRASE, wachtzin=PASSPHRASE)
    work(page, "wisselen").get_by_role("button", name="Maak een nieuwe sleutel").click()
    expect(page.get_by_text("De nieuwe wachtzin is die van nu.")).to_be_visible()
    fill(work(page, "wisselen"), huidige=PASSPHRASE, wachtzin=NEXT)
    work(page, "wisselen").get_by_role("button", name="Maak een nieuwe sleutel").click()
    second_recovery, second, for_bo = kept(page)
    assert len({recovery, second_recovery, for_bo, code}) == 4
    site.inbeeld("keys", "adopt", HAVEN, second, "--yes")
    bo.goto(f"{site.url}/sleutel")
    fill(work(bo, "meedoen"), code=for_bo, wachtzin=OTHER)
    work(bo, "meedoen").get_by_role("button", name="Toegang instellen").click()
    done(bo)
    bo.goto(f"{site.url}/postvak")
    unlock(bo, OTHER)
    # The passphrase of before may be known to others: it opens neither pair any more.
    with site.gateway.store.read() as session:
        rows = [wrap for wrap in session.exec(select(WrapRow)) if (wrap.user_id, wrap.kind) == own]
        assert len(pairs.in_use(session, HAVEN)) == len(rows) == 2
        for row in rows:
            unwrapped(row, NEXT, sam.id)
    # Nothing is sealed for the first one any more, so the hourly round retires it.
    site.tick()
    with site.gateway.store.read() as session:
        (pair,) = pairs.in_use(session, HAVEN)
        assert pair.id == second.replace(" ", "")
        assert len(pairs.wraps(session, [pair.id], site.gateway.base.wall())) == 3


def test_a_passphrase_is_changed_and_lost(site: Site, page: Page) -> None:
    user = site.login(page, "medewerker")
    lay_key(site, user.id)
    page.goto(f"{site.url}/sleutel")
    page.get_by_text("Maak een nieuwe herstelsleutel").click()
    fill(work(page, "herstelsleutel"), huidige=PASSPHRASE)
    work(page, "herstelsleutel").get_by_role("button").last.click()
    (recovery,) = kept(page)
    page.get_by_text("Kies een andere wachtzin").click()
    fill(work(page, "veranderen"), huidige="dit was het zeker niet", wachtzin=OTHER)
    work(page, "veranderen").get_by_role("button", name="Verander mijn wachtzin").click()
    expect(page.get_by_text("Dat klopt niet.")).to_be_visible(timeout=SLOW_MS)
    fill(work(page, "veranderen"), huidige=PASSPHRASE, wachtzin=OTHER)
    work(page, "veranderen").get_by_role("button", name="Verander mijn wachtzin").click()
    done(page)
    page.goto(f"{site.url}/postvak")
    page.get_by_label("Uw wachtzin").fill(PASSPHRASE)
    page.get_by_role("button", name="Ontgrendelen").click()
    expect(page.get_by_text("Dat klopt niet.")).to_be_visible(timeout=SLOW_MS)
    unlock(page, OTHER)
    page.goto(f"{site.url}/sleutel")
    page.get_by_text("Gebruik de herstelsleutel").click()
    fill(work(page, "herstellen"), code=recovery, wachtzin=PASSPHRASE)
    work(page, "herstellen").get_by_role("button", name="Toegang herstellen").click()
    done(page)
    page.goto(f"{site.url}/postvak")
    unlock(page)


def test_beheerders_have_a_key_of_their_own(site: Site, page: Page) -> None:
    site.login(page)
    page.goto(f"{site.url}/sleutel")
    fill(work(page, "maken"), wachtzin=PASSPHRASE)
    work(page, "maken").get_by_role("button", name="Maak de sleutel").click()
    _, fingerprint = kept(page)
    told = site.inbeeld("keys", "adopt", "beheerders", fingerprint, "--yes")
    assert "wrote board/beheerders-" in told
    page.reload()
    expect(page.get_by_text("in gebruik", exact=True)).to_be_visible()
    assert fingerprint.replace(" ", "") in site.inbeeld("keys", "list")


def test_without_its_script_no_form_sends_anything(site: Site, context: NewContext, watch: Watch) -> None:
    """A button pressed before the script was there sent the form to the server, which answers 405."""
    plain = context(java_script_enabled=False).new_page()
    user = site.login(plain, "medewerker")
    plain.goto(f"{site.url}/sleutel")
    expect(plain.get_by_role("heading", name="Maak de sleutel")).to_be_visible()
    expect(work(plain, "maken")).to_be_hidden()
    lay_key(site, user.id)
    plain.reload()
    expect(plain.get_by_role("heading", name="Sleutels die er zijn")).to_be_visible()
    for summary in plain.locator("summary").all():
        summary.click()
    expect(plain.locator("details[open]").first).to_be_visible()
    expect(plain.locator("form[data-werk]").nth(3)).to_be_attached()
    expect(plain.locator("form[data-werk]:visible")).to_have_count(0)
    watch.fine()
