"""The subject of an answer never says who it is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.headers import reply_subject

NEUTRAL = "uw aanmelding [IB-7K3F-9QXM]"
KNOWN = {"name": "mevrouw Fatíma el Amrani-Jansen", "others": ("+31612345678", "Filmwijk")}


def known(subject: str) -> str:
    return reply_subject(subject, NEUTRAL, harmless=("De Schoor",), **KNOWN)  # type: ignore[arg-type]


def unknown(subject: str) -> str:
    return reply_subject(subject, NEUTRAL)


@pytest.mark.parametrize(
    "subject",
    [
        "Aanmelding",
        "AANMELDING",
        "Verwijzing financiële zorgen",
        "Patiënt met geldproblemen",
        "Nieuwe aanmelding schuldhulp",
        "Graag contact opnemen ivm schulden",
        "Aanmelding De Schoor",
        "Warme overdracht",
        "Vraagje van de praktijk",
        "2 aanmeldingen",
    ],
)
def test_a_harmless_subject_stays_unchanged(subject: str) -> None:
    assert known(subject) == f"Re: {subject}"


@pytest.mark.parametrize("subject", ["Re: aanmelding", "RE: aanmelding", "re : aanmelding"])
def test_an_answer_to_an_answer_has_one_re(subject: str) -> None:
    assert known(subject) == subject


@pytest.mark.parametrize(
    "subject",
    [
        "Aanmelding mw. El Amrani",
        "aanmelding amrani",
        "Aanmelding Fatima",
        "aanmelding jansen",
        "aanmelding janssen",
        "AANMELDING FATIMA EL AMRANI",
        "aanmelding el-amrani",
        "aanmelding filmwijk",
        "aanmelding Filmwyk",
        "schulden 06-12345678",
        "schulden 06 12 34 56 78",
        "schulden +31 6 1234 5678",
        "bel 5678",
        "Aanmelding 12-06-1971",
        "Aanmelding geb. 1971",
        "Aanmelding 999990019",
        "Aanmelding 1336 AB",
        "Aanmelding F.E.A.",
        "Aanmelding dhr Pietersen",
        "Aanmelding voor Pietersen",
        "Schulden en depressie",
        "Aanmelding Ｆａｔｉｍａ",
        "Aanmelding Fa\u00adtima",
        "",
        "   ",
        "Re:",
        "Fwd: Re:",
    ],
)
def test_a_telling_subject_is_replaced(subject: str) -> None:
    assert known(subject) == f"Re: {NEUTRAL}"


@pytest.mark.parametrize(
    "subject", ["aanmelding pietersen", "Pietersen", "aanmelding Filmwijk", "lijst week 16"]
)
def test_without_a_known_name_only_harmless_words_stay(subject: str) -> None:
    assert unknown(subject) == f"Re: {NEUTRAL}"
    assert unknown("Re: aanmelding schulden") == "Re: aanmelding schulden"


@given(st.text(max_size=80))
def test_it_is_always_one_line(subject: str) -> None:
    for answer in (known(subject), unknown(subject)):
        assert answer.lower().startswith("re")
        assert answer.isprintable() or not any(ord(character) < 32 for character in answer)
        assert len(answer) < 220


@given(st.sampled_from(["Fatíma", "amrani", "JANSEN", "0612345678", "Filmwijk"]), st.data())
def test_a_patient_s_value_never_comes_back(value: str, data: st.DataObject) -> None:
    words = st.lists(st.sampled_from(["aanmelding", "Re:", "schulden", "-", "Nieuwe"]), max_size=4)
    subject = " ".join([*data.draw(words), value, *data.draw(words)])
    assert known(subject) == f"Re: {NEUTRAL}"
