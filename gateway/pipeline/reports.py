"""Takes what an organisation answers by mail: a report, or something that must be asked back.

It promises that only a token of ours for this case and this organisation, in a mail from a proven domain of
that organisation that was really written to that address or in that thread, reports anything; that whatever
else came to such an address is set aside for a person; that one letter reports once, however often it comes;
and that a letter which could mean something else changes nothing and is asked back, once a day for a case;
what comes after that is kept sealed for a person.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from gateway.domain.case import ReportWord, names_another
from gateway.domain.codes import DayPart, DeclineReason, NextStep, StopOutcome
from gateway.domain.messages import Code
from gateway.domain.states import State
from gateway.domain.trail import AuditEvent
from gateway.errors import NotAllowed
from gateway.gate.authenticity import Examined
from gateway.gate.header import domain_of
from gateway.gate.tokens import Claim, Marks, Tokens
from gateway.log import Log
from gateway.pipeline.batch import Mail
from gateway.pipeline.notify import notice, tell_organisation
from gateway.pipeline.settle import ORGANISATION, Report, Settle
from gateway.reading.letters.record import OrganisationKind, OrganisationLetter, ReportCode, Topic
from gateway.store import audit, cases, inbox, outbox, setaside
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, OutboxRow

UNCLEAR, REPEATED, SUPERSEDED, REPORT = "report_unclear", "repeated", "superseded", "report"
_DELIVERY = re.compile(r"<([0-9a-f]{32})@")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer is set aside: a closed code."""

    code: str


