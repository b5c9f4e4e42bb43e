"""Mails as practices write them."""

# A mail on one line shows better what is tested than one wrapped to fit.
# ruff: noqa: E501
# fmt: off

from tests.unit.reading.adversary_cases import FOURTH
from tests.unit.reading.case import Case
from tests.unit.reading.further_cases import FURTHER
from tests.unit.reading.plain_cases import PLAIN
from tests.unit.reading.raw_cases import RAW
from tests.unit.reading.second_round_cases import FIFTH
from tests.unit.reading.third_cases import THIRD
from tests.unit.reading.third_round_cases import SIXTH
from tests.unit.reading.whose_cases import WHOSE

SIGNATURE = """
Met vriendelijke groet,

Joke Terpstra
praktijkassistente
Huisartsenpraktijk Duinzicht
Kruidenwijkplein 4, 1314 KX Almere
T 036-5350101 | F 036-5350102 | spoedlijn 036-5350103
M 06-20000001
AGB 01056789 KvK 39011223 IBAN NL91 ABNA 0417 1643 00
www.hapduinzicht.example
"""

LISTS = [
    Case("list", "Naam: mevr. A.B. de Groot\nTel: 06-23456781\nWijk: Danswijk\n" + SIGNATURE, "A.B. de Groot", "+31623456781", "Danswijk"),
    Case("list-other-order", "Wijk: De Velden\nTelefoonnummer: 0623456782\nNaam: Mohamed el Khattabi\n" + SIGNATURE, "Mohamed el Khattabi", "+31623456782", "De Velden"),
    Case("list-capitals", "NAAM: DHR. P. VAN DER WAL\nTEL: 06 23 45 67 83\nWIJK: KRUIDENWIJK", "P. VAN DER WAL", "+31623456783", "Kruidenwijk"),
    Case("list-lower", "naam: sanne mulder\nmobiel: 06.23.45.67.84\nbuurt: regenboog buurt\n\ngr joke", "sanne mulder", "+31623456784", "Regenboogbuurt"),
    Case("list-equals", "naam = Anita Willems\ntelefoon = 0623456785\nwoonwijk = Waterwijk", "Anita Willems", "+31623456785", "Waterwijk"),
    Case("list-dashes", "- patiënt - dhr. Owen Tjon\n- tel - 06-23456786\n- wijk - Nobelhorst", "Owen Tjon", "+31623456786", "Nobelhorst"),
    Case("list-dots", "Naam............: Mw. L. ten Have\nTelefoon........: 036-5401122\nWijk............: Parkwijk", "L. ten Have", "+31365401122", "Parkwijk"),
    Case("list-bullets", "• Naam patiënt: Yusuf Demir\n• Telefoonnummer patiënt: +31 6 2345 6787\n• Wijk/buurt: Sieradenbuurt", "Yusuf Demir", "+31623456787", "Sieradenbuurt"),
    Case("list-numbered", "1. Naam: Eva Kok\n2. Tel: 0623456788\n3. Wijk: Vogelhorst", "Eva Kok", "+31623456788", "Vogelhorst"),
    Case("list-inline-comma", "Naam: Ries Hof, Tel: 06-23456789, Wijk: Filmwijk", "Ries Hof", "+31623456789", "Filmwijk"),
    Case("list-inline-slash", "naam: Karel Bos / tel: 06-23456780 / wijk: Faunabuurt", "Karel Bos", "+31623456780", "Faunabuurt"),
    Case("list-inline-spaces", "Naam: Tom Vink Tel: 06-23456711 Wijk: De Meenten", "Tom Vink", "+31623456711", "De Meenten"),
    Case("list-first-last", "Voornaam: Jasmijn\nTussenvoegsel: van den\nAchternaam: Broek\nMobiel: 06-23456712\nWijk: Eilandenbuurt", "Jasmijn van den Broek", "+31623456712", "Eilandenbuurt"),
    Case("list-initials-last", "Achternaam: Hofstra\nVoorletters: K.L.\nTelefoon: 06-23456713\nStadsdeel: Almere Buiten", "K.L. Hofstra", "+31623456713", "Almere Buiten"),
    Case("list-surname-first", "Naam: Veen, M.J. van der\nTel: 06-23456714\nWijk: Overgooi", "M.J. van der Veen", "+31623456714", "Overgooi"),
    Case("list-surname-given", "Naam: Aksoy, Elif\nTel: 06-23456715\nWijk: Danswijk", "Elif Aksoy", "+31623456715", "Danswijk"),
    Case("list-below", "Patiënt\nDhr. J.W. Kuiper\n\nTelefoon\n(036) 540 11 23\n\nBuurt\nDe Marken", "J.W. Kuiper", "+31365401123", "De Marken"),
    Case("list-english", "Name: Ms. Grace Owusu\nPhone: +31 6 23456716\nNeighbourhood: Europakwartier\n\nKind regards,\nJoke Terpstra", "Grace Owusu", "+31623456716", "Europakwartier"),
    Case("list-ids", "Naam: T. Prins\nGeb.datum: 06-12-1978\nBSN: 999990019\nPolisnr: 0612345678\nTel: 06-23456717\nWijk: Seizoenenbuurt", "T. Prins", "+31623456717", "Seizoenenbuurt", problems=("bsn_present",)),
    Case("list-two-phones", "Naam: W. Schaap\nTel vast: 036-5401124\nTel mobiel: 06-23456718\nWijk: Molenbuurt", "W. Schaap", "+31365401124", "Molenbuurt", ("+31623456718",)),
    Case("list-partner", "Naam: mw. R. Nijland\nTel: 06-23456719\nTel partner: 06-23456720\nWijk: Verzetswijk", "R. Nijland", "+31623456719", "Verzetswijk"),
    Case("list-only-bewindvoerder", "Naam: dhr. S. Blom\nTel. bewindvoerder: 06-23456721\nWijk: Verzetswijk", "S. Blom", None, "Verzetswijk", problems=("ambiguous_phone",)),
    Case("list-contactpersoon", "Naam: dhr. S. Blom\nContactpersoon: dochter Ria, 06-23456722\nTel: 06-23456723\nWijk: Verzetswijk", "S. Blom", "+31623456723", "Verzetswijk"),
    Case("list-huisarts-line", "Naam: I. Costa\nTelefoon: 06-23456724\nWijk: Cascadepark\nHuisarts: dr. P. Molenaar, 036-5350999", "I. Costa", "+31623456724", "Cascadepark"),
    Case("list-aangemeld-door", "Aangemeld door: Joke Terpstra (036-5350101)\nPatiënt: dhr. B. Ooms\nTelefoon: 06-23456725\nWijk: Literatuurwijk", "B. Ooms", "+31623456725", "Literatuurwijk"),
    Case("list-empty-phone", "Naam: C. Vos\nTelefoon:\nWijk: Literatuurwijk\n" + SIGNATURE, "C. Vos", None, "Literatuurwijk"),
    Case("list-unknown-phone", "Naam: C. Vos\nTelefoon: onbekend\nWijk: Literatuurwijk\n" + SIGNATURE, "C. Vos", None, "Literatuurwijk"),
    Case("list-adres-plaats", "Naam: N. Bhagwandas\nAdres: Muziekdreef 12\nPostcode: 1312 AB\nPlaats: Almere\nTelefoon: 06-23456726", "N. Bhagwandas", "+31623456726", "Almere Stad"),
    Case("list-adres-stadsdeel", "Naam: O. Dogan\nAdres: Marktgracht 3, 1353 AA Almere Haven\nTel: 0623456727", "O. Dogan", "+31623456727", "Almere Haven"),
    Case("list-tel-with-note", "Naam: O. Dogan\nTel: 0623456727 (liefst na 17.00 uur)\nWijk: Almere Poort", "O. Dogan", "+31623456727", "Almere Poort"),
]

