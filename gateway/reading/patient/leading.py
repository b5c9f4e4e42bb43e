"""What leads to a number in its own clause: only being, having and reaching make it the patient's.

The order of the words counts: "hij is bereikbaar op 06-…" gives his number, "hij belt naar 06-…", "zij had
06-…" and "zijn nummer lijkt op 06-…" do not. Pure, over a row of tokens and the place of the number in it.
"""

import re
from itertools import pairwise

from gateway.reading.patient.manner import is_harmless
from gateway.reading.patient.opening import may_be_somebody
from gateway.reading.patient.passing import is_letter
from gateway.reading.patient.remarks import clauses
from gateway.reading.patient.tokens import DETERMINERS, POSSESSIVES, Token
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.words import MONTHS_DAYS, words_of

_ENDS = words_of("en maar want dus die dat omdat of zodat")
# What may stand right before a number in prose, besides the telephone, whose it is and where they live.
_RIGHT_BEFORE = words_of("op onder via is luidt heeft zijn at is: als")
_COURTESY = words_of(
    "graag even ook alleen overdag nu dus nl namelijk nog eventueel svp aub het de een haar meestal"
)
_NAMED: frozenset[str] = frozenset(
    {"name", "place", "blank", "number", Sense.PHONE, Sense.CALL, Sense.PATIENT, Sense.PRONOUN, Sense.THING}
)
_NOMINATIVE = words_of("hij zij ze")
_BECOMES = words_of("wordt zou zouden zal begint begon eindigt lijkt lijken verschilt scheelt tot")
_STRONG = words_of("had hadden verloor verloren werd ging kocht verkocht gebruikte bezat kwam")
_LOST = re.compile(r"(?:ver|ge|af|op|uit|in|weg|kwijt)[a-z]{3,}(?:t|d|en)")
_KEPT = words_of(
    "gegeven doorgegeven opgegeven gekregen genoemd achtergelaten genoteerd gezet gemeld vermeld"
)
_CALLS = re.compile(r"gebeld$|^bel")
_WE_HEARD = words_of(
    "noemde belde meldde mailde appte vertelde stuurde noteerde noteerden gebeld mailden belden"
)
_RARELY = words_of("niet nooit zelden nauwelijks amper")


def clause_before(row: list[Token], place: int) -> list[Token]:
    """The words before a number, back to what parts its clause from the one before."""
    if place and row[place - 1].text == "(" and ")" in row[place].text:
        # The bracket belongs to the number, around its area code.
        place -= 1
    begin = place
    while begin > 0:
        token = row[begin - 1]
        if token.kind in {"stop", "number"} or token.text in ",;()|" or token.word in _ENDS:
            break
        begin -= 1
    return row[begin:place]


def _sentence_before(row: list[Token], place: int) -> list[Token]:
    begin = next((n + 1 for n in range(place - 1, -1, -1) if row[n].kind in {"stop", "number"}), 0)
    return row[begin:place]


def _is_past(token: Token, following: Token | None) -> bool:
    """ "had", "verruilde zijn nummer": what was, and not the sender's hearing of it."""
    if token.word in _STRONG:
        return True
    theirs = following is not None and following.word in DETERMINERS
    return theirs and token.word.endswith(("de", "te")) and token.word not in _WE_HEARD | DETERMINERS


_YEAR = re.compile(r"(?:19|20)\d\d")
_HANDS = words_of("geeft leent overhandigt")
_REACHED = words_of("op onder via")


def is_dated(words: set[str]) -> bool:
    """Whether a year is told, and not the patient's of birth: "in 2019 noteerden wij", "(genoteerd 1998)"."""
    return any(map(_YEAR.fullmatch, words)) and not words & {"geboren", "geb", "jaar"}


def _answers(behind: list[Token]) -> bool:
    """ "Onder 06-… neemt haar nimmerboei op": behind a verb stands who answers, unless it is the patient."""
    if behind[1:2] and behind[1].word in {"u", "je", "men", "jullie"}:
        # "Op 06-… krijgt u haar nimmerboei."
        return len(behind) > 3 and behind[2].word in DETERMINERS and may_be_somebody(behind[3])
    said = behind[:3]
    return (
        len(said) == 3
        and all(t.word for t in said[:2])
        and said[0].kind != Sense.PHONE
        and said[1].word in DETERMINERS
        and said[2].kind not in {Sense.PHONE, Sense.PATIENT, Sense.CALL, "name", "place"}
        and said[0].word.endswith(("t", "is", "kan", "mag", "wil"))
    )


