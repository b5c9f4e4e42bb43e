"""The letters in the threads of cases that a person must read: the list, a look at one, and that it was dealt
with.

It promises that a letter stays, sealed, until a beheerder says that it was dealt with (or its retention is
over, which is told), that every look is an event before anything is shown, and that its content is destroyed
in the transaction that says so.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from gateway.domain.trail import AuditEvent
from gateway.errors import NotFound
from gateway.gate.authenticity import Envelope, unpack
from gateway.quarantine.decide import Why
from gateway.sealing.box import Keychain
from gateway.store import audit, inbox, setaside
from gateway.store.engine import Store
from gateway.store.pagetables import SetAsideRow
from gateway.store.tables import CaseRow, InboxRow


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter that waits. `code` says why a person must read it, `problem` why it has no copy to open."""

    id: str
    kenmerk: str
    practice_id: str | None
    received_at: datetime
    code: str
    problem: str | None
    sealed: bool


class Letters:
    """The step; `actor` is who asks, for the audit trail. Only `show` needs the keys."""

    def __init__(self, *, store: Store, keychain: Keychain) -> None:
        self._store, self._keychain = store, keychain

    def waiting(self, kenmerk: str | None = None) -> list[KeptLetter]:
        """The letters that wait, of all cases or of one, oldest first."""
        with self._store.read() as session:
            found = [_kept(*rows) for rows in setaside.letters(session)]
        return [one for one in found if kenmerk in (None, one.kenmerk)]

    def one(self, letter_id: str) -> KeptLetter:
        """One of them, by its id or the beginning of it; raises `NotFound`."""
        found = [one for one in self.waiting() if len(letter_id) > 5 and one.id.startswith(letter_id)]
        if len(found) != 1:
            raise NotFound("There is no such letter; 'inbeeld quarantine letters' shows them all")
        return found[0]

    def show(self, letter_id: str, now: datetime, actor: str) -> tuple[Envelope, bytes]:
        """The letter as it came; raises `NotFound` or `OpenError`."""
        with self._store.write() as session:
            copy, row = self._find(session, letter_id)
            audit.append(
                session, AuditEvent.LETTER_SHOWN, now=now, actor=actor, case_id=copy.case_id, inbox_id=row.id
            )
        return unpack(self._keychain.open(row.sealed or b"", f"inbox:{row.id}"))

    def copy(self, letter_id: str, why: Why, now: datetime, actor: str) -> bytes:
        """The beheerders' copy, a JWE for their key, for a reason; raises `NotFound`."""
        with self._store.write() as session:
            copy, row = self._find(session, letter_id)
            if copy.sealed is None:
                raise NotFound("There is no copy of this letter for the beheerders")
            facts = {"case_id": copy.case_id, "inbox_id": row.id, "reason": str(why)}
            audit.append(session, AuditEvent.LETTER_SHOWN, now=now, actor=actor, **facts)
            return copy.sealed

    def dealt(self, letter_id: str, now: datetime, actor: str) -> None:
        """A person has dealt with it: its content is destroyed; raises `NotFound`."""
        with self._store.write() as session:
            copy, row = self._find(session, letter_id)
            inbox.destroy(session, row)
            facts = {"case_id": copy.case_id, "inbox_id": row.id, "code": copy.code}
            audit.append(session, AuditEvent.LETTER_DEALT, now=now, actor=actor, **facts)

    @staticmethod
    def _find(session: Session, letter_id: str) -> tuple[SetAsideRow, InboxRow]:
        row, copy = setaside.mail(session, letter_id), setaside.letter(session, letter_id)
        if row is None or copy is None:
            raise NotFound("There is no such letter; 'inbeeld quarantine letters' shows them all")
        return copy, row


def _kept(copy: SetAsideRow, row: InboxRow, case: CaseRow) -> KeptLetter:
    sealed = copy.sealed is not None
    problem = None if sealed else copy.problem
    return KeptLetter(
        row.id, case.kenmerk, row.practice_id, row.received_at, copy.code or "", problem, sealed
    )
