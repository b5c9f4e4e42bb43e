"""What leads to a number, and what is told around it, by kinds of everyday mails.

Being, having and reaching give the patient's number; what was, what is called by the patient, and what
somebody else answers do not. Two people told together are never one record.
"""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Verdict
from tests.unit.reading.case import Case

NUMBER = "06-31550105"
TWIN = "06-31550150"
OTHER = "06-48210377"

PATIENTS = {
    "the number of": "Het mobiele nummer van mw. Noor Wagenaar (Filmwijk) is {N}.",
    "the data of": "Hierbij de gegevens van patiënte Noor Wagenaar, Filmwijk, {N}.",
    "a note of who called": "Gebeld door: mw. Noor Wagenaar\nWoont in: Filmwijk\nTerugbellen op: {N}",
    "a request to call back": "Terugbelverzoek: Noor Wagenaar, Filmwijk. Terugbellen op {N} graag.",
    "no landline": "Mobiel van Noor Wagenaar: {N} (geen vast nummer). Zij woont in de Filmwijk.",
    "another kind of telephone": "Noor Wagenaar, Filmwijk, {N}. Een vaste telefoon is er niet.",
    "given on": "Noor Wagenaar gaf toestemming om {N} aan jullie te geven. Zij woont in de Filmwijk.",
    "a name that opens": "Noor Wagenaar raakte haar baan kwijt. Ze woont in de Filmwijk. Telefoon: {N}.",
    "a relative who is referred": "Moeder (aan te melden): Noor Wagenaar\nTel moeder: {N}\nWijk: Filmwijk",
    "on behalf of": "Haar moeder belde voor haar dochter Noor Wagenaar, Filmwijk. Noor zelf: {N}.",
    "told to us": "Noor Wagenaar uit de Filmwijk meldde zich. Ze gaf me het nummer {N}.",
    "works nights": "Noor Wagenaar, Filmwijk, {N} (draait nachtdiensten)",
    "an employer": "Noor Wagenaar (Filmwijk) werkt als kok bij een pakketdienst. Bel haar op {N}.",
    "a misspelt theme": "Noor Wagenaar uit de Filmwijk, {N}, heeft hulp nodig met huurachterstnd.",
    "said to be right": "Noor Wagenaar, Filmwijk, {T}. Het juiste nummer is {N}.",
    "a correction": "Noor Wagenaar, Filmwijk, {T}. Correctie: {N}.",
    "a country": "Noor Wagenaar, Filmwijk\ngsm {N} (Nederland)",
    "full width": "Naam：Noor Wagenaar\nTel：０６－３１５５０１０５\nWijk：Filmwijk",
    "who could call": "Wie kan Noor Wagenaar deze week bellen? Ze woont in de Filmwijk. {N}.",
    "surname first": "Wagenaar, N. van\nFilmwijk\n{N}",
    "a story between": "Noor Wagenaar, Filmwijk. Er is beslag gelegd op het loon. Telefoon: {N}",
    "gets help": "Noor Wagenaar uit de Filmwijk krijgt thuiszorg. Telefoon: {N}",
    "no idea": "Noor Wagenaar, Filmwijk, tel. {N}, heeft geen idee waar te beginnen.",
    "asked to be called": "Mag ik u vragen Noor Wagenaar te bellen? Ze woont in de Filmwijk. Nummer {N}",
    "brought to notice": "Mag ik Noor Wagenaar bij jullie onder de aandacht brengen? Filmwijk, {N}",
    "who it is about": "Om wie gaat het? Noor Wagenaar\nWaar kunnen we bellen? {N}\nWaar woont zij? Filmwijk",
    "named by listening": "Nieuwe aanmelding uit de Filmwijk. Zij luistert naar Noor Wagenaar. Telefoon {N}",
    "above a shop": "Noor Wagenaar woont in de Filmwijk boven de bakker. Het nummer is {N}.",
    "to be called then": "Noor Wagenaar (Filmwijk) is na drie uur thuis; dan kunt u {N} bellen.",
    "no mobile": "Noor Wagenaar woont in de Filmwijk. Een vaste telefoon bezit ze niet. Telefoon: {N}",
    "why not answered": "Noor Wagenaar (Filmwijk): {N}. Neemt vaak niet op wegens deurwaarders.",
    "an interpreter to find": "Noor Wagenaar, Filmwijk. Regel dus een tolk als je belt. Nummer {N}",
    "agreed by telephone": "Zoals net telefonisch besproken Noor Wagenaar:\ntel {N}\nwijk Filmwijk",
    "until four": "Noor Wagenaar wil hulp. Filmwijk. {N}\n\nPS Zij is op school, dus bel liever na vieren.",
    "turned round": "Noor Wagenaar, Filmwijk, {T}.\n\nO nee wacht, ik heb de cijfers omgedraaid: het is {N}.",
    "a genitive": "Noor Wagenaar (Filmwijk) was hier met haar broer. Noors eigen nummer is {N}.",
    "one more": "Nog een nieuwe, een ander persoon dan hieronder:\n\nNoor Wagenaar, Filmwijk, {N}",
    "a diminutive": "Heb hier Noor Wagenaar uit de Filmwijk, diep in de schulden. Nummertje: {N}",
    "abbreviated": "Noor Wagenaar / Filmwijk / mob: {N} / fin. probl.",
    "as one says": "Dit is Noor Wagenaar, Filmwijk, {N} en ja de bekende problemen met geld.",
    "one's index": "Noor Wagenaar\nFilmwijk\nTEL1 {N}\nTEL2 -",
    "a wijk of two words behind": "Noor Wagenaar Filmwijk {N}",
    "by Kwik": "Aanmelding via Kwik: Noor Wagenaar, Filmwijk, {N}",
    "this woman": "Wil je deze vrouw bellen: Noor Wagenaar, Filmwijk, {N}. Zij heeft haar baan verloren.",
    "herself": "Noor Wagenaar, Filmwijk, {N}. Haar zus doet de post maar jullie kunnen haar zelf bellen.",
    "a remark on her": "Naam: Noor Wagenaar\nTel: {N}\nWijk: Filmwijk\nOpm: spreekt Arabisch en wat Engels",
    "his data": "Ed Wagenaar heeft huurschuld. Zijn gegevens: {N}, Filmwijk.",
    "away by day": "Noor Wagenaar, Filmwijk. Mobiel {N}, is overdag op de dagopvang.",
    "discreetly": "Noor Wagenaar, {N}, Filmwijk. Haar kinderen weten van niets, dus bel discreet.",
    "as agreed": "Volgens afspraak: gegevens Noor Wagenaar, tel. {N}, Filmwijk. Zij weet dat jullie bellen.",
    "an attachment": "Zie ook de bijlage. Noor Wagenaar, Filmwijk, {N}. Contactgegevens in bijlage.",
    "sent for a doctor": "Aanmelding namens dr. Vink: Noor Wagenaar, {N}, Filmwijk, heeft geen overzicht.",
    "that has": "Dit is Noor Wagenaar, Filmwijk, die heeft {N}.",
    "a spouse who knows": "Noor Wagenaar, {N}, Filmwijk. Haar man Ed Moerman weet ervan.",
}

