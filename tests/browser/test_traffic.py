"""The gateway never sees a private key, a passphrase, a code or a word of a referral: all traffic recorded.

With INBEELD_WRITE_TRANSCRIPTS=1 the record is written to docs/inbox-traffic.md.
"""

import base64
import os
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import Page, expect
from sqlmodel import select

from gateway.store.pagetables import WrapRow
from tests.browser.drawer import HAVEN, PASSPHRASE, PATIENT, SLOW_MS, fill, kept, unlock, unwrapped, work
from tests.browser.site import Site
from tests.browser.traffic import Traffic, spellings

RECORD = Path(__file__).parents[2] / "docs" / "inbox-traffic.md"
HEAD = """# What goes over the line when a referral is opened

Everything between the browser of an organisation and the gateway, from making the key to the report, as
`tests/browser/test_traffic.py` recorded it; scripts, styles and headers are left out here, not in the test.
⟨43⟩ stands for 43 characters of base64url. The test searches all of it for the private key, the passphrase,
the recovery key, the colleague's code, the name and the telephone number, each in many encodings.
"""
STORED = """async () => [
  localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
  (await caches.keys()).length, document.cookie,
]"""


def test_nothing_but_ciphertext_crosses_the_line(site: Site, page: Page) -> None:
    user, colleague = site.login(page, "medewerker"), site.user("medewerker", name="Bo de Wit")
    traffic = Traffic()
    traffic.over(page.context)

    traffic.step = "Making the key"
    page.goto(f"{site.url}/sleutel")
    fill(work(page, "maken"), wachtzin=PASSPHRASE)
    work(page, "maken").get_by_role("button", name="Maak de sleutel").click()
    recovery, fingerprint = kept(page)
    traffic.read(page)
    site.inbeeld("keys", "adopt", HAVEN, fingerprint, "--yes")

    traffic.step = "Giving a colleague access"
    fill(work(page, "geven"), huidige=PASSPHRASE)
    work(page, "geven").get_by_role("button", name="Geef collega toegang").click()
    (code,) = kept(page)
    traffic.read(page)

    traffic.step = "Unlocking the key"
    site.refers(PATIENT)
    page.goto(f"{site.url}/postvak")
    unlock(page)

    traffic.step = "Opening the referral"
    page.locator("[data-aanmelding]").click()
    expect(page.get_by_text("De aanmelding is geopend.")).to_be_visible(timeout=SLOW_MS)
    expect(page.locator("#tekst")).to_contain_text(PATIENT.name)
    expect(page.get_by_role("link", name=PATIENT.phone)).to_have_attribute("href", f"tel:{PATIENT.e164}")
    # The list is fetched anew after opening; what follows is another step.
    expect(page.locator("#lijst")).to_contain_text("geopend door Sam van Haven")
    assert page.evaluate(STORED) == [0, 0, 0, 0, ""]
    assert PATIENT.name not in page.title()

    traffic.step = "Reporting contact"
    page.get_by_role("button", name="Gesproken").click()
    page.get_by_role("button", name="Ja, melden").click()
    expect(page.get_by_text("Gemeld: Gesproken")).to_be_visible()
    expect(page.get_by_text(PATIENT.name)).to_have_count(0)

    traffic.read(page)
    assert not traffic.unread()
    sent, answered = traffic.sent().lower(), traffic.answered().lower()
    # The recorder works: what may be there is there.
    assert "/sleutel/paren" in sent
    assert fingerprint.replace(" ", "").lower() in sent
    assert '"jwe":' in answered
    for secret in (PASSPHRASE, recovery, recovery.replace("-", ""), code, code.replace("-", "")):
        for spelling in spellings(secret):
            assert spelling not in sent, "a secret left the browser"
            assert spelling not in answered
    for spelling in {*spellings(PATIENT.name), *PATIENT.spellings, PATIENT.e164}:
        assert spelling.lower() not in sent, "a word of the referral left the browser"
        assert spelling.lower() not in answered, "the server knew a word of the referral"
    for spelling in private_key(site, user.id):
        assert spelling not in sent, "the private key left the browser"
        assert spelling not in answered
    assert colleague.id.lower() in sent
    if os.environ.get("INBEELD_WRITE_TRANSCRIPTS"):
        RECORD.write_text(HEAD + "\n".join(traffic.told()) + "\n", "utf-8")


def private_key(site: Site, user_id: str) -> set[str]:
    """The private key that the browser made, in every encoding; the test opens it with the passphrase."""
    with site.gateway.store.read() as session:
        row = session.exec(select(WrapRow).where(WrapRow.user_id == user_id)).one()
    key = unwrapped(row, PASSPHRASE, user_id)
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
