"""Whom a sentence is about from its first words on, and so what follows without a subject of its own.

"Kees Mol begeleidt mevrouw Bos en is bereikbaar op 06-…" gives the number of Kees Mol, though mevrouw Bos is
named last. Pure, over tokens.
"""

from itertools import pairwise

from gateway.reading.patient.lexicon import is_listed
from gateway.reading.patient.tokens import DETERMINERS, POSSESSIVES, Token
from gateway.reading.patient.vocabulary import KIN, Sense
from gateway.reading.patient.words import words_of

_OWN: frozenset[str] = frozenset({"name", Sense.PATIENT})
_NAMED: frozenset[str] = frozenset({"stranger", "candidate"})
_SOMEBODY: frozenset[str] = _NAMED | {Sense.OTHER, Sense.UNKNOWN}
_ANYTHING: frozenset[str] = _SOMEBODY | {Sense.BODY, Sense.NOUN, Sense.PREMISES}
_ASK = words_of("vroeg vraagt vroegen verzocht verzoekt")
_MET = words_of("gesproken gezien bezocht")
_JOINED = words_of("en maar want dus omdat zodat")
_PARTS = _JOINED | {"die", "waar", "dat"}


def may_be_somebody(token: Token) -> bool:
    """Whether a word may name somebody: an unknown one may, and a compound that only ends on a thing."""
    return token.kind in _SOMEBODY or (token.kind == Sense.NOUN and not is_listed(token.word))


def opening(sentence: list[Token]) -> Token | None:
    """The person or thing that a sentence begins with; None if it begins with something else."""
    for n, token in enumerate(sentence):
        following = next((t for t in sentence[n + 1 :] if t.text != "."), None)
        if token.word in KIN and (own := _in_apposition(sentence[n + 1 : n + 4])):
            return own
        if token.kind == Sense.PATIENT and following is not None and following.kind in _NAMED:
            return following
        if token.word in POSSESSIVES and following is not None and following.kind in {*_ANYTHING, Sense.LINK}:
            continue
        if token.kind in (_OWN | _SOMEBODY | {Sense.PRONOUN, Sense.BODY}) - {Sense.UNKNOWN}:
            return token
        if token.kind in _ANYTHING:
            return token if n else following if following and following.kind in _NAMED else None
        if token.kind == "mark" and not n:
            continue
        if token.word not in DETERMINERS and not (n and token.word.endswith("e")):
            return None
    return None


def _in_apposition(behind: list[Token]) -> Token | None:
    """The patient's name in "moeder Ria Bos", "Moeder, Ria Bos, is …"."""
    if [t.kind for t in behind[:1]] == ["name"]:
        return behind[0]
    return behind[1] if [t.kind for t in behind] == ["mark", "name", "mark"] else None


def _is_anothers(sentence: list[Token]) -> bool:
    first = opening(sentence)
    return first is not None and may_be_somebody(first)


def is_about_another(sentence: list[Token]) -> bool:
    """Whether a sentence is about a person who isn't the patient, and tells nothing but that of the patient.

    "Kees Mol begeleidt mevrouw Bos", but not "Mijn collega vroeg mij om mevrouw Bos aan te melden".
    """
    words = [t.word for t in sentence]
    asked = any(one in _ASK and other in {"mij", "me", "ons"} for one, other in pairwise(words))
    # "Lenie Bos vroeg mij om hulp voor haar zoon …": she may be who goes on being told of.
    asked = asked and not any(one == "voor" and other in POSSESSIVES for one, other in pairwise(words))
    return _is_anothers(sentence) and not (asked or _MET & set(words))


def is_only_named(sentence: list[Token]) -> bool:
    """Whether the patient is named last in a sentence, in a clause that is about another."""
    own = next((n for n in range(len(sentence) - 1, -1, -1) if sentence[n].kind in _OWN), 0)
    begin = next(
        (n + 1 for n in range(own, -1, -1) if sentence[n].word in _JOINED or sentence[n].text == ":"), 0
    )
    return _is_anothers(sentence[begin : own + 2]) and is_about_another(sentence)


