"""`route`: who would get a referral, and by when."""

from typing import Annotated

import typer

from gateway.cli.console import Json, Now, local, say, shared, show_json
from gateway.domain.clock import plan
from gateway.domain.route import NoRoute
from gateway.errors import NotFound


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("route")(route)


def route(
    context: typer.Context,
    wijk: Annotated[str, typer.Argument(help="A place of the gazetteer, or a postcode.")],
    now: Now = None,
    json: Json = False,
) -> None:
    """Show who would get a referral from a place, and every date that would follow. Nothing is stored."""
    gateway = shared(context).gateway(now)
    gazetteer = gateway.base.directory().gazetteer
    mention = gazetteer.exact(wijk) or gazetteer.misspelt(wijk)
    name = gazetteer.postcode(wijk.strip()[:4]) or (
        mention.names[0] if mention and len(mention.names) == 1 else None
    )
    if name is None:
        raise NotFound(f"'{wijk}' is not one place of the gazetteer; config/wijken has them all")
    try:
        found = gateway.worker.handover.route(name, gateway.now())
    except NoRoute as error:
        raise NotFound(f"{name}: {error}; see 'serves' in config/organisations.toml") from None
    organisation = found.organisation
    pathway = gateway.worker.handover.pathway_of(organisation)
    rows = plan(gateway.now(), pathway, organisation.closed_days)
    if json:
        show_json(
            {
                "wijk": name,
                "organisation": organisation.id,
                "because_it_serves": found.level,
                "contact_person": found.contact_person,
                "backup": found.backup.id if found.backup else None,
                "pathway": organisation.pathway,
                "clocks": [
                    {"kind": r.kind, "due": r.due_at, "notify": r.notify_at, "tell": r.tell} for r in rows
                ],
            }
        )
        return
    person = f", contact person {found.contact_person}" if found.contact_person else ""
    backup = f", backup {found.backup.name}" if found.backup else ", no backup"
    say(f"{name}: {organisation.name}, which serves {found.level}{person}{backup}")
    say(f"pathway {organisation.pathway}")
    for row in rows:
        told = (
            f"  told {local(row.notify_at, gateway.timezone)}: {', '.join(row.tell)}" if row.notify_at else ""
        )
        say(f"  {row.kind:10} {local(row.due_at, gateway.timezone)}{told}")
