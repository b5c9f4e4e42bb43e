"""The deliveries of a case on its page: held, sent after all, or let go; never another case's."""

from adapters.base import Refused
from gateway.domain.states import Event, State
from tests.contract.cases.desk import Desk, links, words
from tests.contract.cases.test_actions import WHO, actors, asked, delivered


async def test_a_delivery_is_held_and_sent_after_all(desk: Desk) -> None:
    stage = desk.stage
    case_id = stage.referred()
    (row,) = stage.rows(case_id)
    assert f"tegenhouden?levering={row.id}" in links(desk.page(case_id))
    shown = desk.does(case_id, f"/tegenhouden?levering={row.id}")
    assert "De overdracht staat stil. Een beheerder heeft de levering stilgezet." in shown
    assert "Aan zet de beheerder" in shown
    await stage.work()
    assert stage.rows(case_id)[0].status == "held"
    desk.does(case_id, f"/opnieuw?levering={row.id}")
    await stage.work()
    assert stage.state(case_id) == State.DELIVERED
    assert actors(desk, case_id, "delivery.held") == actors(desk, case_id, "delivery.retried") == [WHO]


async def test_a_message_that_nobody_needs_is_let_go_and_a_referral_never(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    stage.ear.troubles.append(Refused("relay_refused"))
    stage.report(case_id, Event.CONTACTED)
    await stage.work()
    (row,) = [row for row in stage.rows(case_id, "reply") if row.status == "held"]
    assert "Levering staat stil" in words(desk.client.get("/bord").text)
    assert "niet meer verstuurd" in desk.read(case_id, f"/vervallen?levering={row.id}")
    assert "vervallen" in desk.does(case_id, f"/vervallen?levering={row.id}")
    assert actors(desk, case_id, "delivery.dismissed") == [WHO]
    assert "Levering staat stil" not in words(desk.client.get("/bord").text)
    await stage.work(hours=2)
    assert stage.ear.heard == []

    other = stage.referred()
    (handover,) = stage.rows(other)
    desk.does(other, f"/tegenhouden?levering={handover.id}")
    assert f"vervallen?levering={handover.id}" not in links(desk.page(other))
    desk.page(other, f"/vervallen?levering={handover.id}", 409)


async def test_what_is_held_when_a_case_ends_for_good_is_held_no_more(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    stage.ear.troubles.append(Refused("relay_refused"))
    for event in (Event.CONTACTED, Event.STOPPED):
        stage.report(case_id, event)
        await stage.work()
    assert "held" in {row.status for row in stage.rows(case_id, "reply")}
    await stage.work(days=400)
    assert stage.state(case_id) == State.CLOSED
    assert {row.status for row in stage.rows(case_id, "reply")} <= {"sent", "dropped"}


async def test_a_message_leaves_after_all_without_the_worker(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    stage.report(case_id, Event.CONTACTED)
    (row,) = stage.rows(case_id, "reply")
    desk.does(case_id, f"/tegenhouden?levering={row.id}")
    desk.does(case_id, f"/opnieuw?levering={row.id}")
    assert asked(desk, case_id) == []
    assert stage.rows(case_id, "reply")[0].status == "ready"


async def test_a_delivery_of_another_case_is_out_of_reach(desk: Desk) -> None:
    stage = desk.stage
    case_id, other = stage.referred(), stage.referred()
    (row,) = stage.rows(other)
    version = str(stage.case(case_id).version)
    answer = desk.client.post(desk.url(case_id, "/tegenhouden"), data={"versie": version, "levering": row.id})
    assert answer.status_code == 409
    assert stage.rows(other)[0].status == "ready"
