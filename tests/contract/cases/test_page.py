"""What the page of a case shows, and that it shows no patient."""

from datetime import timedelta
from functools import partial
from itertools import product

from sqlalchemy import event

from gateway.domain.codes import DayPart, DeclineReason
from gateway.domain.messages import Code
from gateway.domain.outgoing import Notice, Particulars, Reply
from gateway.domain.states import Event, State
from gateway.store import audit, cases, outbox
from gateway.store.outbox import Status
from gateway.web.auth import Role
from tests.contract.cases.desk import Desk, links, words
from tests.invented import PATIENT
from tests.moments import MONDAY, written


async def test_the_story_of_a_case_is_told_in_words(desk: Desk) -> None:
    stage = desk.stage
    case_id = stage.referred(urgent=True)
    await stage.work()
    stage.report(case_id, Event.ATTEMPTED, day_part=DayPart.OCHTEND)
    await stage.work(hours=20)
    shown = desk.read(case_id)
    kenmerk = stage.case(case_id).kenmerk
    assert f"Aanmelding {kenmerk} Gebeld, niet bereikt SPOED" in shown
    for part in (
        "Praktijk Gezondheidscentrum Filmwijk",
        "Organisatie De Schoor",
        "Wijk Filmwijk",
        "Aan zet de organisatie",
        "Nog 2 dagen en 4 uur",
        "Gebeld, niet bereikt door De Schoor · dagdeel: ochtend",
        "Afgeleverd bij de organisatie: De aanmelding zelf, versleuteld door InBeeld",
        "Bij de organisatie 20 uur 100 %",
        f"Openen door de organisatie {written(MONDAY + timedelta(days=1))} – {written(MONDAY)} –",
        "Ontvangstbewijs: memory: kept 1",
    ):
        assert part in shown, (part, shown)
    # What happened in one moment stands in one row.
    assert desk.page(case_id).count('<p class="when">') < len(stage.events(case_id))
    for secret in (PATIENT.name, PATIENT.phone, PATIENT.e164, "m.deboer"):
        assert secret not in shown


async def test_a_broken_promise_is_named(desk: Desk) -> None:
    stage = desk.stage
    case_id = stage.referred()
    await stage.work(hours=73)
    shown = desk.read(case_id)
    assert "te laat" in shown
    assert "1 uur te laat" in shown
    assert shown.index("Een termijn is verlopen") < shown.index("Aanmelding ontvangen"), "newest first"
    due = written(MONDAY + timedelta(days=3))
    assert f"Een termijn is verlopen: Contact met de patiënt door InBeeld · stond op: {due}" in shown
    stage.report(case_id, Event.CONTACTED, "organisation:buurtteam")
    assert "1 uur te laat." in desk.read(case_id)


async def test_contact_is_told_only_where_contact_was(desk: Desk) -> None:
    stage = desk.stage
    none, over = "Contact op", "Er wordt niet meer op contact gewacht."
    case_id = stage.referred()
    await stage.work()
    desk.does(case_id, "/teruggeven")
    await stage.work(days=400)
    assert stage.state(case_id) == State.CLOSED
    shown = desk.read(case_id)
    assert over in shown
    assert none not in shown

    waiting = stage.referred(phone_mac="another")
    await stage.work()
    for organisation in ("de-schoor", "buurtteam"):
        stage.decline(waiting, DeclineReason.CAPACITY, f"organisation:{organisation}")
        await stage.work()
    assert stage.state(waiting) == State.DECLINED
    shown = desk.read(waiting)
    assert over not in shown, "a beheerder can still find somebody who calls"
    assert none not in shown


