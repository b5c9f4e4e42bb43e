"""The description of the API (OpenAPI 3.1), made from the operations and models that carry it out."""

from collections.abc import Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from gateway.web import problems
from gateway.web.api.operations import JSON, Operation
from gateway.web.problems import KINDS, ProblemBody

VERSION = "1.0.0"
REF = "#/components/schemas/{model}"

_PATHS = {
    "berichtId": "Het berichtId van de afhaling.",
    "ID": "De ID van het signaal.",
    "kenmerk": "Het kenmerk van de aanmelding, zoals IB-7K3F-9QXM.",
}


def describe(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "InBeeld, beveiligde postbus",
            "version": VERSION,
            "description": "Een organisatie haalt hier versleutelde aanmeldingen op en meldt hoe het ging. "
            "Elke fout is een probleem volgens RFC 9457, met in `watTeDoen` wat u kunt doen.",
        },
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "responses": {str(status): _problem(status) for status in KINDS},
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
        "summary": operation.summary,
        "description": operation.says,
        "responses": {
            "200": {
                "description": "Gelukt.",
                "headers": _VERSION_HEADER,
                "content": {JSON: {"schema": _schema_of(operation.gives)}},
            }
        }
        | {str(status): {"$ref": f"#/components/responses/{status}"} for status in operation.problems()},
    }
    if names:
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
    if operation.takes:
        content = {JSON: {"schema": {"$ref": REF.format(model=operation.takes.__name__)}}}
        found["requestBody"] = {"required": True, "content": content}
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
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((one.takes, "validation") for one in operations if one.takes),
        *((model, "serialization") for model in dict.fromkeys([*given, ProblemBody])),
    ]
    _, found = models_json_schema(models, ref_template=REF)
    schemas: dict[str, Any] = found["$defs"]
    for schema in schemas.values():
        # The models' own words are for whoever reads the code.
        schema.pop("description", None)
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
