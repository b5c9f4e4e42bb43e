"""What any sentence of a passage says of reaching the patient, however far from the number it stands.

A sentence that speaks of calling, answering or reaching, or that points back at what isn't named in it ("die
van hierboven", "zijn oude", "het hare"), must be plain: how and when to call, who called before, whom the
sender wants called. Whatever else it says makes the number one to ask about. A sentence without such a word
is not read at all. Pure, over tokens.
"""

from collections.abc import Iterator
from itertools import pairwise

from gateway.reading.patient.calling import ANSWERS, is_of_reaching, is_plain
from gateway.reading.patient.corrections import takes_back
from gateway.reading.patient.layout import Block
from gateway.reading.patient.lexicon import is_listed
from gateway.reading.patient.manner import OWN, SOMEBODY, is_harmless
from gateway.reading.patient.pointing import without_announcement
from gateway.reading.patient.remarks import (
    ABOUT_MAIL,
    clauses,
    is_of_other_kind,
    passes_on,
    spares,
    tells_of_device,
)
from gateway.reading.patient.tokens import DETERMINERS, POSSESSIVES, Token, sentences, words_in
from gateway.reading.patient.vocabulary import FEMININE, MASCULINE, MEN, WOMEN, Sense
from gateway.reading.patient.words import plain, words_of

_BACK = ("hierboven", "bovenstaand", "eerstgenoemd", "laatstgenoemd", "bovengenoemd", "voornoemd")
_ANOTHER = words_of("verkeerde foute")
_PERSONS = frozenset({"name", "stranger", "candidate", Sense.PATIENT})
_WHERE_TO_WORK = words_of("in bij als op aan voor")
_EMPTY = words_of("idee vermoeden gevoel")
_LASTS = words_of("bestaat werkt klopt actief juist geldig")
# What a word for an unnamed thing ends on: "zijn oude", "een ander", "het hare".
_UNNAMED = words_of(
    "oude nieuwe ander andere vorige verkeerde foute eerdere vroegere zijne hare hunne mijne onze"
    " werkende kapotte"
)
_BEFORE = DETERMINERS | POSSESSIVES | words_of("geen")
ENDED = words_of("afgesloten opgezegd opgeheven geblokkeerd ongeldig vervallen actueel overgezet gewijzigd")
_STARTS = words_of("ps p.s p.s. nb bij o oja correctie aanvulling nagekomen")


def told_in(row: list[Token], block: Block) -> list[list[Token]]:
    """What is said in a row; under a label what follows its value, as far as it speaks of reaching."""
    if block.label in {"ids", "sender"}:
        return []
    if block.label not in {"phone", "name", "wijk"}:
        return [row]
    value = next((n + 1 for n, t in enumerate(row) if t.kind == "stop"), len(row))
    behind = [*sentences(row[value:])][::-1]
    return [each for each in behind if any(map(is_of_reaching, clauses(each)))]


def speaks_against(rows: list[list[Token]], *, mobile: bool | None) -> bool:
    """Whether any sentence that holds no number speaks against whatever number the passage gives."""
    told = [sentence for row in rows for sentence in [*sentences(row)][::-1]]
    return any(
        is_against(sentence, mobile=mobile) or _means_another(sentence, earlier)
        for earlier, sentence in pairwise([[], *told])
        if not any(t.kind == "number" for t in sentence)
    )


def is_against(sentence: list[Token], *, mobile: bool | None = None) -> bool:
    """Whether a sentence tells more of reaching the patient than a plain mail would.

    `mobile` is the kind of the numbers that are given, None if it isn't known.
    """
    parts = [*clauses(sentence)]
    if any(map(_is_of_others_below, parts)):
        return True
    if spares(sentence) or takes_back(sentence) is not None:
        # What takes a number back may renew it: that is judged by itself.
        return False
    # A compound that nobody listed may as well be somebody: "ik kreeg net zijn mortelboei".
    things = [t for t in sentence if t.kind == Sense.THING or (t.kind == Sense.NOUN and is_listed(t.word))]
    named = {t.kind for t in things if t.word not in _EMPTY}
    words = {t.word for t in sentence}
    # "De fiscus heeft hem de das omgedaan": far from a number "hem" mostly is the patient.
    person = (
        words & {"hem", "'m"} and "heeft" in words and not words & {"bij", "mee", "meegenomen", "geleend"}
    )
    if not (named or person) and passes_on(sentence):
        return True
    if Sense.THING not in named and _is_of_what_is_told(sentence):
        return True
    if (
        sentence
        and sentence[0].word in _SPEAK
        and not {t.word for t in sentence[1:6]} & _TOOK_PLACE
        and any(t.kind in SOMEBODY for t in sentence[1:6])
    ):
        # "Praat daarom met Anja."
        return True
    noted = words & _NOTED and words & _POINTS and any(t.kind == Sense.SENDER for t in sentence)
    if noted and not named and not all(map(is_harmless, parts)):
        # "Ik twijfel of ik die goed heb overgenomen."
        return True
    if any(one.word in _ANOTHER and other.kind in _PERSONS for one, other in pairwise(sentence)):
        # "Het kan dat u de verkeerde Joyce treft."
        return True
    if Sense.THING not in named and any(map(_is_that_of, parts)):
        return True
    if words & {"klopt", "kloppen"} and words & {"niets", "nergens"} and not named:
        return True
    if {"gebeld", "kreeg"} <= words and words & {"man", "vrouw", "iemand", "ander"}:
        # "Ik heb gebeld en kreeg een vreemde man."
        return True
    if any(map(_is_said_of, parts)) or (words & _PROVIDERS and words & ENDED):
        return True
    return any(
        (not named and (_is_unnamed(clause) or _is_had_from(clause)))
        or _points_back(clause, named=bool(named))
        or (is_of_reaching(clause) and not is_plain(clause) and not is_of_other_kind(clause, mobile=mobile))
        for clause in parts
    )


