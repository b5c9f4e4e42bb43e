"""What one sentence of a practice means: the phrases that mean something, and the words that change nothing.

It promises that a sentence has a meaning only if every word of it is known for that meaning: the phrase
itself, and beside it words that leave it as it is. No list here holds a denial, a doubt, a condition or
another person, so with one of those beside the phrase a sentence has no meaning at all.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from gateway.reading.letters.bound import is_bound
from gateway.reading.letters.closing import words_of
from gateway.reading.letters.consent import consent_of_sentence
from gateway.reading.letters.courtesy import is_courtesy
from gateway.reading.letters.limits import ANYBODY, is_limited
from gateway.reading.letters.record import Consent, Stop
from gateway.reading.letters.sentences import AMOUNT, GEMEENTE, NUMBER, PATIENT, WIJK, Sentence


class StopSense(StrEnum):
    """The meanings of a sentence."""

    COURTESY = "courtesy"
    CONSENT = "consent"
    STOP = "stop"
    STATUS = "status"
    YES = "yes"
    RIGHT = "right"
    """What we have, the number mostly, is right."""
    WHEN = "when"
    """When the patient is best called."""
    WRONG = "wrong"
    """The number is not right."""
    NUMBER = "number"
    """A number, as the patient's."""
    ALSO = "also"
    """A number, as one more of the patient's."""
    WIJK = "wijk"
    DATA = "data"
    """A line with a label of a referral, for the reader."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SentenceMeaning:
    """A sentence's meaning, for a stop with its reason."""

    sense: StopSense
    reason: Stop | None = None


_SUBJECT = words_of(
    f"""patient patiente pat pt pte ptn client cliente mevrouw mevr mw mvr meneer dhr heer mijnheer hr
    betrokkene {PATIENT} hij zij ze haar hem deze dit dat die de het een er"""
)
_LINK = words_of(
    """is was zijn heeft hebben wordt werd en ook ik we wij ons onze mij me jullie u uw je van voor met
    door aan op om in bij te naar dat daarom dus want omdat inmiddels intussen ondertussen helaas vandaag
    gisteren eergisteren yesterday today vannacht vanochtend vanmorgen vanmiddag vanavond
    afgelopen nacht ochtend middag
    avond weekend week maandag dinsdag woensdag donderdag vrijdag zaterdag zondag net zojuist nu al
    plotseling onverwacht hoor hoorde horen hoorden gehoord verneem vernam vernamen vernomen begreep
    begrepen kreeg kregen krijg bericht gekregen ontvangen weten doorgegeven melden meld gemeld laten laat
    dezen vorige hierbij deze wege familie sorry excuses excuus overlast ongemak aub svp alstublieft
    please jl helaas nogmaals via blijkt bleek gebleken blijken the has aanmelding verwijzing dank
    bedankt dankjewel dankuwel
    ter info fyi trouwens alvast wel dd per gevraagd"""
) | {AMOUNT}
_ASKING = words_of(
    """graag gaarne gelieve wil willen wilt zou kan kun kunt kunnen mag mogen verzoek vraag vragen verzoeken
    gevraagd even direct meteen alsjeblieft kenmerk ik moet dient hoeft worden komen zo snel mogelijk
    spoedig per eigen op verzoek van this referral please mijn mail email bericht doorsturen hulp
    hulpvraag schuldhulp probleem problemen schulden geldproblemen hulpverlening traject overdracht
    gesprek contact opnemen voor nodig zelf zegt zei gemeente elders heeft deze geregeld"""
)
_FACT = _SUBJECT | _LINK
_REQUEST = _FACT | _ASKING

