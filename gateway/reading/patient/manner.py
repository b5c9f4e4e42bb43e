"""How and when somebody is called, in words that say nothing of whose the telephone is.

A clause is harmless if it is made of words that are known, and none of them may say that a telephone is
another's, shared, lost, ended, old or doubtful (`doubtful.txt`), nor brings anybody in. Whatever isn't known
is not harmless. Pure, over tokens.
"""

import re
from itertools import pairwise

from phonenumbers import SUPPORTED_REGIONS

from gateway.reading.patient.lexicon import is_doubtful, is_listed
from gateway.reading.patient.times import is_time
from gateway.reading.patient.tokens import DETERMINERS, POSSESSIVES, Token
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.words import MONTHS_DAYS, is_national, is_numeral, words_of

# How, when and in which language somebody is called, and that a number was looked at.
HOW = (
    words_of(
        """
    heb ochtenden middagen werkdagen werkdag om kwart laat vroeg alle iedere meestal uitsluitend sneller
    liefst ok oke bij aan omdat er daarop meerdere meermaals enkele paar opnieuw laten overgaan
    inspreken ingesproken spreek spreekt bericht berichtje berichten achterlaten hebben hebt staat staan
    wacht vindt vast vaste thuis prive mobiele nieuw nieuwe juist juiste correct correcte klopt klopten
    kloppen gecheckt gecontroleerd nagevraagd deze kantooruren kantoortijden onbekend anoniem anonieme
    opneemt opnemen nemen neemt neem pakt boven bovenstaand bovenstaande onderstaand onderstaande
    genoemde persoonlijk woont gebruikt meer school werktijd werk lunch m'n zonder appen sms sms'en door
    angst toestemming gegeven gaf doorgegeven opgegeven antwoordapparaat luister geven doorgeven
    doorgeef doorgeeft doorgaf geef gehoor krijgt krijg e-mailadres telefoontje stuur sturen huisbezoek
    jaren daardoor daarnaast daarom kent vroege late hele elke beste huidige jullie onbekende volgende
    pauze please twee drie belletje beide bijlage morgens middags avonds ochtend middag avond avonden
    dagen weekend weekends week enkel best dank voorkeur maar willen zijn weet tijd tijden morgen
    minuten hoor durven voicemail nadruk been blijft gelijk hetzelfde ongewijzigd zich
    """
    )
    | MONTHS_DAYS
)

SOMEBODY: frozenset[str] = frozenset({Sense.OTHER, Sense.BODY, Sense.UNKNOWN, "stranger", "candidate"})
OWN: frozenset[str] = frozenset({"name", Sense.PATIENT, Sense.PRONOUN})
_PLAIN: frozenset[str] = OWN | frozenset({"place", "blank", "mark", Sense.CALL, Sense.PHONE})

_THEIRS = words_of("hun hen hen them their")

_WELL = words_of("beter best goed prima ook")
_REACHES = words_of("whatsapp app sms telefoon tel mobiel vast de het zijn haar nummer voicemail")
# "Neemt niet altijd op", "niet voor tien uur": a "niet" that says when or how.
_MANNERS = (
    words_of(
        """
    neemt opneemt opnemen nemen beantwoordt beantwoorden altijd onbekende anonieme voor na tussen bereikbaar
    bereiken vast vaste mailen appen sms whatsapp vaak graag ochtends avonds middags overdag weekend durft
    inspreken lezen trillen vanwege voicemail hoort horen vroeg laat werk zich anoniem
    """
    )
    | MONTHS_DAYS
)
_DENIES = words_of("van eigen haar zijn langer diens klopt goed juist werkt doet")


def is_harmless(clause: list[Token]) -> bool:
    """Whether a clause says nothing but how and when to call, or that the number is the patient's."""
    words = {t.word for t in clause}
    told = _told_of_number(clause)
    return all(
        _may_be_said(token, following, words)
        or (n < told and _is_ordinary(clause, n))
        or token.word in _RIGHT
        for n, (token, following) in enumerate(zip(clause, [*clause[1:], None], strict=True))
    )


_RIGHT = words_of(
    """
    actief actueel bekend bereikbaar bevestigd echt en geldig geverifieerd goed in leeg ongewijzigd op orde
    recent stil te uit wel
    """
)


