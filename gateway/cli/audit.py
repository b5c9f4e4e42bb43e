"""`audit`: prove afterwards what happened."""

import csv
import json as jsonlib
import re
import sys
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from adapters.inclear import IN_CLEAR
from gateway.app import Gateway
from gateway.app.watch import note_verified
from gateway.board.nen7513 import AuditEntries, AuditEntry, line
from gateway.cli.console import Json, Now, local, moment_of, person, say, shared, show_json
from gateway.domain.trail import AuditEvent
from gateway.errors import ConfigError, NotAllowed
from gateway.files import FileTooLargeError, read_limited
from gateway.sealing.headkey import HeadVerifier, SignedHead
from gateway.store import audit, cases
from gateway.store.evidence import MessagePassage, passages
from gateway.web.cells import csv_line, harmless

app = typer.Typer(help="Prove afterwards what happened.", no_args_is_help=True)

EPOCH = datetime.fromtimestamp(0, UTC)
EVIDENCE = (
    *("moment", "richting", "soort", "kenmerk", "afzender", "ontvanger"),
    *("beveiliging", "bewijs", "uitkomst"),
)
_SEALED = {
    "application/pgp-encrypted": "OpenPGP",
    "application/pkcs7-mime": "S/MIME",
    "application/jose": "JWE",
}
_TRANSPORT = re.compile(r"TLSv1\.[0-9]")


class ExportForm(StrEnum):
    """How the trail is written out."""

    EVENTS = "events"
    """One JSON line an event, as it is stored."""
    NEN7513 = "nen7513"
    """A table (CSV) with the fields of NEN 7513."""
    TEXT = "text"
    """Lines to read, for whoever asks what was done with their data."""


