"""Who is mentioned in passing: creditors, employers, relatives of a story, whom nobody would call instead.

A sentence about money, illness, loss or quarrels may name somebody without making them the one who is spoken
of next. As soon as it also speaks of calling or helping, they are. Pure, over tokens.
"""

from gateway.reading.patient.tokens import DETERMINERS, Token, sentences
from gateway.reading.patient.vocabulary import KIN, Sense
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


_CLAIMS = tuple(
    words_of(
        """
    brief brieven post rekening rekeningen aanmaning aanmaningen herinnering herinneringen dagvaarding
    vordering vorderingen heffing aanslag aanslagen factuur facturen boete boetes schuld schulden lening
    leningen krediet kredieten achterstand achterstanden beslag claim claims sommatie sommaties exploot
    envelop enveloppen leent leende leenden geleend geld ziekte ziekbed overlijden dood scheiding ruzie
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
    if at < 1 or sentence[at].word not in {"van", "bij", "aan", "naar", "met", "voor"}:
        return False
    return sentence[at - 1].word.endswith(_CLAIMS)


_WISHES = words_of(
    """
    hoopt hopen wil willen wilde verzoekt verzoek wenst zoekt zoeken verlangt vraagt graag behoefte baat
    gebaat open zou zouden
    """
)


_CAN = words_of("kan kunnen zou zouden")


def is_lacked(sentence: list[Token], n: int) -> bool:
    """ "heeft een bewindvoerder nodig", "kan een steuntje in de rug gebruiken", "heeft een garage gehad"."""
    before, behind = {t.word for t in sentence[:n]}, {t.word for t in sentence[n + 1 : n + 6]}
    if n == 0 or sentence[n - 1].word != "een":
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
_GONE = words_of("overleden overleed vertrokken weggegaan geemigreerd")

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