def _told_of_number(clause: list[Token]) -> int:
    """Where that begins which a clause says a number to be: "het nummer is verzonnen"; else its end.

    There every word must be one that leaves the number right, however ordinary others are.
    """
    for n, (one, two) in enumerate(pairwise(clause)):
        if one.kind == Sense.PHONE and two.word in _BE:
            return n + 2
        if not n and one.kind == Sense.PHONE and _PARTICIPLE.fullmatch(two.word):
            return 1
    return len(clause)


_BE = words_of("is was blijkt bleek lijkt leek")
_PARTICIPLE = re.compile(r"(?:ge|ver|be|ont|her|zelf|willekeurig)[a-z]*")


def is_of_country(clause: list[Token]) -> bool:
    """ "(Frans abonnement)", "(RO)": of which country a number is."""
    of = [t for t in clause if is_national(t.word) or (t.text.isupper() and t.text in SUPPORTED_REGIONS)]
    return bool(of) and all(t in of or t.kind == Sense.PHONE or t.word in _CONTRACTS for t in clause)


_MONTHS = words_of(
    """januari februari maart april mei juni juli augustus september oktober november december jan feb mrt apr
    jun jul aug sep sept okt nov dec"""
)


def _is_hour(token: Token, words: set[str]) -> bool:
    """ "tot vijf uur", but not "tot 5 mei", when a number may end."""
    told = token.word.isdigit() or is_numeral(token.word) or token.word in {"half", "kwart"}
    return token.kind == "blank" or (told and bool(words & {"uur", "u"}) and not words & _MONTHS)


_CONTRACTS = words_of("abonnement simkaart sim provider een")

_ORDINARY: frozenset[str] = frozenset({Sense.LINK, Sense.NOUN, Sense.THING})
_OWNS = words_of("van bij via door namens aan v")


def _is_ordinary(clause: list[Token], n: int) -> bool:
    """Whether a known word says nothing of whose a telephone is: "(ligt) in een kluisje", "sinds kort".

    A thing does where it may own one ("van de kluis"), or where what isn't named is explained ("dat is").
    """
    token = clause[n]
    right = any(t.word.startswith("klop") for t in clause)
    if token.word in {"naam", "name"} and (right or (n and clause[n - 1].word in {*POSSESSIVES, "eigen"})):
        return not any(t.kind in SOMEBODY for t in clause)
    if token.word == "anders" and not n:
        return True
    if (
        token.kind not in _ORDINARY
        or (token.capital and len(token.text) == 1)
        or is_doubtful(token.word)
        or token.word in _OWNS
    ):
        return False
    if token.kind == Sense.LINK and not is_listed(token.word):
        return True
    at = n - 1
    while at >= 0 and (clause[at].word in DETERMINERS or clause[at].word.endswith("e")):
        at -= 1
    if points_at(clause) or (at >= 0 and clause[at].word in _OWNS):
        return False
    return token.kind != Sense.NOUN or is_listed(token.word)


_POINTING = words_of("dit dat deze die het hier daar")


def points_at(clause: list[Token]) -> bool:
    return clause[0].word in _POINTING


def _may_be_said(token: Token, following: Token | None, words: set[str]) -> bool:
    if token.kind == Sense.NEGATION:
        takes = words & {"opnemen", "nemen", "neemt", "opneemt"}
        denies = words & (_DENIES - POSSESSIVES if takes else _DENIES) or ("meer" in words and not takes)
        manner = words & _MANNERS or {"belt", "zelf"} <= words
        return token.word in {"niet", "geen", "nooit", "zonder"} and bool(manner) and not denies
    if token.word == "van":
        # "is van Jan Bos", "van 9 tot 5 uur"
        return following is not None and (following.kind in OWN or _is_hour(following, words))
    if token.word == "tot":
        return following is not None and _is_hour(following, words)
    if token.word == "werkt":
        # "appen werkt beter"
        return following is not None and following.word in _WELL
    if token.word == "via":
        return following is not None and following.word in _REACHES
    if token.capital and len(token.text) == 1 and following is not None and following.text == ".":
        # "S. van Dam" has the patient's surname only.
        return False
    if token.kind == Sense.SENDER:
        return token.word in {"ik", "wij", "we", "vragen"} or (token.word == "praktijk" and "naar" in words)
    if token.kind in {Sense.OTHER, Sense.BODY} or token.word in _THEIRS:
        return False
    if is_national(token.word):
        return True
    return token.kind in _PLAIN or token.word in HOW or is_time(token.word) or token.kind == Sense.NEGATION
