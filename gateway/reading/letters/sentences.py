"""What somebody wrote in a letter themselves, as sentences of plain words.

It promises that nothing quoted is among them, in whatever language the quote is introduced, that greeting,
signature, banner and disclaimer are left out, and that what can't be read as a word stands there as an
unknown one, so that nobody takes the rest of its sentence for the whole.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.reading.letters.closing import (
    ADDRESS,
    DISCLAIMER,
    MOBILE,
    PARTICLES,
    ROLES,
    TITLES,
    closes,
    is_name,
    looks_signed,
    words_of,
)
from gateway.reading.letters.dates import without_months
from gateway.reading.letters.form import OPEN, filled
from gateway.reading.mail.message import Message
from gateway.reading.mail.thread import passages
from gateway.reading.patient.phones import mask, numbers
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.patient.words import COMMON, plain

CHARACTERS = 4_000
"""More than this of a letter is not looked at; what is longer than this is no short answer (see `cut`)."""

NUMBER, BROKEN, WIJK, GEMEENTE = "#number", "#broken", "#wijk", "#gemeente"
PATIENT, AMOUNT = "#patient", "#amount"
"""What stands in a sentence for a telephone number, for one that is none, for a wijk, for a municipality, for
a word of the name of the patient of the thread, and for any other number."""

STRANGE = "#strange"  # stands there for anything that is no word
_QUOTED = re.compile(r"\s{0,8}(?:[>|»›¦]|:\s*>)")
_RULE = re.compile(r"\s*[-_=*~–—]{5,}")
_MARKER = re.compile(r"\s*[-_=*~–—]{2,}[^-_=*~–—\n]{3,60}[-_=*~–—]{2,}\s*$")
_HEADER_FIELD = re.compile(r"\s*\*{0,2}[^\W\d_][\w .-]{0,24}\*{0,2}\s?:\*{0,2}\s.*@")
_INTRODUCED = re.compile(r".*(?:@|\b\d{1,2}[:.]\d{2}\b|\b(?:19|20)\d\d\b).*:\s*$", re.DOTALL)
_OURS = re.compile(r"\s*nieuwe aanmelding\s*$", re.IGNORECASE)
"""The first line of every handover: it comes back where a program quotes without a mark."""
_KENMERK = re.compile(r"\bib(?:-|(?=[0-9a-z]{4}-|[0-9a-z]*\d))[0-9a-z]{4}-?[0-9a-z]{4}\b", re.IGNORECASE)
_GREETING = re.compile(
    r"^\W*(?:beste|geachte|hallo|hoi|hey|hi|dag|dear|hello|l\.?s\.?|goeden?\s?(?:dag|morgen|middag|avond))\b"
    r"([^\n,.!?:]{0,60})(?:[,.!:]+|$)\s*",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"^\W*(?:\[?\s*(?:extern|external)\b|let op\W+(?:deze|dit|externe)\b.{0,30}\b(?:mail|bericht|e-?mail)\b"
    r"|(?:caution|warning|waarschuwing)\W|deze (?:e-?)?mail is (?:afkomstig )?van buiten)",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(?i)\b(?:[a-z]\.){1,5}(?:[a-z]\b\.?)?")
_SHORT = re.compile(
    r"(?i)\b(mw|mevr|mvr|dhr|hr|fam|dr|drs|mr|tel|telnr|nr|mob|pt|pat|ca|evt|bijv|ivm|gr|jl)\."
)
_END = re.compile(r"(?<=[.!?])\s+|(?<=[.!?])(?=[^\W\d_]{2})|\n")
_LABEL = re.compile(r"\W{0,4}((?:[^\W\d_]+[ /-]?){1,4}) ?:")
_CLAUSE = re.compile(r"[,;–—]|\s-\s")
_WORD = re.compile(r"#[a-z]+|[^\W\d_]+|\S")
_PUNCTUATION = frozenset(".,;:!?\"'()[]{}*_-–—/\\|<>&+=~^`´‘’“”„…•·#%@€$§°\ufe0f")
_FRIENDLY = frozenset("☺☻♥❤✨⭐☀🌞🌷🌸🌹🌻🍀🎄🎉🎊🏻🏼🏽🏾🏿👋👌👍👏💐💙💚💛💜🙂🙏🙌🤗🤝🥰→►▪■●–")
_FRIENDLY |= frozenset(map(chr, range(0x1F600, 0x1F60E)))
_AMOUNT = re.compile(r"\d+(?:[.:,/-]\d+)*")
_SIGN = re.compile(r"\W*(?:\?|\.\.|…)\W*|!+")
_BUT = words_of("maar but")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, or one line of a list. `clauses` are its words, parted at commas and "maar"."""

    clauses: tuple[tuple[str, ...], ...]
    question: bool = False
    numbers: tuple[str, ...] = ()
    """The telephone numbers in it (E.164), one for each NUMBER among the words."""
    label: frozenset[str] = frozenset()
    """The words before a colon, if it begins with at most four such words."""
    wijken: tuple[tuple[str, ...], ...] = ()
    """The places in it, one for each WIJK: their canonical names, several where several fit."""
    raw: str = field(default="", repr=False, compare=False)
    """The sentence as it was written."""

    @property
    def words(self) -> tuple[str, ...]:
        """All words in order."""
        return tuple(word for clause in self.clauses for word in clause)

    @property
    def text(self) -> str:
        """The words with one blank between them, to look for phrases in."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Written:
    """What a letter's sender wrote in it. `tail` is what stands below the closing, names and all; `signed`
    is that above any disclaimer."""

    sentences: tuple[Sentence, ...]
    tail: tuple[Sentence, ...] = ()
    signed: tuple[Sentence, ...] = ()
    cut: bool = False
    """Whether there was more than is looked at."""
    lines: tuple[str, ...] = ()
    """The lines between greeting and closing as plain words and figures, to compare with a command."""


@dataclass(frozen=True, slots=True)
class OwnLines:
    """The lines that the sender of a letter wrote there: above the first quote, and between quotes.

    `left` stand below a rule or a second greeting, where no mail program says that a quote begins and
    nothing shows that it is a mail of ours: they may be a quote, a signature, or theirs as well.
    """

    lines: list[str]
    left: list[str]

    @property
    def letter_left(self) -> bool:
        """Whether what is left begins as another letter does."""
        return bool(self.left) and _is_greeting(self.left[0])


def own(message: Message) -> OwnLines:
    """What the sender of a letter wrote."""
    found = OwnLines([], [])
    for text in message.texts:
        for part in passages(text):
            if part.own:
                kept = _unquoted(part.lines)
                found.lines.extend([*kept[0], ""])
                found.left.extend(kept[1])
    return found


def quotes(message: Message, found: OwnLines) -> bool:
    """Whether there is more in a letter than its sender wrote: who wrote nothing may have marked a quote."""
    return sum(len(text.split()) for text in message.texts) > sum(
        len(line.split()) for line in (*found.lines, *found.left)
    )


def _unquoted(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines above whatever looks like the beginning of a quote, also where no mail program marks it,
    and those below it if that is not sure.

    An introduction ("Le 3 mars 2026 à 10:00, X <x@y> a écrit :") is known by its colon, with an address, a
    time or a year before it, in any language; a header block by a label and an address.
    """
    kept: list[str] = []
    for at, line in enumerate(lines):
        if _QUOTED.match(line):
            continue
        if _MARKER.match(line) or _HEADER_FIELD.match(line) or _OURS.match(line):
            return kept, []
        if _RULE.match(line):
            return kept, _doubtful(lines[at + 1 :])
        spoken = any(each.strip() and not _says_nothing(each.strip()) for each in kept)
        if spoken and _is_greeting(line):
            # Hardly anybody greets below what they wrote: another letter may begin here.
            return kept, _doubtful(lines[at:])
        if "@" in line and _introduces(lines, at):
            # An introduction over several lines may have begun above, with the date.
            while kept and kept[-1].strip() and re.search(r"\d{4}|\d[:.]\d\d", kept[-1]):
                kept.pop()
            return kept, []
        if line.rstrip().endswith(":") and len(line.split()) > 3 and _INTRODUCED.match(line):
            return kept, []
        kept.append(line)
    return kept, []


