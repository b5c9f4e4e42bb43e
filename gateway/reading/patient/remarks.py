"""What a remark says of a telephone, of its number or of who answers it.

Whatever is said of them that isn't harmless (manner.py) makes the number one to ask about: a list of what
speaks against a number would never be complete. Pure, over tokens.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from gateway.reading.patient.manner import HOW, OWN, SOMEBODY, is_harmless
from gateway.reading.patient.opening import may_be_somebody
from gateway.reading.patient.tokens import DETERMINERS, Token, sentences
from gateway.reading.patient.vocabulary import Sense, is_said_of_somebody, kind_of
from gateway.reading.patient.words import words_of

_DEVICES = words_of(
    """
    telefoon telefoons telefoonnummer telefoonnummers telefoonnr telnr telnummer nummer nummers mobiel
    mobieltje mobielnummer gsm gsmnummer smartphone toestel toestellen telefoontoestel simkaart sim-kaart sim
    simkaartje voicemail phone number mobile nr 06-nummer 06nummer 06-nr tel abonnement lijn telefoonlijn
    iphone
    """
)
# "Dit is een automatisch bericht" is about the mail.
ABOUT_MAIL = words_of(
    "bericht mail e-mail email mailtje aanmelding verwijzing verzoek formulier spoed spoedgeval brief"
)
ASKS = frozenset({"naar", "via", "bij", "door"})
_TAKES = words_of("neemt nemen opneemt opnemen pakt aanneemt aannemen")


def clauses(tokens: list[Token]) -> Iterator[list[Token]]:
    """The parts of a row between full stops and commas, without those; what is in brackets is its own."""
    outer: list[Token] = []
    inner: list[Token] | None = None
    for n, token in enumerate(tokens):
        if token.text in "()":
            if inner:
                yield inner
            inner = [] if token.text == "(" else None
        elif token.kind == "stop" or token.text in ",;|" or ends(tokens, n):
            if inner:
                yield inner
                inner = []
            elif inner is None and outer:
                yield outer
                outer = []
        elif inner is None and outer and _begins_clause(tokens, n):
            yield outer
            outer = []
        elif inner is not None:
            inner.append(token)
        else:
            outer.append(token)
    yield from (each for each in (inner, outer) if each)


_DOES = words_of("neemt belt kan wil durft mag moet kreeg")


def _begins_clause(tokens: list[Token], n: int) -> bool:
    """ "dus", "en neemt …", "maar u belt zelf": what parts a clause from the one before."""
    if tokens[n].word not in {"en", "maar"}:
        return tokens[n].word == "dus"
    said = [t.word for t in tokens[n + 1 : n + 7]]
    return bool(said) and (said[0] in _DOES or (said[0] in {"jullie", "u", "je"} and "zelf" in said))


def ends(row: list[Token], n: int) -> bool:
    """Whether a full stop behind what may be an abbreviation ends a sentence all the same."""
    if row[n].text != "." or not 0 < n < len(row) - 1:
        return False
    return len(row[n - 1].word) > 2 and row[n + 1].capital


_TOLD: frozenset[str] = OWN | frozenset({Sense.THING, "place", Sense.CALL, Sense.SENDER})


def tells_of_nobody(clause: list[Token]) -> bool:
    """ "Kaartje is ingeleverd", "van horen zeggen": of a thing, or of where something was heard."""
    said = [t for t in clause if t.word]
    if len(said) < 2 or any(t.kind in _TOLD for t in clause) or is_harmless(clause):
        return False
    thing = any(one.kind == Sense.NOUN and other.word in _IS for one, other in pairwise(said[:4]))
    return thing or said[0].word in {"van", "via", "volgens"}


_IS = words_of("is was zijn waren wordt werd ligt lag")


# What a number counts or marks that isn't dialled.
_COUNTS = re.compile(
    r"(?:huis|klant|dossier|rekening|burger|polis|patient|client|kenmerk|zaak|factuur|registratie|volg|ordner"
    r"|woning|kamer|serie|lid|bank|bsn|iban|kvk)"
)


def _is_short(word: str) -> bool:
    """ "ZD-nummer": of what only some letters tell, and which is no telephone's nor anybody's."""
    letters = word.removesuffix("-nummer")
    return letters != word and len(letters) < 4 and kind_of(letters) is Sense.UNKNOWN


def tells_of_device(clause: list[Token]) -> bool:
    """Whether a telephone or its number is spoken of; not who was on the telephone."""
    return any(
        (t.word in _DEVICES and not (is_by_telephone(clause, n) or _is_no_telephone(clause, n)))
        or t.word.startswith(("telefoonn", "mobieln"))
        or (t.word.endswith("nummer") and not (_COUNTS.match(t.word) or _is_short(t.word)))
        for n, t in enumerate(clause)
    )


def _is_no_telephone(clause: list[Token], n: int) -> bool:
    """ "Ze heeft een abonnement lopen": of whatever; "nr. 4": the fourth; "pat.nr. 0612345678": a file's."""
    if clause[n].word == "abonnement":
        return n > 0 and clause[n - 1].word in {"een", "geen"}
    if next((t.kind for t in clause[n + 1 :] if t.kind not in {"mark", "stop"}), "") == "blank":
        return True
    counted = next((t.word for t in clause[n + 1 : n + 3] if t.word), "")
    return clause[n].word in {"nr", "nummer"} and counted.isdigit() and len(counted) < 7


