"""What is no running text: columns, forms in parts, exports, and the lines round them.

Under a head of people only the patient's column counts; a number in another's part of a form is theirs.
"""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Verdict
from tests.unit.reading.case import Case

NUMBER = "06-31550105"
OTHER = "06-48210377"

READ = {
    "a form in lettered parts": "A. Cliënt\nNaam: Noor Bak\nTel: {N}\nWijk: Filmwijk\n\nB. Contactpersoon\n"
    "Naam: Jos Bak\nTel: {O}\nRelatie: zoon\n\nC. Verwijzer\nNaam: Roos Hamer\nTel: 036 534 77 12",
    "a letter in two columns": "Patiënt                              Verwijzer\n"
    "Dhr. Noor Bak                        D. Oost, huisarts\n"
    "Opaalstraat 5                        Dreef 12\n"
    "1325 AB Almere, Filmwijk             1325 XA Almere\n"
    "{N}                          036-5481234\n\nReden: schulden",
    "a head in groups": "Patiënt\tHuisarts\nNaam\tTelefoon\tWijk\tNaam\tTelefoon\n"
    "Noor Bak\t{N}\tFilmwijk\tJ. Kuiper\t036 5390011",
    "rows with semicolons": "naam;geboortedatum;telefoon;wijk;huisarts\n"
    "Noor Bak;1972-01-30;{N};Filmwijk;M. Roos",
    "rows with commas": "Naam,Telefoon,Wijk,Reden\nNoor Bak,{N},Filmwijk,schulden",
    "arrows": "naam -> Noor Bak\ntel -> {N}\nwijk -> Filmwijk",
    "questions of a form": "Wie meldt u aan?\nNoor Bak\n\nOp welk nummer is deze persoon bereikbaar?\n{N}\n\n"
    "In welke wijk woont deze persoon?\nFilmwijk\n\nWat is uw eigen telefoonnummer?\n{O}",
    "a line about a thing": "Naam: Noor Bak\nPortaalcode: 48213\nTelefoon: {N}\nWijk: Filmwijk\n"
    "Urgentieklasse: B",
    "cut short": "Naam......: Bak, N. (mevr.)\nWijk......: Filmwijk\nTelefoon..: {N}\nTel. prakt: {O}",
    "an export's keys": "PAT.NAAM=Noor Bak\nPAT.TEL={N}\nPAT.WIJK=Filmwijk\nHA.NAAM=Dijkstra\nHA.TEL={O}",
    "a form without marks": "AANMELDFORMULIER\n1. Verwijzer\nNaam Mirjam Vos\nOrganisatie Praktijk De Sluis\n"
    "Telefoonnummer {O}\n2. Client\nNaam Noor Bak\nTelefoonnummer {N}\nWijk Filmwijk",
    "an age in brackets": "Noor Bak (74) - 0631550105 - Filmwijk",
    "the name last": "Filmwijk, {N}, Noor Bak",
    "an offer below": "Naam: Noor Bak\nTel: {N}\nWijk: Filmwijk\n\nOpen van 8 tot 17 uur. Spoed? {O}",
    "sent by a program": "Naam Noor Bak\nTelefoon {N}\nWijk Filmwijk\nVerzonden via Zorgportaal {O}",
    "a sex that is no person": "Voorletters en naam   N. Bak\nGeslacht              man\n"
    "Mobiel                {N}\nWijk                  Filmwijk",
    "a form's own number below": "Naam\nNoor Bak\n\nTelefoon\n{N}\n\nWijk\nFilmwijk\n\n"
    "Uw telefoonnummer\n{O}",
    "numbers of other kinds": "Naam: Noor Bak\nDebiteurnr. 0634567891\nTel: {N}\nWijk: Filmwijk\n"
    "Vorderingnr: 06.12.345678",
    "Frisian": "Namme: Noor Bak\nTillefoan: {N}\nWyk: Filmwijk",
}
ASKED = {
    "an unknown part": "A. Cliënt\nNaam: Noor Bak\nTel:\nWijk: Filmwijk\n\nB. Eerste aanspreekpunt\n"
    "Naam: Jos Bak\nTel: {O}",
    "an arrow that takes back": "Noor Bak, Filmwijk\nTel {O} -> klopt niet meer, dat is nu van haar zoon",
    "a cell left out": "Naam          Tel            Wijk          Tel huisarts\n"
    "Noor Bak                     Filmwijk      {O}",
    "an unknown label": "Naam: Noor Bak\nWijk: Filmwijk\nAchterwachtlijn: {O}",
    "a third line names another": "Noor Bak\nFilmwijk\nKees Mol - {O}",
    "how the sender is reached": "Graag contact met Noor Bak uit de Filmwijk.\n\nT {O}",
    "an export without": "PAT.NAAM=Noor Bak\nPAT.TEL=\nPAT.WIJK=Filmwijk\nHA.NAAM=Dijkstra\nHA.TEL={O}",
    "columns of helpers": "        Contactpersoon     Hoofdhuurder\nNaam    Rob Kloos          Els Vos\n"
    "Tel     {N}        {O}\nWijk    Filmwijk           Filmwijk",
}


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_a_layout_is_read(text: str, almere: Gazetteer) -> None:
    reading = read(Case("layout", text.format(N=NUMBER, O=OTHER)).raw(), almere)
    told = (reading.verdict, reading.phone, reading.other_phones, reading.wijk)
    assert told == (Verdict.REFERRAL, "+31631550105", (), "Filmwijk")
    assert reading.name in {"Noor Bak", "N. Bak"}


