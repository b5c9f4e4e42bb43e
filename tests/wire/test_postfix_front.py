"""The front server of deploy/postfix, for real: Postfix with its files, OpenDKIM, and the gateway behind.

Postscreen's waiting, the chroots and OpenDMARC are left out: they take root's directories, or DNS.
"""

import asyncio
import base64
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

import aiosmtplib
import dkim
import pytest
from aiosmtpd.smtp import SMTP, Envelope
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.app.frontprobe import FrontProbe
from gateway.app.network import server_tls
from tests.bench.postfix import FOLDERS, why_not
from tests.invented import FRONT, GATEWAY, PRACTICE, make_mail
from tests.patience import PATIENCE_S
from tests.peers.mail import MailPeer
from tests.ports import free_port
from tests.programs import missing, program
from tests.story.place import Place, Town

DEPLOY = Path(__file__).parents[2] / "deploy" / "postfix"
COVERED = [b"from", b"to", b"subject", b"date", b"message-id", b"content-type"]


@cache
def practice_key() -> rsa.RSAPrivateKey:
    """What the practice signs its mails with."""
    return rsa.generate_private_key(65537, 2048)


def until_open(port: int) -> None:
    """Until somebody listens there."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
            return
        except OSError:
            # Looking again is all that can be done; nothing tells when a daemon is there.
            time.sleep(0.05)
    raise TimeoutError(port)


@dataclass(frozen=True)
class Front:
    """A running front server, and the number of the port behind it."""

    port: int
    log: Path


@pytest.fixture
def milter(tmp_path: Path) -> Iterator[int]:
    """OpenDKIM with the file of deploy/postfix, which knows the practice's key from a file instead of DNS."""
    opendkim = program("opendkim", "opendkim", [Path("/usr/sbin")])
    port, record = free_port(), tmp_path / "keys"
    public = (
        practice_key()
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    value = f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
    record.write_text(f"s1._domainkey.{PRACTICE} {value}\n")
    text = (DEPLOY / "opendkim.conf").read_text()
    for key, own in (("Socket", f"inet:{port}@127.0.0.1"), ("UserID", ""), ("PidFile", f"{tmp_path}/pid")):
        text = re.sub(rf"(?m)^{key}\s.*$", f"{key} {own}" if own else "", text)
    conf = tmp_path / "opendkim.conf"
    conf.write_text(f"{text}\nTestPublicKeys {record}\n")
    with subprocess.Popen([opendkim, "-f", "-x", str(conf)]) as running:
        until_open(port)
        yield port
        running.terminate()


@pytest.fixture
async def town(place: Place, peer: MailPeer, readers: Any) -> AsyncIterator[Town]:
    """A gateway that believes this front, and lives in the time that the milter lives in."""
    made = Town(place, peer, readers, now=datetime.now(UTC))
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def front(town: Town, milter: int) -> Iterator[Front]:
    """Postfix with main.cf, master.cf and header_checks of deploy/postfix, on a free port of loopback."""
    if reason := why_not():
        missing(reason)
    # Its user must be able to come here.
    with tempfile.TemporaryDirectory(prefix="front-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        place, port = Path(folder), free_port()
        place.chmod(0o755)
        for name in ("etc", "queue", "data", "log"):
            (place / name).mkdir()
        shutil.chown(place / "data", "postfix")
        for name in ("main.cf", "header_checks"):
            shutil.copy(DEPLOY / name, place / "etc" / name)
        # The port in the place of postscreen, no chroot; the rest is as it stands there.
        master = re.sub(
            r"(?m)^smtp      inet .*postscreen$",
            f"127.0.0.1:{port} inet n - n - - smtpd",
            (DEPLOY / "master.cf").read_text(),
        )
        (place / "etc" / "master.cf").write_text(re.sub(r"(?m)^(\S+ +\S+ +\S+ +\S+ +)y", r"\1n", master))
        cert, key = town.place.tls
        chain = place / "etc" / "chain.pem"
        chain.write_bytes(key.read_bytes() + cert.read_bytes())
        own = {
            "queue_directory": f"{place}/queue",
            "data_directory": f"{place}/data",
            "maillog_file": f"{place}/log/postfix.log",
            "maillog_file_prefixes": f"{place}/log",
            "inet_interfaces": "127.0.0.1",
            "relay_transport": f"relay:[127.0.0.1]:{town.address[1]}",
            "smtpd_tls_chain_files": str(chain),
            "smtpd_milters": f"inet:127.0.0.1:{milter}",
        }
        environment = os.environ | {"PATH": FOLDERS, "LC_ALL": "C.UTF-8"}
        etc = ["-c", str(place / "etc")]
        settings = [f"{name} = {value}" for name, value in own.items()]
        for command in (["postconf", *etc, "-e", *settings], ["postfix", *etc, "start"]):
            done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
            assert done.returncode == 0, done.stderr
        assert "warning" not in done.stderr, done.stderr
        try:
            until_open(port)
            yield Front(port, place / "log" / "postfix.log")
        finally:
            subprocess.run(["postfix", *etc, "stop"], capture_output=True, env=environment, check=True)


def signed(mail: EmailMessage) -> bytes:
    """As the practice's own server signs it."""
    content = mail.as_bytes()
    pem = practice_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    signature: bytes = dkim.sign(
        content, b"s1", PRACTICE.encode(), pem, canonicalize=(b"relaxed", b"relaxed"), include_headers=COVERED
    )
    return signature + content


async def bring(
    front: Front, content: bytes, *, sender: str = f"m.deboer@{PRACTICE}", to: str = GATEWAY
) -> None:
    """Send a mail to the front server, as the internet does."""
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=front.port, start_tls=True, validate_certs=False)
    async with client:
        await client.sendmail(sender, [to], content)


async def arrived(town: Town, number: int) -> None:
    """Until so many mails were kept by the gateway, and everything they lead to has happened."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with town.gateway.store.read() as session:
                if session.connection().exec_driver_sql("SELECT count(*) FROM inbox").scalar() == number:
                    break
            await asyncio.sleep(0.05)
    await town.work()


def mail(**more: Any) -> EmailMessage:
    """A referral of this moment, without a word of any front server but those in `headers`."""
    made = make_mail(proof=None, **more)
    del made["Date"]
    made["Date"] = format_datetime(datetime.now(UTC))
    return made


FORGED = {"Authentication-Results": f"{FRONT}; dmarc=pass header.from={PRACTICE}"}


def outcomes(town: Town) -> list[tuple[str, str | None]]:
    with town.gateway.store.read() as session:
        rows = session.connection().exec_driver_sql("SELECT state, reason FROM cases ORDER BY received_at")
        return [(row[0], row[1]) for row in rows]


async def test_a_forged_field_goes_and_a_signature_counts(town: Town, front: Front) -> None:
    await bring(front, mail(headers=FORGED).as_bytes())
    await arrived(town, 1)
    ((state, reason),) = outcomes(town)
    assert state == "quarantined"
    assert reason != "claimed", "the forged field came through"
    await bring(front, signed(mail(headers=FORGED)))
    await arrived(town, 2)
    assert [state for state, _ in outcomes(town)] == ["quarantined", "delivered"]
    assert town.handovers
    odd = mail()
    del odd["Authentication-Results"]
    content = f"authentication-results :\r\n (x) {FRONT};\r\n\tdmarc=pass\r\n".encode() + odd.as_bytes()
    await bring(front, content)
    await arrived(town, 3)
    assert [reason for state, reason in outcomes(town) if state == "quarantined"].count("claimed") == 0


async def test_it_relays_for_nobody_passes_on_what_is_for_us_and_can_be_tried(
    town: Town, front: Front
) -> None:
    for to in ("x@elders.example", "iemand@handover.example"):
        with pytest.raises(aiosmtplib.SMTPException):
            await bring(front, mail().as_bytes(), to=to)
    # A bounce comes from the null sender, to an address with a token.
    await bring(front, mail().as_bytes(), sender="", to=GATEWAY.replace("@", "+r.iets@"))
    await arrived(town, 1)
    await check_tries_it(town, front)


class Through:
    """A front server that writes that it had a mail, and takes nothing away."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    async def handle_DATA(self, _: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        """Pass it on."""
        content = envelope.content
        assert isinstance(content, bytes)
        raw = b"Received: from x by mx with ESMTP; Mon, 30 Nov 2026 09:00:00 +0000\r\n" + content
        async with aiosmtplib.SMTP(hostname=self._host, port=self._port, start_tls=False) as behind:
            await behind.sendmail((envelope.mail_from or "").strip("<>"), envelope.rcpt_tos, raw)
        return "250 2.0.0 passed on"


async def check_tries_it(town: Town, front: Front) -> None:
    """`inbeeld check --front`, which takes the gateway's place behind it."""
    host, port = town.address
    found = town.gateway.settings
    settings = found.model_copy(update={"smtp": found.smtp.model_copy(update={"listen": f"{host}:{port}"})})
    tls = server_tls(settings)

    async def tried(at: int) -> list[tuple[str, str]]:
        said = await FrontProbe(settings, town.readers, datetime.now(UTC)).run(("127.0.0.1", at), tls)
        return [(one.code, one.level) for one in said]

    assert await tried(front.port) == [("front-probe", "error")], "the gateway serves there"
    await town.listener.stop(5)
    assert await tried(front.port) == [("front-probe", "ok"), ("front-probe", "ok")]
    assert await tried(port) == [("front-probe", "error")], "that is ourselves"
    assert await tried(free_port()) == [("front-probe", "error")]
    through = Through(host, port)
    async with await asyncio.get_running_loop().create_server(
        lambda: SMTP(through, hostname="mx"), "127.0.0.1", 0
    ) as server:
        at = server.sockets[0].getsockname()[1]
        assert await tried(at) == [("front-strips", "error"), ("front-probe", "ok")]


def test_its_files_are_read_by_the_programs_they_are_for() -> None:
    opendmarc = program("opendmarc", "opendmarc", [Path("/usr/sbin")])
    subprocess.run([opendmarc, "-n", "-c", str(DEPLOY / "opendmarc.conf")], check=True, capture_output=True)
    names = {
        re.search(r"(?m)^AuthservID\s+(\S+)$", (DEPLOY / name).read_text())[1]  # type: ignore[index]
        for name in ("opendkim.conf", "opendmarc.conf")
    }
    assert names == {FRONT}