NUMBERS = [
    Case("number-letter-o", "Naam: H. Post\nTel: O6-23456731\nWijk: Danswijk", "H. Post", "+31623456731", "Danswijk"),
    Case("number-letter-o-inside", "Naam: H. Post\nTel: 06-2345673O\nWijk: Danswijk", "H. Post", None, "Danswijk", problems=("invalid_phone",)),
    Case("number-spaced", "Naam: H. Post\nTel: 0 6 2 3 4 5 6 7 3 2\nWijk: Danswijk", "H. Post", "+31623456732", "Danswijk"),
    Case("number-nbsp", "Naam: H. Post\nTel: 06\u00a023\u00a045\u00a067\u00a033\nWijk: Danswijk", "H. Post", "+31623456733", "Danswijk"),
    Case("number-brackets", "Naam: H. Post\nTel: +31 (0)6 - 23 45 67 34\nWijk: Danswijk", "H. Post", "+31623456734", "Danswijk"),
    Case("number-0031", "Naam: H. Post\nTel: 0031623456735\nWijk: Danswijk", "H. Post", "+31623456735", "Danswijk"),
    Case("number-31", "Naam: H. Post\nTel: 31623456736\nWijk: Danswijk", "H. Post", "+31623456736", "Danswijk"),
    Case("number-no-zero", "Naam: H. Post\nTel: 6 23456737\nWijk: Danswijk", "H. Post", "+31623456737", "Danswijk"),
    Case("number-too-long", "Naam: H. Post\nTel: 06-234567381\nWijk: Danswijk", "H. Post", None, "Danswijk", problems=("invalid_phone",)),
    Case("number-too-short", "Naam: H. Post\nTel: 06-2345673\nWijk: Danswijk", "H. Post", None, "Danswijk", problems=("invalid_phone",)),
    Case("number-local", "Naam: H. Post\nTel: 5401125\nWijk: Danswijk", "H. Post", None, "Danswijk", problems=("invalid_phone",)),
    Case("number-too-short-prose", "Graag mw. H. Post bellen op 06 2345 673, ze woont in de Danswijk.", "H. Post", None, "Danswijk", problems=("invalid_phone",)),
    Case("number-invalid-beside-valid", "Naam: H. Post\nTel: 06-2345673 of 036-5401126\nWijk: Danswijk", "H. Post", "+31365401126", "Danswijk"),
    Case("number-german", "Naam: H. Post\nTel: +49 151 23456789\nWijk: Danswijk", "H. Post", "+4915123456789", "Danswijk"),
    Case("number-polish-00", "Naam: H. Post\nTel: 0048 512 334 871\nWijk: Danswijk", "H. Post", "+48512334871", "Danswijk"),
    Case("number-surinam", "Naam: H. Post\nTel: +597 8123456\nWijk: Danswijk", "H. Post", "+5978123456", "Danswijk"),
    Case("number-turkish", "Naam: H. Post\nTel: +90 532 123 45 67\nWijk: Danswijk", "H. Post", "+905321234567", "Danswijk"),
    Case("number-birthdate-beside", "Mw. H. Post, geb. 06-12-1960, 06-23456739, Danswijk", "H. Post", "+31623456739", "Danswijk"),
    Case("number-housenumber-beside", "Mw. H. Post, Tangostraat 18 06-23456740 Danswijk", "H. Post", "+31623456740", "Danswijk"),
    Case("number-two-slash", "Naam: H. Post\nTel: 06-23456741/036-5401127\nWijk: Danswijk", "H. Post", "+31623456741", "Danswijk", ("+31365401127",)),
    Case("number-same-twice", "Naam: H. Post\nTel: 06-23456741\nWijk: Danswijk\n\nDus bellen op 0623456741.", "H. Post", "+31623456741", "Danswijk"),
    Case("number-088", "Naam: H. Post\nWijk: Danswijk\nVragen over deze mail: 088-6001240", "H. Post", None, "Danswijk"),
    Case("number-iban-only", "Naam: H. Post\nWijk: Danswijk\nIBAN: NL02ABNA0123456789", "H. Post", None, "Danswijk"),
]

