"""Mails as practices write them: other people's numbers, old numbers, and where somebody lives now."""

# A mail on one line shows better what is tested than one wrapped to fit.
# ruff: noqa: E501
# fmt: off

from tests.unit.reading.case import Case

EVA = "Eva Brinkman <e.brinkman@hap-bosrand.example>"
SIG = "\n\nGroet,\nEva Brinkman, POH-GGZ\nHuisartsenpraktijk Bosrand, Bosranddreef 1, 1349 AA Almere\n036-5221100 | 06-30001000"
A = ("ambiguous_phone",)
SIXTH = [
    Case("b3-vr", "Bij vragen kunt u mij bereiken: 06-30001000. Patiënt: Arie Bol, 06-30001003, Parkwijk." + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-belt-ons", "Arie Bol, Parkwijk. Belt u ons voor overleg: 036-5221101." + SIG, "Arie Bol", None, "Parkwijk", sender=EVA),
    Case("b3-gemeente", "Arie Bol, Parkwijk, heeft een brief van de gemeente (14036, tel 036-5399911) gekregen. Zelf: 06-30001003." + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-eneco", "Arie Bol (06-30001003), Parkwijk. Schuld bij Vitens, klantnummer 0612345678." + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-werkgever", "Arie Bol, Parkwijk. Werkgever Albert Heijn 036-5399912 heeft loonbeslag doorgevoerd." + SIG, "Arie Bol", None, "Parkwijk", problems=A, sender=EVA),
    Case("b3-zus-behind", "Arie Bol, Parkwijk, 06-30001004 (van zijn zus)" + SIG, "Arie Bol", None, "Parkwijk", problems=A, sender=EVA),
    Case("b3-zus-behind2", "Arie Bol, Parkwijk, 06-30001003 / 06-30001004 (zus)" + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-nichtje", "Arie Bol, Parkwijk. Nichtje Sanne helpt hem, zij heeft nummer 06-30001004." + SIG, "Arie Bol", None, "Parkwijk", problems=A, sender=EVA),
    Case("b3-vriendin", "Arie Bol, Parkwijk. Vriendin Kim neemt de telefoon op: 06-30001004." + SIG, "Arie Bol", None, "Parkwijk", problems=A, sender=EVA),
    Case("b3-huisgenoot", "Arie Bol, Parkwijk. Bereikbaar via huisgenoot op 06-30001004." + SIG, "Arie Bol", None, "Parkwijk", problems=A, sender=EVA),
    Case("b3-maatsch", "Arie Bol, Parkwijk. Maatschappelijk werker Joop de Wit (06-30001004) is betrokken." + SIG, "Arie Bol", None, "Parkwijk", problems=A, sender=EVA),
    Case("b3-amb-beg", "Arie Bol, Parkwijk. Ambulant begeleider: Joop, 06-30001004" + SIG, "Arie Bol", None, "Parkwijk", problems=A, sender=EVA),
    Case("b3-leger", "Arie Bol, Parkwijk. Verblijft bij Leger des Heils, 036-5399914." + SIG, "Arie Bol", None, "Parkwijk", problems=A, sender=EVA),
    Case("b3-pt-label-last", "Nummers:\n036-5221100 praktijk\n06-30001003 patiënt\nNaam Arie Bol\nParkwijk", "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-list-roles", "Arie Bol - patiënt - 06-30001003\nRia Bol - echtgenote - 06-30001004\nWijk: Parkwijk" + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-table-roles", "Patiënt\tArie Bol\t06-30001003\nMantelzorger\tRia Bol\t06-30001004\nWijk\tParkwijk" + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-kind-label", "Kind: Tim Bol (9 jr)\nOuder: Ria Bol\nTel: 06-30001004\nWijk: Parkwijk" + SIG, None, None, "Parkwijk", sender=EVA, problems=("ambiguous_phone",)),
    Case("b3-old-then", "Arie Bol, Parkwijk. 06-30001004 is niet meer in gebruik, hij heeft nu 06-30001003." + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-not-this", "Arie Bol, Parkwijk. Niet 06-30001004 maar 06-30001003." + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-vorige", "Arie Bol, Parkwijk, vorig nummer 06-30001004, huidig nummer 06-30001003." + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-doubt", "Arie Bol, Parkwijk. 06-30001003 of 06-30001004, ik weet niet welke klopt." + SIG, "Arie Bol", None, "Parkwijk", problems=A, sender=EVA),
    Case("b3-dr-name", "Dr. Visser vroeg mij Arie Bol (Parkwijk, 06-30001003) aan te melden." + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-namens", "Namens dokter R. Visser: patiënt Arie Bol, Parkwijk, 06-30001003. Dokter Visser: 06-30001005." + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-colleague", "Onze collega Mieke Stam (06-30001006) sprak Arie Bol uit de Parkwijk." + SIG, "Arie Bol", None, "Parkwijk", sender=EVA, problems=("ambiguous_phone",)),
    Case("b3-to-org", "Beste mevrouw De Groot, dank voor uw telefoontje. Arie Bol, Parkwijk, 06-30001003." + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-your-number", "Ik probeerde u te bellen op 036-5399915. Het gaat om Arie Bol, Parkwijk." + SIG, "Arie Bol", None, "Parkwijk", sender=EVA),
    Case("b3-amount", "Arie Bol, Parkwijk. Schuld 0612 euro? Tel 06-30001003. Huur 850,-" + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-born", "Arie Bol 06-03-1951 Parkwijk 0630001003" + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-bsn-phone", "Arie Bol, bsn 999990019, Parkwijk, 0630001003" + SIG, "Arie Bol", "+31630001003", "Parkwijk", problems=("bsn_present",), sender=EVA),
    Case("b3-ext", "Arie Bol, Parkwijk, tel. 036-5399916 toestel 12" + SIG, "Arie Bol", "+31365399916", "Parkwijk", sender=EVA),
    Case("b3-and", "Arie Bol, Parkwijk, 06-30001003 en 036-5399916" + SIG, "Arie Bol", "+31630001003", "Parkwijk", others=("+31365399916",), sender=EVA),
    Case("b3-slashed", "Arie Bol, Parkwijk, 06-30001003/036-5399916" + SIG, "Arie Bol", "+31630001003", "Parkwijk", others=("+31365399916",), sender=EVA),
    Case("b3-wijk-werk", "Arie Bol werkt in de Waterwijk en woont in de Parkwijk. 06-30001003" + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-wijk-son", "Arie Bol, 06-30001003. Zijn zoon woont in de Waterwijk, hijzelf in de Parkwijk." + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-wijk-move", "Arie Bol, 06-30001003. Gaat binnenkort verhuizen naar Waterwijk, nu nog Parkwijk." + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-wijk-prak", "Arie Bol, 06-30001003. Afspraak kan in ons gebouw in de Waterwijk." + SIG, "Arie Bol", "+31630001003", None, sender=EVA),
    Case("b3-name-swap", "Naam: Bol\nVoornaam: Arie\nTel: 06-30001003\nWijk: Parkwijk" + SIG, "Arie Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-name-maiden", "Mw. A. Bol, geb. Smit, Parkwijk, 06-30001003" + SIG, "A. Bol", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-name-of", "Mw. A. Bol-Smit ook bekend als Annie Bol, Parkwijk, 06-30001003" + SIG, "A. Bol-Smit", "+31630001003", "Parkwijk", sender=EVA),
    Case("b3-name-dr", "Patiënt: dr. ir. A.B. Bol, Parkwijk, 06-30001003" + SIG, "A.B. Bol", "+31630001003", "Parkwijk", sender=EVA),
]

JIP = "Jip Molenaar <j.molenaar@hap-oever.example>"
JIP_SIG = "\n\nGroet,\nJip Molenaar\nHAP De Oever, Oeverpad 2, 1316 AA Almere\n036-5233300"
SIXTH += [
    Case("b4-1", "Mw. Betty Groot, 06-40001001, Filmwijk" + JIP_SIG, "Betty Groot", "+31640001001", "Filmwijk", sender=JIP),
    Case("b4-2", "Dhr. Ed Post (06-40001002) uit de Waterwijk kan zijn huur niet betalen." + JIP_SIG, "Ed Post", "+31640001002", "Waterwijk", sender=JIP),
    Case("b4-3", "Voor Ineke Vos graag een budgetcoach. Nummer 06-40001003. Zij woont in Vogelhorst." + JIP_SIG, "Ineke Vos", None, "Vogelhorst", sender=JIP, problems=("ambiguous_phone",)),
    Case("b4-4", "Ineke Vos, Vogelhorst. Haar kleindochter Pip (06-40001004) doet de post." + JIP_SIG, "Ineke Vos", None, "Vogelhorst", problems=A, sender=JIP),
    Case("b4-5", "Ineke Vos, Vogelhorst, 06-40001003. Ik ben zelf bereikbaar op 06-40001005." + JIP_SIG, "Ineke Vos", "+31640001003", "Vogelhorst", sender=JIP),
    Case("b4-7", "Ineke Vos, Vogelhorst. Haar advocaat mr. Dols, 036-5233301." + JIP_SIG, "Ineke Vos", None, "Vogelhorst", problems=A, sender=JIP),
    Case("b4-8", "Ineke Vos\nVogelhorst\n06-40001003 (eigen)\n06-40001004 (kleindochter)" + JIP_SIG, "Ineke Vos", "+31640001003", "Vogelhorst", sender=JIP),
    Case("b4-9", "Patiënt: Ineke Vos\nMantelzorger: Pip Vos\nTelefoon mantelzorger: 06-40001004\nTelefoon patiënt: 06-40001003\nWijk: Vogelhorst", "Ineke Vos", "+31640001003", "Vogelhorst", sender=JIP),
    Case("b4-10", "Ineke Vos, Vogelhorst. Op verzoek van haar casemanager (Bo, 036-5233302)." + JIP_SIG, "Ineke Vos", None, "Vogelhorst", problems=A, sender=JIP),
    Case("b4-11", "Ineke Vos, Vogelhorst. Ze heeft een nieuw nummer, maar dat weet ik niet; oude is 06-40001003." + JIP_SIG, "Ineke Vos", None, "Vogelhorst", sender=JIP),
    Case("b4-12", "Ineke Vos, Vogelhorst. Telefoon afgesloten (was 06-40001003)." + JIP_SIG, "Ineke Vos", None, "Vogelhorst", sender=JIP),
    Case("b4-13", "Hoi, is mw. Vos (Vogelhorst) al gebeld? Nummer was 06-40001003." + JIP_SIG, "Vos", None, "Vogelhorst", problems=("ambiguous_phone",), sender=JIP),
    Case("b4-14", "Namens haar zoon meld ik aan: Ineke Vos, 06-40001003, Vogelhorst." + JIP_SIG, "Ineke Vos", "+31640001003", "Vogelhorst", sender=JIP),
    Case("b4-17", "Ineke Vos, Vogelhorst; haar nr 06-40001003; mijn nr 06-40001005." + JIP_SIG, "Ineke Vos", "+31640001003", "Vogelhorst", sender=JIP),
]
