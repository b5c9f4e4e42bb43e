"""A mail on its way to its outcome: as it was opened and examined, and what became of it.

Nothing in here may be logged or shown: it comes from mails.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.gate.envelope import Envelope
from gateway.gate.examined import Examined
from gateway.gate.senders import Practice
from gateway.gate.tokens import Claim
from gateway.pipeline.casefile import Thread
from gateway.reading.letters.record import Bounce, Consent, OrganisationLetter, PracticeLetter
from gateway.reading.record import Reading
from gateway.store.moves import Move
from gateway.store.tables import CaseRow, InboxRow


@dataclass(slots=True, eq=False)
class Mail:
    """One claimed mail, opened in memory. What is found out about it is added step by step."""

    row: InboxRow
    envelope: Envelope
    raw: bytes = field(repr=False)
    head: Examined = field(repr=False)
    practice: Practice | None = None
    """The practice it is from, once that is proven."""
    report: Claim | None = None
    """What the address says it was sent to: an organisation reports on a case."""
    thread: str | None = None
    """The kenmerk of the case in whose thread it is, by a token of ours."""
    originals: tuple[str, ...] = ()
    """The marks of the messages that it answers."""
    key: str | None = None
    """The mark of the message, by which its copies are known."""
    case: CaseRow | None = None
    """The case in whose thread it is, of which it is a copy, or into which a beheerder let it."""
    formerly: tuple[str, ...] = ()
    """The kenmerken of that case: its own, and those of cases that joined it."""
    known: Reading | None = field(default=None, repr=False)
    """What was known of that case, where the mail may complete it."""
    reading: Reading | None = field(default=None, repr=False)
    letter: PracticeLetter | None = field(default=None, repr=False)
    """What a practice wrote in the thread of a case."""
    told: OrganisationLetter | None = field(default=None, repr=False)
    """What an organisation wrote on a case."""
    bounce: Bounce | None = None
    """What a mail server says of mails of ours."""
    returned: tuple[str, ...] = ()
    """The deliveries to whose return addresses it came."""
    consent: Consent = Consent.UNSAID
    """What it says of the patient's consent."""
    themes: tuple[str, ...] = ()
    """The themes that its own words name."""
    theme: str | None = None
    """What it is about, by its address or its words."""
    several: bool = False
    """Whether it may be about several cases, so that a person must say about which."""
    answer: bool = True
    """Whether it may be answered: neither unproven mail nor a storm is."""
    over: str | None = None
    """The cap that it crosses (see `gateway.pipeline.incoming`)."""

    @property
    def released(self) -> bool:
        """Whether a beheerder let it in, for a practice the beheerder named."""
        return self.row.case_id is not None

    @property
    def machine_made(self) -> bool:
        """Whether it ends as a mail that a machine wrote."""
        return self.head.automatic is not None and not self.released

    @property
    def in_thread(self) -> bool:
        """Whether it is a letter in the thread of a case."""
        return self.case is not None and not self.released and self.report is None

    @property
    def prefix(self) -> str:
        """How the reason begins for which it is set aside when it can't be read."""
        return "report_" if self.report else ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of a proven practice with what was read in it."""

    mail: Mail
    practice: Practice
    reading: Reading

    @property
    def row(self) -> InboxRow:
        """The claimed row."""
        return self.mail.row

    @property
    def referrer(self) -> str:
        """As the actor of an event."""
        return f"referrer:{self.practice.id}"


@dataclass(slots=True)
class Decision:
    """What a mail comes to: a move that is not made yet, or, with None, one that was made on its own."""

    row: InboxRow
    outcome: str
    move: Move | None
    case_id: str | None = None
    code: str | None = None
    case: CaseRow | None = field(default=None, repr=False)
    """The case that it starts, where more may be done with it."""
    then: list[Callable[[], Any]] = field(default_factory=list)
    """What to tell the log once the move is made."""


def thread_of(letter: Letter, subject: str) -> Thread:
    """Where it is answered; `subject` is one that may be sent back."""
    head = letter.mail.head
    return Thread(
        address=head.sender or "",
        subject=subject,
        message_id=head.message_id or "",
        references=head.references,
        thread_index=head.thread_index or "",
    )
