"""The tree of a mail's parts, and their text.

Split here and not by the standard library's parser: that one keeps a string per line, so 10 MiB of empty
lines cost hundreds of megabytes, and it recurses once per nested part. This walk is one pass over the
bytes per level, goes no deeper than `DEPTH` and takes no more than `PARTS` parts; what lies beyond is
left out and named in `problems`. Headers and transfer encodings are the standard library's work.
Nothing here raises because of what stands in a mail.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import Message as Headers
from email.parser import HeaderParser
from typing import TypeVar

DEPTH, PARTS = 30, 500
HEADER_BYTES = 100 * 1024
TEXT_BYTES = 256 * 1024

_BLANK_LINE = re.compile(rb"(?:\A|\r?\n)\r?\n")
_META_CHARSET = re.compile(rb"charset\s{0,3}=\s{0,3}[\"']?([A-Za-z0-9_.:-]{2,40})")
# A Latin-1 label in mail and on the web means windows-1252 (WHATWG Encoding, 4.2); ASCII with high
# bytes is tried as UTF-8 first.
_CHARSETS = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "": "utf-8",
}
# Codecs of Python that aren't character sets of mail, or that blow up a few bytes into many.
_NOT_TEXT = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """One entity: headers, body as it came, and the entities inside it."""

    headers: Headers
    body: bytes
    children: tuple["Part", ...] = ()

    @property
    def content_type(self) -> str:
        """The media type in lower case, `text/plain` when absent or broken (RFC 2045, 5.2)."""
        return guarded(self.headers.get_content_type, "text/plain")

    @property
    def disposition(self) -> str:
        """`attachment`, `inline` or ""."""
        return guarded(self.headers.get_content_disposition, None) or ""

    def parameter(self, name: str) -> str:
        """A parameter of the Content-Type, "" if absent."""
        value = guarded(lambda: self.headers.get_param(name), None)
        return value if isinstance(value, str) else ""

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def content(self, limit: int | None = None) -> bytes:
        """The body with its transfer encoding undone, as it stands where that is broken."""
        entity = Headers(policy=policy.compat32)
        encoding = header(self.headers, "content-transfer-encoding").strip().lower()
        entity["Content-Transfer-Encoding"] = (
            encoding if encoding in {"base64", "quoted-printable"} else "8bit"
        )
        # Twice the limit, because an encoding only ever shrinks when it is undone.
        body = self.body if limit is None else self.body[: 4 * limit]
        entity.set_payload(body.decode("ascii", "surrogateescape"))
        content: object = guarded(lambda: entity.get_payload(decode=True), None)
        return (content if isinstance(content, bytes) else body)[:limit]

    def text(self) -> str:
        """The decoded characters of a text part, at most `TEXT_BYTES` bytes' worth."""
        content = self.content(TEXT_BYTES)
        charset = self.parameter("charset")
        if (
            not charset
            and self.content_type == "text/html"
            and (found := _META_CHARSET.search(content[:2048]))
        ):
            charset = found[1].decode("ascii")
        return characters(content, charset, cut=len(content) >= TEXT_BYTES)


def guarded(attempt: Callable[[], T], default: T) -> T:
    """What `attempt` gives, or `default` if the standard library stumbles over a broken header.

    It is known to raise IndexError, ValueError, LookupError, TypeError, AttributeError and its own
    MessageError on hostile input; none of these says anything but "broken".
    """
    try:
        return attempt()
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError):
        return default


def characters(content: bytes, charset: str, *, cut: bool = False) -> str:
    """Bytes to characters: as labelled, else UTF-8, else windows-1252; never fails.

    `cut` says that a limit may have gone through the last character.
    """
    label = charset.strip().strip("'\"").lower()
    for name in (_CHARSETS.get(label, label), "utf-8"):
        if name.replace("-", "_") in _NOT_TEXT:
            continue
        try:
            return content.decode(name)
        except (LookupError, ValueError):
            if cut and name == "utf-8" and (whole := _cut_utf8(content)) is not None:
                return whole
    return content.decode("cp1252", "replace")


def _cut_utf8(content: bytes) -> str | None:
    """UTF-8 of which only the last character was cut through by a limit."""
    try:
        return content[:-4].decode("utf-8") + content[-4:].decode("utf-8", "ignore")
    except ValueError:
        return None


def header(headers: Headers, name: str) -> str:
    """The first header of that name as a plain string, "" if absent."""
    return str(guarded(lambda: headers.get(name, ""), ""))


def parse_headers(head: bytes) -> Headers:
    """A header section; raw 8-bit characters are taken as UTF-8, else windows-1252."""
    text = characters(head[:HEADER_BYTES], "utf-8", cut=len(head) > HEADER_BYTES)
    return guarded(lambda: HeaderParser(policy=policy.compat32).parsestr(text), Headers())


def split_head(raw: bytes) -> tuple[bytes, bytes]:
    """Header section and body, parted at the first empty line (RFC 5322, 2.1)."""
    end = _BLANK_LINE.search(raw)
    return (raw, b"") if end is None else (raw[: end.start()], raw[end.end() :])


def tree(raw: bytes) -> tuple[Part, tuple[str, ...]]:
    """The whole mail as a tree of parts, and closed codes for what was left out."""
    problems: dict[str, None] = {}
    left = [PARTS]

    def build(entity: bytes, depth: int) -> Part:
        left[0] -= 1
        head, body = split_head(entity)
        part = Part(parse_headers(head), body)
        if len(head) > HEADER_BYTES:
            problems["huge-headers"] = None
        if not part.content_type.startswith("multipart/"):
            return part
        if depth >= DEPTH:
            problems["too-deep"] = None
            return part
        pieces = _pieces(body, part.parameter("boundary"))
        if pieces is None:
            problems["no-boundary"] = None
            return part
        children = []
        for piece in pieces:
            if left[0] <= 0:
                problems["too-many-parts"] = None
                break
            children.append(build(piece, depth + 1))
        return Part(part.headers, b"", tuple(children))

    return build(raw, 0), tuple(problems)


def _pieces(body: bytes, boundary: str) -> Iterator[bytes] | None:
    """The entities between the delimiter lines (RFC 2046, 5.1.1), one at a time; None without a delimiter."""
    name = boundary.rstrip().encode("utf-8", "surrogateescape")
    if not 0 < len(name) <= 200:
        return None
    delimiter = re.compile(rb"^--" + re.escape(name) + rb"(--)?[ \t]*\r?$", re.MULTILINE)
    first = delimiter.search(body)
    return None if first is None else _between(body, delimiter, first)


def _between(body: bytes, delimiter: re.Pattern[bytes], first: re.Match[bytes]) -> Iterator[bytes]:
    start, closed = first.end(), first[1] is not None
    for found in delimiter.finditer(body, first.end()):
        if closed:
            return
        yield _trimmed(body[start : found.start()])
        start, closed = found.end(), found[1] is not None
    if not closed:
        # The closing delimiter is missing: the last part runs to the end.
        yield _trimmed(body[start:])


def _trimmed(piece: bytes) -> bytes:
    """Without the line end that belongs to the delimiter before it, and the one of that after it."""
    piece = piece[1:] if piece.startswith(b"\n") else piece
    if piece.endswith(b"\r\n"):
        return piece[:-2]
    return piece[:-1] if piece.endswith(b"\n") else piece
