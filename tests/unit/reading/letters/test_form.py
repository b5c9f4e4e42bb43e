"""Forms in letters: what is not chosen says nothing, and a form with nothing chosen is asked about."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reading.letters.consent import consent_of
from gateway.reading.letters.organisation import organisation_letter
from gateway.reading.letters.practice import practice_letter
from gateway.reading.letters.record import Consent, OrganisationKind, PracticeKind, ReportCode
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.record import Reading, Verdict

R = ReportCode
HEAD = "From: Balie <balie@deschoor.example>\r\nSubject: RE: Nieuwe aanmelding\r\n"
KNOWN = Reading(Verdict.REFERRAL, "Jolanda Vermaat", "+31621000101", (), "Filmwijk")


def mail(text: str, kind: str = "plain") -> bytes:
    return f"{HEAD}Content-Type: text/{kind}; charset=utf-8\r\n\r\n{text}".encode()


def report(text: str, kind: str = "plain") -> ReportCode | None:
    found = organisation_letter(mail(text, kind))
    assert (found.kind is OrganisationKind.UNCLEAR) is (found.report is None), text
    return found.report


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[x] in beeld\n[ ] niet bereikt", R.CONTACTED),
        ("[ ] in beeld\n[x] niet bereikt", R.ATTEMPTED),
        ("( ) gesproken (x) niet gesproken", R.ATTEMPTED),
        ("☐ in beeld ☒ niet bereikt", R.ATTEMPTED),
        ("in beeld ☒ niet bereikt ☐", R.CONTACTED),
        ("○ in beeld ● niet bereikt", R.ATTEMPTED),
        ("☐ Niet gesproken en niet\nin beeld\n☑ Ontvangen", R.COLLECTED),
        ("In beeld: ☑ ja ☐ nee", R.CONTACTED),
        ("In beeld: ☐ ja ☑ nee", None),
        ("~~in beeld~~, niet bereikt", R.ATTEMPTED),
        ("i\u0336n\u0336 \u0336b\u0336e\u0336e\u0336l\u0336d\u0336", None),
        ("☐ in beeld\n□ niet bereikt", None),
        ("__ in beeld", None),
        (".... in beeld", None),
        (".. in beeld", None),
        # A blank that nobody filled in; three dots on a word are how people write.
        ("In beeld ....", None),
        ("In beeld …", None),
        ("In beeld..........", None),
        ("In beeld____", None),
        ("In beeld ____", None),
        ("In beeld op: ..../..../....", None),
        ("Gesproken____", None),
        ("Gestart op ....", None),
        ("In beeld: ____\nNiet bereikt", None),
        ("In beeld...", R.CONTACTED),
        ("In beeld, bedankt...", R.CONTACTED),
        ("*In beeld*, dank...\nGroet, Sanne", R.CONTACTED),
        ("__In beeld__", R.CONTACTED),
        # Struck through, as some programs write it in plain text.
        ("-in beeld-", None),
        ("~in beeld~ niet bereikt", R.ATTEMPTED),
        ("-in beeld- niet bereikt", R.ATTEMPTED),
        ("- in beeld", R.CONTACTED),
        ("In beeld {}", None),
        ("☐ x\n☐ y", None),
        # Nobody can tell what these marks mean, or which option they belong to.
        ("☒ in beeld", None),
        ("☒ in beeld ☑ niet bereikt", None),
        ("In beeld\n☐\nNiet bereikt\n☒", None),
        ("In beeld ☐ niet bereikt ☒ bedankt", None),
        ("● gebeld\n  ○ in beeld", None),
    ],
)
def test_only_what_is_chosen_is_said(text: str, said: ReportCode | None) -> None:
    assert report(text) is said


BOX, TICKED = "<input type=checkbox>", '<input type="radio" checked>'


@pytest.mark.parametrize(
    ("html", "said"),
    [
        (f"<p>{BOX} In beeld", None),
        (f"<p>{BOX} In beeld<p>{TICKED} Niet bereikt", R.ATTEMPTED),
        (f"<td>In beeld<td>{TICKED} ja<td>{BOX} nee", R.CONTACTED),
        (f"<td>In beeld<td>{BOX} ja<td>{TICKED} nee", None),
        ('<input type=checkbox checked="false"> In beeld', None),
        ("<select><option>In beeld<option selected>Niet bereikt</select>", R.ATTEMPTED),
        ("<select><option>In beeld</select>", None),
        ("<button>In beeld</button>", None),
        ("<span role=checkbox aria-checked=false>In beeld</span>", None),
        ("<input value='In beeld'>", R.CONTACTED),
        ("<s>In beeld</s> Niet bereikt", R.ATTEMPTED),
        ("<span style='font-family:Wingdings'>¨</span> In beeld", None),
        ("<font face='Wingdings 2'>£</font> In beeld", None),
        ("In beeld <img alt='👎' src=x>", None),
        ("<img src='https://x.example/unchecked.png'> In beeld", None),
        ("In beeld <img alt='De Schoor' src='logo.png'>", R.CONTACTED),
    ],
)
def test_a_control_of_html_says_what_it_shows(html: str, said: ReportCode | None) -> None:
    assert report(html, "html") is said


def test_what_only_a_look_shows_is_not_lost_in_the_plain_alternative() -> None:
    for html, said in ((f"{BOX} In beeld", None), ("<s>In beeld</s> Niet bereikt", R.ATTEMPTED)):
        parts = (
            f"--b\r\nContent-Type: text/plain\r\n\r\nIn beeld\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}"
        )
        raw = f"{HEAD}Content-Type: multipart/alternative; boundary=b\r\n\r\n{parts}\r\n--b--\r\n"
        assert organisation_letter(raw.encode()).report is said


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.sampled_from(["In beeld", "Niet bereikt", "Gestart"]), st.booleans()), min_size=1),
    st.sampled_from([("☐ ", "☑ "), ("[ ] ", "[x] "), ("○ ", "● "), (f"{BOX} ", f"{TICKED} ")]),
    st.booleans(),
)
def test_no_option_that_is_not_chosen_is_reported(
    options: list[tuple[str, bool]], marks: tuple[str, str], behind: bool
) -> None:
    glue = "<br>\n" if "<" in marks[0] else "\n"
    lines = [f"{text} {marks[on]}" if behind else f"{marks[on]}{text}" for text, on in options]
    found = report(glue.join(lines), "html" if "<" in marks[0] else "plain")
    one = {"In beeld": R.CONTACTED, "Niet bereikt": R.ATTEMPTED, "Gestart": R.IN_SUPPORT}
    chosen = {one[text] for text, on in options if on}
    if len(chosen) == 1 and not all(on for _, on in options):
        assert found in chosen, (options, marks, behind)
    assert found is None or found in chosen, (options, marks, behind)


LIST = """
On Mon, 3 Mar 2036 at 10:00, InBeeld <aanmelding@handover.example> wrote:
> Wat is het telefoonnummer?
> x IN BEELD         u hebt de patiënt gesproken
>   NIET BEREIKT     u hebt gebeld
"""


def test_a_mark_within_our_own_words_is_asked_about(almere: Gazetteer) -> None:
    """Who writes nothing of their own may have filled in what is quoted below."""
    for own in ("", "Groet,\nSam\n", "\n\nMet vriendelijke groet,\nSam de Wit\nDe Schoor\n"):
        assert report(own + LIST) is None
        asked = replace(KNOWN, verdict=Verdict.INCOMPLETE, phone=None, problems=("missing_phone",))
        for known, kind in ((asked, PracticeKind.UNCLEAR), (KNOWN, PracticeKind.NOTHING)):
            assert practice_letter(mail(own + LIST), almere, frozenset(), known).kind is kind
    assert organisation_letter(mail("Bedankt!\n" + LIST)).kind is OrganisationKind.NOTHING
    withdrawn = mail(LIST).replace(b"RE: Nieuwe aanmelding", b"INTREKKEN")
    assert practice_letter(withdrawn, almere, frozenset(), asked).kind is PracticeKind.STOP


def test_an_empty_box_neither_withdraws_nor_consents(almere: Gazetteer) -> None:
    for text in ("☐ INTREKKEN", "[ ] intrekken"):
        letter = practice_letter(mail(text), almere, frozenset(), KNOWN)
        assert letter.kind is PracticeKind.UNCLEAR
    assert practice_letter(mail("☑ INTREKKEN"), almere, frozenset(), KNOWN).kind is PracticeKind.STOP
    assert consent_of(mail(f"{BOX} Patiënt geeft toestemming", "html")) is Consent.UNCLEAR
    assert consent_of(mail(f"{TICKED} Patiënt geeft toestemming", "html")) is Consent.GIVEN
    assert consent_of(mail("Toestemming: ☐ ja ☒ nee")) is not Consent.GIVEN
