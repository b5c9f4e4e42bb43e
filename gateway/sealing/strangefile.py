"""What a file that holds no key of the wanted format is instead, so that the right thing is asked for.

It promises to look at how the file begins and at the markers in it, never to parse it, and to give the same
few sentences whatever it holds.
"""

import re

_WANTED = {
    "openpgp": "its OpenPGP public key (.asc)",
    "smime": "its S/MIME certificate (.cer, .crt or .pem)",
    "jwe": "its public JSON Web Key (.jwk)",
}
_OTHER = "ask for {wanted}, unless this is the format to set for the organisation in organisations.toml"
_KINDS: tuple[tuple[str, re.Pattern[bytes], str], ...] = (
    ("", re.compile(rb"\s*\Z"), "nothing at all: ask for the file once more"),
    ("openpgp", re.compile(rb"-----BEGIN PGP PUBLIC KEY"), f"an OpenPGP key: {_OTHER}"),
    ("", re.compile(rb"-----BEGIN PGP (?:MESSAGE|SIGN)"), "a message, not a key: ask for {wanted}"),
    ("smime", re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-"), f"a certificate: {_OTHER}"),
    (
        "",
        re.compile(rb"-----BEGIN (?:NEW )?CERTIFICATE REQUEST"),
        "a request for a certificate: ask for the certificate that was issued on it",
    ),
    (
        "",
        # The object id of signedData stands near the beginning of a PKCS#7 file.
        re.compile(
            rb"-----BEGIN (?:PKCS7|CMS)|.{0,24}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", re.DOTALL
        ),
        "a bundle of certificates (PKCS#7, .p7b): ask for the one of the mailbox (.cer, .crt or .pem)",
    ),
    (
        "",
        # PKCS#12 is a sequence that begins with version 3, and then a bundle of the kind "data".
        re.compile(
            rb"\x30.{1,5}\x02\x01\x03\x30.{1,5}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", re.DOTALL
        ),
        "a bundle with a private key (PKCS#12, .pfx or .p12): destroy it, and ask for a new one without "
        "the private key",
    ),
    ("jwe", re.compile(rb"\s*\{.*\"kty\"", re.DOTALL), f"a JSON Web Key: {_OTHER}"),
    (
        "",
        re.compile(rb"\s*<(?:!doctype|html|\?xml)", re.IGNORECASE),
        "a web page, as a link gives where one must log in: ask for the file itself",
    ),
    (
        "",
        re.compile(rb"ssh-(?:rsa|ed25519|dss) |ecdsa-sha2-|-----BEGIN SSH2"),
        "an SSH key, which encrypts no mail: ask for {wanted}",
    ),
    (
        "",
        re.compile(rb"PK\x03\x04|%PDF-|\xd0\xcf\x11\xe0"),
        "a document or an archive: ask for the key file itself",
    ),
)


def what_it_is(content: bytes, format: str) -> str:
    """What a file holds in place of a key of this format, and what to ask for; "" if that can't be told."""
    for kind, looks, told in _KINDS:
        if kind != format and (looks.match(content) or (kind and looks.search(content[:65_536]))):
            return told.replace("{wanted}", _WANTED[format])
    marker = re.search(rb"-----BEGIN [A-Z0-9 ]{3,40}-----", content[:65_536])
    if marker and not content.startswith(marker[0]):
        return what_it_is(content[marker.start() :], format)
    return ""
