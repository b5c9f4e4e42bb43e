"""`inbeeld check --front` tells a front server that says no from one that isn't there."""

import asyncio
import ssl
from datetime import UTC, datetime
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from gateway.app.frontprobe import FrontProbe
from gateway.settings import load
from tests.story.place import Place


class Front:
    """A front server that answers a recipient so."""

    def __init__(self, answer: str) -> None:
        self._answer = answer

    async def handle_RCPT(self, *_: object) -> str:  # noqa: N802
        return self._answer


@pytest.mark.parametrize(
    ("answer", "told", "waits", "tries"),
    [
        ("450 4.2.0 greylisted", "(450)", True, 2),
        ("550 5.1.1 not here", "(550)", False, 2),
        ("what", "takes no mail", False, 1),
    ],
)
async def test_what_a_recipient_is_told_is_told(
    place: Place, answer: str, told: str, waits: bool, tries: int
) -> None:
    settings = load(place.directory)
    free = settings.smtp.model_copy(update={"listen": "127.0.0.1:0"})
    readers: Any = None
    probe = FrontProbe(settings.model_copy(update={"smtp": free}), readers, datetime.now(UTC))
    async with await asyncio.get_running_loop().create_server(
        lambda: SMTP(Front(answer), hostname="mx"), "127.0.0.1", 0
    ) as server:
        found = await probe.run(server.sockets[0].getsockname()[:2], ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    assert [one.level for one in found] == ["error"] * tries, "who says nothing is not asked twice"
    for one in found:
        assert told in one.told
        assert ("greylisting" in one.meaning.mend) is waits
