"""What is known of the cases whose clocks are due, read for all of them at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from gateway.domain.clock import rank
from gateway.domain.codes import Kind
from gateway.pipeline.reroute import Reroute
from gateway.store import cases, clocks, threads
from gateway.store.tables import CaseRow, ClockRow, ThreadRow


@dataclass(frozen=True, slots=True)
class About:
    """What is known of the cases whose clocks are due; read together."""

    cases: dict[str, CaseRow]
    deadlines: dict[str, datetime]
    further: dict[str, list[ThreadRow]]
    running: dict[str, list[ClockRow]]
    moving: set[str]
    """Those that a backup takes over at this very moment."""

    @classmethod
    def read(cls, session: Session, ids: Collection[str], reroute: Reroute, now: datetime) -> "About":
        """The cases of these ids."""
        found, running = cases.by_ids(session, ids), clocks.running(session, ids)
        moving = {
            id_
            for id_, rows in running.items()
            if any(row.kind == Kind.BACKUP and row.due_at <= now for row in rows)
            and reroute.backup_for(session, found[id_], now) is not None
        }
        deadlines = clocks.due_of(session, ids, Kind.CONTACT)
        return cls(found, deadlines, threads.of_cases(session, ids), running, moving)

    def outranked(self, clock: ClockRow, now: datetime) -> bool:
        """Whether a more serious step of the same promise is due too, of which people hear instead."""
        mine = rank(clock.kind)
        if mine >= 0 and clock.case_id in self.moving:
            return True
        others = (row for row in self.running[clock.case_id] if row.kind != Kind.BACKUP)
        return any(rank(row.kind) > mine >= 0 and row.due_at <= now for row in others)
