"""Whom the relay's client trusts, how it logs in, and what its options may say."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.relay import Relay, RelayOptions
from tests.contract.adapters.wire import Certificates, make_certificates, relay_options
from tests.peers.mail import (
    MailPeer,
)
from tests.unit.adapters.sent import FROM, MESSAGE, TO, reason_of


async def test_tls_from_the_first_byte(certificates: Certificates) -> None:
    async with MailPeer(certificates.cert, certificates.key, implicit_tls=True) as peer:
        relay = Relay(relay_options(peer, certificates, implicit_tls=True))
        await relay.send(FROM, [TO], MESSAGE)
        await relay.close()
    assert peer.messages[0].tls == "TLSv1.3"


def test_port_465_means_tls_from_the_first_byte() -> None:
    assert Relay(RelayOptions(host="a.example", port=465, helo="b.example"))._implicit
    assert not Relay(RelayOptions(host="a.example", port=587, helo="b.example"))._implicit


async def test_no_starttls_no_mail(certificates: Certificates) -> None:
    async with MailPeer(certificates.cert, certificates.key, starttls=False) as peer:
        relay = Relay(relay_options(peer, certificates))
        assert await reason_of(relay.send(FROM, [TO], MESSAGE)) == "relay_tls_missing"
        assert await reason_of(relay.probe()) == "relay_tls_missing"
        await peer.wait_alone()
    assert peer.messages == []


@pytest.fixture
def trouble(tmp_path: Path) -> Callable[..., Certificates]:
    def make(name: str, *names: str, **options: Any) -> Certificates:
        directory = tmp_path / name
        directory.mkdir()
        return make_certificates(directory, *names, **options)

    return make


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("fault", ["other_authority", "other_name", "expired", "other_pin"])
async def test_an_unproven_certificate_gets_no_mail(
    certificates: Certificates, trouble: Callable[..., Certificates], fault: str, implicit: bool
) -> None:
    overrides: dict[str, Any] = {"implicit_tls": implicit, "username": "gateway", "password": "geheim"}
    shown = certificates
    if fault == "other_authority":
        overrides["ca_file"] = trouble("other").ca
    elif fault == "other_name":
        shown = trouble("named", "elsewhere.example")
    elif fault == "expired":
        shown = trouble("old", not_after=datetime(2020, 1, 1, tzinfo=UTC))
    else:
        overrides["tls"] = f"pinned:{trouble('pin').sha256}"
    async with MailPeer(shown.cert, shown.key, implicit_tls=implicit) as peer:
        relay = Relay(relay_options(peer, shown, **overrides))
        assert await reason_of(relay.send(FROM, [TO], MESSAGE)) == "relay_untrusted"
        assert await reason_of(relay.probe()) == "relay_untrusted"
        await relay.close()
        await peer.wait_alone()
    assert peer.messages == []


@pytest.mark.parametrize("implicit", [False, True])
async def test_a_pin_trusts_one_certificate_whatever_else_it_says(
    trouble: Callable[..., Certificates], implicit: bool
) -> None:
    odd = trouble("odd", "elsewhere.example", not_after=datetime(2020, 1, 1, tzinfo=UTC))
    async with MailPeer(odd.cert, odd.key, implicit_tls=implicit) as peer:
        pin = ":".join(odd.sha256[at : at + 2].upper() for at in range(0, 64, 2))
        relay = Relay(relay_options(peer, odd, tls=f"pinned:{pin}", ca_file=None, implicit_tls=implicit))
        await relay.send(FROM, [TO], MESSAGE)
        await relay.close()
    assert len(peer.messages) == 1


async def test_old_tls_is_not_spoken(certificates: Certificates) -> None:
    peer = MailPeer(certificates.cert, certificates.key)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        peer.tls_context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        peer.tls_context.maximum_version = ssl.TLSVersion.TLSv1_1
    peer.tls_context.set_ciphers("ALL:@SECLEVEL=0")
    async with peer:
        relay = Relay(relay_options(peer, certificates))
        assert await reason_of(relay.send(FROM, [TO], MESSAGE)) == "relay_tls_failed"
        await peer.wait_alone()
    assert peer.messages == []


async def test_login(certificates: Certificates) -> None:
    async with MailPeer(certificates.cert, certificates.key, login=("gateway", "geheim")) as peer:
        good = Relay(relay_options(peer, certificates, username="gateway", password="geheim"))
        wrong = Relay(relay_options(peer, certificates, username="gateway", password="mis"))
        absent = Relay(relay_options(peer, certificates))
        await good.send(FROM, [TO], MESSAGE)
        await good.probe()
        assert await reason_of(wrong.send(FROM, [TO], MESSAGE)) == "relay_login 535 5.7.8"
        assert await reason_of(wrong.probe()) == "relay_login 535 5.7.8"
        assert await reason_of(absent.send(FROM, [TO], MESSAGE)) == "relay_login 530 5.7.0"
        # A relay that wants a login says so to who names a mail, and to nobody before.
        assert await reason_of(absent.probe(FROM, TO)) == "relay_login 530 5.7.0"
        await good.probe(FROM, TO)
        assert len(peer.messages) == 1
        for relay in (good, wrong, absent):
            await relay.close()
    assert len(peer.messages) == 1


def test_options_keep_the_password_to_themselves() -> None:
    options = RelayOptions(host="a.example", helo="b.example", username="gateway", password="geheim")
    assert "geheim" not in repr(options)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tls": "none"},
        {"tls": "pinned:abc"},
        {"tls": "pinned:" + "g" * 64},
        {"helo": "a b"},
        {"helo": "a\r\nMAIL"},
        {"username": "gateway"},
        {"connections": 0},
        {"port": 70000},
        {"unknown": 1},
    ],
)
def test_wrong_options_are_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        RelayOptions(**({"host": "a.example", "helo": "b.example"} | wrong))


async def test_a_ca_file_that_cannot_be_read_can_be_repaired(
    peer: MailPeer, make_relay: Callable[..., Relay], certificates: Certificates, tmp_path: Path
) -> None:
    ca_file = tmp_path / "later.pem"
    relay = make_relay(ca_file=ca_file)
    assert await reason_of(relay.probe()) == "relay_ca_file"
    ca_file.write_text("no certificate")
    assert await reason_of(relay.send(FROM, [TO], MESSAGE)) == "relay_ca_file"
    ca_file.write_bytes(certificates.ca.read_bytes())
    await relay.send(FROM, [TO], MESSAGE)
