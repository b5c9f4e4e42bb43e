"""The figures and the health of the gateway, in a browser: read, asked anew, taken away and printed."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Axe
from tests.browser.site import Site
from tests.browser.watch import fitting
from tests.store.trail import make_trails

A4_WIDTH, A4_HEIGHT = 794, 1123
"""A4 in the pixels in which a browser lays out paper."""


@pytest.fixture
def full(site: Site) -> Site:
    """A gateway with cases of two practices."""
    make_trails(site.gateway.store, 20, site.now, ("filmwijk", "stedenwijk"))
    return site


def picture(page: Page, name: str) -> None:
    """For whoever wants to look: where FIGURES_SHOTS says."""
    if folder := os.environ.get("FIGURES_SHOTS"):
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def test_figures_and_health_are_read_asked_anew_and_printed(
    full: Site, page: Page, phone: Page, axe: Axe, tmp_path: Path
) -> None:
    full.login(page)
    page.goto(f"{full.url}/cijfers?periode=alles")
    axe(page)
    picture(page, "cijfers")
    for drawing in page.get_by_role("img").all():
        expect(drawing).to_have_accessible_name(re.compile(r"\w"))
    page.get_by_label("Verdelen naar").select_option("praktijk")
    page.get_by_label("Kleine aantallen verbergen").check()
    page.get_by_role("button", name="Toon cijfers").click()
    expect(page).to_have_url(re.compile(r"per=praktijk.*klein=1"))
    expect(page.get_by_role("table", name="Zaken en het deel")).to_contain_text("Huisartsen Stedenwijk")
    page.get_by_role("link", name="Deze maand").click()
    expect(page).to_have_url(re.compile(r"klein=1.*periode=maand"))
    with page.expect_download() as taken:
        page.get_by_role("link", name="Voor Excel").click()
    assert taken.value.suggested_filename == "inbeeld-cijfers.csv"
    page.get_by_role("link", name="Afdrukken").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cijfers van InBeeld")
    axe(page)
    full.login(phone)
    for path, name in (("/cijfers?periode=alles", "cijfers"), ("/gezondheid", "gezondheid")):
        phone.goto(full.url + path)
        axe(phone)
        picture(phone, name)
    full.refers()
    page.goto(f"{full.url}/gezondheid")
    axe(page)
    picture(page, "gezondheid")
    expect(page.get_by_text("De verwerking houdt het bij")).to_be_visible()
    sending = page.get_by_role("table", name="Per organisatie")
    expect(sending.get_by_role("row").nth(1)).not_to_contain_text("nog nooit")
    expect(page.get_by_role("table", name="Tot wanneer")).to_contain_text("TLS-certificaat")
    page.goto(f"{full.url}/cijfers/afdruk?periode=alles&per=wijk")
    paper = page.pdf(prefer_css_page_size=True, print_background=False)
    pages = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", paper)
    assert 1 <= len(pages) <= 4
    for width, height in pages:
        assert (round(float(width)), round(float(height))) == (595, 842), "A4 in points"
    if folder := os.environ.get("FIGURES_SHOTS"):
        Path(folder, "afdruk.pdf").write_bytes(paper)
    # As wide as the paper between its margins: nothing may stand beside it, also not inside a box.
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4_WIDTH - 92, "height": A4_HEIGHT})
    fitting(page)
    cut = page.evaluate(
        "[...document.querySelectorAll('.scroll, table, svg, .card')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display != 'table').length"
    )
    assert cut == 0
    picture(page, "afdruk")