def is_by_telephone(clause: list[Token], n: int) -> bool:
    """ "opgelicht via de telefoon": not whose it is."""
    before = [t.word for t in clause[max(0, n - 2) : n]]
    following = clause[n + 1].word if n + 1 < len(clause) else ""
    bought = before[:1] == ["via"] and {"gekocht", "besteld", "gegokt", "geleend"} & {t.word for t in clause}
    told = before in (["aan", "de"], ["via", "de"], ["per", "de"])
    return (bool(bought) or told) and following != "van"


_LANDLINE = ("vast", "huistelefoon", "landlijn")
_MOBILE = ("mobiel", "mobieltje", "smartphone", "gsm", "iphone")


def is_of_other_kind(clause: list[Token], *, mobile: bool | None) -> bool:
    """ "Ze heeft geen mobiel", "een vaste lijn is er niet": of another telephone than the number's.

    `mobile` says of which kind the numbers are, None if there are both.
    """
    words = [t.word for t in clause]
    told = {
        False: any(w.startswith(_LANDLINE) for w in words),
        True: any(w.startswith(_MOBILE) for w in words),
    }
    if mobile is None or told[mobile] or not told[not mobile]:
        return False
    return not any(
        t.kind in SOMEBODY
        and t.word not in HOW | _DEVICES
        and (t.kind != Sense.UNKNOWN or t.capital or (n and clause[n - 1].word in DETERMINERS | _BY))
        for n, t in enumerate(clause)
    )


_BY = words_of("van bij door met via aan")


def without_dutch(row: list[Token]) -> list[Token]:
    """A row without the sentences of a Dutch number or card, where only foreign ones are given."""
    done: list[Token] = []
    for sentence in [*sentences(row)][::-1]:
        dutch = next((n for n, t in enumerate(sentence) if t.word.startswith("nederlands")), None)
        device = dutch is not None and any(t.word in _DEVICES for t in sentence[dutch + 1 : dutch + 3])
        told = any(t.kind in SOMEBODY or t.kind == "number" for t in sentence)
        done += [] if device and not told else [*sentence, Token("stop", ".", 0, 0)]
    return done


_CAUSES = words_of("ivm i.v.m wegens vanwege")
_MERE: frozenset[str] = frozenset({Sense.BODY, Sense.THING, Sense.NOUN, "mark"})


def without_cause(clause: list[Token]) -> list[Token]:
    """ "Durft niet op te nemen wegens incassobureaus": up to why, where only nouns or kin tell that."""
    at = next((n for n, t in enumerate(clause) if n and t.word in _CAUSES), None)
    if at is None:
        return clause
    mere = _MERE | {Sense.OTHER} if at > 1 and is_harmless(clause[:at]) else _MERE
    why = all(
        t.kind in mere or t.word in DETERMINERS | {"en", "alle", "vele", "al"} for t in clause[at + 1 :]
    )
    return clause[:at] if why else clause


def before_noun(clause: list[Token], n: int) -> int:
    """Where the words that belong to a thing begin: in "(en) ja de bekende problemen" behind "ja"."""
    if clause[n].kind != Sense.THING:
        return n
    while n and clause[n - 1].kind == Sense.LINK and is_said_of_somebody(clause[n - 1].word):
        n -= 1
    return n - 1 if n and clause[n - 1].word in {"de", "het", "een"} else n


