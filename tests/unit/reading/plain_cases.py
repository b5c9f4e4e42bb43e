"""Plain mails in every layout, from a shared mailbox; what is odd beyond reading is asked about."""

# A mail on one line shows better what is tested than one wrapped to fit.
# ruff: noqa: E501
# fmt: off

from tests.unit.reading.case import Case

LINDE = "Huisartsenpraktijk De Linde <info@delinde-almere.example>"
SIGNATURE = "\n\nMet vriendelijke groet,\n\nM. Verhagen, huisarts\nHuisartsenpraktijk De Linde\nBotplein 3\n1317 AA Almere\nT: 036 - 538 10 10 F: 036 - 538 10 11\nE: info@delinde-almere.example"

PLAIN = [
    Case("plain-01","Geachte collega,\n\nGraag uw aandacht voor bovengenoemde patiënt. Hij woont in de Waterwijk en is te bereiken op 06-41414101." + SIGNATURE,"Henk Dijkman","+31641414101","Waterwijk",subject="Verwijzing dhr. Henk Dijkman", sender=LINDE),
    Case("plain-02","Patiëntgegevens\nNaam: Dijkman, H.J. (M)\nGeboortedatum: 04-05-1966\nTelefoon: 06-41414101 (mobiel)\nAdres: Eemstraat 9\nWoonplaats: 1317 BC Almere\nWijk: Waterwijk" + SIGNATURE,"H.J. Dijkman","+31641414101","Waterwijk", sender=LINDE),
    Case("plain-03","Zou iemand contact kunnen opnemen met Nadia Haddad? Ze heeft een betalingsregeling die ze niet kan nakomen. Nadia woont in de Kruidenwijk, 06-41414102." + SIGNATURE,"Nadia Haddad","+31641414102","Kruidenwijk", sender=LINDE),
    Case("plain-04","Nadia Haddad, kruidenwijk, 06-41414102, mag gebeld worden" + SIGNATURE,"Nadia Haddad","+31641414102","Kruidenwijk", sender=LINDE),
    Case("plain-05","LS,\n\nOp verzoek van patiënt zelf: graag bellen. Het gaat om Yassine Bouhaddou, 0641414103, Molenbuurt. Liefst in de ochtend." + SIGNATURE,"Yassine Bouhaddou","+31641414103","Molenbuurt", sender=LINDE),
    Case("plain-06","Hallo team,\n\nweer eentje: Jeroen (06 41414104) uit Almere Haven de Wierden. Achternaam Pluim." + SIGNATURE,"Jeroen","+31641414104","De Wierden", sender=LINDE),
    Case("plain-07","Hallo team,\n\nmevrouw Jeanette Pluim - van Zijl, woont Almere Haven (de Werven) tel 0641414104." + SIGNATURE,"Jeanette Pluim - van Zijl","+31641414104","De Werven", sender=LINDE),
    Case("plain-08","pluim, j / 0641414104 / werven" + SIGNATURE,None,None,None, sender=LINDE, problems=("ambiguous_phone",)),
    Case("plain-09","Mag ik aanmelden: Wim Sonneveld. tel: 036-5401010. buurt: Bouwmeester buurt. reden: schulden. gr. M. Verhagen","Wim Sonneveld","+31365401010","Bouwmeesterbuurt", sender=LINDE),
    Case("plain-10","Goedendag,\n\nBij deze een verwijzing voor Shanice Wijngaarde (1999). Ze verblijft bij haar tante in Homeruskwartier. Haar 06: 06-41414105." + SIGNATURE,"Shanice Wijngaarde","+31641414105","Homeruskwartier", sender=LINDE),
    Case("plain-11","Patiënte: Shanice Wijngaarde\nMobiele nummer: +31 641 414 105\nWijk waar patiënte woont: Homeruskwartier" + SIGNATURE,"Shanice Wijngaarde","+31641414105","Homeruskwartier", sender=LINDE),
    Case("plain-12","Voorletters + achternaam: S. Wijngaarde\nTelefoonnummer patiënt: 06-41414105\nWoonachtig in (wijk): Homeruskwartier" + SIGNATURE,"S. Wijngaarde","+31641414105","Homeruskwartier", sender=LINDE),
    Case("plain-13","Naam en telefoonnummer: S. Wijngaarde, 06-41414105\nWijk: Homeruskwartier" + SIGNATURE,"S. Wijngaarde","+31641414105","Homeruskwartier", sender=LINDE),
    Case("plain-14","Naam/tel/wijk: S. Wijngaarde / 06-41414105 / Homeruskwartier" + SIGNATURE,"S. Wijngaarde","+31641414105","Homeruskwartier", sender=LINDE),
    Case("plain-15","S. Wijngaarde 06-41414105 Homeruskwartier" + SIGNATURE,"S. Wijngaarde","+31641414105","Homeruskwartier", sender=LINDE),
    Case("plain-16","S. Wijngaarde (06-41414105) - Homeruskwartier - schulden" + SIGNATURE,"S. Wijngaarde","+31641414105","Homeruskwartier", sender=LINDE),
    Case("plain-17","06-41414105 S. Wijngaarde Homeruskwartier" + SIGNATURE,"S. Wijngaarde","+31641414105","Homeruskwartier", sender=LINDE),
    Case("plain-18","Homeruskwartier: S. Wijngaarde, 06-41414105" + SIGNATURE,"S. Wijngaarde","+31641414105","Homeruskwartier", sender=LINDE),
    Case("plain-19","Zie onderwerp, graag hulp." + SIGNATURE,"S. Wijngaarde","+31641414105","Homeruskwartier",subject="S. Wijngaarde / 0641414105 / Homeruskwartier", sender=LINDE),
    Case("plain-20","Wijk: Homeruskwartier, tel 0641414105." + SIGNATURE,"S. Wijngaarde","+31641414105","Homeruskwartier",subject="aanmelding S. Wijngaarde", sender=LINDE),
    Case("plain-21","Aanmelding geldzorgen\n\nPatiënt\nS. Wijngaarde\nHomeruskwartier\n0641414105" + SIGNATURE,"S. Wijngaarde","+31641414105","Homeruskwartier", sender=LINDE),
    Case("plain-22","Naam: <b>S. Wijngaarde</b>\nTel: 0641414105\nWijk: Homeruskwartier" + SIGNATURE,"S. Wijngaarde","+31641414105","Homeruskwartier", sender=LINDE),
    Case("plain-23","Onze patiënt de heer Kofi Mensah Boateng heeft schulden en weinig netwerk. Hij spreekt Engels. Kofi is te bereiken op zijn mobiele nummer, te weten: 06-41414106. Zijn woonplek is in de Indischebuurt." + SIGNATURE,"Kofi Mensah Boateng","+31641414106","Indischebuurt", sender=LINDE),
    Case("plain-24","Dear,\n\nOur patient Kofi Mensah lives in Almere Buiten, Sieradenbuurt. Tel +31 6 41414106. Debts.\n\nRegards,\nM. Verhagen, GP\nDe Linde\n036-5381010","Kofi Mensah","+31641414106","Sieradenbuurt", sender=LINDE),
    Case("plain-25","Dhr Mensah 06-41414106, Almere buiten" + SIGNATURE,"Mensah","+31641414106","Almere Buiten", sender=LINDE),
    Case("plain-26","Dhr Mensah 06-41414106, bereikbaar buiten kantoortijden, Sieradenbuurt" + SIGNATURE,"Mensah","+31641414106","Sieradenbuurt", sender=LINDE),
    Case("plain-27","Dhr Mensah 06-41414106 Almere-Hout, Nobelhorst" + SIGNATURE,"Mensah","+31641414106","Nobelhorst", sender=LINDE),
    Case("plain-28","Dhr. Mensah, tel. 06-41414106, adres: Edelstenenlaan 4, 1339 AB" + SIGNATURE,"Mensah","+31641414106","Almere Buiten", sender=LINDE),
    Case("plain-29","Dhr. Mensah, tel. 06-41414106, postcode 1339ab" + SIGNATURE,"Mensah","+31641414106","Almere Buiten", sender=LINDE),
    Case("plain-30","Naam: Mensah\nTel: 06-41414106\nPC: 1339" + SIGNATURE,"Mensah","+31641414106","Almere Buiten", sender=LINDE),
    Case("plain-31","Naam: Mensah\nTel: 06-41414106\nWijk: 1339 AB" + SIGNATURE,"Mensah","+31641414106","Almere Buiten", sender=LINDE),
    Case("plain-32","Naam: Mensah\nTel: 06-41414106\nWijk: Seizoensbuurt" + SIGNATURE,"Mensah","+31641414106","Seizoenenbuurt", sender=LINDE),
    Case("plain-33","Naam: Mensah\nTel: 06-41414106\nWijk: Collumbuskwartier" + SIGNATURE,"Mensah","+31641414106","Columbuskwartier", sender=LINDE),
    Case("plain-34","Naam: Mensah\nTel: 06-41414106\nWijk: Tussen vaarten" + SIGNATURE,"Mensah","+31641414106","Tussen de Vaarten", sender=LINDE),
    Case("plain-35","Naam: Mensah\nTel: 06-41414106\nWijk: Almere" + SIGNATURE,"Mensah","+31641414106",None, sender=LINDE),
    Case("plain-36","Naam: Mensah\nTel: 06-41414106\nWijk: ?" + SIGNATURE,"Mensah","+31641414106",None, sender=LINDE),
    Case("plain-37","Naam: Mensah\nTel: 06-41414106\nWijk: Parkwijk/Danswijk (grens)" + SIGNATURE,"Mensah","+31641414106",None,problems=("ambiguous_wijk",), sender=LINDE),
    Case("plain-38","Naam: Mensah\nTel: 06-41414106\nWijk: de Velden (Haven)" + SIGNATURE,"Mensah","+31641414106","De Velden", sender=LINDE),
    Case("plain-39","Naam: Mensah\nTel: 06-41414106\nWijk: Literatuurwijk Almere Stad" + SIGNATURE,"Mensah","+31641414106","Literatuurwijk", sender=LINDE),
    Case("plain-40","Naam: Mensah\nTel: 06-41414106\nWijk: woont in Oosterwold, eigen huis" + SIGNATURE,"Mensah","+31641414106","Oosterwold", sender=LINDE),
    Case("plain-41","Beste collega's,\n\nAfgelopen week sprak ik de heer en mevrouw Wijnands-Kok over hun financiën. Zij wonen in Overgooi. Nummer 036-5401011." + SIGNATURE,"Wijnands-Kok","+31365401011","Overgooi", sender=LINDE),
    Case("plain-42","Beste collega's, graag hulp voor Piet en Ria Wijnands, Overgooi, 036-5401011." + SIGNATURE,None,None,"Overgooi",problems=("ambiguous_phone",), sender=LINDE),
    Case("plain-43","Echtpaar Wijnands, Overgooi, 036-5401011" + SIGNATURE,"Wijnands","+31365401011","Overgooi", sender=LINDE),
    Case("plain-44","Nieuwe patiënt voor geldzaken: de heer Wijnands (70), Overgooi, 036-5401011, spoed i.v.m. dreigende afsluiting" + SIGNATURE,"Wijnands","+31365401011","Overgooi",urgent=True, sender=LINDE),
    Case("plain-45","Jammer genoeg geen naam mogen geven. Filmwijk, 06-41414107." + SIGNATURE,None,"+31641414107","Filmwijk", sender=LINDE),
    Case("plain-46","Anonieme aanmelding, Filmwijk, 06-41414107." + SIGNATURE,None,None,"Filmwijk", sender=LINDE, problems=("ambiguous_phone",)),
    Case("plain-47","P. Filmer, Filmwijk, 06-41414107." + SIGNATURE,"P. Filmer","+31641414107","Filmwijk", sender=LINDE),
    Case("plain-48","Mw. Muziek woont in Muziekwijk Zuid. 06-41414107" + SIGNATURE,"Muziek","+31641414107","Muziekwijk Zuid", sender=LINDE),
    Case("plain-49","Mw. Van Almere, 06-41414107, Danswijk" + SIGNATURE,None,"+31641414107","Danswijk", sender=LINDE),
    Case("plain-50","Mevr. M. de Haven, 06-41414107, Danswijk" + SIGNATURE,"M. de Haven","+31641414107","Danswijk", sender=LINDE),
]
