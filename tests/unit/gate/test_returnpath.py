"""A return address names one delivery, and only we can make it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.tokens import ReturnPaths, has_return_form

OURS = "aanmelding@handover.example"
SECRET = b"s" * 32
PATHS = ReturnPaths(SECRET, OURS)
ids = st.binary(min_size=16, max_size=16).map(bytes.hex)


@given(ids, ids)
def test_an_address_gives_its_own_delivery_back(delivery: str, other: str) -> None:
    address = PATHS.address(delivery)
    assert PATHS.delivery(address) == PATHS.delivery(address.upper()) == delivery
    assert PATHS.delivery(address.partition("@")[0]) == delivery
    assert has_return_form(address, OURS)
    assert len(address.partition("@")[0]) <= 64
    if other != delivery:
        mac = PATHS.address(other).rpartition(".")[0]
        assert PATHS.delivery(address.replace(address.split(".")[1], mac.split(".")[1])) is None


@given(ids, st.integers(0, 61), st.sampled_from("abcdefgh234567"))
def test_a_changed_address_is_worth_nothing(delivery: str, at: int, letter: str) -> None:
    address = PATHS.address(delivery)
    changed = address[:at] + letter + address[at + 1 :]
    assert PATHS.delivery(changed) == (delivery if changed == address else None)


def test_another_secret_or_another_gateway_makes_others() -> None:
    delivery = "0123456789abcdef" * 2
    address = PATHS.address(delivery)
    assert ReturnPaths(b"t" * 32, OURS).delivery(address) is None
    elsewhere = ReturnPaths(SECRET, "aanmelding@elders.example")
    assert elsewhere.delivery(address) is None
    assert not has_return_form(address, "aanmelding@elders.example")
    assert not has_return_form(address, "welzijn@handover.example")


@pytest.mark.parametrize("delivery", ["", "x" * 32, "ab", "0" * 33])
def test_only_delivery_ids_get_one(delivery: str) -> None:
    with pytest.raises(ValueError, match="delivery id"):
        PATHS.address(delivery)


def test_what_is_too_short_or_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ReturnPaths(b"short", OURS)
    with pytest.raises(ValueError, match="too long"):
        ReturnPaths(SECRET, f"{'a' * 19}@handover.example")


@given(st.text(max_size=120))
def test_any_text_is_looked_at_without_an_error(text: str) -> None:
    assert PATHS.delivery(text) is None
    assert not has_return_form(text, OURS)