_SERVED: frozenset[str] = frozenset({Sense.THING, Sense.NOUN, Sense.UNKNOWN, Sense.BODY, Sense.PREMISES})
_HOURS = words_of("kantooruren kantoortijden openingstijden spreekuren")


def _is_service(clause: list[Token]) -> bool:
    """ "Voor recepten kunt u bellen op", "buiten kantooruren belt u": what a practice tells callers."""
    if any(t.kind in {"name", Sense.PATIENT, Sense.PRONOUN} for t in clause):
        return False
    said = [t for t in clause if t.word or t.kind == "place"]
    u = any(t.word in {"u", "je", "jullie"} for t in said)
    return (
        u
        and len(said) > 3
        and (
            (said[0].word == "voor" and any(t.kind in _SERVED for t in said[1:4]))
            # "Buiten" is a place as well.
            or (said[0].text.lower() == "buiten" and said[1].word in _HOURS)
        )
    )


_GIVES = words_of("heeft is luidt gebruikt houdt geeft noemt meldt niet echt direct eerst best liefst")
_SECOND = words_of("tweede derde andere ander vorige")
_GONE = words_of("uitgeleend verkocht verloren weggegeven weggedaan ingeleverd ingeruild kwijtgeraakt")


def _does_something(clause: list[Token]) -> bool:
    """ "zij zoekt 06-…", "de andere persoon: 06-…", "heeft haar telefoon uitgeleend (06-…)"."""
    if any(a.word in _SECOND and b.kind == Sense.PATIENT for a, b in pairwise(clause)):
        return True
    who, does = clause[-2:] if len(clause) > 1 else (None, None)
    if who is None or does is None:
        return False
    acts = who.word in _NOMINATIVE or who.kind in {"name", Sense.PATIENT}
    verb = does.word.endswith("t") and len(does.word) > 2
    return acts and verb and does.kind == Sense.LINK and does.word not in _GIVES


_THEREOF = words_of("daarvan hiervan ervan")


def _is_of_something(clause: list[Token]) -> bool:
    """ "het nummer van de buurt", "het nummer daarvan": whose it is, and that isn't the patient."""
    for n, token in enumerate(clause):
        if token.kind != Sense.PHONE:
            continue
        said = [t for t in clause[n + 1 : n + 4] if t.word or t.kind in _OWNERS]
        if said[:1] and said[0].word in _THEREOF:
            return True
        if said[:1] and said[0].word == "van" and said[1:3]:
            owner = said[2] if said[1].word in _ARTICLES and len(said) > 2 else said[1]
            owned = {*_OWNERS, Sense.PRONOUN, Sense.PATIENT, Sense.PHONE, Sense.SENDER}
            if owner.kind not in owned - {"place"} and owner.word not in DETERMINERS | POSSESSIVES | _WHO:
                return True
    return False


_OWNERS: frozenset[str] = frozenset({"name", "place"})
_WHO = words_of("wie nu zelf")
_ARTICLES = words_of("de het een die deze dit dat")


_BORROWS = words_of("leent leende geleend geleende uitgeleend")
_SHARES = words_of("deelt delen deelde deelden gedeeld gedeelde gezamenlijke gemeenschappelijke")


_TALKS = words_of("telefoontje telefoontjes")


def _is_of_the_reader(clause: list[Token]) -> bool:
    """ "Ik heb haar jullie nummer gegeven", "belt jullie zelf op": the number of whoever reads the mail."""
    for one, other in pairwise(clause):
        if one.word in {"jullie", "uw", "jouw"} and other.kind == Sense.PHONE and other.word not in _TALKS:
            return True
        if one.word in {"belt", "appt"} and other.word == "jullie":
            return True
    return False


def _without_run_on(clause: list[Token]) -> list[Token]:
    """ "… zou graag hulp willen zijn nummer is 06-…": without a mark the clause begins with "zijn".

    And behind a colon with what is: "ik had de cijfers omgedraaid: het is 06-…".
    """
    colon = max((n for n, t in enumerate(clause) if t.text == ":"), default=len(clause))
    if "is" in {t.word for t in clause[colon:]} and "cijfers" in {t.word for t in clause[:colon]}:
        return clause[colon + 1 :]
    begin = next(
        (
            n
            for n in range(len(clause) - 2, 1, -1)
            if clause[n].word in {"zijn", "haar"} and clause[n + 1].kind == Sense.PHONE
        ),
        None,
    )
    runs_on = begin is not None and len(clause) > begin + 2 and clause[begin + 2].word in {"is", "luidt"}
    return clause[begin:] if runs_on else clause


