"""The tree of a mail's parts, and their content.

Parted here and not by the standard library's parser, which keeps a string per line, recurses once per
nested part and looks at some headers in quadratic time. It promises to take linear time and memory by
construction: one pass over the bytes for the delimiters of all levels together, every header section read
once, no more than `DEPTH` levels, `PARTS` parts, `HEADERS_BYTES` of headers and `DASHES` lines that may be
delimiters; what lies beyond is left out and named in `problems`.
Nothing here raises because of what stands in a mail.
"""

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from string import ascii_letters, digits
from types import MappingProxyType

from gateway.reading.mail.header import characters, fields, parameters

DEPTH, PARTS = 30, 500
HEADER_BYTES = 100 * 1024
HEADERS_BYTES = 1024 * 1024
"""Of the header sections of all parts together."""
TEXT_BYTES = 256 * 1024
DELIMITER_BYTES = 202
"""A boundary has 70 characters at most (RFC 2046, 5.1.1); real ones are a bit longer now and then."""
DASHES = 20_000
"""So many lines that begin as a delimiter does are looked at."""

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}", re.IGNORECASE)
_META_CHARSET = re.compile(rb"charset\s{0,3}=\s{0,3}[\"']?([A-Za-z0-9_.:-]{2,40})")
_NOT_BASE64 = bytes(set(range(256)) - set(f"{ascii_letters}{digits}+/".encode()))


@dataclass(frozen=True)
class Part:
    """One entity: headers by lower-case name, body as it came, and the entities inside it."""

    headers: Mapping[str, tuple[str, ...]]
    body: bytes = field(repr=False)
    children: tuple["Part", ...] = ()

    def header(self, name: str) -> str:
        """The first header of that name, "" if absent."""
        return self.headers.get(name, ("",))[0]

    @cached_property
    def content_type(self) -> str:
        """The media type in lower case, `text/plain` when absent or broken (RFC 2045, 5.2)."""
        found = _TYPE.fullmatch(self.header("content-type").partition(";")[0].strip())
        return found[0].lower() if found else "text/plain"

    @cached_property
    def disposition(self) -> str:
        """`attachment`, `inline` or ""."""
        return self.header("content-disposition").partition(";")[0].strip().lower()[:20]

    @cached_property
    def file_name(self) -> str:
        """The file name as the sender wrote it, "" without one. It may hold a patient's name."""
        named = parameters(self.header("content-disposition")).get("filename")
        return named or self._parameters.get("name", "")

    @cached_property
    def _parameters(self) -> Mapping[str, str]:
        return parameters(self.header("content-type"))

    def parameter(self, name: str) -> str:
        """A parameter of the Content-Type, "" if absent."""
        return self._parameters.get(name, "")

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def content(self, limit: int | None = None) -> bytes:
        """The body with its transfer encoding undone, as it stands where that is broken."""
        encoding = self.header("content-transfer-encoding").strip().lower()
        # Four times the limit, because an encoding shrinks at most to a third when it is undone.
        body = self.body if limit is None else self.body[: 4 * limit]
        if encoding == "base64":
            bare = body.translate(None, _NOT_BASE64)
            # One digit too many holds no byte; what is missing at the end was padding.
            whole = bare[: len(bare) - 1] if len(bare) % 4 == 1 else bare
            return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))[:limit]
        return (binascii.a2b_qp(body) if encoding == "quoted-printable" else body)[:limit]

    def text(self, limit: int = TEXT_BYTES) -> str:
        """The decoded characters of a text part, of at most `limit` bytes."""
        content = self.content(limit)
        charset = self.parameter("charset")
        if (
            not charset
            and self.content_type == "text/html"
            and (found := _META_CHARSET.search(content[:2048]))
        ):
            charset = found[1].decode("ascii")
        return characters(content, charset, cut=len(content) >= limit)


def new_part(content_type: str, body: bytes, file_name: str = "") -> Part:
    """An entity that stood in a mail without headers of its own, as in winmail.dat."""
    headers = {"content-type": (content_type,)}
    if file_name:
        quoted = file_name.replace("\\", "_").replace('"', "_")
        headers["content-disposition"] = (f'attachment; filename="{quoted}"',)
    return Part(MappingProxyType(headers), body)


def head_of(raw: bytes) -> Mapping[str, tuple[str, ...]]:
    """The header section alone (RFC 5322, 2.1)."""
    end, _ = (0, 0) if raw.startswith((b"\r\n", b"\n")) else _empty_line(raw, 0)
    return fields(raw[: min(end, HEADER_BYTES)])


def _empty_line(raw: bytes, at: int) -> tuple[int, int]:
    """Where the first empty line begins and where the next one does."""
    found = raw.find(b"\n\r\n", at)
    bare = raw.find(b"\n\n", at, found if found >= 0 else len(raw))
    if bare >= 0:
        return bare + 1, bare + 2
    return (found + 1, found + 3) if found >= 0 else (len(raw), len(raw))


