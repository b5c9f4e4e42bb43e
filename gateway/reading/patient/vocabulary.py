"""What words can say about whose a phone number is: closed classes of known words.

Everything here is known; whatever is not here is unknown, and an unknown word on the way from a number to
the patient leaves the number unknown. So a word that is missing costs a question, never a wrong number, and
nothing may be added here that could itself be the owner of a number.
"""

import re
from enum import StrEnum
from functools import cache

from gateway.reading.patient.lexicon import ownerless_words
from gateway.reading.patient.words import (
    MATTERS,
    MONTHS_DAYS,
    NUMERALS,
    ORDINARY,
    PRONOMINAL_ADVERBS,
    RELATIVES,
    is_national,
    is_numeral,
    words_of,
)


class Sense(StrEnum):
    """What a word does on the way from a number to its owner."""

    PATIENT = "patient"
    BODY = "body"
    """An organisation: in "schulden bij de bank" it doesn't take the sentence over."""
    PRONOUN = "pronoun"
    PHONE = "phone"
    CALL = "call"
    LINK = "link"
    THING = "thing"
    NOUN = "noun"
    """A thing by the lexicon: it brings nobody in, but in a number's own clause it may mean anything."""
    PREMISES = "premises"
    OTHER = "other"
    SENDER = "sender"
    NEGATION = "negation"
    UNKNOWN = "unknown"


