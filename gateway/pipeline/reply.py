"""Makes the mails that say something from the catalogue: to a referrer in their thread, to an organisation,
to the administrators; and the links in them, each a capability for one page, one case and one party.

It promises that such a mail consists of the catalogue's words, names from the configuration, the kenmerk and
dates (P5), that an answer stands in the referrer's thread, that no mail program answers it by itself, and
that there is no link where we serve no pages, and none to a status page where none was agreed.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from gateway.domain import outgoing
from gateway.domain.case import agreed_talks
from gateway.domain.feedback import others_told
from gateway.domain.messages import Code, ItemKind
from gateway.domain.pathway import Feedback, Recipient
from gateway.domain.route import Organisation
from gateway.domain.states import Event, State
from gateway.domain.wording import Item, Params, Text, Wording
from gateway.errors import NotFound, OpenError
from gateway.gate.senders import Practice
from gateway.gate.tokens import Tokens
from gateway.pipeline.casefile import CaseFile
from gateway.pipeline.headers import threaded, written
from gateway.pipeline.notify import policy
from gateway.reading.record import Reading, Verdict
from gateway.sealing.letter import dialled
from gateway.store import outbox
from gateway.store.tables import CaseRow, OutboxRow, ThreadRow

MESSAGES = "/berichten"
"""Where the colleagues of a practice read what was answered."""
CONFIRM, STATUS, CASES, ASIDE = "/melden/", "/status/", "/zaken/", "/quarantaine/"
"""Where the pages stand; what follows is the capability."""

_ASIDE = frozenset({ItemKind.QUARANTINED, ItemKind.QUARANTINE})
"""What a beheerder deals with on the pages of mails that were set aside."""

WORKS = timedelta(days=120)
"""How long a link works at most; none works longer than its case is kept."""


class Links:
    """Makes them; `base_url` is that of our pages, "" where there are none."""

    def __init__(self, tokens: Tokens, base_url: str) -> None:
        self._tokens, self.base_url = tokens, base_url

    def report(self, case: CaseRow, organisation_id: str, now: datetime) -> str:
        """The page at which this organisation can report on this case, or "". It is for encrypted mail only:
        whoever holds it may report."""
        if not self.base_url or not organisation_id:
            return ""
        kept = timedelta(days=policy(case).retention.ceiling_days)
        until = min(now + WORKS, case.received_at + kept)
        return f"{self.base_url}{CONFIRM}{self._tokens.link('confirm', case.kenmerk, organisation_id, until)}"

    def board(self) -> str:
        """Where whoever has an account logs in, or "": the link for mail that is not encrypted."""
        return f"{self.base_url}/" if self.base_url else ""

    def case(self, kenmerk: str, *, aside: bool = False) -> str:
        """Where a beheerder deals with a case, or with a mail set `aside`; "" where there are no pages."""
        if not self.base_url or not kenmerk:
            return ""
        return f"{self.base_url}{ASIDE if aside else CASES}{kenmerk}"

    def of(self, item: Item) -> str:
        """Where a beheerder deals with what an alarm is about, or ""."""
        return self.case(item.kenmerk, aside=item.kind in _ASIDE)

    def message(self, id_: str) -> str:
        """Where a practice reads a message after a log-in, or ""."""
        return f"{self.base_url}{MESSAGES}/{id_}" if self.base_url else ""

    def status(self, case: CaseRow, practice_id: str, now: datetime) -> str:
        """The page at which a referrer sees how it stands, or ""."""
        if not self.base_url or not practice_id or not policy(case).status:
            return ""
        link = self._tokens.link("status", case.kenmerk, practice_id, now + WORKS)
        return f"{self.base_url}{STATUS}{link}"


TRIAL = "PROEF"
_TACIT = {Code.DUPLICATE: Code.DUPLICATE_ONLY}
"""What is said instead to whoever agreed to hear nothing per patient."""

_ENDS = frozenset({Event.STOPPED, Event.DECLINED})
_ASKING = frozenset({Code.QUESTION, Code.REMINDER_QUESTION})
_WITH_DIGITS = frozenset(
    {
        Code.RECEIPT,
        Code.RECEIPT_PERSON,
        Code.RECEIPT_ONLY,
        Code.CORRECTION_PASSED,
        Code.RECEIPT_WAITING,
        Code.NUMBER_PASSED,
    }
)


class Composer:
    """Makes mails; `address` is ours, `links` makes those to our pages, `themes(case)` are the titles of the
    themes among which its referrer chooses."""

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
        links: Links | None = None,
        themes: Callable[[CaseRow], tuple[str, ...]] = lambda case: (),
    ) -> None:
        self._casefile, self._wording, self._language, self._tokens = casefile, wording, language, tokens
        self._address, self._domain = address, address.rpartition("@")[2]
        self._organisations, self._practices = organisations, practices
        self._links, self._themes = links or Links(tokens, ""), themes

    def text(
        self,
        case: CaseRow,
        row: OutboxRow,
        now: datetime | None = None,
        practice_id: str | None = None,
        feedback: Feedback | None = None,
    ) -> Text:
        """The words of a reply or notice; raises `NotFound` or `ValueError` if the catalogue has none.

        `practice_id` and `feedback` are those of a further referrer, if it is for one.
        """
        message = outbox.read(row)
        if not isinstance(message, outgoing.Reply | outgoing.Notice):
            raise NotFound("That is no text of the catalogue")
        agreed = feedback or policy(case).feedback
        code = _TACIT.get(message.code, message.code) if agreed is Feedback.GEAGGREGEERD else message.code
        params = self._params(
            case, message, practice_id or case.practice_id or "", now or row.created_at, agreed
        )
        more = message.particulars.more
        text = self._wording.render(code, self._language, params, more=more, theme=case.theme)
        if not case.trial:
            return text
        marker = self._wording.catalogue(self._language).trial_marker
        return Text(f"{TRIAL}: {text.subject_hint}", f"{marker}\n\n{text.body}")

    def to_referrer(
        self, case: CaseRow, row: OutboxRow, now: datetime, further: ThreadRow | None = None
    ) -> tuple[str, bytes]:
        """The recipient and the mail, in the thread of the referral or in a `further` one.

        Raises `OpenError` after closure.
        """
        whose = further or case
        thread = self._casefile.thread(whose)
        agreed = Feedback(further.feedback) if further else None
        text = self.text(case, row, now, whose.practice_id, agreed)
        practice = self._practices.get(whose.practice_id or "")
        if practice is not None and practice.page:
            text = self._on_page(practice, row)
        headers = self._headers(thread.address, thread.subject, now)
        # The serial is the delivery id, so that a second try is recognisably the same mail.
        headers["Message-ID"] = self._tokens.thread_id(
            case.kenmerk, whose.practice_id or "none", row.id, self._domain
        )
        headers |= threaded(
            thread.message_id, thread.references, thread.thread_index, now, row.id, thread.subject
        )
        return thread.address, written(headers, text.body)

    def _on_page(self, practice: Practice, row: OutboxRow) -> Text:
        """What stands in the mail instead of an answer; raises `NotFound` where nobody could read that."""
        link = self._links.message(row.id)
        if not link:
            raise NotFound("There is no page to read it on; set web.public_url")
        return self._wording.render(Code.ON_PAGE, self._language, Params(practice=practice.name, link=link))

    def to_organisation(self, case: CaseRow, row: OutboxRow, address: str, now: datetime) -> bytes:
        """A content-free notice; an answer to it is a report on the case."""
        text = self.text(case, row, now)
        headers = self._headers(address, text.subject_hint, now)
        headers["Message-ID"] = f"<{row.id}@{self._domain}>"
        headers["Reply-To"] = self.report_address(case, row.organisation_id or "")
        return written(headers, text.body)

    def to_administrators(
        self, addresses: tuple[str, ...], items: tuple[Item, ...], id_: str, now: datetime
    ) -> bytes:
        """The digest of what needs a person."""
        link = self._links.board()
        items = tuple(replace(item, link=self._links.of(item)) for item in items)
        text = self._wording.render(Code.ADMIN_DIGEST, self._language, Params(items=items, link=link))
        headers = self._headers(", ".join(addresses), text.subject_hint, now)
        headers["Message-ID"] = f"<{id_}@{self._domain}>"
        return written(headers, text.body)

    def head_to_administrators(self, addresses: tuple[str, ...], head: str, id_: str, now: datetime) -> bytes:
        """The signed end of the audit trail."""
        text = self._wording.render(Code.ADMIN_HEAD, self._language, Params(head=head))
        headers = self._headers(", ".join(addresses), text.subject_hint, now)
        headers["Message-ID"] = f"<{id_}@{self._domain}>"
        return written(headers, text.body)

    def to_practice(self, figures: outgoing.PracticeFigures, address: str, id_: str, now: datetime) -> bytes:
        """The figures of a quarter, in a thread of their own."""
        practice, (year, quarter) = self._practices.get(figures.practice_id), figures.period.split("-")
        cells = {**figures.cells, "quarter": quarter, "year": year, "below": str(figures.below)}
        params = Params(practice=practice.name if practice else "", figures=cells)
        text = self._wording.render(Code.PRACTICE_FIGURES, self._language, params)
        headers = self._headers(address, text.subject_hint, now)
        headers["Message-ID"] = f"<{id_}@{self._domain}>"
        return written(headers, text.body)

    def report_address(self, case: CaseRow, organisation_id: str) -> str:
        """The address at which this organisation's answer is a report on this case."""
        return self._tokens.reply_address(self._address, case.kenmerk, organisation_id)

    def _headers(self, to: str, subject: str, now: datetime) -> dict[str, str]:
        return {
            "From": f"InBeeld <{self._address}>",
            "To": to,
            "Subject": subject,
            "Date": format_datetime(now),
            # RFC 3834 section 5, and what Exchange wants to hear for the same purpose.
            "Auto-Submitted": "auto-replied",
            "X-Auto-Response-Suppress": "All",
            "X-InBeeld-Loop": self._domain,
        }

    def _params(
        self,
        case: CaseRow,
        message: outgoing.Reply | outgoing.Notice,
        practice_id: str,
        now: datetime,
        feedback: Feedback,
    ) -> Params:
        given = message.particulars
        notice = isinstance(message, outgoing.Notice)
        whose = message.organisation_id if isinstance(message, outgoing.Notice) else case.organisation_id
        organisation = self._organisations.get(given.organisation or whose or "")
        backup = self._organisations.get(given.backup or "")
        practice = self._practices.get(practice_id)
        return Params(
            kenmerk=case.kenmerk,
            organisation=organisation.name if organisation else "",
            backup=backup.name if backup else "",
            practice=practice.name if practice else "",
            contact_person=given.contact_person or "",
            link=self._link(case, practice_id, now, feedback) if not notice else self._links.board(),
            hint=policy(case).registration_hint,
            weeks=str(given.weeks or ""),
            public_phone=dialled(organisation.public_phone or "") if organisation else "",
            until=given.until,
            date=given.date,
            now=now,
            by_mail=organisation is None or organisation.adapter == "mail",
            **self._step(case, given.step),
            talks=_talks(case),
            state=State(case.state),
            problems=given.problems,
            outcome=given.outcome,
            next_step=given.next_step,
            reason=given.reason,
            stop=given.stop,
            again=bool(given.again),
            told=_told(case, message, feedback),
            finding=policy(case).reach == "place",
            digits=self._digits(case) if message.code in _WITH_DIGITS else "",
            choices=self._choices(case) if message.code in _ASKING else (),
            themes=self._themes(case) if message.code in _ASKING else (),
        )

    def _link(self, case: CaseRow, practice_id: str, now: datetime, feedback: Feedback) -> str:
        """Where a referrer follows a case; nowhere, where they agreed to hear nothing per patient."""
        return "" if feedback is Feedback.GEAGGREGEERD else self._links.status(case, practice_id, now)

    @staticmethod
    def _step(case: CaseRow, kind: str | None) -> dict[str, Any]:
        """What a clock of the pathway's own waits for."""
        for extra in policy(case).clock if kind else ():
            if extra.kind == kind:
                # That it is over meets it too, but is not what is asked for.
                asked = tuple(event for event in extra.met_by if event not in _ENDS)
                return {"step": extra.title, "answers": asked or extra.met_by}
        return {}

    def _digits(self, case: CaseRow) -> str:
        """The last figures of the number that was read, as far as agreed and still known."""
        shown = policy(case).receipt.digits
        return (self._known(case).phone or "")[-shown:] if shown else ""

    def _choices(self, case: CaseRow) -> tuple[str, ...]:
        """The last figures of the numbers to choose from: two, or as many as tell them apart."""
        numbers = self._known(case).choices if policy(case).receipt.digits else ()
        for shown in (2, 3, 4):
            endings = tuple(number[-shown:] for number in numbers)
            if len(set(endings)) == len(numbers):
                return endings
        return ()

    def _known(self, case: CaseRow) -> Reading:
        try:
            return self._casefile.reading(case)
        except OpenError:
            return Reading(Verdict.INCOMPLETE)


def _talks(case: CaseRow) -> tuple[Event, ...]:
    """The conversations that the place of a case agreed on."""
    agreed = agreed_talks(policy(case))
    return tuple(each for each in (Event.EXPERT_TALK, Event.THREE_WAY_TALK) if each in agreed)


def _told(
    case: CaseRow, message: outgoing.Reply | outgoing.Notice, feedback: Feedback
) -> tuple[Recipient, ...]:
    """Who else really hears that the promise of contact was broken."""
    reader = Recipient.REFERRER if isinstance(message, outgoing.Reply) else Recipient.TEAM
    return others_told(policy(case).contact.tell, feedback, reader)
