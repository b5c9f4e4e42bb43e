"""The sealed payload: what an organisation gets to read about one referral, the same in every format.

It promises exactly the fields listed in `Aanmelding` and nothing else of the mail, as a short Dutch text
for people (`letter`) and as `aanmelding.json` for programs: canonical JSON (RFC 8785) that satisfies the
published schema `aanmelding.schema.json`. An error about a value never shows the value.
"""

import base64
import quopri
import secrets
from datetime import UTC, datetime
from importlib import resources
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

import rfc8785
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from gateway.domain.codes import Assessment, DayPart
from gateway.domain.pathway import Pathway
from gateway.errors import OpenError, SealError
from gateway.sealing.keyfacts import EXPLAINED, KeyFlaw
from gateway.sealing.letter import letter

SCHEMA: Final = "urn:inbeeld:aanmelding:1"
FILE_NAME = "aanmelding.json"

# No control characters and no line or paragraph separators: a value stays on its own line of the text.
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$")]
Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{5,14}$")]


def _whole_second(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(microsecond=0)


Moment = Annotated[AwareDatetime, AfterValidator(_whole_second)]


class Aanmelding(BaseModel):
    """One referral as the organisation receives it. Phones are E.164, moments aware and whole seconds.

    Values that do not fit are a `SealError` with code `content`, which names the fields and shows no value.
    `opmerking` (`note`) is reserved: the gateway sends none until a pathway asks for one.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        # A validation error must not repeat what it was given: it may be a patient's name.
        hide_input_in_errors=True,
        alias_generator=to_camel,
        populate_by_name=True,
    )

    schema_id: Literal["urn:inbeeld:aanmelding:1"] = Field(default=SCHEMA, alias="schema")
    kenmerk: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{2,39}$")]
    naam: Line
    telefoon: Phone | None = None
    telefoon_van: Literal["ouder"] | None = None
    """Whose the numbers are, where not the patient's."""
    vindplaats: Line | None = None
    """Where the patient is found; one of it and a number is always there."""
    overige_telefoons: Annotated[tuple[Phone, ...], Field(max_length=10)] = ()
    wijk: Line
    praktijk: Line
    contactpersoon: Line | None = None
    """The organisation's own person for this place."""
    ontvangen: Moment
    uiterlijk: Moment
    spoed: bool = False
    proef: Literal[True] | None = None
    """It is a test: there is no patient, and nobody is to be called."""
    gecorrigeerd: Literal[True] | None = None
    """It takes the place of an earlier one with this kenmerk."""
    bellen: DayPart | None = None
    """The part of the day in which the patient is best called, as the referrer said."""
    belt_zelf_voor: Moment | None = None
    """The referrer announced that the patient calls themselves: until then the organisation waits for it."""
    inschatting: Assessment | None = None
    """How the referrer judges what the patient can do alone, where the place agreed that it is told."""
    note: Annotated[Line | None, Field(alias="opmerking")] = None
    tekst: Annotated[str, Field(max_length=4000)] | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _fits(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            made = handler(values)
            if made.telefoon is not None or made.vindplaats is not None:
                return made
            fields = "telefoon"
        except ValidationError as error:
            fields = ", ".join(
                sorted({str(problem["loc"][0]) for problem in error.errors() if problem["loc"]})
            )
        raise SealError(KeyFlaw.CONTENT.value, f"{EXPLAINED[KeyFlaw.CONTENT]}: {fields}")

    def __repr__(self) -> str:
        return f"Aanmelding({self.kenmerk})"

    __str__ = __repr__

    def to_json(self) -> bytes:
        """`aanmelding.json`: canonical, UTF-8, members without a value left out."""
        return rfc8785.dumps(self.model_dump(mode="json", by_alias=True, exclude_none=True))

    @classmethod
    def from_json(cls, content: bytes) -> "Aanmelding":
        """Read `aanmelding.json`; `OpenError` if it does not satisfy the schema."""
        try:
            return cls.model_validate_json(content)
        except (SealError, ValidationError):
            raise OpenError("the content is no aanmelding of a version known here") from None


def as_mime(
    aanmelding: Aanmelding,
    timezone: ZoneInfo,
    link: str = "",
    marker: str = "",
    now: datetime | None = None,
    agreed: Pathway | None = None,
) -> bytes:
    """The MIME entity to seal for mail: readable text, then `aanmelding.json`; CRLF, 7-bit, no subject.

    The entity names no subject, sender or recipient: the outer headers carry those, without content.
    """
    # Written out, because a general composer takes a hundred times as long for the same few lines.
    boundary = f"inbeeld-{secrets.token_hex(12)}"
    text = letter(aanmelding, timezone, by_mail=True, link=link, marker=marker, now=now, agreed=agreed)
    lines = (
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        "",
        f"--{boundary}",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
        "",
        quopri.encodestring(text.replace("\n", "\r\n").encode()).decode("ascii").rstrip("\r\n"),
        "",
        f"--{boundary}",
        "Content-Type: application/json",
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{FILE_NAME}"',
        "",
        base64.encodebytes(aanmelding.to_json()).decode("ascii").replace("\n", "\r\n").rstrip("\r\n"),
        "",
        f"--{boundary}--",
        "",
    )
    return "\r\n".join(lines).encode("ascii")


def as_json(
    aanmelding: Aanmelding,
    timezone: ZoneInfo,
    link: str = "",
    marker: str = "",
    now: datetime | None = None,
    agreed: Pathway | None = None,
) -> bytes:
    """The content to seal as JWE: `aanmelding.json` with the readable text in the member `tekst`. What was
    `agreed` stands in the inbox itself."""
    del agreed
    text = letter(aanmelding, timezone, by_mail=False, link=link, marker=marker, now=now)
    return aanmelding.model_copy(update={"tekst": text}).to_json()


def schema() -> bytes:
    """The published JSON Schema (draft 2020-12) of `aanmelding.json`."""
    return resources.files(__package__).joinpath("aanmelding.schema.json").read_bytes()
