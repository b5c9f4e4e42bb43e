"""Accounts, their factors, invitations and sessions: on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from gateway.accounts import factors, invitations
from gateway.accounts import rows as accounts
from gateway.store import pairs
from gateway.store.engine import Store
from gateway.store.pagetables import InvitationRow, SessionRow, UserRow, WrapRow
from gateway.web import sessions
from gateway.web.sessions import SessionStage

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def make_user(store: Store, id_: str = "u1", role: str = "beheerder", **other: str) -> UserRow:
    with store.write() as session:
        user = accounts.make(
            session,
            id_=id_,
            login=f"{id_}@handover.example",
            name=id_,
            role=role,
            organisation_id=other.get("organisation"),
            now=NOW,
        )
        user.password_hash, user.totp = "$argon2id$", b"sealed"
        session.add(user)
    return user


def fail(store: Store, now: datetime) -> timedelta | None:
    with store.write() as session:
        user = accounts.find(session, "u1", locked=True)
        assert user is not None
        return accounts.failed(session, user, now)


def test_ten_failures_lock_and_each_one_after_it_for_twice_as_long(store: Store) -> None:
    make_user(store)
    assert [fail(store, NOW) for _ in range(9)] == [None] * 9
    now, locks = NOW, []
    for _ in range(9):
        lock = fail(store, now)
        assert lock is not None
        locks.append(int(lock.total_seconds()) // 60)
        # What is tried while it is locked does not count.
        assert fail(store, now + lock - timedelta(seconds=1)) is None
        now += lock
    assert locks == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]
    with store.write() as session:
        accounts.entered(session, "u1", now)
    with store.read() as session:
        user = accounts.find(session, "u1")
        assert user is not None
        assert (user.failures, user.locked_until, user.last_login_at) == (0, None, now)


def test_each_calm_day_halves_the_failures(store: Store) -> None:
    make_user(store)
    locks = [fail(store, NOW) for _ in range(10)]
    free = NOW + (locks[-1] or timedelta())
    # Ten, a moment less than a day later eleven; a whole day after that lock six, and the tenth locks again.
    assert fail(store, free + timedelta(days=1, seconds=-1)) == timedelta(minutes=30)
    calm = free + timedelta(days=2, minutes=30)
    assert [fail(store, calm) for _ in range(4)] == [None] * 4
    assert fail(store, calm) == timedelta(minutes=15)
    # The clock went back: nothing is forgotten.
    with store.write() as session:
        user = accounts.find(session, "u1")
        assert user is not None
        user.locked_until = None
        session.add(user)
    assert fail(store, NOW - timedelta(days=3)) == timedelta(minutes=30)


def test_failures_at_once_are_all_counted(store: Store) -> None:
    make_user(store)
    with ThreadPoolExecutor(8) as threads:
        locks = list(threads.map(lambda _: fail(store, NOW), range(20)))
    assert [lock for lock in locks if lock] == [timedelta(minutes=15)]


def test_a_step_and_a_recovery_code_count_once(store: Store) -> None:
    make_user(store)
    with store.write() as session:
        factors.renew_codes(session, "u1", ["a", "b"])

    def use(_: int) -> tuple[bool, bool]:
        with store.write() as session:
            return accounts.use_step(session, "u1", 7), factors.use_code(session, "u1", "a", NOW)

    with ThreadPoolExecutor(4) as threads:
        used = list(threads.map(use, range(4)))
    assert [sum(each) for each in zip(*used, strict=True)] == [1, 1]
    with store.write() as session:
        assert not accounts.use_step(session, "u1", 6)
        assert not factors.use_code(session, "u2", "b", NOW)
        assert factors.codes_left(session, "u1") == 1
        factors.renew_codes(session, "u1", ["c"])
        assert not factors.use_code(session, "u1", "b", NOW)


def test_who_is_removed_has_nothing_left(store: Store) -> None:
    make_user(store, "u2")
    user = make_user(store)
    with store.write() as session:
        assert factors.add_passkey(
            session, id_="pk", user_id="u1", public_key=b"k", sign_count=0, label="x", now=NOW
        )
        factors.renew_codes(session, "u1", ["a"])
        token = sessions.start(session, NOW, user_id="u1", stage=SessionStage.FULL)
        for id_, whose in (("w1", "u1"), ("w2", "u2")):
            session.add(
                WrapRow(
                    id=id_,
                    pair_id="p",
                    kind=pairs.PairKind.PASSPHRASE,
                    user_id=whose,
                    wrapped="{}",
                    created_at=NOW,
                    created_by="u",
                )
            )
        _, code = invitations.make(
            session, login=user.login, name="n", role="beheerder", organisation_id=None, by="b", now=NOW
        )
    with store.write() as session:
        kept = accounts.find(session, "u1", locked=True)
        assert kept is not None
        accounts.remove(session, kept, NOW)
    with store.read() as session:
        assert accounts.find(session, "u1") is None
        assert accounts.by_login(session, "u1@handover.example") is None
        assert sessions.find(session, token, NOW) is None
        assert invitations.find(session, code, NOW) is None
        assert factors.passkeys(session, "u1") == []
        assert factors.codes_left(session, "u1") == 0
        assert session.get(WrapRow, "w1") is None
        assert session.get(WrapRow, "w2") is not None
        row = session.get(UserRow, "u1")
        assert row is not None
        assert (row.name, row.password_hash, row.totp) == ("u1", None, None)
        assert "@" not in row.login
    make_user(store, "u3")


def test_the_last_beheerder_stays(store: Store) -> None:
    for id_ in ("u1", "u2"):
        make_user(store, id_)
    make_user(store, "m1", "medewerker", organisation="wijkteam-haven")

    def remove(id_: str) -> bool:
        try:
            with store.write() as session:
                user = accounts.find(session, id_, locked=True)
                assert user is not None
                accounts.remove(session, user, NOW)
        except accounts.LastBeheerder:
            return False
        return True

    assert [remove(id_) for id_ in ("u1", "u2", "m1")] == [True, False, True]
    with store.read() as session:
        assert [user.id for user in accounts.all_of(session)] == ["u2"]


def invite(store: Store, now: datetime = NOW) -> tuple[InvitationRow, str]:
    with store.write() as session:
        return invitations.make(
            session, login="a@b.nl", name="A", role="beheerder", organisation_id=None, by="b", now=now
        )


def test_an_invitation_works_once(store: Store) -> None:
    row, code = invite(store)
    assert code not in row.model_dump_json()

    def use(_: int) -> bool:
        with store.write() as session:
            return invitations.use(session, row, "u1", NOW)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(use, range(4))) == 1
    with store.read() as session:
        assert invitations.find(session, code, NOW) is None


def test_an_invitation_ends(store: Store) -> None:
    row, first = invite(store)
    _, second = invite(store)
    with store.read() as session:
        assert invitations.find(session, first, NOW) is None
        almost = NOW + invitations.LASTS - timedelta(seconds=1)
        assert invitations.find(session, second, almost) is not None
        assert invitations.find(session, second, NOW + invitations.LASTS) is None
        for wrong in ("", "x" * 43, second[:-1], second + "A", "\0" * 43):
            assert invitations.find(session, wrong, NOW) is None
    with store.write() as session:
        assert not invitations.use(session, row, "u1", NOW)
        assert not invitations.ended(session, NOW)
        assert invitations.ended(session, NOW + invitations.LASTS)
        invitations.clean(session, NOW + invitations.LASTS)
        assert invitations.waiting(session, NOW) == []


def test_a_session_ends_by_idleness_by_age_and_by_command(store: Store) -> None:
    make_user(store)
    with store.write() as session:
        token = sessions.start(session, NOW, user_id="u1", stage=SessionStage.FULL)
        other = sessions.start(session, NOW, user_id="u1", stage=SessionStage.FULL)
        half = sessions.start(session, NOW, user_id="u1", stage=SessionStage.HALF)
    moment = NOW
    with store.write() as session:
        assert sessions.find(session, token, NOW + sessions.IDLE) is None
        assert sessions.find(session, half, NOW + sessions.HALFWAY) is None
        while found := sessions.find(session, token, moment):
            sessions.seen(session, found.session, moment)
            session.expire_all()
            moment += timedelta(minutes=29)
        assert moment - NOW >= sessions.LONGEST
        assert len(sessions.of_user(session, "u1", NOW)) == 2
        assert sessions.end_all(session, "u1", NOW, but=sessions.digest(token)) == 2
        assert sessions.find(session, other, NOW) is None
        assert not sessions.ended(session, NOW)
        sessions.clean(session, NOW + sessions.LONGEST)
        assert session.get(SessionRow, sessions.digest(token)) is None


def test_a_session_keeps_what_runs_in_it(store: Store) -> None:
    with store.write() as session:
        id_ = sessions.digest(
            sessions.start(session, NOW, user_id=None, stage=SessionStage.HALF, data='{"naar": "/x"}')
        )
        sessions.keep(session, id_, challenge="c", naar=None)
        row = session.get(SessionRow, id_)
        assert row is not None
        assert sessions.state(row) == {"challenge": "c"}
        sessions.keep(session, "nobody", challenge="c")


@pytest.mark.parametrize("count", [0, 5])
def test_a_passkey_is_used_by_one_login_at_a_time(store: Store, count: int) -> None:
    make_user(store)
    with store.write() as session:
        for at in range(factors.MOST_PASSKEYS + 1):
            added = factors.add_passkey(
                session, id_=f"pk{at}", user_id="u1", public_key=b"k", sign_count=count, label="x", now=NOW
            )
        assert not added
        row = factors.passkey(session, "pk0")
        assert row is not None
        stale = row.model_copy()
        assert factors.use_passkey(session, row, count + 1, NOW)
        assert not factors.use_passkey(session, stale, count + 1, NOW)
        assert not factors.add_passkey(
            session, id_="pk0", user_id="u2", public_key=b"k", sign_count=0, label="x", now=NOW
        )
        assert not factors.rename_passkey(session, "u2", "pk0", "mine")
        factors.remove_passkey(session, "u2", "pk0")
        assert factors.passkey(session, "pk0") is not None
