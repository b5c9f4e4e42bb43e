"""`audit`: prove afterwards what happened."""

import json as jsonlib
from dataclasses import asdict
from typing import Annotated

import typer

from gateway.app.watch import note_verified
from gateway.cli.console import Json, say, shared, show_json
from gateway.store import audit

app = typer.Typer(help="Prove afterwards what happened.", no_args_is_help=True)


@app.command("verify")
def verify(
    context: typer.Context,
    since: Annotated[
        str, typer.Option(metavar="SEQ:HASH", help="Believe the chain up to this head, verified before.")
    ] = "",
    json: Json = False,
) -> None:
    """Recompute the chain of events, and reconcile every accepted mail with what became of it."""
    gateway = shared(context).gateway()
    try:
        head = audit.Head.parse(since) if since else audit.BEGINNING
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None
    with gateway.store.snapshot() as session:
        found = audit.verify(session, head)
    note_verified(gateway.settings.data_dir, found, gateway.base.wall())
    if json:
        show_json(asdict(found) | {"ok": not found.faults})
    else:
        say(f"{found.events} events, the last one {audit.Head(found.events, found.head)}")
        mails = ", ".join(f"{number} {outcome}" for outcome, number in sorted(found.mails.items()))
        say(f"{sum(found.mails.values())} mails: {mails or 'none'}; {found.cases} cases")
        if found.doubles:
            say(f"{found.doubles} running cases are about a number that another one is about too")
        for fault in found.faults:
            say(f"FAULT {fault}")
        say(
            "all is well"
            if not found.faults
            else f"{len(found.faults)} faults: restore from a backup and compare"
        )
    if found.faults:
        raise typer.Exit(1)


@app.command("export")
def export(context: typer.Context) -> None:
    """Print every event as one JSON line, oldest first."""
    gateway = shared(context).gateway()
    with gateway.store.read() as session:
        for row in audit.export(session):
            fields = row.model_dump(mode="json") | {"data": jsonlib.loads(row.data)}
            say(jsonlib.dumps(fields, ensure_ascii=False))
