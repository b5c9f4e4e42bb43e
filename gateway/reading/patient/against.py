"""What a passage says against a number that a label or a path gave to the patient.

Whatever tells more of the telephone, or of somebody who answers it, than when and how to call takes the
number back: it stays a choice, and the sender is asked. Pure, over the rows of a passage.
"""

from dataclasses import replace
from itertools import pairwise

from gateway.reading.patient.afar import ENDED, is_against, speaks_against, told_in
from gateway.reading.patient.behind import (
    is_explained_by_another,
    is_signed,
    next_remark,
    sentences_behind,
    words_behind,
)
from gateway.reading.patient.corrections import takes_back
from gateway.reading.patient.deeds import (
    denies_own,
    is_of_patient,
    without_contrast,
    without_handing,
    without_occasion,
    without_why,
)
from gateway.reading.patient.layout import Block
from gateway.reading.patient.leading import goes_on_about, is_dated, is_of_old, was_once
from gateway.reading.patient.manner import OWN, SOMEBODY, is_harmless, is_of_country
from gateway.reading.patient.passing import CREDITORS
from gateway.reading.patient.phones import is_landline, is_mobile
from gateway.reading.patient.pointing import IS, JOINS, TRIED, is_second_thought, is_taken_up, points
from gateway.reading.patient.remarks import (
    ASKS,
    asks_for_somebody,
    before_noun,
    clauses,
    is_answered,
    is_handled,
    is_of_other_kind,
    is_shared,
    leads_to_somebody,
    tells_of_device,
    tells_of_nobody,
    without_cause,
    without_dutch,
)
from gateway.reading.patient.sexes import is_one_of_two
from gateway.reading.patient.speech import Line, Whose
from gateway.reading.patient.tail import is_gone
from gateway.reading.patient.tokens import DETERMINERS, POSSESSIVES, Token, begun, sentences
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.words import plain, words_of

_OF = words_of("van v via tnv bij voor door")
_PREDICATES = words_of(
    "spreekt woont kan wil zit komt leeft moet zou durft kampt vraagt wenst verblijft kreeg weet vindt zoekt"
)
# "06-… die is haar baan kwijt": who goes on being spoken of, where a telephone can't be meant.
_GOES_ON = words_of("die hij zij ze")
_PERSONAL = words_of("verhuisd ontslagen geboren getrouwd gehuwd ingeschreven verwezen aangemeld")
_NONE = words_of("geen nee niet nvt n.v.t n v t onbekend bekend ingevuld aanwezig") | {""}
_UNSURE = words_of(
    "zeker volgens denk geloof dacht meen wellicht waarschijnlijk vermoedelijk misschien twijfel"
    " geheugen vermoed gok schat kennelijk schijnbaar vermoeden hopelijk"
)
_LANDLINE = words_of("vast vaste vastnet huistelefoon")
_STAYS = words_of("logeert slaapt verblijft ondergedoken")


def doubted(called: list[Line], found: list[Block], rows: list[list[Token]]) -> list[Line]:
    """The lines, of those that may be the patient's, that something behind or before them speaks against."""
    return [
        line
        for line in called
        if line.whose in {Whose.PATIENT, Whose.UNKNOWN} and _is_doubted(line, found, rows)
    ]


def denied(called: list[Line], doubts: list[Line]) -> frozenset[str]:
    """The numbers that a passage calls somebody else's or old, or says something against."""
    return frozenset(
        line.e164
        for line in called
        if line.e164 and (line.whose in {Whose.OTHER, Whose.OLD} or line in doubts)
    )


def without_doubted(
    called: list[Line],
    doubts: list[Line],
    found: list[Block],
    rows: list[list[Token]],
    below: list[list[Token]],
) -> list[Line]:
    """The lines, the patient's as nobody's if something speaks against them, also `below` the signature."""
    own = [line for line in called if line.whose is Whose.PATIENT]
    if not own:
        return called
    if all(line.e164 and not line.e164.startswith("+31") for line in own):
        rows = [*map(without_dutch, rows)]
    kinds = {is_mobile(line.e164) for line in own if line.e164}
    mobile = kinds.pop() if len(kinds) == 1 else None
    spoken = [each for row, block in zip(rows, found, strict=True) for each in told_in(row, block)]
    told = any(_takes_back(at, found, rows, mobile=mobile) for at in range(len(rows)))
    told = (
        told
        or speaks_against([*spoken, *below], mobile=mobile)
        or any(_is_against(each, mobile=mobile) for each in below)
    )
    return [
        replace(line, whose=_doubtful(line, rows)) if line in own and (told or line in doubts) else line
        for line in called
    ]


