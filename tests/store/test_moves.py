"""Moves: many in one transaction, each whole or not at all."""

import pytest
from sqlmodel import func, select

from gateway.domain.clock import PlannedClock as Planned
from gateway.domain.codes import Kind
from gateway.domain.messages import Code
from gateway.domain.outgoing import Handover, Reply
from gateway.domain.states import Event, State
from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace
from gateway.store import audit, cases, clocks, inbox, moves, outbox
from gateway.store.engine import Store
from gateway.store.moves import Move
from gateway.store.outbox import Status
from gateway.store.tables import CaseRow, OutboxRow
from tests.store.moving import MARK, OTHER, claimed, new_case, referral, statements, whole
from tests.store.rows import DAY, HOUR, MINUTE, NOW, case_row, mail_row, make_case, outbox_row, put


def test_many_referrals_are_one_transaction(store: Store) -> None:
    mails = claimed(store, *(f"m{number}" for number in range(5)))
    made = [referral(mail, f"c-{mail.id}") for mail in mails]
    assert moves.commit(store, made) == []
    for mail in mails:
        case = case_row(store, f"c-{mail.id}")
        assert (case.state, case.version, case.organisation_id) == ("routed", 2, "o1")
        found = mail_row(store, mail.id)
        assert (found.outcome, found.case_id, found.sealed, found.lease) == ("case", case.id, None, None)
        with store.read() as session:
            assert [clock.kind for clock in clocks.of_case(session, case.id)] == ["warn", "contact"]
            assert {row.kind for row in outbox.of_case(session, case.id)} == {"handover", "reply"}
            assert [row.kind for row in audit.of_case(session, case.id)] == ["case.received", "case.routed"]
    assert whole(store).events == 10


def test_statements_do_not_grow_with_the_moves(store: Store) -> None:
    few = [referral(mail, f"c-{mail.id}") for mail in claimed(store, "a", "b")]
    with statements(store) as of_few:
        moves.commit(store, few)
    many = [referral(mail, f"c-{mail.id}") for mail in claimed(store, *(f"m{at}" for at in range(40)))]
    with statements(store) as of_many:
        moves.commit(store, many)
    assert of_many == of_few
    assert len(of_many) <= 12


def test_nothing_is_asked_for_no_moves(store: Store) -> None:
    with statements(store) as seen:
        assert moves.commit(store, []) == []
    assert seen == []


def test_a_mail_that_another_worker_has_falls_out_alone(store: Store) -> None:
    mails = claimed(store, "m1", "m2")
    made = [referral(mail, f"c-{mail.id}") for mail in mails]
    inbox.release(store, "mine")
    (again,) = inbox.claim(store, NOW + HOUR, "theirs", 1)
    kept = next(mail for mail in mails if mail.id != again.id)
    # The other one was given back as well, and is ours again.
    inbox.claim(store, NOW + HOUR, "mine", 1)
    lost = moves.commit(store, made)
    assert [list(move.started) for move in lost] == [[f"c-{again.id}"]]
    assert mail_row(store, again.id).lease == "theirs"
    assert mail_row(store, kept.id).outcome == "case"
    with store.read() as session:
        assert session.exec(select(func.count()).select_from(CaseRow)).one() == 1
        assert session.exec(select(func.count()).select_from(OutboxRow)).one() == 2
    whole(store)


def test_two_moves_of_one_case_do_not_both_happen(store: Store) -> None:
    make_case(store)
    one, two = Move(), Move()
    one.advance(case_row(store, "c1"), Event.ROUTED, now=NOW, actor="gateway")
    two.advance(case_row(store, "c1"), Event.QUARANTINED, now=NOW, actor="gateway")
    assert moves.commit(store, [one, two]) == [two]
    assert case_row(store, "c1").state == State.ROUTED
    whole(store)


