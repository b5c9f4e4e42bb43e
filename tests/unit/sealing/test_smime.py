"""S/MIME beside the matrix: which certificates are read, revocation lists, and the gateway's own signer."""

import base64
import re
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.errors import ConfigError, KeyUnusable, SealError
from gateway.sealing.certificateuse import PREFERENCE
from gateway.sealing.keyring import Signers
from gateway.sealing.smime import SmimeSealer, SmimeSigner, generate_recipient
from tests.programs import program
from tests.unit.sealing.trial_keys import DAY, NOW, Trial, certificate, opened

ENTITY = b"Content-Type: text/plain\r\n\r\nSjoukje Kanarie-van Dam\r\n"
START, END = NOW - DAY, NOW + 30 * DAY
SIGNER = SmimeSigner.generate("aanmelding@handover.example", START)
GOOD = certificate(START, END)


def code(tmp_path: Path, trial: Trial) -> str:
    """Why a key is refused."""
    sealer = SmimeSealer(trial.write(tmp_path), trial.fingerprint, SIGNER)
    with pytest.raises(KeyUnusable) as refused:
        sealer.seal(ENTITY, NOW)
    return refused.value.code


def test_a_generated_pair_seals_and_opens(tmp_path: Path) -> None:
    public, private, fingerprint = generate_recipient("proef@proef.example", START, END)
    trial = Trial(public, fingerprint, private)
    sealer = SmimeSealer(trial.write(tmp_path / "keys"), fingerprint, SIGNER)
    facts = sealer.check(NOW)
    assert (facts.algorithm, facts.expires_at) == ("rsa3072", END)
    assert (
        opened("smime", trial, sealer.seal(ENTITY, NOW).ciphertext, tmp_path, Signers(smime=SIGNER)) == ENTITY
    )


def test_der_is_read_too(tmp_path: Path) -> None:
    der = x509.load_pem_x509_certificate(GOOD.public).public_bytes(serialization.Encoding.DER)
    trial = Trial(der, GOOD.fingerprint)
    assert SmimeSealer(trial.write(tmp_path), GOOD.fingerprint, SIGNER).seal(ENTITY, NOW).ciphertext


def test_a_certificate_for_servers_or_with_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    server = certificate(START, END, purpose=ExtendedKeyUsageOID.SERVER_AUTH)
    assert code(tmp_path, server) == "sign_only"
    curve = certificate(START, END, key=ec.generate_private_key(ec.SECP256R1()))
    assert code(tmp_path, curve) == "ec_certificate"


def test_an_authority_is_not_bound_and_one_that_was_goes_on(tmp_path: Path) -> None:
    authority = certificate(START, END, vouches=True)
    sealer = SmimeSealer(authority.write(tmp_path), authority.fingerprint, SIGNER)
    with pytest.raises(KeyUnusable, match="own mailbox") as refused:
        sealer.rehearse(NOW)
    assert refused.value.code == "authority"
    assert sealer.seal(ENTITY, NOW).ciphertext
    SmimeSealer(GOOD.write(tmp_path), GOOD.fingerprint, SIGNER).rehearse(NOW)


def test_a_revocation_list_counts_the_moment_it_is_there(tmp_path: Path) -> None:
    revoked = certificate(START, END, revoke=True)
    path = Trial(revoked.public, revoked.fingerprint).write(tmp_path)
    sealer = SmimeSealer(path, revoked.fingerprint, SIGNER)
    assert sealer.seal(ENTITY, NOW).ciphertext
    pem = x509.load_pem_x509_crl(revoked.crl)
    for content in (revoked.crl, pem.public_bytes(serialization.Encoding.DER)):
        path.with_suffix(".crl").write_bytes(content)
        with pytest.raises(KeyUnusable) as refused:
            sealer.seal(ENTITY, NOW)
        assert refused.value.code == "revoked"


def test_a_revocation_list_of_others_revokes_nothing(tmp_path: Path) -> None:
    other = certificate(START, END, revoke=True)
    trial = Trial(GOOD.public, GOOD.fingerprint, crl=other.crl)
    assert SmimeSealer(trial.write(tmp_path), GOOD.fingerprint, SIGNER).check(NOW)


