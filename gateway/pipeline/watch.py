"""Tells again what nobody acts on, until somebody does: late, refused, withdrawn, held, soon destroyed.

It promises that every case in trouble has a clock that tells it again (one that was started elsewhere, or by
an earlier version, gets it here), that who is told is what the case's own pathway says, and that a trouble
ends by what was done about it and by nothing else.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.domain.clock import PlannedClock, next_working_moment
from gateway.domain.codes import KINDS, Kind
from gateway.domain.escalation import Situation, Trouble, first_told, rounds, told, told_next, trouble
from gateway.domain.messages import Code
from gateway.domain.outgoing import Notice
from gateway.domain.pathway import Pathway, Recipient
from gateway.domain.states import State
from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace
from gateway.log import Log
from gateway.pipeline.notify import notice, policy, say_to_all
from gateway.store import audit, cases, clocks, outbox
from gateway.store.engine import Store
from gateway.store.outbox import Status
from gateway.store.tables import CaseRow, ClockRow, OutboxRow
from gateway.store.watched import unwatched

ACTOR = "gateway"
BATCH = 200

NOT_TO_CALL = (Code.ORG_WITHDRAWN, Code.ORG_STOP)
"""What an organisation is told when nobody is to be called any more; it confirms it."""

_TEAM = {
    Trouble.OVERDUE: Code.ORG_STILL_OVERDUE,
    Trouble.STEP: Code.ORG_CLOCK,
}
_REFERRER = {Trouble.OVERDUE: Code.STILL_OVERDUE, Trouble.NOBODY: Code.STILL_NOBODY}


@dataclass(frozen=True, slots=True)
class Concern:
    """What is wrong with a case, since when, and the term it is about."""

    trouble: Trouble
    began: datetime
    told: datetime
    """When it was told first."""
    date: datetime
    step: str | None = None


class Escalate:
    """The step. `default` is the agreement of a case that has none yet; `reachable` says of an organisation
    whether it has an address for notices, and of one that has none the administrator is told instead."""

    def __init__(
        self,
        *,
        store: Store,
        default: Pathway,
        log: Log,
        reachable: Callable[[str], bool] = lambda organisation: True,
    ) -> None:
        self._store, self._default, self._log, self._reachable = store, default, log, reachable

    def run(self, now: datetime) -> int:
        """Start the clock of every case in trouble that has none; gives how many were started."""
        started, after = 0, ""
        while True:
            with self._store.read() as session:
                found = unwatched(session, now, BATCH, after)
            started += sum(self._start(id_, now) for id_ in found)
            if len(found) < BATCH:
                return started
            after = found[-1]

    def _start(self, case_id: str, now: datetime) -> bool:
        try:
            with self._store.write() as session:
                case = cases.by_id(session, case_id)
                seen = self.see(session, case, now)
                if seen is None:
                    return False
                pathway = self._agreed(case)
                # Who declined, withdrew or was late before this version was told long ago: they hear it now.
                due = max(now, first_told(seen.trouble, seen.told, pathway))
                clocks.restart(session, case.id, [PlannedClock(Kind.REPEAT, due)])
        except LostRace:
            return False
        except Exception as error:  # noqa: BLE001 - one case must not keep the others from being watched
            self._log.failed("watch", error, case=case_id)
            return False
        return True

    def tell(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """The clock went off: tell what is wrong to whom the pathway names, and start it again."""
        seen = self.see(session, case, now)
        if seen is None:
            return
        pathway = self._agreed(case)
        clocks.restart(session, case.id, [PlannedClock(Kind.REPEAT, told_next(now, pathway))])
        tell = told(seen.trouble, pathway)
        at = next_working_moment(now, pathway)
        why: dict[str, Any] = {"date": seen.date, "clock": str(Kind.REPEAT)}
        if not self._tell_team(session, case, seen, tell, now, at=at, once=clock.due_at.isoformat(), why=why):
            tell = (*tell, Recipient.ADMINISTRATOR)
        if Recipient.REFERRER in tell and seen.trouble in _REFERRER:
            round_ = rounds(seen.began, now, pathway)
            if round_:
                once = f"{seen.began.isoformat()}:{round_}"
                say_to_all(session, case, _REFERRER[seen.trouble], now, once=once, at=at, **why)
        if Recipient.ADMINISTRATOR in tell:
            facts: dict[str, Any] = {"case_id": case.id, "code": str(seen.trouble)}
            audit.append(session, AuditEvent.ALARM, now=now, actor=ACTOR, due=seen.date.isoformat(), **facts)
            self._log.alarm(str(seen.trouble), case=case.id)

    def _tell_team(
        self,
        session: Session,
        case: CaseRow,
        seen: Concern,
        tell: Collection[Recipient],
        now: datetime,
        *,
        at: datetime,
        once: str,
        why: dict[str, Any],
    ) -> bool:
        """Tell the organisation, where it is to be told; says whether it can be, or need not."""
        to = tuple(who for who in tell if who in (Recipient.TEAM, Recipient.LEAD))
        if not to:
            return True
        if not case.organisation_id or not self._reachable(case.organisation_id):
            return False
        if case.state == State.ROUTED:
            # It has not reached them.
            return False
        code, more = _TEAM.get(seen.trouble), dict[str, Any](step=seen.step) if seen.step else {}
        if seen.trouble is Trouble.WITHDRAWAL:
            asked = next(iter(asked_not_to_call(session, case)), None)
            code = asked.code if asked else Code.ORG_WITHDRAWN
            more = {"again": True} | ({"stop": asked.particulars.stop} if asked else {})
        if code is None:
            return False
        # What the organisation has not read yet is replaced by what is true now.
        stale = (*clocks_of_promise(), Kind.REPEAT)
        outbox.drop_reminders(session, case.id, stale, case.organisation_id)
        row = notice(case, case.organisation_id, code, now, at=at, to=to, once=f"again:{once}", **why, **more)
        outbox.put(session, row)
        return True

    def see(self, session: Session, case: CaseRow, now: datetime) -> Concern | None:
        """What is wrong with a case, if something is; a test's troubles are for whoever makes it."""
        if case.trial:
            return None
        facts, since = facts_of(session, case, now)
        found = trouble(facts)
        if found is None:
            return None
        contact = facts.contact_due or case.updated_at
        rows = {row.kind: row for row in clocks.of_case(session, case.id)}
        match found:
            case Trouble.OVERDUE:
                # Who gets a late case reads then that it is late.
                handed = (AuditEvent.CASE_ROUTED, AuditEvent.CASE_REROUTED)
                got = [row.at for row in audit.of_case(session, case.id) if row.kind in handed]
                first = rows[Kind.CONTACT].fired_at or contact
                return Concern(found, contact, max([first, *got]), contact)
            case Trouble.STEP:
                step = facts.step_due or now
                late = next(row for row in rows.values() if row.kind not in KINDS and row.due_at == step)
                return Concern(found, step, late.fired_at or step, step, late.kind)
            case Trouble.QUARANTINE:
                return Concern(found, case.received_at, case.received_at, case.received_at)
            case Trouble.HELD:
                return Concern(found, since or case.updated_at, since or case.updated_at, contact)
        return Concern(found, case.updated_at, case.updated_at, contact)

    def _agreed(self, case: CaseRow) -> Pathway:
        return self._default if case.pathway == "{}" else policy(case)


