"""What words can say about whose a phone number is: closed classes of known words.

Everything here is known; whatever is not here is unknown, and an unknown word on the way from a number to
the patient leaves the number unknown. So a word that is missing costs a question, never a wrong number, and
nothing may be added here that could itself be the owner of a number.
"""

from enum import StrEnum
from functools import cache

from gateway.reading.patient.lexicon import ownerless_words
from gateway.reading.patient.words import MONTHS_DAYS, RELATIVES, is_national, words_of


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
    """
    patient patiente pat pt pte ptn client cliente betrokkene aangemelde mevrouw mw mevr meneer dhr heer
    mijnheer echtpaar gezin familie fam patientes mvr mnr inwoner inwoonster deze man dame mej juffrouw
    hijzelf zijzelf zichzelf haarzelf hemzelf zelf. mr mrs ms miss mister persoon zijnzelf
    """
)
_PRONOUN = words_of("hij zij ze hem haar m 'm hen hun diens z'n zn d'r he she him her his their they them")
_PHONE = words_of(
    """
    prepaid t tel tlf tlfn tfn telf telefoon telefoonnummer telefoonnummers telefoonnr telnr telnummer nummer
    nummers nr nrs mobiel mobiele mobieltje mob mobielnr mobielnummer gsm gsmnr gsmnummer phone
    telephone mobile cell number 06 06-nr 06-nummer 06nummer vast vaste thuis thuisnummer huisnummer
    huistelefoon belnummer contactnummer telefonisch foon whatsapp app toestel toestellen lijn
    vastnetnummer prive privenummer bereikbaarheid contactgegevens telefoongegevens telefoontje
    prive-nummer 06nr werk smartphone
    """
)
_CALL = words_of(
    """
    bel bellen belt gebeld opbellen terugbellen bereikbaar bereiken bereikt bereik appen appt appje
    whatsappen sms sms'en smsen contact contacten contacteren benaderen benaderd benader opnemen neemt
    oproepen spreken telefoneren kontakt call calls called reach reached reachable calling contacteer
    app'en berichten gehoor bericht berichtje terugbelverzoek telefonische
    """
)
_LINK = words_of(
    """
    de het een the a an of to at on in is was are be and or for can his bij met van aan op onder via te
    tot uit naar over om door na voor tussen vanaf sinds per binnen tijdens naast rond tegen zonder dat
    die dit deze dan er hier daar waar wie wat hoe en ook nog al wel niet-alleen maar want dus omdat als
    indien zodat wanneer zijn ben bent waren wordt worden werd heeft hebben had kan kunt kunnen kun mag
    mogen moet moeten zal zullen zou zouden wil wilt willen wilde gaat gaan graag aub svp alstublieft
    alsjeblieft liefst liever beste best gewoon meestal vaak soms altijd steeds momenteel nu tijdelijk
    thans vandaag morgen gisteren overmorgen vanmiddag vanavond vanochtend vanmorgen 's s avonds
    ochtends middags overdag werkdagen weekend kantooruren kantoortijden buiten tijd uur u dag dagen
    week avond ochtend middag vroeg laat goed beter makkelijkst snelst snel spoedig zsm zo mogelijk even
    eens dringend ze heel erg zeer kort iemand jullie je jij uw jou men alleen samen beiden beide
    allebei eigen huidige actuele juiste correcte goede volledige nieuwe nieuw recente laatste evt
    eventueel bijv resp ofwel danwel anders daarnaast verder tevens hierbij bijgaand onderstaande
    onderstaand volgende gegevens info aanmelding aanmelden aangemeld meld aanmeld verwijzing verwijs
    referral refer wijk woont wonen wonend wonende woonachtig woonplaats buurt stadsdeel adres postcode
    straat verblijft verblijvend leeft lives living heet genaamd genaamde naam voornaam achternaam
    betreft betreffende inzake jaar jr j geb geboren leeftijd oud spreekt sprak gesproken zag sprong
    opgeroepen heb hulp help helpen geholpen nodig vraagt wenst zoekt toestemming akkoord gegeven geeft
    gaf weet hiervan ervan contactopname opname bekend vindt prima fijn dank bedankt alvast groet
    groeten groetjes sorry excuus excuses hallo hoi geachte goedemorgen goedemiddag lukt ten ter zie
    boven hieronder hierboven beneden namelijk nl dwz voorkeur bijvoorkeur please thanks mr direct
    rechtstreeks persoonlijk regelmatig portugese tr pl wederom opnieuw tweede eerste derde vierde vijfde
    muv dmv bv tzt dd ovv ander andere twee
    drie vier vijf nul zes lang laten overgaan inspreken voicemail proberen probeer nogmaals keer eerst
    erbij hoort staat staan systeem dossier epd genoteerd vermeld ingeschreven krijgt krijgen mee blij
    wachten wacht verwacht telefoontje vrij thuis vergeten sturen stuur hr v m vr woensdag alsnog
    inderdaad ja klopt correct hopelijk nederlandstalig toch vanwege wegens ivm i.v.m binnenkort zn is's
    it she's he's tussendoor rustig doof slechthorend verhuisd verhuizing opgegeven doorgegeven woonde
    achter enkel uitsluitend slechts zelfstandig gezamenlijk gebruikt gebruiken gebruik neemt nam pakt
    opgenomen gelijk voorzichtig nieuwste meteen asap hereby would you your could should will he'd their
    has have been speaks dutch english only area district neighbourhood number's vriendelijk verzoek
    verzoeken gevraagd pc bsn zelf let vanuit geldt gelden komen vermelden drs vind kom ga ken denk hoor
    oeps afkomstig jonge oudere bejaarde refugee ukrainian syrian dutchman debts gp overleed overleden
    sindsdien spannend langskomt belde belden welk welke zessen zevenen vijven prepaid beltegoed cijfer
    cijfers volgens huidig zorg ps p.s nb n.b postbus tien acht negen zeven elf twaalf volgt volgen
    weten woonplek patientnr typefout verblijfplaats hoofd tijden dagelijks maandelijks wekelijks meer
    zit zat zitten komt kwam durft redt dreigt antwoord antwoorden regels wist meldt belt kreeg werkt
    werkte loopt liep doet deed maakt gemaakt ligt liggen blijft raakt geraakt zelden iets niets iedere
    elke laatst afgelopen onlangs net zojuist plus circa ongeveer zoals bijna helemaal geheel gehad
    geweest gekomen gegaan wachtlijst lijst hierover daarover daarvoor hiervoor daarom hiermee waarvoor
    waarbij waardoor gaarne mobielloos gender geslacht polisnummer dossiernummer patientnummer inbeeld
    email mail e-mail mailadres toelichting opmerking waarom zeg zegt zei aangegeven besproken
    afgesproken mbt m.b.t nav n.a.v tav nadere discreet ontvangen geldhulp schuldhulp bellers
    """
)
_THING = words_of(
    """
    schuld schulden geld geldzorgen geldproblemen geldzaken geldnood huur huurschuld energie stroom gas
    water zorgkosten uitkering bijstand inkomen baan werkloos ontslag ontslagen zzp'er zzp failliet
    faillissement administratie financien financiele financieel problemen probleem problematiek zorgen
    hulpvraag vraag post brieven brief rekening rekeningen aanmaning aanmaningen deurwaarders incasso's
    betaling betalingen lasten huis woning stapel stapels stapeltje toeslag toeslagen boete boetes cjib
    beslag loonbeslag bewind ontruiming huisuitzetting afsluiting spoed stress depressie depressief
    angst ziek ziekte ziektewet wia ww wajong aow wao pensioen burn-out burnout dementie astma diabetes
    copd hypertensie pijn klachten medicatie alcohol gokken verslaving verslaafd dakloos gescheiden
    echtscheiding scheiding alleenstaand alleenstaande weduwe weduwnaar zwanger analfabeet laaggeletterd
    taalbarriere taal corona budget begroting overzicht orde rust eten leefgeld lening leningen krediet
    hypotheek auto auto's verzekering zorgverzekering telefoonrekening situatie thuissituatie
    achtergrond reden toelichting opmerking opmerkingen bijzonderheden nvt onbekend gesprek afspraak
    afspraken intake consult spreekuur papieren formulieren formulier bankzaken geldloket schuldsanering
    wsnp stabilisatie voedselpakket ondersteuning maand maanden jaren weken uren betalen betaalt betaald
    verstand computer internet digid digivaardig gezondheid lichamelijk psychisch ernstige ernstig grote
    hoge oplopende veel weinig diverse enkele forse flinke nogal klein kleine groot hoog baby baby's peuter
    kleuter zuigeling
    """
)
_THING_ENDINGS = (
    "schuld",
    "schulden",
    "achterstand",
    "achterstanden",
    "problemen",
    "problematiek",
    "zorgen",
    "kosten",
    "lasten",
    "toeslag",
    "uitkering",
    "rekening",
    "rekeningen",
    "regeling",
    "geld",
    "premie",
    "lening",
    "boete",
    "boetes",
    "beslag",
    "ziekte",
    "klachten",
    "stoornis",
    "moeheid",
    "loosheid",
    "gebrek",
)
_PLACE_ENDINGS = (
    "straat",
    "laan",
    "plein",
    "dreef",
    "gracht",
    "kade",
    "singel",
    "wijk",
    "buurt",
    "kwartier",
    "polder",
)
# "Familie" may be who is referred; the others only are somebody with a word behind them.
_OTHER = (RELATIVES - words_of("familie naaste wettelijk")) | words_of(
    """
    overbuurman overbuurvrouw buurjongen buurmeisje ex-vriend ex-vriendin kennissen huisbaas baas chef
    leidinggevende teamleider supervisor collega werkgeefster tolkentelefoon verzorgster verzorgende
    bewindvoerderskantoor coach woonbegeleiding thuisbegeleiding thuiszorg wijkverpleging
    wijkverpleegkundige verpleegkundige verpleging apotheek apotheker ziekenhuis specialist internist
    psychiater psycholoog fysiotherapeut therapeut wijkteam buurtteam team wijkagent agent politie
    reclassering school juf meester leraar docent mentrix ib'er deurwaarder gerechtsdeurwaarder incasso
    incassobureau schuldeiser woningcorporatie corporatie woningbouw gemeente uwv svb belastingdienst
    kredietbank stadsbank bank zorgverzekeraar verzekeraar maatschappelijk werker werkster welzijnswerker
    ouderenadviseur consulent consulente klantmanager jobcoach trajectbegeleider ambulant
    persoonlijk-begeleider gezinsvoogd jeugdzorg jeugdbescherming kraamzorg kraamverzorgster
    consultatiebureau raadslieden raadsman humanitas vluchtelingenwerk opvang aanleunwoning receptie
    portier beheerder servicedesk helpdesk oppas gastouder dominee pastoor imam iedereen worker
    interpreter boss landlord employer caregiver stichting instelling organisatie winkel kantoor tandarts
    spv zorgcoordinator zorgverlener huishoudelijke pgb-hulp kinderen verloofde schoonfamilie schoonouders
    mevrouw's levenspartner levensgezel levensgezellin kids tweeling puber puberzoon puberdochter
    gezinslid vrienden vriendinnen familieleden
    """
)
_BODY = words_of(
    """
    bedrijf fabriek restaurant hotel
    thuiszorg wijkverpleging verpleging apotheek ziekenhuis wijkteam buurtteam team politie reclassering
    school incasso incassobureau woningcorporatie corporatie woningbouw gemeente uwv svb belastingdienst
    kredietbank stadsbank bank zorgverzekeraar verzekeraar jeugdzorg jeugdbescherming kraamzorg
    consultatiebureau humanitas vluchtelingenwerk opvang receptie servicedesk helpdesk stichting
    instelling organisatie winkel kantoor bewindvoerderskantoor schuldeiser schuldeisers deurwaarder
    deurwaarders gerechtsdeurwaarder verhuurder werkgever huisbaas woonbegeleiding thuisbegeleiding
    begeleiding bewindvoering loket energiebedrijf energieleverancier noodnummer ggz ggd poli
    polikliniek voedselbank fiscus oplichter oplichters dief fraudeur
    """
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
    """
    niet geen nooit zonder oud oude vorige vorig voormalig voormalige vroegere eerdere vervallen
    verkeerd verkeerde fout foutje foute foutieve onjuist onjuiste afgesloten geblokkeerd ongeldig not no
    wrong old
    """
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


@cache
def kind_of_short(word: str) -> Sense:
    """What an abbreviation stands for: a thing, if every listed word that begins so is one ("fin.")."""
    full = [sense for known, sense in _MEANING.items() if known.startswith(word)]
    return Sense.THING if len(word) > 2 and full and set(full) == {Sense.THING} else Sense.UNKNOWN


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
    if word.endswith("houder"):
        # "statushouder", not "stiefouder"
        return Sense.LINK if word in ownerless_words() else Sense.UNKNOWN
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


MASCULINE = words_of(
    """
    hij hem m 'm zijn z'n zn he him his
    """
)
MEN = words_of(
    """
    man zoon vader broer zwager oom opa neef vriend echtgenoot ex-man exman ex-vriend schoonzoon
    schoonvader kleinzoon buurman overbuurman stiefvader stiefzoon pleegvader broertje buurjongen
    husband son father brother
    """
)
WOMEN = words_of(
    """
    vrouw dochter moeder zus zusje zuster schoonzus tante oma nicht vriendin echtgenote ex-vrouw
    exvrouw ex-vriendin schoondochter schoonmoeder kleindochter buurvrouw overbuurvrouw stiefmoeder
    stiefdochter pleegmoeder buurmeisje wife daughter mother sister
    """
)
KIN = (
    MEN
    | WOMEN
    | words_of("partner expartner ex-partner ex ouder verzorger huisgenoot huisgenote mantelzorger verloofde")
)
FEMININE = frozenset(["haar", "d'r", "she", "her", "zij", "ze"])
