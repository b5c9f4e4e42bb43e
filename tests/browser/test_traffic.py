"""The gateway never sees a private key, a passphrase, a code or a word of a referral: all traffic recorded.

With INBEELD_WRITE_TRANSCRIPTS=1 the record is written to docs/inbox-traffic.md.
"""

import base64
import os
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import Page, expect
from sqlmodel import select

from gateway.store.pagetables import WrapRow
from gateway.store.pairs import PairKind
from tests.browser.conftest import NewContext
from tests.browser.drawer import (
    HAVEN,
    PASSPHRASE,
    PATIENT,
    SLOW_MS,
    done,
    fill,
    kept,
    opened,
    unlock,
    unwrapped,
    work,
)
from tests.browser.site import Site
from tests.browser.traffic import Traffic, spellings

RECORD = Path(__file__).parents[2] / "docs" / "inbox-traffic.md"
HEAD = """# What goes over the line when a referral is opened

Everything between the browsers of an organisation and the gateway, from making the key to the report, as
`tests/browser/test_traffic.py` recorded it; scripts, styles and headers are left out here, not in the test.
⟨43⟩ stands for 43 characters of base64url. The test searches all of it for the private keys, every
passphrase, every recovery key and code, each word of the name and the telephone number, in many encodings.
"""
PASSPHRASES = {
    "first": PASSPHRASE,
    "changed": "vijf grijze walrussen zwemmen",
    "recovered": "zes bruine berkenbomen buigen",
    "next": "negen groene fietsen zwijgen",
    "colleague": "zeven stille ooievaars dansen",
}
KEPT = [
    ("Making the key", "/sleutel/paren"),
    ("Giving a colleague access", "/sleutel/wikkels"),
    ("Coming in with the code", "/sleutel/wikkels"),
    ("Making another recovery key", "/sleutel/wikkels"),
    ("Choosing another passphrase", "/sleutel/wikkels"),
    ("Coming in with the recovery key", "/sleutel/wikkels"),
    ("Changing the key for another", "/sleutel/paren"),
    ("Changing the key for another", "/sleutel/wikkels"),
    ("Changing the key for another", "/sleutel/wikkels"),
]
"""What the seven forms send: the last one brings the pairs before along, and a colleague."""

STAY = """() => navigation.addEventListener("navigate", (event) => {
  if (!event.cancelable) return;
  event.preventDefault();
  document.documentElement.dataset.wanted = event.destination.url;
})"""
"""The page stays where it is: with it would go the answers that were not read yet."""

STORED = """async () => [
  localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
  (await caches.keys()).length, document.cookie,
]"""