def _doubtful(line: Line, rows: list[list[Token]]) -> Whose:
    """ "Gestolen (was 06-…)": a number that once was the patient's is no choice."""
    lead = begun(rows[line.block], line.place)
    aside = any(t.text == "(" for t in lead)
    return Whose.OLD if aside and was_once(lead) else Whose.UNKNOWN


def _is_doubted(line: Line, found: list[Block], rows: list[list[Token]]) -> bool:
    row, place = rows[line.block], line.place
    begin = next((n + 1 for n in range(place - 1, -1, -1) if row[n].kind == "stop"), 0)
    lead = row[begin:place]
    label = found[line.block].label
    if label == "remarks" and not any(t.word for t in row[:place]):
        # "Info: 06-…": a number that isn't said to be anybody's.
        return True
    tail, following = words_behind(line, found, rows)
    calls_back = any(t.word.startswith("terugbel") for t in lead) and not _has_called(line, rows)
    bound = label == "phone" or any(t.kind in OWN for t in lead)
    return (
        (calls_back and not any(t.kind in OWN for t in lead))
        or any(is_against(clause) for clause in clauses(tail) if clause[0].kind in OWN)
        or any(map(is_shared, clauses(tail)))
        or was_once(lead)
        or is_of_old(lead)
        or _is_qualified(
            tail,
            bound=bound,
            mobile=line.e164 is not None and is_mobile(line.e164),
            foreign=line.e164 is not None and not line.e164.startswith("+31"),
        )
        or is_one_of_two(tail, rows)
        or is_signed(line, found, rows)
        or goes_on_about(lead, tail)
        or _is_unsure(lead, line, rows)
        or _is_of_a_house([*lead, *tail], line, found[line.block], rows)
        or is_taken_up(following)
        or is_taken_up(next_remark(line, found, rows))
        or any(map(is_second_thought, sentences_behind(line, found, rows)))
    )


_CALLED = words_of("belde gebeld terugbelverzoek belnotitie telefoonnotitie")


def _has_called(line: Line, rows: list[list[Token]]) -> bool:
    """ "Gebeld door: Jan Bos", "Terugbelverzoek: Jan Bos": then who is called back is the patient."""
    own = rows[line.block][: line.place]
    return any(
        any(t.kind == "name" for t in sentence)
        and {t.word for t in sentence} & _CALLED
        and not any(t.kind in SOMEBODY | {Sense.SENDER} for t in sentence)
        for row in [*rows[: line.block], own]
        for sentence in sentences(row)
    )


def _is_of_a_house(said: list[Token], line: Line, block: Block, rows: list[list[Token]]) -> bool:
    """ "Zij logeert bij een vriendin. Vaste telefoon 06-…": theirs, who live there."""
    words = {t.word for t in said} | set(plain(block.phrase).split())
    if not words & _LANDLINE and not is_landline(line.e164 or ""):
        return False
    return any(
        {t.word for t in each} & _STAYS
        and any(t.word == "bij" for t in each)
        and any(t.kind in SOMEBODY for t in each)
        for row in rows
        for each in sentences(row)
    )


def _is_qualified(tail: list[Token], *, bound: bool, mobile: bool, foreign: bool) -> bool:
    """Whether the words behind a number say more of it than how to call: "06-…*", "(werk, opgezegd)".

    A number that is `bound` has its owner in front of it: then "een man van 30" behind it is the patient.
    """
    if tail and tail[0].text in {"*", "†", "°"}:
        return True
    if tail and tail[0].text == "(":
        closing = next((n for n, t in enumerate(tail) if t.text == ")"), len(tail))
        told = is_of_other_kind(tail[1:closing], mobile=mobile) or (
            foreign and any(t.word == "geen" and u.word.startswith("nederlands") for t, u in pairwise(tail))
        )
        for clause in map(without_cause, clauses(tail[1:closing])):
            # In "(spreekt Turks, zoon tolkt)" it is the patient who speaks it.
            told = told or clause[0].word in _PREDICATES or is_of_patient(clause) or is_of_country(clause)
            if not told and not _is_aside(clause):
                return True
        tail = tail[closing + 1 :]
    if any(t.word == "dan" and not is_harmless(tail[n : n + 4]) for n, t in enumerate(tail)):
        # "Sms naar 06-…, dan leest Jan het voor"
        return True
    tail = without_contrast(without_occasion(without_handing(tail)))
    if (
        any(map(denies_own, clauses(tail)))
        or any(map(_forbids, clauses(tail)))
        or is_explained_by_another(tail)
    ):
        return True
    joined = bool(tail) and tail[0].kind != "mark"
    turned = False
    for n, clause in enumerate(map(without_why, clauses(tail))):
        own = _about_number(clause, joined=joined and not n, bound=bound)
        # "06-…, Danswijk, is gemotiveerd": what was turned to the patient stays with them.
        if own and not is_harmless(own) and not (turned and own[0].word in {"is", "was"} and not _of(own)):
            return True
        turned = turned or (not own and bool({t.kind for t in clause} & {"place", Sense.THING}))
    return leads_to_somebody(tail)