NOBODYS = {
    "a helper of the patient": "De begeleider van Noor Wagenaar uit de Filmwijk is bereikbaar op {N}.",
    "an employer of hers": "De werkgever van Noor Wagenaar (Filmwijk): {N}",
    "a daughter, with a title": "De dochter van mw. N. Wagenaar (Filmwijk) is bereikbaar op {N}.",
    "an unknown role": "De knorrel van patiënte Noor Wagenaar, Filmwijk, is te bellen op {N}.",
    "help for a son": "Graag hulp voor de zoon van mw. N. Wagenaar, Filmwijk, {N}.",
    "who refers kin": "Kees Mol (Filmwijk, {N}) meldt zijn moeder aan",
    "borrowed": "Noor Wagenaar, Filmwijk. Leent een telefoon: {N}",
    "the reader's own": "Noor Wagenaar uit de Filmwijk belt jullie zelf op {N}",
    "called by the patient": "Noor Wagenaar uit de Filmwijk belt steeds naar {N}.",
    "called from": "Noor Wagenaar uit de Filmwijk wordt gebeld door {N}.",
    "another than": "Noor Wagenaar, Filmwijk. Zij heeft een ander nummer dan {N}.",
    "nearly": "Noor Wagenaar, Filmwijk. Haar nummer is bijna gelijk aan {N}.",
    "had": "Noor Wagenaar, Filmwijk. Zij had {N}.",
    "sold": "Noor Wagenaar, Filmwijk, heeft haar telefoon ({N}) verkocht.",
    "becomes": "Noor Wagenaar, Filmwijk. Haar nummer wordt per 1 december {N}.",
    "until": "Noor Wagenaar, Filmwijk. Tot 1 december is haar nummer {N}.",
    "not reached": "Noor Wagenaar, Filmwijk, is via {N} niet te bereiken.",
    "if right": "Noor Wagenaar, Filmwijk, {N}, als het klopt.",
    "to be checked": "Noor Wagenaar, Filmwijk, {N}. Ik check dit nog.",
    "who answers": "Noor Wagenaar, Filmwijk. Onder {N} neemt haar nimmerboei op.",
    "is of a body": "Noor Wagenaar, Filmwijk. Bereikbaar onder {N} is de klachtencommissie.",
    "on the name of": "Noor Wagenaar, Filmwijk, tel. {N} (staat op naam van Corrie)",
    "lives with somebody": "Noor Wagenaar, Filmwijk, tel. {N} (woont samen met stamhoeder)",
    "or was it": "Noor Wagenaar, Filmwijk, {T}. Of was het {N}?",
    "the practice moved": "Noor Wagenaar, Filmwijk.\n\nWij zijn verhuisd! Nieuw telefoonnummer: {N}",
    "from a day on": "Noor Wagenaar, Filmwijk.\n\nVanaf 1 januari: telefoonnummer {N}",
    "the sender's days": "Noor Wagenaar uit de Filmwijk heeft schulden. Ik werk op dinsdag. Telefoon: {N}",
    "a wish": "Noor Wagenaar uit de Filmwijk heeft schulden. Fijn weekend! Mobiel {N}",
    "a slogan": "Noor Wagenaar uit de Filmwijk heeft schulden.\n\nSamen beter\nMobiel: {N}",
    "a slogan to the reader": "Noor Wagenaar, Filmwijk.\n\nSamen sterk voor uw gezondheid.\nMobiel: {N}",
    "out of hours": "Noor Wagenaar uit de Filmwijk heeft schulden.\n\nBuiten kantooruren\nTelefoon: {N}",
    "a thing": "Naam: Noor Wagenaar\nTel: {N}\nWijk: Filmwijk\nOpmerking: kaartje is gisteren ingeleverd",
    "hearsay": "Naam: Noor Wagenaar\nTel: {N}\nWijk: Filmwijk\nInfo: van horen zeggen",
    "who is fetched": "Noor Wagenaar, Filmwijk, {N}. De nachtportier roept haar dan.",
    "told below a label": "Naam: Noor Wagenaar, Filmwijk, {N}. Nummerweergave gaf een andere abonnee aan.",
    "a place's": "Noor Wagenaar, Filmwijk. Zij belde met het nummer van de buurt: {N}.",
    "a number thereof": "Noor Wagenaar woont in de Filmwijk boven de malwinkel. Het nummer daarvan is {N}.",
    "who is there": "Noor Wagenaar (Filmwijk). Dan kunt u {N} bellen, daar zit de wijkcoach.",
    "reached once": "Noor Wagenaar uit de Filmwijk. Eerder was zij bereikbaar op {N}.",
    "given and wrong": "Noor Wagenaar uit de Filmwijk. Het nummer dat zij opgaf, {N}, bestaat niet.",
    "for questions": "Noor Wagenaar, Filmwijk. Heeft u vragen? Bel {N}.",
    "for questions, first": "Heeft u nog vragen? Telefoon: {N}. Noor Wagenaar, Filmwijk.",
    "looked for": "Noor Wagenaar uit de Filmwijk. Zij zoekt {N}.",
    "lent out": "Noor Wagenaar uit de Filmwijk. Haar telefoon heeft ze uitgeleend ({N}).",
    "a second person": "Noor Wagenaar uit de Filmwijk. De tweede persoon op dit adres: {N}.",
    "a year": "Noor Wagenaar, Filmwijk. In 2019 noteerden wij {N}.",
    "a telephone handed on": "Noor Wagenaar, Filmwijk. De ploegbaas geeft haar de telefoon: {N}",
    "an office": "Noor Wagenaar, Filmwijk, {N} (administratie)",
    "an abbreviated office": "Noor Wagenaar, Filmwijk, {N} (adm.)",
    "an abbreviation before": "Noor Wagenaar, Filmwijk, fin. {N}",
    "a refused genitive": "Noor Wagenaar, Filmwijk. Moeders nummer is {N}.",
    "a person behind": "Noor Wagenaar, Filmwijk, {N} en de bekende buurman",
    "an interpreter's": "Noor Wagenaar, Filmwijk. Bel met een tolk. Nummer tolk {N}",
    "what fails": "Noor Wagenaar, Filmwijk. Ik merk dat {N} niet werkt.",
    "who answers, and why": "Noor Wagenaar, Filmwijk: {N}. Haar zus neemt op vanwege incassobureaus.",
    "a service": "Noor Wagenaar woont in de Filmwijk. Voor spoed kunt u bellen op {N}.",
    "a service out of hours": "Noor Wagenaar woont in de Filmwijk. Buiten kantooruren kunt u {N} bellen.",
    "a neighbour's": "Noor Wagenaar woont in de Filmwijk naast de malvrouw. Haar nummer is {N}.",
    "who asks": "Wie bent u? Noor Wagenaar\nWaar kunnen we u bellen? {N}\nWijk? Filmwijk",
    "who writes": "Noor Wagenaar, Filmwijk. Ik ben haar budgetmaatje. Tel. {N}",
}

