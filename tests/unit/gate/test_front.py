"""What a front server's Authentication-Results prove, and how forged ones fail to."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.authenticity import Front
from gateway.gate.envelope import Envelope

FRONT = Front("mx.handover.example")
TRUSTED = Envelope("", (), "192.0.2.1", "mx.handover.example", trusted_relay=True)
GP = "balie@filmwijk.example"
RECEIVED = "Received: from mail.filmwijk.example by mx.handover.example; Sun, 22 Nov 2026 12:00:00 +0000"
EARLIER = "Received: from pc by mail.filmwijk.example; Sun, 22 Nov 2026 11:59:59 +0000"
PASS = "Authentication-Results: mx.handover.example; dmarc=pass header.from=filmwijk.example"


def results(text):
    return f"Authentication-Results: mx.handover.example; {text}"


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ("dmarc=pass (p=none dis=none) header.from=filmwijk.example", "dmarc"),
        ("dmarc=pass header.from=FILMWIJK.example", "dmarc"),
        (
            'spf=pass (mx: domain of "x@y" designates 192.0.2.1) smtp.mailfrom=balie@filmwijk.example;\r\n\t'
            'dkim=pass (2048-bit key) header.d=filmwijk.example header.i=@f.example header.b="a/b+c";\r\n\t'
            "dmarc=pass action=none header.from=filmwijk.example;compauth=pass reason=100",
            "dmarc",
        ),
        ("dkim=pass header.d=filmwijk.example", "dkim"),
        ("dkim=pass header.i=@post.filmwijk.example", "dkim"),
        ("dkim=fail header.d=filmwijk.example; dkim=pass header.d=filmwijk.example", "dkim"),
        (
            "dmarc=none header.from=filmwijk.example; spf=pass smtp.mailfrom=balie@post.filmwijk.example",
            "spf",
        ),
        ("spf=pass smtp.mailfrom=filmwijk.example", "spf"),
        ("dkim=fail header.d=filmwijk.example; spf=pass smtp.mailfrom=filmwijk.example", "spf"),
    ],
)
def test_a_pass_for_the_from_domain_proves_its_address(make_mail, now, found, code):
    proof = FRONT.prove(TRUSTED, make_mail(results(found), RECEIVED, EARLIER), now)
    assert (proof.result, proof.code, proof.address) == ("proven", code, GP)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ("none", "no_result"),
        ("dmarc=fail header.from=filmwijk.example; spf=pass smtp.mailfrom=filmwijk.example", "dmarc_fail"),
        ("dmarc=fail header.from=filmwijk.example; dkim=pass header.d=filmwijk.example", "dmarc_fail"),
        ("dmarc=permerror header.from=filmwijk.example; dkim=pass header.d=filmwijk.example", "dmarc_fail"),
        ("dmarc=bestguesspass header.from=filmwijk.example", "dmarc_fail"),
        ("dmarc=pass header.from=elders.example", "dmarc_fail"),
        ("dmarc=pass header.from=post.filmwijk.example", "dmarc_fail"),
        ("dmarc=pass", "dmarc_fail"),
        ("dmarc=pass header.from=filmwijk.example; spf=fail smtp.mailfrom=filmwijk.example", "dmarc_fail"),
        ("dkim=pass header.d=elders.example", "not_aligned"),
        ("dkim=pass header.d=example", "not_aligned"),
        ("dkim=pass header.d=evilfilmwijk.example", "not_aligned"),
        ("dkim=pass", "not_aligned"),
        ("dkim=pass header.d=elders.example header.i=@filmwijk.example", "not_aligned"),
        ("dkim=neutral header.d=filmwijk.example", "not_aligned"),
        ("spf=pass smtp.mailfrom=elders.example", "not_aligned"),
        ("spf=pass smtp.helo=filmwijk.example", "not_aligned"),
        ("spf=softfail smtp.mailfrom=filmwijk.example", "not_aligned"),
        ("spf=pass smtp.mailfrom=filmwijk.example; spf=fail smtp.mailfrom=filmwijk.example", "not_aligned"),
        ("spf=fail (sprekend; dmarc=pass header.from=filmwijk.example)", "not_aligned"),
        ("spf=fail (é; dmarc=pass header.from=filmwijk.example)", "unreadable"),
        ("spf=fail (\x01; dmarc=pass header.from=filmwijk.example)", "unreadable"),
        ("dkim=pass header.d=" + "a" * 4_000, "unreadable"),
        ("iprev=pass policy.iprev=192.0.2.1", "not_aligned"),
        ("auth=pass smtp.auth=balie", "not_aligned"),
        ("dmarc", "unreadable"),
    ],
)
def test_anything_else_proves_nothing(make_mail, now, found, code):
    proof = FRONT.prove(TRUSTED, make_mail(results(found), RECEIVED, EARLIER), now)
    assert (proof.result, proof.code, proof.address) == ("unproven", code, None)


@pytest.mark.parametrize(
    "found",
    [
        "dmarc=temperror header.from=filmwijk.example",
        "spf=temperror smtp.mailfrom=filmwijk.example",
        "dkim=temperror",
    ],
)
def test_trouble_at_the_front_is_temporary_and_no_pass(make_mail, now, found):
    proof = FRONT.prove(TRUSTED, make_mail(results(found), RECEIVED), now)
    assert (proof.result, proof.code) == ("temporary", "temperror")


@pytest.mark.parametrize(
    "above",
    [
        (PASS, RECEIVED, EARLIER),
        (RECEIVED, PASS, EARLIER),
        (RECEIVED, "X-Spam: no", "DKIM-Filter: OpenDKIM", PASS, EARLIER),
        ("Return-Path: <x@y.example>", "Authentication-Results: elders.example; dmarc=fail", PASS),
        (results("spf=pass smtp.mailfrom=filmwijk.example"), RECEIVED, PASS, EARLIER),
        ("AUTHENTICATION-RESULTS: MX.Handover.Example 1; dmarc=pass header.from=filmwijk.example",),
        (PASS,),
    ],
)
def test_what_the_front_put_on_top_counts(make_mail, now, above):
    assert FRONT.prove(TRUSTED, make_mail(*above), now).result == "proven"


@pytest.mark.parametrize(
    "above",
    [
        (RECEIVED, EARLIER, PASS),
        (RECEIVED, "DKIM-Signature: v=1", PASS),
        (RECEIVED, "Date: Sun, 22 Nov 2026 12:00:00 +0000", PASS),
        (RECEIVED, "Subject: eerder", PASS),
        (results("dmarc=fail header.from=filmwijk.example"), RECEIVED, PASS),
        (RECEIVED, PASS, results("dmarc=fail header.from=filmwijk.example")),
        (results("dmarc=none"), results("dkim=pass header.d=filmwijk.example"), PASS),
        (results("dkim=fail é"), PASS),
        (results("spf=fail smtp.mailfrom=elders.example; dkim=none"), PASS, RECEIVED),
        (
            results("spf=fail smtp.mailfrom=elders.example"),
            results("spf=pass smtp.mailfrom=filmwijk.example"),
        ),
        (results("dkim=fail header.d=elders.example"), results("dkim=pass header.d=filmwijk.example")),
        ("Authentication-Results: elders.example; dmarc=pass header.from=filmwijk.example", RECEIVED),
        ("Authentication-Results: mx.handover.example.x; dmarc=pass header.from=filmwijk.example",),
        ("Authentication-Results: (mx.handover.example) elders; dmarc=pass header.from=filmwijk.example",),
        ("X-Authentication-Results: mx.handover.example; dmarc=pass header.from=filmwijk.example",),
        ("ARC-Authentication-Results: i=1; mx.handover.example; dmarc=pass header.from=filmwijk.example",),
        (f"Subject: x\r\n {PASS}",),
        (),
    ],
)
def test_what_a_sender_wrote_himself_does_not(make_mail, now, above):
    proof = FRONT.prove(TRUSTED, make_mail(*above), now)
    assert (proof.result, proof.address) == ("unproven", None)


def test_a_peer_that_is_no_relay_of_ours_proves_nothing(make_mail, make_envelope, now):
    proof = FRONT.prove(make_envelope(), make_mail(PASS, RECEIVED), now)
    assert (proof.result, proof.code) == ("unproven", "not_trusted")


@pytest.mark.parametrize("sender", [f"{GP}, x@elders.example", f"{GP}\r\nFrom: x@elders.example", "Balie"])
def test_without_one_author_nothing_is_proven(make_mail, now, sender):
    proof = FRONT.prove(TRUSTED, make_mail(PASS, sender=sender), now)
    assert (proof.result, proof.code) == ("unproven", "from")


def test_a_proof_does_not_show_the_address(make_mail, now):
    assert "filmwijk" not in repr(FRONT.prove(TRUSTED, make_mail(PASS), now))


def test_strip_leaves_only_what_counts(make_mail):
    forged = "Authentication-Results: mx.handover.example;\r\n dmarc=pass header.from=filmwijk.example"
    raw = make_mail(PASS, RECEIVED, EARLIER, forged, "Authentication-Results: elders.example; none", "X: 1")
    assert FRONT.strip(raw, trusted=True) == make_mail(PASS, RECEIVED, EARLIER, "X: 1")
    assert FRONT.strip(raw, trusted=False) == make_mail(RECEIVED, EARLIER, "X: 1")
    assert FRONT.strip(b"geen kop\r\n\r\n", trusted=True) == b"geen kop\r\n\r\n"


@given(st.text(alphabet='adkimrcspf=;:. ()"\\\t\r\n/1@-<x\x00é', max_size=120))
def test_no_result_field_makes_it_raise(text):
    raw = f"{results(text)}\r\n{results(f'dmarc=fail {text}')}\r\nFrom: {GP}\r\n\r\n".encode()
    proof = FRONT.prove(TRUSTED, raw, datetime(2026, 1, 1, tzinfo=UTC))
    assert proof.result != "proven"
    FRONT.strip(raw, trusted=True)


@pytest.mark.parametrize(
    "text", ["(" * 9_000, "spf=pass " + "a.b=c " * 1_500, "spf=pass reason=" + '"' * 5_000]
)
def test_an_odd_field_ends_soon(make_mail, now, text):
    assert FRONT.prove(TRUSTED, make_mail(results(text)), now).result != "proven"
