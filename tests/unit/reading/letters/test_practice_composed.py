"""Composed letters of practices: parts that say one thing, and parts that take it away."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reading.letters.practice import practice_letter
from gateway.reading.letters.record import PracticeKind, PracticeLetter, Stop
from gateway.reading.patient.wijken import Gazetteer
from tests.unit.reading.letters.thread import KNOWN, NEW, NOTHING, OWN, letter

K, S = PracticeKind, Stop

OPENINGS = st.sampled_from(
    ["", "Beste collega,\n\n", "Goedemiddag,\n", "Geachte heer, mevrouw,\n\n", "Hallo, "]
)

CLOSINGS = st.sampled_from(
    [
        "",
        "\n\nMet vriendelijke groet,\nAnja de Wit\nHuisartsenpraktijk\n036-5300000",
        "\n\nGroetjes Anja",
        "\nmvg",
    ]
)

SUBJECTS = st.sampled_from(
    ["Patiënt", "Mevrouw", "De heer", "Cliënte", "Mw. Vermaat", "Jolanda Vermaat", "Zij"]
)

FACTS = st.sampled_from(
    [
        ("is overleden", S.DECEASED),
        ("is gisteren gestorven", S.DECEASED),
        ("is verhuisd", S.MOVED),
        ("is opgenomen in het ziekenhuis", S.ADMITTED),
        ("ziet ervan af", S.PATIENT_DECLINED),
        ("wil geen hulp meer", S.PATIENT_DECLINED),
        ("heeft geen behoefte meer", S.PATIENT_DECLINED),
    ]
)

DOUBTS = (
    "niet",
    "misschien",
    "waarschijnlijk",
    "bijna",
    "volgens de buren",
    "nog niet",
    "als",
    "hopelijk",
    "of",
)

OTHERS = ("Haar man", "De moeder van patiënt", "Zijn broer", "De buurvrouw", "Mevrouw Bakker")

UNKNOWN = ("zwabber", "kwartje", "fietsbel", "Janneke", "gordijn", "لا", "jeneverbes")


@settings(max_examples=80)
@given(OPENINGS, SUBJECTS, FACTS, CLOSINGS)
def test_a_plain_stop_is_understood_whatever_stands_around_it(
    almere: Gazetteer, opening: str, subject: str, fact: tuple[str, Stop], closing: str
) -> None:
    found = letter(f"{opening}{subject} {fact[0]}.{closing}", almere)
    assert (found.kind, found.reason) == (K.STOP, fact[1])


@settings(max_examples=120)
@given(SUBJECTS, FACTS, st.sampled_from(DOUBTS + UNKNOWN), st.integers(0, 6), st.booleans())
def test_a_doubt_or_an_unknown_word_beside_a_stop_is_never_a_stop(
    almere: Gazetteer, subject: str, fact: tuple[str, Stop], doubt: str, at: int, question: bool
) -> None:
    words = f"{subject} {fact[0]}".split()
    words.insert(min(at, len(words)), doubt)
    found = letter(" ".join(words) + ("?" if question else ""), almere)
    # "Wil niet geen hulp" is nobody's Dutch; whatever it means, it isn't taken for a stop.
    assert found.kind is K.UNCLEAR, words


@settings(max_examples=40)
@given(st.sampled_from(OTHERS), FACTS)
def test_what_happened_to_another_is_no_stop(almere: Gazetteer, other: str, fact: tuple[str, Stop]) -> None:
    assert letter(f"{other} {fact[0]}.", almere).kind is K.UNCLEAR


LEADS = st.sampled_from(
    [
        "Het juiste nummer is ",
        "Nieuw nummer: ",
        "Het moet zijn ",
        "Tel. ",
        "Zij is nu bereikbaar op ",
        "",
        "Goede nummer: ",
    ]
)

SHAPES = st.sampled_from(["06-{}", "06 {}", "+316{}", "06{}", "0031 6 {}"])


@settings(max_examples=80)
@given(OPENINGS, LEADS, SHAPES, st.integers(20_000_000, 29_999_999), CLOSINGS)
def test_a_new_number_in_known_words_is_the_number(
    almere: Gazetteer, opening: str, lead: str, shape: str, digits: int, closing: str
) -> None:
    found = letter(f"{opening}{lead}{shape.format(digits)}{closing}", almere)
    wanted = f"+316{digits}"
    if wanted == KNOWN.phone:
        assert found.kind is K.NOTHING
    else:
        assert (found.kind, found.changed) == (K.CORRECTED, ("phone",))
        assert found.reading is not None
        assert found.reading.phone == wanted


@settings(max_examples=80)
@given(
    st.sampled_from(
        ["dochter", "zoon", "partner", "bewindvoerder", "buurman", "spilleboef", "wijkagent", "tante"]
    ),
    st.sampled_from(
        [
            "{} is bereikbaar op {}",
            "Het nummer van {} is {}",
            "{}: {}",
            "Bel {} op {}",
            "via {} {}",
            "{1} ({0})",
        ]
    ),
)
def test_a_number_of_somebody_else_never_becomes_the_patients(
    almere: Gazetteer, who: str, shape: str
) -> None:
    for asked in (False, True):
        found = letter(shape.format(f"haar {who}", NEW), almere, unreachable=asked)
        assert found.reading is None or found.reading.phone == KNOWN.phone


@settings(max_examples=60)
@given(st.lists(st.sampled_from(NOTHING[1:5]), min_size=1, max_size=3), st.sampled_from(UNKNOWN))
def test_one_unknown_word_is_enough_to_be_seen(almere: Gazetteer, thanks: list[str], word: str) -> None:
    assert letter(" ".join(thanks), almere).kind is K.NOTHING
    assert letter(f"{' '.join(thanks)} {word} {word}", almere).kind is K.UNCLEAR


@settings(max_examples=150)
@given(st.text(max_size=300), st.booleans())
def test_any_text_gives_a_record(almere: Gazetteer, text: str, unreachable: bool) -> None:
    found = letter(text, almere, unreachable=unreachable)
    assert found.kind is K.CORRECTED or (found.topic is not None) is (found.kind is K.UNCLEAR)
    assert (found.reason is not None) is (found.kind is K.STOP)
    if found.kind is K.NOTHING:
        words = re.findall(r"[a-z]{4,}", text)
        assert len(words) < 12


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_record(almere: Gazetteer, raw: bytes) -> None:
    assert isinstance(practice_letter(raw, almere, OWN, KNOWN), PracticeLetter)