def is_against_below(sentence: list[Token]) -> bool:
    """Whether a passage without numbers tells more of a telephone than that one stands in what it quotes."""
    if takes_back(sentence) is not None:
        return False
    told = [clause for clause in clauses(sentence) if tells_of_device(clause) and not is_harmless(clause)]
    return any(
        not _BELOW & {t.word for t in clause}
        or any(t.kind in SOMEBODY | {Sense.NEGATION} or t.word in _OURS for t in clause)
        for clause in told
    )


_OURS = words_of("mijn onze ons eigen")
_BELOW = words_of(
    "onder hieronder onderaan onderin onderstaand onderstaande hierbij erbij bijgaand bijgaande hierna below"
)
_PROVIDERS = words_of(
    "kpn vodafone ziggo odido t-mobile tele2 lebara lycamobile simyo hollandsnieuwe provider"
)
_NOTED = words_of("overgenomen opgeschreven overgetypt overgeschreven ingevuld verstaan ingetypt genoteerd")
_SPEAK = words_of("praat spreek overleg")
_TOOK_PLACE = words_of("heeft vond had wordt")
_POINTS = words_of("dat dit die deze")
_BE = words_of("is was zijn waren blijkt bleek hoort behoort staat")


def _may_be_somebody(token: Token) -> bool:
    return token.kind in SOMEBODY or (token.kind == Sense.NOUN and not is_listed(token.word))


def _is_of_what_is_told(sentence: list[Token]) -> bool:
    """ "Deze is niet van haarzelf maar van het AZC.", "De dame aan de lijn is niet Tonny zelf."."""
    said = without_announcement([t for t in sentence if t.word])
    if ABOUT_MAIL & {t.word for t in said}:
        return False
    if len(said) > 2 and said[0].word in _POINTS and said[1].word in _BE:
        if len(said) < 6 and said[2].word in DETERMINERS and _may_be_somebody(said[-1]):
            # "Dat is haar bewindvoerder."
            return True
        return any(t.word == "van" for t in said) and not all(map(is_harmless, clauses(sentence)))
    return any(
        t.kind == Sense.NEGATION and any(u.kind == "name" for u in said[n + 1 : n + 3])
        for n, t in enumerate(said)
    ) and any(map(is_of_reaching, clauses(sentence)))


def _is_of_others_below(clause: list[Token]) -> bool:
    """ "Onderstaande gegevens zijn van haar broer": what comes isn't the patient's."""
    return any(
        token.word.startswith("onderstaand")
        and any(t.kind in SOMEBODY for t in clause[n + 1 :])
        and not any(t.kind in OWN for t in clause[n + 1 : n + 3])
        for n, token in enumerate(clause)
    )


def _is_that_of(clause: list[Token]) -> bool:
    """ "Is die van een vriendin"."""
    return any(
        token.word in {"die", "dat"}
        and clause[n + 1 : n + 2] != []
        and clause[n + 1].word == "van"
        and (
            any(t.kind in SOMEBODY | {Sense.NOUN, Sense.PREMISES} for t in clause[n + 2 : n + 5])
            or (len(clause) > n + 3 and clause[n + 2].word in POSSESSIVES)
        )
        for n, token in enumerate(clause)
    )


