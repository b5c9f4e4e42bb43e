"""Header fields: names, values, parameters, addresses and encoded words.

Written here because the standard library's header parsers take quadratic time on quotes, brackets and
parameters. Every function looks at each character a bounded number of times, at no more than `VALUE`
characters of a value, and raises nothing because of what stands there. An odd address is left out, not
guessed.
"""

import binascii
import re
import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from urllib.parse import unquote_to_bytes

VALUE = 8_000
PARAMETERS_VALUE = 2_000
ADDRESSES = 200

_NAME = re.compile(r"[!-9;-~]{1,200}[ \t]*")
_PIECE = re.compile(r"([^*]{1,80})(?:\*(\d{1,2}))?(\*?)")
_WORD = re.compile(r"=\?([!->@-~]{1,80})\?([bq])\?", re.IGNORECASE)
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?"
)
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


def fields(head: bytes) -> Mapping[str, tuple[str, ...]]:
    """The values by lower-case name, unfolded; raw 8-bit characters are UTF-8, else windows-1252."""
    found: dict[str, list[list[str]]] = {}
    current: list[str] | None = None
    for line in characters(head, "utf-8", cut=True).replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line[:1] in {" ", "\t"}:
            if current is not None:
                current.append(line)
            continue
        name, colon, value = line.partition(":")
        current = None
        # What is no field (an mbox line, a stray word) is passed over.
        if colon and _NAME.fullmatch(name):
            current = [value.lstrip(" \t")]
            found.setdefault(name.rstrip().lower(), []).append(current)
    return MappingProxyType(
        {name: tuple("".join(value) for value in values) for name, values in found.items()}
    )


def parameters(value: str) -> Mapping[str, str]:
    """The parameters of a Content-Type or -Disposition, also in pieces or encoded (RFC 2231)."""
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for each in _unquoted(value[:PARAMETERS_VALUE])[1:]:
        label, equals, text = each.partition("=")
        text = text.strip()
        name = _PIECE.fullmatch(label.strip().lower())
        if name is None or not equals:
            continue
        if name[2] is None and not name[3]:
            # The first of doubled ones counts, as it does for doubled headers.
            found.setdefault(name[1], decoded(text) if "=?" in text else text)
        else:
            pieces.setdefault(name[1], {}).setdefault(int(name[2] or 0), (bool(name[3]), text))
    for base, numbered in pieces.items():
        found.setdefault(base, _joined([numbered[at] for at in sorted(numbered)]))
    return MappingProxyType(found)


def _unquoted(value: str) -> list[str]:
    """The pieces between semicolons, without their quotes."""
    if '"' not in value:
        return value.split(";")
    pieces, piece, quoted = [], [], False
    letters = iter(value)
    for c in letters:
        if c == "\\" and quoted:
            piece.append(next(letters, ""))
        elif c == '"':
            quoted = not quoted
        elif c == ";" and not quoted:
            pieces.append("".join(piece))
            piece = []
        else:
            piece.append(c)
    return [*pieces, "".join(piece)]


def _joined(pieces: list[tuple[bool, str]]) -> str:
    charset, content = "", b""
    for at, (encoded, text) in enumerate(pieces):
        if encoded and at == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        content += unquote_to_bytes(text) if encoded else text.encode("utf-8", "surrogateescape")
    return characters(content, charset)


def decoded(value: str) -> str:
    """A header's text with its encoded words (RFC 2047) undone, on one line."""
    value = value[:VALUE]
    text: list[str] = []
    # Neighbours of one character set are joined first: some programs cut a character in two.
    pending, charset, at = b"", "", 0
    while word := _WORD.search(value, at):
        end = value.find("?=", word.end())
        if end < 0:
            break
        between = value[at : word.start()]
        label = word[1].partition("*")[0].lower()
        if label != charset or (between and not between.isspace()):
            text.append(characters(pending, charset))
            pending = b""
        # Blanks between two encoded words are no part of the text (RFC 2047, 6.2).
        if not at or not between.isspace():
            text.append(between)
        charset, at = label, end + 2
        pending += _word(word[2].lower(), value[word.end() : end])
    text += [characters(pending, charset), value[at:]]
    one = "".join(text)
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in one).split())


def _word(encoding: str, text: str) -> bytes:
    content = text.encode("utf-8", "surrogateescape")
    if encoding == "q":
        return binascii.a2b_qp(content, header=True)
    try:
        return binascii.a2b_base64(content + b"=" * (-len(content.rstrip(b"=")) % 4))
    except binascii.Error:
        return content


def addresses(values: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lower-cased addr-specs and display names of all headers of a name."""
    specs: list[str] = []
    names: list[str] = []
    surname = ""
    for value in values[:10]:
        for words, spec in _mailboxes(value[:VALUE]):
            name = decoded(words)
            if spec is None and "@" not in name:
                # "Jansen, Petra <p@x>" without quotes comes in two pieces of one name.
                surname = f"{name}, " if name else ""
                continue
            # What stands before the angle brackets is a name, even where it looks like an address.
            spec, name = (name, "") if spec is None else (spec.strip(), surname + name)
            surname = ""
            if name:
                names.append(name)
            if _ADDRESS.fullmatch(spec):
                specs.append(spec.lower())
            if len(specs) >= ADDRESSES:
                return tuple(specs), tuple(names)
    return tuple(specs), tuple(names)


def address(value: str) -> str | None:
    """The first address anywhere in a value, None without one."""
    found = _ADDRESS.search(value[:500])
    return found[0].lower() if found else None


def _mailboxes(value: str) -> Iterator[tuple[str, str | None]]:
    """The words before the angle brackets and what stands in those (None without), of each mailbox.

    Quotes, comments and groups are taken as RFC 5322 (3.4) has them. A mailbox with doubled brackets, or
    whose quotes, comments or brackets never close, is none.
    """
    words: list[str] = []
    spec: list[str] | None = None
    depth, where, broken, at = 0, "", False, 0
    while at < len(value):
        c = value[at]
        if c == "\\" and (where == '"' or depth):
            at += 1
            if where == '"' and not depth:
                words.append(value[at : at + 1])
        elif depth or (c == "(" and where != '"'):
            depth += {"(": 1, ")": -1}.get(c, 0)
        elif c == '"' and where != "<":
            where = "" if where else '"'
        elif where == '"':
            words.append(c)
        elif c == "<":
            broken, where, spec = broken or spec is not None, "<", spec or []
        elif c == ">" and where == "<":
            where = ""
        elif where == "<" and spec is not None:
            spec.append(c)
        elif c == ":":
            words = []
        elif c in ",;":
            if not broken:
                yield "".join(words).strip(), None if spec is None else "".join(spec)
            words, spec, broken = [], None, False
        else:
            words.append(c)
        at += 1
    if not (broken or depth or where):
        yield "".join(words).strip(), None if spec is None else "".join(spec)


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
