"""A real browser before the running gateway.

    def test_something(site: Site, page: Page, axe: Axe) -> None:
        site.login(page)                       # a beheerder; role="medewerker" for wijkteam-haven
        page.goto(f"{site.url}/bord")
        axe(page)

Tests here are ordinary functions: no `async`, no fixture that is (`peer`, `town`); `site` has them all.
Whatever a browser complains about fails the test that showed the page; see `tests.browser.watch`.
"""

import base64
import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from gateway.sandbox.pool import Readers
from tests.browser.site import Site
from tests.browser.watch import Watch, accessible
from tests.patience import PATIENCE_S
from tests.programs import program
from tests.story.place import Place

PATIENCE_MS = PATIENCE_S * 1000
"""How long something on a page may take to appear, in milliseconds."""

WIDE = {"viewport": {"width": 1280, "height": 900}}
NARROW = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
DUTCH = {"locale": "nl-NL", "timezone_id": "Europe/Amsterdam", "reduced_motion": "reduce"}

NewContext = Callable[..., BrowserContext]
Axe = Callable[[Page], None]


@pytest.fixture(scope="package")
def browser(template: Place) -> Iterator[Browser]:
    """Debian's Chromium, which trusts the certificate of our trial set and no other of an unknown authority.

    As long as tests of this folder follow each other: while playwright runs, this thread has an event loop,
    and no other test could start one.
    """
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium(), args=arguments(template.tls[0]))
        yield made
        made.close()


@pytest.fixture
def site(place: Place, readers: Readers) -> Iterator[Site]:
    """A gateway of this test alone, served on https://localhost."""
    with Site(place, readers) as made:
        yield made


@pytest.fixture
def watch(site: Site) -> Iterator[Watch]:
    """Sees what the browser complains about: `watch.allow(404)` where a test asks for just that."""
    made = Watch(site.url)
    yield made
    made.fine()


@pytest.fixture
def context(browser: Browser, watch: Watch) -> Iterator[NewContext]:
    """Makes browsers that know nothing of each other, as wide as `WIDE` (or `**NARROW`)."""
    made: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        one = browser.new_context(**{**WIDE, **DUTCH, **options})  # type: ignore[arg-type]
        one.set_default_timeout(PATIENCE_MS)
        watch.over(one)
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()


@pytest.fixture
def page(context: NewContext) -> Page:
    """A page of 1280 px wide, in a browser of its own."""
    return context().new_page()


@pytest.fixture
def phone(context: NewContext) -> Page:
    """A page of 360 px wide, with touch, in a browser of its own."""
    return context(**NARROW).new_page()


@pytest.fixture
def axe() -> Axe:
    """Fails on what is not accessible on a page: `axe(page)`."""
    return accessible


def chromium() -> str:
    """The browser there is."""
    return shutil.which("chromium") or program("chromium-headless-shell", "chromium-headless-shell")


def arguments(certificate: Path) -> list[str]:
    """What the browser is told at its start: to trust this certificate, as if a known authority signed it."""
    return ["--no-sandbox", f"--ignore-certificate-errors-spki-list={_pin(certificate)}"]


def _pin(certificate: Path) -> str:
    """What a browser knows our certificate by: the digest of its public key."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    return base64.b64encode(
        hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    ).decode()
