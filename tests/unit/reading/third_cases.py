"""Mails as practices write them: a third practice, more threads and HTML."""

# A mail on one line shows better what is tested than one wrapped to fit.
# ruff: noqa: E501
# fmt: off

from tests.unit.reading.case import Case

BIANCA = "Bianca Post <b.post@hapwaterlelie.example>"
SIGNATURE = "\n\nMet vriendelijke groeten,\n\nBianca Post | doktersassistente\nHAP Waterlelie | Parkwijklaan 8 | 1326 BX Almere\n036-5390011 (keuze 1) | spoed: 036-5390012"
HTML = "<html><body>%s</body></html>"

THIRD = [
    Case("third-01",HTML % '<div>Hallo,</div><div><br></div><div>Kunnen jullie mw. <b>Gerda Zonneveld</b> bellen?</div><div>Tel: <a href="tel:0631415926">06-31415926</a></div><div>Wijk: Waterwijk</div><div><br></div><div>Gr. Bianca</div>',"Gerda Zonneveld","+31631415926","Waterwijk",html=True, sender=BIANCA),
    Case("third-02",HTML % '<p>Gerda Zonneveld<br>06-31415926<br>Waterwijk</p><table><tr><td><img src="x"></td><td><b>Bianca Post</b><br>Doktersassistente<br>T 036-5390011<br>M 06-99887766<br>HAP Waterlelie</td></tr></table>',"Gerda Zonneveld","+31631415926","Waterwijk",html=True, sender=BIANCA),
    Case("third-03",HTML % '<table><tr><td>Patiënt:</td><td>Dhr. M. Boukhari</td><td>Tel:</td><td>06-31415927</td></tr><tr><td>Wijk:</td><td>Danswijk</td><td>Geb:</td><td>1-2-1970</td></tr></table>',"M. Boukhari","+31631415927","Danswijk",html=True, sender=BIANCA),
    Case("third-04","Dhr. M. Boukhari\n\nTelefoonnummers: 06-31415927 (zelf), 06-31415928 (vrouw)\nAdres: Walsstraat 4 (Danswijk)" + SIGNATURE,"M. Boukhari","+31631415927","Danswijk", sender=BIANCA),
    Case("third-05","Patiënt Boukhari, M.\nt: 06-31415927\nw: Danswijk" + SIGNATURE,"M. Boukhari","+31631415927","Danswijk", sender=BIANCA),
    Case("third-06","Meneer Boukhari heeft hulp nodig.\nU kunt hem bereiken op nummer 06-31415927. Meneer woont Danswijk." + SIGNATURE,"Boukhari","+31631415927","Danswijk", sender=BIANCA),
    Case("third-07","Collega,\n\nVerwijzing van dhr. M. Boukhari voor schuldhulp, tel 06-31415927, adres Danswijk." + SIGNATURE,"M. Boukhari","+31631415927","Danswijk", sender=BIANCA),
    Case("third-08","Zou u contact willen opnemen met onze patiënte, Fien de Goede? Zij is bereikbaar onder nummer 06-31415929. Ze woont met haar kinderen in Almere Buiten (Regenboogbuurt)." + SIGNATURE,"Fien de Goede","+31631415929","Regenboogbuurt", sender=BIANCA),
    Case("third-09","Fien de Goede\nRegenboogbuurt\n\nNummer staat in het dossier." + SIGNATURE,"Fien de Goede",None,"Regenboogbuurt", sender=BIANCA),
    Case("third-10","Aanmelding: Fien de Goede, Regenboogbuurt. Terugbelnummer praktijk: 036-5390011.","Fien de Goede",None,"Regenboogbuurt", sender=BIANCA),
    Case("third-11","Fien de Goede, Regenboogbuurt, 036 5390011" + SIGNATURE,"Fien de Goede",None,"Regenboogbuurt", sender=BIANCA),
    Case("third-12","Naam: Fien de Goede\nTelefoonnummer: 06-3141593 0\nWijk: Regenboogbuurt" + SIGNATURE,"Fien de Goede","+31631415930","Regenboogbuurt", sender=BIANCA),
    Case("third-13","Naam: Fien de Goede\nTelefoonnummer: 06-3141593o\nWijk: Regenboogbuurt" + SIGNATURE,"Fien de Goede",None,"Regenboogbuurt", sender=BIANCA, problems=("invalid_phone",)),
    Case("third-14","Pt: F. de Goede (v, 44)\nTel: 06 31415930\nWijk: ABuiten, Regenboogbrt",'F. de Goede','+31631415930','Regenboogbuurt', sender=BIANCA),
    Case("third-15","Mevr. Nana Addo-Kufuor; Stedenwijk Zuid; GSM 0032 478 55 19 04" + SIGNATURE,"Nana Addo-Kufuor","+32478551904","Stedenwijk", sender=BIANCA),
    Case("third-17","Goedemorgen Bianca,\n\nKun jij deze doorzetten naar aanmelding? Naam: H. Wouters, tel 06-31415931, wijk Parkwijk.\n\nGroet Peter",'H. Wouters','+31631415931','Parkwijk',sender="Peter Smals <p.smals@hapwaterlelie.example>"),
    Case("third-18","Graag doorzetten.\n\nBianca\n\n________________________________\nVan: Peter Smals <p.smals@hapwaterlelie.example>\nVerzonden: dinsdag 4 maart 2025 08:12\nAan: Bianca Post <b.post@hapwaterlelie.example>\nOnderwerp: Wouters\n\nHoi Bianca, mw. H. Wouters, 06-31415931, Parkwijk, graag aanmelden bij geldhulp. Peter\n\nPeter Smals\nhuisarts\n06-55443322",'H. Wouters','+31631415931','Parkwijk',subject="FW: Wouters", sender=BIANCA),
    Case("third-19","Correctie: het gaat om Danswijk i.p.v. Parkwijk.\n\nVan: Bianca Post <b.post@hapwaterlelie.example>\nVerzonden: dinsdag 4 maart 2025 08:12\nAan: aanmelding@handover.example\nOnderwerp: aanmelding\n\nMw. H. Wouters, 06-31415931, Parkwijk" + SIGNATURE,'H. Wouters','+31631415931','Danswijk',subject="RE: aanmelding", sender=BIANCA),
    Case("third-20","Sorry, typefout: het nummer moet 06-31415932 zijn.\n\nVan: Bianca Post <b.post@hapwaterlelie.example>\nVerzonden: dinsdag 4 maart 2025 08:12\nAan: aanmelding@handover.example\nOnderwerp: aanmelding\n\nMw. H. Wouters, 06-31415931, Parkwijk" + SIGNATURE,'H. Wouters','+31631415932','Parkwijk',subject="RE: aanmelding", sender=BIANCA),
    Case("third-21","On Tue, 4 Mar 2025 at 08:12, Bianca Post <b.post@hapwaterlelie.example> wrote:\n> Mw. H. Wouters, 06-31415931, Parkwijk\n>",'H. Wouters','+31631415931','Parkwijk',subject="Re: aanmelding", sender=BIANCA),
    Case("third-22","Hallo, graag aanmelden: mw. H. Wouters (06-31415931) wonend te Parkwijk, en haar zoon Tim Wouters woont daar ook." + SIGNATURE,'H. Wouters','+31631415931','Parkwijk', sender=BIANCA),
    Case("third-23","Graag hulp voor gezin Wouters-Baan, Parkwijk. Vader: 06-31415933, moeder: 06-31415934." + SIGNATURE,'Wouters-Baan',None,'Parkwijk',problems=("ambiguous_phone",), sender=BIANCA),
    Case("third-24","Patiënten: dhr. A. Tas (06-31415935, Filmwijk) en mw. C. Mol (06-31415936, Danswijk)." + SIGNATURE,problems=("several_patients",), sender=BIANCA),
    Case("third-25","1. Naam: A. Tas\n   Tel: 06-31415935\n   Wijk: Filmwijk\n2. Naam: C. Mol\n   Tel: 06-31415936\n   Wijk: Danswijk" + SIGNATURE,problems=("several_patients",), sender=BIANCA),
    Case("third-26","Mw. C. Mol, 06-31415936, Danswijk. Verwijzer: dhr. A. Tas, wijkverpleegkundige, 06-31415935." + SIGNATURE,"C. Mol","+31631415936","Danswijk", sender=BIANCA),
    Case("third-27","Mw. C. Mol, Danswijk. Nummer van de patiënt is 06-31415936; nummer van begeleider Joris is 06-31415935." + SIGNATURE,"C. Mol","+31631415936","Danswijk", sender=BIANCA),
    Case("third-28","Mw. C. Mol, Danswijk. Bel begeleider Joris Baan op 06-31415935." + SIGNATURE,"C. Mol",None,"Danswijk",problems=("ambiguous_phone",), sender=BIANCA),
    Case("third-29","Mw. C. Mol, Danswijk, tel. 06-31415936. Zij is verwezen door dr. K. van Loo van Ziekenhuis Flevo (036-8688888)." + SIGNATURE,"C. Mol","+31631415936","Danswijk", sender=BIANCA),
    Case("third-30","Wijkagent Piet Bos (06-31415937) vroeg ons mw. C. Mol uit de Danswijk aan te melden, haar nummer is 06-31415936." + SIGNATURE,"C. Mol","+31631415936","Danswijk", sender=BIANCA),
    Case("third-31","mw. mol, danswijk, 0631415936" + SIGNATURE,"mol","+31631415936","Danswijk", sender=BIANCA),
    Case("third-32","Hoi, mevr v/d Berg uit Danswijk 0631415936" + SIGNATURE,"v/d Berg","+31631415936","Danswijk", sender=BIANCA),
    Case("third-33","mevr. v.d. Berg uit Danswijk, tel 0631415936" + SIGNATURE,"v.d. Berg","+31631415936","Danswijk", sender=BIANCA),
    Case("third-34","De heer drs. P.J.M. Jansen Klomp, Danswijk, 0631415936" + SIGNATURE,"P.J.M. Jansen Klomp","+31631415936","Danswijk", sender=BIANCA),
    Case("third-35","Betreft: mw. S. Özgür-Kaya, geb. 12-12-1980\nTelefoon privé: 036-5390099\nWoonwijk: Tussen de vaarten noord" + SIGNATURE,"S. Özgür-Kaya","+31365390099","Tussen de Vaarten Noord", sender=BIANCA),
    Case("third-36","Naam: Łukasz Błaszczyk\nTelefoon: +48 (0)512 334 872\nWijk: Poort" + SIGNATURE,"Łukasz Błaszczyk","+48512334872","Almere Poort", sender=BIANCA),
    Case("third-37","Naam: Тарас Шевчук\nTelefoon: +380 67 123 4567\nWijk: Poort" + SIGNATURE,"Тарас Шевчук","+380671234567","Almere Poort", sender=BIANCA),
    Case("third-38","Pat. Dirk-Jan Hu, 06-31415938, Haven centrum" + SIGNATURE,"Dirk-Jan Hu","+31631415938","Centrum Almere Haven", sender=BIANCA),
    Case("third-39","Pat. Dirk-Jan Hu, 06-31415938, centrum van Almere Haven" + SIGNATURE,"Dirk-Jan Hu","+31631415938","Centrum Almere Haven", sender=BIANCA),
    Case("third-40","Pat. Dirk-Jan Hu, 06-31415938, woont in Almere, wijk volgt nog" + SIGNATURE,"Dirk-Jan Hu","+31631415938",None, sender=BIANCA),
    Case("third-41","Pat. Dirk-Jan Hu, 06-31415938. Zijn ouders wonen in de Filmwijk, hijzelf in de Parkwijk." + SIGNATURE,"Dirk-Jan Hu","+31631415938","Parkwijk", sender=BIANCA),
    Case("third-42","Pat. Dirk-Jan Hu, 06-31415938. Tijdelijk bij zijn broer in de Parkwijk." + SIGNATURE,"Dirk-Jan Hu","+31631415938","Parkwijk", sender=BIANCA),
    Case("third-43","Pat. Dirk-Jan Hu, 06-31415938, Parkwijk?" + SIGNATURE,"Dirk-Jan Hu","+31631415938","Parkwijk", sender=BIANCA),
    Case("third-44","Pat. Dirk-Jan Hu, 06-31415938, wijk: Parkwijk (postcode 1326 CD), Almere Stad" + SIGNATURE,"Dirk-Jan Hu","+31631415938","Parkwijk", sender=BIANCA),
    Case("third-45","Pat. Dirk-Jan Hu, 06-31415938, Vogelbuurt" + SIGNATURE,"Dirk-Jan Hu","+31631415938",None,problems=("unknown_wijk",), sender=BIANCA),
    Case("third-46","Beste allemaal, mijn patiënt Dirk-Jan Hu is dakloos. 06-31415938." + SIGNATURE,"Dirk-Jan Hu","+31631415938",None, sender=BIANCA),
    Case("third-47","Naam: Dirk-Jan Hu\nWijk: dakloos\nTel: 06-31415938" + SIGNATURE,"Dirk-Jan Hu","+31631415938",None, sender=BIANCA),
    Case("third-48","Ik bel u morgen over een patiënt." + SIGNATURE, sender=BIANCA),
    Case("third-49","Hebben jullie mijn aanmelding van vorige week ontvangen?" + SIGNATURE, sender=BIANCA),
    Case("third-50","Wat is jullie telefoonnummer? Wij zijn bereikbaar op 036-5390011, HAP Waterlelie, Parkwijk." + SIGNATURE, sender=BIANCA),
    Case("third-51","Naam: mw. A. van Es - de Graaf\nTel.: 036 53 900 77\nWijk: Faunabuurt" + SIGNATURE,"A. van Es - de Graaf","+31365390077","Faunabuurt", sender=BIANCA),
    Case("third-52","Naam: Mw. El Bouzidi\nTel: 06 31 41 59 39 's avonds\nBuurt: de Wierden" + SIGNATURE,"El Bouzidi","+31631415939","De Wierden", sender=BIANCA),
    Case("third-53","Fwd patiëntgegevens\n\nAchternaam: Chen\nVoornaam: Li\nTelefoon 1: 06-31415940\nTelefoon 2: 036-5390088\nStadsdeel: Haven" + SIGNATURE,"Li Chen","+31631415940","Almere Haven",("+31365390088",), sender=BIANCA),
    Case("third-54","Naam patiënt : B. Ba\nNaam huisarts: P. Smals\nTelefoon patiënt: 06-31415941\nTelefoon huisarts: 036-5390011\nWijk patiënt: Duin" + SIGNATURE,"B. Ba","+31631415941","Duin", sender=BIANCA),
    Case("third-55","Cliënt mw. Ba is telefonisch bereikbaar: 06-31415941 (bij geen gehoor haar zus 06-31415942). Zij woont in Duin." + SIGNATURE,"Ba","+31631415941","Duin", sender=BIANCA),
    Case("third-56","ZIE HIERONDER AUB\n\nNAAM\nMW. J. VISSER\nTELEFOON\n06-31415943\nWIJK\nMARKEN",'J. VISSER','+31631415943','De Marken', sender=BIANCA),
    Case("third-57","Aanmelding\n\nHans Visser\nVan Speykstraat 12\n1318 GH Almere\n06-31415943" + SIGNATURE,"Hans Visser","+31631415943","Almere Stad", sender=BIANCA),
    Case("third-58","Hans Visser heeft problemen met zijn huur. Zijn huisarts, dr. Smals, wil graag dat jullie hem bellen: 06-31415943. Hij woont in Nobelhorst." + SIGNATURE,"Hans Visser",None,"Nobelhorst", sender=BIANCA, problems=("ambiguous_phone",)),
    Case("third-59","Hans Visser. 06-31415943. Nobelhorst." + SIGNATURE,"Hans Visser","+31631415943","Nobelhorst", sender=BIANCA),
    Case("third-60","Hallo, Hans Visser (patiënt van mij) wil hulp. 0631415943 Nobelhorst" + SIGNATURE,"Hans Visser","+31631415943","Nobelhorst", sender=BIANCA),
]
