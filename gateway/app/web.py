"""The web role: API, pages and health; it opens no mail and no referral."""

from collections.abc import Sequence
from functools import cached_property

from starlette.routing import BaseRoute

from gateway.app.accounts import AccountPages
from gateway.app.board import BoardPages
from gateway.app.casepages import CasePages
from gateway.app.figurepages import FigurePages
from gateway.app.inboxes import InboxPages
from gateway.app.public import PublicPages
from gateway.app.setaside import SetAsidePages
from gateway.mailbox.api import Api
from gateway.web.api.access import Access
from gateway.web.api.operations import Operation
from gateway.web.api.signalen import SignaalApi
from gateway.web.app import api_routes, web
from gateway.web.readiness import health_routes
from gateway.web.server import WebServer


class WebRole(AccountPages, BoardPages, CasePages, FigurePages, InboxPages, PublicPages, SetAsidePages):
    """What is served over HTTPS."""

    def web_server(self, extra: Sequence[BaseRoute] = ()) -> WebServer:
        """The HTTPS listener; `extra` routes are served beside our own, which only the demo asks for."""
        settings = self.settings
        host, _, port = settings.web.listen.rpartition(":")
        client_ca = settings.web.client_ca
        return WebServer(
            web([*self.routes(), *extra], self.log, self.pages),
            host.strip("[]"),
            int(port),
            settings.path(settings.smtp.tls_cert),
            settings.path(settings.smtp.tls_key),
            client_ca=settings.path(client_ca) if client_ca else None,
            connections=settings.web.connections,
            connections_per_address=settings.web.connections_per_address,
            refused=self.log.web_refused,
            on_stop=self._silence,
        )

    def _silence(self) -> None:
        """Let nobody wait any more who would keep the listener from stopping."""
        self.bell.silence()
        self.stream.silence()
        self.tallies.stop()

    def routes(self) -> list[BaseRoute]:
        """Everything that is served. What is not guarded stands in `gateway.web.app.PUBLIC`."""
        return [
            *health_routes(self.store, self.metrics, self.settings.web.metrics_from, self.wall),
            *api_routes(self._operations(), self.access),
            *self.public_routes(),
            *self.account_routes(),
            *self.board_routes(),
            *self.case_routes(),
            *self.set_aside_routes(),
            *self.figure_routes(self.keywatch),
            *self.inbox_routes(self.web_secret),
        ]

    def _operations(self) -> tuple[Operation, ...]:
        """What organisations may do over HTTP."""
        return (
            *Api(self.mailbox, self.now).operations(),
            *SignaalApi(self.signalen, self.tellers, self.now, self.log).operations(),
        )

    @cached_property
    def access(self) -> Access:
        """Recognises organisations that use the API."""
        entries = self.settings.organisations
        return Access(
            store=self.store,
            organisations=frozenset(entry.id for entry in entries),
            certificates={sha256: entry.id for entry in entries for sha256 in entry.client_certificates},
            per_minute=self.settings.web.requests_per_minute,
            now=self.now,
            log=self.log,
        )
