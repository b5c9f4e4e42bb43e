"""What a practice writes in a thread: understood where every word is known, and for a person otherwise."""

from dataclasses import replace

import pytest

from gateway.reading.letters.practice import practice_letter
from gateway.reading.letters.record import Consent, PracticeKind, PracticeLetter, Stop, Topic
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.record import Reading, Verdict
from tests.unit.reading.letters.thread import HEAD, KNOWN, NEW, NOTHING, OWN, letter, mail

K, S = PracticeKind, Stop
STOPS = [
    ("Patiënt ziet ervan af", S.PATIENT_DECLINED),
    ("Graag NIET bellen, patiënt is overleden", S.DECEASED),
    ("Dit was de verkeerde patiënt", S.WRONG_PATIENT),
    ("Kan deze aanmelding ingetrokken worden?", S.WITHDRAWN),
    ("Patiënt is overleden d.d. 12-11. Graag dossier sluiten.", S.DECEASED),
    ("Helaas is mevrouw Vermaat vannacht komen te overlijden.", S.DECEASED),
    ("Aanmelding mag vervallen, patiënt heeft via de gemeente al hulp gekregen.", S.WITHDRAWN),
    ("Cliënt heeft zich teruggetrokken.", S.PATIENT_DECLINED),
    ("Patiënt wil er toch geen gebruik van maken", S.PATIENT_DECLINED),
    ("Mevrouw is met spoed opgenomen in het Flevoziekenhuis.", S.ADMITTED),
    ("Patiënt is naar het buitenland vertrokken", S.MOVED),
    ("Ze woont niet meer in Almere.", S.MOVED),
    ("Verkeerde patiënt, graag verwijderen.", S.WRONG_PATIENT),
    ("Deze mail was voor een andere patiënt bedoeld", S.WRONG_PATIENT),
    ("Bij dezen trek ik de aanmelding in.", S.WITHDRAWN),
    ("Wilt u de patiënt niet meer bellen?", S.DO_NOT_CALL),
    ("INTREKKEN", S.WITHDRAWN),
    ("Ter info: mevrouw leeft niet meer.", S.DECEASED),
    ("De patiënt heeft laten weten dat hij afziet van de verwijzing.", S.PATIENT_DECLINED),
    ("Mevrouw belde net: ze wil bij nader inzien toch geen hulp.", S.PATIENT_DECLINED),
    ("U kunt deze aanmelding als niet verzonden beschouwen.", S.WITHDRAWN),
    # Who greets or closes on the line of what they say says it all the same.
    ("Hoi mevrouw is overleden", S.DECEASED),
    ("Hallo patiënt wil niet meer, graag stoppen", S.PATIENT_DECLINED),
    ("Intrekken.\n\nPatiënt krijgt elders begeleiding.", S.WITHDRAWN),
    ("Beste,\n\nOp verzoek van patiënt trekken we de aanmelding in.\n\nGroet,\nAnja", S.WITHDRAWN),
]
CORRECTIONS = [
    (f"Het nummer klopt niet, het moet zijn {NEW}", ("phone",), "+31621000203"),
    (
        f"Kleine correctie: telefoonnummer moet zijn {NEW} (ik had twee cijfers omgedraaid).",
        ("phone",),
        "+31621000203",
    ),
    (f"Nummer van patiënt is niet 06-21000101 maar {NEW}.", ("phone",), "+31621000203"),
    (f"Kunt u het nummer aanpassen naar {NEW}?", ("phone",), "+31621000203"),
    (NEW, ("phone",), "+31621000203"),
    ("O6-21000203", ("phone",), "+31621000203"),
    (f"Mijn fout, het nummer is {NEW}", ("phone",), "+31621000203"),
    ("Wijk: Homeruskwartier", ("wijk",), "Homeruskwartier"),
    ("De wijk is Muziekwijk, niet Filmwijk.", ("wijk",), "Muziekwijk"),
    ("Zij is verhuisd naar de Muziekwijk", ("wijk",), "Muziekwijk"),
    ("De naam is Jolanda Vermaas", ("name",), "Jolanda Vermaas"),
]
UNCLEAR = [
    ("niet intrekken", Topic.STOP),
    ("nog niet overleden", Topic.STOP),
    ("De patiënt is niet overleden, dat was een misverstand", Topic.STOP),
    ("Mogelijk is patiënt verhuisd", Topic.STOP),
    ("Als patiënt is verhuisd graag terugkoppelen", Topic.STOP),
    ("Haar man is overleden", Topic.STOP),
    ("Mevrouw Jansen is overleden", Topic.STOP),
    ("Patiënt is overleden. Excuses, dat was een ander.", Topic.STOP),
    ("Is patiënt overleden?", Topic.STOP),
    ("Graag niet bellen tussen 9 en 12", Topic.STOP),
    ("Graag niet bellen op 3 december", Topic.STOP),
    ("Graag niet bellen in het weekend", Topic.STOP),
    ("Hartelijk dank.\n\nGroet,\nAnja\n\nPS: niet meer bellen", Topic.STOP),
    ("Het nummer klopt niet", Topic.NUMBER),
    (f"Nummer van de buurvrouw: {NEW}", Topic.NUMBER),
    (f"Patiënt is bereikbaar via zijn zus {NEW}", Topic.NUMBER),
    (f"{NEW} is niet van de patiënt", Topic.NUMBER),
    (f"Is {NEW} het goede nummer?", Topic.NUMBER),
    ("Het nummer moet zijn 06-2100020", Topic.NUMBER),
    ("Kan iemand mij bellen?", Topic.QUESTION),
    ("Patiënt weet nog niet dat ik heb aangemeld", Topic.OTHER),
    ("Bedankt! Patiënt weet ervan.", Topic.OTHER),
    ("Probeer het 's avonds", Topic.OTHER),
    ("Mvg, mevrouw is overleden", Topic.STOP),
    # What is said below the closing, a rule or a second greeting is said all the same.
    ("Dank!\n\nGroet Anja\n\nO ja, ze is morgen niet thuis", Topic.STOP),
    ("Bedankt\n-----\nPatiënte is overleden", Topic.STOP),
    ("Dank.\n\nBeste collega,\nGraag ook bellen met de overkant", Topic.OTHER),
    (f"Dank.\n-----\nOok {NEW} bellen", Topic.OTHER),
    # Whose number it is.
    (f"Ons nieuwe nummer is {NEW}", Topic.NUMBER),
    (f"Mijn 06: {NEW}", Topic.NUMBER),
    (f"Wij zijn bereikbaar op {NEW}", Topic.NUMBER),
    (f"ICE {NEW}", Topic.OTHER_PATIENT),
    # A box that is empty, a cross, a thumb down.
    ("[ ] INTREKKEN", Topic.STOP),
    ("Ok 👎", Topic.OTHER),
]
NOTHING += ["Dank voor de terugkoppeling, fijn dat het zo snel is opgepakt.\n\nMet vriendelijke groet,\nAnja"]
NOTHING += ["Fijn dat ze in beeld is, dank!", "Mooi dat jullie haar gesproken hebben"]
NOTHING += [
    "Dank\n\nAnja\n\n--\nHuisartsenpraktijk\nBereikbaar van 8 tot 17 uur",
    "Bedankt!\n-----\nAnja, assistente",
]
NOTHING += [
    "[EXTERN] Deze mail komt van buiten.\n\nTop!",
    "Dank\n\nGoedemiddag,\n\nUw aanmelding\nIB-7K3F-9QXM",
]
STATUS = ["status?", "STATUS", "Hoe staat het ermee?", "Is er al contact geweest?", "Weten jullie al iets?"]
STATUS += ["Wanneer wordt patiënt gebeld?", "Kunt u laten weten hoe het staat met deze aanmelding?"]


