"""Mail that is fetched from a mailbox: the same referral and report, kept once and then taken away."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage

import pytest

from gateway.intake import imap
from gateway.intake.imap import ImapFetcher
from gateway.sandbox.pool import Readers
from tests.contract.adapters.ways import spilled
from tests.invented import FRONT, PATIENT, WIRE, make_mail
from tests.peers.imapserver import PASSWORD, USER, ImapServer
from tests.peers.mail import MailPeer
from tests.story.place import Place, Town, kinds

ORGANISATION = "deschoor.example"


@dataclass
class Post:
    """A gateway that fetches its mail."""

    town: Town
    server: ImapServer

    @property
    def fetcher(self) -> ImapFetcher:
        found = self.town.intake.fetcher
        assert found is not None
        return found

    async def fetch(self) -> int:
        kept = await self.fetcher.fetch()
        await self.town.work()
        return kept

    def put(self, mail: EmailMessage, path: str | None = None) -> int:
        """As the provider's server puts it in the mailbox."""
        sender = str(mail["From"]).rpartition("<")[2].rstrip(">") if path is None else path
        return self.server.put(f"Return-Path: <{sender}>\r\n".encode() + mail.as_bytes(policy=WIRE))


@pytest.fixture
async def post(place: Place, peer: MailPeer, readers: Readers) -> AsyncIterator[Post]:
    secret = place.directory / "keys" / "gateway" / "imap.password"
    secret.touch(mode=0o600)
    secret.write_text(f"{PASSWORD}\n")
    async with ImapServer(*place.tls) as server:
        place.replace(
            "inbeeld.toml",
            'server = ""\nusername = ""\n',
            f'server = "localhost:{server.port}"\nusername = "{USER}"\nca_file = "keys/tls/ca.pem"\n'
            'password_file = "keys/gateway/imap.password"\n',
        )
        town = Town(place, peer, readers)
        await town.open()
        yield Post(town, server)
        await town.close()


def report(post: Post, words: str) -> EmailMessage:
    """What De Schoor answers to the handover."""
    (handover,) = post.town.handovers
    mail = EmailMessage(policy=WIRE)
    mail["Authentication-Results"] = f"{FRONT}; dmarc=pass header.from={ORGANISATION}"
    mail["From"] = f"Team <team@{ORGANISATION}>"
    mail["To"] = handover["Reply-To"]
    mail["Subject"] = f"Re: {handover['Subject']}"
    mail["In-Reply-To"] = handover["Message-ID"]
    mail["Message-ID"] = f"<antwoord@{ORGANISATION}>"
    mail["Date"] = f"{post.town.now:%a, %d %b %Y %H:%M:%S +0000}"
    mail.set_content(words)
    return mail


async def test_the_whole_walk(post: Post) -> None:
    post.put(make_mail(PATIENT))
    assert await post.fetch() == 1
    assert post.server.folders["INBOX"] == {}, "what was kept is taken away there"
    assert post.town.the_case()["state"] == "delivered"
    post.put(report(post, "IN BEELD"))
    assert await post.fetch() == 1
    assert post.town.the_case()["state"] == "contacted"
    assert ";IMAP TLSv1." in post.town.inbeeld("audit", "evidence")
    assert kinds(post.town.mails)[-1] == "in_beeld"
    assert spilled(post.town) == []
    assert PASSWORD not in post.town.journal.getvalue()


async def test_a_mail_is_taken_away_only_when_it_is_kept_and_counts_once(post: Post) -> None:
    post.put(make_mail())
    post.server.drop = {"STORE"}
    assert await post.fetcher.fetch() == 0
    assert len(post.server.folders["INBOX"]) == 1, "we were cut off before it could be taken away"
    post.server.drop = set()
    assert await post.fetch() == 1
    assert post.town.mailboxes() == {"case": 1}
    assert len(post.town.cases()) == 1

    def full(blob: bytes, context: str) -> bytes:
        raise RuntimeError

    post.put(make_mail())
    post.fetcher._keeper._seal = full
    assert await post.fetch() == 0
    assert len(post.server.folders["INBOX"]) == 1


REFUSED = (
    # Large, with bare line ends, with NUL, with a long line, in a loop.
    b"From: a@b.example\r\n\r\n" + b"x" * 78 + b"\r\n" * 1 + b"y\r\n" * 6_000_000,
    b"From: a@b.example\n\nkale regels\n",
    b"From: a@b.example\r\n\r\nnul \x00\r\n",
    b"From: a@b.example\r\n\r\n" + b"x" * 3000 + b"\r\n",
    b"Received: x\r\n" * 60 + b"\r\nrond\r\n",
)


async def test_what_the_listener_would_refuse_is_put_aside_there(post: Post) -> None:
    for raw in REFUSED:
        post.server.put(raw)
    post.put(make_mail())
    assert await post.fetch() == 1
    assert post.server.folders["INBOX"] == {}
    assert list(post.server.folders["InBeeld-geweigerd"].values()) == [*REFUSED]
    assert post.town.mailboxes() == {"case": 1}