@pytest.mark.parametrize(
    ("content", "expected"), [(b"geen lijst", "unreadable"), (b"x" * 70_000, "too_large")]
)
def test_a_revocation_list_that_can_not_be_read_stops_the_key(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    assert code(tmp_path, Trial(GOOD.public, GOOD.fingerprint, crl=content)) == expected


def test_a_revocation_list_of_another_authority_stops_the_key(tmp_path: Path) -> None:
    """It was put there on purpose, and it can't tell whether this certificate was withdrawn."""
    path = Trial(GOOD.public, GOOD.fingerprint).write(tmp_path)
    key = ec.generate_private_key(ec.SECP256R1())
    listed = x509.CertificateRevocationListBuilder().issuer_name(SIGNER.certificate.subject)
    crl = listed.last_update(START).next_update(END).sign(key, hashes.SHA256())
    path.with_suffix(".crl").write_bytes(crl.public_bytes(serialization.Encoding.PEM))
    with pytest.raises(KeyUnusable) as refused:
        SmimeSealer(path, GOOD.fingerprint, SIGNER).check(NOW)
    assert refused.value.code == "unreadable"


def test_without_a_signer_a_key_can_be_looked_at_but_not_used(tmp_path: Path) -> None:
    sealer = SmimeSealer(GOOD.write(tmp_path), GOOD.fingerprint, None)
    assert sealer.check(NOW)
    with pytest.raises(SealError) as refused:
        sealer.seal(ENTITY, NOW)
    assert refused.value.code == "signer"


def test_the_signer_survives_the_disk_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "signer.pem"
    SIGNER.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = SmimeSigner.load(path)
    assert again.certificate == SIGNER.certificate
    assert again.public_pem in path.read_bytes()
    signed = again.sign(ENTITY, NOW)
    assert signed.count(ENTITY) == 1
    assert b"multipart/signed" in signed
    assert repr(again).count("RSAPrivateKey") == 0


def test_a_signer_is_whole_private_and_of_one_pair(tmp_path: Path) -> None:
    path = tmp_path / "signer.pem"
    pair = SmimeSigner.generate("aanmelding@handover.example", START)
    SIGNER.save(path)
    mixed = path.read_bytes().replace(SIGNER.public_pem, pair.public_pem)
    for content in (b"", SIGNER.public_pem, mixed):
        path.write_bytes(content)
        with pytest.raises(ConfigError):
            SmimeSigner.load(path)
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        SmimeSigner.load(path)


def test_a_signature_carries_the_certificate_that_answers_are_encrypted_to(tmp_path: Path) -> None:
    mail = tmp_path / "mail.pem"
    pem, private, _ = generate_recipient("aanmelding@handover.example", START, START + timedelta(days=700))
    mail.write_bytes(pem)
    SIGNER.save(tmp_path / "signer.pem")
    signer = SmimeSigner.load(tmp_path / "signer.pem", mail)
    reply = x509.load_pem_x509_certificate(pem)
    entity = b"Content-Type: text/plain\r\n\r\nhallo\r\n"
    signed = signer.sign(entity, START)
    # Any other engine says that the signature holds, and who signed.
    (tmp_path / "mail.eml").write_bytes(signed)
    (tmp_path / "ca.pem").write_bytes(signer.public_pem)
    openssl = program("openssl", "openssl")
    files = ("-in", tmp_path / "mail.eml", "-CAfile", tmp_path / "ca.pem")
    told = subprocess.run(
        [openssl, "cms", "-verify", "-purpose", "any", *files], capture_output=True, check=True
    )
    assert b"hallo" in told.stdout
    der = base64.b64decode(re.findall(rb"smime.p7s\"\r\n\r\n(.+?)\r\n--", signed, re.S)[0])
    data = cms.ContentInfo.load(der)["content"]
    assert {x509.load_der_x509_certificate(each.dump()) for each in data["certificates"]} == {
        signer.certificate,
        reply,
    }
    kinds = [attribute["type"].dotted for attribute in data["signer_infos"][0]["signed_attrs"]]
    assert kinds.count(PREFERENCE) == 1
    sealer = SmimeSealer(GOOD.write(tmp_path / "keys"), GOOD.fingerprint, signer)
    again = opened("smime", GOOD, sealer.seal(ENTITY, NOW).ciphertext, tmp_path, Signers(smime=signer))
    assert again == ENTITY
    # What a mail program does with it: it encrypts to that certificate, and our key for mails opens it.
    (tmp_path / "key.pem").write_bytes(private)
    sealed = subprocess.run(
        [openssl, "cms", "-encrypt", "-aes256", mail], input=b"IN BEELD", capture_output=True, check=True
    )
    answer = subprocess.run(
        [openssl, "cms", "-decrypt", "-inkey", tmp_path / "key.pem"],
        input=sealed.stdout,
        capture_output=True,
        check=True,
    )
    assert answer.stdout.strip() == b"IN BEELD"


def test_a_reply_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    SIGNER.save(tmp_path / "signer.pem")
    (tmp_path / "mail.pem").write_text("geen certificaat")
    with pytest.raises(ConfigError, match=r"mail\.pem"):
        SmimeSigner.load(tmp_path / "signer.pem", tmp_path / "mail.pem")
