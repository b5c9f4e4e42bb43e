"""A gateway whose steps are played one by one: real store and keys, adapters in memory, a relay that listens.

Cases come in here without a mail: the step `receive` has its own stories over real sockets.
"""

import re
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapters.base import Receipt
from adapters.memory import MemoryAdapter
from gateway.app import Gateway
from gateway.domain.case import new_kenmerk
from gateway.domain.codes import DeclineReason
from gateway.domain.states import Event, State
from gateway.gate.authenticity import Envelope, pack
from gateway.log import Log
from gateway.pipeline.casefile import Thread
from gateway.pipeline.schedule import Schedule
from gateway.pipeline.settle import Report
from gateway.reading.record import Reading, Verdict
from gateway.sealing import box
from gateway.store import audit, cases, clocks, inbox, moves, outbox
from gateway.store.inbox import Kept
from gateway.store.migrate import migrate
from gateway.store.moves import Move
from gateway.store.tables import CaseRow, ClockRow, EventRow, InboxRow, OutboxRow
from tests.invented import PATIENT
from tests.moments import MONDAY
from tests.story.journal import Journal
from tests.story.place import Place

ORGANISATION = '[[organisation]]\nid = "{id}"\nname = "{name}"\nserves = ["{serves}"]\nadapter = "memory"\n'
KEY = 'format = "openpgp"\nkey = "organisations/{id}.asc"\nfingerprint = "{fingerprint}"\n{extra}\n'


@dataclass
class Ear:
    """Stands where the relay stands: hears every mail, or raises what it is told to."""

    heard: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)
    troubles: deque[Exception] = field(default_factory=deque)

    async def send(self, envelope_from: str, recipients: list[str], message: bytes) -> Receipt:
        """As `adapters.relay.Relay.send`."""
        if self.troubles:
            raise self.troubles.popleft()
        assert envelope_from.startswith("aanmelding+b."), "a bounce must find its way back"
        self.heard.append((tuple(recipients), message))
        return Receipt("ear", "heard")

    async def close(self) -> None:
        """Nothing to give back."""


