"""`practices`: who may refer, and the password of one that logs in."""

import secrets
from typing import Annotated, Any

import tomlkit
import typer

from gateway.cli import allowed
from gateway.cli.console import Json, say, shared, show_json, table
from gateway.errors import ConfigError
from gateway.gate.passwords import Passwords
from gateway.settings import load

app = typer.Typer(help="Who may refer.", no_args_is_help=True)
app.add_typer(allowed.app, name="allowed")


@app.command("list")
def list_practices(context: typer.Context, json: Json = False) -> None:
    """Show the practices of config/practices.toml."""
    settings = load(shared(context).directory)
    rows = [entry.model_dump(include={"id", "name", "domains", "addresses"}) for entry in settings.practices]
    if json:
        show_json(rows)
        return
    table(
        ("ID", "NAME", "DOMAINS AND ADDRESSES"),
        ((row["id"], row["name"], " ".join([*row["domains"], *row["addresses"]])) for row in rows),
    )


@app.command("password")
def password() -> None:
    """Make a password for a practice that logs in, and the hash to write into practices.toml."""
    made = secrets.token_urlsafe(18)
    say(f"password       {made}")
    say(f'password_hash = "{Passwords().hash(made)}"')
    say("the password is shown once: give it to the practice by telephone, and keep only the hash")


@app.command("allow")
def allow(
    context: typer.Context,
    practice: Annotated[str, typer.Argument(help="The practice's id.")],
    address: Annotated[str, typer.Argument(help="The new colleague's address.")],
) -> None:
    """Let one more address refer for a practice: written into config/practices.toml, comments kept."""
    directory = shared(context).directory
    settings = load(directory)
    entry = next((one for one in settings.practices if one.id == practice), None)
    if entry is None:
        remedy = f"Known are {', '.join(one.id for one in settings.practices)}"
        raise ConfigError("config/practices.toml", f"practice {practice}", "is not there", remedy)
    path = settings.config_dir / "practices.toml"
    before = path.read_text(encoding="utf-8")
    path.write_text(with_address(before, practice, address), encoding="utf-8")
    try:
        load(directory)
    except Exception:
        path.write_text(before, encoding="utf-8")
        raise
    say(f"{practice} may now also refer from {address}; a running gateway must be restarted to know it")


def with_address(text: str, practice: str, address: str) -> str:
    """The file with one address more in the entry of a practice, everything else untouched."""
    document: dict[str, Any] = tomlkit.parse(text)
    for entry in document["practice"]:
        if entry["id"] == practice:
            entry["addresses"] = [*entry.get("addresses", []), address]
    return tomlkit.dumps(document)
