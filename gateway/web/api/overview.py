"""The list of an organisation's own cases: where each stands, and nothing of any patient.

It promises that an organisation sees the cases that it has now and no other, and that following `Link` from
page to page passes each of them once that was there all along.
"""

from datetime import datetime
from http import HTTPMethod

from pydantic import AwareDatetime, ConfigDict, Field

from gateway.store import cases
from gateway.store.cases import OwnCase
from gateway.store.engine import Store
from gateway.web.api.models import Given, Model
from gateway.web.api.operations import Call, Operation, PageOfAnswers

MOST = 100


class Zoekvraag(Model):
    """Which part of the list."""

    model_config = ConfigDict(strict=False)

    aantal: int = Field(50, ge=1, le=MOST, description="Hoeveel aanmeldingen u hooguit wilt.")
    na: str = Field(
        "", pattern=r"^([0-9a-f]{32})?$", description="Waar deze bladzijde begint; volg daarvoor de kop Link."
    )
    gewijzigd_sinds: AwareDatetime | None = Field(
        None, description="Alleen wat sinds dit tijdstip veranderde, zoals 2026-11-23T09:00:00Z."
    )


class Aanmeldingsregel(Given):
    """One case."""

    kenmerk: str = Field(description="Het kenmerk van de aanmelding.")
    toestand: str = Field(description="Waar de aanmelding nu is, als onze eigen code.")
    spoed: bool = Field(description="Of de huisarts om spoed vroeg.")
    ontvangen: datetime = Field(description="Wanneer de gateway haar ontving.")
    gewijzigd: datetime = Field(description="Wanneer er het laatst iets veranderde.")
    uiterlijk: datetime | None = Field(description="Voor dit moment moet er contact zijn met de patiënt.")


class OverviewApi:
    """The operation."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def operations(self) -> tuple[Operation, ...]:
        return (
            Operation(
                "aanmeldingen",
                HTTPMethod.GET,
                "/v1/aanmeldingen",
                "Bekijk uw aanmeldingen",
                "De aanmeldingen die uw organisatie nu heeft, zonder gegevens van patiënten, een bladzijde "
                "tegelijk. De kop `Link` noemt de volgende.",
                self._list,
                list[Aanmeldingsregel],
                asks=Zoekvraag,
            ),
        )

    def _list(self, call: Call) -> PageOfAnswers:
        wanted: Zoekvraag = call.query
        most, since = wanted.aantal + 1, wanted.gewijzigd_sinds
        with self._store.read() as session:
            found = cases.of_organisation(session, call.organisation, most, after=wanted.na, since=since)
        more = None
        if len(found) > wanted.aantal:
            more = {"na": found[wanted.aantal - 1].id, "aantal": str(wanted.aantal)}
            if since is not None:
                more["gewijzigdSinds"] = since.isoformat()
        return PageOfAnswers([_line(one) for one in found[: wanted.aantal]], more)


def _line(case: OwnCase) -> Aanmeldingsregel:
    return Aanmeldingsregel(
        kenmerk=case.kenmerk,
        toestand=case.state,
        spoed=case.urgent,
        ontvangen=case.received_at,
        gewijzigd=case.updated_at,
        uiterlijk=case.due_at,
    )