_PLACES = (
    r"(?:(?:het|een|de) )?(?:[a-z]*ziekenhuis|umc|verpleeghuis|verzorgingshuis|hospice|kliniek|instelling"
    r"|ggz|ic|revalidatiecentrum|psychiatrie|revalidatie|intensive care)"
)
_AWAY = (
    r"(?:naar |buiten |in )(?:(?:een|de|het) )?(?:(?:andere|ander) )?(?:gemeente|stad|regio|plaats|provincie|"
    r"buitenland|land|woonplaats|elders)|elders|(?:uit|buiten) (?:de )?(?:regio|gemeente|stad|wijk"
    r"|#wijk|#gemeente)"
)
_NOT_CALL = (
    r"(?:niet|nooit) (?:meer |langer )?(?:te |gaan )?(?:bellen|benaderen|contacten|contact opnemen)"
    r"|(?:niet|nooit) (?:meer |langer )?(?:gebeld|benaderd)(?: te)?(?: worden)?"
    r"|bel(?:t)?(?: (?:de|deze))?(?: (?:patiente?|clie?nte?|mevrouw|mw|meneer|dhr|haar|hem"
    r"|#patient)){0,2} (?:svp |aub )?niet(?: meer)?"
    r"|geen contact (?:meer )?(?:op te nemen|opnemen|op nemen|zoeken)|neem(?:t)? (?:aub "
    r"|svp )?geen contact(?: meer)? op"
    r"|(?:do not|dont|don t) call"
)
_PHRASES: tuple[tuple[Stop, str, frozenset[str]], ...] = (
    (
        Stop.DECEASED,
        r"\b(?:(?:komen te |is |was )?overl(?:eden|ijden)|overleed|(?:komen te )?sterven|gestorven"
        r"|stierf|heengegaan|dood"
        r"|niet meer in leven|leeft niet meer|niet meer onder ons|passed away|died|deceased)\b",
        _FACT,
    ),
    (
        Stop.ADMITTED,
        rf"\b(?:(?:in|op) {_PLACES} (?:opgenomen|beland)|opgenomen(?: (?:in|op) {_PLACES})?|ligt (?:nu "
        rf"|momenteel )?(?:in|op) {_PLACES}"
        rf"|(?:in|op) {_PLACES}(?: ligt)?|admitted(?: to hospital)?)\b",
        _FACT | words_of("ligt sinds momenteel acuut met spoed"),
    ),
    (
        Stop.MOVED,
        rf"\b(?:naar (?:het )?buitenland (?:is )?(?:vertrokken|gegaan)"
        rf"|(?:{_AWAY}) (?:is )?(?:gaan wonen|verhuisd)|verhuisd(?: (?:{_AWAY}))?|naar elders vertrokken"
        rf"|vertrokken naar (?:het )?buitenland"
        r"|woont (?:niet|nu niet) (?:meer|langer) (?:in #wijk|in #gemeente|hier|in (?:de|deze|uw"
        r"|onze) (?:wijk|gemeente|stad|regio))|moved away)\b",
        _FACT | words_of("woont"),
    ),
    (
        Stop.WRONG_PATIENT,
        r"\b(?:(?:de |een )?(?:verkeerde|foute|onjuiste) (?:patiente?|clie?nte?|persoon|mevrouw|meneer"
        r"|aanmelding)"
        r"(?: (?:door|in)?gestuurd| aangemeld| verstuurd| gemaild| doorgegeven| genoemd| gekozen"
        r"| geselecteerd)?"
        r"|niet de (?:juiste|goede|bedoelde) (?:patiente?|clie?nte?|persoon)"
        r"|(?:niet|niet bedoeld) voor deze (?:patiente?|clie?nte?)(?: bedoeld)?"
        r"|(?:bedoeld )?voor (?:iemand anders|een ander|een andere (?:patiente?|clie?nte?"
        r"|persoon))(?: bedoeld)?"
        r"|(?:patienten?|clienten|namen|personen) (?:verwisseld|door elkaar gehaald)|wrong patient)\b",
        _FACT
        | words_of(
            "foutje per ongeluk abuis had heb openstaan gestuurd verstuurd aangemeld fout vergissing mail"
        ),
    ),
    (
        Stop.PATIENT_DECLINED,
        r"\b(?:ziet (?:(?:toch|nu|er|zelf|bij nader inzien) ){0,2}(?:er ?van ?af|van ?af"
        r"|van (?:(?:de|het|verdere|alle) )?"
        r"(?:hulp|aanmelding|traject|contact|verwijzing|ondersteuning|begeleiding) af)|er ?van afziet"
        r"|afziet van (?:(?:de|het|verdere|alle) )?(?:hulp|aanmelding|traject|contact|verwijzing)"
        r"|(?:er ?van|van (?:hulp|contact|de aanmelding)) (?:afgezien|af te zien)"
        r"|ziet (?:toch )?af van (?:(?:de|het|verdere|alle) )?(?:hulp|aanmelding|traject|contact|verwijzing)"
        r"|wil (?:(?:het|dit|er|toch|nu|zelf|bij nader inzien) ){0,2}(?:niet"
        r"|geen)(?: meer)?(?: (?:verder|hulp|contact|schuldhulp|ondersteuning|gebeld"
        r"|worden|benaderd|begeleiding|verwijzing|aanmelding|gesprek|meer|geholpen|gebruik|van|maken)){0,4}"
        r"|(?:heeft|hebben) (?:toch |nu )?geen (?:behoefte|interesse|belangstelling)(?: (?:meer|aan"
        r"|hulp|contact|hieraan)){0,3}"
        r"|geen behoefte (?:meer )?(?:aan (?:hulp|contact))?|(?:heeft|hebben) zich (?:bedacht|teruggetrokken)"
        r"|trekt zich terug|geen gebruik (?:meer )?(?:van )?(?:te )?maken"
        r"|weigert(?: (?:hulp|contact|verdere|medewerking|toestemming))*"
        r"|stelt geen prijs (?:meer )?op(?: (?:hulp|contact))?"
        r"|wenst (?:toch )?geen (?:hulp|contact|ondersteuning|begeleiding)(?: meer)?"
        r"|geen toestemming(?: (?:gegeven|geeft|voor))?|(?:trekt|trok) (?:haar|zijn|de) toestemming in"
        r"|toestemming ingetrokken"
        r"|niet akkoord|(?:heeft|hebben) (?:er )?geen (?:zin|behoefte)(?: (?:meer|in))*)(?!\w)",
        _FACT
        | words_of(
            """bij nader inzien graag aangegeven aan geeft zegt zei gezegd belde liet vertelde zelf hulp
            aangeboden gemaakte"""
        ),
    ),
    (
        Stop.WITHDRAWN,
        r"\b(?:intrekken|ingetrokken|in ?te ?trekken|trek(?:ken|t)? (?:(?:ik|wij|we|de|deze|mijn|onze"
        r"|hierbij|aanmelding|verwijzing|hem|haar|dit|het|graag|bij)"
        r" ?){1,5} in|annuler(?:en|ing)|annuleer|geannuleerd|(?:komt )?te vervallen|vervalt|vervallen"
        r"|afmelden|afgemeld"
        r"|(?:is |zijn )?(?:niet|geen)(?: (?:hulp|contact|gesprek|ondersteuning))? (?:meer"
        r"|langer) nodig|(?:hoeft|hoeven)(?: (?:nu|dus"
        r"|echt|dan))? niet (?:meer|langer)(?: door te gaan)?"
        r"|niet (?:meer|langer) hoeft"
        r"|(?:u|jullie) (?:hoeft|hoeven|hoef) niets meer te (?:doen|ondernemen)|geen (?:verdere )?actie meer"
        r"|als niet verzonden (?:te )?beschouwen"
        r"|(?:gaat|hoeft) niet (?:meer )?door(?: te gaan)?|stop ?zetten|stopgezet|stop|stoppen"
        r"|(?:aanmelding|dossier|zaak|verwijzing|deze) (?:te )?(?:af ?)?sluiten|terugtrekken"
        r"|teruggetrokken|terug te trekken|terugnemen|verwijderen|verwijderd"
        r"|(?:is|zijn|zijn al|is al|al) opgelost|cancel(?:led|ed)?|withdraw(?:n)?|no longer needed)\b",
        _REQUEST,
    ),
    (
        Stop.DO_NOT_CALL,
        rf"\b(?:{_NOT_CALL})\b",
        _FACT | words_of("graag gaarne wilt verzoek om dringend verder svp hoeft hoeven kunt kun"),
    ),
)
"""Reason, phrase, and the words that may stand around it; the most telling reason first."""

