"""Who is mentioned in passing: creditors, employers, relatives of a story, whom nobody would call instead.

A sentence about money, illness, loss or quarrels may name somebody without making them the one who is spoken
of next. As soon as it also speaks of calling or helping, they are. Pure, over tokens.
"""

import re
from itertools import pairwise

from gateway.reading.patient.tokens import DETERMINERS, Token, sentences
from gateway.reading.patient.vocabulary import KIN, MEN, WOMEN, Sense
from gateway.reading.patient.words import words_of


def is_creditor(sentence: list[Token], n: int, *, anchored: bool) -> bool:
    """ "schulden bij Zilveren Kruis en Vattenfall", "energie (Vattenfall, …)"."""
    if n > 1 and sentence[n - 1].text == "(" and sentence[n - 2].kind == Sense.THING and anchored:
        return True
    lead = sentence[:n]
    if (
        anchored
        and lead
        and lead[-1].word in {"via", "bij"}
        and any(t.kind == Sense.THING for t in sentence[n + 1 : n + 3])
    ):
        # "heeft via Klarna schulden opgebouwd"
        return True
    return anchored and any(t.kind == Sense.THING for t in lead) and any(t.word == "bij" for t in lead)


CREDITORS = words_of(
    """
    deurwaarder deurwaarders gerechtsdeurwaarder incasso incassobureau incassobureaus schuldeiser schuldeisers
    fiscus oplichter oplichters dief fraudeur
    """
)


def is_some_creditor(sentence: list[Token], n: int) -> bool:
    """ "er stond een deurwaarder op de stoep": one of many, whom nobody would call; not "de deurwaarder"."""
    if sentence[n].word not in CREDITORS or any(t.kind == Sense.CALL for t in sentence):
        return False
    before = [t.word for t in sentence[max(0, n - 2) : n] if t.word]
    some = (
        not n
        or sentence[n - 1].kind == "mark"
        or bool({"een", "geen", "meerdere", "diverse", "verschillende"} & set(before))
    )
    follows = sentence[n + 1] if n + 1 < len(sentence) else None
    named = follows is not None and (follows.kind in {"stranger", "candidate"} or follows.capital)
    return not named and (some or sentence[n].word.endswith("s"))


_LETTERS = tuple(
    words_of(
        """
    brief brieven post rekening rekeningen aanmaning aanmaningen herinnering herinneringen dagvaarding
    heffing aanslag aanslagen factuur facturen boete boetes sommatie sommaties exploot envelop enveloppen
    """
    )
)
_CLAIMS = _LETTERS + tuple(
    words_of(
        """
    vordering vorderingen schuld schulden lening leningen krediet kredieten achterstand achterstanden
    beslag claim claims leent leende leenden geleend geld ziekte ziekbed overlijden dood scheiding ruzie
    conflict alimentatie geboorte bevalling zwangerschap verlies vertrek zorgt zorgde mantelzorger werkt
    werkte werkzaam baan
    """
    )
)


_OWED = ("bedrag", "bedragen", "rekening", "rekeningen", "schuld", "schulden", "achterstand", "lening")
_STAYS = words_of("woont logeert slaapt verblijft inwoont is was zit en maar")


def _is_owed(lead: list[Token]) -> bool:
    owed = next((n for n in range(len(lead) - 1, -1, -1) if lead[n].word.endswith(_OWED)), None)
    return owed is not None and not {t.word for t in lead[owed + 1 :]} & _STAYS


_WRONGED = words_of("opgelicht bedrogen bestolen beroofd aangereden gepest bedreigd mishandeld")
_WORKS = words_of("werkt werkte werkzaam gewerkt baan dienst contract")


def is_of_claim(sentence: list[Token], n: int) -> bool:
    """ "een dagvaarding van een kredietverstrekker": who sent a letter isn't spoken of."""
    at = n - 1
    while at > 0 and n - at < 4 and (sentence[at].word in DETERMINERS or sentence[at].word.endswith("e")):
        at -= 1
    if at > 0 and sentence[at].word == "bij" and {t.word for t in sentence[:at]} & _WORKS:
        # "werkt als chauffeur bij een pakketdienst"
        return True
    if at > 0 and sentence[at].word == "bij" and _is_owed(sentence[:at]):
        # "er staat nog een bedrag open bij de tandarts"
        return True
    if at > 0 and sentence[at].word == "door" and {t.word for t in sentence} & _WRONGED:
        # "opgelicht door een zogenaamde monteur"
        return True
    if at < 1 or sentence[at].word not in {"van", "bij", "aan", "naar", "met", "voor"}:
        return False
    return sentence[at - 1].word.endswith(_CLAIMS)


