"""The page of a case, as a beheerder reads and uses it."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from gateway.app.web import WebRole
from gateway.domain.states import Event
from gateway.pipeline.settle import Report
from gateway.store import cases, outbox
from tests.browser.conftest import Axe
from tests.browser.keyboard import tab_to
from tests.browser.site import Site
from tests.browser.watch import Watch, fitting
from tests.invented import Patient


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to a press waits for no worker: here the test is the worker."""
    monkeypatch.setattr(WebRole, "order_patience", 0.0)


def test_a_case_is_read_reported_on_and_given_back(site: Site, page: Page, watch: Watch, axe: Axe) -> None:
    watch.allow(409, 422)
    kenmerk = site.refers()
    site.login(page)
    page.goto(f"{site.url}/zaken/{kenmerk}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Aanmelding {kenmerk}")
    expect(page.get_by_role("heading", name="Wat er is gebeurd")).to_be_visible()
    page.locator(".trail summary").first.click()
    expect(page.locator(".trail details li").first).to_contain_text("door")
    page.get_by_role("button", name="Ik pak dit op").click()
    expect(page.get_by_role("status")).to_contain_text("U hebt deze aanmelding opgepakt.")
    page.get_by_text("Tekst en bewijs: Ontvangstbevestiging").click()
    expect(page.get_by_text("Uw aanmelding is goed ontvangen.")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Melding invoeren").click()
    axe(page)
    # Who chose nothing is told.
    page.get_by_role("button", name="Verder").click()
    expect(page.get_by_role("alert")).to_contain_text("Kies eerst wat de organisatie heeft gemeld.")
    axe(page)
    page.get_by_label("Contact gehad: de patiënt is in beeld").check()
    page.get_by_role("button", name="Verder").click()
    expect(page.get_by_text("krijgt het bericht: De patiënt is in beeld")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Ja, doen").click()
    expect(page.get_by_role("status")).to_contain_text("De melding is verwerkt.")
    expect(page.locator(".lead")).to_contain_text("De patiënt is in beeld")
    axe(page)

    # Who comes too late is told.
    other = site.refers(Patient("Wubbe Steenhuis", "633445566"))
    page.goto(f"{site.url}/zaken/{other}/overdragen?organisatie=buurtteam")
    with site.gateway.store.read() as session:
        case = cases.by_kenmerk(session, other)
    site.gateway.worker.settle.report(
        case.id, Report(Event.CONTACTED), site.now, "organisation:de-schoor", "test"
    )
    page.get_by_role("button", name="Ja, doen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Er is niets gedaan")
    axe(page)
    page.get_by_role("link", name="Bekijk hoe het er nu voor staat").click()
    expect(page.locator(".lead")).to_contain_text("De patiënt is in beeld")

    # By keyboard alone.
    third = site.refers(Patient("Ansje Vrolijkstra", "622334455"))
    page.goto(f"{site.url}/zaken/{third}")
    tab_to(page, page.get_by_role("link", name="Teruggeven aan de verwijzer"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Teruggeven")
    axe(page)
    tab_to(page, page.get_by_role("button", name="Ja, doen"))
    page.keyboard.press("Enter")
    expect(page.locator(".lead")).to_contain_text("Teruggegeven aan de verwijzer")
    assert site.json("cases", "show", third)["state"] == "returned"


def test_a_held_handover_leaves_after_all_and_goes_to_another_on_a_telephone(
    site: Site, phone: Page, axe: Axe
) -> None:
    kenmerk = site.refers()
    gateway = site.gateway
    with gateway.store.write() as session:
        case = cases.by_kenmerk(session, kenmerk)
        (row,) = (each for each in outbox.of_case(session, case.id) if each.kind == "handover")
        assert outbox.bounce(session, row.id, "bounced")
    site.login(phone)
    phone.goto(f"{site.url}/zaken/{kenmerk}")
    expect(phone.get_by_text("De overdracht staat stil.")).to_be_visible()
    axe(phone)
    phone.get_by_role("link", name="Opnieuw versturen", exact=True).click()
    phone.get_by_role("button", name="Ja, doen").click()
    expect(phone.get_by_text("Er loopt een opdracht")).to_be_visible()
    site.tick()
    phone.get_by_role("link", name="Kijk opnieuw").click()
    expect(phone.get_by_text("De overdracht staat stil.")).to_be_hidden()
    assert len([mail for mail in site.mails if mail.encrypted]) == 2
    # Of two orders the newer one is told of.
    site.now += timedelta(minutes=1)
    phone.get_by_role("link", name="Overdragen aan een organisatie").click()
    phone.get_by_label("Buurtteam Almere").check()
    axe(phone)
    phone.get_by_role("button", name="Verder").click()
    axe(phone)
    phone.get_by_role("button", name="Ja, doen").click()
    expect(phone.get_by_text("Er loopt een opdracht")).to_be_visible()
    axe(phone)
    site.tick()
    phone.get_by_role("link", name="Kijk opnieuw").click()
    expect(phone.locator("dl.facts").first).to_contain_text("Buurtteam Almere")
    fitting(phone)