@pytest.mark.parametrize(("text", "reason"), STOPS)
def test_a_stop_says_why(text: str, reason: Stop, almere: Gazetteer) -> None:
    assert letter(text, almere) == PracticeLetter(K.STOP, reason=reason, consent=letter(text, almere).consent)


@pytest.mark.parametrize(("text", "changed", "value"), CORRECTIONS)
def test_a_correction_gives_the_field(
    text: str, changed: tuple[str, ...], value: str, almere: Gazetteer
) -> None:
    found = letter(text, almere)
    assert (found.kind, found.changed) == (K.CORRECTED, changed)
    assert found.reading is not None
    assert found.reading == replace(KNOWN, **{changed[0]: value})  # type: ignore[arg-type]


OFFERED = replace(
    KNOWN, phone=None, problems=("ambiguous_phone",), choices=(str(KNOWN.phone),), verdict=Verdict.INCOMPLETE
)


@pytest.mark.parametrize(
    "text",
    [
        "ja",
        "Ja, dat klopt.",
        "Klopt, dank u wel",
        "Ja hoor, dat is haar nummer.\n\nGroet, Joke",
        "inderdaad",
        "Dat nummer klopt!",
        "Ja, het is van patiënte zelf",
        "Goedemorgen,\n\nJa.\n\nMet vriendelijke groet,\nAnja",
        "01",
    ],
)
def test_a_word_confirms_the_only_number(text: str, almere: Gazetteer) -> None:
    found = letter(text, almere, OFFERED)
    assert found == PracticeLetter(K.COMPLETED, replace(KNOWN, choices=()))


