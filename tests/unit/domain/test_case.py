"""The referral's bytes and the kenmerk."""

import itertools
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.case import ALPHABET, Referral, is_kenmerk, kenmerk_of, new_kenmerk
from gateway.errors import OpenError

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
kenmerken = st.binary(min_size=5, max_size=5).map(lambda some: new_kenmerk(lambda _: some))


@given(st.builds(Referral, texts, texts, st.lists(texts, max_size=3).map(tuple), texts))
def test_a_referral_survives_its_bytes(referral: Referral) -> None:
    assert Referral.from_json(referral.to_json()) == referral


def test_a_referral_never_shows_itself() -> None:
    referral = Referral("Piet Voorbeeld", "+31612345678", (), "Filmwijk")
    assert "Piet" not in f"{referral!r} {referral} {[referral]}"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b'{"name":"Piet"}',
        b'{"name":1,"phone":"","other_phones":[],"wijk":""}',
        b'{"name":"","phone":"","other_phones":["x",2],"wijk":""}',
        b'{"name":"","phone":"","other_phones":"ab","wijk":""}',
        b'{"name":"","phone":"","other_phones":[],"wijk":"","bsn":"1"}',
    ],
)
def test_other_bytes_are_refused_without_their_content(data: bytes) -> None:
    with pytest.raises(OpenError) as caught:
        Referral.from_json(data)
    assert "Piet" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@given(kenmerken)
def test_a_kenmerk_is_one(kenmerk: str) -> None:
    assert is_kenmerk(kenmerk)
    assert len(kenmerk) == len("IB-7K3F-9QXM")


@given(kenmerken)
def test_slips_of_typing_are_forgiven(kenmerk: str) -> None:
    slipped = kenmerk.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    for typed in (slipped, f"[{kenmerk}]", kenmerk[3:], kenmerk.replace("-", ""), f" {kenmerk}\n"):
        assert kenmerk_of(typed) == kenmerk


@given(kenmerken, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(kenmerk: str, place: int, wrong: str) -> None:
    letters = [letter for letter in kenmerk[3:] if letter != "-"]
    if letters[place] == wrong:
        return
    letters[place] = wrong
    assert kenmerk_of("".join(letters)) is None


@given(st.text(max_size=30))
def test_any_text_gives_a_kenmerk_or_none(text: str) -> None:
    found = kenmerk_of(text)
    assert found is None or is_kenmerk(found)
    assert not is_kenmerk(text) or found == text


def test_kenmerken_have_no_order() -> None:
    drawn = [new_kenmerk(secrets.token_bytes) for _ in range(50)]
    assert len(set(drawn)) == 50
    assert any(first > second for first, second in itertools.pairwise(drawn))
