"""`report`: the figures over many cases, for people (table), spreadsheets (CSV) and machines (JSON)."""

import csv
import io
import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Annotated, Any

import typer

from gateway.app import Gateway
from gateway.app.pages import agreed_of
from gateway.cli.console import Json, Now, local, moment_of, say, shared, show_json, table
from gateway.directory.snapshot import Directory
from gateway.domain.attribution import PARTIES
from gateway.errors import NotFound
from gateway.statistics.counting import Counting
from gateway.statistics.disclosure import Shown, without_collecting
from gateway.statistics.disclosure import show as disclosed
from gateway.statistics.figures import COUNTS, ENDINGS, row
from gateway.statistics.filters import Grouping
from gateway.statistics.rows import facts, moved
from gateway.statistics.sheet import limits_of, question_of, regrouped
from gateway.statistics.tallies import Answer, FiguresQuestion, Tallies
from gateway.web.cells import harmless

ALL = "all"
BATCHES = 40
"""So many are counted between two lines that say how far it is."""


class ReportBy(StrEnum):
    """What the cases are grouped by."""

    ORGANISATION = "organisation"
    WIJK = "wijk"
    PRACTICE = "practice"
    PATHWAY = "pathway"
    GEMEENTE = "gemeente"
    THEME = "theme"


def report(
    context: typer.Context,
    since: Annotated[str | None, typer.Option("--from", help="Received from this moment on.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Received before this moment.")] = None,
    by: Annotated[ReportBy, typer.Option(help="What the cases are grouped by.")] = ReportBy.ORGANISATION,
    practice: Annotated[str | None, typer.Option(help="Only the cases of this practice, by its id.")] = None,
    organisation: Annotated[
        str | None, typer.Option(help="Only what belongs to this organisation, by its id.")
    ] = None,
    gemeente: Annotated[str | None, typer.Option(help="Only the cases from this gemeente.")] = None,
    wijk: Annotated[str | None, typer.Option(help="Only the cases from this wijk.")] = None,
    theme: Annotated[str | None, typer.Option(help="Only the cases about this theme, by its name.")] = None,
    pathway: Annotated[str | None, typer.Option(help="Only the cases of this pathway, by its name.")] = None,
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
    """Show how it goes: funnel, share on time, time until contact, and how support ended.

    By organisation a case counts for the one that had it at contact, or at the deadline if that came first.
    Numbers smaller than the pathway's `suppress_below` are hidden with --suppress, and always in figures of
    one practice, or by practice, if one of those agreed to overall figures only (feedback "geaggregeerd").
    Each row follows the strictest of its own pathways, the total that of all.
    """
    gateway = shared(context).gateway(now)
    if meeting is not None:
        _meeting(gateway, meeting, json=json)
        return
    begin, end = (moment_of(each, gateway.timezone) if each else None for each in (since, until))
    given = {
        ReportBy.PRACTICE: practice,
        ReportBy.ORGANISATION: organisation,
        ReportBy.GEMEENTE: gemeente,
        ReportBy.WIJK: wijk,
        ReportBy.THEME: theme,
        ReportBy.PATHWAY: pathway,
    }
    only = {Grouping[kind.name]: value for kind, value in given.items() if value is not None}
    _assure_known(gateway.base.directory(), given)
    agreed, grouping = agreed_of(gateway.base), Grouping[by.name]
    found = _answer(gateway, replace(question_of(grouping, only, agreed), since=begin, until=end))
    found = regrouped(found, grouping, agreed)
    limits = limits_of(found, grouping, only, agreed, few=suppress)
    rows = [
        row(name, found.groups[name], name if by is ReportBy.ORGANISATION else organisation)
        for name in sorted(found.groups)
    ]
    whole = row(ALL, found.total, organisation)
    total, (parts,) = disclosed(whole, [rows], COUNTS, limits.total, limits.groups)
    if by is ReportBy.ORGANISATION:
        parts = [without_collecting(each) if each.name in agreed.unseen else each for each in parts]
    if organisation in agreed.unseen:
        total = without_collecting(total)
    shown = [_flat(total, ""), *(_flat(each, by) for each in parts)]
    if json:
        below = limits.total or None
        show_json({"by": by, "from": begin, "to": end, "suppressed_below": below, "rows": shown})
    elif as_csv:
        _print_csv(shown)
    else:
        _print_tables(by, shown)


def _assure_known(known: Directory, given: Mapping[ReportBy, str | None]) -> None:
    """Raise `NotFound` for an id or name of nothing: figures of nobody look like figures of little."""
    there: Mapping[ReportBy, Collection[str]] = {
        ReportBy.PRACTICE: known.practices,
        ReportBy.ORGANISATION: known.organisations,
        ReportBy.GEMEENTE: set(known.gemeenten.values()),
        ReportBy.WIJK: known.gemeenten,
        ReportBy.THEME: known.themes,
        ReportBy.PATHWAY: known.pathways,
    }
    for kind, value in given.items():
        if value is not None and value not in there[kind]:
            other = next((each for each in there if value in there[each]), None)
            hint = f"; that is one for --{other}" if other else ""
            raise NotFound(f"There is no {kind} '{value}' in the directory{hint}")


def _print_tables(by: ReportBy, shown: list[dict[str, Any]]) -> None:
    def columns(*names: str) -> list[list[Any]]:
        return [[each[name] for name in ("name", *names)] for each in shown]

    head = (by.upper(), *(name.upper().replace("_", " ") for name in COUNTS), "SHARE", "P50 H", "P90 H")
    rows = (
        (*row, _percent(each["share_on_time"]), each["p50_hours"], each["p90_hours"])
        for row, each in zip(columns(*COUNTS), shown, strict=True)
    )
    table(head, rows)
    say("\nmean hours until contact, by who had the turn")
    head = ("", "GATEWAY", "NOT COLLECTED", "ORGANISATION", "REFERRER")
    table(head, columns(*(f"hours_{party}" for party in PARTIES)))
    say("\nhow support ended")
    head = ("", *(name.removeprefix("outcome_").upper().replace("_", " ") for name in ENDINGS))
    table(head, columns(*ENDINGS))


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


def _flat(shown: Shown, kind: str) -> dict[str, Any]:
    return {
        "name": shown.name,
        **shown.counts,
        "share_on_time": shown.share_on_time,
        "p50_hours": shown.p50_hours,
        "p90_hours": shown.p90_hours,
        **{f"hours_{party}": hours for party, hours in shown.time.items()},
        # A practice and an organisation may have the same id.
        "kind": kind or "total",
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
    recent = [each for each in found if each.last_at >= since]
    if json:
        show_json([asdict(each) | {"contact_at": each.contact_at(each.stood())} for each in recent])
        return
    say(f"{pathway.title}: {len(recent)} cases since {local(since, gateway.timezone)}")
    whose = attrgetter("kenmerk", "practice", "organisation", "wijk")
    table(
        ("KENMERK", "PRACTICE", "ORGANISATION", "WIJK", "RECEIVED", "CONTACT", "STATE"),
        ((*whose(each), each.received_at, each.contact_at(each.stood()), each.state) for each in recent),
        gateway.timezone,
    )
