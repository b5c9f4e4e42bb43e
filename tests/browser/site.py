"""The gateway as people see it: served over real TLS from a thread of its own, beside a clock a test sets."""

import asyncio
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, Self, TypeVar

from playwright.sync_api import Page

from gateway.app import Gateway
from gateway.board.stream import Stream
from gateway.store import cases
from gateway.store.pagetables import UserRow
from gateway.web import sessions
from gateway.web.auth import COOKIE, Role
from gateway.web.server import WebServer
from gateway.web.sessions import SessionStage
from tests.invented import PATIENT, Patient, make_mail
from tests.patience import PATIENCE_S
from tests.ports import free_port
from tests.story.place import Mail, Place, Town

T = TypeVar("T")


class Site:
    """One running gateway. Everything of it may be called from a test, which has no event loop of its own.

    `now` is the gateway's clock; sessions and codes count real time. `town` is what the stories use: its
    coroutines run with `run`.
    """

    def __init__(self, place: Place, readers: Any) -> None:
        self.place, self._readers = place, readers
        self.url = f"https://localhost:{_choose_port(place)}"
        place.replace("inbeeld.toml", 'public_url = ""', f'public_url = "{self.url}"')
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="site")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the gateway's own event loop; gives what came of it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    @property
    def gateway(self) -> Gateway:
        """The gateway itself, with its store and all its parts."""
        return self.town.gateway

    @property
    def now(self) -> datetime:
        """The moment at which the gateway lives."""
        return self.town.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self.town.now = moment

    def tick(self, **later: float) -> dict[str, int]:
        """Run every due step, now or so much `later` (`hours=3`), as `inbeeld tick` does."""
        return self.run(self.town.work(**later))

    def post(self, *mails: EmailMessage) -> None:
        """Send mails to the gateway over STARTTLS, and let everything that follows happen."""
        self.run(self.town.post(*mails))

    def refers(self, patient: Patient = PATIENT, **changes: Any) -> str:
        """A practice refers somebody by mail; gives the kenmerk. `changes` are those of `make_mail`."""
        before = set(self.town.kenmerken())
        self.post(make_mail(patient, **changes))
        (kenmerk,) = set(self.town.kenmerken()) - before
        return kenmerk

    def report_link(self, kenmerk: str) -> str:
        """The page at which the organisation of a case reports, as the encrypted mail to it names it."""
        with self.gateway.store.read() as session:
            case = cases.by_kenmerk(session, kenmerk)
        return self.gateway.worker.links.report(case, case.organisation_id or "", self.now)

    def inbeeld(self, *words: str, code: int = 0) -> str:
        """Run a command in the gateway's directory at its moment; gives what it printed."""
        # Commands start a loop of their own, so they need a thread in which none runs.
        return self.run(asyncio.to_thread(self.town.inbeeld, *words, code=code))

    def json(self, *words: str) -> Any:
        """Run a command that prints JSON."""
        return self.run(asyncio.to_thread(self.town.json, *words))

    @property
    def mails(self) -> list[Mail]:
        """Every mail that left."""
        return self.town.mails

    def user(self, role: str = "beheerder", organisation: str = "wijkteam-haven", name: str = "") -> UserRow:
        """Somebody of that role; who was made before is found again. A beheerder has no organisation."""
        owner = organisation if role == Role.MEDEWERKER else None
        name = name or ("Noor Beheer" if owner is None else "Sam van Haven")
        login = f"{name.replace(' ', '.').lower()}@{owner or 'handover'}.example"
        row = UserRow(
            id=f"u-{login.partition('@')[0]}-{owner or 'beheer'}",
            login=login,
            name=name,
            role=Role(role),
            organisation_id=owner,
            created_at=datetime(2026, 1, 5, tzinfo=UTC),
        )
        with self.gateway.store.write() as session:
            known = session.get(UserRow, row.id)
            if known is None:
                session.add(row)
            return known or row

    def session(self, user: UserRow) -> str:
        """The cookie's secret of a new full session."""
        with self.gateway.store.write() as session:
            return sessions.start(
                session, self.gateway.base.wall(), user_id=user.id, stage=SessionStage.FULL, method="passkey"
            )

    def login(
        self, page: Page, role: str = "beheerder", organisation: str = "wijkteam-haven", name: str = ""
    ) -> UserRow:
        """Let the browser of a page be somebody's, logged in with both factors; gives who."""
        user = self.user(role, organisation, name)
        cookie = {"name": COOKIE, "value": self.session(user), "url": self.url, "secure": True}
        page.context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[typeddict-item]
        return user

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.run(self._open())
        except BaseException:
            self._end_loop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.run(self._close())
        finally:
            self._end_loop()

    async def _open(self) -> None:
        self.peer = self.place.peer()
        await self.peer.start()
        self.place.relay(self.peer)
        self.town = Town(self.place, self.peer, self._readers)
        await self.town.open()
        base, web = self.gateway.base, self.gateway.web
        # Ten times as fast as what people get: how often it looks is no part of what a browser shows.
        web.__dict__["stream"] = Stream(
            store=base.store, auth=web.auth, log=base.log, look=0.1, tick=600, alive=1
        )
        self._server: WebServer = web.server()
        await self._server.start()

    async def _close(self) -> None:
        await self._server.stop()
        await self.town.close()
        await self.peer.stop()

    def _end_loop(self) -> None:
        async def end() -> None:
            await self._loop.shutdown_default_executor()
            await self._loop.shutdown_asyncgens()

        self.run(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()


def _choose_port(place: Place) -> int:
    """A free port for the pages: links and passkeys need to know it before the listener has it."""
    port = free_port()
    path = place.directory / "config" / "inbeeld.toml"
    before, web, after = path.read_text().partition("[web]")
    path.write_text(before + web + after.replace(':0"', f':{port}"', 1))
    return port
