"""`cases reroute` and `cases return`: what a beheerder decides about who has a case."""

from typing import Annotated

import typer

from gateway.cli.cases import Kenmerk
from gateway.cli.console import Json, Now, say, shared, show_json
from gateway.errors import NotAllowed
from gateway.store import cases

ACTOR = "beheerder"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("reroute")(reroute)
    app.command("return")(give_back)


def reroute(
    context: typer.Context,
    kenmerk: Kenmerk,
    organisation: Annotated[str, typer.Argument(help="Its id in config/organisations.toml.")],
    now: Now = None,
    json: Json = False,
) -> None:
    """Give a case to another organisation, sealed anew; the deadline stays the one it had."""
    gateway = shared(context).gateway(now)
    with gateway.store.write() as session:
        case = cases.by_kenmerk(session, kenmerk)
        gateway.reroute.by_hand(session, case, organisation, gateway.now(), ACTOR)
    _show(case.kenmerk, case.state, f"goes to {organisation}", json)


def give_back(context: typer.Context, kenmerk: Kenmerk, now: Now = None, json: Json = False) -> None:
    """Give a case back: nobody can take it, and the referrer is told so. 'cases reroute' can revive it."""
    gateway = shared(context).gateway(now)
    with gateway.store.write() as session:
        case = cases.by_kenmerk(session, kenmerk)
        try:
            gateway.reroute.back(session, case, gateway.now(), ACTOR)
        except NotAllowed as error:
            raise NotAllowed(f"{error}; 'inbeeld cases show {case.kenmerk}' tells what is possible") from None
    _show(case.kenmerk, case.state, "was given back; the referrer is told", json)


def _show(kenmerk: str, state: str, what: str, json: bool) -> None:
    if json:
        show_json({"kenmerk": kenmerk, "state": state})
    else:
        say(f"{kenmerk} {what}")
