"""The closed word lists of the reader: what practices call things, and words that are no names.

All in lower case without accents, as `plain` makes them. A word that is missing here costs a question,
never a wrong answer.
"""

import unicodedata


def plain(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def words_of(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


PATIENT = words_of(
    """patient patiente patienten pat pt pte ptn client clienten cliente inwoner inwoonster bewoner
    bewoonster deelnemer deelneemster betrokkene aangemelde persoon meneer mevrouw mw mevr dhr heer hr"""
)

# What stands before or after a label's own word without changing what it asks.
FILLER = words_of(
    """van de het der den een v d en of te op in via uw zijn haar je volledige eigen nieuwe onze ons bij
    werk prive
    voor the of full huidige actuele juiste correcte goede evt eventueel privé prive ook s 's is 1 2 3
    indien bekend graag gegevens contactinformatie voluit welk welke"""
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
        telno nummer nr nrs
        mobiel mobielnummer mob mobielnr gsm gsmnr gsmnummer phone telephone mobile cell number 06-nr 06nr
        06-nummer 06nummer bereikbaar whatsapp app vast vaste thuis thuisnummer overdag avonds
        contactnummer contact
        telefonisch foon tillefoan contactgegevens telefoongegevens phonenumber"""
    ),
    "wijk": words_of(
        """wijk wyk stadtteil woonwijk buurt woonbuurt stadsdeel woont woonachtig wonend wonende woonplaats
        woonpl plaats gebied
        waar neighbourhood neighborhood area district lives living wijknaam buurtnaam locatie
        woonlocatie regio
        stadswijk woongebied gemeente"""
    ),
    "postcode": words_of("postcode pc postc zip zipcode postalcode"),
    "address": words_of("adres address straat woonadres huisadres adresgegevens"),
    "ids": words_of(
        """bsn burgerservicenummer sofinummer sofi geboortedatum geb gebdatum gebdat gebd gbd geboren dob
        geboorte datum dat date geslacht leeftijd patientnummer patientnr clientnummer polisnr polisnummer
        polis uzovi agb agbcode agb-code kvk iban btw fax faxnr faxnummer f big bignr kenmerk referentie
        dossiernummer dossier verzekerdenummer verzekering zorgverzekeraar nationaliteit taal email e mail
        mailadres website url www code id v-nummer burgerlijke staat gender"""
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
    assistente assistent
    doktersassistente doktersassistent praktijkmanager waarnemer waarnemend verpleegkundige
    wijkverpleegkundige verpleegkundig specialist praktijkverpleegkundige physician ondersteuner balie
    receptioniste receptie secretaresse secretariaat psycholoog casemanager diëtist dietist fysiotherapeut
    maatschappelijk werker werkster somatiek ggz hidha coassistent gp huisarts-in-opleiding
    triagist doktersass"""
)

# "wijkagent", "ouderenadviseur", "gezinscoach": whoever is called so is somebody at work.
PROFESSION_ENDINGS = (
    "agent",
    "werker",
    "werkster",
    "consulent",
    "adviseur",
    "coach",
    "begeleider",
    "begeleidster",
    "verpleegkundige",
    "coordinator",
    "therapeut",
    "regisseur",
    "makelaar",
    "bewaarder",
    "psycholoog",
    "psychiater",
    "bewindvoerder",
)

# Long words with such an end are things or organisations, also with a capital: "Buurtteam", "Kredietbank".
THING_ENDINGS = (
    *PROFESSION_ENDINGS,
    "praktijk",
    "centrum",
    "team",
    "dienst",
    "hulpverlening",
    "bank",
    "zorg",
    "hulp",
    "schulden",
    "nummer",
    "gegevens",
    "problemen",
    "zorgen",
    "fonds",
    "loket",
    "groep",
    "aanmelding",
    "verwijzing",
    "maatje",
    "sanering",
    "maatschappij",
    "verzekeraar",
)

SALUTATIONS = words_of(
    """mw mevr mevrouw dhr hr heer meneer mr mrs ms miss mijnheer fam familie mej juffrouw mvr mnr
    echtpaar gezin mister madam mevrouw/meneer dhr/mevr"""
)
TITLES = words_of("dr drs ir ing prof mr mba bsc msc ds")

COUNTRIES = words_of(
    """
    afghanistan albanie algerije angola antillen argentinie armenie aruba australie azerbeidzjan bangladesh
    belarus belgie bolivia bonaire bosnie brazilie bulgarije burundi canada chili china colombia congo cuba
    curacao cyprus denemarken duitsland ecuador egypte engeland eritrea estland ethiopie filipijnen finland
    frankrijk gambia georgie ghana griekenland guinee guyana hongarije ierland india indonesie irak iran
    italie ivoorkust jamaica japan jemen jordanie kaapverdie kameroen kazachstan kenia kosovo kroatie letland
    libanon liberia libie litouwen luxemburg macedonie maleisie malta marokko mexico moldavie montenegro
    nederland nepal nigeria noorwegen oeganda oekraine oezbekistan oostenrijk pakistan palestina peru polen
    portugal roemenie rusland rwanda saoedi-arabie schotland senegal servie singapore sint-maarten slovenie
    slowakije soedan somalie spanje suriname syrie tanzania thailand tsjechie tunesie turkije uruguay
    venezuela vietnam vlaanderen zambia zimbabwe zuid-afrika zweden zwitserland buitenland
    """
)
_NATIONAL = words_of(
    """
    nederlands belgisch vlaams duits frans engels brits iers spaans portugees italiaans grieks turks
    marokkaans surinaams antilliaans arubaans curacaos pools roemeens bulgaars hongaars tsjechisch slowaaks
    oekraiens russisch litouws lets kroatisch servisch bosnisch albanees syrisch iraaks iraans afghaans
    pakistaans indiaas chinees vietnamees indonesisch thais filipijns somalisch eritrees ethiopisch
    ghanees nigeriaans egyptisch tunesisch algerijns soedanees armeens koerdisch arabisch amerikaans
    braziliaans colombiaans venezolaans buitenlands zweeds deens noors zwitsers oostenrijks
    """
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
    """januari februari maart april mei juni juli augustus september oktober november december feb mrt
    apr jun jul aug sep sept okt nov dec maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma di wo
    do vr za zo january february march may june july august october monday tuesday wednesday thursday friday
    saturday sunday"""
)
# Common words that also are given names or surnames: names only where a name must stand.
NAMESAKES = words_of(
    """frans ben wil will post best lang groot kort jong jonge mei hoop goed hand huis kind man do goede oud
    oude vrij
    juli augustus may april mens klein kaart wit bel loop boete snel week dank zwart vroom even school
    kerk arts elke"""
)

GREETINGS = words_of(
    """beste geacht dag hoi hallo hee heej hej hai ha hoihoi yo geachte lieve hi hey hello dear goedemorgen
    goedemiddag goedenavond goedendag
    goeiemorgen goeiemiddag l.s. ls weledele waarde heren dames collegae collega's dag,"""
)

# Words that stand with a capital at the start of a sentence, or beside a name, and are no names.
COMMON = (
    words_of(
        """aan aangemeld aangezien aanmelden aanmelding aanmeldingen aanmeldpunt aanstaande aanvraag
        achterstand
        achterstanden actie actueel adres advies afgelopen afspraak afspraken afwezig al alleen alleenstaand
        alleenstaande alles als alsjeblieft alstublieft altijd alvast ander andere anders antwoord attentie
        aub avond beetje begeleiding beide beiden bekend bel belang belangrijk belast belasting
        belastingdienst
        belastingschuld bellen belt ben bent bereikbaar bereiken bericht beschikbaar best beste beter
        betalen betaling betalingsachterstand betalingsachterstanden betreft bewind bezig bij bijgaand
        bijgevoegd
        bijlage bijstand bijvoorbeeld bijzonderheden binnen blijft boete boetes boven bovengenoemd
        bovengenoemde
        bovenstaand bovenstaande brief brieven bsn buiten buren budget buurt centrale centrum cjib collega
        collega's collegae collegiale contact contacten contactpersoon consult controle correctie coulance cq
        daar daarbij daarna daarnaast daarom daarvoor dag dagen dan dank dankjewel dankuwel dat data de
        deze dezelfde
        deurwaarder deurwaarders die dienst dient dit diverse doch doel doen doet door doorgestuurd
        dossier dringend dus duo echter een eens eerder eerst eerste eigen eind einde elke en enige er erg
        ernstig ernstige even eventueel extra
        familie fax financieel financiele financien formulier fw fwd gaan gaarne gaat geachte gebeld
        gebruikt geeft geen gegevens
        geholpen geld geldproblemen geldzaken geldzorgen geldhulp gemeente gemeld genoemd genoemde
        geriatrie gesproken
        gesprek getrouwd gevraagd geweest gezin gezondheid gezien gisteren goed goede goedemiddag goedemorgen
        graag grote groot gr groet groeten groetjes gsm haar had half hallo hand hartelijk hartelijke hebben
        heb hebt heeft heel heer helaas help helpen helemaal heel herhaling heren het hem hen hier hierbij
        hij hoe hoeft hoge hoi hoog hoop hoor hopelijk houdt huidige huis huisarts huisartsen hulp hulpvraag
        hun huur huurachterstand huurschuld ie ieder iemand ik in incasso incassobureau inclusief indien
        info informatie
        inkomen inmiddels inwoner inzake is ivm ja jaar je jij jong jonge jou jouw juist juiste jullie
        kaart kan kent
        kind kinderen kinds klacht klachten klopt komt komen kort kortom krijgen krijgt kun kunnen kunt laatst
        laatste lang langdurig langer langere laten let letop lijkt lijst lijstje loopt los maak maakt maand
        maanden maar maandag mail man mee meer meld melding melden meldt mens mensen met mevrouw meneer mij
        mijn min misschien mobiel mobiele moeder moeite moet moeten momenteel morgen mogelijk mw na naam
        naar naast
        nadere namens nieuw nieuwe niemand niet niets nog nogmaals nooit noemt nou nr nu nummer of ofwel om
        omdat onbekend onder onderstaand onderstaande onderwerp ongeveer ons onze ook op opgenomen oplopende
        opmerking opnieuw oproep oud oude ouder ouders over overig overige overleg overzicht p.s. partner
        patient patiente patienten pat pt pte per persoon plaats poh praktijk praten prettig prima probleem
        problemen
        problematisch problematische ps re reden reeds regelmatig rekening rekeningen reactie rond ruim samen
        sinds sms snel spoed spoedig spreekt spreekuur sociaal sociale sorry staat straks stad stadsdeel
        stelt steeds stress schaamt schulden schuld schuldhulp schuldhulpverlening schuldenproblematiek
        schuldsanering tegen
        tel tele telefoon telefonisch telefoonnummer telt terug terugbellen ten tenminste tevens tijdelijk
        toch
        toe toelichting toestemming toeslagen tot totaal tussen twee tweede u uit uitkering uitleg uitnodigen
        uur uw urgent vaak van vanaf vandaag vanmiddag vanmorgen vanochtend vanuit vanwege vast vaste veel
        verder verhuisd verkeerde verwijs verwijst verwijzing verzoek via vindt vader voelt voldoende
        volgens volgende volgt voor vooral
        vooraf voorheen voorkeur vorige vraag vraagt vragen vrij vriendelijk vriendelijke vriendelijkst vrouw
        waar waarvoor waarschijnlijk waren was wat week weer weet weinig wel welke wens wenst wie wij wijk
        wil willen
        wilt wist woon woonachtig wonend wonende woont woonplaats word worden wordt wouw zag zal zaken zat
        ze zeer zei zelf
        zeg zegt zes zich zie ziet zij zijn zit zo zodat zodra zoekt zoals zoon zonder zorg zorgen
        zorgverzekeraar zou
        zouden zover zullen zus zzp zzp'er geboren geb geboortedatum leeftijd jarig jarige weduwe weduwnaar
        gescheiden
        werkloos ontslagen failliet wia ww wao wajong iva bijstandsuitkering ziektewet burn-out burnout
        depressie verslaving
        and are asap at attached be been by call can concerning could contact debt debts for from fyi good
        greetings
        has have he hello her hereby hi his i in is it kind kindly lives living me morning my name of on
        one our
        patient phone please regarding regards referral referring she some thank thanks that the their them
        there
        this to us urgent was we who will with would you your
        aangeven bespreken besproken bespreking akkoord instemming stemt toegestemd geinformeerd heeft's
        bijv o.a. i.v.m. o.b.v. d.d. t.a.v. c.q. e.d. enz etc m.b.t. n.a.v. i.o.m. t.n.v. m.v.g. a.s. incl
        wacht wachtwoord zojuist zowel eten voedsel voedselbank energie energierekening gas water licht stroom
        ggd uwv svb ziggo vitens eneco vattenfall essent nuon kpn odido zilveren kruis menzis cz vgz dsw
        flevoland nederland nederlands nederlandse turks turkse marokkaans marokkaanse pools poolse
        engels engelse arabisch arabische duits duitse frans franse spaans spaanse syrisch syrische
        surinaams surinaamse antilliaans antilliaanse portugees portugese roemeens roemeense bulgaars
        bulgaarse oekraiens oekraiense afghaans afghaanse eritrees eritrese somalisch somalische belgisch
        belgische
        tigrinya engelstalig whatsapp maatschappelijk onbereikbaar bewindvoerder tolk outlook iphone android
        verstuurd verzonden sent samsung galaxy ontvangen bevestiging meld aangemelde spoedlijn agb kvk iban
        dd mg mcg dr drs mevr dhr mvr hr fam patientgegevens clientgegevens gegevens episodelijst medicatie
        medicijnen verwijzer diagnose
        vertrouwelijk disclaimer client cliente clienten overdracht warme overdracht intake nvt geen idee
        ntb n.v.t. nnb
        anoniem ok oke okay okee akkoord helder duidelijk begrepen gedaan toegevoegd excuus excuses super
        fijn mooi perfect top doei
        drie vier vijf zes zeven acht negen tien volgen volgt zsm z.s.m. svp s.v.p. a.u.b. onbekende weigert
        liever telefonisch op te vragen zie
        boven beneden"""
    )
    | MONTHS_DAYS
    | GREETINGS
    | SENDERS
    | ORGANISATIONS
    | SALUTATIONS
    | frozenset(word for words in LABELS.values() for word in words if len(word) > 3)
)
