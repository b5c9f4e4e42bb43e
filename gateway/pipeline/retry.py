"""Holds a delivery, tries a held one again after a person repaired what was wrong, or lets a message go.

It promises that a handover is sealed anew for the key as it is now, so that nothing leaves which was made for
an older key, that it is never let go, and that a reply keeps its delivery id.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.domain.attribution import paused_time
from gateway.domain.codes import Kind
from gateway.domain.messages import Code
from gateway.domain.states import ENDED, IN_CONTACT, Event, State, allowed
from gateway.domain.trail import AuditEvent
from gateway.errors import NotAllowed, SealError
from gateway.pipeline.casefile import CaseFile
from gateway.pipeline.handover import Handovers, announce
from gateway.pipeline.notify import parties, policy, receipt, turn
from gateway.store import audit, cases, clocks, keptback, moves, outbox
from gateway.store.moves import Move
from gateway.store.outbox import Status
from gateway.store.tables import CaseRow, OutboxRow

RESTORED = "restored"
"""Why something is held that may have left between a backup and its restore."""

BY_HAND = "by_hand"

HANDOVER = "handover"
"""The kind of a row with a referral, which must be sealed anew: that takes the keys."""


class Again:
    """What can be done with one delivery, each in the transaction of whoever asks."""

    def __init__(self, *, casefile: CaseFile, handover: Handovers) -> None:
        self._casefile, self._handover = casefile, handover

    def retry(self, session: Session, row_id: str, now: datetime, actor: str) -> str | None:
        """Make a held row ready; gives the code of what is still wrong, or None. Raises `InbeeldError`. What
        is no handover needs no keys."""
        row = outbox.by_id(session, row_id)
        if row.status != Status.HELD:
            raise NotAllowed(f"it is {row.status}, not held")
        if not row.case_id:
            outbox.resume(session, row, now)
            return None
        case = cases.by_id(session, row.case_id)
        problem = None
        if row.kind != HANDOVER:
            outbox.resume(session, row, now)
        elif row.organisation_id is None or case.state == State.RECEIVED:
            paused = paused_time(case.received_at, audit.moments(session, case.id), now)
            referral, broken = self._casefile.referral(case), clocks.broken(session, case.id)
            prepared = self._handover.prepare(case, referral, now, paused=paused, broken=broken)
            problem, nobody = prepared.problem, case.organisation_id is None or _unheard(session, case)
            if prepared.organisation is not None:
                outbox.drop_handovers(session, case.id, "retried")
                move, moments = Move(), audit.moments(session, case.id)
                self._handover.hand_over(move, case, prepared, now, actor)
                if nobody and not problem:
                    # The referrer has not heard yet who calls, and by when.
                    announce(move, case, parties(session, case)[0], prepared, now, turn(moments))
                moves.carry_out(session, move)
        else:
            organisation = self._handover.organisations.get(row.organisation_id)
            if organisation is None:
                raise NotAllowed("its organisation is not configured any more")
            due = {clock.kind: clock.due_at for clock in clocks.of_case(session, case.id)}
            due_at, calls_by = due[Kind.CONTACT], due.get(Kind.CALLS_FIRST)
            referral = self._casefile.referral(case)
            try:
                ciphertext = self._handover.seal(case, referral, organisation, due_at, now, calls_by=calls_by)
            except SealError as error:
                problem = error.code
            else:
                outbox.resume(session, row, now, **ciphertext.columns())
                if _unheard(session, case):
                    for party in parties(session, case):
                        told = receipt(
                            case, party, policy(case), due_at, now, calls_by=calls_by, once=str(case.version)
                        )
                        for each in told:
                            outbox.put(session, each)
        if problem is None:
            audit.append(
                session, AuditEvent.DELIVERY_RETRIED, now=now, actor=actor, case_id=case.id, delivery=row.id
            )
        elif problem != row.reason:
            outbox.explain(session, row, problem)
        return problem

    def hold(self, session: Session, row_id: str, now: datetime, actor: str) -> None:
        row = outbox.by_id(session, row_id)
        if row.lease is not None or row.status != Status.READY:
            raise NotAllowed("it is being sent or is not waiting; look again")
        outbox.settle(session, row, Status.HELD, reason=BY_HAND)
        tell_held(session, row, BY_HAND, now, actor)

    def sent(self, session: Session, row_id: str, now: datetime, actor: str) -> None:
        """Take a person's word that a held row left before: it was held after a restore (see `resume`)."""
        row = outbox.by_id(session, row_id)
        if row.status != Status.HELD or row.reason != RESTORED:
            raise NotAllowed("it was not held after a restore: send it, or let it go")
        keptback.said_sent(session, row, now)
        facts: dict[str, Any] = {"now": now, "actor": actor, "delivery": row.id}
        case = cases.by_id(session, row.case_id) if row.case_id else None
        if case and row.kind == HANDOVER and Event.DELIVERED in allowed(State(case.state)):
            cases.advance(session, case, Event.DELIVERED, **facts)
        else:
            facts |= {"case_id": row.case_id or None, "what": f"{row.kind}.{row.code}"}
            audit.append(session, AuditEvent.DELIVERY_SENT, **facts)

    def dismiss(self, session: Session, row_id: str, now: datetime, actor: str) -> None:
        """Let a held message go unsent: somebody told it otherwise, or it is not needed any more. Raises
        `NotAllowed` for a referral that is still waited for: such a one never goes so."""
        row = outbox.by_id(session, row_id)
        if row.kind == HANDOVER and State(cases.by_id(session, row.case_id).state) not in ENDED | IN_CONTACT:
            raise NotAllowed("it is a referral: hand the case over or give it back")
        if row.status != Status.HELD:
            raise NotAllowed(f"it is {row.status}, not held")
        outbox.dismiss(session, row)
        audit.append(
            session,
            AuditEvent.DELIVERY_DISMISSED,
            now=now,
            actor=actor,
            case_id=row.case_id or None,
            delivery=row.id,
        )


def tell_held(
    session: Session, row: OutboxRow, reason: str, now: datetime, actor: str, inbox_id: str | None = None
) -> None:
    """Write into the trail that a delivery is held, and why; `inbox_id` is the mail that told of it."""
    ids = {"case_id": row.case_id or None, "inbox_id": inbox_id}
    audit.append(
        session, AuditEvent.DELIVERY_HELD, now=now, actor=actor, **ids, delivery=row.id, reason=reason
    )


def _unheard(session: Session, case: CaseRow) -> bool:
    """Whether the last that the referrer heard is that nobody was found yet who calls."""
    told = [row.code for row in outbox.of_case(session, case.id) if row.kind == "reply"]
    return bool(told) and told[-1] == Code.RECEIPT_WAITING
