"""What every adapter promises, asked of each of them."""

import asyncio
import functools
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from adapters.base import Adapter, Options, Receipt, Refused, TryLater
from adapters.fhir import FhirAdapter, FhirOptions
from adapters.file import FileAdapter, FileOptions
from adapters.mail import MailAdapter, MailOptions
from adapters.memory import MemoryAdapter, MemoryOptions
from adapters.relay import Relay
from tests.contract.adapters.test_klantinteracties import Shelf, make_adapter
from tests.contract.adapters.wire import (
    MEDIA_TYPES,
    SECRET,
    Certificates,
    make_context,
    make_parcel,
    relay_options,
)
from tests.contract.signaal.stage import Stage, make_stage
from tests.peers.fhirserver import FhirServer
from tests.peers.mail import ANSWER_LOST, BUSY, CONTENT_REFUSED, TAKEN, MailPeer
from tests.peers.openklant import OpenKlant
from tests.peers.sftp import SftpServer
from tests.peers.webpeer import write_token


@functools.cache
def signaal_stage(folder: Path) -> Stage:
    folder.mkdir()
    return make_stage(folder)


@dataclass
class Bench:
    """An adapter with its peer: what arrived there (delivery ids), and how to make it misbehave."""

    adapter: Adapter
    arrived: Callable[[], list[str]]
    script: Callable[..., None]
    lose_peer: Callable[[], Any] | None = None
    regain_peer: Callable[[], Any] | None = None
    takes: tuple[str, ...] = MEDIA_TYPES


async def _mail(certificates: Certificates, stack: AsyncExitStack) -> Bench:
    peer = await stack.enter_async_context(MailPeer(certificates.cert, certificates.key))
    relay = Relay(relay_options(peer, certificates))
    stack.push_async_callback(relay.close)
    acts = {"take": TAKEN, "later": BUSY, "refuse": CONTENT_REFUSED, "lose": ANSWER_LOST}

    def arrived() -> list[str]:
        ids = [message_from_bytes(message.content)["Message-ID"] for message in peer.messages]
        return [message_id.strip("<>").partition("@")[0] for message_id in ids]

    adapter = MailAdapter(MailOptions(to="aanmeldingen@organisatie.example"), make_context(relay))
    return Bench(
        adapter, arrived, lambda *words: peer.next(*(acts[word] for word in words)), peer.stop, peer.start
    )


async def _signaal(certificates: Certificates, stack: AsyncExitStack) -> Bench:
    stage = signaal_stage(certificates.ca.parent / "signaal")
    peer = await stack.enter_async_context(stage.municipality())
    adapter = stage.adapter(peer)
    stack.push_async_callback(adapter.close)
    acts = {"take": "ok", "later": "503", "refuse": "refuse", "lose": "lose"}
    return Bench(
        adapter,
        lambda: list(peer.desk.kept),
        lambda *words: peer.next(*(acts[word] for word in words)),
        peer.stop,
        peer.start,
        ("application/jose",),
    )


async def _file(certificates: Certificates, stack: AsyncExitStack) -> Bench:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "map"
    folder.mkdir()
    return _dropping(folder, FileAdapter(FileOptions(folder=folder), make_context()))


async def _sftp(certificates: Certificates, stack: AsyncExitStack) -> Bench:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "map"
    keys = folder.with_name("keys")
    folder.mkdir()
    keys.mkdir()
    server = await stack.enter_async_context(SftpServer(folder, keys))
    adapter = FileAdapter(FileOptions.model_validate(server.options), make_context())
    stack.push_async_callback(adapter.close)
    bench = _dropping(folder, adapter)
    bench.lose_peer, bench.regain_peer = server.stop, server.start
    return bench


def _dropping(folder: Path, adapter: FileAdapter) -> Bench:
    """`adapter` drops its files here; what is scripted happens to those it writes next."""
    away = folder.with_name("weg")
    script: deque[str] = deque()
    real = adapter._folder.write

    async def write(under: str, name: str, content: bytes) -> None:
        act = script.popleft() if script and name != "index.csv" else "take"
        if act == "refuse":
            raise Refused("file_denied")
        if act == "later":
            raise TryLater("file_full")
        await real(under, name, content)
        if act == "lose":
            raise TryLater("file_unreachable")

    async def lose() -> None:
        await asyncio.to_thread(folder.rename, away)

    async def regain() -> None:
        await asyncio.to_thread(away.rename, folder)

    adapter._folder.write = write  # type: ignore[method-assign]

    def arrived() -> list[str]:
        return sorted(path.name.split("_")[2].partition(".")[0] for path in folder.glob("*_*"))

    return Bench(adapter, arrived, lambda *words: script.extend(words), lose, regain)


async def _fhir(certificates: Certificates, stack: AsyncExitStack) -> Bench:
    peer = await stack.enter_async_context(FhirServer(certificates.cert, certificates.key))
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    options = FhirOptions(
        url=f"{peer.url}/fhir",
        ca_file=certificates.ca,
        token_file=write_token(folder / "token"),
        # The longest that is allowed: a busy machine must not make it an answer that was lost.
        timeout=60,
    )
    adapter = FhirAdapter(options, make_context())
    stack.push_async_callback(adapter.close)
    return Bench(adapter, lambda: list(peer.tasks), peer.next, peer.stop, peer.start, ("application/jose",))