@dataclass
class Stage:
    """The gateway with its clock, which a test sets."""

    place: Place
    now: datetime = MONDAY
    ear: Ear = field(default_factory=Ear)
    journal: Journal = field(default_factory=Journal)

    def open(self, *, backup: bool = True) -> None:
        """Set the stage: De Schoor, and Buurtteam as its backup or not at all."""
        self._organisations(backup)
        self.gateway = Gateway.at(self.place.directory, log=Log(self.journal), now=lambda: self.now)
        self.gateway.worker.__dict__ |= {"relay": self.ear, "readers": None}
        migrate(self.gateway.store)
        self.store = self.gateway.store
        self.schedule: Schedule = self.gateway.worker.schedule()

    async def close(self) -> None:
        """Clear the stage."""
        await self.schedule.stop()
        del self.gateway.worker.__dict__["readers"]
        await self.gateway.close()

    def adapter(self, organisation: str = "de-schoor") -> MemoryAdapter:
        """What an organisation's parcels go into."""
        adapter = self.gateway.worker.adapters[organisation]
        assert isinstance(adapter, MemoryAdapter)
        return adapter

    def referred(self, *, calls_first: bool = False, **changes: Any) -> str:
        """A case that was routed just now; gives its id."""
        case = self._case(**changes)
        file = self.gateway.worker.casefile
        reading = Reading(
            Verdict.REFERRAL, PATIENT.name, PATIENT.e164, (), "Filmwijk", calls_first=calls_first
        )
        thread = Thread("m.deboer@huisartsenpraktijk-filmwijk.example", "Re: aanmelding", "<a@b.example>", ())
        for column, value in (file.seal_fields(case.id, reading) | file.seal_thread(case.id, thread)).items():
            setattr(case, column, value)
        prepared = self.gateway.worker.handover.prepare(case, file.referral(case), self.now)
        mail = self._mail(case.id)
        move = Move()
        move.start(case, actor="gateway", inbox_id=mail.id)
        self.gateway.worker.handover.hand_over(move, case, prepared, self.now, "gateway")
        move.finish(mail, "case", case.id)
        assert moves.commit(self.store, [move]) == []
        return case.id

    def quarantined(self, raw: bytes = b"From: x@elders.example\r\n\r\nhallo\r\n") -> CaseRow:
        """A mail that was set aside just now."""
        case = self._case(practice_id=None)
        mail = self._mail(case.id, raw)
        with self.store.write() as session:
            cases.start(session, case, actor="gateway", inbox_id=mail.id)
            cases.advance(session, case, Event.QUARANTINED, now=self.now, actor="gateway", code="no_proof")
            inbox.finish(session, mail, "quarantine", case.id, keep=True)
        return case

    async def work(self, **later: float) -> dict[str, int]:
        """Everything that is due now, or so much `later`."""
        self.now += timedelta(**later)
        return await self.schedule.drain()

    def step(self, name: str) -> Any:
        """One step of the worker."""
        return next(step for step in self.schedule.steps if step.name == name)

    def report(self, case_id: str, event: Event, actor: str = "organisation:de-schoor", **codes: Any) -> bool:
        """What an organisation reports."""
        return self.gateway.worker.settle.report(case_id, Report(event, **codes), self.now, actor, "test")

    def decline(self, case_id: str, reason: DeclineReason, actor: str = "organisation:de-schoor") -> bool:
        """An organisation does not take a referral."""
        return self.report(case_id, Event.DECLINED, actor, reason=reason)

    def case(self, case_id: str) -> CaseRow:
        """A case as it is now."""
        with self.store.read() as session:
            return cases.by_id(session, case_id)

    def state(self, case_id: str) -> str:
        """Where a case is."""
        return self.case(case_id).state

    def rows(self, case_id: str, kind: str = "handover") -> list[OutboxRow]:
        """The deliveries of a case, oldest first."""
        with self.store.read() as session:
            return [row for row in outbox.of_case(session, case_id) if row.kind == kind]

    def told(self, case_id: str) -> list[str]:
        """What the referrer was told, or will be."""
        return [row.code for row in self.rows(case_id, "reply")]

    def events(self, case_id: str) -> list[EventRow]:
        """The trail of a case."""
        with self.store.read() as session:
            return audit.of_case(session, case_id)

    def happened(self, case_id: str) -> list[str]:
        """The kinds of its events."""
        return [event.kind for event in self.events(case_id)]

    def clock(self, case_id: str, kind: str) -> ClockRow:
        """One clock of a case."""
        with self.store.read() as session:
            return next(row for row in clocks.of_case(session, case_id) if row.kind == kind)

    def mail_of(self, case_id: str) -> InboxRow:
        """The mail a case began with."""
        with self.store.read() as session:
            found = session.get(InboxRow, f"mail-{case_id}")
        assert found is not None
        return found

    def whole(self) -> bool:
        """Whether the audit trail is."""
        with self.store.read() as session:
            return audit.verify(session).faults == ()

    def _case(self, **changes: Any) -> CaseRow:
        values: dict[str, Any] = {
            "id": secrets.token_hex(8),
            "kenmerk": new_kenmerk(secrets.token_bytes),
            "state": State.RECEIVED,
            "practice_id": "filmwijk",
            "wijk": "Filmwijk",
            "received_at": self.now,
            "updated_at": self.now,
        }
        return CaseRow(**values | changes)

    def _mail(self, case_id: str, raw: bytes = b"") -> InboxRow:
        id_ = f"mail-{case_id}"
        envelope = Envelope(
            "x@elders.example", ("aanmelding@handover.example",), "192.0.2.1", "elders.example"
        )
        sealed = box.seal(pack(envelope, raw), self.gateway.keys.public(), f"inbox:{id_}")
        inbox.insert(self.store, [Kept(id_, self.now, f"digest-{id_}", sealed, len(raw))])
        (row,) = inbox.claim(self.store, self.now, "test", 1)
        return row

    def _organisations(self, backup: bool) -> None:
        path = self.place.directory / "config" / "organisations.toml"
        first, second = re.findall(r'^fingerprint = "([0-9A-F]{40})"', path.read_text(), re.M)
        wanted = [("de-schoor", "De Schoor", "Almere", first, 'backup = "buurtteam"' if backup else "")]
        if backup:
            wanted.append(("buurtteam", "Buurtteam", "Stedenwijk", second, ""))
        path.write_text(
            "\n".join(
                (ORGANISATION + KEY).format(
                    id=id_, name=name, serves=serves, fingerprint=fingerprint, extra=f"{extra}\n{TEAM}"
                )
                for id_, name, serves, fingerprint, extra in wanted
            )
        )


TEAM = 'team = "team@deschoor.example"'
