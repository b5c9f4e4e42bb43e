"""`users`: who may log in to the pages."""

from collections.abc import Container
from datetime import datetime
from operator import itemgetter
from typing import Annotated, Any

import typer

from gateway.accounts import invitations
from gateway.accounts import rows as accounts
from gateway.app import Gateway
from gateway.cli.console import Json, person, say, shared, show_json, table
from gateway.errors import NotFound
from gateway.gate.senders import party_of
from gateway.store.pagetables import InvitationRow, UserRow
from gateway.web.auth import Role

app = typer.Typer(help="Who may log in to the pages.", no_args_is_help=True)


Login = Annotated[str, typer.Argument(help="The person's mail address.")]


@app.command("invite")
def invite(
    context: typer.Context,
    login: Login,
    name: Annotated[str, typer.Option(help="Their name, as others see it.")],
    role: Annotated[
        Role,
        typer.Option(
            help="A beheerder sees the board, a medewerker one organisation's inbox, a verwijzer what was "
            "answered to one practice."
        ),
    ],
    organisation: Annotated[str | None, typer.Option(help="The id of a medewerker's organisation.")] = None,
    practice: Annotated[
        str | None, typer.Option(help="The id of a verwijzer's practice, which has page = true.")
    ] = None,
    json: Json = False,
) -> None:
    """Print a one-time link with which somebody sets up how they log in. It works for 72 hours.

    A newer invitation for the same address ends the one before.
    """
    gateway = shared(context).gateway()
    who = person()
    if organisation and practice:
        raise typer.BadParameter("name one of the two", param_hint="--practice")
    party = party_of(practice) if practice else organisation
    link = gateway.web.people.invite(login=login, name=name, role=role, organisation=party, by=who)
    _tell(gateway, link, json)


@app.command("list")
def list_users(context: typer.Context, json: Json = False) -> None:
    """Show who may log in, when each last did, and which invitations are still open."""
    gateway = shared(context).gateway()
    now = gateway.base.wall()
    with gateway.store.read() as session:
        users = accounts.all_of(session)
        waiting = invitations.waiting(session, now)
    rows = [
        *(_facts(user) | {"state": _state(user, now, gateway.base.parties)} for user in users),
        *(_facts(row) | {"id": None, "state": "invited", "invited_until": row.expires_at} for row in waiting),
    ]
    if json:
        show_json(rows)
        return
    table(
        ("LOGIN", "NAME", "ROLE", "ORGANISATION", "LAST LOGIN", "STATE"),
        map(itemgetter("login", "name", "role", "organisation", "last_login_at", "state"), rows),
        gateway.timezone,
    )


def _state(user: UserRow, now: datetime, parties: Container[str]) -> str:
    """Whether somebody can log in, as the page Gebruikers says it."""
    if user.disabled_at is not None:
        return "shut by the organisation"
    if user.organisation_id is not None and user.organisation_id not in parties:
        return "not in the directory"
    if user.awaited:
        return "never logged in"
    return "locked" if accounts.is_locked(user, now) else "active"


@app.command("revoke")
def revoke(context: typer.Context, login: Login, json: Json = False) -> None:
    """Remove somebody's account for good: sessions, factors, invitations and access to mailbox keys."""
    gateway = shared(context).gateway()
    with gateway.store.read() as session:
        user = accounts.by_login(session, login.strip().lower())
    if user is not None:
        gateway.web.people.remove(user.id, person())
    elif not gateway.web.people.withdraw(login, person()):
        raise NotFound("There is no account or invitation with that login; 'inbeeld users list' shows them")
    _done(json, user, "removed")


@app.command("reset")
def reset(context: typer.Context, login: Login, json: Json = False) -> None:
    """Print a new one-time link for somebody who lost their factors: the old ones and every session end.

    Their passphrase for the mailbox key stays as it is. Be sure who asks: call them back.
    """
    gateway = shared(context).gateway()
    _tell(gateway, gateway.web.people.reset(_found(gateway, login).id, person()), json)


@app.command("logout")
def logout(context: typer.Context, login: Login, json: Json = False) -> None:
    """End every session of somebody; they can log in again."""
    gateway = shared(context).gateway()
    user = _found(gateway, login)
    gateway.web.people.log_out(user.id, person())
    _done(json, user, "logged out")


def _found(gateway: Gateway, login: str) -> UserRow:
    with gateway.store.read() as session:
        return accounts.named(session, login)


def _facts(who: UserRow | InvitationRow) -> dict[str, Any]:
    return {
        "id": who.id,
        "login": who.login,
        "name": who.name,
        "role": who.role,
        "organisation": who.organisation_id,
        "last_login_at": who.last_login_at if isinstance(who, UserRow) else None,
    }


def _tell(gateway: Gateway, link: str, json: bool) -> None:
    if json:
        show_json({"link": link})
        return
    say(link)
    say("shown once, works once, for 72 hours: hand it to that person only", err=True)
    if not gateway.settings.web.public_url:
        say("web.public_url is empty: this link works on this machine only", err=True)


def _done(json: bool, user: UserRow | None, what: str) -> None:
    if json:
        show_json({"id": user.id if user else None, "done": what})
    else:
        say(f"{what}, at once" if user else "the invitation opens nothing any more")
