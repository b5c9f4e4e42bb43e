"""Tells a relay that refuses everybody from a message that is refused.

It promises that while the relay takes nothing from us (a blocked address, a login that ended, a rule that
fits all) no message is blamed for it: each waits, an alarm is rung that needs no mail, and everything leaves
by itself once the relay takes a mail again. What could not be handed over because nobody was there, or
nobody whom we trust, leaves at that moment too, instead of at its next try. Who is refused again while others
are taken is refused themselves: the relay is blamed for the same few recipients only once.
"""

import re
from collections import Counter
from collections.abc import Collection
from enum import StrEnum

SUSPECT_AFTER = 3
"""So many refusals in a row, each for somebody else, are the relay's own fault."""
EACH = 2
"""So are so many for each, where there are only two to send to: a practice and an organisation. One for each
is enough before the relay took anything at all, and where it names no fault of an address or a message."""

_NOT_OF_THE_MAIL = re.compile(r" 5\.[3457]\.")
"""RFC 3463: the system, the network, the protocol, a rule; not an address, a mailbox or a content."""

REASON = "relay_refuses_all"


class Blame(StrEnum):
    """What a refusal means."""

    ITS_OWN = "its_own"
    """The message's or its recipient's own fault: a person must look."""
    BEGINS = "begins"
    """The relay's fault, as is seen now; so were those before it."""
    GOES_ON = "goes_on"
    """The relay's fault still."""


class RelayHealth:
    """What the relay did since it last took something; for one relay."""

    def __init__(self) -> None:
        self._refused: dict[str, tuple[frozenset[str], bool]] = {}
        self._suspects: set[frozenset[str]] = set()
        self._others: set[frozenset[str]] = set()
        self._ill, self._takes = False, False
        # Before this process began it may have been away as well.
        self._missed = True

    @property
    def blamed(self) -> tuple[str, ...]:
        """The deliveries that were refused in this row, the first one first."""
        return tuple(self._refused)

    def took(self, recipients: Collection[str]) -> bool:
        """The relay took a mail for these; says whether it was ill before."""
        was_ill, self._ill, self._takes = self._ill, False, True
        if was_ill:
            self._suspects |= {whose for whose, _ in self._refused.values()}
        self._suspects.discard(whose := frozenset(recipients))
        self._others = {*self._others, whose} if self._suspects else set()
        self._refused.clear()
        return was_ill

    def missed(self) -> None:
        """It could not be reached or trusted, whoever the mail was for."""
        self._missed = True

    def came_back(self) -> bool:
        """Whether it was missed before it took a mail just now."""
        was_missed, self._missed = self._missed, False
        return was_missed

    def refused(self, delivery: str, recipients: Collection[str], reason: str = "") -> Blame:
        """The relay refused a delivery to these recipients; `reason` ends with its codes."""
        if self._ill:
            self._suspects.add(frozenset(recipients))
            return Blame.GOES_ON
        # The same recipient twice, or the same delivery, says nothing of anybody else.
        self._refused[delivery] = frozenset(recipients), bool(_NOT_OF_THE_MAIL.search(reason))
        if not self._everybody():
            return Blame.ITS_OWN
        self._ill = True
        return Blame.BEGINS

    def _everybody(self) -> bool:
        whose = Counter(recipients for recipients, _ in self._refused.values())
        if whose.keys() <= self._suspects and len(whose) <= max(EACH, len(self._others)):
            # The relay was blamed for them before, and took others since.
            return False
        if len(whose) < 2 or len(whose) >= SUSPECT_AFTER:
            return len(whose) >= SUSPECT_AFTER
        by_rule = all(rule for _, rule in self._refused.values())
        return by_rule or not self._takes or min(whose.values()) >= EACH
