"""The mailbox API: collect, acknowledge, extend, give back, refuse, report, look.

It promises that an organisation finds its own items and cases only: another's are answered exactly like those
that never were.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http import HTTPMethod
from typing import Any, TypeVar

from gateway.domain.codes import NextStep
from gateway.errors import LostRace, NotFound, OpenError
from gateway.mailbox.collecting import HandedOver, LeaseLost, NotNow, Settled
from gateway.mailbox.queue import Mailbox
from gateway.pipeline.settle import Report, UnknownStep
from gateway.store.mailbox import Leased
from gateway.web import problems
from gateway.web.api.models import (
    Afgehandeld,
    Afhaling,
    Bericht,
    Bevestigd,
    Gemeld,
    Inhoud,
    Lease,
    Ondertekenaar,
    Ontvangst,
    StatusBody,
    Verlengd,
    Verlenging,
    Wachtrij,
    Weigering,
)
from gateway.web.api.operations import Call, Operation
from gateway.web.problems import Problem, ProblemKind

JOSE = "application/jose"
_ITEM = re.compile(r"[0-9a-f]{32}")
_REFUSED: dict[type[Exception], ProblemKind] = {
    NotFound: problems.NOT_FOUND,
    LeaseLost: problems.LEASE_LOST,
    LostRace: problems.BUSY,
}

T = TypeVar("T")


class Api:
    """The operations; `operations()` lists them for routes and description."""

    def __init__(
        self, mailbox: Mailbox, now: Callable[[], datetime], signers: Callable[[], Mapping[str, str]]
    ) -> None:
        self._mailbox, self._now, self._signers = mailbox, now, signers

    def operations(self) -> tuple[Operation, ...]:
        item = "/v1/berichten/{berichtId}"
        post, get = HTTPMethod.POST, HTTPMethod.GET
        return (
            Operation(
                "afhalen",
                post,
                "/v1/afhalingen",
                "Haal berichten op",
                "Geeft hooguit `maximum` berichten, elk met een leaseToken. Wacht desgewenst tot er een is. "
                "Zijn er geen, dan is de lijst leeg. Bevestig elk bericht nadat u het veilig bewaard hebt.",
                self._collect,
                list[Bericht],
                Afhaling,
            ),
            Operation(
                "bevestigen",
                post,
                f"{item}/ontvangstbevestigingen",
                "Bevestig dat u een bericht hebt",
                "Daarna komt het niet meer terug. Herhalen mag: het antwoord blijft hetzelfde.",
                self._acknowledge,
                Afgehandeld,
                Lease,
                (404, 409),
            ),
            Operation(
                "samenBevestigen",
                post,
                "/v1/ontvangstbevestigingen",
                "Bevestig dat u berichten hebt",
                "Voor een hele afhaling tegelijk. Elk bericht krijgt een eigen antwoord, in uw volgorde: het "
                "ene houdt het andere niet tegen. Herhalen mag.",
                self._acknowledge_each,
                list[Bevestigd],
                Ontvangst,
            ),
            Operation(
                "verlengen",
                post,
                f"{item}/verlengingen",
                "Houd een bericht langer",
                "Voor wie meer tijd nodig heeft dan de vijf minuten van een afhaling.",
                self._extend,
                Verlengd,
                Verlenging,
                (404, 409),
            ),
            Operation(
                "teruggeven",
                post,
                f"{item}/teruggaven",
                "Geef een bericht terug",
                "Het ligt meteen weer klaar, ook voor uw andere afhalers. Herhalen mag.",
                self._give_back,
                Afgehandeld,
                Lease,
                (404, 409),
            ),
            Operation(
                "weigeren",
                post,
                f"{item}/weigeringen",
                "Weiger een aanmelding",
                "De aanmelding gaat, als dat kan, naar een andere organisatie. Herhalen mag.",
                self._refuse,
                Afgehandeld,
                Weigering,
                (404, 409),
            ),
            Operation(
                "melden",
                post,
                "/v1/aanmeldingen/{kenmerk}/statussen",
                "Meld hoe het met een aanmelding gaat",
                "Alleen gesloten codes; vrije tekst bestaat hier niet. Herhalen mag en verandert niets.",
                self._report,
                Gemeld,
                StatusBody,
                (404, 409),
            ),
            Operation(
                "wachtrij",
                get,
                "/v1/wachtrij",
                "Bekijk uw wachtrij",
                "Alleen aantallen en tijden van uw eigen organisatie.",
                self._figures,
                Wachtrij,
            ),
            Operation(
                "ondertekenaar",
                get,
                "/v1/ondertekenaar",
                "Haal de sleutel waarmee de gateway ondertekent",
                "Wat u ophaalt is met deze sleutel ondertekend. Controleer dat van elk bericht: een bericht "
                "zonder goede handtekening is niet van de gateway. Vergelijk de sleutel eens per telefoon.",
                self._signer,
                Ondertekenaar,
            ),
        )

    async def _collect(self, call: Call) -> list[Bericht]:
        wanted: Afhaling = call.body
        leased = await self._mailbox.collect(
            call.organisation, self._now(), wanted.maximum, wanted.wacht_seconden
        )
        return [_bericht(item) for item in leased]

    def _signer(self, _: Call) -> Ondertekenaar:
        found = self._signers()
        return Ondertekenaar(openpgp=found.get("openpgp"), smime=found.get("smime"), jwe=found.get("jwe"))

    def _acknowledge(self, call: Call) -> Afgehandeld:
        lease: Lease = call.body
        return _settled(self._on_item(self._mailbox.acknowledge, call, lease.lease_token))

    def _acknowledge_each(self, call: Call) -> list[Bevestigd]:
        kept: Ontvangst = call.body
        items = [(one.bericht_id, one.lease_token) for one in kept.berichten]
        answers = self._mailbox.acknowledge_each(call.organisation, items, self._now())
        return [_confirmed(id_, answer) for (id_, _), answer in zip(items, answers, strict=True)]

    def _extend(self, call: Call) -> Verlengd:
        wanted: Verlenging = call.body
        row = self._on_item(self._mailbox.extend, call, wanted.lease_token, wanted.seconden)
        return Verlengd(bericht_id=row.id, zichtbaar_tot=row.visible_at)

    def _give_back(self, call: Call) -> Afgehandeld:
        lease: Lease = call.body
        return _settled(self._on_item(self._mailbox.give_back, call, lease.lease_token))

    def _refuse(self, call: Call) -> Afgehandeld:
        refusal: Weigering = call.body
        return _settled(self._on_item(self._mailbox.refuse, call, refusal.lease_token, refusal.reden))

    def _report(self, call: Call) -> Gemeld:
        said: StatusBody = call.body
        step = said.vervolgstap
        report = Report.of(
            said.status,
            reason=said.reden,
            day_part=said.dagdeel,
            outcome=said.uitkomst,
            next_step=step if isinstance(step, NextStep) else None,
            step="" if step is None or isinstance(step, NextStep) else step,
        )
        kenmerk = call.path["kenmerk"]
        with _told():
            told = self._mailbox.report(call.organisation, kenmerk, report, self._now(), said.melding_id)
        return Gemeld(
            kenmerk=told.kenmerk, status=str(said.status), gewijzigd=told.moved, toestand=told.state
        )

    def _figures(self, call: Call) -> Wachtrij:
        found = self._mailbox.figures(call.organisation, self._now())
        return Wachtrij(
            aantal=found.waiting,
            in_behandeling=found.leased,
            oudste=found.oldest,
            eerste_termijn=found.next_due,
        )

    def _on_item(self, act: Callable[..., T], call: Call, token: str, *more: Any) -> T:
        with _told():
            return act(call.organisation, _item_of(call), token, *more, self._now())


def _item_of(call: Call) -> str:
    """The item that is meant. What can't be an id of ours is looked for all the same: that takes as long."""
    item_id = call.path["berichtId"]
    return item_id if _ITEM.fullmatch(item_id) else ""


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong, as the problem that the caller is told."""
    try:
        yield
    except LeaseLost:
        raise Problem(problems.LEASE_LOST) from None
    except HandedOver:
        raise Problem(problems.HANDED_OVER) from None
    except UnknownStep:
        wrong = {"veld": "vervolgstap", "melding": "is geen code, en geen woord van uw zorgpad"}
        raise Problem(problems.INVALID, fouten=[wrong]) from None
    except NotNow as error:
        raise Problem(problems.NOT_NOW, mogelijk=list(map(str, error.possible))) from None
    except (LostRace, OpenError):
        raise Problem(problems.BUSY, headers={"Retry-After": "60"}) from None


def _settled(settled: Settled) -> Afgehandeld:
    return Afgehandeld(bericht_id=settled.item_id, kenmerk=settled.kenmerk, tijdstip=settled.at)


def _confirmed(item_id: str, answer: Settled | Exception) -> Bevestigd:
    if isinstance(answer, Settled):
        return Bevestigd(bericht_id=item_id, kenmerk=answer.kenmerk, tijdstip=answer.at)
    if (kind := _REFUSED.get(type(answer))) is None:
        # It goes for the whole: what was settled all the same is told when it is said again.
        raise answer
    return Bevestigd(bericht_id=item_id, probleem=kind.type)


def _bericht(item: Leased) -> Bericht:
    row, sealed = item.row, item.row.sealed or b""
    jose = row.media_type == JOSE
    return Bericht(
        bericht_id=row.id,
        lease_token=item.token,
        zichtbaar_tot=row.visible_at,
        poging=row.attempt,
        kenmerk=row.kenmerk,
        uiterlijk=row.due_at,
        spoed=row.urgent,
        jwe=sealed.decode("ascii") if jose else None,
        inhoud=None if jose else Inhoud(mediatype=row.media_type, base64=base64.b64encode(sealed).decode()),
    )
