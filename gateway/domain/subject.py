"""The subject of an answer in the referrer's thread.

It promises that a subject which may hold anything of the patient is never sent back: when in doubt, the
answer is called "Re: uw aanmelding [kenmerk]".
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from rapidfuzz import fuzz

_LONGEST: Final = 200
_PREFIX: Final = re.compile(r"^\s*(?:(?:re|fw|fwd|antw|aw|wg|doorst|betr)\s*:\s*)+", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_TITLE: Final = re.compile(
    r"\b(?:dhr|mw|mevr|mevrouw|mej|meneer|heer|hr|fam|familie|dr|drs|mr|mrs|ms|geb|geboren|bsn|echtgenote|"
    r"partner|zoon|dochter|moeder|vader|meisjesnaam|weduwe)\b",
    re.IGNORECASE,
)
_INITIALS: Final = re.compile(r"\b[^\W\d_]\.|\b[A-Z]\b(?!\s*$)")
_DATE: Final = re.compile(r"\d{1,2}\s*[-/.]\s*\d{1,2}|\b(?:19|20)\d\d\b")
_POSTCODE: Final = re.compile(r"\b\d{4}\s*[a-z]{2}\b", re.IGNORECASE)
_CARE: Final = re.compile(
    r"angst|autis|borderline|burn-?out|dement|depress|diabet|drank|drug|gok|hiv|icpc|kanker|psych|ptss|schizo|"
    r"stoorn|suic|verslav|verstandelijk|ziek|zwanger"
)
_HARMLESS: Final = """
a aan aangemeld aangemelde aanmelden aanmelding aanmeldingen administratie advies afspraak als andere b
begeleiding belasting bericht betreft beveiligd bij budget budgethulp client clienten compleet contact de
debt deze dit door doorst doorsturen doorverwijzing dubbele een eigen en er extra financieel financiele
for fw fwd gaarne geld geldhulp geldproblematiek geldproblemen geldzaken geldzorgen gesprek graag handover
help het huisarts huisartsenpraktijk hulp hulpvraag i in inkomen is kan lasten lijst maatschappelijk met
naar new niet nieuw nieuwe nog of om onderwerp op opnemen over overdracht pat patient patiente patienten
praktijk problematiek problemen pt re referral rekeningen s schuld schulden schuldenproblematiek
schuldhulp schuldhulpverlening schuldsanering spoed tav te the toeleiding uit uw van vanuit verwijsbrief
verwijzen verwijzing verzoek via voor vraag vragen warme welzijn welzijnswerk wens werk with your zorg
zorgen
"""
HARMLESS: Final = frozenset(_HARMLESS.split())
"""Words that say nothing about who it is; only used to tell names from other words."""


def reply_subject(
    original: str,
    neutral: str,
    *,
    name: str | None = None,
    others: Iterable[str] = (),
    harmless: Iterable[str] = (),
) -> str:
    """The subject of the answer: "Re: " and the original unchanged, or "Re: " and `neutral`.

    `name` is the patient's name if the reader found it, `others` the phone numbers and the wijk, `harmless`
    names that may stay (the organisation's, the practice's). Without a known name only a subject made wholly
    of harmless words stays; with one, everything stays that has no part of these values, no title, initials,
    date, number of six digits, postcode, word about health, or other word that looks like a name.
    """
    shown = " ".join(_printable(original).split())[:_LONGEST]
    bare = _PREFIX.sub("", shown)
    if not bare or not _is_safe(bare, name, tuple(others), frozenset(_words(" ".join(harmless)))):
        return f"Re: {neutral}"
    return shown if re.match(r"(?i)re\s*:", shown) else f"Re: {shown}"


def _is_safe(subject: str, name: str | None, others: tuple[str, ...], harmless: frozenset[str]) -> bool:
    digits = re.sub(r"\D", "", subject)
    if len(digits) >= 6 or any(found.search(subject) for found in (_DATE, _POSTCODE, _TITLE, _INITIALS)):
        return False
    plain = _plain(subject)
    if _CARE.search(plain) or any(_holds(plain, value) for value in (name or "", *others)):
        return False
    calm = HARMLESS | harmless
    unknown = [word for word in _WORD.findall(subject) if _plain(word) not in calm]
    if name is None or subject.isupper():
        return not unknown
    # A sentence starts with a capital; elsewhere an unknown word with one is a name until proven otherwise.
    first = _WORD.search(subject)
    return not any(
        word[0].isupper() and not (first and first.group() == word and first.start() == 0) for word in unknown
    )


def _holds(plain: str, value: str) -> bool:
    """Whether the subject has any telling part of the value in it, spelling slips included."""
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 4 and digits[-4:] in re.sub(r"\D", "", plain):
        return True
    parts = [part for part in _words(value) if len(part) >= 2 and part not in HARMLESS]
    words = _words(plain)
    for part in parts:
        if len(part) >= 4 and (
            part in plain.replace(" ", "") or any(fuzz.ratio(part, w) >= 80 for w in words)
        ):
            return True
        if part in words:
            return True
    return False


def _words(text: str) -> list[str]:
    return [_plain(word) for word in _WORD.findall(text)]


def _plain(text: str) -> str:
    """Lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _printable(text: str) -> str:
    """Without control and format characters, which could break a header or hide a word."""
    return "".join(
        " " if character in "\r\n\t" else character
        for character in text
        if character in "\r\n\t" or unicodedata.category(character)[0] != "C"
    )
