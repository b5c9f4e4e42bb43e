"""A receiver's FHIR server: takes the transaction, keeps each delivery once, and answers searches in pages.

It promises that what it takes is valid FHIR as far as `fhir.resources` can tell, and that nothing of the
gateway's but its web server is used.
"""

import base64
import json
from typing import Any

from fhir.resources.R4B.bundle import Bundle
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.peers.webpeer import WebPeer, answer

FHIR_JSON = "application/fhir+json"
DELIVERY = "urn:inbeeld:aflevering"
CODES = "urn:inbeeld:fhir"


class FhirServer(WebPeer):
    """`tasks` are kept by delivery; change them and the gateway finds out when it asks."""

    page = 100
    names = True
    """Whether its answer to a transaction says where each resource is."""

    def __init__(self, *files: Any) -> None:
        super().__init__(*files)
        self.tasks: dict[str, dict[str, Any]] = {}
        self.bundles: list[dict[str, Any]] = []

    def routes(self) -> list[Route]:
        """The base for transactions, and the search."""
        return [
            Route("/fhir", self._transaction, methods=["POST"]),
            Route("/fhir/Task", self._search, methods=["GET"]),
        ]

    def sealed(self) -> list[bytes]:
        """The ciphertexts that came."""
        return [base64.b64decode(task["input"][0]["valueAttachment"]["data"]) for task in self.tasks.values()]

    def says(self, delivery: str, status: str, progress: str = "", reason: str = "") -> dict[str, Any]:
        """Let a Task be so."""
        task = self.tasks[delivery]
        task["status"] = status
        for name, code in (("businessStatus", progress), ("statusReason", reason)):
            task.pop(name, None)
            if code:
                task[name] = {"coding": [{"system": CODES, "code": code}], "text": "Fatima Voorbeeld belde"}
        return task

    def took(self, task: dict[str, Any]) -> None:
        """Called with each new Task."""

    async def _transaction(self, request: Request) -> Response:
        body = await request.body()
        if not self.knows(request):
            return answer({"resourceType": "OperationOutcome"}, 401, FHIR_JSON)
        if (scripted := self.scripted(body)) is not None:
            return scripted
        bundle = json.loads(body)
        Bundle.model_validate(bundle)
        self.bundles.append(bundle)
        entries = []
        for entry in bundle["entry"]:
            kind, resource = entry["resource"]["resourceType"], entry["resource"]
            delivery = entry["request"]["ifNoneExist"].removeprefix(f"identifier={DELIVERY}|")
            if kind == "Task":
                if new := delivery not in self.tasks:
                    self.tasks[delivery] = {**resource, "id": f"t{len(self.tasks) + 1}"}
                    self.took(self.tasks[delivery])
                location = f"{self.url}/fhir/Task/{self.tasks[delivery]['id']}/_history/1"
            else:
                new, location = True, f"ServiceRequest/s{len(self.tasks)}/_history/1"
            where = {"location": location} if self.names else {}
            entries.append({"response": {"status": "201 Created" if new else "200 OK", **where}})
        if self.lost():
            return answer({}, 500)
        return answer(
            {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}, 200, FHIR_JSON
        )

    async def _search(self, request: Request) -> Response:
        if not self.knows(request):
            return answer({"resourceType": "OperationOutcome"}, 401, FHIR_JSON)
        start = int(request.query_params.get("start", 0))
        found = list(self.tasks.values())
        bundle: dict[str, Any] = {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": task} for task in found[start : start + self.page]],
        }
        if start + self.page < len(found):
            bundle["link"] = [{"relation": "next", "url": f"Task?start={start + self.page}"}]
        return answer(bundle, 200, FHIR_JSON)
