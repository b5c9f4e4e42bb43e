"""The pages that need no login, as people see them: wide, narrow, by keyboard, without JavaScript."""

from collections.abc import Callable
from io import BytesIO
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import Axe, NewContext
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.invented import PATIENT, REMARK
from tests.story.place import Place

THANKS = "Dank u wel. U meldde: “{}”."
SURE = "Ja, ik heb de patiënt gesproken"
Opens = Callable[[str], str]


@pytest.fixture
def kenmerk(site: Site) -> str:
    """Of a referral that reached its organisation."""
    return site.refers()


@pytest.fixture
def confirm(site: Site, kenmerk: str) -> str:
    """The link of the organisation that has the case."""
    return site.report_link(kenmerk)


@pytest.fixture
def status(site: Site, kenmerk: str) -> str:
    """The link that stands in the answer to the referrer."""
    text = "\n".join(mail.text for mail in site.mails)
    (link,) = {word for word in text.split() if word.startswith(f"{site.url}/status/")}
    return link


def state(site: Site, kenmerk: str) -> str:
    return str(site.json("cases", "show", kenmerk)["state"])


def test_an_organisation_reports_from_a_telephone(
    site: Site, phone: Page, axe: Axe, kenmerk: str, confirm: str
) -> None:
    answer = phone.goto(confirm)
    assert answer is not None
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    expect(phone.get_by_role("heading", level=1)).to_have_text(f"Aanmelding {kenmerk}")
    expect(phone.get_by_text("Afgesproken: contact met de patiënt uiterlijk")).to_be_visible()
    expect(phone.get_by_label("Wanneer belde u?")).to_be_hidden()
    before = site.json("cases", "show", kenmerk)["events"]
    axe(phone)

    phone.get_by_label("Gesproken: de patiënt is in beeld").tap()
    expect(phone.get_by_text("De termijn stopt.").first).to_be_visible()
    axe(phone)
    assert site.json("cases", "show", kenmerk)["events"] == before, "looking and choosing change nothing"
    phone.get_by_role("button", name="Melden").tap()

    expect(phone.get_by_role("heading", level=1)).to_have_text("Hebt u de patiënt gesproken?")
    axe(phone)
    assert site.json("cases", "show", kenmerk)["events"] == before, "the referrer is told after a second step"
    phone.get_by_role("button", name=SURE).tap()

    expect(phone.get_by_role("status")).to_contain_text(THANKS.format("Gesproken: de patiënt is in beeld"))
    expect(phone.get_by_role("heading", name="Wat er nu gebeurt")).to_be_visible()
    axe(phone)
    assert state(site, kenmerk) == "contacted"
    events = site.json("cases", "show", kenmerk)["events"]
    phone.reload()
    assert site.json("cases", "show", kenmerk)["events"] == events, "loading it again reports nothing again"
    assert phone.context.cookies() == []


def test_only_who_was_not_reached_has_a_part_of_the_day(
    site: Site, page: Page, axe: Axe, kenmerk: str, confirm: str
) -> None:
    page.goto(confirm)
    part = page.get_by_label("Wanneer belde u?")
    page.get_by_label("Gebeld, maar niet bereikt").check()
    expect(part).to_be_visible()
    axe(page)
    part.select_option("middag")
    page.get_by_role("button", name="Melden").click()
    expect(page.get_by_role("status")).to_contain_text(THANKS.format("Gebeld, maar niet bereikt"))
    expect(page.get_by_role("heading", name="Nog iets melden")).to_be_visible()
    assert state(site, kenmerk) == "attempted"
    assert "middag" in str(site.json("cases", "show", kenmerk)["events"])


def test_the_keyboard_is_enough_to_report(site: Site, page: Page, kenmerk: str, confirm: str) -> None:
    page.goto(confirm)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("De patiënt belde zelf")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Melden")).to_be_focused()
    page.keyboard.press("Enter")
    sure = page.get_by_role("button", name=SURE)
    expect(sure).to_be_visible()
    # The keyboard goes on at what the address names, which a page that still loads has not looked for.
    page.wait_for_load_state("load")
    page.keyboard.press("Tab")
    expect(sure).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(THANKS.format("De patiënt belde zelf"))
    assert state(site, kenmerk) == "contacted"


def test_reporting_needs_no_javascript(site: Site, context: NewContext, kenmerk: str, confirm: str) -> None:
    page = context(java_script_enabled=False).new_page()
    page.goto(confirm)
    page.get_by_label("Wij hebben nu geen plek").check()
    page.get_by_role("button", name="Melden").click()
    expect(page.get_by_role("status")).to_contain_text(THANKS.format("Wij hebben nu geen plek"))
    assert state(site, kenmerk) == "declined"


def test_what_can_not_be_reported_any_more_is_said(
    site: Site, page: Page, axe: Axe, watch: Watch, kenmerk: str, confirm: str
) -> None:
    page.goto(confirm)
    page.get_by_label("Wij hebben nu geen plek").check()
    site.inbeeld("cases", "report", kenmerk, "contacted")
    watch.allow(409)
    page.get_by_role("button", name="Melden").click()
    site.inbeeld("cases", "report", kenmerk, "stopped")
    page.goto(confirm)
    expect(page.get_by_label("Onze vorige melding klopte niet")).to_be_visible()
    axe(page)


