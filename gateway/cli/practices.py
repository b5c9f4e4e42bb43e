"""`practices`: who may refer, and the password of one that logs in."""

import secrets
from operator import itemgetter
from typing import Annotated, Any

import tomlkit
import typer

from gateway.cli.console import Json, Now, person, say, shared, show_json, table
from gateway.directory.book import EntryKind, document, parse
from gateway.directory.editing import Edit
from gateway.errors import ConfigError
from gateway.gate.passwords import Passwords
from gateway.settings import load

app = typer.Typer(help="Who may refer.", no_args_is_help=True)
allowed_app = typer.Typer(
    help="Senders that were allowed beside config/practices.toml.", no_args_is_help=True
)
app.add_typer(allowed_app, name="allowed")


@app.command("list")
def list_practices(context: typer.Context, json: Json = False) -> None:
    """Show the practices."""
    known = shared(context).gateway().base.directory().book.practices
    rows = [entry.model_dump(include={"id", "name", "domains", "addresses"}) for entry in known]
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
    """Let one more address refer for a practice, at once.

    While the files are what counts it is written into config/practices.toml, comments kept, for a restart.
    """
    gateway = shared(context).gateway()
    directory, settings = shared(context).directory, gateway.settings
    known = {one.id: one for one in gateway.base.directory().book.practices}
    if practice not in known:
        remedy = f"Known are {', '.join(known)}"
        raise ConfigError("config/practices.toml", f"practice {practice}", "is not there", remedy)
    if gateway.base.directory.generation:
        given = document(known[practice])
        given["addresses"] = [*given.get("addresses", []), address]
        gateway.base.editing.change(person(), Edit(parse(EntryKind.PRACTICE, given)))
        say(f"{practice} may now also refer from {address}")
        return
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


@allowed_app.command("list")
def list_allowed(context: typer.Context, json: Json = False) -> None:
    """Show who was allowed, by whom, and the id to revoke it with."""
    gateway = shared(context).gateway()
    rows = [row.model_dump(exclude={"revoked_at"}) for row in gateway.base.allow.standing()]
    if json:
        show_json(rows)
        return
    table(
        ("ID", "PRACTICE", "SENDER", "SINCE", "BY"),
        map(itemgetter("id", "practice_id", "sender", "created_at", "created_by"), rows),
        gateway.timezone,
    )


@allowed_app.command("add")
def add_allowed(
    context: typer.Context,
    practice: Annotated[str, typer.Argument(help="The practice's id.")],
    sender: Annotated[str, typer.Argument(help="An address, or a domain that is the practice's alone.")],
    now: Now = None,
) -> None:
    """Let a sender refer for a practice, at once. Their mails must still prove that they are theirs."""
    gateway = shared(context).gateway(now)
    gateway.base.allow.add(practice, sender, gateway.now(), person())
    say(f"{gateway.base.senders.folded(sender)} may refer for {practice} from the next mail on")


@allowed_app.command("revoke")
def revoke_allowed(
    context: typer.Context,
    allowance: Annotated[str, typer.Argument(help="The id that 'inbeeld practices allowed list' shows.")],
    now: Now = None,
) -> None:
    """Let a sender refer no longer, from the next mail on."""
    gateway = shared(context).gateway(now)
    row = gateway.base.allow.revoke(allowance, gateway.now(), person())
    say(f"{row.sender} may not refer for {row.practice_id} any more")
