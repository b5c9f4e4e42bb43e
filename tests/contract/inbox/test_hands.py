"""Two colleagues at one queue: who takes a referral on, who sees it, and that nobody outside hears of it."""

import json
import re

from sqlmodel import select

from gateway.store.tables import OutboxRow
from tests.contract.inbox.office import Office, Person
from tests.contract.mailbox.harbour import HAVEN, POORT


async def press(person: Person, kenmerk: str, doen: str, **more: str) -> str:
    """Press a button about who has a referral; gives what the page that follows says of it."""
    fields = {"doen": doen, **more}
    answer = await person.client.post(f"/postvak/{kenmerk}/oppakken", data=fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[2]


async def shown(person: Person, whose: str) -> set[str]:
    page = (await person.get(f"/postvak?wie={whose}")).text
    return set(re.findall(r'data-aanmelding="([^"]+)"', page))


async def test_two_colleagues_share_one_queue(office: Office) -> None:
    sam, bo = office.person("Sam"), office.person("Bo")
    first, second = await office.refer(), await office.refer()
    with office.harbour.town.gateway.store.read() as session:
        before = len(session.exec(select(OutboxRow)).all())
    assert await press(sam, first, "oppakken") == "gedaan=oppakken"
    # Bo's page still showed that nobody had it.
    assert await press(bo, first, "oppakken", wie="mij") == "fout=al-opgepakt&wie=mij"
    assert "bij Sam sinds" in (await bo.get("/postvak")).text
    page = (await bo.get(f"/postvak/{first}?fout=al-opgepakt")).text
    assert "Sam heeft dit sinds" in page
    assert f'name="bij" value="{sam.user.id}"' in page
    assert [await shown(sam, whose) for whose in ("mij", "niemand", "onzin")] == [
        {first},
        {second},
        {first, second},
    ]
    given = {"bij": sam.user.id, "reden": "absent"}
    assert await press(sam, first, "doorgeven", naar=bo.user.id, **given) == "gedaan=doorgeven"
    assert await shown(bo, "mij") == {first}
    assert "afwezig" in (await bo.get(f"/postvak/{first}")).text
    assert await press(sam, first, "terugleggen", bij=sam.user.id) == "fout=al-opgepakt"
    assert await press(bo, first, "terugleggen", bij=bo.user.id) == "gedaan=terugleggen"
    assert await shown(bo, "niemand") == {first, second}
    rows = office.events("taking.taken", "taking.handed", "taking.released")
    assert [(row.kind, row.actor, json.loads(row.data)) for row in rows] == [
        ("taking.taken", f"user:{sam.user.id}", {"desk": HAVEN}),
        ("taking.handed", f"user:{sam.user.id}", {"desk": HAVEN, "reason": "absent", "to": bo.user.id}),
        ("taking.released", f"user:{bo.user.id}", {"desk": HAVEN}),
    ]
    # Nothing of it is told to a referrer, or to anybody.
    with office.harbour.town.gateway.store.read() as session:
        assert len(session.exec(select(OutboxRow)).all()) == before


async def test_only_their_own_go_to_their_own(office: Office) -> None:
    sam, pol = office.person("Sam"), office.person("Pol", POORT)
    kenmerk = await office.refer()
    for missing in (kenmerk, "IB-0000-0000"):
        answer = await pol.client.post(f"/postvak/{missing}/oppakken", data={"doen": "oppakken"})
        assert answer.status_code == 404
    for naar in (pol.user.id, "niemand", ""):
        assert await press(sam, kenmerk, "doorgeven", naar=naar) == "fout=kies-collega"
    assert await press(sam, kenmerk, "onzin") == "fout=kies-collega"
    assert not office.events("taking.taken", "taking.handed")
