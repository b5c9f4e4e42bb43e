"""Whose each phone number is: unknown, until known words bind it to the patient.

A number is bound by a label made of known words, or by a path of known words from it back to the patient in
its own sentence, and from sentence to sentence as long as nobody else is brought in. Whatever stands on the
path and isn't known leaves the number unknown. A relative, a helper, an organisation or the sender on the
path makes it theirs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.reading.patient.layout import Block
from gateway.reading.patient.phones import is_service, looks_dialled
from gateway.reading.patient.vocabulary import Kind, kind_of
from gateway.reading.patient.words import plain


class Whose(StrEnum):
    """To whom a number belongs, as far as the text says."""

    PATIENT = "patient"
    OTHER = "other"
    SENDER = "sender"
    OLD = "old"
    OWNED = "owned"
    """Somebody's whom the reader doesn't know, and plainly not the patient's."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """A number in the passage, whose it is, and where. `direct` says that a label or its own sentence binds it."""

    e164: str | None
    whose: Whose
    block: int
    start: int
    place: int = 0
    direct: bool = False
    new: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A word or mark. `kind` is a `Kind`, or one of name, stranger, number, blank, place, mark, stop."""

    kind: str
    text: str
    start: int
    end: int
    word: str = ""


_TOKEN = re.compile(r"['’]s\b|[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]")
_ABBREVIATED = frozenset(
    """tel mob nr dhr mw mevr fam geb bijv evt aub dr drs mr ir ing prof pt pat vast telnr hr tlf pr tfn""".split()
)
_PREPOSITIONS = frozenset("met bij door van aan zonder voor naar tegen over uit namens tussen".split())
_DETERMINERS = frozenset(
    "de het een haar zijn hun z'n zn d'r diens mijn onze ons the his her their deze die".split()
)
_POSSESSIVES = frozenset("haar zijn hun z'n zn d'r diens his her their".split())
_MASCULINE = frozenset("hij hem m 'm zijn z'n zn he him his".split())
_FEMININE = frozenset("haar d'r she her zij ze".split())
_FILES = frozenset("systeem dossier his epd administratie bestand gegevens".split())
_VERBS = frozenset("is kan wil heeft belt zit staat woont mag zou".split())
_OPENERS = frozenset("dit dat die deze het een 1 welk welke is van nr nummer let laatste eerste tweede".split())


def tokens_of(
    text: str, strangers: list[tuple[int, int]], names: list[tuple[int, int]], taken: list[tuple[str, int, int]]
) -> list[Token]:
    """The tokens of a block; `taken` are spans that are a number, a place or blanked out."""
    spans = [("name", *span) for span in names] + [("stranger", *span) for span in strangers] + taken
    spans.sort(key=lambda span: (span[1], -span[2]))
    found: list[Token] = []
    at = 0
    for kind, start, end in spans:
        if start < at:
            continue
        found.extend(_words(text, at, start))
        found.append(Token(kind, text[start:end], start, end))
        at = end
    found.extend(_words(text, at, len(text)))
    return found


def _words(text: str, start: int, end: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(text, start, end):
        raw = match[0]
        if raw == "·":
            yield Token("blank", raw, match.start(), match.end())
        elif raw[0].isalnum() or raw[0] in "'’" and len(raw) > 1:
            word = plain(raw).replace("’", "'")
            yield Token(kind_of(word), raw, match.start(), match.end(), word)
        elif raw in ".!?" and _ends(text, match.start()):
            yield Token("stop", raw, match.start(), match.end())
        else:
            yield Token("mark", raw, match.start(), match.end())


def _ends(text: str, at: int) -> bool:
    """Whether a full stop ends a sentence."""
    rest = text[at + 1 :]
    if rest and not rest[0].isspace():
        return False
    before = re.search(r"([^\W_]+)$", text[max(0, at - 12) : at])
    if text[at] == "." and before and (plain(before[1]) in _ABBREVIATED or len(before[1]) == 1) and rest.strip():
        return False
    following = rest.lstrip()
    return not following or text[at] in "!?" or not following[0].islower()


class Passage:
    """The blocks of one passage as tokens, with whose each number is."""

    def __init__(
        self,
        blocks: list[Block],
        tokens: list[list[Token]],
        numbers: list[list[tuple[str | None, int, int]]],
        known: frozenset[str],
        sexes: set[str],
        *,
        referrer_speaks: bool,
    ) -> None:
        self._blocks = blocks
        self._tokens = self.rows = tokens
        self._numbers = numbers
        self._known = known
        self._sexes = sexes
        self._referrer = referrer_speaks
        self._found: dict[tuple[int, int], Line] = {}

    def lines(self) -> list[Line]:
        """Every number with its owner, in order."""
        for at, row in enumerate(self._numbers):
            for e164, start, end in row:
                place = next(
                    (i for i, t in enumerate(self._tokens[at]) if t.kind == "number" and t.start == start), None
                )
                if place is None:
                    continue
                line = self._line(at, place, e164, start)
                self._found[(at, place)] = line
                if e164 is None and not looks_dialled(
                    self._blocks[at].text[start:end], self._blocks[at].label, self._blocks[at].text[:start]
                ):
                    self._found[(at, place)] = replace(line, whose=line.whose)
        return [
            line
            for (at, place), line in self._found.items()
            if line.e164 is not None
            or looks_dialled(
                self._tokens[at][place].text, self._blocks[at].label, self._blocks[at].text[: line.start]
            )
        ]

    def _line(self, at: int, place: int, e164: str | None, start: int) -> Line:
        block = self._blocks[at]
        if e164 is not None and (e164 in self._known or is_service(e164)):
            return Line(e164, Whose.SENDER, at, start, place)
        if block.label == "relative":
            return Line(e164, Whose.OTHER, at, start, place)
        if block.label == "sender":
            return Line(e164, Whose.SENDER, at, start, place)
        whose, direct = self._before(at, place)
        new = any(t.word.startswith(("nieuw", "juist", "correct")) for t in self._sentence_before(at, place))
        behind = self._behind(at, place)
        if behind is not None and whose in {Whose.PATIENT, Whose.UNKNOWN, Whose.OWNED}:
            whose = behind
        elif behind is Whose.OLD:
            whose = behind
        return Line(e164, whose, at, start, place, direct, new)

    # What stands before the number.

    def _sentence_before(self, at: int, place: int) -> list[Token]:
        row = self._tokens[at]
        begin = place
        while begin > 0 and row[begin - 1].kind != "stop":
            begin -= 1
        return row[begin:place]

    def _before(self, at: int, place: int) -> tuple[Whose, bool]:
        row, block = self._tokens[at], self._blocks[at]
        labelled = block.label == "phone"
        i = place - 1
        segment = True
        while i >= 0 and row[i].kind != "stop":
            token = row[i]
            if token.kind == "mark":
                if token.text in ":(=" and i == place - 1 and i and row[i - 1].kind == Kind.THING:
                    return Whose.UNKNOWN, False
                segment = segment and token.text not in ",;"
            elif token.kind == "name" or token.kind == Kind.PATIENT:
                return Whose.PATIENT, True
            elif token.kind == "number":
                return self._like_earlier(at, i, place)
            elif token.kind == Kind.NEGATION:
                return self._denied(at, i, place)
            elif token.kind == Kind.SENDER:
                if not self._referrer and token.word in {"ik", "mij", "me", "mijn", "m'n", "i", "my"}:
                    return Whose.PATIENT, True
                if token.word in {"ons", "onze", "mijn", "our", "my"} and self._next_word(row, i) in _FILES:
                    i -= 1
                    continue
                return Whose.SENDER, False
            elif token.kind in {Kind.OTHER, Kind.BODY}:
                if token.word in {"man", "vrouw"} and i and row[i - 1].word in {"deze", "die"}:
                    return Whose.PATIENT, True
                if not self._in_passing(row, i, place):
                    return Whose.OTHER, False
            elif token.kind in {"stranger", Kind.UNKNOWN}:
                if _is_adjective(row, i) or _is_place(row, i):
                    i -= 1
                    continue
                return self._stopped(row, i, place), False
            elif token.kind == Kind.PRONOUN or (token.word == "zijn" and self._owns_phone(row, i)):
                return self._pronoun(at, i, place)
            i -= 1
        if labelled and i < 0:
            if _names_patient(block.phrase):
                return Whose.PATIENT, True
            owner = self._above(at, -1, labelled=True)
            return owner, owner is Whose.PATIENT
        owner = self._above(at, i - 1 if i >= 0 else -1, labelled=False)
        return owner, False

    @staticmethod
    def _next_word(row: list[Token], i: int) -> str:
        return next((t.word for t in row[i + 1 : i + 3] if t.word), "")

    @staticmethod
    def _owns_phone(row: list[Token], i: int) -> bool:
        return any(t.kind == Kind.PHONE for t in row[i + 1 : i + 4])

    def _like_earlier(self, at: int, i: int, place: int) -> tuple[Whose, bool]:
        """The owner of a number that only known words part from the number before it."""
        earlier = self._found.get((at, i))
        if earlier is None:
            return Whose.UNKNOWN, False
        if earlier.whose is Whose.OLD and self._renews(self._tokens[at][i + 1 : place]):
            return self._above(at, -1, labelled=False), False
        return (Whose.UNKNOWN if earlier.whose is Whose.OLD else earlier.whose), earlier.direct

    @staticmethod
    def _renews(between: list[Token]) -> bool:
        return any(
            t.word.startswith(("nieuw", "juist", "correct", "goed")) or t.word in {"maar", "nu", "wel", "wordt"}
            for t in between
        )

    def _denied(self, at: int, i: int, place: int) -> tuple[Whose, bool]:
        between = [t for t in self._tokens[at][i + 1 : place] if t.word]
        if self._renews(between):
            return self._above(at, -1, labelled=False), False
        return Whose.OLD if len(between) <= 6 else Whose.UNKNOWN, False

    @staticmethod
    def _in_passing(row: list[Token], i: int, place: int) -> bool:
        """ "woont met haar man in de Verzetswijk en is bereikbaar op": the sentence's subject goes on."""
        lead = [t.word for t in row[max(0, i - 3) : i]]
        words = [t.word for t in row[i + 1 : place] if t.word]
        goes_on = any(a == "en" and b in _VERBS for a, b in zip(words, words[1:], strict=False))
        return goes_on and bool(_PREPOSITIONS & set(lead))

    def _stopped(self, row: list[Token], i: int, place: int) -> Whose:
        """What is known of a number whose path an unknown word cuts off."""
        begin = i
        while begin > 0 and row[begin - 1].kind not in {"stop", "number"}:
            begin -= 1
        span = row[begin:place]
        if any(t.kind == Kind.NEGATION or t.word.startswith(("nieuw", "corr")) for t in span):
            return Whose.UNKNOWN
        kinds = [t.kind for t in row[begin : i + 1]]
        last = max((n for n, k in enumerate(kinds) if k in {"name", Kind.PATIENT}), default=-1)
        rest = kinds[last + 1 :]
        if Kind.OTHER in rest or Kind.BODY in rest:
            return Whose.OTHER
        if Kind.SENDER in rest and last < 0:
            return Whose.SENDER
        token = row[i]
        before = row[i - 1] if i else None
        owned = (
            token.kind == "stranger"
            or (token.text[:1].isupper() and begin < i)
            or (before is not None and before.word in _DETERMINERS)
            or i == begin
            or (before is not None and before.kind == "mark")
        )
        return Whose.OWNED if owned else Whose.UNKNOWN

    def _pronoun(self, at: int, i: int, place: int) -> tuple[Whose, bool]:
        row = self._tokens[at]
        word = row[i].word
        if len(self._sexes) == 1:
            other = _FEMININE if "m" in self._sexes else _MASCULINE
            plural = word in {"zij", "ze"} and self._next_word(row, i) in {"zijn", "hebben", "willen", "kunnen", "wonen"}
            if word in other and not plural:
                return Whose.UNKNOWN, False
        begin = i
        while begin > 0 and row[begin - 1].kind not in {"stop"}:
            begin -= 1
        said = _subject(row[begin:i])
        if said is None:
            return self._above(at, begin - 2, labelled=False), True
        return said, True

    def _above(self, at: int, until: int, *, labelled: bool) -> Whose:
        """Who was last spoken of before the sentence that ends at token `until` + 1 of block `at`."""
        row = self._tokens[at]
        paragraph = self._blocks[at].paragraph
        for sentence in _sentences(row[: max(0, until + 1)]):
            said = _subject(sentence)
            if said is not None:
                return said
        for before in range(at - 1, -1, -1):
            block = self._blocks[before]
            if labelled and block.paragraph != paragraph and block.label != "":
                # A form's next group of fields is about the patient again, unless its heading says otherwise.
                if block.label in {"relative", "sender"}:
                    return Whose.PATIENT
            if block.label in {"name", "first", "last", "infix"}:
                return Whose.PATIENT
            if block.label in {"relative"}:
                return Whose.OTHER
            if block.label in {"sender"}:
                return Whose.SENDER
            if block.label in {"wijk", "postcode", "address", "ids"} or (labelled and block.label == "remarks"):
                continue
            if block.label == "phone" and _names_patient(block.phrase):
                return Whose.PATIENT
            for sentence in _sentences(self._tokens[before]):
                said = _subject(sentence)
                if said is not None and (block.line >= 0 or said is Whose.PATIENT):
                    return said
        return Whose.PATIENT

    # What stands behind the number.

    def _behind(self, at: int, place: int) -> Whose | None:
        """What the words behind a number say of its owner, None if nothing."""
        row = self._tokens[at]
        tail: list[Token] = []
        more = False
        for token in row[place + 1 :]:
            if token.kind == "stop":
                break
            if token.kind == "number":
                more = True
                break
            tail.append(token)
        opened = place and row[place - 1].kind == "mark" and row[place - 1].text == "("
        if opened:
            closing = next((n for n, t in enumerate(tail) if t.text == ")"), len(tail))
            rest = tail[closing + 1 :]
            tail, more = tail[:closing], False if closing < len(tail) else more
            if said := _told_behind(rest, only_denial=True):
                return said
        if more:
            tail = _own_part(tail)
        said = _told_behind(tail)
        if said is None and not more:
            said = self._next_sentence(at, place)
        return said

    def _next_sentence(self, at: int, place: int) -> Whose | None:
        row = self._tokens[at]
        end = next((n for n in range(place, len(row)) if row[n].kind == "stop"), len(row))
        following = row[end + 1 :]
        if not following and at + 1 < len(self._tokens) and not self._blocks[at + 1].label:
            same = self._blocks[at + 1].paragraph == self._blocks[at].paragraph
            following = self._tokens[at + 1] if same else []
        sentence: list[Token] = []
        for token in following:
            if token.kind in {"stop", "number"}:
                break
            sentence.append(token)
        if not sentence:
            return None
        first = sentence[0]
        if first.text in "(=-–" or (
            first.word in _OPENERS
            and any(t.kind == Kind.PHONE or t.word in {"van", "daarvan", "welk", "welke"} for t in sentence[:5])
        ):
            return _told_behind(sentence)
        return None


