"""A mail as the gateway sees it: who, which thread, which texts.

`parse` takes any bytes and never raises: what can't be read is empty and named in `problems`. What it
gives holds patient data (subject, texts): it is for use in memory and must never be logged.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from gateway.reading.mail.controls import shows_by_look
from gateway.reading.mail.header import address, addresses, decoded
from gateway.reading.mail.mime import PARTS, TEXT_BYTES, Part, head_of, tree
from gateway.reading.mail.text import part_text
from gateway.reading.mail.thread import Passage, passages
from gateway.reading.mail.wrapping import Unopened, unpacked

MAILS_INSIDE = 3
VIEWS = 20
TEXTS_BYTES = 2 * TEXT_BYTES
"""Of all texts of a mail together, with the mails inside it."""

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,400}>")
_PLAIN_STUB = re.compile(
    r"(?i)html[- ]?(?:e-?mail|mail|formaat|format|bericht|message|compatible)|view (?:this|it) in"
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is known of an attachment without opening it: no name, that may hold a patient's."""

    content_type: str
    size: int


class ViewKind(StrEnum):
    """Where in a mail a text stands."""

    SUBJECT = "subject"
    PLAIN = "plain"
    HTML = "html"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class View:
    """One text of a mail as some mail program shows it. Alternatives are views of their own."""

    kind: ViewKind
    text: str


@dataclass(frozen=True)
class Message:
    """A parsed mail. Addresses are lower-cased addr-specs; ids keep their angle brackets."""

    from_addresses: tuple[str, ...] = ()
    from_names: tuple[str, ...] = ()
    sender: str | None = None
    reply_to: tuple[str, ...] = ()
    to_addresses: tuple[str, ...] = ()
    to_names: tuple[str, ...] = ()
    subject: str = ""
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    date: datetime | None = None
    return_path: str | None = None
    """"" is the null return path `<>`, None means the header is absent."""
    content_type: str = "text/plain"
    part_types: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    """What a reader sees: of alternatives one alone, and no attachment."""
    views: tuple[View, ...] = ()
    """Every text of the mail itself, in the order of its parts, the subject first: of alternatives each,
    and what is attached as plain text. What two views say differently is in doubt. Mails inside this mail
    have views of their own. What stands in a PDF, a Word file and the like is no view yet: only where no
    view here and in `inside` holds a referral does `attachment.opened(message)` add it, as views of kind
    "attachment", and say what could not be opened."""
    inside: tuple["Message", ...] = ()
    attachments: tuple[Attachment, ...] = ()
    problems: tuple[str, ...] = ()
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Every header by lower-case name, unfolded and else as written."""
    unopened: Unopened | None = None
    """What could not be opened, told by `attachment.opened`: for a mail in which no referral was read."""
    part: Part | None = field(default=None, repr=False, compare=False)
    """The parts themselves; None where the headers alone were read."""

    def header(self, name: str) -> str:
        """The first header of that name, "" if absent."""
        return self.headers.get(name.lower(), ("",))[0]

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """What each person wrote, of one text after the other, each newest first."""
        return tuple(part for text in self.texts for part in passages(text))


@dataclass(slots=True)
class _Budget:
    """What a mail may still take, with all that is inside it."""

    parts: int = PARTS
    text: int = TEXTS_BYTES


def parse(raw: bytes) -> Message:
    """The whole mail."""
    return _whole(raw, _Budget(), MAILS_INSIDE)


def parse_head(raw: bytes) -> Message:
    """The headers alone, for who must decide before the body is worth reading."""
    return _message(Part(head_of(raw), b""), (), (), ())


def left_out(message: Message) -> bool:
    """Whether a mail, or one inside it, has more in it than is read here."""
    return bool(set(message.problems) - {"no-boundary"}) or any(map(left_out, message.inside))


def _whole(raw: bytes, budget: _Budget, depth: int) -> Message:
    part, problems = tree(raw, max(budget.parts, 1))
    part = unpacked(part)
    below = list(part.walk())
    budget.parts -= len(below)
    shown = {id(each): view for each, view in _views(below, budget)}
    if any(_is_text(each) and id(each) not in shown for each in below):
        problems += ("too-many-texts",)
    mails = [each for each in below if each.content_type == "message/rfc822" and not each.children]
    inside = [_whole(each.content(), budget, depth - 1) for each in mails[:MAILS_INSIDE] if depth > 0]
    if len(mails) > len(inside):
        problems += ("too-many-mails",)
    return _message(part, problems, tuple(inside), tuple(shown.values()), _texts(part, shown))


def _message(
    part: Part,
    problems: tuple[str, ...],
    inside: tuple[Message, ...],
    views: tuple[View, ...],
    texts: Iterator[str] = iter(()),
) -> Message:
    values = part.headers
    from_addresses, from_names = addresses(values.get("from", ()))
    senders, _ = addresses(values.get("sender", ()))
    to_addresses, to_names = addresses((*values.get("to", ()), *values.get("cc", ())))
    subject = decoded(part.header("subject"))
    below = list(part.walk())
    return Message(
        from_addresses=from_addresses,
        from_names=from_names,
        sender=senders[0] if senders else None,
        reply_to=addresses(values.get("reply-to", ()))[0],
        to_addresses=to_addresses,
        to_names=to_names,
        subject=subject,
        message_id=_first_id(part.header("message-id")),
        in_reply_to=_first_id(part.header("in-reply-to")),
        references=tuple(_ids(part.header("references")[:20_000])),
        date=_date(part.header("date")),
        return_path=_return_path(values.get("return-path", ())),
        content_type=part.content_type,
        part_types=tuple(each.content_type for each in below),
        texts=tuple(texts),
        views=(View(ViewKind.SUBJECT, subject), *views),
        inside=inside,
        attachments=tuple(
            Attachment(each.content_type, len(each.body)) for each in below if is_attachment(each)
        ),
        problems=problems,
        headers=values,
        part=part,
    )


def _first_id(value: str) -> str | None:
    return next(iter(_ids(value[:2000])), None)


def _ids(value: str) -> list[str]:
    """The Message-IDs. Python's own library writes long ones as encoded words, which RFC 2047 forbids."""
    return _MESSAGE_ID.findall(value) or _MESSAGE_ID.findall(decoded(value) if "=?" in value else "")


