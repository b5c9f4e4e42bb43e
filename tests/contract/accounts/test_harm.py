"""What somebody tries who means harm: a colleague elsewhere, whoever holds a link, whoever was reset."""

import re
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pyotp
import pytest
from sqlmodel import Session
from starlette.routing import Route

from gateway.accounts import factors
from gateway.accounts import rows as accounts
from gateway.accounts.people import MOST
from gateway.app import Gateway
from gateway.store.migrate import migrate
from tests.contract.accounts.device import Device
from tests.contract.accounts.house import LOGIN, PASSWORD, URL, House, first, house
from tests.patience import PATIENCE_S
from tests.story.place import Place

__all__ = ["house"]

HAVEN, SCHOOR = "wijkteam-haven", "de-schoor"


@pytest.fixture
async def on_postgresql(place: Place, database_url: str) -> AsyncIterator[House]:
    """The same house on the database that takes NUL for an error."""
    place.database(database_url)
    gateway = Gateway.at(place.directory)
    migrate(gateway.store)
    made = House(gateway)
    made.account()
    made.account("m1", "sam@haven.example", HAVEN)
    yield made
    await gateway.close()


def link_of(house: House, *, colleague: bool = False) -> str:
    """The path of an invitation of De Schoor for Kim, by a colleague or by a beheerder."""
    given = {"login": "kim@deschoor.example", "name": "Kim", "role": "medewerker", "by": "user:o1"}
    link = house.gateway.web.people.invite(**given, organisation=SCHOOR, colleague=colleague)
    return "/uitnodiging/" + link.rpartition("/")[2]


def invited(house: House, by: str, login: str) -> tuple[int, str]:
    """What a medewerker is told who invites somebody: the status, and the path of the link."""
    answer = house.logged_in(by).post("/collegas/uitnodigen", data={"naam": "Kim", "login": login})
    found = re.search(r"/uitnodiging/[\w-]{43}", answer.text)
    return answer.status_code, found[0] if found else ""


async def test_nobody_takes_back_or_keeps_away_the_invitation_of_another_organisation(house: House) -> None:
    house.account("m1", "sam@haven.example", HAVEN)
    house.account("o1", "jo@deschoor.example", SCHOOR)
    again = {"naam": "Kim", "login": "kim@deschoor.example"}
    first_come = invited(house, "m1", "kim@deschoor.example")[1]
    path = link_of(house, colleague=True)
    other = invited(house, "m1", "kim@deschoor.example")[1]
    assert house.client().get(path).status_code == house.client().get(other).status_code == 200
    assert house.client().get(first_come).status_code == 404
    # A beheerder sees both, and takes one back before there is a third.
    as_beheerder = again | {"organisatie": SCHOOR}
    assert house.logged_in().post("/gebruikers/uitnodigen", data=as_beheerder).status_code == 422
    # Their own colleagues may make a newer link, which ends the older one.
    assert house.logged_in("o1").post("/collegas/uitnodigen", data=again).status_code == 200
    assert house.client().get(path).status_code == 404


def set_up(house: House, path: str) -> int:
    """Set up a password and an app behind a link; gives the answer to the last step."""
    client, choice = house.client(), "negen groene fietsen"
    client.post(f"{path}/wachtwoord", data={"wachtwoord": choice, "nogmaals": choice})
    (secret,) = re.findall(r'id="sleutel">([^<]+)', client.get(f"{path}/app").text)
    code = pyotp.TOTP(secret.replace(" ", "")).at(house.now)
    return client.post(f"{path}/app", data={"code": code}).status_code


async def test_a_medewerker_learns_nothing_of_accounts_elsewhere(house: House) -> None:
    house.account("m1", "sam@haven.example", HAVEN)
    house.account("o1", "jo@deschoor.example", SCHOOR)
    tried = ("jo@deschoor.example", LOGIN, "wie@deschoor.example", "sam@haven.example")
    answers = {login: invited(house, "m1", login) for login in tried}
    assert [status for status, _ in answers.values()] == [200, 200, 200, 422]
    # What the link is asked for a passkey names no account of elsewhere, and the last step ends.
    path = answers["jo@deschoor.example"][1]
    asked = {house.client().post(f"{path}/passkey/vraag").json()["user"]["id"] for _ in range(2)}
    assert len(asked) == 2
    assert set_up(house, path) == set_up(house, answers[LOGIN][1]) == 404
    assert set_up(house, answers["wie@deschoor.example"][1]) == 303


