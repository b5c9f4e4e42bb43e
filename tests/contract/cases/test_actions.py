"""What is pressed on the pages of a case: shown first, done once, in the name of who pressed."""

import pytest
from sqlmodel import Session

from gateway.directory.editing import Edit
from gateway.domain.codes import DeclineReason
from gateway.domain.states import Event, State
from gateway.pipeline.orders import Orders
from gateway.store import orders
from gateway.web.auth import Role
from tests.contract.cases.desk import Desk, links, words

WHO = "user:anouk"


def actors(desk: Desk, case_id: str, kind: str) -> list[str]:
    return [event.actor for event in desk.stage.events(case_id) if event.kind == kind]


def asked(desk: Desk, case_id: str) -> list[tuple[str, str | None]]:
    with desk.stage.store.read() as session:
        return [(row.kind, row.problem) for row in orders.of_case(session, case_id)]


async def delivered(desk: Desk) -> str:
    case_id = desk.stage.referred()
    await desk.stage.work()
    return case_id


async def test_what_the_table_allows_is_offered_and_no_more(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    assert links(desk.page(case_id)) == {"melden", "overdragen", "achtervang", "teruggeven"}
    stage.report(case_id, Event.CONTACTED)
    assert {each for each in links(desk.page(case_id)) if "levering" not in each} == {"melden", "rechtzetten"}
    stage.report(case_id, Event.STOPPED)
    assert {each for each in links(desk.page(case_id)) if "levering" not in each} == {"rechtzetten"}


async def test_a_report_is_chosen_confirmed_and_recorded(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    assert 'value="attempted"' in desk.page(case_id, "/melden")
    rest = "/melden?kies=1&melding=attempted&dagdeel=avond&reden=area"
    told = desk.read(case_id, rest)
    assert "Gebeld, niet bereikt . Gebeld in de avond." in told
    assert "Niemand krijgt hierdoor meteen een bericht." in told
    assert stage.state(case_id) == State.DELIVERED
    assert "De melding is verwerkt." in desk.does(case_id, rest)
    assert stage.state(case_id) == State.ATTEMPTED
    (event,) = (each for each in stage.events(case_id) if each.kind == "case.attempted")
    assert event.actor == WHO
    assert event.data == '{"channel":"board","day_part":"avond","state":"attempted"}'


async def test_in_beeld_names_who_hears_it(desk: Desk) -> None:
    case_id = await delivered(desk)
    rest = "/melden?melding=contacted"
    told = desk.read(case_id, rest)
    assert "Praktijk Gezondheidscentrum Filmwijk krijgt het bericht: De patiënt is in beeld" in told
    desk.does(case_id, rest)
    await desk.stage.work()
    assert desk.stage.told(case_id) == ["in_beeld"]
    shown = desk.read(case_id)
    assert "De patiënt is in beeld Aan: Gezondheidscentrum Filmwijk Verstuurd" in shown
    assert "De Schoor heeft contact gehad met de patiënt en gaat ermee verder." in shown


async def test_of_very_many_organisations_one_is_chosen_from_a_list(desk: Desk) -> None:
    case_id = await delivered(desk)
    assert 'type="radio" name="organisatie"' in desk.page(case_id, "/overdragen")
    editing = desk.stage.gateway.base.editing
    entry = next(each for each in editing.book().organisations if each.id == "buurtteam")
    more = [
        Edit(entry.model_copy(update={"id": f"team-{n}", "name": f"Team {n}", "serves": ("Duin",)}))
        for n in range(12)
    ]
    editing.change(WHO, *more, meant=True)
    page = desk.page(case_id, "/overdragen?kies=1", 422)
    assert '<select name="organisatie" id="organisatie" aria-invalid="true" aria-describedby="fout">' in page
    assert page.count("<option") == len(editing.book().organisations) + 1


async def test_a_refusal_needs_a_reason(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    page = desk.read(case_id, "/melden?kies=1&melding=declined", status=422)
    assert "Kies waarom de organisatie de aanmelding niet aanneemt." in page
    desk.does(case_id, "/melden?melding=declined&reden=patient_declined")
    assert stage.state(case_id) == State.DECLINED
    await stage.work()
    assert stage.told(case_id) == ["not_continued"]


async def test_a_case_is_given_back(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    told = desk.read(case_id, "/teruggeven")
    assert "De Schoor krijgt het bericht: De aanmelding is ingetrokken" in told
    assert "Filmwijk krijgt het bericht: De aanmelding kon niet worden overgedragen" in told
    desk.does(case_id, "/teruggeven")
    assert stage.state(case_id) == State.RETURNED
    assert actors(desk, case_id, "case.returned") == [WHO]
    assert {row.code for row in stage.rows(case_id, "notice")} == {"org_withdrawn"}
    assert stage.told(case_id) == ["returned"]


async def test_the_last_report_is_taken_back(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    stage.report(case_id, Event.CONTACTED)
    told = desk.read(case_id, "/rechtzetten")
    assert "Deze melding wordt teruggenomen: Contact gehad: de patiënt is in beeld" in told
    assert "De Schoor" in told
    desk.does(case_id, "/rechtzetten")
    assert stage.state(case_id) == State.COLLECTED
    assert actors(desk, case_id, "case.corrected") == [WHO]


async def test_a_case_is_rerouted_by_the_worker(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    assert "De Schoor (had de aanmelding het laatst" in desk.read(case_id, "/overdragen")
    told = desk.read(case_id, "/overdragen?organisatie=buurtteam")
    assert "gaat naar Buurtteam." in told
    assert "De Schoor krijgt het bericht: Een andere organisatie neemt het over" in told
    shown = desk.does(case_id, "/overdragen?organisatie=buurtteam")
    assert "Er loopt een opdracht : Overdragen aan een andere organisatie (Buurtteam)" in shown
    assert not {"overdragen", "achtervang"} & links(desk.page(case_id))
    assert stage.case(case_id).organisation_id == "de-schoor"
    await stage.work()
    assert stage.case(case_id).organisation_id == "buurtteam"
    assert actors(desk, case_id, "order.placed") == actors(desk, case_id, "case.rerouted") == [WHO]
    shown = desk.read(case_id)
    assert "Er loopt een opdracht" not in shown
    assert "Overdragen aan een andere organisatie (Buurtteam), door Anouk: uitgevoerd op" in shown
    assert stage.whole()


async def test_the_backup_takes_over(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    told = desk.read(case_id, "/achtervang")
    assert "De vervanger, Buurtteam, neemt de aanmelding over." in told
    assert "Buurtteam krijgt het bericht: U neemt deze aanmelding over" in told
    desk.does(case_id, "/achtervang")
    await stage.work()
    assert stage.case(case_id).organisation_id == "buurtteam"
    assert "achtervang" not in links(desk.page(case_id))


async def test_an_order_that_can_not_be_done_says_what_to_do(desk: Desk) -> None:
    stage = desk.stage
    case_id = stage.referred()
    (row,) = stage.rows(case_id)
    with stage.gateway.store.write() as session:
        stage.gateway.worker.retry.hold(session, row.id, stage.now, WHO)
    (stage.place.directory / "keys" / "organisations" / "de-schoor.asc").unlink()
    desk.does(case_id, f"/opnieuw?levering={row.id}")
    await stage.work()
    shown = desk.read(case_id)
    assert "De laatste opdracht is niet uitgevoerd : Overdracht opnieuw versturen." in shown
    assert "De sleutel van de organisatie ontbreekt." in shown
    assert "voer die in bij de organisatie, in de gids" in shown


async def test_two_who_press_at_once_do_it_once(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    first = {"versie": str(stage.case(case_id).version), "organisatie": "buurtteam"}
    answers = [desk.client.post(desk.url(case_id, "/overdragen"), data=first) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert len(asked(desk, case_id)) == 1
    await stage.work()
    assert stage.happened(case_id).count("case.rerouted") == 1
    # The page of the second one is of before.
    late = desk.client.post(desk.url(case_id, "/overdragen"), data=first)
    assert late.status_code == 409
    assert "is intussen veranderd" in words(late.text)


async def test_a_case_that_moved_meanwhile_is_left_alone(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    version = str(stage.case(case_id).version)
    stage.report(case_id, Event.COLLECTED)
    before = stage.case(case_id), stage.rows(case_id), stage.happened(case_id)
    for path, fields in (
        ("/teruggeven", {}),
        ("/melden", {"melding": "contacted"}),
        ("/overdragen", {"organisatie": "buurtteam"}),
        ("/achtervang", {}),
    ):
        answer = desk.client.post(desk.url(case_id, path), data={"versie": version, **fields})
        assert answer.status_code == 409, path
        assert "Er is niets gedaan" in words(answer.text)
    assert (stage.case(case_id), stage.rows(case_id), stage.happened(case_id)) == before


async def test_a_forged_version_does_nothing(desk: Desk) -> None:
    case_id = await delivered(desk)
    for version in ("", "-1", "1e1", "٣", "9" * 400, "<script>", "0"):
        answer = desk.client.post(desk.url(case_id, "/teruggeven"), data={"versie": version})
        assert answer.status_code == 409
    assert desk.stage.state(case_id) == State.DELIVERED


async def test_what_is_not_allowed_now_is_not_done(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    stage.report(case_id, Event.CONTACTED)
    await stage.work()
    version = str(stage.case(case_id).version)
    (reply,) = stage.rows(case_id, "reply")
    before = stage.case(case_id), stage.happened(case_id)
    for path, fields in (
        ("/teruggeven", {}),
        ("/overdragen", {"organisatie": "buurtteam"}),
        ("/overdragen", {"organisatie": "../../etc"}),
        ("/achtervang", {}),
        ("/melden", {"melding": "attempted"}),
        ("/melden", {"melding": "returned"}),
        ("/melden", {"melding": "unreachable"}),
        ("/melden", {}),
        ("/opnieuw", {"levering": reply.id}),
        ("/tegenhouden", {"levering": reply.id}),
        ("/tegenhouden", {"levering": "' OR 1=1 --"}),
        ("/opnieuw", {}),
    ):
        answer = desk.client.post(desk.url(case_id, path), data={"versie": version, **fields})
        assert answer.status_code == 409, (path, fields)
    assert (stage.case(case_id), stage.happened(case_id)) == before
    assert desk.client.get(desk.url(case_id, "/teruggeven")).status_code == 409


async def test_looking_at_a_confirm_page_changes_nothing(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    before = stage.case(case_id), stage.rows(case_id)
    for rest in (
        "/teruggeven",
        "/achtervang",
        "/overdragen?organisatie=buurtteam",
        "/melden?melding=contacted",
    ):
        desk.page(case_id, rest)
    assert (stage.case(case_id), stage.rows(case_id)) == before
    assert stage.happened(case_id)[-4:] == ["board.case_shown"] * 4


async def test_a_medewerker_sees_and_does_nothing_here(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    version = str(stage.case(case_id).version)
    desk.login("sam", Role.MEDEWERKER, "de-schoor")
    before = stage.happened(case_id)
    assert desk.client.get(desk.url(case_id)).status_code == 404
    assert desk.client.get(desk.url(case_id, "/teruggeven")).status_code == 404
    pressed = desk.client.post(desk.url(case_id, "/teruggeven"), data={"versie": version})
    assert pressed.status_code == 404
    assert stage.happened(case_id) == before


async def test_a_press_from_another_site_is_refused(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    answer = desk.client.post(
        desk.url(case_id, "/teruggeven"),
        data={"versie": str(stage.case(case_id).version)},
        headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://elders.example"},
    )
    assert answer.status_code == 403
    assert stage.state(case_id) == State.DELIVERED


async def test_after_a_decline_without_a_way_on_an_organisation_is_chosen(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    stage.decline(case_id, DeclineReason.CAPACITY)
    await stage.work()
    stage.decline(case_id, DeclineReason.CAPACITY, "organisation:buurtteam")
    await stage.work()
    assert stage.state(case_id) == State.DECLINED
    assert "achtervang" not in links(desk.page(case_id))
    desk.does(case_id, "/overdragen?organisatie=de-schoor")
    await stage.work()
    assert stage.state(case_id) == State.DELIVERED


async def test_the_answer_waits_a_moment_for_the_worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is played at the first look whether it is done: so the page that follows tells what came."""
    stage, case_id = desk.stage, await delivered(desk)
    gateway = stage.gateway
    worker = Orders(
        store=stage.store, again=gateway.worker.retry, reroute=gateway.worker.reroute, log=gateway.base.log
    )
    original, looks = orders.has_ended, []

    def look(session: Session, order_id: str) -> bool:
        looks.append(original(session, order_id))
        if len(looks) == 1:
            worker.run(stage.now)
        return looks[-1]

    monkeypatch.setattr(orders, "has_ended", look)
    with Desk(stage, patience=60.0) as patient:
        shown = patient.does(case_id, "/overdragen?organisatie=buurtteam")
    assert looks == [False, True]
    assert "Er loopt een opdracht" not in shown
    assert stage.case(case_id).organisation_id == "buurtteam"


async def test_a_refused_order_is_no_success(desk: Desk) -> None:
    stage, case_id = desk.stage, await delivered(desk)
    answer = desk.press(case_id, "/overdragen?organisatie=buurtteam")
    stage.report(case_id, Event.COLLECTED)
    await stage.work()
    shown = words(desk.client.get(answer.headers["location"]).text)
    assert (
        "De laatste opdracht is niet uitgevoerd : Overdragen aan een andere organisatie (Buurtteam)." in shown
    )
    assert "De aanmelding is intussen veranderd. Er is niets gedaan." in shown
    assert "De opdracht om over te dragen is gegeven." not in shown
