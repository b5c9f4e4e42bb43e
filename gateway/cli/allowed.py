"""`practices allowed`: senders that beheerders allowed beside config/practices.toml."""

from typing import Annotated

import typer

from gateway.cli.console import Json, Now, local, say, shared, show_json, table

app = typer.Typer(help="Senders that were allowed beside config/practices.toml.", no_args_is_help=True)


@app.command("list")
def list_allowed(context: typer.Context, json: Json = False) -> None:
    """Show who was allowed, by whom, and the id to revoke it with."""
    gateway = shared(context).gateway()
    rows = [row.model_dump(exclude={"revoked_at"}) for row in gateway.allow.standing()]
    if json:
        show_json(rows)
        return
    table(
        ("ID", "PRACTICE", "SENDER", "SINCE", "BY"),
        (
            (
                row["id"],
                row["practice_id"],
                row["sender"],
                local(row["created_at"], gateway.timezone),
                row["created_by"],
            )
            for row in rows
        ),
    )


@app.command("add")
def add(
    context: typer.Context,
    practice: Annotated[str, typer.Argument(help="The practice's id.")],
    sender: Annotated[str, typer.Argument(help="An address, or a domain that is the practice's alone.")],
    now: Now = None,
) -> None:
    """Let a sender refer for a practice, at once. Their mails must still prove that they are theirs."""
    gateway = shared(context).gateway(now)
    gateway.allow.add(practice, sender, gateway.now(), "beheerder")
    say(f"{gateway.senders.folded(sender)} may refer for {practice} from the next mail on")


@app.command("revoke")
def revoke(
    context: typer.Context,
    allowance: Annotated[str, typer.Argument(help="The id that 'inbeeld practices allowed list' shows.")],
    now: Now = None,
) -> None:
    """Let a sender refer no longer, from the next mail on."""
    gateway = shared(context).gateway(now)
    row = gateway.allow.revoke(allowance, gateway.now(), "beheerder")
    say(f"{row.sender} may not refer for {row.practice_id} any more")