_RETRACTS = re.compile(
    r"\b(?:vergis\w*|typ\w*fout\w*|tikfout\w*|schrijffout\w*|verschreven|verkeerd\w*|foute?|foutje|onjuist\w*"
    r"|klopte? (?:\w+ ){0,2}niet|niet (?:meer )?(?:juist|goed|correct|geldig)|gewijzigd|veranderd|eindig\w*"
    r"|(?:op|aan) het eind\w*|laatste (?:twee |drie |2 |3 )?cijfers?|correctie\w*|gecorrigeerd|omgedraaid|omgewisseld"
    r"|afgesloten|in plaats van|ipv|moet zijn|moeten zijn|not correct|wrong)\b"
)
_WITHOUT = re.compile(
    r"\b(?:geen|zonder) (?:eigen |mobiele? |werkende? ){0,2}(?:telefoon|mobiel|mobieltje|nummer|telefoonnummer|toestel)\b"
)


def doubted(passage: "Passage") -> tuple[tuple[int, int], bool] | None:
    """Where a passage takes a number back, and whether a new one may follow; None if it doesn't."""
    found: tuple[tuple[int, int], bool] | None = None
    for at, row in enumerate(passage.rows):
        sentence: list[Token] = []
        for place, token in enumerate([*row, Token("stop", "", 0, 0)]):
            if token.kind != "stop":
                sentence.append(token)
                continue
            told = _takes_back(sentence)
            if told is not None:
                found = ((at, place - len(sentence)), told)
            sentence = []
    return found


