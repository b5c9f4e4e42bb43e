"""A mail's text, cut into what each person wrote: newest first.

Quoting with ">" of any depth, forwards and quotes under a block of header lines (Outlook, Thunderbird,
Apple, Gmail; Dutch, English, German), attributions ("Op … schreef X:"), and answers written between the
quoted lines. A text that only looks a bit like a header block loses nothing: what follows it is an older
passage of the same mail, and is read as such.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from gateway.reading.mail.office import card_text

TEXT_CHARACTERS = 60_000
LINE_CHARACTERS = 2_000

_QUOTE = re.compile(r"[ \t]?((?:>[ \t]?){1,40})")
# ">>> Jan Bos <jan@bos.example> 9-4-2025 10:01 >>>": GroupWise's line above what it quotes without marks.
_FRAMED = re.compile(r">>>[ ]?([^>\s].{0,300}?)\s?>>>\s*$")
# What other programs than those with ">" put before every line that they quote.
_BARS = re.compile(r"[|:}¦│](?!.*[|│]\s*$) ?|$")
_LINKS = re.compile(
    r"<(?:tel|mailto|https?|callto|sms|sip):[^<>\n]{0,1500}>|\[cid:[^\]\n]{0,200}\]", re.IGNORECASE
)
_MARKDOWN_LINK = re.compile(r"\[([^\]\n]{1,200})\]\((?:tel|mailto|https?):[^)\n]{0,500}\)")
_TAGS = re.compile(r"</?[a-zA-Z][^<>@\n]{0,200}>")
# "Naam: __Jan Bos____": the line of a form round its value, not "jan_bos@…" nor a ruler, nor what was left
# open beside an option ("__ in beeld", "in beeld____").
_FILLED_IN = re.compile(
    r"(?m)(?!^_{1,60} )(?<![^\s:(])_{1,60}(?=[^\W_]|[ +(][^\W_])"
    r"|(?<=[\w.):])(?<!_)_{1,60}(?![^\s.,;)])"
)
# "naam -> Jan Bos", "06-… -> klopt niet meer": what an arrow points at is said of what stands before it.
_ARROW = re.compile(r"(?<=[^\s>-])[ \t]*(?:[-=]{1,2}>|→)[ \t]*(?=\S)")
# To the next beginning at most, so that many beginnings without an end cost no more than their length.
_CARD = re.compile(r"BEGIN:VCARD\b(?:(?!BEGIN:VCARD).)*?\bEND:VCARD\b", re.DOTALL)
_BOLD = re.compile(r"(?<![\w*])\*{1,2}([^*\n]{1,120}?)\*{1,2}(?![\w*])")
_IMAGE = re.compile(r"\[(?:logo|image|afbeelding)[^\]\n]{0,100}\]", re.IGNORECASE)
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202C, 0x2060, 0xFEFF, 0xFFFC]
)
_DASHES = {0x2010: "-", 0x2011: "-", 0x2012: "-", 0x2212: "-", 0x2014: "–"}
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
_BY = ("van:", "from:", "von:", "de:")
_LABEL = re.compile(r"[^\W\d_][^\W\d_ .'-]{0,24}(?: [^\W\d_]{1,20}){0,2}\s?:\s+(\S.*)$")
_RULED = re.compile(r"[-=_*]{3,}\s{0,3}[^\W\d_][^\n]{2,60}?\s{0,3}[-=_*]{3,}$")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,253}")
_MAILBOX = re.compile(
    r"(?:[<\[(]\s?(?:mailto:)?|^\s*)[\w.+-]{1,64}@[\w.-]{1,253}\s?(?:[>\])]|$)", re.IGNORECASE
)
_TITLE = re.compile(r"[^\W\d_][\w /-]{2,40}:?")
_DAY = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b")
_TIME = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
_WROTE = re.compile(
    r"\b(?:schreef|geschreven|wrote|writes|schrieb|[ée]crit|yazd[ıi]|napisa[łl]\S*|scris\w*|scritto|escribi[óo]"
    r"|escreveu|skrev|kirjoitti|[íi]rta)\b|написал\S*|пише|كتب",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"(?:op|on|am|le|el|il|em|den|dne|w dniu)\b", re.IGNORECASE)


@dataclass(slots=True)
class Passage:
    """What one person wrote: their lines without quote marks."""

    lines: list[str] = field(default_factory=list)
    author: str = ""
    address: str = ""
    subject: str = ""
    own: bool = False


_WIDTHS = ("<wide>", "<narrow>", "<font>")


def _narrow(character: str) -> str:
    """A full-width or ornamental letter, figure or mark as the plain one that it stands for."""
    if character.isascii() or not unicodedata.decomposition(character).startswith(_WIDTHS):
        return character
    plainly = unicodedata.normalize("NFKC", character)
    return plainly if len(plainly) == 1 else character


def _unlined(line: re.Match[str]) -> str:
    """Nothing in the place of a form's line; one behind words that have no label and no line before them is
    left open, and stays."""
    before = line.string[line.string.rfind("\n", 0, line.start()) + 1 : line.start()]
    left_open = len(line[0]) > 1 and before.strip() and not re.search(r"[:_\d]", before)
    return line[0] if left_open else ""


def clean(text: str) -> str:
    """A text with one kind of blank, no invisible characters, no link targets, no marks of bold or blanks."""
    text = unicodedata.normalize("NFC", text[:TEXT_CHARACTERS]).translate(_INVISIBLE).translate(_DASHES)
    text = (
        "".join(" " if c != " " and unicodedata.category(c) == "Zs" else _narrow(c) for c in text)
        if not text.isascii()
        else text
    )
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if "BEGIN:VCARD" in text:
        text = _CARD.sub(lambda found: card_text(found[0].encode("utf-8", "replace")), text)
    if "<" in text:
        text = _LINKS.sub("", text)
    if "</" in text:
        # Some programs put the tags of their HTML into the plain text as well.
        text = _TAGS.sub("", text)
    if "[" in text:
        text = _IMAGE.sub("", _MARKDOWN_LINK.sub(r"\1", text))
    if "_" in text:
        text = _FILLED_IN.sub(_unlined, text)
    if "->" in text or "=>" in text or "→" in text:
        text = _ARROW.sub(": ", text)
    return _BOLD.sub(r"\1", text) if "*" in text else text


def passages(text: str) -> list[Passage]:
    """The passages of one text, newest first; the first is the sender's own (perhaps empty)."""
    lines = [_depth(line[:LINE_CHARACTERS]) for line in clean(text).split("\n")]
    for at, (depth, line) in enumerate(lines):
        if depth == 2 and _TITLE.fullmatch(line) and not any(d for d, _ in lines[max(0, at - 1) : at]):
            # ">> Verwijzer" amid lines that aren't quoted is a form's heading.
            beside = lines[at + 1 : at + 2]
            lines[at] = (0, line) if beside and not beside[0][0] and beside[0][1].strip() else lines[at]
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
    for each in order:
        if not each.own and any(each.lines) and all(map(_BARS.match, each.lines)):
            each.lines = [_BARS.sub("", line, count=1) for line in each.lines]
    return order


