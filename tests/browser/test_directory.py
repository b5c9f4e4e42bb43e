"""The directory in a browser: a gemeente from nothing, two who edit the same, each page at both widths."""

import pytest
from playwright.sync_api import Page, expect

from gateway.directory.editing import Edit
from gateway.sealing import openpgp
from tests.browser.conftest import NARROW, WIDE, Axe, NewContext
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.invented import make_mail
from tests.moments import MONDAY


@pytest.fixture
def both(axe: Axe) -> Axe:
    """As `axe`, at both widths; the page is wide before and after."""

    def look(page: Page) -> None:
        axe(page)
        page.set_viewport_size(NARROW["viewport"])  # type: ignore[arg-type]
        axe(page)
        page.set_viewport_size(WIDE["viewport"])  # type: ignore[arg-type]

    return look


def save(page: Page) -> None:
    page.get_by_role("button", name="Verder…").click()
    page.get_by_role("button", name="Ja, bewaren").click()
    expect(page.get_by_text("Bewaard. Het geldt vanaf nu.")).to_be_visible()


def add(page: Page, site: Site, kind: str, **typed: str) -> None:
    page.goto(f"{site.url}/gids/{kind}/nieuw")
    for name, value in typed.items():
        box = page.locator(f"[name='{name.replace('__', '.')}']")
        box.select_option(value) if box.evaluate("one => one.tagName") == "SELECT" else box.fill(value)


