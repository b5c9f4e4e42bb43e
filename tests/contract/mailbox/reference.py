"""The reference of the API, written from its description: `python -m tests.contract.mailbox.reference`."""

import json
from pathlib import Path
from typing import Any

from gateway.directory.room import RoomApi
from gateway.mailbox.api import Api
from gateway.web.api.notifications import NotificationsApi
from gateway.web.api.openapi import ApiPlace, describe
from gateway.web.api.overview import OverviewApi
from gateway.web.api.signalen import SignaalApi

REFERENCE = Path(__file__).parents[3] / "docs" / "api-reference.md"
PLACE = ApiPlace("https://handover.example", "Beheer", "beheer@handover.example")


def document() -> dict[str, Any]:
    """The description, of operations that nobody will carry out."""
    nobody: Any = None
    apis = (
        Api(nobody, nobody, nobody),
        OverviewApi(nobody),
        NotificationsApi(nobody, nobody),
        RoomApi(nobody, nobody),
        SignaalApi(nobody, nobody, nobody, nobody),
    )
    found: dict[str, Any] = describe([one for api in apis for one in api.operations()], PLACE)
    return found


def rendered() -> str:
    """The page."""
    whole = document()
    lines = [
        "# Reference of the API",
        "",
        f"Version {whole['info']['version']}, written from `/v1/openapi.json`; paths begin behind `/v1`. "
        "The texts are Dutch, as the",
        "API's users read them. How to begin: [the API](api.md).",
        "",
        "## Operations",
    ]
    for path, methods in whole["paths"].items():
        for method, one in methods.items():
            lines += ["", f"### `{method.upper()} {path}`", "", f"{one['summary']}. {one['description']}", ""]
            query = [name for name in one.get("parameters", []) if name["in"] == "query"]
            lines += [f"- parameter `{name['name']}`: {name['description']}" for name in query]
            if "requestBody" in one:
                lines.append(f"- stuur: {_named(one['requestBody'])}")
            lines.append(f"- krijg: {_named(one['responses']['200'])}")
            lines.append(f"- problemen: {', '.join(code for code in one['responses'] if code != '200')}")
    lines += ["", "## Objects"]
    for name, schema in sorted(whole["components"]["schemas"].items()):
        lines += ["", f"### {name}", ""]
        must = schema.get("required", [])
        for field, about in schema.get("properties", {}).items():
            needed = "" if field in must else " (niet verplicht)"
            words = sorted(set(_words(about)))
            says = " ".join(filter(None, [about.get("description", "").replace("\n", " ")]))
            said = f" Woorden: {', '.join(f'`{word}`' for word in words)}." if words else ""
            lines.append(f"- `{field}`{needed}: {says}{said}".rstrip(": ").rstrip())
    return "\n".join(lines) + "\n"


def _named(part: dict[str, Any]) -> str:
    (content,) = part["content"].values()
    schema = content["schema"]
    if schema.get("type") == "array":
        return f"een lijst van {schema['items']['$ref'].rpartition('/')[2]}"
    return str(schema["$ref"].rpartition("/")[2])


def _words(schema: dict[str, Any]) -> list[str]:
    found = list(schema.get("enum", []))
    for kind in schema.get("anyOf", []):
        found += _words(kind)
    return found


if __name__ == "__main__":
    REFERENCE.write_text(rendered())
    print(json.dumps(document(), ensure_ascii=False, indent=1))
