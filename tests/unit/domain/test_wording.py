"""What people read: every message in both languages."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.domain.catalogue import Catalogue
from gateway.domain.codes import DeclineReason, NextStep, StopOutcome, StopReason
from gateway.domain.messages import PLACEHOLDERS, Ask, Code, ItemKind
from gateway.domain.pathway import Recipient
from gateway.domain.states import IN_CONTACT, Event, State
from gateway.domain.wording import Item, Params, Wording
from gateway.errors import NotFound
from gateway.reading.letters.record import Stop

FOLDER = Path(__file__).parents[3] / "config" / "wording"
WORDING = Wording(
    {
        name: Catalogue.parse(name, tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))
        for name in ("nl", "en")
    }
)
DUE = datetime(2027, 3, 28, 14, 5, tzinfo=UTC)
FULL = Params(
    kenmerk="IB-7K3F-9QXM",
    organisation="De Schoor",
    backup="Humanitas",
    practice="Gezondheidscentrum Filmwijk",
    contact_person="K. de Bruin",
    link="https://handover.example/s/abc",
    hint="ICPC Z01",
    weeks="3",
    public_phone="036 123 4567",
    until=DUE - timedelta(days=1),
    date=DUE,
    state=State.COLLECTED,
    outcome=StopOutcome.COMPLETED,
    next_step=NextStep.INTAKE,
    reason=DeclineReason.CAPACITY,
    stop=StopReason.MOVED,
    told=(Recipient.REFERRER, Recipient.ADMINISTRATOR),
    digits="44",
    finding=True,
    step="het gesprek",
    answers=(Event.INTAKE_PLANNED, Event.IN_SUPPORT),
    talks=(Event.EXPERT_TALK, Event.THREE_WAY_TALK),
    problems=("missing_phone",),
    items=(Item(ItemKind.HELD, DUE, "IB-7K3F-9QXM", "De Schoor"),),
    head="form: inbeeld-head-1",
    figures=dict.fromkeys(PLACEHOLDERS[Code.PRACTICE_FIGURES] - {"practice"}, "<5"),
)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", Code)
def test_every_message_is_whole(code: Code, language: str) -> None:
    text = WORDING.render(code, language, FULL)
    assert text.body.endswith("InBeeld\n")
    assert "\n" not in text.subject_hint
    assert not {"{", "}"} & set(text.subject_hint + text.body)
    assert "kenmerk" not in PLACEHOLDERS[code] or FULL.kenmerk in text.subject_hint + text.body


def test_dates_are_local_and_dutch() -> None:
    assert WORDING.date(DUE, "nl") == "zondag 28 maart om 16.05 uur"
    assert WORDING.date(DUE, "en") == "Sunday 28 March at 16:05"


def test_in_beeld_says_so() -> None:
    assert "De patiënt is in beeld." in WORDING.render(Code.IN_BEELD, "nl", FULL).body


@pytest.mark.parametrize("code", sorted(set(Code) - {Code.IN_BEELD, Code.CORRECTED}))
def test_no_other_message_claims_it(code: Code) -> None:
    """P4: only the one message says that the patient is in beeld (a status tells its state's own words)."""
    for language in ("nl", "en"):
        assert "is in beeld" not in WORDING.render(code, language, FULL).body.lower()


@pytest.mark.parametrize("state", State)
def test_the_status_says_in_beeld_only_after_contact(state: State) -> None:
    contacted = IN_CONTACT
    assert ("in beeld" in WORDING.word(state, "nl")) is (state in contacted)


def test_a_question_names_the_fields_and_shows_how_to_answer() -> None:
    params = Params(kenmerk="IB-7K3F-9QXM", problems=("unknown_wijk", "bsn_present", "missing_name"))
    body = WORDING.render("question", "nl", params).body
    assert body.index("Hoe heet de patiënt?") < body.index("We kennen deze wijk niet.")
    assert "Naam: mevrouw V. Voorbeeld" in body
    assert "Wijk: Filmwijk" in body
    assert "Telefoon:" not in body
    assert "burgerservicenummer" in body


@pytest.mark.parametrize("ask", Ask)
def test_every_problem_of_the_reader_can_be_asked(ask: Ask) -> None:
    if ask is not Ask.BSN_PRESENT:
        body = WORDING.render("question", "nl", Params(kenmerk="IB-7K3F-9QXM", problems=(ask,))).body
        assert WORDING.catalogue("nl").asks[ask] in body


def test_an_unknown_problem_asks_for_everything() -> None:
    body = WORDING.render("question", "nl", Params(kenmerk="IB-7K3F-9QXM", problems=("nieuw",))).body
    assert "nieuw" not in body
    assert all(field in body for field in ("Naam:", "Telefoon:", "Wijk:"))


def test_consent_has_its_own_question() -> None:
    body = WORDING.render(
        "question", "nl", Params(kenmerk="IB-7K3F-9QXM", problems=("missing_consent",))
    ).body
    assert "Toestemming: ja" in body


def test_what_is_missing_is_an_error_that_names_no_value() -> None:
    with pytest.raises(ValueError, match="needs organisation"):
        WORDING.render(Code.IN_BEELD, "nl", Params(kenmerk="IB-7K3F-9QXM"))


@pytest.mark.parametrize(("code", "language"), [("hello", "nl"), ("receipt", "fy")])
def test_unknown_codes_and_languages_are_not_found(code: str, language: str) -> None:
    with pytest.raises(NotFound):
        WORDING.render(code, language, FULL)


def test_a_name_from_the_configuration_can_not_break_out() -> None:
    params = Params(kenmerk="IB-7K3F-9QXM", organisation="De\r\nSchoor {kenmerk}")
    text = WORDING.render(Code.REPORT_THANKS, "nl", params)
    assert "\r" not in text.body
    body = WORDING.render(Code.STOPPED, "nl", params).body
    assert "De Schoor {kenmerk} is gestopt" in body


@pytest.mark.parametrize(
    ("name", "begun"),
    [
        ("de gemeente Losser", "De gemeente Losser"),
        ("'t Hoekje", "'t Hoekje"),
        ("ijsselhuis", "IJsselhuis"),
        ("{kenmerk} {x}", "{kenmerk} {x}"),
        ("é-team", "É-team"),
    ],
)
def test_a_name_that_begins_a_sentence_has_a_capital(name: str, begun: str) -> None:
    text = WORDING.render(Code.STATUS_NONE, "nl", replace(FULL, organisation=name)).body
    assert f"Bel dan met {name}." in text
    assert f"\n{begun} heeft" in WORDING.render(Code.IN_BEELD, "nl", replace(FULL, organisation=name)).body


def test_the_digest_has_a_line_for_each_item() -> None:
    items = tuple(Item(kind, DUE, "IB-7K3F-9QXM", "De Schoor") for kind in ItemKind)
    text = WORDING.render(Code.ADMIN_DIGEST, "nl", Params(items=items))
    assert text.subject_hint == f"InBeeld: er is aandacht nodig ({len(items)})"
    assert text.body.count("zondag 28 maart") == len(items)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_date_that_has_passed_is_promised(language: str) -> None:
    for code in (Code.RECEIPT, Code.NUMBER_PASSED, Code.DECLINED_REROUTED, Code.STATUS, Code.ORG_BACKUP):
        before = WORDING.render(code, language, replace(FULL, now=DUE - timedelta(seconds=1))).body
        after = WORDING.render(code, language, replace(FULL, now=DUE)).body
        words = WORDING.catalogue(language).words
        assert words.by.format(date=WORDING.date(DUE, language)) in before
        assert words.soon in after
        assert words.by.format(date=WORDING.date(DUE, language)) not in after


def test_what_was_agreed_is_told_in_the_right_tense() -> None:
    before = WORDING.render(Code.ORG_URGE, "nl", replace(FULL, now=DUE - timedelta(hours=1))).body
    after = WORDING.render(Code.ORG_URGE, "nl", replace(FULL, now=DUE + timedelta(hours=1))).body
    assert "De afgesproken datum is zondag" in before
    assert "De afgesproken datum was zondag" in after


def test_the_neutral_subject() -> None:
    assert WORDING.neutral_subject("IB-7K3F-9QXM", "nl") == "uw aanmelding [IB-7K3F-9QXM]"


@pytest.mark.parametrize("code", [Code.RECEIPT, Code.RECEIPT_PERSON, Code.RECEIPT_ONLY])
def test_every_receipt_says_in_one_line_how_to_correct_and_how_to_stop(code: Code) -> None:
    for language in ("nl", "en"):
        body = WORDING.render(code, language, FULL).body
        assert (
            sum(
                "INTREKKEN" in line and "nummer" in line.lower().replace("number", "nummer")
                for line in body.splitlines()
            )
            == 1
        )


def test_a_line_that_says_nothing_is_left_out() -> None:
    full = WORDING.render(Code.RECEIPT, "nl", FULL).body
    bare = WORDING.render(Code.RECEIPT, "nl", replace(FULL, link="", digits="")).body
    assert "eindigt op 44" in full
    assert "eindigt op" not in bare
    assert "volgen op" not in bare
    assert "\n\n\n" not in bare
    asked = WORDING.questions(("missing_phone", "bsn_present", "never_heard_of"), "nl")
    assert "Op welk telefoonnummer kunnen we de patiënt bereiken?" in asked
    assert len(asked) == 2
    assert "Ook op de hoogte" not in WORDING.render(Code.ORG_OVERDUE, "nl", replace(FULL, told=())).body


def test_numbers_are_offered_by_their_last_figures() -> None:
    params = Params(kenmerk="IB-7K3F-9QXM", problems=("ambiguous_phone",), choices=("44", "43"))
    body = WORDING.render("question", "nl", params).body
    assert "1 = het nummer dat eindigt op 44" in body
    assert "2 = het nummer dat eindigt op 43" in body
    assert body.index("cijfer ervoor") < body.index("1 = ")


def test_the_only_number_is_offered_for_a_word() -> None:
    params = Params(kenmerk="IB-7K3F-9QXM", problems=("ambiguous_phone", "bsn_present"), choices=("44",))
    body = WORDING.render("question", "nl", params).body
    assert "  ja = het nummer dat eindigt op 44" in body
    assert "  ja\n" in body, "the example"
    more = replace(params, problems=("missing_name", "ambiguous_phone"))
    asked = WORDING.render("question", "nl", more).body
    assert "eindigt op" not in asked
    assert "Op welk nummer kunnen we de patiënt bereiken?" in asked


def test_the_reasons_to_stop_are_those_of_the_reader() -> None:
    assert {each.value for each in StopReason} == {each.value for each in Stop}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_reason_to_stop_speaks_of_health(language: str) -> None:
    """Where a patient was taken to is nobody's business but the practice's."""
    for reason in StopReason:
        words = WORDING.word(reason, language)
        assert not {"ziekenhuis", "opgenomen", "hospital", "admitted"} & set(words.split())