_PATIENT = words_of(
    """patient patiente pat pt pte ptn client cliente betrokkene aangemelde mevrouw mw mevr meneer dhr heer
    mijnheer echtpaar gezin familie fam patientes mvr mnr inwoner inwoonster deze dame mej juffrouw hijzelf
    zijzelf zichzelf haarzelf hemzelf zelf. mr mrs ms miss mister persoon zijnzelf mens jongedame jongeman
    dametje"""
)
_PRONOUN = words_of("hij zij ze hem haar m 'm hen hun diens z'n zn d'r he she him her his their they them")
_PHONE = words_of(
    """prepaid t tel tlf tlfn tfn telf telefoon telefoonnummer telefoonnummers telefoonnr telnr telnummer
    nummer nummers nr nrs mobiel mobiele mobieltje mob mobielnr mobielnummer gsm gsmnr gsmnummer phone
    telephone mobile cell number 06 06-nr 06-nummer 06nummer vast vaste thuis thuisnummer huisnummer
    huistelefoon belnummer contactnummer telefonisch foon whatsapp app toestel toestellen lijn vastnetnummer
    prive privenummer bereikbaarheid contactgegevens telefoongegevens telefoontje prive-nummer 06nr werk
    smartphone seniorentelefoon prepaidtelefoon zaktelefoon viber signal telegram imo messenger facetime
    skype wechat botim threema sms landnummer landennummer landcode kengetal netnummer zonenummer"""
)
_CALL = words_of(
    """bel bellen belt gebeld opbellen terugbellen bereikbaar bereiken bereikt bereik appen appt appje
    whatsappen sms sms'en smsen contact contacten contacteren benaderen benaderd benader opnemen neemt
    oproepen spreken telefoneren kontakt call calls called reach reached reachable calling contacteer app'en
    berichten gehoor bericht berichtje terugbelverzoek telefonische belletje belletjes terugbelt teruggebeld
    nabellen nagebeld contacteert gecontacteerd contacteerbaar contactname benaderbaar geappt appjes
    gewhatsappt sms't smst tref inspreekt videobellen facetimen voicemailen"""
)
# Classes of words to which no new ones are added in Dutch, as far as `ORDINARY` lacks them: prepositions,
# conjunctions, auxiliaries, and adverbs, also those of Flemish, of letters and of quick mails, and English
# ones of time.
_CLOSED = words_of(
    """ad benoorden beoosten bewesten bezuiden bovenop cum doorheen ingaande langsheen luidens omheen
    onverminderd staande uitgenomen vlakbij rakende omwille behoeve bate terwille aleer alsook doch edoch
    ingeval naardien oftewel voorzover wijl zover alreeds alsdan bijtijds bijvoorbeeld daags daarenboven
    doodleuk evenveel eventjes gaandeweg gauw gelijktijdig gemeenlijk hiermede hieromtrent inzonderheid nou
    onderhand pakweg schielijk stapsgewijs stellig telkenmale ternauwernood vanouds vantevoren voortaan
    voorzeker waarlijk welzeker zoal zulks ditmaal deswege dezerzijds onzerzijds voormiddags namiddags
    's-avonds 's-morgens 's-middags 's-ochtends 's-nachts voormiddag namiddag sowieso effe effen ff eff efkes
    hartstikke voluit superveel gans alhier gemogen wilden zult zoudt blijf word gelieve moge ajb bvd mvg gr
    grt grtz hoogachtend merci thx thnx tnx hee hey heyy hi des
    after before until till any anytime times hour hours o'clock noon am pm today tomorrow tonight morning
    mornings afternoon afternoons evening evenings night nights day days daytime weeks always usually
    preferably now soon every"""
)
# How somebody is brought to somebody else's attention, and that they live somewhere.
_TELLS = words_of(
    """doorverwijs doorverwijst doorverwijzen doorverwezen doorverwijzing attendeer attenderen overdracht
    insturen doorsturen onderhavige genoemde woonadres gehuisvest huist huisvesting resideert residerend
    domicilie gedomicilieerd ingezetene noordkant zuidkant oostkant westkant hartje goedgevonden goedvinden
    fiat doorgesproken bereidwillig"""
)
# As practices shorten words, without their full stops: "i.o.m.", "akk.", "verw.".
_SHORTENED = words_of(
    """ihkv akk akkrd verw obv iom ism igv itt inz bgg tbv tgv mbv mn dwz wk wkn mnd mndn gem vlgs vlg afspr
    bespr hh zg zgn vwb ikv io gd nw aanm aanmeld verwijz vw"""
)
_LINK = (
    ORDINARY
    | _SHORTENED
    | _CLOSED
    | _TELLS
    | words_of(
        """a an or tijdens waar niet-alleen want wanneer werd mag mogen wilde liefst beste gewoon meestal soms
    thans overmorgen vanavond 's s avonds ochtends middags overdag werkdagen weekend kantooruren
    kantoortijden tijd dag ochtend middag vroeg laat makkelijkst snelst men allebei actuele correcte
    volledige recente evt resp danwel info aangemeld aanmeld refer wijk woont wonen wonend wonende
    woonachtig woonplaats buurt stadsdeel adres postcode straat verblijft verblijvend leeft lives living
    heet genaamd genaamde naam voornaam achternaam betreft betreffende jr j geboren leeftijd sprak sprong
    opgeroepen nodig toestemming gegeven gaf hiervan ervan contactopname opname bedankt hallo hoi geachte
    goedemorgen goedemiddag lukt ter hieronder hierboven namelijk nl dwz bijvoorkeur direct rechtstreeks
    persoonlijk tr pl wederom derde vierde vijfde muv dmv bv tzt ovv nul overgaan inspreken voicemail
    proberen probeer keer erbij hoort staat staan systeem dossier epd genoteerd vermeld ingeschreven blij
    wachten verwacht vergeten sturen stuur hr v alsnog inderdaad correct nederlandstalig wegens i.v.m
    binnenkort is's she's he's tussendoor rustig doof slechthorend verhuizing opgegeven doorgegeven woonde
    achter enkel uitsluitend slechts zelfstandig gezamenlijk gebruiken gebruik nam pakt gelijk voorzichtig
    nieuwste meteen should he'd speaks dutch english only area district neighbourhood number's verzoeken pc
    geldt gelden vermelden vind kom ga ken denk oeps afkomstig oudere bejaarde refugee ukrainian syrian
    dutchman overleed overleden sindsdien spannend langskomt belde belden welk zessen zevenen vijven
    beltegoed cijfer cijfers huidig p.s nb n.b postbus elf twaalf weten woonplek patientnr typefout
    verblijfplaats hoofd tijden dagelijks maandelijks wekelijks zitten kwam durft redt dreigt antwoorden
    regels kreeg werkt werkte liep deed gemaakt ligt liggen raakt geraakt zelden iets iedere onlangs net
    plus circa bijna geheel gehad gekomen gegaan wachtlijst hierover daarover hiervoor hiermee waarbij
    waardoor mobielloos gender geslacht polisnummer dossiernummer patientnummer inbeeld email mail e-mail
    mailadres waarom aangegeven afgesproken mbt m.b.t nav n.a.v tav discreet bellers"""
    )
)
_THING = MATTERS | words_of(
    """schuld schulden geldnood zorgkosten inkomen baan ontslag faillissement administratie probleem
    problematiek hulpvraag vraag post aanmaning aanmaningen incasso's betalingen lasten woning stapel
    stapels stapeltje toeslag beslag loonbeslag ontruiming huisuitzetting afsluiting depressief angst ziek
    ziekte aow pensioen dementie astma diabetes copd hypertensie pijn klachten medicatie alcohol gokken
    verslaafd dakloos echtscheiding scheiding zwanger analfabeet laaggeletterd taalbarriere taal corona
    begroting orde rust leefgeld lening leningen krediet hypotheek auto auto's verzekering zorgverzekering
    telefoonrekening situatie thuissituatie achtergrond reden toelichting opmerking opmerkingen
    bijzonderheden consult spreekuur papieren formulieren bankzaken geldloket wsnp stabilisatie
    voedselpakket ondersteuning jaren weken uren betaalt betaald verstand computer internet digid
    digivaardig lichamelijk psychisch enkele forse flinke nogal klein kleine baby baby's peuter kleuter
    zuigeling"""
)
_THING_ENDINGS = tuple(
    words_of(
        """schuld schulden achterstand achterstanden problemen problematiek zorgen kosten lasten toeslag
        uitkering rekening rekeningen regeling geld premie lening boete boetes beslag ziekte klachten
        stoornis moeheid loosheid gebrek"""
    )
)
_PLACE_ENDINGS = tuple(words_of("straat laan plein dreef gracht kade singel wijk buurt kwartier polder"))
# "Familie" may be who is referred; the others only are somebody with a word behind them.
_OTHER = (RELATIVES - words_of("familie naaste wettelijk")) | words_of(
    """
    lui bewoner bewoners medebewoners
    overbuurman overbuurvrouw buurjongen buurmeisje ex-vriend ex-vriendin kennissen baas chef
    leidinggevende teamleider supervisor collega werkgeefster tolkentelefoon verzorgster verzorgende
    coach wijkverpleegkundige verpleegkundige apotheker specialist internist psychiater psycholoog
    fysiotherapeut therapeut wijkagent agent juf meester leraar docent mentrix ib'er maatschappelijk
    werker werkster welzijnswerker ouderenadviseur consulent consulente klantmanager jobcoach
    trajectbegeleider ambulant persoonlijk-begeleider gezinsvoogd kraamverzorgster raadslieden raadsman
    aanleunwoning portier beheerder oppas gastouder dominee pastoor imam iedereen worker interpreter
    boss landlord employer caregiver tandarts spv zorgcoordinator zorgverlener huishoudelijke pgb-hulp
    kinderen verloofde schoonfamilie schoonouders mevrouw's levenspartner levensgezel levensgezellin
    kids tweeling puber puberzoon puberdochter gezinslid vrienden vriendinnen familieleden
    """
)
_BODY = words_of(
    """bedrijf fabriek restaurant hotel thuiszorg wijkverpleging verpleging apotheek ziekenhuis wijkteam
    buurtteam team politie reclassering school incasso incassobureau woningcorporatie corporatie woningbouw
    gemeente uwv svb belastingdienst kredietbank stadsbank bank zorgverzekeraar verzekeraar jeugdzorg
    jeugdbescherming kraamzorg consultatiebureau humanitas vluchtelingenwerk opvang receptie servicedesk
    helpdesk stichting instelling organisatie winkel kantoor bewindvoerderskantoor schuldeiser schuldeisers
    deurwaarder deurwaarders gerechtsdeurwaarder verhuurder werkgever huisbaas woonbegeleiding
    thuisbegeleiding begeleiding bewindvoering loket energiebedrijf energieleverancier noodnummer ggz ggd
    poli polikliniek voedselbank fiscus oplichter oplichters dief fraudeur"""
)
_SENDER = words_of(
    """
    ik mij me mijn m'n wij we ons onze my our us i vragen overleg ondergetekende praktijk
    huisartsenpraktijk huisartspraktijk gezondheidscentrum hap huisarts huisartsen arts dokter
    assistente assistent doktersassistente poh poh-ggz poh-s praktijkondersteuner waarnemer verwijzer
    aanmelder balie secretariaat spoedlijn spoednummer achterwacht fax faxnummer afzender
    praktijkmanager huisartsenpost doorkiesnummer praktijknummer praktijktelefoon terugkoppeling ikzelf
    dr gp doctor practice praktijkmobiel aangemeld-door ingevuld intercollegiaal collegiaal
    verpleegkundig-specialist aios haio
    """
)
_NEGATION = words_of(
    """niet geen nooit zonder oud oude vorige vorig voormalig voormalige vroegere eerdere vervallen verkeerd
    verkeerde fout foutje foute foutieve onjuist onjuiste afgesloten geblokkeerd ongeldig not no wrong old"""
)

