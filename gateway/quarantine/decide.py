"""What a person does with a mail that was set aside: look at it, let it in, or throw it out.

It promises that every look is an event of the audit trail, before anything is shown, that what a beheerder
decides is done for the mail as they saw it or not at all, and that a mail which is let in starts as if it had
been proven, with the deadline counted from its receipt. Only `show` and a release without a practice need
the keys: the web role does everything else without them.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from gateway.domain.states import Event, State
from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace, NotAllowed, NotFound, OpenError
from gateway.gate.authenticity import Envelope, unpack
from gateway.gate.senders import Practice, Senders
from gateway.quarantine.allow import Allow
from gateway.sealing.box import Keychain
from gateway.store import audit, cases, inbox, setaside
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, InboxRow


class Why(StrEnum):
    """Why somebody looks at a mail that was set aside (NEN 7513)."""

    JUDGE = "judge"
    CALLED = "practice_called"
    ABUSE = "abuse"
    OTHER = "other"


def never_let_in(case: CaseRow) -> str | None:
    """Why a mail that was set aside can't become a referral ("report", "from"); None if it can.

    The report of an organisation would become a referral of the patient whom it quotes, and a mail without
    exactly one sender leaves nobody to answer.
    """
    reason = case.reason or ""
    if reason.startswith("report_"):
        return "report"
    return "from" if reason in {"from", "broken_header"} else None


_INSTEAD = {
    "report": "it is a report of an organisation: record it with 'inbeeld cases report', then refuse it",
    "from": "it has no sender, or several: ask the practice to send it again, then refuse the mail",
}


class Quarantine:
    """The step; `actor` is who asks, for the audit trail. `version` is that of the case as they saw it.

    `sender` gives the one address in From of a mail, read where no key is; a role without it must be told
    whose mail it is.
    """

    def __init__(
        self,
        *,
        store: Store,
        keychain: Keychain,
        senders: Senders,
        allow: Allow,
        sender: Callable[[bytes], str | None] = lambda raw: None,
    ) -> None:
        self._store, self._keychain, self._senders, self._allow = store, keychain, senders, allow
        self._sender = sender

    def show(self, kenmerk: str, now: datetime, actor: str) -> tuple[Envelope, bytes]:
        """The mail as it came; raises `NotFound`, `NotAllowed` or `OpenError`."""
        with self._store.write() as session:
            case, row = self._find(session, kenmerk)
            audit.append(
                session, AuditEvent.QUARANTINE_SHOWN, now=now, actor=actor, case_id=case.id, inbox_id=row.id
            )
        return unpack(self._keychain.open(row.sealed or b"", f"inbox:{row.id}"))

    def copy(self, kenmerk: str, why: Why, now: datetime, actor: str) -> bytes:
        """The beheerders' copy, a JWE for their key, for a reason; raises `NotFound` or `NotAllowed`."""
        with self._store.write() as session:
            case = self._set_aside(session, kenmerk)
            row = setaside.of_case(session, case.id)
            if row is None or row.sealed is None:
                raise NotFound("There is no copy of this mail for the beheerders")
            audit.append(
                session,
                AuditEvent.QUARANTINE_SHOWN,
                now=now,
                actor=actor,
                case_id=case.id,
                inbox_id=row.id,
                reason=str(why),
            )
            return row.sealed

    def release(
        self,
        kenmerk: str,
        practice_id: str | None,
        now: datetime,
        actor: str,
        *,
        version: int | None = None,
        sender: str | None = None,
    ) -> None:
        """Let the mail in, for a practice: the named one, or the one whose address stands in From.

        With `sender`, that address or domain is allowed for the practice from now on. Raises `NotFound`,
        `LostRace`, or `NotAllowed` (also see `never_let_in`).
        """
        with self._store.read() as session:
            case, row = self._find(session, kenmerk)
        if (why := never_let_in(case)) is not None:
            raise NotAllowed(_INSTEAD[why])
        practice = self._senders.by_id(practice_id) if practice_id else self._practice(row)
        if practice is None:
            raise NotFound("It is not clear whose mail this is; name the practice with --practice ID")
        if sender is not None:
            self._allow.check(practice.id, sender)
        with self._store.write() as session:
            case, row = self._find(session, kenmerk, version)
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
            if sender is not None:
                self._allow.put(session, practice.id, sender, now, actor)

    def refuse(self, kenmerk: str, now: datetime, actor: str, *, version: int | None = None) -> None:
        """Throw the mail out: its content is destroyed."""
        with self._store.write() as session:
            case, row = self._find(session, kenmerk, version)
            cases.advance(session, case, Event.REFUSED, now=now, actor=actor)
            inbox.destroy(session, row)

    def _practice(self, row: InboxRow) -> Practice | None:
        try:
            _, raw = unpack(self._keychain.open(row.sealed or b"", f"inbox:{row.id}"))
        except OpenError:
            return None
        address = self._sender(raw)
        return self._senders.practice_of(address) if address else None

    def _find(self, session: Session, kenmerk: str, version: int | None = None) -> tuple[CaseRow, InboxRow]:
        case = self._set_aside(session, kenmerk)
        if version is not None and case.version != version:
            raise LostRace
        row = inbox.of_case(session, case.id)
        if row is None or row.sealed is None:
            raise NotFound("The mail of this case has been destroyed")
        return case, row

    @staticmethod
    def _set_aside(session: Session, kenmerk: str) -> CaseRow:
        case = cases.by_kenmerk(session, kenmerk)
        if case.state != State.QUARANTINED:
            raise NotAllowed(f"{case.kenmerk} is {case.state}, not quarantined")
        return case
