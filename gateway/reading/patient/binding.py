"""Whose each phone number is: unknown, until known words bind it to the patient.

A number is bound by a label made of known words, or by a path of known words from it back to the patient in
its own sentence, and from sentence to sentence as long as nobody else is brought in. Whatever stands on the
path and isn't known leaves the number unknown. A relative, a helper, an organisation or the sender on the
path makes it theirs.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from gateway.reading.patient.layout import Block
from gateway.reading.patient.phones import is_service, looks_dialled
from gateway.reading.patient.tokens import DETERMINERS, POSSESSIVES, Token, sentences
from gateway.reading.patient.vocabulary import Kind, kind_of
from gateway.reading.patient.words import plain


class Whose(StrEnum):
    """To whom a number belongs, as far as the text says."""

    PATIENT = "patient"
    CANDIDATE = "candidate"
    """Somebody's who may be a patient as well."""
    OTHER = "other"
    SENDER = "sender"
    OLD = "old"
    OWNED = "owned"
    """Somebody's whom the reader doesn't know, and plainly not the patient's."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """A number, whose it is, and its token's place. `direct`: a label or its own sentence binds it."""

    e164: str | None
    whose: Whose
    block: int
    place: int
    direct: bool = False
    new: bool = False


_PREPOSITIONS = frozenset(
    [
        "met",
        "bij",
        "door",
        "van",
        "aan",
        "zonder",
        "voor",
        "naar",
        "tegen",
        "over",
        "uit",
        "namens",
        "tussen",
        "with",
        "by",
        "in",
        "op",
    ]
)
_BODY_PREPOSITIONS = frozenset(["in", "op", "naar", "van", "aan", "tegen"])
_MASCULINE = frozenset(["hij", "hem", "m", "'m", "zijn", "z'n", "zn", "he", "him", "his"])
_FEMININE = frozenset(["haar", "d'r", "she", "her", "zij", "ze"])
_PLURALS = frozenset(["zijn", "hebben", "willen", "kunnen", "wonen", "are", "have"])
_FILES = frozenset(["systeem", "dossier", "his", "epd", "administratie", "bestand"])
_FINDS = frozenset(
    ["vind", "vond", "heb", "hebben", "zie", "zien", "kreeg", "kregen", "ken", "noteerde", "noteerden"]
)
_FORM = frozenset(["wijk", "postcode", "address", "ids", "remarks"])
_PLACED = frozenset(["place", "blank", "mark", "stop", Kind.LINK, Kind.THING, Kind.PATIENT])
_VERBS = frozenset(["is", "kan", "wil", "heeft", "belt", "zit", "staat", "woont", "mag", "zou"])
_MEN = frozenset(
    [
        "man",
        "zoon",
        "vader",
        "broer",
        "zwager",
        "oom",
        "opa",
        "neef",
        "vriend",
        "echtgenoot",
        "ex-man",
        "exman",
        "ex-vriend",
        "schoonzoon",
        "schoonvader",
        "kleinzoon",
        "buurman",
        "overbuurman",
        "stiefvader",
        "stiefzoon",
        "pleegvader",
        "broertje",
        "buurjongen",
        "husband",
        "son",
        "father",
        "brother",
    ]
)
_WOMEN = frozenset(
    [
        "vrouw",
        "dochter",
        "moeder",
        "zus",
        "zusje",
        "zuster",
        "schoonzus",
        "tante",
        "oma",
        "nicht",
        "vriendin",
        "echtgenote",
        "ex-vrouw",
        "exvrouw",
        "ex-vriendin",
        "schoondochter",
        "schoonmoeder",
        "kleindochter",
        "buurvrouw",
        "overbuurvrouw",
        "stiefmoeder",
        "stiefdochter",
        "pleegmoeder",
        "buurmeisje",
        "wife",
        "daughter",
        "mother",
        "sister",
    ]
)
# "06-… spreekt Mandarijn": what the patient does, not whose the number is.
_PREDICATES = frozenset(
    [
        "spreekt",
        "heeft",
        "woont",
        "kan",
        "wil",
        "zit",
        "werkt",
        "komt",
        "leeft",
        "moet",
        "zou",
        "durft",
        "kampt",
        "vraagt",
        "wenst",
    ]
)
_LIVES = frozenset(
    [
        "slaapt",
        "logeert",
        "inwonend",
        "woont",
        "wonen",
        "leeft",
        "woonde",
        "verblijft",
        "lives",
        "gescheiden",
        "overleden",
    ]
)
_OPENERS = frozenset(
    [
        "dit",
        "dat",
        "die",
        "deze",
        "het",
        "een",
        "1",
        "welk",
        "welke",
        "is",
        "van",
        "nr",
        "nummer",
        "let",
        "laatste",
        "eerste",
        "tweede",
    ]
)
_NAMELESS = frozenset(["ja", "nee", "geen", "nvt", "onbekend", "-", "nee.", "ja.", "geen."])
_RENEWS = ("nieuw", "juist", "correct", "goed", "huidig", "moet", "wordt")
_CONNECTORS = frozenset([""]) | frozenset(
    [
        "en",
        "of",
        "or",
        "and",
        "&",
        "/",
        ",",
        ";",
        "+",
        "-",
        "–",
        "|",
        "(",
        ")",
        "op",
        "via",
        "nr",
        "tel",
        "mob",
        "nummer",
        "mobiel",
        "vast",
        "thuis",
        ".",
        ":",
    ]
)


