"""The web role: API, pages and health; it opens no mail and no referral."""

from datetime import datetime
from functools import cached_property

from starlette.routing import Route

from gateway.domain.states import State
from gateway.web.access import Access
from gateway.web.api import Api
from gateway.web.app import api_routes, web
from gateway.web.confirm import Confirm
from gateway.web.health import health_routes
from gateway.web.operations import Operation
from gateway.web.server import WebServer
from gateway.web.signalen import SignaalApi
from gateway.web.status import StatusPage
from gateway.wiring.parts import Parts


class Pages(Parts):
    """What is served over HTTPS."""

    def web_server(self) -> WebServer:
        """The HTTPS listener."""
        settings = self.settings
        host, _, port = settings.web.listen.rpartition(":")
        client_ca = settings.web.client_ca
        routes = [
            *health_routes(self.store, self.metrics, settings.web.metrics_from),
            *api_routes(self._operations(), self.access),
            *self._pages(),
        ]
        return WebServer(
            web(routes, self.log),
            host.strip("[]"),
            int(port),
            settings.path(settings.smtp.tls_cert),
            settings.path(settings.smtp.tls_key),
            client_ca=settings.path(client_ca) if client_ca else None,
            on_stop=self.bell.silence,
        )

    def _pages(self) -> list[Route]:
        """The public pages behind the links in our mails."""
        known, language = self.agreements, self.settings.gateway.language

        def date(moment: datetime) -> str:
            return known.wording.date(moment, language)

        def word(state: State) -> str:
            return known.wording.word(state, language)

        confirm = Confirm(
            store=self.store,
            settle=self.settle,
            tokens=self.tokens,
            organisations=known.organisations.keys(),
            date=date,
            now=self.now,
        )
        status = StatusPage(store=self.store, tokens=self.tokens, date=date, word=word, now=self.now)
        return [*confirm.routes(), *status.routes()]

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
