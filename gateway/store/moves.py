"""Moves: what happens together or not at all, gathered in memory and written with many others at once.

`commit` writes any number of moves in one transaction, with one statement for all rows of a kind. It promises
that each move is made whole or not at all, that one which lost a race falls out alone, and that the moves of
one call don't race with each other either.

Every writer of this project locks in one order, so that no two can wait for each other: patients (by mark),
cases (by id), mails, clocks, deliveries, everything else, and the chain of events last.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Update, bindparam, text
from sqlmodel import Session, SQLModel

from gateway.domain.clock import PlannedClock as Planned
from gateway.domain.states import UNREACHED, Event, State
from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace
from gateway.store import audit, boxes, cases, clocks, inbox, mailbox, outbox, threads
from gateway.store.engine import Store, prepared
from gateway.store.tables import CaseRow, ClockRow, InboxRow, OutboxRow, ThreadRow

Values = dict[str, Any]


@dataclass(slots=True)
class Move:
    """One move, in the making. Nothing is written before `commit` or `carry_out`.

    The rows given to it are changed in memory to what they will be; if the move is lost, read them anew.
    """

    versions: dict[str, int] = field(default_factory=dict)
    """The cases that it moves or relies on, each with the version it had when it was read."""
    started: dict[str, CaseRow] = field(default_factory=dict)
    changed: dict[str, Values] = field(default_factory=dict)
    finished: list[Values] = field(default_factory=list)
    settled: list[Values] = field(default_factory=list)
    fired: list[Values] = field(default_factory=list)
    met: list[Values] = field(default_factory=list)
    paused: list[Values] = field(default_factory=list)
    restarted: list[Values] = field(default_factory=list)
    planned: list[Values] = field(default_factory=list)
    joined: list[ThreadRow] = field(default_factory=list)
    put_out: list[OutboxRow] = field(default_factory=list)
    messages: dict[str, str] = field(default_factory=dict)
    originals: set[tuple[str, str]] = field(default_factory=set)
    patients: dict[str, frozenset[str]] = field(default_factory=dict)
    outdated: dict[str, set[str]] = field(default_factory=dict)
    rest: list[Callable[[Session], None]] = field(default_factory=list)
    events: list[audit.NewEvent] = field(default_factory=list)

    def start(self, case: CaseRow, *, actor: str, inbox_id: str, **data: Any) -> None:
        """A new case in its first state (received), with its first event."""
        self.started[case.id] = case
        facts = {"kenmerk": case.kenmerk, "practice": case.practice_id, **data}
        self.event(
            AuditEvent.CASE_RECEIVED,
            now=case.updated_at,
            actor=actor,
            case_id=case.id,
            inbox_id=inbox_id,
            **facts,
        )

    def advance(
        self,
        case: CaseRow,
        event: Event,
        *,
        now: datetime,
        actor: str,
        changes: Mapping[str, Any] | None = None,
        **data: Any,
    ) -> None:
        """Move a case, with its event; `changes` are further columns that change with it.

        Raises `NotAllowed` if the table has no such move.
        """
        self.change(case, cases.moved(case, event, now, changes))
        if cases.empties_mailbox(event, case):
            self.rest.append(lambda session: mailbox.destroy(session, case.id))
        self.event(AuditEvent.of_case(event), now=now, actor=actor, case_id=case.id, state=case.state, **data)

    def change(self, case: CaseRow, changes: Mapping[str, Any]) -> None:
        """Change columns of a case."""
        if case.id not in self.started:
            self.rely_on(case)
            self.changed.setdefault(case.id, {}).update(changes)
        cases.now_is(case, changes)

    def rely_on(self, case: CaseRow) -> None:
        """Make the move only if the case has not moved since it was read."""
        self.versions.setdefault(case.id, case.version)

    def now_about(self) -> Iterator[tuple[str, str, str]]:
        """The cases that are now about another number: id, mark of the number, state."""
        for case in self.started.values():
            yield case.id, case.phone_mac or "", case.state
        for id_, values in self.changed.items():
            yield id_, values.get("phone_mac") or "", values.get("state", State.RECEIVED)

    def alone(self, mark: str, known: Iterable[str]) -> None:
        """Make the move only if an organisation has no other case about the number with this mark than those
        with these ids."""
        self.patients[mark] = frozenset(known)

    def once(self, message: str, case_id: str) -> None:
        """Make the move only if no case was started or joined by a message with this key (see `cases`)."""
        self.messages[message] = case_id

    def answers_to(self, original: str, case_id: str) -> None:
        """An answer to the message with this mark is about this case from now on (see `cases`)."""
        self.originals.add((original, case_id))

    def finish(self, row: InboxRow, outcome: str, case_id: str | None, *, keep: bool = False) -> None:
        """Say what became of a claimed mail and destroy its content, unless a person must still read it."""
        self.finished.append(inbox.finished(row, outcome, case_id, keep=keep))

    def put_back(self, row: InboxRow, next_at: datetime, *, attempt: int, postponed: int) -> None:
        """Let a claimed mail wait until `next_at`."""
        counts = {"attempt": attempt, "postponed": postponed}
        held = {"this_id": row.id, "this_lease": row.lease}
        self.finished.append({**held, "lease": None, "next_at": next_at, **counts})

    def settle(self, row: OutboxRow, status: outbox.Status, **values: Any) -> None:
        """Record what became of a leased delivery."""
        self.settled.append(outbox.settled(row, status, **values))

    def fire(self, clock: ClockRow, now: datetime) -> None:
        """Mark a clock as fired."""
        self.fired.append({"this_id": clock.id, "fired_at": now})

    def meet(self, case_id: str, kinds: Iterable[str], now: datetime) -> None:
        """Mark clocks of a case as met."""
        self.met += clocks.met(case_id, kinds, now)

    def pause(self, case_id: str, deadline: datetime, now: datetime) -> None:
        """Let every running clock of a case stand still; without a contact clock it gets one, paused."""
        self.paused.append(clocks.paused(case_id, deadline, now))

    def restart(self, case_id: str, rows: Iterable[Planned]) -> None:
        """Start clocks of a case anew, after those that were met and those that stand still."""
        self.restarted += clocks.planned(case_id, rows)

    def plan(self, case_id: str, rows: Iterable[Planned]) -> None:
        """Start clocks of a case or move those that run, after all else that happens to its clocks."""
        self.planned += clocks.planned(case_id, rows)

    def join(self, row: ThreadRow) -> None:
        """Add a further thread to a case."""
        self.joined.append(row)

    def put(self, row: OutboxRow) -> None:
        """Add a delivery, unless one of the same purpose (`once`) is there."""
        self.put_out.append(row)

    def outdate(self, case_id: str, kinds: Iterable[str]) -> None:
        """Take back what has not left yet about clocks of a case that no longer matter."""
        self.outdated.setdefault(case_id, set()).update(kinds)

    def event(
        self,
        kind: AuditEvent,
        *,
        now: datetime,
        actor: str,
        case_id: str | None = None,
        inbox_id: str | None = None,
        **data: Any,
    ) -> None:
        """Add an event that tells of this move."""
        self.events.append(
            audit.event(kind, now=now, actor=actor, case_id=case_id, inbox_id=inbox_id, **data)
        )

    def also(self, rest: Callable[[Session], None]) -> None:
        """Something seldom, after all rows and before the events. It locks only what belongs to the cases of
        this move, and must not raise."""
        self.rest.append(rest)


def commit(store: Store, moves: Sequence[Move]) -> list[Move]:
    """Write moves in one transaction; gives those that lost a race, of which nothing is written."""
    if not moves:
        return []
    with store.write() as session:
        held = _Held.lock(session, moves)
        won: list[Move] = []
        lost: list[Move] = []
        for one in moves:
            (won if held.take(one) else lost).append(one)
        _write(session, won)
    return lost


def carry_out(session: Session, one: Move) -> None:
    """Write one move in a transaction of which it is a part; raises `LostRace`."""
    if not _Held.lock(session, [one]).take(one):
        raise LostRace
    _write(session, [one])


@dataclass(slots=True)
class _Held:
    """What is locked for some moves, as it is now and as it will be after those that were taken."""

    versions: dict[str, int]
    mails: dict[str, str | None]
    clocks: set[int]
    deliveries: dict[str, str | None]
    patients: dict[str, set[str]]
    messages: set[str]

    @classmethod
    def lock(cls, session: Session, moves: Sequence[Move]) -> "_Held":
        session.flush()
        marks = {mark for one in moves for mark in one.patients}
        messages = {message for one in moves for message in one.messages}
        _lock_names(session, {*marks, *messages})
        return cls(
            versions=cases.lock(session, {id_ for one in moves for id_ in one.versions}),
            mails=inbox.lock(session, {row["this_id"] for one in moves for row in one.finished}),
            clocks=clocks.lock_running(session, {row["this_id"] for one in moves for row in one.fired}),
            deliveries=outbox.lock(session, {row["this_id"] for one in moves for row in one.settled}),
            patients=cases.with_organisation(session, marks),
            messages=cases.known_messages(session, messages),
        )

    def take(self, one: Move) -> bool:
        """Whether the move can still be made; what it changes is then so for the next one."""
        if not self._free(one):
            return False
        for id_, values in one.changed.items():
            self.versions[id_] = values.get("version", self.versions[id_])
        for row in one.finished:
            del self.mails[row["this_id"]]
        for row in one.settled:
            del self.deliveries[row["this_id"]]
        self.clocks -= {row["this_id"] for row in one.fired}
        self.messages |= one.messages.keys()
        for id_, mark, state in one.now_about():
            if mark in self.patients and State(state) in UNREACHED:
                self.patients[mark].add(id_)
        return True

    def _free(self, one: Move) -> bool:
        return (
            all(self.versions.get(id_) == version for id_, version in one.versions.items())
            and all(self.mails.get(row["this_id"], "") == row["this_lease"] for row in one.finished)
            and all(self.deliveries.get(row["this_id"], "") == row["this_lease"] for row in one.settled)
            and all(row["this_id"] in self.clocks for row in one.fired)
            and not self.messages & one.messages.keys()
            and all(self.patients[mark] <= known for mark, known in one.patients.items())
        )


_LOCK_NAMES = text("SELECT pg_advisory_xact_lock(name) FROM unnest(CAST(:names AS bigint[])) AS name")


def _lock_names(session: Session, names: Iterable[str]) -> None:
    """Lock what may have no row yet, by marks of 64 hex digits. SQLite has one writer anyway."""
    numbers = sorted({int(name[:16], 16) - (1 << 63) for name in names})
    if numbers and session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCK_NAMES, {"names": numbers})


_CHANGE_CASE = SQLModel.metadata.tables["cases"].update()
_FINISH = SQLModel.metadata.tables["inbox"].update()
_SETTLE = SQLModel.metadata.tables["outbox"].update()
_THIS_CASE, _THIS_MAIL, _THIS_DELIVERY = (
    statement.where(statement.table.c.id == bindparam("this_id"))
    for statement in (_CHANGE_CASE, _FINISH, _SETTLE)
)


def _write(session: Session, moves: Sequence[Move]) -> None:
    """Write moves whose rows are locked."""

    def every(name: str) -> list[Any]:
        return [row for one in moves for row in getattr(one, name)]

    started = [case for one in moves for case in one.started.values()]
    cases.write_new(session, started)
    changed = [{"this_id": id_, **values} for one in moves for id_, values in one.changed.items()]
    _update(session, _THIS_CASE, changed)
    _update(session, _THIS_MAIL, every("finished"))
    clocks.write_met(session, every("met"))
    clocks.write_fired(session, every("fired"))
    clocks.write_pauses(session, every("paused"))
    clocks.write_restarts(session, every("restarted"))
    clocks.write_plans(session, every("planned"))
    _update(session, _THIS_DELIVERY, every("settled"))
    outbox.write(session, every("put_out"))
    threads.write(session, every("joined"))
    cases.write_messages(session, [pair for one in moves for pair in one.messages.items()])
    cases.write_originals(session, {pair for one in moves for pair in one.originals})
    boxes.refuse_destroyed(
        session,
        [
            *(key for case in started for key in (case.fields_key, case.thread_key)),
            *(values.get(name) for values in changed for name in ("fields_key", "thread_key")),
            *(row.thread_key for row in every("joined")),
        ],
    )
    outdated: defaultdict[str, set[str]] = defaultdict(set)
    for case_id, kinds in (pair for one in moves for pair in one.outdated.items()):
        outdated[case_id] |= kinds
    outbox.drop_outdated(session, outdated)
    for rest in every("rest"):
        rest(session)
    audit.add(session, every("events"))


def _update(session: Session, statement: Update, rows: Iterable[Values]) -> None:
    """Change rows, those that change the same columns together."""
    alike: defaultdict[tuple[str, ...], list[Values]] = defaultdict(list)
    for row in rows:
        values = {name: value for name, value in row.items() if name not in ("this_lease", "this_status")}
        alike[tuple(values)].append(values)
    for group in alike.values():
        prepared(session, statement, group)
