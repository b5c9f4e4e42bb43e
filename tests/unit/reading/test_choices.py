"""Two numbers that compete: shown in the question, and chosen with one figure."""

from dataclasses import asdict
from email.message import EmailMessage

import pytest

from gateway.reading.letters.practice import practice_letter
from gateway.reading.letters.record import PracticeKind
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import complete, read
from gateway.reading.record import PatientRecord, Reading, Verdict, known_reading
from tests.unit.reading.case import Case

A, B = "+31640182237", "+31629901453"
TWO = (
    "Mw. Dulce Fernandes uit de Kruidenwijk. "
    "In ons systeem staan 06-40182237 en 06-29901453; één daarvan is van haar zoon."
)


def test_a_question_knows_the_numbers_that_compete(almere: Gazetteer) -> None:
    asked = read(Case("two", TWO).raw(), almere)
    assert (asked.phone, asked.problems, asked.choices) == (None, ("ambiguous_phone",), (A, B))
    assert known_reading(asdict(asked)) == asked


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("1", A),
        ("2", B),
        ("2.", B),
        ("nummer 2", B),
        ("de tweede", B),
        ("het eerste nummer", A),
        ("53", B),
        ("eindigend op 37", A),
        ("06-29901453", B),
        ("Hallo,\n\n2\n\nGroet, Joke", B),
        ("die op 37", A),
        ("optie 2, dank!", B),
        ("Nummer 2 is van Dulce", B),
        ("Het eerste nummer is juist", A),
        ("niet 1", None),
        ("1 is van haar zoon, 2 is van haar", None),
        ("3", None),
        ("54", None),
        ("weet ik niet", None),
        ("een van beide", None),
    ],
)
def test_an_answer_chooses(said: str, chosen: str | None, almere: Gazetteer) -> None:
    asked = read(Case("two", TWO).raw(), almere)
    answer = complete(Case("answer", said, subject="Re: aanmelding").raw(), almere, frozenset(), asked)
    assert answer.phone == chosen
    assert answer.other_phones == ()
    assert (answer.verdict is Verdict.REFERRAL) == (chosen is not None)
    assert answer.choices == (() if chosen else (A, B))


@pytest.mark.parametrize("said", ["allebei", "Beide nummers zijn van haar", "ja, allebei"])
def test_all_that_were_shown_may_be_the_patients(said: str, almere: Gazetteer) -> None:
    asked = read(Case("two", TWO).raw(), almere)
    answer = complete(Case("answer", said, subject="Re: aanmelding").raw(), almere, frozenset(), asked)
    assert (answer.verdict, answer.phone, answer.other_phones) == (Verdict.REFERRAL, A, (B,))


@pytest.mark.parametrize("said", ["geen van beide", "Nee.", "beide niet", "geen van deze nummers klopt"])
def test_whoever_says_that_none_is_right_is_asked_for_the_number(said: str, almere: Gazetteer) -> None:
    asked = read(Case("two", TWO).raw(), almere)
    answer = complete(Case("answer", said, subject="Re: aanmelding").raw(), almere, frozenset(), asked)
    assert (answer.phone, answer.problems, answer.choices) == (None, ("missing_phone",), ())


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("nee 06-31415926", "+31631415926"),
        ("Nee.\n06-31415926", "+31631415926"),
        ("nee, het is 06-31415926", "+31631415926"),
        ("geen van beide: 06-31415926", "+31631415926"),
        # The number that was shown, with a no before it, is denied.
        ("nee 06-40182237", None),
        ("nee, 06-40182237", None),
        ("nee niet 06-31415926", None),
        ("geen 06-31415926", None),
        ("nee, 06-31415926 is van haar zoon", None),
    ],
)
def test_a_no_to_what_was_shown_gives_the_number_behind_it(
    said: str, given: str | None, almere: Gazetteer
) -> None:
    asked = read(Case("two", TWO).raw(), almere)
    letter = practice_letter(Case("answer", said, subject="Re: x").raw(), almere, frozenset(), asked)
    assert (letter.reading and letter.reading.phone) == given
    assert letter.kind is (PracticeKind.COMPLETED if given else PracticeKind.UNCLEAR)


ONE = "Mw. Dulce Fernandes uit de Kruidenwijk. Haar knorrel denkt mee. Er is een nummer: 06-40182237."


def test_the_only_number_is_offered(almere: Gazetteer) -> None:
    asked = read(Case("one", ONE).raw(), almere)
    assert (asked.phone, asked.problems, asked.choices) == (None, ("ambiguous_phone",), (A,))