def _takes_back(sentence: list[Token]) -> bool | None:
    text = " ".join(t.word or t.text for t in sentence)
    phones = [n for n, t in enumerate(sentence) if t.kind == Kind.PHONE]
    digits = [t for t in sentence if t.word.isdigit() or t.kind == "number"]
    if _WITHOUT.search(text):
        return False
    if (phones or digits or "cijfer" in text) and _RETRACTS.search(text):
        return True
    if phones and not any(t.kind == "number" for t in sentence):
        for n in phones:
            behind = sentence[n + 1 :]
            of = next((k for k, t in enumerate(behind) if t.word in {"van", "v"}), None)
            if of is None:
                continue
            head = next((t for t in behind[of + 1 :] if t.word not in _DETERMINERS), None)
            if head is not None and head.kind in {Kind.OTHER, Kind.BODY, Kind.UNKNOWN, Kind.SENDER, "stranger"}:
                return True
    return None


def _own_part(tail: list[Token]) -> list[Token]:
    """Of the words between two numbers those that can only be about the first."""
    if tail and tail[0].text == "(":
        closing = next((n for n, t in enumerate(tail) if t.text == ")"), None)
        return tail[: closing + 1] if closing is not None else []
    cut = next(
        (n for n, t in enumerate(tail) if (t.kind == "mark" and t.text in ",;/-–|&+") or t.word in {"en", "of"}), None
    )
    if cut is None:
        return []
    return tail[:cut]


