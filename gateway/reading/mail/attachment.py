"""What stands in a mail's attachments, for a mail whose own text holds no referral.

`opened` gives the same message with the texts of its PDF, Word, OpenDocument, RTF, vCard, HTML and text
files as views of kind "attachment", and says in `unopened` what could not be opened. A file is known by its
first bytes, whatever it is called. It opens `FILES` files at most, and promises never to raise.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from gateway.reading.mail.header import characters
from gateway.reading.mail.message import Message, View, ViewKind, parse
from gateway.reading.mail.mime import Part
from gateway.reading.mail.office import Locked, card_text, packed_text, pdf_text, rtf_text
from gateway.reading.mail.text import html_text
from gateway.reading.mail.wrapping import Unopened, encrypted, is_portal

FILES = 4
TEXT_FILE_BYTES = 64 * 1024
LOGO_BYTES = 15_000
FEW_WORDS = 40
"""Who writes more than so much says in the mail what it is about: a picture below it is a logo."""

_IN_A_FILE = re.compile(
    r"\b(?:bijlage\w*|bijgevoegd\w*|bijgaand\w*|scan|foto\w*|attach\w+|photo)\b", re.IGNORECASE
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*")
# They hold no words of the sender: signatures, keys, calendar entries and what mail programs report.
_SILENT = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
        "application/ics",
        "application/pgp-encrypted",
        "message/delivery-status",
        "message/disposition-notification",
        "text/calendar",
        "text/watch-html",
        "text/x-amp-html",
        "text/rfc822-headers",
    }
)
_FIRST = tuple(Unopened)


def opened(message: Message) -> Message:
    """The message, and the mails inside it, with what stands in their attachments."""
    return _opened(message, [FILES])


def _opened(message: Message, left: list[int]) -> Message:
    if message.part is None:
        return message
    parts = list(message.part.walk())
    own = _own_words(message)
    few = len(own.split()) <= FEW_WORDS or _IN_A_FILE.search(own) is not None
    found: list[View] = []
    shut = [code for code in map(encrypted, parts) if code]
    for part in filter(_is_file, parts):
        try:
            text = _text(part, message, left, few=few)
        except Locked:
            shut.append(Unopened.PASSWORD)
        except ValueError:
            shut.append(Unopened.ATTACHMENT_KIND)
        else:
            if text is not None and text.strip():
                found.append(View(ViewKind.ATTACHMENT, text))
            elif text is not None:
                shut.append(Unopened.SCAN)
    if is_portal(f"{message.subject}\n{own}", parts):
        shut.append(Unopened.PORTAL)
    inside = tuple(_opened(inner, left) for inner in message.inside)
    shut += [inner.unopened for inner in inside if inner.unopened]
    first = min(shut, key=_FIRST.index) if shut else None
    return replace(message, views=(*message.views, *found), inside=inside, unopened=first)


def _own_words(message: Message) -> str:
    return "\n".join(line for part in message.passages if part.own for line in part.lines).strip()


def _is_file(part: Part) -> bool:
    """Whether it may hold words of the sender and is no view yet."""
    kind = part.content_type
    return not (
        part.children
        or kind.startswith("multipart/")
        or kind in {"text/plain", "text/html", "message/rfc822"}
        or kind in _SILENT
        or encrypted(part)
    )


def _text(part: Part, message: Message, left: list[int], *, few: bool) -> str | None:
    """The words of a file, "" for a picture of words, None for what says nothing either way."""
    content = part.content()
    if not content.strip():
        return None
    if content.startswith(_PICTURES) or part.content_type.startswith("image/"):
        # Small pictures, and those below a text, are logos and icons.
        return "" if few and len(content) > LOGO_BYTES else None
    left[0] -= 1
    if left[0] < 0 or b"begin:vcalendar" in content[:200].lower():
        return None
    for begins, read in _READERS:
        if begins(content):
            return read(content)
    if b"begin:vcard" in content[:200].lower():
        domains = {address.rpartition("@")[2].encode() for address in message.from_addresses}
        told = card_text(content)
        # The sender's own card, as mail programs add it, is no patient's.
        own = any(b"@" + domain in content.lower() for domain in domains)
        own = own or any(_names(told.split("\n")[0]) == _names(f"naam {name}") for name in message.from_names)
        return None if own else told or None
    name = part.file_name.lower()
    if name.endswith((".htm", ".html")):
        return html_text(characters(content[:TEXT_FILE_BYTES], ""))
    if name.endswith((".txt", ".csv", ".text")) or part.content_type.startswith("text/"):
        return characters(content[:TEXT_FILE_BYTES], part.parameter("charset"))
    if name.endswith(".eml"):
        return "\n\n".join(parse(content).texts)
    raise ValueError("a file of a kind that is not read")


def _names(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text.casefold()))


def _old_office(content: bytes) -> str:
    """An Office file with a password is packed into the older format, which is not read else."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Locked
    raise ValueError("an older Office file")


_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], str]], ...] = (
    (lambda content: b"%PDF-" in content[:1024], pdf_text),
    (lambda content: content.startswith(b"{\\rtf"), rtf_text),
    (lambda content: content.startswith(b"PK\x03\x04"), packed_text),
    (lambda content: content.startswith(_OLE), _old_office),
)
