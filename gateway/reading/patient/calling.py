"""What plain mails say of calling, answering and reaching: when, how, who called before, whom to call.

A clause that speaks of it is plain by a closed list of words and forms; with any other word in it, known or
not, it is no plain one. Pure, over tokens.
"""

import re
from itertools import pairwise

from gateway.reading.patient.lexicon import is_listed
from gateway.reading.patient.manner import OWN, SOMEBODY, is_harmless
from gateway.reading.patient.passing import CREDITORS
from gateway.reading.patient.remarks import is_by_telephone, tells_of_device, without_cause
from gateway.reading.patient.tokens import DETERMINERS, Token
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.words import words_of

_REACHING = words_of(
    """
    abonnee nummerweergave bezettoon kiestoon beltoon oproep oproepen hoorn bel bellen belt belde belden
    opgebeld gebeld opbellen opbelt terugbellen terugbelt bereikbaar bereiken bereikt bereik bereikte
    app appen appt whatsappen sms'en smsen contacteren contacteer benader benaderen telefoneren
    telefoneert call calls calling reach telefonisch gehoor gesprekken telefoontjes verbonden
    doorverbonden doorschakelen doorgeschakeld opneemt opnam bellers beller apparaat provider
    contactmogelijkheid contactgegeven contactgegevens cijfer cijfers mobieltje treft treffen intoetst
    intoetsen draaien
    """
)
ANSWERS = words_of("neem neemt nemen nam namen pak pakt pakken pakte opnemen")
_WITHOUT = words_of("niets niks niemand nergens")
_PAST = words_of("gebeld belde belden bereikte opgebeld gesproken afgesproken noemde sprak")
_ACTIVE = words_of("belt bereikt belde appt")
_MANNER_NOT = words_of(
    """
    voor na tussen tijdens gehoor altijd onbekende anonieme zelf snel durft graag vaak bereikbaar
    bereiken direct meteen nu vandaag lukt gelukt mailen appen schrijven brieven per via opneemt opnemen
    neemt overdag weekend avonds ochtends middags dan meer maandag dinsdag woensdag donderdag vrijdag
    zaterdag zondag lezen durven
    """
)


def is_of_reaching(clause: list[Token]) -> bool:
    clause = _without_talk(_without_settling(clause))
    words = {t.word for t in clause}
    if words & {"treffen", "getroffen"} and words & {"regeling", "maatregelen", "door"}:
        # "een regeling treffen", "door de toeslagenaffaire getroffen"
        words -= {"treffen", "getroffen"}
    if words & _REACHING or any(map(_CALLED.fullmatch, words)) or _is_of_telephone(clause):
        return True
    if (words & {"krijgt", "krijg", "spreken", "spreekt"} and "wie" in words) or _is_of_answering(words):
        return True
    return any(_is_of_contact(one, other) for one, other in pairwise(clause))


_MEETS = re.compile(r"treffen|getroffen")


def _without_settling(clause: list[Token]) -> list[Token]:
    """A clause without "een regeling treffen": there it is a thing that is met, and nobody."""
    kept = list(clause)
    for n, token in enumerate(clause):
        if not _MEETS.fullmatch(token.word):
            continue
        near = clause[max(0, n - 6) : n]
        settled = any(t.kind == Sense.THING or t.word in _SETTLED for t in near)
        if settled and not any(t.kind in SOMEBODY - {Sense.BODY} for t in near):
            kept.remove(token)
    return kept


def _without_talk(clause: list[Token]) -> list[Token]:
    """A clause without "gesprekken bij mij", which are the sender's, and "de cijfers bekijken", of money."""
    words = [t.word for t in clause]
    ours = any(
        one.word in {"bij", "met", "in"} and other.kind == Sense.SENDER for one, other in pairwise(clause)
    )
    ours = ours and not any(t.kind in SOMEBODY - {Sense.UNKNOWN} for t in clause)
    sums = any(word.startswith(("kijk", "bekijk", "beken", "doorn", "rode")) for word in words)
    drop = ({"gesprekken"} if ours else set()) | ({"cijfer", "cijfers"} if sums else set())
    return [t for t in clause if t.word not in drop]