PROSE = [
    Case("prose-plain", "Beste collega,\n\nHierbij meld ik mevrouw Samira Bakkali aan. Ze heeft schulden en woont in de Literatuurwijk. Zij is bereikbaar op 06-23456751.\n" + SIGNATURE, "Samira Bakkali", "+31623456751", "Literatuurwijk"),
    Case("prose-no-salutation", "Beste collega,\n\nGraag jullie hulp voor Femke de Bruin uit Nobelhorst. Telefoon 06-23456752.\n\nGroet,\nJoke", "Femke de Bruin", "+31623456752", "Nobelhorst"),
    Case("prose-several-sentences", "Hoi,\n\nVanmorgen zag ik Lars Hendriks op mijn spreekuur. Hij komt niet rond van zijn uitkering. Zijn telefoonnummer is 06 - 23 45 67 53. Hij woont sinds een jaar in de Bouwmeesterbuurt.\n\nGr Joke", "Lars Hendriks", "+31623456753", "Bouwmeesterbuurt"),
    Case("prose-daughter", "Goedemorgen,\n\nMw. Geertje Mooij (De Hoven) heeft schulden. Haar dochter is te bereiken op 06-23456754.\n\nGroet, Joke", "Geertje Mooij", None, "De Hoven", problems=("ambiguous_phone",)),
    Case("prose-daughter-and-self", "Mw. Geertje Mooij (De Hoven) heeft schulden. U kunt haar zelf bellen op 06-23456755 of haar dochter Els op 06-23456754.", "Geertje Mooij", "+31623456755", "De Hoven"),
    Case("prose-via-son", "Dhr. Ahmed Farah woont in de Molenbuurt. Contact loopt via zijn zoon. Nummer: 06-23456756.", "Ahmed Farah", None, "Molenbuurt", problems=("ambiguous_phone",)),
    Case("prose-son-in-brackets", "Dhr. Ahmed Farah, Molenbuurt, 06-23456756 (zoon)", "Ahmed Farah", None, "Molenbuurt", problems=("ambiguous_phone",)),
    Case("prose-number-of-wife", "Dhr. Ahmed Farah, Molenbuurt, 06-23456756 van zijn vrouw", "Ahmed Farah", None, "Molenbuurt", problems=("ambiguous_phone",)),
    Case("prose-number-is-neighbours", "Dhr. Ahmed Farah uit de Molenbuurt. 06-23456756, dit is het nummer van de buurvrouw.", "Ahmed Farah", None, "Molenbuurt", problems=("ambiguous_phone",)),
    Case("prose-bewindvoerder", "Mw. Tineke Pol, Stedenwijk. Bewindvoerder is de heer K. Draaisma, tel 06-23456757.", "Tineke Pol", None, "Stedenwijk", problems=("ambiguous_phone",)),
    Case("prose-call-me", "Mw. Tineke Pol, Stedenwijk, heeft grote schulden. Wilt u mij terugbellen op 06-23456758?", "Tineke Pol", None, "Stedenwijk"),
    Case("prose-my-number", "Mw. Tineke Pol, Stedenwijk, heeft grote schulden. Mijn directe nummer is 06-23456758.", "Tineke Pol", None, "Stedenwijk"),
    Case("prose-i-am-reachable", "Naam: Tineke Pol\nTel: 06-23456759\nWijk: Stedenwijk\n\nVoor overleg ben ik bereikbaar op 06-23456758.", "Tineke Pol", "+31623456759", "Stedenwijk"),
    Case("prose-practice-number", "Mw. Tineke Pol, Stedenwijk. Bij vragen kunt u de praktijk bellen: 036-5350101.", "Tineke Pol", None, "Stedenwijk"),
    Case("prose-single-mother", "Mw. Bianca Smeets, alleenstaande moeder van drie kinderen, 06-23456760, Parkwijk.", "Bianca Smeets", "+31623456760", "Parkwijk"),
    Case("prose-two-unsure", "Robin Faber uit de Filmwijk. Ik vind 06-23456761 en 06-23456762, weet niet welk nummer klopt.", "Robin Faber", None, "Filmwijk", problems=("ambiguous_phone",)),
    Case("prose-old-number", "Robin Faber uit de Filmwijk. Het oude nummer 06-23456761 werkt niet, het nieuwe is 06-23456762.", "Robin Faber", "+31623456762", "Filmwijk"),
    Case("prose-lower", "hoi, mw yilmaz 0623456763 woont in de filmwijk en heeft huurschuld, gr joke", "yilmaz", "+31623456763", "Filmwijk"),
    Case("prose-telegram", "Dhr. Van Beek / 06-23456764 / Sieradenbuurt / huurachterstand", "Van Beek", "+31623456764", "Sieradenbuurt"),
    Case("prose-telegram-bare", "Willemsen, 06-23456765, Parkwijk", "Willemsen", "+31623456765", "Parkwijk"),
    Case("prose-lines", "Beste,\n\nLotte van Rijn\n06-23456766\nTussen de Vaarten Zuid\n\nSchulden bij de energiemaatschappij.\n\nJoke Terpstra", "Lotte van Rijn", "+31623456766", "Tussen de Vaarten Zuid"),
    Case("prose-wrapped-name", "Goedemiddag, hierbij wil ik u vragen contact op te nemen met mevrouw Marie-Claire\nvan Oosterhout. Zij woont in de wijk Tussen de\nVaarten. Telefoonnummer 06-23456767.\n", "Marie-Claire van Oosterhout", "+31623456767", "Tussen de Vaarten"),
    Case("prose-english", "Dear colleague,\n\nI would like to refer Mr. Daniel Okafor. He lives in the Seizoenenbuurt and can be reached at 06-23456768.\n\nKind regards,\nJoke Terpstra\n036-5350101", "Daniel Okafor", "+31623456768", "Seizoenenbuurt"),
    Case("prose-mixed", "Hi, pt Daniel Okafor speaks English only, phone 06-23456768, woont Seizoenenbuurt. Thanks, Joke", "Daniel Okafor", "+31623456768", "Seizoenenbuurt"),
    Case("prose-initials", "Graag contact met J.H.M. van den Heuvel-Pietersen, 06-23456769, De Grienden.", "J.H.M. van den Heuvel-Pietersen", "+31623456769", "De Grienden"),
    Case("prose-vietnamese", "Naam is Trần Văn Minh, nummer 06-23456770, wijk Danswijk.", "Trần Văn Minh", "+31623456770", "Danswijk"),
    Case("prose-arab", "Wilt u Abd al-Rahman El Fassi bellen? 06-23456771. Hij woont in Europakwartier.", "Abd al-Rahman El Fassi", "+31623456771", "Europakwartier"),
    Case("prose-apostrophe", "Mevr. A. 't Mannetje, 06-23456772, De Laren", "A. 't Mannetje", "+31623456772", "De Laren"),
    Case("prose-family", "Familie Bouzambou uit de Regenboogbuurt, 06-23456773, graag hulp bij administratie.", "Bouzambou", "+31623456773", "Regenboogbuurt"),
    Case("prose-couple", "Dhr. en mw. De Ruiter, 036-5401128, Waterwijk. Hebben samen schulden.", "De Ruiter", "+31365401128", "Waterwijk"),
    Case("prose-doctor-named", "Dokter Van Zanten zag Ilse Kramer (06-23456774, Filmwijk) wegens geldzorgen.", "Ilse Kramer", "+31623456774", "Filmwijk"),
    Case("prose-no-name", "Graag patiënte bellen op 06-23456775, woont in de Parkwijk. Naam volgt.", None, "+31623456775", "Parkwijk"),
    Case("prose-mevrouw-only", "Mevrouw heeft schulden en woont in de Parkwijk, 06-23456775.", None, "+31623456775", "Parkwijk"),
    Case("prose-attachment", "Zie bijlage voor de gegevens van de patiënt.\n" + SIGNATURE, None, None, None),
    Case("prose-only-thanks", "Dank je wel!\n" + SIGNATURE, None, None, None),
    Case("prose-zilveren-kruis", "Mw. Ilse Kramer heeft schulden bij Zilveren Kruis (071-7510051) en Vattenfall. 06-23456774, Filmwijk.", "Ilse Kramer", "+31623456774", "Filmwijk", ()),
]

