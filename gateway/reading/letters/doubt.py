"""What leaves open whether a number, a wijk or a name in a practice's letter is the patient's today.

It promises that a value beside the past, a guess, a neighbourhood of a wijk, a denied move or the practice's
own news is nobody's: a person reads it, also where we had asked for it.
"""

import re

from gateway.reading.letters.bound import is_bound, speaks_of_us
from gateway.reading.letters.sentences import NUMBER, WIJK, Sentence

_WAS = (
    r"\bwas\b(?! (?:een |mijn |nog |helaas )?(?:niet|fout\w*|verkeerd\w*|onjuist\w*|typefout|tikfout"
    r"|vergissing|verschreven|vergeten|omgedraaid|verwisseld)\b)"
)
_PAST = re.compile(
    rf"{_WAS}|\bwaren\b|\bvorige?\b(?! (?:mail\w*|email|bericht|melding|week|keer|aanmelding|verwijzing)\b)"
    r"|\bhad(?:den)? (?:ze|zij|hij|mevrouw|meneer|eerst)\b|\b(?:ze|zij|hij|mevrouw|meneer|#patient) had\b"
    r"|\b(?:vroeger|voorheen|voormalige?|destijds|ooit|eerdere|gehad|tijdelijke?|tot voor kort)\b"
)
_GUESS = re.compile(
    r"\b(?:denk|dacht|denken|gok|vermoed|vermoedelijk|misschien|wellicht|mogelijk|waarschijnlijk|schijnbaar"
    r"|gelooft?|meen|twijfel\w*|onzeker|volgens mij|zou kunnen|kan zijn|naar verluidt)\b"
    r"|\bals het goed is\b|\bvergis\w*\b|\bniet(?: #?\w+){0,2} zeker\b"
    r"|\bweet(?: (?:ik|we|wij|het|dat|dit|er|alleen|zelf|ze|hij))* niet\b"
)
_ALONE = 4
"""A guess in a sentence of its own is about what stands beside it, if it has no more words than these."""

_WORK = re.compile(
    r"(?<!na )(?<!na het )(?<!na haar )(?<!na zijn )\b(?:werk|werknummer|zakelijke?|kantoor|logeeradres)\b"
)
_NEAR = re.compile(
    r"\b(?:naast|bijna|vlakbij|dichtbij|nabij|grens|grenst|rand|richting|omgeving|tegen|achter|tussen|rond"
    r"|ergens|uit|tegenover|buurt van|dicht bij|vlak bij|bij|buiten)\b(?: \w+){0,2} #wijk"
    r"|\b(?:werkt|werkzaam|werk|stage|school|logeert|verblijft|opgegroeid|geboren|woonde|woonden"
    r"|verhuizen|straks|binnenkort|ingeschreven|postadres|briefadres|elders"
    r"|verhuist (?:in|op|over|per|eind|begin)|vanaf|vanuit)\b"
    r"|\btot (?:#amount|en met|eind|begin|half|deze|volgende|volgend|voor|over|aan)\b"
)
_NOT_MOVED = re.compile(
    r"\b(?:niet|nooit|geen)\b(?: \w+){0,4} verhui\w+|\bverhui\w+(?: #?\w+){0,5} (?:niet|nooit)\b"
)
_OURS = re.compile(
    r"\b(?:wij|we|ik) (?:hebben|heb|krijgen|kregen|kreeg|gebruiken|zitten|zit)\b"
    r"|\b(?:hebben|heb|krijgen|kregen|gebruiken|zitten) (?:wij|we|ik)\b"
    r"|\b(?:wij|we|ik) (?:zijn|ben)\b"
)
_NEW = re.compile(r"\b(?:nieuwe?|ander|eigen|gewijzigde?|voortaan|bereikbaar|bereiken)\b")
_PATIENTS = re.compile(
    r"#patient|\b(?:patiente?|pat|pte?|clie?nte?|mevrouw|mevr|mw|meneer|dhr|haar|hem|zijn|hij|zij|ze)\b"
)
_WISH = re.compile(r"\b(?:aanpassen|wijzigen|veranderen|gebruiken|corrigeren|noteren|bellen|proberen)\b")
"""A question with one of these asks us to do so."""

_TWO = re.compile(r"\s(?:en|&|\+|of)\s|/")
_COUPLE = re.compile(
    r"\b(?:heer|dhr|meneer) en (?:mevrouw|mw|mevr)\b|\b(?:mevrouw|mw|mevr) en (?:de )?(?:heer|dhr|meneer)\b"
    r"|\b(?:echtpaar|familie|fam|gezin)\b"
)


_REACHED = re.compile(r"\b(?:bel|belt|bellen|bereikbaar|bereiken)\b")
_BOUND = re.compile(
    rf"{_PATIENTS.pattern}|nummer\b|\b(?:goede?|juiste?|correcte?|nieuwe?|voortaan|niet|moet)\b"
)


def is_unbound(sentence: Sentence) -> bool:
    """Whether a sentence with a number does not give it as the patient's, or only says that somebody can be
    called there: where nothing was asked it may be the sender's as well."""
    called = _REACHED.search(sentence.text) and not _BOUND.search(sentence.text)
    return bool(called or not is_bound(sentence))


def in_doubt(sentences: tuple[Sentence, ...]) -> bool:
    """Whether a letter leaves open whether the number or the wijk in it is the patient's."""
    placed = [each for each in sentences if {NUMBER, WIJK}.intersection(each.words)]
    guessed = any(len(each.words) <= _ALONE and _GUESS.search(each.text) for each in sentences)
    return bool(placed) and (guessed or any(_is_doubtful(each) for each in placed))


def _is_doubtful(sentence: Sentence) -> bool:
    text = sentence.text
    if sentence.question and not _WISH.search(text):
        return True
    if _PAST.search(text) or _GUESS.search(text) or _NOT_MOVED.search(text):
        return True
    if WIJK in sentence.words and (_NEAR.search(text) or speaks_of_us(sentence)):
        return True
    if NUMBER not in sentence.words:
        return False
    ours = _OURS.search(text) and _NEW.search(text) and not _PATIENTS.search(_OURS.sub(" ", text))
    return bool(ours or _WORK.search(text))


def are_two(name: str, sentences: tuple[Sentence, ...]) -> bool:
    """Whether a name is that of two people."""
    return bool(_TWO.search(name)) or any(_COUPLE.search(each.text) for each in sentences)