async def test_a_link_is_not_for_an_account_elsewhere_whose_factors_were_taken_away(house: House) -> None:
    house.account("m1", "sam@haven.example", HAVEN)
    house.account("o1", "jo@deschoor.example", SCHOOR)
    _, theirs = invited(house, "m1", "jo@deschoor.example")
    own = house.gateway.web.people.reset("o1", "beheerder").partition("/uitnodiging/")[2]
    assert set_up(house, theirs) == 404
    assert set_up(house, f"/uitnodiging/{own}") == 303


async def test_one_medewerker_has_twenty_invitations_open(house: House) -> None:
    house.account("m1", "sam@haven.example", HAVEN)
    house.account("m2", "bo@haven.example", HAVEN)
    statuses = [invited(house, "m1", f"a{number}@x.example")[0] for number in range(MOST + 1)]
    assert statuses == [*[200] * MOST, 422]
    # A newer one for the same person, and those of a colleague, are let be.
    assert invited(house, "m1", "a1@x.example")[0] == invited(house, "m2", "z@x.example")[0] == 200
    told = house.logged_in("m1").post("/collegas/uitnodigen", data={"naam": "K", "login": "y@x.example"}).text
    assert "Er staan al 20 uitnodigingen van u open." in told


async def test_two_who_finish_one_invitation_at_once_are_one(
    on_postgresql: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, both, found = on_postgresql, threading.Barrier(2, timeout=PATIENCE_S), accounts.by_login
    path, client, choice = link_of(house), house.client(), "negen groene fietsen"
    client.post(f"{path}/wachtwoord", data={"wachtwoord": choice, "nogmaals": choice})
    (secret,) = re.findall(r'id="sleutel">([^<]+)', client.get(f"{path}/app").text)
    code = {"code": pyotp.TOTP(secret.replace(" ", "")).at(house.now)}

    def together(session: Session, login: str) -> object:
        user = found(session, login)
        both.wait()
        return user

    monkeypatch.setattr(accounts, "by_login", together)
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda _: house.client().post(f"{path}/app", data=code), range(2)))
    assert sorted(answer.status_code for answer in answers) == [303, 404]
    assert "step.failed" not in house.told.getvalue()


async def test_who_is_of_an_organisation_that_went_is_out(house: House) -> None:
    house.account("m1", "sam@haven.example", "weg")
    client, second = house.logged_in("m1"), house.client()
    client.headers["accept"] = second.headers["accept"] = "text/html"
    assert client.get("/postvak").headers["location"].startswith("/inloggen")
    # The login itself is shown, and leads nowhere.
    assert client.get("/inloggen").status_code == 200
    assert first(second, "sam@haven.example").status_code == 303
    assert second.post("/inloggen/code", data={"code": house.later()}).headers["location"] == "/inloggen"
    assert second.get("/postvak").status_code == 303
    assert [kind for kind, _ in house.events()] == []


async def test_whoever_has_a_passkey_that_was_removed_is_out(house: House) -> None:
    with house.gateway.store.write() as session:
        assert factors.add_passkey(
            session, id_="abc", user_id="u1", public_key=b"k", sign_count=0, label="Telefoon", now=house.now
        )
    thief, noor = house.logged_in(), house.logged_in()
    gone = {"passkey": "abc", "zeker": "ja"}
    assert noor.post("/account/passkey/verwijderen", data=gone).headers["location"].endswith("verwijderd")
    assert (noor.get("/account").status_code, thief.get("/account").status_code) == (200, 303)


