"""`backup`, `restore` and `resume`: from one machine to another without losing or repeating anything."""

import asyncio
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gateway.app import Gateway
from gateway.app.backup import make
from gateway.app.restore import restore as carry_out
from gateway.cli.console import (
    Json,
    Now,
    agreed,
    local,
    moment_of,
    person,
    postgresql,
    reachable,
    say,
    shared,
    show_json,
)
from gateway.domain.trail import AuditEvent
from gateway.errors import ConfigError, NotAllowed
from gateway.pipeline.resume import hold_unsent, outlook, send_all
from gateway.pipeline.schedule import utc_now
from gateway.store import audit, conditions
from gateway.store.conditions import ConditionName


class HowFar:
    """Says on standard error how far it is, whenever that has grown by a tenth."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._told: dict[str, int] = {}

    def __call__(self, what: str, done: int) -> None:
        """So much of this is done: rows, files or bytes."""
        if not self._quiet and done > self._told.get(what, 0) * 1.1:
            self._told[what] = done
            say(f"{what}: {done}", err=True)


def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="DIR")],
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Leave keys/ out: keep them in another place.")
    ] = False,
    now: Now = None,
    json: Json = False,
) -> None:
    """Write everything that a gateway needs to go on elsewhere to a folder; safe while it serves.

    The database as of one moment, the configuration and the keys, with a manifest that says what is there.
    Whoever has database and keys together can read what waits: keep them apart, or the folder encrypted.
    """
    gateway = shared(context).installed(now)
    with reachable():
        manifest = make(gateway, folder, keys=not without_keys, now=gateway.now(), told=HowFar(quiet=json))
        try:
            with gateway.store.write() as session:
                head = manifest.head.partition(":")[0]
                audit.append(
                    session,
                    AuditEvent.BACKUP_MADE,
                    now=gateway.now(),
                    actor=person(),
                    head=head,
                    keys=manifest.keys,
                )
        finally:
            gateway.store.close()
    if json:
        show_json(asdict(manifest) | {"folder": str(folder)})
        return
    cases, events = manifest.counts.get("cases", 0), manifest.counts.get("events", 0)
    say(f"made {folder}: {cases} cases, {events} events, shape {manifest.shape}, head {manifest.head}")
    say(
        "the keys are in it: whoever has this folder can read what waits"
        if manifest.keys
        else "the keys are not in it"
    )
    for path in manifest.outside:
        say(f"not in it: {path}")
    with_keys = "" if manifest.keys else " --keys COPY-OF-KEYS"
    say(f"try it now and then: inbeeld restore {folder} --into SOME-NEW-FOLDER{with_keys}")


def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The backup.", metavar="BACKUP")],
    into: Annotated[
        Path, typer.Option(help="The new working directory: a new or empty folder.", metavar="DIR")
    ],
    keys: Annotated[
        Path | None,
        typer.Option(help="The folder keys/, if the backup holds none."),
    ] = None,
    database: Annotated[
        str,
        typer.Option(
            envvar="INBEELD_RESTORE_DATABASE",
            help="Restore into this empty PostgreSQL database (postgresql+psycopg://…) instead of SQLite.",
        ),
    ] = "",
    now: Now = None,
    json: Json = False,
) -> None:
    """Make a working directory of a backup, after checking all of it. It stays paused until `inbeeld resume`.

    Paused, it takes mail in and keeps it; it reads none, sends nothing, and tells nobody that they are late.
    Nothing that is there is written over, and a database that the old configuration names is never touched.
    """
    if database:
        postgresql(database, "--database")
    moment = moment_of(now, ZoneInfo("UTC")) if now else utc_now()
    for given in filter(None, (folder, keys)):
        _readable(given)
    with reachable("--database" if database else ""):
        done = carry_out(
            folder,
            into,
            keys=keys,
            database_url=database,
            now=moment,
            actor=person(),
            told=HowFar(quiet=json),
        )
    if json:
        show_json(asdict(done) | {"into": str(into), "paused": True})
        return
    cases = done.manifest.counts.get("cases", 0)
    say(f"restored {into}: {cases} cases; the audit trail is whole, head {done.manifest.head}")
    say(f"it is of {done.manifest.as_of:%Y-%m-%d %H:%M} UTC, and paused: it takes mail in and sends nothing")
    if done.migrated:
        say(f"its database was brought from shape {done.manifest.shape} to that of this version")
    for path in done.outside:
        say(f"was not in the backup: {path}")
    say("next:")
    say("  1. see to it that the old gateway runs nowhere any more")
    say(f"  2. inbeeld --dir {into} check")
    say(f"  3. inbeeld --dir {into} serve")
    say(f"  4. inbeeld --dir {into} resume")


def _readable(folder: Path) -> None:
    """Raise `ConfigError` unless this user may read the folder and all that is in it."""
    # "Is not there" would be wrong of what only this user can't see.
    remedy = "Give it to this user (see 'id') in a folder that everybody may enter, such as /tmp"
    try:
        folder.stat()
        for path in (folder, *sorted(folder.rglob("*"))):
            if path.exists() and not os.access(path, os.R_OK | (os.X_OK if path.is_dir() else 0)):
                raise ConfigError(str(path), "folder", "this user may not read it", remedy)
        if not folder.is_dir():
            raise ConfigError(str(folder), "folder", "is no folder", "Name the folder")
    except FileNotFoundError:
        raise ConfigError(str(folder), "folder", "is not there", "Name the folder") from None
    except PermissionError:
        raise ConfigError(str(folder), "folder", "this user may not read it", remedy) from None


def pause(context: typer.Context, now: Now = None) -> None:
    """Let the gateway stand still: it takes mail in and keeps it, and nothing else, until `inbeeld resume`.

    For a database that came back otherwise than by `inbeeld restore` (a snapshot of a disk, PostgreSQL's own
    recovery), before `serve` is started on it; and for whoever must stop everything. A gateway that serves
    stands still within seconds.
    """
    gateway = shared(context).gateway(now)
    moment = gateway.now()
    with gateway.store.write() as session:
        if conditions.of(session, ConditionName.PAUSED):
            raise NotAllowed("The gateway is paused already")
        conditions.begin(session, ConditionName.PAUSED, moment, as_of=moment.isoformat(), why="asked")
        audit.append(session, AuditEvent.GATEWAY_PAUSED, now=moment, actor=person())
    gateway.store.close()
    say("the gateway is paused: it takes mail in and sends nothing; go on with: inbeeld resume")


def resume(
    context: typer.Context,
    send: Annotated[
        bool,
        typer.Option(
            "--send/--hold-unsent", help="Let what waited at the backup leave, or hold it (as if not said)."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    now: Now = None,
    json: Json = False,
) -> None:
    """Let a paused gateway work again, after showing what it will do.

    What waited to leave when the backup was made, or when it was paused, may have left since. Without --send
    all of it is held, with what follows from the mails that waited and the clocks that were due: decide one
    by one with `inbeeld queue retry`, `inbeeld queue sent` or `inbeeld queue dismiss`. With --send it leaves,
    as is right when the old gateway was stopped before the backup was made, or nothing was restored. What
    came in since then leaves in any case.
    """
    gateway = shared(context).gateway(now)
    moment = gateway.now()
    found = outlook(gateway.store, moment)
    if not json:
        zone = gateway.timezone
        if found.as_of < found.since:
            say(f"the backup is of {local(found.as_of, zone)}")
        say(f"it is paused since {local(found.since, zone)}")
        told = ", ".join(f"{number} {kind}" for kind, number in sorted(found.unsent.items()))
        say(f"waited to leave then: {told or 'nothing'}")
        say(f"mails that waited to be read then: {found.mails}; that came since: {found.new_mails}")
        say(f"clocks that are due now: {found.due}; made since, to leave now: {found.fresh}")
        if found.in_mailboxes:
            say(f"in mailboxes: {found.in_mailboxes}; who had one before gets it again, by the same id")
        say(
            "all of it will be sent, also what left before"
            if send
            else "what waited then, and what follows from it, will be held: see 'inbeeld queue list'"
        )
    if not yes and not json and not agreed("go on?"):
        raise NotAllowed("Nothing was changed: the gateway stays paused (a script says --yes)")
    held = 0
    if send:
        send_all(gateway.store, moment, person())
    else:
        held = asyncio.run(_hold(gateway))
    if json:
        show_json(asdict(found) | {"held": held, "sent": send})
        return
    say(f"the gateway goes on; {held} held" if not send else "the gateway goes on")


async def _hold(gateway: Gateway) -> int:
    try:
        schedule = gateway.worker.schedule()
        return await hold_unsent(gateway.store, schedule.drain, gateway.now(), person())
    finally:
        await gateway.close()
