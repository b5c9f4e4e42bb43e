"""Keys as people have them: what is used of them, and what is said of those that can't be used.

Each kind is made here by the real programs; `odd_keys/` holds one more of each, as somebody sent it.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pysequoia
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7, pkcs12
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import KeyUnusable
from gateway.sealing import jwe, packets
from gateway.sealing.keyfacts import EXPLAINED, KeyFacts, KeyFlaw
from gateway.sealing.keyring import Format, admit, sealer_for
from gateway.sealing.packets import Tag
from gateway.sealing.pgpkeys import read_certificate
from gateway.sealing.smime import read_certificate as read_x509
from gateway.sealing.strangefile import what_it_is
from tests.unit.sealing.trial_keys import DAY, NOW, Gpg, Trial, certificate, need, opened, stamp
from tests.unit.sealing.trial_place import ENTITY, made, signers

ODD = Path(__file__).parent / "odd_keys"
START, END = NOW - 30 * DAY, NOW + 30 * DAY
RFC4880, RFC9580 = pysequoia.Profile.RFC4880, pysequoia.Profile.RFC9580


@pytest.fixture(autouse=True)
def _gpg() -> None:
    need("gpg", "gnupg")


def told(tmp_path: Path, format: Format, content: bytes, now: datetime = NOW) -> str:
    """What an import says of a key file: the code, or nothing if it is taken in."""
    path = tmp_path / "key"
    path.write_bytes(content)
    sealer = sealer_for(format, path, "0" * 40, gpg_home_root=tmp_path / "gpg", signers=signers())
    try:
        admit(format, path, now, gpg_home_root=tmp_path / "gpg")
        return ""
    except KeyUnusable as error:
        refused = error
    with pytest.raises(KeyUnusable):
        # At every send as well.
        sealer.seal(ENTITY, now)
    assert EXPLAINED[KeyFlaw(refused.code)] in str(refused)
    return refused.code


def facts(tmp_path: Path, content: bytes, now: datetime = NOW) -> KeyFacts:
    (tmp_path / "key").write_bytes(content)
    return admit("openpgp", tmp_path / "key", now, gpg_home_root=tmp_path / "gpg")


def seals(tmp_path: Path, trial: Trial, now: datetime = NOW) -> None:
    """With both engines its owner reads what was sealed."""
    for engine in ("sequoia", "gnupg"):
        sealer = sealer_for(
            "openpgp",
            trial.write(tmp_path / "keys"),
            trial.fingerprint,
            gpg_home_root=tmp_path / "gpg",
            signers=signers(),
            engine=engine,  # type: ignore[arg-type]
        )
        sealed = sealer.seal(ENTITY, now).ciphertext
        sealer.close()
        assert opened("openpgp", trial, sealed, tmp_path, signers()) == ENTITY


def without(content: bytes, *tags: int) -> bytes:
    """A certificate as some programs give it out: without these packets."""
    return b"".join(
        bytes(packet)
        for packet in pysequoia.packet.PacketPile.from_bytes(content)
        if int(packet.tag) not in tags
    )


def packet(tag: int, body: bytes) -> bytes:
    return bytes((0xC0 | tag, 0xFF)) + len(body).to_bytes(4, "big") + body


SENT = "2026-11-30T12:00:00+00:00"
SAMPLES: tuple[tuple[str, Format, str], ...] = (
    ("weak-expired-subkey.asc", "openpgp", ""),
    ("post-quantum-subkey.asc", "openpgp", ""),
    ("no-user-id.asc", "openpgp", "no_user_id"),
    ("new-algorithms.asc", "openpgp", "algorithm"),
    ("rsa-pss.pem", "smime", "rsa_pss"),
    ("ec.pem", "smime", "ec_certificate"),
)


@pytest.mark.parametrize(("file", "format", "code"), SAMPLES)
def test_what_was_sent_once(tmp_path: Path, file: str, format: Format, code: str) -> None:
    assert told(tmp_path, format, (ODD / file).read_bytes(), max(NOW, datetime.fromisoformat(SENT))) == code


@pytest.mark.parametrize(("subkey", "ended"), [("rsa1024", True), ("rsa1024", False), ("cv25519", True)])
def test_what_is_no_good_beside_a_good_one_is_no_obstacle(tmp_path: Path, subkey: str, ended: bool) -> None:
    with Gpg() as gpg:
        fingerprint = gpg.key(START, END)
        clock = ("--faked-system-time", f"{stamp(START + DAY)}!")
        until = stamp(NOW - DAY if ended else END)
        gpg(*clock, "--quick-add-key", fingerprint, subkey, "encrypt", until)
        trial = gpg.trial(fingerprint)
    found = facts(tmp_path, trial.public)
    assert found.algorithm == "cv25519"
    assert found.unused == ((KeyFlaw.WEAK,) if subkey == "rsa1024" else ())
    seals(tmp_path, trial)


def test_a_withdrawn_subkey_beside_a_good_one_is_no_obstacle(tmp_path: Path) -> None:
    with Gpg() as gpg:
        fingerprint = gpg.key(START, END, subkeys=("cv25519", "cv25519"))
        gpg("--command-fd", "0", "--edit-key", fingerprint, content=b"key 2\nrevkey\ny\n0\n\ny\nsave\n")
        trial = gpg.trial(fingerprint)
    assert facts(tmp_path, trial.public).unused == (KeyFlaw.REVOKED,)
    seals(tmp_path, trial)


@pytest.mark.parametrize(
    ("primary", "subkey"), [("rsa2048", "rsa3072"), ("nistp256", "nistp384"), ("ed25519", "nistp521")]
)
def test_ordinary_keys_of_every_kind_are_used(tmp_path: Path, primary: str, subkey: str) -> None:
    with Gpg() as gpg:
        trial = gpg.trial(gpg.key(START, END, primary=primary, subkeys=(subkey,)))
    assert facts(tmp_path, trial.public).algorithm == subkey
    seals(tmp_path, trial)


def test_one_rsa_key_for_everything_is_used(tmp_path: Path) -> None:
    with Gpg() as gpg:
        clock = ("--faked-system-time", f"{stamp(START)}!")
        gpg(*clock, "--quick-generate-key", "Oud <oud@proef.example>", "rsa2048", "encrypt,sign", stamp(END))
        (fingerprint,) = [
            line.split(":")[9]
            for line in gpg("--with-colons", "--list-keys").decode().splitlines()
            if line.startswith("fpr")
        ]
        trial = gpg.trial(fingerprint)
    assert facts(tmp_path, trial.public).expires_at == END
    seals(tmp_path, trial)


def sequoia(**how: object) -> bytes:
    return bytes(pysequoia.Tsk.generate("Proef <proef@proef.example>", **how).extract_certificate())  # type: ignore[arg-type]


def gnupg(primary: str, *subkeys: str, options: tuple[str, ...] = ()) -> bytes:
    with Gpg() as gpg:
        if options:
            gpg(*options, "--quick-generate-key", "Proef <proef@proef.example>", primary, "default", "never")
            return gpg("--export")
        return packets.bare(gpg.trial(gpg.key(START, END, primary=primary, subkeys=subkeys)).public)


def version(number: int) -> bytes:
    """A certificate whose primary key says that it is of this version."""
    first, *rest = packets.parse(packets.bare(made("openpgp").public))
    changed = packet(first.tag, bytes((number,)) + first.body[1:])
    return changed + b"".join(packet(one.tag, one.body) for one in rest)


OPENPGP: dict[str, tuple[Callable[[], bytes], str]] = {
    "stripped by a key server": (
        lambda: without(packets.bare(made("openpgp").public), Tag.USER_ID),
        "no_user_id",
    ),
    "version 6": (lambda: sequoia(profile=RFC9580), "key_version"),
    "version 3": (lambda: version(3), "key_version"),
    "version 5": (lambda: version(5), "key_version"),
    "post-quantum, version 4": (
        lambda: sequoia(profile=RFC4880, encryption_algorithm=pysequoia.EncryptionAlgorithm.MLKEM768_X25519),
        "post_quantum",
    ),
    "post-quantum, version 6": (
        lambda: sequoia(profile=RFC9580, cipher_suite=pysequoia.CipherSuite.MLDSA65_Ed25519),
        "key_version",
    ),
    "brainpool": (lambda: gnupg("brainpoolP256r1", "brainpoolP256r1"), "algorithm"),
    "secp256k1": (lambda: gnupg("secp256k1", "secp256k1"), "algorithm"),
    "ElGamal": (lambda: gnupg("dsa2048", "elg2048"), "algorithm"),
    "a weak primary key": (lambda: gnupg("rsa1024", "cv25519"), "weak"),
    "signed with SHA-1": (
        lambda: gnupg("rsa2048", options=("--cert-digest-algo", "SHA1")),
        "old_signature",
    ),
    "no signature at all": (
        lambda: without(packets.bare(made("openpgp").public), Tag.SIGNATURE),
        "unreadable",
    ),
}


@pytest.mark.parametrize("kind", OPENPGP)
def test_openpgp_keys_that_cannot_be_used_are_told_apart(tmp_path: Path, kind: str) -> None:
    make, code = OPENPGP[kind]
    assert told(tmp_path, "openpgp", make()) == code


def test_a_subkey_with_anothers_signature_is_not_encrypted_to(tmp_path: Path) -> None:
    """Whoever can change the file, but has not the key, adds a subkey of their own."""
    _, _, *theirs = packets.parse(packets.bare(made("openpgp", serial=1).public))
    ours = packets.bare(made("openpgp").public)
    added = b"".join(packet(one.tag, one.body) for one in theirs[1:])
    found = read_certificate(ours + added)
    assert found.facts.key_ids == read_certificate(ours).facts.key_ids
    assert found.facts.unused == (KeyFlaw.UNREADABLE,)
    alone = without(ours, Tag.PUBLIC_SUBKEY) + added
    assert told(tmp_path, "openpgp", alone) == "unreadable"


def test_a_longer_life_with_anothers_signature_is_none(tmp_path: Path) -> None:
    with Gpg() as gpg:
        fingerprint = gpg.key(START, NOW - DAY)
        before = packets.parse(packets.bare(gpg.trial(fingerprint).public))
    # The binding of a key of the same age that lives longer, made by somebody else.
    *_, longer = packets.parse(packets.bare(made("openpgp").public))
    changed = [*before[:-1], longer]
    assert told(tmp_path, "openpgp", b"".join(packet(one.tag, one.body) for one in changed)) == "unreadable"


def with_pss() -> bytes:
    """RSASSA-PSS in the key itself, as openssl makes it (cryptography can't)."""
    ordinary = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    trial = x509.load_pem_x509_certificate(certificate(START, END, key=ordinary).public)
    pkcs1 = ordinary.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    old = bytes.fromhex("300d06092a864886f70d0101010500")
    new = bytes.fromhex("300b06092a864886f70d01010a")
    der = trial.public_bytes(Encoding.DER)
    at = der.index(pkcs1)
    start = der.rindex(old, 0, at)
    # Two bytes less: in the algorithm, the key around it, the certificate and its signed part.
    body = der[:start] + new + der[start + len(old) :]
    return _shorter(body, 2, start)


def _shorter(der: bytes, by: int, at: int) -> bytes:
    """Correct the lengths of the sequences around `at`: certificate, signed part, and key."""
    content = bytearray(der)
    for where in (0, 4, at - 4):
        assert content[where : where + 2] == b"\x30\x82"
        length = int.from_bytes(content[where + 2 : where + 4], "big") - by
        content[where + 2 : where + 4] = length.to_bytes(2, "big")
    return bytes(content)


def of_curve(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proef@proef.example")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(START).not_valid_after(END)
    signed = builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


SMIME: dict[str, tuple[Callable[[], bytes], str]] = {
    "RSASSA-PSS": (with_pss, "rsa_pss"),
    "P-384": (lambda: of_curve(ec.generate_private_key(ec.SECP384R1())), "ec_certificate"),
    "Ed25519": (lambda: of_curve(ed25519.Ed25519PrivateKey.generate()), "algorithm"),
    "OpenPGP": (lambda: made("openpgp").public, "unreadable"),
}


@pytest.mark.parametrize("kind", SMIME)
def test_certificates_that_cannot_be_used_are_told_apart(tmp_path: Path, kind: str) -> None:
    make, code = SMIME[kind]
    assert told(tmp_path, "smime", make()) == code


@pytest.mark.parametrize(
    "member",
    [
        b'{"kty":"RSA","n":"AQAB","e":"AQAB"}',
        b'{"kty":"OKP","crv":"X25519","x":"AAAA"}',
        b'{"kty":"EC","crv":"P-521","x":"AA","y":"AA"}',
    ],
)
def test_a_jwk_of_another_kind_is_told(tmp_path: Path, member: bytes) -> None:
    assert told(tmp_path, "jwe", member) == "algorithm"


CERTIFICATE = packets.bare(
    str(pysequoia.Tsk.generate("Proef", profile=RFC4880).extract_certificate()).encode()
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(CERTIFICATE) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_certificate_is_read_or_refused_and_nothing_else(changes: list[tuple[int, int]]) -> None:
    content = bytearray(CERTIFICATE)
    for at, value in changes:
        content[at] = value
    try:
        found = read_certificate(bytes(content))
    except KeyUnusable:
        return
    assert found.problem is not None or found.material


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_junk_is_no_key(content: bytes) -> None:
    for read in (read_certificate, read_x509, jwe.read_jwk):
        with pytest.raises(KeyUnusable):
            read(content)


STRANGE_FILES = [
    ("openpgp", b"", "nothing at all"),
    ("smime", b"\r\n ", "nothing at all"),
    ("smime", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxsFN\n", "an OpenPGP key: ask for its S/MIME"),
    (
        "jwe",
        b"Hoi,\n\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxsFN\n",
        "an OpenPGP key: ask for its public JSON",
    ),
    ("openpgp", b"-----BEGIN PGP MESSAGE-----\n\nhQ\n", "a message, not a key: ask for its OpenPGP"),
    ("openpgp", b"-----BEGIN CERTIFICATE-----\nMIIB\n", "a certificate: ask for its OpenPGP"),
    ("openpgp", b'{"keys": [{"kty": "EC"}]}', "a JSON Web Key: ask for its OpenPGP"),
    ("smime", b"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n", "a request for a certificate"),
    ("smime", b"-----BEGIN PKCS7-----\nMIIB\n", "a bundle of certificates"),
    ("openpgp", b"<!DOCTYPE html><title>Log in</title>", "a web page"),
    ("openpgp", b"ssh-ed25519 AAAA x@y", "an SSH key"),
    ("openpgp", b"%PDF-1.7\n", "a document or an archive"),
]


@pytest.mark.parametrize(("format", "content", "holds"), STRANGE_FILES)
def test_a_file_that_is_no_key_is_told_apart(
    tmp_path: Path, format: Format, content: bytes, holds: str
) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(KeyUnusable) as refused:
        admit(format, tmp_path / "key", NOW, gpg_home_root=tmp_path / "gpg")
    assert refused.value.code == "unreadable"
    assert f"(it holds {holds}" in str(refused.value)


def test_bundles_in_binary_are_told_apart(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    made = x509.load_pem_x509_certificate(certificate(START, END, key=key).public)
    bundle = pkcs7.serialize_certificates([made], Encoding.DER)
    store = pkcs12.serialize_key_and_certificates(b"x", key, made, None, serialization.NoEncryption())
    for content, holds in ((bundle, "PKCS#7"), (store, "PKCS#12")):
        (tmp_path / "key").write_bytes(content)
        with pytest.raises(KeyUnusable, match=holds):
            admit("smime", tmp_path / "key", NOW, gpg_home_root=tmp_path / "gpg")


@given(st.binary(max_size=300), st.sampled_from(["openpgp", "smime", "jwe"]))
def test_any_bytes_are_looked_at(content: bytes, format: str) -> None:
    assert len(what_it_is(content, format)) < 200
