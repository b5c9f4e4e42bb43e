"""Every page and state that no other test shows on a desk and on a telephone: accessible, and it fits."""

import re

import pyotp
import pytest
from playwright.sync_api import Page, expect

from gateway.accounts.oidc_provider import Begun, Provider
from tests.browser.conftest import NARROW, WIDE, Axe
from tests.browser.drawer import PASSPHRASE, PATIENT, SLOW_MS, fill, lay_key, work
from tests.browser.site import Site
from tests.browser.test_login import LOGIN, PASSWORD, following, invited
from tests.browser.test_quarantine import STRANGER, Desk
from tests.browser.watch import Watch
from tests.invented import make_mail
from tests.story.place import Place

NOBODY_HERE = "https://localhost:1"
LONG = "Kim met een heel erg lange naam van Haven-Oosterwijk tot Westerveld"


@pytest.fixture
def both(axe: Axe) -> Axe:
    """As `axe`, at both widths; the page is wide before and after."""

    def look(page: Page) -> None:
        axe(page)
        page.set_viewport_size(NARROW["viewport"])  # type: ignore[arg-type]
        axe(page)
        page.set_viewport_size(WIDE["viewport"])  # type: ignore[arg-type]

    return look


@pytest.fixture
def provided(place: Place) -> None:
    """People log in with an account of elsewhere, where nobody answers."""
    place.replace("inbeeld.toml", 'issuer = ""', f'issuer = "{NOBODY_HERE}"')
    place.replace("inbeeld.toml", 'client_id = ""', 'client_id = "inbeeld"')
    place.replace("inbeeld.toml", 'calls it.\nname = ""', 'calls it.\nname = "Gemeente Voorbeeld"')
    place.replace("inbeeld.toml", "beheerders = false", "beheerders = true")
    place.replace("inbeeld.toml", '# client_secret_file = "keys/oidc', 'client_secret_file = "keys/oidc')
    secret = place.directory / "keys" / "oidc-secret"
    secret.touch(mode=0o600)
    secret.write_text("een geheim van twintig tekens")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def wrong(page: Page) -> None:
    """Wait until a field is told to be wrong."""
    expect(page.locator("main [aria-invalid=true]").first).to_be_visible()


def choose(page: Page, password: str) -> None:
    page.get_by_label("Nieuw wachtwoord").fill(password)
    page.get_by_label("Nog een keer hetzelfde wachtwoord").fill(password)


def test_somebody_is_invited_and_gets_in(site: Site, page: Page, both: Axe, watch: Watch) -> None:
    watch.allow(404, 422)
    link = invited(site)
    page.goto(link)
    both(page)
    page.get_by_role("link", name="Wachtwoord kiezen").click()
    choose(page, "kort")
    press(page, "Verder")
    wrong(page)
    both(page)
    choose(page, PASSWORD)
    press(page, "Verder")
    page.get_by_text("Scannen lukt niet").click()
    both(page)
    app = pyotp.TOTP(page.inner_text("#sleutel").replace(" ", ""))
    page.get_by_label("Code uit de app").fill("geen code")
    press(page, "Controleren")
    wrong(page)
    both(page)
    page.get_by_label("Code uit de app").fill(app.now())
    press(page, "Controleren")
    expect(page.locator(".codes code")).to_have_count(10)
    both(page)
    press(page, "Ik heb ze bewaard")
    expect(page).to_have_url(f"{site.url}/bord")
    press(page, "Uitloggen")
    expect(page).to_have_url(f"{site.url}/inloggen")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Deze link werkt niet")
    both(page)
    page.goto(f"{site.url}/inloggen")
    both(page)
    page.get_by_label("E-mailadres").fill(LOGIN)
    page.get_by_label("Wachtwoord").fill("een ander wachtwoord")
    press(page, "Verder")
    expect(page.get_by_role("alert")).to_be_visible()
    both(page)
    page.get_by_label("E-mailadres").fill(LOGIN)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    press(page, "Verder")
    expect(page.get_by_label("Code")).to_be_focused()
    both(page)
    page.get_by_label("Code").fill(following(app))
    press(page, "Inloggen")
    expect(page).to_have_url(f"{site.url}/bord")
    page.goto(f"{site.url}/account")
    both(page)
    page.goto(f"{site.url}/account/opnieuw?naar=%2Faccount%2Fapp")
    both(page)
    page.get_by_label("Wachtwoord").fill("een ander wachtwoord")
    press(page, "Bevestigen")
    wrong(page)
    both(page)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    press(page, "Bevestigen")
    expect(page).to_have_url(f"{site.url}/account/app")
    both(page)
    page.get_by_label("Code uit de app").fill("geen code")
    press(page, "Controleren")
    wrong(page)
    both(page)
    page.goto(f"{site.url}/account/wachtwoord")
    choose(page, "kort")
    press(page, "Opslaan")
    wrong(page)
    both(page)


def test_an_account_of_elsewhere_does_not_work(
    provided: None, site: Site, page: Page, both: Axe, watch: Watch
) -> None:
    watch.allow(403, 503)
    for path in ("/inloggen/organisatie", "/inloggen/organisatie/terug?code=x&state=y"):
        page.goto(f"{site.url}{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Inloggen is niet gelukt")
        both(page)
    page.goto(f"{site.url}/inloggen")
    expect(page.get_by_role("link", name="Inloggen via Gemeente Voorbeeld")).to_be_visible()
    both(page)
    site.login(page)
    page.goto(f"{site.url}/account")
    expect(page.get_by_role("link", name="Account koppelen")).to_be_visible()
    both(page)
    page.goto(f"{site.url}/account/organisatie")
    expect(page.get_by_role("link", name="Terug naar uw account")).to_be_visible()
    both(page)


