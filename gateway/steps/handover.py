"""Makes the handover of a case: chooses the organisation and seals the referral for it.

It promises to fail closed (P3): whatever keeps the referral from being sealed to exactly one organisation's
valid key gives a row that is *held* with the reason, for a person to mend and to try again. Nothing that
leaves this step holds a byte of the referral in clear.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.domain.case import Referral
from gateway.domain.route import NoRoute, Organisation, Route, choose
from gateway.errors import SealError
from gateway.reading.wijken import Gazetteer
from gateway.sealing.keyring import Sealer
from gateway.sealing.payload import Aanmelding, as_json, as_mime
from gateway.store.outbox import Status
from gateway.store.tables import CaseRow, OutboxRow


@dataclass(frozen=True, slots=True)
class Sealing:
    """What `Handover.seal` gives: ciphertext, or the closed code why there is none."""

    media_type: str | None = None
    ciphertext: bytes | None = None
    problem: str | None = None


class Handover:
    """Knows the organisations, what they serve, and their keys."""

    def __init__(
        self,
        organisations: Mapping[str, Organisation],
        sealers: Mapping[str, Sealer],
        gazetteer: Gazetteer,
        practices: Mapping[str, str],
        timezone: ZoneInfo,
    ) -> None:
        self.organisations = organisations
        self._sealers, self._gazetteer = sealers, gazetteer
        self._practices, self._timezone = practices, timezone

    def route(self, wijk: str) -> Route:
        """Who serves a place of the gazetteer; raises `NoRoute`."""
        try:
            ancestry = self._gazetteer.ancestry(wijk)
        except KeyError:
            raise NoRoute("no_route") from None
        return choose(ancestry, self.organisations.values())

    def seal(
        self, case: CaseRow, referral: Referral, organisation: Organisation, due_at: datetime, now: datetime
    ) -> Sealing:
        """The referral as ciphertext for the organisation's key, or why that can't be."""
        content = Aanmelding(
            kenmerk=case.kenmerk,
            naam=referral.name,
            telefoon=referral.phone,
            overige_telefoons=referral.other_phones,
            wijk=referral.wijk,
            praktijk=self._practices[case.practice_id or ""],
            ontvangen=case.received_at,
            uiterlijk=due_at,
            spoed=case.urgent,
        )
        compose = as_json if organisation.format == "jwe" else as_mime
        try:
            sealed = self._sealers[organisation.id].seal(compose(content, self._timezone), now)
        except SealError as error:
            return Sealing(problem=error.code)
        return Sealing(sealed.media_type, sealed.ciphertext)

    def row(self, case: CaseRow, organisation_id: str | None, sealing: Sealing, now: datetime) -> OutboxRow:
        """The outbox row of a handover: ready with ciphertext, or held with the reason."""
        return OutboxRow(
            id=uuid.uuid4().hex,
            once=f"{case.id}:handover:{organisation_id or ''}",
            case_id=case.id,
            kind="handover",
            code="handover",
            organisation_id=organisation_id,
            status=Status.HELD if sealing.problem else Status.READY,
            reason=sealing.problem,
            media_type=sealing.media_type,
            sealed=sealing.ciphertext,
            created_at=now,
            next_at=now,
        )
