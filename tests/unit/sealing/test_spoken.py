"""The digits of a key: forty, the same ones everywhere, and those of one owner's key alone."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.sealing.spoken import digits_of, same, spoken

THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
OTHER = "OzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_the_digits_are_those_that_the_browser_makes() -> None:
    """Whoever changes this changes what people have on paper; `browser/test_keys` compares both sides."""
    assert spoken("wijkteam-haven", THUMBPRINT) == "95177 87279 73199 87673 39086 94577 51683 47803"


def test_another_key_or_another_owner_has_other_digits() -> None:
    groups = spoken("wijkteam-haven", THUMBPRINT).split(" ")
    assert [len(group) for group in groups] == [5] * 8
    for owner, thumbprint in (("wijkteam-haven", OTHER), ("buurthuis", THUMBPRINT)):
        assert not set(groups) & set(spoken(owner, thumbprint).split(" "))
        assert not same(" ".join(groups), owner, thumbprint)


@given(st.text(alphabet=" \t.,-–/", max_size=3))
def test_what_stands_between_them_does_not_matter(between: str) -> None:
    typed = between.join(spoken("wijkteam-haven", THUMBPRINT).split(" "))
    assert same(f" {typed}\n", "wijkteam-haven", THUMBPRINT)


@given(st.text(max_size=60))
def test_nothing_else_is_forty_digits(typed: str) -> None:
    found = digits_of(typed)
    assert found == "" or (len(found) == 40 and found.isascii() and found.isdigit())
    assert not same(typed, "wijkteam-haven", THUMBPRINT)


def test_digits_of_other_scripts_and_half_of_them_are_none() -> None:
    for typed in ("", "12345", "1" * 39, "1" * 41, "١" * 40, "²" * 40):
        assert digits_of(typed) == ""
        assert not same(typed, "wijkteam-haven", THUMBPRINT)


def test_what_is_pasted_from_a_page_or_a_letter_is_taken() -> None:
    groups = spoken("wijkteam-haven", THUMBPRINT).split(" ")
    for between in ("\N{NO-BREAK SPACE}", "\N{THIN SPACE}", "\N{NON-BREAKING HYPHEN}", " \N{EM DASH} ", "; "):
        assert same(f"\N{ZERO WIDTH NO-BREAK SPACE}{between.join(groups)}", "wijkteam-haven", THUMBPRINT)
