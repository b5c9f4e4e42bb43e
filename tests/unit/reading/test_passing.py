"""Who is mentioned in passing takes no number from the patient, and what is said of a number still counts."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Verdict
from tests.unit.reading.case import Case

NUMBER = "06-31550105"

PASSING = {
    "employer": "Thijs Wagenaar, Filmwijk. Zijn werkgever betaalt niet door. Telefoon: {N}",
    "landlord": "Thijs Wagenaar, Filmwijk. De huurbaas dreigt met ontruiming. Bel gerust: {N}",
    "debt to a relative": "Thijs Wagenaar, Filmwijk. Hij heeft een lening bij zijn neef. Tel. {N}",
    "who has died": "Thijs Wagenaar, Filmwijk. Zijn zoon hielp altijd maar is overleden. Tel. {N}",
    "who has gone": "Thijs Wagenaar, Filmwijk. Zijn vrouw is bij hem weggegaan. Nummer {N}",
    "not the relative": "Thijs Wagenaar, Filmwijk. Zijn zus is verslaafd. Hij is te bereiken op {N}.",
    "of the other sex": "Noor Wagenaar, Filmwijk. Een vriend liet haar zitten. Ze is bereikbaar op {N}.",
    "left behind": "Noor Wagenaar (Filmwijk). Heeft een vergelpas. Schulden zijn ontstaan door ziekte. {N}.",
    "what the patient is": "Mevrouw Noor Wagenaar (Filmwijk) is statushouder. Nummer: {N}.",
    "the practice's own nurse": "Mw. Noor Wagenaar (Filmwijk) zag ik met onze verpleegkundige. Tel: {N}.",
    "beside the wijk": "Noor Wagenaar kwam met haar zus. Er zijn schulden.\nFilmwijk, {N}",
    "below the wijk": "Noor Wagenaar\nFilmwijk (daar ergens)\n{N}\nheeft een zoon met een beperking",
    "a partner who pays nothing": "Noor Wagenaar, Filmwijk. Haar ex betaalt niet mee. Ze is te bellen: {N}",
    "a partner who knows": "Noor Wagenaar, Filmwijk. Zij is ziek. Haar partner weet ervan. Bel haar op {N}.",
    "several people": "Noor Wagenaar, Filmwijk. Haar zussen vinden het goed. Bel haar op {N}.",
    "whom she paid": "Noor Wagenaar, Filmwijk. Zij heeft haar tante terugbetaald. Zij is te bellen op {N}.",
    "who went bankrupt": "Noor Wagenaar, Filmwijk. Zij bouwt. De aannemer is failliet. Bel haar op {N}.",
    "no matter": "Noor Wagenaar, Filmwijk. Zij vindt bellen geen probleem: {N}.",
    "where it lies": "Noor Wagenaar, Filmwijk, {N}. Overdag ligt haar telefoon in een kluisje.",
    "since when": "Noor Wagenaar, Filmwijk, {N}. Ze heeft sinds kort een nieuw nummer.",
    "who calls": "Noor Wagenaar, Filmwijk, {N}. Ze neemt pas op als ze weet wie er belt.",
    "how it came": "Noor Wagenaar, Filmwijk, {N}. Via de kerk hoorde ik dat ze niet rondkomt.",
    "times": "Noor Wagenaar uit de Filmwijk, {N}, bij voorkeur in de avonduren.",
    "no mobile beside a landline": "Noor Wagenaar, Filmwijk, 036-5318402 (geen mobiel).",
    "by telephone": "Noor Wagenaar, Filmwijk, {N}. Zij is opgelicht via de telefoon.",
    "a form's own work": "Naam: Noor Wagenaar\nTel: {N}\nWijk: Filmwijk\nWerk: geen, WIA sinds 2021",
    "a misspelt label": "Naam: Noor Wagenaar\nTelefoonnumer: {N}\nWijk: Filmwijk",
    "a street with a name": "Noor Wagenaar, Audrey Hepburnlaan in de Filmwijk. U mag haar bellen: {N}.",
    "a form's underscores": "Naam: __Noor Wagenaar____\nTel: __{N}__\nWijk: ______Filmwijk___",
    "italics": "_Naam:_ _Noor Wagenaar_\n_Tel:_ _{N}_\n_Wijk:_ _Filmwijk_",
    "a nickname": "Naam: Zus van 't Hof\nTel: {N}\nWijk: Filmwijk",
}

AGAINST = {
    "employer who answers": "Thijs Wagenaar, Filmwijk. Zijn werkgever neemt de telefoon aan. Tel. {N}",
    "helper": "Thijs Wagenaar, Filmwijk. Zijn zus regelt alles. Tel. {N}",
    "made-up helper": "Noor Wagenaar (Filmwijk). Heeft een vergelmaat. Nummer: {N}.",
    "shared": "Noor Wagenaar, Filmwijk, {N}, zes man in dat huis delen hem.",
    "heard": "Noor Wagenaar; Filmwijk; {N}; krijg steeds een piepje.",
    "from an old system": "Naam: Noor Wagenaar\nTel: {N}\nWijk: Filmwijk\nDit komt uit ons oude systeem.",
    "that is of": "Noor Wagenaar, Filmwijk, {N}. Zij is nog binnen, dit is van de afdeling.",
    "ask for": "Noor Wagenaar, Filmwijk, {N}. Vraag naar Noor, de hospita haalt haar dan.",
    "forbidden": "Noor Wagenaar, Filmwijk. Haar mobiel ({N}) mag u niet gebruiken.",
    "provider": "Noor Wagenaar, Filmwijk: {N}. T-Mobile heeft de boel afgesloten.",
    "there": "Noor Wagenaar, Filmwijk, {N}. Daar is zij alleen als zij dienst heeft.",
    "a twin": "Noor Wagenaar, Filmwijk, {N}. Oeps, ik bedoel 06-31550150.",
    "a relative's name": "Naam: zus van mevrouw Hof\nTel: {N}\nWijk: Filmwijk",
    "a relative in debt": "Thijs Wagenaar, Filmwijk. Zijn zus heeft schulden. Tel. {N}",
    "a relative who is willing": "Noor Wagenaar, Filmwijk. Haar schoonzus wil wel. Bel haar gerust op {N}.",
    "a relative who plans": "Noor Wagenaar, Filmwijk. Haar oudste dochter plant dit. Bel na vieren. {N}",
    "a relative brought in": "Noor Wagenaar, Filmwijk. Zij heeft een attente dochter. Telefoonnummer: {N}.",
    "sons of age": "Noor Wagenaar, Filmwijk. Haar zoons zijn volwassen. U kunt ze bellen op {N}.",
    "a partner who helps": "Noor Wagenaar, Filmwijk. Haar partner helpt haar. Ze is te bellen op {N}.",
    "in a hall": "Noor Wagenaar, Filmwijk, {N}. De telefoon hangt in de hal.",
    "lent": "Noor Wagenaar, Filmwijk, {N}. Dit toestel gebruikt ze zolang van de kraamhulp.",
    "until when": "Noor Wagenaar, Filmwijk, {N}. Deze simkaart gaat er vrijdag uit.",
    "a relative who is meant": "Thijs Wagenaar, Filmwijk. Zijn broer is verslaafd. Hij is bereikbaar op {N}.",
    "below a one-line record": "Naam: Noor Wagenaar, Tel: {N}, Wijk: Filmwijk\nWeet ik niet zeker.",
}


@pytest.mark.parametrize("text", PASSING.values(), ids=PASSING)
def test_who_is_mentioned_in_passing_takes_no_number(text: str, almere: Gazetteer) -> None:
    reading = read(Case("", text.format(N=NUMBER)).raw(), almere)
    assert (reading.verdict, reading.wijk) == (Verdict.REFERRAL, "Filmwijk")
    assert (reading.phone, reading.other_phones) in {("+31631550105", ()), ("+31365318402", ())}


@pytest.mark.parametrize("text", AGAINST.values(), ids=AGAINST)
def test_what_is_said_of_a_number_makes_it_asked_for(text: str, almere: Gazetteer) -> None:
    assert read(Case("", text.format(N=NUMBER)).raw(), almere).verdict is Verdict.INCOMPLETE


def test_a_number_not_to_be_called_is_not_passed_on(almere: Gazetteer) -> None:
    text = f"Noor Wagenaar, Filmwijk. Privé {NUMBER}. Niet op haar werk bellen (036-5318402)."
    reading = read(Case("", text).raw(), almere)
    assert (reading.phone, reading.other_phones) == ("+31631550105", ())


def test_a_subject_with_another_number_makes_it_asked_for(almere: Gazetteer) -> None:
    case = Case(
        "", f"Noor Wagenaar uit de Filmwijk graag bellen: {NUMBER}", subject="Noor Wagenaar 06-42081773"
    )
    assert read(case.raw(), almere).verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize(
    "text",
    [
        "Hans van Gils ({N}) en Yvonne van Gils (06-23456612), Filmwijk, zitten klem. Graag beiden bellen.",
        "Aanmelding: Hans van Gils, {N} en mw. Yvonne van Gils, 06-23456612. Filmwijk.",
        "Kunt u Hans Smit, tel. {N} & Ria Smit, tel. 06-23456612, uit de Filmwijk helpen?",
    ],
)
def test_a_couple_with_a_number_each_is_two_patients(text: str, almere: Gazetteer) -> None:
    assert read(Case("", text.format(N=NUMBER)).raw(), almere).problems == ("several_patients",)