def test_an_account_is_bound_to_one_of_elsewhere(
    provided: None, site: Site, page: Page, both: Axe, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def begin(_: Provider, *, anew: bool = False) -> Begun:
        return Begun(f"{NOBODY_HERE}/authorize", "state", "nonce", "verifier")

    monkeypatch.setattr(Provider, "begin", begin)
    site.login(page)
    page.goto(f"{site.url}/account/organisatie")
    expect(page.get_by_role("link", name="Verder naar Gemeente Voorbeeld")).to_be_visible()
    both(page)


def test_a_beheerder_changes_the_accounts_of_others(site: Site, page: Page, both: Axe, watch: Watch) -> None:
    watch.allow(422)
    site.login(page, name=LONG)
    site.user("medewerker", name=LONG)
    page.goto(f"{site.url}/gebruikers/uitnodigen")
    head = page.locator("header.top").bounding_box()
    assert head is not None
    assert head["height"] < 80, "the menu and a long name stand on one row"
    both(page)
    page.get_by_label("Naam").fill("Robin van Haven")
    page.get_by_label("E-mailadres").fill("robin@haven")
    press(page, "Link maken")
    wrong(page)
    both(page)
    page.get_by_label("E-mailadres").fill("robin@haven.example")
    press(page, "Link maken")
    expect(page.get_by_label("Link")).to_be_visible()
    both(page)
    page.goto(f"{site.url}/gebruikers")
    both(page)
    acts = page.locator("main table a:not([href='/account'])").evaluate_all("all => all.map(one => one.href)")
    assert {act.rpartition("/")[2] for act in acts} >= {"verwijderen", "herstellen", "afmelden"}
    assert [act for act in acts if "/uitnodiging/" in act]
    for act in acts:
        page.goto(act)
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\?$"))
        both(page)
        if act.endswith("/herstellen"):
            press(page, "Nieuwe link maken")
            expect(page.get_by_label("Link")).to_be_visible()
            both(page)


def test_a_mail_that_was_set_aside_is_decided_on(site: Site, page: Page, both: Axe, watch: Watch) -> None:
    watch.allow(410, 422)
    desk = Desk(site, page)
    allowed, refused = desk.aside(make_mail(sender=STRANGER), make_mail(sender="ander@elders.example"))
    desk.go(f"/{allowed}")
    desk.unlock()
    desk.look()
    both(page)
    allow = page.get_by_role("region", name="Afzender toestaan")
    for sender in ("iemand", STRANGER):
        allow.get_by_label("Praktijk", exact=True).select_option(label="Huisartsen Stedenwijk")
        allow.get_by_label("Mailadres of domein").fill(sender)
        allow.get_by_role("button", name="Toestaan").click()
        if sender != STRANGER:
            expect(page.get_by_role("alert")).to_be_visible()
            both(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Weet u het zeker?")
    both(page)
    press(page, "Ja, toestaan en doorlaten")
    expect(page.get_by_role("status")).to_contain_text(allowed)
    both(page)
    desk.go("/toegestaan")
    both(page)
    page.get_by_role("button", name="Intrekken").click()
    expect(page.get_by_text("Weet u het zeker?")).to_be_visible()
    both(page)
    site.inbeeld("quarantine", "refuse", refused)
    desk.go(f"/{refused}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Niet meer in quarantaine")
    both(page)


def test_a_beheerder_is_told_what_does_not_go(site: Site, page: Page, both: Axe, watch: Watch) -> None:
    watch.allow(404, 409, 410, 422)
    kenmerk = site.refers()
    link = site.report_link(kenmerk)
    site.login(page)
    for act in ("melden", "overdragen"):
        page.goto(f"{site.url}/zaken/{kenmerk}/{act}")
        press(page, "Verder")
        expect(page.get_by_role("alert")).to_be_visible()
        both(page)
    page.goto(f"{site.url}/zaken/{kenmerk}/teruggeven")
    both(page)
    site.inbeeld("cases", "report", kenmerk, "contacted")
    press(page, "Ja, doen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Er is niets gedaan")
    both(page)
    for path, told in (
        ("/cijfers?van=morgen&tot=gisteren", "Cijfers"),
        ("/cijfers/afdruk?periode=alles", "Cijfers van InBeeld"),
        ("/niets-hier", "Niet gevonden"),
        ("/melden/x", "Deze link klopt niet"),
    ):
        page.goto(f"{site.url}{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text(told)
        both(page)
    site.tick(days=150)
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Deze link werkt niet meer")
    both(page)


def test_a_medewerker_makes_a_key_and_is_asked_twice(site: Site, page: Page, both: Axe) -> None:
    user = site.login(page, "medewerker")
    page.goto(f"{site.url}/sleutel")
    both(page)
    fill(work(page, "maken"), wachtzin=PASSPHRASE)
    press(page, "Maak de sleutel")
    expect(page.locator("#geheim h2")).to_be_focused(timeout=SLOW_MS)
    both(page)
    lay_key(site, user.id)
    kenmerk = site.refers(PATIENT)
    page.goto(f"{site.url}/postvak/{kenmerk}")
    both(page)
    page.get_by_role("button", name="Gesproken").click()
    expect(page.get_by_role("heading", name="Weet u het zeker?")).to_be_visible()
    both(page)