STOPPING = re.compile(
    "|".join(f"(?:{pattern})" for _, pattern, _ in _PHRASES)
    + r"|\b(?:gedetineerd|detentie|euthanasie|palliatief|terminaal|suicide)\b"
)
"""Whatever speaks of a stop, also where it does not plainly say it."""

_DESPAIR = re.compile(
    r"\b(?:niet|geen) (?:meer )?(?:zijn|leven|bestaan|doorgaan)\b|\b(?:niet|geen) (?:meer )?verder$"
)
"""Who "wil er niet meer zijn" may not want to live: that is for a person, at once."""

_ASKS_A_FACT = re.compile(r"(?:is|zijn|heeft|hebben|was|wordt|zou|klopt)\b")
_POLITE = re.compile(
    r"(?:(?:graag|zou|zouden|kan|kunt|kun|kunnen|wilt|wil|willen|mag|mogen)\b)(?!.{0,40}\b(?:ik|we"
    r"|wij) .{0,30}\bnog\b)"
)
_STATUS_PHRASE = re.compile(
    r"\b(?:status|stand van zaken|update|voortgang)\b|\bhoe (?:(?:het|de|deze) )?(?:aanmelding |nu "
    r"|ermee )?(?:staat|is|gaat|loopt|ver)\b|\bal(?: \w+){0,2} iets\b"
    r"|\b(?:al|inmiddels|ondertussen|intussen|reeds)(?: \w+){0,4} (?:contact|bekend|nieuws|gebeld"
    r"|gesproken|beeld|bereikt"
    r"|opgepakt|gelukt|gehoord)\b|\b(?:contact|nieuws|iets bekend|gebeld|gesproken|bereikt"
    r"|in beeld)(?: \w+){0,2}$"
    r"|\bwanneer\b|\bany news\b|\bnog (?:nieuws|iets bekend|iets gehoord)\b|\bweet (?:u|je) al iets\b"
    r"|\bwie (?:heeft|belt|pakt)\b"
)
_STATUS_WORDS = _FACT | words_of(
    """status stand zaken update voortgang wat over gehoord hoe staat gaat loopt ver ermee mee hiermee daarmee
    wat al reeds nog wie pakt op weet
    iets contact bekend nieuws gebeld gesproken beeld bereikt opgepakt gelukt geweest gehad gelegd
    opgenomen wanneer gepland planning bellen belt iemand organisatie zal gaan weten graag kunt kun kan u
    vertellen aangeven mag vernemen horen ontvang ontvangen even kenmerk any news aanmelding verwijzing
    mijn opvragen opvraag wil zou of bereiken te"""
)
_NUMBER_NOUN = r"(?:(?:telefoon|mobiele? |mobiel)?(?:nummer|nr)|telnr|telefoonnr|tel|06|#number)"
_RIGHT = re.compile(
    rf"\b{_NUMBER_NOUN}(?: \w+){{0,4}} (?:klopt|juist|correct|goed|akkoord)\b|\b(?:klopt|juist|correct)\b"
    rf"|\bjuiste {_NUMBER_NOUN}\b|\bgoede {_NUMBER_NOUN}\b|\bhetzelfde {_NUMBER_NOUN}\b"
    rf"|\bis (?:haar|zijn)(?: eigen)? {_NUMBER_NOUN}$"
    r"|\bis van (?:haar|hem|haarzelf|hemzelf|(?:de )?patient\w*)(?: zelf)?$"
)
_RIGHT_WORDS = _FACT | words_of(
    f"""ja jazeker jawel inderdaad zeker klopt juist juiste correct goed goede hetzelfde nog steeds gewoon
    wel telefoonnummer nummer nr tel telnr telefoon mobiele mobiel 06 hoor zo bekend bij gecontroleerd
    nagekeken gecheckt nagevraagd gevraagd navraag gedaan heb hier gebruikt zelfde volgens nummers gebeld net
    gekeken dossier systeem staat eigen zelf haarzelf hemzelf {NUMBER}"""
)
_WHEN = re.compile(
    r"\b(?:ochtend\w*|ochtends|morgens|middag\w*|middags|avond\w*|avonds|overdag|werktijd\w*|uur"
    r"|#amount|vanavond|vanmiddag"
    r"|vanochtend|morgen|weekend|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|later|opnieuw"
    r"|nogmaals|nog eens|nog een keer)\b"
)
_TRY = re.compile(
    r"\b(?:ochtends|middags|avonds|uur|probeer|proberen"
    r"|bel|bellen|bereikbaar|thuis|bereiken|gebeld|opneemt|op)\b"
)
_NOT_THEN = re.compile(
    r"\b(?:(?:neemt|is|zijn) )?(?:(?:vaak|meestal|dan|overdag|s ochtends|s middags|s avonds|werktijd|tijdens"
    r"|door de week|op|#amount) ){0,4}(?:vaak |meestal )?niet (?:altijd |goed )?(?:op|bereikbaar|thuis"
    r"|opneemt)\b"
)
"""When not to call says no more than when to."""

