"""What words can say about whose a phone number is: closed classes of known words.

Everything here is known; whatever is not here is unknown, and an unknown word on the way from a number to
the patient leaves the number unknown. So a word that is missing costs a question, never a wrong number, and
nothing may be added here that could itself be the owner of a number.
"""

from enum import StrEnum

from gateway.reading.patient.words import MONTHS_DAYS, plain


class Kind(StrEnum):
    """What a word does on the way from a number to its owner."""

    PATIENT = "patient"
    BODY = "body"
    """An organisation: in "schulden bij de bank" it doesn't take the sentence over."""
    PRONOUN = "pronoun"
    PHONE = "phone"
    CALL = "call"
    LINK = "link"
    THING = "thing"
    OTHER = "other"
    SENDER = "sender"
    NEGATION = "negation"
    UNKNOWN = "unknown"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PATIENT = _words(
    """patient patiente pat pt pte ptn client cliente betrokkene aangemelde mevrouw mw mevr meneer dhr heer
    mijnheer echtpaar gezin familie fam patientes mvr mnr inwoner inwoonster deze man dame mej juffrouw
    zichzelf haarzelf hemzelf zelf. mr mrs ms miss mister persoon zijnzelf"""
) - {"deze", "man", "persoon"}
_PRONOUN = _words("hij zij ze hem haar m 'm hen hun diens z'n zn d'r he she him her his their they them")
_PHONE = _words(
    """tel tlf tlfn tfn telf telefoon telefoonnummer telefoonnummers telefoonnr telnr telnummer nummer nummers
    nr nrs mobiel mobiele mobieltje mob mobielnr mobielnummer gsm gsmnr gsmnummer phone telephone mobile cell
    number 06 06-nr 06-nummer 06nummer vast vaste thuis thuisnummer huisnummer huistelefoon belnummer
    contactnummer telefonisch foon whatsapp app toestel toestellen lijn vastnetnummer prive privenummer
    bereikbaarheid contactgegevens telefoongegevens telefoontje prive-nummer 06nr werk smartphone"""
)
_CALL = _words(
    """bel bellen belt gebeld opbellen terugbellen bereikbaar bereiken bereikt bereik appen appt appje whatsappen
    sms sms'en smsen contact contacten contacteren benaderen benaderd benader opnemen neemt oproepen spreken
    telefoneren kontakt call calls called reach reached reachable calling contacteer app'en berichten gehoor
    terugbelverzoek telefonische"""
)
_LINK = _words(
    """de het een the a an of to at on in is was are be and or for can his bij met van aan op in onder via te tot
    uit naar over om door na voor tussen vanaf sinds per binnen tijdens naast rond tegen zonder dat die dit deze
    dan er hier daar waar wie wat hoe of en ook nog al wel niet-alleen maar want dus omdat als indien zodat wanneer
    zijn is ben bent was waren wordt worden werd heeft hebben had kan kunt kunnen kun mag mogen moet moeten zal
    zullen zou zouden wil wilt willen wilde gaat gaan graag aub svp alstublieft alsjeblieft liefst liever het
    beste best gewoon meestal vaak soms altijd steeds momenteel nu tijdelijk thans vandaag morgen gisteren
    overmorgen vanmiddag vanavond vanochtend vanmorgen 's s avonds ochtends middags overdag werkdagen weekend
    kantooruren kantoortijden buiten tijd uur u dag dagen week avond ochtend middag vroeg laat goed beter
    makkelijkst snelst snel spoedig zsm zo mogelijk even eens dringend ze heel erg zeer kort kunt iemand u jullie
    je jij uw jou men alleen samen beiden beide allebei eigen huidige actuele juiste correcte goede volledige
    nieuwe nieuw recente laatste evt eventueel bijv resp ofwel danwel dan anders daarnaast verder tevens
    hierbij bijgaand onderstaande onderstaand volgende gegevens info aanmelding aanmelden aangemeld meld aanmeld
    verwijzing verwijs referral refer wijk woont wonen wonend wonende woonachtig woonplaats buurt stadsdeel
    adres postcode straat verblijft verblijvend leeft lives living heet genaamd genaamde naam voornaam achternaam
    betreft betreffende inzake over gaat jaar jr j geb geboren leeftijd oud nog spreekt sprak gesproken zag
    sprong opgeroepen heb heeft hulp help helpen geholpen nodig vraagt wenst zoekt toestemming akkoord gegeven
    geeft gaf weet hiervan ervan contactopname opname bekend vindt prima fijn goed wilt kunnen dank bedankt
    alvast groet groeten groetjes sorry excuus excuses hallo hoi dag beste geachte goedemorgen goedemiddag lukt
    ten ter zie onder boven hieronder hierboven beneden namelijk nl dwz voorkeur bijvoorkeur please thanks
    mr kan direct rechtstreeks persoonlijk regelmatig nederlands nederlandse nederland pools poolse polen duits
    duitse duitsland belgisch belgische belgie portugees portugese turks turkse turkije roemeens roemeense
    bulgaars bulgaarse spaans spaanse frans franse engels engelse surinaams surinaamse marokkaans marokkaanse
    oekraiens oekraiense buitenlands buitenlandse arabisch arabische nl tr pl be wederom opnieuw tweede eerste
    ander andere twee drie nul zes een lang laten overgaan inspreken voicemail proberen probeer nogmaals keer
    eerst liefst erbij hoort staat staan systeem dossier his epd genoteerd vermeld ingeschreven mogelijk hoort
    krijgt krijgen mee blij wachten wacht verwacht telefoontje vrij thuis vergeten sturen stuur hr v m vr
    woensdag alsnog inderdaad namens-nee ja klopt correct hopelijk nederlandstalig toch vanwege wegens ivm i.v.m
    binnenkort ze zn deze is's it me-nee she's he's wel tussendoor rustig doof slechthorend verhuisd verhuizing
    opgegeven gegeven doorgegeven hieronder woonde sinds kort achter enkel uitsluitend slechts zelfstandig
    samen gezamenlijk allebei gebruikt gebruiken gebruik neemt nam pakt opgenomen op gelijk voorzichtig
    nieuwste meteen asap hereby my-nee would you your could should will he'd their living has have had been
    speaks dutch english only area district neighbourhood number's vriendelijk verzoek verzoeken gevraagd
    pc bsn zelf let ps p.s nb n.b postbus tien acht negen zeven elf twaalf volgt volgen weten woonplek patientnr
    typefout verblijfplaats hoofd tussen tijden dagelijks maandelijks wekelijks meer zit zat zitten komt komen kwam durft lukt redt dreigt antwoord antwoorden regels vraagt wist
    meldt belde belt kreeg werkt werkte loopt liep doet deed maakt gemaakt ligt liggen blijft raakt geraakt
    rond zelden nooit-nee iets niets iedere elke vorige-nee laatst afgelopen onlangs net zojuist vorig-nee plus
    circa ongeveer zoals bijna helemaal geheel gehad geweest gekomen gegaan graag wachtlijst lijst hierover
    daarover daarvoor hiervoor daarom hiermee waarvoor waarbij waardoor erg best gaarne mobielloos pat-nee gender
    geslacht man-nee v-nee polisnummer dossiernummer patientnummer email mail e-mail mailadres toelichting opmerking
    hoe wanneer waarom zeg zegt zei aangegeven geeft aan besproken afgesproken ivm i.v.m mbt m.b.t nav n.a.v tav
    nadere overleg-nee ontvangen geldhulp schuldhulp bellers"""
) - {"vorige-nee", "nooit-nee", "vorig-nee", "pat-nee", "man-nee", "v-nee", "namens-nee", "me-nee", "my-nee", "overleg-nee", "niet-alleen"}
_THING = _words(
    """schuld schulden geld geldzorgen geldproblemen geldzaken geldnood huur huurschuld energie stroom gas water
    zorgkosten uitkering bijstand inkomen baan werkloos ontslag ontslagen zzp'er zzp failliet faillissement
    administratie financien financiele financieel problemen probleem problematiek zorgen hulpvraag vraag post
    brieven brief rekening rekeningen aanmaning aanmaningen deurwaarders incasso's betaling betalingen lasten
    huis woning kinderen kind toeslag toeslagen boete boetes cjib beslag loonbeslag bewind ontruiming
    huisuitzetting afsluiting spoed stress depressie depressief angst ziek ziekte ziektewet wia ww wajong aow wao
    pensioen burn-out burnout dementie astma diabetes copd hypertensie pijn klachten medicatie alcohol gokken
    verslaving verslaafd dakloos gescheiden echtscheiding scheiding alleenstaand alleenstaande weduwe weduwnaar
    zwanger analfabeet laaggeletterd taalbarriere taal corona budget begroting overzicht orde rust eten leefgeld
    lening leningen krediet hypotheek auto auto's verzekering zorgverzekering telefoonrekening bank-nee situatie
    thuissituatie achtergrond reden toelichting opmerking opmerkingen bijzonderheden nvt onbekend gesprek
    afspraak afspraken intake consult spreekuur papieren formulieren formulier bankzaken geldloket schuldsanering
    wsnp stabilisatie voedselpakket ondersteuning maand maanden jaren weken uren betalen betaalt betaald
    verstand computer internet digid digivaardig gezondheid lichamelijk psychisch ernstige ernstig grote hoge
    oplopende veel weinig diverse enkele forse flinke nogal klein kleine groot hoog"""
) - {"bank-nee"}
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
)
_PLACE_ENDINGS = (
    "straat", "laan", "plein", "dreef", "gracht", "kade", "singel", "wijk", "buurt", "kwartier", "polder",
)
_OTHER = _words(
    """dochter dochters zoon zoons partner partners echtgenoot echtgenote man vrouw vriend vriendin moeder vader
    ouder ouders zus zuster zusje broer broertje schoonzus schoonzoon schoondochter schoonmoeder schoonvader zwager
    oom tante neef nicht neefje nichtje opa oma kleinzoon kleindochter buur buurman buurvrouw buren overbuurman
    overbuurvrouw buurjongen buurmeisje ex expartner ex-partner ex-man ex-vrouw exman exvrouw ex-vriend ex-vriendin
    stiefvader stiefmoeder stiefzoon stiefdochter pleegmoeder pleegvader pleegouders familielid huisgenoot
    huisgenote kennis kennissen huisbaas baas chef collega werkgever werkgeefster verhuurder mantelzorger
    mantelzorgster contactpersoon contactpersonen begeleider begeleidster begeleiding hulpverlener hulpverleenster
    casemanager maatje tolk tolkentelefoon voogd verzorger verzorgster verzorgende vrijwilliger vrijwilligster
    vertegenwoordiger gemachtigde bewindvoerder bewindvoerster bewindvoering bewindvoerderskantoor curator mentor
    advocaat advocate notaris jurist schuldhulpverlener budgetbeheerder budgetcoach coach noodcontact noodnummer
    noodgeval woonbegeleider woonbegeleidster woonbegeleiding thuisbegeleiding thuiszorg wijkverpleging
    wijkverpleegkundige verpleegkundige verpleging apotheek apotheker ziekenhuis specialist internist psychiater
    psycholoog fysiotherapeut therapeut wijkteam buurtteam team wijkagent agent politie reclassering school juf
    meester leraar docent mentrix ib'er deurwaarder gerechtsdeurwaarder incasso incassobureau schuldeiser
    woningcorporatie corporatie woningbouw gemeente uwv svb belastingdienst kredietbank stadsbank bank
    zorgverzekeraar verzekeraar maatschappelijk werker werkster welzijnswerker ouderenadviseur consulent
    consulente klantmanager jobcoach trajectbegeleider ambulant persoonlijk-begeleider gezinsvoogd jeugdzorg
    jeugdbescherming kraamzorg kraamverzorgster consultatiebureau raadslieden raadsman humanitas vluchtelingenwerk
    opvang aanleunwoning receptie portier beheerder servicedesk helpdesk oppas gastouder dominee pastoor imam
    iedereen daughter son wife husband mother father sister brother neighbour neighbor friend worker interpreter
    boss landlord employer caregiver ma pa mama papa stichting instelling organisatie winkel kantoor tandarts spv
    zorgcoordinator zorgverlener huishoudelijke hulp-nee pgb-hulp kinderen verloofde schoonfamilie schoonouders
    mevrouw's levenspartner levensgezel levensgezellin"""
) - {"hulp-nee", "mentrix", "kinderen", "ambulant"}
_BODY = _words(
    """
    thuiszorg wijkverpleging verpleging apotheek ziekenhuis wijkteam buurtteam team politie reclassering school
    incasso incassobureau woningcorporatie corporatie woningbouw gemeente uwv svb belastingdienst kredietbank
    stadsbank bank zorgverzekeraar verzekeraar jeugdzorg jeugdbescherming kraamzorg consultatiebureau humanitas
    vluchtelingenwerk opvang receptie servicedesk helpdesk stichting instelling organisatie winkel kantoor
    bewindvoerderskantoor schuldeiser schuldeisers deurwaarder deurwaarders gerechtsdeurwaarder verhuurder werkgever
    huisbaas woonbegeleiding thuisbegeleiding begeleiding bewindvoering loket energiebedrijf energieleverancier
    noodnummer ggz ggd poli polikliniek voedselbank"""
)
_SENDER = _words(
    """ik mij me mijn m'n wij we ons onze my our us i vragen overleg ondergetekende praktijk huisartsenpraktijk
    huisartspraktijk gezondheidscentrum hap huisarts huisartsen arts dokter assistente assistent
    doktersassistente poh poh-ggz poh-s praktijkondersteuner waarnemer verwijzer aanmelder balie secretariaat
    spoedlijn spoednummer achterwacht fax faxnummer afzender praktijkmanager huisartsenpost doorkiesnummer
    praktijknummer praktijktelefoon terugkoppeling ikzelf dr gp doctor practice praktijkmobiel aangemeld-door
    ingevuld intercollegiaal collegiaal verpleegkundig-specialist aios haio"""
)
_NEGATION = _words(
    """niet geen nooit zonder oud oude vorige vorig voormalig voormalige vroegere eerdere vervallen verkeerd
    verkeerde fout foute foutieve onjuist onjuiste afgesloten geblokkeerd ongeldig not no wrong old"""
)

_MEANING: dict[str, Kind] = {}
for _kind, _group in (
    (Kind.LINK, _LINK | MONTHS_DAYS),
    (Kind.THING, _THING),
    (Kind.CALL, _CALL),
    (Kind.PHONE, _PHONE),
    (Kind.PRONOUN, _PRONOUN),
    (Kind.PATIENT, _PATIENT),
    (Kind.OTHER, _OTHER),
    (Kind.BODY, _BODY),
    (Kind.SENDER, _SENDER),
    (Kind.NEGATION, _NEGATION),
):
    _MEANING.update(dict.fromkeys(_group, _kind))


def kind_of(word: str) -> Kind:
    """What a word (as `plain` gives it) does on a path."""
    known = _MEANING.get(word)
    if known is not None:
        return known
    if len(word) == 1 or word.isdigit():
        return Kind.LINK
    if word.endswith(_THING_ENDINGS):
        return Kind.THING
    return Kind.LINK if word.endswith(_PLACE_ENDINGS) else Kind.UNKNOWN


__all__ = ["Kind", "kind_of", "plain"]
