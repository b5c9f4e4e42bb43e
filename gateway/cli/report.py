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

from gateway.cli.voice import Json, Now, local, moment_of, say, shared, show_json, table
from gateway.domain.figures import COUNTS, Row, contact_at, row, suppressed
from gateway.domain.pathway import Feedback
from gateway.errors import NotFound
from gateway.store.figures import Facts, facts
from gateway.wiring import Gateway

ALL = "all"


class By(StrEnum):
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
    by: Annotated[By, typer.Option(help="What the cases are grouped by.")] = By.ORGANISATION,
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

    Numbers smaller than the pathway's `suppress_below` are hidden with --suppress, and always for a practice
    that agreed to overall figures only (feedback "geaggregeerd").
    """
    gateway = shared(context).gateway(now)
    begin, end = (moment_of(each, gateway.timezone) if each else None for each in (since, until))
    if meeting is not None:
        _meeting(gateway, meeting, json=json)
        return
    with gateway.store.read() as session:
        found = [each for each in facts(session, begin, end) if practice in (None, each.practice)]
    rows = [row(ALL, found, gateway.now())]
    for name in sorted({str(getattr(each, by)) for each in found}):
        rows.append(row(name, [each for each in found if getattr(each, by) == name], gateway.now()))
    hide = _limit(gateway, found) if suppress or _overall_only(gateway, practice, found) else 0
    shown = [_shown(each, hide) for each in rows]
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


def _shown(figures: Row, hide: int) -> dict[str, Any]:
    counts: dict[str, Any] = dict(figures.counts)
    few = bool(hide) and figures.counts["received"] < hide
    if hide:
        counts = dict(suppressed(figures.counts, hide))
    p50, p90 = figures.hours or (None, None)
    judged = figures.counts["on_time"] + figures.counts["late"]
    # A share of few, or one that gives a hidden number away, is hidden as well.
    secret = bool(hide) and (judged < hide or not counts["on_time"].isdigit() or not counts["late"].isdigit())
    return {
        "name": figures.name,
        **counts,
        "share_on_time": None if secret or figures.share_on_time is None else round(figures.share_on_time, 3),
        "p50_hours": None if secret else p50,
        "p90_hours": None if secret else p90,
        **{f"hours_{party}": None if few else round(spent, 1) for party, spent in figures.time.items()},
    }


def _overall_only(gateway: Gateway, practice: str | None, found: list[Facts]) -> bool:
    """Whether these figures are for a practice that agreed to hear nothing per patient."""
    if practice is None:
        return False
    known = gateway.agreements.practices.get(practice)
    if known is None:
        raise NotFound(f"There is no practice '{practice}' in config/practices.toml")
    pathways = gateway.agreements.pathways
    agreed = {pathways[each.pathway].feedback for each in found if each.pathway in pathways}
    return Feedback.GEAGGREGEERD in ({Feedback(known.feedback)} if known.feedback else agreed)


def _limit(gateway: Gateway, found: list[Facts]) -> int:
    """The strictest limit of the pathways that these cases followed."""
    pathways = gateway.agreements.pathways
    limits = [pathways[name].suppress_below for name in {each.pathway for each in found} if name in pathways]
    return max(limits, default=gateway.agreements.default_pathway.suppress_below)


def _print_csv(shown: list[dict[str, Any]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, shown[0].keys(), lineterminator="\r\n")
    writer.writeheader()
    # A spreadsheet takes a cell that begins with one of these for a formula.
    writer.writerows({key: _harmless(value) for key, value in each.items()} for each in shown)
    sys.stdout.write(text.getvalue())


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t" and value != "-" else value


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _meeting(gateway: Gateway, name: str, *, json: bool) -> None:
    """What a case meeting looks at: the cases of the weeks since the last one, without anybody's name."""
    pathway = gateway.agreements.pathways.get(name)
    if pathway is None or not pathway.meeting_weeks:
        raise NotFound(f"There is no pathway '{name}' with meeting_weeks in config/pathways")
    since = gateway.now() - timedelta(weeks=pathway.meeting_weeks)
    with gateway.store.read() as session:
        found = [each for each in facts(session, None, None) if each.pathway == name]
    recent = [each for each in found if _last(each) >= since]
    if json:
        show_json([asdict(each) | {"contact_at": contact_at(each.moves)} for each in recent])
        return
    say(f"{pathway.title}: {len(recent)} cases since {local(since, gateway.timezone)}")
    table(
        ("KENMERK", "PRACTICE", "ORGANISATION", "WIJK", "RECEIVED", "CONTACT", "STATE"),
        _lines(gateway, recent),
    )


def _lines(gateway: Gateway, cases: Iterable[Facts]) -> Iterable[tuple[str, ...]]:
    for each in cases:
        received, contact = (local(at, gateway.timezone) for at in (each.received_at, contact_at(each.moves)))
        yield each.kenmerk, each.practice, each.organisation, each.wijk, received, contact, each.state


def _last(case: Facts) -> datetime:
    return case.moves[-1].at if case.moves else case.received_at