@pytest.mark.parametrize(
    "text",
    [
        "nee",
        "Nee, dat is haar dochter",
        "Ja, maar bel haar dochter",
        "Ja?",
        "ja of nee, weet ik niet",
        "klopt niet",
        "Ja, bel na vijven",
        "Bedankt voor uw bericht",
    ],
)
def test_any_other_word_confirms_no_number(text: str, almere: Gazetteer) -> None:
    found = letter(text, almere, OFFERED)
    assert found.reading is None or found.reading.phone is None


def test_a_word_confirms_nothing_where_more_was_asked(almere: Gazetteer) -> None:
    more = replace(OFFERED, problems=("missing_consent", "ambiguous_phone"))
    found = letter("ja", almere, more)
    assert found.reading is None or found.reading.phone is None


@pytest.mark.parametrize(("text", "topic"), UNCLEAR)
def test_doubt_is_for_a_person(text: str, topic: Topic, almere: Gazetteer) -> None:
    found = letter(text, almere)
    assert (found.kind, found.topic) == (K.UNCLEAR, topic)


@pytest.mark.parametrize("text", NOTHING)
def test_thanks_are_nothing(text: str, almere: Gazetteer) -> None:
    assert letter(text, almere).kind is K.NOTHING
    assert letter(text, almere, None).kind is K.NOTHING


@pytest.mark.parametrize(
    ("subject", "kind"),
    [("INTREKKEN", K.STOP), ("RE: Status?", K.STATUS), ("RE: Intrekken uitkering", K.NOTHING)],
)
def test_a_command_in_the_subject_alone_is_one(subject: str, kind: PracticeKind, almere: Gazetteer) -> None:
    raw = f"From: a@praktijk.example\r\nSubject: {subject}\r\n\r\n\r\nMet vriendelijke groet,\r\nAnja\r\n"
    assert practice_letter(raw.encode(), almere, OWN, KNOWN).kind is kind


