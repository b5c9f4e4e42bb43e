"""The audit trail: whatever is done to it or to what it tells of, `verify` finds it."""

import hashlib
import json
import threading
from collections.abc import Callable

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlmodel import Session, col

from gateway.domain.states import Event
from gateway.domain.trail import AuditEvent
from gateway.store import audit, cases, inbox
from gateway.store.engine import Store
from gateway.store.tables import EventRow
from tests.patience import PATIENCE_S
from tests.store.rows import HOUR, NOW, keep, make_case


def add(store: Store, *kinds: str) -> None:
    for kind in kinds:
        with store.write() as session:
            audit.append(session, kind, now=NOW, actor="gateway", code=kind)  # type: ignore[arg-type]


def found(store: Store) -> audit.Verification:
    with store.read() as session:
        return audit.verify(session)


def tamper(store: Store, *statements: str) -> None:
    with store.write() as session:
        for statement in statements:
            session.execute(text(statement))


def lived(store: Store) -> None:
    """A little of everything: two cases that moved, a quarantined mail, one that was ignored."""
    for name in ("c1", "c2"):
        case = make_case(store, name)
        with store.write() as session:
            cases.advance(session, case, Event.ROUTED, now=NOW, actor="gateway")
    set_aside = make_case(store, "c3", outcome="quarantine")
    with store.write() as session:
        cases.advance(session, set_aside, Event.QUARANTINED, now=NOW, actor="gateway")
    keep(store, "noise", "waits")
    (noise,) = inbox.claim(store, NOW, "w1", 1)
    with store.write() as session:
        inbox.finish(session, noise, "ignored", None)
        audit.append(session, AuditEvent.MAIL_IGNORED, now=NOW, actor="gateway", inbox_id=noise.id)


def test_an_empty_trail_is_well(store: Store) -> None:
    assert found(store) == audit.Verification(0, audit.START, {}, 0, ())


def test_an_honest_trail_is_well(store: Store) -> None:
    lived(store)
    seen = found(store)
    assert seen.faults == ()
    assert (seen.events, seen.cases) == (7, 3)
    assert seen.mails == {"case": 2, "quarantine": 1, "ignored": 1, "waiting": 1}


@pytest.mark.parametrize(
    "values",
    [
        {"at": NOW + HOUR},
        {"kind": "case.contacted"},
        {"actor": "somebody else"},
        {"case_id": "c2"},
        {"inbox_id": "another"},
        {"data": "{}"},
        {"hash": "f" * 64},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_value_is_found(store: Store, values: dict[str, object]) -> None:
    lived(store)
    with store.write() as session:
        session.execute(update(EventRow).where(col(EventRow.seq) == 2).values(**values))
    assert any("event 2" in fault for fault in found(store).faults)


def test_an_event_that_was_removed_is_found(store: Store) -> None:
    lived(store)
    tamper(store, "DELETE FROM events WHERE seq = 3")
    assert "event 3: missing (the next one is 4)" in found(store).faults


def test_a_removed_event_is_found_also_when_the_numbers_close_up(store: Store) -> None:
    add(store, "a", "b", "c")
    tamper(store, "DELETE FROM events WHERE seq = 2", "UPDATE events SET seq = 2 WHERE seq = 3")
    assert found(store).faults == ("event 2: does not fit the chain",)


def test_events_in_another_order_are_found(store: Store) -> None:
    add(store, "a", "b", "c")
    tamper(
        store,
        "UPDATE events SET seq = 99 WHERE seq = 2",
        "UPDATE events SET seq = 2 WHERE seq = 3",
        "UPDATE events SET seq = 3 WHERE seq = 99",
    )
    assert len(found(store).faults) == 2


def test_an_event_that_was_put_in_is_found(store: Store) -> None:
    add(store, "a", "b")
    with store.write() as session:
        session.add(EventRow(seq=3, at=NOW, kind="case.contacted", actor="gateway", hash="a" * 64))
    assert found(store).faults == ("event 3: does not fit the chain",)


def test_an_end_that_was_cut_off_is_found_by_the_counts(store: Store) -> None:
    lived(store)
    tamper(store, "DELETE FROM events WHERE seq >= 4")
    assert any("do not reconcile" in fault for fault in found(store).faults)


def test_the_head_tells_two_trails_apart(store: Store) -> None:
    add(store, "a")
    before = found(store).head
    add(store, "b")
    assert found(store).head != before


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM cases WHERE id = 'c1'", "case c1: has events but no row"),
        ("UPDATE cases SET version = 1 WHERE id = 'c1'", "case c1: its moves and its events"),
        (
            "INSERT INTO outbox (id, once, case_id, kind, code, status, params, created_at, next_at, attempt)"
            " VALUES ('x', 'x', 'c1', 'reply', 'in_beeld', 'ready', '{}', '2026-11-30', '2026-11-30', 0)",
            "case c1: its referrer is told of contact that nobody reported",
        ),
        ("DELETE FROM inbox WHERE outcome = 'case'", "mails: 1 made a case, but there are 3 cases"),
        ("UPDATE inbox SET outcome = 'lost' WHERE id = 'noise'", "mails: outcome lost is not one of ours"),
        ("UPDATE inbox SET outcome = 'case' WHERE id = 'waits'", "mails: 4 made a case"),
    ],
)
def test_counts_that_do_not_reconcile_are_found(store: Store, statement: str, fault: str) -> None:
    lived(store)
    tamper(store, statement)
    assert any(fault in one for one in found(store).faults)


