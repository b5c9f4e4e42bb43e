"""A mail's text, cut into what each person wrote: newest first.

Quoting with ">" of any depth, forwards and quotes under a block of header lines (Outlook, Thunderbird,
Apple, Gmail; Dutch, English, German), attributions ("Op … schreef X:"), and answers written between the
quoted lines. A text that only looks a bit like a header block loses nothing: what follows it is an older
passage of the same mail, and is read as such.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from gateway.reading.patient.words import plain

TEXT_CHARACTERS = 60_000
LINE_CHARACTERS = 2_000

_QUOTE = re.compile(r"[ \t]?((?:>[ \t]?){1,40})")
_LINKS = re.compile(
    r"<(?:tel|mailto|https?|callto|sms|sip):[^<>\n]{0,1500}>|\[cid:[^\]\n]{0,200}\]", re.IGNORECASE
)
_MARKDOWN_LINK = re.compile(r"\[([^\]\n]{1,200})\]\((?:tel|mailto|https?):[^)\n]{0,500}\)")
_TAGS = re.compile(r"</?[a-zA-Z][^<>@\n]{0,200}>")
_BOLD = re.compile(r"(?<![\w*])\*{1,2}([^*\n]{1,120}?)\*{1,2}(?![\w*])")
_IMAGE = re.compile(r"\[(?:logo|image|afbeelding)[^\]\n]{0,100}\]", re.IGNORECASE)
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202C, 0x2060, 0xFEFF, 0xFFFC]
)
_DASHES = {0x2010: "-", 0x2011: "-", 0x2012: "-", 0x2212: "-"}
_MARKER = re.compile(
    r"(?:[-_=*]{2,}|begin)\s{0,3}(?:van\s)?(?:het\s)?"
    r"(?:forwarded message|doorgestuurd(?:e)? (?:bericht|e-?mail)|original message"
    r"|oorspronkelijk(?:e)? (?:bericht|e-?mail)"
    r"|origineel bericht|weitergeleitete nachricht|urspr\S{1,3}ngliche nachricht|originalnachricht"
    r"|message transf\S{1,3}r\S{1,3}"
    r"|uw bericht|doorgestuurd)"
    r"\s{0,3}(?:[-_=*]{2,}|:)?$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(van|from|von|de|verzonden|sent|gesendet|datum|date|verstuurd|aan|to|an|cc|kopie|onderwerp"
    r"|subject|betreff"
    r"|objet|antwoord aan|reply-to|belangrijk|importance|prioriteit|beantwoorden)\s?:\s*(.*)$",
    re.IGNORECASE,
)
_FROM, _SUBJECT = (
    frozenset({"van", "from", "von", "de"}),
    frozenset({"onderwerp", "subject", "betreff", "objet"}),
)
_ATTRIBUTION = re.compile(
    r"(?:(?:op|on|am|le)\b.{3,300}?\b(?:schreef|geschreven|wrote|schrieb|a \S{1,3}crit)\b.{0,200}"
    r"|.{2,150}\b(?:schreef|wrote|schrieb) (?:op|on|am|het volgende)\b.{0,150})\s?:?$",
    re.IGNORECASE,
)
_ATTRIBUTED = re.compile(r"\b(?:schreef|heeft|wrote|schrieb)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,253}")


@dataclass(slots=True)
class Passage:
    """What one person wrote: their lines without quote marks."""

    lines: list[str] = field(default_factory=list)
    author: str = ""
    address: str = ""
    subject: str = ""
    own: bool = False


def clean(text: str) -> str:
    """A text with one kind of blank, no invisible characters, no link targets, no bold marks."""
    text = unicodedata.normalize("NFC", text[:TEXT_CHARACTERS]).translate(_INVISIBLE).translate(_DASHES)
    text = (
        "".join(" " if c != " " and unicodedata.category(c) == "Zs" else c for c in text)
        if not text.isascii()
        else text
    )
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if "<" in text:
        text = _LINKS.sub("", text)
    if "</" in text:
        # Some programs put the tags of their HTML into the plain text as well.
        text = _TAGS.sub("", text)
    if "[" in text:
        text = _IMAGE.sub("", _MARKDOWN_LINK.sub(r"\1", text))
    return _BOLD.sub(r"\1", text) if "*" in text else text


def passages(text: str) -> list[Passage]:
    """The passages of one text, newest first; the first is the sender's own (perhaps empty)."""
    lines = [_depth(line[:LINE_CHARACTERS]) for line in clean(text).split("\n")]
    current = {0: Passage(own=True)}
    order = [current[0]]
    at = 0
    while at < len(lines):
        depth, line = lines[at]
        opening = _opening(lines, at)
        if opening is None:
            if depth not in current:
                for deeper in [each for each in current if each > depth]:
                    del current[deeper]
                order.append(current.setdefault(depth, Passage()))
            current[depth].lines.append(line)
            at += 1
            continue
        following, passage, deeper = opening
        place = depth + 1 if deeper else depth
        current[place] = passage
        order.append(passage)
        at = following
    return order