_SETTLED = words_of("regeling regelingen schikking schikkingen maatregel maatregelen voorbereidingen")


# "Belletjes", "opgebeld", "terugbelt", "aanneemt".
_CALLED = re.compile(
    r"(?:ge)?app(?:t|en|te|jes?)?|(?:ge|op|opge|terug|teruge?ge|na|nage|door|in|mee|uit)?(?:bel(?:t|len|de|den|d|ler|lers|letjes?)?)"
    r"|(?:op|aan)(?:neemt|nam|namen)|aannemen|(?:ge)?tref(?:t|fen)|getroffen"
    r"|doorgezet|door(?:ge)?(?:kie[sz]|schakel|verb[io]nd|verbonden)\w*"
)
_DEVICE = re.compile(
    r"(?:[a-z]+)?(?:telefoons?|mobiel(?:e|tjes?)?|toestel(?:len|letje)?|apparaat(?:je)?|simkaart(?:je)?)"
    r"|contact(?:gegevens?|nummers?|mogelijkheid)"
)


def _is_of_telephone(clause: list[Token]) -> bool:
    """Whether a telephone is named by any word of its kind, but for those that are judged near a number."""
    return not tells_of_device(clause) and any(
        _DEVICE.fullmatch(t.word)
        and not is_by_telephone(clause, n)
        and t.kind != Sense.THING
        and not (_is_patients(clause[n + 1 : n + 5]))
        for n, t in enumerate(clause)
    )


def _is_patients(behind: list[Token]) -> bool:
    return behind[:1] != [] and behind[0].word == "van" and any(t.kind in OWN for t in behind)


def _is_of_contact(one: Token, other: Token) -> bool:
    """ "Dit contact", "iemand anders": what only a number, or who answers it, is called in passing."""
    return (one.word in {"dit", "dat", "deze"} and other.word in {"contact", "contactadres"}) or (
        one.word in {"iemand", "niemand"} and other.word == "anders"
    )


_REASONS = words_of("over omdat want doordat tijdens wegens vanwege aangezien ivm zodra")


_AWAY = words_of("school opvang bed slapen slaapt")


def _without_reason(clause: list[Token]) -> list[Token]:
    """A clause up to its theme, time or reason, where that brings nobody in."""
    for n, token in enumerate(clause):
        rest = clause[n + 1 :]
        if n and token.word in {"als", "wanneer"} and {t.word for t in rest} & _AWAY:
            # "… als haar zoontje op school zit"
            return clause if any(t.kind in {Sense.CALL, Sense.PHONE} for t in rest) else clause[:n]
        if n and token.word == "over" and len(rest) == 1 and not rest[0].capital:
            # "te bellen over budgetbeheer"
            return clause[:n]
        if n and token.word in _REASONS:
            return clause if any(t.kind in SOMEBODY for t in rest) or tells_of_device(rest) else clause[:n]
    return clause


def _without_interpreter(clause: list[Token]) -> list[Token]:
    """ "(Regel) een tolk als je belt": one who is yet to be found has no telephone, and answers none."""
    for n, (een, tolk) in enumerate(pairwise(clause)):
        following = clause[n + 2].word if n + 2 < len(clause) else ""
        if een.word in {"een", "geen"} and tolk.word == "tolk" and following in _AS_NEEDED:
            begin = n - 1 if n and clause[n - 1].word in _FINDS else n
            return [*clause[:begin], *clause[n + 2 :]]
    return clause


def _without_caller(clause: list[Token]) -> list[Token]:
    """ "(neemt op als ze weet) wie er belt", "(app) wie je bent": the caller, and not who answers."""
    for n, (wie, who) in enumerate(pairwise(clause)):
        does = clause[n + 2].word if n + 2 < len(clause) else ""
        if wie.word == "wie" and who.word in {"er", "u", "je", "jullie"} and does in _IS_CALLING:
            return [*clause[:n], *clause[n + 3 :]]
    return clause