@given(
    data=st.dictionaries(
        st.text(max_size=5), st.one_of(st.text(), st.integers(-(2**53) + 1, 2**53 - 1), st.none())
    )
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_data_comes_back_as_it_was_put(store: Store, data: dict[str, object]) -> None:
    hashable = {f"x{name}": value for name, value in data.items() if "\x00" not in f"{name}{value}"}
    with store.write() as session:
        audit.append(session, AuditEvent.CASE_ROUTED, now=NOW, actor="gateway", **hashable)
    with store.read() as session:
        *_, last = audit.export(session)
    assert json.loads(last.data) == hashable
    assert found(store).faults == ()


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=4, max_size=4),
    seq=st.integers(0, 2**53 - 1),
)
def test_the_hash_is_over_the_canonical_form(texts: list[str], seq: int) -> None:
    kind, actor, case, before = texts
    event = audit.NewEvent(NOW, kind, actor, case, None, "{}")
    content = {"kind": kind, "actor": actor, "case": case, "inbox": None, "data": "{}"}
    canonical = rfc8785.dumps(content | {"before": before, "seq": seq, "at": NOW.isoformat()})
    assert audit.chained(before, seq, event) == hashlib.sha256(canonical).hexdigest()


def verified(store: Store, since: audit.Head) -> tuple[str, ...]:
    with store.snapshot() as session:
        return audit.verify(session, since).faults


def test_what_was_verified_before_is_not_looked_at_again(store: Store) -> None:
    lived(store)
    seen = found(store)
    head = audit.Head.parse(str(audit.Head(seen.events, seen.head)))
    add(store, "a", "b")
    assert verified(store, head) == ()
    tamper(store, "UPDATE events SET actor = 'somebody else' WHERE seq = 2")
    assert verified(store, head) == ()
    assert verified(store, audit.BEGINNING) == ("event 2: does not fit the chain",)
    tamper(store, "UPDATE events SET actor = 'somebody else' WHERE seq = 8")
    assert verified(store, head) == ("event 8: does not fit the chain",)
    tamper(store, "UPDATE events SET hash = 'another' WHERE seq = 7")
    assert "event 7: is not the one that was verified before" in verified(store, head)


@pytest.mark.parametrize("text", ["", "7", "7:", "x:" + "0" * 64, "7:" + "0" * 63, "-1:" + "0" * 64])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="SEQ:HASH"):
        audit.Head.parse(text)


def test_who_writes_meanwhile_makes_no_fault(store: Store) -> None:
    """On PostgreSQL each statement would see what was committed since the one before."""
    lived(store)
    with store.snapshot() as session:
        assert len(audit.of_case(session, "c1")) == 2
        lived_too = make_case(store, "c9")
        with store.write() as writing:
            cases.advance(writing, lived_too, Event.ROUTED, now=NOW, actor="gateway")
        seen = audit.verify(session)
    assert (seen.faults, seen.events, seen.cases) == ((), 7, 3)
    assert found(store).events == 9


def test_faults_without_end_are_told_with_an_end(store: Store) -> None:
    add(store, *("kind" for _ in range(audit.FAULTS + 5)))
    tamper(store, "UPDATE events SET actor = 'somebody else'")
    faults = found(store).faults
    assert len(faults) == audit.FAULTS + 1
    assert faults[-1] == "and 5 more"


def test_running_cases_about_one_number_are_counted(store: Store) -> None:
    for name, mark, organisation in (("a", "m", "o1"), ("b", "m", "o1"), ("c", "m", "o2"), ("d", "n", "o1")):
        case = make_case(store, name, phone_mac=mark)
        with store.write() as session:
            changes = {"organisation_id": organisation}
            cases.advance(session, case, Event.ROUTED, now=NOW, actor="gateway", changes=changes)
    assert (found(store).doubles, found(store).faults) == (1, ())


def test_of_case_gives_one_cases_events_in_order(store: Store) -> None:
    lived(store)
    with store.read() as session:
        assert [row.kind for row in audit.of_case(session, "c2")] == ["case.received", "case.routed"]
        assert [moment.event for moment in audit.moments(session, "c2")] == [Event.ROUTED]


def test_export_is_every_event_in_order(store: Store) -> None:
    lived(store)
    with store.read() as session:
        assert [row.seq for row in audit.export(session)] == list(range(1, 8))


def test_many_writers_make_one_chain(store: Store) -> None:
    def each(act: Callable[[Session], None]) -> None:
        for _ in range(10):
            with store.write() as session:
                act(session)

    def two(session: Session) -> None:
        audit.append(session, AuditEvent.CASE_ROUTED, now=NOW, actor="gateway")
        audit.append(session, AuditEvent.CASE_CONTACTED, now=NOW + HOUR, actor="gateway")

    writers = [threading.Thread(target=each, args=(two,)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(PATIENCE_S)
    seen = found(store)
    assert (seen.events, seen.faults) == (80, ())
    with store.read() as session:
        rows: list[EventRow] = list(audit.export(session))
    # The two of one transaction stand beside each other.
    assert [row.kind for row in rows] == [AuditEvent.CASE_ROUTED, AuditEvent.CASE_CONTACTED] * 40


def test_a_transaction_that_fails_leaves_no_gap(store: Store) -> None:
    add(store, "a")

    def half() -> None:
        with store.write() as session:
            audit.append(session, AuditEvent.CASE_ROUTED, now=NOW, actor="gateway")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    add(store, "b")
    assert (found(store).events, found(store).faults) == (2, ())