class Passage:
    """The blocks of one passage as rows of tokens, and whose each number in them is."""

    def __init__(
        self,
        blocks: list[Block],
        rows: list[list[Token]],
        numbers: list[list[tuple[str | None, int, int]]],
        known: frozenset[str],
        sexes: set[str],
    ) -> None:
        self.rows = rows
        self._blocks = blocks
        self._numbers = numbers
        self._known = known
        self._sexes = sexes
        self._found: dict[tuple[int, int], Line] = {}

    def lines(self) -> list[Line]:
        """Every number with its owner, in order. `known` numbers and service numbers are the sender's."""
        for at, row in enumerate(self.rows):
            valid = {start: e164 for e164, start, _ in self._numbers[at]}
            for place, token in enumerate(row):
                if token.kind == "number":
                    self._found[(at, place)] = self._line(at, place, valid.get(token.start))
        return [line for line in self._found.values() if line.e164 or self._was_dialled(line)]

    def _was_dialled(self, line: Line) -> bool:
        token, block = self.rows[line.block][line.place], self._blocks[line.block]
        return looks_dialled(token.text, block.label, block.text[: token.start])

    def _line(self, at: int, place: int, e164: str | None) -> Line:
        label = self._blocks[at].label
        if e164 is not None and (e164 in self._known or is_service(e164)):
            return Line(e164, Whose.SENDER, at, place)
        if label in {"relative", "sender"} and not any(t.kind == "stop" for t in self.rows[at][:place]):
            return Line(e164, Whose.OTHER if label == "relative" else Whose.SENDER, at, place)
        whose, direct = self._before(at, place)
        behind = self._behind(at, place)
        if behind is Whose.PATIENT:
            if (
                whose in {Whose.UNKNOWN, Whose.OWNED}
                or {t.word for t in self._sentence_before(at, place)} <= _CONNECTORS
            ):
                whose, direct = behind, True
        elif behind is Whose.OLD or (
            behind is not None and whose in {Whose.PATIENT, Whose.UNKNOWN, Whose.OWNED}
        ):
            whose = behind
        new = any(t.word.startswith(("nieuw", "juist", "correct")) for t in self._sentence_before(at, place))
        return Line(e164, whose, at, place, direct, new)

    # What stands before the number.

    def _sentence_before(self, at: int, place: int) -> list[Token]:
        row = self.rows[at]
        begin = place
        while begin > 0 and row[begin - 1].kind != "stop":
            begin -= 1
        return row[begin:place]

    def _before(self, at: int, place: int) -> tuple[Whose, bool]:
        row = self.rows[at]
        whose, direct = self._path(at, place)
        if whose is Whose.PATIENT and _is_things(row, place):
            return Whose.UNKNOWN, False
        return whose, direct

    def _path(self, at: int, place: int) -> tuple[Whose, bool]:
        """Who stands at the end of the known words before a number."""
        row, block = self.rows[at], self._blocks[at]
        i = place - 1
        while i >= 0 and row[i].kind != "stop":
            token = row[i]
            if token.text == ")" and (aside := _aside(row, i)) is not None:
                i, said = aside
                if said is not None:
                    return (_stopped(row, i, place) if said is Whose.UNKNOWN and i >= 0 else said), False
                continue
            if token.kind == "name":
                # "Haar nicht Shanti": somebody else may have the patient's given name.
                other = _candidate(row[max(0, i - 1) : i]) if token.word else Whose.CANDIDATE
                return (Whose.PATIENT if other is Whose.CANDIDATE else other), True
            if token.kind == "candidate":
                return _candidate(self._sentence_before(at, i)), True
            if token.kind == Kind.PATIENT:
                calls_sender = any(t.word in {"mij", "me", "ons"} for t in self._sentence_before(at, i))
                return (Whose.UNKNOWN if calls_sender else Whose.PATIENT), True
            if token.kind == "number":
                return self._like_earlier(at, i, place)
            if token.kind == Kind.NEGATION:
                return self._denied(at, i, place)
            if token.kind == Kind.SENDER:
                finds = token.word in {"ik", "wij", "we"} and _next_word(row, i) in _FINDS
                if not finds and not (
                    token.word in {"ons", "onze", "mijn", "our", "my"} and _next_word(row, i) in _FILES
                ):
                    return Whose.SENDER, False
            elif token.kind in {Kind.OTHER, Kind.BODY}:
                if not _in_passing(row, i, place):
                    return Whose.OTHER, False
            elif token.kind in {"stranger", Kind.UNKNOWN}:
                return _stopped(row, i, place), False
            elif (token.kind == Kind.PRONOUN or token.word == "zijn") and _is_reached(row, i):
                return self._pronoun(at, i)
            i -= 1
        labelled = block.label == "phone" and i < 0
        if labelled and _names_patient(block.phrase):
            return Whose.PATIENT, True
        owner = self._above(at, max(0, i), labelled=labelled)
        return owner, owner is Whose.PATIENT and (labelled or self._beside_name(at, max(0, i)))

    def _beside_name(self, at: int, until: int) -> bool:
        """Whether the patient's name stands in the sentence or the lines right above."""
        row = self.rows[at][:until]
        if row:
            return any(t.kind == "name" for t in next(sentences(row), []))
        paragraph = self._blocks[at].paragraph
        return any(
            any(t.kind == "name" for t in self.rows[above])
            for above in range(max(0, at - 2), at)
            if self._blocks[above].paragraph == paragraph
        )

    def _like_earlier(self, at: int, i: int, place: int) -> tuple[Whose, bool]:
        """The owner of a number that only known words part from the number before it."""
        earlier = self._found.get((at, i))
        between = self.rows[at][i + 1 : place]
        words = {t.word or t.text for t in between}
        if earlier is None:
            return Whose.UNKNOWN, False
        if earlier.whose in {Whose.OLD, Whose.OTHER} and (words & {"eigen", "zelf"} or _renews(between)):
            return self._above(at, 0, labelled=False), False
        if earlier.whose is Whose.OLD:
            return Whose.UNKNOWN, False
        if earlier.whose in {Whose.OTHER, Whose.SENDER, Whose.OWNED} and not words <= _CONNECTORS:
            return Whose.UNKNOWN, False
        return earlier.whose, earlier.direct

    def _denied(self, at: int, i: int, place: int) -> tuple[Whose, bool]:
        """What a "niet" or "oude" before the number makes of it."""
        between = [t for t in self.rows[at][i + 1 : place] if t.word]
        before = self.rows[at][i - 1].word if i else ""
        if _renews(between) or before.startswith("klop"):
            return self._above(at, 0, labelled=False), False
        return (Whose.OLD if len(between) <= 6 else Whose.UNKNOWN), False

    def _pronoun(self, at: int, i: int) -> tuple[Whose, bool]:
        """Whose "haar nummer" is: the patient's, unless somebody else was spoken of last."""
        row = self.rows[at]
        word = row[i].word
        if len(self._sexes) == 1:
            other = _FEMININE if "m" in self._sexes else _MASCULINE
            plural = word in {"zij", "ze"} and _next_word(row, i) in _PLURALS
            if word in other and not plural:
                return Whose.OWNED, False
        if _next_word(row, i) == "zelf":
            return Whose.PATIENT, True
        apart = self._apart(row[i : i + 3])
        lead = self._sentence_before(at, i)
        said = subject(lead, apart)
        if said is None:
            said = self._above(at, i - len(lead), labelled=False, apart=apart)
        return said, True

    def _apart(self, sentence: list[Token]) -> frozenset[str]:
        """The relatives whom the pronouns of a sentence can't mean: those who are not of the patient's sex."""
        apart = frozenset[str]()
        for n, token in enumerate(sentence):
            plural = token.word in {"zij", "ze"} and _next_word(sentence, n) in _PLURALS
            if token.kind != Kind.PRONOUN or plural:
                continue
            if self._sexes == {"v"} and token.word in _FEMININE:
                apart = _MEN
            elif self._sexes == {"m"} and token.word in _MASCULINE:
                apart = _WOMEN
        return apart

    def _above(self, at: int, until: int, *, labelled: bool, apart: frozenset[str] = frozenset()) -> Whose:
        """Who was spoken of last before token `until` of block `at`; at a passage's beginning the patient.

        `apart` are relatives whom the pronoun that leads here can't mean.
        """
        for sentence in sentences(self.rows[at][:until]):
            if (said := subject(sentence, apart)) is not None:
                return said
            apart |= self._apart(sentence)
        if self._blocks[at].label in {"relative", "sender"}:
            return Whose.OTHER
        placed = False
        paragraph = self._blocks[at].paragraph
        for before in range(at - 1, -1, -1):
            block = self._blocks[before]
            if block.label in {"name", "first", "last", "infix"}:
                kinds = {t.kind for t in self.rows[before]}
                theirs = "name" in kinds or not kinds & {"stranger", "candidate"}
                return Whose.PATIENT if theirs else Whose.OWNED
            if block.label in {"relative", "sender"}:
                own = any(t.kind == "number" for t in self.rows[before])
                told = not own and plain(block.text).strip() not in _NAMELESS
                parted = block.paragraph != paragraph
                if told and not (labelled and (parted or (placed and block.label == "sender"))):
                    return Whose.OTHER if block.label == "relative" else Whose.SENDER
                continue
            plainly = all(
                t.kind in _PLACED or (block.label in {"address", "postcode"} and t.kind == Kind.UNKNOWN)
                for t in self.rows[before]
            )
            if (plainly and block.label in _FORM) or (labelled and block.label in {"ids", "remarks"}):
                placed = placed or block.label == "wijk"
                continue
            if block.label == "phone" and _names_patient(block.phrase):
                return Whose.PATIENT
            for sentence in sentences(self.rows[before]):
                said = subject(sentence, apart)
                if said is not None and (block.line >= 0 or said is Whose.PATIENT):
                    return said
                apart |= self._apart(sentence)
        return Whose.PATIENT

    # What stands behind the number.

    def _behind(self, at: int, place: int) -> Whose | None:
        """What the words behind a number say of its owner, None if nothing."""
        row = self.rows[at]
        tail: list[Token] = []
        more = False
        for token in row[place + 1 :]:
            if token.kind in {"stop", "number"}:
                more = token.kind == "number"
                break
            tail.append(token)
        brackets = [n for n, t in enumerate(tail) if t.text in "()"]
        if brackets and tail[brackets[0]].text == ")":
            closing = brackets[0]
            if not more and _is_gone(tail[closing + 1 :]):
                return Whose.OLD
            tail, more = tail[:closing], False
        if more:
            tail = _own_part(tail)
        said = _told_behind(tail)
        return self._next_sentence(at, place) if said is None and not more else said

    def _next_sentence(self, at: int, place: int) -> Whose | None:
        """ "06-…. Dit is het nummer van haar zus.", or a line below that begins with a bracket."""
        row = self.rows[at]
        end = next((n for n in range(place, len(row)) if row[n].kind == "stop"), len(row))
        following = row[end + 1 :]
        if not following and at + 1 < len(self.rows) and not self._blocks[at + 1].label:
            same = self._blocks[at + 1].paragraph == self._blocks[at].paragraph
            following = self.rows[at + 1] if same else []
        stop = next((n for n, t in enumerate(following) if t.kind in {"stop", "number"}), len(following))
        sentence = following[:stop]
        if not sentence:
            return None
        told = sentence[0].word in _OPENERS and any(
            t.kind == Kind.PHONE or t.word in {"van", "daarvan", "welk", "welke"} for t in sentence[:9]
        )
        return _told_behind(sentence) if told or sentence[0].text in "(=-–" else None


