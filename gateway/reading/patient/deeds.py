"""What a person does, is or has, told in a clause without a subject: "(draait nachtdiensten)".

Such a clause goes on about whoever was named before, and brings in nobody who may own a number. Pure, over
tokens.
"""

from itertools import pairwise

from gateway.reading.patient.lexicon import ownerless_words
from gateway.reading.patient.manner import SOMEBODY, is_harmless
from gateway.reading.patient.times import is_time
from gateway.reading.patient.tokens import DETERMINERS, POSSESSIVES, Token
from gateway.reading.patient.vocabulary import Sense, kind_of
from gateway.reading.patient.words import is_national, words_of

# Verbs of a third person that may be said of a telephone, or lead to who answers it.
_OF_PHONES = words_of(
    """
    klopt blijkt hoort behoort bestaat deelt leent gebruikt geldt neemt pakt krijgt betreft verwijst werkt
    belt appt spreekt luistert hangt antwoordt verbindt schakelt ligt doet
    """
)
_WORKS = words_of("werkt werkte begint")


def is_of_patient(clause: list[Token]) -> bool:
    """ "(draait nachtdiensten)", "heeft hulp nodig met …": what only a person does, and brings nobody in.

    A clause that begins with a verb goes on about whoever was named; an unknown word is what is done.
    """
    while clause and (clause[0].kind == "mark" or clause[0].word in {"en", "maar"}):
        clause = clause[1:]
    if not clause:
        return False
    if [t.word for t in clause[:2]] == ["daar", "neemt"] and is_harmless(clause[1:]):
        # "…, daar neemt hij altijd op"
        return clause[2:3] != [] and clause[2].word in {"hij", "zij", "ze"}
    first, words = clause[0].word, {t.word for t in clause}
    working = first in _WORKS and len(clause) > 1
    is_at = first == "is" and clause[1:2] != [] and clause[1].word not in DETERMINERS
    away = is_at and (is_time(clause[1].word) or clause[1].word in {"overdag", "doordeweeks"})
    prefers = first == "geeft" and "voorkeur" in words
    does = (
        prefers
        or first in _THIRD
        or is_at
        or working
        or (_is_third_person(first) and first not in _OF_PHONES)
    )
    about = {"voor", "bij"} if working else {"met", "bij", "voor"} if words & {"hulp", "voorkeur"} else set()
    if not does or words & (_BRINGS_IN - about):
        return False
    somebody = {Sense.OTHER, Sense.SENDER, Sense.NEGATION, Sense.PHONE, "number", "stranger", "candidate"}
    if not (working or away):
        somebody |= {Sense.BODY}
    wished = words & {"voorkeur", "behoefte", "zoekt", "wenst"}
    return not any(
        (
            t.kind in somebody
            and not (t.word == "geen" and first == "heeft")
            and not (wished and t.kind == Sense.OTHER and "een" in words)
        )
        or (t.kind == Sense.UNKNOWN and not working and (t.capital or clause[n].word in POSSESSIVES))
        for n, t in enumerate(clause)
    )


_THIRD = words_of("heeft zit zoekt wil vraagt moet kan durft leeft woont verblijft")
_BRINGS_IN = words_of("van via door voor bij met samen naam namens tnv")


def _is_third_person(word: str) -> bool:
    """ "draait", "zoekt": a verb of the lexicon with the ending of a third person."""
    return len(word) > 3 and word.endswith("t") and kind_of(word) is Sense.LINK and word in ownerless_words()


_WHY = words_of("want omdat aangezien")
_POINTED = words_of("die dit dat deze daar")


def without_why(clause: list[Token]) -> list[Token]:
    """ "liefst 's morgens want 's middags past ze op": up to why, where only the patient is told of."""
    at = next((n for n, t in enumerate(clause) if n and t.word in _WHY), None)
    if at is None:
        return clause
    rest = clause[at + 1 :]
    theirs = any(t.word in {"hij", "zij", "ze"} for t in rest[:4])
    somebody = SOMEBODY | {Sense.SENDER, Sense.PHONE, "number"}
    told = any(t.kind in somebody or t.word in _POINTED for t in rest)
    return clause[:at] if theirs and not told and "dan" not in {t.word for t in rest} else clause


def without_handing(tail: list[Token]) -> list[Token]:
    """ "gaf haar nummer 06-… aan mij door (met het verzoek …)": how the sender came by it."""
    words = [t.word for t in tail[:6]]
    handed = words[:1] == ["aan"] and words[1:2] in (["mij"], ["ons"]) and words[2:3] == ["door"]
    rest = tail[3:] if handed else tail
    return rest[3:] if handed and words[3:] == ["met", "het", "verzoek"] else rest


_OCCASIONS = words_of("als wanneer zodra terwijl nadat voordat totdat tot")
_WHERETO = words_of("naar op")
_OF_CALLS = words_of("neemt nemen pakt pakken hem die dit dat deze daar hier ermee erbij dan via van door")


def without_occasion(tail: list[Token]) -> list[Token]:
    """ "…, liefst als de kinderen naar school zijn": up to when that is, where only kin are told of.

    Not where a telephone is spoken of, or somebody who takes it up.
    """
    at = next((n for n, t in enumerate(tail) if t.word in _OCCASIONS), None)
    if at is None:
        return tail
    somebody = (SOMEBODY - {Sense.OTHER}) | {Sense.CALL, Sense.PHONE, Sense.SENDER, "number"}
    rest = [t for t in tail[at + 1 :] if t.word not in DETERMINERS]
    told = any(
        (t.kind in somebody and before.word not in _WHERETO) or t.word in _OF_CALLS
        for before, t in pairwise([tail[at], *rest])
    )
    return tail if told or len(tail) < at + 3 else tail[:at]


