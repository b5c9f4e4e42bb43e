"""The question by which a browser shows that it has a private key: only its answer is ever said back."""

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from gateway.mailbox import keypage
from gateway.store.tables import MailboxRow
from tests.browser.drawer import PASSPHRASE, PATIENT, SLOW_MS, fill, lay_key, work
from tests.browser.site import Site
from tests.browser.traffic import Traffic, spellings


def test_a_referral_that_is_laid_as_a_question_is_not_said_back(
    site: Site, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = site.login(page, "medewerker")
    lay_key(site, user.id)
    site.refers(PATIENT)
    with site.gateway.store.read() as session:
        sealed = (session.exec(select(MailboxRow)).one().sealed or b"").decode()
    asked: list[str] = []
    # A gateway that wants to read what it may not: it asks to open a referral, and to be told what it says.
    monkeypatch.setattr(keypage, "ask_compact", lambda *_: (asked.append(sealed), sealed)[1])  # type: ignore[func-returns-value]
    traffic = Traffic()
    traffic.over(page.context)
    page.goto(f"{site.url}/sleutel")
    page.get_by_text("Kies een andere wachtzin").click()
    fill(work(page, "veranderen"), huidige=PASSPHRASE, wachtzin="zeven stille ooievaars dansen")
    work(page, "veranderen").get_by_role("button", name="Verander mijn wachtzin").click()
    expect(page.locator("#sleutel > [data-melding]")).to_contain_text("beschadigd", timeout=SLOW_MS)
    assert asked
    sent = traffic.sent().lower()
    assert "/sleutel" in sent
    words = (PATIENT.name, *PATIENT.name.split(), PATIENT.e164)
    hidden = set[str]().union(*map(spellings, words), (each.lower() for each in PATIENT.spellings))
    assert not [one for one in hidden if one in sent], "a word of the referral left the browser"
