"""Problems as every API tells them (RFC 9457): a Dutch title, what went wrong, and what to do.

It promises that nothing of what was sent is repeated, and that every kind of problem stands in this file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

MEDIA_TYPE: Final = "application/problem+json"
SCIM_JSON: Final = "application/scim+json"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem; `remedy` is what a program's maker can do, `said` what a person can."""

    slug: str
    status: int
    title: str
    remedy: str
    said: str = ""

    @property
    def type(self) -> str:
        """The URI that names it; it is a name, not a page."""
        return f"urn:inbeeld:probleem:{self.slug}"


NO_JSON = ProblemKind("geen-json", 400, "Geen JSON", "Stuur een JSON-object volgens /v1/openapi.json.")
BAD_QUESTION = ProblemKind(
    "verkeerde-vraag", 400, "De vraag klopt niet", "Verbeter de parameters in 'fouten'; zie /v1/openapi.json."
)
NOT_SIGNED_IN = ProblemKind(
    "niet-aangemeld",
    401,
    "Niet aangemeld",
    "Stuur uw token mee in de kop 'Authorization: Bearer …', of gebruik uw clientcertificaat.",
    "Log in en probeer het opnieuw.",
)
NOT_FOUND = ProblemKind(
    "niet-gevonden",
    404,
    "Niet gevonden",
    "Controleer het adres en het kenmerk; u ziet alleen wat voor uw organisatie bestemd is.",
    "Deze pagina is er niet, of is niet voor u bestemd. Controleer het adres.",
)
WRONG_METHOD = ProblemKind(
    "verkeerde-methode", 405, "Methode niet toegestaan", "Gebruik de methode die in de kop Allow staat."
)
NOT_ACCEPTABLE = ProblemKind(
    "niet-aanvaardbaar",
    406,
    "Deze vorm geven wij niet",
    "Vraag JSON: 'Accept: application/fhir+json', of '_format=json'.",
)
LEASE_LOST = ProblemKind(
    "lease-verlopen",
    409,
    "De afhaling is verlopen",
    "Haal opnieuw op met POST /v1/afhalingen. Verwerkte u het bericht al, bevestig dan de nieuwe afhaling.",
)
NOT_NOW = ProblemKind(
    "past-niet",
    409,
    "Deze status past nu niet bij de aanmelding",
    "Meld een van de statussen in 'mogelijk', of neem contact op met de beheerder.",
)
HANDED_OVER = ProblemKind(
    "overgedragen",
    409,
    "Een andere organisatie heeft deze aanmelding nu",
    "U hoeft niets te doen. Had u toch contact met de patiënt, meld dan 'in_beeld'.",
)
CHANGED = ProblemKind(
    "gewijzigd",
    409,
    "Er is intussen iets veranderd",
    "Haal opnieuw op wat er nu is.",
    "Laad de pagina opnieuw en kijk of het nog nodig is.",
)
TEXT_GONE = ProblemKind(
    "tekst-weg", 409, "De tekst is er niet meer", "Is de patiënt nog niet bereikt, bel dan de beheerder."
)
IN_HAND = ProblemKind(
    "in-behandeling",
    409,
    "Iets of iemand anders haalt dit bericht nu op",
    "Probeer het over vijf minuten opnieuw.",
)
BAD_SIGNATURE = ProblemKind(
    "handtekening",
    403,
    "De handtekening klopt niet",
    "Teken precies de verzonden bytes met PS256 en uw afgesproken sleutel, los, in de kop Signaal-Signature.",
)
CONTACT_FIRST = ProblemKind(
    "eerst-contactpoging",
    409,
    "Dit resultaat past nog niet",
    "Meld eerst de contactpogingen waaruit het volgt: een met 'bereikt': true, of genoeg zonder.",
)
TOO_LARGE = ProblemKind(
    "te-groot", 413, "Het verzoek is te groot", "Stuur hooguit 16 kB.", "Stuur minder tegelijk."
)
WRONG_MEDIA_TYPE = ProblemKind(
    "verkeerd-mediatype", 415, "Verkeerd mediatype", "Stuur JSON met 'Content-Type: application/json'."
)
INVALID = ProblemKind(
    "ongeldig", 422, "Het verzoek klopt niet", "Verbeter de velden in 'fouten'; zie /v1/openapi.json."
)
TOO_OFTEN = ProblemKind(
    "te-vaak",
    429,
    "Te veel verzoeken",
    "Wacht het aantal seconden in de kop Retry-After.",
    "Wacht een minuut en probeer het opnieuw.",
)
BROKEN = ProblemKind(
    "storing", 500, "Er ging iets mis", "Probeer het later opnieuw; blijft het, bel dan de beheerder."
)
BUSY = ProblemKind(
    "even-niet", 503, "Nu even niet", "Probeer het over een minuut opnieuw; er is niets veranderd."
)

KINDS: Final[Mapping[int, tuple[ProblemKind, ...]]] = MappingProxyType(
    {
        400: (NO_JSON, BAD_QUESTION),
        401: (NOT_SIGNED_IN,),
        403: (BAD_SIGNATURE,),
        404: (NOT_FOUND,),
        405: (WRONG_METHOD,),
        406: (NOT_ACCEPTABLE,),
        409: (LEASE_LOST, NOT_NOW, HANDED_OVER, CHANGED, TEXT_GONE, IN_HAND, CONTACT_FIRST),
        413: (TOO_LARGE,),
        415: (WRONG_MEDIA_TYPE,),
        422: (INVALID,),
        429: (TOO_OFTEN,),
        500: (BROKEN,),
        503: (BUSY,),
    }
)
"""Every kind there is, by its status."""


class Fault(BaseModel):
    """One field that is not right."""

    model_config = ConfigDict(title="Fout")

    veld: str = Field(description="De naam van het veld; leeg als het om het geheel gaat.")
    melding: str = Field(description="Wat er niet klopt.")
    toegestaan: list[str] | None = Field(None, description="Wat er wel mag staan.")


class ProblemBody(BaseModel):
    """What is answered when something went wrong (RFC 9457)."""

    model_config = ConfigDict(title="Probleem")

    type: str = Field(description="De naam van het soort probleem.")
    title: str
    status: int
    detail: str | None = None
    wat_te_doen: str = Field(alias="watTeDoen", description="Wat u kunt doen.")
    fouten: list[Fault] | None = None
    mogelijk: list[str] | None = Field(None, description="De statussen die nu wel gemeld kunnen worden.")


class Problem(Exception):
    """Ends a request with a problem; `headers` go with the answer."""

    def __init__(
        self,
        kind: ProblemKind,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(kind.slug)
        self.kind, self.detail, self.headers, self.members = kind, detail, dict(headers or {}), members


def answer(problem: Problem) -> Response:
    kind = problem.kind
    body: dict[str, Any] = {"type": kind.type, "title": kind.title, "status": kind.status}
    if problem.detail:
        body["detail"] = problem.detail
    body |= {"watTeDoen": kind.remedy, **problem.members}
    return JSONResponse(body, kind.status, problem.headers, media_type=MEDIA_TYPE)


def scim_error(
    status: int, detail: str, kind: str | None = None, *, headers: dict[str, str] | None = None
) -> Response:
    """A problem as SCIM tells it (RFC 7644, section 3.12)."""
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": str(status),
        "detail": detail,
    }
    return JSONResponse(body | ({"scimType": kind} if kind else {}), status, headers, media_type=SCIM_JSON)
