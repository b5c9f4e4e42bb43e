"""More mails as practices write them, by another practice."""

# A mail on one line shows better what is tested than one wrapped to fit.
# ruff: noqa: E501
# fmt: off

from tests.unit.reading.case import Case

SANNE = "Sanne de Wit <sanne@buitenhof.example>"
SIGNATURE = """
--
Sanne de Wit
assistente Huisartsen Buitenhof
Bosgouw 12, 1352 GK Almere Haven
Tel. 036-5407700 / spoed 036-5407701"""

FURTHER = [
    Case("further-01", "Goedemorgen collega,\n\nGraag zou ik dhr. R.J. Klaassen willen aanmelden voor jullie hulp. Meneer is woonachtig in de Sieradenbuurt en telefonisch te bereiken via 06-21436587. Hij spreekt alleen Engels." + SIGNATURE, "R.J. Klaassen", "+31621436587", "Sieradenbuurt", sender=SANNE),
    Case("further-02", "Patiënte Ayşe Kılıç, 06 21 43 65 88, Almere Poort (Homeruskwartier). Toestemming gegeven." + SIGNATURE, "Ayşe Kılıç", "+31621436588", "Homeruskwartier", sender=SANNE),
    Case("further-03", "Hoi! Zouden jullie Priscilla Doorson kunnen bellen? Nr: 0621436589. Wijk weet ik zo niet, ze woont aan de Tamboerijnstraat.\nSanne", "Priscilla Doorson", "+31621436589", None, sender=SANNE),
    Case("further-04", "Betreft: J. Koopman\nwoonachtig: Tussen de Vaarten\ntelefoonnummer: 036 - 540 77 22\n\nPatiënt heeft schulden bij o.a. CJIB." + SIGNATURE, "J. Koopman", "+31365407722", "Tussen de Vaarten", sender=SANNE),
    Case("further-05", "naam pt: w. de haan\ntel nr: 06 21436590\nwijk: stripheldenbrt" + SIGNATURE, "w. de haan", "+31621436590", "Stripheldenbuurt", sender=SANNE),
    Case("further-06", "Mevr. Van Dijk-Ali (1962) heeft dringend hulp nodig bij haar post. Ze woont in Almere Haven in De Hoven. Telnr.: 06-21436591. U mag ook haar zus bellen: 06-21436592." + SIGNATURE, "Van Dijk-Ali", "+31621436591", "De Hoven", sender=SANNE),
    Case("further-07", "Kunnen jullie contact opnemen met de familie Haddou? Zij wonen in de Oostvaardersbuurt en zijn bereikbaar op 036-5407733." + SIGNATURE, "Haddou", "+31365407733", "Oostvaardersbuurt", sender=SANNE),
    Case("further-08", "Hallo,\nik heb weer een aanmelding voor jullie: Stefan Kowalczyk uit Nobelhorst. Mobiel +48 601 234 567.\nGr. Sanne", "Stefan Kowalczyk", "+48601234567", "Nobelhorst", sender=SANNE),
    Case("further-09", "Aanmelding schuldhulpmaatje\nDe heer B. Verhoeven\nTel.: 06-21436593 (na 18u)\nKruidenwijk\n\nGroet Sanne", "B. Verhoeven", "+31621436593", "Kruidenwijk", sender=SANNE),
    Case("further-10", "Ik wil graag een patiënt aanmelden.\nZijn naam is Olivier Mbeki.\nHij woont in de Bouwmeesterbuurt.\nZijn mobiele nummer is 06-21436594.\n" + SIGNATURE, "Olivier Mbeki", "+31621436594", "Bouwmeesterbuurt", sender=SANNE),
    Case("further-11", "pat: Hilda Brands, tel 0621436595, wk Waterwijk" + SIGNATURE, "Hilda Brands", "+31621436595", "Waterwijk", sender=SANNE),
    Case("further-12", "Dag collega's, hierbij de gegevens van mw. T. Aydin: 06-21436596 / Seizoenenbuurt / geb 1-1-1990." + SIGNATURE, "T. Aydin", "+31621436596", "Seizoenenbuurt", sender=SANNE),
    Case("further-13", "Beste,\n\nOver mevrouw Ans Peters, woonachtig in De Werven: kan iemand haar bellen over haar geldproblemen? Zij heeft geen eigen telefoon, de buurvrouw (06-21436597) geeft het door." + SIGNATURE, "Ans Peters", None, "De Werven", problems=("ambiguous_phone",), sender=SANNE),
    Case("further-14", "Beste,\n\nDhr Mo Ali 06-21436598. Woont in Centrum Almere Stad. Dank, Sanne", "Mo Ali", "+31621436598", "Centrum Almere Stad", sender=SANNE),
    Case("further-15", "NAW gegevens: P. Jansma, Spinetpad 4, 1312 AB Almere. Tel 06-21436599" + SIGNATURE, "P. Jansma", "+31621436599", "Almere Stad", sender=SANNE),
    Case("further-16", "Naam: Dhr. A. de Vries en mw. B. de Vries\nTel: 06-21436600\nWijk: Parkwijk" + SIGNATURE, None, None, "Parkwijk", problems=("ambiguous_phone",), sender=SANNE),
    Case("further-17", "Geachte heer De Boer,\n\nMijn patiënt, de heer Tjeerd Wiersma, kampt met schulden. Tel. 06-21436601; hij woont in de Danswijk." + SIGNATURE, "Tjeerd Wiersma", "+31621436601", "Danswijk", sender=SANNE),
    Case("further-18", "Beste Petra,\n\nWil je mevrouw Jolanda Kok bellen? 06-21436602, Faunabuurt. Overleg gerust met mij: 06-11112222." + SIGNATURE, "Jolanda Kok", "+31621436602", "Faunabuurt", sender=SANNE),
    Case("further-19", "Mw. Kok (06-21436602) en haar man hebben schulden. Ze wonen in de Faunabuurt." + SIGNATURE, "Kok", "+31621436602", "Faunabuurt", sender=SANNE),
    Case("further-20", "Mw. Kok is bekend bij bewindvoerder Jansen (06-21436603). Ze woont in de Faunabuurt." + SIGNATURE, "Kok", None, "Faunabuurt", problems=("ambiguous_phone",), sender=SANNE),
    Case("further-21", "Patient: Kok\nTel: 06-21436602\nHuisarts: Dr. Smit, Filmwijk\nWijk: Faunabuurt" + SIGNATURE, "Kok", "+31621436602", "Faunabuurt", sender=SANNE),
    Case("further-22", "Tel: 06-21436602\nWijk: Faunabuurt\nHuisarts: Dr. Jan Smit" + SIGNATURE, None, "+31621436602", "Faunabuurt", sender=SANNE),
    Case("further-23", "Hierbij verwijs ik onderstaande patiënt:\n\nNaam: Dhr. Jan van het Hof | Geb.: 12-03-1961 | Tel.: 06-21436604 | Wijk: Regenboogbuurt" + SIGNATURE, "Jan van het Hof", "+31621436604", "Regenboogbuurt", sender=SANNE),
    Case("further-24", "Verzoek om contact met\nMevr. J. Pinas-Lont,\nLandgoederenbuurt,\n06.21.43.66.05." + SIGNATURE, "J. Pinas-Lont", "+31621436605", "Landgoederenbuurt", sender=SANNE),
    Case("further-25", "Dhr. Kees Bakker 06-21436606 Danswijk, partner: Els 06-21436607" + SIGNATURE, "Kees Bakker", "+31621436606", "Danswijk", sender=SANNE),
    Case("further-26", "Aanmelden aub: yasmina el ouali, 0621436608, literatuurwijk. groetjes sanne", "yasmina el ouali", "+31621436608", "Literatuurwijk", sender=SANNE),
    Case("further-27", "MW. Y. EL OUALI, 0621436608, LITERATUURWIJK, HEEFT SCHULDEN", "Y. EL OUALI", "+31621436608", "Literatuurwijk", sender=SANNE),
    Case("further-28", "Wie: Farid Nazari\nWaar: Europakwartier\nBereikbaar op: 06-21436609\nWaarom: schulden" + SIGNATURE, "Farid Nazari", "+31621436609", "Europakwartier", sender=SANNE),
    Case("further-29", "Patiënt Farid Nazari (man, 34 jaar), woont Europakwartier, tel. 06-21436609. Ik ben zelf bereikbaar op 06-11112222." + SIGNATURE, "Farid Nazari", "+31621436609", "Europakwartier", sender=SANNE),
    Case("further-30", "Farid Nazari\nEuropakwartier\n06-21436609\n\nSanne de Wit\n06-11112222", "Farid Nazari", "+31621436609", "Europakwartier", sender=SANNE),
    Case("further-31", "Deze patiënt heeft geldzorgen: F. Nazari te Almere-Poort, 06 - 21 43 66 09." + SIGNATURE, "F. Nazari", "+31621436609", "Almere Poort", sender=SANNE),
    Case("further-32", "Hallo, mijn patiënte Mw. C. Lieveld uit de Stedenwijk midden heeft schulden; ze is te bereiken op tel. 06 2143 6610." + SIGNATURE, "C. Lieveld", "+31621436610", "Stedenwijk", sender=SANNE),
    Case("further-33", "Wil je Roos van der Plas (Vogelhorst) bellen op 06-21436611? Ze neemt niet altijd op, dan kun je haar vriend proberen op 06-21436612." + SIGNATURE, "Roos van der Plas", "+31621436611", "Vogelhorst", sender=SANNE),
    Case("further-34", "Gegevens patiënt:\nG. Haverkamp\nAlmere Buiten\n036-5407744 / 06-21436613" + SIGNATURE, "G. Haverkamp", "+31365407744", "Almere Buiten", ("+31621436613",), sender=SANNE),
    Case("further-35", "Mevrouw De Jong belde vanochtend. Zij heeft huurachterstand en woont Gouwen. 06-21436614" + SIGNATURE, "De Jong", "+31621436614", "De Gouwen", sender=SANNE),
    Case("further-36", "Dhr. P. Willems, wijk Kruidenwijk, nr. 06-21436615 (van zijn dochter)" + SIGNATURE, "P. Willems", None, "Kruidenwijk", problems=("ambiguous_phone",), sender=SANNE),
    Case("further-37", "Mw. Schipper, De Marken. Telefoon heeft ze niet, mail naar schipper@thuispost.example." + SIGNATURE, "Schipper", None, "De Marken", sender=SANNE),
    Case("further-38", "Mw. Schipper, De Marken, tel 06-2143661" + SIGNATURE, "Schipper", None, "De Marken", problems=("invalid_phone",), sender=SANNE),
    Case("further-39", "Hi, is er al nieuws over mw. Schipper uit De Marken?" + SIGNATURE, "Schipper", None, "De Marken", sender=SANNE),
    Case("further-40", "Naam: Dhr. Ö. Yıldırım\nTelefoon:   +31(0)621436616\nWijk:   Columbus Kwartier" + SIGNATURE, "Ö. Yıldırım", "+31621436616", "Columbuskwartier", sender=SANNE),
    Case("further-41", "Cliënt: Jan-Willem op 't Hof\nTel.nr.: 06-21436617\nBuurt: Molenbuurt" + SIGNATURE, "Jan-Willem op 't Hof", "+31621436617", "Molenbuurt", sender=SANNE),
    Case("further-42", "Naam:\tN. de Leeuw\nTel:\t06-21436618\nWijk:\tEilandenbuurt\nOpm:\tbelt u liever zijn zoon: 06-21436619" + SIGNATURE, "N. de Leeuw", "+31621436618", "Eilandenbuurt", sender=SANNE),
    Case("further-43", "Voor: Sociaal team\nVan: huisarts\n\nBetreft mevrouw Lin Zhang, tel: 06-21436620, Noorderplassen" + SIGNATURE, "Lin Zhang", "+31621436620", "Noorderplassen", sender=SANNE),
    Case("further-44", "Lin Zhang heeft schulden. Zij woont in Noorderplassen-West en heeft telefoonnummer 06 214 366 20." + SIGNATURE, "Lin Zhang", "+31621436620", "Noorderplassen", sender=SANNE),
    Case("further-45", "Beste collega, vandaag sprak ik met Sjors Vermeer. Sjors woont in Duin. Zijn nummer: 06-21436621. Hij heeft schulden bij de Belastingdienst." + SIGNATURE, "Sjors Vermeer", "+31621436621", "Duin", sender=SANNE),
    Case("further-46", "Pt. A. Çelik, 06-21436622, wijk Muziekwijk zuid; BSN 111222333" + SIGNATURE, "A. Çelik", "+31621436622", "Muziekwijk Zuid", problems=("bsn_present",), sender=SANNE),
    Case("further-47", "naam: Ellen Vos; tel: 06-21436623; wijk: De Wierden; opmerkingen: slechthorend" + SIGNATURE, "Ellen Vos", "+31621436623", "De Wierden", sender=SANNE),
    Case("further-48", "Graag hulp voor Ellen Vos.\nZe woont bij haar moeder in De Wierden.\nTe bellen op 06-21436623." + SIGNATURE, "Ellen Vos", "+31621436623", "De Wierden", sender=SANNE),
    Case("further-49", "Dear team, please contact Mrs. Amara Diallo, phone number 06-21436624, area Stedenwijk. Best regards, Sanne", "Amara Diallo", "+31621436624", "Stedenwijk", sender=SANNE),
    Case("further-50", "Mw. Diallo verblijft in het AZC, 06-21436624." + SIGNATURE, "Diallo", "+31621436624", None, sender=SANNE),
    Case("further-51", "Beste Sanne,\n\nhierbij: Amara Diallo / 0621436624 / Stedenwijk\n\nMet groet,\nNico", "Amara Diallo", "+31621436624", "Stedenwijk", sender="Nico Baan <nico@buitenhof.example>"),
    Case("further-52", "Naam: zie vorige mail\nTel: 06-21436624\nWijk: Stedenwijk", None, "+31621436624", "Stedenwijk", sender=SANNE),
    Case("further-53", "De patiënt heet Thijs. Nummer 06-21436625, Danswijk." + SIGNATURE, "Thijs", "+31621436625", "Danswijk", sender=SANNE),
    Case("further-54", "Aanmelding: B.A. Hoogland; geb. 3-4-1955; Molenbuurt; vast 036-5407755, mobiel 06-21436626" + SIGNATURE, "B.A. Hoogland", "+31365407755", "Molenbuurt", ("+31621436626",), sender=SANNE),
    Case("further-55", "patiënt\nmw Ria Stam\n\ntelefoon\n06-21436627\n\nwijk\nAlmere Haven", "Ria Stam", "+31621436627", "Almere Haven", sender=SANNE),
    Case("further-56", "Mw. Ria Stam, 06-21436627, is verhuisd van Almere Buiten naar Almere Haven." + SIGNATURE, "Ria Stam", "+31621436627", "Almere Haven", sender=SANNE),
    Case("further-57", "Mw. Ria Stam, 06-21436627. Woonde in de Filmwijk, nu in de Parkwijk." + SIGNATURE, "Ria Stam", "+31621436627", "Parkwijk", sender=SANNE),
    Case("further-58", "Mw. Ria Stam (06-21436627) woont in de Filmwijk of Parkwijk." + SIGNATURE, "Ria Stam", "+31621436627", None, problems=("ambiguous_wijk",), sender=SANNE),
    Case("further-59", "Mw. Ria Stam, 06-21436627, woont vlakbij het gezondheidscentrum Filmwijk." + SIGNATURE, "Ria Stam", "+31621436627", None, sender=SANNE),
    Case("further-60", "Naam: Ria Stam\nTel: 06-21436627\nWijk: Stad" + SIGNATURE, "Ria Stam", "+31621436627", "Almere Stad", sender=SANNE),
    Case("further-61", "Naam: Ria Stam\nTel: 06-21436627\nWijk: Buiten" + SIGNATURE, "Ria Stam", "+31621436627", "Almere Buiten", sender=SANNE),
    Case("further-62", "Naam: Ria Stam\nTel: 06-21436627\nWijk: Amsterdam Zuid" + SIGNATURE, "Ria Stam", "+31621436627", None, problems=("unknown_wijk",), sender=SANNE),
    Case("further-63", "Naam: Ria Stam\nTelefoon: 06-21436627 of 06-21436628 (partner)\nWijk: De Laren" + SIGNATURE, "Ria Stam", "+31621436627", "De Laren", sender=SANNE),
    Case("further-64", "Naam: Ria Stam\nTelefoon: 06-21436627 (mobiel), 036-5407766 (thuis)\nWijk: De Laren" + SIGNATURE, "Ria Stam", "+31621436627", "De Laren", ("+31365407766",), sender=SANNE),
    Case("further-65", "Naam kind: Tim\nNaam moeder: Ria Stam\nTel moeder: 06-21436627\nWijk: De Laren" + SIGNATURE, None, None, "De Laren", problems=("ambiguous_phone",), sender=SANNE),
    Case("further-66", "Mw. Ria Stam 06-21436627 de laren. vriendelijke groet, dr. W. Bos, huisarts te Almere Haven", "Ria Stam", "+31621436627", "De Laren", sender="W. Bos <bos@buitenhof.example>"),
    Case("further-67", "L.S.,\n\nUw hulp graag voor mw. R. Stam-van der Molen (06 21436627) te Stripheldenbuurt Noord." + SIGNATURE, "R. Stam-van der Molen", "+31621436627", "Stripheldenbuurt", sender=SANNE),
    Case("further-68", "Hoi,\n\nKan iemand patiënt bellen? tel 06-21436629.\nHij heet Youssef Amrani en komt uit de Indische buurt.\n\nSanne", "Youssef Amrani", "+31621436629", "Indischebuurt", sender=SANNE),
    Case("further-69", "nieuwe aanmelding voor geldloket\n\nyoussef amrani\n06 21436629\nindische buurt", "youssef amrani", "+31621436629", "Indischebuurt", sender=SANNE),
    Case("further-70", "mw amrani, 06 21436629, verzetswijk, heeft deurwaarder aan deur, bel haar zsm", "amrani", "+31621436629", "Verzetswijk", sender=SANNE),
]
