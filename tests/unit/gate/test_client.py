"""Proof by login or client certificate."""

import pytest

from gateway.gate.authenticity import Client
from gateway.gate.senders import Practice, Senders

CERTIFICATE, ANOTHER = "ab" * 32, "cd" * 32
SENDERS = Senders(
    [
        Practice(
            "filmwijk", "F", domains=("filmwijk.example",), certificates=frozenset({CERTIFICATE}), login="fw"
        ),
        Practice("haven", "H", domains=("haven.example",), certificates=frozenset({ANOTHER}), login="haven"),
        Practice("kaal", "K", domains=("kaal.example",)),
    ]
)
CLIENT = Client(SENDERS)


@pytest.mark.parametrize(
    ("shown", "sender", "result", "code"),
    [
        ({"login": "fw"}, "balie@filmwijk.example", "proven", "login"),
        ({"client_certificate": CERTIFICATE}, "balie@filmwijk.example", "proven", "certificate"),
        ({"client_certificate": CERTIFICATE.upper()}, "balie@filmwijk.example", "proven", "certificate"),
        ({"login": "haven"}, "balie@filmwijk.example", "unproven", "other_practice"),
        ({"client_certificate": ANOTHER}, "balie@filmwijk.example", "unproven", "other_practice"),
        ({"login": "fw"}, "balie@elders.example", "unproven", "unknown_sender"),
        ({"login": "fw"}, "balie@filmwijk.example, x@haven.example", "unproven", "from"),
        ({}, "balie@filmwijk.example", "unproven", "no_credentials"),
        ({}, "balie@kaal.example", "unproven", "no_credentials"),
        ({"login": ""}, "balie@kaal.example", "unproven", "no_credentials"),
        ({"trusted_relay": True}, "balie@filmwijk.example", "unproven", "no_credentials"),
    ],
)
def test_only_the_practices_own_credentials_prove_it(
    make_envelope, make_mail, now, shown, sender, result, code
):
    proof = CLIENT.prove(make_envelope(**shown), make_mail(sender=sender), now)
    assert (proof.result, proof.method, proof.code) == (result, "client", code)
    assert proof.address == (sender if result == "proven" else None)
