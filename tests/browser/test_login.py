"""Getting in, as people do it: by invitation, with a passkey or with a password and an app."""

import re
import time
from typing import Any

import pyotp
import pytest
from playwright.sync_api import CDPSession, Page, expect

from gateway.accounts.entrance import DEVICE
from gateway.store import audit
from gateway.web.auth import COOKIE
from tests.browser.conftest import Axe
from tests.browser.keyboard import tab_to
from tests.browser.site import Site
from tests.browser.watch import Watch

LOGIN = "noor@handover.example"
PASSWORD = "vier paarden in het bad"


def invited(site: Site, role: str = "beheerder", login: str = LOGIN) -> str:
    organisation = ("--organisation", "wijkteam-haven") if role == "medewerker" else ()
    told = site.json("users", "invite", login, "--name", "Noor Beheer", "--role", role, *organisation)
    return str(told["link"])


def authenticator(page: Page) -> CDPSession:
    """A device of this browser that verifies its owner by itself."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options: dict[str, Any] = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def enrol(page: Page, link: str) -> tuple[pyotp.TOTP, list[str]]:
    """Set up a password and an app; gives the app and the recovery codes."""
    page.goto(link)
    page.get_by_role("link", name="Wachtwoord kiezen").click()
    page.get_by_label("Nieuw wachtwoord").fill(PASSWORD)
    page.get_by_label("Nog een keer hetzelfde wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Verder").click()
    page.get_by_text("Scannen lukt niet").click()
    app = pyotp.TOTP(page.inner_text("#sleutel").replace(" ", ""))
    page.get_by_label("Code uit de app").fill(app.now())
    page.get_by_role("button", name="Controleren").click()
    shown = page.locator(".codes code")
    shown.nth(9).wait_for()
    return app, shown.all_inner_texts()


def following(app: pyotp.TOTP) -> str:
    """The code of the next step: the present one was used, and either counts also when the step turns now."""
    return app.at(int(time.time()) + 30)


def log_in(page: Page, site: Site, code: str) -> None:
    page.goto(f"{site.url}/inloggen")
    page.get_by_label("E-mailadres").fill(LOGIN)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Verder").click()
    # Whoever is sooner than the browser, which goes to the field by itself, makes it complain.
    expect(page.get_by_label("Code")).to_be_focused()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Inloggen").click()


def kinds(site: Site) -> list[str]:
    with site.gateway.store.read() as session:
        return [row.kind for row in audit.export(session) if row.kind.startswith(("login.", "account."))]


def leave(page: Page, site: Site) -> None:
    page.get_by_role("button", name="Uitloggen").click()
    expect(page).to_have_url(f"{site.url}/inloggen")
    assert sessions_in(page) == []


def sessions_in(page: Page) -> list[Any]:
    """The cookies of a browser that open anything: none but that of a session, beside that of the device."""
    cookies = page.context.cookies()
    assert {one["name"] for one in cookies} <= {COOKIE, DEVICE}
    return [one for one in cookies if one["name"] == COOKIE]


def test_with_a_passkey(site: Site, page: Page, axe: Axe) -> None:
    authenticator(page)
    page.goto(invited(site))
    assert page.context.cookies() == []
    axe(page)
    page.get_by_role("button", name="Passkey maken").click()
    expect(page).to_have_url(f"{site.url}/bord")
    page.goto(f"{site.url}/account")
    axe(page)
    expect(page.get_by_role("heading", name=re.compile("Passkey van"))).to_be_visible()
    leave(page, site)
    axe(page)
    # Whoever came from a provider is shown the way out there; none is here.
    left = site.gateway.web.pages.page(
        "login/left.html", elsewhere="Gemeente Voorbeeld", url="https://idp.example/uit"
    )
    page.route("**/uitgelogd", lambda route: route.fulfill(body=bytes(left.body), content_type="text/html"))
    page.goto(f"{site.url}/uitgelogd")
    axe(page)
    page.goto(f"{site.url}/gebruikers")
    page.get_by_role("button", name="Inloggen met passkey").click()
    expect(page).to_have_url(f"{site.url}/gebruikers")
    axe(page)
    assert kinds(site) == [
        "account.invited",
        "account.enrolled",
        "login.succeeded",
        "login.ended",
        "login.succeeded",
    ]


def test_without_its_owner_a_passkey_is_nothing(site: Site, page: Page, watch: Watch) -> None:
    device = authenticator(page)
    page.goto(invited(site))
    page.get_by_role("button", name="Passkey maken").click()
    expect(page).to_have_url(f"{site.url}/bord")
    leave(page, site)
    # The device still has the passkey, but the account has not.
    site.inbeeld("users", "reset", LOGIN)
    watch.allow(401)
    page.get_by_role("button", name="Inloggen met passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Deze passkey wordt niet herkend")
    assert sessions_in(page) == [] or page.goto(f"{site.url}/account").url.endswith("naar=%2Faccount")  # type: ignore[union-attr]
    device.send("WebAuthn.disable")


def test_with_a_password_and_an_app(site: Site, page: Page, axe: Axe, watch: Watch) -> None:
    link = invited(site)
    watch.allow(404, 422)
    page.goto(f"{link}/wachtwoord")
    axe(page)
    page.get_by_label("Nieuw wachtwoord").fill("Welkom2026!!")
    page.get_by_label("Nog een keer hetzelfde wachtwoord").fill("Welkom2026!!")
    page.get_by_role("button", name="Verder").click()
    expect(page.get_by_text("makkelijk te raden")).to_be_visible()
    axe(page)
    app, codes = enrol(page, link)
    axe(page)
    assert len(codes) == 10
    page.reload()
    expect(page.locator(".codes code")).to_have_text(codes)
    page.get_by_role("button", name="Ik heb ze bewaard").click()
    expect(page).to_have_url(f"{site.url}/bord")
    page.goto(f"{site.url}/account/herstelcodes")
    expect(page).to_have_url(f"{site.url}/account")
    leave(page, site)
    page.goto(link)
    expect(page.get_by_role("heading", name="Deze link werkt niet")).to_be_visible()
    axe(page)
    log_in(page, site, "000 000")
    expect(page.get_by_text("Deze code klopt niet")).to_be_visible()
    expect(page.get_by_label("Code")).to_be_focused()
    axe(page)
    # A reload asks for the page, and sends no code again.
    page.reload()
    expect(page.get_by_text("Deze code klopt niet")).to_be_hidden()
    (before,) = sessions_in(page)
    page.get_by_label("Code").fill(following(app))
    page.get_by_role("button", name="Inloggen").click()
    expect(page).to_have_url(f"{site.url}/bord")
    (cookie,) = sessions_in(page)
    assert cookie["value"] != before["value"]
    assert (cookie["name"], cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (
        COOKIE,
        True,
        True,
        "Lax",
        "/",
    )


def test_with_a_recovery_code_once(site: Site, page: Page, watch: Watch) -> None:
    _, codes = enrol(page, invited(site))
    page.get_by_role("button", name="Ik heb ze bewaard").click()
    leave(page, site)
    log_in(page, site, codes[3].upper().replace("-", " "))
    expect(page).to_have_url(f"{site.url}/bord")
    page.goto(f"{site.url}/account")
    expect(page.get_by_text("nog 9 herstelcodes")).to_be_visible()
    leave(page, site)
    watch.allow(422)
    log_in(page, site, codes[3])
    expect(page.get_by_text("Deze code klopt niet")).to_be_visible()


def test_by_keyboard_alone(site: Site, page: Page) -> None:
    app, _ = enrol(page, invited(site))
    page.get_by_role("button", name="Ik heb ze bewaard").click()
    leave(page, site)
    keyboard = page.keyboard
    tab_to(page, page.get_by_label("E-mailadres"))
    keyboard.type(LOGIN)
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    keyboard.type(following(app))
    keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/bord")


def test_a_colleague_is_invited_and_removed(site: Site, page: Page, phone: Page, axe: Axe) -> None:
    site.login(page, "medewerker")
    page.goto(f"{site.url}/collegas")
    axe(page)
    page.get_by_role("link", name="Collega uitnodigen").click()
    page.get_by_label("Naam").fill("Robin van Haven")
    page.get_by_label("E-mailadres").fill("robin@haven.example")
    axe(page)
    page.get_by_role("button", name="Link maken").click()
    axe(page)
    link = page.get_by_label("Link").input_value()
    authenticator(phone)
    phone.goto(link)
    axe(phone)
    phone.get_by_role("button", name="Passkey maken").click()
    expect(phone).to_have_url(f"{site.url}/postvak")
    page.goto(f"{site.url}/collegas")
    page.get_by_role("link", name="Verwijderen Robin van Haven").click()
    axe(page)
    page.get_by_role("button", name="Verwijderen").click()
    expect(page.get_by_text("Het account is verwijderd.")).to_be_visible()
    expect(page.get_by_role("link", name="Verwijderen Robin van Haven")).to_have_count(0)
    phone.goto(f"{site.url}/postvak")
    expect(phone).to_have_url(re.compile("/inloggen"))


@pytest.mark.parametrize("narrow", [False, True])
def test_a_second_passkey_and_a_password(
    site: Site, page: Page, phone: Page, axe: Axe, watch: Watch, narrow: bool
) -> None:
    shown = phone if narrow else page
    device = authenticator(shown)
    shown.goto(invited(site))
    shown.get_by_role("button", name="Passkey maken").click()
    expect(shown).to_have_url(f"{site.url}/bord")
    shown.goto(f"{site.url}/account")
    shown.get_by_role("button", name="Verwijderen").click()
    axe(shown)
    shown.get_by_role("button", name="Verwijderen").click()
    expect(shown.get_by_role("alert")).to_contain_text("enige manier")
    shown.get_by_role("link", name="Passkey toevoegen").click()
    axe(shown)
    shown.get_by_label("Naam van het apparaat").fill("Sleutelbos")
    # One device makes one passkey for an account; this one is another.
    device.send("WebAuthn.disable")
    authenticator(shown)
    shown.get_by_role("button", name="Passkey maken").click()
    expect(shown.get_by_role("heading", name="Sleutelbos")).to_be_visible()
    shown.get_by_role("link", name="Wachtwoord en app instellen").click()
    axe(shown)
    shown.get_by_label("Nieuw wachtwoord").fill(PASSWORD)
    shown.get_by_label("Nog een keer hetzelfde wachtwoord").fill(PASSWORD)
    shown.get_by_role("button", name="Verder").click()
    axe(shown)
