"""What must stay readable of a case for a while, sealed under keys of that case alone.

The referral's fields are kept until contact is made (a held item, a changed key or the backup organisation
needs them sealed anew); the thread is kept until closure (the answer "in beeld" needs it). It promises that
whoever clears `fields_key` or `thread_key` of a case row has destroyed that content for good.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.domain.case import Referral
from gateway.domain.codes import Assessment
from gateway.errors import OpenError
from gateway.reading.record import Reading, known_reading, members
from gateway.sealing import box
from gateway.sealing.box import CaseKey
from gateway.store.tables import CaseRow, ThreadRow

FORGET_FIELDS: dict[str, None] = {"fields_key": None, "sealed_fields": None}
"""The changes to a case row that destroy the referral's fields."""

FORGET_THREAD: dict[str, None] = {"thread_key": None, "sealed_thread": None}
"""The changes to a case row that destroy the thread."""


FRESH = 4096
"""So many keys are remembered at most."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Where the answers to a case go. `subject` is already safe to send back."""

    address: str = field(repr=False)
    subject: str = field(repr=False)
    message_id: str = field(repr=False)
    references: tuple[str, ...] = field(repr=False)
    thread_index: str = field(default="", repr=False)
    """Outlook's mark of the thread, as it came."""


class CaseFile:
    """Seals with the intake's public key as it is now; opens with private keys, which only workers have."""

    def __init__(self, public: Callable[[], box.PublicKey], keychain: box.Keychain) -> None:
        self._public, self._keychain = public, keychain
        self._fresh: dict[bytes, CaseKey] = {}
        """The keys of what was sealed last, by the hash of their wrap: the receipt needs both soon, and
        unwrapping them is a twentieth of a referral. Who reads this memory has the private key as well."""

    def seal_fields(self, case_id: str, reading: Reading) -> dict[str, bytes]:
        """What was read, as changes to a case row."""
        return self._seal("fields", case_id, reading)

    def seal_thread(self, row_id: str, thread: Thread) -> dict[str, bytes]:
        """The thread, as changes to a case row or thread row of that id."""
        return self._seal("thread", row_id, thread)

    def _seal(self, part: str, id_: str, record: Reading | Thread) -> dict[str, bytes]:
        key, context = CaseKey.new(), f"{id_}:{part}"
        content = json.dumps(record, default=members, ensure_ascii=False).encode()
        wrapped = key.wrap(self._public(), context)
        if len(self._fresh) >= FRESH:
            self._fresh = {}
        self._fresh[hashlib.sha256(wrapped).digest()] = key
        return {f"{part}_key": wrapped, f"sealed_{part}": key.seal(content, context)}

    def reading(self, case: CaseRow) -> Reading:
        """What was read; raises `OpenError` when it was destroyed."""
        content = self._open(case.fields_key, case.sealed_fields, f"{case.id}:fields")
        return known_reading(json.loads(content))

    def referral(self, case: CaseRow) -> Referral:
        """The referral; raises `OpenError` when it was destroyed or is not complete."""
        return referral_of(self.reading(case))

    def thread(self, row: CaseRow | ThreadRow) -> Thread:
        """Where answers go; raises `OpenError` when it was destroyed."""
        found = json.loads(self._open(row.thread_key, row.sealed_thread, f"{row.id}:thread"))
        return Thread(**found | {"references": tuple(found["references"])})

    def _open(self, wrapped: bytes | None, sealed: bytes | None, context: str) -> bytes:
        if wrapped is None or sealed is None:
            raise OpenError("what was kept of this case has been destroyed")
        # A key is known for one use only: whoever comes later must find its private key still there.
        key = self._fresh.pop(hashlib.sha256(wrapped).digest(), None) or CaseKey.unwrap(
            wrapped, self._keychain, context
        )
        return key.open(sealed, context)


def referral_of(reading: Reading) -> Referral:
    """The referral of a complete reading; raises `OpenError` for any other."""
    reached = reading.phone is not None or reading.place is not None
    if reading.name is None or not reached or reading.wijk is None:
        raise OpenError("the referral is not complete")
    return Referral(
        reading.name,
        reading.phone,
        reading.other_phones,
        reading.wijk,
        reading.by_parent,
        reading.place,
        Assessment(reading.assessment) if reading.assessment else None,
        reading.calls_first,
    )
