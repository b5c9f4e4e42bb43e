"""Mails with numbers and names of relatives, helpers, creditors and the referrer: whose is it?"""

# A mail on one line shows better what is tested than one wrapped to fit.
# ruff: noqa: E501
# fmt: off

from tests.unit.reading.case import Case

KARIN = "Karin Stolk <k.stolk@hpdehaven.example>"
SIGNATURE = "\n\nGroeten,\nKarin Stolk\nPOH-GGZ\nHuisartsenpraktijk De Haven\nHavenhoofd 1, 1354 AA Almere Haven\ntel: 036-5312211"

WHOSE = [
    Case("whose-01","Hoi,\n\nMijn cliënt Ronny Bijl (06-31111101) wil hulp. Zijn vriendin Chantal is ook bereikbaar: 06-31111102. Ze wonen in de Bloemenbuurt." + SIGNATURE,"Ronny Bijl","+31631111101","Bloemenbuurt", sender=KARIN),
    Case("whose-02","Mw. Ans Roos, Filmwijk. Ze is slecht te bereiken; bel anders haar man Jan: 06-31111103." + SIGNATURE,"Ans Roos",None,"Filmwijk",problems=("ambiguous_phone",), sender=KARIN),
    Case("whose-03","Mw. Ans Roos, Filmwijk.\nTel: 06-31111104\nTel man: 06-31111103" + SIGNATURE,"Ans Roos","+31631111104","Filmwijk", sender=KARIN),
    Case("whose-04","Mw. Ans Roos, Filmwijk.\n06-31111103 (haar man)\n06-31111104 (mw. zelf)" + SIGNATURE,"Ans Roos","+31631111104","Filmwijk", sender=KARIN),
    Case("whose-05","Mw. Ans Roos uit de Filmwijk. Haar mantelzorger, dhr. Tom Beek, vraagt om contact via 06-31111105." + SIGNATURE,"Ans Roos",None,"Filmwijk",problems=("ambiguous_phone",), sender=KARIN),
    Case("whose-06","Dhr. Tom Beek (mantelzorger van mw. Ans Roos, Filmwijk) is bereikbaar op 06-31111105." + SIGNATURE,"Ans Roos",None,"Filmwijk",problems=("ambiguous_phone",), sender=KARIN),
    Case("whose-07","Mw. Ans Roos, Filmwijk. Telefoonnummer van haar moeder is 06-31111106, eigen nummer is 06-31111107." + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-08","Beste, ik (Karin, 06-31111108) heb een patiënt: mw. Ans Roos, 06-31111107, Filmwijk." + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-09","Graag mij bellen voor de gegevens van patiënte: 06-31111108." + SIGNATURE, sender=KARIN, problems=("ambiguous_phone",)),
    Case("whose-10","Mw. Ans Roos, Filmwijk, graag eerst contact met ons via 036-5312211 of 06-31111108." + SIGNATURE,"Ans Roos",None,"Filmwijk", sender=KARIN),
    Case("whose-11","Mw. Ans Roos, Filmwijk. Bellen na 15 uur op 06-31111107, eerder neemt de thuiszorg op (06-31111109)." + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-12","Betreft: Ans Roos\nContact: via haar dochter Mia (06-31111110)\nWijk: Filmwijk" + SIGNATURE,"Ans Roos",None,"Filmwijk",problems=("ambiguous_phone",), sender=KARIN),
    Case("whose-13","Naam: Ans Roos\nContactgegevens: 06-31111107\nNoodcontact: 06-31111111\nWijk: Filmwijk" + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-14","Naam: Ans Roos\nTelefoon thuiszorg: 036-5399999\nWijk: Filmwijk" + SIGNATURE,"Ans Roos",None,"Filmwijk", sender=KARIN),
    Case("whose-15","Naam: Ans Roos\nTelefoon werk: 06-31111112\nWijk: Filmwijk" + SIGNATURE,"Ans Roos","+31631111112","Filmwijk", sender=KARIN),
    Case("whose-16","Naam: Ans Roos\nTel: 06-31111107 / 06-31111113 (zoon Piet)\nWijk: Filmwijk" + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-17","Naam: Ans Roos\nTel: zoon Piet 06-31111113\nWijk: Filmwijk" + SIGNATURE,"Ans Roos",None,"Filmwijk",problems=("ambiguous_phone",), sender=KARIN),
    Case("whose-18","Naam: Ans Roos\nTel: geen, mail ons\nWijk: Filmwijk" + SIGNATURE,"Ans Roos",None,"Filmwijk", sender=KARIN),
    Case("whose-19","Naam: Ans Roos (roepnaam Annie)\nTel: 06-31111107\nWijk: Filmwijk" + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-20","Naam: Ans Roos heeft schulden\nTel: 06-31111107\nWijk: Filmwijk en omgeving" + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-21","Naam: Ans Roos, diabetes, depressie\nTel: 06-31111107, bel na 12\nWijk: Filmwijk, flat aan het plein" + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-22","Ans Roos met COPD en depressie, 06-31111107, Filmwijk" + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-23","Diagnose: Angststoornis Nos\nNaam: Ans Roos\nTel: 06-31111107\nWijk: Filmwijk" + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-24","Medicatie: Metformine Sandoz 500mg\n\nAns Roos\n06-31111107\nFilmwijk" + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-25","Ans Roos\nPostbus 12\n06-31111107\nFilmwijk\nZorgverzekeraar Zilveren Kruis" + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-26","Schuldeisers: Ziggo, Eneco en Wehkamp Finance. Patiënt: Ans Roos, 06-31111107, Filmwijk." + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-27","Zij heeft schulden bij Wehkamp Finance, tel 06-31111107, woont Filmwijk." + SIGNATURE,None,None,"Filmwijk",problems=("ambiguous_phone",), sender=KARIN),
    Case("whose-28","Volgens Humanitas Almere kan patiënte terecht. 06-31111107, Filmwijk" + SIGNATURE,None,"+31631111107","Filmwijk", sender=KARIN),
    Case("whose-29","Goedemiddag Saskia Bruin,\n\nGraag patiënte bellen: 06-31111107, Filmwijk." + SIGNATURE,None,"+31631111107","Filmwijk", sender=KARIN),
    Case("whose-30","Beste heer Van Dam,\n\nPatiënte woont in de Filmwijk: 06-31111107." + SIGNATURE,None,"+31631111107","Filmwijk", sender=KARIN),
    Case("whose-31","Ik sprak mw. De Boer van het sociaal wijkteam. Patiënt: Ans Roos, 06-31111107, Filmwijk." + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-32","Op advies van maatschappelijk werker Els Groen meld ik Ans Roos aan. 06-31111107, Filmwijk." + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-33","Ans Roos is aangemeld door haar zus Trees Roos. 06-31111107. Filmwijk." + SIGNATURE,"Ans Roos",None,"Filmwijk",problems=("ambiguous_phone",), sender=KARIN),
    Case("whose-34","Zoon Piet Roos belde over zijn moeder, mw. Ans Roos (Filmwijk). Nummer mw. Roos: 06-31111107." + SIGNATURE,"Ans Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-35","mw. A. Roos\n06-31111107\nFilmwijk\n\nHA: P. Vos\nPOH: Karin" + SIGNATURE,"A. Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-36","Mw. A. Roos 06-31111107 Filmwijk\n\nMet vriendelijke groet,\n\nKarin Stolk\nwerkdagen: ma, di, do\nmobiel 06-31111108\nWijk: Haven","A. Roos","+31631111107","Filmwijk", sender=KARIN),
    Case("whose-37","Mw. A. Roos Filmwijk\n\nMet vriendelijke groet,\nKarin Stolk\nNaam praktijk: De Haven\nTel: 06-31111108","A. Roos",None,"Filmwijk", sender=KARIN),
    Case("whose-38","Mw. A. Roos Filmwijk\n\nKarin Stolk (POH-GGZ) | 06-31111108","A. Roos",None,"Filmwijk", sender=KARIN),
    Case("whose-39","Mw. A. Roos Filmwijk\n\nK. Stolk\n06-31111108","A. Roos",None,"Filmwijk", sender=KARIN),
    Case("whose-40","Mw. A. Roos Filmwijk\n\nDe Haven, 06-31111108",'A. Roos',None,"Filmwijk",sender="info@hpdehaven.example", problems=("ambiguous_phone",)),
    Case("whose-41","Mw. A. Roos Filmwijk\n\nPetra\n06-31111108",'A. Roos',None,"Filmwijk",sender="info@hpdehaven.example",problems=("ambiguous_phone",)),
    Case("whose-42","Mw. A. Roos Filmwijk\n\nBel gerust bij vragen,\nKarin\n06-31111108",'A. Roos',None,"Filmwijk", sender=KARIN),
    Case("whose-43","Mw. A. Roos Filmwijk. Ik ben op 06-31111108 te bereiken." + SIGNATURE,'A. Roos',None,"Filmwijk", sender=KARIN),
    Case("whose-44","Mw. A. Roos Filmwijk. Mocht u vragen hebben: 06-31111108." + SIGNATURE,'A. Roos',None,"Filmwijk", sender=KARIN),
    Case("whose-45","Mw. A. Roos Filmwijk. Praktijk bereikbaar via 06-31111108." + SIGNATURE,'A. Roos',None,"Filmwijk", sender=KARIN),
    Case("whose-46","Mw. A. Roos Filmwijk. Achterwacht: 06-31111108." + SIGNATURE,'A. Roos',None,"Filmwijk", sender=KARIN),
    Case("whose-47","Mw. A. Roos Filmwijk. WhatsApp: 06-31111107." + SIGNATURE,'A. Roos',"+31631111107","Filmwijk", sender=KARIN),
    Case("whose-48","Mw. A. Roos Filmwijk. App haar op 06-31111107." + SIGNATURE,'A. Roos',"+31631111107","Filmwijk", sender=KARIN),
    Case("whose-49","Dag, mw A Roos; filmwijk; 06 31111107 liefst appen" + SIGNATURE,'A Roos',"+31631111107","Filmwijk", sender=KARIN),
    Case("whose-50","mevrouw roos, ze woont in de filmwijk en haar nummer is 06-31111107" + SIGNATURE,'roos',"+31631111107","Filmwijk", sender=KARIN),
]
