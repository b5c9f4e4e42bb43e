"""The parts that mails are composed of; every person, role and organisation in them is invented."""

INVENTED = """level,name,parent,aliases
gemeente,Losser,,
stadsdeel,Losser Dorp,Losser,Dorp
stadsdeel,Overdinkel,Losser,
wijk,Losser,Losser Dorp,
wijk,Centrum,Losser Dorp,
wijk,Noord,Losser Dorp,
wijk,De Kamp,Losser Dorp,Kamp
wijk,Hoge Esch,Losser Dorp,
wijk,Zoekerveld,Overdinkel,
wijk,Pelinckbuurt,Overdinkel,
wijk,'t Spik,Overdinkel,
""".replace("wijk,Losser,Losser Dorp,\n", "")
"""A gemeente whose wijken are called as ordinary words and surnames are."""

GIVEN = [
    "Amina",
    "Hendrik",
    "Sjoukje",
    "Mehmet",
    "Roelof",
    "Fadoua",
    "Ilse",
    "Tesfay",
    "Wiebe",
    "Soraya",
    "Jolanda",
    "Marek",
    "Ngozi",
    "Bram",
    "Thirza",
    "Luciana",
    "Yara",
    "Gijs",
    "Hatice",
    "Dirk",
    "Femke",
    "Oksana",
    "Ruben",
    "Shanti",
    "Klaas",
    "Zainab",
    "Joost",
    "Mirjam",
    "Tamas",
    "Lieke",
]
SURNAMES = """Brinkhorst;van der Laan;Yildirim;El Idrissi;de Haas;Kowalska;ter Braak;Osei;Visscher
van 't Hek;Ramdin;Wolters;Tadesse;op den Berg;Nagtegaal;Haddou;de Vries-Bakker;Sital
Terpstra;Abdi;Kuipers;Zandstra;Lim;Dijkhuis;Novak;in 't Veld;Achterberg;Mulder;Santos
Oude Elferink""".replace("\n", ";").split(";")
ROOT = [
    "bol",
    "dra",
    "mor",
    "wend",
    "kem",
    "zil",
    "fro",
    "gar",
    "lun",
    "tov",
    "hes",
    "pra",
    "nim",
    "vel",
    "rus",
    "dop",
]
MIDDLE = ["der", "sel", "ken", "mer", "ven", "tel", "gar", "no", "ri", "la"]
END = [
    "aar",
    "ster",
    "vrouw",
    "man",
    "loods",
    "wacht",
    "gids",
    "ist",
    "boei",
    "leider",
    "trice",
    "eling",
    "houder",
    "meester",
]
ORGANISATION = ["rijk", "hof", "kring", "wende", "brug", "haven", "steun", "lijn", "punt", "kompas"]
RELATIVES = [
    "dochter",
    "zoon",
    "zus",
    "broer",
    "moeder",
    "vader",
    "buurvrouw",
    "nicht",
    "schoonzoon",
    "bewindvoerder",
    "begeleider",
    "mantelzorger",
]
PROBLEMS = [
    "Er zijn schulden bij de energie en de zorgverzekering.",
    "Huurachterstand van drie maanden.",
    "Heeft veel stress door geldzorgen.",
    "De post blijft ongeopend liggen.",
    "Kan de vaste lasten niet meer betalen.",
    "Heeft loonbeslag en komt niet rond.",
    "",
]
OPENINGS = [
    "Beste collega,\n\n",
    "Hallo,\n\n",
    "Geachte heer/mevrouw,\n\n",
    "Goedemorgen,\n\nHierbij een nieuwe aanmelding.\n\n",
    "L.S.,\n\n",
    "",
    "Dag allemaal,\n\nGraag jullie hulp bij het volgende.\n\n",
    "Hoi,\n\nZie hieronder.\n\n",
]
NAME_LABELS = ["Naam", "Naam patiënt", "Patiënt", "Cliënt", "Pt", "Betreft", "NAAM", "naam"]
PHONE_LABELS = [
    "Telefoon",
    "Tel",
    "Tel.",
    "Telefoonnummer",
    "Mobiel",
    "Tel.nr.",
    "Telefoon patiënt",
    "06-nummer",
    "tel",
    "TEL",
]
WIJK_LABELS = ["Wijk", "Buurt", "Woonwijk", "Wijk/buurt", "wijk", "WIJK"]
OTHER_LABELS = [
    "Geb.datum: 12-03-1961",
    "BSN: 999990019",
    "Geslacht: V",
    "Reden: schulden",
    "Postcode volgt",
    "Toestemming: ja",
]
SEPARATORS = [": ", ":  ", " : ", ":\t", " = ", "........: "]
CLOSINGS = [
    "Met vriendelijke groet,",
    "Groet,",
    "Mvg,",
    "Hartelijke groeten,",
    "Vriendelijke groeten,",
    "Gr.",
]
ROLES = [
    "huisarts",
    "doktersassistente",
    "POH-GGZ",
    "praktijkondersteuner",
    "assistente",
    "waarnemend huisarts",
]
BANNERS = [
    "LET OP: deze e-mail komt van buiten de organisatie.\n\n",
    "Dit bericht is beveiligd verzonden. Hulp nodig? Bel {x}.\n\n",
]
DISCLAIMERS = [
    "\n\nDit bericht is uitsluitend bestemd voor de geadresseerde. Bent u dat niet, bel dan {x}.",
    "\n\nDisclaimer: de informatie in deze e-mail is vertrouwelijk.",
]
FORWARDS = ["Graag oppakken.", "Kunnen jullie hier iets mee?", "fyi", "Zie onder, graag contact.", ""]
PROSE = [
    "Graag contact met {s} {n}, {w}. Telefoon {p}.",
    "Ik meld {s} {n} bij u aan. {S} woont in {w} en is bereikbaar op {p}.",
    "{n} uit {w} wil graag geholpen worden. {H} nummer is {p}.",
    "Zou u {s} {n} willen bellen op {p}? {S} woont in {w}.",
    "{n}, {p}, {w}.",
    "{s} {n} / {p} / {w}",
    "{n}\n{p}\n{w}",
    "{n} ({p}) woont in {w} en heeft schulden.",
    "Betreft {s} {n}, wonend in {w}, te bereiken op {p}.",
    "Vandaag zag ik {s} {n} op het spreekuur. {S} woont in {w}. U kunt {o} bellen op {p}.",
]
PROSE_WITHOUT = [
    "Naam: {n}\nWijk: {w}",
    "Patiënt: {s} {n}\nBuurt: {w}\nReden: schulden",
    "{n}\n{w}",
    "Graag contact met {s} {n}, {w}.",
    "Ik meld {s} {n} bij u aan. {S} woont in {w}.",
    "{n} uit {w} wil graag geholpen worden.",
    "{n}, {w}.",
]
# {r}: who it is, {f}: their given name, {R}: who it is with a capital.
BESIDE = [
    "{H} {r} {f} is te bereiken op {x}.",
    "{R}: {f}, {x}",
    "{R} {f} ({x}) is op de hoogte.",
    "Bij geen gehoor kunt u {f} bellen, {h} {r}: {x}.",
    "{H} {r} heeft nummer {x}.",
    "Contact mag ook via {h} {r} {f}, {x}.",
    "{R}: {x}",
    "Er is een {r} betrokken ({x}).",
    "{f} ({r}) {x}",
]
ALONE = [
    *BESIDE,
    "{H} {r} doet alles. Die is bereikbaar op {x}.",
    "{H} {r} helpt met de post. Telefoon: {x}",
    "{R} {f} komt wekelijks. Te bellen op {x}.",
    "{R} {f}\n{x}",
    "{x} ({r})",
    "{x} is van {h} {r}.",
    "{x}, dat is de {r}.",
    "De {r} neemt op: {x}",
    "Mailen kan naar {f}, bellen naar {x}.",
    "{f} {x}",
    "Contact loopt via {o_org}, {x}.",
    "{o_org} is betrokken, tel {x}.",
    "{o_org}: {x}",
    "Mijn nummer is {x}.",
    "Voor overleg ben ik bereikbaar op {x}.",
    "Bel mij gerust op {x}.",
    "Het oude nummer {x} is afgesloten.",
    "{S} woont samen met {h} {r} {f}. Te bereiken op {x}.",
    "{S} belt liever niet zelf. {H} {r} wel: {x}.",
    "Bel {o} via de {r}, {x}.",
    "Bel {o} via {o_org} op {x}.",
    "{R} is {f}. {S} weet overal van. Tel. {x}",
    "De {r} weet overal van. Tel. {x}",
    "Met {h} {r} overlegd. Telefoon {x}",
    "Overleg met {f} van {o_org} kan op {x}.",
    "Afgesproken met {f}: {x}.",
    "{S} verblijft nu bij {o_org}, telefoon {x}.",
    "{S} verblijft nu bij {f}. Tel {x}",
    "Telefoon {r}: {x}",
    "Naam {r}: {f}\nTelefoon: {x}",
    "{R}: {f}\nTelefoon: {x}",
    "{R}\nNaam: {f}\nTel: {x}",
    "{o_org}\nTel: {x}",
    "tel. {x} ({f})",
    "tel. {x} t.a.v. {f}",
    "{x} - {r}",
    "{x}, {r} {f}",
    "Op {x} krijgt u {h} {r}.",
    "Onder {x} neemt {h} {r} op.",
    "{H} {r}, die {h} post doet, is te bereiken op {x}.",
    "Samen met {h} {r} bereikbaar via {x}.",
    "Nummer: {x}. Dat is van {h} {r}.",
    "Nummer: {x}. Dit nummer is van de {r}.",
    "Mobiel: {x}\n(van {h} {r})",
    "Mobiel: {x}\nLet op, dit is het nummer van {h} {r}.",
]
# Somebody of an invented kind is brought in beside the patient, and whose the number is nobody can tell.
BROUGHT_IN = [
    "{S} heeft een {r}. {S} is bereikbaar op {x}.",
    "{S} heeft een {r}. Nummer: {x}",
    "{S} wordt bijgestaan door een {r}. {S} is bereikbaar op {x}.",
    "{S} krijgt hulp van een aardige {r}. Tel. {x}",
    "Er komt wekelijks een {r} langs. Te bereiken op {x}.",
    "{S} heeft een afspraak bij een {r}. Bellen kan op {x}.",
    "{S} leunt op {h} {r}. Die is bereikbaar op {x}.",
    "{S} heeft een {r}. Deze is bereikbaar op {x}.",
    "{S} kwam samen met een {r}. Mobiel {x}.",
    "{S} werd gebracht door een {r}. {S} wil graag dat u belt op {x}.",
    "Een {r} doet de boodschappen. {S} heeft geld geleend op naam van {s}. {x}",
    "{H} {r} kent het hele verhaal. Bel gerust: {x}",
    "{S} deelt een mobiel met een {r}. Nummer {x}.",
    "{S} logeert bij een {r}. Vaste telefoon {x}.",
    "Er is een {r} betrokken. {S} heeft toestemming dat u belt. Bereikbaar op {x}.",
    "Ik sprak vooral met {h} {r}. U kunt bellen naar {x}.",
]
