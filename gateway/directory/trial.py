"""A test referral: a whole one about nobody, that says everywhere that it is a test.

It promises that it goes the way of every other one (read, routed, sealed, handed over, reported, answered),
that it is a case marked as a test for good, with no promise that anybody is reminded of, and that no figure
counts it. Its receipt goes to an address that is alarmed, never to a practice.
"""

import secrets
import uuid
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from gateway.directory.snapshot import Directory
from gateway.domain.case import new_kenmerk
from gateway.domain.states import State
from gateway.errors import NotAllowed
from gateway.gate.authenticity import Envelope, pack
from gateway.gate.senders import TRIAL
from gateway.pipeline.handover import TRIAL_DIGEST
from gateway.sealing.box import PublicKey, seal
from gateway.store import cases
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, InboxRow

NAME = "Proef Proefpersoon"
NOWHERE = "192.0.2.1"
"""The address that stands for a session there was none of: of RFC 5737."""


class TrialReferrals:
    """Starts them. `seal_to` gives the public intake key; `address` is the one to which practices send."""

    def __init__(
        self,
        *,
        store: Store,
        directory: Callable[[], Directory],
        seal_to: Callable[[], PublicKey],
        address: str,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._directory, self._seal_to = store, directory, seal_to
        self._address, self._now = address, now

    def start(self, place: str, theme: str | None, number: str, receipt: str, actor: str) -> str:
        """Start one from a place of the gazetteer, and give its kenmerk; raises `NotAllowed` for a receipt to
        an address that is not alarmed."""
        known, now = self._directory(), self._now()
        if receipt not in known.alarms:
            raise NotAllowed("A receipt of a test goes to an alarm address")
        local, _, domain = self._address.rpartition("@")
        own = known.themes[theme].addresses if theme in known.themes else ()
        to = f"{own[0] if own else local}@{domain}"
        reach = known.theme_reach.get(theme or "", "phone")
        raw = _mail(receipt, to, place, number, reach, now)
        id_, case_id = uuid.uuid4().hex, uuid.uuid4().hex
        envelope = Envelope(mail_from=receipt, rcpt_tos=(to,), peer_ip=NOWHERE, helo="trial.invalid")
        case = CaseRow(
            id=case_id,
            kenmerk=new_kenmerk(secrets.token_bytes),
            state=State.RECEIVED,
            practice_id=TRIAL.id,
            theme=theme,
            trial=True,
            received_at=now,
            updated_at=now,
        )
        sealed = seal(pack(envelope, raw), self._seal_to(), f"inbox:{id_}")
        with self._store.write() as session:
            cases.start(session, case, actor=actor, inbox_id=id_, trial=True)
            # As a mail that a beheerder let in: it needs no proof of who sent it.
            session.add(
                InboxRow(
                    id=id_,
                    received_at=now,
                    digest=f"{TRIAL_DIGEST}{id_}",
                    size=len(raw),
                    sealed=sealed,
                    case_id=case_id,
                )
            )
        return case.kenmerk


def _mail(sender: str, to: str, place: str, number: str, reach: str, now: datetime) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = "PROEF aanmelding"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{uuid.uuid4().hex}@trial.invalid>"
    whose, who = ("Telefoon moeder", "Ouders geven") if reach == "parent" else ("Telefoon", "Patiënt geeft")
    lines = [f"Naam: {NAME}", f"{whose}: {number}", f"Wijk: {place}", "", f"{who} toestemming."]
    mail.set_content("\n".join(lines) + "\n")
    return mail.as_bytes()
