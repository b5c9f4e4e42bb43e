"""A mail as the gateway sees it: who, which thread, which text.

`parse` takes any bytes and never raises: what can't be read is empty and named in `problems`. What it
gives holds patient data (subject, texts): it is for use in memory and must never be logged.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import InvalidHeaderDefect
from email.header import decode_header
from email.headerregistry import Address, HeaderRegistry
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import partial
from types import MappingProxyType

from gateway.reading.mail.mime import Part, characters, guarded, header, parse_headers, split_head, tree

MAILS_INSIDE = 3
TEXTS = 20
VIEWS = 20

_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?"
)
# The one form nearly every header has; whatever differs is left to the standard library.
_SIMPLE = re.compile(
    r"\s*(?:\"([^\"\\]{0,200})\"|([^<>\"(),:;\\]{0,200}))\s*<([A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,250})>\s*"
)
_BARE = re.compile(r"\s*([A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,250})\s*", re.ASCII)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,400}>")
_UUENCODED = re.compile(r"^begin [0-7]{3} .*?(?:^end\s*?$|\Z)", re.MULTILINE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{1,2000}>")
_PLAIN_STUB = re.compile(
    r"(?i)html[- ]?(?:e-?mail|mail|formaat|format|bericht|message|compatible)|view (?:this|it) in"
)
_REGISTRY = HeaderRegistry()


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


@dataclass(frozen=True, slots=True)
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
    """What a reader sees: of alternatives one alone."""
    views: tuple[View, ...] = ()
    """Every text, in the order of the parts, the subject first: of alternatives each, and what stands in
    attachments. What two views say differently is in doubt. Attachments count only where no other view
    holds a referral. Mails inside this mail have views of their own."""
    inside: tuple["Message", ...] = ()
    attachments: tuple[Attachment, ...] = ()
    problems: tuple[str, ...] = ()
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Every header by lower-case name, as written."""

    def header(self, name: str) -> str:
        """The first header of that name, "" if absent."""
        return self.headers.get(name.lower(), ("",))[0]


def parse(raw: bytes) -> Message:
    """The whole mail."""
    part, problems = tree(raw)
    return _message(part, problems, MAILS_INSIDE)


def parse_head(raw: bytes) -> Message:
    """The headers alone, for who must decide before the body is worth reading."""
    return _message(Part(parse_headers(split_head(raw)[0]), b""), (), 0)


def _message(part: Part, problems: tuple[str, ...], inside: int) -> Message:
    headers = part.headers
    gathered: dict[str, list[str]] = {}
    pairs: list[tuple[str, str]] = guarded(headers.items, [])
    for name, value in pairs:
        gathered.setdefault(name.lower(), []).append(str(value))
    values = {name: tuple(each) for name, each in gathered.items()}
    from_addresses, from_names = _addresses(values.get("from", ()))
    senders, _ = _addresses(values.get("sender", ()))
    to_addresses, to_names = _addresses((*values.get("to", ()), *values.get("cc", ())))
    below = list(part.walk())
    return Message(
        from_addresses=from_addresses,
        from_names=from_names,
        sender=senders[0] if senders else None,
        reply_to=_addresses(values.get("reply-to", ()))[0],
        to_addresses=to_addresses,
        to_names=to_names,
        subject=decoded(header(headers, "subject")),
        message_id=_first_id(header(headers, "message-id")),
        in_reply_to=_first_id(header(headers, "in-reply-to")),
        references=tuple(_MESSAGE_ID.findall(header(headers, "references")[:20_000])),
        date=_date(header(headers, "date")),
        return_path=_return_path(values.get("return-path", ())),
        content_type=part.content_type,
        part_types=tuple(each.content_type for each in below),
        texts=tuple(_texts(part))[:TEXTS] if inside else (),
        views=tuple(_views(decoded(header(headers, "subject")), below))[:VIEWS] if inside else (),
        inside=tuple(_inside(below, inside)),
        attachments=tuple(
            Attachment(each.content_type, len(each.body)) for each in below if _is_attachment(each)
        ),
        problems=problems,
        headers=MappingProxyType(values),
    )


def decoded(value: str) -> str:
    """A header's text with its encoded words (RFC 2047) undone, on one line."""
    value = value[:4000]
    pieces = guarded(lambda: decode_header(value), [(value, None)])
    text = "".join(
        piece if isinstance(piece, str) else characters(piece, charset or "") for piece, charset in pieces
    )
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in text).split())