@pytest.mark.parametrize("text", ASKED.values(), ids=ASKED)
def test_another_persons_part_is_asked_about(text: str, almere: Gazetteer) -> None:
    reading = read(Case("layout", text.format(N=NUMBER, O=OTHER)).raw(), almere)
    assert (reading.verdict, reading.phone, reading.patients) == (Verdict.INCOMPLETE, None, ())


@pytest.mark.parametrize(
    "text",
    [
        "De heer en mevrouw Bak uit de Filmwijk willen hulp. Hun nummers zijn {N} en {O}.",
        "Gebroeders Bak, Filmwijk:\n- Jan {N}\n- Kees {O}",
        "Noor Bak\n{N}\nFilmwijk\n\nRolf Wester\n{O}\nFilmwijk",
    ],
)
def test_lines_of_two_people_are_several(text: str, almere: Gazetteer) -> None:
    reading = read(Case("layout", text.format(N=NUMBER, O=OTHER)).raw(), almere)
    assert (reading.phone, reading.problems) == (None, ("several_patients",))


def test_a_subject_of_another_name_is_asked_about(almere: Gazetteer) -> None:
    case = Case("layout", f"Noor Bak, Filmwijk, {NUMBER}", subject="aanmelding Piet Vos")
    assert (read(case.raw(), almere).name, read(case.raw(), almere).wijk) == (None, "Filmwijk")


def test_a_bracket_holds_a_name_whole(almere: Gazetteer) -> None:
    case = Case("layout", f"Noor Bak, wonende te Almere (Centrum Almere Haven), {NUMBER}")
    assert read(case.raw(), almere).wijk == "Centrum Almere Haven"


@pytest.mark.parametrize(
    "text", ["Hallo, onze pleegzoon zit in de schulden", "Ik vraag hulp, ik schrijf namens mijn buurvrouw"]
)
def test_who_writes_for_another_is_not_the_patient(text: str, almere: Gazetteer) -> None:
    head = (
        "Graag oppakken.\n\nVan: Sanne Bak <sanne@gmail.example>\nVerzonden: dinsdag 24 november 2026 10:00\n"
    )
    head += "Aan: Praktijk <info@praktijk.example>\nOnderwerp: hulp\n\n"
    said = f"{text}, ik weet het niet meer. {NUMBER} Filmwijk\n\nGroet,\nSanne Bak"
    assert read(Case("layout", head + said, subject="FW: hulp").raw(), almere).verdict is Verdict.INCOMPLETE


def test_two_people_in_columns_are_two(almere: Gazetteer) -> None:
    text = (
        f"        Vader              Moeder\nNaam    Rob Kloos          Els Vos\n"
        f"Tel     {NUMBER}        {OTHER}\nWijk    Filmwijk           Filmwijk"
    )
    reading = read(Case("layout", text).raw(), almere)
    assert (reading.phone, reading.problems) == (None, ("several_patients",))


def test_a_newer_number_in_doubt_leaves_no_older_one_sure(almere: Gazetteer) -> None:
    text = (
        f"Hoi, hierbij nog het goede nummer, het vorige was van haar oude telefoon:\n{NUMBER}.\n\nJohan\n\n"
        f"Op do 19 nov 2026 om 09:02 schreef Johan Riet <johan@praktijk.example>:\n"
        f"> Naam: Noor Bak\n> Telefoon: {OTHER}\n> Wijk: Filmwijk"
    )
    assert read(Case("layout", text, subject="Re: aanmelding").raw(), almere).phone != "+31648210377"


@pytest.mark.parametrize("label", ["Bereikbaar onder", "Bereikbaar onder nummer", "Bereikbaar op"])
def test_a_preposition_changes_no_label(label: str, almere: Gazetteer) -> None:
    text = f"Naam patiënte: Dilara Özdemir\nWoont in: Stedenwijk\n{label}: 06-14700107\nTaal: Turks\n"
    assert read(Case("label", text).raw(), almere).phone == "+31614700107"