class Reports:
    """The step; `domains` gives the mail domains from which each organisation answers."""

    def __init__(
        self,
        *,
        store: Store,
        settle: Settle,
        tokens: Tokens,
        marks: Marks,
        domains: Mapping[str, Collection[str]],
        log: Log,
    ) -> None:
        self._store, self._settle, self._tokens, self._marks = store, settle, tokens, marks
        self._log = log
        self._domains = domains

    def claim(self, recipients: tuple[str, ...]) -> Claim | None:
        """The claim in the address of a mail that wants to report something."""
        return next((claim for to in recipients if (claim := self._tokens.reply_claim(to))), None)

    def made_up(self, recipients: tuple[str, ...]) -> bool:
        """Whether a mail wants to report something, at an address that we never gave anybody."""
        claim = self.claim(recipients)
        return claim is not None and self._organisation(claim) is None

    def _organisation(self, claim: Claim | None) -> str | None:
        return next((id_ for id_ in self._domains if claim and self._tokens.confirms(claim, id_)), None)

    def take(self, mail: Mail, now: datetime) -> str | Refusal:
        """Record the report, which ends the mail; gives the code of what was done."""
        claim, proof, letter, case = mail.report, mail.head.proof, mail.told, mail.case
        organisation = self._organisation(claim)
        if claim is None or letter is None or organisation is None:
            return Refusal("report_token")
        if proof.address is None:
            return Refusal(f"report_{proof.code}")
        if domain_of(proof.address) not in self._domains[organisation]:
            return Refusal("report_domain")
        if case is None:
            return Refusal("report_token")
        if not self._is_written_to(mail.head, claim, case, organisation):
            return Refusal("report_elsewhere")
        key = self._key(mail, organisation)
        with self._store.read() as session:
            code = REPEATED if cases.known_messages(session, [key]) else ""
        if not code:
            code = self._do(mail, case, letter, organisation, now)
        with self._store.write() as session:
            case = cases.by_id(session, case.id)
            if not cases.known_messages(session, [key]):
                cases.write_messages(session, [(key, case.id)])
            # Silence would be read as done.
            day = now.date().isoformat()
            if case.state == State.CLOSED:
                if code in (REPORT, SUPERSEDED) and letter.report is not ReportCode.SEEN:
                    tell_organisation(session, case, organisation, Code.ORG_CLOSED, now, once=day)
            elif code == SUPERSEDED and case.organisation_id and case.state != State.WITHDRAWN:
                more = {"backup": case.organisation_id, "once": day}
                tell_organisation(session, case, organisation, Code.ORG_TAKEN_OVER, now, **more)
            keep = code == UNCLEAR and not self._ask_back(session, case, organisation, now)
            topic = str(letter.topic or Topic.OTHER)
            actor = f"{ORGANISATION}{organisation}"
            facts = {"case_id": case.id, "inbox_id": mail.row.id, "code": code}
            if keep:
                setaside.wait(session, mail.row.id, case.id, now, topic)
                kept = facts | {"code": topic}
                audit.append(session, AuditEvent.LETTER_KEPT, now=now, actor=actor, **kept)
                alarm = {"case_id": case.id, "code": "letter", "topic": topic}
                audit.append(session, AuditEvent.ALARM, now=now, actor="gateway", **alarm)
            inbox.finish(session, mail.row, "addition", case.id, keep=keep)
            audit.append(session, AuditEvent.MAIL_ADDITION, now=now, actor=actor, **facts)
        if keep:
            self._log.alarm("letter", case=case.id, reason=topic)
        return code

    @staticmethod
    def _ask_back(session: Session, case: CaseRow, organisation: str, now: datetime) -> bool:
        """Ask an organisation what it means, once a case a day: machines answer too. Says whether it is."""
        day = now.date().isoformat()
        return outbox.put(session, notice(case, organisation, Code.REPORT_UNCLEAR, now, once=day))

    def _is_written_to(self, head: Examined, claim: Claim, case: CaseRow, organisation: str) -> bool:
        """Whether the address with the token stands in To or Cc, or a mail of ours to this organisation about
        this case is answered: a mail that was written to somebody else can be sent on to any address."""
        if any(self._tokens.reply_claim(address) == claim for address in head.addressed):
            return True
        covers = head.proof.covers
        if covers and not {"in-reply-to", "references"} & set(covers):
            return False
        ids = _DELIVERY.findall(" ".join((*head.references, head.in_reply_to or "")).lower())
        with self._store.read() as session:
            rows = [session.get(OutboxRow, id_) for id_ in ids[-20:]]
        return any(row and (row.case_id, row.organisation_id) == (case.id, organisation) for row in rows)

    def _key(self, mail: Mail, organisation: str) -> str:
        """By what a letter is known again. Without a Message-ID its signature tells, or the day."""
        day = mail.row.received_at.date().isoformat()
        name = mail.head.message_id or mail.head.proof.signature or day
        return self._marks.message(organisation, name, mail.inside.digest)

    def _do(
        self, mail: Mail, case: CaseRow, letter: OrganisationLetter, organisation: str, now: datetime
    ) -> str:
        if letter.kind in (OrganisationKind.AUTOMATIC, OrganisationKind.NOTHING):
            return str(letter.kind)
        unclear = letter.kind is OrganisationKind.UNCLEAR or letter.report is None
        if unclear or names_another(letter.named, case.kenmerk):
            # An answer in the thread of one case that names another one may be about either.
            return UNCLEAR
        with self._store.read() as session:
            stopped = any(row.code == Code.ORG_STOP for row in outbox.of_case(session, case.id))
        if letter.report is ReportCode.SEEN and stopped and case.state != State.WITHDRAWN:
            return "stop_seen"
        # If we are killed before the mail is finished, it is read again and reports nothing new.
        actor, once = f"{ORGANISATION}{organisation}", f"mail:{mail.row.id}"
        try:
            moved = self._settle.report(case.id, _report(letter, case), now, actor, "mail", once=once)
        except NotAllowed:
            # What the case does not allow is as unclear as no report.
            return UNCLEAR
        theirs = case.organisation_id == organisation or letter.report is ReportCode.SEEN
        return REPORT if moved or theirs else SUPERSEDED


def _report(letter: OrganisationLetter, case: CaseRow) -> Report:
    if letter.report is ReportCode.SEEN:
        word = ReportWord.WITHDRAWAL_CONFIRMED if case.state == State.WITHDRAWN else ReportWord.COLLECTED
    else:
        word = ReportWord(str(letter.report))
    return Report.of(
        word,
        reason=DeclineReason(letter.reason) if letter.reason else None,
        day_part=DayPart(letter.day_part) if letter.day_part else None,
        outcome=StopOutcome(letter.outcome) if letter.outcome else None,
        next_step=NextStep(letter.next_step) if letter.next_step else None,
    )