@pytest.mark.parametrize("text", STATUS)
def test_a_question_how_it_stands(text: str, almere: Gazetteer) -> None:
    assert letter(text, almere).kind is K.STATUS


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Ja het nummer klopt, probeer het 's avonds", "avond"),
        ("Ja", None),
        ("Nummer is nagevraagd en klopt.", None),
        ("Ja, dat nummer is juist. Ze neemt overdag niet op vanwege werk.", None),
        ("Klopt! 's ochtends is ze thuis", "ochtend"),
        ("Probeer het nog eens", None),
        ("Ja, tussen 18 en 20 uur", None),
        ("Het nummer is goed, liefst 's avonds bellen", "avond"),
    ],
)
def test_our_question_about_the_number_is_answered(text: str, part: str | None, almere: Gazetteer) -> None:
    found = letter(text, almere, unreachable=True)
    assert (found.kind, found.day_part) == (K.CONFIRMED, part)


@pytest.mark.parametrize(
    "text", ["Klopt, maar ze neemt nooit op", f"Probeer anders haar zoon op {NEW}", "weet ik niet"]
)
def test_no_other_answer_confirms_the_number(text: str, almere: Gazetteer) -> None:
    assert letter(text, almere, unreachable=True).kind is K.UNCLEAR


def test_a_better_number_answers_the_question_about_it(almere: Gazetteer) -> None:
    found = letter(f"Nee dat is het oude nummer, het nieuwe is {NEW}", almere, unreachable=True)
    assert found.kind is K.COMPLETED
    assert found.reading is not None
    assert found.reading.phone == "+31621000203"


@pytest.mark.parametrize("known", [KNOWN, None])
def test_another_patient_is_a_referral_of_its_own(known: Reading | None, almere: Gazetteer) -> None:
    found = letter(f"Naam: Omar Haddou\nTelefoon: {NEW}\nWijk: Muziekwijk", almere, known)
    assert found.kind is K.NEW_PATIENT
    assert found.reading is not None
    assert (found.reading.name, found.reading.phone) == ("Omar Haddou", "+31621000203")


def test_another_patient_below_a_banner_and_a_greeting_is_read(almere: Gazetteer) -> None:
    text = f"[EXTERN] Klik niet zomaar.\n\nBeste,\n\nGraag ook aanmelden:\nOmar Haddou\n{NEW}\nMuziekwijk"
    assert letter(text, almere).kind is K.NEW_PATIENT


@pytest.mark.parametrize(
    "text",
    [
        "Graag even wachten",
        "Goed, mevrouw is nu op vakantie",
        "Dank, ze heeft het gezien",
        "Ok, mevrouw wacht op contact",
        "Hij wacht af",
        "Bedankt, graag weer contact voor het weekend",
        "Mooi, hij is nu goed te horen",
        "Hulp is ontvangen",
        "Sorry, fout",
        "Prima, dan morgen",
    ],
)
def test_harmless_words_are_no_courtesy_when_they_tell_something(text: str, almere: Gazetteer) -> None:
    assert letter(text, almere).kind is K.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        "Wat fijn dat ze in beeld is!",
        "Super, fijn dat jullie het zo snel oppakken",
        "Ok dan wacht ik op uw bericht",
        "Hartelijk dank voor de snelle reactie, fijn weekend",
        "Mooi, dan hoef ik verder niets te doen.",
        "In goede orde ontvangen",
    ],
)
def test_what_people_say_to_be_kind_needs_nobody(text: str, almere: Gazetteer) -> None:
    assert letter(text, almere).kind is K.NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "Ze wil er niet meer zijn",
        "Ze ziet het niet meer zitten",
        "Hij wil niet meer verder",
        "Hij zegt dat zij overleden is",
        "Jullie hoeven niets meer te doen als zij niet opneemt",
        "Ter info: haar vader is overleden",
    ],
)
def test_what_sounds_like_a_stop_is_read_by_a_person(text: str, almere: Gazetteer) -> None:
    assert letter(text, almere).kind is K.UNCLEAR


