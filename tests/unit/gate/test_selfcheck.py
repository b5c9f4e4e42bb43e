"""SPF, DKIM and DMARC together: what proves a sender when we check it ourselves."""

import base64

import dkim
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.gate.selfcheck import Policy, SelfCheck, dmarc_policy

DOMAIN = "filmwijk.example"
OURS_DOMAIN = "handover.example"
GP = f"balie@{DOMAIN}"
KEY = f"s1._domainkey.{DOMAIN}"
DMARC = (f"_dmarc.{DOMAIN}", "TXT")
SPF = (DOMAIN, "TXT")
OURS, THEIRS = "192.0.2.10", "198.51.100.9"
SPF_RECORD = (b"v=spf1 ip4:192.0.2.10 -all",)


@pytest.fixture(scope="module")
def key():
    made = rsa.generate_private_key(65537, 2048)
    private = made.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.TraditionalOpenSSL, ser.NoEncryption())
    public = made.public_key().public_bytes(ser.Encoding.DER, ser.PublicFormat.SubjectPublicKeyInfo)
    return private, b"v=DKIM1; p=" + base64.b64encode(public)


@pytest.fixture(autouse=True)
def clock(now):
    """dkimpy looks at the wall clock, both when it signs and when it verifies."""
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def signed(key, make_mail):
    def sign(domain=DOMAIN, **mail):
        raw = make_mail(**mail)
        return dkim.sign(raw, b"s1", domain.encode(), key[0]) + raw

    return sign


@pytest.fixture
def prove(table_dns, make_envelope, now):
    def run(raw, table, **envelope):
        return SelfCheck(table_dns(table), OURS_DOMAIN).prove(make_envelope(**envelope), raw, now)

    return run


@pytest.mark.parametrize("dmarc", [(), (b"v=DMARC1; p=reject",), (b"v=DMARC1; p=none; aspf=s; adkim=s",)])
def test_an_aligned_signature_or_envelope_sender_proves(prove, signed, make_mail, key, dmarc):
    table = {SPF: SPF_RECORD, (KEY, "TXT"): (key[1],), DMARC: dmarc}
    for raw, peer, code in ((signed(), THEIRS, "dkim"), (make_mail(), OURS, "spf"), (signed(), OURS, "dkim")):
        proof = prove(raw, table, peer_ip=peer)
        assert (proof.result, proof.method, proof.code, proof.address) == ("proven", "self", code, GP)


def test_a_null_return_path_is_proven_by_its_helo(prove, make_mail):
    table = {("mail.filmwijk.example", "TXT"): SPF_RECORD}
    assert prove(make_mail(), table, mail_from="").code == "spf"
    assert prove(make_mail(), table, mail_from="", helo="mail.elders.example").result == "unproven"


@pytest.mark.parametrize(
    ("dmarc", "code"),
    [
        ((), "not_aligned"),
        ((b"v=DMARC1; p=none",), "dmarc_none"),
        ((b"v=DMARC1; p=quarantine; sp=none",), "dmarc_quarantine"),
        ((b"v=DMARC1; p=reject; pct=0",), "dmarc_reject"),
        ((b"v=DMARC1; p=reject; t=y",), "dmarc_reject"),
    ],
)
def test_a_forged_sender_is_unproven_whatever_the_policy_asks(prove, make_mail, dmarc, code):
    forger = {("elders.example", "TXT"): (b"v=spf1 +all",), SPF: SPF_RECORD, DMARC: dmarc}
    for envelope in ({"mail_from": GP}, {"mail_from": "x@elders.example"}, {"mail_from": ""}):
        proof = prove(make_mail(), forger, peer_ip=THEIRS, helo="elders.example", **envelope)
        assert (proof.result, proof.code, proof.address) == ("unproven", code, None)


def test_a_signature_of_a_stranger_proves_nothing_and_is_not_looked_up(
    signed, key, table_dns, make_envelope, now
):
    names = table_dns({("s1._domainkey.elders.example", "TXT"): (key[1],)})
    envelope = make_envelope(peer_ip=THEIRS, mail_from="x@elders.example")
    assert SelfCheck(names, OURS_DOMAIN).prove(envelope, signed("elders.example"), now).result == "unproven"
    assert {name for name, _ in names.asked} == {f"_dmarc.{DOMAIN}"}


