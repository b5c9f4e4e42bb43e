"""`quarantine`: mails that were set aside, for a person to look at, let in or throw out."""

from typing import Annotated, Any

import typer
from sqlmodel import col, select

from gateway.app import Gateway
from gateway.cli.cases import Kenmerk
from gateway.cli.console import Json, Now, person, say, shared, show_json, table
from gateway.domain.states import State
from gateway.gate.authenticity import Envelope
from gateway.sandbox.pool import Unreadable
from gateway.sandbox.tasks import to_find_sender
from gateway.store.tables import CaseRow

app = typer.Typer(help="Mails that were set aside, for a person to decide on.", no_args_is_help=True)

WHY = {
    "unknown_sender": "proven, but from no practice in config/practices.toml",
    "cannot_open": "sealed for a key that is not here",
    "cannot_decrypt": "encrypted, but not with a key of ours",
    "other_thread": "answers a thread of another practice",
    "busy": "receiving it lost against something else each time",
    "step_failed": "receiving it failed several times",
    "from": "its From holds no address, or more than one",
    "broken_header": "its header can be read in two ways",
    "doubled_header": "a field stands twice that may stand once, as in mail that was tampered with",
    "claimed": "a field claims to be the front server's, and is not",
    "dkim_open": "its signature leaves From, Date, Message-ID or Subject open",
    "dkim_old": "was signed too long ago, or at no known time",
    "dkim_not_to_us": "was signed, and written to somebody else",
    "dkim_alone": "signed but for To or Content-Type, and sent by another server than the practice's",
    "spf_alone": "proven by its server's address alone, and the practice asks for a signature",
    "not_trusted": "did not come through the front server",
    "unreadable": "the front server's findings can't be read",
    "no_result": "the front server says nothing about it",
    "dmarc_fail": "the front server found its sender unproven (DMARC)",
    "dmarc_none": "unproven: no SPF or DKIM of its domain",
    "dmarc_quarantine": "unproven, and its domain asks to distrust that (DMARC)",
    "dmarc_reject": "unproven, and its domain asks to refuse that (DMARC)",
    "not_aligned": "proven for another domain than that in From, or not at all",
    "temperror": "the front server could not find out",
    "dns": "its proof could not be looked up",
    "no_credentials": "came without the practice's login or certificate",
    "other_practice": "came with the login or certificate of another practice",
    "unreadable_timeout": "takes too long to read",
    "unreadable_memory": "takes too much memory to read",
    "partial": "has more parts than are read: a person must look",
    "unreadable_crash": "breaks the reader",
    "unreadable_closed": "the gateway stopped while reading it",
    "unreadable_stalled": "the gateway stood still while reading it",
    "report_token": "a report on a referral with a wrong or old code",
    "report_domain": "a report from elsewhere than the organisation's domain",
    "report_elsewhere": "a report in a mail that was written to somebody else",
    "bounced_early": "a mail came back while it was still being sent",
}
"""Why a mail is set aside; a report that is unproven has the code of a mail after `report_`."""


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
        ((row["kenmerk"], row["received"], row["reason"], why(str(row["reason"]))) for row in rows),
        gateway.timezone,
    )


LETTERS = {
    "stop": "perhaps nobody should call the patient any more",
    "number": "about a telephone number",
    "other_patient": "perhaps about another patient",
    "question": "the practice asks something",
    "correction_late": "a correction that came after contact",
    "other": "not understood",
}
"""Why a person must read a letter."""

Letter = Annotated[str, typer.Argument(help="The id that 'quarantine letters' shows, or its beginning.")]


@app.command("letters")
def list_letters(context: typer.Context, json: Json = False) -> None:
    """Show the messages of practices about a case that a person must read, and why."""
    gateway = shared(context).gateway()
    found = gateway.worker.letters.waiting()
    if json:
        show_json(
            [
                {"id": one.id, "kenmerk": one.kenmerk, "received": one.received_at, "code": one.code}
                for one in found
            ]
        )
        return
    table(
        ("ID", "KENMERK", "RECEIVED", ""),
        ((one.id[:12], one.kenmerk, one.received_at, LETTERS.get(one.code, one.code)) for one in found),
        gateway.timezone,
    )


@app.command("letter")
def show_letter(context: typer.Context, letter: Letter, now: Now = None) -> None:
    """Show one of them, as text. The look is written into the audit trail first."""
    gateway = shared(context).gateway(now)
    letters = gateway.worker.letters
    envelope, content = letters.show(letters.one(letter).id, gateway.now(), person())
    _show(gateway, envelope, content)


@app.command("dealt")
def dealt(context: typer.Context, letter: Letter, now: Now = None) -> None:
    """Say that one of them was dealt with: its content is destroyed."""
    gateway = shared(context).gateway(now)
    letters = gateway.worker.letters
    found = letters.one(letter)
    letters.dealt(found.id, gateway.now(), person())
    say(f"the message about {found.kenmerk} was dealt with, its content destroyed")


@app.command("show")
def show(
    context: typer.Context,
    kenmerk: Kenmerk,
    raw: Annotated[bool, typer.Option("--raw", help="The mail as it came, with every header.")] = False,
    now: Now = None,
) -> None:
    """Show a mail that was set aside, as text. The look is written into the audit trail first."""
    gateway = shared(context).gateway(now)
    envelope, content = gateway.worker.quarantine.show(kenmerk, gateway.now(), person())
    if raw:
        typer.echo(content.decode("ascii", "backslashreplace"), nl=False)
        return
    _show(gateway, envelope, content)


def _show(gateway: Gateway, envelope: Envelope, content: bytes) -> None:
    """Show a mail as calm text."""
    readers = gateway.worker.readers
    try:
        shown, sender = readers.display(content), readers.one(to_find_sender(content))
    except Unreadable as error:
        say(f"It can't be read here: {error.code}. See it as it came with --raw.")
        raise typer.Exit(1) from None
    finally:
        readers.close()
    say(f"envelope sender  {_calm(envelope.mail_from) or '<>'}")
    say(f"from             {', '.join(map(_calm, shown.senders)) or '-'}")
    say(f"subject          {_calm(shown.subject)}")
    near = gateway.base.senders.near_misses(sender) if sender else ()
    if near:
        say(f"resembles        practice {', '.join(near)}")
    say("")
    for line in shown.text.splitlines():
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
    gateway.worker.quarantine.release(kenmerk, practice, gateway.now(), person())
    say(f"{kenmerk} will be received now")


@app.command("refuse")
def refuse(context: typer.Context, kenmerk: Kenmerk, now: Now = None) -> None:
    """Throw a mail out: its content is destroyed."""
    gateway = shared(context).gateway(now)
    gateway.worker.quarantine.refuse(kenmerk, gateway.now(), person())
    say(f"{kenmerk} is closed, its content destroyed")


def why(code: str) -> str:
    """A reason in words; the code itself where we have none."""
    report = code.removeprefix("report_")
    return WHY.get(code) or (f"a report: {WHY[report]}" if report in WHY else code)


def _calm(text: str) -> str:
    """Without control characters, which could make a terminal do things."""
    return "".join(character if character.isprintable() else " " for character in text)