_LEADING = frozenset(
    [
        "is",
        "op",
        "via",
        "onder",
        "nr",
        "zijn",
        "zelf",
        "eigen",
        "wordt",
        "namelijk",
        "nl",
        "hoe",
        "wel",
        "nu",
        "volgt",
        "moet",
        "naar",
        "aan",
        "nummer",
        "nieuw",
        "nieuwe",
        "juiste",
        "goede",
        "huidige",
        "te",
        "weten",
        "maar",
        "en",
        "of",
        "of",
    ]
)


def _is_things(row: list[Token], place: int) -> bool:
    """ "administratie: 06-…": what stands right before a number, and isn't known to lead to one, may own it."""
    before = row[place - 1] if place else None
    marked = before is not None and before.kind == "mark" and before.text in ":(=-–"
    while before is not None and before.kind == "mark" and before.text in ":(=-–":
        place -= 1
        before = row[place - 1] if place else None
    if before is None or before.kind == Kind.THING:
        return before is not None
    if not marked or before.kind != Kind.LINK or before.word in _LEADING:
        return False
    begin = place
    while begin > 0 and row[begin - 1].text not in ",;" and row[begin - 1].kind not in {"stop", "number"}:
        begin -= 1
    leads = {Kind.PHONE, Kind.CALL, Kind.PATIENT, Kind.PRONOUN, "name"}
    return not any(token.kind in leads for token in row[begin:place])