_MEANING: dict[str, Sense] = {}
for _kind, _group in (
    (Sense.LINK, _LINK | MONTHS_DAYS),
    (Sense.THING, _THING),
    (Sense.CALL, _CALL),
    (Sense.PHONE, _PHONE),
    (Sense.PRONOUN, _PRONOUN),
    (Sense.PATIENT, _PATIENT),
    (Sense.OTHER, _OTHER),
    (Sense.BODY, _BODY),
    (Sense.SENDER, _SENDER),
    (Sense.NEGATION, _NEGATION),
):
    _MEANING.update(dict.fromkeys(_group, _kind))


def is_known(word: str) -> bool:
    """Whether a word itself stands in the lists."""
    return word in _MEANING


def is_said_of_somebody(word: str) -> bool:
    """Whether a word is known by the lexicon alone: it owns nothing, unless it is written as a name."""
    return word not in _MEANING and (word in ownerless_words() or _is_inflected(word))


def _is_inflected(word: str) -> bool:
    """ "vrije", "telefonische": an adjective of the lists with its ending."""
    if len(word) < 5 or not word.endswith("e"):
        return False
    stem = word[:-1]
    plain_stem = stem[:-1] if stem[-1] == stem[-2] else stem
    longer = f"{stem[:-1]}{stem[-2]}{stem[-1]}" if stem[-2] in "aeou" else stem
    return any(_MEANING.get(each) in {Sense.LINK, Sense.THING} for each in {stem, plain_stem, longer})