def _depth(line: str) -> tuple[int, str]:
    if framed := _FRAMED.match(line):
        return 0, f"{framed[1]}:"
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
    ruled = stripped.startswith("_" * 10) or _RULED.match(stripped) is not None
    if ruled or _LABEL.match(stripped) or _HEADER.match(stripped):
        start = at + 1 if ruled else at
        # A deeper quote may begin with nothing but who wrote it.
        deeper = depth > 0 and at > 0 and lines[at - 1][0] < depth and stripped.lower().startswith(_BY)
        following, passage = _header_block(lines, start, depth, least=1 if deeper else 3)
        return (following, passage, False) if following > start else None
    return _attribution(lines, at)


def _header_block(lines: list[tuple[int, str]], at: int, depth: int, *, least: int) -> tuple[int, Passage]:
    """The header lines of an older mail; else nothing is consumed.

    Known by at least so many known names with the sender's among them, or in any language by its shape: a
    mailbox on the first line and a moment on one of the next.
    """
    start = at
    while at < len(lines) and at < start + 3 and not lines[at][1].strip():
        at += 1
    known: dict[str, str] = {}
    values: list[str] = []
    while at < len(lines) and lines[at][0] == depth and len(values) < (12 if known else 5):
        line = lines[at][1].strip()
        header, label = _HEADER.match(line), _LABEL.match(line)
        if header is None and label is None:
            break
        if header is not None:
            name = header[1].lower()
            name = "from" if name in _FROM else "subject" if name in _SUBJECT else name
            known.setdefault(name, header[2].strip())
        elif not _is_moment(line) and (known or not _MAILBOX.search((values or [line.partition(":")[2]])[0])):
            # Under a block of known names a label of another kind is the text's own.
            break
        values.append(line.partition(":")[2].strip())
        at += 1
    if len(known) >= least and "from" in known:
        author, address = _who(known["from"])
        return at, Passage(author=author, address=address, subject=known.get("subject", ""))
    if values and _MAILBOX.search(values[0]) and any(map(_is_moment, values[1:5])):
        author, address = _who(values[0])
        return at, Passage(author=author, address=address)
    return start, Passage()


