"""`migrate` and `move`: the only commands that change the shape or the place of the database."""

from dataclasses import asdict
from typing import Annotated

import typer

from gateway.app.moving import move as carry_out
from gateway.cli.backup import HowFar
from gateway.cli.console import Json, person, postgresql, reachable, say, shared, show_json
from gateway.domain.trail import AuditEvent
from gateway.errors import ConfigError, NotAllowed
from gateway.store import audit
from gateway.store.engine import DATABASE, Store
from gateway.store.migrate import assure_current, missing, shape_of
from gateway.store.migrate import migrate as bring_in_shape


def migrate(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be done; exit code 1 if something is.")
    ] = False,
    new: Annotated[bool, typer.Option("--new", help="Make a database where there is none.")] = False,
) -> None:
    """Bring the database to the shape this version needs. Safe to repeat; no other command does it.

    Stop the gateway and make a backup first: there is no way back to the older shape but that backup.
    """
    gateway = shared(context).installed()
    url, folder = gateway.settings.gateway.database_url, gateway.settings.data_dir
    if new and not url and not dry_run and not (folder / DATABASE).exists():
        Store.at(folder).close()
    store = gateway.store
    with reachable():
        shape, wanted = shape_of(store), missing(store)
        if shape is None and not new:
            remedy = "If it is to be a new gateway: inbeeld migrate --new. Otherwise restore a backup"
            raise ConfigError("database", "shape", "holds nothing of ours", remedy)
        for number, what in wanted:
            say(f"{number} {what}")
        if not wanted:
            say("the database is in shape")
        elif dry_run:
            say(f"{len(wanted)} to do; nothing was changed")
            store.close()
            raise typer.Exit(1)
        else:
            bring_in_shape(store)
            with store.write() as session:
                facts = {"before": shape or "", "after": wanted[-1][0]}
                audit.append(
                    session, AuditEvent.DATABASE_MIGRATED, now=gateway.now(), actor=person(), **facts
                )
            say("the database is in shape")
        store.close()


def move(
    context: typer.Context,
    database: Annotated[
        str, typer.Argument(help="An empty PostgreSQL database.", metavar="postgresql+psycopg://…")
    ],
    json: Json = False,
) -> None:
    """Copy everything from SQLite to PostgreSQL, count and verify it, and mark the file as left.

    Stop the gateway first. The file stays where it is, and `serve` refuses it from then on. A password can
    stand in ~/.pgpass instead of on the command line.
    """
    gateway = shared(context).gateway()
    if not gateway.store.sqlite:
        raise NotAllowed("This gateway keeps everything in PostgreSQL already")
    target = postgresql(database, "DATABASE")
    with reachable():
        assure_current(gateway.store)
    with reachable("DATABASE"):
        done = carry_out(
            gateway.store, gateway.settings.data_dir, target, gateway.now(), person(), HowFar(quiet=json)
        )
        gateway.store.close()
    if json:
        show_json(asdict(done) | {"head": str(done.head)})
        return
    say(f"moved to {done.to}: {done.counts['cases']} cases, {done.counts['events']} events, head {done.head}")
    say("the copy holds as much in every table, and its audit trail is whole")
    say("next: set gateway.database_url in config/inbeeld.toml to it, then: inbeeld check; inbeeld serve")
