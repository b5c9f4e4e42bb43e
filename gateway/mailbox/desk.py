"""What an organisation's colleague does in the browser: look at a case, open its text, report on it.

It promises that every look is an audit event which names the person, that opening a text for the first time
is the event `collected` as for any collector, and that whatever is not the organisation's own is `NotFound`,
whether it exists or not. The text itself is ciphertext here: their browser opens it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.domain.states import IN_CONTACT, WITH_ORGANISATION, State
from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace, NotAllowed, NotFound
from gateway.mailbox import rows as desk
from gateway.mailbox.collecting import Collector, LeaseLost, Told
from gateway.mailbox.queue import Mailbox
from gateway.mailbox.rows import InboxLine
from gateway.pipeline.correct import last_said_by
from gateway.pipeline.settle import Report
from gateway.store import audit, cases, labels, mailbox, takings
from gateway.store.engine import Store
from gateway.store.mailbox import ItemStatus
from gateway.store.tables import CaseRow, MailboxRow
from gateway.store.takings import Hands, TakingReason

TO_DO = frozenset(WITH_ORGANISATION)
"""The patient must be reached."""

GOING_ON = frozenset(IN_CONTACT) | {State.UNREACHABLE, State.WITHDRAWN}
"""Something may still be reported."""

MOST_TO_DO = 500
MOST_GOING_ON = 100
"""So many lines at most; every other case is found by its kenmerk."""

SHOWN = AuditEvent.INBOX_SHOWN


class TextGone(NotAllowed):
    """There is no text any more, or none that a browser opens."""


class InHand(NotAllowed):
    """A program of the organisation is collecting it at this moment."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One case as a colleague sees it; `former` when another organisation has it now, `mistakable` when the
    last report of such a case is theirs."""

    line: InboxLine
    former: bool
    mistakable: bool


class Desk:
    """The step."""

    def __init__(self, *, store: Store, mailbox: Mailbox) -> None:
        self._store, self._mailbox = store, mailbox

    def lists(
        self, organisation_id: str, hands: Hands | None = None
    ) -> tuple[list[InboxLine], list[InboxLine]]:
        """What is to be done, due soonest first; and what goes on, changed latest first."""
        with self._store.read() as session:
            return (
                desk.lines(session, organisation_id, TO_DO, MOST_TO_DO, hands=hands),
                desk.lines(session, organisation_id, GOING_ON, MOST_GOING_ON, latest_first=True, hands=hands),
            )

    def colleagues(self, organisation_id: str) -> dict[str, str]:
        """Who a referral can be handed to: names by id."""
        with self._store.read() as session:
            return takings.colleagues(session, organisation_id)

    def pass_on(
        self,
        by: Collector,
        kenmerk: str,
        to: str | None,
        now: datetime,
        *,
        seen: str,
        reason: TakingReason | None = None,
    ) -> None:
        """Let a colleague take a referral on, or nobody; `seen` had it on the page of whoever pressed.

        Raises `NotFound` for what is not their organisation's, `LostRace` when it changed hands meanwhile.
        """
        with self._store.write() as session:
            case = _own(session, by, kenmerk)
            if case.organisation_id != by.organisation_id:
                raise LostRace
            takings.change(
                session,
                case.id,
                by.organisation_id,
                by=by.actor.removeprefix("user:"),
                to=to,
                seen=seen,
                reason=reason,
                now=now,
            )

    def kenmerk(self, by: Collector, typed: str) -> str:
        """The kenmerk of an own case as a person types it; raises `NotFound`."""
        with self._store.read() as session:
            return _own(session, by, typed).kenmerk

    def look(self, by: Collector, kenmerk: str, now: datetime) -> Seen:
        """One case, without its text."""
        with self._store.write() as session:
            case = _own(session, by, kenmerk)
            audit.append(session, SHOWN, now=now, actor=by.actor, case_id=case.id, text=False)
            return self._seen(session, by, case)

    def find(self, by: Collector, kenmerk: str) -> Seen:
        """The same for what is done with a case and shows nobody anything: that is no look."""
        with self._store.read() as session:
            return self._seen(session, by, _own(session, by, kenmerk))

    @staticmethod
    def _seen(session: Session, by: Collector, case: CaseRow) -> Seen:
        former = case.organisation_id != by.organisation_id
        mistakable = former and last_said_by(session, case) == by.organisation_id
        return Seen(desk.line(session, by.organisation_id, case), former, mistakable)

    def open(self, by: Collector, kenmerk: str, now: datetime) -> str:
        """The ciphertext of a case (JWE, compact), for the browser of this person.

        Raises `NotFound`, `TextGone`, or `InHand` when a program has it or another colleague was first.
        """
        # A collector that was lost holds nothing any more, also when no worker has looked yet.
        self._mailbox.sweep(now)
        with self._store.read() as session:
            item = _item(session, by, kenmerk)
        if first := item.status == ItemStatus.READY:
            self._collect(by, item.id, now)
        with self._store.write() as session:
            item = _item(session, by, kenmerk)
            if not first:
                facts: dict[str, Any] = {"delivery": item.id, "text": True}
                audit.append(session, SHOWN, now=now, actor=by.actor, case_id=item.case_id, **facts)
            return (item.sealed or b"").decode("ascii")

    def label(self, by: Collector, kenmerk: str, sealed: str, now: datetime) -> None:
        """Keep what a colleague calls a case of theirs, sealed in their browser; an empty one takes it away.

        Raises `NotFound`, also once the case is closed or another organisation's.
        """
        with self._store.write() as session:
            case = _own(session, by, kenmerk)
            if case.state == State.CLOSED or case.organisation_id != by.organisation_id:
                raise NotFound
            labels.put(session, case.id, by.organisation_id, sealed, now)
            audit.append(session, AuditEvent.INBOX_LABELLED, now=now, actor=by.actor, case_id=case.id)

    def report(
        self, by: Collector, kenmerk: str, report: Report, now: datetime, version: int | None = None
    ) -> Told:
        """See `Mailbox.report`."""
        return self._mailbox.report(by.organisation_id, kenmerk, report, now, by=by, version=version)

    def _collect(self, by: Collector, item_id: str, now: datetime) -> None:
        try:
            with self._store.write() as session:
                leased = desk.take(session, by.organisation_id, item_id, now)
            self._mailbox.acknowledge(by.organisation_id, item_id, leased.token, now, by)
        except (LostRace, LeaseLost):
            raise InHand from None


def _own(session: Session, by: Collector, kenmerk: str) -> CaseRow:
    case = cases.find(session, kenmerk)
    if case is None or not mailbox.was_handed(session, case.id, by.organisation_id):
        raise NotFound
    return case


def _item(session: Session, by: Collector, kenmerk: str) -> MailboxRow:
    case = _own(session, by, kenmerk)
    item = desk.newest(session, by.organisation_id, case.id)
    if item is None or item.sealed is None or item.media_type != desk.JOSE:
        raise TextGone
    return item
