"""The outer mail: right for the programs that read it, empty for everybody else."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options

from adapters.base import Refused
from adapters.mail import MailAdapter, MailOptions
from adapters.relay import Relay, RelayOptions
from tests.contract.adapters.wire import CIPHERTEXT, MEDIA_TYPES, SECRET, armour, make_context, make_parcel

NOW = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
PGP, SMIME, JOSE = MEDIA_TYPES


def make_adapter(sender: str = "InBeeld <aanmelding@gateway.example>", **options: Any) -> MailAdapter:
    relay = Relay(RelayOptions(host="relay.example", helo="gateway.example"))
    return MailAdapter(
        MailOptions(**({"to": "aanmeldingen@organisatie.example"} | options)),
        make_context(relay, sender=sender),
        now=lambda: NOW,
    )


def compose(media_type: str = JOSE, **overrides: Any) -> EmailMessage:
    raw = make_adapter().compose(make_parcel(media_type, **overrides))
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def needs(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"{program} is missing: install the Debian package {package}")
    if found is None:
        pytest.skip(f"needs the Debian package {package}")
    return found


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_the_outside_is_complete_and_the_same_for_each_kind(media_type: str) -> None:
    message = compose(media_type)
    outside = {name: value for name, value in message.items() if not name.startswith(("Content-", "MIME-"))}
    assert outside == {
        "From": "InBeeld <aanmelding@gateway.example>",
        "To": "aanmeldingen@organisatie.example",
        "Subject": "Nieuwe aanmelding K7Q2-9F3M – contact uiterlijk wo 25 november 14.05 uur",
        "Date": "Sun, 22 Nov 2026 13:05:00 +0000",
        "Message-ID": "<0193-d1@gateway.example>",
        "Reply-To": "antwoord+t0ken@gateway.example",
        "Auto-Submitted": "auto-generated",
        "X-InBeeld-Loop": "gateway.example",
    }
    assert not message.defects


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_on_the_wire_it_is_plain_lines(media_type: str) -> None:
    raw = make_adapter().compose(make_parcel(media_type))
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_every_try_is_the_same_mail(media_type: str) -> None:
    parcel = make_parcel(media_type)
    assert make_adapter().compose(parcel) == make_adapter().compose(parcel)


def test_urgent_is_said_first() -> None:
    assert compose(urgent=True)["Subject"].startswith("SPOED: Nieuwe aanmelding")


@pytest.mark.parametrize(
    ("due", "told"),
    [
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), "zo 25 oktober 0.30 uur"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "zo 25 oktober 2.30 uur"),
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "zo 28 maart 3.00 uur"),
        (datetime(2026, 12, 31, 23, 15, tzinfo=UTC), "vr 1 januari 0.15 uur"),
    ],
)
def test_the_deadline_is_told_by_the_clock_in_amsterdam(due: datetime, told: str) -> None:
    assert compose(due_at=due)["Subject"].endswith(f"contact uiterlijk {told}")
    assert compose(due_at=due, late=True)["Subject"].endswith("contact zo snel mogelijk")


def test_one_that_takes_the_place_of_another_is_not_called_new() -> None:
    assert compose(corrected=True)["Subject"].startswith("Gecorrigeerde aanmelding K7Q2-9F3M – ")


def test_without_a_reply_address_there_is_no_reply_to() -> None:
    assert "Reply-To" not in compose(reply_to=None)


def test_a_bare_sender_and_another_subject() -> None:
    adapter = make_adapter(sender="aanmelding@gateway.example", subject="Bericht {kenmerk}")
    message = message_from_bytes(adapter.compose(make_parcel()), policy=policy.default)
    assert (message["From"], message["Subject"]) == ("aanmelding@gateway.example", "Bericht K7Q2-9F3M")


@pytest.mark.parametrize("words", ["é" * 300, "Ria 🙂 " * 40, "a" * 45, ""])
def test_every_subject_is_encoded_on_lines_that_fit(words: str) -> None:
    mail = make_adapter(subject=f"{{kenmerk}} {words}").compose(make_parcel())
    head, _, _ = mail.partition(b"\r\n\r\n")
    subject = head[head.index(b"Subject: ") :].split(b"\r\nContent-Type")[0]
    # RFC 2047 section 2.
    assert all(len(line) <= 76 for line in subject.split(b"\r\n"))
    assert message_from_bytes(mail, policy=policy.default)["Subject"] == f"K7Q2-9F3M {words}"


def test_pgp_mime_is_rfc_3156() -> None:
    message = compose(PGP)
    assert message.get_content_type() == "multipart/encrypted"
    assert message.get_param("protocol") == "application/pgp-encrypted"
    version, sealed = message.iter_parts()
    assert version.get_content_type() == "application/pgp-encrypted"
    assert str(version.get_payload()).strip() == "Version: 1"
    assert sealed.get_content_type() == "application/octet-stream"
    assert str(sealed.get_payload()).replace("\r\n", "\n").encode().strip() == CIPHERTEXT[PGP].strip()


def test_smime_is_rfc_8551() -> None:
    message = compose(SMIME)
    assert message.get_content_type() == "application/pkcs7-mime"
    assert message.get_param("smime-type") == "enveloped-data"
    assert message["Content-Transfer-Encoding"] == "base64"
    assert message.get_filename() == "smime.p7m"
    assert message.get_content() == CIPHERTEXT[SMIME]


def test_a_jwe_is_an_attachment() -> None:
    [attachment] = compose(JOSE).iter_attachments()
    assert attachment.get_content_type() == "application/jose"
    assert attachment.get_content() == CIPHERTEXT[JOSE]


@pytest.fixture
def gpg_home() -> Iterator[Path]:
    # Not below pytest's directories: the path of a gpg socket has to be short.
    needs("gpg", "gnupg")
    home = Path(tempfile.mkdtemp(prefix="g", dir="/tmp"))
    home.chmod(0o700)
    yield home
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
    shutil.rmtree(home, ignore_errors=True)


def test_real_gpg_opens_what_arrives(gpg_home: Path) -> None:
    gpg: list[str | Path] = ["gpg", "--homedir", gpg_home, "--batch", "--quiet", "--trust-model", "always"]
    generate = [
        "--passphrase",
        "",
        "--quick-gen-key",
        "sleutel@organisatie.example",
        "rsa2048",
        "encrypt,sign",
    ]
    subprocess.run([*gpg, *generate], check=True, capture_output=True)
    seal = [*gpg, "--armor", "--encrypt", "--recipient", "sleutel@organisatie.example"]
    # Large enough for gpg to write its body in parts.
    plaintext = SECRET * 1000
    for extra in ([], ["--compress-algo", "none"], ["--hidden-recipient", "sleutel@organisatie.example"]):
        sealed = subprocess.run([*seal, *extra], input=plaintext, check=True, capture_output=True).stdout
        _, part = compose(PGP, ciphertext=sealed).iter_parts()
        opened = subprocess.run(
            [*gpg, "--decrypt"], input=str(part.get_payload()).encode(), check=True, capture_output=True
        )
        assert opened.stdout == plaintext
    signed = subprocess.run([*gpg, "--armor", "--sign"], input=SECRET, check=True, capture_output=True)
    with pytest.raises(Refused):
        compose(PGP, ciphertext=signed.stdout)


def test_real_openssl_opens_what_arrives(tmp_path: Path) -> None:
    openssl = needs("openssl", "openssl")
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "organisatie")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    sealed = (
        PKCS7EnvelopeBuilder()
        .set_data(SECRET)
        .add_recipient(certificate)
        .set_content_encryption_algorithm(AES256)
        .encrypt(serialization.Encoding.DER, [PKCS7Options.Binary])
    )
    gcm: list[str | Path] = [
        openssl,
        "cms",
        "-encrypt",
        "-aes-256-gcm",
        "-binary",
        "-outform",
        "DER",
        tmp_path / "cert.pem",
    ]
    authenticated = subprocess.run(gcm, input=SECRET, check=True, capture_output=True).stdout
    for ciphertext, kind in ((sealed, "enveloped-data"), (authenticated, "authEnveloped-data")):
        mail = make_adapter().compose(make_parcel(SMIME, ciphertext=ciphertext))
        assert message_from_bytes(mail).get_param("smime-type") == kind
        opened = subprocess.run(
            [openssl, "cms", "-decrypt", "-inkey", tmp_path / "key.pem", "-recip", tmp_path / "cert.pem"],
            input=mail,
            check=True,
            capture_output=True,
        )
        assert opened.stdout == SECRET


@pytest.mark.parametrize(
    "overrides",
    [
        {"ciphertext": SECRET},
        {"ciphertext": b""},
        {"media_type": PGP, "ciphertext": armour(b"\xcb" + bytes([len(SECRET)]) + SECRET)},
        {"media_type": "text/plain"},
        {"media_type": "application/json"},
        {"delivery_id": "een twee"},
        {"delivery_id": "a@b.example>\r\nBcc: dief@c.example"},
        {"delivery_id": ""},
        {"kenmerk": "K7\r\nBcc: dief@c.example"},
        {"kenmerk": "Fatima Voorbeeld"},
        {"reply_to": "a@b.example\r\nBcc: dief@c.example"},
        {"reply_to": "a@b.example, dief@c.example"},
        {"reply_to": ""},
    ],
)
async def test_an_unfit_parcel_is_refused_before_anything_is_connected(overrides: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        await make_adapter().send(make_parcel(**({"media_type": JOSE} | overrides)))
    assert caught.value.reason in {"parcel_not_ciphertext", "parcel_media_type", "parcel_malformed"}


@pytest.mark.parametrize(
    "options",
    [
        {"to": "geen adres"},
        {"to": "zoë@organisatie.example"},
        {"subject": "{naam}"},
        {"subject": "{kenmerk.__class__}"},
        {"subject": "{"},
        {"subject": "een\r\nBcc: dief@c.example"},
        {"subject": "{}"},
        {},
    ],
)
def test_wrong_options_are_told(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        MailOptions(**({"to": "aanmeldingen@organisatie.example"} | options if options else {}))


def test_without_a_relay_there_is_no_adapter() -> None:
    with pytest.raises(TypeError):
        MailAdapter(MailOptions(to="aanmeldingen@organisatie.example"), make_context())
