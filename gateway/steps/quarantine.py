"""What a person does with a mail that was set aside: look at it, let it in, or throw it out.

It promises that every look is an event of the audit trail, before anything is shown, and that a mail which is
let in starts as if it had been proven, with the deadline counted from its receipt.
"""

from datetime import datetime

from sqlmodel import Session

from gateway.domain.states import Event, State
from gateway.errors import NotAllowed, NotFound, OpenError
from gateway.gate.envelope import Envelope, unpack
from gateway.gate.header import from_address
from gateway.gate.senders import Practice, Senders
from gateway.sealing.box import Keychain
from gateway.store import audit, cases, inbox
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, InboxRow


class Quarantine:
    """The step; `actor` is who asks, for the audit trail."""

    def __init__(self, *, store: Store, keychain: Keychain, senders: Senders) -> None:
        self._store, self._keychain, self._senders = store, keychain, senders

    def show(self, kenmerk: str, now: datetime, actor: str) -> tuple[Envelope, bytes]:
        """The mail as it came; raises `NotFound`, `NotAllowed` or `OpenError`."""
        with self._store.write() as session:
            case, row = self._find(session, kenmerk)
            audit.append(session, "quarantine.shown", now=now, actor=actor, case_id=case.id, inbox_id=row.id)
        return unpack(self._keychain.open(row.sealed or b"", f"inbox:{row.id}"))

    def release(self, kenmerk: str, practice_id: str | None, now: datetime, actor: str) -> None:
        """Let the mail in, for a practice: the named one, or the one whose address stands in From."""
        with self._store.read() as session:
            _, row = self._find(session, kenmerk)
        practice = self._senders.by_id(practice_id) if practice_id else self._practice(row)
        if practice is None:
            raise NotFound("It is not clear whose mail this is; name the practice with --practice ID")
        with self._store.write() as session:
            case, row = self._find(session, kenmerk)
            cases.advance(
                session,
                case,
                Event.RELEASED,
                now=now,
                actor=actor,
                changes={"practice_id": practice.id, "reason": None},
                practice=practice.id,
            )
            inbox.reopen(session, row)

    def refuse(self, kenmerk: str, now: datetime, actor: str) -> None:
        """Throw the mail out: its content is destroyed."""
        with self._store.write() as session:
            case, row = self._find(session, kenmerk)
            cases.advance(session, case, Event.REFUSED, now=now, actor=actor)
            inbox.destroy(session, row)

    def _practice(self, row: InboxRow) -> Practice | None:
        try:
            _, raw = unpack(self._keychain.open(row.sealed or b"", f"inbox:{row.id}"))
        except OpenError:
            return None
        address = from_address(raw)
        return self._senders.practice_of(address) if address else None

    def _find(self, session: Session, kenmerk: str) -> tuple[CaseRow, InboxRow]:
        case = cases.by_kenmerk(session, kenmerk)
        if case.state != State.QUARANTINED:
            raise NotAllowed(f"{case.kenmerk} is {case.state}, not quarantined")
        row = inbox.of_case(session, case.id)
        if row is None or row.sealed is None:
            raise NotFound("The mail of this case has been destroyed")
        return case, row
