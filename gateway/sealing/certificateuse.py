"""What a certificate says that it may be used for, and for which mailbox (RFC 5280, RFC 8550)."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
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
