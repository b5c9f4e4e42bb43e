"""A thin webhook over real HTTPS: whom it calls, what it says, and what an answer means."""

import asyncio
import base64
import ipaddress
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.base import Refused, TryLater
from adapters.hosts import check_https, may_call
from adapters.trust import client_context
from adapters.webhook import Webhook, parse_secret, sign
from tests.contract.adapters.wire import Certificates

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HERE = ipaddress.ip_network("127.0.0.0/8")
SECRET = b"s" * 32
BODY = b'{"type":"wachtrij.gewijzigd"}'


@dataclass
class Receiver:
    """An HTTPS server that keeps what it is sent, and answers as told."""

    certificates: Certificates
    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    heard: list[bytes] = field(default_factory=list)
    greeted: int = 0
    port: int = 0

    async def open(self, address: str = "127.0.0.1") -> asyncio.Server:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificates.cert, self.certificates.key)
        server = await asyncio.start_server(self._one, address, 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.greeted += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.heard.append(head + await reader.readexactly(len(BODY)))
            writer.write(self.answer)
            await writer.drain()
            await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@pytest.fixture
async def receiver(certificates: Certificates) -> AsyncIterator[Receiver]:
    made = Receiver(certificates)
    async with await made.open():
        yield made


def webhook(receiver: Receiver, *, host: str = "localhost", **options: object) -> Webhook:
    async def resolve(_: str, __: int) -> list[str]:
        return ["127.0.0.1"]

    context = client_context(None, receiver.certificates.ca)
    given_ = {"networks": [HERE], "resolve": resolve, "timeout": 5.0} | options
    return Webhook(f"https://{host}:{receiver.port}/nudge?k=1", SECRET, context, **given_)  # type: ignore[arg-type]


async def test_it_says_its_line_and_signs_it(receiver: Receiver) -> None:
    assert await webhook(receiver).post("msg_1", BODY, NOW) == "204"
    (heard,) = receiver.heard
    head, _, body = heard.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines if not line.lower().startswith("webhook-s"))
    assert first == "POST /nudge?k=1 HTTP/1.1"
    assert headers["host"] == f"localhost:{receiver.port}"
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", str(int(NOW.timestamp())))
    assert headers["content-type"] == "application/json"
    assert f"webhook-signature: {sign(SECRET, 'msg_1', NOW, BODY)['webhook-signature']}" in lines
    assert body.encode() == BODY


def test_the_signature_is_that_of_the_standard() -> None:
    # The example that the reference libraries are tested with.
    secret = parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(min_size=24, max_size=64))
def test_every_secret_of_a_fitting_length_is_read(secret: bytes) -> None:
    assert parse_secret(f"whsec_{base64.b64encode(secret).decode()}\n") == secret


@pytest.mark.parametrize(
    "text", ["", "whsec_", "whsec_c2hvcnQ=", "c" * 32, "whsec_" + "é" * 40, "whsec_!" * 9]
)
def test_another_secret_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError) as error:
        parse_secret(text)
    assert "c2hvcnQ" not in str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%2",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "2001::1",
        "2001:db8::1",
    ],
)
def test_nothing_inside_is_called_unless_it_is_listed(address: str) -> None:
    assert not may_call(address, ())
    plain = ipaddress.ip_address(address.partition("%")[0])
    listed = getattr(plain, "ipv4_mapped", None) or plain
    assert may_call(address, [ipaddress.ip_network(listed)])


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe", "::ffff:9.9.9.9"])
def test_the_internet_is_called(address: str) -> None:
    assert may_call(address, ())


@given(st.ip_addresses(v=4))
def test_no_private_address_hides_in_another(address: ipaddress.IPv4Address) -> None:
    assert may_call(f"::ffff:{address}", ()) == may_call(str(address), ())
    if address.is_private:
        assert not may_call(str(address), ())


async def test_a_name_that_leads_inside_is_not_called(receiver: Receiver) -> None:
    with pytest.raises(Refused, match="nudge_host_forbidden"):
        await webhook(receiver, networks=[]).post("msg_1", BODY, NOW)
    with pytest.raises(Refused, match="nudge_host_forbidden"):
        await webhook(receiver, networks=[]).probe()
    assert receiver.greeted == 0


