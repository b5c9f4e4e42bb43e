"""What a mail says against the number that its label gives: then the number is asked for, never passed on."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Verdict
from tests.unit.reading.case import Case

RECORD = "Naam: Thijs Wagenaar\nTel: 06-31550101\nWijk: Filmwijk\n"
PROSE = "Thijs Wagenaar uit de Filmwijk"

AGAINST = {
    "remark: pawned": RECORD + "Opm: toestel staat bij de lommerd",
    "remark: sold": RECORD + "Bijzonderheden: mobiel weggedaan",
    "remark: contract ended": RECORD + "Opmerking: sim gedeactiveerd",
    "remark: who answers": RECORD + "Opmerking: zijn zwager neemt op",
    "remark: given away": RECORD + "Toelichting: smartphone is nu van zijn nichtje",
    "remark: no more": RECORD + "Opmerking: werkt niet meer",
    "remark: through somebody": RECORD + "Opmerking: geen beltegoed, bellen via benedenbuurvrouw",
    "remark: who is there": RECORD + "NB: hierop zit Yvonne",
    "remark: one word": RECORD + "Opmerking: schoonzoon",
    "mark: a star": RECORD.replace("0101", "0101*"),
    "mark: a footnote": RECORD + "* = nicht",
    "mark: whom to ask for": RECORD + "Vragen naar: Yvonne",
    "mark: the owner": RECORD + "Eigenaar toestel: Yvonne",
    "mark: reached through": RECORD + "Bereikbaar: ja, via Yvonne",
    "behind: apposition": f"Zou je 06-31550102 even bellen, is de opbouwwerker, die kent {PROSE}.",
    "behind: one of many": f"Graag 06-31550102 bellen, een oude makker van {PROSE}.",
    "behind: ask for": f"{PROSE}, 06-31550102, vraag naar Yvonne.",
    "behind: there": f"{PROSE}. Bellen: 06-31550102. Daar zit Yvonne van het spreekuur.",
    "behind: that woman": f"06-31550102 bellen aub. Die mevrouw van de naaiclub kent {PROSE}.",
    "contract: t.n.v.": RECORD.replace("0101", "0101 t.n.v. P. Wagenaar"),
    "contract: staat op": RECORD.replace("0101", "0101, staat op P. Wagenaar"),
    "contract: via": RECORD.replace("0101", "0101 via via"),
    "couple": "Loes en Joris Harmsen, Filmwijk, 06-31550102 (Joris). Het gaat om Loes.",
    "couple: two lines": "Loes en Joris Harmsen\nFilmwijk\nJoris 06-31550102\nGraag Loes bellen",
    "above: two with one number": "Twee mensen staan bij ons met dit nummer.\n\n> "
    + RECORD.replace("\n", "\n> "),
    "above: another file": "Het nummer hoort bij een ander dossier.\n\n> " + RECORD.replace("\n", "\n> "),
    "above: ours": "Dat nummer onderaan is mijn eigen 06.\n\n> " + RECORD.replace("\n", "\n> "),
    "above: from memory": "Het nummer schreef ik uit mijn hoofd op.\n\n> " + RECORD.replace("\n", "\n> "),
    "who asks": "Wij willen een patiënt aanmelden, wat hebben jullie nodig? Bellen mag ook: 06-31550101.",
    "called back": 'Joke Terpstra wil het bericht "Thijs Wagenaar, 06-31550101, Filmwijk" intrekken.',
    "quoted: no more": RECORD + "\n> Van: Thijs Wagenaar\n> Bel me maar niet meer op 06-31550101.",
    "quoted: broken": RECORD + "\nOp 3 nov 2026 schreef Thijs Wagenaar:\n> Mijn telefoon doet het niet.",
    "quoted: given": RECORD + "\n> 06-31550101 is nu het nummer van mijn zus",
    "quoted: in words": RECORD + '\nPatiënt schreef: "ik gebruik 06-31550101 niet meer"',
    "past: was": f"{PROSE}. Nummer eindigt nu op 88, was 06-31550102.",
    "past: until": f"{PROSE}, 06-31550102 tot vorige week, daarna weet ik het niet.",
    "couple: his": "De heer en mw. Harmsen, Filmwijk, 06-31550102 (meneer). Het gaat om mevrouw.",
    "past: always": f"{PROSE}. Zijn nummer was altijd 06-31550102.",
    "past: could be reached": f"{PROSE} was te bereiken op 06-31550102 maar is van provider gewisseld.",
    "another: this time": f"Laatst meldde ik {PROSE} aan (06-31550102). Deze keer zijn zus Ria.",
    "another: now too": f"Vorige maand meldden we {PROSE} aan (06-31550102). Nu graag ook zijn zus Ria.",
    "another: just like": "Net als Thijs Wagenaar (06-31550102, Filmwijk) heeft Ria Moes schulden.",
    "another: remember": "Kennen jullie Thijs Wagenaar, Filmwijk, 06-31550102? Nu zijn zus.",
    "sender: call back": f"{PROSE}. Terugbellen kan op 06-31550102.",
    "sender: info": f"{PROSE}. Info: 06-31550102",
    "has it": f"{PROSE}, 06-31550102. Vaak heeft zijn zwager hem mee.",
    "lent": RECORD + "Hij leent deze van de buurtwinkel.",
    "gets": RECORD + "Belt u, dan krijgt u de bedrijfskantine.",
    "may be": RECORD + "NB: deze kan ook van Yvonne zijn",
    "kept by": f"{PROSE}, 06-31550102. Het toestel ligt bij zijn stiefbroer.",
    "shared": f"{PROSE}, 06-31550102. Deze mobiel deelt hij met een kamergenoot.",
    "answers": f"{PROSE}, 06-31550102. Zijn nicht Ria pakt altijd op.",
    "speaks for": f"{PROSE}, 06-31550102. Zijn nicht Ria staat u te woord.",
    "handles": f"{PROSE}, 06-31550102. Yvonne (klusmoeder) regelt zijn contacten.",
    "brackets": f"{PROSE}, 06-31550102 (werk, opgezegd).",
    "until": f"{PROSE}, 06-31550102 doet het tot maandag.",
    "second thought": f"{PROSE}, 06-31550102. Oh wacht, dat is die van zijn chef.",
    "second thought below": RECORD + "O nee, dat is die van zijn chef.",
    "unsure": f"{PROSE}. Ik dacht 06-31550102.",
    "unsure: behind": f"{PROSE}, 06-31550102? Weet ik niet zeker.",
    "first of two": RECORD + "Tel 2: 06-31550103\nTel 1 is van de conciërge.",
    "a person's turn": PROSE + "\n1e contact: 06-31550102\n2e contact: 06-31550103",
    "calls me": f"{PROSE}. Bel ons voor zijn nummer: 06-31550102.",
    "my role": f"{PROSE}. Wij helpen hem als schuldmaatje. 06-31550102.",
    "rather him": f"{PROSE}, 06-31550102, bel liever zijn zwager.",
    "house": f"{PROSE}. Hij slaapt bij een neef. Vaste telefoon 06-31550102.",
    "mailed from": f"{PROSE}. Tel: onbekend. Gemaild vanaf 06-31550102.",
    "made-up compound": f"{PROSE}. Zijn ziltelist kent hem goed. Bel gerust: 06-31550102.",
    "one surname": "Mevr. Moes (Loes) Filmwijk; dhr. Moes (Joris) 06-31550102",
    "family": f"{PROSE}. Appgroep van de familie: 06-31550102.",
    "afar: in plain words": f"{PROSE}, 06-31550101. Hij slaapt slecht.\n\nDat is eigenlijk die van zijn zus.",
    "afar: in a postscript": RECORD + "\nGroet, Yvonne\n\nPS neem dan op met zijn chef, die bereik je ook.",
    "afar: below the signature": RECORD + "\nMvg Yvonne\nhuisarts\n\nBij nader inzien: bel hem niet hierop.",
    "afar: before the record": "Onderstaande gegevens zijn van zijn broer.\n" + RECORD,
    "afar: pointing back": f"{PROSE}, 06-31550101. Hij rookt.\nDie van hierboven klopt niet meer.",
    "afar: first mentioned": RECORD + "\nEerstgenoemde mogelijkheid is die van een vriendin.",
    "afar: unnamed": RECORD + "\nHij heeft schulden. Sinds kort heeft hij een ander.",
    "afar: his old one": RECORD + "\nHij rookt.\nMocht dat niet lukken: dit is zijn oude.",
    "afar: whoever calls": f"{PROSE}, 06-31550101. Hij zit vast; wie belt krijgt de cipier.",
    "afar: who answers": RECORD + "\nZijn huisgenoot drinkt. Laat u niet afschepen als die opneemt.",
    "afar: ask for her": RECORD + "\nZijn vrouw regelt alles. Vraag naar haar als u belt.",
    "afar: somebody else": RECORD + "\nHij is kok. Het is nu iemand anders geworden.",
    "afar: nothing to call with": f"{PROSE}, 06-31550101. Thijs heeft niets om mee te bellen.",
    "afar: whom I got": RECORD + "\nIk kreeg net zijn moeder toen ik belde.",
    "afar: another of that name": RECORD + "\nHet kan dat u de verkeerde Thijs treft.",
    "afar: a table's remark": "Naam | Tel | Wijk | Opmerking\n"
    "Thijs Wagenaar | 06-31550101 | Filmwijk | gedeeld met de onderbuurvrouw",
    "afar: above a forward": "Dat is wel de telefoon van zijn zus.\n\n> " + RECORD.replace("\n", "\n> "),
    "quoted: another wants help": "Zie onder, Joris wil ook hulp.\n\n> " + RECORD.replace("\n", "\n> "),
    "quoted: somebody answered": RECORD + "\n> Wij hebben 06-31550101 gebeld: iemand anders.",
    "sender: signs below": f"{PROSE}\n\n06-31550102\nYvonne van Beek",
}

STAYS = {
    "when": RECORD + "Opmerking: telefoon staat overdag vaak uit",
    "how": RECORD + "Opmerking: neemt onbekende nummers niet op",
    "afraid": RECORD + "Hulpvraag: schulden, durft telefoon niet meer op te nemen",
    "no landline": RECORD + "Opmerking: heeft geen vast nummer",
    "not through": RECORD + "Opmerking: partner weet van niets, dus niet via partner",
    "voicemail": RECORD + "Opmerking: graag voicemail inspreken als hij niet opneemt",
    "reason": RECORD + "Reden: partner",
    "later": RECORD + "Niet bellen op dinsdag.",
    "checked": RECORD + "Ik heb het nummer gecontroleerd.",
    "no answer": RECORD + "Bij geen gehoor voicemail inspreken aub. Hartelijk dank",
    "on the telephone": f"Ik had net {PROSE} aan de telefoon, bel hem op 06-31550101.",
    "dismissed": "Thijs Wagenaar (Filmwijk, 06-31550101) is door zijn baas ontslagen.",
    "heading": ">> Patiënt\n" + RECORD + ">> Verwijzer\nNaam: Yvonne van Beek\nTel: 036-5312299",
    "symbols": "👤 Thijs Wagenaar\n📞 06-31550101\n📍 Filmwijk",
    "thanks": f"Graag {PROSE} bellen. Zijn nummer: 06-31550101\n\nDank,\nYvonne van Beek",
    "story": RECORD + "Opmerking: zijn broer maakte schulden op zijn naam",
    "still": f"{PROSE}, 06-31550101. Nu zijn vrouw overleden is, redt hij het niet.",
    "used": f"{PROSE} gebruikt 06-31550101.",
    "called by creditors": RECORD + "\nHij is al twee keer gebeld door een incassobureau.",
    "calls nobody": RECORD + "\nHij bereikt niemand bij de gemeente. Hij weet niet wie hij moet bellen.",
    "calls him": RECORD + "\nZijn huisbaas belt hem steeds. Dat geeft stress.",
    "call me": RECORD + "\nVoor vragen kunt u mij bellen.",
    "other things pointed at": RECORD + "\nHij heeft een lening en een boete; die laatste is het hoogst.",
    "another thing": RECORD + "\nEen nieuwe baan heeft hij nog niet. De vorige bewindvoerder is gestopt.",
    "above-mentioned": f"{PROSE}, 06-31550101. Bovengenoemde is weduwnaar.",
    "took a loan": RECORD + "\nHij had een lening afgesloten.",
    "calls and answers": RECORD
    + "\nHij krijgt telefoontjes van schuldeisers en neemt daarom niet altijd op.",
    "in order": RECORD + "Opm: nummer is in orde en bekend",
    "stands below": "Zijn nummer vindt u onderaan.\n\n> " + RECORD.replace("\n", "\n> "),
    "all right": "Nummer en naam klopten wel.\n\n> " + RECORD.replace("\n", "\n> "),
    "his letters": f"{PROSE} moet de bank bellen maar durft niet. Hij is zelf te bereiken op 06-31550101.",
    "confirmed below": RECORD + "\nOp 3 nov 2026 schreef Thijs Wagenaar:\n> Mijn nummer is 06-31550101.",
}


@pytest.mark.parametrize("text", AGAINST.values(), ids=AGAINST.keys())
def test_a_number_that_something_speaks_against_is_asked_for(text: str, almere: Gazetteer) -> None:
    reading = read(Case("against", text).raw(), almere)
    assert reading.verdict is Verdict.INCOMPLETE
    assert (reading.phone, reading.other_phones) == (None, ())


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS.keys())
def test_what_says_nothing_against_a_number_leaves_it(text: str, almere: Gazetteer) -> None:
    reading = read(Case("stays", text).raw(), almere)
    assert (reading.verdict, reading.phone) == (Verdict.REFERRAL, "+31631550101")


PLAIN = {
    "kin of the other sex": "Thijs Wagenaar heeft boetes en zijn vriendin weet het niet. Hij mag"
    " gebeld worden op zijn mobiel: 06-31550101. Hij woont in de Filmwijk.",
    "kin in passing": "Sinds de geboorte van haar dochtertje kan Thirza Moes de huur niet betalen. Ze woont"
    " in de Filmwijk; bel 06-31550101.",
    "brackets": "Mw. Thirza Moes\n(06) 3155 0101\nFilmwijk",
    "woman": "Het betreft een 51-jarige vrouw, Thirza Moes, met schulden. Wijk: Filmwijk. Telefoon:"
    " 06-31550101.",
    "man": "Het gaat om een 23-jarige man, Thijs Wagenaar, werkloos. Bellen kan op 06-31550101. Hij woont"
    " in de Filmwijk.",
    "wijk with an article": "Ik verwijs: Thirza Moes. 06-31550101. De Hoven. Reden: schulden.",
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN.keys())
def test_a_plain_mail_is_not_asked_about(text: str, almere: Gazetteer) -> None:
    reading = read(Case("plain", text).raw(), almere)
    assert (reading.verdict, reading.phone) == (Verdict.REFERRAL, "+31631550101")


KEPT_APART = {
    "his wife": "Thijs Wagenaar, Filmwijk. Bel zijn 51-jarige vrouw, Thirza Moes: 06-31550102.",
    "a woman he lives with": "Thijs Wagenaar uit de Filmwijk woont met een vrouw, Thirza Moes, 06-31550102.",
    "his sister": "Thijs Wagenaar, Filmwijk. Zijn zus regelt alles. Zij is bereikbaar op 06-31550102.",
    "his girlfriend has it": "Thijs Wagenaar uit de Filmwijk. Zijn vriendin heeft zijn mobiel: 06-31550102.",
    "his friend": "Thijs Wagenaar, Filmwijk. Zijn broer regelt alles. Hij is bereikbaar op 06-31550102.",
}


@pytest.mark.parametrize("text", KEPT_APART.values(), ids=KEPT_APART.keys())
def test_what_is_a_relatives_stays_theirs(text: str, almere: Gazetteer) -> None:
    assert read(Case("apart", text).raw(), almere).phone is None
