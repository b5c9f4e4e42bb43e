"""A beheerder before the web role, which has no private key; a worker sealed what there is, and has left."""

import html
import json
import re
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from gateway.app import Gateway
from gateway.app.boundkeys import BoardKey
from gateway.log import Log
from gateway.quarantine.copies import SetAside
from gateway.sandbox.pool import Readers
from gateway.store import audit, cases
from gateway.store.engine import Store
from gateway.store.pagetables import UserRow
from gateway.store.tables import CaseRow, EventRow
from gateway.web import sessions
from gateway.web.app import web
from gateway.web.auth import COOKIE, Role
from tests.invented import make_mail
from tests.sealed import opened, signer
from tests.story.boardkey import bind
from tests.story.place import Place
from tests.unit.pipeline.stage import Stage

PAGE = {"Accept": "text/html"}
STRANGER = "invaller@elders.example"


class Office:
    """`client` is somebody's browser without its scripts; `first` and `second` are mails of a stranger."""

    def __init__(self, place: Place, readers: Readers) -> None:
        self.place, self._stage = place, Stage(place)
        self.private = bind(place.directory)
        self._stage.open()
        self.first = self._stage.quarantined(make_mail(sender=STRANGER).as_bytes())
        self.second = self._stage.quarantined(make_mail(sender="ander@elders.example").as_bytes())
        self._seal(readers)
        (place.directory / "keys" / "intake" / "intake.key").unlink()
        self.gateway = Gateway.at(place.directory, log=Log(self._stage.journal), now=lambda: self._stage.now)
        self.client = TestClient(
            web(self.gateway.web.routes(), self.gateway.base.log, self.gateway.web.pages),
            base_url="https://handover.example",
            headers=PAGE,
            follow_redirects=False,
        )
        self.login("noor")

    def _seal(self, readers: Readers) -> None:
        gateway = self._stage.gateway
        step = SetAside(
            store=gateway.store,
            keychain=gateway.keys.keychain(),
            openers=[],
            readers=readers,
            senders=gateway.base.senders,
            key=BoardKey(gateway.base.settings, signer(self.place.directory)),
            log=gateway.base.log,
        )
        step.sweep(self._stage.now)
        assert step.run(self._stage.now) == 2

    async def close(self) -> None:
        """Go home."""
        await self.gateway.close()
        await self._stage.close()

    @property
    def store(self) -> Store:
        """What is kept."""
        return self.gateway.store

    def login(self, name: str, role: Role = Role.BEHEERDER, organisation: str | None = None) -> None:
        """Be somebody from now on."""
        wall = self.gateway.base.wall()
        with self.store.write() as session:
            session.add(
                UserRow(
                    id=name,
                    login=f"{name}@handover.example",
                    name=name.title(),
                    role=role,
                    organisation_id=organisation,
                    created_at=wall,
                )
            )
            session.flush()
            token = sessions.start(
                session, wall, user_id=name, stage=sessions.SessionStage.FULL, method="passkey"
            )
        self.client.cookies.clear()
        self.client.cookies.set(COOKIE, token)

    def page(self, path: str, status: int = 200) -> str:
        """What stands on a page."""
        return self._text(self.client.get(path), status)

    def press(self, path: str, status: int = 200, **given: str) -> str:
        """Post a form; gives what stands on the page that follows, or where it leads."""
        answer = self.client.post(path, data=given)
        return answer.headers["location"] if status == 303 else self._text(answer, status)

    def open(self, case: CaseRow, reason: Any = "judge") -> Response:
        """Ask for the ciphertext."""
        return self.client.post(
            f"/quarantaine/{case.kenmerk}/openen",
            json={"reden": reason},
            headers={"Accept": "application/json"},
        )

    def read(self, answer: Response) -> dict[str, Any]:
        """Open what came, as the browser does."""
        assert answer.status_code == 200
        assert list(answer.json()) == ["jwe"]
        sealed = answer.json()["jwe"].encode()
        return dict(json.loads(opened(self._stage.place.directory, sealed, self.private)))

    def case(self, case: CaseRow) -> CaseRow:
        """A case as it is now."""
        with self.store.read() as session:
            return cases.by_id(session, case.id)

    def events(self, case: CaseRow) -> list[EventRow]:
        """What happened to a case."""
        with self.store.read() as session:
            return audit.of_case(session, case.id)

    @staticmethod
    def _text(answer: Response, status: int) -> str:
        assert answer.status_code == status, answer.text
        plain = re.sub(r"<[^>]*>", " ", answer.text)
        return " ".join(html.unescape(plain).split())
