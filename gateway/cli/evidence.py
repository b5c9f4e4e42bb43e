"""`audit evidence`: what passed between whom, as NTA 7516 asks it to be shown of a message."""

import csv
import io
import json as jsonlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from adapters.inclear import IN_CLEAR
from gateway.app import Gateway
from gateway.cli.console import Json, Now, moment_of, say, shared
from gateway.statistics.cells import harmless
from gateway.store.evidence import MessagePassage, passages

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
        say(_line(EVIDENCE))
    with gateway.store.snapshot() as session:
        for one in passages(session, begin, end):
            told = _told(gateway, one)
            row = jsonlib.dumps(dict(zip(EVIDENCE, told, strict=True)), ensure_ascii=False)
            say(row if json else _line(told))


def _line(cells: Sequence[str]) -> str:
    """A line of CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="").writerow(map(harmless, cells))
    return out.getvalue()


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
        protection or "onbekend",
        "" if one.incoming else " ".join(filter(None, [one.peer, one.receipt])),
        " ".join(filter(None, [one.outcome, one.reason])),
    )
