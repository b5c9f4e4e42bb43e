"""Sentences that point back at a number: "Dat is die van haar zus.", "O nee, …", "Bestaat niet.".

What such a sentence says must be plain, or the number is one to ask about. Pure, over tokens.
"""

from gateway.reading.patient.manner import OWN, SOMEBODY, is_harmless
from gateway.reading.patient.remarks import ABOUT_MAIL, passes_on, tells_of_device
from gateway.reading.patient.tokens import Token
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.words import LABELS, words_of

_POINTS = words_of("dat dit die deze het")


_REPEATS = words_of("dus ofwel oftewel ik herhaal herhaling nogmaals") | {""}
_FALLS_BACK = words_of("dan anders daarna is er nog ook altijd eventueel het de op via of een tweede en") | {
    ""
}


def is_repeated(said: list[Token]) -> bool:
    """ "nul zes twaalf …, dus 06-12…": between two numbers that are one."""
    return {t.word for t in said} <= _REPEATS


def falls_back(said: list[Token]) -> bool:
    """ "dan is er nog 06-…", "daarna op 06-…": before another number of the same person's."""
    words = [t.word for t in said]
    return words[:1] != [] and words[0] in {"dan", "anders", "daarna"} and _FALLS_BACK.issuperset(words)


# What a number or its telephone is or does, as a verb behind it.
IS = words_of(
    "is was zijn waren blijkt bleek hoort behoort werkt doet staat loopt wordt werd heeft klopt zit betreft"
)


_STARTLED = words_of("o oh oeps ohnee nee ai wacht ho hm hmm stop correctie foutje vergissing")


JOINS = words_of("en maar want of dus")
_ANNOUNCES = JOINS | words_of("let op nb ps noot")


def points(clause: list[Token]) -> bool:
    """ "Dat is …", "dit nummer …", "die heeft …"."""
    words = [t.word for t in clause]
    if words[:1] == [] or words[0] not in _POINTS or ABOUT_MAIL & set(words):
        return False
    return words[1:2] != [] and (words[1] in IS or tells_of_device(clause[1:2]))


def without_announcement(said: list[Token]) -> list[Token]:
    """The words of a sentence without "NB", "Let op", "En" in front of it."""
    while said and (said[0].kind == "mark" or said[0].word in _ANNOUNCES):
        said = said[1:]
    return said


def is_taken_up(sentence: list[Token]) -> bool:
    """ "06-…. Dat is die van haar zus.", "06-…. O nee, …": a sentence about the number before it."""
    said = [t for t in sentence if t.word or t.kind not in {"mark", "stop"}]
    if not said:
        return False
    said = without_announcement(said)
    # "Oeps, de Filmwijk klopt niet."
    of_home = any(t.kind == "place" for t in said) and not any(t.kind == Sense.PHONE for t in said)
    if (
        said
        and said[0].word in _STARTLED
        and not (of_home or _waits(said))
        and [t.text for t in said[1:2]] != [":"]
    ):
        return True
    first = said[0].word if said else ""
    if first == "daar" and not ({t.word for t in said} & _THEREWITH or is_harmless(said)):
        # "Daar is hij alleen als hij dienst heeft."
        return True
    if first == "daar" or (first in {"die", "deze"} and len(said) > 2):
        near = said[1:5]
        stop = next((n for n, t in enumerate(near) if t.kind in OWN), len(near))
        if any(t.kind in SOMEBODY for t in near[:stop]):
            return True
        if near[0].kind == Sense.PATIENT and near[1:2]:
            return near[1].word in {"van", "bij", "uit"} or near[1].kind in SOMEBODY
    if passes_on(said):
        return True
    asked = first == "bel" and not (said[1:2] and said[1].word in {"ik", "wij", "we", "je", "u"})
    if first in _OF_NUMBERS | TRIED and not asked and not is_harmless(said):
        # "Bestaat volgens KPN niet."
        return True
    if _comes_from(said):
        return True
    if not points(said):
        return False
    kinds = {t.kind for t in said}
    if any(t.word.startswith(("fout", "vergis", "misver")) for t in said):
        return True
    if kinds & {Sense.THING, Sense.NOUN} and not (kinds & (SOMEBODY | {Sense.PREMISES})):
        # "Dat is een grote zorg."
        return tells_of_device(said) and not is_harmless(said)
    return not is_harmless(said)


def _waits(said: list[Token]) -> bool:
    """ "Wacht op een uitkering": what the patient does, and no second thought of the writer's."""
    return said[0].word == "wacht" and [t.word for t in said[1:2]] in (["op"], ["al"], ["nog"], ["sinds"])


TRIED = words_of("krijg kreeg hoor hoorde bel belde probeer probeerde kom kwam")
_OF_NUMBERS = words_of("bestaat klopt blijkt hoort behoort doorkiezen doorschakelen doorverbinden")


_THEREWITH = words_of("bij mee over voor aan om van door toe uit in tegen heen komt")
_SOURCES = words_of("systeem dossier bestand lijst map brief kaart administratie epd his")


def _comes_from(said: list[Token]) -> bool:
    """ "Dit komt uit ons oude systeem": what is said of the number right before it."""
    if said[:1] == [] or said[0].word not in {"dit", "deze"} or ABOUT_MAIL & {t.word for t in said}:
        return False
    comes = [t.word for t in said[1:3]]
    source = {t.word for t in said} & _SOURCES
    return bool({"komt", "kwam", "stamt", "dateert"} & set(comes)) and (
        bool(source) or not any(t.kind in {Sense.THING, Sense.NOUN} for t in said)
    )


_CHECKS = words_of("check checken checkt controleer controleren nakijken navragen verifieer verifieren")


def is_second_thought(sentence: list[Token]) -> bool:
    """ "Weet ik niet zeker.", "O nee, …", "Daar zit Trees van …"."""
    if sentence[:1] and sentence[0].text == "(":
        # "(O) geen bijzonderheden": a letter of a record.
        return False
    words = [t.word for t in sentence if t.word]
    words = words[2:] if words[:2] == ["let", "op"] else words[words[:1] in (["nb"], ["ps"]) :]
    if (
        words[:1]
        and words[0] in {"o", "oh", "oeps", "correctie"}
        and sentence[1:2]
        and sentence[1].text not in ":-–="
    ):
        return True
    if (
        set(words) & _CHECKS
        and set(words) & {"dit", "dat", "nog", "nummer", "telefoonnummer"}
        and len(words) < 9
    ):
        # "Ik check dit nog."
        return True
    if words[:2] in (["daar", "zit"], ["daar", "werkt"]):
        return any(t.kind in SOMEBODY for t in sentence)
    if set(words) & (LABELS["wijk"] | LABELS["postcode"] | LABELS["address"]):
        # "Buurt weet ik niet."
        return False
    unknown = bool({"weet", "weten"} & set(words)) and "niet" in words
    unknown = unknown and not any(t.kind == Sense.THING for t in sentence)
    return unknown and bool({"zeker", "ik", "wij", "we"} & set(words)) and len(words) < 10