PLACES = [
    Case("place-typo", "Naam: H. Post\nTel: 06-23456739\nWijk: Landgoedernbuurt", "H. Post", "+31623456739", "Landgoederenbuurt"),
    Case("place-typo-y", "Naam: H. Post\nTel: 06-23456739\nWijk: Literatuurwyk", "H. Post", "+31623456739", "Literatuurwijk"),
    Case("place-apart", "Naam: H. Post\nTel: 06-23456739\nWijk: Homerus kwartier", "H. Post", "+31623456739", "Homeruskwartier"),
    Case("place-no-article", "Naam: H. Post\nTel: 06-23456739\nWijk: Grienden", "H. Post", "+31623456739", "De Grienden"),
    Case("place-haven", "Naam: H. Post\nTel: 06-23456739\nWijk: Haven", "H. Post", "+31623456739", "Almere Haven"),
    Case("place-centrum", "Naam: H. Post\nTel: 06-23456739\nWijk: centrum", "H. Post", "+31623456739", None, problems=("ambiguous_wijk",)),
    Case("place-centrum-prose", "Mw. H. Post woont in het centrum, 06-23456739", "H. Post", "+31623456739", None, problems=("ambiguous_wijk",)),
    Case("place-centrum-haven", "Naam: H. Post\nTel: 06-23456739\nWijk: Centrum, Almere Haven", "H. Post", "+31623456739", "Centrum Almere Haven"),
    Case("place-stadscentrum", "Mw. H. Post, 06-23456739, Almere Centrum", "H. Post", "+31623456739", "Centrum Almere Stad"),
    Case("place-only-almere", "Naam: H. Post\nTel: 06-23456739\nWoonplaats: Almere", "H. Post", "+31623456739", None),
    Case("place-two", "Naam: H. Post\nTel: 06-23456739\nWijk: Filmwijk of Parkwijk", "H. Post", "+31623456739", None, problems=("ambiguous_wijk",)),
    Case("place-two-slash", "Naam: H. Post\nTel: 06-23456739\nWijk: De Hoven / De Werven", "H. Post", "+31623456739", None, problems=("ambiguous_wijk",)),
    Case("place-unknown", "Naam: H. Post\nTel: 06-23456739\nWijk: Schilderswijk", "H. Post", "+31623456739", None, problems=("unknown_wijk",)),
    Case("place-unknown-prose", "Mw. H. Post woont in de Componistenbuurt, 06-23456739.", "H. Post", "+31623456739", None, problems=("unknown_wijk",)),
    Case("place-unknown-known-district", "Naam: H. Post\nTel: 06-23456739\nWijk: Componistenbuurt, Almere Stad", "H. Post", "+31623456739", "Almere Stad"),
    Case("place-unknown-postcode", "Naam: H. Post\nTel: 06-23456739\nWijk: Componistenbuurt\nPostcode: 1311 XC", "H. Post", "+31623456739", "Almere Stad"),
    Case("place-lelystad", "Naam: H. Post\nTel: 06-23456739\nWoonplaats: Lelystad", "H. Post", "+31623456739", None, problems=("unknown_wijk",)),
    Case("place-postcode-elsewhere", "Naam: H. Post\nTel: 06-23456739\nPostcode: 8224 BT", "H. Post", "+31623456739", None, problems=("unknown_wijk",)),
    Case("place-postcode", "Mw. H. Post, 06-23456739, 1361AB", "H. Post", "+31623456739", "Almere Poort"),
    Case("place-postcode-digits", "Naam: H. Post\nTel: 06-23456739\nPostcode: 1353", "H. Post", "+31623456739", "Almere Haven"),
    Case("place-wijk-beats-postcode", "Naam: H. Post\nTel: 06-23456739\nWijk: Duin\nPostcode: 1353 AB", "H. Post", "+31623456739", "Duin"),
    Case("place-group", "Mw. H. Post uit Muziekwijk, 06-23456739", "H. Post", "+31623456739", "Muziekwijk"),
    Case("place-group-part", "Mw. H. Post uit Muziekwijk-Noord, 06-23456739", "H. Post", "+31623456739", "Muziekwijk Noord"),
    Case("place-district-and-wijk", "Mw. H. Post, Almere Haven (De Wierden), 06-23456739", "H. Post", "+31623456739", "De Wierden"),
    Case("place-moved", "Mw. H. Post, 06-23456739, is verhuisd van de Filmwijk naar de Danswijk.", "H. Post", "+31623456739", "Danswijk"),
    Case("place-not-anymore", "Mw. H. Post, 06-23456739, woont niet meer in de Filmwijk maar in Oosterwold.", "H. Post", "+31623456739", "Oosterwold"),
    Case("place-practice-in-wijk", "Wij zijn huisartsenpraktijk Waterwijk. Graag hulp voor mw. H. Post, 06-23456739.", "H. Post", "+31623456739", None),
    Case("place-daughter-lives", "Mw. H. Post, 06-23456739. Haar dochter woont in de Filmwijk.", "H. Post", "+31623456739", None),
    Case("place-hours", "Mw. H. Post uit Almere, 06-23456739, in Almere buiten kantooruren te bereiken.", "H. Post", "+31623456739", None),
    Case("place-name-trap", "Naam: P. van der Velden\nTel: 06-23456739", "P. van der Velden", "+31623456739", None),
    Case("place-name-trap-laren", "Mw. K. van Laren, 06-23456739, Filmwijk", "K. van Laren", "+31623456739", "Filmwijk"),
    Case("place-street-trap", "Naam: H. Post\nTel: 06-23456739\nAdres: Parkwijklaan 12", "H. Post", "+31623456739", None),
    Case("place-signature-only", "Naam: H. Post\nTel: 06-23456739\n\nGroet,\nJoke Terpstra\nGezondheidscentrum Filmwijk\n1325 AA Almere", "H. Post", "+31623456739", None),
    Case("place-wijkteam", "Mw. H. Post, 06-23456739, bekend bij wijkteam Parkwijk, woont in de Danswijk", "H. Post", "+31623456739", "Danswijk"),
    Case("place-noord", "Naam: H. Post\nTel: 06-23456739\nWijk: Noord", "H. Post", "+31623456739", None, problems=("ambiguous_wijk",)),
    Case("place-stad", "Naam: H. Post\nTel: 06-23456739\nWijk: Almere stad", "H. Post", "+31623456739", "Almere Stad"),
    Case("place-tdv", "Mw. H. Post, TDV, 06-23456739", "H. Post", "+31623456739", "Tussen de Vaarten"),
    Case("place-unsure", "Naam: H. Post\nTel: 06-23456739\nWijk: weet ik niet", "H. Post", "+31623456739", None),
]

