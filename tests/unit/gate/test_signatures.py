"""DKIM, with mails signed in the test by keys made in the test."""

import base64
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import dkim
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from dkim.canonicalization import CanonicalizationPolicy
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.header import fields
from gateway.gate.signatures import Signature, verify

DOMAIN = "filmwijk.example"
OURS = ("handover.example",)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAYS = timedelta(days=5)
FAR_OFF = 4_102_444_800
NAME = f"s1._domainkey.{DOMAIN}"
RAW = (
    b"From: Balie <balie@filmwijk.example>\r\nTo: aanmelding@handover.example\r\n"
    b"Date: Sun, 22 Nov 2026 12:00:00 +0100\r\nMessage-ID: <1@filmwijk.example>\r\nSubject: aanmelding\r\n"
    b"\r\nHierbij een aanmelding.\r\n"
)


@pytest.fixture(scope="module")
def rsa_key():
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.TraditionalOpenSSL, ser.NoEncryption())
    public = key.public_key().public_bytes(ser.Encoding.DER, ser.PublicFormat.SubjectPublicKeyInfo)
    return private, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


@pytest.fixture(scope="module")
def ed_key():
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    return base64.b64encode(key.private_bytes_raw()), b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public)


@pytest.fixture(scope="module")
def signed_mail(rsa_key):
    with time_machine.travel(NOW, tick=False):
        return sign(rsa_key[0])


