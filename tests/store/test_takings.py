"""Who takes a case on: one person a desk, and nobody loses one unseen."""

import pytest
from sqlmodel import select

from gateway.errors import LostRace, NotFound
from gateway.store import takings
from gateway.store.engine import Store
from gateway.store.pagetables import UserRow
from gateway.store.tables import CaseRow
from gateway.store.takings import BEHEERDERS, Hands, TakingReason
from tests.store.rows import NOW, make_case


def test_a_case_is_with_one_person_of_a_desk(store: Store) -> None:
    case, other = make_case(store, "c1"), make_case(store, "c2")
    with store.write() as session:
        for name in ("ada", "bo"):
            session.add(UserRow(id=name, login=name, name=name.title(), role="beheerder", created_at=NOW))
        session.flush()
        takings.change(session, case.id, BEHEERDERS, by="ada", to="ada", seen="", now=NOW)
        for by, to, seen in (("bo", "bo", ""), ("bo", None, ""), ("bo", None, "bo"), ("bo", "bo", "cas")):
            with pytest.raises(LostRace):
                takings.change(session, case.id, BEHEERDERS, by=by, to=to, seen=seen, now=NOW)
        with pytest.raises(NotFound):
            takings.change(session, case.id, BEHEERDERS, by="ada", to="nobody", seen="ada", now=NOW)
        why = TakingReason.AREA
        takings.change(session, case.id, BEHEERDERS, by="ada", to="bo", seen="ada", now=NOW, reason=why)
        (taken,) = takings.of_cases(session, BEHEERDERS, [case.id, other.id]).values()
        assert (taken.name, taken.since, taken.reason) == ("Bo", NOW, why)
        assert not takings.of_cases(session, "de-schoor", [case.id])
        # What somebody had who was removed is nobody's, and can be taken on.
        bo = session.get(UserRow, "bo")
        assert bo is not None
        bo.removed_at = NOW
        session.flush()
        assert not takings.of_cases(session, BEHEERDERS, [case.id])
        takings.change(session, case.id, BEHEERDERS, by="ada", to="ada", seen="", now=NOW)
        assert [each.name for each in takings.of_cases(session, BEHEERDERS, [case.id]).values()] == ["Ada"]
        for user, found in (("ada", [True, False]), (None, [False, True])):
            hands = Hands(BEHEERDERS, user)
            theirs = session.scalars(select(CaseRow.id).where(takings.among(CaseRow.id, hands))).all()
            assert [each.id in theirs for each in (case, other)] == found