def is_letter(word: str) -> bool:
    """ "aanmaning", "incassobrief": what somebody who wants money sends."""
    return word.endswith(_LETTERS)


_WISHES = words_of(
    """
    hoopt hopen wil willen wilde verzoekt verzoek wenst zoekt zoeken verlangt vraagt graag behoefte baat
    gebaat open zou zouden
    """
)


_CAN = words_of("kan kunnen zou zouden")


_IS = words_of("is heeft was werd helpt belt komt")


def is_lacked(sentence: list[Token], n: int) -> bool:
    """ "heeft een bewindvoerder nodig", "kan een steuntje in de rug gebruiken", "heeft een garage gehad"."""
    before, behind = {t.word for t in sentence[:n]}, {t.word for t in sentence[n + 1 : n + 6]}
    found = any(one.word in {"die", "deze"} and other.word in _IS for one, other in pairwise(sentence[n:]))
    if n == 0 or sentence[n - 1].word != "een" or found:
        return False
    lacks = "heeft" in before and behind & {"nodig", "gehad"}
    return bool(lacks) or bool(_CAN & before and "gebruiken" in behind)


def is_wished(sentence: list[Token], n: int) -> bool:
    """ "hoopt op een gesprek met een budgetcoach": somebody who is yet to come has no number."""
    before = [t.word for t in sentence[:n]]
    if before[-2:] == ["door", "een"] and any(t.kind == Sense.CALL for t in sentence):
        # "vroeg of hij gebeld kan worden door een man"
        return True
    wished = before[-1:] == ["een"] and bool(_WISHES & set(before)) and before[-2:-1] != ["heeft"]
    return wished or is_lacked(sentence, n)


# Whoever asks money or work of the patient, and never answers their telephone.
_ADVERSE = CREDITORS | words_of(
    """
    werkgever werkgeefster leidinggevende teamleider supervisor baas chef huisbaas verhuurder bank
    belastingdienst uwv svb gemeente woningcorporatie corporatie woningbouw zorgverzekeraar verzekeraar
    energiebedrijf energieleverancier bedrijf
    """
)
_GONE = words_of("verloren verloor overleden overleed vertrokken weggegaan geemigreerd")

_DIED = words_of("overleden overleed gestorven stierf")


def lost_in(rows: list[list[Token]]) -> frozenset[str]:
    """Whom of the patient's kin the rows tell to have died: no telephone is theirs."""
    return frozenset(
        kin[0]
        for row in rows
        for sentence in sentences(row)
        if {t.word for t in sentence} & _DIED
        and len(kin := [t.word for t in sentence if t.kind == Sense.OTHER and t.word in KIN]) == 1
    )


_LOSS = _GONE | words_of(
    """
    niet geen nooit niemand overlijden vertrok verlaten verliet weggelopen weg gescheiden scheiding
    scheiden ruzie dreigt dreigde dreigen failliet detentie gevangenis vastzit ziek dement dementerend
    verslaafd schuld schulden boos opgezegd ontslagen ontslaat mishandelt gegaan hoogte ingelicht
    mishandelde mishandeld bedreigt bedreigd opgelicht gestopt weigert boekt vraagt eist stuurt
    """
)
_STEPS_IN = words_of(
    """
    helpt hielp helpen geholpen hulp bijstaat bijgestaan begeleidt begeleiden begeleid ondersteunt regelt
    regelen doet beheert verzorgt zorgt voert behartigt vertegenwoordigt neemt nemen kent vertaalt tolkt mee
    samen aanwezig via namens alles waarneemt bemiddelt aanspreekpunt contact inwonend inwoont logeert slaapt
    verblijft leent deelt gebruikt heeft woord
    """
)


def is_story(sentence: list[Token], n: int, *, third: bool) -> bool:
    """Whether the somebody at token `n` only asks for money, has left, or is lost to the patient.

    Only where the sentence says nothing of calling, of a telephone, or of stepping in for the patient.
    """
    if any(t.kind in {Sense.CALL, Sense.PHONE, "number"} for t in sentence):
        return False
    words = {t.word for t in sentence}
    if words & _GONE or {"uit", "beeld"} <= words:
        return True
    if third:
        # "De huisbaas dreigt. Zijn nummer is …" may be the landlord's.
        return False
    if (sentence[n].word in _ADVERSE or sentence[n].word.endswith("baas")) and not words & (
        _STEPS_IN - {"heeft", "contact", "via"}
    ):
        return True
    if n <= 1 and sentence[n].word in KIN:
        # "Zijn zus heeft schulden. Tel. 06-…": a sentence about her from its first word may go on about her.
        return False
    return bool(words & _LOSS) and not words & _STEPS_IN


