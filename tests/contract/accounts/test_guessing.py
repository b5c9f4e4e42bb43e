"""Whoever guesses: what it costs them, that it keeps nobody out, and that it fills no trail."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from gateway.accounts import devices
from gateway.accounts import rows as accounts
from gateway.accounts.account import GUESSES
from gateway.accounts.entrance import DEVICE
from gateway.accounts.login import TRIES_PER_MINUTE
from gateway.store import audit
from gateway.store.pagetables import DeviceRow, StrangersRow, UserRow
from gateway.web.auth import COOKIE
from tests.contract.accounts.house import PASSWORD, House, first, house

__all__ = ["house"]

SECOND = "/inloggen/code"


def come_in(house: House, client: TestClient) -> str:
    """Log in with both factors; gives where that led."""
    house.later(seconds=30)
    assert first(client).headers["location"] == SECOND
    return str(client.post(SECOND, data={"code": house.later()}).headers["location"])


def failures(house: House) -> list[int]:
    """What the events of failures tell."""
    with house.gateway.store.read() as session:
        rows = [row for row in audit.export(session) if row.kind == "login.failed"]
        return [json.loads(row.data)["failures"] for row in rows]


def guess(house: House, client: TestClient, times: int = accounts.FAILURES) -> None:
    for _ in range(times):
        assert first(client, password="mis").status_code == 422


async def test_who_was_in_before_comes_in_while_strangers_guess(house: House) -> None:
    noor, stranger = house.client(), house.client()
    assert come_in(house, noor) == "/bord"
    noor.post("/uitloggen")
    guess(house, stranger)
    house.later(seconds=1)
    # Elsewhere the account takes nothing; in her own browser she is asked for the code, and is in.
    assert first(house.client()).status_code == 422
    assert come_in(house, noor) == "/bord"
    # What strangers did is not forgotten by that.
    assert first(house.client()).status_code == 422


async def test_a_device_has_failures_of_its_own_and_of_its_own_account(house: House) -> None:
    house.account("u2", "bo@handover.example")
    noor, other = house.client(), house.client()
    come_in(house, noor)
    noor.post("/uitloggen")
    guess(house, noor)
    house.later(seconds=1)
    assert first(noor).status_code == 422
    assert first(other).status_code == 303
    # For another account the same browser is a stranger.
    other.cookies.clear()
    other.cookies.set(DEVICE, noor.cookies[DEVICE])
    for _ in range(accounts.FAILURES):
        first(other, login="bo@handover.example", password="mis")
    assert first(house.client(), login="bo@handover.example").status_code == 422
    house.later(minutes=16)
    assert come_in(house, noor) == "/bord"
    with house.gateway.store.read() as session:
        (row,) = session.exec(select(DeviceRow)).all()
    assert (row.user_id, row.failures, row.locked_until) == ("u1", 0, None)


async def test_the_device_cookie_says_nothing_and_lasts(house: House) -> None:
    noor = house.client()
    first(noor)
    assert DEVICE not in noor.cookies
    answer = noor.post(SECOND, data={"code": house.later()})
    (line,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(DEVICE)]
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", f"Max-Age={365 * 24 * 3600}"):
        assert word in line
    known = noor.cookies[DEVICE]
    noor.post("/uitloggen")
    come_in(house, noor)
    assert noor.cookies[DEVICE] == known
    # It opens nothing, and a year without use ends it.
    noor.cookies.delete(COOKIE)
    assert noor.get("/account").status_code == 303
    noor.post("/uitloggen")
    house.later(days=365)
    come_in(house, noor)
    assert noor.cookies[DEVICE] != known


async def test_an_account_knows_few_devices_and_after_a_reset_none(house: House) -> None:
    for _ in range(devices.MOST + 2):
        come_in(house, house.client())
    with house.gateway.store.read() as session:
        assert len(session.exec(select(DeviceRow)).all()) == devices.MOST
    house.gateway.web.people.reset("u1", "beheerder")
    with house.gateway.store.read() as session:
        assert session.exec(select(DeviceRow)).all() == []


async def test_strangers_keep_nobody_who_is_in_from_showing_a_password_again(house: House) -> None:
    noor, stranger = house.logged_in(), house.client()
    guess(house, stranger)
    house.later(minutes=11)
    again = {"wachtwoord": PASSWORD, "naar": "/account/wachtwoord"}
    assert noor.post("/account/opnieuw", data=again).headers["location"] == "/account/wachtwoord"
    with house.gateway.store.read() as session:
        user = session.get(UserRow, "u1")
    assert user is not None
    assert user.failures == accounts.FAILURES


async def test_a_session_in_which_a_password_is_guessed_ends(house: House) -> None:
    thief = house.logged_in()
    wrong, right = {"wachtwoord": "mis"}, {"wachtwoord": PASSWORD}
    for _ in range(GUESSES - 1):
        assert thief.post("/account/opnieuw", data=wrong).status_code == 422
    # A right one forgets the wrong ones.
    assert thief.post("/account/opnieuw", data=right).headers["location"] == "/account"
    for _ in range(GUESSES):
        assert thief.post("/account/opnieuw", data=wrong).status_code == 422
    assert thief.post("/account/opnieuw", data=right).headers["location"] == "/inloggen"
    assert thief.get("/account").status_code == 303
    assert house.events() == [("login.ended", "user:u1")]
    # The account itself is as it was.
    assert first(house.client()).status_code == 303


async def test_failures_are_one_event_a_minute_and_none_is_left_out(house: House) -> None:
    client = house.client()
    for login in ["wie@handover.example", "noor@handover.example"] * 20:
        first(client, login=login, password="mis")
    assert failures(house) == [1]
    house.later(seconds=59)
    first(client, login="wie@handover.example")
    assert failures(house) == [1]
    house.later(seconds=1)
    first(client, login="wie@handover.example")
    assert failures(house) == [1, 41]
    assert [kind for kind, _ in house.events()].count("login.locked") == 1
    # A clock that was set back silences nothing.
    house.now -= timedelta(days=1)
    first(house.client(), login="wie@handover.example")
    assert failures(house) == [1, 41, 1]


@pytest.mark.parametrize("login", ["wie@handover.example", "noor@handover.example"])
async def test_each_failure_costs_a_write_whoever_it_is_about(house: House, login: str) -> None:
    client, written = house.client(), []
    first(client, password="mis")
    write = house.gateway.store.write

    def counted() -> object:
        made = write()
        written.append(1)
        return made

    house.gateway.store.write = counted  # type: ignore[method-assign, assignment]
    version = changes(house)
    first(client, login=login, password="mis")
    assert (len(written), changes(house) != version) == (1, True)


def changes(house: House) -> list[tuple[int, object]]:
    """What is written down of strangers."""
    with house.gateway.store.read() as session:
        return [(row.failures, row.told_at) for row in session.exec(select(StrangersRow))]


async def test_a_network_of_ipv6_does_not_try_for_each_of_its_parts(house: House) -> None:
    statuses = []
    for part in range(6):
        client = TestClient(
            house.app, base_url="https://localhost:8443", client=(f"2001:db8:7:{part:x}::1", 1)
        )
        statuses += [client.post("/inloggen/passkey/vraag").status_code for _ in range(TRIES_PER_MINUTE)]
    assert statuses.count(200) == 4 * TRIES_PER_MINUTE
    other = TestClient(house.app, base_url="https://localhost:8443", client=("2001:db8:8::1", 1))
    assert other.post("/inloggen/passkey/vraag").status_code == 200
