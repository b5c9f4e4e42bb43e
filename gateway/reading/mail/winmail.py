"""What stands in a winmail.dat (TNEF, [MS-OXTNEF]): the mail's text and its attachments.

Outlook and Exchange wrap a mail so for some receivers. Read here because the libraries for it loop as often
as a number in the mail says, copy the rest of the file for every object, and log what they find. This reads
each object and property once, no more than `OBJECTS` and `PROPERTIES` of them. `ValueError` says that it is
broken, without content.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

OBJECTS, PROPERTIES, VALUES = 500, 2_000, 100
RTF_BYTES = 1024 * 1024

_SIGNATURE = 0x223E9F78
_BODY, _ATTACHMENT_DATA, _ATTACHMENT_TITLE = 0x800C, 0x800F, 0x8010
_NEW_ATTACHMENT, _MESSAGE_PROPERTIES, _ATTACHMENT_PROPERTIES = 0x9002, 0x9003, 0x9005
_PLAIN, _RTF, _HTML, _FILE_NAME, _DATA, _LONG_FILE_NAME = 0x1000, 0x1009, 0x1013, 0x3704, 0x3701, 0x3707
_CODE_PAGE = 0x3FDE
_TEXT, _UNICODE = 0x1E, 0x1F
_FIXED = {0x02: 4, 0x0B: 4, 0x03: 4, 0x04: 4, 0x0A: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_LENGTHY = frozenset({0x0D, _TEXT, _UNICODE, 0x102})
# What every compressed RTF may point back to before it has said anything ([MS-OXRTFCP], 2.1.2.1).
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


@dataclass(slots=True)
class WinmailFile:
    """An attachment inside it."""

    name: str = ""
    content: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class Winmail:
    """The texts, "" where there is none of that kind, and the attachments."""

    plain: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    rtf: bytes = field(default=b"", repr=False)
    files: list[WinmailFile] = field(default_factory=list)


def winmail(content: bytes) -> Winmail:
    """The contents of a winmail.dat. Raises ValueError."""
    try:
        return _winmail(content)
    except (struct.error, IndexError):
        raise ValueError("broken TNEF") from None


def _winmail(content: bytes) -> Winmail:
    if len(content) < 6 or struct.unpack_from("<I", content)[0] != _SIGNATURE:
        raise ValueError("no TNEF")
    found = Winmail()
    for name, value in _objects(content):
        if name == _BODY:
            found.plain = found.plain or _text(value.rstrip(b"\0"), "")
        elif name == _MESSAGE_PROPERTIES:
            _take_message(found, dict(_properties(value)))
        elif name == _NEW_ATTACHMENT:
            found.files.append(WinmailFile())
        elif found.files:
            _take_file(found.files[-1], name, value)
    return found


def _take_message(found: Winmail, told: dict[int, tuple[int, bytes]]) -> None:
    pages = told.get(_CODE_PAGE, (0, b""))[1]
    page = f"cp{struct.unpack('<I', pages)[0]}" if len(pages) == 4 else ""
    found.plain = _string(told.get(_PLAIN), page) or found.plain
    found.html = _string(told.get(_HTML), page)
    if _RTF in told:
        found.rtf = decompressed(told[_RTF][1])


def _take_file(file: WinmailFile, name: int, value: bytes) -> None:
    if name == _ATTACHMENT_TITLE:
        file.name = file.name or _text(value.rstrip(b"\0"), "")
    elif name == _ATTACHMENT_DATA:
        file.content = value
    elif name == _ATTACHMENT_PROPERTIES:
        told = dict(_properties(value))
        file.name = _string(told.get(_LONG_FILE_NAME), "") or file.name or _string(told.get(_FILE_NAME), "")
        file.content = file.content or told.get(_DATA, (0, b""))[1]


def _string(value: tuple[int, bytes] | None, page: str) -> str:
    if value is None:
        return ""
    kind, content = value
    return content.decode("utf-16-le", "replace").rstrip("\0") if kind == _UNICODE else _text(content, page)


def _text(content: bytes, page: str) -> str:
    content = content.rstrip(b"\0")
    for name in ("utf-8", page if page != "cp65001" else "", "cp1252"):
        try:
            return content.decode(name)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _objects(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    for _ in range(OBJECTS):
        if at + 11 > len(content):
            return
        _, name, _, size = struct.unpack_from("<BHHI", content, at)
        yield name, content[at + 9 : at + 9 + size]
        at += 9 + size + 2
    raise ValueError("too many objects")


def _properties(content: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """The first value of each property, by its id: the kind and the bytes."""
    at = 4
    for _ in range(min(struct.unpack_from("<I", content)[0], PROPERTIES)):
        kind, name = struct.unpack_from("<HH", content, at)
        at += 4
        if name >= 0x8000:
            # A named property: its set's GUID, then a number or a name.
            by_name, size = struct.unpack_from("<II", content, at + 16)
            at += 24 + (_padded(size) if by_name else 0)
        plain = kind & ~0x1000
        count = 1
        if kind & 0x1000 or plain in _LENGTHY:
            count = struct.unpack_from("<I", content, at)[0]
            at += 4
        if count > VALUES or not (plain in _FIXED or plain in _LENGTHY):
            raise ValueError("an odd property")
        value = b""
        for number in range(count):
            if plain in _LENGTHY:
                size = struct.unpack_from("<I", content, at)[0]
                at += 4
            else:
                size = _FIXED[plain]
            if at + size > len(content):
                raise ValueError("a cut property")
            if number == 0:
                # An embedded object begins with the id of its interface.
                value = content[at + 16 : at + size] if plain == 0x0D else content[at : at + size]
            at += _padded(size)
        yield name, (plain, value)


def _padded(size: int) -> int:
    return size + -size % 4


def decompressed(content: bytes) -> bytes:
    """Compressed RTF ([MS-OXRTFCP]) as RTF, at most `RTF_BYTES` of it. Raises ValueError."""
    _, size, kind, _ = struct.unpack_from("<II4sI", content)
    if kind == b"MELA":
        return content[16 : 16 + min(size, RTF_BYTES)]
    if kind != b"LZFu":
        raise ValueError("no compressed RTF")
    window = bytearray(_DICTIONARY.ljust(4096, b"\0"))
    write = len(_DICTIONARY)
    most, out, at = min(size, RTF_BYTES), bytearray(), 16
    while len(out) < most and at < len(content):
        control = content[at]
        at += 1
        for bit in range(8):
            if control >> bit & 1:
                if at + 2 > len(content):
                    return bytes(out)
                pair = content[at] << 8 | content[at + 1]
                at += 2
                read, length = pair >> 4, (pair & 15) + 2
                if read == write:
                    return bytes(out[:most])
            else:
                if at >= len(content):
                    return bytes(out)
                read, length = -1, 1
                at += 1
            for step in range(length):
                byte = content[at - 1] if read < 0 else window[(read + step) % 4096]
                out.append(byte)
                window[write] = byte
                write = (write + 1) % 4096
    return bytes(out[:most])