SEVERAL = [
    Case("several-labels", "Naam: A. Visser\nTel: 06-23456781\nWijk: Danswijk\n\nNaam: B. Koster\nTel: 06-23456782\nWijk: Filmwijk", problems=("several_patients",)),
    Case("several-telegram", "Mw. A. Visser, 06-23456781, Danswijk\nDhr. B. Koster, 06-23456782, Filmwijk", problems=("several_patients",)),
    Case("several-prose", "Graag aanmelden: mevrouw Anna Visser uit de Danswijk, 06-23456781. En ook meneer Bert Koster uit de Filmwijk, 06-23456782.", problems=("several_patients",)),
    Case("several-table", "<table><tr><td>Naam</td><td>Telefoon</td><td>Wijk</td></tr><tr><td>A. Visser</td><td>06-23456781</td><td>Danswijk</td></tr><tr><td>B. Koster</td><td>06-23456782</td><td>Filmwijk</td></tr></table>", html=True, problems=("several_patients",)),
    Case("several-numbered", "Twee aanmeldingen:\n1) Anna Visser, 06-23456781, Danswijk\n2) Bert Koster, 06-23456782, Filmwijk", problems=("several_patients",)),
]

TABLES = [
    Case("table-vertical", "<p>Beste,</p><table><tr><td><b>Naam</b></td><td>Mw. Iris Blok</td></tr><tr><td><b>Tel.</b></td><td>06-23456791</td></tr><tr><td><b>Wijk</b></td><td>Duin</td></tr></table><p>Groet,<br>Joke Terpstra<br>036-5350101</p>", "Iris Blok", "+31623456791", "Duin", html=True),
    Case("table-horizontal", "<table><tr><th>Naam</th><th>Geboortedatum</th><th>Telefoon</th><th>Buurt</th></tr><tr><td>Iris Blok</td><td>01-02-1980</td><td>06-23456791</td><td>Duin</td></tr></table>", "Iris Blok", "+31623456791", "Duin", html=True),
    Case("table-tabs", "Naam\tIris Blok\nTelefoon\t06-23456791\nWijk\tDuin", "Iris Blok", "+31623456791", "Duin"),
    Case("table-pipes", "| Naam | Tel | Wijk |\n|------|-----|------|\n| Iris Blok | 06-23456791 | Duin |", "Iris Blok", "+31623456791", "Duin"),
    Case("table-columns-lost", "Naam\nTelefoon\nWijk\nIris Blok\n06-23456791\nParkwijk", "Iris Blok", "+31623456791", "Parkwijk"),
    Case("his", "HAP DUINZICHT            AGB: 01056789\nKruidenwijkplein 4, 1314 KX Almere   Tel: 036-5350101\n-----------------------------------------\nPatiënt     : Mw. I. Blok - Smits\nGeb. datum  : 01-02-1980\nBSN         : 999990019\nAdres       : Duinweg 3\nPostcode    : 1361 AB ALMERE\nTelefoon    : 06-23456791\n\nProbleemlijst: Z01 armoede\n", "I. Blok - Smits", "+31623456791", "Almere Poort", problems=("bsn_present",)),
    Case("html-outlook", "<html><body><div class=WordSection1><p class=MsoNormal>Hoi,<o:p></o:p></p><p class=MsoNormal>Graag Iris Blok bellen, 06&nbsp;23&nbsp;45&nbsp;67&nbsp;91, woont in Cascadepark.<o:p></o:p></p><p class=MsoNormal>Met vriendelijke groet,</p><p class=MsoNormal>Joke Terpstra</p><p class=MsoNormal>036-5350101</p></div></body></html>", "Iris Blok", "+31623456791", "Cascadepark", html=True),
    Case("html-hidden", '<p style="display:none">Naam: Iris Fout</p><p>Naam: Iris Blok<br>Tel: 06-23456791<br>Wijk: Duin</p>', "Iris Blok", "+31623456791", "Duin", html=True),
]