def _is_moment(text: str) -> bool:
    return _DAY.search(text) is not None and _TIME.search(text) is not None


def _attribution(lines: list[tuple[int, str]], at: int) -> tuple[int, Passage, bool] | None:
    """ "Op maandag schreef X <x@y>:" in any language, perhaps over three lines.

    It ends with a colon, and names a moment with a mailbox, or somebody with a word for writing.
    """
    depth = lines[at][0]
    joined = ""
    for end in range(at, min(at + 3, len(lines))):
        line = lines[end][1].strip()
        if lines[end][0] != depth or not line:
            return None
        if end > at and not _goes_on(lines[end - 1][1], line, first=end == at + 1):
            # The line before is somebody's text, and no beginning of this one.
            return None
        joined = f"{joined} {line}".strip()
        if _is_attribution(joined):
            following = next((d for d, text in lines[end + 1 :] if text.strip() or d > depth), depth)
            passage = Passage(author=_author(joined), address=_who(joined)[1])
            return end + 1, passage, following > depth
    return None


def _is_attribution(text: str) -> bool:
    if not text.endswith((":", "：")) or len(text) >= 500:
        return False
    day, time = _DAY.search(text), _TIME.search(text)
    if (day or time) and _MAILBOX.search(text):
        return True
    if _WROTE.search(text) is None:
        return False
    return bool(day or time or _MAILBOX.search(text) or _BEGINS.match(text) or re.search(r"\bop\b", text))


def _goes_on(line: str, following: str, *, first: bool) -> bool:
    """Whether a program may have broken a line there: it begins as attributions do, or is amidst one."""
    line = line.strip()
    dated = _DAY.search(line) or _TIME.search(line)
    if line.endswith((".", "!", "?", ":")):
        return False
    if _is_attribution(following) and (not dated or _DAY.search(following) or _TIME.search(following)):
        # The next line says it all, or says the moment that belongs to it.
        return False
    return not first or _BEGINS.match(line) is not None or bool(_DAY.search(line) and len(line) >= 40)


_BEFORE_NAME = re.compile(
    rf".*(?:{_WROTE.pattern}|\bheeft\b|,|،|\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?(?: [A-Z]{{2,4}}\b)?)",
    re.IGNORECASE,
)


def _author(line: str) -> str:
    """Whom an attribution names: before the address if it has one, else on one side of the verb."""
    before, bracket, _ = line.partition("<")
    if not bracket:
        verb = _WROTE.search(line)
        before = line[verb.end() :] if verb else line
        if verb and (not before.strip(" :") or re.match(r"\s*(?:op|on|am|het volgende)\b", before)):
            before = line[: verb.start()]
    # The date stands before the name, and a verb may.
    name = _BEFORE_NAME.sub("", before, count=1)
    return _who(re.sub(r"\s\(\s*$|[:：]\s*$", "", name))[0]


def _who(text: str) -> tuple[str, str]:
    address = _ADDRESS.search(text[:500])
    name = re.split(r"[<\[(]|\bnamens\b|\bmailto\b", text[:200])[0].strip(" \"'\t")
    return ("" if "@" in name else name), address[0].lower() if address else ""
