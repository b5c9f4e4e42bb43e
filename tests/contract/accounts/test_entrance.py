"""The entrance, asked by a client without a browser: what everybody is told, and what nobody is."""

import re

import pytest

from gateway.accounts import invitations, strangers
from gateway.accounts.login import TRIES_PER_MINUTE
from gateway.web import sessions
from gateway.web.auth import COOKIE
from tests.contract.accounts.house import LOGIN, PASSWORD, House, first, having, house

__all__ = ["house"]


async def test_an_unknown_login_a_wrong_password_and_a_lock_are_told_alike(house: House) -> None:
    client = house.client()
    answers = [first(client, password="iets heel anders"), first(client, login="wie@handover.example")]
    for _ in range(9):
        first(client, password="iets heel anders")
    answers.append(first(client))
    texts = {re.sub(r'value="[^"]*@[^"]*"', "", answer.text) for answer in answers}
    assert len(texts) == 1
    assert {answer.status_code for answer in answers} == {422}
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert PASSWORD not in answers[0].text
    assert "account_locked" in house.told.getvalue()
    assert LOGIN not in house.told.getvalue()
    assert house.events() == [("login.failed", strangers.ACTOR), ("login.locked", strangers.ACTOR)]
    house.later(minutes=16)
    assert first(client).headers["location"] == "/inloggen/code"


async def test_wrong_codes_count_too_and_the_right_one_is_refused_while_locked(house: House) -> None:
    client = house.client()
    first(client)
    for _ in range(10):
        assert client.post("/inloggen/code", data={"code": "123"}).status_code == 422
    assert client.post("/inloggen/code", data={"code": house.later(seconds=1)}).status_code == 422
    code = house.later(minutes=15)
    first(client)
    assert client.post("/inloggen/code", data={"code": code}).headers["location"] == "/bord"


async def test_half_a_login_opens_nothing_and_the_cookie_is_another_afterwards(house: House) -> None:
    client = house.client()
    first(client)
    half = client.cookies[COOKIE]
    assert client.get("/account").headers["location"].startswith("/inloggen")
    client.post("/inloggen/code", data={"code": house.later()})
    full = client.cookies[COOKIE]
    assert full != half
    assert client.get("/account").status_code == 200
    # Who knew the half one has nothing.
    having(client, half)
    assert client.get("/account").status_code == 303
    assert client.get("/inloggen/code").headers["location"] == "/inloggen"


async def test_a_cookie_that_somebody_else_chose_is_never_used(house: House) -> None:
    planted = {"Cookie": f"{COOKIE}=chosen"}
    given = {"login": LOGIN, "wachtwoord": PASSWORD}
    answer = house.client().post("/inloggen", data=given, headers=planted)
    assert answer.status_code == 303
    assert "chosen" not in answer.headers["set-cookie"]
    assert (
        house.client().post("/inloggen/code", data={"code": house.later()}, headers=planted).status_code
        == 303
    )
    assert house.client().get("/account", headers=planted).status_code == 303
    with house.gateway.store.read() as session:
        assert sessions.find(session, "chosen", house.now) is None


async def test_a_code_is_used_once(house: House) -> None:
    code = house.later()
    places = []
    for client in (house.client(), house.client()):
        first(client)
        places.append(client.post("/inloggen/code", data={"code": code}).status_code)
    assert places == [303, 422]


async def test_half_a_login_waits_ten_minutes(house: House) -> None:
    client = house.client()
    first(client)
    code = house.later(minutes=10)
    assert client.post("/inloggen/code", data={"code": code}).headers["location"] == "/inloggen"


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        ("/gebruikers", "/gebruikers"),
        ("/account/wachtwoord", "/account/wachtwoord"),
        ("/collegas", "/bord"),
        ("//evil.example", "/bord"),
        ("/\\evil.example", "/bord"),
        ("https://evil.example/", "/bord"),
        ("/gebruikers/../..//evil.example", "/bord"),
        ("/gebruikers?x=https://evil.example", "/bord"),
        ("/gebruikers\r\nset-cookie: a=b", "/bord"),
        ("javascript:alert(1)", "/bord"),
        ("/uitloggen", "/bord"),
        ("/v1/wachtrij", "/bord"),
        ("/static/icon.svg", "/bord"),
        ("", "/bord"),
    ],
)
async def test_nobody_is_sent_elsewhere(house: House, wanted: str, where: str) -> None:
    client = house.client()
    first(client, naar=wanted)
    answer = client.post("/inloggen/code", data={"code": house.later()})
    assert answer.headers["location"] == where
    assert client.get("/inloggen", params={"naar": wanted}).headers["location"] == where


