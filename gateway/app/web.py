"""The web role: API, pages and health; it holds no key that opens a mail or a referral."""

from collections.abc import Sequence
from functools import cached_property

from starlette.routing import BaseRoute

from gateway.accounts.entrance import Entrance
from gateway.accounts.login import Tries
from gateway.accounts.people import People
from gateway.accounts.provisioned import Provisioned
from gateway.accounts.scim import Scim
from gateway.app import Installation, pages
from gateway.app.accountpages import account_routes
from gateway.app.casework import Casework
from gateway.app.inventory import Inventory
from gateway.app.keys import WebKeys
from gateway.app.pages import directory_routes
from gateway.app.watch import Watch
from gateway.board.stream import Stream
from gateway.directory.room import RoomApi
from gateway.gate.websecret import WebSecret
from gateway.mailbox.api import Api
from gateway.sealing.box import Keychain
from gateway.sealing.keyring import Signers
from gateway.statistics.tallies import Tallies
from gateway.web.api.access import Access
from gateway.web.api.fhirface import FhirFace
from gateway.web.api.notifications import NotificationsApi
from gateway.web.api.openapi import ApiPlace
from gateway.web.api.operations import Operation
from gateway.web.api.overview import OverviewApi
from gateway.web.api.signalen import SignaalApi
from gateway.web.app import api_routes, web
from gateway.web.auth import Auth
from gateway.web.keywatch import KeyWatch
from gateway.web.pages import Pages, Shell
from gateway.web.server import WebServer
from gateway.web.watchport import health_routes


class WebRole(Casework):
    """What is served over HTTPS."""

    order_patience = 2.0
    """How many seconds the answer to a press waits until the worker has carried it out."""

    def __init__(self, base: Installation, keys: WebKeys) -> None:
        super().__init__(
            base, seal_to=keys.seal_to, keychain=Keychain(()), tokens=keys.tokens, signers=Signers()
        )
        self.keys = keys
        self.secret = WebSecret(keys.sessions)

    @cached_property
    def pages(self) -> Pages:
        """The pages, in the language of this gateway."""
        base = self.base
        wording, language = base.directory().wording, base.settings.gateway.language
        return Pages(
            language=language,
            timezone=base.timezone,
            date=lambda moment: wording.date(moment, language),
            word=lambda state: wording.word(state, language),
            verifier=lambda: self.keys.own.verifiers().get("jwe", ""),
        )

    @cached_property
    def auth(self) -> Auth:
        base = self.base
        return Auth(store=base.store, now=base.wall, organisations=base.parties)

    @cached_property
    def shell(self) -> Shell:
        base = self.base
        return Shell(base.store, self.auth, self.pages, base.now, base.wall)

    @cached_property
    def entrance(self) -> Entrance:
        """Where a login becomes a session."""
        base = self.base
        return Entrance(store=base.store, auth=self.auth, wall=base.wall, now=base.now)

    @cached_property
    def tries(self) -> Tries:
        """Counts tries to log in, by address."""
        return Tries(self.base.log)

    @cached_property
    def people(self) -> People:
        return people(self.base)

    @cached_property
    def stream(self) -> Stream:
        """Tells open boards that something happened."""
        return Stream(store=self.base.store, auth=self.auth, log=self.base.log)

    @cached_property
    def keywatch(self) -> KeyWatch:
        """Looks at the keys now and then."""
        inventory = Inventory(self.base, self.keys.own, self.sealers)
        return KeyWatch(lambda now: pages.keys_now(self, inventory, now))

    @cached_property
    def watch(self) -> Watch:
        """What this role tells of itself."""
        return Watch(self.base, self.keywatch)

    @cached_property
    def tallies(self) -> Tallies:
        """What the figures are made of."""
        return Tallies(self.base.store, self.base.timezone)

    @cached_property
    def access(self) -> Access:
        """Recognises organisations that use the API."""
        base = self.base
        return Access(
            store=base.store,
            organisations=base.organisation_names,
            certificates=base.directory.view(lambda known: known.certificates),
            per_minute=base.settings.web.requests_per_minute,
            now=base.now,
            log=base.log,
        )

    def routes(self) -> list[BaseRoute]:
        """Everything that is served. What is not guarded stands in `gateway.web.app.PUBLIC`."""
        base = self.base
        provisioned = Provisioned(store=base.store, wall=base.wall, now=base.now)
        return [
            *health_routes(self.watch.ready(), self.watch.figures, base.settings.web.metrics_from),
            *api_routes(self._operations(), self.access, self._place()),
            *FhirFace(base.store, self.signalen, self.access, base.now, self._place().url).routes(),
            *pages.public_routes(self),
            *account_routes(self),
            *Scim(provisioned, self.access, self._place().url).routes(),
            *pages.board_routes(self),
            *pages.case_routes(self),
            *directory_routes(self),
            *pages.quarantine_routes(self),
            *pages.statistics_routes(self),
            *pages.mailbox_routes(self),
        ]

    def server(self, extra: Sequence[BaseRoute] = ()) -> WebServer:
        """The HTTPS listener; `extra` routes are served beside our own, which only the demo asks for."""
        settings = self.base.settings
        host, _, port = settings.web.listen.rpartition(":")
        client_ca = settings.web.client_ca
        return WebServer(
            web([*self.routes(), *extra], self.base.log, self.pages),
            host.strip("[]"),
            int(port),
            settings.path(settings.smtp.tls_cert),
            settings.path(settings.smtp.tls_key),
            client_ca=settings.path(client_ca) if client_ca else None,
            connections=settings.web.connections,
            connections_per_address=settings.web.connections_per_address,
            refused=self.base.log.web_refused,
            on_stop=self._silence,
        )

    def _operations(self) -> tuple[Operation, ...]:
        """What organisations may do over HTTP."""
        base = self.base
        return (
            *Api(self.mailbox, base.now, self.keys.own.verifiers).operations(),
            *OverviewApi(base.store).operations(),
            *NotificationsApi(base.store, base.now).operations(),
            *RoomApi(base.editing, lambda: base.now().astimezone(base.timezone).date()).operations(),
            *SignaalApi(self.signalen, base.signing_tellers, base.now, base.log).operations(),
        )

    def _place(self) -> ApiPlace:
        """Where the API is, and whom its users write to: who finds a weakness, or else the administrators."""
        settings = self.base.settings
        contact = settings.web.security_contact
        email = contact.removeprefix("mailto:") if contact.startswith("mailto:") else ""
        return ApiPlace(
            settings.web.public_url or f"https://{settings.gateway.domain}",
            f"Beheer van InBeeld, {settings.gateway.domain}",
            email or next(iter(self.base.directory().alarms), settings.gateway.address),
        )

    def _silence(self) -> None:
        """Let nobody wait any more who would keep the listener from stopping."""
        self.base.bell.silence()
        self.stream.silence()


def people(base: Installation) -> People:
    """Changes accounts; the links it makes lead to where people find our pages."""
    web = base.settings.web
    return People(
        store=base.store,
        organisations=base.parties,
        base=web.public_url or f"https://localhost:{web.listen.rpartition(':')[2]}",
        wall=base.wall,
        now=base.now,
    )