_GONE = re.compile(
    r"[(,;=–-]*\s*(?:(?:dit|dat|deze|die|het|nummer|nr|telefoon|is|was|maar|helaas|doet|en|echter|nu|inmiddels|kennelijk"
    r"|blijkt|staat|hij|dus) ){0,7}"
    r"(?:niet meer|(?:klopt|werkt|doet) (?:het )?(?:nu )?niet|niet (?:bellen|gebruiken|in gebruik|juist|goed|correct)"
    r"|oude?\b|vervallen|afgesloten|opgezegd|opgeheven|buiten gebruik|geblokkeerd|verlopen|foute?\b|verkeerde?\b|vorige"
    r"|onjuist|no longer)"
)
_UNSURE = re.compile(r"\b(?:daarvan|welk|welke|onzeker|of anders|twijfel|niet zeker|misschien|mogelijk van|geen idee)\b")


def _told_behind(tail: list[Token], *, only_denial: bool = False) -> Whose | None:
    text = " ".join(t.word or t.text for t in tail)
    if not text:
        return None
    if _GONE.match(text):
        return Whose.OLD
    if only_denial:
        return None
    if _UNSURE.search(text):
        return Whose.UNKNOWN
    bracketed = tail[0].text == "("
    begun = False
    comma = False
    owner = False
    segment: list[Token] = []
    for token in tail:
        if token.kind == "mark":
            if token.text in ",;" :
                if begun:
                    break
                comma = True
            elif token.text in "=-–:/(":
                owner = owner or token.text in "=-–("
                comma = False
            elif token.text == ")":
                break
            continue
        segment.append(token)
        begun = True
    for n, token in enumerate(segment):
        if token.kind in {"name", "place", Kind.PATIENT, Kind.PRONOUN}:
            if token.word in _POSSESSIVES and n + 1 < len(segment):
                owner = True
                continue
            return None
        if token.kind in {Kind.OTHER, Kind.BODY}:
            return Whose.OTHER
        if token.kind == Kind.SENDER:
            return Whose.SENDER if owner or not comma or n == 0 else None
        if token.kind in {"stranger", Kind.UNKNOWN}:
            if token.kind == Kind.UNKNOWN and n + 1 < len(segment) and segment[n + 1].kind == Kind.THING:
                continue
            known = any(t.kind in {Kind.THING, "name", "place", Kind.PATIENT} for t in segment[n + 1 :])
            if bracketed or owner or not comma or not known:
                return Whose.UNKNOWN
            return None
        if token.kind == Kind.THING and not bracketed:
            return None
        if token.word in {"van", "dit", "dat", "is", "v", *_POSSESSIVES}:
            owner = True
    return None