def test_one_move_may_advance_a_case_twice(store: Store) -> None:
    case = make_case(store)
    move = Move()
    move.advance(case, Event.ROUTED, now=NOW, actor="gateway")
    move.advance(case, Event.DELIVERED, now=NOW + HOUR, actor="gateway")
    assert moves.commit(store, [move]) == []
    found = case_row(store, "c1")
    assert (found.state, found.version, found.updated_at) == ("delivered", 3, NOW + HOUR)
    whole(store)


def test_a_move_relies_on_what_was_read(store: Store) -> None:
    make_case(store)
    seen, move = case_row(store, "c1"), Move()
    move.rely_on(seen)
    move.event(AuditEvent.REFERRAL_ADDED, now=NOW, actor="gateway", case_id="c1")
    with store.write() as session:
        cases.advance(session, case_row(store, "c1"), Event.ROUTED, now=NOW, actor="gateway")
    assert moves.commit(store, [move]) == [move]
    assert whole(store).events == 2


def test_a_case_that_is_not_there_loses(store: Store) -> None:
    move = Move()
    move.rely_on(new_case("c9"))
    assert moves.commit(store, [move]) == [move]


def test_one_message_makes_one_case(store: Store) -> None:
    first, second, third = claimed(store, "m1", "m2", "m3")
    one, two, three = referral(first, "c1"), referral(second, "c2"), referral(third, "c3")
    one.once(MARK, "c1")
    two.once(MARK, "c2")
    three.once(OTHER, "c3")
    assert moves.commit(store, [one, two, three]) == [two]
    again = referral(second, "c2")
    again.once(MARK, "c2")
    assert moves.commit(store, [again]) == [again]
    with store.read() as session:
        found = cases.by_messages(session, [MARK, OTHER, "c3" * 32])
    assert {key: case.id for key, case in found.items()} == {MARK: "c1", OTHER: "c3"}
    assert mail_row(store, "m2").outcome is None


def test_a_patient_is_handed_over_once(store: Store) -> None:
    first, second, third = claimed(store, "m1", "m2", "m3")
    one = referral(first, "c1", phone_mac=MARK)
    two = referral(second, "c2", phone_mac=MARK)
    for move in (one, two):
        move.alone(MARK, ())
        move.alone(OTHER, ())
    assert moves.commit(store, [one, two]) == [two]
    # Whoever knows the other case, and says it is another patient's, may go on.
    three = referral(third, "c3", phone_mac=MARK)
    three.alone(MARK, ["c1"])
    assert moves.commit(store, [three]) == []
    again = referral(second, "c2", phone_mac=MARK)
    again.alone(MARK, ["c1"])
    assert moves.commit(store, [again]) == [again]


def test_a_question_about_a_number_stops_nobody(store: Store) -> None:
    first, second = claimed(store, "m1", "m2")
    asked = Move()
    case = new_case("c1", phone_mac=MARK)
    asked.start(case, actor="gateway", inbox_id=first.id)
    asked.advance(case, Event.NEEDS_INFO, now=NOW, actor="gateway")
    asked.finish(first, "question", "c1")
    two = referral(second, "c2", phone_mac=MARK)
    for move in (asked, two):
        move.alone(MARK, ())
    assert moves.commit(store, [asked, two]) == []


def test_a_delivery_is_settled_by_who_has_it(store: Store) -> None:
    case = make_case(store)
    put(store, outbox.row(Reply(case_id=case.id, code=Code.RECEIPT), NOW))
    put(store, outbox.row(Handover(case_id=case.id, turn=1, organisation_id=None), NOW))
    rows = outbox.claim(store, NOW, "mine", 9)
    made = []
    for row in rows:
        move = Move()
        move.settle(row, Status.SENT, sent_at=NOW)
        made.append(move)
    outbox.release(store, "mine", NOW)
    (other,) = outbox.claim(store, NOW, "theirs", 1)
    with store.write() as session:
        mine = next(row for row in rows if row.id != other.id)
        outbox_again = session.get(OutboxRow, mine.id)
        assert outbox_again is not None
        outbox_again.lease = "mine"
        session.add(outbox_again)
    lost = moves.commit(store, made)
    assert [move.settled[0]["this_id"] for move in lost] == [other.id]
    assert outbox_row(store, mine.id).status == Status.SENT
    assert outbox_row(store, mine.id).lease is None
    assert outbox_row(store, other.id).status == Status.READY
    # Settled once is settled: the lease was given up with it.
    assert moves.commit(store, [move for move in made if move not in lost]) != []