def _is_reached(row: list[Token], i: int) -> bool:
    """Whether a pronoun is who is called, or whose number it is; not whose post or son ("haar post")."""
    if row[i].word not in POSSESSIVES:
        return True
    for token in row[i + 1 : i + 5]:
        if token.kind in {Kind.PHONE, Kind.CALL, "number"} or token.word in {"op", "via", "onder", "zelf"}:
            return True
        if token.kind not in {Kind.LINK, "mark"} or row[i].word == "zijn":
            return False
    return row[i].word != "zijn"


def _next_word(row: list[Token], i: int) -> str:
    return next((t.word for t in row[i + 1 : i + 3] if t.word), "")


def _renews(between: list[Token]) -> bool:
    return any(t.word.startswith(_RENEWS) or t.word in {"maar", "nu", "wel"} for t in between)


def _aside(row: list[Token], i: int) -> tuple[int, Whose | None] | None:
    """What a bracket that ends at token `i` says: the token before it, and an owner if it names one."""
    opening = next((n for n in range(i - 1, -1, -1) if row[n].text == "("), None)
    if opening is None or any(t.kind == "number" for t in row[opening:i]):
        return None
    inside = row[opening + 1 : i]
    if any(t.kind in {Kind.OTHER, Kind.BODY} for t in inside):
        return opening - 1, Whose.OTHER
    if any(t.kind in {"stranger", Kind.UNKNOWN} for t in inside):
        return opening - 1, Whose.UNKNOWN
    return opening - 1, None


