"""What a certificate says that it may be used for, and for which mailbox (RFC 5280, RFC 8550); and the one to
which answers may be encrypted, put into our S/MIME signatures (RFC 8551, 2.5.3).

Our signing key opens nothing, so a mail program that took its certificate for answers would be refused. It
promises that the one for mails to us stands in the signature beside it, named as the one we prefer, and that
what was signed stays signed.
"""

from asn1crypto import cms, core
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.sealing.keyfacts import KeyFlaw


def flaw_of(certificate: x509.Certificate) -> KeyFlaw | None:
    """Whether the certificate's extensions allow encrypting mail to it (RFC 8550 section 4.4).

    An extension that is absent allows every use (RFC 5280 section 4.2.1.3).
    """
    present = {type(extension.value): extension.value for extension in certificate.extensions}
    usage = present.get(x509.KeyUsage)
    if isinstance(usage, x509.KeyUsage) and not usage.key_encipherment:
        return KeyFlaw.SIGN_ONLY
    purposes = present.get(x509.ExtendedKeyUsage)
    mail = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if isinstance(purposes, x509.ExtendedKeyUsage) and mail.isdisjoint(purposes):
        return KeyFlaw.SIGN_ONLY
    return None


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether it vouches for others, so that its key may be held by somebody else than a mailbox's owner."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def addresses_of(certificate: x509.Certificate) -> frozenset[str]:
    """The mail addresses that it is for, in small letters."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(name.lower() for name in names.get_values_for_type(x509.RFC822Name))


def is_pair(key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> bool:
    """Whether the key is the certificate's and works: what it signs, the certificate verifies."""
    public, said = certificate.public_key(), b"InBeeld"
    if not isinstance(public, rsa.RSAPublicKey) or key.public_key() != public:
        return False
    try:
        public.verify(
            key.sign(said, padding.PKCS1v15(), hashes.SHA256()), said, padding.PKCS1v15(), hashes.SHA256()
        )
    except (InvalidSignature, ValueError):
        return False
    return True


PREFERENCE = "1.2.840.113549.1.9.16.2.11"
"""The attribute smimeEncryptionKeyPreference."""


def with_reply_certificate(signature: bytes, reply: x509.Certificate, key: rsa.RSAPrivateKey) -> bytes:
    """A detached signature (DER) with this certificate in it, its attributes signed anew with `key`."""
    content = cms.ContentInfo.load(signature)
    signed = content["content"]
    der = reply.public_bytes(serialization.Encoding.DER)
    certificate = asn1.Certificate.load(der)
    signed["certificates"].append(cms.CertificateChoices(name="certificate", value=certificate))
    (signer,) = signed["signer_infos"]
    attributes = [attribute.dump() for attribute in signer["signed_attrs"]] + [_preference(certificate)]
    # DER wants the members of a set in the order of their bytes.
    body = b"".join(sorted(attributes))
    signer["signed_attrs"] = cms.CMSAttributes.load(_wrapped(0x31, body))
    signer["signature"] = core.OctetString(
        key.sign(_wrapped(0x31, body), padding.PKCS1v15(), hashes.SHA256())
    )
    whole: bytes = content.dump(force=True)
    return whole


def _preference(certificate: asn1.Certificate) -> bytes:
    """The attribute that names the certificate by its issuer and number."""
    named = cms.IssuerAndSerialNumber(
        {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    )
    named.dump()
    value = _wrapped(0xA0, named.contents)
    kind = core.ObjectIdentifier(PREFERENCE).dump()
    return _wrapped(0x30, kind + _wrapped(0x31, value))


def _wrapped(tag: int, body: bytes) -> bytes:
    """A DER value with this tag."""
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body
