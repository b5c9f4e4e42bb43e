"""An answer in a running thread: only its own text counts, it wins, and nothing is lost."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import complete, read
from gateway.reading.record import Reading, Verdict
from tests.unit.reading.case import Case

QUESTION = """

Op ma 3 mrt 2025 om 10:00 schreef Aanmelding <aanmelding@handover.example>:

> Wat is het telefoonnummer, en in welke wijk woont de patiënt?
> Bijvoorbeeld: 06-12345678, Filmwijk
>
> Op ma 3 mrt 2025 om 09:00 schreef Joke Terpstra <joke.terpstra@hapduinzicht.example>:
>> Naam: Iris Fout
>> Tel: 06-99999999
"""


def known(**fields: object) -> Reading:
    given: dict[str, object] = {"verdict": Verdict.INCOMPLETE, **fields}
    return Reading(**given)  # type: ignore[arg-type]


def answer(text: str, *, subject: str = "Re: aanmelding", quoted: bool = True, **more: object) -> bytes:
    return Case("answer", text + (QUESTION if quoted else ""), subject=subject, **more).raw()  # type: ignore[arg-type]


NAMELESS = known(phone="+31623456791", wijk="Danswijk", problems=("missing_name",))
PHONELESS = known(name="Iris Blok", wijk="Danswijk", problems=("missing_phone",))
WIJKLESS = known(name="Iris Blok", phone="+31623456791", problems=("missing_wijk",))
COMPLETE = Reading(Verdict.REFERRAL, "Iris Blok", "+31623456791", (), "Danswijk")


@pytest.mark.parametrize(
    "text",
    [
        "06-23456791",
        "06 23 45 67 91\n\nGr Joke",
        "Sorry! 0623456791.",
        "+31623456791",
        "Er ontbrak een cijfer: 06-23456791",
        "Typfout, moet 0623456791 zijn",
    ],
)
def test_a_bare_number_is_enough(text: str, almere: Gazetteer) -> None:
    assert complete(answer(text), almere, frozenset(), PHONELESS) == COMPLETE


@pytest.mark.parametrize(
    "text", ["Danswijk", "danswyk", "Dat is Danswijk.", "Ze woont in de Danswijk\n\nJoke", "wijk: Danswijk"]
)
def test_a_bare_wijk_is_enough(text: str, almere: Gazetteer) -> None:
    assert complete(answer(text), almere, frozenset(), WIJKLESS) == COMPLETE


@pytest.mark.parametrize(
    ("text", "place"), [("Haven", "Almere Haven"), ("de gouwen", "De Gouwen"), ("1353 AB", "Almere Haven")]
)
def test_short_forms_of_a_wijk(text: str, place: str, almere: Gazetteer) -> None:
    assert complete(answer(text), almere, frozenset(), WIJKLESS).wijk == place


@pytest.mark.parametrize(
    "text",
    [
        "Iris Blok",
        "1. Iris Blok",
        "mw. Iris Blok",
        "iris blok\n\ngr joke",
        "Naam: Iris Blok",
        "Ze heet Iris Blok.",
    ],
)
def test_a_bare_name_is_enough(text: str, almere: Gazetteer) -> None:
    reading = complete(answer(text), almere, frozenset(), NAMELESS)
    assert reading.name is not None
    assert reading.name.casefold() == "iris blok"
    assert reading.verdict is Verdict.REFERRAL


@pytest.mark.parametrize(
    "text", ["Dank u wel!", "", "Ik zoek het op.\n\nGroet,\nJoke Terpstra\n06-20000001", "Ok\n\nJoke"]
)
@pytest.mark.parametrize("before", [PHONELESS, WIJKLESS, NAMELESS, COMPLETE])
def test_a_reply_that_adds_nothing_changes_nothing(text: str, before: Reading, almere: Gazetteer) -> None:
    assert complete(answer(text), almere, frozenset(), before) == before


def test_an_automatic_reply_changes_nothing(almere: Gazetteer) -> None:
    raw = answer("06-23456792", subject="Automatisch antwoord: aanmelding")
    assert complete(raw, almere, frozenset(), PHONELESS) == PHONELESS


def test_new_values_win(almere: Gazetteer) -> None:
    reading = complete(answer("Het nummer klopt niet, het is 06-23456792."), almere, frozenset(), COMPLETE)
    assert (reading.phone, reading.name, reading.wijk) == ("+31623456792", "Iris Blok", "Danswijk")


def test_a_second_patient_is_not_the_first(almere: Gazetteer) -> None:
    more = complete(answer("Ook graag Els Vos, Parkwijk, 06-38765417"), almere, frozenset(), COMPLETE)
    assert (more.problems, more.name, more.phone) == (("several_patients",), None, None)
    named = complete(answer("Els Vos, Danswijk"), almere, frozenset(), WIJKLESS)
    assert (named.name, named.verdict) == (None, Verdict.INCOMPLETE)


def test_a_name_is_corrected(almere: Gazetteer) -> None:
    told = complete(answer("Niet Iris Blok maar Iris Blokker."), almere, frozenset(), COMPLETE)
    assert (told.verdict, told.name) == (Verdict.REFERRAL, "Iris Blokker")


def test_what_is_no_answer_leaves_the_rest(almere: Gazetteer) -> None:
    same = complete(answer("Zelfde wijk als de vorige"), almere, frozenset(), WIJKLESS)
    assert (same.phone, same.problems) == (WIJKLESS.phone, ("missing_wijk",))
    assert complete(answer("Anoniem"), almere, frozenset(), NAMELESS).name is None


def test_a_broken_correction_takes_the_old_number_away(almere: Gazetteer) -> None:
    reading = complete(answer("Het nummer is 06-2345679"), almere, frozenset(), COMPLETE)
    assert (reading.phone, reading.problems) == (None, ("invalid_phone",))


def test_the_practices_number_is_no_answer(almere: Gazetteer) -> None:
    assert complete(answer("036-5350101"), almere, frozenset({"+31365350101"}), PHONELESS) == PHONELESS


def test_a_relatives_number_stays_a_question(almere: Gazetteer) -> None:
    reading = complete(answer("Alleen van haar dochter: 06-23456792"), almere, frozenset(), PHONELESS)
    assert (reading.phone, reading.problems) == (None, ("ambiguous_phone",))


def test_a_fuller_name_wins(almere: Gazetteer) -> None:
    before = known(name="Blok", wijk="Danswijk", problems=("missing_phone",))
    reading = complete(answer("mw. Iris Blok, 06-23456791"), almere, frozenset(), before)
    assert reading == COMPLETE


def test_two_patients_in_an_answer(almere: Gazetteer) -> None:
    text = "Naam: A. Visser\nTel: 06-23456781\n\nNaam: B. Koster\nTel: 06-23456782"
    assert complete(answer(text), almere, frozenset(), WIJKLESS).problems == ("several_patients",)


def test_the_bsn_is_remembered(almere: Gazetteer) -> None:
    before = known(name="Iris Blok", wijk="Danswijk", problems=("missing_phone", "bsn_present"))
    assert complete(answer("06-23456791"), almere, frozenset(), before).problems == ("bsn_present",)


def test_haste_is_remembered_and_added(almere: Gazetteer) -> None:
    assert complete(answer("06-23456791, spoed!"), almere, frozenset(), PHONELESS).urgent
    before = known(name="Iris Blok", wijk="Danswijk", problems=("missing_phone",), urgent=True)
    assert complete(answer("06-23456791"), almere, frozenset(), before).urgent


def test_haste_is_the_referrers_own_word(almere: Gazetteer) -> None:
    quoted = (
        "Zie onder.\n\nOp ma 3 mrt 2025 om 10:00 schreef Iris Blok <iris@thuispost.example>:\n\n"
        "> spoed, crisis, 06-23456791"
    )
    assert not read(Case("quoted", quoted, subject="Fwd: hulp").raw(), almere).urgent


def test_haste_has_configurable_words(almere: Gazetteer) -> None:
    raw = Case("words", "Mw. Iris Blok, 06-23456791, Danswijk. Ontruiming volgende week.").raw()
    assert not read(raw, almere).urgent
    assert read(raw, almere, urgent_words=frozenset({"ontruiming"})).urgent
