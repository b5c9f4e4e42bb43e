"""Carries out what beheerders asked for on the case page and only a holder of the keys can do.

It promises that an order ends in the transaction of the work itself, so that it is done once however often
the worker is killed, that it is done for the case as the beheerder saw it or not at all, and that one which
can't be done says why in a closed code.
"""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from gateway.domain.pathway import Recipient
from gateway.domain.states import WITH_ORGANISATION, State
from gateway.domain.trail import AuditEvent
from gateway.errors import InbeeldError, LostRace, NotAllowed, NotFound, OpenError, SealError
from gateway.log import Log
from gateway.pipeline.reroute import TOLD, Reroute
from gateway.pipeline.retry import Again
from gateway.store import audit, cases, orders, outbox
from gateway.store.engine import Store
from gateway.store.orders import OrderKind
from gateway.store.pagetables import OrderRow
from gateway.store.tables import CaseRow

ACTOR = "gateway"
BATCH = 100
TRIES = 5
"""An order that failed so often, in a way nobody foresaw, is given up."""

AGAIN_AFTER = timedelta(seconds=20)
"""How much longer an order waits after each such failure."""

MOVED, NO_BACKUP, NOT_FOUND = "moved", "no_backup", "not_found"
NOT_ALLOWED, DESTROYED, FAILED = "not_allowed", "destroyed", "failed"
PROBLEMS = frozenset({MOVED, NO_BACKUP, NOT_FOUND, NOT_ALLOWED, DESTROYED, FAILED})
"""Why an order can't be done, beside what keeps a referral from being sealed or routed."""


class Orders:
    """The step."""

    def __init__(
        self,
        *,
        store: Store,
        again: Again,
        reroute: Reroute,
        log: Log,
        entered: Callable[[Session, CaseRow, str, datetime], CaseRow | None] = lambda *_: None,
    ) -> None:
        """`entered` takes in a case that a desk entered by hand, and gives the one that it joined."""
        self._store, self._again, self._reroute, self._log = store, again, reroute, log
        self._entered = entered

    def run(self, now: datetime) -> int:
        """Carry out what waits; gives how many orders ended."""
        with self._store.read() as session:
            waiting = orders.waiting(session, BATCH)
        ended = 0
        for order in waiting:
            if now < order.ordered_at + order.tries * AGAIN_AFTER:
                continue
            try:
                problem = self._carry_out(order, now)
            except LostRace:
                # Another worker has it, or the case moves at this very moment: the next round looks again.
                continue
            except Exception as error:  # noqa: BLE001 - one order must not keep the others waiting
                self._log.failed("orders", error, case=order.case_id)
                self._fail(order, now)
                continue
            self._log.order_ended(order.case_id, order.kind, problem)
            ended += 1
        return ended

    def _carry_out(self, order: OrderRow, now: datetime) -> str | None:
        """Do it and end it; gives the code of why it can't be done, if it can't."""
        try:
            with self._store.write() as session:
                orders.take(session, order, now)
                problem = self._do(session, order, now)
                if problem is not None:
                    self._explain(session, order, problem, now)
                return problem
        except LostRace:
            raise
        except InbeeldError as error:
            problem = _code(error)
        self._refuse(order, problem, now)
        return problem

    def _do(self, session: Session, order: OrderRow, now: datetime) -> str | None:
        """The work itself; gives the code of what is wrong, if something is."""
        case = cases.by_id(session, order.case_id)
        if case.version != order.version:
            return MOVED
        match order.kind:
            case OrderKind.RETRY:
                if outbox.by_id(session, order.target).case_id != case.id:
                    raise NotFound
                return self._again.retry(session, order.target, now, order.ordered_by)
            case OrderKind.REROUTE:
                if self._entered(session, case, order.target, now) is not None:
                    return None
                self._reroute.by_hand(session, case, order.target, now, order.ordered_by)
                return None
            case OrderKind.BACKUP:
                return self._to_backup(session, case, order, now)
        raise NotAllowed

    def _to_backup(self, session: Session, case: CaseRow, order: OrderRow, now: datetime) -> str | None:
        # Who declined knows already that somebody else will call.
        tell = TOLD if State(case.state) in WITH_ORGANISATION else (Recipient.BACKUP,)
        done = self._reroute.to_backup(session, case, now, tell=tell, actor=order.ordered_by)
        return None if done else NO_BACKUP

    def _refuse(self, order: OrderRow, problem: str, now: datetime) -> None:
        with self._store.write() as session:
            orders.take(session, order, now)
            self._explain(session, order, problem, now)

    @staticmethod
    def _explain(session: Session, order: OrderRow, problem: str, now: datetime) -> None:
        orders.refuse(session, order, problem)
        audit.append(
            session,
            AuditEvent.ORDER_REFUSED,
            now=now,
            actor=ACTOR,
            case_id=order.case_id,
            order=order.kind,
            problem=problem,
        )

    def _fail(self, order: OrderRow, now: datetime) -> None:
        # Where another worker ended it meanwhile, there is nothing to count.
        with contextlib.suppress(LostRace), self._store.write() as session:
            orders.failed(session, order)
            if order.tries + 1 >= TRIES:
                orders.take(session, order, now)
                self._explain(session, order, FAILED, now)


def _code(error: InbeeldError) -> str:
    match error:
        case SealError():
            return error.code
        case OpenError():
            return DESTROYED
        case NotFound():
            return NOT_FOUND
        case NotAllowed():
            return NOT_ALLOWED
    return FAILED
