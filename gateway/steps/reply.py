"""Makes the mails that say something from the catalogue: to a referrer in their thread, to an organisation,
to the administrators.

It promises that such a mail consists of the catalogue's words, names from the configuration, the kenmerk and
dates (P5), that an answer stands in the referrer's thread, and that no mail program answers it by itself.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from gateway.domain.codes import DeclineReason, NextStep, StopOutcome
from gateway.domain.pathway import Pathway
from gateway.domain.route import Organisation
from gateway.domain.wording import Item, Params, Text, Wording
from gateway.gate.senders import Practice
from gateway.gate.tokens import Tokens
from gateway.steps.casefile import CaseFile
from gateway.store.tables import CaseRow, OutboxRow

REFERENCES = 20
"""How many earlier Message-IDs an answer names at most: the first and the last ones (RFC 5322 3.6.4)."""


class Reply:
    """Makes mails; `address` is ours, `notices` tells where each organisation reads notices."""

    def __init__(
        self,
        *,
        casefile: CaseFile,
        wording: Wording,
        language: str,
        tokens: Tokens,
        address: str,
        organisations: Mapping[str, Organisation],
        practices: Mapping[str, Practice],
    ) -> None:
        self._casefile, self._wording, self._language, self._tokens = casefile, wording, language, tokens
        self._address, self._domain = address, address.rpartition("@")[2]
        self._organisations, self._practices = organisations, practices

    def text(self, case: CaseRow, row: OutboxRow) -> Text:
        """The words of a reply or notice; raises `NotFound` or `ValueError` if the catalogue has none."""
        return self._wording.render(row.code, self._language, self._params(case, row))

    def to_referrer(self, case: CaseRow, row: OutboxRow, now: datetime) -> tuple[str, bytes]:
        """The recipient and the mail, in the thread of the referral; raises `OpenError` after closure."""
        thread = self._casefile.thread(case)
        mail = self._mail(thread.address, thread.subject, self.text(case, row), now)
        # The serial is the delivery id, so that a second try is recognisably the same mail.
        mail["Message-ID"] = self._tokens.thread_id(
            case.kenmerk, case.practice_id or "none", row.id, self._domain
        )
        if thread.message_id:
            mail["In-Reply-To"] = thread.message_id
            before = [*thread.references, thread.message_id]
            mail["References"] = " ".join(before[:1] + before[1:][-REFERENCES + 1 :])
        return thread.address, mail.as_bytes()

    def to_organisation(self, case: CaseRow, row: OutboxRow, address: str, now: datetime) -> bytes:
        """A content-free notice; an answer to it is a report on the case."""
        text = self.text(case, row)
        mail = self._mail(address, text.subject_hint, text, now)
        mail["Message-ID"] = f"<{row.id}@{self._domain}>"
        mail["Reply-To"] = self.report_address(case, row.organisation_id or "")
        return mail.as_bytes()

    def to_administrators(
        self, addresses: tuple[str, ...], items: tuple[Item, ...], id_: str, now: datetime
    ) -> bytes:
        """The digest of what needs a person."""
        text = self._wording.render("admin_digest", self._language, Params(items=items))
        mail = self._mail(", ".join(addresses), text.subject_hint, text, now)
        mail["Message-ID"] = f"<{id_}@{self._domain}>"
        return mail.as_bytes()

    def report_address(self, case: CaseRow, organisation_id: str) -> str:
        """The address at which this organisation's answer is a report on this case."""
        return self._tokens.reply_address(self._address, case.kenmerk, organisation_id)

    def _mail(self, to: str, subject: str, text: Text, now: datetime) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = f"InBeeld <{self._address}>"
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = format_datetime(now)
        # RFC 3834 section 5, and what Exchange wants to hear for the same purpose.
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
        mail["X-InBeeld-Loop"] = self._domain
        mail.set_content(text.body, cte="quoted-printable")
        return mail

    def _params(self, case: CaseRow, row: OutboxRow) -> Params:
        given = json.loads(row.params)
        organisation = self._organisations.get(
            given.get("organisation") or row.organisation_id or case.organisation_id or ""
        )
        backup = self._organisations.get(given.get("backup", ""))
        practice = self._practices.get(case.practice_id or "")
        hint = Pathway.from_json(case.pathway).registration_hint if case.pathway != "{}" else ""
        return Params(
            kenmerk=case.kenmerk,
            organisation=organisation.name if organisation else "",
            backup=backup.name if backup else "",
            practice=practice.name if practice else "",
            hint=hint,
            date=datetime.fromisoformat(given["date"]) if "date" in given else None,
            problems=tuple(given.get("problems", ())),
            outcome=StopOutcome(given["outcome"]) if "outcome" in given else None,
            next_step=NextStep(given["next_step"]) if "next_step" in given else None,
            reason=DeclineReason(given["reason"]) if "reason" in given else None,
        )
