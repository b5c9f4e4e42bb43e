"""How the command line speaks, and what its commands share."""

from __future__ import annotations

import json
import os
import pwd
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import chain, islice
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from gateway.errors import ConfigError

if TYPE_CHECKING:
    from gateway.app import Gateway
    from gateway.log import Log

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Now = Annotated[
    str | None,
    typer.Option("--now", help="Take this for the present moment, such as 2026-04-02T16:30 or ...Z."),
]

LOOK_AHEAD = 1000
"""So many rows of a table say how wide its columns are."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What every command gets: the working directory."""

    directory: Path

    def gateway(self, now: str | None = None, log: Log | None = None, look: bool = False) -> Gateway:
        """The gateway of the working directory, its database in shape and in use; raises `InbeeldError`. With
        `look` the database may be like anything, and is only read."""
        from gateway.store.conditions import assure_in_use
        from gateway.store.migrate import assure_current

        gateway = self.installed(now, log)
        if look:
            gateway.base.only_look()
            return gateway
        with reachable():
            assure_current(gateway.store)
            assure_in_use(gateway.store)
        return gateway

    def installed(self, now: str | None = None, log: Log | None = None) -> Gateway:
        """The same, whatever its database is like."""
        # Here and not at the top: what only asks for help needs none of it.
        from gateway.app import Gateway
        from gateway.log import Log, Nowhere

        gateway = Gateway.at(self.directory, log=log or Log(Nowhere()))
        if now is not None:
            moment = moment_of(now, gateway.timezone)
            gateway.base.now = lambda: moment
        return gateway


@contextmanager
def reachable(given: str = "") -> Iterator[None]:
    """What asks the database for the first time: one that can't be used is a mistake in the configuration, or
    in the argument that names it."""
    import sqlite3

    from sqlalchemy.exc import SQLAlchemyError

    from gateway.store.engine import no_database, why_unusable

    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        if isinstance(error, OSError) and error.filename:
            # A file of its own, which is told by its name.
            raise
        remedy = "Is it there, is there room, and is it ours? For PostgreSQL: is it running?"
        if no_database(error):
            remedy = "Restore a backup: inbeeld restore BACKUP --into NEW"
        what = f"the database {why_unusable(error)}"
        if given:
            remedy = "Is PostgreSQL running there, and are host, port, name, user and password right?"
            raise ConfigError("command line", given, what, remedy) from None
        raise ConfigError("config/inbeeld.toml", "gateway.database_url", what, remedy) from None


def postgresql(url: str, given: str) -> str:
    """An address of a PostgreSQL database from the command line; raises `typer.BadParameter`."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    wrong = typer.BadParameter("write postgresql+psycopg://USER@HOST:PORT/NAME", param_hint=given)
    try:
        named = make_url(url)
    except (ValueError, ArgumentError):
        raise wrong from None
    if named.drivername != "postgresql+psycopg":
        raise wrong
    return url


def person() -> str:
    """Who gave this command, for the audit trail: the system's user, behind `sudo` the one who asked."""
    name = pwd.getpwuid(os.getuid()).pw_name if _has_name(os.getuid()) else str(os.getuid())
    asked = os.environ.get("SUDO_USER", "") if os.getuid() == 0 else ""
    # Whoever is root could write anything here; what is written must still be a name.
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,31}", asked) and asked != name:
        name = f"{name}({asked})"
    return f"beheerder:{name}"


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def shared(context: typer.Context) -> Shared:
    """What `inbeeld` was called with before the command's name."""
    found = context.find_root().obj
    return found if isinstance(found, Shared) else Shared(Path())


def say(line: str = "", *, err: bool = False) -> None:
    """One line on standard output, at once; with `err` on standard error, for what is beside the answer."""
    typer.echo(line, err=err)
    sys.stdout.flush()


def complain(text: str) -> None:
    """What went wrong and what to do, on standard error."""
    for line in text.splitlines():
        typer.echo(f"inbeeld: {line}", err=True)


def show_json(value: Any) -> None:
    """JSON for machines: moments as ISO 8601 in UTC."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def show_json_list(values: Iterable[Any]) -> None:
    """A list as JSON, written while it is made: it may be longer than what fits in memory."""
    empty = True
    for value in values:
        text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
        typer.echo(("[\n" if empty else ",\n") + indent(text, "  "), nl=False)
        empty = False
    typer.echo("[]" if empty else "\n]")


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], timezone: ZoneInfo | None = None) -> None:
    """Columns for people, moments in their time zone; when there is nothing only the words "nothing there".

    The columns are as wide as the first rows want them: what comes after those is written while it is made.
    """

    def written(cell: Any) -> str:
        return (
            local(cell, timezone or UTC) if isinstance(cell, datetime) else "" if cell is None else str(cell)
        )

    source = ([written(cell) for cell in row] for row in rows)
    first = list(islice(source, LOOK_AHEAD))
    if not first:
        say("nothing there")
        return
    widths = [max(len(row[column]) for row in [list(head), *first]) for column in range(len(head))]
    for row in chain([list(head)], first, source):
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def agreed(question: str) -> bool:
    """Whether somebody says yes to a question; what is no terminal says no."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        say(err=True)
        return False


def local(moment: datetime | None, timezone: tzinfo) -> str:
    """A moment for people, in the gateway's time zone, to the minute."""
    return moment.astimezone(timezone).strftime("%a %Y-%m-%d %H:%M") if moment else ""


def moment_of(text: str, timezone: ZoneInfo) -> datetime:
    """The moment a person typed: ISO 8601, local time of the gateway where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("is not a moment such as 2026-04-02T16:30", param_hint="--now") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=timezone).astimezone(UTC)


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