_USED = words_of("gebruiken gebruikt bellen gebeld benaderen benaderd appen proberen")


def _forbids(clause: list[Token]) -> bool:
    """ "06-… mag u niet gebruiken", but "niet voor tien uur bellen"."""
    near = any(
        {"niet", "nooit"} & {t.word for t in clause[max(0, n - 5) : n + 3]}
        for n, token in enumerate(clause)
        if token.word in _USED
    )
    timed = {t.word for t in clause} & {"tijdens", "na", "tussen"}
    return near and not (is_harmless(clause) or timed)


def _of(clause: list[Token]) -> bool:
    return any(t.word in _OF or t.kind in SOMEBODY for t in clause) or tells_of_device(clause)


def _is_aside(clause: list[Token]) -> bool:
    """Whether something in brackets is about the patient, or how to call."""
    kinds, words = {t.kind for t in clause}, {t.word for t in clause}
    if is_dated(words):
        return False
    told = kinds & {"place", "name", Sense.THING} or words & {"jaar", "geb", "geboren"}
    return is_harmless(clause) or (bool(told) and not (kinds & SOMEBODY or tells_of_device(clause)))


def _about_number(clause: list[Token], *, joined: bool, bound: bool) -> list[Token]:
    """What of a clause behind a number is about the number: up to where it turns to the patient."""
    while clause and (clause[0].kind == "mark" or clause[0].word in JOINS):
        joined = joined or clause[0].text in "=-–:"
        clause = clause[1:]
    if not clause:
        return []
    first = clause[0].word
    if first == "die" and clause[1:2] and clause[1].word.endswith("en") and clause[1].word != "hebben":
        # "…, die halen hem wel even"
        return clause
    if first in _GOES_ON and clause[1:2] and clause[1].word in IS and _is_of_person(clause[1:]):
        return []
    if (first in IS and _is_of_person(clause)) or (not joined and is_of_patient(clause)):
        return []
    if [t.word for t in clause[:2]] == ["het", "gaat"] and not any(t.kind in SOMEBODY for t in clause):
        # "Bel 06-…, het gaat om een huurachterstand"
        return []
    if _is_heard(clause) or (clause[0].capital and clause[0].kind in {"stranger", Sense.UNKNOWN}):
        # "06-…, Nour reageert altijd snel"
        return clause
    if (
        points(clause)
        or _is_of_it(clause)
        or first in _OF | IS
        or (first in DETERMINERS | {"namelijk", "nl"} and not bound)
    ):
        return clause
    for n, token in enumerate(clause):
        follows = clause[n + 1].kind if n + 1 < len(clause) else ""
        turns = (
            (token.kind in OWN and not (token.word in POSSESSIVES and follows in SOMEBODY))
            or token.kind in {"place", Sense.THING}
            or (token.word in _PREDICATES and (not n or clause[n - 1].word in JOINS))
        )
        if turns and not (n and clause[n - 1].word in _OF):
            return clause[: before_noun(clause, n)] if joined else []
    return clause if joined else []


def _is_of_it(clause: list[Token]) -> bool:
    """ "06-… maar dat gebruikt haar hulp", "06-…, dan leest haar moeder mee", "…, daar woont hij niet"."""
    first = clause[0].word
    if first == "daar":
        return not is_of_patient(clause)
    return first in {"dat", "dit", "deze", "die", "dan"} and any(t.kind in SOMEBODY for t in clause)


_MET = words_of("zag sprak zie spreek weet hoop")


