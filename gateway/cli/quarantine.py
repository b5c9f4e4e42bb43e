"""`quarantine`: mails that were set aside, for a person to look at, let in or throw out."""

from typing import Annotated, Any

import typer
from sqlmodel import col, select

from gateway.cli.cases import Kenmerk
from gateway.cli.voice import Json, Now, local, say, shared, show_json, table
from gateway.domain.states import State
from gateway.reading.message import parse
from gateway.store.tables import CaseRow

app = typer.Typer(help="Mails that were set aside, for a person to decide on.", no_args_is_help=True)

WHY = {
    "unknown_sender": "proven, but from no practice in config/practices.toml",
    "cannot_open": "sealed for a key that is not here",
    "other_thread": "answers a thread of another practice",
    "step_failed": "receiving it failed several times",
}


@app.command("list")
def list_quarantine(context: typer.Context, json: Json = False) -> None:
    """Show what was set aside, and why."""
    gateway = shared(context).gateway()
    with gateway.store.read() as session:
        query = select(CaseRow).where(CaseRow.state == State.QUARANTINED).order_by(col(CaseRow.received_at))
        rows: list[dict[str, Any]] = [
            {"kenmerk": case.kenmerk, "received": case.received_at, "reason": case.reason}
            for case in session.exec(query)
        ]
    if json:
        show_json(rows)
        return
    table(
        ("KENMERK", "RECEIVED", "REASON", ""),
        (
            (
                row["kenmerk"],
                local(row["received"], gateway.timezone),
                row["reason"],
                WHY.get(str(row["reason"])),
            )
            for row in rows
        ),
    )


@app.command("show")
def show(
    context: typer.Context,
    kenmerk: Kenmerk,
    raw: Annotated[bool, typer.Option("--raw", help="The mail as it came, with every header.")] = False,
    now: Now = None,
) -> None:
    """Show a mail that was set aside, as text. The look is written into the audit trail first."""
    gateway = shared(context).gateway(now)
    envelope, content = gateway.quarantine.show(kenmerk, gateway.now(), "beheerder")
    if raw:
        typer.echo(content.decode("ascii", "backslashreplace"), nl=False)
        return
    mail = parse(content)
    senders = mail.from_addresses
    say(f"envelope sender  {_calm(envelope.mail_from) or '<>'}")
    say(f"from             {', '.join(map(_calm, senders)) or '-'}")
    say(f"subject          {_calm(mail.subject)}")
    near = gateway.agreements.senders.near_misses(senders[0]) if len(senders) == 1 else ()
    if near:
        say(f"resembles        practice {', '.join(near)}")
    say("")
    for text in mail.texts[:1]:
        for line in text.splitlines():
            say(_calm(line))


@app.command("release")
def release(
    context: typer.Context,
    kenmerk: Kenmerk,
    practice: Annotated[
        str | None, typer.Option(help="Whose mail it is, by the id in practices.toml.")
    ] = None,
    now: Now = None,
) -> None:
    """Let a mail in, as if it had been proven; its deadline counts from when it came."""
    gateway = shared(context).gateway(now)
    gateway.quarantine.release(kenmerk, practice, gateway.now(), "beheerder")
    say(f"{kenmerk} will be received now")


@app.command("refuse")
def refuse(context: typer.Context, kenmerk: Kenmerk, now: Now = None) -> None:
    """Throw a mail out: its content is destroyed."""
    gateway = shared(context).gateway(now)
    gateway.quarantine.refuse(kenmerk, gateway.now(), "beheerder")
    say(f"{kenmerk} is closed, its content destroyed")


def _calm(text: str) -> str:
    """Without control characters, which could make a terminal do things."""
    return "".join(character if character.isprintable() else " " for character in text)
