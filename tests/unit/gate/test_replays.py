"""Signed mail that is sent again: each server's mails are proven as it sends them, and no replay is.

The attacker has a mail that the practice's server signed, and may add fields, leave fields out that are not
signed, and send it to us from a server of their own.
"""

from datetime import timedelta

import pytest
import time_machine

from gateway.gate.authenticity import Examined, Rules
from gateway.gate.examination import examine, look_inside
from tests.unit.gate.senders import DOMAIN, NAME, PROVES_NOTHING, SERVERS, make_key, signed

RULES = Rules("self", "handover.example")
SPF = {("TXT", DOMAIN): (b"v=spf1 ip4:192.0.2.10 -all",), ("TXT", f"_dmarc.{DOMAIN}"): (b"v=DMARC1; p=none",)}
ELSEWHERE = {"peer_ip": "198.51.100.9", "helo": "x.elders.example"}
QUOTED = (
    "Dank voor uw bericht.\r\n\r\nGeachte dokter,\r\n\r\n--ABC\r\nContent-Type: text/plain\r\n\r\n"
    "Naam: Gerrit Nagemaakt, tel 06-87654321, wijk De Werven\r\n\r\n--ABC--"
)


@pytest.fixture(scope="module")
def key():
    return make_key()


@pytest.fixture(params=SERVERS)
def server(request):
    return request.param


@pytest.fixture
def look(key, now, make_envelope):
    """Examine a mail as it comes from the practice's own server, or with other facts of the envelope."""

    def run(raw, *, at=now, **envelope) -> Examined:
        answers = SPF | {("TXT", NAME): (key.record,)}
        with time_machine.travel(at, tick=False):
            examined = examine(raw, make_envelope(**envelope), RULES, at, answers)
        assert not examined.wanted
        return examined

    return run


@pytest.fixture
def send(key, now, make_mail, server):
    """A mail as this server signs it."""

    def run(*above, made=now, **mail):
        raw = make_mail(*above, **mail)
        with time_machine.travel(made, tick=False):
            return signed(SERVERS[server], key, raw, int(made.timestamp()))

    return run


def test_a_genuine_mail_is_proven(server, send, look):
    proof = look(send()).proof
    assert (proof.result, proof.code) == ("proven", "spf" if server in PROVES_NOTHING else "dkim")
    assert (proof.signature is not None) is (proof.code == "dkim")
    assert proof.address == f"balie@{DOMAIN}"


def test_a_forwarded_one_only_where_the_signature_is_enough(server, send, look):
    proof = look(send(), **ELSEWHERE).proof
    assert (proof.result == "proven") is SERVERS[server].alone
    if not SERVERS[server].alone:
        assert proof.code == ("dkim_open" if server in PROVES_NOTHING else "dkim_alone")


@pytest.mark.parametrize(
    "added",
    [
        "Content-Type: multipart/mixed; boundary=ABC",
        "content-type : multipart/mixed; boundary=ABC",
        "Subject: aanmelding",
        "Message-ID: <2@filmwijk.example>",
        "Date: Mon, 23 Nov 2026 12:00:00 +0100",
        "To: aanmelding@handover.example",
        "From: x@elders.example",
    ],
)
def test_a_field_on_top_of_a_signed_one_sets_the_mail_aside(send, look, added):
    """The reply of a practice to a visitor, whose own text it quotes, must not become a referral."""
    raw = send(to="bezoeker@mailbox.example", body=QUOTED)
    for replayed in (
        added.encode() + b"\r\n" + raw,
        raw.replace(b"\r\nFrom:", f"\r\n{added}\r\nFrom:".encode(), 1),
    ):
        examined = look(replayed, **ELSEWHERE)
        assert examined.proof.result == "unproven"
        assert examined.problem in {"doubled_header", "from"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("To", "aanmelding@handover.example"),
        ("Message-ID", "<2@filmwijk.example>"),
        ("Date", "Mon, 23 Nov 2026 12:00:00 +0100"),
        ("Content-Type", "multipart/mixed; boundary=ABC"),
    ],
)
def test_a_field_changed_that_was_not_signed_proves_nothing(send, look, name, value):
    lines = send(to="bezoeker@mailbox.example", body=QUOTED).split(b"\r\n")
    index = next(at for at, line in enumerate(lines) if line.startswith(f"{name}:".encode()))
    lines[index] = f"{name}: {value}".encode()
    assert look(b"\r\n".join(lines), **ELSEWHERE).proof.result == "unproven"


def test_a_mail_to_somebody_else_is_none_to_us(send, look):
    raw = send(to="bezoeker@mailbox.example")
    assert look(raw, **ELSEWHERE).proof.result == "unproven"
    assert look(b"Cc: aanmelding@handover.example\r\n" + raw, **ELSEWHERE).proof.result == "unproven"


@pytest.mark.parametrize("age", [timedelta(days=6), timedelta(days=700)])
def test_a_mail_of_long_ago_is_not_proven_again(send, look, now, age):
    # Exchange Online writes no time; the Date that it signs is a week and more before then.
    raw = send(made=now)
    assert look(raw, at=now + age, **ELSEWHERE).proof.result == "unproven"


def test_a_signature_of_the_start_of_a_body_proves_nothing(send, look):
    raw = send().replace(b"; c=", b"; l=5; c=", 1)
    assert look(raw, **ELSEWHERE).proof.result == "unproven"


@pytest.mark.parametrize(
    "added", ["Cc: x@elders.example", "Content-Transfer-Encoding: base64", "X-Loop: 1", "In-Reply-To: <x@y>"]
)
def test_a_replay_with_other_unsigned_fields_is_the_same_mail(server, send, look, added):
    raw = send()
    first, second = look(raw), look(added.encode() + b"\r\n" + raw)
    if first.proof.code == second.proof.code == "dkim":
        assert first.proof.signature == second.proof.signature


def test_a_mail_that_was_signed_anew_is_the_same_and_another_is_another(server, send, look, now):
    signed_anew = send(made=now + timedelta(seconds=9)), now + timedelta(minutes=1)
    mails = (send(), now), signed_anew, (send(body="Hierbij een ander."), now)
    first, again, other = (look_inside(raw, look(raw, at=at).proof.signature).digest for raw, at in mails)
    assert first == again != other


def test_a_proof_says_what_its_signature_covers(server, send, look):
    proof = look(send()).proof
    if proof.code == "dkim":
        assert {"from", "subject", "date", "message-id"} <= set(proof.covers)
        assert ("to" in proof.covers) is (server != "exchange online")