def _candidate(lead: list[Token]) -> Whose:
    """Who a second person is whom the words before don't call a patient: another one, or a helper."""
    for token in reversed(lead):
        if token.kind in {"name", "number"}:
            break
        if token.kind in {Kind.OTHER, Kind.BODY, Kind.SENDER}:
            return Whose.OTHER
        if token.kind in {"stranger", Kind.UNKNOWN}:
            return Whose.OWNED
    return Whose.CANDIDATE


def _in_passing(row: list[Token], i: int, place: int) -> bool:
    """ "woont met haar man in de Verzetswijk en is bereikbaar op": the sentence's subject goes on."""
    lead = {t.word for t in row[max(0, i - 5) : i]}
    words = [t.word for t in row[i + 1 : place] if t.word or t.kind == "stranger"]
    goes_on = any(a == "en" and b in _VERBS for a, b in zip(words, words[1:], strict=False))
    return goes_on and bool(_PREPOSITIONS & lead) and "" not in words


def _stopped(row: list[Token], i: int, place: int) -> Whose:
    """What is known of a number whose path an unknown word cuts off."""
    begin = i
    while begin > 0 and row[begin - 1].kind not in {"stop", "number"}:
        begin -= 1
    kinds = [t.kind for t in row[begin : i + 1]]
    last = max((n for n, k in enumerate(kinds) if k in {"name", Kind.PATIENT}), default=-1)
    if {Kind.OTHER, Kind.BODY} & set(kinds[last + 1 :]):
        return Whose.OTHER
    near = row[max(begin, place - 6) : place]
    if any(t.kind == Kind.NEGATION and t.word not in {"geen", "zonder"} for t in near) or _renews(near):
        return Whose.UNKNOWN
    if Kind.SENDER in kinds and last < 0:
        return Whose.SENDER
    token, before = row[i], row[i - 1] if i > begin else None
    if before is not None and before.word in {"het", "dit", "dat"}:
        return Whose.UNKNOWN
    owned = (
        token.kind == "stranger"
        or before is None
        or token.capital
        or before.word in DETERMINERS
        or before.kind == "mark"
    )
    return Whose.OWNED if owned else Whose.UNKNOWN