_IS_CALLING = words_of("belt bent zijn bellen appt")
_FINDS = words_of("regel regelt neem gebruik zoek met")
_AS_NEEDED = words_of("als wanneer indien bij nodig gewenst") | {""}


def is_plain(clause: list[Token]) -> bool:
    """Whether a clause about calling says what plain mails say: how, when, who called, whom to ask."""
    clause = _without_caller(_without_interpreter(_without_reason(without_cause(clause))))
    if not clause or is_harmless(clause):
        return True
    words = {t.word for t in clause}
    if _is_of_answering(words) or _is_of_telephone(clause):
        return False
    if any(_is_of_contact(*both) for both in pairwise(clause)):
        return False
    if {"telefonisch", "zojuist"} & words and words & _AGREED and not any(t.kind in SOMEBODY for t in clause):
        # "Zoals net telefonisch besproken de gegevens van Jan Bos"
        return True
    if {"telefonisch", "ik"} <= words and words & _PASSED_ON and not any(t.kind in SOMEBODY for t in clause):
        # "Ze heeft liever niet dat ik dit telefonisch doorgeef"
        return True
    if clause[0].kind in OWN and words & _WROTE and words & {"mij", "me", "ons"}:
        # "Jan Bos appte ons met de vraag of …"
        return not any(t.kind in SOMEBODY - {Sense.UNKNOWN} for t in clause)
    if {"dan", "niet"} <= words and words & {"hoeft", "hoef", "hoeven"} and not _others(clause):
        # "Maandags is hij bij de duiven, dan hoeft u niet te bellen"
        return True
    if {"bij", "geen", "gehoor"} <= words and "hier" not in words:
        # "Bij geen gehoor kunt u haar zus bellen": on a number of her own.
        return True
    if _is_request(words) and not any(
        t.kind in SOMEBODY | {Sense.NEGATION} and t.word != "tolk" for t in clause
    ):
        return True
    theirs = clause[0].kind in OWN and not any(t.kind in SOMEBODY - {Sense.BODY} for t in clause)
    asks = any(one.word == "wie" and other.word in _CALLERS for one, other in pairwise(clause))
    asks = asks and bool(words & {"moet", "kan", "mag", "bent"})
    if [t.word for t in clause[:1]] == ["wie"] and clause[1:2] != [] and clause[1].word in _REQUESTS:
        # "Wie kan Jan Bos deze week bellen?"
        return not any(t.kind in SOMEBODY for t in clause)
    if ("wie" in words and not asks) or (words & _WITHOUT and not (theirs and words & _ACTIVE)):
        return False
    if asks:
        # "Hij weet niet wie hij moet bellen".
        return not tells_of_device(clause)
    if words & {"mij", "me", "ons"} and words & {"u", "je", "jullie", "kunt", "kun", "kunnen"}:
        # "Voor vragen kunt u mij bellen".
        return True
    if words & {"ik", "wij"} and "bereikbaar" in words and not any(t.kind in OWN for t in clause):
        return True
    if "door" in words and any(map(_is_creditor, clause)) and not words & _MET:
        # "Zij is door de deurwaarder telefonisch bedreigd."
        return True
    if words & _PAST or _calls_patient(clause):
        met = words & _MET and any(t.kind == Sense.OTHER for t in clause)
        unknown = any(
            (token.kind == Sense.UNKNOWN or (token.kind == Sense.NOUN and not is_listed(token.word)))
            and before.word in DETERMINERS
            and not is_harmless([token])
            for before, token in pairwise(clause)
        )
        return not (met or unknown or tells_of_device(clause))
    if words & {"bereikbaar", "bereiken"} and _is_when(clause, words):
        return True
    for n, token in enumerate(clause):
        if token.kind == Sense.NEGATION and not (words & _MANNER_NOT or (theirs and words & _ACTIVE)):
            return False
        if theirs and words & _ACTIVE and token.kind == Sense.BODY:
            continue
        if token.kind in SOMEBODY and not is_harmless([token]) and not _is_theme(clause, n):
            return False
        if theirs and words & _ACTIVE:
            continue
        if not (len(token.word) < 2 or token.kind in _SAID or token.word in _PLAINLY or is_harmless([token])):
            return False
    return True