_WHEN_WORDS = _RIGHT_WORDS | words_of(
    f"""probeer proberen bel bellen bereikbaar thuis bereiken gebeld opneemt neemt op meestal vaak vooral
    best beste het 's s hier liefst
    ochtend ochtends morgens middag middags avond avonds overdag werktijd werktijden
    uur {AMOUNT} na voor tussen rond vanaf tot vanavond vanmiddag vanochtend morgen weekend maandag
    dinsdag woensdag donderdag vrijdag zaterdag later opnieuw nogmaals alleen pas vanwege werk wegens
    dagen blijf blijven eens keer een of graag kunt kun kan mag moet werkt overdag dan tijdens eind begin
    einde wat vroeg laat telefonisch"""
)
_YES = words_of(
    "ja jazeker jawel yes inderdaad zeker klopt hoor dat dit is goed juist correct akkoord ok oke prima"
)
_WRONG = re.compile(
    rf"\b{_NUMBER_NOUN}(?: \w+){{0,4}} (?:niet|onjuist|fout|verkeerd)\b|\b(?:verkeerde?|foute?"
    rf"|onjuiste?|oude?) {_NUMBER_NOUN}\b|\bhet oude (?:nummer )?(?:doet het|werkt|bestaat|klopt) niet\b"
    r"|\b(?:typefout|tikfout|foutje|vergissing|verschreven|vertypt|verkeerd getypt)\b"
)
_NUMBER_WORDS = _FACT | words_of(
    f"""{NUMBER} nummer nr telefoonnummer telefoonnr telnr tel telefoon mobiel mobiele mob gsm 06
    thuisnummer huisnummer vaste goede juiste correcte nieuwe ander nieuw actuele huidige goed juist
    correct moet zijn hoort luidt bereikbaar bereiken bellen gebeld bel graag gebruik gebruiken gebruikt
    kunt kun kan best beter heb had verkeerd verkeerde onjuist onjuiste foute fout oude klopt niet meer
    foutje typefout tikfout vergissing verschreven vertypt getypt cijfer cijfers omgedraaid verwisseld
    twee een laatste eerste kleine corrigeren noteren mijn mail opgegeven doorgegeven gegeven genoteerd
    gestuurd nee ja hier komt alsnog correctie gecorrigeerd rectificatie wijziging gewijzigd aanpassen
    wijzigen veranderen veranderd dus namelijk het is maar moet zijn even telefonisch voortaan sinds nu
    aanvulling hierbij nummers onder op staat eigen dankjewel dank bedankt doorgaf gaf stuurde kon zie nl
    ipv als volgt helemaal geworden inmiddels"""
)
_FAILS = words_of("doet werkt bestaat")
_CHANGE = words_of("aanpassen wijzigen veranderen gebruiken corrigeren noteren")
_ALSO = words_of("vast ook extra tweede aanvullend nog daarnaast andere")
_NOT = words_of("niet geen nooit nee not no onjuist onjuiste fout foute verkeerd verkeerde oude")
_WIJK_WORDS = _FACT | words_of(
    f"""{WIJK} wijk buurt stadsdeel woonwijk woont wonen woonachtig moet zijn klopt klopte niet juiste goede
    correcte juist goed verkeerd verkeerde onjuist fout foutje vergissing maar nee nieuwe nu kleine correctie
    in de het verhuisd naar {AMOUNT} staat mijn mail opgegeven doorgegeven hoort namelijk ja oude verhuist"""
)
_REPLACED = re.compile(rf"(?:(?:het|dat|haar|zijn) )?oude (?:{_NUMBER_NOUN} )?(?:is|komt te) vervallen")
_LABELS = words_of(
    """naam achternaam voornaam voorletters roepnaam tel telefoon telefoonnummer telefoonnr telnr nummer
    mobiel mobiele wijk buurt stadsdeel adres postcode woonplaats plaats geboortedatum geb patient
    patiente client cliente betreft volledige van de het juiste nieuwe correcte goede patientnaam
    clientnaam mob nr"""
)
_VALUES = _LABELS | words_of(
    f"{NUMBER} {WIJK} {GEMEENTE} {PATIENT} {AMOUNT} mw mevr mevrouw dhr meneer heer van der den de ten ter"
)
_MOVED_TO = re.compile(r"\bverhui(?:sd|st)\b(?! naar (?:de |het )?(?:wijk |buurt )?#wijk)")


