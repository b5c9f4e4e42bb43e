"""The description of the API (OpenAPI 3.1), made from the operations and models that carry it out.

It promises what the NL API Design Rules (Logius, 2.1, with what the ruleset of 2.2 adds) ask of one:
`tests/contract/mailbox/test_design_rules.py` holds it to their rules.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from gateway.web import problems
from gateway.web.api.operations import JSON, Operation
from gateway.web.problems import KINDS, ProblemBody

VERSION = "1.3.0"
"""What changed from one to the next stands in docs/api-changelog.md."""

BASE = "/v1"
"""Under it stands everything that is described, and the description itself."""
REF = "#/components/schemas/{model}"

_PATHS = {
    "berichtId": "Het berichtId van de afhaling.",
    "ID": "De ID van het signaal.",
    "kenmerk": "Het kenmerk van de aanmelding, zoals IB-7K3F-9QXM.",
}


@dataclass(frozen=True, slots=True)
class ApiPlace:
    """Where the API is found, and who answers for it."""

    url: str
    contact: str
    email: str


def describe(operations: Sequence[Operation], place: ApiPlace) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(operation.path.removeprefix(BASE), {})[operation.method.lower()] = _operation(
            operation
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "InBeeld, beveiligde postbus",
            "version": VERSION,
            "description": "Een organisatie haalt hier versleutelde aanmeldingen op en meldt hoe het ging. "
            "Elke fout is een probleem volgens RFC 9457, met in `watTeDoen` wat u kunt doen. Tijdstippen "
            "zijn in UTC.",
            "contact": {"name": place.contact, "email": place.email, "url": place.url},
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": f"{place.url}{BASE}"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(map(_tag, operations))],
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "responses": {
                str(status): _problem(status)
                for status in sorted({status for one in operations for status in one.problems()})
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "certificaat": {"type": "mutualTLS"},
            },
        },
        "security": [{"token": []}, {"certificaat": []}],
    }


def _operation(operation: Operation) -> dict[str, Any]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    found: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [_tag(operation)],
        "summary": operation.summary,
        "description": operation.says,
        "responses": {
            "200": {
                "description": "Gelukt.",
                "headers": _headers(operation),
                "content": {JSON: {"schema": _schema_of(operation.gives)}},
            }
        }
        | {str(status): {"$ref": f"#/components/responses/{status}"} for status in operation.problems()},
    }
    if operation.goes:
        found["deprecated"] = True
    if names or operation.asks:
        found["parameters"] = [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": _PATHS[name],
                "schema": {"type": "string"},
            }
            for name in names
        ]
        found["parameters"] += _query(operation)
    if operation.takes:
        content = {JSON: {"schema": {"$ref": REF.format(model=operation.takes.__name__)}}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _tag(operation: Operation) -> str:
    return operation.path.removeprefix(BASE).split("/")[1]


def _query(operation: Operation) -> list[dict[str, Any]]:
    if operation.asks is None:
        return []
    shape = operation.asks.model_json_schema()
    found = []
    for name, schema in shape["properties"].items():
        says = schema.pop("description")
        # A parameter that isn't there is just that: in an address there is no null.
        kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
        schema = {key: value for key, value in schema.items() if (key, value) != ("default", None)}
        found.append({"name": name, "in": "query", "description": says, "schema": schema | dict(*kinds)})
    return found


def _headers(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = dict(_VERSION_HEADER)
    text = {"type": "string"}
    if operation.asks:
        found["Link"] = {"description": 'De volgende bladzijde (RFC 8288, rel="next").', "schema": text}
    if operation.goes:
        found["Deprecation"] = {"description": "Sinds wanneer dit verouderd is (RFC 9745).", "schema": text}
        found["Sunset"] = {"description": "Tot wanneer dit nog werkt (RFC 8594).", "schema": text}
    return found


_VERSION_HEADER = {
    "API-Version": {"description": "De versie van deze API.", "schema": {"type": "string"}},
}


def _schema_of(kind: Any) -> dict[str, Any]:
    """A reference to a model, or a list of them."""
    if get_origin(kind) is list:
        return {"type": "array", "items": _schema_of(get_args(kind)[0])}
    return {"$ref": REF.format(model=kind.__name__)}


def _schemas(operations: Sequence[Operation]) -> dict[str, Any]:
    given = [(get_args(one.gives) or (one.gives,))[0] for one in operations]
    taken = (one.takes for one in operations if one.takes)
    return deepcopy(_schemas_of(tuple(dict.fromkeys(taken)), tuple(dict.fromkeys([*given, ProblemBody]))))


@cache
def _schemas_of(taken: tuple[type[BaseModel], ...], given: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "validation") for model in taken),
        *((model, "serialization") for model in given),
    ]
    _, found = models_json_schema(models, ref_template=REF)
    schemas: dict[str, Any] = found["$defs"]
    for schema in schemas.values():
        # The models' own words are for whoever reads the code.
        schema.pop("description", None)
        for member in schema.get("properties", {}).values():
            # What may be left out is not null when it is there.
            if "type" in member and member.get("default", "") is None:
                del member["default"]
    return schemas


def _problem(status: int) -> dict[str, Any]:
    said = "; ".join(f"{kind.title} (`{kind.type}`). {kind.remedy}" for kind in KINDS[status])
    found: dict[str, Any] = {
        "description": said,
        "headers": dict(_VERSION_HEADER),
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": REF.format(model="ProblemBody")}}},
    }
    if status in (429, 503):
        found["headers"]["Retry-After"] = {
            "description": "Zoveel seconden wachten.",
            "schema": {"type": "integer"},
        }
    return found