def test_a_delivery_is_put_once_for_its_purpose(store: Store) -> None:
    case = make_case(store)
    one, two = Move(), Move()
    for move in (one, two):
        move.put(outbox.row(Reply(case_id=case.id, code=Code.RECEIPT), NOW))
    assert moves.commit(store, [one, two]) == []
    with store.read() as session:
        assert len(outbox.of_case(session, case.id)) == 1


def test_a_clock_fires_once(store: Store) -> None:
    make_case(store)
    with store.write() as session:
        clocks.plan(session, "c1", [Planned(Kind.WARN, NOW), Planned(Kind.URGE, NOW)])
    with store.read() as session:
        warn, urge = clocks.of_case(session, "c1")
    one, two, three = Move(), Move(), Move()
    one.fire(warn, NOW)
    two.fire(warn, NOW + MINUTE)
    three.fire(urge, NOW)
    assert moves.commit(store, [one, two, three]) == [two]
    with store.read() as session:
        assert [clock.fired_at for clock in clocks.of_case(session, "c1")] == [NOW, NOW]
    assert moves.commit(store, [two]) == [two]


def test_what_happens_to_clocks_happens_in_order(store: Store) -> None:
    make_case(store)
    with store.write() as session:
        clocks.plan(session, "c1", [Planned(Kind.REMIND, NOW), Planned(Kind.RETIRE, NOW + DAY)])
    move = Move()
    move.meet("c1", [Kind.REMIND], NOW)
    move.pause("c1", NOW + DAY, NOW)
    move.restart("c1", [Planned(Kind.REMIND, NOW + HOUR)])
    move.plan("c1", [Planned(Kind.WARN, NOW + MINUTE)])
    assert moves.commit(store, [move]) == []
    with store.read() as session:
        found = {clock.kind: clock for clock in clocks.of_case(session, "c1")}
    assert found[Kind.CONTACT].paused_from == NOW
    assert found[Kind.RETIRE].paused_from is None
    assert (found[Kind.REMIND].due_at, found[Kind.REMIND].met_at) == (NOW + HOUR, None)
    assert found[Kind.WARN].paused_from is None


def test_the_rest_is_done_in_the_same_transaction(store: Store) -> None:
    case = make_case(store)
    done: list[str] = []
    won, lost = Move(), Move()
    for name, move in (("won", won), ("lost", lost)):
        move.advance(case_row(store, case.id), Event.ROUTED, now=NOW, actor="gateway")
        move.also(lambda session, name=name: done.append(name))  # type: ignore[misc]
    moves.commit(store, [won, lost])
    assert done == ["won"]


def test_nothing_is_left_of_a_transaction_that_fails(store: Store) -> None:
    (mail,) = claimed(store, "m1")
    move = referral(mail, "c1")
    clash = Move()
    clash.start(new_case("c1", kenmerk="another"), actor="gateway", inbox_id="m1")
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        moves.commit(store, [move, clash])
    assert mail_row(store, "m1").outcome is None
    assert whole(store).events == 0


def test_a_part_of_another_transaction_raises_when_it_is_lost(store: Store) -> None:
    make_case(store)
    first, second = Move(), Move()
    for move in (first, second):
        move.advance(case_row(store, "c1"), Event.ROUTED, now=NOW, actor="gateway")
    with store.write() as session:
        moves.carry_out(session, first)
        # What was moved in this transaction is seen in it.
        assert [moment.event for moment in audit.moments(session, "c1")] == [Event.ROUTED]
    with pytest.raises(LostRace), store.write() as session:
        moves.carry_out(session, second)
    whole(store)
