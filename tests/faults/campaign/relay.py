"""The relay of the campaign: takes everything, or misbehaves for as long as it is told.

It promises to remember of each mail that it took what it is (a handover, or an answer in whose thread), and
nothing else.
"""

import asyncio
import contextlib
import ssl
import time
from collections import Counter, defaultdict
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from gateway.demo.peer import Received
from tests.peers.mail import TAKEN, MailPeer, PeerAct


class MisbehavingRelay(MailPeer):
    """`always` is what it does with each transaction; `pause` is how long it thinks about a mail."""

    def __init__(self, cert: Path, key: Path) -> None:
        super().__init__(cert, key)
        self.always: PeerAct = TAKEN
        self.pause = 0.0
        self.handovers: Counter[str] = Counter()
        """How often each handover came, by its Message-ID."""
        self.answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """How often each answer came, by the Message-ID that it answers and by its own."""
        self.answered_at: dict[str, float] = {}
        self._names = (cert, key)

    def well(self) -> None:
        """Behave again."""
        self.always, self.pause = TAKEN, 0.0

    async def another_certificate(self, cert: Path, key: Path) -> None:
        """Show this one from now on; who is connected must connect anew."""
        self.tls_context.load_cert_chain(cert, key)
        # One that is in the middle of a handshake may not notice.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self.hang_up()

    async def own_certificate(self) -> None:
        """Show its own again."""
        await self.another_certificate(*self._names)

    async def handle_MAIL(self, server: Any, *arguments: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self._script.append(self.always)
        return await super().handle_MAIL(server, *arguments)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.pause:
            await asyncio.sleep(self.pause)
        answer = await super().handle_DATA(server, session, envelope)
        while self.messages:
            self._took(self.messages.pop())
        return answer

    def _took(self, mail: Received) -> None:
        header = BytesHeaderParser().parsebytes(mail.content.partition(b"\r\n\r\n")[0])
        if header.get_content_type() == "multipart/encrypted":
            self.handovers[str(header["Message-ID"])] += 1
        elif asked := str(header["In-Reply-To"] or ""):
            self.answers[asked][str(header["Message-ID"])] += 1
            self.answered_at.setdefault(asked, time.monotonic())

    @property
    def copies(self) -> int:
        """How many came once more under the same Message-ID, which is how a second copy is recognised."""
        counts = [self.handovers, *self.answers.values()]
        return sum(number - 1 for count in counts for number in count.values())

    @property
    def twice(self) -> int:
        """How many mails were answered by two different answers."""
        return sum(len(ids) > 1 for ids in self.answers.values())


def stranger(folder: Path) -> tuple[Path, Path]:
    """A certificate for the same name from an authority that nobody trusts."""
    import trustme

    issued = trustme.CA().issue_cert("localhost")
    cert, key = folder / "stranger.pem", folder / "stranger.key"
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    return cert, key
