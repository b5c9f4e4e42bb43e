"""The outbox: once for one purpose, leased by one, back when a worker is lost, never dropped by itself."""

import threading

import pytest
from sqlalchemy import text

from gateway.domain.case import kenmerk_of
from gateway.domain.codes import DeclineReason, NextStep, StopOutcome
from gateway.domain.messages import Code, ItemKind
from gateway.domain.outgoing import Digest, Handover, Notice, Nudge, Outgoing, Particulars, Reply
from gateway.domain.pathway import Recipient
from gateway.domain.wording import Item
from gateway.errors import LostRace, NotFound
from gateway.store import outbox
from gateway.store.engine import Store
from gateway.store.outbox import Status
from gateway.store.tables import OutboxRow
from tests.patience import PATIENCE_S
from tests.store.rows import HOUR, MINUTE, NOW, make_case, outbox_row, put


def reply(case_id: str = "c1", code: str = "receipt", **overrides: object) -> OutboxRow:
    row = outbox.row(Reply(case_id=case_id, code=Code(code)), NOW)
    for name, value in overrides.items():
        setattr(row, name, value)
    return row


def handover(case_id: str = "c1", **overrides: object) -> OutboxRow:
    row = outbox.row(Handover(case_id=case_id, turn=2, organisation_id=None, sealed=b"ciphertext"), NOW)
    row.id = outbox.delivery_id(str(overrides.get("once", row.once)))
    for name, value in overrides.items():
        setattr(row, name, value)
    return row


def notice(organisation_id: str) -> OutboxRow:
    return outbox.row(Notice(case_id="c1", code=Code.ORG_WARN, organisation_id=organisation_id), NOW)


def claim(store: Store, lease: str = "w1", now=NOW, limit: int = 10) -> list[OutboxRow]:
    return outbox.claim(store, now, lease, limit)


def test_one_purpose_is_one_row(store: Store) -> None:
    with store.write() as session:
        assert outbox.put(session, reply())
        assert not outbox.put(session, reply())
        assert outbox.put(session, reply(code="in_beeld"))
        assert outbox.put(session, outbox.row(Reply(case_id="c1", code=Code.RECEIPT, once="2"), NOW))
        assert outbox.put(session, reply(case_id="c2"))
    with store.read() as session:
        assert len(outbox.of_case(session, "c1")) == 3


def test_a_notice_is_once_per_organisation(store: Store) -> None:
    with store.write() as session:
        assert outbox.put(session, notice("de-schoor"))
        assert outbox.put(session, notice("backup"))
        assert not outbox.put(session, notice("de-schoor"))


def test_what_is_due_is_claimed_soonest_first(store: Store) -> None:
    put(store, reply("c1", next_at=NOW + MINUTE))
    put(store, reply("c2"))
    put(store, reply("c3", next_at=NOW + HOUR))
    assert [claim(store, now=NOW + MINUTE, limit=1)[0].case_id for _ in range(2)] == ["c2", "c1"]
    assert claim(store, now=NOW + MINUTE) == []


def test_a_peer_that_is_slow_is_passed_over(store: Store) -> None:
    for number, organisation in enumerate(("slow", "quick")):
        to = Handover(case_id=f"c{number}", turn=2, organisation_id=organisation, sealed=b"ciphertext")
        put(store, outbox.row(to, NOW))
    put(store, reply("c2"))
    kinds = [(row.kind, row.organisation_id) for row in outbox.claim(store, NOW, "w1", 9, {"slow"})]
    assert sorted(kinds, key=str) == [("handover", "quick"), ("reply", None)]
    put(store, reply("c3"))
    (left,) = outbox.claim(store, NOW, "w1", 9, relayed=False)
    assert left.organisation_id == "slow"


def test_the_delivery_id_stays_the_same_at_every_try(store: Store) -> None:
    put(store, reply())
    (first,) = claim(store, "w1")
    assert claim(store, "w2", now=NOW + outbox.LEASE - MINUTE) == []
    (second,) = claim(store, "w2", now=NOW + outbox.LEASE)
    assert first.id == second.id
    assert (first.attempt, second.attempt) == (1, 2)


