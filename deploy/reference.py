"""Writes docs/reference: every key of the configuration and every command, in their own descriptions.

The same tree always gives the same pages, and `tests/meta` fails when those that stand there are other ones.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer._click import Command, Context

from gateway.cli.app import app
from gateway.intake.limits import Limits
from gateway.settings import SECTIONS
from gateway.settings.sections import OrganisationEntry, PracticeEntry

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "docs" / "reference"
WIDTH = 100
MADE = "<!-- Written by `make docs`; change the description beside the code instead. -->"


def configuration() -> str:
    """Every key of config/*.toml."""
    parts = [
        "# Every key of the configuration",
        MADE,
        "What a key is for, with examples, stands beside it in the files that `inbeeld init` writes; those of"
        " a pathway stand, each with its default, in [almere.toml](../../config/pathways/almere.toml). Here"
        " is every other key, with its default and what is told to whoever writes it wrongly.",
        "## config/inbeeld.toml",
    ]
    for name, kind in SECTIONS.items():
        if name != "limits":
            parts += [f"### [{name}]", _purpose(kind), _table(kind)]
    limits = [f"| `{name}` | `{value}` |" for name, value in _limits()]
    parts += [
        "### [limits]",
        "What is refused. Sizes are in bytes, what ends on `_s` is in seconds, the others are counts; the"
        " comments in [inbeeld.toml](../../config/inbeeld.toml) tell what each one bounds.",
        "\n".join(["| key | default |", "|---|---|", *limits]),
    ]
    for file, kind in (("organisations", OrganisationEntry), ("practices", PracticeEntry)):
        parts += [f"## config/{file}.toml", _purpose(kind), _table(kind)]
    return "\n\n".join(parts) + "\n"


def commands() -> str:
    """Every command as `--help` tells it."""
    parts = [
        "# Every command",
        MADE,
        "As `--help` tells them. All take `--dir DIR` (or `INBEELD_DIR`), the working directory, first.",
    ]
    group = typer.main.get_command(app)
    for command, context in _walk(group, Context(group, info_name="inbeeld", terminal_width=WIDTH)):
        told = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        parts += [f"## {context.command_path}", f"```text\n{told}\n```"]
    return "\n\n".join(parts) + "\n"


def _walk(group: Any, context: Context) -> Iterator[tuple[Command, Context]]:
    """Every command below a group that does something, with the context that knows its whole name."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = Context(command, info_name=name, parent=context, terminal_width=WIDTH)
        if hasattr(command, "list_commands"):
            yield from _walk(command, inner)
        else:
            yield command, inner


def _purpose(kind: type[BaseModel]) -> str:
    """The second half of a section's own docstring, as a sentence."""
    said = (kind.__doc__ or "").partition(": ")[2]
    return said[:1].upper() + said[1:]


def _table(kind: type[BaseModel]) -> str:
    rows = [
        f"| `{name}` | {_default(field)} | {_plain(field.description or '')} |"
        for name, field in kind.model_fields.items()
    ]
    return "\n".join(["| key | default | |", "|---|---|---|", *rows])


def _plain(text: str) -> str:
    """Text that Markdown takes for nothing else in a table."""
    return text.replace("<", "&lt;").replace("|", "&#124;")


def _default(field: FieldInfo) -> str:
    """As it is written in TOML."""
    if field.is_required():
        return "must be there"
    value = field.get_default(call_default_factory=True, validated_data={})
    return "none" if value is None else f"`{_written(value)}`"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_written(one) for one in value)}]"
    return "{}" if value == {} else f'"{value}"'


def _limits() -> Iterator[tuple[str, str]]:
    limits = Limits()
    for name in Limits.__dataclass_fields__:
        value = getattr(limits, name)
        yield name, f"{value:_}" if value >= 100_000 else str(value)


PAGES = {"configuration.md": configuration, "commands.md": commands}
"""Each page, and what writes it."""


if __name__ == "__main__":
    PLACE.mkdir(exist_ok=True)
    for page, write in PAGES.items():
        (PLACE / page).write_text(write())
        sys.stdout.write(f"docs/reference/{page}\n")
