"""How a practice's letter gives a number or a wijk as the patient's: the known words in a known order.

It promises that a number or a wijk corrects what is known only where the clause that names it is, but for
words that change nothing, one of these forms as a whole: a label, "is" or "zijn" between the two, a way to
reach the patient, or a change into it. Known words in any other order ("nummer van familie …", "gebeld door
…", "… was een tikfout") give nothing.
"""

import re

from gateway.reading.letters.closing import words_of
from gateway.reading.letters.sentences import NUMBER, PATIENT, WIJK, Sentence

_FILL = words_of(
    """sorry excuses excuus dus namelijk nl hierbij alsnog nu hier komt correctie correcties gecorrigeerde
    rectificatie wijziging aanvulling kleine ja nee ok oke graag aub svp helaas inmiddels vandaag voortaan
    even wel toch telefonisch best beter liever ook daarnaast aanvullend nog als volgt dank bedankt
    dankjewel alvast maar verder hoor meer alleen eigenlijk officieel please gewoon u je jullie kunt kun kan
    wilt wil zou zouden kunnen willen moet mag hoort daarom intussen ondertussen"""
)
_WHO = (
    rf"(?:(?:de |deze )?(?:{PATIENT}|patiente?|pat|pte?|clie?nte?|mevrouw|mevr|mw|mvr|meneer|mijnheer|dhr"
    rf"|heer|hr|betrokkene)(?: {PATIENT})*)"
)
_THEY = rf"(?:{_WHO}|zij|ze|hij)"
_THEM = rf"(?:{_WHO}|haar|hem)"
_GOOD = "(?:juiste?|goede?|correcte?|nieuwe?|huidige|actuele|eigen|mobiele?|vaste?|andere?|tweede|extra)"
_IT = "(?:het|dit|dat|de|deze|haar|zijn|een)"
_CHANGED = "(?:wijzigen|gewijzigd|aanpassen|aangepast|veranderen|veranderd|corrigeren|gecorrigeerd)"
_SLIPPED = r" (?:ik|wij|we) had(?:den)?(?: \w+){0,4} (?:omgedraaid|verwisseld|verschreven|vertypt|vergist)"


def _forms(noun: str, value: str, ways: str) -> re.Pattern[str]:
    """The whole clauses, without what changes nothing, that give a value of this noun."""
    named = rf"(?:(?:{_IT} )?(?:{_GOOD} )*{noun}(?: {noun})?(?: (?:van|voor) {_THEM})?)"
    one = rf"(?:{named}|(?:{_IT} )?{_GOOD}(?: {_GOOD})?|het|dit|dat)"
    told = (
        rf"(?:{one} )?(?:(?:is|wordt|luidt|zijn|worden) )?(?:{one} )?{value}"
        r"(?: (?:het )?zijn| worden| geworden)?"
        rf"|{value} (?:is|zijn|wordt|worden) {one}"
        rf"|(?:{one} )?(?:(?:is|zijn) )?(?:{_CHANGED} )?(?:{one} )?(?:{_CHANGED} )?(?:in|naar) (?:{named} )?"
        rf"{value}(?: {_CHANGED})?(?: worden)?"
        rf"|(?:{one} )?(?:is|zijn) {_CHANGED} {value}"
        rf"|{value} (?:zijn|worden|wordt) {value}|{ways}"
    )
    return re.compile(
        rf"(?:en )?(?:{told})(?: (?:en )?(?:niet|ipv|in plaats van)(?: {value})?)?(?:{_SLIPPED})?"
    )


_NOUN = (
    r"(?:(?:telefoon|mobiele? |mobiel|thuis|vaste )?(?:nummers?|nr)|telnr|telefoonnr|tel|telefoon|mobiel|mob"
    r"|gsm|06)"
)
_NAMED = rf"(?:(?:{_IT} )?(?:{_GOOD} )*{_NOUN} )"
_CALL = "(?:bel|belt|bellen|bereiken|gebruik|gebruiken|noteer|noteren|gebeld worden)"
_NUMBERS = _forms(
    _NOUN,
    NUMBER,
    rf"(?:{_THEY} )?(?:is )?(?:{_THEY} )?(?:te bereiken|bereikbaar|te bellen) (?:op|onder|via|met) {_NAMED}?"
    rf"{NUMBER}"
    rf"|(?:ik|wij|we) (?:heb|hebben) (?:een )?(?:{_GOOD} )*{_NOUN} voor {_THEM} {NUMBER}"
    rf"|{_THEY} (?:heeft|gebruikt) (?:een )?{_NAMED}?{NUMBER}"
    rf"|(?:{_THEM} )?{_CALL} (?:{_THEM} )?(?:(?:op|onder|via|met) )?{_NAMED}?{NUMBER}"
    rf"|(?:{_THEY} |{_THEM} )?(?:is )?(?:op )?{_NAMED}?{NUMBER} (?:{_CALL}|bereikbaar|te bereiken)",
)
_WIJKNOUN = "(?:wijk|buurt|stadsdeel|woonwijk)"
_LIVES = "(?:woont|woonachtig|is woonachtig|is verhuisd|verhuisd|verhuist)"
_WIJKEN = _forms(
    _WIJKNOUN,
    WIJK,
    rf"(?:{_THEY} )?(?:{_LIVES} )?(?:in|te|naar) (?:(?:de|het) )?(?:{_WIJKNOUN} )?{WIJK}(?: {_LIVES})?",
)
_DENIED = re.compile(r"\b(?:niet|geen|nooit|not|no|verkeerde?|foute?|onjuiste?|oude?)\b")
_OF_US = re.compile(
    r"\b(?:ik (?:had|heb|gaf|stuurde|zie|kreeg|hoor\w*|noteerde)"
    r"|(?:had|heb|gaf|stuurde|zie|kreeg) (?:ik|we|wij)"
    r"|(?:wij|we) (?:had\w*|hebben|gaven)|(?:mijn|onze) (?:mail|email|bericht|fout|excuses|excuus|kant"
    r"|vergissing|vorige|aanmelding|verwijzing))\b"
)
_WE = words_of("ik wij we mij me mijn ons onze")
"""Beside a number these say whose it is ("bel mij maar even: …"), but for what the sender did."""

_LONGEST = 24


def is_bound(sentence: Sentence) -> bool:
    """Whether each clause of a sentence that names a number or a wijk gives it, or takes it away."""
    return not (NUMBER in sentence.words and speaks_of_us(sentence)) and all(
        _gives(clause, forms) or _DENIED.search(" ".join(clause))
        for mark, forms in ((NUMBER, _NUMBERS), (WIJK, _WIJKEN))
        for clause in sentence.clauses
        if mark in clause
    )


def speaks_of_us(sentence: Sentence) -> bool:
    """Whether a sentence speaks of the sender, but for what they did with a number or a mail."""
    return bool(_WE.intersection(_OF_US.sub(" ", sentence.text).split()))


def _gives(clause: tuple[str, ...], forms: re.Pattern[str]) -> bool:
    said = [word for word in clause if word not in _FILL]
    return len(said) <= _LONGEST and forms.fullmatch(" ".join(said)) is not None
