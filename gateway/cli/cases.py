"""`cases`: what runs, what happened to one case, and reports on it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy import ColumnElement, and_, func, select, true
from sqlmodel import Session, col

from gateway.cli.console import Json, Now, local, person, say, shared, show_json, show_json_list, table
from gateway.domain.actions import Case
from gateway.domain.attribution import PARTIES, attribution
from gateway.domain.case import ReportWord
from gateway.domain.codes import DayPart, DeclineReason, Kind, NextStep, StopOutcome
from gateway.domain.states import ENDED, IN_CONTACT, State
from gateway.errors import NotAllowed
from gateway.store import audit, cases, clocks, outbox
from gateway.store.tables import CaseRow, ClockRow, OutboxRow

AT_A_TIME = 500
"""So many cases are in memory at a time while they are listed."""

HEAD = ("KENMERK", "STATE", "CONTACT BY", "", "PRACTICE", "ORGANISATION", "WIJK", "NOTE")
_LISTED = (
    col(CaseRow.id),
    col(CaseRow.kenmerk),
    col(CaseRow.state),
    col(CaseRow.practice_id),
    col(CaseRow.organisation_id),
    col(CaseRow.wijk),
    col(CaseRow.received_at),
    col(CaseRow.urgent),
    col(CaseRow.reason),
    col(ClockRow.due_at),
    col(ClockRow.met_at),
    col(ClockRow.ended_at),
    col(ClockRow.paused_from),
)

app = typer.Typer(help="What runs, what happened, and reports on it.", no_args_is_help=True)

Kenmerk = Annotated[str, typer.Argument(help="The case's reference, such as IB-7K3F-9QXM.")]


@app.command("list")
def list_cases(
    context: typer.Context,
    state: Annotated[State | None, typer.Option(help="Only cases in this state.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    now: Now = None,
    json: Json = False,
) -> None:
    """Show the cases, those with the nearest deadline first."""
    gateway = shared(context).gateway(now)
    with gateway.store.read() as session:
        rows = listed(session, _selection(state, everything), gateway.now())
        if json:
            show_json_list(rows)
        else:
            table(HEAD, map(_cells, rows), gateway.timezone)


@app.command("show")
def show(context: typer.Context, kenmerk: Kenmerk, now: Now = None, json: Json = False) -> None:
    """Show everything about one case but the patient: events, clocks, deliveries, whose time it took."""
    gateway = shared(context).gateway(now)
    moment = gateway.now()
    with gateway.store.read() as session:
        case = cases.by_kenmerk(session, kenmerk)
        (found,) = listed(session, col(CaseRow.id) == case.id, moment)
        events = audit.of_case(session, case.id)
        times = attribution(case.received_at, audit.moments(session, case.id), moment)
        rows = clocks.of_case(session, case.id)
        deliveries = outbox.of_case(session, case.id)
    found |= {
        "events": [row.model_dump(include={"seq", "at", "kind", "actor", "data"}) for row in events],
        "clocks": [row.model_dump(exclude={"id", "case_id"}) for row in rows],
        "deliveries": [row.model_dump(exclude={"sealed", "once", "case_id", "lease"}) for row in deliveries],
        "time": {name: getattr(times, name).total_seconds() for name in PARTIES},
        "allowed": [str(event) for event in Case(State(case.state), case.fields_key is not None).reports()],
    }
    if json:
        show_json(found)
        return
    zone = gateway.timezone
    marks = [word for word, true in (("OVERDUE", found["overdue"]), ("SPOED", case.urgent)) if true]
    say("  ".join([case.kenmerk, case.state, *marks]))
    whose = {"practice": case.practice_id, "organisation": case.organisation_id, "wijk": case.wijk}
    say(", ".join(f"{name} {value or '-'}" for name, value in whose.items()))
    say(f"received {local(case.received_at, zone)}, contact by {local(found['due'], zone) or '-'}")
    say("\nevents")
    table(("", "AT", "WHAT", "WHO", "FACTS"), (("", e.at, e.kind, e.actor, e.data) for e in events), zone)
    say("\nclocks")
    table(
        ("", "CLOCK", "DUE", "FIRED", "MET", "PAUSED SINCE", "ENDED"),
        (("", c.kind, c.due_at, c.fired_at, c.met_at, c.paused_from, c.ended_at) for c in rows),
        zone,
    )
    say("\ndeliveries")
    table(
        ("", "WHAT", "STATUS", "TRIES", "NEXT", "SENT", "REASON OR RECEIPT"),
        (
            (
                "",
                f"{d.kind} {d.code}" if d.kind != d.code else d.kind,
                d.status,
                d.attempt,
                d.next_at if d.status == outbox.Status.READY else "",
                d.sent_at,
                d.reason or d.receipt_text,
            )
            for d in deliveries
        ),
        zone,
    )
    say("\ntime until contact")
    for name, seconds in found["time"].items():
        say(f"  {name.replace('_', ' '):14}{seconds / 3600:8.1f} hours")


@app.command("report")
def report(
    context: typer.Context,
    kenmerk: Kenmerk,
    event: Annotated[
        ReportWord, typer.Argument(help=f"One of: {', '.join(sorted(ReportWord))}.", metavar="EVENT")
    ],
    reason: Annotated[DeclineReason | None, typer.Option(help="With declined.")] = None,
    day_part: Annotated[DayPart | None, typer.Option(help="With attempted.")] = None,
    outcome: Annotated[StopOutcome | None, typer.Option(help="With stopped.")] = None,
    next_step: Annotated[
        str,
        typer.Option(
            help=f"With contacted or later: {', '.join(NextStep)}, or a word of the pathway.", metavar="STEP"
        ),
    ] = "",
    now: Now = None,
    json: Json = False,
) -> None:
    """Report what an organisation told, such as: contacted. Said twice, it changes nothing."""
    # Here and not at the top: who lists cases moves none.
    from gateway.pipeline.settle import Report

    gateway = shared(context).gateway(now)
    with gateway.store.read() as session:
        case = cases.by_kenmerk(session, kenmerk)
    what = Report.of(event, reason=reason, day_part=day_part, outcome=outcome, step=next_step)
    try:
        moved = gateway.worker.settle.report(case.id, what, gateway.now(), person(), "cli")
    except NotAllowed as error:
        possible = [str(one) for one in Case(State(case.state), case.fields_key is not None).reports()]
        hint = f"possible now: {', '.join(possible)}" if possible else "nothing can be reported on it now"
        raise NotAllowed(f"{error}; {hint}") from None
    with gateway.store.read() as session:
        state = cases.by_kenmerk(session, kenmerk).state
    if json:
        show_json({"kenmerk": case.kenmerk, "moved": moved, "state": state})
    elif moved:
        say(f"{case.kenmerk} is now {state}")
    else:
        say(f"{case.kenmerk} was {state} already; nothing changed")


def listed(session: Session, wanted: ColumnElement[bool], now: datetime) -> Iterator[dict[str, Any]]:
    """The cases that are wanted, those with the nearest deadline first; some at a time, however many."""
    contact = and_(col(ClockRow.case_id) == CaseRow.id, col(ClockRow.kind) == str(Kind.CONTACT))
    due = col(ClockRow.due_at)
    # In that order by itself: NULL is first in one database and last in the other.
    order = (due.is_(None), due, CaseRow.kenmerk)
    query = select(*_LISTED).select_from(CaseRow).outerjoin(ClockRow, contact).where(wanted).order_by(*order)
    found = session.connection().execute(query.execution_options(yield_per=AT_A_TIME))
    for rows in found.partitions():
        held = _held(session, [row.id for row in rows])
        for row in rows:
            yield _summary(row, held.get(row.id, []), now)


def _held(session: Session, ids: Sequence[str]) -> dict[str, list[str]]:
    """Why deliveries of these cases are held, by case."""
    found: dict[str, list[str]] = {}
    held = func.coalesce(OutboxRow.status, "") == str(outbox.Status.HELD)
    query = select(col(OutboxRow.case_id), col(OutboxRow.reason)).where(col(OutboxRow.case_id).in_(ids), held)
    for case_id, reason in session.connection().execute(query.order_by(col(OutboxRow.created_at))):
        found.setdefault(case_id, []).append(reason or "held")
    return found


def _selection(state: State | None, everything: bool) -> ColumnElement[bool]:
    if state is not None:
        return col(CaseRow.state) == str(state)
    if everything:
        return true()
    # What needs a person stays in sight, also when nobody works on it.
    hidden = [*(ENDED - {State.DECLINED, State.UNREACHABLE, State.RETURNED}), *IN_CONTACT]
    return col(CaseRow.state).not_in([str(one) for one in hidden])


def _summary(row: Any, held: list[str], now: datetime) -> dict[str, Any]:
    over = row.met_at or row.ended_at
    running = row.due_at is not None and over is None and row.paused_from is None
    return {
        "kenmerk": row.kenmerk,
        "state": row.state,
        "practice": row.practice_id,
        "organisation": row.organisation_id,
        "wijk": row.wijk,
        "received": row.received_at,
        "due": row.due_at,
        "paused": row.paused_from is not None,
        "overdue": running and row.due_at < now,
        "late": row.met_at is not None and row.met_at > row.due_at,
        "urgent": row.urgent,
        "reason": row.reason,
        "held": held,
    }


def _cells(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        row["kenmerk"],
        row["state"],
        row["due"],
        "OVERDUE" if row["overdue"] else "",
        row["practice"],
        row["organisation"],
        row["wijk"],
        ", ".join(filter(None, [row["reason"], *(f"held: {reason}" for reason in row["held"])])),
    )


@app.command("reroute")
def reroute(
    context: typer.Context,
    kenmerk: Kenmerk,
    organisation: Annotated[str, typer.Argument(help="Its id in config/organisations.toml.")],
    now: Now = None,
    json: Json = False,
) -> None:
    """Give a case to another organisation, sealed anew; the deadline stays the one it had."""
    gateway = shared(context).gateway(now)
    with gateway.store.write() as session:
        case = cases.by_kenmerk(session, kenmerk)
        gateway.worker.reroute.by_hand(session, case, organisation, gateway.now(), person())
    _tell(case.kenmerk, case.state, f"goes to {organisation}", json)


@app.command("return")
def give_back(context: typer.Context, kenmerk: Kenmerk, now: Now = None, json: Json = False) -> None:
    """Give a case back: nobody can take it, and the referrer is told so. 'cases reroute' can revive it."""
    gateway = shared(context).gateway(now)
    with gateway.store.write() as session:
        case = cases.by_kenmerk(session, kenmerk)
        try:
            gateway.worker.reroute.back(session, case, gateway.now(), person())
        except NotAllowed as error:
            raise NotAllowed(f"{error}; 'inbeeld cases show {case.kenmerk}' tells what is possible") from None
    _tell(case.kenmerk, case.state, "was given back; the referrer is told", json)


def _tell(kenmerk: str, state: str, what: str, json: bool) -> None:
    if json:
        show_json({"kenmerk": kenmerk, "state": state})
    else:
        say(f"{kenmerk} {what}")
