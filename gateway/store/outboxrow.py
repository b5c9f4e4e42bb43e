"""What waits to leave, as it stands in the columns of the outbox, and read back from them.

It promises that nothing else builds or takes apart such a row, and that what this version doesn't know is not
guessed.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.domain.codes import DeclineReason, NextStep, StopOutcome, StopReason
from gateway.domain.messages import Code, ItemKind
from gateway.domain.outgoing import (
    Alert,
    Digest,
    Handover,
    HeadAlert,
    Notice,
    Nudge,
    Outgoing,
    Particulars,
    PracticeFigures,
    Reply,
    TrailHead,
)
from gateway.domain.pathway import Recipient
from gateway.domain.wording import Item
from gateway.store.tables import OutboxRow

DIGEST, ALERT = "digest:", "alert:"
BEHEERDERS = "beheerders"
"""Stands for the administrators' own systems where a row names an organisation: none may have this id."""
KINDS: dict[type[Outgoing], str] = {
    Handover: "handover",
    Reply: "reply",
    Notice: "notice",
    Digest: "digest",
    TrailHead: "head",
    Nudge: "nudge",
    Alert: "alert",
    HeadAlert: "head_alert",
    PracticeFigures: "figures",
}
_PARTICULARS = tuple(field.name for field in fields(Particulars))
_READ: dict[str, Callable[[Any], Any]] = {
    "date": datetime.fromisoformat,
    "until": datetime.fromisoformat,
    "problems": tuple,
    "more": lambda codes: tuple(map(Code, codes)),
    "outcome": StopOutcome,
    "next_step": NextStep,
    "reason": DeclineReason,
    "stop": StopReason,
}
"""How what is no plain text is read back from JSON."""


class Status(StrEnum):
    """Where a row stands."""

    READY = "ready"
    HELD = "held"
    SENT = "sent"
    DROPPED = "dropped"


def delivery_id(once: str) -> str:
    """The id of a delivery for this purpose. A gateway that is restored from a backup gives it the same, so
    that what it sends again is known for a copy."""
    return hashlib.sha256(f"inbeeld delivery 1\0{once}".encode()).hexdigest()[:32]


def row(message: Outgoing, now: datetime, at: datetime | None = None) -> OutboxRow:
    """A message as it waits, to leave at `at`, or now."""
    kind = KINDS[type(message)]
    columns: dict[str, Any] = {"case_id": "", "code": kind, "organisation_id": None, "params": {}}
    match message:
        case Handover():
            columns |= {
                "case_id": message.case_id,
                "organisation_id": message.organisation_id,
                "once": f"{message.case_id}:{kind}:{message.turn}",
                "media_type": message.media_type,
                "sealed": message.sealed,
                "sealed_for": message.sealed_for,
                "reason": message.problem,
            }
        case Reply():
            thread = message.thread or ""
            columns |= {
                "case_id": message.case_id,
                "code": str(message.code),
                "once": f"{message.case_id}:{kind}:{message.code}:{message.once}{thread}",
                "params": _as_json(message.particulars) | ({"thread": thread} if thread else {}),
            }
        case Notice():
            whose = f"{message.organisation_id}{message.once and ':'}{message.once}"
            columns |= {
                "case_id": message.case_id,
                "organisation_id": message.organisation_id,
                "code": str(message.code),
                "once": f"{message.case_id}:{kind}:{message.code}:{whose}",
                "params": _as_json(message.particulars) | {"to": list(message.to)},
            }
        case Digest():
            columns |= {
                "code": str(Code.ADMIN_DIGEST),
                "once": f"{DIGEST}{message.serial:012d}",
                "params": {"items": _items(message.items), "upto": message.upto},
            }
        case Alert():
            columns |= {
                "organisation_id": BEHEERDERS,
                "once": f"{ALERT}{message.serial:012d}",
                "params": {
                    "items": _items(message.items),
                    "upto": message.upto,
                    "codes": list(message.codes),
                },
            }
        case HeadAlert():
            columns |= {
                "organisation_id": BEHEERDERS,
                "once": f"{kind}:{message.seq}",
                "params": {"head": message.text},
            }
        case TrailHead():
            columns |= {
                "code": str(Code.ADMIN_HEAD),
                "once": f"{kind}:{message.seq}",
                "params": {"head": message.text},
            }
        case PracticeFigures():
            columns |= {
                "code": str(Code.PRACTICE_FIGURES),
                "once": message.purpose(message.practice_id, message.period),
                "params": {
                    "practice": message.practice_id,
                    "period": message.period,
                    "cells": dict(message.cells),
                    "below": message.below,
                },
            }
        case Nudge():
            columns |= {
                "organisation_id": message.organisation_id,
                "code": "queue_changed",
                "once": f"{kind}:{message.number}",
            }
    columns["params"] = json.dumps(columns["params"], sort_keys=True)
    status = Status.HELD if columns.get("reason") else Status.READY
    columns |= {"id": delivery_id(columns["once"]), "created_at": now, "next_at": at or now}
    return OutboxRow(kind=kind, status=status, **columns)