def meaning_of(sentence: Sentence) -> SentenceMeaning:
    """The one meaning of a sentence, UNKNOWN if a word of it is not known for that."""
    words, text = frozenset(sentence.words), sentence.text
    if _REPLACED.fullmatch(text):
        return SentenceMeaning(StopSense.WRONG)
    placed = WIJK in words and words <= _WIJK_WORDS and not sentence.question
    if placed and is_bound(sentence) and not _MOVED_TO.search(text):
        return SentenceMeaning(StopSense.WIJK)
    stop = _stop(sentence, text)
    if stop:
        return SentenceMeaning(StopSense.STOP, stop)
    if STOPPING.search(text):
        return SentenceMeaning(StopSense.UNKNOWN)
    if _is_status(sentence, words, text):
        return SentenceMeaning(StopSense.STATUS)
    if sentence.question and not (words & _CHANGE and _POLITE.match(text)):
        return SentenceMeaning(StopSense.UNKNOWN)
    if consent_of_sentence(sentence) is Consent.GIVEN:
        return SentenceMeaning(StopSense.CONSENT)
    if words <= _YES and words & words_of("ja jazeker jawel yes inderdaad zeker klopt"):
        return SentenceMeaning(StopSense.YES)
    if is_courtesy(sentence):
        return SentenceMeaning(StopSense.COURTESY)
    when = said_of_when(sentence)
    if not _NOT.intersection(when.split()):
        if words <= _RIGHT_WORDS and _RIGHT.search(text):
            return SentenceMeaning(StopSense.RIGHT)
        if set(when.split()) <= _WHEN_WORDS and _WHEN.search(text) and _TRY.search(text):
            return SentenceMeaning(StopSense.WHEN)
    if NUMBER in words and words <= _NUMBER_WORDS | _ALSO and is_bound(sentence):
        return SentenceMeaning(
            StopSense.ALSO if words & words_of("ook extra tweede aanvullend daarnaast") else StopSense.NUMBER
        )
    if NUMBER not in words and words <= _NUMBER_WORDS | _FAILS and _WRONG.search(text):
        return SentenceMeaning(StopSense.WRONG)
    if sentence.label and sentence.label <= _LABELS and words <= _VALUES:
        return SentenceMeaning(StopSense.DATA)
    return SentenceMeaning(StopSense.UNKNOWN)


