"""The callback of a receiver of signalen: what it did with one, in the words of DDAS.

It promises that a status is taken only from the organisation that got the signaal, signed with the key that
was agreed with it; that another's signaal is answered exactly like one that never was; and that a status told
again changes nothing.

What a receiver's system calls when something changed there: a notification of the Notificaties API.

It promises that nothing in it is believed: it lets the worker ask that receiver at once, instead of when it
is due anyway, and whoever repeats it makes it ask no more often than it looks.
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
from gateway.store import polls
from gateway.store.engine import Store
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


class Notificatie(Given):
    """What is told; of all that the standard has in it only the channel is read."""

    kanaal: str = Field(max_length=100, description="Het kanaal; met `test` gebeurt er niets.")


class Genoteerd(Given):
    """That it was heard."""

    opgevraagd: bool = Field(description="Of wij uw systeem nu zo snel mogelijk opnieuw bevragen.")


class NotificationsApi:
    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now

    def operations(self) -> tuple[Operation, ...]:
        return (
            Operation(
                "notificaties",
                HTTPMethod.POST,
                "/v1/notificaties",
                "Meld dat er bij u iets is gewijzigd",
                "De callback van een abonnement op een Notificaties API, zoals van Open Klant op het kanaal "
                "`internetaken`. Wij geloven er niets van: wij bevragen uw systeem dan binnen een halve "
                "minuut.",
                self._hear,
                Genoteerd,
                Notificatie,
            ),
        )

    def _hear(self, call: Call) -> Genoteerd:
        told: Notificatie = call.body
        if told.kanaal == "test":
            return Genoteerd(opgevraagd=False)
        ask_soon(self._store, call.organisation, self._now())
        return Genoteerd(opgevraagd=True)


def ask_soon(store: Store, organisation: str, now: datetime) -> None:
    """Let the worker ask this organisation's system when it looks next."""
    with store.write() as session:
        polls.hint(session, organisation, now)
