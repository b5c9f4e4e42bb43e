"""`report`: the figures over many cases, for people (table), spreadsheets (CSV) and machines (JSON)."""

import csv
import io
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer

from gateway.app import Gateway
from gateway.cli.console import Json, Now, local, moment_of, say, shared, show_json, table
from gateway.errors import NotFound
from gateway.statistics.cells import harmless
from gateway.statistics.counting import Counting
from gateway.statistics.disclosure import Shown, limit, overall_only, without_collecting
from gateway.statistics.disclosure import show as disclosed
from gateway.statistics.facts import CaseFacts
from gateway.statistics.figures import COUNTS, row
from gateway.statistics.rows import facts, moved
from gateway.statistics.tallies import Answer, FiguresQuestion, Tallies

ALL = "all"
BATCHES = 40
"""So many are counted between two lines that say how far it is."""


class ReportBy(StrEnum):
    """What the cases are grouped by."""

    ORGANISATION = "organisation"
    WIJK = "wijk"
    PRACTICE = "practice"
    PATHWAY = "pathway"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    context: typer.Context,
    since: Annotated[str | None, typer.Option("--from", help="Received from this moment on.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Received before this moment.")] = None,
    by: Annotated[ReportBy, typer.Option(help="What the cases are grouped by.")] = ReportBy.ORGANISATION,
    practice: Annotated[str | None, typer.Option(help="Only the cases of this practice, by its id.")] = None,
    suppress: Annotated[
        bool, typer.Option("--suppress", help="Hide small numbers: for anybody but the administrator.")
    ] = False,
    meeting: Annotated[
        str | None, typer.Option(help="The overview for a pathway's case meeting, by its name.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV for spreadsheets.")] = False,
    now: Now = None,
    json: Json = False,
) -> None:
    """Show how it goes: funnel, share on time, time until contact (median and 90th percentile).

    By organisation a case counts for the one that had it at contact, or at the deadline if that came first.
    Numbers smaller than the pathway's `suppress_below` are hidden with --suppress, and always in figures of
    one practice, or by practice, if one of those agreed to overall figures only (feedback "geaggregeerd").
    """
    gateway = shared(context).gateway(now)
    begin, end = (moment_of(each, gateway.timezone) if each else None for each in (since, until))
    if meeting is not None:
        _meeting(gateway, meeting, json=json)
        return
    if practice is not None and practice not in gateway.base.directory().practices:
        raise NotFound(f"There is no practice '{practice}' in config/practices.toml")
    only = {} if practice is None else {"practice": practice}
    found = _answer(gateway, FiguresQuestion(by, since=begin, until=end, only=only))
    rows = [
        row(name, found.groups[name], name if by is ReportBy.ORGANISATION else None)
        for name in sorted(found.groups)
    ]
    known = gateway.base.directory()
    feedback = {each.id: each.feedback or "" for each in known.practices.values()}
    alone = practice is not None or by is ReportBy.PRACTICE
    hidden = suppress or (alone and overall_only(found.agreements, feedback, known.pathways))
    hide = limit(found.pathways, known.pathways, known.default_pathway) if hidden else 0
    total, (parts,) = disclosed(row(ALL, found.total), [rows], COUNTS, hide)
    if by is ReportBy.ORGANISATION:
        # A mail tells nothing of when it is collected.
        mailed = {id_ for id_, each in known.organisations.items() if each.adapter == "mail"}
        parts = [without_collecting(each) if each.name in mailed else each for each in parts]
    _show(by, begin, end, hide, [_flat(each) for each in (total, *parts)], json=json, as_csv=as_csv)


def _show(
    by: ReportBy,
    begin: datetime | None,
    end: datetime | None,
    hide: int,
    shown: list[dict[str, Any]],
    *,
    json: bool,
    as_csv: bool,
) -> None:
    if json:
        show_json({"by": by, "from": begin, "to": end, "suppressed_below": hide or None, "rows": shown})
    elif as_csv:
        _print_csv(shown)
    else:
        head = (by.upper(), *(name.upper().replace("_", " ") for name in COUNTS), "SHARE", "P50 H", "P90 H")
        table(
            head,
            (
                (
                    each["name"],
                    *(each[name] for name in COUNTS),
                    _percent(each["share_on_time"]),
                    each["p50_hours"],
                    each["p90_hours"],
                )
                for each in shown
            ),
        )
        say("\nmean hours until contact, by who had the turn")
        table(
            ("", "GATEWAY", "NOT COLLECTED", "ORGANISATION", "REFERRER"),
            (
                (
                    each["name"],
                    *(
                        each[f"hours_{party}"]
                        for party in ("gateway", "not_collected", "organisation", "referrer")
                    ),
                )
                for each in shown
            ),
        )


def _answer(gateway: Gateway, question: FiguresQuestion) -> Answer:
    """The figures of everything: what the worker did not count yet is counted first."""
    tallies = Tallies(gateway.store, gateway.timezone)
    found = tallies.answer(question, gateway.now())
    while found.percent < 100:
        say(f"the history is counted for the first time: {found.percent} percent is done", err=True)
        counting = Counting(gateway.store, gateway.timezone)
        for _ in range(BATCHES):
            counting.batch()
        found = tallies.answer(question, gateway.now())
    return found


def _flat(shown: Shown) -> dict[str, Any]:
    return {
        "name": shown.name,
        **shown.counts,
        "share_on_time": shown.share_on_time,
        "p50_hours": shown.p50_hours,
        "p90_hours": shown.p90_hours,
        **{f"hours_{party}": hours for party, hours in shown.time.items()},
    }


def _print_csv(shown: list[dict[str, Any]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, shown[0].keys(), lineterminator="\r\n")
    writer.writeheader()
    # A spreadsheet takes a cell that begins with one of these for a formula.
    writer.writerows({key: harmless(value) for key, value in each.items()} for each in shown)
    sys.stdout.write(text.getvalue())


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _meeting(gateway: Gateway, name: str, *, json: bool) -> None:
    """What a case meeting looks at: the cases of the weeks since the last one, without anybody's name."""
    pathway = gateway.base.directory().pathways.get(name)
    if pathway is None or not pathway.meeting_weeks:
        raise NotFound(f"There is no pathway '{name}' with meeting_weeks in config/pathways")
    since = gateway.now() - timedelta(weeks=pathway.meeting_weeks)
    with gateway.store.read() as session:
        found = [each for _, each in facts(session, moved(session, since)) if each.pathway == name]
    # What is recorded about a case without moving it makes it no newer.
    recent = [each for each in found if _last(each) >= since]
    if json:
        show_json([asdict(each) | {"contact_at": each.contact_at(each.stood())} for each in recent])
        return
    say(f"{pathway.title}: {len(recent)} cases since {local(since, gateway.timezone)}")
    table(
        ("KENMERK", "PRACTICE", "ORGANISATION", "WIJK", "RECEIVED", "CONTACT", "STATE"),
        _lines(gateway, recent),
    )


def _lines(gateway: Gateway, cases: Iterable[CaseFacts]) -> Iterable[tuple[str, ...]]:
    for each in cases:
        moments = (each.received_at, each.contact_at(each.stood()))
        received, contact = (local(at, gateway.timezone) for at in moments)
        yield each.kenmerk, each.practice, each.organisation, each.wijk, received, contact, each.state


def _last(case: CaseFacts) -> datetime:
    return case.moves[-1].at if case.moves else case.received_at