def _says_nothing(line: str) -> bool:
    """Whether a line is a greeting, or a warning that a server put above the letter."""
    return _is_greeting(line) or _BANNER.match(line) is not None


def _greeted(line: str) -> int:
    """Where a greeting at the beginning of a line ends; 0 without one.

    "Hoi mevrouw is overleden" greets with its first word: whoever is greeted is a name or a title.
    """
    found = _GREETING.match(line)
    if found is None:
        return 0
    names = re.findall(r"\w+", plain(found[1]))
    others = [word for word in names if word not in TITLES | PARTICLES]
    greets = len(others) <= 4 and not any(word in COMMON or not word.isalpha() for word in others)
    return found.end() if greets else found.start(1)


def _is_greeting(line: str) -> bool:
    """Whether a line is nothing but a greeting."""
    return bool(line.strip()) and _greeted(line.strip()) == len(line.strip())


def _doubtful(lines: list[str]) -> list[str]:
    """These lines without the letters among them that show themselves as ours, or come with their header.

    A letter reaches to the next greeting.
    """
    letters: list[list[str]] = [[]]
    for line in lines:
        if _is_greeting(line):
            letters.append([])
        letters[-1].append(line)
    theirs = (
        letter
        for letter in letters
        if not any(_KENMERK.search(line) or _OURS.match(line) or _HEADER_FIELD.match(line) for line in letter)
    )
    return [line for letter in theirs for line in letter if line.strip()]


