"""The header of a raw mail, as far as the gate needs it: its fields in order, the one From address, and who
owns the domain of an address.

It promises to raise nothing, whatever the bytes, and to prefer None to a guess: two From fields, two
addresses, a group, a quoted local part or a header that parsers could read in two ways give no address. Two
spellings of one domain fold to the same text, nothing malformed folds to anything, and alignment never
crosses a public suffix: `praktijk.nl` and `evil.nl` share an owner with nobody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import idna
from publicsuffixlist import PublicSuffixList

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def fold_domain(domain: str) -> str | None:
    """The domain in lower case and in its ASCII form (IDNA 2008, RFC 5891), or None if it is no domain.

    Address literals, single labels, empty labels and a closing dot are no domain of a mail address here.
    """
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    domain = domain.lower()
    labels = domain.split(".")
    if len(domain) > 253 or len(labels) < 2 or labels[-1].isdigit():
        return None
    return domain if all(_LABEL.fullmatch(label) for label in labels) else None


@cache
def _suffixes() -> PublicSuffixList:
    """The public suffix list, which is read from its package once and never changes."""
    return PublicSuffixList()


def organisational(domain: str) -> str | None:
    """The domain that somebody registered (RFC 7489 section 3.2), or None for a public suffix itself.

    `domain` is folded: `post.praktijk.nl` gives `praktijk.nl`.
    """
    return _suffixes().privatesuffix(domain)


def aligned(header_from: str, identifier: str, *, strict: bool = False) -> bool:
    """Whether an authenticated identifier speaks for the From domain (RFC 7489 section 3.1); both folded.

    The `dmarc` package's own comparison lets `nl` speak for `praktijk.nl`, so this is ours.
    """
    if header_from == identifier:
        return True
    owner = organisational(header_from)
    return not strict and owner is not None and owner == organisational(identifier)


_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:(.*)", re.DOTALL)
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bq]\?[^?\s]*\?=", re.IGNORECASE)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@([^\s@<>()\[\]\\\",:;]+)")
_NAMED = re.compile(r"[^<>@,;:\\\"()]*<([^<>]*)>\s*")
_GROUP = re.compile(r"[^<>@,;:]{1,200}:")
_MAX_LOCAL_PART = 64
_MAX_FROM = 2_000
_MAX_ADDRESSES = 50_000
HEADER_BYTES = 100 * 1024
FIELDS = 1_000
"""Mail that went through a dozen servers has some 150."""

SINGLE = frozenset(
    {"bcc", "cc", "content-disposition", "content-transfer-encoding", "content-type", "date", "from"}
    | {"in-reply-to", "message-id", "mime-version", "references", "reply-to", "sender", "subject", "to"}
)
"""Fields that may stand once in a mail (RFC 5322 section 3.6, RFC 2045 section 3). Of two, a signature may
cover the one and a reader take the other."""


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its name in lower case, its value unfolded, and where its bytes stand in the mail."""

    name: str
    value: bytes
    start: int
    end: int


def fields(raw: bytes) -> list[Field] | None:
    """The header fields from the top down; None if a line is neither a field nor a continuation, or holds a
    bare CR, at which parsers do not agree, or if there are more than `FIELDS` or `HEADER_BYTES` of them."""
    found: list[tuple[str, list[bytes], int]] = []
    ends: list[int] = []
    for line, start, end in _lines(raw):
        if b"\r" in line or end > HEADER_BYTES or len(found) > FIELDS:
            return None
        if line[:1] in (b" ", b"\t"):
            if not found:
                return None
            found[-1][1].append(line)
            ends[-1] = end
        elif match := _FIELD.fullmatch(line):
            found.append((match[1].decode("ascii").lower(), [match[2]], start))
            ends.append(end)
        elif start > 0 or not line.startswith(b"From "):
            # The line that a mailbox file puts above a mail is no field, and everyone skips it there.
            return None
    return [
        Field(name, b"".join(value), start, end)
        for (name, value, start), end in zip(found, ends, strict=True)
    ]


def _lines(raw: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Each line of the header without its end, with the offsets of its first byte and of the next line."""
    start = 0
    while start < len(raw):
        newline = raw.find(b"\n", start)
        end = len(raw) if newline < 0 else newline + 1
        line = raw[start:end].rstrip(b"\n").removesuffix(b"\r")
        if not line:
            return
        yield line, start, end
        start = end


def doubled(header: list[Field]) -> bool:
    """Whether a field stands twice that may stand once."""
    names = [field.name for field in header if field.name in SINGLE]
    return len(names) != len(set(names))


def from_address(raw: bytes) -> str | None:
    """The one address of the one From field, folded, or None (RFC 5322 section 3.6.2)."""
    header = fields(raw)
    return None if header is None else sender_of(header)


def sender_of(header: list[Field]) -> str | None:
    """The same of a header that was read already."""
    values = [field.value for field in header if field.name == "from"]
    if len(values) != 1 or len(values[0]) > _MAX_FROM:
        return None
    return one_address(values[0].decode("utf-8", "replace"))


def addresses(header: list[Field], *names: str) -> tuple[str, ...]:
    """The addresses that stand in the fields of these names, folded; what is no plain address is left out."""
    found: dict[str, None] = {}
    for field in header:
        if field.name in names:
            bare = _without_comments_and_quotes(field.value[:_MAX_ADDRESSES].decode("utf-8", "replace"))
            for piece in re.split(r"[,;]", bare or ""):
                address = one_address(_GROUP.sub("", piece, count=1))
                if address:
                    found[address] = None
    return tuple(found)


def one_address(value: str) -> str | None:
    """The one address in `Name <address>` or `address`, folded, or None; a display name counts for naught."""
    if any(char < " " and char != "\t" for char in value):
        return None
    bare = _without_comments_and_quotes(value)
    if bare is None:
        return None
    bare = _ENCODED_WORD.sub(" ", bare).strip()
    named = _NAMED.fullmatch(bare)
    return fold_address(named[1] if named else bare)


def fold_address(address: str) -> str | None:
    """A bare address in lower case with its domain folded, or None if it is no plain address."""
    match = _ADDRESS.fullmatch(address)
    if match is None or len(match[1]) > _MAX_LOCAL_PART:
        return None
    domain = fold_domain(match[2])
    return f"{match[1].lower()}@{domain}" if domain else None


def domain_of(address: str) -> str:
    """The domain of a folded address."""
    return address.rpartition("@")[2]


def _without_comments_and_quotes(value: str) -> str | None:
    """The value with a space for each comment and quoted string, so that nothing grows together; None if
    one of them is not closed."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in value:
        if escaped:
            escaped = False
        elif char == "\\" and (depth or quoted):
            escaped = True
        elif quoted:
            quoted = char != '"'
        elif char == "(":
            depth += 1
            kept.append(" ")
        elif depth:
            depth -= char == ")"
        elif char == '"':
            quoted = True
            kept.append(" ")
        else:
            kept.append(char)
    return None if depth or quoted else "".join(kept)
