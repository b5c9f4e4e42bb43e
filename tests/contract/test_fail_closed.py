"""The fail-closed matrix, through the whole way out: every format with every fault, and with every adapter.

Whatever is wrong with a key or an engine, before the referral is sealed or after, the delivery is held with
the reason, an administrator is alarmed, and no byte of the referral is with the peer, on disk or in what was
said. Once it is repaired, 'inbeeld queue retry' delivers it once. The sealers alone: `test_sealers.py`.
"""

import asyncio
import os
import tomllib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pysequoia
import pytest
import tomlkit
from sqlmodel import select

from adapters.memory import MemoryAdapter
from adapters.relay import Relay
from gateway.app import Gateway
from gateway.sealing import jwe, smime
from gateway.store import alarms, outbox
from gateway.store.migrate import migrate
from gateway.store.outbox import Status
from gateway.store.tables import MailboxRow
from tests.contract.adapters.wire import make_certificates, relay_options
from tests.invented import PATIENT
from tests.peers.fhirserver import FhirServer
from tests.peers.mail import MailPeer
from tests.peers.municipality.desk import Desk
from tests.peers.municipality.endpoint import Municipality
from tests.peers.openklant import ACTOR, OpenKlant
from tests.peers.webpeer import write_token
from tests.story.place import Mail, Place
from tests.unit.cli.terminal import Terminal
from tests.unit.pipeline.stage import Stage
from tests.unit.sealing.trial_keys import NOW, Trial, opened, several
from tests.unit.sealing.trial_place import made

FORMATS = ("openpgp", "smime", "jwe")
WAYS = [
    *((way, format, "sequoia") for way in ("mail", "memory") for format in FORMATS),
    ("mailbox", "smime", "sequoia"),
    ("file", "openpgp", "sequoia"),
    ("signaal", "jwe", "sequoia"),
    ("fhir", "jwe", "sequoia"),
    ("klantinteracties", "jwe", "sequoia"),
    ("mail", "openpgp", "gnupg"),
]
# An adapter never learns what is wrong with a key: it is handed nothing. Two faults show that for each, one
# of a key and one of an engine.
FOR_EACH_WAY = ("expired", "engine lies")
NEEDLES = [
    text.encode() for text in (PATIENT.name, PATIENT.e164, PATIENT.name.split()[-1], *PATIENT.spellings)
]

Got = Callable[[], list[bytes]]


@dataclass
class Wall(Stage):
    """A gateway with one organisation, reached in one way and sealed to in one format."""

    way: str = "memory"
    format: str = "openpgp"
    engine: str = "sequoia"
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def faults(self) -> Sequence[str]:
        """What befalls it."""
        if self.way != "memory" and self.engine == "sequoia":
            return FOR_EACH_WAY
        # P-256 has one size: no JWK is weak.
        return [name for name in FAULTS if (name, self.format) != ("weak", "jwe")]

    @property
    def trial(self) -> Trial:
        """The organisation's key as it should be."""
        return made(self.format)

    @property
    def key_file(self) -> Path:
        """Where it stands."""
        return self.place.directory / "keys" / "organisations" / "organisatie.key"

    def _organisations(self, backup: bool) -> None:
        entry = {
            "id": "de-schoor",
            "name": "De Schoor",
            "serves": ["Almere"],
            "adapter": self.way,
            "format": self.format,
            "key": "organisations/organisatie.key",
            "fingerprint": self.trial.fingerprint,
            "options": self.options,
        }
        path = self.place.directory / "config" / "organisations.toml"
        text = tomlkit.dumps({"organisation": [entry]})
        if path.read_text() != text:
            path.write_text(text)
        self.put(self.trial)

    def repair(self) -> None:
        """Let key and configuration be as they should."""
        self._organisations(backup=False)

    def put(self, trial: Trial) -> None:
        """Let this be the key on disk."""
        if self.key_file.is_dir():
            self.key_file.rmdir()
        trial.write(self.key_file.parent)
        if not trial.crl:
            self.key_file.with_suffix(".crl").unlink(missing_ok=True)


