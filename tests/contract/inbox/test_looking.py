"""Whoever looks changes nothing, whatever stands in the address: mail scanners and browsers follow links."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel
from starlette.routing import Route

from gateway.accounts import factors, invitations
from gateway.accounts import rows as accounts
from gateway.app import Gateway
from gateway.board.case_choices import Act
from gateway.store.audit import LOOKS
from gateway.store.pagetables import SessionRow
from gateway.store.tables import EventRow
from tests.contract.inbox.office import Office, Person
from tests.contract.mailbox.harbour import HAVEN
from tests.invented import make_mail

FORMS = {
    "melding": "gesproken",
    "zeker": "ja",
    "versie": "1",
    "kies": "afsluiten",
    "organisatie": "buurtteam",
    "praktijk": "filmwijk",
    "afzender": "invaller@elders.example",
    "reden": "judge",
    "naam": "Ansje Vrolijkstra",
    "login": "ansje@elders.example",
    "wachtwoord": "negen groene fietsen",
    "nogmaals": "negen groene fietsen",
    "passkey": "abc",
    "levering": "1",
    "dagdeel": "avond",
}
"""What forms of ours send, as a link would say it; `kenmerk` and `naar` are asked by pages that only show."""


def kept(gateway: Gateway) -> dict[str, list[str]]:
    """Everything there is, but sessions, which say when somebody was last seen, and who looked."""
    found = {}
    with gateway.store.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            query = select(table)
            if table.name == EventRow.__tablename__:
                query = query.where(table.c.kind.not_in(LOOKS))
            if table.name != SessionRow.__tablename__:
                found[table.name] = sorted(str(tuple(row)) for row in session.execute(query))
    return found


def with_factors(office: Office, person: Person) -> None:
    """Give somebody a password, an app and a passkey, which could all be changed."""
    gateway = office.harbour.town.gateway
    with gateway.store.write() as session:
        user = accounts.find(session, person.user.id)
        assert user is not None
        user.password_hash = "none that is right"
        user.totp = gateway.web.secret.seal("totp", user.id, b"JBSWY3DPEHPK3PXP")
        session.add(user)
        now = gateway.base.wall()
        given: dict[str, Any] = {"public_key": b"k", "sign_count": 0, "label": "Telefoon", "now": now}
        assert factors.add_passkey(session, id_=f"abc-{user.id}", user_id=user.id, **given)


def addresses(gateway: Gateway, known: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Every page that can be looked at, with each of the known words in the holes of its path."""
    for route in gateway.web.routes():
        if isinstance(route, Route) and "GET" in (route.methods or ()):
            paths = [route.path]
            for hole in re.findall(r"{(\w+)", route.path):
                words = known.get(hole, ("x",))
                paths = [re.sub(rf"{{{hole}[^}}]*}}", word, path) for path in paths for word in words]
            yield from paths


async def test_looking_changes_nothing(office: Office) -> None:
    town = office.harbour.town
    gateway, now = town.gateway, town.now
    kenmerk = await office.refer()
    await town.post(make_mail(sender="invaller@elders.example"))
    (aside,) = [row["kenmerk"] for row in town.json("quarantine", "list")]
    sam, noor, kim = office.person(), office.person("Noor", None), office.person("Kim")
    with_factors(office, sam)
    with_factors(office, noor)
    link = gateway.web.people.invite(
        login="bo@elders.example", name="Bo", role="medewerker", organisation=HAVEN, by="test"
    )
    with gateway.store.read() as session:
        (waiting,) = invitations.waiting(session, gateway.base.wall())
    known = {
        "kenmerk": (kenmerk, aside),
        "doen": tuple(Act),
        "act": ("verwijderen", "herstellen", "uitloggen"),
        "id": (kim.user.id, waiting.id),
        "code": (link.rpartition("/")[2],),
        "link": (gateway.worker.tokens.link("confirm", kenmerk, HAVEN, now + timedelta(days=1)),),
    }
    shown, before = set(), kept(gateway)
    for client in (office.stranger(), sam.client, noor.client):
        for path in addresses(gateway, known):
            asked: dict[str, Any] = {"params": FORMS, "headers": {"Accept": "text/html"}}
            async with client.stream("GET", path, **asked) as answer:
                shown |= {path} if answer.status_code == 200 else set()
                # The board's stream never ends.
                if not path.endswith("/stroom"):
                    await answer.aread()
        assert kept(gateway) == before
    for folder in ("melden", "uitnodiging", "postvak", "zaken", "quarantaine", "account", "collegas"):
        assert [path for path in shown if path.startswith(f"/{folder}/")], folder
    for person in (sam, noor, kim):
        assert (await person.get("/account")).status_code == 200
