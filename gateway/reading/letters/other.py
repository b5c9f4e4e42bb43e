"""Whether a letter of a practice is about somebody else than the patient of its thread.

It promises that what may be this patient under another name, or instead of this one, is for a person.
"""

import re

from rapidfuzz.distance import OSA

from gateway.reading.letters.closing import words_of
from gateway.reading.letters.record import PracticeKind, PracticeLetter, Topic
from gateway.reading.letters.sentences import Sentence, Written
from gateway.reading.letters.stops import StopSense, meaning_of
from gateway.reading.patient.alike import key_words, same_person
from gateway.reading.patient.words import plain
from gateway.reading.record import Reading, Verdict

_ABOUT_NAME = re.compile(
    r"\b(?:achternaam|voornaam|naam|heet|gespeld|spelling|schrijfwijze)\b.*"
    r"|\b(?:verkeerd|fout|anders) (?:geschreven|gespeld)\b"
)
_RENAMED = re.compile(r"\b(?:heet|correcte|officieel|volledige)\b")
NAMESAKE = words_of("jr sr junior senior")
"""Who is told apart so may be the father or the daughter of the patient of the thread."""

_NAME_WORDS = words_of(
    """#patient de het is naam achternaam voornaam heet patient patiente mevrouw mw meneer dhr client hij
    zij ze niet maar klopt verkeerd verkeerde gespeld geschreven spelling moet zijn juiste goede correcte
    onjuist fout eigenlijk correctie sorry excuses in van mijn mail was had met dus en als volgt officieel
    volledige"""
)
_INSTEAD = re.compile(r"(?:(?:het|dit|dat) )?moet(?: dus)? zijn\b|in plaats van\b|ipv\b")
_CORRECTS = re.compile(
    r"\b(?:klopt|verkeerd\w*|fout\w*|moet|juiste|goede|gespeld|spelling|eigenlijk|correctie|onjuist\w*"
    r"|niet)\b"
)


def is_other(said: Reading, known: Reading | None) -> bool:
    """Whether what a letter says by itself is about somebody else than the patient of the thread."""
    if known is None:
        # After contact nothing is left to compare with; the caller still has the mark of the number.
        return said.verdict is Verdict.REFERRAL
    if said.name is None or not (said.phone or said.wijk):
        return False
    if known.name is None:
        return bool(said.verdict is Verdict.REFERRAL and known.phone and said.phone != known.phone)
    return not (same_person(said.name, known.name) or _is_near(said.name, known.name))


def _is_near(one: str, other: str) -> bool:
    """Whether two names are one with a slip of the pen or two."""
    return OSA.distance(" ".join(key_words(one)), " ".join(key_words(other)), score_cutoff=2) <= 2


def other_patient(text: Written, said: Reading, known: Reading | None) -> PracticeLetter:
    """A new patient, unless it may be this one with another name, or instead of this one."""
    corrects = any(
        meaning_of(each).sense is StopSense.WRONG
        or (_ABOUT_NAME.search(each.text) and _CORRECTS.search(each.text))
        or _INSTEAD.match(each.text)
        for each in text.sentences
    )
    # A name and a wijk alone may be anything that was told of this patient.
    told = (
        said.verdict is Verdict.REFERRAL or said.phone or any("naam" in each.label for each in text.sentences)
    )
    # One word before a number is as often what the number is for ("ICE 06-…").
    one_word = said.verdict is not Verdict.REFERRAL and len((said.name or "").split()) < 2
    shared = known is not None and said.phone is not None and said.phone in phones_of(known)
    if corrects or shared or one_word or not told or (known is not None and known.name is None):
        return unclear(Topic.OTHER_PATIENT)
    return PracticeLetter(PracticeKind.NEW_PATIENT, said)


def may_be_another(name: str, known: str, text: Written) -> bool:
    """Whether a name that shares no word with the known one stands there without a word that corrects."""
    shared = set(key_words(name)) & set(key_words(known))
    return not shared and not any(
        _CORRECTS.search(each.text) or _RENAMED.search(each.text) for each in text.sentences
    )


def is_of_name(sentence: Sentence, name: str) -> bool:
    """Whether a sentence only says what the patient is called."""
    words = set(sentence.words) - set(re.findall(r"[^\W\d_]+", plain(name)))
    return not sentence.question and words <= _NAME_WORDS


def phones_of(known: Reading) -> tuple[str, ...]:
    """The numbers that are known."""
    return ((known.phone,) if known.phone else ()) + known.other_phones


def unclear(topic: Topic) -> PracticeLetter:
    """A letter for a person."""
    return PracticeLetter(PracticeKind.UNCLEAR, topic=topic)