async def test_who_is_waited_for_is_said_once(desk: Desk) -> None:
    stage = desk.stage
    case_id = stage.referred()
    await stage.work()
    for hours in (0, 24, 1):
        stage.now += timedelta(hours=hours)
        stage.report(case_id, Event.ATTEMPTED)
    shown = desk.read(case_id)
    assert "Aan zet de verwijzer" in shown
    assert "De verwijzer is aan zet: klopt het nummer van de patiënt?" in shown
    assert "Nog " not in shown

    other = stage.referred(phone_mac="another")
    await stage.work()
    stage.report(other, Event.ATTEMPTED)
    with stage.store.write() as session:
        outbox.put(session, outbox.row(Reply(case_id=other, code=Code.RECEIPT), stage.now))
    (row,) = stage.rows(other, "reply")
    desk.does(other, f"/tegenhouden?levering={row.id}")
    assert "Aan zet de organisatie" in desk.read(other), "a message that is held is nobody's turn"


async def test_what_was_told_stands_there_as_it_was_told(desk: Desk) -> None:
    """The first organisation stays the one that a notice of before names."""
    stage = desk.stage
    case_id = stage.referred()
    await stage.work()
    with stage.store.write() as session:
        notice = Notice(case_id=case_id, organisation_id="de-schoor", code=Code.ORG_WITHDRAWN)
        outbox.put(session, outbox.row(notice, stage.now))
        when = Particulars(date=stage.now + timedelta(days=3))
        receipt = Reply(case_id=case_id, code=Code.RECEIPT, particulars=when)
        outbox.put(session, outbox.row(receipt, stage.now))
    await stage.work()
    stage.now += timedelta(minutes=1)
    with stage.store.write() as session:
        case = cases.by_id(session, case_id)
        stage.gateway.worker.reroute.by_hand(session, case, "buurtteam", stage.now, "beheerder")
    await stage.work()
    shown = desk.read(case_id)
    assert "Ontvangstbevestiging Aan: Gezondheidscentrum Filmwijk Verstuurd" in shown
    assert "De Schoor neemt uiterlijk" in shown
    assert "Organisatie Buurtteam" in shown
    # A link is a capability of who got it.
    assert "/melden/" not in shown
    assert "/status/" not in shown


async def test_the_look_is_in_the_trail_before_anything_is_shown(desk: Desk) -> None:
    case_id = desk.stage.referred()
    shown = desk.read(case_id)
    last = desk.stage.events(case_id)[-1]
    assert (last.kind, last.actor, last.data) == ("board.case_shown", "user:anouk", '{"page":"case"}')
    assert "1 keer bekeken" in shown
    assert "Bekeken op het bord door Anouk" in shown
    # Looks are no part of what happened.
    assert shown.count("Bekeken op het bord") == 1


async def test_every_state_has_a_page(desk: Desk) -> None:
    case_id = desk.stage.referred()
    for state in State:
        with desk.stage.store.write() as session:
            cases.by_id(session, case_id).state = str(state)
        shown = desk.read(case_id)
        assert str(state) not in shown.split()
        assert "Wat u kunt doen" in shown


async def test_what_is_stored_is_shown_harmless(desk: Desk) -> None:
    stage, case_id = desk.stage, desk.stage.referred()
    evil = "<script>alert(1)</script>\"'>"
    with stage.store.write() as session:
        for status, number in ((Status.HELD, 1), (Status.DROPPED, 2), (Status.SENT, 3)):
            notice = Notice(case_id=case_id, organisation_id=evil, code=Code.ORG_WARN, once=str(number))
            row = outbox.row(notice, stage.now)
            row.code = evil
            row.status, row.reason, row.receipt_peer, row.receipt_text = status, evil, evil, evil
            row.params = f'{{"thread": "{number}"}}'
            session.add(row)
        audit.append(session, evil, now=stage.now, actor=evil, case_id=case_id, code=evil, reason=evil)  # type: ignore[arg-type]
        case = cases.by_id(session, case_id)
        case.wijk = case.reason = evil
    page = desk.page(case_id)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert page.count("<script") == page.count("<script src=") + page.count("<script defer src=")


ODD = (
    "IB-0000-0000",
    "x",
    "%00",
    "%0d%0aSet-Cookie:%20a=b",
    "..%2f..%2fetc%2fpasswd",
    "%3Cscript%3E",
    "IB-" + "A" * 5000,
    "ſ" * 9,
    "IB-7K3F-9QX%EF%BC%AD",
)


