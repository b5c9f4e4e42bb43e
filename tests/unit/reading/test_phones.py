"""Numbers: found as they are typed, never repaired, and never taken from what is no number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reading.patient.phones import dialled, is_service, mask, numbers


def found(text: str) -> list[str | None]:
    return [e164 for e164, _, _ in numbers(mask(text))]


@pytest.mark.parametrize(
    "typed",
    [
        "06-23456789",
        "0623456789",
        "06 23 45 67 89",
        "06.23.45.67.89",
        "06/23456789",
        "06 - 2345 6789",
        "06–23456789",
        "(06) 23456789",
        "O6-23456789",
        "0 6 2 3 4 5 6 7 8 9",
        "+31623456789",
        "+31 6 23456789",
        "+31 (0)6 23456789",
        "0031 6 23456789",
        "31623456789",
        "6 23456789",
        "06 23456789 (ma-vr)",
        "06 23456789 3 kinderen",
        "Dorpsstraat 12 06 23456789",
    ],
)
def test_one_mobile_in_many_ways(typed: str) -> None:
    assert found(typed) == ["+31623456789"]


@pytest.mark.parametrize(
    "typed", ["06-2345678", "06-234567890", "06 23 45 67 89 0", "036-530123", "5301234", "06-2345 678 9 0"]
)
def test_a_digit_too_many_or_too_few_is_no_number(typed: str) -> None:
    assert set(found(typed)) <= {None}


@pytest.mark.parametrize(
    "typed",
    [
        "06-12-1979",
        "14-08-2024",
        "2024-08-14",
        "1312 AB",
        "NL02 ABNA 0123 4567 89",
        "AGB 01057823",
        "KvK 39087412",
        "BSN 123456782",
        "polisnr. 0612345678",
        "€ 1.234.567,89",
        "10.00 - 12.30 uur",
        "https://x.example/0612345678",
        "a0612345678@x.example",
        "T90.02",
    ],
)
def test_what_is_no_number(typed: str) -> None:
    assert found(typed) == []


@pytest.mark.parametrize(
    ("typed", "several"),
    [
        ("06-23456789/036-5301234", ["+31623456789", "+31365301234"]),
        ("06 23456789 036 5301234", ["+31623456789", "+31365301234"]),
        ("+40 722 318 905 / 06-23456789", ["+40722318905", "+31623456789"]),
        ("06-23456789 of 036-530123", ["+31623456789", None]),
    ],
)
def test_several_numbers(typed: str, several: list[str | None]) -> None:
    assert found(typed) == several


@pytest.mark.parametrize(
    "number",
    ["+32478551903", "+48512334876", "+351912604377", "+5978123456", "+59995123456", "+905321234567"],
)
def test_foreign_numbers(number: str) -> None:
    assert dialled(number) == dialled("00" + number[1:]) == number


def test_service_numbers() -> None:
    assert is_service("+31886001240")
    assert not is_service("+31623456789")


@given(
    digits=st.text("0123456789", min_size=8, max_size=8),
    gaps=st.lists(st.sampled_from(["", " ", "-", "."]), min_size=8),
)
def test_any_mobile_with_any_gaps(digits: str, gaps: list[str]) -> None:
    typed = "06" + "".join(gap + digit for gap, digit in zip(gaps, digits, strict=False))
    wanted = dialled("06" + digits)
    given_ = [each for each in found(f"nummer {typed}") if each]
    assert given_ in ([], [wanted])


@given(text=st.text("0123456789 -/().+oO", max_size=80))
def test_spans_lie_apart(text: str) -> None:
    end = 0
    for e164, start, stop in numbers(text):
        assert end <= start < stop <= len(text)
        assert e164 is None or e164.startswith("+")
        end = stop


@pytest.mark.parametrize("typed", ["06-l2345678", "06-2345678O", "06-23I56789", "o6-2345678l"])
def test_a_letter_among_the_figures_is_never_repaired(typed: str) -> None:
    assert set(found(typed)) <= {None}


def test_other_scripts_write_figures_too() -> None:
    assert found("٠٦ ٤٨ ١١ ٢٣ ٩٧") == ["+31648112397"]
