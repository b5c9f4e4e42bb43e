"""Gives a case to another organisation, with the original start time, or says that there is none left.

It promises that the referral is sealed anew for the other organisation, and that a deadline never gets later
because somebody declined.
"""

from datetime import datetime

from sqlmodel import Session

from gateway.domain.codes import REROUTES, DeclineReason
from gateway.domain.pathway import Feedback, Pathway
from gateway.domain.route import backup_of
from gateway.domain.states import Event, State
from gateway.domain.turns import paused_time
from gateway.errors import NotFound, OpenError
from gateway.log import Log
from gateway.steps.casefile import FORGET_FIELDS, CaseFile
from gateway.steps.handover import Handover
from gateway.store import audit, cases, outbox
from gateway.store.tables import CaseRow

ACTOR = "gateway"


class Reroute:
    """Moves a case on; called inside the transaction of the report or clock that is the reason."""

    def __init__(self, *, casefile: CaseFile, handover: Handover, log: Log) -> None:
        self._casefile, self._handover, self._log = casefile, handover, log

    def after_decline(
        self, session: Session, case: CaseRow, reason: DeclineReason | None, now: datetime
    ) -> None:
        """An organisation declined: the backup gets the case, or a person must look, or it ends here."""
        if reason in REROUTES:
            if not self.to_backup(session, case, now, tell="declined_rerouted"):
                audit.append(session, "alarm", now=now, actor=ACTOR, case_id=case.id, code="returned")
                self._log.alarm("no_backup", case=case.id)
            return
        cases.change(session, case, dict(FORGET_FIELDS))
        feedback = Pathway.from_json(case.pathway).feedback
        if feedback is Feedback.UITKOMST and reason is not None:
            answer = outbox.message(case.id, "reply", "not_continued_reason", now, reason=str(reason))
        else:
            answer = outbox.message(case.id, "reply", "not_continued", now)
        if feedback is not Feedback.GEAGGREGEERD:
            outbox.put(session, answer)

    def to_backup(self, session: Session, case: CaseRow, now: datetime, tell: str | None = None) -> bool:
        """Hand the case to the backup of its organisation; says whether there was one."""
        organisations = self._handover.organisations
        first = organisations.get(case.organisation_id or "")
        backup = backup_of(first, organisations.values()) if first else None
        if first is None or backup is None or self._had(session, case, backup.id):
            return False
        self.to(session, case, backup.id, now, ACTOR)
        outbox.put(session, outbox.notice(case.id, "org_taken_over", now, first.id, backup=backup.id))
        outbox.put(session, outbox.notice(case.id, "org_backup", now, backup.id))
        if tell:
            outbox.put(
                session,
                outbox.message(
                    case.id,
                    "reply",
                    tell,
                    now,
                    once=str(case.version),
                    organisation=first.id,
                    backup=backup.id,
                ),
            )
        return True

    def to(self, session: Session, case: CaseRow, organisation_id: str, now: datetime, actor: str) -> None:
        """Hand the case to an organisation; raises `NotFound`, `NotAllowed`, or `OpenError` after contact."""
        organisation = self._handover.organisations.get(organisation_id)
        if organisation is None:
            raise NotFound("There is no organisation with that id in config/organisations.toml")
        if case.state != State.RECEIVED and case.fields_key is None:
            raise OpenError("what was kept of this case has been destroyed, so it can't be handed over again")
        paused = paused_time(case.received_at, audit.moments(session, case.id), now)
        prepared = self._handover.prepare(
            case, self._casefile.referral(case), now, paused=paused, organisation=organisation
        )
        outbox.drop_handovers(session, case.id, "rerouted")
        event = Event.ROUTED if case.state == State.RECEIVED else Event.REROUTED
        self._handover.commit(session, case, prepared, now, actor, event)

    def _had(self, session: Session, case: CaseRow, organisation_id: str) -> bool:
        rows = outbox.of_case(session, case.id)
        return any(row.kind == "handover" and row.organisation_id == organisation_id for row in rows)