COUPLES = {
    "the mother of a child": "Mijn patiënt Bo Wagenaar (6), Filmwijk. Het gaat om zijn moeder. {N}",
    "the mother, after": "Mijn patiënt Bo Wagenaar (6) was hier. Het gaat dus om moeder. {N}",
    "each a number": "Mw. Noor Wagenaar en haar zoon Ed Moerman, Filmwijk. Zij: {N}, hij: {O}.",
    "each apart": "Noor Wagenaar en haar broer Ed Wagenaar, Filmwijk, willen ieder een traject. {N}",
    "one more with a number": "Noor Wagenaar, {N}, Filmwijk. Ed Moerman ook: {O}.",
    "one more without": "Noor Wagenaar, {N}, Filmwijk. Haar zus Els Moerman heeft ook schulden en wil hulp.",
    "the same wijk": "Noor Wagenaar, {N}, Filmwijk. En ook nog Els Moerman, zelfde wijk.",
}


def _text(text: str) -> str:
    return text.format(N=NUMBER, T=TWIN, O=OTHER)


@pytest.mark.parametrize("text", PATIENTS.values(), ids=PATIENTS)
def test_the_patients_number_is_read(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", _text(text)).raw(), almere)
    assert (reading.verdict, reading.phone, reading.other_phones, reading.wijk) == (
        Verdict.REFERRAL,
        "+31631550105",
        (),
        "Filmwijk",
    )
    assert (reading.name or "").endswith("Wagenaar")


@pytest.mark.parametrize("text", NOBODYS.values(), ids=NOBODYS)
def test_another_relation_gives_no_number(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", _text(text)).raw(), almere)
    assert reading.verdict is Verdict.INCOMPLETE
    assert reading.phone is None


@pytest.mark.parametrize("text", COUPLES.values(), ids=COUPLES)
def test_two_people_are_not_one_record(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", _text(text)).raw(), almere)
    assert reading.verdict is Verdict.INCOMPLETE
    assert (reading.name, reading.phone) == (None, None)
