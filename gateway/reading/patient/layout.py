"""Labels, tables and paragraphs: a passage's lines as blocks of (what it is, text).

A label is a short phrase made of known words only ("Tel. mobiel", "Naam van de patiënt"). Its value may
stand behind it, after an inline label in the same line, in the next cell, below it, or in a table's
column. `Block.record` numbers the rows of a table that lists several people.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from gateway.reading.patient.labels import (
    BULLET,
    SEPARATED,
    asked_of,
    begun,
    heads,
    is_bare_label,
    label_of,
    row_under,
)
from gateway.reading.patient.lexicon import is_premises, is_thing
from gateway.reading.patient.phones import is_identifier
from gateway.reading.patient.vocabulary import Sense, kind_of
from gateway.reading.patient.words import BARE_RELATIVES, COMMON, LABELS, PATIENT, plain

# A row of a table drawn with bars: "| Naam | Jan Bos |".
_DRAWN = re.compile(r"\|(?=[^|]*\|)(.*)\|")
_ENDS_NO_LINE = re.compile(r" (?:de|het|een|van|der|den|in|op|te|uit|en|of|met|voor|aan)$")
_NUMBER_ALONE = re.compile(r"[+(0][\d ()/.+-]{8,20}\d")
# A heading between marks: "== Verwijzer ==".
_RULED = re.compile(r"\A[ \t]*[=#~_*>]{1,10}[ \t]*([^\W\d_][\w /-]{2,40}:?)[ \t]*[=#~_*<-]{0,10}\Z")
_RULER = re.compile(r"[-+=|_ \t]{3,}")
_COLON = re.compile(r"[ ]?[:=](?!//)[ \t]*")
_BEFORE_COLON = re.compile(
    r"(?<![\w@./-])(?:[^\W\d_]{1,22}(?:[/-][^\W\d_]{1,22})?\.?[ .]{0,2}){1,4}$|06[- ]?(?:nummer|nr)$"
)
# "B. Contactpersoon": a form's part; "A. Kok" is a name.
_LETTERED = re.compile(r"[A-H][.)] +(\S.*)")
_END = tuple(".!?:;,)")
_WRAPPED = 50


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text with the label it stands under: a field of `words.LABELS`, "relative", "sender" or "".

    `line` orders the blocks; `alone` says the block is a short line by itself.
    """

    label: str
    text: str
    line: int
    phrase: str = ""
    record: int = 0
    paragraph: int = 0


def blocks(lines: list[str]) -> list[Block]:
    """The blocks of joined lines, in order."""
    return list(_labelled(_tables(lines)))


def joined(lines: list[str], sender: frozenset[str] = frozenset()) -> list[str]:
    """Hard-wrapped prose put together again; lines of lists and tables, and the sender's name, stay apart."""
    done: list[str] = []
    widest, above = max(map(len, lines), default=0), ""
    for line in lines:
        ruled = _RULED.match(line.rstrip())
        line = ruled[1] if ruled else line.rstrip()
        if (drawn := _DRAWN.fullmatch(line.strip())) and not _RULER.fullmatch(line):
            line = drawn[1].strip()
        before = done[-1] if done else ""
        wraps = (
            len(before) >= _WRAPPED
            and line.strip()[:1].isalnum()
            and not before.endswith(_END[:4])
            and "\t" not in before + line
            and "|" not in before + line
            and not re.search(r"\S {3,}\S", before + line)
            and not BULLET.match(line)
            and not _separated_label(line)
        )
        wraps = wraps and not _NUMBER_ALONE.fullmatch(line.strip())
        wraps = wraps and not sender.issuperset(_WORDS.findall(plain(line)))
        # A capital begins anew where the line above had room for its word, is a record ("Wijk: De Laren"), or
        # ends on a number.
        fits = len(f"{above} {line.strip().partition(' ')[0]}") <= widest and not _ENDS_NO_LINE.search(above)
        anew = fits or before[-1:].isdigit() or _separated_label(before) in {"name", "phone", "wijk"}
        wraps, above = wraps and not (anew and line.strip()[:1].isupper()), line
        if wraps and (line.strip()[:1].islower() or not before.endswith(_END)) and len(before) < 4000:
            done[-1] = f"{before} {line.strip()}"
        else:
            done.append(line.strip(" "))
    return done


