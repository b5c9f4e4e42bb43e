"""An answer leaves with a sender that no SPF covers: our own signature says that it is ours."""

import re
from typing import Any

import dkim
import pytest

from gateway.sealing.mailsigner import DkimKey
from tests.invented import make_mail
from tests.peers.mail import MailPeer
from tests.story.place import Place, Town
from tests.unit.cli.terminal import Terminal


@pytest.fixture
def place(place: Place) -> Place:
    """One whose operator made a key, published it and named it."""
    made = Terminal(place.directory)(
        "keys", "generate", "dkim", str(place.directory / "keys/gateway/dkim"), "--name", "ib1"
    )
    assert made.code == 0, made.err
    assert 'dkim_selectors = ["ib1"]' in made.out
    place.replace("inbeeld.toml", "dkim_selectors = []", 'dkim_selectors = ["ib1"]')
    return place


async def test_every_mail_that_leaves_is_signed_and_aligned(town: Town, peer: MailPeer) -> None:
    await town.post(make_mail())
    assert len(town.mails) >= 2, "a handover and a receipt"
    printed = town.inbeeld("dns")
    record = re.search(r"^ib1\._domainkey\.handover\.example\. 3600 IN TXT (.+)$", printed, re.M)
    assert record
    published = "".join(re.findall(r'"([^"]*)"', record[1])).encode()
    assert (
        published.decode() == DkimKey.load("ib1", town.place.directory / "keys/gateway/dkim/ib1.key").record
    )
    for mail in town.mails:
        asked: list[Any] = []

        def answer(name: bytes, timeout: int = 5, asked: list[bytes] = asked) -> bytes:
            asked.append(name)
            return published

        verifier = dkim.DKIM(mail.received.content)
        assert verifier.verify(dnsfunc=answer), mail["Subject"]
        assert (asked, verifier.domain) == ([b"ib1._domainkey.handover.example."], b"handover.example")
        assert mail["From"].endswith("@handover.example>")
        assert {b"from", b"to", b"subject", b"date", b"message-id", b"in-reply-to", b"references"} <= set(
            verifier.include_headers
        )
