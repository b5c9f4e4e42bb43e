"""`tokens`: with what organisations sign in to the API, or their identity system to keep accounts."""

from enum import StrEnum
from operator import attrgetter
from typing import Annotated

import typer

from gateway.cli.console import Json, person, say, shared, show_json, table
from gateway.domain.trail import AuditEvent
from gateway.errors import NotFound
from gateway.store import audit, tokens
from gateway.web.api import access

app = typer.Typer(help="What organisations sign in to the API with.", no_args_is_help=True)


class Scope(StrEnum):
    """What a token opens."""

    API = access.API
    SCIM = access.SCIM


@app.command("new")
def new(
    context: typer.Context,
    organisation: Annotated[str, typer.Argument(help="The organisation's id.")],
    scope: Annotated[
        Scope,
        typer.Option("--for", help="What it opens: the API, or the accounts of its medewerkers (scim)."),
    ] = Scope.API,
    json: Json = False,
) -> None:
    """Make a token for an organisation. It is shown once; only its digest is kept."""
    gateway = shared(context).gateway()
    known = [*gateway.base.organisation_names]
    if organisation not in known:
        raise NotFound(f"There is no organisation '{organisation}'; known are {', '.join(sorted(known))}")
    now = gateway.now()
    with gateway.store.write() as session:
        row, token = tokens.make(session, organisation, now, scope)
        audit.append(
            session,
            AuditEvent.TOKEN_MADE,
            now=now,
            actor=person(),
            token=row.id,
            organisation=organisation,
            scope=scope,
        )
    if json:
        show_json({"id": row.id, "organisation": organisation, "scope": row.scope, "token": token})
        return
    say(token)
    say(f"token {row.id} of {organisation}, shown once: hand it over by telephone or in person", err=True)
    say(f"it ends with: inbeeld tokens revoke {row.id}", err=True)


@app.command("list")
def list_tokens(
    context: typer.Context,
    organisation: Annotated[str | None, typer.Argument(help="Only this organisation's.")] = None,
    json: Json = False,
) -> None:
    """Show which tokens there are, and when each was last used."""
    gateway = shared(context).gateway()
    with gateway.store.read() as session:
        rows = tokens.all_of(session, organisation)
    if json:
        show_json([row.model_dump(exclude={"digest"}) for row in rows])
        return
    told = attrgetter("id", "organisation_id", "scope", "created_at", "last_used_at", "revoked_at")
    head = ("ID", "ORGANISATION", "FOR", "MADE", "LAST USED", "REVOKED")
    table(head, map(told, rows), gateway.timezone)


@app.command("revoke")
def revoke(
    context: typer.Context,
    token: Annotated[str, typer.Argument(help="The token's id, as 'tokens list' shows it.")],
    json: Json = False,
) -> None:
    """End a token at once, also for a gateway that is running."""
    gateway = shared(context).gateway()
    now = gateway.now()
    with gateway.store.write() as session:
        row = tokens.revoke(session, token, now)
        audit.append(
            session,
            AuditEvent.TOKEN_REVOKED,
            now=now,
            actor=person(),
            token=row.id,
            organisation=row.organisation_id,
        )
    if json:
        show_json({"id": row.id, "organisation": row.organisation_id, "revoked_at": row.revoked_at})
    else:
        say(f"token {row.id} of {row.organisation_id} has ended")
