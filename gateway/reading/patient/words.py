"""The closed word lists of the reader: what practices call things, and words that are no names.

All in lower case without accents, as `plain` makes them. A word that is missing here costs a question,
never a wrong answer.
"""

import re
import unicodedata
from itertools import filterfalse


def plain(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.lower()
    return "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", text.casefold())))


# Of "i" there are four in all: a Turkish name is written with any of them.
_UNDOTTED = str.maketrans("\u0131\u0130", "ii")


def folded(text: str) -> str:
    """Without case, letter by letter, so that every place in it is the same place in the text."""
    if text.isascii():
        return text.lower()
    lower = text.translate(_UNDOTTED).lower()
    return "".join(bare if len(bare := c.casefold()) == 1 else c for c in lower)


def words_of(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


_ONES = (
    *("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien"),
    *("elf", "twaalf", "dertien", "veertien"),
)


def _numerals() -> dict[str, str]:
    """The Dutch cardinal numbers below a hundred, as `plain` gives them, with their figures."""
    ones = list(_ONES)
    ones += [f"{stem}tien" for stem in ("vijf", "zes", "zeven", "acht", "negen")]
    tens = ["twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"]
    found = {word: str(value) for value, word in enumerate(ones)}
    for at, ten in enumerate(tens, 2):
        found[ten] = f"{at}0"
        found |= {f"{one}en{ten}": f"{at}{value}" for value, one in enumerate(ones[:10]) if value}
    return found


NUMERALS = _numerals()


def is_numeral(word: str) -> bool:
    """ "drie", "eenenzestig", "elfduizend"."""
    if word in NUMERALS:
        return True
    parts = re.split("honderd|duizend", word)
    return len(parts) > 1 and all(not each or each in NUMERALS for each in parts)


# "Hiervoor", "daarmee": a closed class, of things alone.
_PREPOSITIONS = words_of(
    """aan achter af bij binnen boven buiten door doorheen heen in langs mee na naar naartoe naast om omheen
    onder op over rond tegen tegenover toe tussen tussenuit uit van vandaan voor"""
)
PRONOMINAL_ADVERBS = frozenset(
    f"{place}{preposition}" for place in ("er", "hier", "daar", "waar") for preposition in _PREPOSITIONS
)


PATIENT = words_of(
    """patient patiente patienten pat pt pte ptn client clienten cliente inwoner inwoonster bewoner bewoonster
    deelnemer deelneemster betrokkene aangemelde persoon meneer mevrouw mw mevr dhr heer hr"""
)

# What stands before or after a label's own word without changing what it asks.
FILLER = words_of(
    """van de het der den een v d en of te op onder in via uw zijn haar je volledige eigen nieuwe onze ons bij
    werk prive voor the of full huidige actuele juiste correcte goede evt eventueel privé prive ook s 's is 1
    2 3 indien bekend graag gegevens contactinformatie voluit welk welke"""
)

LABELS: dict[str, frozenset[str]] = {
    "name": words_of(
        "naam name namme namen betreft persoon naw patientnaam clientnaam patientgegevens re wie"
    ),
    "first": words_of("voornaam voornamen roepnaam voorletters voorletter initialen firstname"),
    "infix": words_of("tussenvoegsel tussenvoegsels voorvoegsel voorvoegsels tussenv"),
    "last": words_of("achternaam familienaam geslachtsnaam surname lastname"),
    "phone": words_of(
        """tel tlf tlfn tlfnr tfn telf telefoon telefoonnummer telefoonnr telefoonnummers telnr telnummer teln
        telno pr priv nummer nr nrs mobiel mobielnummer mob mobielnr gsm gsmnr gsmnummer phone telephone
        mobile cell number 06-nr 06nr 06-nummer 06nummer bereikbaar whatsapp app vast vaste thuis thuisnummer
        overdag avonds contactnummer contact telefonisch foon tillefoan contactgegevens telefoongegevens
        phonenumber"""
    ),
    "wijk": words_of(
        """wijk wyk stadtteil woonwijk buurt woonbuurt stadsdeel woont woonachtig wonend wonende woonplaats
        woonpl plaats gebied waar neighbourhood neighborhood area district lives living wijknaam buurtnaam
        locatie woonlocatie regio stadswijk woongebied gemeente"""
    ),
    "postcode": words_of("postcode pc postc zip zipcode postalcode"),
    "address": words_of("adres address straat woonadres huisadres adresgegevens"),
    "ids": words_of(
        """bsn gd ref burgerservicenummer sofinummer sofi
        geboortedatum geb gebdatum gebdat gebd gbd geboren dob
        geboorte datum dat date geslacht gesl verz leeftijd patientnummer patientnr clientnummer polisnr
        polisnummer polis uzovi agb agbcode agb-code kvk iban btw fax faxnr faxnummer f big bignr kenmerk
        referentie dossiernummer dossier verzekerdenummer verzekering zorgverzekeraar nationaliteit taal email
        e mail mailadres website url www code id v-nummer burgerlijke staat gender"""
    ),
    "remarks": words_of(
        """reden redenen aanleiding toelichting opmerking opmerkingen opm bijzonderheden bijz vraag hulpvraag
        vraagstelling diagnose dx vg voorgeschiedenis med medicatie medicijnen icpc episode episodes
        problematiek situatie achtergrond context notitie notities info informatie probleem klacht klachten
        verwijsreden schulden schuld inkomen gezin gezinssituatie kinderen reason remarks comment consult
        anamnese beleid conclusie advies allergie allergieen doel toestemming urgentie"""
    ),
}
# "nr", "contact" and such ask for a phone number only when nothing else in the label says otherwise.
LABEL_ORDER = ("ids", "remarks", "wijk", "postcode", "address", "last", "first", "infix", "phone", "name")

RELATIVES = words_of(
    """dochter dochters zoon zoons kind partner partners echtgenoot echtgenote man vrouw vriend vriendin
    moeder vader ouder ouders zus zuster broer schoonzus schoonzoon schoondochter schoonmoeder schoonvader
    zwager oom tante neef nicht neefje nichtje zusje broertje zoontje dochtertje
    advocaat advocate notaris jurist pleegouders
    opa oma kleinzoon kleindochter buur buurman buurvrouw buren ex expartner
    ex-partner ex-man ex-vrouw exman exvrouw bewindvoerder bewindvoerster bewindvoering curator mentor
    mantelzorger mantelzorgster contactpersoon contactpersonen begeleider begeleidster begeleiding
    hulpverlener hulpverleenster casemanager casemanagers maatje tolk voogd verzorger werkgever
    verhuurder huisgenoot huisgenote kennis vrijwilliger vrijwilligster naaste familie familielid
    wettelijk vertegenwoordiger gemachtigde schuldhulpverlener budgetbeheerder budgetcoach stiefvader
    noodcontact noodnummer noodgeval stiefmoeder stiefzoon stiefdochter pleegmoeder pleegvader
    woonbegeleider woonbegeleidster
    daughter son wife husband mother father sister brother neighbour neighbor friend ma pa mama papa"""
)
# These also say who the patient is ("deze man", "mijn vriend belde"): they only count with a possessive.
BARE_RELATIVES = words_of("man vrouw kind ouder ouders familie kennis vriend moeder vader oma opa ma pa ex")

SENDERS = words_of(
    """huisarts huisartsen huisartsenpraktijk huisartspraktijk praktijk praktijken arts artsen dokter
    verwijzer verwijzend verwijzende aanmelder poh poh-ggz poh-s pohggz praktijkondersteuner assistente
    assistent assistentes doktersassistente doktersassistent balie receptie praktijkmanager waarnemer
    waarnemend gezondheidscentrum huisartsengroep huisartsenpost huisartsenkring hap apotheek
    verpleegkundige wijkverpleegkundige verpleegkundig specialist ondersteuner afzender ingevuld
    aangemeld spoedlijn spoednummer organisatie instelling
    medewerker behandelaar psycholoog psychiater fysiotherapeut thuiszorg maatschappelijk achterwacht
    dienstdoende
    werkster wijkteam fax collega overleg terugbelnummer doorkiesnummer doorkies intercollegiaal
    inzender invuller indiener opsteller verzender doorverwijzer referent
    praktijknummer praktijktelefoon helpdesk secretariaat aios haio coassistent sociaal gp doctor practice"""
)

ORGANISATIONS = words_of(
    """huisartsenpraktijk huisartspraktijk huisartsenpraktijken praktijk gezondheidscentrum huisartsengroep
    huisartsenpost huisartsencentrum huisartsencooperatie hap hp mc gc gzc apotheek wijkteam thuiszorg
    buurtcentrum buurthuis wijkcentrum wijkgebouw zorggroep zorgcentrum ziekenhuis kliniek polikliniek poli
    stichting medisch gezondheidsplein team school basisschool spreekuur inloopspreekuur station
    winkelcentrum bibliotheek verpleeghuis woonzorgcentrum fysiotherapie praktijklocatie locatie dependance
    vestiging maatschap dokterspraktijk post ggd ggz bv stadhuis sociaal hospice consultatiebureau kerk
    moskee voedselbank sportschool woningcorporatie practice clinic centrumlocatie tandarts"""
)

PROFESSIONS = words_of(
    """huisarts huisartsen arts basisarts aios haio poh poh-ggz poh-s pohs pohggz praktijkondersteuner
    assistente assistent doktersassistente doktersassistent praktijkmanager waarnemer waarnemend
    verpleegkundige wijkverpleegkundige verpleegkundig specialist praktijkverpleegkundige physician
    ondersteuner balie receptioniste receptie secretaresse secretariaat psycholoog casemanager diëtist
    dietist fysiotherapeut maatschappelijk werker werkster somatiek ggz hidha coassistent gp
    huisarts-in-opleiding triagist doktersass"""
)

# "wijkagent", "ouderenadviseur", "gezinscoach": whoever is called so is somebody at work.
PROFESSION_ENDINGS = tuple(
    words_of(
        """agent werker werkster consulent adviseur coach begeleider begeleidster verpleegkundige coordinator
        therapeut regisseur makelaar bewaarder psycholoog psychiater bewindvoerder"""
    )
)

# Long words with such an end are things or organisations, also with a capital: "Buurtteam", "Kredietbank".
THING_ENDINGS = PROFESSION_ENDINGS + tuple(
    words_of(
        """praktijk centrum team dienst hulpverlening bank zorg hulp schulden nummer gegevens problemen zorgen
        fonds loket groep aanmelding verwijzing maatje sanering maatschappij verzekeraar"""
    )
)

SALUTATIONS = words_of(
    """mw mevr mevrouw dhr hr heer meneer mr mrs ms miss mijnheer fam familie mej juffrouw mvr mnr echtpaar
    gezin mister madam mevrouw/meneer dhr/mevr"""
)
# Doctors have them, and others as well.
DOCTORS = words_of("dr drs")
COURTESY_TITLES = words_of("dhr hr heer meneer mijnheer mnr mw mevr mvr mevrouw")
TITLES = DOCTORS | words_of("ir ing prof mr mba bsc msc ds jhr jkvr baron barones freule em")

COUNTRIES = words_of(
    """afghanistan albanie algerije angola antillen argentinie armenie aruba australie azerbeidzjan bangladesh
    belarus belgie bolivia bonaire bosnie brazilie bulgarije burundi canada chili china colombia congo cuba
    curacao cyprus denemarken duitsland ecuador egypte engeland eritrea estland ethiopie filipijnen finland
    frankrijk gambia georgie ghana griekenland guinee guyana hongarije ierland india indonesie irak iran
    italie ivoorkust jamaica japan jemen jordanie kaapverdie kameroen kazachstan kenia kosovo kroatie
    letland libanon liberia libie litouwen luxemburg macedonie maleisie malta marokko mexico moldavie
    montenegro nederland nepal nigeria noorwegen oeganda oekraine oezbekistan oostenrijk pakistan palestina
    peru polen portugal roemenie rusland rwanda saoedi-arabie schotland senegal servie singapore
    sint-maarten slovenie slowakije soedan somalie spanje suriname syrie tanzania thailand tsjechie tunesie
    turkije uruguay venezuela vietnam vlaanderen zambia zimbabwe zuid-afrika zweden zwitserland buitenland"""
)
_NATIONAL = words_of(
    """nederlands belgisch vlaams duits frans engels brits iers spaans portugees italiaans grieks turks
    marokkaans surinaams antilliaans arubaans curacaos pools roemeens bulgaars hongaars tsjechisch slowaaks
    oekraiens russisch litouws lets kroatisch servisch bosnisch albanees syrisch iraaks iraans afghaans
    pakistaans indiaas chinees vietnamees indonesisch thais filipijns somalisch eritrees ethiopisch ghanees
    nigeriaans egyptisch tunesisch algerijns soedanees armeens koerdisch arabisch amerikaans braziliaans
    papiaments tigrinya dari farsi pashto urdu hindi berbers tamazight somali amhaars tamil sranan
    colombiaans venezolaans buitenlands zweeds deens noors zwitsers oostenrijks
    nederlander nederlandse belg vlaming duitser fransman engelsman brit ier spanjaard portugees italiaan
    griek turk marokkaan surinamer antilliaan pool roemeen bulgaar hongaar tsjech slowaak oekrainer rus
    litouwer let kroaat servier bosnier albanees syrier irakees iraner afghaan pakistaan pakistani indier
    chinees vietnamees indonesier thai filipijn filipino somalier eritreeer ethiopier ghanees nigeriaan
    egyptenaar tunesier algerijn soedanees armenier koerd amerikaan braziliaan colombiaan venezolaan
    zweed deen noor zwitser oostenrijker"""
)


def is_national(word: str) -> bool:
    """ "belgie", "Turkse", "Pools": a country, or of one."""
    return word in COUNTRIES or word in _NATIONAL or word.removesuffix("e") in _NATIONAL


PARTICLES = words_of(
    """van de der den het 't t ten ter te op in von dem da do dos das du la le el al bin ben ibn bint abu aan
    bij onder over uit uijt voor tot zu und della di del della degli af av 's s l d ait aït ould vande
    vanden vander vd v/d v.d. v e y zum zur san santa st"""
)

MONTHS_DAYS = words_of(
    """januari februari maart april mei juni juli augustus september oktober november december feb mrt apr jun
    jul aug sep sept okt nov dec maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma di wo do vr
    za zo january february march may june july august october monday tuesday wednesday thursday friday
    saturday sunday"""
)
# Common words that also are given names or surnames: names only where a name must stand.
NAMESAKES = words_of(
    """frans ben wil will post best lang groot kort jong jonge mei hoop goed hand huis kind man do goede oud
    oude vrij juli augustus may april mens klein kaart wit bel loop boete snel week dank zwart vroom even
    school kerk arts elke"""
)

GREETINGS = words_of(
    """beste geacht dag hoi hallo hee heej hej hai ha hoihoi yo geachte lieve hi hey hello dear goedemorgen
    goedemiddag goedenavond goedendag goeiemorgen goeiemiddag l.s. ls weledele waarde heren dames collegae
    collega's dag,"""
)

# Words that say how things are and what is the matter: no names, and nobody's whom a number could be.
ORDINARY = words_of(
    """aan aanmelden aanmelding acht afgelopen akkoord al alleen als alsjeblieft alstublieft altijd alvast and
    ander andere anders antwoord are asap at aub avond be been beide beiden bekend ben beneden bent
    besproken best beter bij bijgaand bijv binnen blijft boven bsn buiten can could daar daarnaast daarom
    daarvoor dagen dan dank dat dd de debts die dit doet door drie dringend drs dus een eens eerst eerste
    eigen elke en er erg even eventueel excuses excuus fijn for gaan gaarne gaat geb gebruikt geeft gegevens
    geholpen geldhulp gesproken gevraagd geweest gisteren goed goede graag groet groeten groetjes had has
    have heb hebben heeft heel helemaal help helpen hereby het hier hierbij hoe hoor hopelijk huidige hulp
    iemand in indien inzake is it ivm ja jaar je jij jonge jou juiste jullie kan klopt komen komt kort
    krijgen krijgt kun kunnen kunt laatst laatste lang laten let liever lijst loopt maakt maar mee meer meld
    meldt met moet moeten mogelijk momenteel morgen na naar naast nadere negen niets nieuw nieuwe nog
    nogmaals nu of ofwel om omdat on onder onderstaand onderstaande ongeveer ontvangen ook op opgenomen
    opnieuw over per please portugese prima ps referral regelmatig rond samen schuldhulp sinds snel sorry
    spoedig spreekt steeds svp te tegen ten tevens thanks the tien tijdelijk to toch tot tussen twee tweede
    u uit uur uw vaak van vanaf vandaag vanmiddag vanmorgen vanochtend vanuit vanwege verder verhuisd
    verwijs verwijzing verzoek via vier vijf vindt volgen volgende volgens volgt voor voorkeur vraagt
    vriendelijk vrij waarvoor wacht waren was wat week weet wel welke wenst wie wil will willen wilt wist
    worden wordt would you your zag zal zat zeer zeg zegt zei zelf zes zeven zie zijn zit zoals zodat zoekt
    zojuist zorg zou zouden zsm zullen"""
)
MATTERS = words_of(
    """afspraak afspraken alleenstaand alleenstaande betalen betaling bewind bijstand boete boetes brief
    brieven budget burn-out burnout cjib depressie deurwaarders diverse energie ernstig ernstige eten
    failliet financieel financiele financien formulier gas geld geldproblemen geldzaken geldzorgen
    gescheiden gesprek gezondheid groot grote hoge hoog huis huur huurschuld intake maand maanden nvt
    onbekend ontslagen oplopende overzicht problemen rekening rekeningen schuldsanering spoed stress stroom
    toeslagen uitkering veel verslaving wajong wao water weduwe weduwnaar weinig werkloos wia ww ziektewet
    zorgen zzp zzp'er"""
)

# Words that stand with a capital at the start of a sentence, or beside a name, and are no names.
COMMON = (
    words_of(
        """aangezien aanmeldingen aanmeldpunt aanstaande aanvraag achterstand achterstanden actie actueel
        afwezig alles attentie beetje begeleiding bel belang belangrijk belast belasting belastingdienst
        belastingschuld bellen belt bereiken bericht beschikbaar betalingsachterstand betalingsachterstanden
        bezig bijgevoegd bijlage bijvoorbeeld bovengenoemd bovengenoemde bovenstaand bovenstaande buren
        centrale centrum collegiale contacten contactpersoon controle correctie coulance cq daarbij daarna
        dankjewel dankuwel data deze dezelfde deurwaarder dienst dient doch doen doorgestuurd duo echter
        eerder eind einde enige extra fw fwd gebeld geen gemeld genoemd genoemde geriatrie getrouwd gezien
        gr gsm haar half hand hartelijk hartelijke hebt helaas herhaling hem hen hij hoeft hoop houdt hun
        huurachterstand ie ieder ik incasso incassobureau inclusief inmiddels inwoner jong jouw juist kaart
        kent kind kinds kortom langdurig langer langere letop lijkt lijstje los maak man melding melden mens
        mensen mij mijn min misschien mobiele moeder moeite namens niemand niet nooit noemt nou nr onderwerp
        ons onze oproep oud oude ouder ouders overig overige p.s. partner patient patiente patienten pat pt
        pte praten prettig problematisch problematische re reeds reactie ruim sms sociale straks stad stelt
        schaamt schuldhulpverlening schuldenproblematiek tel tele telt terug terugbellen tenminste toe
        totaal uitleg uitnodigen urgent verkeerde verwijst vader voelt voldoende vooral vooraf voorheen
        vorige vragen vriendelijke vriendelijkst vrouw waarschijnlijk weer wens wij woon word wouw zaken ze
        zich ziet zij zodra zoon zonder zover zus jarig jarige iva bijstandsuitkering attached by call
        concerning debt from fyi good greetings he her his i kindly me morning my one our regarding regards
        referring she some thank that their them there this us we who with aangeven bespreken bespreking
        instemming stemt toegestemd geinformeerd heeft's o.a. i.v.m. o.b.v. d.d. t.a.v. c.q. e.d. enz etc
        m.b.t. n.a.v. i.o.m. t.n.v. m.v.g. a.s. incl wachtwoord zowel voedsel energierekening licht uwv svb
        ziggo vitens eneco vattenfall essent nuon kpn odido zilveren kruis menzis cz vgz dsw flevoland
        nederland nederlands nederlandse turks turkse marokkaans marokkaanse pools poolse engels engelse
        arabisch arabische duits duitse frans franse spaans spaanse syrisch syrische surinaams surinaamse
        antilliaans antilliaanse portugees roemeens roemeense bulgaars bulgaarse oekraiens oekraiense
        afghaans afghaanse eritrees eritrese somalisch somalische belgisch belgische tigrinya engelstalig
        onbereikbaar bewindvoerder tolk outlook iphone android verstuurd verzonden sent samsung galaxy
        bevestiging aangemelde agb kvk mg mcg dr clientgegevens episodelijst vertrouwelijk disclaimer client
        cliente clienten overdracht warme idee ntb n.v.t. nnb anoniem ok oke okay okee helder duidelijk
        begrepen gedaan toegevoegd super mooi perfect top doei z.s.m. s.v.p. a.u.b. onbekende weigert"""
    )
    | ORDINARY
    | MATTERS
    | MONTHS_DAYS
    | GREETINGS
    | SENDERS
    | ORGANISATIONS
    | SALUTATIONS
    | frozenset(word for words in LABELS.values() for word in words if len(word) > 3)
)