@pytest.mark.parametrize(("mode", "result"), [("r", "proven"), ("s", "unproven")])
def test_strict_alignment_is_kept(prove, signed, make_mail, key, mode, result):
    table = {
        DMARC: (f"v=DMARC1; p=none; adkim={mode}; aspf={mode}".encode(),),
        (f"s1._domainkey.post.{DOMAIN}", "TXT"): (key[1],),
        (f"post.{DOMAIN}", "TXT"): SPF_RECORD,
    }
    assert prove(signed(f"post.{DOMAIN}"), table, peer_ip=THEIRS).result == result
    assert prove(make_mail(), table, mail_from=f"x@post.{DOMAIN}").result == result


@pytest.mark.parametrize(
    "trouble",
    [
        {DMARC: None},
        {SPF: None},
        {(KEY, "TXT"): None, SPF: SPF_RECORD},
        {SPF: (b"v=spf1 include:spf.elders.example -all",), ("spf.elders.example", "TXT"): None},
    ],
)
def test_trouble_with_dns_is_temporary_and_never_a_pass(prove, signed, trouble):
    proof = prove(signed(), trouble, peer_ip=THEIRS)
    assert (proof.result, proof.code, proof.address) == ("temporary", "dns", None)


def test_what_holds_counts_though_the_other_could_not_be_told(prove, signed, key):
    assert prove(signed(), {SPF: None, (KEY, "TXT"): (key[1],)}).code == "dkim"
    assert prove(signed(), {SPF: SPF_RECORD, (KEY, "TXT"): None}).code == "spf"


def test_the_address_of_our_own_relay_says_nothing_about_the_sender(prove, signed, make_mail, key):
    table = {SPF: SPF_RECORD, (KEY, "TXT"): (key[1],)}
    assert prove(make_mail(), table, trusted_relay=True).result == "unproven"
    assert prove(signed(), table, trusted_relay=True).code == "dkim"


@pytest.mark.parametrize("sender", [f"{GP}, x@elders.example", f"{GP}\r\nFrom: {GP}", "Balie"])
def test_without_one_author_nothing_is_proven(prove, make_mail, sender):
    proof = prove(make_mail(sender=sender), {SPF: SPF_RECORD})
    assert (proof.result, proof.code) == ("unproven", "from")


@pytest.mark.parametrize(
    ("records", "policy"),
    [
        ((), Policy()),
        ((b"v=spf1 -all",), Policy()),
        ((b"v=DMARC1; p=reject", b"v=DMARC1; p=none"), Policy()),
        ((b"iets anders", b"v=DMARC1; p=reject; adkim=s"), Policy(strict_dkim=True, asks="reject")),
        ((b"v=DMARC1; p=none; aspf=S",), Policy(strict_spf=True, asks="none")),
        ((b"v=DMARC1",), Policy()),
        ((b"v=DMARC1; sp=reject",), Policy()),
        ((b"v=DMARC10; p=reject",), Policy()),
        ((b"v=DMARC1; p=\xff",), Policy()),
        ((b"v=DMARC1; p=reject; pct=veel; x",), Policy(asks="reject")),
        ((b"v = DMARC1 ;p=none;p=reject",), Policy(asks="none")),
    ],
)
def test_reads_a_dmarc_record_or_none(table_dns, records, policy):
    assert dmarc_policy(table_dns({DMARC: records}), DOMAIN) == policy


def test_a_subdomain_falls_back_to_its_owner_and_its_policy_for_subdomains(table_dns):
    owner = {DMARC: (b"v=DMARC1; p=reject; sp=quarantine; adkim=s",)}
    below = Policy(strict_dkim=True, asks="quarantine")
    assert dmarc_policy(table_dns(owner), f"post.{DOMAIN}") == below
    assert dmarc_policy(table_dns(owner), DOMAIN).asks == "reject"
    own = {(f"_dmarc.post.{DOMAIN}", "TXT"): (b"v=DMARC1; p=none",)}
    assert dmarc_policy(table_dns(owner | own), f"post.{DOMAIN}").asks == "none"