def read(row: OutboxRow) -> Outgoing:
    """What waits in a row; raises `ValueError` or `KeyError` for what this version doesn't know."""
    given = json.loads(row.params)
    match row.kind:
        case "handover":
            return Handover(
                case_id=row.case_id,
                turn=int(turn) if (turn := row.once.rpartition(":")[2]).isdigit() else 0,
                organisation_id=row.organisation_id,
                media_type=row.media_type,
                sealed=row.sealed,
                sealed_for=row.sealed_for,
                problem=row.reason,
            )
        case "reply":
            return Reply(
                case_id=row.case_id,
                code=Code(row.code),
                particulars=_from_json(given),
                thread=given.get("thread"),
            )
        case "notice":
            return Notice(
                case_id=row.case_id,
                organisation_id=row.organisation_id or "",
                code=Code(row.code),
                particulars=_from_json(given),
                to=tuple(Recipient(who) for who in given.get("to", [Recipient.TEAM])),
            )
        case "digest":
            items = _items_of(given)
            return Digest(serial=int(row.once.removeprefix(DIGEST)), upto=given["upto"], items=items)
        case "head_alert":
            return HeadAlert(seq=int(row.once.partition(":")[2]), text=str(given["head"]))
        case "head":
            return TrailHead(seq=int(row.once.partition(":")[2]), text=str(given["head"]))
        case "alert":
            return Alert(
                serial=int(row.once.removeprefix(ALERT)),
                upto=given["upto"],
                items=_items_of(given),
                codes=tuple(given["codes"]),
            )
        case "figures":
            return PracticeFigures(
                practice_id=given["practice"],
                period=given["period"],
                cells=given["cells"],
                below=given["below"],
            )
        case "nudge":
            return Nudge(organisation_id=row.organisation_id or "", number=row.once.partition(":")[2])
    raise ValueError(row.kind)


def thread_of(row: OutboxRow) -> str | None:
    """The id of the further thread in which a reply stands, also one of a version that we don't know."""
    thread: str | None = json.loads(row.params).get("thread")
    return thread


def _items(items: Iterable[Item]) -> list[dict[str, str]]:
    return [
        {
            "kind": str(item.kind),
            "date": item.date.isoformat(),
            "kenmerk": item.kenmerk,
            "organisation": item.organisation,
            "place": item.place,
        }
        for item in items
    ]


def _items_of(given: dict[str, Any]) -> tuple[Item, ...]:
    return tuple(
        Item(
            ItemKind(item["kind"]),
            datetime.fromisoformat(item["date"]),
            item["kenmerk"],
            item["organisation"],
            item.get("place", ""),
        )
        for item in given["items"]
    )


def _as_json(particulars: Particulars) -> dict[str, Any]:
    """Those that are given, as JSON."""
    every = ((name, getattr(particulars, name)) for name in _PARTICULARS)
    given = {name: value for name, value in every if value not in (None, ())}
    return given | {name: value.isoformat() for name, value in given.items() if isinstance(value, datetime)}


def _from_json(given: dict[str, Any]) -> Particulars:
    known = {name: given[name] for name in _PARTICULARS if name in given}
    return Particulars(
        **{name: _READ[name](value) if name in _READ else value for name, value in known.items()}
    )
