"""What somebody who means harm tries on the pages, over the real wire and from a real other site."""

import re
import ssl
from collections.abc import Callable, Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, Page
from starlette.routing import Route

from gateway.web import sessions
from gateway.web.app import BODY
from gateway.web.auth import COOKIE, GuardedRoute, Role
from gateway.web.pages import POLICY, TRUSTED
from tests.browser.conftest import WIDE, NewContext
from tests.browser.site import Site
from tests.browser.test_login import enrol, following, invited, log_in
from tests.browser.trap import Trap, other_site
from tests.browser.watch import Watch
from tests.invented import Patient, make_mail
from tests.patience import PATIENCE_S

HAVEN, OTHER = "wijkteam-haven", "de-schoor"
Clients = Callable[..., httpx2.Client]


@pytest.fixture
def client(site: Site) -> Iterator[Clients]:
    """Makes clients that follow no redirect, somebody's or nobody's, asking for pages as browsers do."""
    trust = ssl.create_default_context(cafile=str(site.place.directory / "keys" / "tls" / "ca.pem"))
    made: list[httpx2.Client] = []

    def make(role: str | None = None, organisation: str = HAVEN) -> httpx2.Client:
        headers = {"Accept": "text/html"}
        if role:
            name = f"Iemand van {organisation}"
            headers["Cookie"] = f"{COOKIE}={site.session(site.user(role, organisation, name))}"
        made.append(httpx2.Client(base_url=site.url, verify=trust, headers=headers, timeout=PATIENCE_S))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def trap() -> Iterator[Trap]:
    """Another site; gives the address at which a page of it stands."""
    with other_site() as put:
        yield put


def routes(site: Site, method: str) -> list[Route]:
    """Our pages that answer this method: not the API, which no browser's cookie opens."""
    found = [route for route in site.gateway.web.routes() if isinstance(route, Route)]
    return [r for r in found if method in (r.methods or ()) and not r.path.startswith("/v1/")]


def filled(path: str, kenmerk: str) -> str:
    """A path with a real kenmerk in it, and words for what else it asks."""
    return re.sub(r"{[^}]*}", "x", path.replace("{kenmerk}", kenmerk))


# 127.0.0.1 is another site; another port of localhost is the same site, so that our cookie goes along.
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_site_posts_in_vain(site: Site, browser: Browser, trap: Trap, host: str) -> None:
    context = browser.new_context(**WIDE)  # type: ignore[arg-type]
    page = context.new_page()
    user = site.login(page)
    html = f'<form method="post" action="{site.url}/uitloggen"><button>Win een prijs</button></form>'
    page.goto(trap(html, host))
    with page.expect_response(f"{site.url}/uitloggen") as answered:
        page.get_by_role("button").click()
    assert answered.value.status == 403
    page.goto(f"{site.url}/account")
    assert user.name in page.inner_text("body")
    context.close()


ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://elders.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://a.localhost"},
    {"Origin": "https://elders.example"},
    {"Origin": "null"},
)


def test_every_post_from_elsewhere_is_refused(site: Site, client: Clients) -> None:
    kenmerk = site.refers(Patient(wijk="De Werven"))
    boss, tried = client(Role.BEHEERDER), 0
    for route in routes(site, "POST"):
        for headers in ELSEWHERE:
            answer = boss.post(filled(route.path, kenmerk), headers=headers, data={"zeker": "ja"})
            assert answer.status_code == 403, (route.path, headers)
            tried += 1
    assert tried > 80


def test_a_frame_shows_nothing(site: Site, browser: Browser, trap: Trap) -> None:
    context = browser.new_context(**WIDE)  # type: ignore[arg-type]
    page = context.new_page()
    site.login(page)
    page.goto(trap(f'<iframe src="{site.url}/bord"></iframe>', "localhost"))
    page.wait_for_load_state("networkidle")
    assert [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"]
    context.close()


STRICT = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000",
}
OURS_ONLY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
NO_MARKUP = {"require-trusted-types-for 'script'", "trusted-types 'none'"}
UNSEALING = ("/postvak/", "/sleutel/", "/quarantaine/{kenmerk}/")
"""Where these pages stand: what was sealed is opened on them."""