async def _klantinteracties(certificates: Certificates, stack: AsyncExitStack) -> Bench:
    peer = await stack.enter_async_context(OpenKlant(certificates.cert, certificates.key))
    shelf, folder = Shelf(), Path(stack.enter_context(tempfile.TemporaryDirectory()))
    adapter = make_adapter(peer, certificates, folder, shelf)
    stack.push_async_callback(adapter.close)
    return Bench(adapter, lambda: list(shelf.kept), peer.next, peer.stop, peer.start)


async def _memory(certificates: Certificates, stack: AsyncExitStack) -> Bench:
    adapter = MemoryAdapter(MemoryOptions(), make_context())
    return Bench(adapter, lambda: list(adapter.taken), adapter.next)


@pytest.fixture(
    params=[_mail, _memory, _signaal, _file, _sftp, _fhir, _klantinteracties],
    ids=lambda make: make.__name__[1:],
)
async def bench(request: pytest.FixtureRequest, certificates: Certificates) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        yield await request.param(certificates, stack)


def test_it_has_the_shape_of_an_adapter(bench: Bench) -> None:
    assert isinstance(bench.adapter, Adapter)
    assert issubclass(bench.adapter.Options, Options)
    assert bench.adapter.name.isidentifier()


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_a_receipt_means_the_peer_has_it(bench: Bench, media_type: str) -> None:
    if media_type not in bench.takes:
        with pytest.raises(Refused):
            await bench.adapter.send(make_parcel(media_type))
        assert bench.arrived() == []
        return
    receipt = await bench.adapter.send(make_parcel(media_type))
    assert bench.arrived() == ["0193-d1"]
    assert isinstance(receipt, Receipt)
    assert receipt.peer
    assert len(receipt.text) <= 500


async def test_a_busy_peer_gives_no_receipt_and_a_retry_bears_the_same_id(bench: Bench) -> None:
    bench.script("later")
    with pytest.raises(TryLater):
        await bench.adapter.send(make_parcel())
    assert bench.arrived() == []
    await bench.adapter.send(make_parcel())
    assert bench.arrived() == ["0193-d1"]


async def test_a_refusal_is_final_and_spoils_nothing_after_it(bench: Bench) -> None:
    bench.script("refuse")
    with pytest.raises(Refused):
        await bench.adapter.send(make_parcel())
    await bench.adapter.send(make_parcel(delivery_id="0193-d2"))
    assert bench.arrived() == ["0193-d2"]


async def test_a_lost_answer_is_no_receipt_and_the_retry_is_recognisable(bench: Bench) -> None:
    bench.script("lose")
    with pytest.raises(TryLater):
        await bench.adapter.send(make_parcel())
    await bench.adapter.send(make_parcel())
    assert set(bench.arrived()) == {"0193-d1"}


@pytest.mark.parametrize("word", ["later", "refuse", "lose"])
async def test_reasons_say_nothing_of_the_content(bench: Bench, word: str) -> None:
    parcel = make_parcel()
    bench.script(word)
    with pytest.raises((TryLater, Refused)) as caught:
        await bench.adapter.send(parcel)
    told = repr(caught.value) + caught.value.reason  # type: ignore[attr-defined]
    ciphertext = parcel.ciphertext.decode()
    assert caught.value.reason.split()[0].replace("_", "").isalpha()  # type: ignore[attr-defined]
    assert not any(ciphertext[at : at + 12] in told for at in range(0, len(ciphertext) - 12, 12))
    assert SECRET.decode() not in told


async def test_many_at_once_all_arrive_once(bench: Bench) -> None:
    ids = [f"0193-{number}" for number in range(40)]
    receipts = await asyncio.gather(*(bench.adapter.send(make_parcel(delivery_id=one)) for one in ids))
    assert len(receipts) == 40
    assert sorted(bench.arrived()) == sorted(ids)


async def test_it_can_be_used_again_after_close(bench: Bench) -> None:
    await bench.adapter.close()
    await bench.adapter.send(make_parcel(delivery_id="0193-d1"))
    await bench.adapter.close()
    await bench.adapter.close()
    await bench.adapter.send(make_parcel(delivery_id="0193-d2"))
    assert bench.arrived() == ["0193-d1", "0193-d2"]


async def test_a_probe_sends_nothing(bench: Bench) -> None:
    await bench.adapter.probe()
    assert bench.arrived() == []


async def test_a_peer_that_is_away_means_later_and_it_is_found_again(bench: Bench) -> None:
    if bench.lose_peer is None or bench.regain_peer is None:
        await bench.adapter.probe()
        return
    await bench.adapter.send(make_parcel(delivery_id="0193-d1"))
    await bench.lose_peer()
    for attempt in (bench.adapter.probe(), bench.adapter.send(make_parcel(delivery_id="0193-d2"))):
        with pytest.raises(TryLater):
            await attempt
    await bench.regain_peer()
    await bench.adapter.probe()
    await bench.adapter.send(make_parcel(delivery_id="0193-d2"))
    assert bench.arrived() == ["0193-d1", "0193-d2"]


async def test_options_are_strict(bench: Bench) -> None:
    with pytest.raises(ValueError):
        bench.adapter.Options(**{"no_such_option": 1})