def test_who_lost_the_lease_cannot_settle(store: Store) -> None:
    row = put(store, reply())
    (lost,) = claim(store, "w1")
    claim(store, "w2", now=NOW + outbox.LEASE)
    with pytest.raises(LostRace), store.write() as session:
        outbox.settle(session, lost, Status.SENT)
    assert outbox_row(store, row.id).status == Status.READY


def test_a_row_is_settled_once(store: Store) -> None:
    row = put(store, handover())
    (mine,) = claim(store)
    with store.write() as session:
        outbox.settle(session, mine, Status.SENT, sent_at=NOW, sealed=None)
    with pytest.raises(LostRace), store.write() as session:
        outbox.settle(session, mine, Status.HELD)
    found = outbox_row(store, row.id)
    assert (found.status, found.lease, found.sealed, found.sent_at) == ("sent", None, None, NOW)
    assert claim(store, now=NOW + 100 * HOUR) == []


def test_a_stopping_worker_gives_back_its_own_rows_only(store: Store) -> None:
    put(store, reply("c1"))
    put(store, reply("c2", next_at=NOW + MINUTE))
    claim(store, "w1")
    claim(store, "w2", now=NOW + MINUTE)
    outbox.release(store, "w1", NOW + MINUTE)
    assert [row.case_id for row in claim(store, "w3", now=NOW + MINUTE)] == ["c1"]


def test_a_held_row_leaves_only_after_it_is_resumed(store: Store) -> None:
    row = put(store, handover(status=Status.HELD, reason="key_expired", attempt=7, alarmed_at=NOW))
    assert claim(store, now=NOW + 100 * HOUR) == []
    with store.write() as session:
        outbox.resume(session, row, NOW + HOUR, sealed=b"anew")
    (again,) = claim(store, now=NOW + HOUR)
    assert (again.id, again.sealed, again.attempt) == (row.id, b"anew", 1)
    assert (again.reason, again.alarmed_at, again.created_at) == (None, None, NOW + HOUR)
    with pytest.raises(LostRace), store.write() as session:
        outbox.resume(session, row, NOW)


def test_why_a_row_is_held_can_be_told_anew(store: Store) -> None:
    row = put(store, handover(status=Status.HELD, reason="no_route"))
    with store.write() as session:
        outbox.explain(session, row, "key_expired")
    assert outbox_row(store, row.id).reason == "key_expired"


def test_a_case_takes_its_unsent_handovers_back_and_nothing_else(store: Store) -> None:
    ready, held = put(store, handover()), put(store, handover(status=Status.HELD, once="held"))
    sent = put(store, handover(status=Status.SENT, once="sent"))
    answer, other = put(store, reply()), put(store, handover("c2"))
    with store.write() as session:
        outbox.drop_handovers(session, "c1", "contact_made")
    for row in (ready, held):
        found = outbox_row(store, row.id)
        assert (found.status, found.sealed, found.reason) == ("dropped", None, "contact_made")
    assert [outbox_row(store, row.id).status for row in (sent, answer, other)] == ["sent", "ready", "ready"]


def test_a_dropped_row_can_no_longer_be_settled(store: Store) -> None:
    put(store, handover())
    (mine,) = claim(store)
    with store.write() as session:
        outbox.drop_handovers(session, "c1", "rerouted")
    with pytest.raises(LostRace), store.write() as session:
        outbox.settle(session, mine, Status.READY, next_at=NOW)


def test_rows_are_named_by_kenmerk_or_by_the_beginning_of_an_id(store: Store) -> None:
    case = make_case(store)
    mine, other = put(store, reply()), put(store, reply("c2"))
    statuses = (Status.READY, Status.HELD)
    with store.read() as session:

        def named(which: str | None) -> set[str]:
            return {row.id for row in outbox.select_rows(session, which, statuses)}

        assert named(None) == {mine.id, other.id}
        assert named(case.kenmerk.lower()) == {mine.id}
        assert named(other.id[:8]) == {other.id}
        assert named("IB-0000-0000") == set()
        for short in ("", mine.id[:5]):
            with pytest.raises(NotFound, match="--all"):
                named(short)
        with pytest.raises(NotFound, match="queue list"):
            outbox.by_id(session, "nothing")