SUBJECTS = [
    Case("subject-all", "Zie onderwerp.\n" + SIGNATURE, "Iris Blok", "+31623456791", "Danswijk", subject="Aanmelding mw. Iris Blok 06-23456791 Danswijk"),
    Case("subject-name", "06-23456791, woont in de Danswijk\n" + SIGNATURE, "Iris Blok", "+31623456791", "Danswijk", subject="Verwijzing mevrouw Iris Blok"),
    Case("subject-fuller", "Mw. Blok, 06-23456791, Danswijk", "Iris Blok", "+31623456791", "Danswijk", subject="aanmelding mw. Iris Blok"),
    Case("subject-urgent", "Mw. Iris Blok, 06-23456791, Danswijk", "Iris Blok", "+31623456791", "Danswijk", subject="SPOED aanmelding", urgent=True),
    Case("urgent-body", "Mw. Iris Blok, 06-23456791, Danswijk. Huisuitzetting dreigt!", "Iris Blok", "+31623456791", "Danswijk", urgent=True),
    Case("urgent-not", "Mw. Iris Blok, 06-23456791, Danswijk. Geen spoed." + SIGNATURE, "Iris Blok", "+31623456791", "Danswijk"),
]

FORWARD_HEAD = "Van: Kees Wit <k.wit@hapduinzicht.example>\nVerzonden: maandag 3 maart 2025 10:00\nAan: Joke Terpstra <joke.terpstra@hapduinzicht.example>\nOnderwerp: schulden\n\n"
THREADS = [
    Case("forward-outlook", "Zie onder.\n\nGroet, Joke\n\n" + FORWARD_HEAD + "Naam: Iris Blok\nTel: 06-23456791\nWijk: Danswijk\n\nKees Wit\nhuisarts\n06-20000009", "Iris Blok", "+31623456791", "Danswijk", subject="FW: schulden"),
    Case("forward-german", "Zie onder.\n\nVon: Kees Wit <k.wit@hapduinzicht.example>\nGesendet: Montag, 3. März 2025 10:00\nAn: Joke Terpstra\nBetreff: schulden\n\nMw. Iris Blok, 06-23456791, Danswijk", "Iris Blok", "+31623456791", "Danswijk", subject="WG: schulden"),
    Case("forward-english", "FYI\n\n-----Original Message-----\nFrom: Kees Wit <k.wit@hapduinzicht.example>\nSent: Monday, March 3, 2025 10:00 AM\nTo: Joke Terpstra\nSubject: schulden\n\nMw. Iris Blok, 06-23456791, Danswijk\n\nKees", "Iris Blok", "+31623456791", "Danswijk", subject="Fwd: schulden"),
    Case("forward-corrected", "Let op, ze woont nu in de Filmwijk.\n\n" + FORWARD_HEAD + "Mw. Iris Blok, 06-23456791, Danswijk", "Iris Blok", "+31623456791", "Filmwijk", subject="FW: schulden"),
    Case("forward-patient", "Graag oppakken, woont in de Danswijk.\n\n---------- Forwarded message ---------\nVan: Iris Blok <iris.blok@thuispost.example>\nDate: ma 3 mrt 2025 om 20:00\nSubject: hulp\nTo: <balie@hapduinzicht.example>\n\nBeste dokter, ik kom niet meer rond. Kunt u mij bellen? 06-23456791\n\nGroetjes,\nIris", "Iris Blok", "+31623456791", "Danswijk", subject="Fwd: hulp"),
    Case("forward-professional", "Graag oppakken.\n\n---------- Forwarded message ---------\nVan: Truus Mol <truus@thuiszorgzon.example>\nDate: ma 3 mrt 2025 om 20:00\nSubject: client\nTo: <balie@hapduinzicht.example>\n\nHallo, ik kom bij mw. Iris Blok in de Danswijk, zij heeft schulden.\n\nTruus Mol\nThuiszorg Zon\n06-20000008", "Iris Blok", None, "Danswijk", subject="Fwd: client"),
    Case("reply-gmail", "Het nummer is 06-23456792.\n\nOp ma 3 mrt 2025 om 10:00 schreef Aanmelding <aanmelding@handover.example>:\n\n> Wat is het telefoonnummer? Antwoord bijvoorbeeld: 06-12345678\n>\n> Op ma 3 mrt 2025 om 09:00 schreef Joke Terpstra <joke.terpstra@hapduinzicht.example>:\n>> Mw. Iris Blok, Danswijk\n", "Iris Blok", "+31623456792", "Danswijk", subject="Re: aanmelding"),
    Case("reply-no-answer", "Dank, ik zoek het op.\n\nOp ma 3 mrt 2025 om 10:00 schreef Aanmelding <aanmelding@handover.example>:\n\n> Wat is het telefoonnummer? Antwoord bijvoorbeeld: 06-12345678\n>\n> Op ma 3 mrt 2025 om 09:00 schreef Joke Terpstra <joke.terpstra@hapduinzicht.example>:\n>> Mw. Iris Blok, Danswijk\n", "Iris Blok", None, "Danswijk", subject="Re: aanmelding"),
    Case("reply-outlook-english", "06-23456792\n\nFrom: Aanmelding <aanmelding@handover.example>\nSent: Monday, March 3, 2025 10:00 AM\nTo: Joke Terpstra\nSubject: RE: aanmelding\n\nWat is het telefoonnummer? Bijvoorbeeld 06-12345678\n\nFrom: Joke Terpstra <joke.terpstra@hapduinzicht.example>\nSent: Monday, March 3, 2025 9:00 AM\nTo: Aanmelding\nSubject: aanmelding\n\nMw. Iris Blok, Danswijk", "Iris Blok", "+31623456792", "Danswijk", subject="RE: aanmelding"),
    Case("reply-corrects-number", "Sorry, verkeerd nummer doorgegeven, moet zijn 06-23456793.\n\nOp 3 mrt. 2025 om 10:00 heeft Joke Terpstra <joke.terpstra@hapduinzicht.example> het volgende geschreven:\n\n> Mw. Iris Blok, 06-23456792, Danswijk", "Iris Blok", "+31623456793", "Danswijk", subject="Re: aanmelding"),
    Case("body-van-aan", "Van: Joke Terpstra\nAan: De Schoor\n\nNaam: Iris Blok\nTel: 06-23456791\nWijk: Danswijk", "Iris Blok", "+31623456791", "Danswijk"),
]