@pytest.fixture(scope="session")
def ready(template: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A working directory with its database, to be copied."""
    place = template.copy(tmp_path_factory.mktemp("ready") / "gateway")
    gateway = Gateway.at(place.directory)
    migrate(gateway.store)
    gateway.store.truncate_log()
    gateway.store.close()
    return place


@pytest.fixture(params=WAYS, ids="-".join)
async def wall(
    request: pytest.FixtureRequest, ready: Place, tmp_path: Path
) -> AsyncIterator[tuple[Wall, Got]]:
    """The gateway, and what the other side got so far."""
    way, format, engine = request.param
    place = ready.copy(tmp_path / "gateway")
    place.replace("inbeeld.toml", 'openpgp_engine = "sequoia"', f'openpgp_engine = "{engine}"')
    wall = Wall(place, now=NOW, way=way, format=format, engine=engine)
    async with AsyncExitStack() as stack:
        got = await _PEERS[way](wall, stack, tmp_path)
        wall.open()
        yield wall, got
        await wall.close()


async def _mail(wall: Wall, stack: AsyncExitStack, folder: Path) -> Got:
    certificates = make_certificates(folder)
    peer = await stack.enter_async_context(MailPeer(certificates.cert, certificates.key))
    relay = Relay(relay_options(peer, certificates))
    wall.ear = relay  # type: ignore[assignment]
    wall.options = {"to": "aanmeldingen@deschoor.example"}
    return lambda: [message.content for message in peer.messages]


async def _memory(wall: Wall, stack: AsyncExitStack, folder: Path) -> Got:
    def got() -> list[bytes]:
        adapter = wall.gateway.worker.adapters["de-schoor"]
        assert isinstance(adapter, MemoryAdapter)
        return [parcel.ciphertext for parcel in adapter.taken.values()]

    return got


async def _mailbox(wall: Wall, stack: AsyncExitStack, folder: Path) -> Got:
    def got() -> list[bytes]:
        with wall.store.read() as session:
            return [row.sealed or b"" for row in session.exec(select(MailboxRow))]

    return got


async def _signaal(wall: Wall, stack: AsyncExitStack, folder: Path) -> Got:
    theirs = wall.place.directory / "keys" / "trial" / "gemeente-poort"
    own = folder / "private.jwk"
    own.write_bytes(wall.trial.private)
    desk = Desk(own, theirs / "gateway.jwk")
    peer = await stack.enter_async_context(
        Municipality(desk, theirs / "server.pem", theirs / "server.key", theirs / "ca.pem")
    )
    entries = tomllib.loads((wall.place.directory / "config" / "organisations.toml").read_text())
    options = next(one["options"] for one in entries["organisation"] if one["adapter"] == "signaal")
    wall.options = options | {"url": peer.url}
    return lambda: [kept.signaal["client"]["jwe"].encode() for kept in desk.kept.values()]


async def _file(wall: Wall, stack: AsyncExitStack, folder: Path) -> Got:
    there = wall.place.directory / "map"
    await asyncio.to_thread(there.mkdir)
    wall.options = {"folder": "map"}
    return lambda: [path.read_bytes() for path in sorted(there.glob("IB-*"))]


async def _fhir(wall: Wall, stack: AsyncExitStack, folder: Path) -> Got:
    certificates = make_certificates(folder)
    peer = await stack.enter_async_context(FhirServer(certificates.cert, certificates.key))
    token = write_token(folder / "token")
    wall.options = {"url": f"{peer.url}/fhir", "ca_file": str(certificates.ca), "token_file": str(token)}
    return peer.sealed


async def _klantinteracties(wall: Wall, stack: AsyncExitStack, folder: Path) -> Got:
    certificates = make_certificates(folder)
    peer = await stack.enter_async_context(OpenKlant(certificates.cert, certificates.key))
    files = {"ca_file": str(certificates.ca), "token_file": str(write_token(folder / "token"))}
    wall.options = {"url": peer.api, "actor": ACTOR, **files}
    return await _mailbox(wall, stack, folder)  # type: ignore[no-any-return]


_PEERS: dict[str, Callable[[Wall, AsyncExitStack, Path], Any]] = {
    "mail": _mail,
    "memory": _memory,
    "mailbox": _mailbox,
    "signaal": _signaal,
    "file": _file,
    "fhir": _fhir,
    "klantinteracties": _klantinteracties,
}


def _other_key(wall: Wall, patch: pytest.MonkeyPatch) -> None:
    wall.put(made(wall.format, serial=1))


def _two_keys(wall: Wall, patch: pytest.MonkeyPatch) -> None:
    wall.put(several(wall.format, wall.trial, made(wall.format, serial=1)))


def _gone(wall: Wall, patch: pytest.MonkeyPatch) -> None:
    wall.key_file.unlink()


def _garbage(wall: Wall, patch: pytest.MonkeyPatch) -> None:
    wall.key_file.write_bytes(b"geen sleutel")


def _large(wall: Wall, patch: pytest.MonkeyPatch) -> None:
    wall.key_file.write_bytes(wall.trial.public + b"\n" * 70_000)


def _lies(wall: Wall, patch: pytest.MonkeyPatch) -> None:
    """The engine gives back what it got, labelled as encrypted."""

    class Envelope:
        def set_data(self, content: bytes) -> "Envelope":
            self.content = content
            return self

        def add_recipient(self, *_: Any) -> "Envelope":
            return self

        set_content_encryption_algorithm = add_recipient

        def encrypt(self, *_: Any) -> bytes:
            return self.content

    fake = wall.place.directory / "bin" / "gpg"
    fake.parent.mkdir(exist_ok=True)
    real = next(Path(part) / "gpg" for part in os.get_exec_path() if (Path(part) / "gpg").exists())
    fake.write_text(
        f'#!/bin/sh\ncase "$*" in *" --encrypt"*) ;; *) exec {real} "$@";; esac\n'
        'echo "[GNUPG:] END_ENCRYPTION" >&2; cat\n'
    )
    fake.chmod(0o755)
    patch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    armour = pysequoia.armor
    patch.setattr(
        pysequoia, "encrypt", lambda entity, *_, **__: armour(entity, pysequoia.ArmorKind.Message).encode()
    )
    patch.setattr(smime, "PKCS7EnvelopeBuilder", Envelope)
    patch.setattr(jwe.jwe, "encrypt_compact", lambda header, entity, *_, **__: entity.decode())  # type: ignore[attr-defined]


def _keyed(fault: str) -> Callable[[Wall, pytest.MonkeyPatch], None]:
    def befall(wall: Wall, patch: pytest.MonkeyPatch) -> None:
        bad = made(wall.format, fault)
        # The fault is the key's own: the fingerprint was agreed.
        path = wall.place.directory / "config" / "organisations.toml"
        path.write_text(path.read_text().replace(wall.trial.fingerprint, bad.fingerprint))
        wall.put(bad)

    return befall


FAULTS: dict[str, tuple[Callable[[Wall, pytest.MonkeyPatch], None], str]] = {
    "expired": (_keyed("expired"), "expired"),
    "revoked": (_keyed("revoked"), "revoked"),
    "sign only": (_keyed("sign_only"), "sign_only"),
    "weak": (_keyed("weak"), "weak"),
    "not yet valid": (_keyed("not_yet_valid"), "not_yet_valid"),
    "private": (_keyed("private_key_present"), "private_key_present"),
    "another key": (_other_key, "wrong_fingerprint"),
    "two keys": (_two_keys, "several_keys"),
    "gone": (_gone, "missing"),
    "garbage": (_garbage, "unreadable"),
    "large": (_large, "too_large"),
    "engine lies": (_lies, "engine_error"),
}


def _spilled(wall: Wall, got: Got, said: str = "") -> list[str]:
    """Where anything of the referral stands in clear."""
    places = {"said": said.encode(), "logged": wall.journal.getvalue().encode()}
    places |= {f"got {number}": content for number, content in enumerate(got())}
    places |= {str(path): path.read_bytes() for path in wall.place.directory.rglob("*") if path.is_file()}
    return [name for name, content in places.items() if any(needle in content for needle in NEEDLES)]


def _alarms(wall: Wall, delivery: str) -> int:
    """How often the administrators are told of a delivery."""
    with wall.store.read() as session:
        return sum(delivery in event.data for event in alarms.alarming(session, 0, 1000))


def _opened(wall: Wall, content: bytes) -> bytes:
    """What the organisation reads, with its own tool."""
    if wall.way == "mail":
        received = type("Received", (), {"content": content})()
        mail = Mail(received).message  # type: ignore[arg-type]
        part = next(part for part in mail.walk() if _is_sealed(part.get_content_type()))
        content = bytes(part.get_payload(decode=True))  # type: ignore[arg-type]
    return opened(wall.format, wall.trial, content, wall.place.directory, wall.gateway.keys.signers())


def _is_sealed(kind: str) -> bool:
    return kind in ("application/octet-stream", "application/pkcs7-mime", "application/jose")


async def test_what_cannot_be_sealed_is_held_and_delivered_once_when_repaired(
    wall: tuple[Wall, Got], monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, got = wall
    held: dict[str, str] = {}
    for fault in gateway.faults:
        befall, code = FAULTS[fault]
        before = gateway.referred()
        with monkeypatch.context() as patch:
            befall(gateway, patch)
            after = gateway.referred()
            if fault == "engine lies":
                # What was sealed while all was well may go: its key is good, and nothing is sealed now.
                _unseal(gateway, before)
            await gateway.work()
            if fault == "engine lies":
                # It is asked again before a person is: a machine that stands still fails as well.
                await gateway.work(minutes=2)
                await gateway.work(minutes=6)
            (row,) = gateway.rows(after)
            with gateway.gateway.store.write() as session:
                found = gateway.gateway.worker.retry.retry(session, row.id, gateway.now, "test")
            assert found == code, fault
        for case in (before, after):
            (row,) = gateway.rows(case)
            assert (row.status, row.reason) == (Status.HELD, code), fault
            assert _alarms(gateway, row.id), fault
            held[case] = code
        gateway.repair()
    assert got() == []

    terminal = Terminal(gateway.place.directory)
    shown = terminal("queue", "list")
    assert all(code in shown.out for code in held.values())
    assert _spilled(gateway, got, shown.out + shown.err) == []

    retried = terminal("queue", "retry", "--all", "--now", gateway.now.isoformat())
    assert (retried.code, retried.out.count("will be sent")) == (0, len(held)), retried.out
    await gateway.work()
    await gateway.work(minutes=1)
    assert len(got()) == len(held)
    assert PATIENT.name.encode() in _opened(gateway, got()[-1])
    assert _spilled(gateway, got, retried.out) == []
    assert gateway.whole()


def _unseal(wall: Wall, case: str) -> None:
    """Let a delivery need sealing at dispatch, as after a key was changed."""
    with wall.store.write() as session:
        (row,) = outbox.of_case(session, case)
        row.sealed_for = "another"
        session.add(row)