def test_the_beginning_of_an_id_that_looks_like_a_kenmerk_is_an_id(store: Store) -> None:
    case = make_case(store)
    row = reply("c2", id="e570f149bb594cf4be6e8226233bd750")
    assert kenmerk_of(row.id[:8]) not in (None, case.kenmerk)
    put(store, row)
    with store.read() as session:
        assert [one.id for one in outbox.select_rows(session, row.id[:8], (Status.READY,))] == [row.id]


def test_figures_of_what_has_not_left(store: Store) -> None:
    with store.read() as session:
        assert outbox.counts(session) == {"ready": 0, "held": 0}
        assert outbox.next_due(session) is None
    put(store, reply("c1", next_at=NOW + HOUR))
    put(store, reply("c2", next_at=NOW + MINUTE))
    put(store, reply("c3", status=Status.HELD))
    put(store, reply("c4", status=Status.SENT))
    with store.read() as session:
        assert outbox.counts(session) == {"ready": 2, "held": 1}
        assert outbox.next_due(session) == NOW + MINUTE
        assert len(outbox.unfinished(session)) == 3


def test_two_workers_never_get_the_same_delivery(store: Store) -> None:
    names = {put(store, reply(f"c{number}")).id for number in range(20)}
    start, taken = threading.Barrier(2), list[str]()

    def work(lease: str) -> None:
        start.wait()
        while rows := claim(store, lease, limit=3):
            taken.extend(row.id for row in rows)

    workers = [threading.Thread(target=work, args=(lease,)) for lease in ("w1", "w2")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE_S)
    assert len(taken) == len(names)
    assert set(taken) == names


def test_a_row_that_another_is_taking_is_skipped_not_waited_for(on_postgresql: Store) -> None:
    first, second = put(on_postgresql, reply("c1")), put(on_postgresql, reply("c2"))
    with on_postgresql.write() as session:
        session.execute(text("SELECT id FROM outbox WHERE id = :id FOR UPDATE"), {"id": first.id})
        assert [row.id for row in claim(on_postgresql)] == [second.id]


def test_what_nobody_leased_can_be_held_by_hand(store: Store) -> None:
    row = put(store, reply())
    with store.write() as session:
        outbox.settle(session, row, Status.HELD, reason="by_hand")
    assert outbox_row(store, row.id).status == Status.HELD


def test_the_newest_digest_is_found_whatever_the_collation(store: Store) -> None:
    for serial in (9, 10):
        put(store, outbox.row(Digest(serial=serial, upto=serial, items=()), NOW))
    with store.read() as session:
        assert outbox.newest(session, Digest) == (Digest(serial=10, upto=10, items=()), NOW)


ITEM = Item(ItemKind.HELD, NOW, "IB-0000-0000", "De Schoor")
WAITING = (
    Handover(case_id="c1", turn=2, organisation_id="o", media_type="m", sealed=b"c", sealed_for="k"),
    Handover(case_id="c1", turn=3, organisation_id=None, problem="no_route"),
    Reply(case_id="c1", code=Code.RECEIPT),
    Reply(
        case_id="c1",
        code=Code.QUESTION,
        thread="t1",
        particulars=Particulars(
            date=NOW,
            clock="remind",
            problems=("missing_name",),
            more=(Code.NOTE,),
            contact_person="Ans",
            organisation="o",
            backup="p",
            outcome=StopOutcome.COMPLETED,
            next_step=NextStep.INTAKE,
            reason=DeclineReason.CAPACITY,
        ),
    ),
    Notice(case_id="c1", organisation_id="o", code=Code.ORG_WARN, to=(Recipient.LEAD, Recipient.TEAM)),
    Digest(serial=7, upto=99, items=(ITEM,)),
    Nudge(organisation_id="o", number="1234"),
)


@pytest.mark.parametrize("message", WAITING, ids=lambda message: type(message).__name__)
def test_what_waits_is_read_back_as_it_was_put(store: Store, message: Outgoing) -> None:
    row = put(store, outbox.row(message, NOW))
    assert outbox.read(outbox_row(store, row.id)) == message


def test_what_this_version_does_not_know_is_not_guessed(store: Store) -> None:
    row = put(store, reply(code="receipt"))
    row.code = "of_another_version"
    with pytest.raises(ValueError):
        outbox.read(row)
    row.kind = "telegram"
    with pytest.raises(ValueError):
        outbox.read(row)
