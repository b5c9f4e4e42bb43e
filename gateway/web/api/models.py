"""What the mailbox API takes and gives: the one source of its checks and of its OpenAPI description.

Every closed code may also be said in Dutch. It promises that each word means one code, that an unknown one is
refused with the list, and that what was sent is not repeated.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from adapters import told
from gateway.domain.case import ReportWord
from gateway.domain.codes import DayPart, DeclineReason, NextStep, StopOutcome

C = TypeVar("C", bound=StrEnum)
_OWN_STEP: Final = re.compile(r"^[^\W\d_]+(?: [^\W\d_]+){0,4}$")


def _turned(kind: type[C], listed: Mapping[str, str]) -> Mapping[C, str]:
    """The one list of words, by our codes."""
    return MappingProxyType({kind(code): word for word, code in listed.items()})


STATUSES: Final = _turned(ReportWord, told.STATUSES)
REASONS: Final = _turned(DeclineReason, told.REASONS)
OUTCOMES: Final = _turned(StopOutcome, told.OUTCOMES)
NEXT_STEPS: Final = _turned(NextStep, told.NEXT_STEPS)
DAY_PARTS: Final[Mapping[DayPart, str]] = MappingProxyType(
    {DayPart.OCHTEND: "morning", DayPart.MIDDAG: "afternoon", DayPart.AVOND: "evening"}
)
"""Our own words for these are Dutch already; here the second word is English."""


def words(table: Mapping[C, str]) -> list[str]:
    """Every word that may be said: our own first."""
    return [*map(str, table), *table.values()]


def _reader(table: Mapping[C, str]) -> Callable[[Any], C]:
    known = {str(code): code for code in table} | {word: code for code, word in table.items()}

    def read(value: Any) -> C:
        if isinstance(value, str) and value in known:
            return known[value]
        raise PydanticCustomError("onbekende_code", "is geen bekende code", {"toegestaan": words(table)})

    return read


def _schema(table: Mapping[C, str], says: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": words(table), "description": says})


StatusWord = Annotated[
    ReportWord,
    PlainValidator(_reader(STATUSES)),
    _schema(STATUSES, "Wat er gebeurde, in het Engels of Nederlands."),
]
ReasonWord = Annotated[
    DeclineReason, PlainValidator(_reader(REASONS)), _schema(REASONS, "Waarom de aanmelding geweigerd wordt.")
]
OutcomeWord = Annotated[
    StopOutcome, PlainValidator(_reader(OUTCOMES)), _schema(OUTCOMES, "Hoe de ondersteuning eindigde.")
]


def _step(value: Any) -> NextStep | str:
    """A code, or a word that the place may have: the case's agreement says whether."""
    with suppress(PydanticCustomError):
        return _reader(NEXT_STEPS)(value)
    if isinstance(value, str) and _OWN_STEP.fullmatch(value):
        return value
    raise PydanticCustomError("onbekende_code", "is geen bekende code", {"toegestaan": words(NEXT_STEPS)})


NextStepWord = Annotated[
    NextStep | str,
    PlainValidator(_step),
    WithJsonSchema(
        {
            "anyOf": [{"enum": words(NEXT_STEPS)}, {"type": "string", "pattern": _OWN_STEP.pattern}],
            "description": "Wat er na het contact volgt: een code, of een woord dat uw zorgpad ervoor heeft.",
        }
    ),
]
DayPartWord = Annotated[
    DayPart, PlainValidator(_reader(DAY_PARTS)), _schema(DAY_PARTS, "Het dagdeel van de belpoging.")
]


LONGEST_WAIT = 20
MOST_ITEMS = 100
LONGEST_LEASE = 3600

Token = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]{32}$", description="Het leaseToken dat u bij de afhaling kreeg.")
]