async def test_one_forbidden_address_forbids_the_name(receiver: Receiver) -> None:
    async def resolve(_: str, __: int) -> list[str]:
        return ["127.0.0.1", "10.0.0.1"]

    with pytest.raises(Refused, match="nudge_host_forbidden"):
        await webhook(receiver, resolve=resolve).post("msg_1", BODY, NOW)
    assert receiver.greeted == 0


async def test_the_address_that_was_looked_at_is_the_one_that_is_called(certificates: Certificates) -> None:
    asked = []

    async def resolve(host: str, port: int) -> list[str]:
        # Whoever asks a second time is led elsewhere, and the system knows "localhost" by another address.
        asked.append((host, port))
        return ["127.0.0.5"] if len(asked) == 1 else ["127.0.0.1"]

    receiver = Receiver(certificates)
    async with await receiver.open("127.0.0.5"):
        await webhook(receiver, resolve=resolve).post("msg_1", BODY, NOW)
    assert asked == [("localhost", receiver.port)]
    assert len(receiver.heard) == 1


async def test_a_dead_address_leads_to_the_next(receiver: Receiver) -> None:
    async def resolve(_: str, __: int) -> list[str]:
        return ["127.0.0.9", "127.0.0.1"]

    assert await webhook(receiver, resolve=resolve).post("msg_1", BODY, NOW) == "204"
    assert len(receiver.heard) == 1


async def test_the_certificate_must_be_that_of_the_name(receiver: Receiver) -> None:
    for act in (lambda one: one.post("msg_1", BODY, NOW), lambda one: one.probe()):
        with pytest.raises(Refused, match="nudge_untrusted"):
            await act(webhook(receiver, host="elders.example"))
    assert receiver.heard == []


async def test_a_probe_says_nothing(receiver: Receiver) -> None:
    await webhook(receiver).probe()
    assert receiver.heard == []


@pytest.mark.parametrize(
    ("status", "trouble", "reason"),
    [
        ("301 Moved\r\nLocation: https://127.0.0.1/", Refused, "nudge_redirect 301"),
        ("404 Not Found", Refused, "nudge_refused 404"),
        ("410 Gone", Refused, "nudge_refused 410"),
        ("429 Slow\r\nRetry-After: 90", TryLater, "nudge_busy 429"),
        ("500 Error", TryLater, "nudge_busy 500"),
    ],
)
async def test_what_an_answer_means(
    receiver: Receiver, status: str, trouble: type[Refused | TryLater], reason: str
) -> None:
    receiver.answer = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()
    with pytest.raises(trouble) as error:
        await webhook(receiver).post("msg_1", BODY, NOW)
    assert error.value.reason == reason  # type: ignore[attr-defined]
    if "Retry-After" in status:
        assert error.value.after == timedelta(seconds=90)  # type: ignore[attr-defined]
    assert receiver.greeted == 1


async def test_an_answer_without_end_is_not_read(receiver: Receiver) -> None:
    receiver.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n" + b"x" * 1000
    assert await webhook(receiver).post("msg_1", BODY, NOW) == "200"


async def test_a_silent_receiver_does_not_hold_us(receiver: Receiver) -> None:
    receiver.answer = b""
    with pytest.raises(TryLater, match="nudge_answer_lost"):
        await webhook(receiver, timeout=0.2).post("msg_1", BODY, NOW)


async def test_nobody_there_means_later(receiver: Receiver) -> None:
    async def nobody(_: str, __: int) -> list[str]:
        raise OSError

    async def dead(_: str, __: int) -> list[str]:
        return ["127.0.0.9"]

    for resolve, reason in ((nobody, "nudge_host_unknown"), (dead, "nudge_unreachable")):
        with pytest.raises(TryLater, match=reason):
            await webhook(receiver, resolve=resolve).post("msg_1", BODY, NOW)
        with pytest.raises(TryLater, match="nudge_"):
            await webhook(receiver, resolve=resolve).probe()


@pytest.mark.parametrize(
    "url",
    ["http://a.example", "https://u:p@a.example", "https://", "https://a.example:x", "https://a.example#f"],
)
def test_only_https_is_an_address(url: str) -> None:
    with pytest.raises(ValueError):
        check_https(url)


def test_an_address_is_left_as_it_is() -> None:
    assert check_https("https://a.example:8443/x?k=1") == "https://a.example:8443/x?k=1"
