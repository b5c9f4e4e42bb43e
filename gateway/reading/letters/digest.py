"""Whether two mails say the same: a digest of who wrote to whom and what, however it travelled.

It promises that what servers and mail programs change on the way (trace headers, encodings, blanks, line
breaks, the order and case of addresses) changes nothing, and that another subject, text or attachment does.
The digest of a short text can be guessed, so whoever keeps one keeps it under a key (`gate.tokens`).
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator

from gateway.reading.mail.header import characters
from gateway.reading.mail.message import parse_head
from gateway.reading.mail.mime import Part, tree

_PREFIX = re.compile(r"^(?:\s*(?:\[[^\]]{1,30}\]|\*{3}[^*]{1,30}\*{3}))+\s*")
"""What a server puts before a subject: "[EXTERN]", "***SPAM***"."""


def content_digest(raw: bytes) -> str:
    """64 hex digits. Never raises."""
    message = parse_head(raw)
    said = hashlib.sha256()
    for field in (
        sorted(set(message.from_addresses)),
        sorted(set(message.to_addresses)),
        [_flat(_PREFIX.sub("", message.subject))],
        *([content] for content in _contents(tree(raw)[0])),
    ):
        said.update(b"\x1d")
        for value in field:
            said.update(b"\x1e" + value.encode("utf-8", "surrogatepass"))
    return said.hexdigest()


def _contents(part: Part) -> Iterator[str]:
    """What each part holds: texts as words, anything else as a digest of its bytes."""
    for each in part.walk():
        if each.children:
            continue
        content = each.content()
        if each.content_type.startswith("text/"):
            yield _flat(characters(content, each.parameter("charset")))
        else:
            yield hashlib.sha256(content).hexdigest()


def _flat(text: str) -> str:
    """Its characters in one form, without what is invisible, with one blank between words."""
    if text.isascii():
        return " ".join(text.split())
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(c for c in composed if unicodedata.category(c) != "Cf").split())