@app.command("verify")
def verify(
    context: typer.Context,
    since: Annotated[
        str, typer.Option(metavar="SEQ:HASH", help="Believe the chain up to this head, verified before.")
    ] = "",
    head: Annotated[
        Path | None,
        typer.Option(
            help="A signed head that was sent out, such as a saved mail.", exists=True, dir_okay=False
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            help="The public key it was signed with; otherwise keys/gateway/heads.pem.", exists=True
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Recompute the chain of events, and reconcile every accepted mail with what became of it.

    With --head it also says whether the trail still holds all that it held when that head was signed: so
    nothing can be cut off at its end unseen.
    """
    gateway = shared(context).gateway()
    try:
        begin = audit.Head.parse(since) if since else audit.BEGINNING
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None
    signed = _signed(head, key or gateway.keys.heads_public) if head else None
    with gateway.store.snapshot() as session:
        found = audit.verify(session, begin)
        fault = audit.fits(session, audit.Head(signed.seq, signed.hash)) if signed else None
    faults = (*found.faults, *([fault] if fault else []))
    note_verified(gateway.settings.data_dir, found, gateway.base.wall())
    if json:
        show_json(asdict(found) | {"faults": faults, "ok": not faults})
    else:
        say(f"{found.events} events, the last one {audit.Head(found.events, found.head)}")
        mails = ", ".join(f"{number} {outcome}" for outcome, number in sorted(found.mails.items()))
        say(f"{sum(found.mails.values())} mails: {mails or 'none'}; {found.cases} cases")
        if found.doubles:
            say(f"{found.doubles} running cases are about a number that another one is about too")
        if signed and not fault:
            say(
                f"it holds all that it held on {local(signed.at, gateway.timezone)}, when its head was signed"
            )
        for one in faults:
            say(f"FAULT {one}")
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        say("all is well" if not faults else f"{count}: restore from a backup and compare")
    if faults:
        raise typer.Exit(1)


def _signed(path: Path, key: Path) -> SignedHead:
    """The head in a file, if we signed it; raises `InbeeldError`."""
    try:
        signed = SignedHead.parse(read_limited(path).decode("utf-8", "replace"))
    except (OSError, FileTooLargeError) as error:
        raise ConfigError(
            str(path), "head", f"can't be read ({type(error).__name__})", "Save it as text"
        ) from None
    except ValueError as error:
        raise ConfigError(str(path), "head", str(error), "Save the mail with the head as it came") from None
    if not HeadVerifier.load(key).confirms(signed):
        raise NotAllowed(f"The head in {path} was not signed with the key in {key}, or was changed since")
    return signed


@app.command("export")
def export(
    context: typer.Context,
    kenmerk: Annotated[str, typer.Option(help="Only what happened to this case, looks at it included.")] = "",
    form: Annotated[
        ExportForm, typer.Option(help="events: JSON lines; nen7513: CSV with its fields; text: to be read.")
    ] = ExportForm.EVENTS,
) -> None:
    """Print the audit trail, oldest first. That somebody did so stands in it afterwards."""
    gateway = shared(context).gateway()
    with gateway.store.read() as session:
        case = cases.by_kenmerk(session, kenmerk) if kenmerk else None
        rows = audit.of_case(session, case.id) if case else audit.export(session)
        if form is ExportForm.EVENTS:
            for row in rows:
                stored = row.model_dump(mode="json") | {"data": jsonlib.loads(row.data)}
                say(jsonlib.dumps(stored, ensure_ascii=False))
        else:
            entries = _entries(gateway).of(session, rows)
            if form is ExportForm.NEN7513:
                table = csv.DictWriter(sys.stdout, [field.name for field in fields(AuditEntry)])
                table.writeheader()
                # A colleague's name comes from their organisation's provider.
                table.writerows(
                    {name: harmless(cell) for name, cell in asdict(entry).items()} for entry in entries
                )
            else:
                # In Dutch, as the words of the events are: for a patient who asks what was done.
                for entry in entries:
                    say(
                        line(
                            entry, lambda at: at.astimezone(gateway.base.timezone).strftime("%d-%m-%Y %H:%M")
                        )
                    )
    with gateway.store.write() as session:
        facts = {"case_id": case.id} if case else {}
        audit.append(
            session, AuditEvent.AUDIT_EXPORTED, now=gateway.now(), actor=person(), form=str(form), **facts
        )


def _entries(gateway: Gateway) -> AuditEntries:
    return AuditEntries(
        names={**gateway.base.organisation_names, **gateway.base.practice_names},
        words=gateway.web.pages.words("cases/words.html", "EVENTS"),
        source=gateway.settings.gateway.domain,
    )


@app.command()
def evidence(
    context: typer.Context,
    since: Annotated[str | None, typer.Option("--from", help="From this moment on.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Before this moment.")] = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Print what passed between whom, when, how protected and with what outcome: CSV, or a JSON line each.

    It is what NTA 7516 asks to be shown of a message, without its content: practices and organisations, and
    nobody's name.
    """
    gateway = shared(context).gateway(now)
    zone = gateway.base.timezone
    begin = moment_of(since, zone) if since else EPOCH
    end = moment_of(until, zone) if until else gateway.now() + timedelta(days=1)
    if not json:
        say(csv_line(EVIDENCE, ""))
    with gateway.store.snapshot() as session:
        for one in passages(session, begin, end):
            told = _told(gateway, one)
            row = jsonlib.dumps(dict(zip(EVIDENCE, told, strict=True)), ensure_ascii=False)
            say(row if json else csv_line(told, ""))


def _told(gateway: Gateway, one: MessagePassage) -> tuple[str, ...]:
    names = {**gateway.base.organisation_names, **gateway.base.practice_names}
    us = gateway.settings.gateway.address
    other = one.practice_id or one.organisation_id
    name = names.get(other, other) if other else ("onbekend" if one.incoming else "beheerders")
    if one.incoming:
        transport = "geen TLS" if one.receipt == "" else one.receipt or ""
    else:
        found = _TRANSPORT.search(one.receipt or "")
        transport = found[0] if found else ""
    sealed = _SEALED.get(one.media_type or "", "")
    if (one.receipt or "").endswith(IN_CLEAR):
        sealed = "leesbaar"
    protection = " over ".join(filter(None, [sealed, transport]))
    return (
        one.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "in" if one.incoming else "uit",
        one.kind,
        one.kenmerk or "",
        name if one.incoming else us,
        us if one.incoming else name,
        # Of what has not left nothing protects it yet, and nothing is unknown.
        protection or ("onbekend" if one.incoming or one.outcome == "sent" else ""),
        "" if one.incoming else " ".join(filter(None, [one.peer, one.receipt])),
        " ".join(filter(None, [one.outcome, one.reason])),
    )
