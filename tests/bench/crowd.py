"""A store full of invented cases, in the states and proportions of a gateway that has run for years.

Nothing in it was ever sealed: where a blob would stand, bytes of its size do. Its events are chained and each
case came by a mail: `audit verify` finds it whole.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert

from gateway.domain.case import new_kenmerk
from gateway.domain.codes import Kind
from gateway.domain.pathway import Pathway
from gateway.domain.states import ENDED, IN_CONTACT, State
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, ClockRow, EventRow, InboxRow, OutboxRow

CHUNK = 5_000
WRAPPED, FIELDS = 1_250, 200
"""Bytes of a case's key as it is wrapped, and of the fields that it seals."""

STATES = {
    State.CLOSED: 550,
    State.STOPPED: 100,
    State.IN_SUPPORT: 100,
    State.CONTACTED: 45,
    State.INTAKE_PLANNED: 30,
    State.NO_SHOW: 5,
    State.WITHDRAWN: 8,
    State.DECLINED: 5,
    State.RETURNED: 4,
    State.UNREACHABLE: 6,
    State.QUARANTINED: 1,
    State.NEEDS_INFO: 14,
    State.ROUTED: 6,
    State.DELIVERED: 46,
    State.COLLECTED: 50,
    State.ATTEMPTED: 30,
}
"""How many of a thousand cases are in a state."""

OPEN = frozenset(State) - ENDED - IN_CONTACT - {State.QUARANTINED} | {State.UNREACHABLE}
WALK = ("received", "routed", "delivered", "collected", "contacted", "intake_planned", "stopped", "closed")
CLOCKS = (
    (Kind.COLLECT, 1.0),
    (Kind.WARN, 2.0),
    (Kind.URGE, 2.7),
    (Kind.CONTACT, 3.0),
    (Kind.BACKUP, 4.0),
    (Kind.RETIRE, 400.0),
)
"""The clocks of a case and after how many days each is due."""


def fill(
    store: Store,
    number: int,
    now: datetime,
    organisations: list[str],
    practices: list[str],
    wijken: list[str],
) -> list[str]:
    """That many cases; gives the kenmerken of some that run."""
    chance = random.Random(1)
    pathway = Pathway(name="bench", title="Bench").to_json()
    states = chance.choices(list(STATES), weights=list(STATES.values()), k=number)
    drawn: set[str] = set()
    running: list[str] = []

    def rows() -> Iterator[dict[str, Any]]:
        for at, state in enumerate(states):
            runs = state in OPEN
            # One in thirty of those that run is late, by some hours.
            days = chance.uniform(0, 3.1) if runs else chance.uniform(4, 1500)
            kenmerk = new_kenmerk(chance.randbytes)
            while kenmerk in drawn:
                kenmerk = new_kenmerk(chance.randbytes)
            drawn.add(kenmerk)
            if runs and len(running) < 500:
                running.append(kenmerk)
            kept = runs or (state is State.DECLINED and chance.random() < 0.1)
            yield {
                "id": f"{at:032x}",
                "kenmerk": kenmerk,
                "state": str(state),
                "version": len(_walk(state)),
                "practice_id": chance.choice(practices),
                "organisation_id": None if state is State.QUARANTINED else chance.choice(organisations),
                "wijk": chance.choice(wijken),
                "received_at": now - timedelta(days=days),
                "updated_at": now - timedelta(days=days / 2),
                "pathway": pathway,
                "urgent": chance.random() < 0.05,
                "fields_key": chance.randbytes(WRAPPED) if kept else None,
                "sealed_fields": chance.randbytes(FIELDS) if kept else None,
                "thread_key": None if state is State.CLOSED else chance.randbytes(WRAPPED),
                "sealed_thread": None if state is State.CLOSED else chance.randbytes(FIELDS),
                "phone_mac": f"p{at:031x}",
            }

    source, seq, before = rows(), 0, audit.START
    while chunk := list(islice(source, CHUNK)):
        events = [event for case in chunk for event in _events(case)]
        for event in events:
            seq += 1
            before = audit.chained(before, seq, audit.NewEvent(**event))
            event |= {"seq": seq, "hash": before}
        with store.write() as session:
            connection = session.connection()
            connection.execute(insert(CaseRow), chunk)
            connection.execute(insert(ClockRow), [clock for case in chunk for clock in _clocks(case)])
            connection.execute(insert(EventRow), events)
            connection.execute(insert(InboxRow), [_mail(case) for case in chunk])
            connection.execute(
                insert(OutboxRow), [row for case in chunk for row in _deliveries(case, chance)]
            )
    return running


def _clocks(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    state, received = State(case["state"]), case["received_at"]
    for kind, days in CLOCKS:
        if state is State.QUARANTINED and kind != Kind.RETIRE:
            continue
        met = None if state in OPEN or kind == Kind.RETIRE else received + timedelta(days=1)
        yield {
            "case_id": case["id"],
            "kind": str(kind),
            "due_at": received + timedelta(days=days),
            "tell": "",
            "fired_at": None,
            "met_at": met,
            "paused_from": received if state is State.NEEDS_INFO and kind != Kind.RETIRE else None,
        }


def _walk(state: str) -> tuple[str, ...]:
    return WALK[: WALK.index(state) + 1] if state in WALK else ("received", state)


def _mail(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"m{case['id'][1:]}",
        "received_at": case["received_at"],
        "digest": case["id"],
        "size": 1_200,
        "outcome": "quarantine" if case["state"] == State.QUARANTINED else "case",
        "case_id": case["id"],
        "practice_id": case["practice_id"],
    }


def _events(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for step, kind in enumerate(_walk(case["state"])):
        yield {
            "at": case["received_at"] + timedelta(hours=step),
            "kind": f"case.{kind}",
            "actor": "gateway",
            "case_id": case["id"],
            "inbox_id": f"m{case['id'][1:]}" if not step else None,
            "data": '{"state":"' + kind + '"}',
        }


def _deliveries(case: dict[str, Any], chance: random.Random) -> Iterator[dict[str, Any]]:
    if case["state"] == State.QUARANTINED:
        return
    for kind, code in (("reply", "receipt"), ("handover", "handover"), ("notice", "org_warn")):
        status, reason, sealed = "sent", None, None
        if kind == "handover" and case["state"] == State.ROUTED:
            # Some can't leave, some are tried again, most have just been made.
            status, sealed = "ready", chance.randbytes(9_000)
            draw = chance.random()
            if draw < 0.15:
                status, reason = "held", "expired"
            elif draw < 0.35:
                reason = "relay_unreachable"
        yield {
            "id": f"{kind[0]}{case['id'][1:]}",
            "once": f"{case['id']}:{kind}:1",
            "case_id": case["id"],
            "kind": kind,
            "code": code,
            "organisation_id": None if kind == "reply" else case["organisation_id"],
            "status": status,
            "media_type": "application/pgp-encrypted" if kind == "handover" else None,
            "sealed": sealed,
            "params": "{}",
            "created_at": case["received_at"],
            "next_at": case["received_at"],
            "attempt": 1,
            "reason": reason,
            "sent_at": case["received_at"] if status == "sent" else None,
        }