def test_every_page_has_the_strict_headers(site: Site, client: Clients) -> None:
    kenmerk = site.refers(Patient(wijk="De Werven"))
    site.post(make_mail(sender="invaller@elders.example"))
    (aside,) = (row["kenmerk"] for row in site.json("quarantine", "list"))
    shown, unsealing = 0, set()
    for who in (client(), client(Role.BEHEERDER), client(Role.MEDEWERKER)):
        for route in routes(site, "GET"):
            about = aside if route.path.startswith("/quarantaine") else kenmerk
            with who.stream("GET", filled(route.path, about)) as answer:
                told = answer.headers
                shown += answer.status_code == 200
                assert answer.status_code < 500, route.path
            for name, value in STRICT.items():
                assert told[name].startswith(value), (route.path, name)
            assert "no-store" in told["cache-control"], route.path
            policy = told["content-security-policy"]
            assert {"default-src 'none'", "frame-ancestors 'none'"} <= set(policy.split("; ")), route.path
            if told.get("content-type", "").startswith("text/html"):
                opens = answer.status_code == 200 and f"{route.path}/".startswith(UNSEALING)
                unsealing |= {route.path} if opens else set()
                assert policy == (TRUSTED["Content-Security-Policy"] if opens else POLICY), route.path
            assert "server" not in told
    assert shown > 20
    assert unsealing == {"/postvak", "/postvak/{kenmerk}", "/sleutel", "/quarantaine/{kenmerk}"}
    assert set(POLICY.split("; ")) >= OURS_ONLY
    assert set(TRUSTED["Content-Security-Policy"].split("; ")) >= OURS_ONLY | NO_MARKUP
    assert not re.search(r"unsafe|\*|http|data:", POLICY)


def test_a_session_that_was_planted_is_nobodys(
    site: Site, page: Page, context: NewContext, watch: Watch
) -> None:
    app, _ = enrol(page, invited(site))
    planted = "A" * 43
    victim = context().new_page()
    victim.context.add_cookies([{"name": COOKIE, "value": planted, "url": site.url, "secure": True}])
    seen = [planted]

    def note(_: object) -> None:
        mine = (one["value"] for one in victim.context.cookies() if one["name"] == COOKIE)
        seen.extend(value for value in mine if value not in seen)

    victim.on("response", note)
    log_in(victim, site, following(app))
    victim.wait_for_url(f"{site.url}/bord")
    (cookie,) = (one for one in victim.context.cookies() if one["name"] == COOKIE)
    assert (cookie["name"], cookie["domain"], cookie["path"]) == (COOKIE, "localhost", "/")
    assert (cookie["secure"], cookie["httpOnly"], cookie["expires"]) == (True, True, -1)
    assert cookie["sameSite"] in ("Lax", "Strict")
    earlier = [value for value in seen if value != cookie["value"]]
    assert len(earlier) > 1, "the half session of the first factor has its own cookie"
    with site.gateway.store.read() as session:
        for value in earlier:
            assert sessions.find(session, value, site.gateway.base.wall()) is None
        assert sessions.find(session, cookie["value"], site.gateway.base.wall()) is not None


def test_a_login_leads_nowhere_else(client: Clients) -> None:
    for who in (client(), client(Role.BEHEERDER)):
        for wanted in (
            "//elders.example/",
            "https://elders.example/",
            "/\\elders.example",
            "\\\\elders.example",
        ):
            answer = who.get("/inloggen", params={"naar": wanted})
            location = answer.headers.get("location", "/")
            assert re.match(r"/(?![/\\])", location), (wanted, location)


CROOKED = (
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static/..%2fapp.py",
    "/static/vendor/..%5c..%5capp.py",
    "/static/%00",
    "//elders.example/bord",
    "/bord/../../etc/passwd",
    "/bord%0d%0aSet-Cookie:%20a=b",
    "/zaken/%0d%0aSet-Cookie:%20a=b",
    "/zaken/IB-0000-0000'%20OR%20'1'='1",
    "/postvak/%E2%80%AE%F0%9F%92%A3",
    "/melden/" + "A" * 3000,
    "/uitnodiging/%3Cscript%3E",
)
"""Paths that try to leave their folder, to end a header, or to become a question to the database."""