def _is_heard(clause: list[Token]) -> bool:
    """ "06-…; krijg steeds een piepje", "06-…, heb ik van horen zeggen": how the sender came by it."""
    words = [t.word for t in clause if t.word]
    if any(t.kind in OWN for t in clause) or not words:
        return False
    return words[0] in TRIED or (
        words[1:2] != [] and words[1] in {"ik", "wij", "we"} and words[0] not in _MET
    )


def _is_of_person(clause: list[Token]) -> bool:
    """ "heeft schulden", "is door haar werkgever ontslagen": what only a person can be or have."""
    if (
        tells_of_device(clause)
        or ENDED & {t.word for t in clause}
        or clause[1:2] == []
        or clause[1].word in _OF - {"door", "bij"}
    ):
        return False
    for n, token in enumerate(clause):
        if token.kind in SOMEBODY and not (
            token.word in CREDITORS or {t.word for t in clause[max(0, n - 3) : n]} & {"door", "bij", "met"}
        ):
            return False
    return any(
        t.kind in {Sense.THING, "place"}
        or (t.kind == Sense.NOUN and clause[0].word == "heeft")
        or t.word in _PERSONAL | CREDITORS
        for t in clause
    )


def _is_unsure(lead: list[Token], line: Line, rows: list[list[Token]]) -> bool:
    """ "06-…? Weet ik niet zeker.", "Volgens mij 06-…"."""
    rest = rows[line.block][line.place + 1 :]
    stops = [n for n, t in enumerate(rest) if t.kind == "stop"]
    own = list(lead)
    for clause in clauses(rest[: stops[0] if stops else len(rest)]):
        if any(t.kind == "place" or t.word in _PREDICATES for t in clause):
            break
        own += clause
    asks = lead[:1] != [] and (lead[0].word in _ASKED or any(t.kind == Sense.CALL for t in lead))
    if rest[:1] and rest[0].text == "?" and not asks:
        return True
    marks = "".join(t.text for t in rest[:6])
    if marks.startswith(("(?", "??")):
        return True
    said = {t.word for n, t in enumerate(own) if [u.word for u in own[n : n + 2]] != ["volgens", "afspraak"]}
    if {"als", "het", "goed", "is"} <= said:
        return True
    return bool(said & _UNSURE) or {"als", "klopt"} <= said or {"indien", "klopt"} <= said


_ASKED = words_of("kun kunt kunnen kan zou zouden wil wilt willen mag mogen bel belt")


def _takes_back(at: int, found: list[Block], rows: list[list[Token]], *, mobile: bool | None) -> bool:
    """Whether a remark, or a line of its own below a labelled number, says whose or how the telephone is."""
    row, label = rows[at], found[at].label
    if label not in {"phone", "ids", "sender"} and any(
        _is_against(each, mobile=mobile) for each in sentences(row)
    ):
        return True
    if any(t.kind == "number" for t in row) or not row:
        return False
    below = any(block.label == "phone" for block in found[max(0, at - 6) : at])
    if label == "phone" and plain(found[at].phrase) not in {"werk", "thuis", "prive"}:
        # "Tel 1 is van de buurman", but "Vast: geen".
        return not all(is_harmless(c) or {t.word for t in c} <= _NONE for c in clauses(row))
    if label not in {"remarks", ""} or (not label and (not below or len(row) > 16)):
        return False
    if row[0].text in {"=", "*"} or (not label and asks_for_somebody(row)):
        return True
    if plain(found[at].phrase).startswith(_REMARKS) and any(map(tells_of_nobody, clauses(row))):
        return True
    said = {t.kind for t in row if t.word not in DETERMINERS | ASKS | {"is", "dat", "betreft", "van"}}
    if plain(found[at].phrase).startswith(_REMARKS) and said == {Sense.OTHER}:
        return True
    return is_gone(row) and not all(map(is_harmless, clauses(row)))


_REMARKS = ("opm", "toel", "bijz", "nb", "notitie", "info", "context", "comment", "remark")


def _is_against(sentence: list[Token], *, mobile: bool | None) -> bool:
    """Whether a sentence tells more of a telephone, or of who answers it, than how and when to call."""
    if any(t.kind == "number" for t in sentence):
        return False
    tells = any(
        is_answered(clause)
        or is_handled(clause)
        or leads_to_somebody(clause)
        or (tells_of_device(clause) and not (is_harmless(clause) or is_of_other_kind(clause, mobile=mobile)))
        for clause in map(without_cause, clauses(sentence))
    )
    # What takes a number back may renew it.
    return tells and takes_back(sentence) is None