@pytest.mark.parametrize("kenmerk", ["IB-7K3F-9QX2", "ib7k3f9qx2", "IB-66EM-NX8M"])
def test_the_case_that_a_letter_names_itself_is_told(kenmerk: str, almere: Gazetteer) -> None:
    found = letter(f"Betreft {kenmerk}. Patiënt ziet ervan af.", almere)
    assert (found.kind, found.reason) == (K.STOP, S.PATIENT_DECLINED)
    assert [each.replace("-", "") for each in found.named] == [kenmerk.replace("-", "").upper()]
    quoted = letter(f"Dank u wel!\n\n> Kenmerk: {kenmerk}\n", almere)
    assert (quoted.kind, quoted.named) == (K.NOTHING, ())
    assert letter("Mevrouw heet Ibrahimova van zichzelf.", almere).named == ()


def test_an_open_question_stays_open_when_another_patient_is_named(almere: Gazetteer) -> None:
    asked = replace(KNOWN, verdict=Verdict.INCOMPLETE, wijk=None, problems=("missing_wijk",))
    assert letter(f"Naam: Omar Haddou\nTelefoon: {NEW}\nWijk: Filmwijk", almere, asked).kind is K.NEW_PATIENT
    found = letter("Filmwijk", almere, asked)
    assert found.kind is K.COMPLETED
    assert found.reading == KNOWN


def test_after_contact_a_number_is_still_understood(almere: Gazetteer) -> None:
    found = letter(f"Het goede nummer is {NEW}", almere, None)
    assert (found.kind, found.changed) == (K.CORRECTED, ("phone",))


@pytest.mark.parametrize(
    ("text", "kind", "consent"),
    [
        ("Ja", K.CONFIRMED, Consent.GIVEN),
        ("Ja, patiënt is akkoord.", K.CONFIRMED, Consent.GIVEN),
        ("Ja, dat ga ik vragen", K.UNCLEAR, Consent.UNSAID),
        ("toestemming gevraagd, ze denkt erover na", K.UNCLEAR, Consent.UNCLEAR),
        ("heeft toestemming geweigerd", K.STOP, Consent.REFUSED),
        ("Nee, mevrouw wil het niet.", K.STOP, Consent.REFUSED),
        ("Nee, dat wil ze niet. Dank.", K.STOP, Consent.REFUSED),
        ("Nee, ik heb het niet gevraagd", K.UNCLEAR, Consent.UNCLEAR),
        ("Nee, alleen als haar man erbij is", K.UNCLEAR, Consent.UNCLEAR),
        ("Nee hoor, geen bezwaar", K.UNCLEAR, Consent.UNCLEAR),
        ("Patiënt geeft geen toestemming", K.STOP, Consent.REFUSED),
        ("nee", K.UNCLEAR, Consent.REFUSED),
    ],
)
def test_an_answer_about_consent(text: str, kind: PracticeKind, consent: Consent, almere: Gazetteer) -> None:
    asked = replace(KNOWN, verdict=Verdict.INCOMPLETE, problems=("missing_consent",))
    found = letter(text, almere, asked)
    assert (found.kind, found.consent) == (kind, consent)


def test_a_machine_answers_nothing_but_may_pass_a_referral_on(almere: Gazetteer) -> None:
    away = mail("Ik ben afwezig tot 1 januari.", "Auto-Submitted: auto-replied\r\n")
    assert practice_letter(away, almere, OWN, KNOWN) == PracticeLetter(K.AUTOMATIC, automatic=True)
    referral = f"Naam: Omar Haddou\r\nTelefoon: {NEW}\r\nWijk: Muziekwijk\r\n"
    found = practice_letter(mail(referral, "Auto-Submitted: auto-forwarded\r\n"), almere, OWN, KNOWN)
    assert (found.kind, found.automatic) == (K.NEW_PATIENT, True)


def test_a_document_without_words_is_for_a_person(almere: Gazetteer) -> None:
    raw = (
        f"{HEAD}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\n\r\n--b\r\nContent-Type: application/pdf\r\n"
        "Content-Disposition: attachment; filename=brief.pdf\r\n\r\n%PDF-\r\n--b--\r\n"
    )
    assert practice_letter(raw.encode(), almere, OWN, KNOWN).kind is K.UNCLEAR
