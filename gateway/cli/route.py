"""`route`: who would get a referral, and by when."""

from typing import Annotated

import typer

from gateway.cli.console import Json, Now, local, say, shared, show_json
from gateway.directory import coverage
from gateway.domain.clock import plan
from gateway.domain.route import MISSING_THEME, NoRoute
from gateway.errors import NotFound


def route(
    context: typer.Context,
    wijk: Annotated[str, typer.Argument(help="A place of the gazetteer, or a postcode.")],
    theme: Annotated[str | None, typer.Option(help="What it is about, where there are several.")] = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Show who would get a referral from a place, and every date that would follow. Nothing is stored."""
    gateway = shared(context).gateway(now)
    name = coverage.found(gateway.base.directory(), wijk)
    if name is None:
        raise NotFound(f"'{wijk}' is not one place of the gazetteer; config/wijken has them all")
    try:
        theme = gateway.worker.handover.theme(name, theme)
        found = gateway.worker.handover.route(name, gateway.now(), theme)
    except NoRoute as error:
        remedy = "see 'serves' in config/organisations.toml"
        if error.code == MISSING_THEME:
            among = sorted(gateway.worker.handover.themes(name))
            remedy = f"the referrer is asked; choose one with --theme: {', '.join(among)}"
        raise NotFound(f"{name}: {error}; {remedy}") from None
    organisation = found.organisation
    pathway = gateway.worker.handover.pathway_of(organisation, theme)
    rows = plan(gateway.now(), pathway)
    if json:
        show_json(
            {
                "wijk": name,
                "organisation": organisation.id,
                "because_it_serves": found.level,
                "contact_person": found.contact_person,
                "backup": found.backup.id if found.backup else None,
                "pathway": pathway.name,
                "theme": theme,
                "clocks": [
                    {"kind": r.kind, "due": r.due_at, "notify": r.notify_at, "tell": r.tell} for r in rows
                ],
            }
        )
        return
    person = f", contact person {found.contact_person}" if found.contact_person else ""
    backup = f", backup {found.backup.name}" if found.backup else ", no backup"
    say(f"{name}: {organisation.name}, which serves {found.level}{person}{backup}")
    say(f"pathway {pathway.name}, theme {theme}")
    for row in rows:
        told = (
            f"  told {local(row.notify_at, gateway.timezone)}: {', '.join(row.tell)}" if row.notify_at else ""
        )
        say(f"  {row.kind:10} {local(row.due_at, gateway.timezone)}{told}")
