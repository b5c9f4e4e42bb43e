"""The referral and the kenmerk."""

import itertools
import secrets

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.case import ALPHABET, Referral, is_kenmerk, kenmerk_of, new_kenmerk

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
kenmerken = st.binary(min_size=5, max_size=5).map(lambda some: new_kenmerk(lambda _: some))


def test_a_referral_never_shows_itself() -> None:
    referral = Referral("Piet Voorbeeld", "+31612345678", (), "Filmwijk")
    assert "Piet" not in f"{referral!r} {referral} {[referral]}"


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
