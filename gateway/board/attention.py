"""What needs a person now: what is late, held, set aside or without an organisation, and peers that fail.

It promises that each question costs what it finds (every one follows an index of its own), that what is
oldest comes first, and that nobody is told a number larger than `MOST` exactly.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, func, literal_column, not_, or_, select, text
from sqlmodel import Session, SQLModel

from gateway.board.rows import MOST, WAITS
from gateway.domain.route import AMBIGUOUS_ROUTE, NO_ROUTE
from gateway.domain.states import State
from gateway.store import polls, takings
from gateway.store.outbox import Status
from gateway.store.tables import AGREED, ASIDE, AWAITED, TROUBLED
from gateway.store.takings import Hands

RETURNED_FOR: Final = timedelta(days=7)
"""So long a case that was given back is shown: the referrers were told, nothing more can be done with it."""

RELAY: Final = "relay"
"""The peer of whatever is about no organisation, and of every mail that our own mail server won't take."""

DELIVERY: Final = "levering-"
"""How the id of an item begins that is a delivery; that of the delivery follows."""

LETTER: Final = "bericht-"
"""How the id of an item begins that is a letter."""

_TABLES = SQLModel.metadata.tables
_CASES, _CLOCKS, _OUTBOX = _TABLES["cases"].c, _TABLES["clocks"].c, _TABLES["outbox"].c
_ASIDE, _MAILS = _TABLES["set_aside"].c, _TABLES["inbox"].c
_OF_LETTERS = (
    _TABLES["set_aside"]
    .join(_TABLES["inbox"], _ASIDE.id == _MAILS.id)
    .join(_TABLES["cases"], _ASIDE.case_id == _CASES.id)
)
_OF_CLOCKS = _TABLES["clocks"].join(_TABLES["cases"], _CLOCKS.case_id == _CASES.id)
_OF_OUTBOX = _TABLES["outbox"].outerjoin(_TABLES["cases"], _OUTBOX.case_id == _CASES.id)
_UNROUTED = and_(
    _OUTBOX.kind == "handover",
    or_(_OUTBOX.organisation_id.is_(None), _OUTBOX.reason.in_((NO_ROUTE, AMBIGUOUS_ROUTE))),
)
_CASE = (
    _CASES.id.label("of_case"),
    _CASES.kenmerk,
    _CASES.practice_id,
    _CASES.organisation_id,
    _CASES.wijk,
    _CASES.urgent,
)


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """One thing that needs a person. `id` names it among all; `kenmerk` is None where it is about no case.

    `at` is since when, or until when there should have been contact. `what` is a code: why it is held, the
    kind of clock that is late, or the state of the case.
    """

    id: str
    kenmerk: str | None
    at: datetime
    what: str
    practice_id: str | None = None
    organisation_id: str | None = None
    wijk: str | None = None
    urgent: bool = False
    case_id: str | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Attention:
    """The oldest of them, and how many there are (at most one more than `MOST`)."""

    items: tuple[AttentionItem, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Failing:
    """A peer that fails now: an organisation, or `RELAY`. `waiting` deliveries are tried again.

    Nothing waits for a receiver that takes everything and only gives no answer when it is asked.
    """

    peer: str
    reason: str
    since: datetime
    waiting: int


def late(session: Session, now: datetime, limit: int, hands: Hands | None = None) -> Attention:
    """The cases whose contact is overdue while somebody other than the referrer has the turn."""
    return _clocks(session, AWAITED, now, limit, not_(WAITS), *_among(hands))


def agreed(session: Session, now: datetime, limit: int, hands: Hands | None = None) -> Attention:
    """The cases in which something else that the pathway agrees on is overdue."""
    return _clocks(session, AGREED, now, limit, _CLOCKS.paused_from.is_(None), *_among(hands))


def held(session: Session, limit: int, hands: Hands | None = None) -> Attention:
    """The deliveries that are held, but for those without an organisation."""
    return _outbox(session, limit, ~_UNROUTED, *_among(hands))


def unroutable(session: Session, now: datetime, limit: int, hands: Hands | None = None) -> Attention:
    """What no organisation takes: no route, declined without a backup, or given back not long ago."""
    among = _among(hands)
    return _together(
        (
            _outbox(session, limit, _UNROUTED, *among),
            _cases(session, State.DECLINED, limit, *among),
            _cases(session, State.RETURNED, limit, _CASES.updated_at > now - RETURNED_FOR, *among),
        ),
        limit,
    )


def quarantined(session: Session, limit: int, hands: Hands | None = None) -> Attention:
    """The mails that were set aside."""
    return _cases(session, State.QUARANTINED, limit, *_among(hands))


def letters(session: Session, limit: int, hands: Hands | None = None) -> Attention:
    """The letters in the threads of cases that a person must read."""
    query = (
        select(_ASIDE.id, _MAILS.received_at, _ASIDE.code, *_CASE)
        .select_from(_OF_LETTERS)
        .where(_ASIDE.code.is_not(None), *_among(hands))
        .order_by(_MAILS.received_at, _ASIDE.id)
    )
    return _found(
        session,
        query,
        limit,
        lambda row: AttentionItem(f"{LETTER}{row.id}", row.kenmerk, row.received_at, row.code, *_whose(row)),
    )


def held_by(session: Session) -> dict[str, int]:
    """How much is held for each organisation; what is for none of them is our own mail server's (`RELAY`)."""
    query = (
        select(_OUTBOX.organisation_id, func.count())
        .where(text(TROUBLED), _OUTBOX.status == str(Status.HELD), ~_UNROUTED)
        .group_by(_OUTBOX.organisation_id)
    )
    return {who or RELAY: number for who, number in session.execute(query)}


def failing(session: Session) -> list[Failing]:
    """The peers whose deliveries are tried again and again, or that give no answer; the longest first."""
    query = (
        select(
            _OUTBOX.organisation_id,
            _OUTBOX.kind,
            _OUTBOX.reason,
            func.min(_OUTBOX.created_at).label("since"),
            func.count().label("waiting"),
        )
        .where(text(TROUBLED), _OUTBOX.status == str(Status.READY))
        .group_by(_OUTBOX.organisation_id, _OUTBOX.kind, _OUTBOX.reason)
    )
    peers: dict[str, Failing] = {}
    for row in session.execute(query):
        own = row.kind in ("reply", "notice", "digest") or row.reason.startswith(RELAY)
        peer = RELAY if own else row.organisation_id or RELAY
        before = peers.get(peer)
        since, waiting = row.since, row.waiting
        if before is not None:
            waiting += before.waiting
            if before.since <= since:
                peers[peer] = Failing(peer, before.reason, before.since, waiting)
                continue
        peers[peer] = Failing(peer, row.reason, since, waiting)
    for poll in polls.failing(session):
        peers.setdefault(poll.id, Failing(poll.id, poll.reason, poll.since, 0))
    return sorted(peers.values(), key=lambda one: (one.since, one.peer))


def _clocks(session: Session, index: str, now: datetime, limit: int, *more: Any) -> Attention:
    narrowed = (text(index), _CLOCKS.due_at < now, *more)
    query = (
        select(_CLOCKS.id, _CLOCKS.due_at, _CLOCKS.kind, *_CASE)
        .select_from(_OF_CLOCKS)
        .where(*narrowed)
        .order_by(_CLOCKS.due_at, _CLOCKS.id)
    )
    return _found(
        session,
        query,
        limit,
        lambda row: AttentionItem(
            f"klok-{row.id}", row.kenmerk, row.due_at, row.kind, *_whose(row), kind=row.kind
        ),
    )


def _outbox(session: Session, limit: int, *which: Any) -> Attention:
    query = (
        select(
            _OUTBOX.id,
            _OUTBOX.created_at,
            _OUTBOX.reason,
            _OUTBOX.kind,
            _OUTBOX.organisation_id.label("addressee"),
            *_CASE,
        )
        .select_from(_OF_OUTBOX)
        .where(text(_of_outbox(TROUBLED)), _OUTBOX.status == str(Status.HELD), *which)
        .order_by(_OUTBOX.created_at, _OUTBOX.id)
    )
    return _found(
        session,
        query,
        limit,
        lambda row: AttentionItem(
            f"{DELIVERY}{row.id}",
            row.kenmerk,
            row.created_at,
            row.reason,
            row.practice_id,
            row.addressee or row.organisation_id,
            row.wijk,
            bool(row.urgent),
            row.of_case,
            kind=row.kind,
        ),
    )


def _of_outbox(condition: str) -> str:
    """The condition of an index, where the case has a reason of its own beside it."""
    return condition.replace("reason", "outbox.reason").replace("status", "outbox.status")


def _cases(session: Session, state: State, limit: int, *more: Any) -> Attention:
    query = (
        select(_CASES.id, _CASES.received_at, *_CASE)
        .where(text(ASIDE), _CASES.state == str(state), *more)
        .order_by(_CASES.received_at, _CASES.id)
    )
    return _found(
        session,
        query,
        limit,
        lambda row: AttentionItem(f"zaak-{row.id}", row.kenmerk, row.received_at, str(state), *_whose(row)),
    )


def _among(hands: Hands | None) -> tuple[Any, ...]:
    """The condition that somebody has a case in hand; what is about no case is nobody's."""
    if hands is None:
        return ()
    theirs = takings.among(_CASES.id, hands)
    return (theirs,) if hands.user_id is not None else (or_(_CASES.id.is_(None), theirs),)


def _whose(row: Any) -> tuple[str | None, str | None, str | None, bool, str]:
    return row.practice_id, row.organisation_id, row.wijk, row.urgent, row.of_case


def _found(session: Session, query: Select[Any], limit: int, item: Any) -> Attention:
    items = tuple(item(row) for row in session.execute(query.limit(limit)))
    if len(items) < limit:
        return Attention(items, len(items))
    some: Select[Any] = query.with_only_columns(literal_column("1"), maintain_column_froms=True).order_by(
        None
    )
    counted = select(func.count()).select_from(some.limit(MOST + 1).subquery())
    return Attention(items, session.execute(counted).scalar_one())


def _together(found: Collection[Attention], limit: int) -> Attention:
    items: Iterable[AttentionItem] = (item for each in found for item in each.items)
    return Attention(
        tuple(sorted(items, key=lambda item: (item.at, item.id))[:limit]), sum(one.number for one in found)
    )