def _is_said_of(clause: list[Token]) -> bool:
    """ "Hij zit nog twee weken binnen, dit is van de afdeling"."""
    said = [t for t in clause if t.word]
    return (
        len(said) > 3
        and said[0].word in {"dit", "deze", "dat"}
        and said[1].word in _BE
        and said[2].word == "van"
        and said[3].kind not in {*OWN, Sense.THING}
        and not is_harmless(clause)
    )


def _means_another(sentence: list[Token], earlier: list[Token]) -> bool:
    """ "Zijn vrouw regelt alles. Vraag naar haar als u belt.", "Ik sprak haar zus. Zij neemt op."."""
    words = [t.word for t in sentence]
    asks = {"vraag", "vragen"} & set(words) and "naar" in words
    if not asks and not (set(words) & ANSWERS and {"op", "opnemen"} & set(words) and "contact" not in words):
        return False
    others = [t.word for t in earlier if t.kind == Sense.OTHER]
    for word in set(words) & (FEMININE | MASCULINE):
        if any(other not in (MEN if word in FEMININE else WOMEN) for other in others):
            return True
    return False


def _points_back(clause: list[Token], *, named: bool) -> bool:
    """ "Die van hierboven klopt niet meer", but "bovengenoemde patiënte"."""
    for n, token in enumerate(clause):
        back = token.word.startswith(_BACK)
        back = back or (token.word == "boven" and n > 0 and clause[n - 1].word in {"hier", "staat"})
        if not back:
            continue
        following = clause[n + 1] if n + 1 < len(clause) else None
        if following and following.kind in {*OWN, Sense.THING, Sense.NOUN, "place"}:
            continue
        if not (named or is_harmless(clause)):
            return True
    words = [t.word for t in clause]
    # "Volgens de apotheek is dit contact niet actueel", but "die had een lening afgesloten".
    return (
        not named
        and any(
            (word in {"dit", "dat", "die", "deze", "hij"} and set(words[n + 1 :]) & ENDED)
            or (
                word in {"die", "deze", "dit"}
                and set(words[n + 1 :]) & _LASTS
                # "haar man, die in de zorg werkt"
                and not ("werkt" in words and set(words[n + 1 :]) & _WHERE_TO_WORK)
                and not is_harmless(clause)
            )
            or (word == "dit" and set(words[n + 1 :]) & {"herkent", "kent", "gebruikt"})
            for n, word in enumerate(words)
        )
    )


_THANKS = words_of("dank bedankt dankjewel")


def _is_unnamed(clause: list[Token]) -> bool:
    """ "Dit is zijn oude", "hij heeft sinds kort een ander": a thing of which only the kind is left out."""
    for n, token in enumerate(clause):
        if token.word not in _UNNAMED or not n or clause[n - 1].word not in _BEFORE:
            continue
        following = clause[n + 1] if n + 1 < len(clause) else None
        if [t.word for t in clause[: n + 1]] == ["nog", "een", "nieuwe"] or _THANKS & {
            t.word for t in clause
        }:
            # A further referral, and thanks for the one before.
            continue
        if n > 1 and clause[n - 2].word == "weer":
            # "Hij is weer de oude."
            continue
        if following is None or following.word in _ENDS:
            return True
    return False


_HAD = words_of(
    "gedeeld geleend overgenomen gekregen verkregen genoteerd opgegeven opgezocht gevonden gehoord"
)
_FROM = words_of("met van door uit via bij")


def _is_had_from(clause: list[Token]) -> bool:
    """ "Gedeeld met de onderbuurvrouw": a remark without a subject, of whatever was given above it."""
    said = [t for t in clause if t.word]
    return (
        len(said) > 2
        and said[0].word in _HAD
        and said[1].word in _FROM
        and any(t.kind in SOMEBODY | {Sense.NEGATION} for t in said[2:])
    )


_ENDS = words_of(
    "is was kwijt kreeg heeft had gekregen genomen gegeven opgegeven doet werkt niet en maar van getal"
    " cijfer contact"
)


def afterwords(lines: list[str], kept: list[str], patient: str) -> Iterator[list[Token]]:
    """The sentences below the signature that still tell of the patient, or begin as a postscript does."""
    names = set(plain(patient).split())
    for line, spoken in zip(lines, kept, strict=True):
        text = line.removeprefix(spoken) if spoken else line
        if not text.strip() or line == spoken:
            continue
        row = list(words_in(text, 0, len(text)))
        if any(len(t.word) >= 6 and t.word.isdigit() for t in row):
            continue
        begins = next((t.word for t in row if t.word), "") in _STARTS
        for sentence in sentences(row):
            told = any(t.word in _OF_PATIENT or t.word in names for t in sentence)
            if begins or told:
                yield sentence


_OF_PATIENT = words_of("hij zij ze hem haar patient patiente mevrouw meneer client cliente")
