"""The packed form of a mail: what comes out is what went in, or nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import OpenError
from gateway.gate.authenticity import Envelope, pack, unpack

PLAIN = Envelope("huisarts@praktijk.example", ("aanmelding@handover.example",), "192.0.2.1", "client.example")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
envelopes = st.builds(
    Envelope,
    mail_from=texts,
    rcpt_tos=st.lists(texts, max_size=3).map(tuple),
    peer_ip=texts,
    helo=texts,
    tls=st.none() | texts,
    trusted_relay=st.booleans(),
    client_certificate=st.none() | texts,
    login=st.none() | texts,
    smtputf8=st.booleans(),
)


@given(envelopes, st.binary(max_size=200))
def test_what_is_packed_comes_out_again(envelope: Envelope, raw: bytes) -> None:
    assert unpack(pack(envelope, raw)) == (envelope, raw)


@given(st.binary(max_size=60))
def test_noise_is_refused(noise: bytes) -> None:
    for blob in (noise, b"IBMAIL1\n" + noise):
        with pytest.raises(OpenError):
            unpack(blob)


@given(st.integers(min_value=0))
def test_a_cut_header_is_refused(at: int) -> None:
    blob = pack(PLAIN, b"")
    with pytest.raises(OpenError):
        unpack(blob[: at % len(blob)])


def _with_header(change: dict[str, object], drop: str | None = None) -> bytes:
    packed = pack(PLAIN, b"")
    header = json.loads(packed[12:]) | change
    header.pop(drop, None)
    text = json.dumps(header).encode()
    return packed[:8] + len(text).to_bytes(4, "big") + text + b"inhoud"


@pytest.mark.parametrize(
    ("change", "drop"),
    [
        ({"mail_from": None}, None),
        ({"rcpt_tos": "aanmelding@handover.example"}, None),
        ({"rcpt_tos": [1]}, None),
        ({"trusted_relay": 1}, None),
        ({"login": False}, None),
        ({"more": "fields"}, None),
        ({}, "tls"),
    ],
)
def test_another_shape_is_refused_without_repeating_it(change: dict[str, object], drop: str | None) -> None:
    assert unpack(_with_header({}))[0] == PLAIN
    with pytest.raises(OpenError) as caught:
        unpack(_with_header(change, drop))
    assert "praktijk" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_another_version_is_refused() -> None:
    with pytest.raises(OpenError):
        unpack(pack(PLAIN, b"").replace(b"IBMAIL1", b"IBMAIL2"))


def test_an_envelope_that_could_not_be_unpacked_is_not_packed() -> None:
    with pytest.raises(OpenError):
        pack(Envelope("x" * 70_000, (), "192.0.2.1", ""), b"")