@pytest.fixture(autouse=True)
def clock():
    """dkimpy looks at the wall clock, both when it signs and when it verifies."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def check(table_dns, now):
    """Check with this key record; every domain is wanted."""

    def run(raw, record, *, at=now, wanted=lambda _: True, **limits):
        records = record if record is None or isinstance(record, tuple) else (record,)
        names = table_dns({(NAME, "TXT"): records})
        return verify(raw, fields(raw) or [], names, at, wanted=wanted, **limits)

    return run


def run(raw, names, at, *, wanted=lambda _: True):
    return verify(raw, fields(raw) or [], names, at, wanted=wanted)


def domains(verified):
    return tuple(one.domain for one in verified.passed)


def sign(private, raw=RAW, **options):
    return dkim.sign(raw, b"s1", DOMAIN.encode(), private, **options) + raw


def sign_with(private, extra, raw=RAW, headers=(b"from", b"subject"), algorithm=b"rsa-sha256"):
    """Sign with any tags, also those that dkimpy would not write."""
    mail = dkim.DKIM(raw, signature_algorithm=algorithm)
    policy = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
    mail.hasher = dkim.HASH_ALGORITHMS[algorithm]
    body = policy.canonicalize_body(mail.body)
    tags = {b"v": b"1", b"a": algorithm, b"c": b"relaxed/relaxed", b"d": DOMAIN.encode(), b"s": b"s1"}
    tags |= {b"h": b" : ".join(headers), b"bh": base64.b64encode(mail.hasher(body).digest())} | extra
    key = dkim.parse_pem_private_key(private)
    fields = [*tags.items(), (b"b", b"0" * 60)]
    return b"DKIM-Signature: " + mail.gen_header(fields, list(headers), policy, b"DKIM-Signature", key) + raw


@pytest.mark.parametrize("canonical", [(b"relaxed", b"relaxed"), (b"simple", b"simple")])
def test_a_right_signature_holds(rsa_key, check, canonical):
    private, record = rsa_key
    assert domains(check(sign(private, canonicalize=canonical), record)) == (DOMAIN,)


def test_an_ed25519_signature_holds(ed_key, check):
    private, record = ed_key
    raw = sign(private, signature_algorithm=b"ed25519-sha256")
    assert domains(check(raw, record)) == (DOMAIN,)
    assert domains(check(raw.replace(b"aanmelding\r\n\r\n", b"anders\r\n\r\n"), record)) == ()


def test_the_helper_makes_signatures_that_hold(rsa_key, check):
    private, record = rsa_key
    assert domains(check(sign_with(private, {b"x": b"%d" % FAR_OFF}), record)) == (DOMAIN,)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Hierbij", b"Hiermee"),
        (b"Subject: aanmelding", b"Subject: iets anders"),
        (b"From: Balie <balie@", b"From: Balie <baas@"),
        (b"aanmelding.\r\n", b"aanmelding.\r\nEn nog iets.\r\n"),
        (b"From: Balie", b"From: evil@elders.example\r\nFrom: Balie"),
        (b"Subject: aan", b"Subject: ander\r\nSubject: aan"),
        (b"\r\n\r\nHierbij", b"\r\nSubject: ander\r\n\r\nHierbij"),
    ],
)
def test_what_was_changed_or_added_does_not_hold(rsa_key, check, before, after):
    private, record = rsa_key
    raw = sign(private)
    head, tail = raw[: -len(RAW)], raw[-len(RAW) :]
    assert before in tail
    changed = head + tail.replace(before, after, 1)
    passed = check(changed, record).passed
    assert all(one.flaw(fields(changed), OURS, NOW, DAYS) for one in passed)


@pytest.mark.parametrize(
    "extra",
    [
        {b"l": b"5"},
        {b"x": b"1000000000"},
        {b"x": b"morgen"},
        {b"d": b"example"},
        {b"d": b"film_wijk.example"},
        {b"i": b"@elders.example"},
        {b"v": b"2"},
        {b"t": b"99999999999"},
    ],
)
def test_a_signature_of_another_kind_is_not_counted(rsa_key, check, extra):
    private, record = rsa_key
    assert domains(check(sign_with(private, extra), record)) == ()


def test_a_signature_of_the_start_of_the_body_is_not_counted(rsa_key, check):
    """Whoever has the mail could add to it (RFC 6376 section 8.2)."""
    private, record = rsa_key
    assert domains(check(sign(private, length=True), record)) == ()


def test_a_signature_expires_at_its_time(rsa_key, check):
    private, record = rsa_key
    raw = sign_with(private, {b"x": b"%d" % FAR_OFF})
    at = datetime.fromtimestamp(FAR_OFF, UTC)
    assert domains(check(raw, record, at=at - timedelta(seconds=1))) == (DOMAIN,)
    assert domains(check(raw, record, at=at)) == ()


@pytest.mark.parametrize("without", [b"from", b"date", b"message-id", b"subject"])
def test_a_signature_that_leaves_a_field_open_has_a_flaw(rsa_key, check, now, without):
    private, record = rsa_key
    covered = [name for name in (b"from", b"date", b"message-id", b"subject", b"to") if name != without]
    raw = sign_with(private, {b"t": b"1795345200"}, headers=covered)
    # dkimpy holds no signature for valid that leaves From open.
    for signature in check(raw, record).passed:
        assert signature.flaw(fields(raw), OURS, now, DAYS) == "dkim_open"


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({}, None),
        ({"made": NOW - timedelta(days=5)}, None),
        ({"made": NOW - timedelta(days=5, seconds=1)}, "dkim_old"),
        ({"made": NOW + timedelta(days=1, seconds=1)}, "dkim_old"),
        ({"made": None}, "dkim_old"),
        ({"covers": frozenset({"from", "date", "subject"})}, "dkim_open"),
    ],
)
def test_what_a_signature_is_worth(changes, flaw):
    full = frozenset({"from", "date", "message-id", "subject", "to"})
    signature = Signature(**{"domain": DOMAIN, "covers": full, "made": NOW, "digest": "x"} | changes)
    assert signature.flaw(fields(RAW) or [], OURS, NOW, DAYS) == flaw


@pytest.mark.parametrize(
    ("above", "covers", "alone"),
    [
        ("To: aanmelding@handover.example", "to content-type", True),
        ("Cc: x@y.example, Balie <aanmelding+r.ib-1.abc@handover.example>", "cc content-type", True),
        ("To: aanmelding@handover.example", "to", False),
        ("To: aanmelding@handover.example", "content-type", False),
        ("To: bezoeker@mailbox.example\r\nCc: aanmelding@handover.example", "to content-type", False),
        ('To: "aanmelding@handover.example" <x@elders.example>', "to content-type", False),
        ("To: x@handover.example.elders.example", "to content-type", False),
    ],
)
def test_what_a_signature_proves_alone(above, covers, alone):
    header = fields(above.encode() + b"\r\n\r\n") or []
    assert Signature(DOMAIN, frozenset(covers.split()), NOW, "x").alone(header, OURS) is alone


def test_a_mail_to_somebody_else_is_not_one_to_us():
    header = fields(b"To: bezoeker@mailbox.example\r\n\r\n") or []
    full = frozenset({"from", "date", "message-id", "subject", "to"})
    assert Signature(DOMAIN, full, NOW, "x").flaw(header, OURS, NOW, DAYS) == "dkim_not_to_us"


def test_a_signature_without_a_time_was_made_on_the_date_it_covers(rsa_key, check):
    private, record = rsa_key
    covered = [b"from", b"date", b"message-id", b"subject"]
    (dated,) = check(sign_with(private, {}, headers=covered), record).passed
    assert dated.made == datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
    (undated,) = check(sign_with(private, {}, headers=[b"from", b"subject"]), record).passed
    assert undated.made is None


def test_what_was_signed_is_known_again_however_it_is_folded(rsa_key, check):
    private, record = rsa_key
    raw = sign(private)
    (one,) = check(raw, record).passed
    head, tail = raw[: -len(RAW)], raw[-len(RAW) :]
    (other,) = check(head.replace(b"\r\n ", b"\r\n\t") + tail, record).passed
    assert one.digest == other.digest
    (another,) = check(sign(private, RAW.replace(b"een", b"nog een")), record).passed
    assert another.digest != one.digest


def test_sha1_is_not_counted(rsa_key, check):
    private, record = rsa_key
    assert domains(check(sign_with(private, {}, algorithm=b"rsa-sha1"), record)) == ()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: record.replace(b"p=", b"t=y; p="),
        lambda record: record.replace(b"p=", b"h=sha1; p="),
        lambda record: record.replace(b"k=rsa", b"k=ed25519"),
        lambda record: record.replace(b"DKIM1", b"DKIM2"),
        lambda record: record.replace(b"p=", b"s=tlsrpt; p="),
        lambda record: b"v=DKIM1; k=rsa; p=",
        lambda record: b"v=DKIM1; k=rsa; p=AAAA",
        lambda record: b"v=DKIM1; k=rsa; p=%%%",
        lambda record: b"\xff\xfe",
        lambda record: b"",
        lambda record: (),
        lambda record: (record, record),
    ],
)
def test_a_key_that_may_not_be_used_fails_the_signature(rsa_key, check, spoil):
    private, record = rsa_key
    signed = check(sign(private), spoil(record))
    assert (signed.passed, signed.unknown) == ((), False)


@pytest.mark.parametrize(
    ("identity", "passed"), [(b"@filmwijk.example", (DOMAIN,)), (b"@post.filmwijk.example", ())]
)
def test_a_key_for_one_domain_only_does_not_serve_its_subdomains(rsa_key, check, identity, passed):
    private, record = rsa_key
    raw = sign_with(private, {b"i": identity})
    assert domains(check(raw, record)) == (DOMAIN,)
    assert domains(check(raw, record.replace(b"p=", b"t=s; p="))) == passed


def test_a_short_key_is_refused(check):
    if shutil.which("openssl") is None:
        assert not os.environ.get("CI"), "Debian package openssl is missing"
        pytest.skip("needs the Debian package openssl")
    made = ["openssl", "genrsa", "-traditional", "768"]
    private = subprocess.run(made, capture_output=True, check=True).stdout
    shown = ["openssl", "rsa", "-pubout", "-outform", "DER"]
    public = subprocess.run(shown, input=private, capture_output=True, check=True).stdout
    signed = check(sign(private), b"v=DKIM1; p=" + base64.b64encode(public))
    assert signed.passed == ()


def test_a_key_that_can_not_be_fetched_is_unknown_and_no_pass(rsa_key, check):
    private, _ = rsa_key
    signed = check(sign(private), None)
    assert (signed.passed, signed.unknown) == ((), True)


def test_nothing_is_looked_up_for_a_domain_nobody_wants(rsa_key, table_dns, now):
    private, record = rsa_key
    names = table_dns({(NAME, "TXT"): (record,)})
    assert run(sign(private), names, now, wanted=lambda domain: domain == "x.example").passed == ()
    assert names.asked == []


def test_bad_signatures_on_top_do_not_hide_a_good_one_but_cost_a_bounded_number_of_look_ups(
    rsa_key, table_dns, now
):
    private, record = rsa_key
    good = sign(private)
    bad = good[: -len(RAW)].replace(b"d=filmwijk.example", b"d=elders.filmwijk.example")
    names = table_dns({(NAME, "TXT"): (record,)})
    assert domains(run(bad * 2 + good, names, now)) == (DOMAIN,)
    names.asked.clear()
    assert domains(run(bad * 50 + good, names, now)) == ()
    assert len(names.asked) <= 3


@given(st.binary(max_size=120), st.binary(max_size=80))
def test_no_signature_and_no_record_makes_it_raise(value, record):
    class Names:
        def look_up(self, name, kind):
            return (record,)

    moment = datetime(2026, 1, 1, tzinfo=UTC)
    tags = b"v=1; a=rsa-sha256; d=filmwijk.example; s=s1; h=from:subject; bh=AAAA; b=AAAA; "
    for raw in (b"DKIM-Signature: " + tags + value, b"DKIM-Signature: " + value, value):
        assert run(raw + b"\r\n" + RAW, Names(), moment).passed == ()


@given(record=st.binary(max_size=80))
def test_no_key_record_makes_a_valid_signature_raise(signed_mail, record):
    class Names:
        def look_up(self, name, kind):
            return (b"v=DKIM1; p=" + base64.b64encode(record),)

    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert run(signed_mail, Names(), moment).passed == ()