async def test_recovery_codes_are_shown_for_ten_minutes_to_who_showed_a_factor(house: House) -> None:
    client, again = house.logged_in(), {"wachtwoord": PASSWORD}
    house.later(minutes=8)
    assert client.post("/account/herstelcodes/nieuw").status_code == 303
    assert "<code>" in client.get("/account/herstelcodes").text
    house.later(minutes=3)
    asked = client.get("/account/herstelcodes")
    assert asked.headers["location"] == "/account/opnieuw?naar=%2Faccount%2Fherstelcodes"
    client.post("/account/opnieuw", data=again)
    assert "<code>" in client.get("/account/herstelcodes").text
    house.later(minutes=7)
    assert client.get("/account/herstelcodes").headers["location"] == "/account"


async def test_a_reset_account_belongs_to_nobody_at_the_provider(house: House) -> None:
    with house.gateway.store.write() as session:
        user = accounts.find(session, "u1")
        assert user is not None
        assert accounts.bind(session, user, "https://provider.example|7")
    house.account("u2", "bo@handover.example")
    assert house.logged_in("u2").post("/gebruikers/u1/herstellen").status_code == 200
    with house.gateway.store.read() as session:
        assert accounts.of_subject(session, "https://provider.example|7") is None


async def test_a_passkey_that_nobody_asked_for_is_refused(house: House) -> None:
    client, path, device = house.client(), link_of(house), Device(URL)
    assert client.post(f"{path}/passkey", json=device.makes("")).status_code == 401
    choice = {"wachtwoord": "negen groene fietsen", "nogmaals": "negen groene fietsen"}
    assert client.post(f"{path}/wachtwoord", data=choice).status_code == 303
    assert client.post(f"{path}/passkey", json=device.makes("")).status_code == 401
    # The same answer to a question that was asked is right: what is tested is the question.
    challenge = client.post(f"{path}/passkey/vraag").json()["challenge"]
    assert client.post(f"{path}/passkey", json=device.makes("")).status_code == 401
    assert client.post(f"{path}/passkey", json=device.makes(challenge)).status_code == 200
    assert "step.failed" not in house.told.getvalue()


async def test_a_passkey_that_knew_nobody_is_one_factor_and_not_two(house: House) -> None:
    client, path, device = house.client(), link_of(house), Device(URL)
    for device.verified, status in ((False, 401), (True, 200)):
        challenge = client.post(f"{path}/passkey/vraag").json()["challenge"]
        assert client.post(f"{path}/passkey", json=device.makes(challenge)).status_code == status
    client = house.client()
    for device.verified, status in ((False, 401), (True, 200)):
        challenge = client.post("/inloggen/passkey/vraag").json()["challenge"]
        assert client.post("/inloggen/passkey", json=device.shows(challenge)).status_code == status
        assert (client.get("/account").status_code == 200) is device.verified


async def test_nul_is_the_name_of_nothing(on_postgresql: House) -> None:
    house, tried = on_postgresql, 0
    odd = "a\0b"
    given = dict.fromkeys(("login", "wachtwoord", "code", "naam", "passkey", "afzender"), odd)
    for who in ("", "u1", "m1"):
        for route in house.gateway.web.routes():
            if not isinstance(route, Route) or "/stroom" in route.path:
                continue
            for method in sorted((route.methods or set()) - {"HEAD"}):
                client = house.logged_in(who) if who else house.client()
                path = re.sub(r"{[^}]*}", quote(odd, safe=""), route.path)
                form = {"data": given | {"zeker": "ja"}} if method == "POST" else {"params": given}
                status = client.request(method, path, **form).status_code  # type: ignore[arg-type]
                # No worker runs here, and readiness says so, whatever is asked.
                assert status < 500 or (route.path, status) == ("/readyz", 503), (who, method, route.path)
                tried += 1
    assert tried > 150
    assert "step.failed" not in house.told.getvalue()
    client = house.client()
    client.post("/inloggen/passkey/vraag")
    nul = {"id": "\0", "response": {"clientDataJSON": "", "authenticatorData": "", "signature": ""}}
    assert client.post("/inloggen/passkey", json=nul).status_code == 401
    assert first(house.client(), LOGIN, PASSWORD).status_code == 303
