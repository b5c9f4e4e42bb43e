"""Whose each phone number is: unknown, until known words bind it to the patient.

A number is bound by a label made of known words, or by a path of known words from it back to the patient in
its own sentence, and from sentence to sentence as long as nobody else is brought in. Whatever stands on the
path and isn't known leaves the number unknown. A relative, a helper, an organisation or the sender on the
path makes it theirs.
"""

from gateway.reading.patient.anchor import is_anchored, is_beside_name, is_beside_place
from gateway.reading.patient.contrast import told_apart
from gateway.reading.patient.layout import Block
from gateway.reading.patient.leading import is_forbidden, is_of_creditor, leads_elsewhere
from gateway.reading.patient.opening import (
    begins_with_somebody,
    is_namesake,
    is_next_door,
    is_said_of_another,
)
from gateway.reading.patient.passing import lost_in
from gateway.reading.patient.paths import (
    aside,
    candidate,
    denies_thing,
    in_passing,
    is_correction,
    is_left,
    is_listed,
    is_own_slip,
    is_pointed_at,
    is_reached,
    is_there,
    is_things,
    names_patient,
    next_word,
    renews,
    stopped,
)
from gateway.reading.patient.phones import is_cut_short, is_service, looks_dialled
from gateway.reading.patient.pronouns import (
    PLURALS,
    apart_by,
    is_of_both,
    is_passed_on,
    sex_told,
    tells_of_couple,
)
from gateway.reading.patient.remarks import clauses, is_answered
from gateway.reading.patient.speech import (
    BELONGS,
    Line,
    Whose,
    calls_sender,
    of_whom,
    subject,
    tells_of_patient,
    turns_away,
)
from gateway.reading.patient.tail import behind
from gateway.reading.patient.tokens import POSSESSIVES, Token, begun, sentences
from gateway.reading.patient.vocabulary import FEMININE, MASCULINE, WOMEN, Sense
from gateway.reading.patient.words import plain, words_of

_FORMER = words_of("vorige vorig eerdere")
_FILES = frozenset(["systeem", "dossier", "his", "epd", "administratie", "bestand", "vraag", "verzoek"])
_FINDS = words_of(
    "vind vond dacht denk heb hebben zie zien kreeg kregen ken noteerde noteerden wens wensen vraag verzoek"
    " zoek geef"
)
_NO_LUCK = (["lukt", "dat"], ["lukt", "het"], ["lukt", "dit"])
# As in: he finds being called no problem.
_NO_MATTER = words_of("probleem bezwaar punt week weken maand maanden jaar zomer winter keer")
_BARE = frozenset(["mevrouw", "mw", "mevr", "meneer", "dhr", "heer"])
_REACHES = frozenset(["bellen", "bereiken", "appen", "spreken", "mobiel", "te", "op"])
_FORM = frozenset(["wijk", "postcode", "address", "ids", "remarks"])
_PLACED = frozenset(["place", "blank", "mark", "stop", Sense.LINK, Sense.THING, Sense.PATIENT])
_NAMELESS = words_of("ja nee geen nvt onbekend - nee. ja. geen.")
_CONNECTORS = words_of("en of or and & / , ; + - – | ( ) op via nr tel mob nummer mobiel vast thuis . :") | {
    ""
}


