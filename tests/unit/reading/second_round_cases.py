"""Mails as practices write them: a second round against the reader, after its first was mended."""

# A mail on one line shows better what is tested than one wrapped to fit.
# ruff: noqa: E501
# fmt: off

from tests.unit.reading.case import Case
from tests.unit.reading.raw_cases import HTM, PLAIN, H, mime

NOOR = "Noor Heemskerk <n.heemskerk@hp-parkzicht.example>"
NOOR_SIG = "\n\nMet hartelijke groet,\nNoor Heemskerk\nPraktijkverpleegkundige\n\nHuisartsenpraktijk Parkzicht\nDanslaan 44 | 1326 HK Almere (Danswijk)\nT: 036-5401122 | F: 036-5401123 | Spoed: 036-5401124\nWerkdagen: ma, di, do\nKvK 41234567 - AGB 01-012345\nDenk aan het milieu voordat u deze mail print."
SAM = "HAP De Rietkraag <info@derietkraag.example>"
SAM_SIG = "\n\nMvg,\nSamira el Khatib\nHAP De Rietkraag\n036 530 90 01"
PIET = "Pieter-Jan de Waard <pj.dewaard@waardenpraktijk.example>"
FIFTH = [
    Case("b2-01", "Beste allemaal,\n\nVanmiddag sprak ik mw. Corrie Hartkamp. Haar man is overleden en sindsdien lukt het niet met de administratie. Ze wil graag dat jullie haar bellen op 036-5317710, of anders op haar mobiel 06 41 52 63 70. Ze woont in de Grienden." + NOOR_SIG, "Corrie Hartkamp", "+31365317710", "De Grienden", others=("+31641526370",), sender=NOOR),
    Case("b2-02", "pt: yusuf demir\ntel: 06 41526371\nwijk: europa kwartier\nakkoord: ja\n" + SAM_SIG, "yusuf demir", "+31641526371", "Europakwartier", sender=SAM),
    Case("b2-03", "Graag contact met de heer en mevrouw Ouwerkerk, Sieradenbuurt, 0641526372, problemen met toeslagen." + SAM_SIG, "Ouwerkerk", "+31641526372", "Sieradenbuurt", sender=SAM),
    Case("b2-04", "Naam cliënt: R.J.M. van 't Hof\nMobiel: 06-4152 6373\nAdres: Ibsenweg 14\nPostcode: 1321 HM\nPlaats: Almere\n" + NOOR_SIG, "R.J.M. van 't Hof", "+31641526373", "Almere Stad", sender=NOOR),
    Case("b2-05", "Hoi, kan iemand Dirk-Jan Ubels bellen? 06-41526374. Woont ergens in Buiten, geloof Eilandenbuurt.\nGr. PJ", "Dirk-Jan Ubels", "+31641526374", "Eilandenbuurt", sender=PIET),
    Case("b2-06", "Mijn patiente mevrouw Van der Laan-Smit (1944) heeft hulp nodig. Zij is slechthorend, dus graag haar dochter Monique bellen: 06-41526375. Wijk: De Laren." + NOOR_SIG, "Van der Laan-Smit", None, "De Laren", problems=("ambiguous_phone",), sender=NOOR),
    Case("b2-07", "Mijn patiente mevrouw Van der Laan-Smit, De Laren, 036-5317711. Dochter Monique (06-41526375) mag ook gebeld worden." + NOOR_SIG, "Van der Laan-Smit", "+31365317711", "De Laren", sender=NOOR),
    Case("b2-08", "Aanmelding voor budgetcoach\n\nDeniz Aksoy\n28 jaar\nHomerus kwartier\n+31641526376\n\nDank!\nPJ", "Deniz Aksoy", "+31641526376", "Homeruskwartier", sender=PIET),
    Case("b2-09", "L.S.,\n\nHierbij verwijs ik bovengenoemde patiënt naar u door. Telefoon: 06-41526377. Wijk: Landgoederenbuurt." + NOOR_SIG, "K. Tjon-A-Loi", "+31641526377", "Landgoederenbuurt", subject="Verwijzing K. Tjon-A-Loi", sender=NOOR),
    Case("b2-10", "Stagiaire Eva heeft met dhr. Pronk gesproken. Hij is akkoord. 06-41526378, Tussen de Vaarten Zuid." + NOOR_SIG, "Pronk", "+31641526378", "Tussen de Vaarten Zuid", sender=NOOR),
    Case("b2-11", "Dhr Pronk, TdV-Noord, 06 41 52 63 78" + SAM_SIG, "Pronk", "+31641526378", "Tussen de Vaarten Noord", sender=SAM),
    Case("b2-12", "Mw Pronk, 06 41 52 63 78, Almere de Wierden" + SAM_SIG, "Pronk", "+31641526378", "De Wierden", sender=SAM),
    Case("b2-13", "Mw A. Pronk, 06 41 52 63 78, Havenkwartier" + SAM_SIG, "A. Pronk", "+31641526378", None, problems=("unknown_wijk",), sender=SAM),
    Case("b2-14", "Mw A. Pronk, 06 41 52 63 78, Sterrenbuurt (1336 XA)" + SAM_SIG, "A. Pronk", "+31641526378", "Almere Buiten", sender=SAM),
    Case("b2-15", "Mw A. Pronk, 06 41 52 63 78, Staatslieden wijk" + SAM_SIG, "A. Pronk", "+31641526378", "Staatsliedenwijk", sender=SAM),
    Case("b2-16", "Mw A. Pronk, 06 41 52 63 78, Oostvaardersburt" + SAM_SIG, "A. Pronk", "+31641526378", "Oostvaardersbuurt", sender=SAM),
    Case("b2-17", "Mw A. Pronk, 06 41 52 63 78, centrum" + SAM_SIG, "A. Pronk", "+31641526378", None, problems=("ambiguous_wijk",), sender=SAM),
    Case("b2-18", "Mw A. Pronk, 06 41 52 63 78, Muziekwijk Noord of Zuid" + SAM_SIG, "A. Pronk", "+31641526378", None, problems=("ambiguous_wijk",), sender=SAM),
    Case("b2-19", "Mw A. Pronk, Danswijk. Nummer: 064152637" + SAM_SIG, "A. Pronk", None, "Danswijk", problems=("invalid_phone",), sender=SAM),
    Case("b2-20", "Mw A. Pronk, Danswijk. Nummer: 06 41 52 63 788" + SAM_SIG, "A. Pronk", None, "Danswijk", problems=("invalid_phone",), sender=SAM),
    Case("b2-21", "Mw A. Pronk, Danswijk. Nummer (Marokko): +212 661 234567" + SAM_SIG, "A. Pronk", "+212661234567", "Danswijk", sender=SAM),
    Case("b2-22", "Mw A. Pronk, Danswijk, 0032 478 55 19 04, vaste lijn volgt" + SAM_SIG, "A. Pronk", "+32478551904", "Danswijk", sender=SAM),
    Case("b2-23", "Mw A. Pronk\nDanswijk\nthuis 036-5317712\nmob. 06-41526379\nman 06-41526380" + SAM_SIG, "A. Pronk", "+31365317712", "Danswijk", others=("+31641526379",), sender=SAM),
    Case("b2-24", "Betreft mw. A. Pronk, BSN 9999.91.103, tel 06-41526379, Danswijk" + SAM_SIG, "A. Pronk", "+31641526379", "Danswijk", problems=("bsn_present",), sender=SAM),
    Case("b2-25", "Verwijzer: Noor Heemskerk, 036-5401122\nPatiënt: Ali Reza Karimi, 06-41526381\nWijk: Bouwmeesterbuurt", "Ali Reza Karimi", "+31641526381", "Bouwmeesterbuurt", sender=NOOR),
    Case("b2-26", "Huisarts: P.J. de Waard\nTelefoon huisarts: 036-5382211\nNaam patient: Sanne Bolt\nTelefoon patient: 06-41526382\nWoonwijk: Nobelhorst", "Sanne Bolt", "+31641526382", "Nobelhorst", sender=PIET),
    Case("b2-27", "Naam: Sanne Bolt\nMoeder: Ria Bolt, 06-41526383\nWoonwijk: Nobelhorst\n", "Sanne Bolt", None, "Nobelhorst", problems=("ambiguous_phone",), sender=PIET),
    Case("b2-28", "Sanne Bolt woont bij haar moeder in Nobelhorst, tel. moeder 06-41526383, eigen tel. 06-41526384" + NOOR_SIG, "Sanne Bolt", "+31641526384", "Nobelhorst", sender=NOOR),
    Case("b2-29", "De patiënt heet Goran Stojanović. Bereikbaar na 18.00 uur op zijn 06: 06-41526385. Hij woont aan de rand van Oosterwold." + NOOR_SIG, "Goran Stojanović", "+31641526385", "Oosterwold", sender=NOOR),
    Case("b2-31", "Hierbij drie verwijzingen:\nA. Mol 06-41526388 Filmwijk\nB. Kat 06-41526389 Danswijk\nC. Beer 06-41526390 Parkwijk" + SAM_SIG, problems=("several_patients",), sender=SAM),
    Case("b2-32", "Mevrouw Kat, 06-41526389, Danswijk. Ik overlegde hierover met mevrouw Beer van het wijkteam." + NOOR_SIG, "Kat", "+31641526389", "Danswijk", sender=NOOR),
    Case("b2-34", "Mevrouw Kat belde vanochtend met 06-41526389 naar de praktijk. Ze wil hulp. Parkwijk." + NOOR_SIG, "Kat", "+31641526389", "Parkwijk", sender=NOOR),
    Case("b2-35", "Mevrouw Kat, Parkwijk. Haar begeleider van Kwintes, Tom, is bereikbaar op 06-41526391." + NOOR_SIG, "Kat", None, "Parkwijk", problems=("ambiguous_phone",), sender=NOOR),
    Case("b2-36", "Mevrouw Kat, Parkwijk. U kunt mij bellen voor haar nummer: 036-5401122." + NOOR_SIG, "Kat", None, "Parkwijk", sender=NOOR),
    Case("b2-37", "Mevrouw Kat, Parkwijk, tel bij ons bekend." + NOOR_SIG, "Kat", None, "Parkwijk", sender=NOOR),
    Case("b2-38", "Spoedlijn praktijk 036-5401124. Patiënt J. Kat, Parkwijk, 06-41526389." + NOOR_SIG, "J. Kat", "+31641526389", "Parkwijk", sender=NOOR),
    Case("b2-39", "Dear team,\n\nPlease contact my patient Ms Olena Shevchenko (phone +380 67 123 4567). She is staying in Almere Poort with friends and has debts.\n\nBest wishes,\nPieter-Jan de Waard\nGP, Waardenpraktijk, 036-5382211", "Olena Shevchenko", "+380671234567", "Almere Poort", subject="Referral", sender=PIET),
    Case("b2-40", "Dear team,\n\nMy patient's name is Kofi Boateng. He lives in Duin. Mobile 0641526392. His wife Ama (0641526393) speaks Dutch.\n\nBest wishes,\nPJ", "Kofi Boateng", "+31641526392", "Duin", subject="Referral", sender=PIET),
    Case("b2-41", "Nummer klopte niet, moet zijn 06-41526394.\n\nNoor\n\nVan: Noor Heemskerk\nVerzonden: donderdag 6 maart 2025 14:11\nAan: aanmelding@handover.example\nOnderwerp: mw. Dijk\n\nMw. Dijk, 06-41526395, Verzetswijk" + NOOR_SIG, "Dijk", "+31641526394", "Verzetswijk", subject="RE: mw. Dijk", sender=NOOR),
    Case("b2-42", "Aanvulling: wijk is Verzetswijk.\n\nOp do 6 mrt 2025 14:11 schreef Noor Heemskerk <n.heemskerk@hp-parkzicht.example>:\n> Naam: mw. T. Dijk\n> Tel: 06-41526395\n> Wijk: weet ik niet", "T. Dijk", "+31641526395", "Verzetswijk", subject="RE: aanmelding", sender=NOOR),
    Case("b2-43", "Zie hieronder, wil jij dit oppakken?\n\n----- Doorgestuurd bericht -----\nVan: Samira el Khatib <samira@derietkraag.example>\nAan: Noor Heemskerk <n.heemskerk@hp-parkzicht.example>\nVerzonden: 6 maart 2025 10:00\nOnderwerp: schulden\n\nNoor, dhr. Chen Long (06-41526396) uit de Seizoenenbuurt heeft hulp nodig.\n\nSamira\nHAP De Rietkraag\n036 530 90 01", "Chen Long", "+31641526396", "Seizoenenbuurt", subject="Fwd: schulden", sender=NOOR),
    Case("b2-44", "Ter info.\n\nVan: Jesse Prins <jesse@mail.example>\nVerzonden: 6 maart 2025 10:00\nAan: Noor Heemskerk\nOnderwerp: geldproblemen\n\nHallo,\nHeeft u iemand die mij kan helpen met mijn schulden? Ik woon in Cascadepark. Bel mij op 06-41526397.\nJesse", "Jesse Prins", "+31641526397", "Cascadepark", subject="FW: geldproblemen", sender=NOOR),
    Case("b2-45", "Mw. de Bruijn, 06-41526398, De Meenten.\nNB: vanaf 1 april nieuw nummer: 06-41526399." + NOOR_SIG, "de Bruijn", None, "De Meenten", others=(), sender=NOOR, problems=("ambiguous_phone",)),
    Case("b2-46", "Dhr. de Bruijn, tel (036) 531 77 13, wonende De Gouwen 33, 1351 BH te Almere." + NOOR_SIG, "de Bruijn", "+31365317713", "De Gouwen", sender=NOOR),
    Case("b2-47", "Naam / tel / wijk: Z. Hosseini / 06-41526400 / Molenbuurt" + SAM_SIG, "Z. Hosseini", "+31641526400", "Molenbuurt", sender=SAM),
    Case("b2-48", "Wie: Zahra Hosseini\nWaar: Molenbuurt\nTel: 0641526400\nWat: schulden" + SAM_SIG, "Zahra Hosseini", "+31641526400", "Molenbuurt", sender=SAM),
    Case("b2-49", "Zahra Hosseini -- 0641526400 -- Molenbuurt -- schuldhulp gewenst" + SAM_SIG, "Zahra Hosseini", "+31641526400", "Molenbuurt", sender=SAM),
    Case("b2-50", "Graag hulp voor mw. Zahra Hosseini. Adresgegevens: Wiekslag 9 1333 GB Almere. Telefoongegevens: 0641526400" + SAM_SIG, "Zahra Hosseini", "+31641526400", "Almere Buiten", sender=SAM),
    Case("b2-51", "MW Z HOSSEINI 0641526400 MOLENBUURT SCHULDEN GRAAG BELLEN" + SAM_SIG, "Z HOSSEINI", "+31641526400", "Molenbuurt", sender=SAM),
    Case("b2-52", "Hosseini-Alavi, Z. (mw.)\n0641526400\nMolenbuurt" + SAM_SIG, "Z. Hosseini-Alavi", "+31641526400", "Molenbuurt", sender=SAM),
    Case("b2-53", "VOORNAAM: Zahra\nACHTERNAAM: Hosseini\nTELEFOON: 0641526400\nWIJK: Molenbuurt\nPARTNER: Reza, 0641526401" + SAM_SIG, "Zahra Hosseini", "+31641526400", "Molenbuurt", sender=SAM),
    Case("b2-54", "Ik ben met vakantie t/m 12 mei en lees mijn mail niet. Mijn collega Noor is bereikbaar op 036-5401122.", subject="Automatisch antwoord: kenmerk", ignore=True, sender=PIET),
    Case("b2-55", "Let op: ik ben van 1 t/m 12 mei met vakantie, daarom alvast: dhr. Bas Kok, 06-41526402, Faunabuurt." + NOOR_SIG, "Bas Kok", "+31641526402", "Faunabuurt", sender=NOOR),
    Case("b2-56", "Dank jullie wel, fijn dat het geregeld is!" + NOOR_SIG, subject="Re: in beeld", sender=NOOR),
    Case("b2-57", "Dhr. Bas Kok | geb. 06-12-1975 | 06-41526402 | Faunabuurt | verzekerde nr 1234567890" + NOOR_SIG, "Bas Kok", "+31641526402", "Faunabuurt", sender=NOOR),
    Case("b2-58", "Patiënt Bas Kok. T 06-41526402. W Faunabuurt. Schuld 12.345,67 euro bij NL91ABNA0417164300. Deurwaarder Vos 020-1234567 dossier 20250312." + NOOR_SIG, "Bas Kok", "+31641526402", "Faunabuurt", sender=NOOR),
    Case("b2-60", "Gezin Nkurunziza, Faunabuurt. Vader spreekt Engels, zijn nummer: 06-41526404." + NOOR_SIG, "Nkurunziza", None, "Faunabuurt", problems=("ambiguous_phone",), sender=NOOR),
    Case("b2-61", "Mevrouw Ahmed is onder bewind. Bewindvoerderskantoor Balans: 036-5317714. Ze woont in Kruidenwijk." + NOOR_SIG, "Ahmed", None, "Kruidenwijk", problems=("ambiguous_phone",), sender=NOOR),
    Case("b2-62", "Mevrouw Ahmed uit de kruidenwijk. Ze is het beste bereikbaar via whatsapp 06 41526405 (geen vast nummer)" + NOOR_SIG, "Ahmed", "+31641526405", "Kruidenwijk", sender=NOOR),
    Case("b2-63", "Mevrouw J. Ahmed-van Dalen, Kruidenwijk. Let op: het nummer in uw systeem (06-41526406) is oud. Nieuw: 06-41526407." + NOOR_SIG, "J. Ahmed-van Dalen", "+31641526407", "Kruidenwijk", sender=NOOR),
    Case("b2-64", "Mevrouw J. Ahmed. Wijk: Kruidenwijk (praktijk zit in Danswijk). Tel 06-41526407 (praktijk 036-5401122)." + NOOR_SIG, "J. Ahmed", "+31641526407", "Kruidenwijk", sender=NOOR),
    Case("b2-65", "Gegevens contactpersoon:\nNaam: Lies Dam (zus)\nTelefoon: 06-41526408\n\nGegevens patiënt:\nNaam: Wim Dam\nTelefoon: -\nWijk: De Hoven" + NOOR_SIG, "Wim Dam", None, "De Hoven", problems=("ambiguous_phone",), sender=NOOR),
    Case("b2-66", "Wim Dam, De Hoven, tel zus Lies: 06-41526408" + NOOR_SIG, "Wim Dam", None, "De Hoven", problems=("ambiguous_phone",), sender=NOOR),
]