_BESIDE = words_of("naast bij achter boven tegenover")


def _is_where_something_is(clause: list[Token]) -> bool:
    """ "Het nummer naast zijn bed": of a place where somebody is for a time."""
    return any(
        one.kind == Sense.PHONE
        and two.word in _BESIDE
        and not {t.kind for t in clause[n + 2 :]} & {"name", "place"}
        for n, (one, two) in enumerate(pairwise(clause))
    )


_MUST = words_of("moet moest kan kon mag mocht zou wil wilde dient")


def is_of_creditor(row: list[Token], place: int) -> bool:
    """Whether a number is whom the patient shall call, or stands in a letter to them."""
    clause = clause_before(row, place)
    return _is_called_by_patient(clause, row[place + 1 : place + 5]) or _stands_in_letter(
        _sentence_before(row, place)
    )


def _is_called_by_patient(clause: list[Token], behind: list[Token]) -> bool:
    """ "een brief dat ze 06-… moet bellen", "of hij 06-… belt": the patient calls there."""
    while clause and clause[-1].word in {"op", "naar", "met"}:
        clause = clause[:-1]
    words = [t.word for t in behind]
    calls = words[:1] in (["belt"], ["belde"]) or (
        words[:1] != [] and words[0] in _MUST and "bellen" in words
    )
    subject = clause[-1:] != [] and (clause[-1].word in _NOMINATIVE or clause[-1].kind == "name")
    return calls and "te" not in words and subject


def _stands_in_letter(sentence: list[Token]) -> bool:
    """ "In de aanmaning staat 06-…": the number of whoever sent it."""
    stands = bool({t.word for t in sentence} & {"staat", "stond", "vermeld"})
    return stands and any(
        t.kind in {Sense.THING, Sense.NOUN}
        and is_letter(t.word)
        and {u.word for u in sentence[max(0, n - 3) : n]} & {"in", "op", "volgens", "onder"}
        for n, t in enumerate(sentence)
    )


def _is_initialled(clause: list[Token]) -> bool:
    """ "bel A.S. op 06-…": somebody who is named by letters."""
    called = next((n for n, t in enumerate(clause) if t.kind == Sense.CALL or t.word == "via"), len(clause))
    return any(
        t.capital and len(t.text) == 1 and dot.text == "." for t, dot in pairwise(clause[called + 1 :])
    )


def _is_through_something(clause: list[Token]) -> bool:
    """ "via de alarmcentrale van haar flat": what passes a caller on; not "via haar mobiel"."""
    for n, token in enumerate(clause):
        if token.word != "via":
            continue
        behind = clause[n + 1 :]
        while len(behind) > 1 and (
            behind[0].word in DETERMINERS | POSSESSIVES
            or (behind[0].word.endswith("e") and behind[1].kind in _SERVED | {Sense.OTHER, Sense.PHONE})
        ):
            behind = behind[1:]
        if behind and behind[0].kind in _SERVED | {Sense.OTHER}:
            return True
        if len(behind) > 1 and behind[0].kind == Sense.LINK and behind[1].word in {"van", "in"}:
            return True
    return False


