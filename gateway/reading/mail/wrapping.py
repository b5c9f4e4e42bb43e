"""What a mail or a part of it is wrapped in (S/MIME, OpenPGP, a winmail.dat), taken off layer by layer, and
what could not be opened, so that its sender is told that and not asked for what it holds. Whoever holds the
keys opens each layer; nothing here needs one.

It promises that the sender, the thread and every other outer header stay as they were (whoever could encrypt
a mail proves nothing by it), and that what looks wrapped and is damaged is `Damaged`. Opaque signatures are
taken off, not judged: who may send is the gate's matter, and a mail signed by somebody unknown is still that
person's mail. Of CMS only the few elements on the way to the content are looked at, and each piece of it
once: a library takes time and memory for every piece, of which there may be millions.

What stays closed is recognised by what it is: an encrypted message by its type or armour, a portal's notice
by what such notices say (a protected message waits behind a link) and not by its brand. That is for a mail in
which no referral was read: one with a referral and a portal's footer is a referral. Pure; the codes are
closed.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from gateway.reading.mail.mime import Part, new_part, tree
from gateway.reading.mail.winmail import winmail

PIECES = 200_000

_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"


def is_pkcs7(part: Part) -> bool:
    """Whether a part says that it is S/MIME: signed or encrypted, and no signature beside a mail.

    Some programs call it application/octet-stream, named .p7m.
    """
    if part.content_type in _PKCS7:
        return True
    return part.content_type == "application/octet-stream" and part.file_name.lower().endswith(".p7m")


def is_signed(der: bytes) -> bool:
    """Whether a CMS object is signed-data, and not encrypted. Raises ValueError if it is no CMS object."""
    try:
        return _kind(der)[0] == _SIGNED_DATA
    except IndexError:
        raise ValueError("not as CMS is") from None


def signed_content(der: bytes) -> bytes:
    """What signed-data (RFC 5652, 5.1) was put around. Raises ValueError."""
    try:
        return _signed_content(der)
    except IndexError:
        raise ValueError("not as CMS is") from None


def _kind(der: bytes) -> tuple[bytes, int]:
    """The type of a CMS object, and where its content begins."""
    at = _into(der, 0, 0x30)
    start, size = _length(der, at)
    if der[at] != 0x06 or size < 0:
        raise ValueError("not as CMS is")
    return der[start : start + size], start + size


def _signed_content(der: bytes) -> bytes:
    kind, at = _kind(der)
    if kind != _SIGNED_DATA:
        raise ValueError("no signed-data")
    at = _into(der, _into(der, at, 0xA0), 0x30)
    # Version and digest algorithms stand before the content, and its type within.
    at = _into(der, _past(der, _past(der, at)), 0x30)
    at = _into(der, _past(der, at), 0xA0)
    if der[at] == 0x04:
        start, size = _length(der, at)
        return der[start : start + size]
    at = _into(der, at, 0x24)
    pieces: list[bytes] = []
    while at < len(der) and der[at] == 0x04:
        if len(pieces) >= PIECES:
            raise ValueError("more pieces than anybody sends")
        start, size = _length(der, at)
        at = start + size
        pieces.append(der[start:at])
    return b"".join(pieces)


def _into(der: bytes, at: int, tag: int) -> int:
    if der[at] != tag:
        raise ValueError("not as CMS is")
    return _length(der, at)[0]


def _past(der: bytes, at: int) -> int:
    """Where the element after this one begins; within one without a length no other may be so."""
    start, size = _length(der, at)
    if size >= 0:
        return start + size
    while der[start]:
        start, size = _length(der, start)
        start += max(size, 0)
    return start + 2


def _length(der: bytes, at: int) -> tuple[int, int]:
    """Where the contents of an element begin, and how many bytes they are: -1 if that is not said."""
    size = der[at + 1]
    if size < 0x80:
        return at + 2, size
    digits = size & 0x7F
    if digits > 4:
        raise ValueError("not as CMS is")
    start = at + 2 + digits
    return start, int.from_bytes(der[at + 2 : start]) if digits else -1


Wrapping = Literal["", "smime", "openpgp"]

DEEPEST = 4
"""Signed, enveloped, signed again, and one for luck: nobody honest wraps deeper."""

_FIELD = re.compile(rb"[^\r\n]+(?:\r?\n[ \t][^\r\n]*)*\r?\n?")


class Damaged(ValueError):
    """It claims to be wrapped, and is not as it should be."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What is left of a mail: with kind "" the whole mail, ready to be read, in `content`; else what is to be
    opened next, and in `outer` the mail that it stood in, without its body."""

    kind: Wrapping
    content: bytes
    outer: bytes = b""


def wrapping(part: Part) -> Wrapping:
    """What the outermost part of a mail is wrapped in; a signature counts, if it is around the content."""
    if _pgp(part) is not None:
        return "openpgp"
    return "smime" if is_pkcs7(part) else ""


def unwrapped(raw: bytes) -> Layer:
    """Take off all that needs no key. Raises Damaged."""
    for _ in range(DEEPEST):
        part, _ = tree(raw)
        message = _pgp(part)
        if message is not None:
            return Layer("openpgp", message, _head(raw))
        if not is_pkcs7(part):
            return Layer("", raw)
        der = part.content()
        try:
            if not is_signed(der):
                return Layer("smime", der, _head(raw))
            raw = rejoined(raw, signed_content(der))
        except ValueError:
            raise Damaged from None
    raise Damaged


def rejoined(outer: bytes, inner: bytes) -> bytes:
    """`inner` as a whole mail: how it is encoded comes from inside, everything else from outside.

    Only the subject may come from inside, where some programs hide it (RFC 9788 protects it there).
    """
    outside, _ = _split(outer)
    inside, body = _split(inner)
    subject = [field for field in inside if _name(field) == b"subject"][:1]
    kept = [
        field
        for field in outside
        if not _is_content(_name(field)) and not (subject and _name(field) == b"subject")
    ]
    fields = kept + subject + [field for field in inside if _is_content(_name(field))]
    return b"".join(field.rstrip(b"\r\n") + b"\r\n" for field in fields) + b"\r\n" + body


def _pgp(part: Part) -> bytes | None:
    """The message in PGP/MIME (RFC 3156 section 4), also where Exchange renamed it multipart/mixed; None if
    this is no such mail, nothing (and then it won't open) if it claims to be one and is not."""
    kinds = [child.content_type for child in part.children]
    if "application/pgp-encrypted" in kinds[:2]:
        for child in part.children[kinds.index("application/pgp-encrypted") + 1 :]:
            if child.content_type == "application/octet-stream":
                return child.content()
    return b"" if part.content_type == "multipart/encrypted" else None


def _split(mail: bytes) -> tuple[list[bytes], bytes]:
    end = re.search(rb"(?:\A|\r?\n)\r?\n", mail)
    head, body = (mail, b"") if end is None else (mail[: end.start()], mail[end.end() :])
    return _FIELD.findall(head), body


def _head(mail: bytes) -> bytes:
    return b"".join(_split(mail)[0])


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0].strip().lower()