def test_a_new_gemeente_from_nothing(
    site: Site, page: Page, both: Axe, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.allow(422)
    # What is read knows a place as soon as it is there, as in a gateway of its own.
    monkeypatch.setattr(
        site.gateway.worker.readers, "_follow", lambda: site.gateway.base.directory().knowledge
    )
    site.login(page)
    add(page, site, "plaatsen", name="Losser", level="gemeente", postcodes="7581\n7582")
    both(page)
    save(page)
    armour, _, fingerprint = openpgp.generate(
        site.place.directory / "data" / "gpg", "Losser", "balie@losser.example", MONDAY.replace(year=2030)
    )
    desk = {
        "id": "losser",
        "name": "Noaberbalie Losser",
        "serves": "Losser",
        "pathway": "losser",
        "phones": "053-5377444",
        "options__to": "balie@losser.example",
        "team": "balie@losser.example",
        "domains": "losser.example",
    }
    add(page, site, "organisaties", **desk, sleutel=armour, vingerafdruk=fingerprint, nogmaals="A" * 40)
    page.get_by_role("button", name="Verder…").click()
    expect(page.get_by_text("U typte twee verschillende vingerafdrukken")).to_be_visible()
    page.locator("#vingerafdruk").fill("B" * 40)
    page.locator("#nogmaals").fill("B" * 40)
    page.get_by_role("button", name="Verder…").click()
    expect(page.get_by_text("Dit is niet de vingerafdruk van deze sleutel")).to_be_visible()
    page.locator("#vingerafdruk").fill(fingerprint)
    page.locator("#nogmaals").fill(fingerprint.lower())
    page.get_by_role("button", name="Verder…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Klopt deze wijziging?")
    page.get_by_role("button", name="Nee, verder met invullen").click()
    page.get_by_role("button", name="Verder…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Klopt deze wijziging?")
    page.get_by_role("button", name="Ja, bewaren").click()
    add(page, site, "praktijken", id="de-lutte", name="Praktijk De Lutte", domains="delutte.example")
    save(page)
    page.goto(f"{site.url}/gids?plaats=7581")
    answer = page.get_by_role("status")
    expect(answer).to_contain_text("Noaberbalie Losser")
    expect(answer).to_contain_text("053 537 7444")
    both(page)
    assert site.gateway.base.senders.practice_of("dokter@delutte.example") is not None

    # A second theme beside the first, and the first mail about it.
    theme = {"theme__name": "welzijn", "theme__title": "Welzijn op recept", "theme__addresses": "welzijn"}
    add(page, site, "zorgpaden", name="recept", title="Welzijn in Losser", needs="gemeente", **theme)
    save(page)
    coach = desk | {"id": "coach", "name": "Welzijnscoach Losser", "pathway": "recept"}
    add(page, site, "organisaties", **coach, sleutel=armour, vingerafdruk=fingerprint, nogmaals=fingerprint)
    page.get_by_role("button", name="Verder…").click()
    expect(page.get_by_role("alert")).to_contain_text("Wie voor Losser verwijst en geen onderwerp noemt")
    both(page)
    page.get_by_role("button", name="Ja, bewaren").click()
    page.goto(f"{site.url}/gids?plaats=Losser")
    expect(page.get_by_role("status")).to_contain_text("eerst vragen wij het onderwerp")
    page.get_by_label("Onderwerp", exact=True).select_option("welzijn")
    page.get_by_role("button", name="Uitproberen").click()
    expect(page.get_by_role("status")).to_contain_text("Welzijnscoach Losser")
    both(page)
    sent = make_mail(
        sender="dokter@delutte.example",
        text="Graag contact met Roswitha Quintavalle, tel. 06-11223344, uit Losser.\n",
    )
    del sent["To"]
    sent["To"] = "welzijn@handover.example"
    site.post(sent)
    (case,) = site.json("cases", "list", "--all")
    assert (case["organisation"], case["wijk"], case["state"]) == ("coach", "Losser", "delivered")
    page.goto(f"{site.url}/zaken/{case['kenmerk']}")
    expect(page.get_by_text("welzijn", exact=True)).to_be_visible()


def test_the_second_of_two_loses_nothing(
    site: Site, page: Page, context: NewContext, both: Axe, watch: Watch
) -> None:
    watch.allow(409)
    site.login(page)
    other = context().new_page()
    site.login(other, name="Ali Ander")
    address = f"{site.url}/gids/praktijken/bewerken/filmwijk"
    for one in (page, other):
        one.goto(address)
    other.locator("[name=phones]").fill("036-5300009")
    save(other)
    page.locator("[name=name]").fill("Centrum Filmwijk")
    page.get_by_role("button", name="Verder…").click()
    expect(page.get_by_role("alert")).to_contain_text("Ali Ander heeft dit intussen gewijzigd")
    expect(page.locator("[name=name]")).to_have_value("Centrum Filmwijk")
    expect(page.get_by_text("+31365300009")).to_be_visible()
    both(page)
    save(page)
    assert site.gateway.base.practice_names["filmwijk"] == "Centrum Filmwijk"
    # Back sends nothing again: what stands there now is shown.
    page.go_back()
    expect(page.locator("[name=name]")).to_have_value("Centrum Filmwijk")


def test_what_must_be_meant_is_explained(site: Site, page: Page, both: Axe, watch: Watch) -> None:
    watch.allow(409, 422)
    site.login(page)
    site.post(make_mail())
    page.goto(f"{site.url}/gids/organisaties?zoek=deschoor")
    expect(page.get_by_text("1 van 4")).to_be_visible()
    both(page)
    page.get_by_role("link", name="Weghalen De Schoor").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("De Schoor is nog nodig")
    expect(page.get_by_text("Wijkteam Haven: Vervanger")).to_be_visible()
    both(page)
    page.goto(f"{site.url}/gids/organisaties/bewerken/de-schoor")
    page.locator("[name=serves]").fill("Nergens")
    page.locator("[name=phones]").fill("12")
    page.locator("[name=full_until]").fill("2020-01-01")
    page.get_by_role("button", name="Verder…").click()
    # All of it at once, whether one field is wrong or it does not fit what stands elsewhere.
    for said in ("Deze plaats kennen we niet", "Dit is geen telefoonnummer", "Vink ook aan dat"):
        expect(page.get_by_text(said)).to_be_visible()
    both(page)
    page.goto(f"{site.url}/gids/organisaties/bewerken/de-schoor")
    page.locator("[name=serves]").fill("Almere Buiten")
    page.get_by_role("button", name="Verder…").click()
    expect(page.get_by_role("alert")).to_contain_text("Almere heeft daarna niemand meer die helpt")
    both(page)
    # Whoever sees a slip there goes on with what was typed.
    page.get_by_role("button", name="Nee, verder met invullen").click()
    expect(page.locator("[name=serves]")).to_have_value("Almere Buiten")
    page.get_by_label("Of kies het bestand").set_input_files(
        {"name": "foto.asc", "mimeType": "text/plain", "buffer": b"x" * 48_001}
    )
    expect(page.get_by_role("alert")).to_contain_text("Dit bestand is te groot voor een sleutel")
    page.get_by_label("Of kies het bestand").set_input_files(
        {"name": "sleutel.asc", "mimeType": "text/plain", "buffer": b"-----BEGIN"}
    )
    expect(page.get_by_label("Openbare sleutel")).to_have_value("-----BEGIN")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.goto(f"{site.url}/gids/zorgpaden/bewerken/almere")
    both(page)


def test_an_organisation_says_whether_it_has_room(site: Site, page: Page, both: Axe, watch: Watch) -> None:
    watch.allow(422)
    site.login(page, "medewerker")
    page.goto(f"{site.url}/ruimte")
    both(page)
    page.get_by_label("Er is een wachtlijst").check()
    page.get_by_role("button", name="Bewaren").click()
    expect(page.get_by_role("alert")).to_contain_text("Er is niets bewaard")
    both(page)
    page.get_by_label("Vol: nieuwe aanmeldingen").check()
    page.get_by_role("button", name="Bewaren").click()
    expect(page.get_by_role("status")).to_contain_text("Het geldt vanaf de volgende aanmelding")
    both(page)
    assert site.json("route", "Almere Haven")["organisation"] == "de-schoor"
    page.get_by_label("Er is plek").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Bewaren").click()
    assert site.json("route", "Almere Haven")["organisation"] == "wijkteam-haven"

    # Where that was agreed, they enter who walks in, with the keyboard alone.
    base = site.gateway.base
    entry = base.entries[str(site.json("route", "Almere Haven")["organisation"])]
    pathway = base.directory().pathways[entry.pathway]
    base.editing.change("user:x", Edit(pathway.model_copy(update={"by_hand": True})))
    page.goto(f"{site.url}/ruimte")
    page.get_by_role("link", name="Iemand aanmelden die binnenloopt of belt").press("Enter")
    page.get_by_label("Naam", exact=True).fill("Roswitha Quintavalle")
    page.keyboard.press("Tab")
    page.keyboard.type("06-11223344")
    page.get_by_role("button", name="Aanmelden", exact=True).press("Enter")
    expect(page.get_by_text("Alleen wie het goed vindt, wordt aangemeld.")).to_be_visible()
    both(page)
    page.get_by_label("Deze persoon vindt het goed").press("Space")
    page.get_by_role("button", name="Aanmelden", exact=True).press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Aangemeld. Het kenmerk is IB-")


def test_everything_can_be_tried_without_a_patient(site: Site, page: Page, both: Axe, watch: Watch) -> None:
    watch.allow(422)
    site.login(page)
    add(page, site, "alarmadressen", to="beheer@handover.example")
    save(page)
    page.goto(f"{site.url}/proberen")
    page.get_by_label("Wijk, gemeente of postcode").fill("Nergenshuizen")
    page.get_by_label("Telefoonnummer in de proef").fill("036-5310001")
    page.get_by_role("button", name="Proefaanmelding sturen").press("Enter")
    expect(page.get_by_text("Dit is niet één plaats die wij kennen.")).to_be_visible()
    both(page)
    page.get_by_label("Wijk, gemeente of postcode").fill("Filmwijk")
    page.get_by_role("button", name="Proefaanmelding sturen").press("Enter")
    expect(page.get_by_text("PROEF", exact=True)).to_be_visible()
    page.goto(f"{site.url}/proberen")
    page.get_by_role("button", name="De mailserver proberen").press("Enter")
    expect(page.get_by_text("wordt geprobeerd.")).to_be_visible()
    page.get_by_label("Organisatie", exact=True).select_option("de-schoor")
    page.get_by_role("button", name="Het kanaal van deze organisatie proberen").press("Enter")
    expect(page.get_by_text("wordt geprobeerd.")).to_have_count(2)
    site.run(site.town.work())
    page.reload()
    expect(page.get_by_text("bereikt", exact=True)).to_have_count(2)
    page.get_by_role("button", name="Het logboek narekenen").press("Enter")
    expect(page.get_by_text("Het logboek klopt")).to_be_visible()
    both(page)
    (case,) = site.json("cases", "list", "--all")
    assert case["state"] == "delivered"
    assert sum(mail.text.startswith("DIT IS EEN PROEF.") for mail in site.town.mails) == 1