def _date(value: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value[:200])
        # "-0000" says the zone is unknown (RFC 5322, 3.3): the time itself is then UTC.
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _return_path(values: tuple[str, ...]) -> str | None:
    if not values:
        return None
    value = values[0].strip()
    return "" if value in {"", "<>"} else address(value)


def is_attachment(part: Part) -> bool:
    """Whether a part is something beside the text: a file, a picture, a signature."""
    if part.children or part.content_type == "message/rfc822":
        return False
    return part.disposition == "attachment" or not part.content_type.startswith(("text/", "multipart/"))


def _is_text(part: Part) -> bool:
    kind = part.content_type
    return not part.children and (kind in {"text/plain", "text/html"} or kind.startswith("multipart/"))


def _views(parts: list[Part], budget: _Budget) -> Iterator[tuple[Part, View]]:
    """The texts that stand in a mail as text, each decoded once, as long as there is budget."""
    count = 0
    for part in parts:
        if not _is_text(part):
            continue
        if count >= VIEWS or budget.text <= 0:
            return
        limit = min(budget.text, TEXT_BYTES)
        budget.text -= min(limit, len(part.body))
        place = ViewKind.HTML if part.content_type == "text/html" else ViewKind.PLAIN
        if part.disposition == "attachment":
            place = ViewKind.ATTACHMENT
        count += 1
        yield part, View(place, part_text(part, limit))


def _texts(part: Part, shown: Mapping[int, View]) -> Iterator[str]:
    """The texts a reader would see; of alternatives the plain one, unless it says nothing or may have lost
    what only a look shows: a box that is not ticked, words that are struck through."""
    if part.content_type == "multipart/alternative" and part.children:
        yield from _best(part.children, shown)
    elif part.children:
        for child in part.children:
            yield from _texts(child, shown)
    elif id(part) in shown and part.disposition != "attachment":
        yield shown[id(part)].text


def _best(alternatives: tuple[Part, ...], shown: Mapping[int, View]) -> Iterator[str]:
    is_plain = [each.content_type == "text/plain" for each in alternatives]
    both = list(zip(alternatives, is_plain, strict=True))
    plain = [text for each, so in both if so for text in _texts(each, shown)]
    looks = any(shows_by_look(part.text(TEXT_BYTES)) for each, so in both if not so for part in each.walk())
    if not looks and any(len(text.split()) >= 2 and not _PLAIN_STUB.search(text[:300]) for text in plain):
        yield from plain
        return
    rich = [text for each, so in both if not so for text in _texts(each, shown)]
    yield from rich if any(text.strip() for text in rich) else plain
