"""The links in our mails: each a capability for one page, one case and one party.

It promises that there is no link where we serve no pages, and none to a status page where none was agreed.
"""

from datetime import datetime, timedelta

from gateway.domain.messages import ItemKind
from gateway.domain.wording import Item
from gateway.gate.tokens import Tokens
from gateway.pipeline.notify import policy
from gateway.store.tables import CaseRow

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
