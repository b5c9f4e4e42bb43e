"""`parse`: what the reader makes of mails, without anything being stored or sent."""

import json
import sys
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.console import say, shared
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read


def parse(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(help="Mails as files; - is standard input.", metavar="FILE...")
    ],
) -> None:
    """Print one JSON line per mail: file, verdict, name, phone, other_phones, wijk, problems.

    In a working directory its gazetteer and its practices' own numbers count, elsewhere the built-in one.
    """
    gazetteer, phones = _knowledge(shared(context).directory)
    failed = False
    for name in files:
        try:
            raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            typer.echo(f"inbeeld: {name}: can't be read ({error.strerror})", err=True)
            failed = True
            continue
        found = asdict(read(raw, gazetteer, phones))
        order = ("verdict", "name", "phone", "other_phones", "wijk", "problems")
        say(json.dumps({"file": name} | {key: found[key] for key in order}, ensure_ascii=False))
    if failed:
        raise typer.Exit(1)


def _knowledge(directory: Path) -> tuple[Gazetteer, frozenset[str]]:
    if (directory / "config" / "inbeeld.toml").exists():
        from gateway.app import Installation

        base = Installation.at(directory)
        try:
            known = base.directory()
        finally:
            base.store_closed()
        return known.gazetteer, frozenset(phone for one in known.practices.values() for phone in one.phones)
    folder = resources.files("gateway") / "_config" / "wijken"
    texts = {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir()}
    return Gazetteer.parse(
        [text for name, text in sorted(texts.items()) if name.startswith("wijken-")],
        [text for name, text in sorted(texts.items()) if name.startswith("postcodes-")],
    ), frozenset()
