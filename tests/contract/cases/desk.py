"""Somebody at the pages of a case: gets them, reads them, presses what is on them."""

import html
import re
from typing import Self

from httpx2 import Response
from starlette.testclient import TestClient

from gateway.store.pagetables import UserRow
from gateway.web import sessions
from gateway.web.app import web
from gateway.web.auth import COOKIE, Role
from gateway.web.sessions import SessionStage as Factors
from tests.unit.pipeline.stage import Stage

PAGE = {"Accept": "text/html"}


class Desk:
    """The browser of one beheerder, without its scripts."""

    def __init__(self, stage: Stage, patience: float = 0.0) -> None:
        self.stage = stage
        gateway = stage.gateway
        gateway.web.order_patience = patience
        self.client = TestClient(
            web(gateway.web.routes(), gateway.base.log, gateway.web.pages),
            base_url="https://handover.example",
            headers=PAGE,
            follow_redirects=False,
        )
        self.login("anouk", Role.BEHEERDER)

    def login(self, name: str, role: Role, organisation: str | None = None) -> None:
        """Be somebody else from now on."""
        gateway = self.stage.gateway
        with gateway.store.write() as session:
            if session.get(UserRow, name) is None:
                session.add(
                    UserRow(
                        id=name,
                        login=f"{name}@handover.example",
                        name=name.title(),
                        role=role,
                        organisation_id=organisation,
                        created_at=gateway.base.wall(),
                    )
                )
                session.flush()
            token = sessions.start(
                session, gateway.base.wall(), user_id=name, stage=Factors.FULL, method="passkey"
            )
        self.client.cookies.clear()
        self.client.cookies.set(COOKIE, token)

    def url(self, case_id: str, rest: str = "") -> str:
        """Where the page of a case is."""
        return f"/zaken/{self.stage.case(case_id).kenmerk}{rest}"

    def page(self, case_id: str, rest: str = "", status: int = 200) -> str:
        """A page, as its source."""
        answer = self.client.get(self.url(case_id, rest))
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.text

    def read(self, case_id: str, rest: str = "", status: int = 200) -> str:
        """A page, as its words."""
        return words(self.page(case_id, rest, status))

    def press(self, case_id: str, rest: str, **changes: str) -> Response:
        """Go to a confirm page and press its button; `changes` forge fields of its form."""
        fields = form_of(self.page(case_id, rest)) | changes
        return self.client.post(self.url(case_id, rest.partition("?")[0]), data=fields)

    def does(self, case_id: str, rest: str) -> str:
        """The same, and read the page on which one ends."""
        answer = self.press(case_id, rest)
        assert answer.status_code == 303, (answer.status_code, words(answer.text))
        followed = self.client.get(answer.headers["location"])
        assert followed.status_code == 200
        return words(followed.text)

    def __enter__(self) -> Self:
        self.client.__enter__()
        return self

    def __exit__(self, *rest: object) -> None:
        self.client.__exit__(*rest)


def words(source: str) -> str:
    """What a person reads of a page."""
    text = re.sub(r"<head>.*?</head>|<[^>]+>", " ", source, flags=re.S)
    return " ".join(html.unescape(text).split())


def form_of(source: str) -> dict[str, str]:
    """The hidden fields of the form that is posted to a case."""
    (form,) = re.findall(r'<form method="post" action="/zaken/.*?</form>', source, re.S)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))


def links(source: str) -> set[str]:
    """Where the buttons on a case's page lead, without the case."""
    return {
        html.unescape(found) for found in re.findall(r'class="button" href="/zaken/[^/"]+/([^"]+)"', source)
    }
