"""The commands together, and the one place where an error becomes a sentence and an exit code."""

import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from gateway import __version__, demo
from gateway.cli import (
    audit,
    cases,
    check,
    collect,
    handing,
    init,
    keys,
    parse,
    practices,
    quarantine,
    queue,
    report,
    route,
    serve,
    tokens,
    users,
)
from gateway.cli.console import Shared, complain
from gateway.errors import InbeeldError
from gateway.log import silence_libraries

app = typer.Typer(
    name="inbeeld",
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
    context.obj = Shared(directory)


init.register(app)
demo.register(app)
serve.register(app)
check.register(app)
parse.register(app)
route.register(app)
collect.register(app)
report.register(app)
handing.register(cases.app)
app.add_typer(cases.app, name="cases")
app.add_typer(queue.app, name="queue")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(practices.app, name="practices")
app.add_typer(keys.app, name="keys")
app.add_typer(tokens.app, name="tokens")
app.add_typer(users.app, name="users")
app.add_typer(audit.app, name="audit")


def run() -> None:
    """Carry out the command of this process."""
    silence_libraries()
    logging.captureWarnings(True)
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
