"""What a front server's Authentication-Results prove, and how forged ones fail to."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.authenticity import Envelope
from gateway.gate.front import Front

FRONT = Front("mx.handover.example", "handover.example")
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


# As these servers write it, with other names.
SERVERS = {
    "exim": [
        "Authentication-Results: mx.handover.example;\r\n"
        "\tiprev=pass (mail.filmwijk.example) smtp.remote-ip=2001:db8::10;\r\n"
        "\tspf=pass smtp.mailfrom=filmwijk.example;\r\n"
        "\tdkim=pass header.d=filmwijk.example header.s=s1 header.a=rsa-sha256;\r\n"
        "\tdmarc=pass header.from=filmwijk.example;\r\n"
        "\tarc=none"
    ],
    "exim, one line": [
        "Authentication-Results: mx.handover.example; iprev=fail smtp.remote-ip=2001:db8::1; "
        "auth=pass (PLAIN) smtp.auth=x; spf=pass smtp.mailfrom=filmwijk.example; "
        "dmarc=pass header.from=filmwijk.example;"
    ],
    "rspamd": [
        "Authentication-Results: mx.handover.example;\r\n"
        "\tdkim=pass header.d=filmwijk.example header.s=s1 header.b=Zl0CoE5S;\r\n"
        "\tspf=pass (mx.handover.example: domain of balie@filmwijk.example designates 2001:db8::10 as "
        "permitted sender) smtp.mailfrom=balie@filmwijk.example;\r\n"
        "\tdmarc=pass (policy=quarantine) header.from=filmwijk.example"
    ],
    "opendmarc over opendkim and policyd": [
        "Authentication-Results: mx.handover.example; dmarc=pass (p=reject dis=none) "
        "header.from=filmwijk.example",
        "DMARC-Filter: OpenDMARC Filter v1.4.2 mx.handover.example 4A0B1C",
        "Authentication-Results: mx.handover.example; spf=pass (sender SPF authorized) "
        "smtp.mailfrom=filmwijk.example (client-ip=2001:db8::10; helo=mail.filmwijk.example; "
        "envelope-from=balie@filmwijk.example; receiver=handover.example)",
        "Authentication-Results: mx.handover.example;\r\n"
        '\tdkim=pass (2048-bit key; unprotected) header.d=filmwijk.example header.i=@filmwijk.example '
        'header.a=rsa-sha256 header.s=s1 header.b="a1+/="',
        "DKIM-Filter: OpenDKIM Filter v2.11.0 mx.handover.example 4A0B1C",
    ],
    "stalwart": [
        "Authentication-Results: mx.handover.example;\r\n"
        "\tdkim=pass header.d=filmwijk.example header.s=s1 header.b=dZ/3a1+q;\r\n"
        "\tspf=pass (mx.handover.example: domain of balie@filmwijk.example designates 192.0.2.10 as "
        "permitted sender) smtp.mailfrom=balie@filmwijk.example smtp.helo=mail.filmwijk.example;\r\n"
        "\tiprev=pass policy.iprev=2001:db8::10;\r\n"
        "\tdmarc=pass header.from=filmwijk.example policy.dmarc=none"
    ],
    "exchange online": [
        "Authentication-Results: mx.handover.example; spf=pass (sender IP is 40.107.22.51)\r\n"
        " smtp.mailfrom=filmwijk.example; dkim=pass (signature was verified)\r\n"
        " header.d=filmwijk.example;dmarc=pass action=none\r\n"
        " header.from=filmwijk.example;compauth=pass reason=100"
    ],
    "halon": [
        "Authentication-Results: mx.handover.example;\r\n"
        ' dkim=pass header.d="filmwijk.example" header.s="s1" header.a="rsa-sha256" header.b="QnD4";\r\n'
        ' spf=pass smtp.mailfrom="balie@filmwijk.example";\r\n'
        ' dmarc=pass header.from="filmwijk.example" policy.published-domain-policy=none'
    ],
    "a version and an empty comment": [
        "Authentication-Results: mx.handover.example 1 () ; dmarc/1 = pass () header.from = filmwijk.example"
    ],
}  # fmt: skip


@pytest.mark.parametrize("server", SERVERS)
def test_real_servers_are_read_as_they_mean_it(make_mail, now, server):
    proof = FRONT.prove(TRUSTED, make_mail(*SERVERS[server], RECEIVED, EARLIER), now)
    assert (proof.result, proof.code) == ("proven", "dmarc")


@pytest.mark.parametrize("server", SERVERS)
def test_and_as_they_say_no(make_mail, now, server):
    fields = [field.replace("dmarc=pass", "dmarc=fail") for field in SERVERS[server]]
    fields = [field.replace("= pass", "= fail") for field in fields]
    assert FRONT.prove(TRUSTED, make_mail(*fields, RECEIVED, EARLIER), now).code == "dmarc_fail"


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
        # Twice in one field: what a sender got into the comment of a careless front.
        ("dmarc=fail header.from=filmwijk.example;dmarc=pass header.from=filmwijk.example", "dmarc_fail"),
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
        ('spf=fail reason="x; dmarc=pass header.from=filmwijk.example"', "not_aligned"),
        ("spf=fail (é; dmarc=pass header.from=filmwijk.example)", "unreadable"),
        ("spf=fail (\x01; dmarc=pass header.from=filmwijk.example", "unreadable"),
        ("dkim=pass header.d=" + "a" * 8_000, "unreadable"),
        ("iprev=pass policy.iprev=192.0.2.1", "not_aligned"),
        ("auth=pass smtp.auth=balie", "not_aligned"),
        ("dmarc", "unreadable"),
        ("dmarc=pass header.from=filmwijk.example x", "unreadable"),
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
        (PASS, RECEIVED, EARLIER, "Authentication-Results: elders.example; dmarc=fail"),
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


ODD = [
    "Authentication-Results : mx.handover.example; {}",
    "Authentication-Results:mx.handover.example; {}",
    "Authentication-Results:  mx.handover.example; {}",
    "Authentication-Results: (x)mx.handover.example; {}",
    "Authentication-Results: (x) mx.handover.example; {}",
    'Authentication-Results: "mx.handover.example"; {}',
    "Authentication-Results: mx.handover(x).example; {}",
    "Authentication-Results:\r\n mx.handover.example; {}",
    "Authentication-Results: MX.handover.example; {}",
    "AUTHENTICATION-RESULTS: mx.handover.example; {}",
    "authentication-results: mx.handover.example; {}",
    "Authentication-results: mx.handover.example; {}",
    "Authentication-Results: mx.handover.example(x); {}",
    "Authentication-Results: mx.handover.example. ; {}",
    "Authentication-Results: mx.handover.example\\; {}",
]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("beside", [(), (RECEIVED, EARLIER), (PASS, RECEIVED, EARLIER), (PASS,)])
def test_another_spelling_of_our_id_spoils_all(make_mail, now, odd, beside):
    forged = odd.format("dmarc=pass header.from=filmwijk.example")
    for above in ((forged, *beside), (*beside, forged)):
        proof = FRONT.prove(TRUSTED, make_mail(*above), now)
        assert (proof.result, proof.code) == ("unproven", "claimed")


@pytest.mark.parametrize(
    "lower",
    [
        PASS,
        results("none; dmarc=none"),
        results("spf=pass smtp.mailfrom=filmwijk.example; dmarc=pass header.from=filmwijk.example"),
        results("spf=pass ("),
    ],
)
def test_a_second_field_that_claims_our_id_makes_a_mail_unproven(make_mail, now, lower):
    for above in ((PASS, lower, RECEIVED), (PASS, RECEIVED, lower), (PASS, RECEIVED, EARLIER, lower)):
        assert FRONT.prove(TRUSTED, make_mail(*above), now).code == "claimed"


def test_a_lower_field_of_another_method_counts_for_nothing(make_mail, now):
    spf = results("spf=pass smtp.mailfrom=filmwijk.example")
    for top, lower in (
        (results("dmarc=fail header.from=filmwijk.example"), spf),
        (results("dmarc=none header.from=filmwijk.example"), spf),
        (results("none"), spf),
        (results("dkim=none"), spf),
        (results("none"), PASS),
    ):
        assert FRONT.prove(TRUSTED, make_mail(top, lower, RECEIVED), now).result == "unproven"
    assert FRONT.prove(TRUSTED, make_mail(PASS, RECEIVED, EARLIER, spf), now).code == "claimed"


DKIM = (
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=filmwijk.example; s=s1; t={};\r\n"
    " h=from:to:date:subject:message-id:content-type; bh=AAAA; b=AAAA"
)
ONLY_DKIM = results(
    "spf=fail smtp.mailfrom=elders.example; dkim=pass header.d=filmwijk.example; "
    "dmarc=pass header.from=filmwijk.example"
)
WITH_SPF = ONLY_DKIM.replace("spf=fail smtp.mailfrom=elders", "spf=pass smtp.mailfrom=filmwijk")


@pytest.mark.parametrize(
    ("signature", "to", "code"),
    [
        (DKIM, "aanmelding@handover.example", None),
        (DKIM, "bezoeker@mailbox.example", "dkim_not_to_us"),
        (DKIM.replace("t={}", "t=1700000000"), "aanmelding@handover.example", "dkim_old"),
        (DKIM.replace(":message-id", ""), "aanmelding@handover.example", "dkim_open"),
        (DKIM.replace("d=filmwijk", "d=elders"), "bezoeker@mailbox.example", None),
        # Of the start of the body alone: anybody writes the rest.
        (DKIM.replace("t={}", "l=5; t={}"), "aanmelding@handover.example", "dkim_open"),
        # As Exchange Online and Google Workspace sign: whoever has one to somebody else writes our address
        # into it, and makes the quoted text of a visitor a part of its own.
        (DKIM.replace(":to", ""), "aanmelding@handover.example", "dkim_alone"),
        (DKIM.replace(":content-type", ""), "aanmelding@handover.example", "dkim_alone"),
    ],
)
def test_a_pass_of_a_signature_alone_is_no_pass_of_one_that_was_sent_again(
    make_mail, now, signature, to, code
):
    made = signature.format(int(now.timestamp()))
    proof = FRONT.prove(TRUSTED, make_mail(ONLY_DKIM, RECEIVED, made, to=to), now)
    assert proof.code == (code or "dmarc")
    # OpenDMARC's field stands above OpenDKIM's.
    apart = [PASS, results("dkim=pass header.d=filmwijk.example"), RECEIVED]
    assert FRONT.prove(TRUSTED, make_mail(*apart, made, to=to), now).code == (code or "dmarc")
    # Neither tells what the pass of DMARC rests on.
    assert FRONT.prove(TRUSTED, make_mail(PASS, RECEIVED, made, to=to), now).code == (code or "dmarc")
    apart.insert(1, results("spf=pass smtp.mailfrom=filmwijk.example"))
    assert FRONT.prove(TRUSTED, make_mail(*apart, made, to=to), now).code == "dmarc"
    # The sender's own server was there: that is no replay.
    assert FRONT.prove(TRUSTED, make_mail(WITH_SPF, RECEIVED, made, to=to), now).code == "dmarc"


def test_a_peer_that_is_no_relay_of_ours_proves_nothing(make_mail, make_envelope, now):
    proof = FRONT.prove(make_envelope(), make_mail(PASS, RECEIVED), now)
    assert (proof.result, proof.code) == ("unproven", "not_trusted")


@pytest.mark.parametrize("sender", [f"{GP}, x@elders.example", f"{GP}\r\nFrom: x@elders.example", "Balie"])
def test_without_one_author_nothing_is_proven(make_mail, now, sender):
    proof = FRONT.prove(TRUSTED, make_mail(PASS, sender=sender), now)
    assert (proof.result, proof.code) == ("unproven", "from")


def test_a_proof_does_not_show_the_address(make_mail, now):
    assert "filmwijk" not in repr(FRONT.prove(TRUSTED, make_mail(PASS), now))


@given(st.text(alphabet='adkimrcspf=;:. ()"\\\t\r\n/1@-<x\x00é', max_size=120))
def test_no_result_field_makes_it_raise(text):
    raw = f"{results(text)}\r\n{results(f'dmarc=fail {text}')}\r\nFrom: {GP}\r\n\r\n".encode()
    proof = FRONT.prove(TRUSTED, raw, datetime(2026, 1, 1, tzinfo=UTC))
    assert proof.result != "proven"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 9_000,
        "(" * 3_900 + ")" * 3_900,
        "spf=pass " + "a.b=c " * 1_200,
        "spf=pass reason=" + '"' * 5_000,
        "a" + " " * 7_000 + "b",
        "a=" + " \t" * 3_500 + ";",
        ";" * 7_000,
    ],
)
def test_an_odd_field_ends_soon(make_mail, now, text):
    assert FRONT.prove(TRUSTED, make_mail(results(text)), now).result != "proven"


NAMES = (
    "Authentication-Results",
    "AUTHENTICATION-RESULTS",
    "Authentication-Results ",
    "Authentication-Results\t",
)
IDS = (
    *("mx.handover.example", "MX.Handover.Example", "(x)mx.handover.example", '"mx.handover.example"'),
    *("mx.handover.example 1", "mx.handover.example/1", "mx.handover.example.", "\r\n mx.handover.example"),
    *("mx.handover.example(c)", "m(a)x.handover.example", "=?utf-8?q?mx=2Ehandover=2Eexample?="),
    *('mx."handover".example', "mx\\.handover.example", "\tmx.handover.example", "mx.handover.example;x"),
)
CLAIMS = (
    "dmarc=pass header.from=filmwijk.example",
    "DMARC = PASS HEADER.FROM = filmwijk.example",
    "spf=pass smtp.mailfrom=filmwijk.example",
    'dmarc=fail reason="a; dmarc=pass header.from=filmwijk.example"; dkim=pass header.d=filmwijk.example',
)


@pytest.mark.parametrize("found", ["dmarc=fail header.from=filmwijk.example", "spf=fail", "none"])
def test_no_spelling_of_a_forged_pass_below_what_the_front_found_is_believed(make_mail, now, found):
    for name, front, claim in product(NAMES, IDS, CLAIMS):
        forged = f"{name}: {front}; {claim}"
        for above in (
            (RECEIVED, results(found)),
            (results(found), RECEIVED),
            (results(found), RECEIVED, EARLIER),
        ):
            assert FRONT.prove(TRUSTED, make_mail(*above, forged), now).result != "proven", (above, forged)