class Bindings:
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
        self._sex = sexes if len(sexes) == 1 else sex_told(rows)
        self._lost = lost_in(rows)
        self._home = next((t for row in rows for t in row if t.kind == "place"), None)

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
        if label == "ids":
            # "Tel. volgens zijn verzekering" gives a number that nobody vouches for.
            return Line(e164, Whose.UNKNOWN, at, place)
        whose, direct = self._path(at, place)
        row = self.rows[at]
        if whose is Whose.PATIENT and (
            is_things(row, place)
            or leads_elsewhere(row, place)
            or is_said_of_another(row, place)
            or self._is_answered(at, place)
        ):
            whose, direct = Whose.UNKNOWN, False
        if whose is Whose.PATIENT and (is_forbidden(row, place) or is_of_creditor(row, place)):
            return Line(e164, Whose.OTHER, at, place)
        if whose is Whose.PATIENT and is_there(row, place):
            whose, direct = Whose.UNKNOWN, False
        if (own := told_apart(row, place)) is not None:
            named = row[own].kind in {"name", Sense.PATIENT}
            whose, direct = (Whose.PATIENT, True) if named else self._pronoun(at, own)
        cut_short = e164 is None and is_cut_short(row[place].text)
        told = None if cut_short else behind(self.rows, self._blocks, at, place)
        if told is Whose.PATIENT:
            if whose in {Whose.UNKNOWN, Whose.OWNED} or {t.word for t in begun(row, place)} <= _CONNECTORS:
                whose, direct = told, True
        elif told is Whose.OLD or (
            told is not None
            and (whose in {Whose.PATIENT, Whose.UNKNOWN} or (whose, told) == (Whose.OWNED, Whose.OTHER))
        ):
            whose = told
        new = any(t.word.startswith(("nieuw", "juist", "correct")) for t in begun(self.rows[at], place))
        return Line(e164, whose, at, place, direct, new)

    # What stands before the number.

    def _is_answered(self, at: int, place: int) -> bool:
        """Whether the words before a number, or the sentence before those, say that another answers it."""
        lead = begun(self.rows[at], place)
        earlier = next(sentences(self.rows[at][: place - len(lead)]), [])
        return is_answered(lead) or any(map(is_answered, clauses(lead))) or is_passed_on(earlier, lead)

    def _path(self, at: int, place: int) -> tuple[Whose, bool]:
        """Who stands at the end of the known words before a number."""
        row, block = self.rows[at], self._blocks[at]
        i = place - 1
        while i >= 0 and row[i].kind != "stop":
            token = row[i]
            if token.text == ")" and (past := aside(row, i)) is not None:
                i, said = past
                if i >= 0 and row[i].kind == "number":
                    # "niet op 06-… (van zijn ex) maar op 06-…": what is said of the number before it.
                    continue
                if said is not None:
                    return (stopped(row, i, place) if said is Whose.UNKNOWN and i >= 0 else said), False
                continue
            if token.kind == "name":
                if (owner := of_whom(row, i)) is not None:
                    return owner, False
                if is_namesake(row, i):
                    return Whose.OWNED, False
                # "Haar nicht Shanti": somebody else may have the patient's given name.
                other = candidate(row[max(0, i - 1) : i]) if token.word else Whose.CANDIDATE
                return (Whose.PATIENT if other is Whose.CANDIDATE else other), True
            if is_next_door(row, i, place):
                return Whose.OTHER, False
            if token.kind == "candidate":
                return candidate(begun(self.rows[at], i)), True
            if is_pointed_at(row, i) or (
                i and row[i].word in {"man", "vrouw", "dame", "heer"} and is_pointed_at(row, i - 1)
            ):
                return Whose.UNKNOWN, False
            if token.kind == Sense.PATIENT:
                calls_sender = any(t.word in {"mij", "me", "ons"} for t in begun(self.rows[at], i))
                either = self._sexes == {"v", "m"} and token.word in _BARE and row[i + 1].kind != "name"
                return (Whose.UNKNOWN if calls_sender or either else Whose.PATIENT), True
            if token.kind == "number":
                return self._like_earlier(at, i, place)
            if token.word == "niet" and [t.word for t in row[max(0, i - 2) : i]] in _NO_LUCK:
                # If that doesn't work, another one of the same person's.
                i -= 3
                continue
            matters = token.kind == Sense.NEGATION and next_word(row, i) not in _NO_MATTER
            if matters and not denies_thing(row, i, place):
                return self._denied(at, i, place)
            if token.kind == Sense.SENDER:
                # In "Telefoonnummer heb ik hier: 06-…" the verb stands before.
                beside = {next_word(row, i), row[i - 1].word if i else ""}
                finds = token.word in {"ik", "wij", "we"} and bool(beside & _FINDS)
                if is_own_slip(row, i):
                    i -= 1
                    continue
                if not finds and not (
                    token.word in {"ons", "onze", "mijn", "our", "my"} and next_word(row, i) in _FILES
                ):
                    return Whose.SENDER, False
            elif token.kind in {Sense.OTHER, Sense.BODY}:
                if not in_passing(row, i, place):
                    return Whose.OTHER, False
            elif token.kind == Sense.THING and i and row[i - 1].kind == Sense.PHONE:
                # "Telefoon zzp'er thuis: 06-…": whatever stands right behind the word owns the telephone.
                return Whose.UNKNOWN, False
            elif (token.kind == Sense.UNKNOWN and is_listed(row, i, place)) or is_correction(row, i):
                pass
            elif token.kind in {"stranger", Sense.UNKNOWN} or (
                token.kind in {Sense.NOUN, Sense.PREMISES} and not is_left(row, i, place)
            ):
                return stopped(row, i, place), False
            elif (token.kind == Sense.PRONOUN or token.word == "zijn") and is_reached(row, i):
                return self._pronoun(at, i)
            i -= 1
        labelled = block.label == "phone" and i < 0
        theirs = labelled and plain(block.phrase).startswith(("zijn ", "haar "))
        if i < 0 and block.label in {"phone", "name"} and names_patient(block.phrase):
            return Whose.PATIENT, True
        apart = frozenset[str]({Sense.BODY}) if theirs else frozenset[str]()
        if not theirs and is_beside_place(self.rows, self._blocks, at, place, i):
            return Whose.PATIENT, labelled or is_beside_name(self.rows, self._blocks, at, max(0, i))
        owner = self._above(at, max(0, i), labelled=labelled, apart=apart, third=theirs)
        if (
            owner is Whose.PATIENT
            and not theirs
            and not is_anchored(self.rows, self._blocks, at, max(0, i), place)
        ):
            owner = Whose.UNKNOWN
        return owner, owner is Whose.PATIENT and (
            labelled or is_beside_name(self.rows, self._blocks, at, max(0, i))
        )

    def _like_earlier(self, at: int, i: int, place: int) -> tuple[Whose, bool]:
        """The owner of a number that only known words part from the number before it."""
        earlier = self._found.get((at, i))
        between = self.rows[at][i + 1 : place]
        words = {t.word or t.text for t in between}
        if earlier is None:
            return Whose.UNKNOWN, False
        if earlier.whose in {Whose.OLD, Whose.OTHER} and (words & {"eigen", "zelf"} or renews(between)):
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
        comma = next((n for n, t in enumerate(self.rows[at][i:place]) if t.text in ",;"), None)
        lead = begun(self.rows[at], i)
        if comma is not None and any(
            t.kind in {Sense.PHONE, Sense.CALL} for t in self.rows[at][i + comma : place]
        ):
            # "Zijn mobiel heb ik niet, vast nummer is 036-…"
            brought = any(t.kind in BELONGS - {Sense.UNKNOWN} for t in lead) or begins_with_somebody(lead)
            return Whose.UNKNOWN if brought else self._above(at, 0, labelled=False), False
        outdated = before in {"is", "was"} and any(t.kind == Sense.PHONE for t in lead)
        if renews(between) or before.startswith("klop") or (outdated and comma is not None):
            # "Het nummer hieronder is oud, gebruik 06-…"
            said = subject(lead)
            return said or self._above(at, i - len(lead), labelled=False), False
        if self.rows[at][i].word in _FORMER and between and between[0].kind != Sense.PHONE:
            # "Zie vorige mail, daarin stond 06-…": the mail is the former one.
            return Whose.UNKNOWN, False
        return (Whose.OLD if len(between) <= 6 else Whose.UNKNOWN), False

    def _pronoun(self, at: int, i: int) -> tuple[Whose, bool]:
        """Whose "haar nummer" is: the patient's, unless somebody else was spoken of last."""
        row = self.rows[at]
        word = row[i].word
        sex = self._sexes if len(self._sexes) == 1 else self._sex
        if sex:
            other = FEMININE if "m" in sex else MASCULINE
            plural = word in {"zij", "ze"} and next_word(row, i) in PLURALS
            if word in other and not plural:
                return Whose.OWNED, False
        plural = word in {"zij", "ze"} and i > 0 and row[i - 1].word in PLURALS - {"zijn"}
        if plural and not tells_of_couple(self.rows):
            # "Op de groep hebben ze één telefoon, 06-…"
            return Whose.UNKNOWN, False
        if next_word(row, i) in {"zelf", "eigen"} or "zelf" in {t.word for t in row[max(0, i - 2) : i]}:
            # "Dat is van haar zus, zelf heeft ze 06-…", "zijn eigen nummer is"
            return Whose.PATIENT, True
        lead = begun(self.rows[at], i)
        if is_of_both(lead, word):
            # As in "Ze heeft haar telefoon uitgeleend, hij neemt dus op: 06-…".
            return Whose.UNKNOWN, False
        apart = apart_by(self._sex, row[max(0, i - 1) : i + 3])
        if word not in POSSESSIVES or next_word(row, i) in _REACHES:
            # A bank is no "hij".
            apart |= {Sense.BODY}
        if any(t.kind == Sense.PRONOUN and t.word not in POSSESSIVES for t in lead):
            # "Belt u hem op zijn vaste telefoon"
            apart |= {Sense.BODY}
        end = next((n for n in range(i, len(row)) if row[n].kind in {"number", "stop"}), len(row))
        earlier = next(sentences(row[: i - len(lead)]), [])
        if tells_of_patient([*lead, *row[i:end]], earlier, self._home):
            return Whose.PATIENT, True
        if calls_sender(lead):
            return Whose.UNKNOWN, False
        said = subject(lead, apart, third=True)
        if said is None and word == "zijn" and self._sex == {"m"}:
            # "Zijn vrouw weet van niets. Hij is bereikbaar op zijn mobiel": not hers.
            apart |= WOMEN
        if said is None:
            said = self._above(at, i - len(lead), labelled=False, apart=apart, third=True)
        return said, True

    def _narrowed(
        self, sentence: list[Token], apart: frozenset[str], *, third: bool
    ) -> tuple[frozenset[str], bool]:
        """Whom an earlier sentence can still bring in: after "Hij wacht op u." no organisation."""
        begun = list(enumerate(sentence[:3]))
        told = any(t.word in {"hij", "zij", "ze"} and next_word(sentence, n) not in PLURALS for n, t in begun)
        more = frozenset[str]({Sense.BODY}) if told else frozenset[str]()
        return apart | more | apart_by(self._sex, sentence), third or told

    def _above(
        self,
        at: int,
        until: int,
        *,
        labelled: bool,
        apart: frozenset[str] = frozenset(),
        third: bool = False,
    ) -> Whose:
        """Who was spoken of last before token `until` of block `at`; at a passage's beginning the patient.

        `apart` are relatives whom the pronoun that leads here can't mean; `third` says that there is one.
        """
        earlier, apart, faded = list(sentences(self.rows[at][:until])), apart | self._lost, False
        for n, sentence in enumerate(earlier):
            if tells_of_patient(sentence, next(iter(earlier[n + 1 :]), []), self._home):
                return Whose.PATIENT
            said = subject(sentence, apart, third=third)
            if said is not None and not (faded and said in {Whose.UNKNOWN, Whose.OWNED}):
                return said
            faded = faded or (not third and turns_away(sentence))
            apart, third = self._narrowed(sentence, apart, third=third)
        if self._blocks[at].label in {"relative", "sender"}:
            return Whose.OTHER
        placed = False
        paragraph = self._blocks[at].paragraph
        for before in range(at - 1, -1, -1):
            block = self._blocks[before]
            if block.label in {"name", "first", "last", "infix"}:
                # "Patiënt woont alleen. Er komt een …": what follows the name may bring somebody in.
                for sentence in list(sentences(self.rows[before]))[:-1]:
                    if (said := subject(sentence, apart, third=third)) is not None:
                        return said
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
            if block.label in {"phone", "ids"} and names_patient(block.phrase):
                return Whose.PATIENT
            plainly = all(
                t.kind in _PLACED
                # "Dr. Ariënsstraat 14"
                or (block.label in {"address", "postcode"} and t.kind in {Sense.UNKNOWN, Sense.SENDER})
                for t in self.rows[before]
            )
            if (plainly and block.label in _FORM) or (labelled and block.label in {"ids", "remarks"}):
                placed = placed or block.label == "wijk"
                continue
            for sentence in sentences(self.rows[before]):
                said = subject(sentence, apart, third=third)
                if faded and said in {Whose.UNKNOWN, Whose.OWNED}:
                    said = None
                if said is not None and (block.line >= 0 or said is Whose.PATIENT):
                    return said
                faded = faded or (not third and turns_away(sentence))
                apart, third = self._narrowed(sentence, apart, third=third)
        return Whose.PATIENT