def _own_part(tail: list[Token]) -> list[Token]:
    """Of the words between two numbers those that can only be about the first."""
    if tail and tail[0].text == "(":
        closing = next((n for n, t in enumerate(tail) if t.text == ")"), None)
        return tail[: closing + 1] if closing is not None else []
    cut = next((n for n, t in enumerate(tail) if t.text in ",;/-–|&+" or t.word in {"en", "of"}), None)
    return tail[:cut] if cut is not None else []


_GONE = re.compile(
    r"[(),;=–-]*\s*(?:(?:dit|dat|deze|die|het|nummer|nr|telefoon|is|was|maar|helaas|doet|en|echter|nu|inmiddels"
    r"|kennelijk|blijkt|staat|hij|dus) ){0,7}"
    r"(?:niet meer|(?:klopt|werkt|doet) (?:het )?(?:nu )?niet|niet (?:bellen|gebruiken|in gebruik|juist|goed|correct)"
    r"|oude?\b|vervallen|afgesloten|opgezegd|opgeheven|buiten gebruik|geblokkeerd|verlopen|foute?\b|verkeerde?\b"
    r"|vorige|onjuist|no longer)"
)
_UNSURE = re.compile(
    r"\b(?:(?:een|1) (?:daarvan|van (?:beide|de twee))|welke? (?:van|nummer|klopt|juist|goed|er|ervan)|van wie|geen idee|not sure"
    r"|(?:niet|weet|zien|idee) (?:\w+ )?welke?|twijfel)\b"
)


def _said(tokens: list[Token]) -> str:
    return " ".join(t.word or t.text for t in tokens)


def _is_gone(tail: list[Token]) -> bool:
    return _GONE.match(_said(tail)) is not None


def _told_behind(tail: list[Token]) -> Whose | None:
    if not tail:
        return None
    if _is_gone(tail):
        return Whose.OLD
    if _UNSURE.search(_said(tail)):
        return Whose.UNKNOWN
    if tail[0].word in _PREDICATES and not (len(tail) > 1 and tail[1].word in POSSESSIVES):
        return None
    segment, comma, owner = _segment(tail)
    bracketed = tail[0].text == "("
    for n, token in enumerate(segment):
        follows = segment[n + 1 :]
        if (
            token.word in POSSESSIVES
            and follows
            and follows[0].kind in {Kind.OTHER, Kind.BODY, Kind.UNKNOWN, "stranger", "candidate"}
            and (owner or not comma or n <= 1)
        ):
            owner = True
        elif token.kind in {"name", Kind.PATIENT}:
            denied = any(t.kind == Kind.NEGATION for t in segment)
            return Whose.PATIENT if (owner or bracketed) and not denied else None
        elif token.kind in {"place", Kind.PRONOUN, "candidate"}:
            return None
        elif token.kind in {Kind.OTHER, Kind.BODY}:
            return Whose.OTHER if owner or bracketed or not comma or n == 0 else None
        elif token.kind == Kind.SENDER:
            return Whose.SENDER if owner or bracketed or n == 0 else None
        elif token.kind in {"stranger", Kind.UNKNOWN}:
            explained = any(t.kind in {Kind.THING, "name", "place", Kind.PATIENT} for t in follows)
            return None if comma and explained and not owner and not bracketed else Whose.UNKNOWN
        elif token.kind == Kind.THING and not bracketed:
            return None
        elif token.word in {"van", "dit", "dat", "v"} or (token.word == "is" and (not comma or n)):
            owner = True
    return None


