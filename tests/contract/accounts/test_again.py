"""Who changes how somebody logs in: asked for a factor again, and written down."""

import re

import pyotp
import pytest

from gateway.accounts import factors
from gateway.web.auth import AGAIN, GuardedRoute, Role
from tests.contract.accounts.device import Device
from tests.contract.accounts.house import URL, House, house

__all__ = ["house"]

HAVEN = "wijkteam-haven"
CHANGES = ("/account/", "/gebruikers/", "/collegas/", "/gids/")
"""Below these paths accounts are changed, or who refers and who helps."""
UNASKED = {
    AGAIN,
    f"{AGAIN}/passkey/vraag",
    f"{AGAIN}/passkey",
    f"{AGAIN}/organisatie",
    "/account/sessies",
    "/account/herstelcodes/bewaard",
    # To read is no change.
    "/gids/{kind}",
    "/gebruikers/uitnodiging/{id}",
    "/collegas/uitnodiging/{id}",
}
"""What an old login may do: show a factor again, and end what is open."""


@pytest.mark.parametrize("role", list(Role))
async def test_an_old_login_is_asked_again_wherever_accounts_change(house: House, role: Role) -> None:
    house.account("m1", "sam@haven.example", HAVEN)
    house.account("m2", "kim@haven.example", HAVEN)
    client = house.logged_in("u1" if role is Role.BEHEERDER else "m1")
    house.later(minutes=10)
    asked = set()
    for route in house.gateway.web.routes():
        if not isinstance(route, GuardedRoute) or role not in route.roles or route.path in UNASKED:
            continue
        if not route.path.startswith(CHANGES):
            continue
        path = (
            route.path.replace("{id}", "m2").replace("{act}", "verwijderen").replace("{kind}", "praktijken")
        )
        for method in sorted((route.methods or set()) - {"HEAD"}):
            answer = client.request(method, path, data={"zeker": "ja"} if method == "POST" else None)
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith(f"{AGAIN}?naar="), (method, path)
            asked.add((method, path))
    own = {("POST", "/account/wachtwoord"), ("POST", "/account/herstelcodes/nieuw")}
    # A verwijzer has no colleagues to change.
    others = {Role.BEHEERDER: "/gebruikers", Role.MEDEWERKER: "/collegas"}.get(role)
    if others is not None:
        own |= {("POST", f"{others}/m2/verwijderen"), ("POST", f"{others}/uitnodigen")}
    assert asked >= own
    assert house.events() == []


def passkey_of(house: House, user_id: str, name: str) -> Device:
    """A passkey that somebody has."""
    client, device = house.logged_in(user_id), Device(URL, id=name.encode().ljust(16))
    challenge = client.post("/account/passkey/vraag", data={"naam": name}).json()["challenge"]
    assert client.post("/account/passkey/nieuw", json=device.makes(challenge)).status_code == 200
    return device


async def test_a_passkey_is_shown_again_by_its_owner_alone(house: House) -> None:
    house.account("u2", "bo@handover.example")
    own, other = passkey_of(house, "u1", "Telefoon"), passkey_of(house, "u2", "Laptop")
    client, wanted = house.logged_in(), "/account/wachtwoord"
    house.later(minutes=10)

    def ask() -> str:
        found = client.post(f"{AGAIN}/passkey/vraag", data={"naar": wanted}).json()
        assert [each["id"] for each in found["allowCredentials"]] == [own.name]
        return str(found["challenge"])

    assert client.post(f"{AGAIN}/passkey", json=other.shows(ask())).status_code == 401
    assert client.get(wanted).headers["location"].startswith(AGAIN)
    challenge = ask()
    assert client.post(f"{AGAIN}/passkey", json=own.shows(challenge)).json() == {"naar": wanted}
    assert client.get(wanted).status_code == 200
    # The answer counts once, and for ten minutes.
    assert client.post(f"{AGAIN}/passkey", json=own.shows(challenge)).status_code == 401
    house.later(minutes=10)
    assert client.get(wanted).headers["location"].startswith(AGAIN)


async def test_nobody_sees_names_or_removes_the_passkey_of_somebody_else(house: House) -> None:
    house.account("u2", "bo@handover.example")
    other, noor = passkey_of(house, "u2", "Laptop"), house.logged_in()
    before = house.events()
    given = {"passkey": other.name, "naam": "Van mij"}
    assert noor.post("/account/passkey/verwijderen", data=given).status_code == 404
    assert noor.post("/account/passkey/verwijderen", data=given | {"zeker": "ja"}).status_code == 404
    noor.post("/account/passkey/naam", data=given)
    with house.gateway.store.read() as session:
        row = factors.passkey(session, other.name)
    assert row is not None
    assert (row.user_id, row.label) == ("u2", "Laptop")
    assert house.events() == before
    assert "Laptop" not in noor.get("/account").text


async def test_every_change_of_ones_own_factors_is_an_event(house: House) -> None:
    device, client = passkey_of(house, "u1", "Telefoon"), house.logged_in()
    passkey = {"passkey": device.name}
    client.post("/account/passkey/naam", data=passkey | {"naam": "Ander"})
    client.post("/account/passkey/verwijderen", data=passkey | {"zeker": "ja"})
    client.post("/account/herstelcodes/nieuw")
    new = "negen groene fietsen"
    client.post("/account/wachtwoord", data={"wachtwoord": new, "nogmaals": new})
    (secret,) = re.findall(r'id="sleutel">([^<]+)', client.get("/account/app").text)
    code = pyotp.TOTP(secret.replace(" ", "")).at(house.now)
    assert client.post("/account/app", data={"code": code}).status_code == 303
    client.post("/account/sessies")
    kinds = ("passkey_added", "passkey_renamed", "passkey_removed", "codes_renewed", "password_changed")
    assert house.events() == [
        (f"account.{kind}", "user:u1") for kind in (*kinds, "app_changed", "logged_out")
    ]
