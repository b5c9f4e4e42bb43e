"""The mailbox in a real browser: read, report, by keyboard, on a telephone, and with what is damaged."""

from playwright.sync_api import Page, expect
from sqlmodel import select

from gateway.sealing import jwe
from gateway.sealing.jwe import JweSealer, JwsSigner
from gateway.sealing.payload import Aanmelding
from gateway.store.pagetables import LabelRow
from gateway.store.tables import MailboxRow
from tests.browser.conftest import Axe, NewContext
from tests.browser.drawer import HAVEN, OPENED, PATIENT, SLOW_MS, lay_key, opened, unlock
from tests.browser.keyboard import tab_to
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.sealed import signer


def test_a_referral_is_read_and_reported(site: Site, page: Page, axe: Axe) -> None:
    user = site.login(page, "medewerker")
    lay_key(site, user.id)
    kenmerk = site.refers(PATIENT)
    page.goto(f"{site.url}/postvak")
    expect(page.get_by_text("nog niet geopend")).to_be_visible()
    axe(page)
    page.get_by_role("link", name=kenmerk).click()
    page.get_by_role("button", name="Aanmelding lezen").click()
    expect(page.get_by_text("Vul eerst uw wachtzin in")).to_be_visible()
    unlock(page)
    opened(page)
    axe(page)
    expect(page.locator("#tekst")).to_contain_text(PATIENT.name)
    expect(page).to_have_url(f"{site.url}/postvak/{kenmerk}")
    page.get_by_role("button", name="Niet bereikt: middag").click()
    expect(page.get_by_text("Gemeld: Gebeld, maar niet bereikt.")).to_be_visible()
    expect(page.locator("#tekst")).to_contain_text(PATIENT.name)
    page.get_by_role("button", name="Gesproken").click()
    expect(page.locator("#zeker-kop")).to_be_focused()
    axe(page)
    page.get_by_role("link", name="Nee, terug").click()
    expect(page.locator("#tekst")).to_contain_text(PATIENT.name)
    page.get_by_role("button", name="Gesproken").click()
    page.get_by_role("button", name="Ja, melden").click()
    expect(page.get_by_text("Gemeld: Gesproken")).to_be_visible()
    expect(page.get_by_text(PATIENT.name)).to_have_count(0)
    expect(page.locator("#lijst")).to_contain_text("Loopt (1)")
    # The name has gone; what the team calls the case stays, sealed for its key.
    line = page.locator(f"[data-label][data-van='{kenmerk}']")
    page.get_by_label("Eigen label, alleen voor uw team").fill("R.Q. <b>Poort</b>")
    page.get_by_role("button", name="Bewaar label").click()
    expect(page.get_by_text("Het label is bewaard.")).to_be_visible()
    expect(line).to_have_text("R.Q. <b>Poort</b>")
    axe(page)
    with site.gateway.store.read() as session:
        (kept,) = session.exec(select(LabelRow))
    assert "Poort" not in kept.sealed
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Kopieer kenmerk").click()
    expect(page.get_by_text("Het kenmerk is gekopieerd.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == kenmerk
    page.reload()
    expect(line).to_have_text("")
    unlock(page)
    expect(line).to_have_text("R.Q. <b>Poort</b>")
    page.get_by_role("button", name="De begeleiding is gestart").click()
    expect(page.get_by_text("Gemeld: De begeleiding is gestart.")).to_be_visible()
    page.go_back()
    expect(page.locator("#aanmelding")).to_be_hidden()


def test_by_keyboard_alone_on_a_narrow_screen(site: Site, phone: Page, axe: Axe) -> None:
    user = site.login(phone, "medewerker")
    lay_key(site, user.id)
    kenmerk = site.refers(PATIENT)
    phone.goto(f"{site.url}/postvak")
    tab_to(phone, phone.get_by_label("Uw wachtzin"))
    phone.keyboard.type("vier paarse olifanten fluiten")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Uw sleutel is open.")).to_be_visible(timeout=SLOW_MS)
    tab_to(phone, phone.get_by_role("link", name=kenmerk))
    phone.keyboard.press("Enter")
    opened(phone)
    expect(phone.locator("#aanmelding-kop")).to_be_focused()
    axe(phone)
    tab_to(phone, phone.get_by_role("button", name="Niet bereikt: avond"))
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Gemeld: Gebeld, maar niet bereikt.")).to_be_visible()
    expect(phone.locator("#aanmelding-kop")).to_be_focused()
    phone.keyboard.press("Shift+Tab")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("link", name=kenmerk)).to_be_focused()


def test_what_is_damaged_or_foreign_is_told_and_breaks_nothing(site: Site, page: Page, watch: Watch) -> None:
    user = site.login(page, "medewerker")
    lay_key(site, user.id)
    kenmerk = site.refers(PATIENT)
    # The browser writes every refused answer on its console.
    watch.allow(409)
    page.goto(f"{site.url}/postvak")
    unlock(page)
    hostile = "<img src=x onerror=alert(1)> & <b>Jo</b>"
    for sealed, told in (
        (foreign(site), "is voor een andere sleutel"),
        (b"geen.jwe", "is beschadigd en kan niet worden geopend"),
        (b"x" * 120_000, "is te groot om te openen"),
        (
            sealed_for(site, referral(kenmerk, "Een Ander"), JwsSigner.generate()),
            "niet door InBeeld ondertekend",
        ),
        (sealed_for(site, b"[]"), "is beschadigd en kan niet worden geopend"),
        (sealed_for(site, referral("IB-0000-0000", "Een Ander")), "is beschadigd en kan niet worden geopend"),
        (sealed_for(site, referral(kenmerk, hostile)), OPENED),
    ):
        put(site, sealed)
        page.goto(f"{site.url}/postvak/{kenmerk}")
        unlock(page)
        page.get_by_role("button", name="Aanmelding lezen").click()
        expect(page.locator("#aanmelding")).to_contain_text(told, timeout=SLOW_MS)
    expect(page.locator("[data-veld=naam]")).to_have_text(hostile)
    expect(page.locator("#tekst img, #tekst b")).to_have_count(0)
    put(site, None)
    page.get_by_role("link", name="Terug naar de lijst").click()
    page.get_by_role("link", name=kenmerk).click()
    expect(page.get_by_text("De tekst van deze aanmelding is hier niet (meer).")).to_be_visible()
    expect(page.get_by_role("button", name="Aanmelding lezen")).to_be_hidden()
    expect(page.get_by_role("button", name="Gesproken")).to_be_visible()


def test_two_colleagues_share_a_queue_one_of_them_without_scripts(
    site: Site, page: Page, context: NewContext, axe: Axe
) -> None:
    sam, bo = site.user("medewerker"), site.user("medewerker", name="Bo van Haven")
    kenmerk = site.refers(PATIENT)
    site.login(page, "medewerker")
    page.goto(f"{site.url}/postvak/{kenmerk}")
    page.get_by_role("button", name="Ik pak dit op").click()
    expect(page.get_by_text("U hebt deze aanmelding opgepakt.")).to_be_visible()
    expect(page.locator("#lijst")).to_contain_text("bij u sinds")
    page.get_by_text("Doorgeven aan een collega").click()
    axe(page)
    plain = context(java_script_enabled=False).new_page()
    site.login(plain, "medewerker", name=bo.name)
    plain.goto(f"{site.url}/postvak?wie=niemand")
    expect(plain.get_by_role("link", name=kenmerk)).to_have_count(0)
    plain.get_by_role("link", name="Alles").click()
    expect(plain.locator("#lijst")).to_contain_text(f"bij {sam.name} sinds")
    plain.get_by_role("link", name=kenmerk).click()
    expect(plain.get_by_role("button", name="Ik neem het over")).to_be_visible()
    # What only a script can do is not there, and no form could send a label as it was typed.
    for never in ("Bewaar label", "Kopieer kenmerk", "Druk af"):
        expect(plain.get_by_role("button", name=never)).to_have_count(0)
    expect(plain.locator("[data-labelen] input[name]")).to_have_count(0)
    plain.get_by_role("button", name="Ik neem het over").click()
    expect(plain.get_by_text("U hebt dit sinds")).to_be_visible()
    # Sam's page still says that Sam has it.
    page.get_by_role("button", name="Doorgeven", exact=True).click()
    expect(page.get_by_text("Kies eerst een collega.")).to_be_visible()
    expect(page.get_by_text(f"{bo.name} heeft dit sinds")).to_be_visible()
    page.get_by_role("link", name="Bij mij").click()
    expect(page.get_by_role("link", name=kenmerk)).to_have_count(0)
    plain.get_by_role("button", name="Gesproken").click()
    plain.get_by_role("button", name="Ja, melden").click()
    expect(plain.get_by_text("Gemeld: Gesproken")).to_be_visible()


def put(site: Site, sealed: bytes | None) -> None:
    """Let this be what lies in the mailbox."""
    with site.gateway.store.write() as session:
        row = session.exec(select(MailboxRow)).one()
        row.sealed = sealed
        session.add(row)


def referral(kenmerk: str, name: str) -> bytes:
    """A referral as it is sealed."""
    return Aanmelding(
        kenmerk=kenmerk,
        naam=name,
        telefoon=PATIENT.e164,
        wijk=PATIENT.wijk,
        praktijk="Filmwijk",
        ontvangen="2026-11-23T09:00:00Z",  # type: ignore[arg-type]
        uiterlijk="2026-11-26T09:00:00Z",  # type: ignore[arg-type]
    ).to_json()


def sealed_for(site: Site, content: bytes, by: JwsSigner | None = None) -> bytes:
    """Sealed for the mailbox's own key, by our gateway or somebody else."""
    key = site.place.directory / "keys" / "organisations" / f"{HAVEN}.jwk"
    fingerprint = jwe.read_jwk(key.read_bytes()).facts.fingerprint
    return JweSealer(key, fingerprint, by or signer(site.place.directory)).seal(content, site.now).ciphertext


def foreign(site: Site) -> bytes:
    """Sealed for somebody else."""
    public, _, fingerprint = jwe.generate()
    path = site.place.directory / "elsewhere.jwk"
    path.write_bytes(public)
    sealer = JweSealer(path, fingerprint, signer(site.place.directory))
    return sealer.seal(referral("IB-0000-0000", "Een Ander"), site.now).ciphertext