def test_a_path_leads_to_nothing_it_should_not(client: Clients) -> None:
    for who in (client(), client(Role.BEHEERDER), client(Role.MEDEWERKER)):
        for path in CROOKED:
            answer = who.request("GET", httpx2.URL(who.base_url, raw_path=path.encode()))
            assert answer.status_code in (303, 400, 401, 404), (path, answer.status_code)
            assert "set-cookie" not in answer.headers, path
            assert re.match(r"/(?![/\\])", answer.headers.get("location", "/")), path
            assert not re.search("<script>|import |root:|Traceback", answer.text), path


def test_who_lies_about_the_host_gets_no_other_answer(client: Clients, site: Site) -> None:
    lies = {
        "Host": "elders.example",
        "X-Forwarded-Host": "elders.example",
        "Forwarded": "host=elders.example",
    }
    for who in (client(), client(Role.BEHEERDER)):
        for path in ("/bord", "/inloggen", "/account", "/gebruikers"):
            answer = who.get(path, headers=lies)
            assert "elders.example" not in answer.text
            assert "elders.example" not in answer.headers.get("location", "")


def test_who_sends_too_much_is_told_so_and_nothing_breaks(site: Site, client: Clients) -> None:
    own = {"Sec-Fetch-Site": "same-origin", "Origin": site.url}
    boss = client(Role.BEHEERDER)
    paths = (("/inloggen", 422, 422), ("/gebruikers/uitnodigen", 422, 413), ("/sleutel/paren", 415, 413))
    for path, status, large in paths:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert boss.post(path, content=b"a" * (BODY + 1), headers=own | kind).status_code == 413, path
        # Without a length a form of ours is none, and one that goes on is read no further than the most.
        for number, wanted in ((1, status), (BODY // 65536 + 1, large)):
            pieces = (b"a" * 65536 for _ in range(number))
            assert boss.post(path, content=pieces, headers=own | kind).status_code == wanted, (path, number)
        many = "&".join(f"a{number}=b" for number in range(400)).encode()
        assert boss.post(path, content=many, headers=own | kind).status_code == status, path
    for answer in (
        client().get("/inloggen", params={"naar": "/" + "a" * 30_000}),
        boss.get("/bord", params={"organisatie": "a" * 30_000, "wijk": "<b>" * 1000}),
        boss.get("/cijfers", params={"van": "9" * 30_000}),
    ):
        assert answer.status_code < 500
        assert len(answer.content) < 500_000
    assert boss.get("/account").status_code == 200


def test_one_organisation_never_sees_what_is_anothers(site: Site, client: Clients) -> None:
    kenmerk = site.refers(Patient(wijk="De Werven"))
    theirs, ours = client(Role.MEDEWERKER, HAVEN), client(Role.MEDEWERKER, OTHER)
    assert kenmerk in theirs.get("/postvak").text
    assert theirs.get(f"/postvak/{kenmerk}").status_code == 200
    own = {"Sec-Fetch-Site": "same-origin", "Origin": site.url}
    tried = 0
    for method in ("GET", "POST"):
        for route in routes(site, method):
            if not isinstance(route, GuardedRoute):
                continue
            path = filled(route.path, kenmerk)
            with ours.stream(method, path, headers=own if method == "POST" else {}) as answer:
                if Role.MEDEWERKER not in route.roles or "{" in route.path:
                    assert answer.status_code == 404, (method, path, answer.status_code)
                    tried += 1
                else:
                    assert answer.status_code < 500, path
                    assert kenmerk not in answer.read().decode(), path
    assert tried > 20
    seen = site.json("cases", "show", kenmerk)
    assert seen["state"] == "delivered"
    assert not [event for event in seen["events"] if OTHER in event["actor"]]
