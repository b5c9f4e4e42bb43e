"""The board's stream: it says that something happened, to few enough, for as long as they may know."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy.exc import OperationalError
from sse_starlette import ServerSentEvent

from gateway.app import Gateway
from gateway.board import rows as board
from gateway.board.stream import EACH, Stream
from gateway.domain.trail import AuditEvent
from gateway.log import Log, Nowhere
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from gateway.store.pagetables import SessionRow, UserRow
from gateway.web import problems, sessions
from gateway.web.auth import COOKIE, Auth, Role, Visitor
from gateway.web.problems import Problem
from gateway.web.sessions import SessionStage
from tests.patience import PATIENCE_S
from tests.store.rows import NOW
from tests.story.place import Place

LONG = 3600.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.at(tmp_path / "data")
    migrate(made)
    yield made
    made.close()


@pytest.fixture
def visitor(store: Store) -> Visitor:
    with store.write() as session:
        session.add(
            UserRow(id="u1", login="noor@handover.example", name="Noor", role=Role.BEHEERDER, created_at=NOW)
        )
        token = sessions.start(session, datetime.now(UTC), user_id="u1", stage=SessionStage.FULL)
    return Visitor("u1", "Noor", Role.BEHEERDER, None, sessions.digest(token))


def make_stream(store: Store, look: float = 0.01, tick: int = 10**9, alive: float = LONG) -> Stream:
    auth = Auth(store=store, now=lambda: datetime.now(UTC), organisations=())
    return Stream(store=store, auth=auth, log=Log(Nowhere()), look=look, tick=tick, alive=alive)


def happen(store: Store) -> None:
    with store.write() as session:
        audit.append(session, AuditEvent.CASE_ATTEMPTED, now=NOW, actor="gateway")


async def told(events: AsyncGenerator[ServerSentEvent, None]) -> tuple[str | None, str]:
    event = await asyncio.wait_for(anext(events), PATIENCE_S)
    return event.event, str(event.data)


async def test_it_tells_the_newest_event_and_each_one_after(store: Store, visitor: Visitor) -> None:
    happen(store)
    async with aclosing(make_stream(store).events(visitor)) as events:
        assert await told(events) == ("stand", "1")
        happen(store)
        assert await told(events) == ("stand", "2")


async def test_all_who_watch_share_one_look(
    store: Store, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, looks, both = make_stream(store, look=LONG), 0, 3
    original = board.last_seq

    def counted(session: object) -> int:
        nonlocal looks
        looks += 1
        return original(session)  # type: ignore[arg-type]

    monkeypatch.setattr(board, "last_seq", counted)
    opened = [stream.events(visitor) for _ in range(both)]
    for events in opened:
        assert await told(events) == ("stand", "0")
    # One at each opening; the look of all comes after a second, which here never passes.
    assert looks == both
    assert len([task for task in asyncio.all_tasks() if "_keep_looking" in repr(task)]) == 1
    stream.silence()
    for events in opened:
        await events.aclose()


async def test_a_minute_is_told_without_news(store: Store, visitor: Visitor) -> None:
    async with aclosing(make_stream(store, tick=2).events(visitor)) as events:
        assert await told(events) == ("stand", "0")
        assert await told(events) == ("tik", "0")
        assert await told(events) == ("tik", "0")


async def test_it_ends_with_the_session(store: Store, visitor: Visitor) -> None:
    events = make_stream(store, look=LONG, alive=0.01).events(visitor)
    assert await told(events) == ("stand", "0")
    with store.write() as session:
        sessions.end(session, visitor.session_id, datetime.now(UTC))
    with pytest.raises(StopAsyncIteration):
        await told(events)


async def test_it_ends_with_the_sessions_age(store: Store, visitor: Visitor) -> None:
    events = make_stream(store, look=LONG, alive=0.01).events(visitor)
    assert await told(events) == ("stand", "0")
    with store.write() as session:
        row = session.get(SessionRow, visitor.session_id)
        assert row is not None
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
        session.add(row)
    with pytest.raises(StopAsyncIteration):
        await told(events)


async def test_silence_ends_every_stream_at_once_and_lets_nobody_open_one(
    store: Store, visitor: Visitor
) -> None:
    stream = make_stream(store, look=LONG)
    opened = [stream.events(visitor) for _ in range(3)]
    for events in opened:
        await told(events)
    waiting = [asyncio.ensure_future(told(events)) for events in opened]
    await asyncio.sleep(0)
    stream.silence()
    ended = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), PATIENCE_S)
    assert all(isinstance(end, StopAsyncIteration) for end in ended)
    with pytest.raises(Problem) as refused:
        await stream.handle(None, visitor)  # type: ignore[arg-type]
    assert refused.value.kind is problems.TOO_OFTEN


async def test_a_user_has_few_and_a_closed_one_counts_no_more(store: Store, visitor: Visitor) -> None:
    stream = make_stream(store, look=LONG)
    begun: list[asyncio.Event] = []
    gone = asyncio.Event()

    async def receive() -> dict[str, str]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def watch() -> None:
        response = await stream.handle(None, visitor)  # type: ignore[arg-type]
        started = asyncio.Event()
        begun.append(started)

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.body":
                started.set()

        await response({"type": "http", "method": "GET"}, receive, send)  # type: ignore[arg-type]

    tabs = []
    for _ in range(EACH):
        tabs.append(asyncio.create_task(watch()))
        await asyncio.sleep(0)
        await asyncio.wait_for(begun[-1].wait(), PATIENCE_S)
    assert stream.watching("u1") == EACH
    with pytest.raises(Problem) as refused:
        await stream.handle(None, visitor)  # type: ignore[arg-type]
    assert (refused.value.kind, refused.value.headers) == (problems.TOO_OFTEN, {"Retry-After": "60"})
    gone.set()
    await asyncio.wait_for(asyncio.gather(*tabs), PATIENCE_S)
    assert stream.watching("u1") == 0
    await stream.handle(None, visitor)  # type: ignore[arg-type]
    stream.silence()


async def test_a_store_that_is_away_ends_nobodys_stream(
    store: Store, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = asyncio.Event()

    def away(_: object) -> int:
        loop.call_soon_threadsafe(tries.set)
        raise OperationalError("select", {}, Exception())

    loop, original = asyncio.get_running_loop(), board.last_seq
    async with aclosing(make_stream(store, alive=0.01).events(visitor)) as events:
        assert await told(events) == ("stand", "0")
        monkeypatch.setattr(board, "last_seq", away)
        waiting = asyncio.ensure_future(told(events))
        await asyncio.wait_for(tries.wait(), PATIENCE_S)
        happen(store)
        monkeypatch.setattr(board, "last_seq", original)
        assert await waiting == ("stand", "1")


async def test_a_server_that_stops_ends_streams_and_breaks_none_off(
    place: Place, store: Store, visitor: Visitor
) -> None:
    gateway = Gateway.at(place.directory, log=Log(Nowhere()))
    gateway.base.store = store
    with store.write() as session:
        token = sessions.start(session, datetime.now(UTC), user_id=visitor.user_id, stage=SessionStage.FULL)
    server = gateway.web.server()
    port = (await server.start()).rpartition(":")[2]
    trust = ssl.create_default_context(cafile=str(place.directory / "keys" / "tls" / "ca.pem"))
    headers = {"Cookie": f"{COOKIE}={token}"}
    url = f"https://localhost:{port}/bord/stroom"
    async with (
        httpx2.AsyncClient(verify=trust, timeout=PATIENCE_S) as client,
        client.stream("GET", url, headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        lines = answer.aiter_lines()
        assert await anext(lines) == "event: stand"
        stopping = asyncio.create_task(server.stop())
        # A stream that was broken off would end with an error instead.
        rest = [line async for line in lines]
    # Who keeps the line open is waited for as long as there is grace: this one has hung up.
    await asyncio.wait_for(stopping, PATIENCE_S)
    assert rest == ["data: 0", ""]