def _is_own(clause: list[Token], n: int) -> bool:
    """Whether the patient is meant by a word; not by the "de heer" of another's name."""
    titled = clause[n].kind == Sense.PATIENT and any(t.kind in _NAMED for t in clause[n + 1 : n + 3])
    # "Haar zoon begeleidt …"
    possessed = clause[n].word in POSSESSIVES and any(t.kind in _ANYTHING for t in clause[n + 1 : n + 2])
    return clause[n].kind in _OWN | {Sense.PRONOUN} and not (titled or possessed)


def is_said_of_another(row: list[Token], place: int) -> bool:
    """Whether the clause that leads to a number is said of somebody or something before the patient."""
    begin = next((n + 1 for n in range(place - 1, -1, -1) if row[n].kind in {"stop", "number"}), 0)
    lead = row[begin:place]
    parted = [n for n, t in enumerate(lead) if t.text in ",;:" or t.word in _PARTS]
    if parted and lead[parted[-1]].word == "die" and parted[-1] and lead[parted[-1] - 1].kind in _OWN:
        # "Het is mevrouw die opneemt op 06-…"
        return False
    clause = lead[parted[-1] + 1 :] if parted else lead
    own = next((n for n in range(len(clause)) if _is_own(clause, n)), None)
    if own is not None and parted:
        lead = clause
    if own is not None:
        return _is_anothers(lead[: len(lead) - len(clause) + own])
    if not any(t.kind in _OWN for t in lead):
        return False
    first = opening(lead)
    if any(t.word == "ben" for t in clause):
        return True
    reaches = any(t.kind in {Sense.CALL, Sense.PHONE} for t in clause)
    return first is not None and first.kind in (_ANYTHING if reaches else _SOMEBODY)


_NEXT_DOOR = words_of(
    "hiernaast ernaast hierboven hieronder daarnaast beneden boven overkant overzijde ander"
)


def begins_with_somebody(clause: list[Token]) -> bool:
    """ "De dralling van haar buurt, waar zij niet op wacht, is te bereiken op …": who a sentence is about."""
    return clause[1:2] != [] and clause[0].word in DETERMINERS and may_be_somebody(clause[1])


_WRITTEN: frozenset[str] = frozenset({Sense.LINK, Sense.NOUN, Sense.THING, Sense.PREMISES, Sense.UNKNOWN})


def is_namesake(row: list[Token], i: int) -> bool:
    """ "… en Can Demir 06-…": somebody of the patient's surname, whose given name is a word as well."""
    return i > 1 and row[i - 1].capital and row[i - 1].kind in _WRITTEN and row[i - 2].kind != "stop"


def is_next_door(row: list[Token], i: int, place: int) -> bool:
    """ "via hiernaast, 06-…", "bij beneden: 06-…": somebody who is told by where they live."""
    return row[i].word in {"via", "bij", "van"} and bool(
        {t.word for t in row[i + 1 : min(i + 4, place)]} & _NEXT_DOOR
    )


def is_introduced(row: list[Token], n: int) -> bool:
    """ "Poolse man, woont hier": a sentence that begins with what the patient is."""
    begin = next((m + 1 for m in range(n - 1, -1, -1) if row[m].kind == "stop"), 0)
    lead = [t.word for t in row[begin:n] if t.word]
    behind = row[n + 1] if n + 1 < len(row) else None
    lead = lead[2:] if lead[:2] in (["het", "is"], ["dit", "is"]) else lead
    lead = lead[1:] if lead[:1] in (["betreft"], ["aanmelding"], ["verwijzing"]) else lead
    told = all(word == "een" or word.endswith(("e", "isch")) or word.isdigit() for word in lead)
    ends = behind is None or behind.kind == "stop" or behind.text in ",;(" or behind.word in {"van", "met"}
    return bool(lead) and told and not set(lead) & (DETERMINERS - {"een"}) and ends


def is_put_beside(row: list[Token], n: int) -> bool:
    """ "Het betreft een 38-jarige vrouw, Simone Drost"."""
    if row[n].word not in {"man", "vrouw"} or [t.kind for t in row[n + 1 : n + 3]] != ["mark", "name"]:
        return False
    een = next((m for m in range(n - 1, max(-1, n - 5), -1) if row[m].word == "een"), None)
    lead = row[een - 1] if een else None
    return een is not None and (lead is None or lead.kind == "stop" or lead.word in _BROUGHT_BY)


_BROUGHT_BY = frozenset({"betreft", "om", "over", "zag", "sprak", "ken", "is", "aan", "voor", "van"})