SIGNATURES = [
    Case("signature-no-closing", "Naam: Iris Blok\nWijk: Danswijk\n\nJoke\n06-20000001", "Iris Blok", None, "Danswijk"),
    Case("signature-generic-sender", "Naam: Iris Blok\nWijk: Danswijk\n\nHuisartsenpraktijk Duinzicht\n036-5350101", "Iris Blok", None, "Danswijk", sender="info@hapduinzicht.example"),
    Case("signature-other-name", "Naam: Iris Blok\nWijk: Danswijk\n\nMet vriendelijke groet,\n\nM. van Straten\n06-20000002", "Iris Blok", None, "Danswijk", sender="balie@hapduinzicht.example"),
    Case("signature-inline", "Mw. Iris Blok, 06-23456791, Danswijk, graag bellen. Groetjes Joke, HAP Duinzicht, 036-5350101", "Iris Blok", "+31623456791", "Danswijk"),
    Case("signature-then-data", "Graag onderstaande patiënt bellen.\n\nGroet,\nJoke Terpstra\n\nNaam: Iris Blok\nTel: 06-23456791\nWijk: Danswijk", "Iris Blok", "+31623456791", "Danswijk"),
    Case("signature-ps", "Mw. Iris Blok, Danswijk.\n\nGroet,\nJoke Terpstra\n036-5350101\n\nPS haar nummer is 06-23456791", "Iris Blok", "+31623456791", "Danswijk"),
    Case("letterhead", "HUISARTSENPRAKTIJK DUINZICHT\nKruidenwijkplein 4\n1314 KX Almere\ntel 036-5350101\n\nBetreft: mw. Iris Blok\nTel.: 06-23456791\nWijk: Danswijk\n\nHoogachtend,\nJ. Terpstra", "Iris Blok", "+31623456791", "Danswijk"),
    Case("secure-mail", "<p>Naam: Iris Blok<br>Tel: 06-23456791<br>Wijk: Danswijk</p><p>Deze e-mail is beveiligd verzonden met Zivver. Vragen? Bel 088-1234567</p>", "Iris Blok", "+31623456791", "Danswijk", html=True),
    Case("device", "Mw Iris Blok 06-23456791 Danswijk\n\nVerstuurd vanaf mijn iPad", "Iris Blok", "+31623456791", "Danswijk"),
    Case("disclaimer", "Mw Iris Blok 06-23456791 Danswijk\n\nDit bericht is uitsluitend bestemd voor de geadresseerde. Bel 036-5350101 bij vergissing.", "Iris Blok", "+31623456791", "Danswijk"),
]

