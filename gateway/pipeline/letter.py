"""A mail on its way to a case: as it was opened, and, of a proven practice, as it was read."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.gate.envelope import Envelope
from gateway.gate.senders import Practice
from gateway.pipeline.casefile import Thread
from gateway.reading.mail.message import Message
from gateway.reading.reader import Reading
from gateway.store.tables import InboxRow


@dataclass(frozen=True, slots=True)
class Mail:
    """One claimed mail, opened in memory."""

    row: InboxRow
    envelope: Envelope
    raw: bytes
    head: Message
    sender: str = ""
    answer: bool = True
    """Whether it may be answered: neither unproven mail nor a storm is."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of a proven practice with what was read in it. `sender` is the proven address."""

    row: InboxRow
    head: Message
    sender: str
    practice: Practice
    reading: Reading
    answer: bool
    """Whether it may be answered now (see `gateway.gate.caps`)."""
    said: Callable[[], str] = field(repr=False)
    """Gives the mail's own text, in memory only."""
    known: Reading | None = None
    """What was known before, for an answer in the thread of a case."""


def thread_of(letter: Letter, subject: str) -> Thread:
    """Where it is answered; `subject` is one that may be sent back."""
    return Thread(
        address=letter.sender,
        subject=subject,
        message_id=letter.head.message_id or "",
        references=letter.head.references,
        thread_index=letter.head.header("thread-index")[:2_000],
    )