# Whoever does, gets, shares or is asked something for the patient may be who is called.
_ACTS = re.compile(
    r"(?:aan|af|bij|door|in|mee|op|over|toe|uit|waar)?(?:ge)?(?:help|hielp|holp|steun|ondersteun|bijst"
    r"|begeleid|regel|beheer|zorg|verzorg|behartig|handel|vertegenwoord|vertaal|tolk|vertrouw|overleg|verwijs"
    r"|verwezen|contact|samen|mee|namens|inwon|woord|laat|lat|liet|alles|allemaal|neem|nam|nomen|doet|doen|deed"
    r"|daan|leen|deel|delen|gebruik|ken|weet|weten|spreek|sprak|sprok|praat|bereik|bel|app|telef|nummer|mobiel"
    r"|toestel|geef|gaf|geven|gegev|krijg|kreeg|post|via|logeer|slaapt|verblij|bemidd|waarneem|opvang|vangt"
    r"|meld|stuur|mail|schrijf|schreef|informatie|thuis|hoogte|nederlands|taal|mag|altijd|bezoek|langs|waak|ziet|zien|dagelijks|elke|iedere)[a-z]*"
)


def is_by_the_way(sentence: list[Token], *, partner: bool = False) -> bool:
    """Whether nothing in a sentence says that anybody is called or does something for the patient.

    A `partner` who knows of it isn't called therefore.
    """
    return not any(
        t.kind in {Sense.CALL, Sense.PHONE, "number"}
        # "Ik ben haar budgetmaatje."
        or t.word == "ben"
        or (_ACTS.fullmatch(t.word) and not _is_denied(sentence, n) and not (partner and t.word in _KNOWS))
        for n, t in enumerate(sentence)
    )


def is_estranged(sentence: list[Token]) -> bool:
    """ "Zijn vader praat niet meer met hem": somebody who won't be asked for him."""
    words = {t.word for t in sentence}
    return bool(words & _NOTHING and words & _TALKS)


_TALKS = words_of("praat praten spreekt spreken contact")
_LEFT = words_of("failliet ontslagen ervandoor overleden vertrokken gestopt")


def is_gone_for_good(sentence: list[Token]) -> bool:
    """ "De aannemer is failliet gegaan", "zijn compagnon is ervandoor"."""
    words = {t.word for t in sentence}
    return bool(words & _LEFT) and not words & (_STEPS_IN - {"heeft"})


_KNOWS = words_of("weet weten hoogte kent")
_NOTHING = words_of("niet niets niks geen nooit nergens")


def _is_denied(sentence: list[Token], n: int) -> bool:
    """ "Haar ex betaalt niet mee", "zijn vrouw weet van niets"."""
    near = sentence[max(0, n - 3) : n] + (sentence[n + 1 : n + 4] if sentence[n].word in _KNOWS else [])
    return sentence[n].word in _KNOWS | _TALKS | {"mee", "helpt", "helpen"} and any(
        t.word in _NOTHING for t in near
    )


def is_brought_in(sentence: list[Token], n: int) -> bool:
    """ "heeft een attente dochter": who is brought in so may be who is spoken of next."""
    return any(t.word == "een" for t in sentence[max(0, n - 3) : n])


def is_first_spoken_of(sentence: list[Token], n: int) -> bool:
    """ "Haar oudste dochter wil wel": whom a sentence is about, and the next one may be as well."""
    return all(
        t.word in DETERMINERS or t.kind == "mark" or t.word in _OPENS or t.word.endswith(("e", "en"))
        for t in sentence[:n]
    )


_OPENS = words_of("en maar want dus ook alleen")
_SHE, _HE = frozenset({"zij", "ze"}), frozenset({"hij"})


def is_object_of(sentence: list[Token], n: int, apart: frozenset[str]) -> bool:
    """ "Hij heeft zijn buurman terugbetaald. Bel hem op": the sentence goes on about its subject.

    `apart` tells the sex of the pronoun that leads here: of its subject must be the same. Whoever is brought
    in by "een" may be who is spoken of next.
    """
    if is_brought_in(sentence, n) or {t.word for t in sentence[max(0, n - 3) : n]} & _BESIDE:
        return False
    subjects = (_SHE if apart >= MEN else frozenset[str]()) | (_HE if apart >= WOMEN else frozenset[str]())
    clause = [t for t in sentence[:n] if t.word or t.kind == "name"]
    return subjects in (_SHE, _HE) and any(
        t.word in subjects or t.kind == "name" or (t.kind == Sense.PATIENT and t.word not in _NOBODY)
        for t in clause
    )


_BESIDE = words_of("naast boven tegenover onder achter bij met")
_NOBODY = words_of("familie gezin echtpaar zelf deze dame persoon zichzelf haarzelf hemzelf")