def _introduces(lines: list[str], at: int) -> bool:
    """Whether this line with an address, perhaps going on over two more, ends in a colon."""
    for end in range(at, min(at + 3, len(lines))):
        if not lines[end].strip():
            return False
        if lines[end].rstrip().endswith(":"):
            return True
    return False


def written(
    lines: Iterable[str],
    *,
    sender: frozenset[str] = frozenset(),
    patient: frozenset[str] = frozenset(),
    gazetteer: Gazetteer | None = None,
) -> Written:
    """The sentences of a letter's own lines.

    `sender` are the plain words of the sender's name, `patient` those of the patient's, if known.
    """
    whole = "\n".join(lines)
    cut = len(whole) > CHARACTERS
    body, below = _parted(filled(whole[:CHARACTERS].split("\n")), sender)
    sentences = list(_sentences(body, patient, gazetteer))
    # "In beeld. Groet Sam": a closing can stand behind the rest on one line.
    end = next((at for at, each in enumerate(sentences) if closes(each.words)), len(sentences))
    bare = [" ".join(re.findall(rf"[^\W_]+|{OPEN}", plain(line))) for line in body]
    below = [ADDRESS.sub(" ", line) for line in below]
    last = next((at for at, line in enumerate(below) if _disclaims(line)), len(below))
    signed = (*sentences[end:], *_sentences(below[:last], patient, gazetteer))
    return Written(
        tuple(sentences[:end]),
        (*signed, *_sentences(below[last:], patient, gazetteer)),
        signed,
        cut,
        tuple(line for line in bare if line),
    )


def _disclaims(line: str) -> bool:
    return DISCLAIMER.match(" ".join(re.findall(r"[^\W_]+", plain(line)))) is not None


def _parted(lines: list[str], sender: frozenset[str]) -> tuple[list[str], list[str]]:
    """The lines between greeting and closing, and those below the closing."""
    body: list[str] = []
    greeted = False
    for at, line in enumerate(lines):
        bare = " ".join(re.findall(r"[^\W_]+", plain(line)))
        if _BANNER.match(line):
            continue
        if _disclaims(line):
            return _unsigned(body, sender, lines[at:])
        if line.strip() == "--" or (bare and closes(tuple(bare.split()))) or MOBILE.match(bare):
            return _unsigned(body, sender, lines[at + 1 :])
        if bare and not greeted:
            greeted = True
            rest = line[_greeted(line) :]
            if rest != line and set(re.findall(r"[^\W_]+", plain(rest))) <= TITLES:
                continue
            line = rest
        body.append(line)
    return _unsigned(body, sender, [])


def _unsigned(body: list[str], sender: frozenset[str], below: list[str]) -> tuple[list[str], list[str]]:
    """The lines without the name that stands under them, which goes to what is below."""
    while body and not body[-1].strip():
        body.pop()
    apart = len(body) > 2 and not body[-3].strip()
    role = body[-1:] if apart and (looks_signed(body[-2]) or is_name(body[-2], sender)) else []
    if role and set(re.findall(r"[^\W\d_]+", plain(role[0]))) <= ROLES:
        below = [*body[-2:], *below]
        body = body[:-2]
    while body and (not body[-1].strip() or is_name(body[-1], sender)):
        body.pop()
    if len(body) > 2 and not body[-2].strip() and looks_signed(body[-1]):
        below = [body.pop(), *below]
    return body, below


