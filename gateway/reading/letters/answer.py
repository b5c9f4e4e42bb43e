"""What the sender of an answer wrote there themselves, and which case it names.

For those who look for a word in it inside the reading process; the text is never kept.
"""

import re
from collections.abc import Iterable, Sequence
from email.header import Header

from gateway.reading.letters.sentences import CHARACTERS, Written, own
from gateway.reading.mail.attachment import opened
from gateway.reading.mail.message import Message, parse
from gateway.reading.mail.wrapping import FILES_ALONE, Unopened
from gateway.reading.patient.words import plain

MOST = 10
_ANSWER = re.compile(r"^(?:\s*(?:re|antw|aw|fw|fwd|wg|doorst)\s?:)+", re.IGNORECASE)
_KENMERK = re.compile(
    r"(?<![0-9A-Za-z])IB(?:-|(?=[0-9A-Z]{4}-|[0-9A-Z]*\d))([0-9A-Z]{4})-?([0-9A-Z]{4})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
"""A word of ten letters that begins so is a name ("Ibrahimova")."""


def own_text(raw: bytes) -> str:
    """The sender's own newest text, at most `CHARACTERS` of it."""
    return "\n".join(own(parse(raw)).lines).strip("\n")[:CHARACTERS]


def tells_of(lines: Iterable[str], names: frozenset[str]) -> bool:
    """Whether lines name the patient, or say that they died or that the referral is withdrawn: no note of
    absence does, whatever its subject looks like."""
    words = frozenset(re.findall(r"[^\W\d_]+", plain("\n".join(lines)[:CHARACTERS])))
    return bool(words & (names | {"overleden", "intrekken", "ingetrokken"}))


def kenmerken(message: Message) -> tuple[str, ...]:
    """What has the form of a kenmerk in a mail's subject and texts, quoted or not, in the order of its place.

    A mail that a person wrote about a case without answering in its thread names it so. Whether it is one,
    and whose, is for the caller to find out.
    """
    return _kenmerken((message.subject, *message.texts))


def named(message: Message, lines: Sequence[str]) -> tuple[str, ...]:
    """The same of the subject and the sender's own lines: what they say themselves that it is about."""
    return _kenmerken((message.subject, *lines))


def _kenmerken(texts: Iterable[str]) -> tuple[str, ...]:
    found = _KENMERK.findall("\n".join(texts))
    return tuple(dict.fromkeys(f"IB-{first}-{second}".upper() for first, second in found))[:MOST]


def subject_words(message: Message) -> tuple[str, ...]:
    """The words of a subject behind its "Re:", for a letter that says nothing below it."""
    return tuple(re.findall(r"[^\W_]+", plain(_ANSWER.sub("", message.subject))))[:MOST]


def alone(message: Message, lines: list[str]) -> bytes:
    """A mail of the sender's own words alone, so that neither subject nor quote speaks with them."""
    name = message.from_names[0] if message.from_names else ""
    sender = Header(name[:200], "utf-8").encode(linesep="\r\n") if name else ""
    head = f"From: {sender} <letter@practice.invalid>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return head.encode("ascii", "replace") + "\r\n".join(lines).encode("utf-8", "replace")


def unopened_in(message: Message, text: Written) -> Unopened | None:
    """Why what a letter holds can't be read; a picture beside what somebody wrote may be anything."""
    shut = opened(message).unopened
    return None if text.sentences and shut in FILES_ALONE else shut


def signing(message: Message) -> frozenset[str]:
    """The plain words of the sender's name, and the names of their domain as one word each: "De Schoor" under
    a mail from deschoor.example is a signature."""
    labels = (label for each in message.from_addresses for label in each.rpartition("@")[2].split(".")[:-1])
    domains = ("".join(re.findall(r"[^\W\d_]+", plain(label))) for label in labels)
    words = (word for name in message.from_names for word in re.findall(r"[^\W\d_]+", plain(name)))
    return frozenset((*words, *(label for label in domains if len(label) > 4)))