def _depth(line: str) -> tuple[int, str]:
    marks = _QUOTE.match(line)
    if marks is None:
        return 0, line.rstrip()
    return marks[1].count(">"), line[marks.end() :].rstrip()


def _opening(lines: list[tuple[int, str]], at: int) -> tuple[int, Passage, bool] | None:
    """A passage beginning here: the line after its opening, the passage, whether it lies one deeper."""
    depth, line = lines[at]
    stripped = line.strip()
    if not stripped:
        return None
    if _MARKER.match(stripped) and len(stripped) < 80:
        following, passage = _header_block(lines, at + 1, depth, least=1)
        return following, passage, False
    if stripped.startswith("_" * 10) or _HEADER.match(stripped):
        start = at + 1 if stripped.startswith("_" * 10) else at
        following, passage = _header_block(lines, start, depth, least=3)
        return (following, passage, False) if following > start else None
    return _attribution(lines, at)


def _header_block(lines: list[tuple[int, str]], at: int, depth: int, *, least: int) -> tuple[int, Passage]:
    """A block of at least that many header lines, with the sender's among them; else nothing is consumed."""
    start = at
    while at < len(lines) and at < start + 3 and not lines[at][1].strip():
        at += 1
    found: dict[str, str] = {}
    while at < len(lines) and lines[at][0] == depth and (header := _HEADER.match(lines[at][1].strip())):
        name = header[1].lower()
        found.setdefault(
            "from" if name in _FROM else "subject" if name in _SUBJECT else name, header[2].strip()
        )
        at += 1
    if len(found) < least or "from" not in found:
        return start, Passage()
    author, address = _who(found["from"])
    return at, Passage(author=author, address=address, subject=found.get("subject", ""))


def _attribution(lines: list[tuple[int, str]], at: int) -> tuple[int, Passage, bool] | None:
    """ "Op maandag schreef X <x@y>:", perhaps over three lines."""
    depth, line = lines[at]
    words = plain(line[:400].strip())
    if not (
        words.startswith(("op ", "on ", "am ", "le "))
        or any(w in words for w in ("schreef op", "wrote on", "schreef het"))
    ):
        return None
    joined = ""
    for end in range(at, min(at + 3, len(lines))):
        if lines[end][0] != depth or not lines[end][1].strip():
            return None
        joined = f"{joined} {lines[end][1].strip()}".strip()
        if len(joined) < 500 and joined.endswith(":") and _ATTRIBUTION.match(joined):
            following = next((d for d, text in lines[end + 1 :] if text.strip() or d > depth), depth)
            author, address = _who(_attributed(joined))
            return end + 1, Passage(author=author, address=address), following > depth
    return None


def _attributed(line: str) -> str:
    """The part of an attribution that names who."""
    verb = _ATTRIBUTED.search(line)
    if verb is None:
        return line
    after = line[verb.end() :].strip(" :")
    after = re.sub(r"\s*(?:het volgende )?geschreven$|^(?:op|on) .*", "", after)
    # English puts the name before the verb, after the date and its comma.
    return after or re.split(r",|\d{1,2}:\d{2}", line[: verb.start()])[-1]


def _who(text: str) -> tuple[str, str]:
    address = _ADDRESS.search(text[:500])
    name = re.split(r"[<\[(]|\bnamens\b|\bmailto\b", text[:200])[0].strip(" \"'\t")
    return ("" if "@" in name else name), address[0].lower() if address else ""