async def test_a_mail_that_the_server_refuses_keeps_no_other_back(post: Post) -> None:
    """It is broken in the server's store, or may not be moved, or somebody took it away meanwhile."""
    broken, gone = post.put(make_mail()), post.put(make_mail())
    post.server.refuses_to_read, post.server.gone = {broken}, {gone}
    large = post.server.put(b"Subject: x\r\n\r\n" + b"a" * 2_000 + b"\r\n")
    post.server.refuse = {"COPY"}
    post.put(make_mail(PATIENT))
    assert await post.fetch() == 1
    assert post.server.folders["INBOX"].keys() == {broken, gone, large}
    assert post.town.the_case()["state"] == "delivered"
    assert "Quintavalle" not in post.town.journal.getvalue()
    post.server.refuses_to_read, post.server.refuse = set(), set()
    assert await post.fetch() == 1
    assert post.server.folders["INBOX"].keys() == {gone}


async def test_a_server_that_talks_all_the_time_is_not_asked_without_end(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[tuple[bool, float]] = []

    class Session:
        def close(self) -> None: ...

    async def visit() -> tuple[Session, int]:
        return Session(), 0

    async def rest(session: Session | None, seconds: float) -> None:
        # It speaks at once.
        rests.append((session is not None, seconds))
        if len(rests) == 6:
            post.fetcher.stop()

    monkeypatch.setattr(post.fetcher, "_visit", visit)
    monkeypatch.setattr(post.fetcher, "_rest", rest)
    await post.fetcher.run(60)
    assert rests == [(True, 60), (False, 2), (True, 60), (False, 4), (True, 60), (False, 8)]


async def test_trouble_is_told_by_its_kind_and_it_is_tried_again(post: Post) -> None:
    post.put(make_mail())
    commands = ("LOGIN", "SELECT", "SEARCH", "FETCH")
    for command in commands:
        for kind in ("refuse", "drop"):
            setattr(post.server, kind, {command})
            assert await post.fetch() == 0, (command, kind)
            setattr(post.server, kind, set())
    # Each kind is told once, however often it comes.
    assert post.town.journal.alarms().count("intake") == 2
    for word in ("Roswitha", PASSWORD, USER):
        assert word not in post.town.journal.getvalue()
    assert await post.fetch() == 1


async def test_who_is_proven_to_nobody_reports_nothing(post: Post) -> None:
    post.put(make_mail())
    await post.fetch()
    forged = report(post, "IN BEELD")
    del forged["Authentication-Results"]
    post.put(forged)
    await post.fetch()
    assert sorted(case["state"] for case in post.town.cases()) == ["delivered", "quarantined"]
    # Without the provider's word a mail counts by its own signature alone: SPF knows nothing of the session.
    assert not re.search("spf", post.town.journal.getvalue())


def test_our_addresses_are_found_wherever_a_server_writes_them(post: Post) -> None:
    header = (
        b"Return-Path: <>\r\nDelivered-To: aanmelding+t0k-en@handover.example\r\n"
        b"To: =?utf-8?q?x?= <Aanmelding@handover.example>,\r\n\tander@elders.example\r\n"
        b"Subject: aanmelding+geheim@handover.example\r\nCc: xaanmelding@handover.example, "
        b"aanmelding@handover.example.elders\r\n\r\nTo: aanmelding+lichaam@handover.example\r\n"
    )
    envelope = post.fetcher._envelope(header)
    assert envelope.rcpt_tos == ("aanmelding+t0k-en@handover.example", "Aanmelding@handover.example")
    assert envelope.mail_from == ""
    other = post.fetcher._envelope(b"From: x\r\n\r\n")
    assert other.rcpt_tos == ("aanmelding@handover.example",)
    assert other.mail_from.startswith("onbekend@")


async def test_what_comes_is_fetched_when_the_server_says_so(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server that starts later than we do is not waited for so long.
    monkeypatch.setattr(imap, "FIRST_AGAIN", 0.01)
    post.server.password = "nog niet"
    running = asyncio.create_task(post.fetcher.run(3600))
    for _ in range(3):
        await post.server.visits.acquire()
    post.server.password = PASSWORD
    await post.server.idling.wait()
    post.server.idling.clear()
    post.put(make_mail(PATIENT))
    # Back at rest: what came meanwhile was kept, and the next is heard too.
    await post.server.idling.wait()
    assert post.server.folders["INBOX"] == {}
    await post.town.work()
    assert "receipt" in kinds(post.town.mails)
    post.fetcher.stop()
    await running
    assert post.server.commands[-2:] == ["IDLE", "LOGOUT"]


@pytest.mark.parametrize("how", ["can't", "refuses", "hangs up"])
async def test_a_server_that_does_not_say_so_is_asked_when_it_is_due(post: Post, how: str) -> None:
    if how == "can't":
        post.server.can = "IMAP4rev1"
    else:
        (post.server.refuse if how == "refuses" else post.server.drop).add("IDLE")
    post.put(make_mail(PATIENT))
    running = asyncio.create_task(post.fetcher.run(0.01))
    for _ in range(3):
        await post.server.visits.acquire()
    post.fetcher.stop()
    await running
    assert post.server.folders["INBOX"] == {}
    assert ("IDLE" in post.server.commands) == (how != "can't")
