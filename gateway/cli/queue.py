"""`queue`: what waits to leave, what is held and why, and how to send it after all or let it go."""

from operator import itemgetter
from typing import Annotated, Any

import typer

from gateway.cli.console import Json, Now, person, say, shared, show_json, table
from gateway.errors import InbeeldError
from gateway.pipeline.retry import HANDOVER, RESTORED
from gateway.sealing.keyfacts import EXPLAINED
from gateway.store import cases, outbox

app = typer.Typer(help="What waits to leave, what is held and why.", no_args_is_help=True)

REMEDY = {
    RESTORED: "it may have left before the restore: ask, then 'queue sent', 'queue retry' or 'queue dismiss'",
    "bounced": "it came back undelivered; check the address, then try again",
    "bounced_no_mailbox": "it came back: there is no such address; call the recipient, then try again",
    "bounced_no_host": "it came back: there is no mail server for this address; call the recipient",
    "bounced_mailbox_full": "it came back: the mailbox is full; call the recipient, then try again",
    "bounced_too_large": "it came back: it was too large; call the recipient",
    "bounced_refused": "it came back: the other server refuses it; call the recipient, then try again",
    "bounced_expired": "it came back: it could not be delivered for days; call the recipient",
    "bounced_loop": "it came back: it went round in circles; call the recipient",
    "bounced_other": "it came back undelivered; check the address, then try again",
    "no_route": "nobody serves this place; add it to 'serves' of an organisation",
    "ambiguous_route": "two organisations serve this place; take it from one of them",
} | {str(code): text for code, text in EXPLAINED.items()}


@app.command("list")
def list_queue(context: typer.Context, now: Now = None, json: Json = False) -> None:
    """Show what has not left yet."""
    gateway = shared(context).gateway(now)
    with gateway.store.read() as session:
        rows: list[dict[str, Any]] = [
            {
                "id": row.id,
                "kenmerk": cases.by_id(session, row.case_id).kenmerk if row.case_id else None,
                "kind": row.kind,
                "code": row.code,
                "organisation": row.organisation_id,
                "status": row.status,
                "tries": row.attempt,
                "next": row.next_at,
                "reason": row.reason,
                "remedy": REMEDY.get(row.reason or ""),
            }
            for row in outbox.unfinished(session)
        ]
    if json:
        show_json(rows)
        return
    table(
        ("ID", "KENMERK", "WHAT", "ORGANISATION", "STATUS", "TRIES", "NEXT", "REASON"),
        map(_cells, rows),
        gateway.timezone,
    )
    for reason in sorted({row["reason"] for row in rows if row["remedy"]}):
        say(f"\n{reason}: {REMEDY[reason]}")
    if any(row["status"] == outbox.Status.HELD for row in rows):
        say("\nafter that: inbeeld queue retry KENMERK, or --all")
        say("a message that nobody needs any more: inbeeld queue dismiss ID")


def _cells(row: dict[str, Any]) -> tuple[Any, ...]:
    id_, *known = itemgetter("id", "kenmerk", "code", "organisation", "status", "tries")(row)
    return id_[:8], *known, row["next"] if row["status"] == outbox.Status.READY else "", row["reason"]


@app.command("retry")
def retry(
    context: typer.Context,
    which: Annotated[str | None, typer.Argument(help="A kenmerk, or the beginning of an id.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that is held.")] = False,
    now: Now = None,
    json: Json = False,
) -> None:
    """Try what is held again: the organisation is chosen and the referral sealed anew."""
    gateway = shared(context).gateway(now)
    with gateway.store.read() as session:
        rows = outbox.select_rows(session, None if everything else which or "", (outbox.Status.HELD,))
    results = []
    for row in rows:
        try:
            with gateway.store.write() as session:
                problem = gateway.worker.retry.retry(session, row.id, gateway.now(), person())
        except InbeeldError as error:
            problem = str(error)
        results.append({"id": row.id, "status": "held" if problem else "ready", "problem": problem})
    if json:
        show_json(results)
    else:
        for result in results:
            problem = result["problem"]
            shown = (
                f"still held: {problem}: {REMEDY.get(problem, '')}".rstrip(": ")
                if problem
                else "will be sent"
            )
            say(f"{str(result['id'])[:8]} {shown}")
        if not results:
            say("nothing is held")
    if any(result["problem"] for result in results):
        raise typer.Exit(1)


@app.command("hold")
def hold(
    context: typer.Context,
    which: Annotated[str, typer.Argument(help="A kenmerk, or the beginning of an id.")],
    now: Now = None,
) -> None:
    """Keep what waits from leaving, until 'queue retry'."""
    gateway = shared(context).gateway(now)
    with gateway.store.read() as session:
        rows = outbox.select_rows(session, which, (outbox.Status.READY,))
    for row in rows:
        with gateway.store.write() as session:
            gateway.worker.retry.hold(session, row.id, gateway.now(), person())
        say(f"{row.id[:8]} held")
    if not rows:
        say("nothing of it waits")


@app.command("sent")
def sent(
    context: typer.Context,
    which: Annotated[str | None, typer.Argument(help="A kenmerk, or the beginning of an id.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that a restore held.")] = False,
    now: Now = None,
) -> None:
    """Say that what is held since a restore had left before, so that it is not sent again."""
    gateway = shared(context).gateway(now)
    with gateway.store.read() as session:
        found = outbox.select_rows(session, None if everything else which or "", (outbox.Status.HELD,))
    rows = [row for row in found if row.reason == RESTORED]
    for row in rows:
        with gateway.store.write() as session:
            gateway.worker.retry.sent(session, row.id, gateway.now(), person())
        say(f"{row.id[:8]} counts as sent")
    if not rows:
        say("nothing of it is held since a restore")
        raise typer.Exit(1)


@app.command("dismiss")
def dismiss(
    context: typer.Context,
    which: Annotated[str, typer.Argument(help="A kenmerk, or the beginning of an id.")],
    now: Now = None,
) -> None:
    """Let held messages go unsent, when they are not needed or were told otherwise; never a referral."""
    gateway = shared(context).gateway(now)
    with gateway.store.read() as session:
        rows = outbox.select_rows(session, which, (outbox.Status.HELD,))
    messages = [row for row in rows if row.kind != HANDOVER]
    for row in messages:
        with gateway.store.write() as session:
            gateway.worker.retry.dismiss(session, row.id, gateway.now(), person())
        say(f"{row.id[:8]} will not be sent")
    if not messages:
        say("no message of it is held" if not rows else "a referral is never let go: 'inbeeld cases return'")
        raise typer.Exit(1)