def _is_content(name: bytes) -> bool:
    return name.startswith(b"content-") or name == b"mime-version"


WRAPPINGS = 4
"""How many wrappings of one mail are opened: signed, signed again by a gateway, a winmail.dat in it."""

_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


def is_winmail(part: Part) -> bool:
    """Whether a part says that it is a winmail.dat."""
    return part.content_type in _TNEF or part.file_name.lower() == "winmail.dat"


def unpacked(part: Part) -> Part:
    """The same mail with what stood in its wrappings as parts of it."""
    return _unpacked(part, [WRAPPINGS])


def _unpacked(part: Part, left: list[int]) -> Part:
    if part.children:
        return replace(part, children=tuple(_unpacked(child, left) for child in part.children))
    if not (is_pkcs7(part) or is_winmail(part)) or left[0] <= 0:
        return part
    left[0] -= 1
    inside = _signed(part.content()) if is_pkcs7(part) else _from_winmail(part.content())
    return replace(part, children=tuple(_unpacked(child, left) for child in inside)) if inside else part


def _from_winmail(content: bytes) -> tuple[Part, ...]:
    """The text of a winmail.dat, of one kind only, and its attachments."""
    try:
        found = winmail(content)
    except ValueError:
        return ()
    if found.html:
        parts = [new_part("text/html; charset=utf-8", found.html.encode("utf-8", "replace"))]
    elif found.plain:
        parts = [new_part("text/plain; charset=utf-8", found.plain.encode("utf-8", "replace"))]
    else:
        parts = [new_part("text/rtf", found.rtf)] if found.rtf else []
    return (*parts, *(new_part("application/octet-stream", f.content, f.name or "-") for f in found.files))


def _signed(content: bytes) -> tuple[Part, ...]:
    """The mail in an opaque signature (RFC 8551, 3.5.2)."""
    try:
        inner = signed_content(content)
    except ValueError:
        return ()
    return (tree(inner)[0],) if inner else ()


NOTICE = 1_500
"""A portal says what it is about in its first lines; footers stand below."""


class Unopened(StrEnum):
    """Why what a mail holds can't be read."""

    RPMSG = "rpmsg"
    SMIME_OTHER_KEY = "smime_other_key"
    PGP_OTHER_KEY = "pgp_other_key"
    PASSWORD = "password"  # noqa: S105 (no secret, a code)
    PORTAL = "portal"
    TNEF = "tnef"
    SCAN = "scan"
    ATTACHMENT_KIND = "attachment_kind"


