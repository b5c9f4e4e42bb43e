"""Takes what an organisation answers by mail: the first word is the report.

It promises that only a token of ours for this case and this organisation, in a mail from a proven domain of
that organisation, reports anything; that whatever else came to such an address is set aside for a person;
and that an answer which is not clear changes nothing and gets one helpful reply.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from gateway.domain import reports as words
from gateway.domain.messages import Code
from gateway.errors import NotAllowed
from gateway.gate.authenticity import Proof
from gateway.gate.header import domain_of
from gateway.gate.tokens import Claim, Tokens
from gateway.pipeline.notify import tell_organisation
from gateway.pipeline.settle import ORGANISATION, Report, Settle
from gateway.store import audit, cases, inbox, outbox
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, InboxRow

HELPED = 3
"""So many unclear answers on one case are answered; after that it is no misunderstanding but a loop."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer is set aside: a closed code."""

    code: str


class Reports:
    """The step; `domains` gives the mail domains from which each organisation answers."""

    def __init__(
        self, *, store: Store, settle: Settle, tokens: Tokens, domains: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._store, self._settle, self._tokens = store, settle, tokens
        self._domains = {id_: frozenset(names) for id_, names in domains.items()}

    def claim(self, recipients: tuple[str, ...]) -> Claim | None:
        """The claim in the address of a mail that wants to report something."""
        return next((claim for to in recipients if (claim := self._tokens.reply_claim(to))), None)

    def made_up(self, recipients: tuple[str, ...]) -> bool:
        """Whether a mail wants to report something, at an address that we never gave anybody."""
        claim = self.claim(recipients)
        return claim is not None and self._organisation(claim) is None

    def _organisation(self, claim: Claim) -> str | None:
        return next((id_ for id_ in self._domains if self._tokens.confirms(claim, id_)), None)

    def take(self, row: InboxRow, claim: Claim, proof: Proof, text: str, now: datetime) -> CaseRow | Refusal:
        """Record the report, which ends the mail; `text` is what its sender wrote there themselves."""
        organisation = self._organisation(claim)
        if organisation is None:
            return Refusal("report_token")
        if proof.address is None:
            return Refusal(f"report_{proof.code}")
        if domain_of(proof.address) not in self._domains[organisation]:
            return Refusal("report_domain")
        with self._store.read() as session:
            case = cases.find(session, claim.case)
        if case is None:
            return Refusal("report_token")
        found = words.report_in(text)
        clear = found is not None and self._report(row, case, found, organisation, now)
        with self._store.write() as session:
            inbox.finish(session, row, "addition", case.id)
            audit.append(
                session,
                "mail.addition",
                now=now,
                actor=f"{ORGANISATION}{organisation}",
                case_id=case.id,
                inbox_id=row.id,
                code="report" if clear else "report_unclear",
            )
            if not clear:
                self._help(session, case, organisation, now)
        return case

    def _report(
        self, row: InboxRow, case: CaseRow, found: words.Report, organisation: str, now: datetime
    ) -> bool:
        """Whether it could be recorded; one that the case does not allow is as unclear as no report."""
        report = Report(found.event, found.reason, found.day_part)
        try:
            # If we are killed before the mail is finished, it is read again and reports nothing new.
            actor, once = f"{ORGANISATION}{organisation}", f"mail:{row.id}"
            self._settle.report(case.id, report, now, actor, "mail", once=once)
        except NotAllowed:
            return False
        return True

    @staticmethod
    def _help(session: Session, case: CaseRow, organisation: str, now: datetime) -> None:
        before = [
            row
            for row in outbox.of_case(session, case.id)
            if row.code == Code.REPORT_UNCLEAR and row.organisation_id == organisation
        ]
        if len(before) < HELPED:
            tell_organisation(session, case, organisation, Code.REPORT_UNCLEAR, now, once=str(len(before)))
