"""Any dialogue at all: every answer is one of ours, nothing of the client's is repeated, and only what was
kept got its 250. Bounded here; `make fuzz` makes it longer."""

import asyncio
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.patience import PATIENCE_S
from tests.wire.harness import GP, MAIL, OURS, Client, Post, post

REPLY = re.compile(rb"[2-5][0-9]{2}[ -][\x20-\x7e]*\r\n")
MARK = "kwetterlijn"
"""Stands in everything that the client says of its own."""

VERBS = (
    *("EHLO", "HELO", "MAIL FROM:", "RCPT TO:", "DATA", "RSET", "NOOP", "VRFY", "HELP"),
    *("AUTH", "BDAT", "QUIT"),
)
ARGUMENTS = (
    *(f"<{GP}>", f"<{OURS}>", "<>", f"<{MARK}@x.example>", "SIZE=1", "SIZE=99999999999", "BODY=8BITMIME"),
    *("SMTPUTF8", "PLAIN", "AGsAaw==", "client.example", "[127.0.0.1]", "=", f"{MARK}=1", "\0", "\t"),
)
WHOLE = (
    *(b"EHLO x.example\r\n", f"MAIL FROM:<{GP}>\r\n".encode(), f"RCPT TO:<{OURS}>\r\n".encode()),
    *(b"DATA\r\n", MAIL + b".\r\n", b".\r\n", b"\r\n", b"\n", b".\n", b"\r\n.\r", b"\r"),
)
WORDS = st.one_of(
    st.sampled_from(ARGUMENTS),
    st.text(max_size=12).map(lambda text: MARK + text),
    st.integers(0, 3000).map(lambda number: "a" * number),
)
COMMANDS = st.tuples(st.sampled_from(VERBS), st.lists(WORDS, max_size=4)).map(
    lambda pair: f"{pair[0]} {' '.join(pair[1])}\r\n".encode("utf-8", "replace")
)
LINES = st.one_of(COMMANDS, st.sampled_from(WHOLE), st.binary(max_size=40))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=st.lists(LINES, max_size=14), at_once=st.booleans())
def test_any_dialogue_is_answered_in_our_own_words(lines: list[bytes], at_once: bool) -> None:
    async def tell() -> None:
        async with post() as office:
            heard = await _say(office, lines, at_once)
            kept = re.findall(rb"250 2\.0\.0 kept ([0-9a-f]{32})\r\n", heard)
            assert re.sub(REPLY, b"", heard) == b""
            assert MARK.encode() not in heard
            assert {id_.decode() for id_ in kept} <= {row.id for row in office.inbox.rows.values()}
            # And the next client finds all as it was.
            other = await office.connect()
            await other.hello()
            assert (await other.mail()).startswith("250 2.0.0 kept ")
            assert office.events.failures == []

    asyncio.run(tell())


async def _say(office: Post, lines: list[bytes], at_once: bool) -> bytes:
    client: Client = await office.connect()
    heard = await client.line()
    for line in [b"".join(lines)] if at_once else lines:
        client.send(line)
        await asyncio.sleep(0)
    # In DATA this ends the mail, elsewhere it ends the line and then the session.
    client.send(b"\r\n.\r\nQUIT\r\n")
    try:
        async with asyncio.timeout(PATIENCE_S):
            return heard + await client.rest()
    except TimeoutError:
        raise AssertionError("the session does not end") from None