@dataclass(slots=True)
class _Entity:
    """An entity whose end has not come yet."""

    headers: Mapping[str, tuple[str, ...]]
    start: int
    end: int
    boundary: bytes = b""
    children: list["_Entity"] = field(default_factory=list)

    def part(self, raw: bytes, problems: dict[str, None]) -> Part:
        if self.children:
            return Part(self.headers, b"", tuple(child.part(raw, problems) for child in self.children))
        part = Part(self.headers, raw[self.start : max(self.start, self.end)])
        if part.content_type.startswith("multipart/"):
            problems["no-boundary"] = None
        return part


def tree(raw: bytes, parts: int = PARTS) -> tuple[Part, tuple[str, ...]]:
    """The whole mail as a tree of at most `parts` parts, and closed codes for what was left out."""
    walk = _Walk(raw, parts)
    walk.run()
    problems = walk.problems
    return walk.root.part(raw, problems), tuple(problems)


class _Walk:
    """One pass over the delimiter lines (RFC 2046, 5.1.1) of all multiparts that are open."""

    def __init__(self, raw: bytes, parts: int) -> None:
        self.raw, self.left = raw, parts
        self.dashes, self.heads = DASHES, HEADERS_BYTES
        self.problems: dict[str, None] = {}
        self.open: list[_Entity] = []
        self.names: dict[bytes, int] = {}
        # The first empty line after a place, so that none is looked for twice.
        self.after, self.empty = 0, _empty_line(raw, 0)
        self.root = self.leaf = self._begun(0)

    def run(self) -> None:
        raw = self.raw
        at = self.root.start
        line = at if raw.startswith(b"--", at) else raw.find(b"\n--", at) + 1
        while line and self.open:
            end, depth, closes = self._delimiter(line)
            at = end
            if depth is not None:
                self._ended(line)
                del self.open[depth + (not closes) :]
                self._named()
                if not closes:
                    if self.left <= 0 or self.heads <= 0:
                        self.problems["too-many-parts"] = None
                        return
                    self.leaf = self._begun(end)
                    parent = self.open[depth]
                    parent.children.append(self.leaf)
                    self._opened(self.leaf)
                    at = self.leaf.start
            if self.dashes <= 0:
                self.problems["too-many-parts"] = None
                break
            line = raw.find(b"\n--", max(at - 1, 0)) + 1
        self._ended(len(raw))

    def _begun(self, at: int) -> _Entity:
        """The entity that begins there, with its headers read."""
        self.left -= 1
        raw = self.raw
        end, start = self._head(at)
        if end - at > HEADER_BYTES:
            self.problems["huge-headers"] = None
            if at:
                # What follows so many headers is not looked for; the mail's own body is.
                end = start = at + HEADER_BYTES
        # A delimiter among the headers ends a part that has no body.
        line = raw.find(b"\n--", max(at - 1, 0), end) + 1 if self.open else 0
        while line and self.dashes > 0:
            after, depth, _ = self._delimiter(line)
            if depth is not None:
                end = start = line
                break
            line = raw.find(b"\n--", after - 1, end) + 1
        self.heads -= end - at if at else 0
        entity = _Entity(fields(raw[at : min(end, at + HEADER_BYTES)]), start, len(raw))
        if at == 0:
            self._opened(entity)
        return entity

    def _head(self, at: int) -> tuple[int, int]:
        """Where the headers end that begin there, and where the body begins."""
        for empty in (b"\r\n", b"\n"):
            if self.raw.startswith(empty, at):
                return at, at + len(empty)
        if not self.after <= at <= self.empty[0]:
            self.after, self.empty = at, _empty_line(self.raw, at)
        return self.empty

    def _opened(self, entity: _Entity) -> None:
        """Look for the delimiters of an entity from now on if it is a multipart."""
        part = Part(entity.headers, b"")
        if not part.content_type.startswith("multipart/"):
            return
        name = part.parameter("boundary").rstrip().encode("utf-8", "surrogateescape")
        if not 0 < len(name) <= DELIMITER_BYTES - 2:
            return
        if len(self.open) >= DEPTH:
            self.problems["too-deep"] = None
            return
        entity.boundary = name
        self.open.append(entity)
        self._named()

    def _named(self) -> None:
        self.names = {entity.boundary: depth for depth, entity in enumerate(self.open)}

    def _delimiter(self, line: int) -> tuple[int, int | None, bool]:
        """Where the next line begins, which open multipart this one delimits, and whether it closes it."""
        raw = self.raw
        self.dashes -= 1
        # With the two dashes of a closing delimiter, and some blanks that a relay may have added.
        end = raw.find(b"\n", line, line + DELIMITER_BYTES + 20)
        if end < 0:
            if line + DELIMITER_BYTES + 20 < len(raw):
                return line + 2, None, False
            end = len(raw)
        name = raw[line + 2 : end].rstrip(b" \t\r")
        after = min(end + 1, len(raw))
        depth = self.names.get(name)
        if depth is not None:
            return after, depth, False
        return after, self.names.get(name[:-2]) if name.endswith(b"--") else None, True

    def _ended(self, line: int) -> None:
        """The line break before a delimiter belongs to the delimiter."""
        if self.leaf.end != len(self.raw):
            # What stands after a closing delimiter belongs to nobody.
            return
        end = line
        if end < len(self.raw):
            end -= 2 if self.raw.endswith(b"\r\n", 0, end) else 1
        self.leaf.end = end
