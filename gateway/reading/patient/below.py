"""What a mail's newest text says of the number in the older mail below it: that it counts no more.

Such a clause speaks of no number of its own passage, so it is taken out before the passage is read. Pure,
over lines.
"""

import re

from gateway.reading.patient.afar import ENDED
from gateway.reading.patient.corrections import takes_back
from gateway.reading.patient.phones import mask, numbers
from gateway.reading.patient.tokens import Token, words_in
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.words import words_of

# A comma ends one where a number follows it: "het nummer is achterhaald, neem 06-…".
_CLAUSE_END = re.compile(
    r"(?<=[^\W\d])[.!?;]+(?=\s|$)|[.!?;]+(?=\s+[A-ZÀ-Þ]|\s*$)|\n|,(?= [^.!?;,\n\d]{0,40}[+(]?\d[\d ().-]{8})"
)
_BELOW = words_of("hieronder hierbeneden onderstaand onderstaande")
_MAILS = words_of("mail mailtje e-mail bericht aanmelding verwijzing")
_FORMER = words_of("mijn m'n onze vorige vorig eerdere eerste oude die de dat het")
_THE = words_of("het dat dit")
_OLD = ENDED | words_of("oud verouderd achterhaald weg verkeerd fout foutief onjuist verlopen")
_USED = words_of("gebruiken bellen klopt klopte klopten werkt werkte goed juist")
_IF = words_of("als indien wanneer mocht of misschien volgens")


def without_older(lines: list[str]) -> tuple[list[str], bool]:
    """The lines without what they say of the number below them, and whether they say that it is none."""
    text = "\n".join(lines)
    kept: list[str] = []
    begin, numbered, dropped = 0, False, False
    for end in [*(found.end() for found in _CLAUSE_END.finditer(text)), len(text)]:
        clause = text[begin:end]
        own = any(e164 for e164, _, _ in numbers(mask(clause)))
        if not own and _ends_older([*words_in(clause, 0, len(clause))], numbered=numbered):
            # What follows begins a sentence of its own.
            kept.append("\n" if "\n" not in clause else clause[clause.index("\n") :])
            dropped = True
        else:
            kept.append(clause[:1].upper() + clause[1:] if kept and kept[-1] == "\n" else clause)
        begin, numbered = end, numbered or own
    return "".join(kept).split("\n") if dropped else lines, dropped


def _ends_older(clause: list[Token], *, numbered: bool) -> bool:
    """Whether a clause says that the number below is out of use or wrong; behind a number of its own
    passage (`numbered`) it must point below."""
    said = [t for t in clause if t.word]
    words = [t.word for t in said]
    phone = next((n for n, t in enumerate(said) if t.kind == Sense.PHONE), None)
    if phone is None or any(t.text == "?" for t in clause) or set(words) & _IF:
        return False
    below = set(words) & _BELOW or any(
        word in _MAILS and set(words[max(0, n - 2) : n]) & _FORMER for n, word in enumerate(words)
    )
    meant = (not phone or words[phone - 1] in _THE) and not numbered
    if not (below or meant):
        return False
    others = [t for n, t in enumerate(said) if t.kind in {Sense.OTHER, Sense.BODY} and words[n] not in _MAILS]
    if others or any(t.kind == Sense.PATIENT for t in said):
        return False
    denied = "niet" in words and (set(words) & (_USED | {"meer", "langer"}))
    return bool(denied or set(words) & _OLD) or takes_back(clause) is not None
