"""Gives a case to another organisation with the original start time, or gives it back: nobody can take it.

It promises that the referral is sealed anew for the other organisation, that a deadline never gets later
because somebody declined, and that both organisations and the referrers hear who calls.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.domain.attribution import paused_time
from gateway.domain.clock import PlannedClock, plan
from gateway.domain.codes import REROUTES, DeclineReason, Kind
from gateway.domain.escalation import Trouble
from gateway.domain.feedback import answer, answer_to_refusal
from gateway.domain.messages import Code
from gateway.domain.pathway import Recipient
from gateway.domain.route import Organisation, backup_of
from gateway.domain.states import ENDED, WITH_ORGANISATION, Event, State
from gateway.domain.trail import AuditEvent
from gateway.errors import NotFound, OpenError, SealError
from gateway.log import Log
from gateway.pipeline.casefile import FORGET_FIELDS, CaseFile
from gateway.pipeline.handover import PASSING, Handovers
from gateway.pipeline.notify import deadline, parties, policy, receipt, say, say_to_all, tell_organisation
from gateway.pipeline.turns import end
from gateway.store import audit, cases, clocks, moves, outbox
from gateway.store.moves import Move
from gateway.store.tables import CaseRow

ACTOR = "gateway"
_PROMISE = (Kind.COLLECT, Kind.CALLS_FIRST, Kind.WARN, Kind.URGE, Kind.CONTACT, Kind.BACKUP, Kind.REPEAT)
TOLD = (Recipient.TEAM, Recipient.BACKUP)


class Reroute:
    """Moves a case on; called inside the transaction of the report or clock that is the reason."""

    def __init__(self, *, casefile: CaseFile, handover: Handovers, log: Log) -> None:
        self._casefile, self._handover, self._log = casefile, handover, log

    def after_decline(
        self, session: Session, case: CaseRow, reason: DeclineReason | None, now: datetime
    ) -> None:
        """An organisation declined: the backup gets the case, or a person must look, or it ends here."""
        if reason is None or reason in REROUTES:
            if not self.to_backup(session, case, now, tell=(Recipient.BACKUP,)):
                date = deadline(session, case)
                outbox.drop_reminders(session, case.id, _PROMISE)
                say_to_all(session, case, Code.NOBODY_YET, now, once=str(case.version), date=date)
                facts: dict[str, Any] = {"case_id": case.id, "code": str(Trouble.NOBODY)}
                audit.append(session, AuditEvent.ALARM, now=now, actor=ACTOR, **facts)
                self._log.alarm("no_backup", case=case.id)
            return
        end(session, case, now)
        cases.change(session, case, dict(FORGET_FIELDS))
        for party in parties(session, case):
            if code := answer_to_refusal(reason, party.feedback, has_backup=False):
                say(session, case, party, code, now, **told_reason(code, reason))

    def to_backup(
        self,
        session: Session,
        case: CaseRow,
        now: datetime,
        *,
        tell: tuple[Recipient, ...] = TOLD,
        code: Code = Code.DECLINED_REROUTED,
        at: datetime | None = None,
        actor: str = ACTOR,
    ) -> bool:
        """Hand the case to the backup of its organisation; says whether there was one.

        `tell` says which of the two organisations hears it beside the referral itself, from `at` on; the
        referrers are told who will call now, in the words of `code`.
        """
        first = self._handover.organisations.get(case.organisation_id or "")
        backup = self.backup_for(session, case, now)
        if first is None or backup is None:
            return False
        self.to(session, case, backup.id, now, actor)
        self._notify(session, case, first, backup, now, tell, at)
        self._explain(session, case, first, backup, now, at=at, code=code)
        return True

    def sees_collecting(self, organisation_id: str) -> bool:
        """Whether the gateway can know that an organisation collected a referral: a mail tells nothing."""
        organisation = self._handover.organisations.get(organisation_id)
        return organisation is not None and organisation.adapter != "mail"

    def backup_for(self, session: Session, case: CaseRow, now: datetime) -> Organisation | None:
        """Who takes over from the organisation of a case, if somebody can who can be sent it."""
        organisations = self._handover.organisations
        first = organisations.get(case.organisation_id or "")
        backup = backup_of(first, organisations.values(), case.theme) if first else None
        if backup is None or self._had(session, case, backup.id):
            return None
        try:
            self._handover.key_of(backup.id, now)
        except SealError as error:
            if error.code not in PASSING:
                self._log.alarm("no_backup", case=case.id)
                return None
        # Contact was reported and taken back: the fields are gone, only the first one can still call.
        return backup if case.fields_key is not None else None

    def by_hand(
        self, session: Session, case: CaseRow, organisation_id: str, now: datetime, actor: str
    ) -> None:
        """A beheerder hands the case to an organisation; raises as `to` does."""
        first = self._handover.organisations.get(case.organisation_id or "")
        had = first is not None and State(case.state) in WITH_ORGANISATION
        leaves = self.to(session, case, organisation_id, now, actor)
        second = self._handover.organisations[organisation_id]
        if not leaves:
            # Whom it is held for can't call, and nobody is told that they do.
            if had and first is not None and first.id != second.id:
                self._notify(session, case, first, second, now, (Recipient.TEAM,), None)
            say_to_all(session, case, Code.RECEIPT_WAITING, now, once=str(case.version))
            return
        if first is None or first.id == second.id:
            first_party, due_at = parties(session, case)[0], deadline(session, case)
            for row in receipt(case, first_party, policy(case), due_at, now, once=str(case.version)):
                outbox.put(session, row)
            return
        self._notify(session, case, first, second, now, (Recipient.TEAM,) if had else (), None)
        self._explain(session, case, first, second, now)

    def to(self, session: Session, case: CaseRow, organisation_id: str, now: datetime, actor: str) -> bool:
        """Hand the case to an organisation; says whether it can leave, or is held. Raises `NotFound`,
        `NotAllowed`, or `OpenError` after contact."""
        organisation = self._handover.organisations.get(organisation_id)
        if organisation is None:
            raise NotFound("There is no organisation with that id in config/organisations.toml")
        if case.fields_key is None:
            raise OpenError("what was kept of this case has been destroyed, so it can't be handed over again")
        paused = paused_time(case.received_at, audit.moments(session, case.id), now)
        prepared = self._handover.prepare(
            case,
            self._casefile.referral(case),
            now,
            paused=paused,
            broken=clocks.broken(session, case.id),
            organisation=organisation,
        )
        outbox.drop_handovers(session, case.id, "rerouted")
        if State(case.state) in ENDED:
            # The end of the first try met every clock; the promise to the patient was not kept by that.
            clocks.reopen(session, case.id, [row.kind for row in clocks.of_case(session, case.id)])
        # What was to be told again is over with this: whoever gets it is told anew (see `watch`).
        clocks.meet(session, case.id, (Kind.REMIND, Kind.GIVE_UP, Kind.REROUTE, Kind.REPEAT), now)
        event = Event.ROUTED if case.state == State.RECEIVED else Event.REROUTED
        move = Move()
        self._handover.hand_over(move, case, prepared, now, actor, event)
        moves.carry_out(session, move)
        # The new organisation gets its own time to take the referral in, and its own reminders; the promise
        # keeps its deadline.
        fresh = plan(now, prepared.pathway, urgent=case.urgent)
        ahead = [row for row in prepared.clocks if row.kind in (Kind.WARN, Kind.URGE) and row.due_at > now]
        clocks.restart(session, case.id, [*(row for row in fresh if row.kind == Kind.COLLECT), *ahead])
        return prepared.problem is None or prepared.problem in PASSING

    def back(self, session: Session, case: CaseRow, now: datetime, actor: str) -> None:
        """Give the case back: nobody can take it, and the referrers are told; raises `NotAllowed`."""
        before = State(case.state)
        cases.advance(session, case, Event.RETURNED, now=now, actor=actor, changes=dict(FORGET_FIELDS))
        outbox.drop_handovers(session, case.id, "returned")
        end(session, case, now)
        if before in WITH_ORGANISATION and case.organisation_id:
            tell_organisation(session, case, case.organisation_id, Code.ORG_WITHDRAWN, now)
        for party in parties(session, case):
            if code := answer(Event.RETURNED, party.feedback):
                say(session, case, party, code, now, once=str(case.version))

    def _notify(
        self,
        session: Session,
        case: CaseRow,
        first: Organisation,
        second: Organisation,
        now: datetime,
        tell: tuple[Recipient, ...],
        at: datetime | None,
    ) -> None:
        serial, at = str(case.version), max(at or now, now)
        # What was still to be said of the first one's promise is no longer true: it need not call.
        outbox.drop_reminders(session, case.id, _PROMISE)
        if Recipient.TEAM in tell:
            tell_organisation(
                session, case, first.id, Code.ORG_TAKEN_OVER, now, once=serial, at=at, backup=second.id
            )
        if Recipient.BACKUP in tell:
            date = deadline(session, case)
            more = {"once": serial, "at": at, "date": date, "clock": Kind.BACKUP}
            tell_organisation(session, case, second.id, Code.ORG_BACKUP, now, **more)

    @staticmethod
    def _explain(
        session: Session,
        case: CaseRow,
        first: Organisation,
        second: Organisation,
        now: datetime,
        *,
        at: datetime | None = None,
        code: Code = Code.DECLINED_REROUTED,
    ) -> None:
        say_to_all(
            session,
            case,
            code,
            now,
            once=str(case.version),
            at=max(at or now, now),
            organisation=first.id,
            backup=second.id,
            date=deadline(session, case),
            # What waits for working hours is not said any more once the case ends or there is contact.
            clock=Kind.BACKUP,
        )

    def _had(self, session: Session, case: CaseRow, organisation_id: str) -> bool:
        rows = outbox.of_case(session, case.id)
        return any(row.kind == "handover" and row.organisation_id == organisation_id for row in rows)


def told_reason(code: Code, reason: DeclineReason) -> dict[str, Any]:
    """The reason, for a message that shows one."""
    return {"reason": reason} if code is Code.NOT_CONTINUED_REASON else {}


def ask_for_reroute(session: Session, case: CaseRow, now: datetime) -> None:
    """Leave what follows from a refusal to the worker, which holds the keys: a clock that is due at once."""
    clocks.restart(session, case.id, [PlannedClock(Kind.REROUTE, now)])