def _separated_label(line: str) -> str | None:
    found = SEPARATED.match(BULLET.sub("", line, count=1).strip())
    return label_of(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    number: int
    label: str | None = None
    phrase: str = ""
    record: int = 0


def _tables(lines: list[str]) -> list[_Line]:
    """Rows under a row of labels become labelled lines, numbered per row."""
    done: list[_Line] = []
    at = 0
    while at < len(lines):
        columns = heads(lines[at])
        rows: list[list[str]] = []
        following = at + 1
        while columns and following < len(lines):
            if _RULER.fullmatch(lines[following]) or (not lines[following].strip() and not rows):
                following += 1
                continue
            found = row_under(lines[at], lines[following])
            if len(found) < 2 or len(found) > len(columns) or label_of(found[0]):
                break
            rows.append(found)
            following += 1
        if not rows:
            done.append(_Line(lines[at], at))
            at += 1
            continue
        for record, row in enumerate(rows, 1):
            for (label, phrase), cell in zip(columns, row, strict=False):
                done.append(_Line(cell, at, label or "remarks", phrase, record if len(rows) > 1 else 0))
        done.append(_Line("", following))
        at = following
    return _columns_below(done)


def _columns_below(lines: list[_Line]) -> list[_Line]:
    """A run of labels alone on their lines, followed by as many values: a table that lost its columns."""
    done: list[_Line] = []
    bare = [is_bare_label(line.text) for line in lines]
    at = 0
    while at < len(lines):
        run = at
        while run < len(lines) and lines[run].label is None and bare[run]:
            run += 1
        count = run - at
        values = lines[run : run + count]
        if (
            count >= 2
            and len(values) == count
            and all(v.text.strip() for v in values)
            and not any(bare[run : run + count])
            and not any(begun(v.text) or _OWN_LABEL.match(v.text) for v in values)
        ):
            for head, value in zip(lines[at:run], values, strict=True):
                phrase = head.text.strip(" :.*")
                done.append(_Line(value.text, value.number, label_of(phrase), phrase))
            at = run + count
            continue
        done.append(lines[at])
        at += 1
    return done


# "Ingevuld door: G. Bron": a line of its own, and no value of the empty field above it.
_OWN_LABEL = re.compile(r"[^\W\d_][^:=|\t]{2,30}[:=](?!//)\s")
_ASKED = LABELS["phone"] | LABELS["name"]
_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_PERSONAL = frozenset({"name", "first", "infix", "last", "phone", "address", "postcode"})


_CARD = _PERSONAL | {"wijk", "ids"}
_ADDRESS = re.compile(r"\d{4} ?[A-Z]{2}\b|^[^\W\d_][^,:;]{2,40} \d{1,4}[a-z]?(?:-\d{1,3})?$")
# "T: 036-…  M: 06-…" right below somebody's name and address, where no "E:" or "F:" follows.
_LETTER = re.compile(r"(?<!\S)([TM])\b[.:]? ?(?=[+(]?\d[\d ()-]{7})")
_CALLED = {"T": "Tel: ", "M": "Mob: "}
_REACHES_SENDER = re.compile(r"\s*(?:[EFWI]|fax|e-?mail|www)\b[.:]", re.IGNORECASE)


class _Section:
    """The heading that lines stand under: below "Verwijzer" a name and a number are that person's.

    It ends with the next heading, with a label that says "patiënt" itself, or with an empty line after its
    first field.
    """

    def __init__(self, *, parted: bool) -> None:
        """In a form that is `parted` into people's sections, the place in each is theirs."""
        self._kind = ""
        self._begun = False
        self._own = _PERSONAL | {"wijk"} if parted else _PERSONAL

    def open(self, label: str, phrase: str, line: str) -> None:
        """A label without a value was read: perhaps a heading, or the end of a section."""
        words = _WORDS.findall(plain(phrase))
        person = label in {"sender", "relative"} and not set(words) <= BARE_RELATIVES
        # "Collega," opens a letter.
        heading = person and not line.rstrip().endswith(",")
        if heading:
            self._kind, self._begun = label, False
        elif set(words) & PATIENT:
            self._kind = ""

    def turn(self) -> None:
        """A heading of unknown words was read: what follows is somebody else's."""
        self._kind, self._begun = "relative", False

    def pause(self) -> None:
        """An empty line."""
        if self._begun:
            self._kind = ""

    def label(self, label: str, phrase: str, value: str) -> str:
        """The label of a piece, given what it stands under."""
        if not self._kind or not label:
            return label
        if set(_WORDS.findall(plain(phrase))) & PATIENT or (label == "wijk" and label not in self._own):
            self._kind = ""
            return label
        if label not in self._own or not value:
            return label
        self._begun = True
        return self._kind


def _labelled(lines: list[_Line]) -> Iterator[Block]:
    paragraph = 0
    waiting: tuple[str, str] | None = None
    told = any(_heads_patient(line.text, below.text) for line, below in pairwise(lines))
    section = _Section(parted=told)
    card = False
    for at, line in enumerate(lines):
        text = line.text.strip()
        if not text:
            paragraph += 1
            card = False
            section.pause()
            continue
        if line.label is not None:
            yield Block(line.label, text, line.number, line.phrase, line.record, paragraph)
            continue
        below = lines[at + 1].text if at + 1 < len(lines) else ""
        text = BULLET.sub("", text, count=1)
        if (part := _LETTERED.match(text)) and (is_bare_label(part[1]) or _heads_another(part[1], below)):
            text = part[1]
        if told and _heads_another(text, below):
            section.turn()
            yield Block("", text, line.number, "", 0, paragraph)
            continue
        told = told or len(text.split()) > 1
        if card and _LETTER.match(text) and _REACHES_SENDER.match(below):
            # "T: 036-…" above "E: …" is how a practice is reached.
            yield Block("sender", text, line.number, "", 0, paragraph)
            continue
        if card:
            text = _LETTER.sub(lambda found: _CALLED[found[1]], text)
        pieces = [(section.label(*piece), *piece[1:]) for piece in _pieces(text)]
        if waiting and waiting[0] == "phone" and not any(c.isdigit() for c in text):
            # "Gegevens voor contact:" with a name below it.
            waiting = None
        if waiting and waiting[0] == "sender" and len(text.split()) > 5:
            # "Van de assistente:" with what she tells below it.
            waiting = None
        if waiting and pieces and not pieces[0][0]:
            yield Block(waiting[0], text, line.number, waiting[1], 0, paragraph)
            waiting = None
            continue
        waiting = None
        for label, phrase, value in pieces:
            card = label in _CARD if label else card and _ADDRESS.search(value) is not None
            if (
                label == "name"
                and _NUMBER_ALONE.fullmatch(value)
                and not PATIENT.isdisjoint(_WORDS.findall(plain(phrase)))
            ):
                # "Cliënt: 06-…", beside "Coach: 06-…".
                label = "phone"
            if value or not label:
                yield Block(label, value, line.number, phrase, 0, paragraph)
        if pieces and pieces[-1][0] and not pieces[-1][2]:
            section.open(pieces[-1][0], pieces[-1][1], text)
            # "Collega," opens a letter: only with a colon, or as "Uw telefoonnummer", it waits for a value.
            asks = not _ASKED.isdisjoint(_WORDS.findall(plain(pieces[-1][1])))
            person = pieces[-1][0] in {"sender", "relative"} and not asks
            waiting = pieces[-1][:2] if text.endswith((":", "?")) or not person else None
            if waiting and waiting[0] == "remarks" and not text.endswith(":") and _is_number(below):
                # "Schulden" above a bare number: what it is about, and no heading.
                yield Block("", text, line.number, "", 0, paragraph)
                waiting = None


def _is_number(line: str) -> bool:
    return _NUMBER_ALONE.fullmatch(line.strip()) is not None


def _heads_patient(text: str, below: str) -> bool:
    """Whether a line heads the patient's part of a form: then any other heading is of somebody else's."""
    if not is_bare_label(text) or _separated_label(below) not in {"name", "first", "last"}:
        return False
    return label_of(text.strip(" :.*")) == "name" and not PATIENT.isdisjoint(_WORDS.findall(plain(text)))


def _heads_another(text: str, below: str) -> bool:
    """Whether a line heads somebody else's fields: unknown words or a relative's, right above "Naam: …"."""
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", plain(text))
    if not 0 < len(words) <= 3 or not re.fullmatch(r"[^\W\d_][\w '’-]*:?", text):
        return False
    if _separated_label(below) not in {"name", "first", "last"}:
        return False
    if any(word in PATIENT or word.startswith(("patient", "client")) for word in words):
        return False
    kinds = {kind_of(word) for word in words if word not in COMMON or kind_of(word) is not Sense.UNKNOWN}
    return bool(kinds & {Sense.UNKNOWN, Sense.OTHER, Sense.BODY})


def _pieces(text: str) -> Iterator[tuple[str, str, str]]:
    """(label, phrase, value) of a line: its own label, labels further on, and prose in between."""
    bare = text.strip(" :.*\t|")
    if is_bare_label(text) and (label := label_of(bare)):
        yield label, bare, ""
        return
    if asked := asked_of(text):
        yield asked, text, ""
        return
    first = SEPARATED.match(text)
    start = 0
    label, phrase = "", ""
    if began := begun(text):
        label, phrase, start = began
    elif first and _is_of_a_thing(first[1], first[2]):
        yield "ids" if _COUNTED.fullmatch(first[2]) else "remarks", first[1], first[2]
        return
    elif is_identifier(text):
        yield "ids", "", text
        return
    for found in _COLON.finditer(text, start):
        phrased = _BEFORE_COLON.search(text, max(start, found.start() - 60), found.start())
        inner = _tail_label(phrased[0]) if phrased else None
        if inner is None:
            continue
        begin = found.start() - len(phrased[0]) + phrased[0].rindex(inner[1]) if phrased else start
        before = text[start:begin].rstrip()
        # In the midst of a sentence ("haar Belgische gsm: …") what stands before says whose it is.
        if before and not label and before[-1] not in ",;.|/?!()-–" and not text[:begin].endswith("  "):
            continue
        if label or text[start:begin].strip(" ,;|/"):
            yield label, phrase, text[start:begin].strip(" ,;|\t")
        label, phrase, start = inner[0], inner[1], found.end()
    rest = text[start:].strip(" \t|")
    cells = [cell for cell in rest.split("\t") if cell.strip()] if "\t" in rest else [rest]
    if len(cells) >= 3:
        yield label, phrase, cells[0].strip()
        at = 1
        while at < len(cells):
            inner_label = label_of(cells[at].strip(" :."))
            if inner_label and at + 1 < len(cells):
                yield inner_label, cells[at], cells[at + 1].strip()
                at += 2
            else:
                yield "", "", cells[at].strip()
                at += 1
        return
    yield label, phrase, rest


# A date or a code, and no telephone number.
_FIGURES = re.compile(r"\d{1,6}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
# "Inschrijving: 0612202419": figures in one go behind a thing's own label are its number.
_COUNTED = re.compile(r"\d{7,15}(?:-?[A-Z]\d?)?")


def _is_of_a_thing(phrase: str, value: str) -> bool:
    """ "Urgentieklasse: B", "Portaalcode: 48213": a form's line that brings nobody in."""
    words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", plain(phrase))
    if not 0 < len(words) <= 3 or is_premises(words[-1]) or not value:
        return False
    kinds = {kind_of(word) for word in words}
    if kinds & {Sense.OTHER, Sense.BODY, Sense.SENDER, Sense.PHONE, Sense.CALL, Sense.PATIENT, Sense.PRONOUN}:
        return False
    if _FIGURES.fullmatch(value) or (_COUNTED.fullmatch(value) and all(map(is_thing, words))):
        return True
    nobody = len(value) == 1 or (value.islower() and kind_of(value) in {Sense.LINK, Sense.THING})
    return all(map(is_thing, words)) and nobody


def _tail_label(phrase: str) -> tuple[str, str] | None:
    """The longest end of a phrase that is a label: in "bellen? Naam" only "Naam" is one."""
    # A label doesn't run over the end of a sentence, but "Tel. mobiel" is one.
    phrase = re.split(r"(?<=[^\W\d_]{4}\.)\s", phrase)[-1]
    words = list(re.finditer(r"\S+", phrase))
    for word in words:
        tail = phrase[word.start() :].strip()
        if label := label_of(tail.strip(" .")):
            return label, tail
    return None
