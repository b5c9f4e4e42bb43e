"""The rig itself: what a browser complains about is really seen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.app.web import WebRole
from gateway.web.pages import POLICY
from tests.browser.conftest import Axe
from tests.browser.site import Site
from tests.browser.watch import Watch

GOOD = (
    '<!doctype html><html lang="nl"><title>t</title><link rel="icon" href="data:,">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><main><h1>k</h1>{}</main>'
)
WIDE = '<svg width="{}" height="10" role="img" aria-label="breed"></svg>'
Plants = Callable[[str], None]


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Pages with a fault in them, served beside our own under /planted/NAME; with our policy, but `loose`."""
    faults: dict[str, str] = {}

    async def show(request: Request) -> Response:
        name = request.path_params["name"]
        if name == "code.js":
            return Response(faults["code"], media_type="text/javascript")
        policy = POLICY.replace("img-src 'self'", "img-src 'self' data:")
        return HTMLResponse(GOOD.format(faults[name]), headers={"Content-Security-Policy": policy})

    original = WebRole.routes
    monkeypatch.setattr(WebRole, "routes", lambda self: [*original(self), Route("/planted/{name}", show)])
    return faults


@pytest.fixture
def complaint(watch: Watch, page: Page) -> Callable[[str], str]:
    """What was seen, once that holds the words that the test waits for or the page has drawn many frames."""

    def told(words: str) -> str:
        for _ in range(600):
            # What a script starts may end after the page was there, and one fault is told in several ways,
            # in any order: each frame lets the browser tell more.
            if any(words in seen for seen in watch.seen):
                break
            page.evaluate("new Promise(done => requestAnimationFrame(done))")
        with pytest.raises(AssertionError) as failure:
            watch.fine()
        # A browser tells some things twice: only a page that is gone says no more.
        page.close()
        watch.seen.clear()
        return str(failure.value)

    return told


def test_a_calm_page_passes(planted: dict[str, str], site: Site, page: Page, phone: Page, axe: Axe) -> None:
    planted["calm"] = "<p>Dag!</p>"
    for shown in (page, phone):
        shown.goto(f"{site.url}/planted/calm")
        assert shown.inner_text("p") == "Dag!"
        axe(shown)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("console.debug('hm')", "console debug: hm"),
        ("nothing.there()", "script error: nothing is not defined"),
        ("fetch('https://elsewhere.example/')", "policy breached on"),
        ("fetch('/niets-hier')", "status of 404"),
        ("document.body.setAttribute('style', 'color: red')", "style-src"),
        ("document.body.insertAdjacentHTML('beforeend', '<img src=\"https://a.example/b\">')", "img-src"),
    ],
)
def test_what_a_script_does_wrong_is_seen(
    planted: dict[str, str],
    site: Site,
    page: Page,
    watch: Watch,
    complaint: Callable[[str], str],
    code: str,
    said: str,
) -> None:
    planted["code"], planted["page"] = code, '<script src="/planted/code.js"></script>'
    page.goto(f"{site.url}/planted/page")
    assert said in complaint(said)


def test_code_inside_a_page_is_seen(
    planted: dict[str, str], site: Site, page: Page, complaint: Callable[[str], str]
) -> None:
    planted["page"] = "<script>document.title = 'ran'</script>"
    page.goto(f"{site.url}/planted/page")
    expect(page).to_have_title("t")
    assert "policy breached on" in complaint("policy breached on")


def test_a_request_to_elsewhere_is_seen(site: Site, page: Page, complaint: Callable[[str], str]) -> None:
    elsewhere = site.url.replace("localhost", "127.0.0.1")
    page.goto(f"{elsewhere}/healthz")
    assert "request to elsewhere: GET https://127.0.0.1" in complaint(
        "request to elsewhere: GET https://127.0.0.1"
    )


def test_what_was_asked_for_is_let_be(site: Site, page: Page, watch: Watch) -> None:
    watch.allow(404)
    assert page.goto(f"{site.url}/niets-hier").status == 404  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ('<input type="text">', "label"),
        ("<h3>te diep</h3>", "heading-order"),
        ('<img src="/static/icon.svg">', "image-alt"),
        (WIDE.format(1400), "px wide"),
        ("<h1>twee</h1>", "more than one heading"),
    ],
)
def test_what_is_not_accessible_is_seen(
    planted: dict[str, str], site: Site, page: Page, axe: Axe, fault: str, said: str
) -> None:
    planted["page"] = fault
    page.goto(f"{site.url}/planted/page")
    with pytest.raises(AssertionError, match=said):
        axe(page)


def test_what_is_too_wide_for_a_telephone_is_seen(
    planted: dict[str, str], site: Site, phone: Page, axe: Axe
) -> None:
    planted["page"] = WIDE.format(400)
    phone.goto(f"{site.url}/planted/page")
    with pytest.raises(AssertionError, match="px wide in a window of 360 px"):
        axe(phone)


def test_a_page_that_shows_nothing_is_seen(site: Site, page: Page, axe: Axe) -> None:
    page.set_default_timeout(200)
    with pytest.raises(PlaywrightTimeout, match='locator\\("h1"\\)'):
        axe(page)


def test_a_colleague_is_known_and_a_stranger_is_not(
    planted: dict[str, str], site: Site, page: Page, phone: Page
) -> None:
    async def who(request: Request) -> Response:
        visitor = await site.gateway.web.auth.visitor(request)
        return HTMLResponse(GOOD.format(visitor.owner if visitor else "niemand"))

    site.login(page, "medewerker")
    cookie = page.context.cookies()[0]
    assert (cookie["name"], cookie["domain"], cookie["path"]) == ("__Host-inbeeld", "localhost", "/")
    assert phone.context.cookies() == []


def test_a_referral_arrives_and_the_clock_moves(site: Site) -> None:
    kenmerk = site.refers()
    assert site.json("cases", "show", kenmerk)["state"] == "delivered"
    site.tick(days=4)
    assert site.json("cases", "show", kenmerk)["overdue"] is True