_NOT_THAT = (["niet", "op"], ["niet", "via"], ["niet", "die"], ["niet", "dat"], ["niet", "het"])


def without_contrast(tail: list[Token]) -> list[Token]:
    """ "…, niet op die van haar man": up to which number isn't meant, where nothing else is."""
    at = next((n for n in range(1, len(tail)) if [t.word for t in tail[n : n + 2]] in _NOT_THAT), None)
    whose = at is not None and any(t.kind in {Sense.OTHER, Sense.BODY, Sense.SENDER} for t in tail[at:])
    if at is None or not whose or tail[at - 1].text not in ",;(":
        return tail
    return tail if any(t.word in {"maar", "wel"} or t.kind == "stop" for t in tail[at:]) else tail[:at]


def is_predicate(row: list[Token], n: int) -> bool:
    """ "Zij is een 39-jarige vrouw", "Jan Bos, schilder, woont": what the patient is, not somebody else."""
    begin = next((m + 1 for m in range(n, -1, -1) if row[m].kind == "stop"), 0)
    end = next((m for m in range(n, len(row)) if row[m].kind == "stop"), len(row))
    if _is_person_told_of(row, n, begin):
        return True
    if row[n].capital or (n + 1 < end and row[n + 1].word == "van"):
        return False
    if any(t.kind == "number" for t in row[begin:end]):
        return False
    if n - begin > 1 and row[n - 1].word in _IS:
        # "Zij is statushouder."
        before = row[n - 2]
        if before.text == "," and row[begin].kind in {"name", Sense.PATIENT}:
            # "Jan Bos, wonend in de Filmwijk, is chauffeur"
            before = row[begin]
        if before.text == ")":
            before = next((row[m - 1] for m in range(n - 3, begin, -1) if row[m].text == "("), before)
        return before.kind in {"name", Sense.PATIENT} or before.word in {"hij", "zij", "ze"}
    at = n - 1
    while (
        at > begin
        and n - at < 4
        and row[at].word.endswith(("e", "een"))
        and row[at].word not in DETERMINERS - {"een"}
    ):
        at -= 1
    if at <= begin or (n - at > 1 and row[at + 1].word != "een"):
        return False
    before = row[at - 1]
    if row[at].text == ",":
        return row[n].kind == Sense.UNKNOWN and (
            before.kind == "name" or (before.word == "aan" and at > 1 and row[at - 2].kind == "name")
        )
    return row[at].word in _IS and (
        before.kind in {"name", Sense.PATIENT} or before.word in {"hij", "zij", "ze"}
    )


_IS = frozenset({"is", "was"})


def _is_person_told_of(row: list[Token], n: int, begin: int) -> bool:
    """ "Hij is een man van weinig woorden", "Het is een nette man": who the patient is."""
    if row[n].word not in {"man", "vrouw"}:
        return False
    at = n - 1
    while at > begin and row[at].word.endswith("e") and row[at].word not in DETERMINERS:
        at -= 1
    told = at - 2 >= begin and row[at].word in {"een", "de"} and row[at - 1].word in _IS
    who = row[at - 2] if told else None
    # "De man van mevrouw" is somebody else.
    own = (
        n + 1 < len(row)
        and row[n + 1].word == "van"
        and row[n + 2 : n + 3] != []
        and (row[n + 2].kind in {"name", Sense.PATIENT, Sense.PRONOUN} or row[n + 2].word in DETERMINERS)
    )
    return who is not None and not own and (who.kind == "name" or who.word in {"hij", "zij", "ze", "het"})


def is_compatriot(row: list[Token], n: int) -> bool:
    """ "werkt voor een Belg", "woont bij een Poolse": somebody, of whom only the country is told."""
    if n < 2 or not is_national(row[n].word) or row[n - 1].word not in DETERMINERS:
        return False
    ends = n + 1 == len(row) or row[n + 1].kind in {"mark", "stop", "number"}
    return ends and row[n - 2].word in _BESIDE


_BESIDE = words_of("voor bij van met via door aan naar namens")


def is_no_kin(row: list[Token], n: int) -> bool:
    """ "geen familie van mij": that says nothing of whose a number is."""
    words = [t.word for t in row[max(0, n - 3) : n + 1]]
    if words[-1] == "kennis":
        return [t.word for t in row[max(0, n - 1) : n + 2]] == ["met", "kennis", "van"]
    if words[-1] == "geen":
        return n + 1 < len(row) and row[n + 1].word == "familie"
    return words[-2:] == ["geen", "familie"] or (
        words[-1] in {"mij", "ons", "mijzelf"} and words[-4:-1] == ["geen", "familie", "van"]
    )


_THEIR_OWN = words_of("eigen haarzelf hemzelf zichzelf")


def denies_own(clause: list[Token]) -> bool:
    """ "06-…, niet haar eigen nummer": whose it isn't."""
    return clause[0].word in {"niet", "geen"} and bool(_THEIR_OWN & {t.word for t in clause})
