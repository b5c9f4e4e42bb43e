"""The relay against a real SMTP peer over real TLS."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvloop

from adapters.base import Refused, TryLater
from adapters.relay import Relay, RelayOptions
from tests.contract.adapters.wire import Certificates, relay_options
from tests.peers.mail import (
    ANSWER_LOST,
    BUSY,
    CONTENT_REFUSED,
    DROPPED,
    GREYLISTED,
    NO_SUCH_USER,
    SLOW,
    MailPeer,
    PeerAct,
)
from tests.unit.adapters.sent import FROM, MESSAGE, TO, reason_of

GOSSIP = "Fatima Voorbeeld, fatima@patient.example, 0612345678"


async def test_a_message_arrives_as_it_was_given(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    receipt = await make_relay().send(FROM, [TO, "tweede@organisatie.example"], MESSAGE)
    [message] = peer.messages
    assert (message.envelope_from, message.recipients) == (FROM, (TO, "tweede@organisatie.example"))
    assert message.content == MESSAGE
    assert message.tls == "TLSv1.3"
    assert receipt.peer == f"127.0.0.1:{peer.port}"
    assert receipt.text == "250 2.0.0 queued as 4CK7XQ0Z1 TLSv1.3"


async def test_the_null_return_path(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    await make_relay().send("", [TO], MESSAGE)
    assert peer.messages[0].envelope_from == ""


async def test_eight_bits_and_other_alphabets_pass(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    content = "Subject: é\r\n\r\nçelik\r\n".encode()
    await make_relay().send(FROM, ["zoë@organisatie.example"], content)
    assert peer.messages[0].content == content
    assert peer.messages[0].recipients == ("zoë@organisatie.example",)


@pytest.mark.parametrize(
    ("recipient", "content", "reason"),
    [(TO, "é\r\n".encode(), "relay_no_8bitmime"), ("zoë@a.example", MESSAGE, "relay_no_smtputf8")],
)
async def test_what_the_relay_cannot_carry_is_refused(
    certificates: Certificates, recipient: str, content: bytes, reason: str
) -> None:
    async def bare(peer: MailPeer, *hook: Any) -> list[str]:
        hook[1].host_name = "gateway.example"
        return [line for line in hook[-1] if "8BITMIME" not in line and "SMTPUTF8" not in line]

    bare_peer = type(
        "BarePeer", (MailPeer,), {"handle_EHLO": lambda self, a, b, c, d, e: bare(self, a, b, e)}
    )
    async with bare_peer(certificates.cert, certificates.key) as peer:
        relay = Relay(relay_options(peer, certificates))
        assert await reason_of(relay.send(FROM, [recipient], content), Refused) == reason
        await relay.close()
    assert peer.messages == []


@pytest.mark.parametrize(
    "recipients",
    [
        [],
        [""],
        ["geen-adres"],
        ["a@b.example>\r\nRCPT TO:<dief@c.example"],
        ["a@b.example\nDATA"],
        ["a@b.example, dief@c.example"],
        ["Naam <a@b.example>"],
        ['"a b"@c.example'],
        ["a\x00@b.example"],
        [TO, "a" * 250 + "@b.example"],
    ],
)
async def test_an_address_that_could_break_out_is_never_said(
    peer: MailPeer, make_relay: Callable[..., Relay], recipients: list[str]
) -> None:
    relay = make_relay()
    assert await reason_of(relay.send(FROM, recipients, MESSAGE), Refused) == "relay_address"
    assert peer.opened == 0


@pytest.mark.parametrize(
    ("act", "kind", "reason"),
    [
        (BUSY, TryLater, "relay_busy 451 4.3.0"),
        (GREYLISTED, TryLater, "relay_busy 450 4.2.0"),
        (NO_SUCH_USER, Refused, "relay_refused 550 5.1.1"),
        (CONTENT_REFUSED, Refused, "relay_refused 550 5.7.1"),
        (ANSWER_LOST, TryLater, "relay_answer_lost"),
        (DROPPED, TryLater, "relay_connection_lost"),
        (PeerAct("rcpt", None), TryLater, "relay_connection_lost"),
        (PeerAct("mail", "530 5.7.0 Authentication required"), TryLater, "relay_login 530 5.7.0"),
        (PeerAct("mail", "552 5.3.4 Too big"), Refused, "relay_refused 552 5.3.4"),
        (PeerAct("mail", "421 4.3.2 Shutting down"), TryLater, "relay_unavailable 421 4.3.2"),
        (PeerAct("mail", f"550 {GOSSIP}"), TryLater, "relay_unavailable 550"),
        (PeerAct("rcpt", f"450 4.1.1 <{GOSSIP}>"), TryLater, "relay_busy 450 4.1.1"),
        (PeerAct("data", f"554 5.6.0 {GOSSIP}"), Refused, "relay_refused 554 5.6.0"),
        (PeerAct("data", f"999 {GOSSIP}"), TryLater, "relay_protocol"),
        (PeerAct("data", GOSSIP), TryLater, "relay_protocol"),
    ],
)
async def test_every_answer_has_one_meaning(
    peer: MailPeer, make_relay: Callable[..., Relay], act: PeerAct, kind: type[Exception], reason: str
) -> None:
    relay = make_relay()
    peer.next(act)
    assert await reason_of(relay.send(FROM, [TO], MESSAGE), kind) == reason  # type: ignore[arg-type]
    # One call never offers a message twice, and the next message is not in its way.
    assert len(peer.messages) == (1 if act.keep else 0)
    await relay.send(FROM, [TO], MESSAGE)
    assert peer.messages[-1].content == MESSAGE


async def test_the_receipt_repeats_no_text(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    peer.next(PeerAct("data", f"250 2.6.0 {GOSSIP} queued as fatima@patient.example", keep=True))
    assert (await make_relay().send(FROM, [TO], MESSAGE)).text == "250 2.6.0 TLSv1.3"


async def test_all_recipients_or_none(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    peer.next(PeerAct("rcpt", "550 5.1.1 Unknown", only="weg@organisatie.example"))
    reason = await reason_of(make_relay().send(FROM, [TO, "weg@organisatie.example"], MESSAGE), Refused)
    assert reason == "relay_refused 550 5.1.1"
    assert peer.messages == []


async def test_connections_are_kept_and_bounded(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    relay = make_relay(connections=3)
    for _ in range(5):
        await relay.send(FROM, [TO], MESSAGE)
    assert peer.opened == 1
    await asyncio.gather(*(relay.send(FROM, [TO], MESSAGE) for _ in range(30)))
    assert peer.opened <= 3
    assert len(peer.messages) == 35


async def test_a_connection_ends_after_its_share(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    relay = make_relay(messages_per_connection=2)
    for _ in range(5):
        await relay.send(FROM, [TO], MESSAGE)
    assert peer.opened == 3


async def test_an_idle_connection_is_left(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    relay = make_relay(idle=0.01)
    await relay.send(FROM, [TO], MESSAGE)
    await peer.wait_alone()
    await relay.send(FROM, [TO], MESSAGE)
    assert peer.opened == 2


@pytest.mark.parametrize("goodbye", [DROPPED, PeerAct("mail", "421 4.4.2 Timed out"), PeerAct("rcpt", None)])
async def test_a_dead_kept_connection_is_replaced_unseen(
    peer: MailPeer, make_relay: Callable[..., Relay], goodbye: PeerAct
) -> None:
    relay = make_relay()
    await relay.send(FROM, [TO], MESSAGE)
    peer.next(goodbye)
    await relay.send(FROM, [TO], MESSAGE)
    assert (peer.opened, len(peer.messages)) == (2, 2)
    # Only once: a relay that hangs up on every connection is asked again later.
    peer.next(goodbye, goodbye)
    with pytest.raises(TryLater):
        await relay.send(FROM, [TO], MESSAGE)
    assert len(peer.messages) == 2


async def test_the_relay_restarts(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    relay = make_relay()
    await relay.send(FROM, [TO], MESSAGE)
    await peer.hang_up()
    await relay.send(FROM, [TO], MESSAGE)
    assert len(peer.messages) == 2


async def test_nothing_is_sent_twice_once_content_was_sent(
    peer: MailPeer, make_relay: Callable[..., Relay]
) -> None:
    relay = make_relay()
    await relay.send(FROM, [TO], MESSAGE)
    peer.next(ANSWER_LOST)
    assert await reason_of(relay.send(FROM, [TO], MESSAGE)) == "relay_answer_lost"
    assert len(peer.messages) == 2


async def test_a_cancelled_send_gives_back_its_place(
    peer: MailPeer, make_relay: Callable[..., Relay]
) -> None:
    relay = make_relay(connections=1)
    peer.next(SLOW)
    sending = asyncio.create_task(relay.send(FROM, [TO], MESSAGE))
    await peer.wait_held()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await peer.wait_alone()
    peer.release()
    await relay.send(FROM, [TO], MESSAGE)
    assert peer.opened == 2


async def test_close_lets_a_running_send_finish(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    relay = make_relay()
    peer.next(SLOW)
    sending = asyncio.create_task(relay.send(FROM, [TO], MESSAGE))
    await peer.wait_held()
    await relay.close()
    peer.release()
    assert (await sending).text.startswith("250")
    await peer.wait_alone()
    await relay.send(FROM, [TO], MESSAGE)
    assert peer.opened == 2


async def test_a_slow_relay_is_given_up(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    peer.next(SLOW)
    relay = make_relay(answer_timeout=0.05)
    assert await reason_of(relay.send(FROM, [TO], MESSAGE)) == "relay_answer_lost"


async def test_the_probe_connects_anew_and_leaves(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    relay = make_relay()
    await relay.probe()
    await peer.wait_alone()
    await relay.send(FROM, [TO], MESSAGE)
    await relay.probe()
    assert (peer.opened, len(peer.messages)) == (3, 1)


async def test_the_probe_asks_whether_a_mail_would_be_taken(
    peer: MailPeer, make_relay: Callable[..., Relay]
) -> None:
    relay = make_relay()
    peer.next(PeerAct("rcpt", f"450 4.2.0 {GOSSIP}"))
    await relay.probe(FROM, TO)
    peer.next(PeerAct("rcpt", f"554 5.7.1 {GOSSIP}"))
    with pytest.raises(Refused, match=r"relay_refused 554 5\.7\.1"):
        await relay.probe(FROM, TO)
    assert peer.messages == []


async def test_nobody_listens(peer: MailPeer, make_relay: Callable[..., Relay]) -> None:
    relay = make_relay()
    await peer.stop()
    assert await reason_of(relay.send(FROM, [TO], MESSAGE)) == "relay_unreachable"


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        (b"", "relay_timeout"),
        (b"554 5.3.2 " + GOSSIP.encode() + b"\r\n", "relay_unavailable 554 5.3.2"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "relay_protocol"),
        (b"220 " + b"x" * 100_000, "relay_protocol"),
        (b"220 hi\r\n250 only helo\r\n", "relay_timeout"),
    ],
)
async def test_something_that_is_no_relay(greeting: bytes, reason: str) -> None:
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await reader.read()
        writer.close()
        ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    relay = Relay(RelayOptions(host="127.0.0.1", port=port, helo="gateway.example", timeout=0.05))
    assert await reason_of(relay.send(FROM, [TO], MESSAGE)) == reason
    await ended.wait()
    server.close()
    await server.wait_closed()


def test_it_works_in_the_fast_loop_too(certificates: Certificates) -> None:
    async def main() -> int:
        async with MailPeer(certificates.cert, certificates.key) as peer:
            relay = Relay(relay_options(peer, certificates))
            await relay.probe()
            await asyncio.gather(*(relay.send(FROM, [TO], MESSAGE) for _ in range(20)))
            await peer.hang_up()
            await relay.send(FROM, [TO], MESSAGE)
            await relay.close()
            return len(peer.messages)

    assert uvloop.run(main()) == 21