def _addresses(values: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Addr-specs and display names of all headers of a name; an odd address is left out, not guessed."""
    addresses: list[str] = []
    names: list[str] = []
    for value in values[:10]:
        if (bare := _BARE.fullmatch(value)) and _ADDRESS.fullmatch(bare[1]):
            addresses.append(bare[1].lower())
            continue
        # What stands before the angle brackets is a name, even where it looks like an address.
        if (simple := _SIMPLE.fullmatch(value)) and _ADDRESS.fullmatch(simple[3]):
            names.extend(name for name in (decoded(simple[1] or simple[2] or ""),) if name)
            addresses.append(simple[3].lower())
            continue
        found: tuple[Address, ...] = guarded(partial(_parsed, value[:8000]), ())
        for each in found:
            if name := guarded(partial(getattr, each, "display_name"), ""):
                names.append(str(name))
            spec = str(guarded(partial(getattr, each, "addr_spec"), ""))
            if _ADDRESS.fullmatch(spec):
                addresses.append(spec.lower())
    return tuple(addresses), tuple(names)


def _parsed(value: str) -> tuple[Address, ...]:
    header = _REGISTRY("to", value)
    if any(isinstance(defect, InvalidHeaderDefect) for defect in header.defects):
        return ()
    return tuple(getattr(header, "addresses", ()))


def _first_id(value: str) -> str | None:
    found = _MESSAGE_ID.search(value[:2000])
    return found[0] if found else None


def _date(value: str) -> datetime | None:
    parsed = guarded(lambda: parsedate_to_datetime(value[:200]), None)
    if parsed is None:
        return None
    # "-0000" says the zone is unknown (RFC 5322, 3.3): the time itself is then UTC.
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        return None


def _return_path(values: tuple[str, ...]) -> str | None:
    if not values:
        return None
    value = values[0].strip()
    if value in {"", "<>"}:
        return ""
    found = _ADDRESS.search(value[:500])
    return found[0].lower() if found else None


def _is_attachment(part: Part) -> bool:
    if part.children or part.content_type == "message/rfc822":
        return False
    return part.disposition == "attachment" or not part.content_type.startswith(("text/", "multipart/"))


def _texts(part: Part) -> Iterator[str]:
    """The texts a reader would see; of alternatives the plain one, unless it says nothing."""
    kind = part.content_type
    if kind == "multipart/alternative" and part.children:
        yield from _best(part.children)
    elif part.children:
        for child in part.children:
            yield from _texts(child)
    elif part.disposition == "attachment":
        return
    elif kind == "text/html":
        yield html_text(part.text())
    elif kind == "text/plain" or kind.startswith("multipart/"):
        yield _plain(part)


def _views(subject: str, parts: list[Part]) -> Iterator[View]:
    """The texts of every kind, one at a time."""
    yield View(ViewKind.SUBJECT, subject)
    for part in parts:
        if part.children or part.content_type not in {"text/plain", "text/html"}:
            continue
        html = part.content_type == "text/html"
        kind = ViewKind.HTML if html else ViewKind.PLAIN
        if part.disposition == "attachment":
            kind = ViewKind.ATTACHMENT
        yield View(kind, html_text(part.text()) if html else _plain(part))


def _best(alternatives: tuple[Part, ...]) -> Iterator[str]:
    plain = [text for each in alternatives if each.content_type == "text/plain" for text in _texts(each)]
    if any(len(text.split()) >= 2 and not _PLAIN_STUB.search(text[:300]) for text in plain):
        yield from plain
        return
    rich = [text for each in alternatives if each.content_type != "text/plain" for text in _texts(each)]
    yield from rich if any(text.strip() for text in rich) else plain


def _plain(part: Part) -> str:
    text = part.text().replace("\r\n", "\n").replace("\r", "\n")
    if part.parameter("format").lower() == "flowed":
        text = unflowed(text, delsp=part.parameter("delsp").lower() == "yes")
    return _UUENCODED.sub("", text) if "\nend" in text else text


def unflowed(text: str, *, delsp: bool = False) -> str:
    """Soft line breaks undone (RFC 3676, 4.2); quote marks stay in front of each paragraph."""
    lines: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        if depth == 0 or bare.startswith(" "):
            bare = bare[1:] if bare.startswith(" ") else bare
        signature = bare == "-- "
        if open_depth == depth and not signature:
            lines[-1] += bare
        else:
            lines.append(">" * depth + (" " if depth else "") + bare)
        soft = bare.endswith(" ") and not signature
        if soft and delsp:
            lines[-1] = lines[-1][:-1]
        open_depth = depth if soft else -1
    return "\n".join(lines)


_STRUCK = re.compile(r"text-decoration(?:-line)?\s{0,3}:\s{0,3}line-through", re.IGNORECASE)
_BLOCK_TAGS = ("section", "center", "dl", "dt", "dd", "form", "fieldset", "legend", "details", "summary")


def html_text(html: str) -> str:
    """HTML as a person sees it; table cells are parted by tabs."""
    # inscriptis brings lxml: loaded when the first HTML mail comes.
    from inscriptis import get_text
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.html_properties import Display
    from inscriptis.model.config import ParserConfig
    from inscriptis.model.html_element import HtmlElement
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    # Lists of terms and parts of forms stand on lines of their own, which inscriptis doesn't know.
    looks = CSS_PROFILES["relaxed"] | {tag: HtmlElement(display=Display.block) for tag in _BLOCK_TAGS}
    # What the writer has struck through is no longer said.
    looks |= {tag: HtmlElement(display=Display.none) for tag in ("s", "strike", "del")}
    html = _STRUCK.sub("display:none", html.replace("\x00", ""))
    try:
        return str(get_text(html, ParserConfig(css=looks, table_cell_separator="\t")))
    except (LxmlError, ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError):
        return _TAG.sub(" ", html)


def _inside(parts: list[Part], depth: int) -> Iterator[Message]:
    """Mails inside this mail, no more than `MAILS_INSIDE` deep and as many."""
    if depth <= 0:
        return
    mails = [each for each in parts if each.content_type == "message/rfc822"][:MAILS_INSIDE]
    for each in mails:
        part, problems = tree(each.content())
        yield _message(part, problems, depth - 1)