def leads_elsewhere(row: list[Token], place: int) -> bool:
    """Whether the words of a number's own clause say something else than being, having or reaching."""
    clause = clause_before(row, place)
    behind = row[place + 1 : place + 5]
    words = {t.word for t in clause}
    calls = any(t.kind == Sense.CALL or _CALLS.search(t.word) for t in clause)
    dated = any(
        t.word in {"vanaf", "per", "ingang"} and {u.word for u in clause[n + 1 : n + 4]} & MONTHS_DAYS
        for n, t in enumerate(clause)
    )
    if dated and any(t.kind == Sense.PHONE for t in clause):
        return True
    sentence = _sentence_before(row, place)
    if _is_service(clause) or _is_of_something(clause or sentence) or _does_something(clause):
        return True
    shared = {t.word for t in sentence} & _SHARES and any(t.kind == Sense.PHONE for t in sentence)
    if (
        words & _BORROWS
        or shared
        or "bsn" in {t.word for t in clause[-2:]}
        or _is_through_something(clause)
        or _is_where_something_is(clause)
        or _is_initialled(clause)
        or _is_of_the_reader(sentence)
    ):
        return True
    last = _without_run_on(clause)
    if ({t.word for t in last} & _BECOMES and not calls) or any(map(_is_past, last, [*last[1:], None])):
        return True
    if behind and behind[0].text == ")":
        behind = behind[1:]
    if behind[:1] and behind[0].word in _RARELY and any(t.kind == Sense.CALL for t in behind[1:3]):
        # "is via 06-… niet te bereiken"
        return True
    if clause == [] and place and row[place - 1].text == "(":
        lead = clause_before(row, place - 1)
        words = {t.word for t in lead}
        if words & _GONE and any(t.kind == Sense.PHONE for t in lead):
            return True
    if "heeft" in words and behind[:1] and _LOST.fullmatch(behind[0].word) and behind[0].word not in _KEPT:
        # As in: she has her telephone (06-…) sold.
        return True
    if (
        any(t.word == "werk" and n > 1 and clause[n - 1].word in POSSESSIVES for n, t in enumerate(clause))
        and "van" in words
    ):
        return True
    if is_dated(words) or (words & _HANDS and words & {"hem", "haar", "ze"} and "telefoon" in words):
        # As in: we noted it in 2019, or a foreman hands them the telephone.
        return True
    if clause and clause[-1].word in _REACHED and _answers(row[place + 1 :]):
        return True
    if not clause or clause[-1].kind == "mark":
        return False
    said = clause
    while said and said[-1].word in _COURTESY and said[-1].kind != Sense.PRONOUN:
        said = said[:-1]
    if not said or said[-1].kind in _NAMED or said[-1].word in _RIGHT_BEFORE or said[-1].kind == "mark":
        return False
    if said[-1].word in {"naar", "met"}:
        # "U kunt bellen naar 06-…", but "zij belt steeds naar 06-…"
        # Nor is "mevrouw Kat belde met 06-…" anybody else's.
        asked = {"u", "je", "jullie", "als"} & words or (said[-1].word == "met" and "belde" in words)
        return not calls or (not asked and any(t.kind == "name" or t.word in _NOMINATIVE for t in clause))
    return said[-1].word in _PREPOSITIONS


_PREPOSITIONS = words_of("door bij van aan dan voor tot tegen uit over zonder behalve naast vanaf tussen")


_WAS = words_of("was waren")
_BEFORE_NOW = words_of("eerder vroeger voorheen destijds indertijd")
_SINCE = words_of(
    "altijd eerst vroeger eerder voorheen toen nog lang steeds het op via bereikbaar bereiken te"
)


def was_once(lead: list[Token]) -> bool:
    """ "Haar nummer was altijd 06-…"."""
    words = {t.word for t in lead}
    if words & (_WAS | _STRONG) and words & _BEFORE_NOW:
        # "Eerder was zij bereikbaar op 06-…", and what she had before.
        return True
    for token in reversed(lead):
        if token.word in _WAS:
            return True
        if token.kind not in {"mark", Sense.PHONE} and token.word not in _SINCE:
            return False
    return False


_LONG_AGO = words_of("terug geleden vroeger brief oude destijds toenmalig toenmalige")


def is_of_old(lead: list[Token]) -> bool:
    """ "nummer uit een brief van jaren terug: 06-…"."""
    phone = next((n for n, t in enumerate(lead) if t.kind == Sense.PHONE), None)
    return phone is not None and any(
        t.word in {"uit", "van"} and {u.word for u in lead[phone + 1 :]} & _LONG_AGO
        for t in lead[phone + 1 :]
    )


def goes_on_about(lead: list[Token], tail: list[Token]) -> bool:
    """ "Zijn mobiel 06-… moet hij vrijdag inleveren": what is said of it isn't how to call."""
    own = lead[-1:] != [] and lead[-1].kind == Sense.PHONE and lead[0].word in POSSESSIVES
    clause = next(clauses(tail), []) if own and tail[:1] and tail[0].word else []
    does = clause[:1] != [] and clause[0].kind == Sense.LINK and clause[0].word.endswith(_FINITE)
    return does and not is_harmless(clause)


_FINITE = ("t", "mag", "kan", "wil", "zal", "zou")


_SOMETIMES = words_of("altijd vaak meer meteen direct goed zelf")


def is_forbidden(row: list[Token], place: int) -> bool:
    """ "Niet op haar werk bellen (036-…)": a number that is not to be called."""
    begin = place
    while begin > 0 and row[begin - 1].kind not in {"stop", "number"} and row[begin - 1].text not in ",;":
        begin -= 1
    lead = row[begin:place]
    at = next((n for n, t in enumerate(lead) if t.word in {"niet", "nooit"}), None)
    if at is None:
        return False
    behind = lead[at + 1 :]
    words = {t.word for t in behind}
    calls = any(t.kind == Sense.CALL for t in lead) and any(t.kind == Sense.PHONE for t in behind)
    return calls and not words & (_SOMETIMES | {"maar", "wel"})
