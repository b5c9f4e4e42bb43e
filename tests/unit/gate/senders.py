"""How mail servers really sign: the fields each covers and the tags it writes, with a key of our own."""

import base64
from dataclasses import dataclass

import dkim
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import rsa
from dkim.canonicalization import CanonicalizationPolicy

DOMAIN = "filmwijk.example"
NAME = f"s1._domainkey.{DOMAIN}"


@dataclass(frozen=True)
class Server:
    """`covers` in the order of its h= tag; `stamp` whether it writes t=; `alone` whether its signature proves
    a mail without an SPF pass beside it."""

    covers: str
    stamp: bool
    alone: bool
    canonical: bytes = b"relaxed/relaxed"


SERVERS = {
    "exchange online": Server(
        "From:Date:Subject:Message-ID:Content-Type:MIME-Version:X-MS-Exchange-SenderADCheck", False, False
    ),
    "google workspace": Server(
        "to:subject:message-id:date:from:mime-version:from:to:cc:subject:date:message-id:reply-to",
        True,
        False,
    ),
    "relay for care": Server(
        "From:To:CC:Subject:Date:Message-ID:MIME-Version:Content-Type:Reply-To", True, True
    ),
    "opendkim, by default": Server("Date:From:To:Subject:From", True, False, b"relaxed/simple"),
    "opendkim, all signed": Server(
        "From:Reply-To:Subject:Date:To:Cc:In-Reply-To:References:Message-ID:MIME-Version:Content-Type:"
        "Content-Transfer-Encoding",
        True,
        True,
        b"relaxed/simple",
    ),
    "rspamd": Server(
        "from:from:reply-to:subject:subject:date:date:message-id:message-id:to:to:cc:"
        "mime-version:mime-version:content-type:content-type:"
        "content-transfer-encoding:content-transfer-encoding:in-reply-to:references",
        True,
        True,
    ),
}
PROVES_NOTHING = {"opendkim, by default"}
"""It covers no Message-ID, so that only SPF proves its mails."""


@dataclass(frozen=True)
class Key:
    """A key pair: the private one as PEM, the public one as its DNS record."""

    private: bytes
    record: bytes


def make_key() -> Key:
    """A new key."""
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.TraditionalOpenSSL, ser.NoEncryption())
    public = key.public_key().public_bytes(ser.Encoding.DER, ser.PublicFormat.SubjectPublicKeyInfo)
    return Key(private, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public))


def signed(server: Server, key: Key, raw: bytes, made: int) -> bytes:
    """The mail as this server sends it on; `made` is the time of its stamp."""
    mail = dkim.DKIM(raw)
    head, _, body = server.canonical.partition(b"/")
    policy = CanonicalizationPolicy.from_c_value(server.canonical)
    mail.hasher = dkim.HASH_ALGORITHMS[b"rsa-sha256"]
    tags = {b"v": b"1", b"a": b"rsa-sha256", b"c": head + b"/" + body, b"d": DOMAIN.encode(), b"s": b"s1"}
    if server.stamp:
        tags[b"t"] = b"%d" % made
    covers = server.covers.encode().split(b":")
    # Blanks, at which it is folded: dkimpy would fold inside a name.
    tags[b"h"] = b" : ".join(covers)
    tags[b"bh"] = base64.b64encode(mail.hasher(policy.canonicalize_body(mail.body)).digest())
    private = dkim.parse_pem_private_key(key.private)
    names = [name.lower() for name in covers]
    field = mail.gen_header([*tags.items(), (b"b", b"0" * 60)], names, policy, b"DKIM-Signature", private)
    return b"DKIM-Signature: " + field + raw