# "Maandags", "smorgens": when something is done as a rule.
_HABITUAL = words_of(
    """maandags dinsdags woensdags donderdags vrijdags zaterdags zondags weekends smorgens sochtends smiddags
    savonds snachts doordeweeks"""
)


_LINKING = PRONOMINAL_ADVERBS | _HABITUAL


def _is_ordinal(word: str) -> bool:
    """ "zesde", "twintigste"."""
    return word.endswith(("de", "ste")) and (word[:-2] in NUMERALS or word[:-3] in NUMERALS)


def _is_participle(word: str) -> bool:
    """ "huilend": what somebody does meanwhile; not "een begeleidende", who may be somebody."""
    return word.endswith("end") and word[:-1] in ownerless_words()


@cache
def kind_of_short(word: str) -> Sense:
    """What an abbreviation stands for: a thing, if every listed word that begins so is one ("fin.")."""
    full = [sense for known, sense in _MEANING.items() if known.startswith(word)]
    return Sense.THING if len(word) > 2 and full and set(full) == {Sense.THING} else Sense.UNKNOWN


# "gsm-nummer", "whatsappnummer", "mobielnr".
_NUMBERS = re.compile(r"([a-z0-9-]{2,}?)-?(?:nummers?|nrs?|telefoon|toestel)")
_KINDS = _PHONE | words_of("contacttelefoon bereikbaarheids telefoon overdag smartphone cell bel")


def _is_number_of_telephone(word: str) -> bool:
    found = _NUMBERS.fullmatch(word)
    return found is not None and found[1] in _KINDS - {"huis"}


def _is_softened(word: str) -> bool:
    """ "verhuist", "gelooft": the third person of "verhuizen", "geloven"."""
    if len(word) < 5 or word[-2:] not in {"st", "ft"}:
        return False
    stem = word[:-2] + ("z" if word[-2] == "s" else "v")
    single = stem[:-2] + stem[-1] if stem[-2:-1] == stem[-3:-2] else stem
    return bool({f"{stem}en", f"{single}en"} & ownerless_words())