@pytest.mark.parametrize("said", ["37", "1", "die op 37"])
def test_figures_choose_no_number_that_was_not_shown(said: str, almere: Gazetteer) -> None:
    asked = read(Case("more", ONE.replace("de Kruidenwijk", "het zuiden")).raw(), almere)
    assert (asked.choices, asked.offered) == ((A,), ())
    answer = complete(Case("answer", said, subject="Re: aanmelding").raw(), almere, frozenset(), asked)
    assert answer.phone is None


def test_the_number_of_a_letter_out_of_use_is_not_offered(almere: Gazetteer) -> None:
    asked = read(
        Case("old", "Mw. Dulce Fernandes uit de Kruidenwijk, haar oude nummer was 06-40182237.").raw(), almere
    )
    assert (asked.phone, asked.choices) == (None, ())


def test_older_readings_have_no_choices() -> None:
    told = asdict(Reading(Verdict.INCOMPLETE, problems=("missing_name",)))
    for field in ("choices", "patients"):
        del told[field]
    assert known_reading(told).choices == ()


def test_several_patients_who_stand_apart(almere: Gazetteer) -> None:
    text = "1. Dhr. F. Bakkenes\n06-54207391\nDanswijk\n\n2. Mw. Aaliyah Osei\n06-31880462\nMuziekwijk"
    reading = read(Case("list", text).raw(), almere)
    assert reading.problems == ("several_patients",)
    assert reading.patients == (
        PatientRecord("F. Bakkenes", "+31654207391", (), "Danswijk"),
        PatientRecord("Aaliyah Osei", "+31631880462", (), "Muziekwijk"),
    )
    assert known_reading(asdict(reading)) == reading


@pytest.mark.parametrize(
    "second", ["Mw. Aaliyah Osei\n06-31880462", "Mw. Osei\nMuziekwijk", "06-31880462\nMuziekwijk"]
)
def test_no_records_unless_all_are_whole(second: str, almere: Gazetteer) -> None:
    reading = read(Case("list", f"1. Dhr. F. Bakkenes\n06-54207391\nDanswijk\n\n2. {second}").raw(), almere)
    assert reading.patients == ()
    assert reading.verdict is Verdict.INCOMPLETE


def alternatives(plain: str, html: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Joke <joke@hap.example>", "a@handover.example", "aanmelding"
    mail.set_content(plain)
    mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def test_views_must_agree(almere: Gazetteer) -> None:
    plain = "Naam: Iris Blok\nTel: 06-23456791\nWijk: Danswijk\n"
    html = "<p>Naam: Iris Blok<br>Tel: {}<br>Wijk: Danswijk</p>"
    same = read(alternatives(plain, html.format("06 2345 6791")), almere)
    other = read(alternatives(plain, html.format("06-23456719")), almere)
    assert same.phone == "+31623456791"
    assert (other.phone, other.problems) == (None, ("ambiguous_phone",))
    assert other.choices == ("+31623456791", "+31623456719")


def test_a_subject_that_says_another_number_is_asked_about(almere: Gazetteer) -> None:
    text = "Naam: Iris Blok\nTel: 06-23456791\nWijk: Danswijk\n"
    reading = read(Case("subject", text, subject="Iris Blok 06-23456719").raw(), almere)
    assert (reading.phone, reading.problems) == (None, ("ambiguous_phone",))


def test_who_signs_an_answer_is_not_the_patient(almere: Gazetteer) -> None:
    asked = Reading(Verdict.INCOMPLETE, None, None, (), "Danswijk", ("missing_name", "missing_phone"))
    sender = "Balie <balie@hap.example>"
    reply = Case("answer", "06-23456791\n\nPetra Jansen", subject="Re: x", sender=sender).raw()
    done = complete(reply, almere, frozenset(), asked)
    assert (done.name, done.phone) == (None, "+31623456791")
    named = complete(Case("answer", "K. de Vries-Jansen", subject="Re: x").raw(), almere, frozenset(), asked)
    assert named.name == "K. de Vries-Jansen"


def test_a_gp_and_a_patient_with_one_surname(almere: Gazetteer) -> None:
    text = "Graag hulp voor mevrouw A. Jansen, Danswijk, 06-23456791.\n\nJ. Jansen"
    reading = read(Case("jansen", text, sender="J. Jansen <j@hap.example>").raw(), almere)
    assert (reading.name, reading.phone) == ("A. Jansen", "+31623456791")