class Model(BaseModel):
    """Base: names in camel case, nothing unknown, no value of one kind taken for another."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        alias_generator=to_camel,
        populate_by_name=True,
    )


class Given(Model):
    """Base of what is answered: callers may count on what is there, and must bear that there will be more."""

    model_config = ConfigDict(extra="ignore")


class Afhaling(Model):
    """What to collect."""

    maximum: int = Field(10, ge=1, le=MOST_ITEMS, description="Hoeveel berichten u hooguit wilt.")
    wacht_seconden: int = Field(
        0, ge=0, le=LONGEST_WAIT, description="Hoe lang u op een bericht wilt wachten als er nog geen is."
    )


class Inhoud(Given):
    """Sealed content that is no JWE."""

    mediatype: str = Field(description="application/pgp-encrypted (ASCII) of application/pkcs7-mime (DER).")
    base64: str = Field(description="De versleutelde inhoud, in base64 (RFC 4648, hoofdstuk 4).")


class Bericht(Given):
    """One leased item."""

    bericht_id: str = Field(description="Het bericht; bij een nieuwe poging hetzelfde.")
    lease_token: str = Field(description="Bewijst dat u het bericht nu hebt; zonder kan niets ermee.")
    zichtbaar_tot: datetime = Field(description="Tot dan heeft niemand anders het; daarna komt het terug.")
    poging: int = Field(
        description="De hoeveelste keer het opgehaald wordt; na vijf verloren keren stopt het."
    )
    kenmerk: str = Field(description="Het kenmerk van de aanmelding; noem het in elk contact.")
    uiterlijk: datetime = Field(description="Voor dit moment moet er contact zijn met de patiënt.")
    spoed: bool = Field(description="Of de huisarts om spoed vroeg.")
    jwe: str | None = Field(
        description="De aanmelding als JWE (compact, ECDH-ES+A256KW, A256GCM) met daarin een JWS van de "
        "gateway (compact, ES256; `aud` is de vingerafdruk van uw sleutel); null bij OpenPGP en S/MIME."
    )
    inhoud: Inhoud | None = Field(description="De aanmelding als OpenPGP of S/MIME; null bij JWE.")


class Ondertekenaar(Model):
    """The public keys with which the gateway signs, as far as there are any."""

    openpgp: str | None = Field(description="Voor OpenPGP: het certificaat in ASCII-armour.")
    smime: str | None = Field(description="Voor S/MIME: het X.509-certificaat als PEM.")
    jwe: str | None = Field(description="Voor wat in een JWE zit: de JWK, of een JWK Set, als JSON-tekst.")


class Lease(Model):
    """Proof that the caller has the item."""

    lease_token: Token


class Bewaard(Lease):
    """An item that the caller keeps now."""

    bericht_id: str = Field(pattern=r"^[0-9a-f]{32}$", description="Het berichtId van de afhaling.")


class Ontvangst(Model):
    """Items that the caller keeps now."""

    berichten: list[Bewaard] = Field(
        min_length=1, max_length=MOST_ITEMS, description="De berichten die u nu veilig bewaard hebt."
    )


class Verlenging(Lease):
    """How much longer the lease should last."""

    seconden: int = Field(
        300, ge=30, le=LONGEST_LEASE, description="Hoe lang u het bericht vanaf nu nog nodig hebt."
    )


class Weigering(Lease):
    """Why the organisation does not take it."""

    reden: ReasonWord


class Verlengd(Given):
    """How long the lease lasts now."""

    bericht_id: str
    zichtbaar_tot: datetime


class Afgehandeld(Given):
    """What became of an item; asked again, the answer is the same."""

    bericht_id: str
    kenmerk: str
    tijdstip: datetime


class Bevestigd(Given):
    """What became of one of several items: when it was settled, or the problem."""

    bericht_id: str
    kenmerk: str | None = Field(None, description="Null bij een probleem.")
    tijdstip: datetime | None = Field(None, description="Null bij een probleem.")
    probleem: str | None = Field(
        None,
        description="Het type van het probleem waarmee POST /berichten/{berichtId}/ontvangstbevestigingen "
        "zou antwoorden; null als u het bericht hebt.",
    )


class StatusBody(Model):
    """What an organisation reports on a case."""

    status: StatusWord
    reden: ReasonWord | None = None
    dagdeel: DayPartWord | None = None
    uitkomst: OutcomeWord | None = None
    vervolgstap: NextStepWord | None = None
    melding_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")] | None = Field(
        None,
        description="Uw eigen naam voor deze melding. Stuurt u haar met dezelfde naam nog eens, dan telt zij "
        "eenmaal; zonder naam telt elke belpoging.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.status is ReportWord.DECLINED and self.reden is None:
            raise PydanticCustomError(
                "reden", "bij deze status hoort een reden", {"veld": "reden", "toegestaan": words(REASONS)}
            )
        return self


class Gemeld(Given):
    """What a report did."""

    kenmerk: str
    status: str = Field(description="Wat gemeld werd, als onze eigen code.")
    gewijzigd: bool = Field(description="Onwaar als dit al bekend was; dan is er niets veranderd.")
    toestand: str = Field(description="Waar de aanmelding nu is.")


class Wachtrij(Given):
    """The caller's queue."""

    aantal: int = Field(description="Berichten die op afhalen wachten.")
    in_behandeling: int = Field(description="Berichten die opgehaald zijn en nog niet bevestigd.")
    oudste: datetime | None = Field(description="Sinds wanneer het oudste wachtende bericht er ligt.")
    eerste_termijn: datetime | None = Field(description="Wanneer het eerste contact er moet zijn.")