FIFTH += [
    mime("b2-raw-qp-utf8", H("1", sender=NOOR) + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nPati=C3=ABnt: Fran=C3=A7oise de la Fontaine=\n\nTel: 06-4152=\n6410\nWijk: Literatuur=\nwijk\n", "ascii", "Françoise de la Fontaine", "+31641526410", "Literatuurwijk"),
    mime("b2-raw-html-div", H("1", sender=NOOR) + HTM + "<div style='font-family:Calibri'><div>Hallo,</div><div><br></div><div>Kunnen jullie <span>Tarik</span> <span>Bozkurt</span> bellen op <a href='tel:+31641526411'>+31 6 41 52 64 11</a>?</div><div>Hij woont in Stedenwijk-Midden.</div><div id='Signature'><p>Noor Heemskerk</p><p>T <a href='tel:0365401122'>036-5401122</a></p></div></div>", "utf-8", "Tarik Bozkurt", "+31641526411", "Stedenwijk"),
    mime("b2-raw-vert-table", H("1", sender=NOOR) + HTM + "<table><tr><td>Naam</td><td>Tarik Bozkurt</td></tr><tr><td>Telefoon</td><td>06-41526411<br>036-5317715</td></tr><tr><td>Wijk</td><td>Stedenwijk</td></tr><tr><td>Huisarts</td><td>De Waard, 036-5382211</td></tr></table>", "utf-8", "Tarik Bozkurt", "+31641526411", "Stedenwijk", others=("+31365317715",)),
    mime("b2-raw-blockquote", H("1", "Re: aanmelding", sender=NOOR) + HTM + "<div>De wijk is Parkwijk.</div><div>Noor</div><blockquote type='cite'><div>Op 5 mrt 2025 om 09:00 heeft Noor Heemskerk &lt;n@x.example&gt; het volgende geschreven:</div><br><div>Tarik Bozkurt, 06-41526411, Filmwijk</div></blockquote>", "utf-8", "Tarik Bozkurt", "+31641526411", "Parkwijk"),
    mime("b2-raw-outlook-reply", H("1", "RE: aanmelding", sender=NOOR) + HTM + "<div class=WordSection1><p class=MsoNormal>Het moet 06-41526412 zijn.</p><p class=MsoNormal>Groet Noor</p><div style='border-top:solid'><p class=MsoNormal><b>From:</b> Noor Heemskerk &lt;n.heemskerk@hp-parkzicht.example&gt;<br><b>Sent:</b> Wednesday, March 5, 2025 9:00 AM<br><b>To:</b> aanmelding@handover.example<br><b>Subject:</b> aanmelding</p></div><p class=MsoNormal>Tarik Bozkurt, 06-41526411, Filmwijk</p></div>", "utf-8", "Tarik Bozkurt", "+31641526412", "Filmwijk"),
    mime("b2-raw-flowed-quote", H("1", "Re: aanmelding", sender=NOOR) + "Content-Type: text/plain; charset=utf-8; format=flowed\n\nNaam is Tarik Bozkurt.\n\nOp 05-03-2025 om 09:00 schreef Aanmeldpunt:\n> Beste Noor, wat is de naam van de \n> patiënt?\n>\n>> 06-41526411, Filmwijk\n", "utf-8", "Tarik Bozkurt", "+31641526411", "Filmwijk"),
    mime("b2-raw-latin9", H("1", sender=NOOR) + "Content-Type: text/plain; charset=iso-8859-15\nContent-Transfer-Encoding: 8bit\n\nMw. Chloé Benoît, 0641526413, Regenboogbuurt, schuld € 900\n", "iso-8859-15", "Chloé Benoît", "+31641526413", "Regenboogbuurt"),
    mime("b2-raw-utf16", H("1", sender=NOOR) + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n77u/TmFhbTogQ2hsb8OpIEJlbm/DrnQNClRlbDogMDY0MTUyNjQxMw0KV2lqazogUmVnZW5ib29nYnV1cnQNCg==\n", "ascii", "Chloé Benoît", "+31641526413", "Regenboogbuurt"),
    mime("b2-raw-mixed-disclaimer", H("1", sender=NOOR) + 'Content-Type: multipart/mixed; boundary="z"\n\n--z\n' + PLAIN + "Mw. Chloé Benoît, 0641526413, Regenboogbuurt\n--z\n" + PLAIN + "--\nDisclaimer: bij onjuiste ontvangst bel 088-1234567 of mail naar info@parkzicht.example. Hoofdkantoor Filmwijk, Almere.\n--z--\n", "utf-8", "Chloé Benoît", "+31641526413", "Regenboogbuurt"),
    mime("b2-raw-signature-table", H("1", sender=NOOR) + HTM + "<p>Mw. Chloé Benoît heeft huurschuld, ze woont in de Regenboogbuurt.</p><table><tr><td>Noor Heemskerk</td></tr><tr><td>Praktijkverpleegkundige</td></tr><tr><td>06-12341234</td></tr><tr><td>Parkzicht, Danswijk</td></tr></table>", "utf-8", "Chloé Benoît", None, "Regenboogbuurt"),
    mime("b2-raw-strike", H("1", sender=NOOR) + HTM + "<p>Mw. Chloé Benoît</p><p><s>06-41526414</s> 06-41526413</p><p>Regenboogbuurt</p>", "utf-8", "Chloé Benoît", "+31641526413", "Regenboogbuurt"),
    mime("b2-raw-inreply-table-form", H("1", "Aanmeldformulier", sender=NOOR) + HTM + "<h3>Gegevens huisarts</h3><p>Naam: De Waard<br>Praktijk: Waardenpraktijk<br>Telefoon: 036-5382211</p><h3>Gegevens patiënt</h3><p>Naam: Loes Vink<br>Telefoon: 06-41526415<br>Wijk: Overgooi</p>", "utf-8", "Loes Vink", "+31641526415", "Overgooi"),
    mime("b2-raw-bounce", "From: postmaster@x.example\nTo: aanmelding@handover.example\nSubject: Niet bestelbaar: in beeld\nMIME-Version: 1.0\n" + 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\nContent-Type: text/plain\n\nniet bezorgd\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; n@x.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n', "ascii", ignore=True),
    mime("b2-raw-ooo", H("1", "Afwezigheidsbericht", PIET) + "X-Auto-Response-Suppress: All\nAuto-Submitted: auto-replied\n" + PLAIN + "Vandaag afwezig. Bel 06-41526416 Danswijk mw. Vos\n", "utf-8", ignore=True),
]
