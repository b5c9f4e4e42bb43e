"""`dns`: every record that the domain of this gateway needs, as lines of a zone file."""

import typer

from gateway.cli.console import Json, say, shared, show_json


def dns(context: typer.Context, json: Json = False) -> None:
    """Print every DNS record the domain needs. 'inbeeld check' compares them with what DNS says."""
    found = [*shared(context).gateway(None, None, True).records()]
    if json:
        fields = ("name", "kind", "value", "about", "left")
        show_json([{name: getattr(record, name) for name in fields} for record in found])
        return
    for record in found:
        say(f"; {record.about}{' (fill in, or leave out)' if record.left else ''}")
        say(f"{'; ' if record.left else ''}{record.line()}")
