"""Many at once: an outage mended, an organisation on strike, and nothing goes that the page did not name."""

import re

from gateway.board.together import MARK
from gateway.domain.states import State
from tests.contract.cases.desk import Desk, words

SAMEN = "/bord/samen"


def asked(desk: Desk, act: str, status: int = 200) -> dict[str, str]:
    """The form of the page, after it was looked at."""
    answer = desk.client.get(SAMEN, params={"doen": act, "organisatie": "de-schoor"})
    assert answer.status_code == status
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.text))


async def test_everything_of_an_organisation_goes_with_one_press(desk: Desk) -> None:
    stage = desk.stage
    held = [stage.referred() for _ in range(3)]
    for case_id in held[1:]:
        (row,) = stage.rows(case_id)
        desk.does(case_id, f"/tegenhouden?levering={row.id}")
    old = asked(desk, "opnieuw")
    assert len(old["welke"]) == 2 * MARK
    (row,) = stage.rows(held[0])
    desk.does(held[0], f"/tegenhouden?levering={row.id}")
    # One that was not read of.
    refused = desk.client.post(SAMEN, data=old)
    assert (refused.status_code, "kijk opnieuw" in refused.text) == (409, True)
    board = words(desk.client.get("/bord").text)
    assert "Alles opnieuw versturen: De Schoor (3)" in board
    form = asked(desk, "opnieuw")
    assert set(form) == {"doen", "organisatie", "welke"}
    done = desk.client.post(SAMEN, data=form)
    assert done.headers["location"].endswith("gedaan=3")
    assert "3 opdrachten gegeven" in words(desk.client.get(done.headers["location"]).text)
    assert desk.client.post(SAMEN, data=form).headers["location"].endswith("gedaan=0"), "pressed twice"
    await stage.work()
    assert {stage.state(case_id) for case_id in held} == {State.DELIVERED}
    asked(desk, "opnieuw")

    form = asked(desk, "achtervang")
    assert (len(form["welke"]), form["vervanger"]) == (3 * MARK, "buurtteam")
    # Another backup than the one that was named.
    assert desk.client.post(SAMEN, data=form | {"vervanger": "elders"}).status_code == 409
    assert desk.client.post(SAMEN, data=form).headers["location"].endswith("gedaan=3")
    await stage.work()
    assert {stage.case(case_id).organisation_id for case_id in held} == {"buurtteam"}
    assert (
        "niets dat naar een vervanger kan"
        in desk.client.get(SAMEN, params={"doen": "achtervang", "organisatie": "de-schoor"}).text
    )
    events = [row for case_id in held for row in stage.events(case_id) if row.kind == "order.placed"]
    assert {row.actor for row in events} == {"user:anouk"}
    assert len(events) == 6


async def test_only_what_is_known_can_be_asked(desk: Desk) -> None:
    for act, who in (("opnieuw", "niemand"), ("onzin", "de-schoor"), ("achtervang", "relay"), ("", "")):
        query = {"doen": act, "organisatie": who}
        assert desk.client.get(SAMEN, params=query).status_code == 404
        assert desk.client.post(SAMEN, data=query | {"welke": "0" * MARK}).status_code == 404
    assert desk.client.get(SAMEN, params={"doen": "opnieuw", "organisatie": "relay"}).status_code == 200