async def test_an_odd_kenmerk_is_not_found(desk: Desk) -> None:
    for kenmerk, rest in product(ODD, ("", "/teruggeven", "/melden?melding=contacted", "/dansen")):
        answer = desk.client.get(f"/zaken/{kenmerk}{rest}")
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers
        assert "Niet gevonden" in words(answer.text)
    for kenmerk in ODD:
        answer = desk.client.post(f"/zaken/{kenmerk}/teruggeven", data={"versie": "1"})
        assert answer.status_code == 404


async def test_a_case_is_found_as_people_write_its_kenmerk(desk: Desk) -> None:
    case_id = desk.stage.referred()
    kenmerk = desk.stage.case(case_id).kenmerk
    answer = desk.client.get(f"/zaken/{kenmerk.lower().replace('-', '')}")
    assert answer.status_code == 200
    assert f"/zaken/{kenmerk}/teruggeven" in answer.text
    assert "teruggeven" in links(answer.text)


async def test_only_our_own_notices_are_shown(desk: Desk) -> None:
    case_id = desk.stage.referred()
    assert "De melding is verwerkt." in desk.read(case_id, "?gedaan=melden")
    for forged in ("?gedaan=dansen", "?gedaan=%3Cb%3E", "?gedaan="):
        assert 'role="status"' not in desk.page(case_id, forged)


async def test_a_case_in_quarantine_leads_there(desk: Desk) -> None:
    case = desk.stage.quarantined()
    page = desk.page(case.id)
    assert 'href="/quarantaine"' in page
    assert "niet bewezen wie de mail stuurde" in page


async def test_a_page_costs_the_same_whatever_happened(desk: Desk) -> None:
    """Counted in queries: one for each thing that is shown, not one for each event or message."""
    stage, case_id = desk.stage, desk.stage.referred()
    await stage.work()
    asked: list[str] = []

    def count(*arguments: object) -> None:
        # Whether the directory changed is asked now and then, whatever page is shown.
        if str(arguments[2]).startswith("SELECT") and "directory" not in str(arguments[2]):
            asked.append(str(arguments[2]))

    event.listen(stage.store.engine, "before_cursor_execute", count)
    desk.page(case_id)
    few = len(asked)
    for _ in range(30):
        stage.report(case_id, Event.ATTEMPTED)
        stage.report(case_id, Event.CORRECTED)
        desk.page(case_id)
    asked.clear()
    desk.page(case_id)
    assert len(asked) == few
    assert few < 25


async def test_beheerders_see_who_has_a_case_in_hand(desk: Desk) -> None:
    stage = desk.stage
    case_id, other = stage.referred(), stage.referred()
    desk.login("bram", Role.BEHEERDER)
    desk.login("anouk", Role.BEHEERDER)
    post = partial(desk.client.post, desk.url(case_id, "/oppakken"))
    assert post(data={"doen": "oppakken", "bord": "mij"}).headers["location"] == "/bord?bij=mij#nu"
    assert "U hebt dit sinds" in desk.read(case_id)
    kenmerk, left = stage.case(case_id).kenmerk, stage.case(other).kenmerk
    for whose, seen, hidden in (("mij", kenmerk, left), ("niemand", left, kenmerk)):
        listed = words(desk.client.get(f"/bord?bij={whose}").text)
        assert seen in listed
        assert hidden not in listed
    desk.login("bram", Role.BEHEERDER)
    assert post(data={"doen": "oppakken"}).headers["location"].endswith("?gedaan=al-opgepakt")
    desk.login("anouk", Role.BEHEERDER)
    given = {"doen": "doorgeven", "naar": "bram", "bij": "anouk", "reden": "busy"}
    assert post(data=given).headers["location"].endswith("?gedaan=doorgeven")
    page = desk.read(case_id, "?gedaan=doorgeven")
    assert "te druk" in page
    assert "Doorgegeven aan een collega: Bram" in page
    for wrong in ({}, {"doen": "onzin"}, {"doen": "doorgeven", "naar": "de-schoor", "bij": "bram"}):
        assert post(data=wrong).headers["location"].endswith("?gedaan=kies-collega")