def _is_adjective(row: list[Token], i: int) -> bool:
    """ "postnatale depressie": an unknown word that only says what kind of known thing it is."""
    token = row[i]
    return (
        token.kind == Kind.UNKNOWN
        and token.text[:1].islower()
        and token.word.endswith("e")
        and i + 1 < len(row)
        and row[i + 1].kind == Kind.THING
    )


def _is_place(row: list[Token], i: int) -> bool:
    """ "woont in Lelystad", "wijk de Laak": an unknown name where only a place can stand."""
    lead = [t.word for t in row[max(0, i - 2) : i]]
    if row[i].kind not in {Kind.UNKNOWN, "stranger"} or not row[i].text[:1].isupper() or not lead:
        return False
    return lead[-1] in {"in", "te", "uit", "wijk", "buurt"} or (
        lead[-1] in {"de", "het"} and lead[0] in {"in", "te", "uit", "wijk", "buurt"}
    )


def _names_patient(phrase: str) -> bool:
    return any(kind_of(word) is Kind.PATIENT for word in re.findall(r"[^\W_]+", plain(phrase)))


def _sentences(row: list[Token]) -> Iterator[list[Token]]:
    """The sentences of a row, last first."""
    sentence: list[Token] = []
    for token in reversed(row):
        if token.kind == "stop":
            if sentence:
                yield sentence[::-1]
            sentence = []
        else:
            sentence.append(token)
    if sentence:
        yield sentence[::-1]


