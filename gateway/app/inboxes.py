"""The pages of organisations' colleagues: their mailbox, and the key that opens it."""

from starlette.routing import BaseRoute

from gateway.app.parts import Parts
from gateway.gate.websecret import WebSecret
from gateway.mailbox.desk import Desk
from gateway.mailbox.keypage import KeyPage
from gateway.mailbox.page import InboxPage


class InboxPages(Parts):
    """The pages of organisations' colleagues."""

    def inbox_routes(self, secret: WebSecret) -> list[BaseRoute]:
        """The routes; `secret` is the web role's own."""
        keys = KeyPage(
            store=self.store,
            pages=self.pages,
            auth=self.auth,
            now=self.wall,
            bound=self.bound_keys,
            secret=secret,
        )
        desk = Desk(store=self.store, mailbox=self.mailbox)
        inbox = InboxPage(desk=desk, pages=self.pages, auth=self.auth, now=self.now)
        return [*keys.routes(), *inbox.routes()]