async def test_one_address_may_not_try_for_ever(house: House) -> None:
    client, other = house.client(), house.client()
    statuses = [first(client, login="x", password="").status_code for _ in range(TRIES_PER_MINUTE + 1)]
    assert statuses == [*[422] * TRIES_PER_MINUTE, 429]
    assert first(other).status_code == 303
    house.later(seconds=1)
    assert first(client).status_code == 303


async def test_another_site_can_post_nothing(house: House) -> None:
    client = house.logged_in()
    for path in ("/uitloggen", "/inloggen", "/gebruikers/uitnodigen", "/account/sessies"):
        answer = client.post(path, headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
        assert answer.status_code == 403, path
    assert client.get("/account").status_code == 200


async def test_leaving_ends_the_session_for_everybody_who_has_it(house: House) -> None:
    client = house.logged_in()
    token = client.cookies[COOKIE]
    answer = client.post("/uitloggen")
    assert answer.headers["location"] == "/inloggen"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    having(client, token)
    assert client.get("/account").status_code == 303
    assert client.post("/uitloggen").status_code == 303
    assert house.events() == [("login.ended", "user:u1")]


async def test_a_medewerker_sees_and_changes_only_their_own_colleagues(house: House) -> None:
    house.account("m1", "sam@haven.example", "wijkteam-haven")
    house.account("m2", "kim@haven.example", "wijkteam-haven")
    house.account("o1", "jo@deschoor.example", "de-schoor")
    client = house.logged_in("m1")
    shown = client.get("/collegas").text
    assert "kim@haven.example" in shown
    assert "jo@deschoor.example" not in shown
    assert LOGIN not in shown
    for path in (
        "/collegas/o1/verwijderen",
        "/collegas/u1/verwijderen",
        "/collegas/m1/verwijderen",
        "/collegas/m2/herstellen",
        "/collegas/nobody/verwijderen",
        "/gebruikers/m2/verwijderen",
        "/gebruikers/uitnodigen",
    ):
        assert client.get(path).status_code == client.post(path).status_code == 404, path
    assert client.get("/gebruikers").status_code == 404
    given = {"naam": "Bo", "login": "bo@x.example", "organisatie": "de-schoor", "rol": "beheerder"}
    assert client.post("/collegas/uitnodigen", data=given).status_code == 200
    # A practice that has no page any more is still called by its name, and its colleagues can't come in.
    house.account("v1", "lena@filmwijk.example", "praktijk:filmwijk")
    beheerder = house.logged_in()
    shown = beheerder.get("/gebruikers").text
    assert "Gezondheidscentrum Filmwijk" in shown
    assert "Kan niet inloggen" in shown
    assert "praktijk:" not in shown
    with house.gateway.store.read() as session:
        (row,) = invitations.waiting(session, house.now)
    assert (row.role, row.organisation_id, row.created_by) == ("medewerker", "wijkteam-haven", "user:m1")
    other = house.logged_in("o1")
    assert other.post(f"/collegas/uitnodiging/{row.id}").status_code == 404
    assert "bo@x.example" in beheerder.get("/gebruikers").text
    # A page that asks first may not take HEAD for the answer.
    for path in (f"/collegas/uitnodiging/{row.id}", "/collegas/m2/verwijderen", "/collegas/uitnodigen"):
        assert client.head(path).status_code == 200, path
    assert client.post(f"/collegas/uitnodiging/{row.id}").status_code == 303
    assert client.post("/collegas/m2/verwijderen").headers["location"] == "/collegas?klaar=verwijderen"
    assert house.logged_in("m2").get("/collegas").status_code == 303


async def test_a_beheerder_resets_somebody_who_then_is_out(house: House) -> None:
    house.account("m1", "sam@haven.example", "wijkteam-haven")
    sam = house.logged_in("m1")
    shown = house.logged_in().post("/gebruikers/m1/herstellen").text
    (link,) = re.findall(r"https://\S+/uitnodiging/[\w-]{43}", shown)
    assert sam.get("/account").status_code == 303
    assert first(house.client(), login="sam@haven.example").status_code == 422
    path = link.partition("/uitnodiging/")[2]
    assert "sam@haven.example" in house.client().get(f"/uitnodiging/{path}").text
    assert path not in house.told.getvalue()
    assert [kind for kind, _ in house.events()][:1] == ["account.reset"]


async def test_a_link_that_opens_nothing_says_nothing(house: House) -> None:
    people = house.gateway.web.people
    link = people.invite(login="a@b.nl", name="Bo", role="beheerder", organisation=None, by="beheerder")
    newer = people.invite(login="a@b.nl", name="Bo", role="beheerder", organisation=None, by="beheerder")
    client = house.client()
    codes = [one.rpartition("/")[2] for one in (link, newer)]
    wrong = ["x", "A" * 43, codes[0], "%00", "..%2f.."]
    texts = {client.get(f"/uitnodiging/{code}").text for code in wrong[:3]}
    assert client.get(f"/uitnodiging/{codes[1]}").status_code == 200
    house.later(hours=72)
    texts.add(client.get(f"/uitnodiging/{codes[1]}").text)
    texts |= {
        client.post(f"/uitnodiging/{codes[1]}/{step}").text for step in ("wachtwoord", "app", "passkey")
    }
    assert len(texts) == 1
    for code in wrong:
        assert client.get(f"/uitnodiging/{code}").status_code == 404


async def test_old_logins_are_asked_again_before_anything_changes(house: House) -> None:
    client = house.logged_in()
    assert client.get("/account/wachtwoord").status_code == 200
    house.later(minutes=10)
    assert (
        client.get("/account/wachtwoord").headers["location"]
        == "/account/opnieuw?naar=%2Faccount%2Fwachtwoord"
    )
    new = {"wachtwoord": "negen groene fietsen", "nogmaals": "negen groene fietsen"}
    assert client.post("/account/wachtwoord", data=new).headers["location"].startswith("/account/opnieuw")
    assert client.post("/account/opnieuw", data={"wachtwoord": "mis"}).status_code == 422
    again = client.post("/account/opnieuw", data={"wachtwoord": PASSWORD, "naar": "/account/wachtwoord"})
    assert again.headers["location"] == "/account/wachtwoord"
    others = house.logged_in()
    assert client.post("/account/wachtwoord", data=new).headers["location"] == "/account?klaar=wachtwoord"
    assert client.get("/account").status_code == 200
    assert others.get("/account").status_code == 303
    assert first(house.client()).status_code == 422
    assert first(house.client(), password="negen groene fietsen").status_code == 303


async def test_whoever_changes_others_shows_a_factor_again(house: House) -> None:
    client = house.logged_in()
    house.later(minutes=10)
    invited = {"login": "nieuw@handover.example", "naam": "Nieuw"}
    for answer in (
        client.get("/gebruikers/uitnodigen"),
        client.post("/gebruikers/uitnodigen", data=invited),
    ):
        assert answer.headers["location"] == "/account/opnieuw?naar=%2Fgebruikers%2Fuitnodigen"
    assert client.get("/gebruikers").status_code == 200
    again = {"wachtwoord": PASSWORD, "naar": "/gebruikers/uitnodigen"}
    assert client.post("/account/opnieuw", data=again).headers["location"] == "/gebruikers/uitnodigen"
    assert "/uitnodiging/" in client.post("/gebruikers/uitnodigen", data=invited).text


async def test_whoever_showed_a_factor_again_is_back_where_they_were(house: House) -> None:
    client = house.logged_in()
    for path in ("/sleutels", "/proberen"):
        house.later(minutes=10)
        asked = client.post(path, data={"cijfers": "1"}).headers["location"]
        assert asked == f"/account/opnieuw?naar={path.replace('/', '%2F')}"
        assert "Dat is niet bewaard" in client.get(asked).text
        again = client.post("/account/opnieuw", data={"wachtwoord": PASSWORD, "naar": path})
        assert again.headers["location"] == path
    for elsewhere in (
        "",
        "/",
        "/account/opnieuw",
        "//evil.example",
        "/inbox",
        "https://evil.example/sleutels",
    ):
        house.later(minutes=10)
        again = client.post("/account/opnieuw", data={"wachtwoord": PASSWORD, "naar": elsewhere})
        assert again.headers["location"] == "/account", elsewhere


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:8443@evil.example", "127.0.0.1"]
)
async def test_a_passkey_is_for_no_host_that_the_asker_made_up(house: House, host: str) -> None:
    client = house.client()
    asked = client.post("/inloggen/passkey/vraag", headers={"Host": host})
    assert asked.status_code == 404
    assert client.post("/inloggen/passkey/vraag").json()["rpId"] == "localhost"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"response": 1}',
        b'{"id": 1, "response": {}}',
        b'{"id": "x", "response": {}}',
        b"[" * 5000,
    ],
)
async def test_what_is_no_passkey(house: House, body: bytes) -> None:
    client = house.client()
    client.post("/inloggen/passkey/vraag")
    for _ in range(2):
        # The second time nothing was asked any more.
        answer = client.post("/inloggen/passkey", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 401