def _sentences(lines: list[str], patient: frozenset[str], gazetteer: Gazetteer | None) -> Iterable[Sentence]:
    for text in _END.split(_flowed(lines)):
        if text.strip():
            sentence = _sentence(text, patient, gazetteer)
            if sentence.words:
                yield sentence


def _flowed(lines: list[str]) -> str:
    """The lines, those joined that a mail program broke: long ones that go on in lower case."""
    text = ""
    for line in lines:
        line = plain_marks(_KENMERK.sub(" kenmerk ", line))
        line = _SHORT.sub(r"\1", _DOTTED.sub(lambda found: found[0].replace(".", ""), line))
        goes_on = (
            text and len(text.rpartition("\n")[2]) > 55 and line[:1].islower() and text[-1] not in ".!?:"
        )
        text += (" " if goes_on else "\n") + line.strip()
    return text


def is_sign(line: str) -> bool:
    """Whether a line has no word, but asks or exclaims: "??", "..."."""
    return _SIGN.fullmatch(line.strip()) is not None


def plain_marks(line: str) -> str:
    """A line with plain quotes and dashes, and words that are written in several ways in one."""
    line = line.replace("’", "'").replace("‘", "'").replace("´", "'").replace("`", "'")
    line = re.sub(r"(?i)\be-?mail", "email", line)
    return re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", line)


def _sentence(text: str, patient: frozenset[str], gazetteer: Gazetteer | None) -> Sentence:
    written_as = text
    # The sign of our own marks is nobody else's; an empty box leaves open whether what stands by it is so.
    text = text.replace("#", " ").replace(OPEN, f" {STRANGE} ")
    found = numbers(mask(text))
    marks = [(start, end, NUMBER if e164 else BROKEN, e164) for e164, start, end in found]
    places: list[tuple[str, ...]] = []
    for mention in gazetteer.find(text) if gazetteer else ():
        if all(mention.end <= start or mention.start >= end for start, end, _, _ in marks):
            if mention.ordinary and not re.search(r"(?i)\bwijk|\bwoon|\bstadsdeel", text):
                continue
            gemeente = gazetteer is not None and all(map(gazetteer.is_gemeente, mention.names))
            marks.append((mention.start, mention.end, GEMEENTE if gemeente else WIJK, None))
            places += [] if gemeente else [mention.names]
    pieces, at = [], 0
    for start, end, mark, _ in sorted(marks):
        pieces += [text[at:start], f" {mark} "]
        at = end
    flat = plain("".join([*pieces, text[at:]]))
    clauses: list[tuple[str, ...]] = []
    for clause in _CLAUSE.split(flat):
        words: list[str] = []
        for word in _words(clause, patient):
            if word in _BUT:
                clauses.append(tuple(words))
                words = []
            words.append(word)
        clauses.append(tuple(words))
    if len(clauses) > 1 and closes(clauses[-1]):
        clauses.pop()
    return Sentence(
        tuple(clause for clause in clauses if clause),
        "?" in text,
        tuple(e164 for e164, _, _ in found if e164),
        frozenset(re.findall(r"[^\W\d_]+", label[1]))
        if (label := _LABEL.match(" ".join(flat.split())))
        else frozenset(),
        tuple(places),
        written_as,
    )


def _words(clause: str, patient: frozenset[str]) -> Iterable[str]:
    for word in _WORD.findall(_AMOUNT.sub(f" {AMOUNT} ", without_months(clause, AMOUNT))):
        if word.startswith("#") and len(word) > 1:
            yield word
        elif word in patient:
            yield PATIENT
        elif len(word) > 1 or word.isalpha():
            yield word
        elif word not in _PUNCTUATION and not _is_symbol(word):
            yield STRANGE


def _is_symbol(character: str) -> bool:
    """A friendly face and its like say nothing that a word would have to; a box, a cross or a thumb that
    points down does."""
    return character in _FRIENDLY or (0xFE00 <= ord(character) <= 0xFE0F)
