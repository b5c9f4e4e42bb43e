"""The audit trail in the terms of NEN 7513: who did what with whose data, when, from where, with what result.

The norm's own text is not public; these are its fields as the public descriptions and IHE ATNA, on which it
builds, name them. It promises one entry for each event, also of a kind that it doesn't know, and that an
entry holds ids, closed codes and names of the configuration or of users, and nothing that came from a mail.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, col, select

from gateway.store import audit
from gateway.store.pagetables import UserRow
from gateway.store.tables import CaseRow, EventRow

V = TypeVar("V")

ACTIONS = {
    "case.received": "C",
    "case.closed": "D",
    "letter.dealt": "D",
    "letter.expired": "D",
    "key.destroyed": "D",
} | dict.fromkeys(audit.LOOKS, "R")
"""Create, read, update, delete, execute; what is not here depends on its family."""

FAMILIES = {"delivery": "E", "mailbox": "E", "login": "E", "clock": "E", "order": "E", "backup": "R"}
FAILED = frozenset({"login.failed", "login.locked", "order.refused", "delivery.late", "delivery.held"})
CHANNELS = {"user": "web", "organisation": "web", "beheerder": "opdrachtregel", "gateway": "gateway"}


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One event; the names of its fields are those of the export. `uitkomst` is 0 for success, 8 if not."""

    nummer: int
    datum_tijd: str
    gebeurtenis: str
    omschrijving: str
    actie: str
    uitkomst: int
    gebruiker_id: str
    gebruiker_naam: str
    gebruiker_rol: str
    toegangspunt: str
    patient_id: str
    object_type: str
    object_id: str
    logbron: str
    gegevens: str
    hash: str


class AuditEntries:
    """Makes them. `names` are those of organisations and practices; `words` says in a few words what an event
    is; `source` is the name of this gateway."""

    def __init__(self, *, names: Mapping[str, str], words: Mapping[str, str], source: str) -> None:
        self._names, self._words, self._source = names, words, source

    def of(self, session: Session, rows: Iterable[EventRow]) -> Iterator[AuditEntry]:
        """The entries of these events."""
        users: dict[str, tuple[str, str]] = {}
        kenmerken: dict[str, str] = {}
        for row in rows:
            yield self._entry(
                row,
                lambda id_: _remembered(users, id_, lambda: _user(session, id_)),
                lambda id_: _remembered(kenmerken, id_, lambda: _kenmerk(session, id_)),
            )

    def _entry(
        self, row: EventRow, user: Callable[[str], tuple[str, str]], kenmerk: Callable[[str], str]
    ) -> AuditEntry:
        kind, _, name = row.actor.partition(":")
        shown, role = (self._names.get(name, name), kind)
        if kind == "user":
            shown, role = user(name)
        data = json.loads(row.data)
        about = ("aanmelding", kenmerk(row.case_id)) if row.case_id else ("mail", row.inbox_id or "")
        return AuditEntry(
            nummer=row.seq,
            datum_tijd=row.at.isoformat(),
            gebeurtenis=row.kind,
            omschrijving=self._words.get(row.kind, row.kind),
            actie=ACTIONS.get(row.kind) or FAMILIES.get(row.kind.partition(".")[0], "U"),
            uitkomst=8 if row.kind in FAILED else 0,
            gebruiker_id=row.actor,
            gebruiker_naam=shown,
            gebruiker_rol=role,
            toegangspunt=str(data.get("channel") or CHANNELS.get(kind, "mail")),
            patient_id=kenmerk(row.case_id) if row.case_id else "",
            object_type=about[0] if about[1] else "",
            object_id=about[1],
            logbron=self._source,
            gegevens=", ".join(f"{key}={value}" for key, value in sorted(data.items())),
            hash=row.hash,
        )


def line(entry: AuditEntry, moment: Callable[[datetime], str]) -> str:
    """An entry as somebody reads it who asked what was done with their data."""
    who = " ".join(filter(None, (entry.gebruiker_naam or entry.gebruiker_id, f"({entry.gebruiker_rol})")))
    at = moment(datetime.fromisoformat(entry.datum_tijd))
    return f"{at}  {entry.omschrijving}  {who}, {entry.toegangspunt}"


def _user(session: Session, id_: str) -> tuple[str, str]:
    row = session.exec(select(UserRow.name, UserRow.role).where(UserRow.id == id_)).first()
    return (row[0], row[1]) if row else ("", "user")


def _kenmerk(session: Session, case_id: str) -> str:
    return session.exec(select(CaseRow.kenmerk).where(col(CaseRow.id) == case_id)).first() or ""


def _remembered(known: dict[str, V], key: str, look: Callable[[], V]) -> V:
    if key not in known:
        known[key] = look()
    return known[key]
