"""What organisations answer by mail: clear words are a report, doubt is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.codes import DayPart, DeclineReason
from gateway.domain.reports import Report, report_in, report_of
from gateway.domain.states import CONTACT, REPORTS, Event

E, R = Event, DeclineReason


@pytest.mark.parametrize(
    ("line", "event", "reason"),
    [
        ("IN BEELD", E.CONTACTED, None),
        ("In beeld.", E.CONTACTED, None),
        ("inbeeld", E.CONTACTED, None),
        ("in beld", E.CONTACTED, None),
        ("in beeeld!", E.CONTACTED, None),
        ("*IN BEELD*", E.CONTACTED, None),
        ("Ja, in beeld", E.CONTACTED, None),
        ("De patiënt is in beeld", E.CONTACTED, None),
        ("IN BEELD, gisteren gesproken", E.CONTACTED, None),
        ("IN BEELD - nog geen afspraak gemaakt", E.CONTACTED, None),
        ("Gesproken met patiënt", E.CONTACTED, None),
        ("bereikt", E.CONTACTED, None),
        ("Patiënt heeft zelf gebeld", E.SELF_CONTACT, None),
        ("NIET BEREIKT", E.ATTEMPTED, None),
        ("niet berijkt", E.ATTEMPTED, None),
        ("Nog niet bereikt", E.ATTEMPTED, None),
        ("Helaas", None, None),
        ("geen gehoor", E.ATTEMPTED, None),
        ("Hebben patiënt niet kunnen bereiken", E.ATTEMPTED, None),
        ("voicemail ingesproken", E.ATTEMPTED, None),
        ("AFSPRAAK", E.INTAKE_PLANNED, None),
        ("Afsrpaak gemaakt op 3 mei", E.INTAKE_PLANNED, None),
        ("GESTART", E.IN_SUPPORT, None),
        ("gesatrt", E.IN_SUPPORT, None),
        ("GESTOPT", E.STOPPED, None),
        ("gestpot", E.STOPPED, None),
        ("beëindigd", E.STOPPED, None),
        ("VOL", E.DECLINED, R.CAPACITY),
        ("Wij zitten vol", E.DECLINED, R.CAPACITY),
        ("VERKEERD GEBIED", E.DECLINED, R.AREA),
        ("verkeerd gebeid", E.DECLINED, R.AREA),
        ("GEEN BEHOEFTE", E.DECLINED, R.PATIENT_DECLINED),
        ("geen behoeft", E.DECLINED, R.PATIENT_DECLINED),
        ("al bekend", E.DECLINED, R.DUPLICATE),
        ("niet passend", E.DECLINED, R.NOT_APPROPRIATE),
        ("niet verschenen", E.NO_SHOW, None),
        ("Afspraak gemist", E.NO_SHOW, None),
        ("VERGISSING", E.CORRECTED, None),
        ("toch niet in beeld", E.CORRECTED, None),
        ("Gezien", E.WITHDRAWAL_CONFIRMED, None),
        ("ontvangen", E.COLLECTED, None),
        ("niet in beeld", None, None),
        ("nog niet in beeld", None, None),
        ("In beeld? nee", None, None),
        ("in beeld nog niet", None, None),
        ("in beeld: nee", None, None),
        ("in beeld, geen contact", None, None),
        ("in beeld zodra we tijd hebben", None, None),
        ("bijna in beeld", None, None),
        ("IN BEELD / NIET BEREIKT / AFSPRAAK", None, None),
        ("in geld", None, None),
        ("contact niet gehad", None, None),
        ("contact opnemen", None, None),
        ("contact", None, None),
        ("besproken", None, None),
        ("Gesproken met de huisarts", None, None),
        ("Bereikt: voicemail", None, None),
        ("zelf gebeld", None, None),
        ("afspraak proberen te maken", None, None),
        ("afspraak niet doorgegaan", None, None),
        ("gestart met bellen", None, None),
        ("fout nummer", None, None),
        ("vpl", None, None),
        ("volgende week", None, None),
        ("Voor de patiënt", None, None),
        ("", None, None),
    ],
)
def test_the_first_words_decide(line: str, event: Event | None, reason: DeclineReason | None) -> None:
    assert report_of(line) == (Report(event, reason) if event else None)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("niet bereikt vanmiddag", DayPart.MIDDAG),
        ("NIET BEREIKT, ochtend", DayPart.OCHTEND),
        ("niet bereikt, 's avonds", DayPart.AVOND),
        ("niet bereikt, ochtend en avond", None),
        ("niet bereikt", None),
    ],
)
def test_a_try_may_say_when(line: str, part: DayPart | None) -> None:
    assert report_of(line) == Report(E.ATTEMPTED, day_part=part)


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("\n\nIN BEELD\n\nGroet, Sam", E.CONTACTED),
        ("Beste collega,\n\nNiet bereikt.", E.ATTEMPTED),
        ("Goedemiddag, in beeld", E.CONTACTED),
        ("Geachte heer, mevrouw,\nGESTART", E.IN_SUPPORT),
        ("> IN BEELD\n> NIET BEREIKT\nVOL", E.DECLINED),
        ("> IN BEELD", None),
        ("Ik kom er op terug.\nIN BEELD", None),
        ("", None),
    ],
)
def test_greetings_and_quotes_are_passed_over(text: str, event: Event | None) -> None:
    report = report_in(text)
    assert (report.event if report else None) == event


@given(st.text(max_size=200))
def test_any_text_gives_a_report_or_none(text: str) -> None:
    report = report_in(text)
    assert report is None or report.event in REPORTS
    assert report is None or (report.reason is None) == (report.event is not E.DECLINED)


@given(
    st.sampled_from(["IN BEELD", "gesproken", "AFSPRAAK", "GESTART", "contact gehad", "bereikt"]),
    st.sampled_from(["niet", "nee", "nooit", "misschien", "bijna", "geen contact", "geprobeerd"]),
    st.booleans(),
)
def test_denial_or_doubt_is_never_contact(words: str, doubt: str, before: bool) -> None:
    report = report_of(f"{doubt} {words}" if before else f"{words} {doubt}")
    assert report is None or report.event not in CONTACT | {E.INTAKE_PLANNED, E.IN_SUPPORT}