def _subject(sentence: list[Token]) -> Whose | None:
    """Whom a sentence leaves as the one spoken of: the patient, somebody else, or nobody (None)."""
    anchored = False
    other: Whose | None = None
    lives = any(t.word in {"woont", "wonen", "leeft", "woonde", "gescheiden", "overleden"} for t in sentence)
    for n, token in enumerate(sentence):
        before = sentence[n - 1] if n else None
        earlier = {t.word for t in sentence[max(0, n - 3) : n]}
        if token.kind in {"name", Kind.PATIENT}:
            anchored, other = True, None
        elif token.kind == Kind.PRONOUN and other is None and not (
            token.word in _POSSESSIVES and n + 1 < len(sentence) and sentence[n + 1].kind in {Kind.OTHER, Kind.UNKNOWN, "stranger"}
        ):
            anchored = anchored or token.word not in _POSSESSIVES or token.word in {"haar"}
        elif token.kind == Kind.BODY:
            if not (anchored and earlier & _PREPOSITIONS):
                other = Whose.OTHER
        elif token.kind == Kind.OTHER:
            if token.word in {"man", "vrouw"} and before is not None and before.word in {"deze", "die"}:
                anchored = True
                continue
            named = n + 1 < len(sentence) and sentence[n + 1].kind in {"stranger", Kind.UNKNOWN} and sentence[n + 1].text[:1].isupper()
            passing = bool(earlier & _PREPOSITIONS) and not named and (lives or "door" in earlier)
            gone = any(t.word in {"overleden", "weggegaan", "vertrokken"} for t in sentence)
            if not (passing or gone):
                other = Whose.OTHER
        elif token.kind == "stranger":
            placed = before is not None and before.word in {"bij", "van", "door", "tegen"} and anchored
            if not (placed or _is_place(sentence, n)):
                other = other or Whose.OWNED
        elif token.kind == Kind.SENDER and not anchored and n == 0 and token.word not in {"ik", "wij", "we", "i"}:
            other = Whose.SENDER
        elif token.kind == Kind.UNKNOWN:
            if _is_adjective(sentence, n) or _is_place(sentence, n):
                continue
            placed = before is not None and before.word in _PREPOSITIONS | {"in", "op", "te"}
            capital = token.text[:1].isupper() and not token.text.isupper()
            if n == 0 or (before is not None and before.kind == "mark" and before.text in ":(-–"):
                other = other or Whose.UNKNOWN
            elif capital and not placed:
                other = other or Whose.UNKNOWN
            elif before is not None and before.word in _DETERMINERS:
                other = other or Whose.UNKNOWN
            elif placed and not capital and anchored is False:
                other = other or Whose.UNKNOWN
    if other is not None:
        return other
    return Whose.PATIENT if anchored else None