FILES_ALONE = frozenset({Unopened.SCAN, Unopened.ATTACHMENT_KIND})
"""They may stand beside any mail: one in which somebody is named is asked about as every other."""

_SAFE = (
    r"(?:(?:zeer )?(?:beveiligd|versleuteld|vertrouwelijk|veilig|beschermd|afgeschermd|secure|encrypted"
    r"|confidential|protected|sicher|verschlüsselt|vertraulich|sécuris|chiffr|confidentiel)\w{0,4})"
)
_THING = (
    r"(?:e-?mail\w*|mail\w*|bericht\w*|bestand\w*|bijlage\w*|document\w*|messages?|attachments?|files?|transfer|overdracht|nachricht\w*"
    r"|dateien?|fichiers?|dossier)"
)
_WAITS = (
    r"(?:hebt|heeft|heb|ontvangen|ontving|staat|staan|stuurde|gestuurd|verzonden|klaar|wacht\w*|voor u"
    r"|voor je|received|sent|waiting|for you|from|erhalten|gesendet|liegt|reçu|envoyé\w*|attend)"
)
_OPEN = (
    r"(?:lees|lezen|open|openen|bekijk|bekijken|ophalen|haal|download\w*|inloggen|log ?in|aanmelden|klik\w*"
    r"|read|view|click|access|retrieve|öffnen|lesen|abrufen|lire|ouvrir|consulter)"
)
_CODE = (
    r"(?:toegangscode|sms-?code|pincode|verificatiecode|wachtwoord|eenmalige code|password|passcode|one-time"
    r"|passwort|mot de passe)"
)
_GAP = r"[^\w.!?]+"
_PROTECTED_WAITS = re.compile(
    rf"\b{_WAITS}{_GAP}(?:\w+{_GAP}){{0,14}}(?:{_SAFE}{_GAP}(?:\w+{_GAP}){{0,2}}{_THING}"
    rf"|{_THING}{_GAP}(?:\w+{_GAP}){{0,4}}{_SAFE})\b"
    rf"|\b{_SAFE}{_GAP}(?:\w+{_GAP}){{0,2}}{_THING}{_GAP}(?:\w+{_GAP}){{0,12}}(?:{_WAITS}|van)\b"
    rf"|\b{_THING}{_GAP}(?:\w+{_GAP}){{0,12}}{_SAFE}{_GAP}(?:\w+{_GAP}){{0,6}}{_WAITS}\b",
    re.IGNORECASE,
)
_THING_WAITS = re.compile(rf"\b{_WAITS}{_GAP}(?:\w+{_GAP}){{0,12}}{_THING}\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?]*[.!?]?")
# "Dit bericht is vertrouwelijk en alleen bestemd voor u": what stands below any mail.
_DISCLAIMS = re.compile(
    r"\b(?:bestemd|onrechte|abusievelijk|vergissing|geadresseerde|in error|by mistake|intended"
    r"|addressee|irrtümlich|par erreur)\b",
    re.IGNORECASE,
)
_TO_OPEN = re.compile(rf"\b{_OPEN}\b", re.IGNORECASE)
_WITH_CODE = re.compile(rf"\b{_CODE}\b", re.IGNORECASE)
_LINK = re.compile(rb"https?://|<form\b", re.IGNORECASE)
_ARMOUR = b"-----BEGIN PGP MESSAGE-----"


def is_portal(text: str, parts: list[Part]) -> bool:
    """Whether a mail only says that a message waits elsewhere. `text` is its subject and own words."""
    linked = any(
        part.content_type.startswith("text/") and _LINK.search(part.content(64 * 1024))
        for part in parts
        if not part.children
    )
    if not linked:
        return False
    sentences = _SENTENCE.findall(" ".join(text[:NOTICE].split()))
    beginning = "".join(each for each in sentences if not _DISCLAIMS.search(each))
    if not _TO_OPEN.search(beginning):
        return False
    if _PROTECTED_WAITS.search(beginning):
        return True
    return bool(_THING_WAITS.search(beginning) and _WITH_CODE.search(beginning))


def encrypted(part: Part) -> Unopened | None:
    """Whether a part is encrypted, and in which way: it is for another key if it gets here."""
    kind, name = part.content_type, part.file_name.lower()
    if kind == "application/x-microsoft-rpmsg-message" or name.endswith(".rpmsg"):
        return Unopened.RPMSG
    if is_pkcs7(part) and not part.children:
        # A signature that could not be taken off is no more readable.
        return Unopened.SMIME_OTHER_KEY
    if kind in {"multipart/encrypted", "application/pgp-encrypted"} or name.endswith((".pgp", ".gpg")):
        return Unopened.PGP_OTHER_KEY
    if not part.children and _ARMOUR in part.content(4096):
        return Unopened.PGP_OTHER_KEY
    if is_winmail(part) and not part.children:
        return Unopened.TNEF
    return None
