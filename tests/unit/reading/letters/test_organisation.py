"""What organisations answer: one clear report, or the question what they mean; never contact by guess."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.domain.codes import DayPart, DeclineReason, NextStep, StopOutcome
from gateway.domain.states import Event
from gateway.reading.letters.organisation import organisation_letter
from gateway.reading.letters.record import OrganisationKind, OrganisationLetter, ReportCode
from gateway.reading.letters.reports import NEXT_STEPS, phrases

K, R = OrganisationKind, ReportCode


def letter(text: str, headers: str = "") -> OrganisationLetter:
    raw = f"From: Balie <balie@deschoor.example>\r\nSubject: RE: Nieuwe aanmelding\r\n{headers}"
    return organisation_letter(f"{raw}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode())


REPORTS: list[tuple[str, ReportCode, str | None]] = [
    ("IN BEELD", R.CONTACTED, None),
    ("in beeeld!", R.CONTACTED, None),
    ("*IN BEELD*", R.CONTACTED, None),
    ("Ja, in beeld", R.CONTACTED, None),
    ("Inzake IB-7K3F-9QX2: in beeld", R.CONTACTED, None),
    ("IN BEELD - nog geen afspraak gemaakt", R.CONTACTED, None),
    ("In beeld. Mvg Sam", R.CONTACTED, None),
    ("IN BEELD\n\nSam", R.CONTACTED, None),
    ("Bedankt voor de aanmelding. Wij hebben mevrouw gisteren gesproken.", R.CONTACTED, None),
    ("Mevrouw heeft zelf gebeld", R.SELF_CONTACT, None),
    ("De patiënt belde ons zelf", R.SELF_CONTACT, None),
    ("NIET BEREIKT", R.ATTEMPTED, None),
    ("niet berijkt", R.ATTEMPTED, None),
    ("We hebben 3x gebeld, geen gehoor. Telefoon staat uit.", R.ATTEMPTED, None),
    ("Afsrpaak gemaakt op 3 mei", R.INTAKE_PLANNED, None),
    ("In beeld. Afspraak gemaakt voor dinsdag 3 december om 10 uur.", R.INTAKE_PLANNED, None),
    ("Niet verschenen op de afspraak", R.NO_SHOW, None),
    ("gesatrt", R.IN_SUPPORT, None),
    ("Begeleiding gestart op 1 december", R.IN_SUPPORT, None),
    ("beëindigd", R.STOPPED, None),
    ("Gestopt, patiënt is verhuisd", R.STOPPED, "moved"),
    ("Traject afgerond, schulden opgelost", R.STOPPED, "completed"),
    ("Begeleiding is gestopt: patiënt wil niet meer", R.STOPPED, "patient_stopped"),
    ("GESTOPT: contact verloren", R.STOPPED, "lost_contact"),
    ("Gestopt. Patiënt is doorverwezen.", R.STOPPED, "referred_on"),
    ("Wij zitten vol, wachtlijst 6 weken", R.DECLINED, "capacity"),
    ("verkeerd gebeid", R.DECLINED, "area"),
    ("GEEN BEHOEFTE", R.DECLINED, "patient_declined"),
    ("Al bekend bij ons team", R.DECLINED, "duplicate"),
    ("niet passend", R.DECLINED, "not_appropriate"),
    ("GEZIEN", R.SEEN, None),
    ("Gezien, patiënt wordt niet meer gebeld", R.SEEN, None),
    ("OPGEPAKT", R.COLLECTED, None),
    ("Ontvangen, wij nemen morgen contact op", R.COLLECTED, None),
    ("We pakken het op", R.COLLECTED, None),
    ("VERKEERD NUMMER", R.WRONG_NUMBER, None),
    ("Niet bereikt. Nummer is niet in gebruik, graag een nieuw nummer.", R.WRONG_NUMBER, None),
    ("VERGISSING", R.CORRECTED, None),
    ("dag 2 geen gehoor", R.ATTEMPTED, None),
    ("Mevrouw is in beeld bij ons", R.CONTACTED, None),
    ("In beeld\n\nSanne\nDe Schoor", R.CONTACTED, None),
    ("In beeld\n\nBalie, De Schoor", R.CONTACTED, None),
    ("Verkeerd nummer\n\nDe Schoor", R.WRONG_NUMBER, None),
    ("Vorige week gesproken", R.CONTACTED, None),
    ("In beeld, volgende stap: budgethulp", R.CONTACTED, None),
    ("toch niet in beeld", R.CORRECTED, None),
    ("Contact is gelegd", R.CONTACTED, None),
    ("Ik heb haar zojuist aan de lijn gehad.", R.CONTACTED, None),
    ("Mevrouw kwam niet opdagen bij de intake.", R.NO_SHOW, None),
    ("Foutief telefoonnummer", R.WRONG_NUMBER, None),
]
UNCLEAR = [
    "Haar man aan de lijn gehad",
    "Ik heb iemand aan de lijn gehad",
    "Contact is geweest met de gemeente",
    "In beeld, #number",
    "#patient gezien",
    "In beeld, maar onbereikbaar.",
    "In beeld, afspraak volgt",
    "In beeld (onder voorbehoud)",
    "in beeld?",
    "nog niet in beeld",
    "In beeld bij\nDe Schoor",
    "In beeld\n\nSanne\nnog niet",
    "Niet meer in beeld",
    "in beeld: nee",
    "IN BEELD / NIET BEREIKT / AFSPRAAK",
    "Binnenkort in beeld",
    "In beeld bij andere organisatie",
    "Collega heeft contact gehad",
    "Wij hebben contact gehad met u",
    "Contact gehad voor mevrouw",
    "Gesproken met haar zoon",
    "Niet bereikt, dochter gesproken",
    "We hebben contact gehad met de bewindvoerder",
    "Contact gehad met mevrouw, zij wil geen hulp",
    "Bereikt: voicemail",
    "Niet bereikt maar ze heeft teruggebeld",
    "Ik heb zelf gebeld",
    "Mevrouw heeft niet gebeld",
    "afspraak proberen te maken",
    "gestart met bellen",
    "Vol vertrouwen gebeld",
    "Mevrouw gezien op spreekuur",
    "Patiënt is overleden",
    "Wij nemen contact op",
    "Ja",
    "contact",
    "vpl",
    "IN BEELD\n\nNiet",
    "Vergissing, patiënt was wel in beeld",
    # A week that may still come, and a word that is no slip for a report.
    "In beeld deze week",
    "Deze week in beeld",
    "ik heb haar volgende week gesproken",
    "Gestart volgende week",
    "Start volgende week",
    "Begeleiding start maandag",
    # A question without its mark, and somebody who speaks of themselves.
    "Is mevrouw in beeld",
    "Is zij bereikt",
    "Zijn ze in beeld",
    "Heeft mevrouw zelf gebeld",
    "wij zijn in beeld",
    "wij hebben ons gesproken",
    "Wij zijn gestart met de aanmelding",
    # A form that is not filled in, a cross, a thumb down.
    "[ ] IN BEELD\n[ ] NIET BEREIKT",
    "☐ in beeld",
    "in beeld ❌",
    "in beeld 👎",
    "Ok\n\nBeste Sanne,\n\nMevrouw is in beeld",
    # A report that stands where a name would.
    "Bedankt!\n\nGestart",
]


@pytest.mark.parametrize(("text", "report", "detail"), REPORTS)
def test_clear_words_are_a_report(text: str, report: ReportCode, detail: str | None) -> None:
    found = letter(text)
    assert (found.kind, found.report) == (K.REPORT, report)
    assert (found.reason or found.outcome) == detail


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_could_mean_something_else_is_asked_back(text: str) -> None:
    found = letter(text)
    assert found.kind is K.UNCLEAR
    assert found.topic is not None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("niet bereikt vanmiddag", "middag"),
        ("NIET BEREIKT, ochtend", "ochtend"),
        ("Patiënt neemt niet op, 's avonds geprobeerd", "avond"),
        ("niet bereikt, ochtend en avond", None),
        ("Niet bereikt, ik probeer het vanmiddag nog eens", None),
        ("niet bereikt ik probeer het vanmiddag nog eens", None),
        ("Niet bereikt vanochtend, ik probeer het vanmiddag nog eens", "ochtend"),
    ],
)
def test_a_part_of_the_day_is_that_of_the_try(text: str, part: str | None) -> None:
    assert letter(text) == OrganisationLetter(K.REPORT, R.ATTEMPTED, day_part=part)


def test_a_next_step_is_told_in_the_pathways_words() -> None:
    assert letter("In beeld, vervolg: budgethulp").next_step == "budget_help"
    assert letter("In beeld. Vervolg: geen vervolg nodig.").next_step == "no_follow_up"
    raw = b"From: a@b.example\r\n\r\nIn beeld, vervolg: geldloket"
    assert organisation_letter(raw).kind is K.UNCLEAR
    assert organisation_letter(raw, next_steps={"geldloket": "intake"}).next_step == "intake"


def test_every_code_is_one_of_the_domains() -> None:
    said = [each for _, each in phrases()]
    own = {R.SEEN, R.WRONG_NUMBER}
    assert {each.report for each in said if each.report} == set(R)
    assert {str(each) for each in set(R) - own} <= {str(each) for each in Event}
    assert {each.reason for each in said if each.reason} == {str(each) for each in DeclineReason}
    assert {each.outcome for each in said if each.outcome} == {str(each) for each in StopOutcome}
    assert set(NEXT_STEPS.values()) == {str(each) for each in NextStep}
    assert {"ochtend", "middag", "avond"} == {str(each) for each in DayPart}


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("Ik ben afwezig tot 1 januari. IN BEELD", "Auto-Submitted: auto-replied\r\n"),
        ("Ontvangen: uw bericht is geregistreerd onder nummer 2026112910000012.", ""),
        ("Uw melding is ontvangen. Ons zaaknummer is 1234.", ""),
        ("In beeld. Dit is een automatisch bericht.", ""),
        ("Liked “In beeld”", ""),
        ("Sam heeft gereageerd op uw bericht", ""),
    ],
)
def test_machines_and_reactions_report_nothing(text: str, headers: str) -> None:
    assert letter(text, headers) == OrganisationLetter(K.AUTOMATIC)


@pytest.mark.parametrize("text", ["", "Bedankt!", "👍", "Dank voor de aanmelding.\n\nGroet, Sam"])
def test_thanks_alone_are_nothing(text: str) -> None:
    assert letter(text) == OrganisationLetter(K.NOTHING)


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("IN BEELD", K.UNCLEAR),
        ("RE: In beeld IB-7K3F-9QXM", K.UNCLEAR),
        ("Niet bereikt", K.UNCLEAR),
        ("RE: Nieuwe aanmelding IB-7K3F-9QXM – contact uiterlijk wo 2 december", K.NOTHING),
        ("RE: Gecorrigeerde aanmelding IB-7K3F-9QXM – contact zo snel mogelijk", K.NOTHING),
        ("Antw: Aanmelding IB-7K3F-9QXM: melding ontvangen", K.NOTHING),
        ("Re: Referral IB-7K3F-9QXM: report received", K.NOTHING),
    ],
)
def test_a_report_in_the_subject_alone_is_asked_back(subject: str, kind: OrganisationKind) -> None:
    raw = f"From: Balie <balie@deschoor.example>\r\nSubject: {subject}\r\n\r\n\r\n"
    assert organisation_letter(raw.encode()).kind is kind


QUOTES = [
    "Op ma 3 maart 2036 om 10:00 schreef InBeeld <aanmelding@handover.example>:\n\n{}",
    "On Mon, 3 Mar 2036 at 10:00, InBeeld <aanmelding@handover.example> wrote:\n{}",
    "Le lun. 3 mars 2036 à 10:00, InBeeld <aanmelding@handover.example> a écrit :\n{}",
    "3 Mar 2036 Pzt, 10:00 tarihinde InBeeld <aanmelding@handover.example> şunu yazdı:\n{}",
    "W dniu 3.03.2036 o 10:00, InBeeld pisze:\n{}",
    "El lun, 3 mar 2036 a las 10:00, InBeeld\n(<aanmelding@handover.example>) escribió:\n{}",
    "-----Oorspronkelijk bericht-----\n{}",
    "________________________________\nVan: InBeeld <aanmelding@handover.example>\n{}",
    "Od: InBeeld <aanmelding@handover.example>\nDo: balie@deschoor.example\n{}",
    "> {}",
    "| {}",
    "» {}",
    "Goedendag,\n\nDe tijd is bijna om.\n{}",
    "Nieuwe aanmelding\n\nNaam: x\n{}",
]


@pytest.mark.parametrize("quote", QUOTES)
@pytest.mark.parametrize("own", ["", "Bedankt!", "NIET BEREIKT"])
def test_a_quote_never_reports_in_whatever_language(quote: str, own: str) -> None:
    for quoted in ("IN BEELD", "IN BEELD           u heeft de patiënt gesproken", "GESTART"):
        found = letter(f"{own}\n\n{quote.format(quoted)}\n")
        assert found.report in (None, R.ATTEMPTED)
        # A foreign introduction over two lines may be taken for own words: then it is asked, never guessed.
        assert own != "NIET BEREIKT" or found.report is R.ATTEMPTED or "\n(" in quote


CONTACT = (
    "In beeld",
    "IN BEELD",
    "Mevrouw gesproken",
    "Contact gehad met patiënt",
    "Bereikt",
    "Afspraak gemaakt",
    "Gestart",
)
TAKEN_AWAY = (
    "wij bellen morgen",
    "maar niet bereikt",
    "zodra ze opneemt",
    "als het lukt",
    "misschien",
    "hopelijk",
    "volgens de buurvrouw",
    "met haar dochter",
    "nog niet",
    "denk ik",
    "bijna",
    "onder voorbehoud",
    "of niet",
    "we gaan het proberen",
    "voicemail",
    "via haar man",
    "tenzij ze afzegt",
    "zwabber",
    "nee",
    "met de huisarts",
)


@settings(max_examples=150)
@given(
    st.sampled_from(CONTACT),
    st.sampled_from(TAKEN_AWAY),
    st.sampled_from([", ", " ", ". ", " - ", "\n"]),
    st.booleans(),
)
def test_whatever_takes_contact_away_is_asked_back(contact: str, away: str, glue: str, before: bool) -> None:
    found = letter(f"{away}{glue}{contact}" if before else f"{contact}{glue}{away}")
    assert found.report not in (R.CONTACTED, R.SELF_CONTACT, R.INTAKE_PLANNED, R.IN_SUPPORT)


@settings(max_examples=80)
@given(
    st.sampled_from(["", "Beste collega,\n\n", "Goedemiddag, ", "Geachte heer, mevrouw,\n"]),
    st.sampled_from([each for each in REPORTS if "Sam" not in each[0]]),
    st.sampled_from(
        [
            "",
            "\n\nMet vriendelijke groet,\nSam de Wit\nDe Schoor\n036-5300001",
            "\nGroet, Sam",
            "\n\nVerstuurd vanaf mijn iPhone",
        ]
    ),
)
def test_greeting_and_closing_change_no_report(
    opening: str, report: tuple[str, ReportCode, str | None], closing: str
) -> None:
    assert letter(f"{opening}{report[0]}{closing}").report is report[1]


@settings(max_examples=200)
@given(st.text(max_size=300))
@example("\U0001ec71a")
def test_any_text_gives_a_record(text: str) -> None:
    found = letter(text)
    assert (found.report is not None) is (found.kind is K.REPORT)
    assert (found.report is R.DECLINED) is (found.reason is not None)