def test_nothing_but_ciphertext_crosses_the_line(site: Site, page: Page, context: NewContext) -> None:
    user, bo = site.login(page, "medewerker"), context().new_page()
    colleague = site.login(bo, "medewerker", name="Bo de Wit")
    traffic, codes = Traffic(), []
    for one in (page, bo):
        traffic.over(one.context)

    traffic.step = "Making the key"
    recovery, fingerprint = keeps(site, traffic, page, "maken", wachtzin=PASSPHRASES["first"])
    site.inbeeld("keys", "adopt", HAVEN, fingerprint, "--yes")

    traffic.step = "Giving a colleague access"
    codes += keeps(site, traffic, page, "geven", huidige=PASSPHRASES["first"])

    traffic.step = "Coming in with the code"
    does(site, traffic, bo, "meedoen", code=codes[0], wachtzin=PASSPHRASES["colleague"])

    traffic.step = "Making another recovery key"
    renewed = keeps(site, traffic, page, "herstelsleutel", huidige=PASSPHRASES["first"])

    traffic.step = "Choosing another passphrase"
    does(site, traffic, page, "veranderen", huidige=PASSPHRASES["first"], wachtzin=PASSPHRASES["changed"])

    traffic.step = "Coming in with the recovery key"
    does(site, traffic, page, "herstellen", code=renewed[0], wachtzin=PASSPHRASES["recovered"])
    before = private_keys(site, user.id, PASSPHRASES["recovered"])

    traffic.step = "Changing the key for another"
    given = {"huidige": PASSPHRASES["recovered"], "wachtzin": PASSPHRASES["next"]}
    last, fingerprint, code = keeps(site, traffic, page, "wisselen", **given)
    codes += [recovery, *renewed, last, code]
    site.inbeeld("keys", "adopt", HAVEN, fingerprint, "--yes")

    traffic.step = "Unlocking the key"
    site.refers(PATIENT)
    page.goto(f"{site.url}/postvak")
    unlock(page, PASSPHRASES["next"])

    traffic.step = "Opening the referral"
    page.locator("[data-aanmelding]").click()
    opened(page)
    expect(page.locator("#tekst")).to_contain_text(PATIENT.name)
    expect(page.get_by_role("link", name=PATIENT.phone)).to_have_attribute("href", f"tel:{PATIENT.e164}")
    # The list is fetched anew after opening; what follows is another step.
    expect(page.locator("#lijst")).to_contain_text("geopend door Sam van Haven")
    assert page.evaluate(STORED) == [0, 0, 0, 0, ""]
    expect(page).not_to_have_title(re.compile(PATIENT.name))

    traffic.step = "Reporting contact"
    page.get_by_role("button", name="Gesproken").click()
    page.get_by_role("button", name="Ja, melden").click()
    expect(page.get_by_text("Gemeld: Gesproken")).to_be_visible()
    expect(page.get_by_text(PATIENT.name)).to_have_count(0)

    traffic.read(page)
    assert not traffic.unread()
    sent, answered = traffic.sent().lower(), traffic.answered().lower()
    # The recorder works: what may be there is there.
    assert [each for each in traffic.posted() if each[1].startswith("/sleutel")] == KEPT
    assert fingerprint.replace(" ", "").lower() in sent
    assert '"jwe":' in answered
    assert colleague.id.lower() in sent
    assert len(set(codes)) == 5
    bare = [code.replace("-", "") for code in codes]
    for secret in (*PASSPHRASES.values(), *codes, *bare):
        for spelling in spellings(secret):
            assert spelling not in sent, "a secret left the browser"
            assert spelling not in answered
    words = set[str]().union(*map(spellings, (PATIENT.name, *PATIENT.name.split())))
    assert {word.lower() for word in PATIENT.name.split()} < words
    for spelling in {*words, *PATIENT.spellings, PATIENT.e164}:
        assert spelling.lower() not in sent, "a word of the referral left the browser"
        assert spelling.lower() not in answered, "the server knew a word of the referral"
    for spelling in before | private_keys(site, user.id, PASSPHRASES["next"]):
        assert spelling not in sent, "the private key left the browser"
        assert spelling not in answered
    if os.environ.get("INBEELD_WRITE_TRANSCRIPTS"):
        RECORD.write_text(HEAD + "\n".join(traffic.told()) + "\n", "utf-8")


def sends(site: Site, page: Page, name: str, *, stay: bool = False, **fields: str) -> None:
    """Go to the page Sleutel, fill in one of its forms, wherever it is folded away, and send it."""
    page.goto(f"{site.url}/sleutel")
    if stay:
        page.evaluate(STAY)
    form = work(page, name)
    page.locator("details", has=form).evaluate_all("all => all.forEach(one => { one.open = true; })")
    fill(form, **fields)
    form.locator("button[type=submit]").click()


def keeps(site: Site, traffic: Traffic, page: Page, name: str, **fields: str) -> list[str]:
    """Send a form that makes something; gives what is shown once."""
    sends(site, page, name, **fields)  # type: ignore[arg-type]
    made = kept(page)
    traffic.read(page)
    return made


def does(site: Site, traffic: Traffic, page: Page, name: str, **fields: str) -> None:
    """Send a form that makes nothing to keep."""
    sends(site, page, name, stay=True, **fields)
    expect(page.locator("html")).to_have_attribute(
        "data-wanted", f"{site.url}/sleutel?gelukt", timeout=SLOW_MS
    )
    traffic.read(page)
    page.goto(f"{site.url}/sleutel?gelukt")
    done(page)


def private_keys(site: Site, user_id: str, passphrase: str) -> set[str]:
    """The private keys that the browser made, in every encoding; the test opens them with the passphrase."""
    mine = select(WrapRow).where(WrapRow.user_id == user_id, WrapRow.kind == PairKind.PASSPHRASE)
    with site.gateway.store.read() as session:
        rows = session.exec(mine).all()
    assert rows
    return set[str]().union(*(encoded(unwrapped(row, passphrase, user_id)) for row in rows))


def encoded(key: ec.EllipticCurvePrivateKey) -> set[str]:
    """A private key in every encoding."""
    scalar = key.private_numbers().private_value.to_bytes(32)
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    # The public part at the end may be sent; what stands before it may not.
    secret_part = pkcs8[: pkcs8.index(scalar) + 32]
    found = {scalar.hex(), secret_part.hex(), str(int.from_bytes(scalar))}
    for piece in (scalar, secret_part):
        for offset in range(3):
            middle = base64.b64encode(b"\0" * offset + piece)[4 if offset else 0 : -4].decode()
            found |= {middle.lower(), middle.replace("+", "-").replace("/", "_").lower()}
    return found