def is_answered(clause: list[Token]) -> bool:
    """ "Zijn zwager neemt op", "haar zus staat u te woord"."""
    words = {t.word for t in clause}
    takes = words & _TAKES and words & {"op", "aan", "opneemt", "opnemen"} and "contact" not in words
    speaks = "woord" in words and words & {"te", "doet", "voert", "staat"}
    answers = takes or speaks or {"aan", "lijn"} <= words
    answers = answers or ("roept" in words and words & {"hem", "haar"})
    answers = answers or ("mee" in words and words & {"hoort", "luistert"})
    answers = answers or ({"opgenomen", "door"} <= words and words & {"wordt", "worden"})
    answers = (
        answers or {"haalt", "telefoon"} <= words or ("voor" in words and words & {"leest", "voorleest"})
    )
    somebody = any((t.kind in SOMEBODY or may_be_somebody(t)) and t.word not in HOW for t in clause)
    return bool(answers) and somebody


# What may stand beside whoever isn't to be called.
_SPARED = words_of(
    """
    liever niet nooit hoeft hoeven u je jullie te bellen bel gebeld worden mag mogen wil met aub svp
    alstublieft graag absoluut juist echt beslist dus de haar zijn hun benaderen benaderd zelf a u b
    """
)


def spares(clause: list[Token]) -> bool:
    """ "Haar man hoeft u niet te bellen": somebody else isn't who is called, and nothing more is said."""
    who = [t for t in clause if t.kind in SOMEBODY]
    return (
        len(who) == 1
        and bool({t.word for t in clause} & {"niet", "nooit"})
        and any(t.kind == Sense.CALL or t.word in {"gebeld", "benaderd"} for t in clause)
        and all(t in who or t.word in _SPARED or t.kind == "mark" for t in clause)
        # "Bel haar niet met …"
        and not any(a.word in {"haar", "hun"} and b not in who for a, b in pairwise([*clause, clause[0]]))
    )


_HANDLES = words_of(
    """
    regelt handelt doet beheert verzorgt onderhoudt voert behartigt coordineert ontvangt beantwoordt leest
    bewaakt verloopt loopt gaat gaan lopen verlopen via afhandelt beantwoorden
    """
)
_CONTACTS = words_of(
    "telefoontje telefoontjes telefoongesprek telefoongesprekken gesprekken contact contacten communicatie"
    " telefonie bellen gebel appjes berichten telefonisch"
)


def is_handled(clause: list[Token]) -> bool:
    """ "Haar schoondochter handelt alle telefoontjes af": somebody else is who would be spoken with."""
    words = {t.word for t in clause}
    if not (words & _HANDLES and words & _CONTACTS):
        return False
    return any(t.kind in SOMEBODY and t.word not in HOW for t in clause)


_HAS = words_of("heeft houdt bewaart gebruikt draagt deelt kreeg bezit beheert nam pakte leende kocht")
_LEFT = words_of("liggen ingeleverd ingeruild weggegeven teruggegeven verpatst")
_SHARES = words_of("deelt delen leent lenen leende")
_IT = words_of("hem 'm die deze dit dat")


def is_shared(sentence: list[Token]) -> bool:
    """ "Zes man in dat huis delen hem", "hij heeft hem laten liggen", "hij heeft dat ding op zak"."""
    words = {t.word for t in sentence}
    if {"hem", "die"} & words and words & _LEFT and "heeft" in words and not words & {"man", "vrouw"}:
        return True
    if "ding" in words and words & _HAS:
        return True
    return any(
        t.word in _SHARES and {u.word for u in sentence[n + 1 : n + 3]} & {"hem", "die"}
        for n, t in enumerate(sentence)
    )


def passes_on(sentence: list[Token]) -> bool:
    """ "Soms heeft zijn huisgenoot hem bij zich", "Hij leent deze van …", "dan krijgt u de wachtdienst"."""
    words = {t.word for t in sentence}
    kinds = {t.kind for t in sentence}
    if (
        words & {"krijgt", "krijg"}
        and words & {"u", "je", "men"}
        and not all(map(is_harmless, clauses(sentence)))
    ):
        return True
    if words & _IT and any(word.startswith(("leen", "geleen", "uitgeleen")) for word in words):
        return True
    if is_shared(sentence):
        return True
    somebody = any(t.kind in SOMEBODY and t.word not in HOW for t in sentence)
    if not somebody or kinds & {Sense.THING, Sense.NOUN}:
        return False
    if next((t.word for t in sentence if t.word), "") in _IT - {"hem"} and "van" in words:
        return True
    return any(
        t.word in _HAS
        and u.word in _IT - {"dit", "dat"}
        # "Zij heeft een zaak die slecht loopt"
        and not any(v.word == "een" for v in sentence[n + 1 : m])
        for n, t in enumerate(sentence)
        for m, u in enumerate(sentence[n + 1 : n + 5], n + 1)
    )


