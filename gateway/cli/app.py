"""The commands together, and the one place where an error becomes a sentence and an exit code.

It promises that a command loads what it needs when it is called: `inbeeld --help` imports no database.
"""

import errno
import os
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from typer._click import Command, Context, HelpFormatter
from typer.core import TyperGroup

from gateway import __version__
from gateway.cli.console import Shared, complain
from gateway.errors import InbeeldError


class CommandPlace(NamedTuple):
    """In which module the function of its name stands, and the line that `--help` shows of it; a `group` has
    commands of its own, in the `app` of its module."""

    module: str
    help: str
    group: bool = False


COMMANDS = {
    "init": CommandPlace("gateway.cli.init", "Make a working directory with a complete trial set."),
    "demo": CommandPlace(
        "gateway.demo", 'Tell the story of one referral, for real, from mail to "in beeld".'
    ),
    "serve": CommandPlace(
        "gateway.cli.serve", "Run the gateway until it is told to stop (SIGTERM or ctrl-c)."
    ),
    "tick": CommandPlace("gateway.cli.serve", "Run every due step once and stop."),
    "backup": CommandPlace("gateway.cli.backup", "Write everything to a folder, also while it serves."),
    "restore": CommandPlace("gateway.cli.backup", "Make a working directory of a backup; it stays paused."),
    "pause": CommandPlace("gateway.cli.backup", "Let the gateway take mail in and do nothing else."),
    "resume": CommandPlace("gateway.cli.backup", "Let a paused gateway work again."),
    "migrate": CommandPlace("gateway.cli.migrate", "Bring the database to the shape this version needs."),
    "move": CommandPlace("gateway.cli.migrate", "Move everything from SQLite to PostgreSQL."),
    "check": CommandPlace("gateway.cli.check", "Check everything that can be checked without a mail."),
    "dns": CommandPlace("gateway.cli.dns", "Print every DNS record the domain needs."),
    "parse": CommandPlace("gateway.cli.parse", "Print what the reader makes of mails, one JSON line each."),
    "route": CommandPlace("gateway.cli.route", "Show who would get a referral from a place, and by when."),
    "collect": CommandPlace("gateway.cli.collect", "Collect, open and acknowledge what waits in a mailbox."),
    "report": CommandPlace(
        "gateway.cli.report", "Show how it goes: funnel, share on time, time until contact."
    ),
    "cases": CommandPlace(
        "gateway.cli.cases", "Cases: list, show, report, hand over, give back.", group=True
    ),
    "queue": CommandPlace("gateway.cli.queue", "What waits to leave or is held.", group=True),
    "quarantine": CommandPlace("gateway.cli.quarantine", "Mails that were set aside.", group=True),
    "directory": CommandPlace("gateway.cli.directory", "Who refers, who helps and where.", group=True),
    "practices": CommandPlace("gateway.cli.practices", "Who may refer.", group=True),
    "keys": CommandPlace("gateway.cli.keys", "Every key: list, import, make, change.", group=True),
    "tokens": CommandPlace("gateway.cli.tokens", "What organisations sign in to the API with.", group=True),
    "users": CommandPlace("gateway.cli.users", "Who may log in to the pages.", group=True),
    "audit": CommandPlace("gateway.cli.audit", "The audit trail: verify, export.", group=True),
}
"""Every command, in the order in which `--help` tells them."""


class Commands(TyperGroup):
    """The commands of `inbeeld`, each imported when it is called."""

    def list_commands(self, ctx: Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module = import_module(place.module)
        made = typer.Typer(rich_markup_mode=None, add_completion=False)
        # The callback keeps a single command a command of a group.
        made.callback()(lambda: None)
        if place.group:
            made.add_typer(module.app, name=cmd_name)
        else:
            made.command(cmd_name)(getattr(module, cmd_name))
        return typer.main.get_group(made).get_command(ctx, cmd_name)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The list of commands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.help) for name, place in COMMANDS.items()])


app = typer.Typer(
    name="inbeeld",
    cls=Commands,
    help="Warm handovers from general practices to organisations that help people with debts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"inbeeld {__version__}")
        raise typer.Exit


@app.callback()
def _shared(
    context: typer.Context,
    directory: Annotated[
        Path,
        typer.Option("--dir", envvar="INBEELD_DIR", help="Working directory, with config/, keys/ and data/."),
    ] = Path(),
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    # Here and not at the top: what only asks for help needs none of it.
    from gateway.log import silence_libraries

    silence_libraries()
    context.obj = Shared(directory)


def run() -> None:
    """Carry out the command of this process."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    # Everything that is made is for its owner alone, unless a file says otherwise.
    os.umask(0o077)
    try:
        app()
    except InbeeldError as error:
        complain(str(error))
        sys.exit(1)
    except BrokenPipeError:
        # Who read our output has seen enough; the interpreter must not complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        # What the machine refuses is told in a line; a mistake of ours keeps its trace.
        if (told := refused(error)) is None:
            raise
        complain(told)
        sys.exit(1)


def refused(error: Exception) -> str | None:
    """What the machine, its disks or the database refused, and what to do; None for anything else."""
    if isinstance(error, OSError):
        where = error.filename or "the output, or another file"
        if isinstance(error, PermissionError):
            return f"{where}: this user may not read or write there; see 'id'"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"{where}: the disk is full. Make room, and try again"
        if error.errno == errno.EROFS:
            return f"{where}: that disk is mounted read-only; see 'mount', and 'dmesg' for why"
        return f"{where}: {(error.strerror or type(error).__name__).lower()}"
    if "sqlalchemy" not in sys.modules:
        return None
    from gateway.store.engine import refusal

    told = refusal(error)
    return told and f"the database {told}. For more: inbeeld check"