def facts_of(session: Session, case: CaseRow, now: datetime) -> tuple[Situation, datetime | None]:
    """What decides about a case, and since when something of it is held."""
    rows = {row.kind: row for row in clocks.of_case(session, case.id)}
    contact = rows.get(Kind.CONTACT)
    open_ = contact is not None and not (contact.met_at or contact.ended_at or contact.paused_from)
    steps = [
        row.due_at
        for kind, row in rows.items()
        if kind not in KINDS and not (row.met_at or row.ended_at or row.paused_from)
    ]
    held = [row for row in outbox.of_case(session, case.id) if row.status == Status.HELD]
    facts = Situation(
        state=State(case.state),
        now=now,
        contact_due=contact.due_at if contact and open_ else None,
        readable=case.fields_key is not None,
        unconfirmed=unconfirmed(session, case),
        parcel_held=any(row.kind == "handover" for row in held),
        text_held=any(row.kind != "handover" for row in held),
        step_due=min(steps, default=None),
    )
    return facts, min((row.created_at for row in held), default=None)


def unconfirmed(session: Session, case: CaseRow) -> bool:
    """Whether the organisation was asked not to call any more, and has not said that it knows."""
    if case.state != State.WITHDRAWN or not asked_not_to_call(session, case):
        return False
    confirmed = AuditEvent.CASE_WITHDRAWAL_CONFIRMED
    return not any(row.kind == confirmed for row in audit.of_case(session, case.id))


def asked_not_to_call(session: Session, case: CaseRow) -> list[Notice]:
    """What the organisation that has the case was told of not calling any more, the last one first."""
    rows: list[OutboxRow] = [
        row
        for row in outbox.of_case(session, case.id)
        if row.code in NOT_TO_CALL and row.organisation_id == case.organisation_id
    ]
    found = [outbox.read(row) for row in reversed(rows)]
    return [one for one in found if isinstance(one, Notice)]


def clocks_of_promise() -> tuple[str, ...]:
    """The clocks whose messages are about the promise of contact."""
    return (Kind.COLLECT, Kind.CALLS_FIRST, Kind.WARN, Kind.URGE, Kind.CONTACT)
