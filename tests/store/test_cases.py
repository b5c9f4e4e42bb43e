"""Cases: moved by compare-and-set, with the event in the same transaction."""

import pytest

from gateway.domain.states import Event, State
from gateway.errors import LostRace, NotAllowed, NotFound
from gateway.store import audit, cases
from gateway.store.engine import Store
from gateway.store.evidence import passages
from tests.store.rows import HOUR, NOW, case_row, make_case


def kinds(store: Store, case_id: str) -> list[str]:
    with store.read() as session:
        return [row.kind for row in audit.of_case(session, case_id)]


def test_a_move_and_its_event_are_one(store: Store) -> None:
    case = make_case(store)
    with store.write() as session:
        cases.advance(
            session, case, Event.ROUTED, now=NOW + HOUR, actor="gateway", changes={"organisation_id": "o1"}
        )
    found = case_row(store, case.id)
    assert (found.state, found.version, found.organisation_id) == ("routed", 2, "o1")
    assert found.updated_at == NOW + HOUR
    assert kinds(store, case.id) == ["case.received", "case.routed"]


def test_the_row_in_memory_says_what_the_database_says(store: Store) -> None:
    case = make_case(store)
    with store.write() as session:
        cases.advance(session, case, Event.ROUTED, now=NOW, actor="gateway")
        cases.advance(session, case, Event.DELIVERED, now=NOW, actor="gateway")
        cases.change(session, case, {"urgent": True})
    found = case_row(store, case.id)
    assert (case.state, case.version, case.urgent) == (found.state, found.version, found.urgent)
    assert (found.state, found.version, found.urgent) == ("delivered", 3, True)


def test_a_lost_race_changes_nothing(store: Store) -> None:
    make_case(store)
    mine, theirs = case_row(store, "c1"), case_row(store, "c1")
    with store.write() as session:
        cases.advance(session, theirs, Event.QUARANTINED, now=NOW, actor="gateway")
    with pytest.raises(LostRace), store.write() as session:
        cases.advance(session, mine, Event.ROUTED, now=NOW, actor="gateway")
    with pytest.raises(LostRace), store.write() as session:
        cases.change(session, mine, {"urgent": True})
    assert case_row(store, "c1").state == State.QUARANTINED
    assert not case_row(store, "c1").urgent
    assert kinds(store, "c1") == ["case.received", "case.quarantined"]


def test_the_table_of_moves_is_asked(store: Store) -> None:
    case = make_case(store)
    with pytest.raises(NotAllowed), store.write() as session:
        cases.advance(session, case, Event.CONTACTED, now=NOW, actor="gateway")
    assert case_row(store, "c1").version == 1


def test_a_move_that_is_rolled_back_leaves_no_event(store: Store) -> None:
    case = make_case(store)

    def half() -> None:
        with store.write() as session:
            cases.advance(session, case, Event.ROUTED, now=NOW, actor="gateway")
            raise LostRace

    with pytest.raises(LostRace):
        half()
    assert case_row(store, "c1").state == State.RECEIVED
    assert kinds(store, "c1") == ["case.received"]


def test_a_case_is_found_as_a_person_types_its_kenmerk(store: Store) -> None:
    case = make_case(store)
    with store.read() as session:
        assert cases.by_kenmerk(session, f" {case.kenmerk.lower().removeprefix('ib-')} ").id == "c1"
        assert cases.by_id(session, "c1").kenmerk == case.kenmerk


@pytest.mark.parametrize("typed", ["", "nonsense", "IB-0000-0000", "%"])
def test_an_unknown_kenmerk_says_what_to_do(store: Store, typed: str) -> None:
    make_case(store)
    with store.read() as session:
        assert cases.find(session, typed) is None
        with pytest.raises(NotFound, match="inbeeld cases list"):
            cases.by_kenmerk(session, typed)
        with pytest.raises(NotFound):
            cases.by_id(session, typed)


def test_an_organisation_finds_its_own_cases_in_pages(store: Store) -> None:
    for name in ("c1", "c2", "c3", "c4"):
        case = make_case(store, name)
        with store.write() as session:
            owner = {"organisation_id": "o2" if name == "c4" else "o1"}
            cases.advance(session, case, Event.ROUTED, now=NOW + HOUR, actor="gateway", changes=owner)
    with store.read() as session:
        first = cases.of_organisation(session, "o1", 2)
        rest = cases.of_organisation(session, "o1", 2, after=first[-1].id)
        assert [one.id for one in (*first, *rest)] == ["c1", "c2", "c3"]
        assert cases.of_organisation(session, "o1", 9, since=NOW + 2 * HOUR) == []
        assert cases.own(session, "o1", first[0].kenmerk) == first[0]
        with pytest.raises(NotFound):
            cases.own(session, "o2", first[0].kenmerk)
        came = list(passages(session, NOW - HOUR, NOW + HOUR))
        assert [one.outcome for one in came] == ["case"] * 4
        assert list(passages(session, NOW + HOUR, NOW + 2 * HOUR)) == []
