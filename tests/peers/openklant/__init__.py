"""A municipality's Open Klant, as far as the adapter speaks with it: actors, contacts and tasks.

It promises to refuse what the published OpenAPI of klantinteracties 0.5.0 refuses: missing members, unknown
words, and texts that are too long (400, as Open Klant answers).
"""

import json
import uuid
from typing import Any

import jsonschema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.peers.webpeer import WebPeer, answer

ACTOR = "3f6a2c1e-8d4b-4c7a-9e21-5b0f7d6c8a90"
BASE = "/klantinteracties/api/v1"
_KEY = {"type": "object", "properties": {"uuid": {"type": "string", "format": "uuid"}}, "required": ["uuid"]}

CONTACT = {
    "type": "object",
    "properties": {
        "nummer": {"type": "string", "maxLength": 10},
        "kanaal": {"type": "string", "minLength": 1, "maxLength": 50},
        "onderwerp": {"type": "string", "minLength": 1, "maxLength": 200},
        "inhoud": {"type": "string", "maxLength": 1000},
        "indicatieContactGelukt": {"type": ["boolean", "null"]},
        "taal": {"type": "string", "pattern": "^[a-z]{3}$"},
        "vertrouwelijk": {"type": "boolean"},
        "plaatsgevondenOp": {"type": "string", "format": "date-time"},
    },
    "required": ["kanaal", "onderwerp", "taal", "vertrouwelijk"],
    "additionalProperties": False,
}
TASK = {
    "type": "object",
    "properties": {
        "nummer": {"type": "string", "maxLength": 10},
        "gevraagdeHandeling": {"type": "string", "minLength": 1, "maxLength": 200},
        "aanleidinggevendKlantcontact": _KEY,
        "toegewezenAanActoren": {"type": "array", "items": _KEY, "minItems": 1},
        "toelichting": {"type": "string", "maxLength": 1000},
        "status": {"enum": ["te_verwerken", "verwerkt"]},
    },
    "required": ["aanleidinggevendKlantcontact", "gevraagdeHandeling", "status"],
    "additionalProperties": False,
}
_SHAPES = {"klantcontacten": CONTACT, "internetaken": TASK}


class OpenKlant(WebPeer):
    """`kept` holds what was made, by kind and uuid; `task(nummer)` is one to change."""

    scheme = "Token"
    page = 100
    filters = True

    def __init__(self, *files: Any) -> None:
        super().__init__(*files)
        self.kept: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in _SHAPES}

    @property
    def api(self) -> str:
        """Where the API is."""
        return f"{self.url}{BASE}"

    def routes(self) -> list[Route]:
        """What the adapter calls."""
        return [
            Route(f"{BASE}/actoren/{{uuid}}", self._actor, methods=["GET"]),
            Route(f"{BASE}/{{kind}}", self._list, methods=["GET"]),
            Route(f"{BASE}/{{kind}}", self._make, methods=["POST"]),
        ]

    def tasks(self) -> list[dict[str, Any]]:
        """Every task."""
        return list(self.kept["internetaken"].values())

    def took(self, task: dict[str, Any]) -> None:
        """Called with each new task."""

    async def _actor(self, request: Request) -> Response:
        if not self.knows(request):
            return answer({"status": 401}, 401)
        known = request.path_params["uuid"] == ACTOR
        return answer({"uuid": ACTOR} if known else {"status": 404}, 200 if known else 404)

    async def _list(self, request: Request) -> Response:
        if not self.knows(request):
            return answer({"status": 401}, 401)
        found = list(self.kept[request.path_params["kind"]].values())
        if self.filters and "nummer" in request.query_params:
            found = [one for one in found if one["nummer"] == request.query_params["nummer"]]
        start = int(request.query_params.get("page", 1)) - 1
        results = found[start * self.page : (start + 1) * self.page]
        more = (start + 1) * self.page < len(found)
        following = f"{self.api}/{request.path_params['kind']}?page={start + 2}" if more else None
        return answer({"count": len(found), "next": following, "previous": None, "results": results})

    async def _make(self, request: Request) -> Response:
        body = await request.body()
        if not self.knows(request):
            return answer({"status": 401}, 401)
        kind = request.path_params["kind"]
        # The script is for deliveries, and each ends with a task.
        if kind == "internetaken" and (scripted := self.scripted(body)) is not None:
            return scripted
        made = json.loads(body)
        if list(jsonschema.Draft202012Validator(_SHAPES[kind]).iter_errors(made)):
            return answer({"title": "Invalid input.", "status": 400}, 400)
        made["uuid"] = str(uuid.uuid4())
        self.kept[kind][made["uuid"]] = made
        if kind == "internetaken":
            self.took(made)
            if self.lost():
                return answer({}, 500)
        return answer(made, 201)