_WROTE = words_of("appte mailde schreef smste")


def _others(clause: list[Token]) -> bool:
    return any(t.kind in SOMEBODY for t in clause)


_SAID: frozenset[str] = OWN | frozenset(
    {Sense.THING, Sense.NOUN, Sense.SENDER, Sense.CALL, Sense.NEGATION, Sense.BODY, "place", "mark", "blank"}
)
# What plain mails say of calling besides.
_PLAINLY = words_of(
    """
    discreet over voor van met dat zojuist net binnen al binnenkort voorzichtig rustig mailen zegt zei weet
    begrijpt jullie iemand namens u uw vanochtend vanmorgen gisteren afgesproken heel erg zo nodig beetje
    weinig soms veel taal tolk komt is gaat lukt helpt moeite werkt rijdt spannend eng lieve rustige vandaag
    afspraak automatisch pas ter been wat ben fijner prettiger misschien verteld gehad naam noem noemen kreeg
    dreigende
    """
)


def _is_of_answering(words: set[str]) -> bool:
    """Whether somebody takes up the telephone."""
    # "De hypotheek staat op beide namen."
    verbs = ANSWERS - {"namen"} if words & {"beide", "twee", "alle"} else ANSWERS
    takes = words & verbs and words & {"op", "aan"} and not words & {"contact", "jullie", "svp", "aub"}
    return (
        bool(takes)
        or ({"aan", "lijn"} <= words and "ik" not in words)
        or bool(words & {"opneemt", "aanneemt", "opnam"})
    )


_AGREED = words_of("besproken overlegd doorgesproken aangekondigd doorgenomen")
_PASSED_ON = words_of("doorgeef doorgeven doorgaf bespreek")
_CALLERS = words_of("ik hij zij ze u")
_MET = words_of("kreeg kregen trof nam treft krijg krijgt")


def _is_when(clause: list[Token], words: set[str]) -> bool:
    """ "Zij moet altijd bereikbaar zijn voor haar vader": nobody is brought in but for whom."""
    denied = any(t.kind == Sense.NEGATION for t in clause) and not words & _MANNER_NOT
    return not denied and not any(
        t.kind in SOMEBODY and not is_harmless([t]) and clause[max(0, n - 2)].word != "voor"
        for n, t in enumerate(clause)
    )


_REQUESTS = words_of("kan kunt kunnen kun wil wilt willen zou zouden graag verzoek vragen gaarne mag jullie")
_REQUESTED = words_of(
    "bellen bel benaderen benader contacteren opbellen belt appen telefoneren terugbellen inbellen nabellen"
)


def _is_request(words: set[str]) -> bool:
    """ "Zou iemand van jullie haar willen bellen?"."""
    return bool(words & _REQUESTS and words & _REQUESTED) and not words & {"wie", "hierop", "daarop"}


def _calls_patient(clause: list[Token]) -> bool:
    """ "Zijn werkgever belt hem steeds": who calls the patient doesn't answer for them."""
    return any(
        t.word in {"belt", "bellen", "appt", "appen"}
        and any(u.kind in SOMEBODY for u in clause[:n])
        and (any(u.kind in OWN for u in clause[n - 1 : n + 2 : 2]) or _is_creditor(clause[max(0, n - 1)]))
        for n, t in enumerate(clause)
    ) or any(
        # "Elke dag belt de deurwaarder"
        belt.word == "belt" and the.word in DETERMINERS and _is_creditor(who)
        for belt, the, who in zip(clause, clause[1:], clause[2:], strict=False)
    )


def _is_creditor(token: Token) -> bool:
    return token.kind == Sense.BODY or token.word in CREDITORS


def _is_theme(clause: list[Token], n: int) -> bool:
    """Whether an organisation is part of what is talked of: "de schuld bij de bank", "door de bank"."""
    if not _is_creditor(clause[n]):
        return False
    near = clause[max(0, n - 4) : n]
    return any(t.kind in {Sense.THING, Sense.NOUN} or t.word == "door" for t in near)
