"""The pages that need no login: those behind the links in our mails, for practices, and our own files."""

from starlette.routing import BaseRoute

from gateway.web.confirm import Confirm
from gateway.web.static import static_routes
from gateway.web.status import StatusPage
from gateway.wiring.parts import Parts


class PublicPages(Parts):
    """What everybody may see."""

    def public_routes(self) -> list[BaseRoute]:
        """The routes."""
        confirm = Confirm(
            store=self.store,
            settle=self.settle,
            tokens=self.tokens,
            organisations=self.agreements.organisations.keys(),
            pages=self.pages,
            now=self.now,
        )
        status = StatusPage(store=self.store, tokens=self.tokens, pages=self.pages, now=self.now)
        return [*confirm.routes(), *status.routes(), *static_routes()]
