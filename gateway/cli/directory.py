"""`directory`: who refers, who helps and where, as files and back.

The same is changed on the pages; both leave who, what, before and after in the audit trail.
"""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.console import Json, Now, person, say, shared, show_json
from gateway.directory import cbs, files
from gateway.directory.book import EntryKind
from gateway.directory.editing import Changed, Edit, Removal, differences
from gateway.directory.spreadsheet import is_workbook, sheet_as_csv
from gateway.errors import ConfigError

app = typer.Typer(help="Who refers, who helps and where.", no_args_is_help=True)
places_app = typer.Typer(help="Gemeenten, wijken and postcodes.", no_args_is_help=True)
app.add_typer(places_app, name="places")


Folder = Annotated[
    Path | None,
    typer.Argument(help="A folder with config/ and keys/; else the working directory.", exists=True),
]
Force = Annotated[bool, typer.Option("--force", help="Also where a place or a running case loses its own.")]


@app.command("import")
def import_(
    context: typer.Context, folder: Folder = None, force: Force = False, now: Now = None, json: Json = False
) -> None:
    """Let the directory be what the files say, in force at once. A mistake changes nothing.

    From the first import (or the first change on a page) on, the database is what counts and not the files.
    """
    gateway = shared(context).gateway(now)
    editing = gateway.base.editing
    book = files.read(folder or shared(context).directory, gateway.settings, editing.book().keys)
    changed = editing.replace(person(), book, meant=force)
    _tell(changed, json)


@app.command("export")
def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="FOLDER")],
) -> None:
    """Write the directory as files: config/ and the public keys. To import them changes nothing."""
    gateway = shared(context).gateway()
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ConfigError(str(folder), "folder", "is not empty", "Name a new one, or empty it yourself")
    book = gateway.base.editing.book()
    files.write(folder, book, gateway.settings)
    say(f"wrote {sum(1 for _ in book)} entries to {folder}")


@app.command("diff")
def diff(context: typer.Context, folder: Folder = None, json: Json = False) -> None:
    """Show what an import would change. Exit code 1 if that is something."""
    gateway = shared(context).gateway()
    here = gateway.base.editing.book()
    there = files.read(folder or shared(context).directory, gateway.settings, here.keys)
    found = differences(here, there)
    if json:
        show_json(found)
    else:
        for one in found:
            say(f"{one['sign']} {one['kind']} {one['id']}")
            for name, (before, after) in one["changes"].items():
                say(f"    {name}: {_shown(before)} -> {_shown(after)}")
        if not found:
            say("nothing differs")
    if found:
        raise typer.Exit(1)


@places_app.command("import")
def import_places(
    context: typer.Context,
    tables: Annotated[list[Path], typer.Argument(help="CBS's tables, as downloaded.", metavar="FILE...")],
    gemeente: Annotated[list[str], typer.Option("--gemeente", help="Which one; may be given several times.")],
    force: Force = False,
    now: Now = None,
    json: Json = False,
) -> None:
    """Take in the wijken, buurten and postcodes of gemeenten from CBS's tables.

    What was made or named by hand stays; what CBS calls otherwise now keeps its name, beside the new one.
    """
    gateway = shared(context).gateway(now)
    editing = gateway.base.editing
    regions = cbs.read({str(path): text_of(path) for path in tables})
    places, gone = cbs.imported(regions, gemeente, editing.book().places)
    if len(gone) > len(places) and not force:
        what = f"has only {len(places)} places of {', '.join(gemeente)}, and {len(gone)} would go"
        remedy = "Give the whole table; or --force, if CBS has no more"
        raise ConfigError(", ".join(path.name for path in tables), "table", what, remedy)
    removals = [Removal(EntryKind.PLACE, name) for name in gone]
    _tell(editing.change(person(), *map(Edit, places), *removals, meant=force), json)


def text_of(path: Path) -> str:
    """A table as text: an Excel workbook, or CSV in UTF-8 or as older ones are."""
    try:
        # A pipe too, such as <(unzip -p …); a device may have no end.
        if not (path.is_file() or path.is_fifo()):
            raise ConfigError(str(path), "file", "is not a file that is there", "Name the table itself")
        with path.open("rb") as file:
            content = file.read(cbs.LARGEST + 1)
    except OSError:
        remedy = "Let this user read it"
        raise ConfigError(str(path), "file", "can't be read", remedy) from None
    if len(content) > cbs.LARGEST:
        raise ConfigError(path.name, "file", "is larger than 400 MB", "Use the table of one year")
    if is_workbook(content):
        try:
            return sheet_as_csv(content)
        except ValueError:
            remedy = "Download it again, or save it as CSV"
            raise ConfigError(path.name, "file", "is no workbook that can be read", remedy) from None
    try:
        # What Excel calls Unicode text begins with one of these marks.
        return content.decode("utf-16" if content[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _tell(changed: Changed, json: bool) -> None:
    told = {name: getattr(changed, name) for name in ("added", "altered", "removed")}
    if json:
        show_json({name: [" ".join(key) for key in keys] for name, keys in told.items()})
        return
    for name, keys in told.items():
        if keys:
            say(f"{name}: {', '.join(' '.join(key) for key in keys)}")
    say("in force everywhere within a second" if changed else "nothing had changed")


def _shown(value: Any) -> str:
    text = str(value) if value is not None else "nothing"
    return text if len(text) <= 60 else f"{text[:59]}…"