_CALLS = words_of("bel app benader contacteer")
_ON_THE_WAY = words_of(
    "liever eerst dan graag even maar gerust met naar ook altijd beter de het een haar zijn hun svp direct"
)


def _called(behind: list[Token]) -> Token | None:
    """Who is to be called: "bel liever haar man"."""
    return next((t for t in behind if t.word not in _ON_THE_WAY), None)


# "Nieuwe aanmelding via Kwik": how the mail came.
_SENT = words_of(
    "bericht melding mail formulier aanmelding verwijzing aangemeld verwezen binnengekomen ontvangen"
    " verzonden"
)


_IS_THERE = words_of("zit krijgt treft")


def leads_to_somebody(clause: list[Token]) -> bool:
    """ "bellen via buurvrouw", "hierop zit Marieke", "vraag naar Trees"."""
    for n, token in enumerate(clause):
        if token.word in _CALLS and (head := _called(clause[n + 1 :])) and head.kind in SOMEBODY:
            return True
        named = clause[n + 2].kind if n + 2 < len(clause) and clause[n + 1].word in DETERMINERS else ""
        if token.word == "vraag" and named in {Sense.OTHER, Sense.BODY}:
            # In "036-…, vraag de portier" somebody else answers.
            return True
        asks = token.word == "naar" and n and clause[n - 1].word in {"vraag", "vragen"}
        if asks and clause[0].word == "vraag" and any(t.kind in OWN for t in clause[n + 1 : n + 4]):
            # "Vraag naar Bob": then somebody else answers.
            return True
        there = token.word == "daar" and n + 1 < len(clause) and clause[n + 1].word in _IS_THERE
        if not (asks or there or token.word in {"via", "hierop", "daarop"}):
            continue
        if token.word == "via" and (
            _is_told_of_patient(clause[:n], clause)
            or {t.word for t in clause[:n]} & _SENT
            or [t.word for t in clause[:n]] == ["verzoek"]
            or _is_how_it_came(clause, n)
        ):
            continue
        denied = n and clause[n - 1].kind == Sense.NEGATION
        if not denied and any(t.kind in SOMEBODY for t in clause[n + 1 : n + 4]):
            return True
    return False


def _is_told_of_patient(lead: list[Token], clause: list[Token]) -> bool:
    """ "Sanne heeft via een vriend …": how something came about, where nobody is called."""
    reaching = any(t.kind in {Sense.CALL, Sense.PHONE} or t.word == "krijgen" for t in clause)
    return len(lead) > 1 and lead[0].kind in OWN and not reaching


_CAME = words_of("kwam kwamen kreeg hoorde hoorden vernam vernamen werd zag begreep")


def _is_how_it_came(clause: list[Token], n: int) -> bool:
    """ "Via de verloskundige kwam naar voren …", "haar bezwaar loopt via een raadsman": nobody is called."""
    if any(t.kind in {Sense.CALL, Sense.PHONE} or t.word in _CONTACTS for t in clause):
        return False
    runs = n > 1 and clause[n - 1].word == "loopt" and clause[n - 2].kind in {Sense.THING, Sense.NOUN}
    return runs or (not n and bool({t.word for t in clause} & _CAME))


_FILLED_IN = words_of("aangemeld ingevuld verwezen ingestuurd opgesteld geschreven verzonden")


def asks_for_somebody(row: list[Token]) -> bool:
    """ "Eigenaar telefoon: Peter", "Vragen naar: Peter"."""
    colon = next((n for n, t in enumerate(row) if t.text == ":"), None)
    if not colon or len(row) - colon > 4:
        return False
    if row[0].word in _FILLED_IN:
        return False
    leads = row[colon - 1].word in ASKS or any(t.kind in {Sense.PHONE, Sense.CALL} for t in row[:colon])
    return leads and any(
        t.kind in {"stranger", "candidate", Sense.OTHER} or (t.kind == Sense.UNKNOWN and t.capital)
        for t in row[colon + 1 :]
    )
