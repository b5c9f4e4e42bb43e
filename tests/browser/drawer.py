"""What the tests of keys and mailbox do on pages, again and again."""

import base64
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_der_private_key
from playwright.sync_api import Locator, Page, expect

from gateway.demo.config import keep_pair
from gateway.store.pagetables import WrapRow
from tests.browser.site import Site
from tests.invented import Patient
from tests.patience import PATIENCE_S

HAVEN = "wijkteam-haven"
PASSPHRASE = "vier paarse olifanten fluiten"
PATIENT = Patient(wijk="De Werven")
FEWEST = 600_000
OPENED = "De aanmelding is geopend."
SLOW_MS = PATIENCE_S * 1000
"""A million rounds of hashing take a while on a busy machine."""


def lay_key(site: Site, *user_ids: str) -> None:
    """Let these people open the trial key of the mailbox with `PASSPHRASE`."""
    private = (site.place.directory / "keys" / "trial" / f"{HAVEN}.private.jwk").read_bytes()
    phrases = dict.fromkeys(user_ids, PASSPHRASE)
    with site.gateway.store.write() as session:
        keep_pair(
            session, HAVEN, private, phrases, now=site.gateway.base.wall(), by=user_ids[0], iterations=FEWEST
        )


def work(page: Page, name: str) -> Locator:
    """One form of the page Sleutel."""
    return page.locator(f"form[data-werk={name}]")


def fill(form: Locator, **fields: str) -> None:
    """Fill in fields by what they are; the passphrase twice."""
    for name, value in fields.items():
        form.locator(f"[data-veld={name}]").fill(value)
        if name == "wachtzin":
            form.locator("[data-veld=nogmaals]").fill(value)


def kept(page: Page) -> list[str]:
    """What is shown once, in the order in which it stands; then the page is as it was."""
    codes = page.locator("#geheim .big-code")
    expect(codes.first).to_be_visible(timeout=SLOW_MS)
    found = codes.all_inner_texts()
    page.get_by_role("button", name="Ik heb het bewaard").click()
    expect(page.get_by_role("heading", name="Sleutels die er zijn")).to_be_visible()
    return found


def done(page: Page) -> None:
    """Wait until a form without anything to keep has done its work."""
    expect(page.get_by_text("Gelukt. Uw wachtzin werkt nu.")).to_be_visible(timeout=SLOW_MS)


def unlock(page: Page, passphrase: str = PASSPHRASE) -> None:
    """Type the passphrase, and wait until the key is open."""
    page.get_by_label("Uw wachtzin").fill(passphrase)
    page.get_by_role("button", name="Ontgrendelen").click()
    expect(page.get_by_text("Uw sleutel is open.")).to_be_visible(timeout=SLOW_MS)


def opened(page: Page) -> None:
    """Wait until the text of a referral is there."""
    expect(page.get_by_text(OPENED)).to_be_visible(timeout=SLOW_MS)


def unwrapped(row: WrapRow, secret: str, user: str) -> ec.EllipticCurvePrivateKey:
    """The private key in a wrap that a browser made: nobody but its keeper can do this."""
    given = json.loads(row.wrapped)
    salt, iv, ciphertext = (_bytes(given[name]) for name in ("salt", "iv", "ciphertext"))
    key = hashlib.pbkdf2_hmac("sha256", secret.encode(), salt, given["iterations"])
    bound = "\n".join(("inbeeld wrap 1", row.pair_id, row.kind, user)).encode()
    private = load_der_private_key(AESGCM(key).decrypt(iv, ciphertext, bound), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return private


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
