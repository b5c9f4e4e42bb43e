"""Whom a sentence speaks of.

Pure, over tokens: who is named last is who a "haar nummer" in the next sentence belongs to.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from gateway.reading.patient.opening import is_only_named
from gateway.reading.patient.passing import (
    is_brought_in,
    is_by_the_way,
    is_creditor,
    is_estranged,
    is_first_spoken_of,
    is_gone_for_good,
    is_lacked,
    is_object_of,
    is_of_claim,
    is_some_creditor,
    is_story,
    is_wished,
)
from gateway.reading.patient.tokens import DETERMINERS, POSSESSIVES, Token, sentences
from gateway.reading.patient.vocabulary import (
    KIN,
    MEN,
    PARTNERS,
    PERSONS,
    WOMEN,
    Sense,
    is_known,
    is_said_of_somebody,
    is_several,
    kind_of,
)
from gateway.reading.patient.words import words_of

PREPOSITIONS = words_of("met bij door van aan zonder voor naar tegen over uit namens tussen with by in op")
_BODY_PREPOSITIONS = frozenset(["in", "op", "naar", "van", "aan", "tegen"])
_TELLS = words_of(
    """
    vroeg vraagt vragen vroegen verzocht verzoekt gaf geeft vertelde vertelt meldde liet laat zei heeft
    """
)
_NOT_MEANT = {"v": ("hij", "hem"), "m": ("zij", "ze")}
_LIVES = words_of(
    """
    slaapt logeert inwonend woont wonen leeft woonde verblijft lives gescheiden overleden
    """
)
_CALLED_US = frozenset({"belde", "mailde", "appte", "meldde", "schreef", "smste"})


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


def subject(
    sentence: list[Token], apart: frozenset[str] = frozenset(), *, third: bool = False
) -> Whose | None:
    """Whom a sentence leaves as the one spoken of: the patient, somebody else, or nobody (None).

    `apart` are words for people who aren't meant by what follows; `third` says that a "haar" or "hij" asks,
    which never means who writes.
    """
    calls = any(t.kind == Sense.CALL for t in sentence)
    beside, single = is_by_the_way(sentence), third and bool(apart - {Sense.BODY})
    if (not third and calls_sender(sentence)) or _is_role_of_sender(sentence, third=third):
        return Whose.SENDER
    words = [t.word for t in sentence]
    if not third and "u" in words and any(t.kind == Sense.SENDER and t.word == "vragen" for t in sentence):
        # "Heeft u vragen? Bel 06-…"
        return Whose.SENDER
    if {"we", "wij"} & set(words) and any(
        a in {"u", "jou", "je"} and b.endswith("en") and sentence[n + 1].kind == Sense.CALL
        for n, (a, b) in enumerate(pairwise(words))
    ):
        # A form asks whoever fills it in: "Op welk nummer kunnen we u bellen?"
        return Whose.SENDER
    if any(
        t.kind in {Sense.OTHER, Sense.BODY}
        and t.word not in apart
        and any(u.word in _CALLED_US for u in sentence[n + 1 :])
        for n, t in enumerate(sentence)
    ):
        # Whoever called the practice about the patient has left their own number, or may have.
        return Whose.OTHER
    anchored = named_here = False
    kin = ""
    other: Whose | None = None
    lives = any(t.word in _LIVES for t in sentence)
    third_person = any(t.word in {"hij", "zij"} for t in sentence[:1])
    for n, token in enumerate(sentence):
        before = sentence[n - 1] if n else None
        follows = sentence[n + 1] if n + 1 < len(sentence) else None
        earlier = {t.word for t in sentence[max(0, n - 5) : n]}
        if token.kind in {"name", Sense.PATIENT}:
            if third_person and token.word not in _REFLEXIVES and earlier & {"van", "voor", "namens"}:
                # "Zij heeft schulden gemaakt op naam van mevrouw": then "zij" is somebody else.
                other = other or Whose.UNKNOWN
                continue
            if token.word == "deze" and before is not None and before.word in PREPOSITIONS:
                # "bemoeit zich met deze aanmelding"
                continue
            if other is not None and before is not None and before.word == "van":
                # "De jobcoach van Dennis belt mee."
                continue
            anchored, named_here, other = True, True, None
        elif token.kind == "candidate":
            other = Whose.CANDIDATE
        elif (
            token.kind == Sense.PRONOUN
            and other is Whose.OTHER
            and token.word in _NOT_MEANT.get(kin, ())
            and not (third or calls)
        ):
            # "Zijn vrouw deed de bankzaken en hij kan dat niet."
            anchored, other = True, None
        elif token.kind == Sense.PRONOUN and other is None:
            owned = follows is not None and follows.kind in {
                Sense.OTHER,
                Sense.UNKNOWN,
                Sense.BODY,
                "stranger",
            }
            anchored = anchored or not (token.word in POSSESSIVES and owned)
        elif token.kind == Sense.BODY:
            if Sense.BODY in apart:
                continue
            if (
                # "verzoekt om begeleiding"
                (before is not None and before.word == "om")
                or is_some_creditor(sentence, n)
                or is_of_claim(sentence, n)
                or is_story(sentence, n, third=third and Sense.BODY not in apart)
                or (third and beside and (token.word not in PERSONS or is_object_of(sentence, n, apart)))
            ):
                # No "hij" or "haar" is a bank.
                continue
            if not earlier & (PREPOSITIONS if anchored else _BODY_PREPOSITIONS):
                other = Whose.OTHER
        elif token.word in apart & PARTNERS and not (
            (is_by_the_way(sentence, partner=True) and not _is_named(follows)) or _is_parted(sentence)
        ):
            other = Whose.OTHER
        elif (
            (single and token.kind in {Sense.OTHER, Sense.UNKNOWN} and is_several(token.word))
            or (token.kind == Sense.OTHER and token.word in apart)
            or (
                token.kind in {"stranger", Sense.UNKNOWN}
                and token.capital
                and before is not None
                and before.word in apart
            )
        ):
            continue
        elif token.kind == Sense.OTHER:
            named = _is_named(follows)
            near = bool(earlier & PREPOSITIONS)
            passing = not named and (
                # "Regel een tolk": one who is yet to be found
                (token.word == "tolk" and before is not None and before.word in {"een", "geen"})
                or
                # A word that only ends as a known one ("rusgarhouder") may be anybody who is stayed with.
                (near and lives and is_known(token.word))
                or (third and anchored and is_wished(sentence, n))
                # "zag ik samen met onze wijkverpleegkundige"
                or (anchored and not calls and before is not None and before.word in {"onze", "ons"})
                or (token.word == "iedereen" and not calls)
                or is_of_claim(sentence, n)
                or is_story(sentence, n, third=third and Sense.BODY not in apart)
                or (
                    beside
                    and not (named or (lives and near))
                    and not is_brought_in(sentence, n)
                    and (is_estranged(sentence) or not is_first_spoken_of(sentence, n))
                )
                or (
                    token.word in {"kind", "kinderen", "kids", "tweeling", "drieling"}
                    and ((anchored and not near) or "van" in earlier)
                )
            )
            if not passing:
                other = Whose.OTHER
                kin = "m" if token.word in MEN else "v" if token.word in WOMEN else ""
        elif token.kind == "stranger":
            other = other or (None if is_creditor(sentence, n, anchored=anchored) else Whose.OWNED)
        elif (
            token.kind == Sense.SENDER
            and not anchored
            and n == 0
            and token.word not in {"ik", "wij", "we", "i"}
        ):
            other = Whose.SENDER
        elif token.kind in {Sense.UNKNOWN, Sense.PREMISES} and (
            is_of_claim(sentence, n)
            or (anchored and not calls and token.kind == Sense.UNKNOWN and is_lacked(sentence, n))
            or (third and beside and not token.capital and is_object_of(sentence, n, apart))
            or (third and not token.capital and is_gone_for_good(sentence))
        ):
            continue
        elif (
            lives
            and not is_of_claim(sentence, n)
            and token.kind in {Sense.NOUN, Sense.PREMISES}
            and "bij" in {t.word for t in sentence[max(0, n - 3) : n]}
        ):
            # "Woont bij de nonnen": theirs is the telephone in the house.
            other = other or Whose.UNKNOWN
        elif (
            token.kind == Sense.UNKNOWN or (token.kind == Sense.PREMISES and not (anchored or third))
        ) and _brings_in(sentence, n, before, anchored=anchored, third=third):
            other = other or Whose.UNKNOWN
    if other is not None:
        return other
    if named_here and is_only_named(sentence):
        # "Kees Mol is de zoon van mevrouw Bos."
        return Whose.UNKNOWN
    # "Hij wil gebeld worden" goes on about whoever was spoken of before.
    return Whose.PATIENT if named_here else None


def _is_parted(sentence: list[Token]) -> bool:
    """ "Haar ex heeft het oude toestel", "… is van haar ex, die mag u niet bellen": and hers is another."""
    old = any(one.word == "oude" and other.kind == Sense.PHONE for one, other in pairwise(sentence))
    never = any(t.word in {"niet", "nooit"} for t in sentence)
    return old or (never and any(t.kind == Sense.CALL for t in sentence))


def _is_named(follows: Token | None) -> bool:
    return follows is not None and follows.kind in {"stranger", Sense.UNKNOWN} and follows.capital


def calls_sender(sentence: list[Token]) -> bool:
    """ "U kunt mij bellen voor haar nummer"."""
    calls = [n for n, t in enumerate(sentence) if t.kind == Sense.CALL]
    us = [
        n
        for n, t in enumerate(sentence)
        if t.kind == Sense.SENDER
        and t.word in {"mij", "me", "ons"}
        # "Zij vroeg mij om contact": who is asked isn't who is called.
        and not (n and sentence[n - 1].word in _TELLS)
    ]
    return any(call - 6 <= at <= call + 2 for at in us for call in calls)


def _is_role_of_sender(sentence: list[Token], *, third: bool) -> bool:
    """ "Ik sta haar bij als budgetmaatje": whoever writes has a number of their own.

    Nor does "Als huisarts maak ik mij zorgen. Bel haar op" give a doctor's.
    """
    somebody = {Sense.OTHER, Sense.BODY, Sense.UNKNOWN} | (set() if third else {Sense.SENDER})
    return any(t.word in {"ik", "wij", "we"} for t in sentence[:4]) and any(
        before.word == "als" and kind_of(token.word) in somebody for before, token in pairwise(sentence)
    )


_GOES_ON = words_of("hij zij ze die deze dat dit het daar haar zijn hem deze en maar want ook")


def turns_away(sentence: list[Token]) -> bool:
    """Whether a sentence of several words begins with something else than what was spoken of before."""
    said = [t for t in sentence if t.word]
    return len(said) > 2 and said[0].word not in _GOES_ON and said[0].kind not in {Sense.SENDER, Sense.OTHER}


_REFLEXIVES = words_of("deze zichzelf haarzelf hemzelf")
_WANTS = words_of("wil heeft zoekt kan woont moet zit is vraagt krijgt komt redt durft")


def names_another(row: list[Token]) -> bool:
    """ "Zie onder, Piet wil ook hulp", "zijn zus zoekt ook hulp": whoever may be meant instead."""
    for sentence in sentences(row):
        too = any(t.word == "ook" for t in sentence)
        for token, following in pairwise(sentence):
            somebody = (
                token.kind in {"stranger", "candidate"}
                or (token.kind == Sense.UNKNOWN and token.capital)
                or (token.kind == Sense.OTHER and too)
            )
            if somebody and following.word in _WANTS:
                return True
    return False


_NEEDS = words_of(
    """
    toestemming akkoord instemming schuld schulden geldzorgen geldproblemen huurschuld achterstand
    achterstanden boete boetes lening leningen loonbeslag uitkering bijstand ww wia wao wajong ontslag
    """
)
_HAS = words_of(
    """
    heeft had kampt zit kreeg krijgt gaf geeft gaat stemt stemde ontvangt
    """
)


def tells_of_patient(sentence: list[Token], before: list[Token], home: Token | None) -> bool:
    """ "Hij woont in de Filmwijk", "ze heeft schulden": whoever is referred, unless kin was spoken of last.

    `home` is the first place that the passage names: who lives there is who the wijk is taken from.
    """
    if any(t.kind in {Sense.OTHER, "stranger", "candidate"} for t in sentence):
        return False
    if any(t.word in KIN or t.kind in {"stranger", "candidate"} for t in before):
        return False
    if not any(t.word in {"hij", "zij", "ze"} for t in sentence[:4]):
        return False
    words = {t.word for t in sentence}
    if home is not None and home in sentence and words & {"woont", "woonachtig", "wonend", "verblijft"}:
        return True
    unsure = any(t.kind in {Sense.OTHER, Sense.UNKNOWN} for t in before)
    return bool(words & _HAS and words & _NEEDS) and not (unsure or words & {"ook", "hem", "haar"})


_WHERE = words_of("in op onder achter uit")
_BESIDE = words_of("boven naast tegenover")


def _brings_in(sentence: list[Token], n: int, before: Token | None, *, anchored: bool, third: bool) -> bool:
    """Whether an unknown word may be somebody: as the subject, behind an article, or by its capital."""
    token = sentence[n]
    if before is None or (before.kind == "mark" and before.text in ":(-–"):
        return True
    if token.capital:
        return not is_creditor(sentence, n, anchored=anchored)
    if before.word in {"uw", "jullie", "je", "jouw"}:
        # "heb haar verteld over uw dienst": whoever reads it.
        return False
    while n > 1 and before.word.endswith("e") and is_said_of_somebody(before.word):
        # "door een malafide klusser"
        n, before = n - 1, sentence[n - 2]
    if before.word in {"die", "dat"} and n > 1 and sentence[n - 2].word not in PREPOSITIONS:
        # "iemand die meekijkt"
        return False
    if before.word in {"de", "het"} and n > 1 and _is_told_apart(sentence[: n - 1]):
        return False
    if n > 1 and sentence[n - 2].word == "door" and anchored and _tells_why(sentence):
        return False
    if before.word in DETERMINERS:
        # "stopt de brieven in een la": behind "in" stands a place.
        # "Woont boven de bakker. Het nummer is": a pronoun might mean the baker.
        return n < 2 or sentence[n - 2].word not in (_WHERE if third else _WHERE | _BESIDE)
    return before.word in PREPOSITIONS | {"via"} and not anchored


def _tells_why(sentence: list[Token]) -> bool:
    """ "Zij heeft weinig energie door haar ziekte": where nothing is done by anybody, "door" tells why."""
    return not _PASSIVE & {t.word for t in sentence} and is_by_the_way(sentence)


_PASSIVE = words_of("wordt worden werd werden is was zijn waren er")


def _is_told_apart(lead: list[Token]) -> bool:
    """ "drie kinderen, van wie de jongste …", "vlak bij de bakker": one of them, or where something is."""
    words = [t.word for t in lead[-2:]]
    near = words[-1:] in (["vlakbij"], ["dichtbij"]) or words in (["vlak", "bij"], ["dicht", "bij"])
    return near or words[-1:] in (["waarvan"], ["waaronder"]) or words == ["van", "wie"]


BELONGS = frozenset({Sense.OTHER, Sense.BODY, Sense.UNKNOWN, "stranger"})


def of_whom(row: list[Token], name: int) -> Whose | None:
    """Who is spoken of in "de begeleider van mw. Bos": whoever is hers, and not she; None where it is she."""
    i = name - 1
    while i > 0 and (row[i].kind == Sense.PATIENT or row[i].text == "."):
        i -= 1
    if i < 1 or row[i].word != "van" or row[i - 1].kind not in BELONGS:
        return None
    return Whose.OTHER if row[i - 1].kind in {Sense.OTHER, Sense.BODY} else Whose.UNKNOWN