def _segment(tail: list[Token]) -> tuple[list[Token], bool, bool]:
    """The words up to a comma, whether a comma parts them from the number, whether a mark says "that is"."""
    segment: list[Token] = []
    comma = owner = False
    for token in tail:
        if token.kind != "mark":
            segment.append(token)
        elif token.text in ",;" or token.text == ")":
            if segment:
                break
            comma = True
        elif token.text in "=-–(":
            owner, comma = True, False
    return segment, comma, owner


def _names_patient(phrase: str) -> bool:
    words = re.findall(r"[^\W_]+", plain(phrase))
    return any(kind_of(word) is Kind.PATIENT or word in {"eigen", "zelf"} for word in words)


def subject(sentence: list[Token], apart: frozenset[str] = frozenset()) -> Whose | None:
    """Whom a sentence leaves as the one spoken of: the patient, somebody else, or nobody (None).

    `apart` are words for people who aren't meant by what follows.
    """
    calls = [n for n, t in enumerate(sentence) if t.kind == Kind.CALL]
    us = [n for n, t in enumerate(sentence) if t.kind == Kind.SENDER and t.word in {"mij", "me", "ons"}]
    if any(call - 6 <= at <= call + 2 for at in us for call in calls):
        return Whose.SENDER
    anchored = named_here = False
    other: Whose | None = None
    lives = any(t.word in _LIVES for t in sentence)
    gone = any(t.word in {"overleden", "weggegaan", "vertrokken"} for t in sentence)
    for n, token in enumerate(sentence):
        before = sentence[n - 1] if n else None
        follows = sentence[n + 1] if n + 1 < len(sentence) else None
        earlier = {t.word for t in sentence[max(0, n - 5) : n]}
        if token.kind in {"name", Kind.PATIENT}:
            anchored, named_here, other = True, True, None
        elif token.kind == "candidate":
            other = Whose.CANDIDATE
        elif token.kind == Kind.PRONOUN and other is None:
            owned = follows is not None and follows.kind in {Kind.OTHER, Kind.UNKNOWN, Kind.BODY, "stranger"}
            anchored = anchored or not (token.word in POSSESSIVES and owned)
        elif token.kind == Kind.BODY:
            if not earlier & (_PREPOSITIONS if anchored else _BODY_PREPOSITIONS):
                other = Whose.OTHER
        elif (token.kind == Kind.OTHER and token.word in apart) or (
            token.kind in {"stranger", Kind.UNKNOWN}
            and token.capital
            and before is not None
            and before.word in apart
        ):
            continue
        elif token.kind == Kind.OTHER:
            named = follows is not None and follows.kind in {"stranger", Kind.UNKNOWN} and follows.capital
            passing = bool(earlier & _PREPOSITIONS) and not named and (lives or "door" in earlier)
            if not (passing or gone):
                other = Whose.OTHER
        elif token.kind == "stranger":
            other = other or (None if _is_creditor(sentence, n, anchored=anchored) else Whose.OWNED)
        elif (
            token.kind == Kind.SENDER
            and not anchored
            and n == 0
            and token.word not in {"ik", "wij", "we", "i"}
        ):
            other = Whose.SENDER
        elif token.kind == Kind.UNKNOWN and _brings_in(sentence, n, before, anchored=anchored):
            other = other or Whose.UNKNOWN
    if other is not None:
        return other
    # "Hij wil gebeld worden" goes on about whoever was spoken of before.
    return Whose.PATIENT if named_here else None


def _is_creditor(sentence: list[Token], n: int, *, anchored: bool) -> bool:
    """ "schulden bij Zilveren Kruis en Vattenfall"."""
    lead = sentence[:n]
    return anchored and any(t.kind == Kind.THING for t in lead) and any(t.word == "bij" for t in lead)


def _brings_in(sentence: list[Token], n: int, before: Token | None, *, anchored: bool) -> bool:
    """Whether an unknown word may be somebody: as the subject, behind an article, or by its capital."""
    token = sentence[n]
    if before is None or (before.kind == "mark" and before.text in ":(-–"):
        return True
    if token.capital:
        return not _is_creditor(sentence, n, anchored=anchored)
    if before.word in DETERMINERS:
        # "stopt de brieven in een la": behind "in" stands a place.
        return n < 2 or sentence[n - 2].word not in {"in", "op", "onder", "achter", "uit"}
    return before.word in _PREPOSITIONS | {"via"} and not anchored
