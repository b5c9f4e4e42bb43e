"""What the gateway needs from a mail before it is read, and how senders are proven: the records of an
examination.

It promises what `examination` does, and needs nothing of what examines.
"""

from dataclasses import dataclass, field
from typing import Literal

from gateway.gate.answers import Question
from gateway.gate.authenticity import Proof
from gateway.reading.mail.wrapping import Wrapping

Problem = Literal["", "from", "doubled_header", "broken_header"]
Method = Literal["self", "front", "client"]


@dataclass(frozen=True, slots=True)
class Rules:
    """How senders are proven here: by the settings, the same for every mail.

    `domain` is ours, and so are the `others`, of addresses that we had before; `front_id` the authserv-id of
    the front server, for the method "front"; a DKIM signature older than `signature_days` counts for nothing.
    """

    method: Method
    domain: str
    front_id: str = ""
    signature_days: int = 5
    others: tuple[str, ...] = ()

    @property
    def ours(self) -> tuple[str, ...]:
        """Every domain that is ours."""
        return (self.domain, *self.others)


@dataclass(frozen=True, slots=True)
class Examined:
    """What the head of a mail says. Addresses, ids and the subject come from the mail: never log them."""

    proof: Proof
    problem: Problem = ""
    """Why the mail must be set aside whoever sent it: no single From address, a header doubled that may
    stand once, or a header that can be read in two ways."""
    sender: str | None = field(default=None, repr=False)
    """The one From address, folded; proven only if `proof` says so."""
    automatic: str | None = None
    """The closed code for why a machine must have sent it."""
    bulk: bool = False
    """Whether its header asks that no machine answers it."""
    subject: str = field(default="", repr=False)
    message_id: str | None = field(default=None, repr=False)
    in_reply_to: str | None = field(default=None, repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)
    thread_index: str | None = field(default=None, repr=False)
    """Outlook's, base64."""
    addressed: tuple[str, ...] = field(default=(), repr=False)
    """The addresses at our domain that stand in To and Cc, folded, a token and all; where the signature on
    which the proof rests covers one of the two, only those of that one."""
    wanted: tuple[Question, ...] = ()
    """What must be looked up before the proof can be given; until then `proof` is temporary, and nothing else
    is told."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What the whole of a mail says, found out once it is known who sent it: a stranger's is not parsed."""

    kenmerken: tuple[str, ...] = field(default=(), repr=False)
    """What has the form of a kenmerk in it; whether there are such cases is another matter."""
    wrapped: Wrapping = ""
    """Whether it is encrypted or opaquely signed, so that it must be unwrapped before it is read."""
    digest: str = ""
    """The same for two copies of one mail: of what its signature protects, where that proves it, so that
    nothing which others can change makes another mail of it; else what `content_digest` gives. Keep it under
    a key only."""