@pytest.mark.parametrize("which", ["melden", "status"])
def test_a_link_that_is_wrong_says_nothing(
    site: Site, page: Page, axe: Axe, watch: Watch, kenmerk: str, confirm: str, status: str, which: str
) -> None:
    watch.allow(404)
    right = confirm if which == "melden" else status
    told = set()
    other = confirm if which == "status" else status
    for wrong in (
        right[:-4] + "AAAA",
        f"{site.url}/{which}/x",
        f"{site.url}/{which}/{other.rpartition('/')[2]}",
    ):
        answer = page.goto(wrong)
        assert answer is not None
        assert answer.status == 404
        told.add(page.content())
    assert len(told) == 1, "every wrong link hears the same"
    assert kenmerk not in told.pop()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deze link klopt niet")
    axe(page)
    assert page.context.cookies() == []


def test_a_link_that_has_expired_says_so(
    site: Site, phone: Page, axe: Axe, watch: Watch, kenmerk: str, confirm: str
) -> None:
    watch.allow(410)
    site.tick(days=150)
    phone.goto(confirm)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Deze link werkt niet meer")
    assert kenmerk not in phone.content()
    axe(phone)


def test_a_referrer_sees_steps_and_the_date(
    site: Site, page: Page, phone: Page, axe: Axe, kenmerk: str, status: str
) -> None:
    for each in (page, phone):
        each.goto(status)
        expect(each.get_by_role("heading", level=1)).to_have_text(f"Aanmelding {kenmerk}")
        expect(each.get_by_text("Er is contact met de patiënt uiterlijk")).to_be_visible()
        axe(each)
    site.inbeeld("cases", "report", kenmerk, "contacted")
    page.reload()
    expect(page.locator(".timeline li").last).to_contain_text("de patiënt is in beeld")
    expect(page.get_by_text("Er is contact met de patiënt uiterlijk")).to_have_count(0)
    shown = page.content()
    assert not [secret for secret in (PATIENT.name, *PATIENT.spellings, REMARK) if secret in shown]
    assert page.context.cookies() == []


def test_a_practice_learns_how_to_refer(site: Site, page: Page, phone: Page, axe: Axe) -> None:
    for each in (page, phone):
        each.goto(f"{site.url}/verwijzen")
        expect(each.get_by_role("heading", level=1)).to_have_text("Verwijzen met één mail")
        axe(each)
    address = site.gateway.settings.gateway.address
    begin = urlsplit(page.get_by_role("link", name="Begin een mail").get_attribute("href") or "")
    assert (begin.scheme, unquote(begin.path)) == ("mailto", address)
    mail = parse_qs(begin.query)
    assert "\r\nTelefoon: \r\n" in mail["body"][0]
    assert mail["subject"] == ["Aanmelding hulp bij geldzorgen"]
    assert page.context.cookies() == []

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Kopieer de tekst").click()
    expect(page.get_by_role("status")).to_have_text("Gekopieerd.")
    copied = page.evaluate("navigator.clipboard.readText()")
    expect(page.locator("#letter")).to_have_text(copied)

    phone.context.clear_permissions()
    phone.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    phone.get_by_role("button", name="Kopieer de tekst").tap()
    expect(phone.get_by_role("status")).to_contain_text("De tekst is geselecteerd")
    assert "Jan Voorbeeld" in phone.evaluate("getSelection().toString()")


@pytest.fixture
def public_phone(place: Place) -> None:
    """The organisation has a number for patients."""
    place.replace("organisations.toml", '# public_phone = "036', 'public_phone = "036')


@pytest.mark.usefixtures("public_phone")
def test_a_patient_gets_a_card_in_their_language(site: Site, page: Page, phone: Page, axe: Axe) -> None:
    page.goto(f"{site.url}/verwijskaart")
    axe(page)
    page.get_by_label("Taal van de kaart").select_option("ar")
    page.get_by_role("button", name="Toon de kaart").click()
    card = page.locator(".patient-card")
    expect(card).to_have_attribute("lang", "ar")
    expect(card).to_have_attribute("dir", "rtl")
    expect(card).to_contain_text("De Schoor")
    expect(card.get_by_role("link", name="036 531 0000")).to_have_count(2)
    for language in ("nl", "ar", "uk", "beeld"):
        phone.goto(f"{site.url}/verwijskaart/{language}/Almere")
        axe(phone)
        axe(page)
        printed = PdfReader(BytesIO(phone.pdf(prefer_css_page_size=True)))
        assert len(printed.pages) == 1, language
        page.get_by_role("navigation").get_by_role("link", name="Türkçe").click()
    assert page.context.cookies() == []


def test_the_page_for_practices_needs_no_javascript(site: Site, context: NewContext) -> None:
    page = context(java_script_enabled=False).new_page()
    page.goto(f"{site.url}/verwijzen")
    expect(page.get_by_text("Jan Voorbeeld")).to_be_visible()
    expect(page.get_by_role("button", name="Kopieer de tekst")).to_be_hidden()


def test_what_is_not_there_is_told_as_a_page(site: Site, page: Page, axe: Axe, watch: Watch) -> None:
    watch.allow(404)
    page.goto(f"{site.url}/bestaat-niet")
    expect(page.get_by_role("heading", level=1)).to_have_text("Niet gevonden")
    axe(page)


@pytest.mark.parametrize(("role", "path"), [("beheerder", "/bord"), ("medewerker", "/postvak")])
def test_who_is_logged_in_begins_where_the_work_is(site: Site, page: Page, role: str, path: str) -> None:
    site.login(page, role)
    page.goto(f"{site.url}/")
    expect(page).to_have_url(site.url + path)
