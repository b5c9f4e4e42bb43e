"""What we send is signed: dkimpy, which knows nothing of how, verifies it, and sees whatever was changed."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import dkim
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigError
from gateway.sealing.mailsigner import DkimKey, MailSigner

NOW = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
KEYS = [DkimKey.generate("ib1"), DkimKey.generate("ib1e", ed25519=True)]
SIGN = MailSigner("handover.example", KEYS, lambda: NOW)
MAIL = (
    b"From: InBeeld <aanmelding@handover.example>\r\nTo: m.deboer@praktijk.example\r\n"
    b"Subject: Re:  een   lange\r\n\tgevouwen regel\r\nDate: Thu, 02 Apr 2026 11:00:00 +0200\r\n"
    b"Message-ID: <1@handover.example>\r\nIn-Reply-To: <0@praktijk.example>\r\n"
    b"References: <x@praktijk.example>\r\n <0@praktijk.example>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain\r\n\r\nDe patient is in beeld. \r\n\r\n  Groet\t \r\n\r\n\r\n"
)


def verify(mail: bytes, index: int) -> bool:
    records = {f"{key.selector}._domainkey.handover.example.".encode(): key.record.encode() for key in KEYS}
    try:
        return bool(dkim.DKIM(mail).verify(idx=index, dnsfunc=lambda name, timeout=5: records[name]))
    except dkim.DKIMException:
        return False


@pytest.mark.parametrize("index", [0, 1], ids=["rsa", "ed25519"])
def test_both_signatures_are_right_and_aligned(index: int) -> None:
    signed = SIGN(MAIL)
    assert signed.endswith(MAIL)
    assert verify(signed, index)
    assert b"d=handover.example;" in signed
    assert max(map(len, signed.split(b"\r\n"))) <= 998
    assert max(map(len, signed.removesuffix(MAIL).split(b"\r\n"))) <= 100


@pytest.mark.parametrize(
    "change",
    [
        lambda mail: mail.replace(b"in beeld", b"niet in beeld"),
        lambda mail: mail.replace(b"Subject: Re:", b"Subject: Fw:"),
        lambda mail: mail.replace(b"In-Reply-To: <0", b"In-Reply-To: <9"),
        lambda mail: mail.replace(b"<x@praktijk.example>", b"<y@praktijk.example>"),
        lambda mail: mail.replace(b"11:00:00", b"12:00:00"),
        lambda mail: mail.replace(b"From:", b"From: Iemand <x@elders.example>\r\nFrom:", 1),
        lambda mail: b"Reply-To: x@elders.example\r\n" + mail,
        lambda mail: b"Cc: x@elders.example\r\n" + mail,
        lambda mail: b"Content-Transfer-Encoding: base64\r\n" + mail,
        lambda mail: mail + b"P.S.\r\n",
    ],
)
@pytest.mark.parametrize("index", [0, 1], ids=["rsa", "ed25519"])
def test_whatever_is_changed_or_added_is_seen(change: Callable[[bytes], bytes], index: int) -> None:
    signed = SIGN(MAIL)
    assert change(signed) != signed
    assert not verify(change(signed), index)


BODY = st.lists(st.sampled_from(["", " ", "\t x  y", "regel", ".", " \t", "=C3=A9"]), max_size=8)
VALUE = st.text(alphabet="ab \t:;=<>@", min_size=1, max_size=30)


@given(body=BODY, value=VALUE, fold=st.booleans())
def test_every_mail_of_ours_can_be_verified(body: list[str], value: str, fold: bool) -> None:
    subject = value.replace(" ", "\r\n ", 1) if fold else value
    lines = [f"From: a@handover.example\r\nSubject: x{subject}x\r\nTo:b@c.example\r\n", *body]
    mail = "\r\n".join([*lines, ""]).encode()
    assert verify(SIGN(mail), 1)


def test_a_key_is_read_as_it_was_written(tmp_path: Path) -> None:
    for key in KEYS:
        path = tmp_path / key.selector
        path.touch(0o600)
        path.write_bytes(key.private_pem)
        assert DkimKey.load(key.selector, path).record == key.record
        assert "PRIVATE" not in repr(key)
    path.write_text("geen sleutel")
    with pytest.raises(ConfigError, match="keys generate dkim"):
        DkimKey.load("x", path)
