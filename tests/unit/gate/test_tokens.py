"""Tokens: ours are known, nobody else's are, and no kind passes for another."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.tokens import Claim, Tokens

KEY, OTHER = b"k" * 32, b"x" * 32
TOKENS = Tokens(KEY)


def claimed(suffix: str) -> Claim:
    """What a suffix claims; it claims something."""
    claim = TOKENS.reply_claim(suffix)
    assert claim is not None
    return claim


BASE = "aanmelding@handover.example"
references = st.lists(st.text("abcxyzKLM0189", min_size=1, max_size=6), min_size=1, max_size=3).map("-".join)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@given(references, references)
def test_a_reply_address_is_known_again_however_it_is_written(case, organisation):
    address = TOKENS.reply_address(BASE, case, organisation)
    assert len(address.partition("@")[0]) <= 64
    assert re.fullmatch(r"[a-z0-9+.@-]+", address)
    for written in (
        address,
        address.upper(),
        address.partition("@")[0],
        TOKENS.reply_suffix(case, organisation),
    ):
        claim = TOKENS.reply_claim(written)
        assert claim is not None
        assert claim.case == case.lower()
        assert TOKENS.confirms(claim, organisation.upper())


@given(references, references, references)
def test_a_reply_address_is_worth_nothing_to_another_organisation_or_case(case, organisation, other):
    claim = claimed(TOKENS.reply_suffix(case, organisation))
    assert TOKENS.confirms(claim, other) is (other.lower() == organisation.lower())
    moved = Claim(other.lower(), claim.kind, claim.bound, claim.mac)
    assert TOKENS.confirms(moved, organisation) is (other.lower() == case.lower())


@given(references, references, st.integers(0, 23), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_one_other_letter_in_the_mac_spoils_it(case, organisation, place, letter):
    suffix = TOKENS.reply_suffix(case, organisation)
    head, mac = suffix[:-24], suffix[-24:]
    changed = head + mac[:place] + letter + mac[place + 1 :]
    assert TOKENS.confirms(claimed(changed), organisation) is (changed == suffix)


@given(references, references, references)
def test_a_thread_is_found_back_in_references_and_bound_to_its_practice(case, practice, serial):
    ours = TOKENS.thread_id(case, practice, serial, "handover.example")
    older = TOKENS.thread_id(case, practice, "eerste", "handover.example")
    claims = TOKENS.thread_claims(f"<abc@gp.example>\r\n {older} <t.x@y>\t{ours}")
    assert [claim.case for claim in claims[:1]] == [case.lower()]
    assert claims[0].bound == (serial.lower(),)
    assert all(TOKENS.confirms(claim, practice) for claim in claims)
    assert not any(TOKENS.confirms(claim, practice + "x") for claim in claims)


def test_claims_come_newest_first_and_once():
    one, two = (TOKENS.thread_id("k7f3", "filmwijk", serial, "h.example") for serial in ("1", "2"))
    claims = TOKENS.thread_claims(f"{one} {two} {one}")
    assert [claim.bound for claim in claims] == [("1",), ("2",)]


@given(references, references, moments)
def test_a_link_opens_its_page_until_it_expires(case, party, expires):
    text = TOKENS.link("confirm", case, party, expires)
    assert re.fullmatch(r"[a-z0-9.-]+", text)
    link = TOKENS.parse_link("confirm", text, expires - timedelta(seconds=1))
    assert link is not None
    assert (link.case, link.party) == (case.lower(), party.lower())
    assert abs(link.expires - expires) < timedelta(seconds=1)
    assert TOKENS.parse_link("confirm", text, expires) is None
    assert TOKENS.parse_link("status", text, expires - timedelta(days=1)) is None


def test_a_link_can_not_be_given_more_time(now):
    text = TOKENS.link("status", "k7f3", "filmwijk", now)
    case, party, until, mac = text.split(".")
    assert TOKENS.parse_link("status", f"{case}.{party}.{int(until) + 9999}.{mac}", now) is None


def test_no_kind_passes_for_another(now):
    """The same case, party and number under every kind give different MACs."""
    until = str(int(now.timestamp()))
    macs = {
        TOKENS.reply_suffix("k7f3", "a")[-24:],
        TOKENS.thread_id("k7f3", "a", until, "h.example")[-35:-11],
        TOKENS.link("confirm", "k7f3", "a", now)[-24:],
        TOKENS.link("status", "k7f3", "a", now)[-24:],
    }
    assert len(macs) == 4
    reply = claimed(TOKENS.reply_suffix("k7f3", "a"))
    assert not TOKENS.confirms(Claim("k7f3", "thread", (), reply.mac), "a")


def test_a_foreign_secret_confirms_nothing(now):
    suffix, link = Tokens(OTHER).reply_suffix("k7f3", "a"), Tokens(OTHER).link("status", "k7f3", "a", now)
    assert not TOKENS.confirms(claimed(suffix), "a")
    assert TOKENS.parse_link("status", link, now - timedelta(1)) is None


@given(st.text(max_size=200), references)
def test_reading_never_raises_and_confirms_nothing_made_up(text, party):
    for claim in (TOKENS.reply_claim(text), TOKENS.reply_claim(f"a+r.{text}@b.example")):
        assert claim is None or not TOKENS.confirms(claim, party)
    assert not any(TOKENS.confirms(claim, party) for claim in TOKENS.thread_claims(f"<t.{text}>"))
    assert TOKENS.parse_link("confirm", text, datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert not TOKENS.confirms(claimed(TOKENS.reply_suffix("k7f3", "a")), f"ab{text}")


def test_a_far_expiry_is_read_like_any_other():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert TOKENS.parse_link("status", f"k.p.{'9' * 11}.{'a' * 24}", now) is None


@pytest.mark.parametrize("reference", ["", "a.b", "a b", "-a", "a-", "a" * 41, "é", "a\n", "a@b"])
def test_a_reference_that_would_not_survive_is_refused(reference):
    with pytest.raises(ValueError, match="not a case reference"):
        TOKENS.reply_suffix(reference, "a")


def test_an_address_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="too long"):
        TOKENS.reply_address(BASE, "a" * 40, "b")


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="at least 32"):
        Tokens(b"short")