def kind_of(word: str) -> Sense:
    """What a word (as `plain` gives it) does on a path."""
    known = _MEANING.get(word)
    if known is not None:
        return known
    if len(word) == 1 or word.isdigit() or is_national(word):
        return Sense.LINK
    if word.endswith("je") and any(_MEANING.get(word[:-n]) is Sense.OTHER for n in (2, 3)):
        # "zoontje", "kindje"
        return Sense.OTHER
    singular = _MEANING.get(word[:-1].rstrip("'")) if word.endswith("s") and len(word) > 5 else None
    if singular in {Sense.OTHER, Sense.BODY}:
        # "moeders", "collega's", "incassobureaus"
        return singular
    if word.endswith("tje") and _MEANING.get(word[:-3]) is Sense.PHONE and len(word) > 7:
        # "nummertje"
        return Sense.PHONE
    if _is_number_of_telephone(word):
        return Sense.PHONE
    if (
        word in _LINKING
        or _is_softened(word)
        or is_numeral(word)
        or _is_ordinal(word)
        or _is_participle(word)
    ):
        return Sense.LINK
    if (
        word.startswith(("huis", "prive", "werk"))
        and _MEANING.get(word.removeprefix("huis").removeprefix("prive").removeprefix("werk")) is Sense.PHONE
    ):
        # "privemobiel"
        return Sense.PHONE
    if word.endswith("houder"):
        # "statushouder", not "stiefouder"
        return Sense.LINK if word in ownerless_words() else Sense.UNKNOWN
    if word.endswith("gezin") and len(word) > 5:
        # "gastgezin"
        return Sense.BODY
    if word.endswith("baas") and len(word) > 5:
        # "huurbaas"
        return Sense.BODY
    # The last part of a compound says what it is: "bedrijfsfaillissement", "stiefbroer", "wijkconsulent".
    if len(word) > 8:
        for start in range(2, len(word) - 4):
            part = _MEANING.get(word[start:])
            if part in {Sense.OTHER, Sense.BODY}:
                return part
            if part is Sense.THING and word[start:] in _THING:
                return Sense.THING
    if word.endswith(_THING_ENDINGS):
        return Sense.THING
    if word.endswith(_PLACE_ENDINGS) or is_said_of_somebody(word):
        return Sense.LINK
    return Sense.UNKNOWN


MASCULINE = words_of("hij hem m 'm zijn z'n zn he him his")
MEN = words_of(
    """
    man zoon vader broer zwager oom opa neef vriend echtgenoot ex-man exman ex-vriend schoonzoon
    schoonvader kleinzoon buurman overbuurman stiefvader stiefzoon pleegvader broertje buurjongen
    husband son father brother
    """
)
WOMEN = words_of(
    """vrouw dochter moeder zus zusje zuster schoonzus tante oma nicht vriendin echtgenote ex-vrouw exvrouw
    ex-vriendin schoondochter schoonmoeder kleindochter buurvrouw overbuurvrouw stiefmoeder stiefdochter
    pleegmoeder buurmeisje wife daughter mother sister"""
)
KIN = (
    MEN
    | WOMEN
    | words_of("partner expartner ex-partner ex ouder verzorger huisgenoot huisgenote mantelzorger verloofde")
)


def is_several(word: str) -> bool:
    """Whether a word is said of several people: "ouders", "zussen", whom no "hij" or "haar" can mean."""
    if word in _SEVERAL:
        return True
    singular = [word[:-n].rstrip("'") for n in (1, 2, 3) if word.endswith(("s", "en"))]
    return len(word) > 4 and any(_MEANING.get(each) is Sense.OTHER for each in singular)


_SEVERAL = words_of("kinderen kids ouders buren vrienden kennissen tweeling schuldeisers deurwaarders")
PARTNERS = words_of("partner expartner ex-partner ex verloofde levenspartner")
# Of what may sue or employ somebody those who are one person, or may be.
PERSONS = words_of(
    """
    verhuurder werkgever huisbaas deurwaarder gerechtsdeurwaarder schuldeiser schuldeisers oplichter dief
    fraudeur bewindvoering begeleiding thuisbegeleiding woonbegeleiding verpleging wijkverpleging receptie
    """
)
FEMININE = frozenset(["haar", "d'r", "she", "her", "zij", "ze"])
