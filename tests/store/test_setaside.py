"""Copies for the beheerders, and allowed senders: what is kept, and when it is gone."""

import pytest

from gateway.domain.states import Event
from gateway.errors import LostRace, NotFound
from gateway.quarantine import allow
from gateway.quarantine import rows as quarantine
from gateway.store import cases, inbox, setaside
from gateway.store.engine import Store
from gateway.store.pagetables import SetAsideRow
from gateway.store.tables import InboxRow
from tests.store.rows import DAY, HOUR, NOW, keep, kept, make_case

KEY, OLD = "k" * 43, "a" * 43


def aside(store: Store, name: str = "c1") -> str:
    """A quarantined mail whose copy is to be made; gives the mail's id."""
    case = make_case(store, name, outcome="waits")
    mail_id = f"mail-of-{name}"
    with store.write() as session:
        cases.advance(session, case, Event.QUARANTINED, now=NOW, actor="gateway", code="no_result")
        row = session.get(InboxRow, mail_id)
        assert row is not None
        row.outcome, row.sealed = "quarantine", b"mail"
        session.add(row)
        session.flush()
        setaside.wait(session, mail_id, name, NOW)
    return mail_id


def copy(store: Store, mail_id: str) -> SetAsideRow | None:
    with store.read() as session:
        return session.get(SetAsideRow, mail_id)


def due(store: Store, key: str = KEY) -> list[str]:
    with store.read() as session:
        return setaside.due(session, key, 10)


def test_a_copy_is_made_once_for_a_key(store: Store) -> None:
    mail_id = aside(store)
    assert due(store) == [mail_id]
    with store.write() as session:
        setaside.keep(session, mail_id, b"jwe", KEY, NOW)
    assert due(store) == []
    assert due(store, OLD) == [mail_id], "for another key it is made anew"


def test_a_copy_that_fails_is_tried_again_when_asked(store: Store) -> None:
    mail_id = aside(store)
    with store.write() as session:
        setaside.fail(session, mail_id, "cannot_open", KEY, NOW)
    assert due(store) == []
    with store.write() as session:
        assert setaside.stuck(session)
        assert setaside.again(session) == 1
    assert due(store) == [mail_id]


def test_a_copy_for_an_older_key_stays_while_no_newer_can_be_made(store: Store) -> None:
    mail_id = aside(store)
    with store.write() as session:
        setaside.keep(session, mail_id, b"jwe", OLD, NOW)
        setaside.fail(session, mail_id, "cannot_open", KEY, NOW)
    row = copy(store, mail_id)
    assert row is not None
    assert (row.sealed, row.sealed_for, row.problem) == (b"jwe", OLD, "cannot_open")
    assert due(store) == []
    with store.write() as session:
        setaside.again(session)
    assert due(store) == [mail_id]
    row = copy(store, mail_id)
    assert row is not None
    assert (row.sealed, row.sealed_for, row.problem) == (b"jwe", OLD, None)


def test_without_a_key_every_mail_says_why_once(store: Store) -> None:
    first, second = aside(store), aside(store, "c2")
    with store.write() as session:
        setaside.keep(session, first, b"jwe", OLD, NOW)
        assert setaside.unexplained(session, "expired")
        assert setaside.explain(session, "expired") == 1
    with store.read() as session:
        assert not setaside.unexplained(session, "expired")
        assert setaside.unexplained(session, "missing")
    kept_copy, waiting = copy(store, first), copy(store, second)
    assert kept_copy is not None
    assert (kept_copy.sealed, kept_copy.problem) == (b"jwe", None)
    assert waiting is not None
    assert waiting.problem == "expired"


@pytest.mark.parametrize("end", [inbox.destroy, inbox.reopen])
def test_a_copy_goes_with_its_mail_and_does_not_come_back(store: Store, end) -> None:
    mail_id = aside(store)
    with store.write() as session:
        setaside.keep(session, mail_id, b"jwe", KEY, NOW)
        row = setaside.mail(session, mail_id)
        assert row is not None
    with store.write() as session:
        end(session, row)
    assert copy(store, mail_id) is None
    with store.write() as session:
        # The worker was at it when the beheerder decided.
        setaside.note(session, mail_id, "c1", NOW)
        setaside.keep(session, mail_id, b"late", KEY, NOW)
        assert not setaside.tidy(session, mail_id)
    assert copy(store, mail_id) is None


def test_a_mail_that_nobody_noted_is_found(store: Store) -> None:
    mail_id = aside(store)
    with store.write() as session:
        setaside.destroy(session, mail_id)
    with store.write() as session:
        assert setaside.missing(session, 10) == [(mail_id, "c1")]
        setaside.note(session, mail_id, "c1", NOW)
        setaside.note(session, mail_id, "c1", NOW)
        assert setaside.missing(session, 10) == []
    assert due(store) == [mail_id]


def test_mails_in_the_inbox_have_no_copy(store: Store) -> None:
    keep(store, "m1")
    inbox.insert(store, [kept("m2")])
    with store.read() as session:
        assert setaside.missing(session, 10) == []


def test_the_list_has_pages_and_says_what_can_be_opened(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "PAGE", 2)
    ids = [aside(store, f"c{number}") for number in range(3)]
    with store.write() as session:
        setaside.keep(session, ids[0], b"jwe", KEY, NOW)
        setaside.fail(session, ids[1], "cannot_open", KEY, NOW)
    with store.read() as session:
        first, more = quarantine.asides(session, 1)
        last, over = quarantine.asides(session, 2)
    assert [(row.waits, row.problem) for row in (*first, *last)] == [
        (False, None),
        (False, "cannot_open"),
        (True, None),
    ]
    assert (more, over) == (True, False)


def test_a_sender_stands_for_one_practice_until_it_is_revoked(store: Store) -> None:
    with store.write() as session:
        row = allow.add(session, "filmwijk", "a@elders.example", NOW, "user:u1")
    with pytest.raises(LostRace), store.write() as session:
        allow.add(session, "haven", "a@elders.example", NOW, "user:u2")
    with store.write() as session:
        allow.revoke(session, row, NOW + HOUR)
    with pytest.raises(LostRace), store.write() as session:
        allow.revoke(session, row, NOW + HOUR)
    with store.write() as session:
        allow.add(session, "haven", "a@elders.example", NOW + DAY, "user:u2")
        assert [one.practice_id for one in allow.standing(session)] == ["haven"]


def test_an_address_goes_before_its_domain(store: Store) -> None:
    with store.write() as session:
        allow.add(session, "filmwijk", "elders.example", NOW, "user:u1")
        allow.add(session, "haven", "a@elders.example", NOW, "user:u1")
        found = [
            allow.find(session, senders)
            for senders in (
                ("a@elders.example", "elders.example"),
                ("b@elders.example", "elders.example"),
                ("x",),
            )
        ]
        assert [row.practice_id if row else None for row in found] == ["haven", "filmwijk", None]
        assert [row.sender for row in allow.at_domain(session, "elders.example")] == ["a@elders.example"]
        assert allow.at_domain(session, "lders.example") == []
        assert allow.at_domain(session, "elders_example") == []
    with pytest.raises(NotFound), store.read() as session:
        allow.by_id(session, "nobody")
