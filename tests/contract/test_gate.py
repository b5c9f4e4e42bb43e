"""What every proof of a sender promises, held against each strategy with the same mails."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.authenticity import Client, DnsTrouble, Envelope, Proof
from gateway.gate.front import Front
from gateway.gate.selfcheck import SelfCheck
from gateway.gate.senders import Practice, Senders

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GP = "balie@filmwijk.example"
OURS = "handover.example"
FRONT_SAYS = b"Authentication-Results: mx.handover.example; dmarc=pass header.from=filmwijk.example\r\n"
TORTURE = Path(__file__).parents[3] / "shared" / "corpus"
CODES = {
    "front": {
        "dmarc",
        "dkim",
        "spf",
        "from",
        "not_trusted",
        "no_result",
        "unreadable",
        "dmarc_fail",
        "not_aligned",
        "temperror",
        "claimed",
        "dkim_open",
        "dkim_old",
        "dkim_not_to_us",
    },
    "client": {"login", "certificate", "from", "unknown_sender", "no_credentials", "other_practice"},
    "self": {
        *("dkim", "spf", "from", "not_aligned", "dns", "dmarc_none", "dmarc_quarantine", "dmarc_reject"),
        *("dkim_open", "dkim_old", "dkim_not_to_us", "dkim_alone"),
    },
}


class Names:
    """DNS in which only the practice's own server may send for it."""

    def look_up(self, name, kind):
        known = {
            "filmwijk.example": (b"v=spf1 ip4:192.0.2.10 -all",),
            "_dmarc.filmwijk.example": (b"v=DMARC1; p=none",),
        }
        return known.get(name, ())


class NoNames:
    """DNS that is down."""

    def look_up(self, name, kind):
        raise DnsTrouble


HONEST = Envelope(GP, ("aanmelding@handover.example",), "192.0.2.10", "mail.filmwijk.example", login="fw")
SENDERS = Senders([Practice("filmwijk", "Filmwijk", domains=("filmwijk.example",), login="fw")])
STRATEGIES = {
    "front": (Front("mx.handover.example", OURS), replace(HONEST, trusted_relay=True, login=None)),
    "client": (Client(SENDERS), HONEST),
    "self": (SelfCheck(Names(), OURS), HONEST),
}


@pytest.fixture(params=STRATEGIES)
def strategy(request):
    return STRATEGIES[request.param]


def mail(sender: bytes) -> bytes:
    return FRONT_SAYS + b"From: " + sender + b"\r\nSubject: aanmelding\r\n\r\nHierbij.\r\n"


def holds(proof: Proof) -> bool:
    """What is true of every proof."""
    return proof.code in CODES[proof.method] and (proof.address is not None) is (proof.result == "proven")


@pytest.mark.parametrize(
    "sender", [b"balie@filmwijk.example", b'"x@elders.example" <BALIE@Filmwijk.example>']
)
def test_an_honest_mail_is_proven_for_the_address_in_from(strategy, sender):
    prover, envelope = strategy
    proof = prover.prove(envelope, mail(sender), NOW)
    assert (proof.result, proof.address) == ("proven", GP)
    assert holds(proof)


@pytest.mark.parametrize(
    "sender",
    [
        b"",
        b"balie@elders.example",
        b"balie@filmwijk.example.elders.example",
        b"balie@xfilmwijk.example",
        b"balie@filmwijk.example <x@elders.example>",
        b'"balie@filmwijk.example" <x@elders.example>',
        b"balie@filmwijk.example, x@elders.example",
        b"x@elders.example\r\nFrom: balie@filmwijk.example",
        b"balie@filmwijk.example\r\nfrom : balie@filmwijk.example",
        b"Groep: balie@filmwijk.example;",
        b"balie@filmwijk.example\x00",
    ],
)
def test_no_other_from_is_proven_by_the_same_connection(strategy, sender):
    prover, envelope = strategy
    proof = prover.prove(envelope, mail(sender), NOW)
    assert proof.result == "unproven"
    assert holds(proof)


def test_a_stranger_is_not_proven_by_a_right_from_alone(strategy):
    prover, envelope = strategy
    stranger = replace(
        envelope, peer_ip="198.51.100.9", login=None, trusted_relay=False, helo="x.elders.example"
    )
    assert prover.prove(stranger, mail(GP.encode()), NOW).result == "unproven"


@given(st.binary(max_size=300), st.text(max_size=30), st.text(max_size=30))
def test_nothing_makes_a_proof_raise(raw, mail_from, helo):
    for prover, envelope in STRATEGIES.values():
        odd = replace(envelope, mail_from=mail_from, helo=helo, login=None)
        for content in (raw, mail(raw), FRONT_SAYS + raw):
            assert holds(prover.prove(odd, content, NOW))  # type: ignore[attr-defined]


def test_the_worlds_odd_mails_make_nothing_raise(strategy):
    if not TORTURE.exists():
        pytest.skip("the corpora do not stand beside this checkout")
    prover, envelope = strategy
    mails = [path for folder in ("torture", "automatic") for path in (TORTURE / folder).rglob("*.eml")]
    assert mails
    for path in mails:
        assert prover.prove(envelope, path.read_bytes(), NOW).result == "unproven", path.name


def test_no_proof_logs_or_shows_what_a_mail_says(strategy, caplog):
    prover, envelope = strategy
    with caplog.at_level(logging.DEBUG):
        for sender in (b"balie@filmwijk.example", b"geheim@elders.example"):
            for signature in (b"", b"DKIM-Signature: v=1; a=rsa-sha256; d=filmwijk.example; geheim\r\n"):
                proof = prover.prove(envelope, signature + mail(sender), NOW)
                assert "filmwijk" not in repr(proof)
    assert caplog.text == ""


def test_dns_that_is_down_is_temporary():
    assert SelfCheck(NoNames(), OURS).prove(HONEST, mail(GP.encode()), NOW).result == "temporary"


async def test_proofs_may_run_in_threads_beside_each_other(strategy):
    prover, envelope = strategy
    runs = [asyncio.to_thread(prover.prove, envelope, mail(GP.encode()), NOW) for _ in range(20)]
    assert {proof.result for proof in await asyncio.gather(*runs)} == {"proven"}