def said_of_when(sentence: Sentence) -> str:
    """A sentence without what it says of when not to call."""
    return _NOT_THEN.sub(" ", sentence.text)


def denied(clause: tuple[str, ...]) -> bool:
    """Whether a clause takes away what it names."""
    return bool(_NOT.intersection(clause))


def _stop(sentence: Sentence, text: str) -> Stop | None:
    """The most telling reason to stop, if the whole sentence says nothing but that."""
    if sentence.numbers or _DESPAIR.search(text):
        return None
    found: list[Stop] = []
    around: frozenset[str] = frozenset()
    rest = text
    for reason, pattern, fill in _PHRASES:
        matched, count = re.subn(pattern, " ", rest)
        if count and is_limited(sentence, reason, pattern):
            return None
        if count:
            found.append(reason)
            rest, around = matched, around | fill
    left = frozenset(rest.split())
    if not found or not left <= around:
        return None
    if sentence.question and not _asks_politely(sentence, found):
        return None
    return found[0]


def _asks_politely(sentence: Sentence, found: list[Stop]) -> bool:
    """Whether a question only asks us to stop: "Kan deze aanmelding ingetrokken worden?"."""
    if not {Stop.WITHDRAWN, Stop.DO_NOT_CALL}.intersection(found) or _ASKS_A_FACT.match(sentence.text):
        return False
    return any(_POLITE.match(" ".join(clause)) for clause in sentence.clauses)


def _is_status(sentence: Sentence, words: frozenset[str], text: str) -> bool:
    if not words <= _STATUS_WORDS or not _STATUS_PHRASE.search(text) or ANYBODY.search(text):
        return False
    wishes = re.search(r"\b(?:hoor|verneem|ontvang|weten|graag)\b", text) and (
        words & words_of("status stand update")
        or re.search(r"\b(?:hoor|verneem|weten) (?:graag )?of\b", text)
    )
    return bool(sentence.question or wishes or (len(sentence.words) <= 3 and "status" in words))