AUTOMATIC = [
    Case("auto-subject", "Ik ben er niet tot maandag. Bij spoed: 06-20000003.", subject="Automatisch antwoord: aanmelding", ignore=True),
    Case("auto-ooo", "I am out of the office.", subject="Out of Office: aanmelding", ignore=True),
    Case("auto-afwezig", "Ik ben met vakantie, bel mw. Iris Blok 06-23456791 in de Danswijk.", subject="Afwezig: aanmelding", ignore=True),
    Case("auto-header", "Naam: Iris Blok\nTel: 06-23456791\nWijk: Danswijk", headers={"Auto-Submitted": "auto-replied"}, ignore=True),
    Case("auto-list", "Nieuws over de Danswijk", headers={"List-Id": "<nieuws.example>"}, ignore=True),
    Case("auto-precedence", "Nieuws", headers={"Precedence": "bulk"}, ignore=True),
    Case("auto-null-path", "Niet bezorgd", headers={"Return-Path": "<>"}, ignore=True),
    Case("auto-read", "Uw bericht is gelezen", subject="Gelezen: aanmelding", ignore=True),
    Case("auto-meeting", "Akkoord", subject="Geaccepteerd: overleg", ignore=True),
    Case("auto-not", "Naam: Iris Blok\nTel: 06-23456791\nWijk: Danswijk", "Iris Blok", "+31623456791", "Danswijk", headers={"Auto-Submitted": "no"}),
    Case("auto-not-subject", "Naam: Iris Blok\nTel: 06-23456791\nWijk: Danswijk", "Iris Blok", "+31623456791", "Danswijk", subject="patiënt krijgt geen antwoord, automatisch bellen"),
]

CASES = [*LISTS, *NUMBERS, *PROSE, *PLACES, *SEVERAL, *TABLES, *SUBJECTS, *THREADS, *SIGNATURES, *AUTOMATIC, *FURTHER, *THIRD, *WHOSE, *PLAIN, *FOURTH, *RAW, *FIFTH, *SIXTH]
