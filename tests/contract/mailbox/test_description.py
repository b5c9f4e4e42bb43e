"""The description of the API, and whether what is served keeps to it."""

import asyncio
import itertools
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.domain.states import REPORTS
from gateway.web.api.openapi import ApiPlace, describe
from tests.contract.mailbox.harbour import HAVEN, Harbour
from tests.patience import PATIENCE_S

load_all_checks()
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 6


def rejects(context: Any, response: Any, case: Any) -> bool | None:
    """What breaks the description is refused; what is too large is refused before anybody looks at it."""
    return None if response.status_code == 413 else negative_data_rejection(context, response, case)


async def test_what_is_served_keeps_to_the_description(harbour: Harbour) -> None:
    await harbour.refer()
    # Nobody is in haste, and nobody waits for what does not come.
    moments = itertools.count(0, 60)
    harbour.town.gateway.web.access._tick = lambda: float(next(moments))
    harbour.town.gateway.base.bell.silence()
    called = await asyncio.to_thread(_try_everything, harbour)
    assert called == {
        *(
            "afhalen",
            "bevestigen",
            "samenBevestigen",
            "verlengen",
            "teruggeven",
            "weigeren",
            "melden",
            "wachtrij",
            "ondertekenaar",
            "aanmeldingen",
            "notificaties",
            "ruimte",
            "ruimteMelden",
            "signaalstatus",
        )
    }


def _try_everything(harbour: Harbour) -> set[str]:
    schema = schemathesis.openapi.from_url(f"{harbour.url}/v1/openapi.json", verify=str(harbour.ca))
    headers = {"Authorization": f"Bearer {harbour.tokens[HAVEN]}"}
    called = set()
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]
        for mode, checks in (
            (GenerationMode.POSITIVE, CHECKS),
            (GenerationMode.NEGATIVE, [*CHECKS, rejects]),
        ):
            if mode is GenerationMode.NEGATIVE and operation.method == "get" and not operation.query:
                continue

            _try(harbour, operation.as_strategy(generation_mode=mode), headers, checks)
        called.add(operation.definition.raw["operationId"])
    return called


def _try(harbour: Harbour, cases: Any, headers: dict[str, str], checks: list[Any]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def keeps(case: Any) -> None:
        case.call_and_validate(
            base_url=f"{harbour.url}/v1",
            headers=headers,
            checks=checks,
            timeout=PATIENCE_S,
            verify=str(harbour.ca),
        )

    keeps()


async def test_the_description_is_whole(harbour: Harbour) -> None:
    async with harbour.client() as client:
        document = (await client.get("/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert {path for path in document["paths"] if "signalen" not in path} == {
        "/notificaties",
        "/ruimte",
        "/afhalingen",
        "/berichten/{berichtId}/ontvangstbevestigingen",
        "/ontvangstbevestigingen",
        "/berichten/{berichtId}/verlengingen",
        "/berichten/{berichtId}/teruggaven",
        "/berichten/{berichtId}/weigeringen",
        "/aanmeldingen",
        "/aanmeldingen/{kenmerk}/statussen",
        "/wachtrij",
        "/ondertekenaar",
    }
    item = document["components"]["schemas"]["Bericht"]["properties"]
    assert item.keys() >= {
        *("berichtId", "leaseToken", "zichtbaarTot", "poging", "kenmerk", "uiterlijk", "jwe", "inhoud")
    }
    words = document["components"]["schemas"]["StatusBody"]["properties"]["status"]["enum"]
    assert {str(event) for event in REPORTS} < set(words), "the closed vocabulary, whole"
    for operations in document["paths"].values():
        for operation in operations.values():
            assert {"200", "401", "429", "500", "503"} <= operation["responses"].keys()


def test_a_description_without_operations_is_a_description() -> None:
    assert (
        describe((), ApiPlace("https://handover.example", "Beheer", "beheer@handover.example"))["paths"] == {}
    )
