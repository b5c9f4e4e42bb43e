"""The callback of a receiver of signalen: what it did with one, in the words of DDAS.

It promises that a status is taken only from the organisation that got the signaal, signed with the key that
was agreed with it; that another's signaal is answered exactly like one that never was; and that a status told
again changes nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPMethod

from pydantic import Field

from adapters.base import Refused
from adapters.ddas import Statusbericht
from adapters.signature import SIGNATURE, digest_fits
from gateway.errors import LostRace, NotAllowed, OpenError
from gateway.log import Log
from gateway.pipeline.signalen import Signalen, SigningTeller, WrongDay
from gateway.web import problems
from gateway.web.api.models import Given
from gateway.web.api.operations import Call, Operation
from gateway.web.problems import Problem


class Feit(Given):
    """One thing the status said."""

    gebeurtenis: str | None = Field(description="Onze code ervoor; null als dit nu niets meer betekent.")
    gewijzigd: bool = Field(description="Onwaar als dit al bekend was; dan is er niets veranderd.")


class Verwerkt(Given):
    """What a status did."""

    feiten: list[Feit] = Field(description="Wat er in stond, in de volgorde waarin het gebeurde.")
    toestand: str = Field(description="Waar de aanmelding nu is.")
    niet_begrepen: list[str] = Field(
        description="De velden met een woord dat wij niet kennen, of dat niet kan; leeg ('') voor een veld "
        "dat in geen versie staat. De rest telt; de beheerder vraagt het na."
    )


class SignaalApi:
    """The operation; `tellers` are the organisations whose signature can be checked."""

    def __init__(
        self, signalen: Signalen, tellers: Mapping[str, SigningTeller], now: Callable[[], datetime], log: Log
    ) -> None:
        self._signalen, self._tellers, self._now, self._log = signalen, tellers, now, log

    def operations(self) -> tuple[Operation, ...]:
        return (
            Operation(
                "signaalstatus",
                HTTPMethod.POST,
                "/v1/signalen/{ID}/statussen",
                "Meld wat er met een signaal is gebeurd",
                "Contactpogingen en resultaat in de woorden van DDAS. Stuur in de kop `Signaal-Signature` "
                "een losse PS256-handtekening over de inhoud mee. U mag elke keer de hele lijst van pogingen "
                "sturen: wat al bekend is, verandert niets. Gelezen worden de versies 0.9 tot en met 1.2.",
                self._take,
                Verwerkt,
                Statusbericht,
                (403, 404, 409),
                self._prove,
            ),
        )

    def _prove(self, organisation: str, content: bytes, headers: Mapping[str, str]) -> None:
        teller = self._tellers.get(organisation)
        if teller is None:
            # It gets no signalen, so there is none of its own here.
            raise Problem(problems.NOT_FOUND)
        try:
            teller.verify(content, headers.get(SIGNATURE))
        except ValueError:
            self._log.web_refused("signature")
            raise Problem(problems.BAD_SIGNATURE) from None
        except Refused as trouble:
            self._log.alarm("signaal_status_key", organisation=organisation, reason=trouble.reason)
            raise Problem(problems.BUSY, headers={"Retry-After": "60"}) from None
        if not digest_fits(content, headers):
            self._log.web_refused("digest")
            raise Problem(problems.BAD_SIGNATURE, "De digest hoort bij een andere inhoud.")

    def _take(self, call: Call) -> Verwerkt:
        status: Statusbericht = call.body
        if call.path["ID"] != status.ID:
            raise _invalid("ID", "is een ander signaal dan dat in het adres")
        if status.silent:
            meant = "meldt niets; geef contactpogingen, datumOpgepakt, meldingen, status of resultaat"
            raise _invalid("", meant)
        told = status.told
        try:
            taken = self._signalen.take(call.organisation, told, self._now())
        except WrongDay:
            raise _invalid("datum", "ligt in de toekomst of voor de aanmelding") from None
        # ContactFirst, or too few attempts; anything else that can't be now is a repetition, and harmless.
        except NotAllowed:
            raise Problem(problems.CONTACT_FIRST) from None
        except (LostRace, OpenError):
            raise Problem(problems.BUSY, headers={"Retry-After": "60"}) from None
        feiten = [Feit(gebeurtenis=note.event, gewijzigd=note.moved) for note in taken.noted]
        return Verwerkt(feiten=feiten, toestand=taken.state, niet_begrepen=list(taken.unknown))


def _invalid(veld: str, melding: str) -> Problem:
    return Problem(problems.INVALID, fouten=[{"veld": veld, "melding": melding}])
